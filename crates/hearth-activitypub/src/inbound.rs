//! Reading what other servers send and serve: bytes in, one typed document out, or a [`Refusal`].
//!
//! Strict about bytes (size, nesting, no key twice) and addresses, lenient about shapes. Plain JSON only: `@context` is
//! ignored. What is read is only *understood* here; whether it is believed is decided by the caller (profile 6.5).
//! Must never fetch, and never parse the same bytes again for a fact that matters.

mod activity;
mod actor;
mod collection;
mod event;
mod place;
mod post;
mod refusal;
mod shape;
mod strict;
mod text;

#[cfg(test)]
mod round_trip;

pub use activity::{ActivityKind, Announced, InboxActivity, Received, Reference};
pub use actor::{ActorDocument, ActorKind, DatedGroup, KeyDocument, KeyEncoding, Multikey, PublicKey};
pub use collection::{CollectionDocument, CollectionKind, First, Item};
pub use event::EventDocument;
pub use place::PlaceDocument;
pub use post::{AttachedFile, AttachmentKind, HashtagOrMention, PostDocument, PostKind, TombstoneDocument};
pub use refusal::Refusal;

pub(crate) use shape::{Fragment, id, link_address, list, string};
pub(crate) use strict::{Object, list_texts};
pub(crate) use text::line as one_line;

/// The largest document, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The deepest nesting of objects and lists.
pub const MAX_NESTING: usize = 32;
/// The most members of one object; more are refused.
pub const MAX_MEMBERS: usize = 1024;
/// The longest id, in bytes. A longer one is refused.
pub const MAX_ID: usize = 2048;
/// The longest name of an actor, in characters. A longer one is cut.
pub const MAX_ACTOR_NAME: usize = 128;
/// The longest title, in characters. A longer one is cut.
pub const MAX_TITLE: usize = 200;
/// The longest content note or reason, in characters. A longer one is cut.
pub const MAX_SUMMARY: usize = 2000;
/// The longest text (HTML or markdown), in bytes. A longer one is cut.
pub const MAX_TEXT: usize = 64 * 1024;
/// The most hashtags and mentions kept of one object.
pub const MAX_TAGS: usize = 64;
/// The most attachments kept of one object.
pub const MAX_ATTACHMENTS: usize = 8;
/// The most recipients kept of each of `to` and `cc`.
pub const MAX_RECIPIENTS: usize = 256;
/// The most entries of `@context`; more are refused.
pub const MAX_CONTEXTS: usize = 16;
/// The most items read of one collection, of one batch inside an Announce, or of one Flag. More are left out.
pub const MAX_ITEMS: usize = 256;
/// How many Announces may stand around an activity besides the outermost (profile 5.2).
pub const MAX_ANNOUNCE_DEPTH: usize = 2;
/// How many activities may stand in each other at all: `Announce{Announce{Undo{Follow}}}` and the like.
pub const MAX_ACTIVITY_DEPTH: usize = 5;

/// What a reader may accept beyond the rules. The default is the rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Ids may be `http`. Only for the dev network and for samples.
    pub allow_http: bool,
    /// Ids may name a port. Only for the dev network and for samples.
    pub allow_ports: bool,
}

impl ReadOptions {
    /// Both exceptions.
    pub const fn dev() -> Self {
        Self { allow_http: true, allow_ports: true }
    }
}

/// Any document Hearth understands.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// A person, group, server, …
    Actor(Box<ActorDocument>),
    /// A key served on its own.
    Key(Box<KeyDocument>),
    /// A post or reply.
    Post(Box<PostDocument>),
    /// A meetup.
    Event(Box<EventDocument>),
    /// What is left of something deleted.
    Tombstone(TombstoneDocument),
    /// A collection, or a page of one.
    Collection(Box<CollectionDocument>),
    /// An activity.
    Activity(Box<InboxActivity>),
    /// A WebFinger descriptor.
    WebFinger(Box<crate::webfinger::Descriptor>),
    /// The list of NodeInfo documents of a server.
    NodeInfoLinks(crate::nodeinfo::Links),
    /// A NodeInfo document.
    NodeInfo(crate::nodeinfo::ServerInfo),
}

