//! Actors and their keys as other servers serve them (profile 2.2 to 2.4, 6.1).
//!
//! Must never take a key from an actor that is embedded in something else: callers fetch the actor for that.

use chrono::{DateTime, FixedOffset, Utc};
use serde_json::Value;
use url::Url;

use super::refusal::Refusal;
use super::shape::{self, Fragment};
use super::strict::Object;
use super::text;
use super::{MAX_ACTOR_NAME, ReadOptions};

/// The longest key, in bytes; an RSA-4096 PEM has under 1,000.
const MAX_KEY: usize = 8 * 1024;
/// The most keys of one actor that are read.
const MAX_KEYS: usize = 8;
/// The most entries of `implements` that are read.
const MAX_IMPLEMENTS: usize = 32;

/// The five types of actors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the ActivityStreams actor type of that name")]
pub enum ActorKind {
    Person,
    Group,
    Service,
    Application,
    Organization,
}

impl ActorKind {
    pub(crate) fn from_type(name: &str) -> Option<Self> {
        match name {
            "Person" => Some(Self::Person),
            "Group" => Some(Self::Group),
            "Service" => Some(Self::Service),
            "Application" => Some(Self::Application),
            "Organization" => Some(Self::Organization),
            _ => None,
        }
    }

    /// Whether it can be the author of a post.
    pub const fn is_person_like(self) -> bool {
        matches!(self, Self::Person | Self::Service | Self::Organization)
    }
}

/// How the bytes of a PEM key are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEncoding {
    /// `BEGIN PUBLIC KEY`, SubjectPublicKeyInfo.
    Spki,
    /// `BEGIN RSA PUBLIC KEY`, PKCS#1; Mobilizon sends it.
    Pkcs1,
}

/// A public key of an actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// The key's id.
    pub id: Url,
    /// The actor it says it belongs to.
    pub owner: Option<Url>,
    /// The key as PEM.
    pub pem: String,
    /// How to read it.
    pub encoding: KeyEncoding,
}

/// An Ed25519 key of an actor (FEP-521a).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Multikey {
    /// The key's id.
    pub id: Url,
    /// The actor it says it belongs to.
    pub controller: Option<Url>,
    /// `z6Mk…`.
    pub multibase: String,
}

/// A key served as a document of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyDocument {
    /// The key. Its owner must list it back before it counts.
    pub key: PublicKey,
}

/// Smithereen's "event": a group with a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DatedGroup {
    /// When it starts.
    pub start: DateTime<FixedOffset>,
    /// When it ends.
    pub end: Option<DateTime<FixedOffset>>,
}

/// An actor. Only `id` and `kind` are certain: servers serve stubs to strangers.
#[derive(Debug, Clone, PartialEq)]
pub struct ActorDocument {
    /// Its id, without fragment.
    pub id: Url,
    /// What kind of actor.
    pub kind: ActorKind,
    /// The name before the `@`.
    pub preferred_username: Option<String>,
    /// The name people see; one line.
    pub name: Option<String>,
    /// The description, as received.
    pub summary: Option<String>,
    /// `name@host`, as it says itself (FEP-2c59); to be confirmed by WebFinger.
    pub webfinger: Option<String>,
    /// Its page.
    pub url: Option<Url>,
    /// Where to deliver. An actor without one cannot be written to.
    pub inbox: Option<Url>,
    /// Where one delivery serves its whole server.
    pub shared_inbox: Option<Url>,
    /// What it sent.
    pub outbox: Option<Url>,
    /// Its followers.
    pub followers: Option<Url>,
    /// Pinned posts.
    pub featured: Option<Url>,
    /// The collection of moderators: `moderators`, or a group's `attributedTo`.
    pub moderators: Option<Url>,
    /// Meetups to come: FEP-8a8e's `upcomingEvents`, or Mobilizon's `events`.
    pub upcoming_events: Option<Url>,
    /// Root posts (FEP-400e).
    pub wall: Option<Url>,
    /// Members (Mobilizon, Hearth).
    pub members: Option<Url>,
    /// Its picture.
    pub icon: Option<Url>,
    /// The wide picture.
    pub image: Option<Url>,
    /// Whether follows wait for someone's decision.
    pub manually_approves_followers: bool,
    /// Whether only members can read a group: it asks before it is followed and says so in Lemmy's words, which mean just
    /// that (Mobilizon uses the same flag for followers alone); or it shows no more than a stub.
    pub members_only: bool,
    /// Whether it wants to be found; `None` when it does not say.
    pub discoverable: Option<bool>,
    /// Whether only moderators post (Lemmy).
    pub posting_restricted_to_mods: bool,
    /// Whether the whole group is marked sensitive.
    pub sensitive: bool,
    /// Who may join, in Mobilizon's words.
    pub openness: Option<String>,
    /// Its first language.
    pub language: Option<String>,
    /// When it was made.
    pub published: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated: Option<DateTime<Utc>>,
    /// Other ids that are the same actor.
    pub also_known_as: Vec<Url>,
    /// Where it moved.
    pub moved_to: Option<Url>,
    /// Its RSA keys.
    pub public_keys: Vec<PublicKey>,
    /// Its Ed25519 keys.
    pub multikeys: Vec<Multikey>,
    /// What its server says it understands: its own `implements`, or those of its `generator` (FEP-844e).
    pub implements: Vec<String>,
    /// Set when the group is an event of Smithereen.
    pub dated: Option<DatedGroup>,
}

