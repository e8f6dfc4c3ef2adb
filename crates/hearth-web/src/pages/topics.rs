//! The topics of conversations: choosing them in a form, and those that stand with a conversation.
//!
//! Must never show a topic to somebody for what they can't read: a list names what its reader can find.

use super::library::TOPIC;
use crate::{error::Failure, sent::Sent, viewer::Visit, views::parts::TopicLink};
use hearth_actions::topics;
use hearth_db::{
    DbConn,
    tables::{actors::Actor, post_marks, topics::Topic},
    views::conversation,
};
use hearth_domain::{
    audience::Visibility,
    id::{ActorId, TopicId},
};
use std::collections::HashMap;

/// Said with a form that holds this part: which topics it means is said with it.
const PART: &str = "topics";

/// The ids of the topics that were ticked; `None` where the form has no part for them.
pub(super) fn typed(sent: &Sent) -> Option<Vec<String>> {
    let ticked = || sent.with_prefix(TOPIC).into_iter().filter(|(_, value)| value == "yes").map(|(id, _)| id).collect();
    (!sent.get(PART).is_empty()).then(ticked)
}

/// The boxes to tick: field, name, and whether it is ticked. `number`: what has topics already.
pub(super) fn boxes(
    connection: &mut DbConn,
    group: ActorId,
    number: Option<i64>,
    sent: &Sent,
) -> Result<Vec<(String, String, bool)>, Failure> {
    let listed = topics::listed(connection, group)?;
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let ticked = match (typed(sent), number) {
        (Some(typed), _) => typed,
        (None, Some(number)) => of_one(connection, number)?.into_iter().map(|topic| topic.id.to_string()).collect(),
        (None, None) => Vec::new(),
    };
    let field = |topic: Topic| {
        let id = topic.id.to_string();
        (format!("{TOPIC}{id}"), topic.name, ticked.contains(&id))
    };
    Ok(listed.into_iter().map(field).collect())
}

/// The topics of a conversation, or of what is planned.
pub(super) fn of_one(connection: &mut DbConn, number: i64) -> Result<Vec<Topic>, Failure> {
    Ok(post_marks::of(connection, &[number])?.remove(&number).unwrap_or_default())
}

/// The names of the topics of conversations that the reader sees.
pub(super) fn names(connection: &mut DbConn, numbers: &[i64]) -> Result<HashMap<i64, Vec<String>>, Failure> {
    let found = post_marks::of(connection, numbers)?.into_iter();
    Ok(found.map(|(number, topics)| (number, topics.into_iter().map(|topic| topic.name).collect())).collect())
}

/// The address of the conversations about a topic.
pub(super) fn href(group: &str, topic: TopicId) -> String {
    format!("{group}?topic={topic}")
}

/// The links that narrow a group's page to one topic, and the one that is chosen. What the reader can't find there answers
/// like what is nowhere.
pub(super) fn links(
    visit: &Visit,
    connection: &mut DbConn,
    group: &Actor,
    (row, page): (&hearth_db::tables::groups::Group, &str),
) -> Result<(Vec<TopicLink>, Option<TopicId>), Failure> {
    let typed = visit.query("topic");
    let readable = group.local && visit.reader.includes(row, Visibility::Public);
    let all = if readable { conversation::topics_in_use(connection, &visit.reader, group.id)? } else { Vec::new() };
    let chosen = match typed {
        "" => None,
        typed => {
            let id: TopicId = typed.parse()?;
            Some(all.iter().find(|topic| topic.id == id).ok_or_else(crate::error::nothing)?.id)
        }
    };
    let link =
        |topic: Topic| TopicLink { href: href(page, topic.id), here: chosen == Some(topic.id), name: topic.name };
    Ok((all.into_iter().map(link).collect(), chosen))
}