impl Document {
    /// What it is, in one word for logs and tests.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Actor(_) => "actor",
            Self::Key(_) => "key",
            Self::Post(_) => "post",
            Self::Event(_) => "event",
            Self::Tombstone(_) => "tombstone",
            Self::Collection(_) => "collection",
            Self::Activity(_) => "activity",
            Self::WebFinger(_) => "webfinger",
            Self::NodeInfoLinks(_) => "nodeinfo links",
            Self::NodeInfo(_) => "nodeinfo",
        }
    }
}

/// Reads the body of a delivery.
///
/// # Errors
/// When it is not clean JSON, no activity with an id and one actor, or its content is malformed. An activity of a type we
/// do not know is no error: it is [`ActivityKind::Other`].
pub fn read_activity(bytes: &[u8], options: ReadOptions) -> Result<InboxActivity, Refusal> {
    let (text, object) = strict::parse(bytes)?;
    let activity = activity::read(&object, text, options, activity::Depth::default())?;
    if activity.id.is_none() { Err(Refusal::NoId) } else { Ok(activity) }
}

/// Reads a fetched document of whatever type.
///
/// # Errors
/// When it is not clean JSON, of an unknown type, or lacks what its type needs.
pub fn read_document(bytes: &[u8], options: ReadOptions) -> Result<Document, Refusal> {
    let (text, object) = strict::parse(bytes)?;
    if !object.contains_key("type") {
        return read_untyped(&object, options);
    }
    read_typed(&object, text, options, activity::Depth::default())
}

/// The object of strictly parsed bytes, for the readers of WebFinger and NodeInfo.
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Object, Refusal> {
    strict::parse(bytes).map(|(_, object)| object)
}

fn read_untyped(object: &Object, options: ReadOptions) -> Result<Document, Refusal> {
    if object.contains_key("publicKeyPem") {
        return actor::read_key_document(object, options).map(|key| Document::Key(Box::new(key)));
    }
    if object.contains_key("software") {
        return crate::nodeinfo::from_object(object).map(Document::NodeInfo);
    }
    match (object.contains_key("links"), object.contains_key("subject")) {
        (true, true) => crate::webfinger::from_object(object).map(|found| Document::WebFinger(Box::new(found))),
        (true, false) => crate::nodeinfo::links_from_object(object).map(Document::NodeInfoLinks),
        _ => Err(Refusal::NoType),
    }
}

/// Reads an object that has a type. `text` is its exact text.
fn read_typed(object: &Object, text: &str, options: ReadOptions, depth: activity::Depth) -> Result<Document, Refusal> {
    let kind = shape::one_type(object, |name| Family::of(name).is_some())?;
    match Family::of(kind) {
        Some(Family::Actor) => actor::read(object, kind, options).map(|actor| Document::Actor(Box::new(actor))),
        Some(Family::Key) => actor::read_key_document(object, options).map(|key| Document::Key(Box::new(key))),
        Some(Family::Post) => post::read(object, kind, options).map(|post| Document::Post(Box::new(post))),
        Some(Family::Event) => event::read(object, options).map(|event| Document::Event(Box::new(event))),
        Some(Family::Tombstone) => post::read_tombstone(object, options).map(Document::Tombstone),
        Some(Family::Collection) => collection::read(object, text, kind, options, depth)
            .map(|collection| Document::Collection(Box::new(collection))),
        Some(Family::Activity) => {
            activity::read(object, text, options, depth).map(|activity| Document::Activity(Box::new(activity)))
        }
        None => Err(Refusal::unknown_type(kind)),
    }
}

/// Which reader takes a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Actor,
    Key,
    Post,
    Event,
    Tombstone,
    Collection,
    Activity,
}

impl Family {
    fn of(kind: &str) -> Option<Self> {
        match kind {
            _ if ActorKind::from_type(kind).is_some() => Some(Self::Actor),
            _ if PostKind::from_type(kind).is_some() => Some(Self::Post),
            _ if CollectionKind::from_type(kind).is_some() => Some(Self::Collection),
            _ if activity::is_known(kind) => Some(Self::Activity),
            "Event" => Some(Self::Event),
            "Tombstone" => Some(Self::Tombstone),
            "Key" | "CryptographicKey" => Some(Self::Key),
            _ => None,
        }
    }
}