pub(crate) fn read(object: &Object, kind: &str, options: ReadOptions) -> Result<ActorDocument, Refusal> {
    let kind = ActorKind::from_type(kind).ok_or_else(|| Refusal::unknown_type(kind))?;
    let id = shape::string(object, "id").ok_or(Refusal::NoId)?;
    let id = shape::id(id, Fragment::Refused, options)?;
    let empty = Object::new();
    let endpoints = object.get("endpoints").and_then(Value::as_object).unwrap_or(&empty);
    let url = |key| shape::useful_id(object, key, options);
    let flag = |key| shape::boolean(object, key);
    let group_owner = || if kind == ActorKind::Group { single_string_id(object, options) } else { None };
    Ok(ActorDocument {
        preferred_username: shape::string(object, "preferredUsername").and_then(text::username),
        name: shape::natural_text(object, "name").map(|name| text::line(name, MAX_ACTOR_NAME)),
        summary: shape::natural_text(object, "summary").map(text::long),
        webfinger: shape::string(object, "webfinger").map(|handle| text::line(handle, 2 * MAX_ACTOR_NAME)),
        url: shape::page_url(object),
        inbox: url("inbox"),
        shared_inbox: shape::useful_id(endpoints, "sharedInbox", options).or_else(|| url("sharedInbox")),
        outbox: url("outbox"),
        followers: url("followers"),
        featured: url("featured"),
        moderators: url("moderators").or_else(group_owner),
        upcoming_events: url("upcomingEvents").or_else(|| url("events")),
        wall: url("wall").or_else(|| url("sm:wall")),
        members: url("members"),
        icon: picture(object, "icon"),
        image: picture(object, "image"),
        manually_approves_followers: flag("manuallyApprovesFollowers").unwrap_or(false),
        members_only: kind == ActorKind::Group && members_only(object),
        discoverable: flag("discoverable"),
        posting_restricted_to_mods: flag("postingRestrictedToMods").unwrap_or(false),
        sensitive: flag("sensitive").unwrap_or(false),
        openness: shape::string(object, "openness").and_then(text::word),
        language: shape::language(object),
        published: shape::instant(object, "published"),
        updated: shape::instant(object, "updated"),
        also_known_as: shape::ids(object, "alsoKnownAs", 16, options),
        moved_to: url("movedTo"),
        public_keys: public_keys(object, options),
        multikeys: multikeys(object, options),
        implements: implements(object),
        dated: dated(object),
        id,
        kind,
    })
}

fn members_only(object: &Object) -> bool {
    let asks = shape::boolean(object, "manuallyApprovesFollowers").unwrap_or(false);
    let is_stub = ["manuallyApprovesFollowers", "outbox", "followers"].iter().all(|key| !object.contains_key(*key));
    is_stub || (asks && object.contains_key("postingRestrictedToMods"))
}

