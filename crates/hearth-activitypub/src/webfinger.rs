//! WebFinger descriptors (RFC 7033), written and read (profile 2.6).
//!
//! Must never answer for a local-only group or someone who opted out: the caller asks nothing of this module then.

use serde_json::{Value, json};
use url::Url;

use crate::address::Addresses;
use crate::inbound::{self, Object, Refusal};

/// The media type of an actor document in links.
const ACTIVITY_JSON: &str = "application/activity+json";
/// The link that leads to a page for following from elsewhere.
const SUBSCRIBE: &str = "http://ostatus.org/schema/1.0/subscribe";

/// The descriptor of a local actor. `name` stands before the `@`; `kind` is the actor's ActivityStreams type.
pub fn descriptor(at: &Addresses, name: &str, actor: &Url, kind: &str) -> Value {
    // Taken apart from the braces of the template, which an address would have escaped.
    let subscribe = format!("{}?uri={{uri}}", at.page("authorize_interaction"));
    json!({
        "subject": format!("acct:{}", at.handle(name)),
        "aliases": [actor],
        "links": [
            {
                "rel": "self",
                "type": ACTIVITY_JSON,
                "href": actor,
                "properties": {"https://www.w3.org/ns/activitystreams#type": kind},
            },
            {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": actor},
            {"rel": SUBSCRIBE, "type": "text/html", "template": subscribe},
        ],
    })
}

/// The most links of a descriptor that are read.
const MAX_LINKS: usize = 64;

/// A descriptor of another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// What it is about, usually `acct:name@host`.
    pub subject: String,
    /// The actors it names (`rel=self` with an ActivityPub type), in order.
    pub actors: Vec<Url>,
    /// Where to follow someone from here; holds `{uri}`.
    pub subscribe_template: Option<String>,
}

impl Descriptor {
    /// `name` and `host` of the subject, lower-cased host; `None` when it is no `acct:`.
    pub fn account(&self) -> Option<(String, String)> {
        let (name, host) = self.subject.strip_prefix("acct:")?.split_once('@')?;
        let whole = !name.is_empty() && !host.is_empty() && !host.contains(['@', '/']);
        whole.then(|| (name.to_owned(), host.to_ascii_lowercase()))
    }

    /// The one actor; `None` when there is none or there are several, as Mastodon has it.
    pub fn actor(&self) -> Option<&Url> {
        match self.actors.as_slice() {
            [one] => Some(one),
            _ => None,
        }
    }
}

/// Reads a descriptor (`application/jrd+json`).
///
/// # Errors
/// When it is not clean JSON, or has no subject.
pub fn read(bytes: &[u8]) -> Result<Descriptor, Refusal> {
    from_object(&inbound::parse_object(bytes)?)
}

pub(crate) fn from_object(object: &Object) -> Result<Descriptor, Refusal> {
    let subject = inbound::string(object, "subject").ok_or(Refusal::MissingField("subject"))?;
    if subject.len() > inbound::MAX_ID || subject.chars().any(char::is_control) {
        return Err(Refusal::WrongShape("subject"));
    }
    let links = || inbound::list(object, "links").iter().filter_map(Value::as_object).take(MAX_LINKS);
    let is_actor = |link: &&Object| {
        let kind = inbound::string(link, "type").unwrap_or_default();
        inbound::string(link, "rel") == Some("self")
            && (kind == ACTIVITY_JSON || kind.starts_with("application/ld+json"))
    };
    let href = |link: &Object| inbound::link_address(link.get("href")?);
    let mut actors: Vec<Url> = Vec::new();
    for actor in links().filter(is_actor).filter_map(href) {
        if !actors.contains(&actor) {
            actors.push(actor);
        }
    }
    let subscribe = links().find(|link| inbound::string(link, "rel") == Some(SUBSCRIBE));
    let subscribe = subscribe.and_then(|link| inbound::string(link, "template"));
    let subscribe = subscribe.filter(|template| template.starts_with("https://"));
    Ok(Descriptor { subject: subject.to_owned(), actors, subscribe_template: subscribe.map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_descriptor() {
        insta::assert_json_snapshot!("descriptor", samples::descriptor());
    }

    #[test]
    fn ours_can_be_read() {
        let read = read(samples::descriptor().to_string().as_bytes()).unwrap();
        assert_eq!(read.actor(), Some(&samples::here().group("tea_and_talk")));
        assert_eq!(read.account(), Some(("tea_and_talk".into(), "h.example".into())));
        assert_eq!(read.subscribe_template.as_deref(), Some("https://h.example/authorize_interaction?uri={uri}"));
    }

    #[test]
    fn two_actors_are_no_actor() {
        let link = |href| json!({"rel": "self", "type": ACTIVITY_JSON, "href": href});
        let check = |links: Value, expected: Option<&str>| {
            let json = json!({"subject": "acct:kim@X.example", "links": links}).to_string();
            let read = read(json.as_bytes()).unwrap();
            assert_eq!(read.actor().map(Url::as_str), expected);
            assert_eq!(read.account().unwrap().1, "x.example");
        };
        check(json!([link("https://x.example/kim")]), Some("https://x.example/kim"));
        check(json!([link("https://x.example/kim"), link("https://x.example/kim")]), Some("https://x.example/kim"));
        check(json!([link("https://x.example/kim"), link("https://x.example/lou")]), None);
        check(json!([{"rel": "self", "href": "https://x.example/kim"}, 7]), None);
        check(json!([link("javascript:alert(1)")]), None);
        assert_eq!(super::read(b"{\"links\": []}"), Err(Refusal::MissingField("subject")));
    }
}
