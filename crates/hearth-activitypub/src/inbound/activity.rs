//! Activities as they arrive in an inbox, stand in an outbox, or stand inside each other (profile 5.1, 5.2).
//!
//! Says what an activity *claims*. Must never fill a gap with a guess: who may do what is decided by the caller.

use chrono::{DateTime, Utc};
use serde_json::Value;
use url::Url;

use super::collection::CollectionKind;
use super::refusal::{Refusal, clean_word};
use super::shape::{self, Fragment};
use super::strict::{Object, raw_parts};
use super::text;
use super::{
    Document, Family, MAX_ACTIVITY_DEPTH, MAX_ANNOUNCE_DEPTH, MAX_ITEMS, MAX_SUMMARY, ReadOptions, post, read_typed,
};
use crate::activity::Recipient;

/// An activity.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxActivity {
    /// Its id. Always there for a delivery; Mobilizon leaves it out in its outbox. May carry a fragment.
    pub id: Option<Url>,
    /// Who does it.
    pub actor: Url,
    /// Mainly for.
    pub to: Vec<Recipient>,
    /// Also for.
    pub cc: Vec<Recipient>,
    /// When it happened, as it says.
    pub published: Option<DateTime<Utc>>,
    /// The group it says it happens in.
    pub audience: Option<Url>,
    /// A collection, group or person it is directed at.
    pub target: Option<Url>,
    /// What is done.
    pub kind: ActivityKind,
    /// The exact text received, for relaying unchanged and for keeping.
    pub raw: Box<str>,
}

impl InboxActivity {
    /// Whether it is addressed to everyone.
    pub fn is_public(&self) -> bool {
        self.to.iter().chain(&self.cc).any(Recipient::is_public)
    }
}

/// What is done.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "variants and fields are the ActivityStreams terms; profile 5.1 says what each does")]
pub enum ActivityKind {
    Follow {
        object: Url,
    },
    Accept {
        object: Reference,
        instructions: Option<String>,
    },
    Reject {
        object: Reference,
    },
    TentativeAccept {
        object: Reference,
    },
    Ignore {
        object: Reference,
    },
    Undo {
        object: Reference,
    },
    Create {
        object: Received,
    },
    Update {
        object: Received,
    },
    Delete {
        object: Url,
        former_type: Option<String>,
        summary: Option<String>,
        with_replies: bool,
        remove_data: bool,
    },
    Announce {
        objects: Vec<Announced>,
    },
    Join {
        object: Url,
        participation_message: Option<String>,
    },
    Leave {
        object: Url,
    },
    Like {
        object: Url,
    },
    Dislike {
        object: Url,
    },
    EmojiReact {
        object: Url,
    },
    Flag {
        objects: Vec<Url>,
        content: Option<String>,
    },
    Block {
        object: Url,
        end_time: Option<DateTime<Utc>>,
        remove_data: bool,
        summary: Option<String>,
    },
    Lock {
        object: Url,
        summary: Option<String>,
    },
    Add {
        object: Url,
    },
    Remove {
        object: Url,
        summary: Option<String>,
    },
    Move {
        object: Url,
    },
    Invite {
        object: Url,
    },
    QuoteRequest {
        object: Url,
        instrument: Option<Url>,
    },
    /// Anything else, by its type (and that of its object); to be answered 202 and dropped.
    Other(String),
}

/// An activity that is answered or undone: its id, the activity itself, or both. Never neither.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Its id.
    pub id: Option<Url>,
    /// The activity, when it was embedded and could be read.
    pub activity: Option<Box<InboxActivity>>,
}

/// The object of a Create or Update.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// Only where it is; to be fetched. Also an actor in an Update, whose embedded copy is never believed.
    Id(Url),
    /// The object itself.
    Document(Box<Document>),
}

impl Received {
    /// The object's id.
    pub fn id(&self) -> Option<&Url> {
        match self {
            Self::Id(url) => Some(url),
            Self::Document(document) => match document.as_ref() {
                Document::Actor(actor) => Some(&actor.id),
                Document::Post(post) => Some(&post.id),
                Document::Event(event) => Some(&event.id),
                Document::Tombstone(tombstone) => Some(&tombstone.id),
                Document::Collection(collection) => collection.id.as_ref(),
                Document::Activity(activity) => activity.id.as_ref(),
                _ => None,
            },
        }
    }
}