/// A group's `attributedTo` is its moderators' collection only when it is one plain string; PeerTube lists its people.
fn single_string_id(object: &Object, options: ReadOptions) -> Option<Url> {
    shape::id(shape::string(object, "attributedTo")?, Fragment::Refused, options).ok()
}

fn picture(object: &Object, key: &str) -> Option<Url> {
    shape::list(object, key).iter().find_map(shape::link_address)
}

pub(crate) fn read_key_document(object: &Object, options: ReadOptions) -> Result<KeyDocument, Refusal> {
    if shape::string(object, "id").is_none() {
        return Err(Refusal::NoId);
    }
    read_key(object, options).map(|key| KeyDocument { key }).ok_or(Refusal::WrongShape("publicKeyPem"))
}

fn public_keys(object: &Object, options: ReadOptions) -> Vec<PublicKey> {
    let keys = shape::list(object, "publicKey").iter().filter_map(Value::as_object);
    keys.filter_map(|key| read_key(key, options)).take(MAX_KEYS).collect()
}

fn read_key(object: &Object, options: ReadOptions) -> Option<PublicKey> {
    let pem = shape::string(object, "publicKeyPem")?.trim();
    let encoding = if pem.starts_with("-----BEGIN PUBLIC KEY-----") {
        KeyEncoding::Spki
    } else if pem.starts_with("-----BEGIN RSA PUBLIC KEY-----") {
        KeyEncoding::Pkcs1
    } else {
        return None;
    };
    let id = shape::id(shape::string(object, "id")?, Fragment::Allowed, options).ok()?;
    let owner = shape::useful_id(object, "owner", options);
    (pem.len() <= MAX_KEY).then(|| PublicKey { id, owner, pem: pem.to_owned(), encoding })
}

fn multikeys(object: &Object, options: ReadOptions) -> Vec<Multikey> {
    let read = |key: &Object| {
        let multibase = shape::string(key, "publicKeyMultibase").filter(|key| key.len() <= 256)?.to_owned();
        let id = shape::id(shape::string(key, "id")?, Fragment::Allowed, options).ok()?;
        Some(Multikey { id, controller: shape::useful_id(key, "controller", options), multibase })
    };
    let keys = shape::list(object, "assertionMethod").iter().filter_map(Value::as_object);
    keys.filter_map(read).take(MAX_KEYS).collect()
}

/// `Link`s or plain addresses.
fn implements(object: &Object) -> Vec<String> {
    let generator = object.get("generator").and_then(Value::as_object);
    let entries = [Some(object), generator].into_iter().flatten().flat_map(|from| shape::list(from, "implements"));
    let address = |entry: &Value| entry.as_str().or_else(|| entry.get("href")?.as_str()).map(ToOwned::to_owned);
    entries.filter_map(address).filter(|address| address.len() <= 256).take(MAX_IMPLEMENTS).collect()
}

