//! The vocabulary of activities, whom they are addressed to, and the frame every activity we write has (profile 1.3, 5.1).
//!
//! Which activity goes to whom is decided in [`crate::outbound`]; this module must never invent a recipient.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use url::Url;

use crate::context::{PUBLIC, embedded, top_level};
use crate::write::{put, wire_time};

/// The activities Hearth writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the ActivityStreams activity of that name; profile 5.1 says what it does")]
pub enum Verb {
    Accept,
    Add,
    Announce,
    Block,
    Create,
    Delete,
    Flag,
    Follow,
    Invite,
    Join,
    Leave,
    Like,
    Lock,
    Move,
    Reject,
    Remove,
    TentativeAccept,
    Undo,
    Update,
}

impl Verb {
    /// The value of `type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "Accept",
            Self::Add => "Add",
            Self::Announce => "Announce",
            Self::Block => "Block",
            Self::Create => "Create",
            Self::Delete => "Delete",
            Self::Flag => "Flag",
            Self::Follow => "Follow",
            Self::Invite => "Invite",
            Self::Join => "Join",
            Self::Leave => "Leave",
            Self::Like => "Like",
            Self::Lock => "Lock",
            Self::Move => "Move",
            Self::Reject => "Reject",
            Self::Remove => "Remove",
            Self::TentativeAccept => "TentativeAccept",
            Self::Undo => "Undo",
            Self::Update => "Update",
        }
    }
}

/// One entry of `to` or `cc`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// Everyone. Read from the full address, `as:Public` and `Public`; always written in full.
    Public,
    /// An actor or a collection of actors.
    Id(Url),
}

impl Recipient {
    /// The address on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Public => PUBLIC,
            Self::Id(url) => url.as_str(),
        }
    }

    /// True for the public collection.
    pub const fn is_public(&self) -> bool {
        matches!(self, Self::Public)
    }
}

impl From<Url> for Recipient {
    fn from(url: Url) -> Self {
        Self::Id(url)
    }
}

impl Serialize for Recipient {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Who may read what a group holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Everyone.
    Public,
    /// Only the actors of one collection: a members-only group's followers, or a public group's members (profile 7.0).
    Limited(Url),
}

/// The group something belongs to, here or on another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRef {
    /// The group's id.
    pub id: Url,
    /// `tea_and_talk@h.example`.
    pub handle: String,
    /// Its collection of root posts, when it has one (Hearth and Smithereen).
    pub wall: Option<Url>,
}

/// What every activity has around its object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The activity's own id.
    pub id: Url,
    /// Who does it and signs it.
    pub actor: Url,
    /// Mainly for.
    pub to: Vec<Recipient>,
    /// Also for.
    pub cc: Vec<Recipient>,
    /// The group it happens in.
    pub audience: Option<Url>,
    /// When it happened, where the receivers need it.
    pub published: Option<DateTime<Utc>>,
}

impl Frame {
    /// A frame addressed to one actor and nobody else.
    pub fn direct(id: Url, actor: Url, to: Url) -> Self {
        Self { id, actor, to: vec![to.into()], cc: Vec::new(), audience: None, published: None }
    }
}

/// An activity as a top-level document. `object` loses its own `@context`.
pub fn activity(verb: Verb, frame: &Frame, object: Value) -> Value {
    let mut activity = frame_members(verb, frame);
    put(&mut activity, "object", Some(embedded(object)));
    top_level(activity)
}

/// All members but `object`, without `@context`.
pub(crate) fn frame_members(verb: Verb, frame: &Frame) -> Value {
    let mut activity = json!({
        "id": frame.id,
        "type": verb.as_str(),
        "actor": frame.actor,
        "to": frame.to,
        "cc": frame.cc,
    });
    put(&mut activity, "audience", frame.audience.as_ref().map(|group| json!(group)));
    put(&mut activity, "published", frame.published.map(|at| json!(wire_time(at))));
    activity
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::url;

    #[test]
    fn a_frame_always_has_to_and_cc() {
        let frame =
            Frame::direct(url("https://h.example/a/1"), url("https://h.example/u/wren"), url("https://x.example/g"));
        let written = activity(Verb::Follow, &frame, json!("https://x.example/g"));
        assert_eq!(written["to"], json!(["https://x.example/g"]));
        assert_eq!(written["cc"], json!([]));
    }

    #[test]
    fn the_public_collection_is_spelled_in_full() {
        assert_eq!(json!(Recipient::Public), json!(PUBLIC));
    }
}
