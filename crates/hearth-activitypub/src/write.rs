//! Small pieces that every written document shares: times, pictures, keys, languages, tags.
//!
//! Must never write a field as null unless a peer needs the key to be there.

use chrono::{DateTime, NaiveTime, SecondsFormat, Utc};
use serde_json::{Map, Value, json};
use url::Url;

use crate::address::{Addresses, Part};

/// An instant as Hearth writes it: RFC 3339 in UTC with milliseconds and `Z` (profile 1.5; NodeBB sorts threads by them).
pub fn wire_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The day of an instant, as midnight UTC: what we tell about a person's beginnings.
pub(crate) fn wire_day(at: DateTime<Utc>) -> String {
    wire_time(at.date_naive().and_time(NaiveTime::MIN).and_utc())
}

/// A picture: `icon`, `image`, or an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Where the picture is.
    pub url: Url,
    /// For example `image/webp`.
    pub media_type: String,
    /// What it shows, in words.
    pub alt: Option<String>,
}

impl Image {
    pub(crate) fn write(&self) -> Value {
        let mut image = json!({"type": "Image", "mediaType": self.media_type, "url": self.url});
        put(&mut image, "name", self.alt.as_ref().map(|alt| json!(alt)));
        image
    }
}

/// A language as Lemmy writes it: BCP 47 tag and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// `en`, `de`, `pt-BR`.
    pub identifier: String,
    /// `English`, `Deutsch`.
    pub name: String,
}

impl Language {
    pub(crate) fn write(&self) -> Value {
        json!({"identifier": self.identifier, "name": self.name})
    }
}

/// The public halves of an actor's keys (profile 6.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeys {
    /// RSA-2048 as SPKI PEM, the key every peer reads.
    pub rsa_pem: String,
    /// Ed25519 as `publicKeyMultibase` (`z6Mk…`), when the actor has one.
    pub ed25519_multibase: Option<String>,
}

impl PublicKeys {
    pub(crate) fn put_into(&self, actor: &mut Value, at: &Addresses, id: &Url) {
        let rsa = json!({"id": at.main_key(id), "owner": id, "publicKeyPem": self.rsa_pem});
        put(actor, "publicKey", Some(rsa));
        let multikey = |key: &String| json!([{"id": at.ed25519_key(id), "type": "Multikey", "controller": id, "publicKeyMultibase": key}]);
        put(actor, "assertionMethod", self.ed25519_multibase.as_ref().map(multikey));
    }
}

/// Text as its author wrote it: `source` (markdown) and `content` (HTML made from it).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RichText {
    /// Safe HTML.
    pub html: String,
    /// The markdown it was made from.
    pub markdown: String,
}

impl RichText {
    pub(crate) fn source(&self) -> Value {
        json!({"content": self.markdown, "mediaType": "text/markdown"})
    }
}

/// `endpoints` of every local actor.
pub(crate) fn endpoints(at: &Addresses) -> Value {
    json!({"sharedInbox": at.part(&at.server(), Part::Inbox)})
}

/// What this program understands beyond what documents show by themselves (FEP-844e).
pub(crate) fn implements() -> Value {
    json!([
        {"href": crate::peer::RFC_9421, "name": "RFC-9421: HTTP Message Signatures"},
        {"href": crate::peer::RFC_9421_ED25519, "name": "RFC-9421 signatures using the Ed25519 algorithm"},
    ])
}

/// The program an actor lives in, for who only fetches that actor (FEP-844e).
pub(crate) fn generator(at: &Addresses) -> Value {
    json!({"id": at.server(), "type": "Application", "implements": implements()})
}

/// Other addresses of an actor, and where it went (FEP-7628).
pub(crate) fn put_moves(actor: &mut Value, also_known_as: &[Url], moved_to: Option<&Url>) {
    if !also_known_as.is_empty() {
        put(actor, "alsoKnownAs", Some(json!(also_known_as)));
    }
    put(actor, "movedTo", moved_to.map(|to| json!(to)));
}

/// Puts a member into an object; `None` leaves it out.
pub(crate) fn put(object: &mut Value, key: &str, value: Option<Value>) {
    if let (Value::Object(members), Some(value)) = (object, value) {
        members.insert(key.to_owned(), value);
    }
}

/// Adds all members of `more` to `object`.
pub(crate) fn extend(object: &mut Value, more: Value) {
    if let (Value::Object(members), Value::Object(more)) = (object, more) {
        members.extend(more);
    }
}

/// The member of an object, or null.
pub(crate) fn member(object: &Value, key: &str) -> Value {
    object.as_object().and_then(|members: &Map<String, Value>| members.get(key)).cloned().unwrap_or(Value::Null)
}

/// At most `limit` characters, never half of one.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    text.chars().take(limit).collect()
}

/// Plain text as HTML.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_milliseconds_and_z() {
        let at = DateTime::parse_from_rfc3339("2026-03-01T13:00:00.417+01:00").unwrap().to_utc();
        assert_eq!(wire_time(at), "2026-03-01T12:00:00.417Z");
        assert_eq!(wire_day(at), "2026-03-01T00:00:00.000Z");
    }

    #[test]
    fn escaping_leaves_no_markup() {
        assert_eq!(escape("<b a=\"1\">&"), "&lt;b a=&quot;1&quot;&gt;&amp;");
    }
}