fn dated(object: &Object) -> Option<DatedGroup> {
    let mut attachments = shape::list(object, "attachment").iter().filter_map(Value::as_object);
    let event = attachments.find(|attachment| shape::types(attachment).contains(&"Event"))?;
    let start = shape::local_time(shape::string(event, "startTime")?, None).ok()?;
    let end = shape::string(event, "endTime").and_then(|end| shape::local_time(end, None).ok());
    Some(DatedGroup { start, end: end.filter(|end| *end >= start) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str) -> Result<ActorDocument, Refusal> {
        let object: Object = serde_json::from_str(json).unwrap();
        let kind = shape::types(&object)[0].to_owned();
        read(&object, &kind, ReadOptions::default())
    }

    #[test]
    fn a_stub_is_enough() {
        let actor = check(r#"{"type": "Service", "id": "https://x.example/bot"}"#).unwrap();
        assert!(actor.kind.is_person_like());
        assert_eq!((actor.inbox, actor.public_keys.len()), (None, 0));
    }

    #[test]
    fn ids_are_needed_and_have_no_fragment() {
        assert_eq!(check(r#"{"type": "Person"}"#).err(), Some(Refusal::NoId));
        assert_eq!(check(r#"{"type": "Person", "id": 7}"#).err(), Some(Refusal::NoId));
        assert_eq!(check(r#"{"type": "Person", "id": "https://x.example/a#me"}"#).err(), Some(Refusal::BadId));
    }

    #[test]
    fn keys_of_both_encodings_are_read_and_others_are_not() {
        let actor = check(
            r#"{"type": "Group", "id": "https://x.example/g", "publicKey": [
                {"id": "https://x.example/g#a", "owner": "https://x.example/g", "publicKeyPem": "-----BEGIN PUBLIC KEY-----\nA"},
                {"id": "https://x.example/g#b", "publicKeyPem": "-----BEGIN RSA PUBLIC KEY-----\nB\n"},
                {"id": "https://x.example/g#c", "publicKeyPem": "-----BEGIN PRIVATE KEY-----\nC\n"},
                "https://x.example/g#d"]}"#,
        );
        let keys = actor.unwrap().public_keys;
        let encodings: Vec<_> = keys.iter().map(|key| key.encoding).collect();
        assert_eq!(encodings, [KeyEncoding::Spki, KeyEncoding::Pkcs1]);
    }

    #[test]
    fn moderators_from_either_field() {
        let plain = r#"{"type": "Group", "id": "https://x.example/g", "attributedTo": "https://x.example/g/mods"}"#;
        assert_eq!(check(plain).unwrap().moderators.unwrap().as_str(), "https://x.example/g/mods");
        let people = r#"{"type": "Group", "id": "https://x.example/g", "attributedTo": ["https://x.example/u/kim"]}"#;
        assert_eq!(check(people).unwrap().moderators, None);
    }

    #[test]
    fn a_group_with_a_date() {
        let group = r#"{"type": "Group", "id": "https://x.example/g", "attachment": [
            {"type": "Event", "startTime": "2026-07-14T18:30:00Z", "endTime": "2026-07-14T10:00:00Z"}]}"#;
        let dated = check(group).unwrap().dated.unwrap();
        assert_eq!(dated.end, None, "an end before the start is no end");
    }

    #[test]
    fn who_can_read_a_group() {
        let group = |rest: &str| check(&format!(r#"{{"type": "Group", "id": "https://x.example/g"{rest}}}"#)).unwrap();
        for (rest, members_only) in [
            (
                r#", "manuallyApprovesFollowers": true, "postingRestrictedToMods": false, "outbox": "https://x.example/o""#,
                true,
            ),
            (r#", "manuallyApprovesFollowers": false, "postingRestrictedToMods": false"#, false),
            (r#", "manuallyApprovesFollowers": true, "openness": "moderated""#, false),
            (r#", "outbox": "https://x.example/o""#, false),
            ("", true),
        ] {
            assert_eq!(group(rest).members_only, members_only, "{rest}");
        }
        assert!(!check(r#"{"type": "Person", "id": "https://x.example/a"}"#).unwrap().members_only);
    }

    #[test]
    fn what_a_server_understands() {
        let check = |more: &str, expected: &[&str]| {
            let json = format!(r#"{{"type": "Person", "id": "https://x.example/a", {more}}}"#);
            assert_eq!(check(&json).unwrap().implements, expected, "{more}");
        };
        check(
            r#""implements": [{"href": "https://a.example/1", "name": "A"}, "https://a.example/2", 7]"#,
            &["https://a.example/1", "https://a.example/2"],
        );
        check(
            r#""generator": {"type": "Application", "implements": {"href": "https://a.example/1"}}"#,
            &["https://a.example/1"],
        );
        check(r#""generator": "https://x.example/", "implements": null"#, &[]);
    }

    #[test]
    fn names_are_one_clean_line() {
        let actor = check(
            r#"{"type": "Person", "id": "https://x.example/a", "name": "A\r\nBcc: x", "preferredUsername": "a b"}"#,
        );
        let actor = actor.unwrap();
        assert_eq!(actor.name.as_deref(), Some("A  Bcc: x"));
        assert_eq!(actor.preferred_username, None);
    }
}