/// One thing inside an Announce.
#[derive(Debug, Clone, PartialEq)]
pub enum Announced {
    /// Only where it is; to be fetched.
    Id(Url),
    /// An activity, with its own exact text.
    Activity(Box<InboxActivity>),
    /// An object. Not to be believed unless it comes from its own server.
    Object(Box<Document>),
}

/// How far inside others an activity stands.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Depth {
    activities: usize,
    announces: usize,
}

impl Depth {
    fn deeper(self, inside_announce: bool) -> Self {
        Self { activities: self.activities + 1, announces: self.announces + usize::from(inside_announce) }
    }
}

/// Types that are read as an activity.
pub(crate) fn is_known(kind: &str) -> bool {
    const KNOWN: [&str; 23] = [
        "Accept",
        "Add",
        "Announce",
        "Block",
        "Create",
        "Delete",
        "Dislike",
        "EmojiReact",
        "Flag",
        "Follow",
        "Ignore",
        "Invite",
        "Join",
        "Leave",
        "Like",
        "Lock",
        "Move",
        "QuoteRequest",
        "Reject",
        "Remove",
        "TentativeAccept",
        "Undo",
        "Update",
    ];
    KNOWN.contains(&kind)
}

/// What the readers below share.
#[derive(Clone, Copy)]
struct Reader<'a> {
    object: &'a Object,
    text: &'a str,
    options: ReadOptions,
    depth: Depth,
}

pub(crate) fn read(object: &Object, text: &str, options: ReadOptions, depth: Depth) -> Result<InboxActivity, Refusal> {
    let kind = shape::one_type(object, is_known)?;
    let announces = depth.announces + usize::from(kind == "Announce");
    if depth.activities >= MAX_ACTIVITY_DEPTH || announces > MAX_ANNOUNCE_DEPTH + 1 {
        return Err(Refusal::TooDeep);
    }
    let id = match object.get("id") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(shape::id(text, Fragment::Allowed, options)?),
        Some(_) => return Err(Refusal::BadId),
    };
    let actor = shape::single_id(object, "actor", Fragment::Refused, options)?;
    let reader = Reader { object, text, options, depth };
    Ok(InboxActivity {
        id,
        actor,
        to: shape::recipients(object, "to", options),
        cc: shape::recipients(object, "cc", options),
        published: shape::instant(object, "published"),
        audience: shape::useful_id(object, "audience", options),
        target: shape::useful_id(object, "target", options),
        kind: reader.kind(kind)?,
        raw: text.into(),
    })
}

impl<'a> Reader<'a> {
    fn kind(self, kind: &str) -> Result<ActivityKind, Refusal> {
        Ok(match kind {
            "Follow" => ActivityKind::Follow { object: self.object_id()? },
            "Accept" => ActivityKind::Accept { object: self.reference()?, instructions: self.long("instructions") },
            "Reject" => ActivityKind::Reject { object: self.reference()? },
            "TentativeAccept" => ActivityKind::TentativeAccept { object: self.reference()? },
            "Ignore" => ActivityKind::Ignore { object: self.reference()? },
            "Undo" => ActivityKind::Undo { object: self.reference()? },
            "Create" | "Update" => self.content(kind)?,
            "Delete" => self.delete()?,
            "Announce" => ActivityKind::Announce { objects: self.announced()? },
            "Join" => ActivityKind::Join {
                object: self.object_id()?,
                participation_message: self.line("participationMessage"),
            },
            "Leave" => ActivityKind::Leave { object: self.object_id()? },
            "Like" => ActivityKind::Like { object: self.object_id()? },
            "Dislike" => ActivityKind::Dislike { object: self.object_id()? },
            "EmojiReact" => ActivityKind::EmojiReact { object: self.object_id()? },
            "Flag" => self.flag()?,
            "Block" => ActivityKind::Block {
                object: self.object_id()?,
                end_time: shape::instant(self.object, "endTime").or_else(|| shape::instant(self.object, "expires")),
                remove_data: shape::boolean(self.object, "removeData").unwrap_or(false),
                summary: post::summary(self.object),
            },
            "Lock" => ActivityKind::Lock { object: self.object_id()?, summary: post::summary(self.object) },
            "Add" => ActivityKind::Add { object: self.object_id()? },
            "Remove" => ActivityKind::Remove { object: self.object_id()?, summary: post::summary(self.object) },
            "Move" => ActivityKind::Move { object: self.object_id()? },
            "Invite" => ActivityKind::Invite { object: self.object_id()? },
            "QuoteRequest" => ActivityKind::QuoteRequest {
                object: self.object_id()?,
                instrument: shape::useful_id(self.object, "instrument", self.options),
            },
            other => ActivityKind::Other(clean_word(other)),
        })
    }

