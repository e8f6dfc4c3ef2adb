//! What somebody wants to hear of a conversation: the buttons below its first post.

use crate::{
    answer::Answer,
    sent::Sent,
    submit::{Button, submit},
    viewer::Visit,
};
use hearth_actions::conversation;

/// `/p/{id}/conversation`
pub(crate) async fn choose(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    let page = format!("/p/{id}");
    let act = move |visit: &Visit, sent: &Sent| {
        let root = conversation::choose(&visit.state.app, visit.account()?, id.parse()?, sent.get("choice"))?;
        Ok(Answer::see(&format!("/p/{root}")))
    };
    submit(visit, sent, Button { page, act }).await
}
