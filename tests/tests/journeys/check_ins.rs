//! A check-in of a group opens by itself, also when the server was started again meanwhile, and reaches who follows the
//! group elsewhere; what they answer comes back.

use crate::{Databases, journeys};
use chrono::Duration;
use hearth_actions::{
    check_in::{self, CheckInForm},
    post::{self, Answering, PostForm},
};
use hearth_db::{tables::check_ins, views::conversation, views::visible::Reader};
use tests::network::TestServer;

journeys! { long: a_check_in_opens_after_a_restart_and_its_answer_comes_back }

/// The conversations that `oak`'s group has there, newest first.
fn opened(server: &TestServer, group: hearth_domain::id::ActorId) -> Vec<hearth_db::tables::posts::Post> {
    let roots = server.read(|c| conversation::roots(c, &Reader::anybody(), &[group], None, 10));
    roots.into_iter().map(|one| one.post).collect()
}

async fn a_check_in_opens_after_a_restart_and_its_answer_comes_back(databases: Databases) {
    let mut network = databases.start(&["oak", "elm"]).await;
    let tea = network.server("oak").group("tea");
    network.server("elm").follow("@tea@oak.test").await;
    network.settle().await;
    let oak = network.server("oak");
    let typed = CheckInForm {
        title: "How was your week?".into(),
        text: "One line is enough.".into(),
        rule: "FREQ=WEEKLY;BYDAY=FR".into(),
        time: "18:30".into(),
        ..CheckInForm::default()
    };
    let made = oak.act(|app| check_in::set_up(app, oak.keeper, tea.id, &typed));
    network.run_jobs();
    assert!(opened(network.server("oak"), tea.id).is_empty());

    network.server_mut("oak").stop().await;
    network.clock.advance(Duration::days(7));
    network.server_mut("oak").start_again();
    let oak = network.server("oak");
    for _ in 0..3 {
        network.run_jobs();
        network.clock.advance(Duration::minutes(2));
    }
    network.settle().await;
    let posts = opened(oak, tea.id);
    assert_eq!(posts.len(), 1, "once");
    assert_eq!(oak.read(|c| check_ins::get(c, made.id)).expect("it goes on").post_id, Some(posts[0].id));

    let elm = network.server("elm");
    let copy = elm.post(posts[0].ap_id.as_str()).expect("who follows the group has it");
    assert_eq!(copy.title.as_deref(), Some("How was your week?"));
    let answer = PostForm { text: "Long.".into(), persona: elm.persona.to_string(), ..PostForm::default() };
    let answer = elm.act(|app| post::reply(app, elm.keeper, Answering::Post(copy.id), &answer));
    network.settle().await;
    let arrived = oak.post(answer.ap_id.as_str()).expect("the answer came back");
    assert_eq!(arrived.root_id, Some(posts[0].id));
    network.finish().await;
}