    fn object_id(self) -> Result<Url, Refusal> {
        shape::single_id(self.object, "object", Fragment::Refused, self.options)
    }

    fn line(self, key: &str) -> Option<String> {
        shape::string(self.object, key).map(|text| text::line(text, MAX_SUMMARY)).filter(|line| !line.is_empty())
    }

    fn long(self, key: &str) -> Option<String> {
        shape::string(self.object, key).map(text::long)
    }

    /// The values under `object` with the exact text of each.
    fn objects(self) -> impl Iterator<Item = (&'a Value, &'a str)> {
        shape::list(self.object, "object").iter().zip(raw_parts(self.text, "object"))
    }

    /// The one value under `object` with its exact text.
    fn one_object(self) -> Result<(&'a Value, &'a str), Refusal> {
        let mut objects = self.objects();
        match (objects.next(), objects.next()) {
            (None, _) => Err(Refusal::MissingField("object")),
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(Refusal::WrongShape("object")),
        }
    }

    fn reference(self) -> Result<Reference, Refusal> {
        let (value, text) = self.one_object()?;
        let id = |text| shape::id(text, Fragment::Allowed, self.options);
        match value {
            Value::String(text) => Ok(Reference { id: Some(id(text)?), activity: None }),
            Value::Object(inner) => {
                let own_id = shape::string(inner, "id").map(id).transpose()?;
                let is_activity = shape::one_type(inner, is_known).is_ok_and(is_known);
                let activity = if is_activity { Some(self.inner_activity(inner, text, false)) } else { None };
                match (own_id, activity) {
                    (id, Some(Ok(activity))) => Ok(Reference { id, activity: Some(Box::new(activity)) }),
                    (Some(id), _) => Ok(Reference { id: Some(id), activity: None }),
                    (None, Some(Err(refusal))) => Err(refusal),
                    (None, None) => Err(Refusal::WrongShape("object")),
                }
            }
            _ => Err(Refusal::WrongShape("object")),
        }
    }

    fn inner_activity(self, inner: &Object, text: &str, announced: bool) -> Result<InboxActivity, Refusal> {
        read(inner, text, self.options, self.depth.deeper(announced))
    }

    fn content(self, kind: &str) -> Result<ActivityKind, Refusal> {
        let (value, text) = self.one_object()?;
        let object = match value {
            Value::String(text) => Received::Id(shape::id(text, Fragment::Refused, self.options)?),
            Value::Object(inner) => {
                let type_name = shape::one_type(inner, |name| Family::of(name).is_some())?;
                match (Family::of(type_name), read_typed(inner, text, self.options, self.depth.deeper(false))) {
                    (None, _) => return Ok(ActivityKind::Other(clean_word(&format!("{kind}:{type_name}")))),
                    (_, Ok(document)) => Received::Document(Box::new(document)),
                    (Some(Family::Actor), Err(_)) => Received::Id(self.object_id()?),
                    (_, Err(refusal)) => return Err(refusal),
                }
            }
            _ => return Err(Refusal::WrongShape("object")),
        };
        Ok(if kind == "Create" { ActivityKind::Create { object } } else { ActivityKind::Update { object } })
    }

    fn delete(self) -> Result<ActivityKind, Refusal> {
        let (value, _) = self.one_object()?;
        let embedded = value.as_object();
        let former_type = embedded.and_then(|object| shape::string(object, "formerType")).and_then(text::word);
        let flag = |key| shape::boolean(self.object, key).unwrap_or(false);
        let inner_flag = |key| embedded.and_then(|object| shape::boolean(object, key)).unwrap_or(false);
        Ok(ActivityKind::Delete {
            object: self.object_id()?,
            former_type,
            summary: post::summary(self.object),
            with_replies: flag("withReplies") || inner_flag("withReplies"),
            remove_data: flag("removeData"),
        })
    }

