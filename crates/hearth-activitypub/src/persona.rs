//! People, a group's notices, and the server itself, as actors (profile 2.2, 2.3, 4.3, 6.8).
//!
//! Must never write a real name, an e-mail address, a list of followers or the time of day at which someone joined.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use url::Url;

use crate::address::{Addresses, Part};
use crate::context::top_level;
use crate::write::{
    Image, Language, PublicKeys, RichText, endpoints, generator, implements, put, put_moves, wire_day, wire_time,
};

/// A persona as `Person`.
#[derive(Debug, Clone)]
pub struct Person {
    /// The name in the address, `wren`.
    pub username: String,
    /// The name people see.
    pub display_name: String,
    /// What they say about themselves.
    pub about: RichText,
    /// Whether they asked to be found by search; false unless they did.
    pub discoverable: bool,
    /// Whether they asked for their public posts to be found by search.
    pub indexable: bool,
    /// Their picture.
    pub icon: Option<Image>,
    /// When the persona was made; only the day is told.
    pub published: DateTime<Utc>,
    /// Other addresses that are the same person (needed before moving here).
    pub also_known_as: Vec<Url>,
    /// Where they moved to.
    pub moved_to: Option<Url>,
    /// Their public keys.
    pub keys: PublicKeys,
}

/// The `Service` actor that announces a group's meetups on behalf of undisclosed hosts.
#[derive(Debug, Clone)]
pub struct Notices {
    /// The group's name in its address.
    pub group: String,
    /// The group's name as people see it.
    pub group_display_name: String,
    /// When the group was made; only the day is told.
    pub published: DateTime<Utc>,
    /// Its public keys.
    pub keys: PublicKeys,
}

/// The server's own actor.
#[derive(Debug, Clone)]
pub struct Application {
    /// The server's name as people see it.
    pub name: String,
    /// What the server is for, as safe HTML.
    pub summary: String,
    /// The languages spoken here.
    pub languages: Vec<Language>,
    /// The server's picture.
    pub icon: Option<Image>,
    /// When the server was set up.
    pub published: DateTime<Utc>,
    /// When its description last changed.
    pub updated: DateTime<Utc>,
    /// Its public keys.
    pub keys: PublicKeys,
}

/// The name under which the instance actor is found: Mobilizon falls back to `relay@host`.
pub const SERVER_NAME: &str = "relay";

/// `Person` (profile 2.3).
pub fn person(at: &Addresses, person: &Person) -> Value {
    let id = at.person(&person.username);
    let mut actor = human_like(at, &id, "Person", &person.username, &person.display_name);
    put(&mut actor, "summary", Some(json!(person.about.html)));
    put(&mut actor, "source", Some(person.about.source()));
    put(&mut actor, "discoverable", Some(json!(person.discoverable)));
    put(&mut actor, "indexable", Some(json!(person.indexable)));
    put(&mut actor, "icon", person.icon.as_ref().map(Image::write));
    put(&mut actor, "published", Some(json!(wire_day(person.published))));
    put_moves(&mut actor, &person.also_known_as, person.moved_to.as_ref());
    person.keys.put_into(&mut actor, at, &id);
    top_level(actor)
}

/// `Service`: a group's notices actor (profile 4.3), which Lemmy takes as an author.
pub fn service(at: &Addresses, notices: &Notices) -> Value {
    let id = at.notices(&notices.group);
    let name = crate::address::notices_name(&notices.group);
    let mut actor = human_like(at, &id, "Service", &name, &notices.group_display_name);
    put(&mut actor, "attributedTo", Some(json!(at.group(&notices.group))));
    put(&mut actor, "discoverable", Some(json!(false)));
    put(&mut actor, "indexable", Some(json!(false)));
    put(&mut actor, "published", Some(json!(wire_day(notices.published))));
    notices.keys.put_into(&mut actor, at, &id);
    top_level(actor)
}

/// `Application`: the instance actor (profile 2.2). Readable without a signature.
pub fn application(at: &Addresses, server: &Application) -> Value {
    let id = at.server();
    let mut actor = json!({
        "id": id,
        "type": "Application",
        "name": server.name,
        "preferredUsername": SERVER_NAME,
        "webfinger": at.handle(SERVER_NAME),
        "summary": server.summary,
        "url": at.page("about"),
        "inbox": at.part(&id, Part::Inbox),
        "outbox": at.part(&id, Part::Outbox),
        "followers": at.part(&id, Part::Followers),
        "following": at.part(&id, Part::Following),
        "endpoints": endpoints(at),
        "manuallyApprovesFollowers": true,
        "discoverable": true,
        "published": wire_time(server.published),
        "updated": wire_time(server.updated),
        "language": server.languages.iter().map(Language::write).collect::<Vec<_>>(),
        "implements": implements(),
    });
    put(&mut actor, "icon", server.icon.as_ref().map(Image::write));
    server.keys.put_into(&mut actor, at, &id);
    top_level(actor)
}

/// An actor reduced to what verifying a signature needs (profile 6.8): all that unsigned readers of a closed group see.
///
/// `kind` is the actor's ActivityStreams type, `id` its local address. `name` is a generic name, where one is wanted.
pub fn key_stub(at: &Addresses, id: &Url, kind: &str, username: &str, name: Option<&str>, keys: &PublicKeys) -> Value {
    let inbox = at.inbox(id);
    let mut actor = json!({"id": id, "type": kind, "preferredUsername": username, "inbox": inbox});
    put(&mut actor, "name", name.map(|name| json!(name)));
    let rsa_only = PublicKeys { rsa_pem: keys.rsa_pem.clone(), ed25519_multibase: None };
    rsa_only.put_into(&mut actor, at, id);
    top_level(actor)
}

fn human_like(at: &Addresses, id: &Url, kind: &str, username: &str, display_name: &str) -> Value {
    json!({
        "id": id,
        "type": kind,
        "preferredUsername": username,
        "webfinger": at.handle(username),
        "name": display_name,
        "url": id,
        "inbox": at.inbox(id),
        "outbox": at.outbox(id),
        "followers": at.followers(id),
        "endpoints": endpoints(at),
        "manuallyApprovesFollowers": true,
        "generator": generator(at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn a_person() {
        insta::assert_json_snapshot!("person", samples::person());
    }

    #[test]
    fn a_person_who_moved() {
        let at = samples::here();
        let mut draft = samples::person_draft();
        draft.also_known_as = vec![samples::url("https://old.example/u/wren")];
        draft.moved_to = Some(samples::url("https://new.example/u/wren"));
        let actor = person(&at, &draft);
        assert_eq!(actor["alsoKnownAs"], json!(["https://old.example/u/wren"]));
        assert_eq!(actor["movedTo"], json!("https://new.example/u/wren"));
    }

    #[test]
    fn the_time_of_joining_is_only_a_day() {
        assert_eq!(samples::person()["published"], json!("2026-01-05T00:00:00.000Z"));
    }

    #[test]
    fn the_notices_of_a_group() {
        insta::assert_json_snapshot!("service", samples::service());
    }

    #[test]
    fn the_server() {
        insta::assert_json_snapshot!("application", samples::application());
    }

    #[test]
    fn a_stub_holds_the_key_and_nothing_else() {
        insta::assert_json_snapshot!("key_stub", samples::key_stub());
    }
}
