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
                    (_, Ok(document)) => Received::Document(Box::new(self.addressed(inner, document))),
                    (Some(Family::Actor), Err(_)) => Received::Id(self.object_id()?),
                    (_, Err(refusal)) => return Err(refusal),
                }
            }
            _ => return Err(Refusal::WrongShape("object")),
        };
        Ok(if kind == "Create" { ActivityKind::Create { object } } else { ActivityKind::Update { object } })
    }

    /// An object that says nothing at all about its audience is for whom its activity is (Discourse: fixtures
    /// discourse/page). Both are the words of one sender.
    fn addressed(self, inner: &Object, mut document: Document) -> Document {
        let says = |key| inner.get(key).is_some_and(|value| !value.is_null());
        let (to, cc) = match &mut document {
            Document::Post(post) => (&mut post.to, &mut post.cc),
            Document::Event(event) => (&mut event.to, &mut event.cc),
            _ => return document,
        };
        if !says("to") && !says("cc") {
            *to = shape::recipients(self.object, "to", self.options);
            *cc = shape::recipients(self.object, "cc", self.options);
        }
        document
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
mod tests;