    fn flag(self) -> Result<ActivityKind, Refusal> {
        let objects = shape::ids(self.object, "object", MAX_ITEMS, self.options);
        if objects.is_empty() {
            return Err(Refusal::MissingField("object"));
        }
        let content = self.long("content").or_else(|| post::summary(self.object));
        Ok(ActivityKind::Flag { objects, content })
    }

    /// Everything announced that can be read. One bad entry does not spoil a batch.
    fn announced(self) -> Result<Vec<Announced>, Refusal> {
        let mut announced = Vec::new();
        let mut problem = Refusal::MissingField("object");
        for (value, text) in self.batch().into_iter().take(MAX_ITEMS) {
            match self.announced_one(value, text) {
                Ok(one) => announced.push(one),
                Err(refusal) => problem = refusal,
            }
        }
        if announced.is_empty() { Err(problem) } else { Ok(announced) }
    }

    /// The announced values: one, a list, or the items of a collection (PieFed).
    fn batch(self) -> Vec<(&'a Value, &'a str)> {
        let items = |(value, text): (&'a Value, &'a str)| match value.as_object() {
            Some(inner) if shape::types(inner).iter().any(|name| CollectionKind::from_type(name).is_some()) => {
                let key = if inner.contains_key("orderedItems") { "orderedItems" } else { "items" };
                shape::list(inner, key).iter().zip(raw_parts(text, key)).collect()
            }
            _ => vec![(value, text)],
        };
        self.objects().flat_map(items).collect()
    }

