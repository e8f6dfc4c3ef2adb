//! What those who look after a group do, as it goes over the wire (profile 5.1): sent by the moderator, and announced by
//! the group.
//!
//! Must never carry a reason for keeping somebody out: that is for those who look after the group alone.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use crate::{
    activity::{Reach, Verb},
    outbound,
    write::{put, wire_time},
};

/// Who does it, in which group, as which activity.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// The activity's own id.
    pub id: &'a Url,
    /// Who does it and signs it.
    pub by: &'a Url,
    /// The group.
    pub group: &'a Url,
    /// Who may read what it is about.
    pub reach: &'a Reach,
}

impl Deed<'_> {
    fn document(self, verb: Verb, object: &Url, target: Option<&Url>) -> Value {
        outbound::moderation(verb, self, object, target)
    }
}

/// `Delete` of what somebody else wrote. Lemmy tells it from an author's own by the reason.
pub fn remove(deed: Deed<'_>, post: &Url, reason: &str) -> Value {
    let mut delete = deed.document(Verb::Delete, post, None);
    put(&mut delete, "summary", Some(json!(reason)));
    delete
}

/// `Lock`: a post takes no more replies.
pub fn lock(deed: Deed<'_>, post: &Url) -> Value {
    deed.document(Verb::Lock, post, None)
}

/// `Add` to a collection of the group (`featured`, `moderators`), or `Remove` from it.
pub fn listed(deed: Deed<'_>, added: bool, object: &Url, collection: &Url) -> Value {
    deed.document(if added { Verb::Add } else { Verb::Remove }, object, Some(collection))
}

/// `Block`: somebody is kept out of the group. The end stands there in the words of ActivityStreams and of Lemmy 0.19.
pub fn block(deed: Deed<'_>, person: &Url, ends: Option<DateTime<Utc>>, remove_data: bool) -> Value {
    let mut block = deed.document(Verb::Block, person, Some(deed.group));
    let ends = ends.map(|at| json!(wire_time(at)));
    put(&mut block, "endTime", ends.clone());
    put(&mut block, "expires", ends);
    put(&mut block, "removeData", Some(json!(remove_data)));
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn what_moderators_send() {
        let (id, by) = (samples::url("https://h.example/a/5"), samples::url("https://h.example/u/wren"));
        let (group, post) = (samples::url("https://h.example/g/tea"), samples::url("https://x.example/p/1"));
        let deed = Deed { id: &id, by: &by, group: &group, reach: &Reach::Public };
        let members = Reach::Limited(samples::url("https://h.example/g/tea/members"));
        let person = samples::url("https://x.example/u/kim");
        let featured = samples::url("https://h.example/g/tea/featured");
        let undo = |undone: Value| outbound::undo(&samples::url("https://h.example/a/6"), &by, undone);
        for (name, written) in [
            ("remove", remove(deed, &post, "It names somebody.")),
            ("undo_remove", undo(remove(deed, &post, "It names somebody."))),
            ("lock", lock(deed, &post)),
            ("lock_for_members", lock(Deed { reach: &members, ..deed }, &post)),
            ("undo_lock", undo(lock(deed, &post))),
            ("add_featured", listed(deed, true, &post, &featured)),
            ("remove_featured", listed(deed, false, &post, &featured)),
            ("block", block(deed, &person, None, false)),
            ("block_for_a_while", block(deed, &person, Some(samples::noon()), true)),
            ("undo_block", undo(block(deed, &person, None, false))),
        ] {
            insta::assert_json_snapshot!(name, crate::context::embedded(written));
        }
    }
}