    fn announced_one(self, value: &Value, text: &str) -> Result<Announced, Refusal> {
        let inner = match value {
            Value::String(text) => return shape::id(text, Fragment::Allowed, self.options).map(Announced::Id),
            Value::Object(inner) => inner,
            _ => return Err(Refusal::WrongShape("object")),
        };
        let by_id = || match shape::string(inner, "id") {
            Some(id) => shape::id(id, Fragment::Allowed, self.options).map(Announced::Id),
            None => Err(Refusal::NoId),
        };
        let Some(family) = shape::one_type(inner, |name| Family::of(name).is_some()).ok().and_then(Family::of) else {
            return by_id();
        };
        if family == Family::Activity {
            return self.inner_activity(inner, text, true).map(|activity| Announced::Activity(Box::new(activity)));
        }
        let document = read_typed(inner, text, self.options, self.depth.deeper(true));
        document.map(|document| Announced::Object(Box::new(document)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::read_activity;
    use super::*;

    fn check(members: &str) -> Result<ActivityKind, Refusal> {
        let json = format!(r#"{{"id": "https://x.example/a/1", "actor": "https://x.example/kim", {members}}}"#);
        read_activity(json.as_bytes(), ReadOptions::default()).map(|activity| activity.kind)
    }

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    const FOLLOW: &str = r#"{"id": "https://h.example/a/1#f", "type": "Follow", "actor": "https://h.example/u/wren", "object": "https://x.example/kim"}"#;

    #[test]
    fn every_kind_with_a_plain_object() {
        for kind in ["Follow", "Delete", "Join", "Leave", "Like", "Dislike", "EmojiReact", "Block", "Lock", "Add"] {
            let read = check(&format!(r#""type": "{kind}", "object": {{"id": "https://x.example/o"}}"#)).unwrap();
            assert!(format!("{read:?}").starts_with(kind), "{read:?}");
            let missing = check(&format!(r#""type": "{kind}", "object": null"#));
            assert_eq!(missing, Err(Refusal::MissingField("object")), "{kind}");
            let several =
                check(&format!(r#""type": "{kind}", "object": ["https://x.example/o", "https://x.example/p"]"#));
            assert_eq!(several, Err(Refusal::WrongShape("object")), "{kind}");
        }
    }

    #[test]
    fn answers_keep_what_they_answer() {
        let accept = check(&format!(r#""type": "Accept", "object": {FOLLOW}, "instructions": "Room 4""#)).unwrap();
        let ActivityKind::Accept { object, instructions } = accept else { panic!("{accept:?}") };
        assert_eq!(instructions.as_deref(), Some("Room 4"));
        assert_eq!(object.id, Some(url("https://h.example/a/1#f")));
        let follow = object.activity.unwrap();
        assert_eq!(follow.kind, ActivityKind::Follow { object: url("https://x.example/kim") });
        assert_eq!(&*follow.raw, FOLLOW);
        let by_id = check(r#""type": "Undo", "object": "https://x.example/a/0#follow""#).unwrap();
        let reference = Reference { id: Some(url("https://x.example/a/0#follow")), activity: None };
        assert_eq!(by_id, ActivityKind::Undo { object: reference });
        let stub = check(r#""type": "Reject", "object": {"type": "Follow", "id": "https://h.example/a/1"}"#).unwrap();
        let reference = Reference { id: Some(url("https://h.example/a/1")), activity: None };
        assert_eq!(stub, ActivityKind::Reject { object: reference });
        assert_eq!(check(r#""type": "Undo", "object": {}"#), Err(Refusal::WrongShape("object")));
        assert_eq!(check(r#""type": "Accept""#), Err(Refusal::MissingField("object")));
    }

    #[test]
    fn content_is_read_or_named() {
        let note = r#"{"type": "Note", "id": "https://x.example/n/1", "content": "x"}"#;
        let created = check(&format!(r#""type": "Create", "object": {note}"#)).unwrap();
        let ActivityKind::Create { object } = created else { panic!("{created:?}") };
        assert_eq!(object.id(), Some(&url("https://x.example/n/1")));
        let listed = check(&format!(r#""type": "Create", "object": [{note}]"#)).unwrap();
        assert_eq!(listed, ActivityKind::Create { object });
        let many = check(&format!(r#""type": "Create", "object": [{note}, {note}]"#));
        assert_eq!(many, Err(Refusal::WrongShape("object")));
        let hint = check(r#""type": "Create", "object": "https://x.example/n/1""#).unwrap();
        assert_eq!(hint, ActivityKind::Create { object: Received::Id(url("https://x.example/n/1")) });
        let chat = check(r#""type": "Create", "object": {"type": "ChatMessage", "id": "https://x.example/c"}"#);
        assert_eq!(chat, Ok(ActivityKind::Other("Create:ChatMessage".into())));
        let event =
            check(r#""type": "Create", "object": {"type": "Event", "id": "https://x.example/e", "name": "Tea"}"#);
        assert_eq!(event, Err(Refusal::MissingField("startTime")));
    }

    #[test]
    fn announces_in_all_shapes() {
        let announced = |object: &str| match check(&format!(r#""type": "Announce", "object": {object}"#)) {
            Ok(ActivityKind::Announce { objects }) => Ok(objects),
            Ok(other) => panic!("{other:?}"),
            Err(refusal) => Err(refusal),
        };
        let post = Announced::Id(url("https://x.example/p"));
        assert_eq!(announced(r#""https://x.example/p""#), Ok(vec![post.clone()]));
        assert_eq!(announced(r#"["https://x.example/p", 7]"#), Ok(vec![post.clone()]));
        assert_eq!(
            announced(r#"{"type": "OrderedCollection", "orderedItems": ["https://x.example/p"]}"#),
            Ok(vec![post.clone()])
        );
        assert_eq!(announced(r#"{"type": "Conversation", "id": "https://x.example/p"}"#), Ok(vec![post]));
        assert_eq!(announced("[]"), Err(Refusal::MissingField("object")));
        assert_eq!(announced("7"), Err(Refusal::WrongShape("object")));
        let inner = r#"{"type": "Like", "id": "https://y.example/1", "actor": "https://y.example/lou", "object":   "https://x.example/p", "x": 1.50}"#;
        let [Announced::Activity(like)] = &announced(inner).unwrap()[..] else { panic!() };
        assert_eq!(&*like.raw, inner, "what is relayed keeps every byte");
        let [Announced::Activity(first), Announced::Activity(_)] =
            &announced(&format!("[{inner},{inner}]")).unwrap()[..]
        else {
            panic!()
        };
        assert_eq!(&*first.raw, inner);
        let [Announced::Object(page)] = &announced(r#"{"type": "Page", "id": "https://x.example/p"}"#).unwrap()[..]
        else {
            panic!()
        };
        assert_eq!(page.kind(), "post");
    }

    #[test]
    fn announces_are_unwrapped_at_most_twice() {
        let wrap =
            |inner: &str| format!(r#"{{"type": "Announce", "actor": "https://x.example/g", "object": {inner}}}"#);
        let nested = |times: usize| (0..times).fold(FOLLOW.to_owned(), |inner, _| wrap(&inner));
        assert!(check(&format!(r#""type": "Announce", "object": {}"#, nested(2))).is_ok());
        assert_eq!(check(&format!(r#""type": "Announce", "object": {}"#, nested(3))), Err(Refusal::TooDeep));
    }

    #[test]
    fn undoing_undoings_ends_somewhere() {
        let wrap = |inner: &str| format!(r#"{{"type": "Undo", "actor": "https://x.example/kim", "object": {inner}}}"#);
        let chain = (0..20).fold(FOLLOW.to_owned(), |inner, _| wrap(&inner));
        assert_eq!(check(&format!(r#""type": "Undo", "object": {chain}"#)), Err(Refusal::TooDeep));
    }

    #[test]
    fn who_does_it_is_exactly_one() {
        let actor = |actor: &str| {
            let json = format!(
                r#"{{"id": "https://x.example/1", "type": "Like", "actor": {actor}, "object": "https://x.example/p"}}"#
            );
            read_activity(json.as_bytes(), ReadOptions::default()).map(|activity| activity.actor.to_string())
        };
        let kim = Ok("https://x.example/kim".to_owned());
        assert_eq!(actor(r#""https://x.example/kim""#), kim);
        assert_eq!(actor(r#"["https://x.example/kim"]"#), kim);
        assert_eq!(actor(r#"{"id": "https://x.example/kim", "name": "not believed"}"#), kim);
        assert_eq!(actor("null"), Err(Refusal::MissingField("actor")));
        assert_eq!(actor("7"), Err(Refusal::WrongShape("actor")));
        assert_eq!(actor(r#"["https://x.example/kim", "https://y.example/lou"]"#), Err(Refusal::WrongShape("actor")));
        assert_eq!(actor(r#""https://x.example/kim#key""#), Err(Refusal::BadId));
    }

    #[test]
    fn a_delivery_needs_an_id_and_a_type() {
        let read = |json: &str| read_activity(json.as_bytes(), ReadOptions::default()).map(|activity| activity.kind);
        let rest = r#""actor": "https://x.example/kim", "object": "https://x.example/p""#;
        assert_eq!(read(&format!(r#"{{"type": "Like", {rest}}}"#)), Err(Refusal::NoId));
        assert_eq!(read(&format!(r#"{{"type": "Like", "id": 7, {rest}}}"#)), Err(Refusal::BadId));
        assert_eq!(read(&format!(r#"{{"id": "https://x.example/1", {rest}}}"#)), Err(Refusal::NoType));
        let both = read(&format!(r#"{{"type": ["Create", "Delete"], "id": "https://x.example/1", {rest}}}"#));
        assert_eq!(both, Err(Refusal::WrongShape("type")));
        let unknown = read(&format!(r#"{{"type": "Sneeze\n", "id": "https://x.example/1", {rest}}}"#));
        assert_eq!(unknown, Ok(ActivityKind::Other("Sneeze".into())));
    }

    #[test]
    fn a_delete_tells_what_it_was_and_why() {
        let tombstone = r#""object": {"type": "Tombstone", "id": "https://x.example/p", "formerType": "Page", "withReplies": true}"#;
        let read = check(&format!(r#""type": "Delete", "summary": "Off topic", {tombstone}"#)).unwrap();
        let expected = ActivityKind::Delete {
            object: url("https://x.example/p"),
            former_type: Some("Page".into()),
            summary: Some("Off topic".into()),
            with_replies: true,
            remove_data: false,
        };
        assert_eq!(read, expected);
    }

    #[test]
    fn hidden_recipients_are_not_even_read() {
        let json = r#"{"id": "https://x.example/1", "type": "Like", "actor": "https://x.example/kim", "object": "https://x.example/p",
            "bto": "https://y.example/lou", "bcc": ["as:Public"], "to": null}"#;
        let activity = read_activity(json.as_bytes(), ReadOptions::default()).unwrap();
        assert!(activity.to.is_empty() && activity.cc.is_empty() && !activity.is_public());
    }
}
