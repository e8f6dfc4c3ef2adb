//! The activities Hearth sends, each with its recipients as in profile 5.1.
//!
//! Functions take the new activity's id, who does it, and what; they return a top-level document. Must never put anybody
//! into an answer to a join but the one who asked, and never change what a group relays beyond leaving out what is not passed on.

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::borrow::Cow;
use url::Url;

use crate::activity::{Frame, Reach, Recipient, Verb, activity, frame_members};
use crate::context::{plain_top_level, top_level};
use crate::moderation::Deed;
use crate::write::{extend, member, put};

/// `Follow` of a group or a server.
pub fn follow(id: &Url, actor: &Url, target: &Url) -> Value {
    activity(Verb::Follow, &Frame::direct(id.clone(), actor.clone(), target.clone()), json!(target))
}

/// `Follow` of everything public: how a relay in Mastodon's style is asked.
pub fn follow_everything(id: &Url, actor: &Url) -> Value {
    let frame = Frame {
        id: id.clone(),
        actor: actor.clone(),
        to: vec![Recipient::Public],
        cc: Vec::new(),
        audience: None,
        published: None,
    };
    activity(Verb::Follow, &frame, json!(crate::context::PUBLIC))
}

/// `Accept` of a `Follow`, `Join` or `Invite`. `request` is what was asked, embedded as it came; `to` is who asked.
pub fn accept(id: &Url, actor: &Url, to: &Url, request: Value) -> Value {
    activity(Verb::Accept, &Frame::direct(id.clone(), actor.clone(), to.clone()), request)
}

/// `Accept` of a `Join` with the room link and exact address for that one joiner (profile 5.4).
///
/// The stored copy must be purged once delivered: this is the only document that may carry them.
pub fn accept_join_with_instructions(id: &Url, actor: &Url, to: &Url, join: Value, instructions: &str) -> Value {
    let mut accept = accept(id, actor, to, join);
    put(&mut accept, "instructions", Some(json!(instructions)));
    accept
}

/// `Reject` of a `Follow`, `Join`, `Invite`, `Create` or `QuoteRequest`. Carries no reason.
pub fn reject(id: &Url, actor: &Url, to: &Url, request: Value) -> Value {
    activity(Verb::Reject, &Frame::direct(id.clone(), actor.clone(), to.clone()), request)
}

/// `TentativeAccept`: "maybe", about a meetup. `to` holds the event's owner and actor.
pub fn tentative_accept(id: &Url, actor: &Url, to: &[Url], event: &Url) -> Value {
    activity(Verb::TentativeAccept, &directly(id, actor, to), json!(event))
}

/// `Undo` of something of one's own, addressed like it. `undone` is the activity as it was sent.
pub fn undo(id: &Url, actor: &Url, undone: Value) -> Value {
    like_its_object(Verb::Undo, id, actor, undone, None)
}

/// `Create`, addressed like the object.
pub fn create(id: &Url, actor: &Url, object: Value, published: DateTime<Utc>) -> Value {
    like_its_object(Verb::Create, id, actor, object, Some(published))
}

/// `Update`, addressed like the object. For actors, which have no `to`, see [`update_actor`].
pub fn update(id: &Url, actor: &Url, object: Value, published: DateTime<Utc>) -> Value {
    like_its_object(Verb::Update, id, actor, object, Some(published))
}

/// `Update` of an actor by itself: to everyone and its followers, or to the followers alone.
pub fn update_actor(id: &Url, object: Value, followers: &Url, reach: &Reach, published: DateTime<Utc>) -> Value {
    let actor = member(&object, "id");
    let (to, cc) = audience(followers, reach);
    let mut update = json!({"id": id, "type": Verb::Update.as_str(), "actor": actor, "to": to, "cc": cc});
    put(&mut update, "published", Some(json!(crate::write::wire_time(published))));
    put(&mut update, "object", Some(crate::context::embedded(object)));
    top_level(update)
}

/// `Delete`. `frame` is addressed like the object was. `reason` is given by facilitators only: Lemmy tells them apart by it.
pub fn delete(frame: &Frame, object: &Url, reason: Option<&str>) -> Value {
    let mut delete = activity(Verb::Delete, frame, json!(object));
    put(&mut delete, "summary", reason.map(|reason| json!(reason)));
    delete
}

/// `Delete` of an actor by itself: to everyone who ever met it, or to those only who may know of it.
pub fn delete_actor(id: &Url, actor: &Url, followers: &Url, reach: &Reach) -> Value {
    let to = match reach {
        Reach::Public => vec![Recipient::Public],
        Reach::Limited(_) => audience(followers, reach).0,
    };
    let frame = Frame { id: id.clone(), actor: actor.clone(), to, cc: Vec::new(), audience: None, published: None };
    activity(Verb::Delete, &frame, json!(actor))
}

/// Who announces, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcer {
    /// The group, or the server.
    pub actor: Url,
    /// Its followers.
    pub followers: Url,
    /// Who may read what is announced. `Limited` goes to the collection named there and nobody else.
    pub reach: Reach,
    /// The group, when it is one (`audience`).
    pub group: Option<Url>,
}

impl Announcer {
    fn frame(&self, id: &Url, published: DateTime<Utc>) -> Frame {
        let (to, cc) = audience(&self.followers, &self.reach);
        Frame {
            id: id.clone(),
            actor: self.actor.clone(),
            to,
            cc,
            audience: self.group.clone(),
            published: Some(published),
        }
    }
}

/// `Announce` in activity form (profile 5.2 A) of an activity made here.
pub fn announce_activity(id: &Url, by: &Announcer, inner: Value, published: DateTime<Utc>) -> Value {
    activity(Verb::Announce, &by.frame(id, published), inner)
}

/// `Announce` in activity form of an activity that came from elsewhere: `inner` stays byte for byte what it was, but for
/// what is not passed on.
///
/// # Errors
/// When `inner` is not JSON (what [`crate::inbound`] handed out as `raw` always is), or would have to be changed although
/// it carries a proof.
pub fn announce_raw(id: &Url, by: &Announcer, inner: &str, published: DateTime<Utc>) -> serde_json::Result<String> {
    #[derive(serde::Serialize)]
    struct Relayed<'a> {
        #[serde(flatten)]
        frame: Value,
        object: &'a RawValue,
    }
    let inner = passed_on(inner)?;
    let inner: &RawValue = serde_json::from_str(&inner)?;
    let frame = plain_top_level(frame_members(Verb::Announce, &by.frame(id, published)));
    serde_json::to_string(&Relayed { frame, object: inner })
}

/// What came from elsewhere without what is not passed on: hidden recipients (threats PR-03), and the words of JSON-LD in
/// which we read nothing, but another reader might read something that nobody checked (threats FI-19).
///
/// What carries a proof, anywhere in it, is passed on as it came or not at all: changed, it would be a forgery.
fn passed_on(text: &str) -> serde_json::Result<Cow<'_, str>> {
    let mut value = serde_json::from_str(text)?;
    if !drop_unread(&mut value) {
        return Ok(Cow::Borrowed(text));
    }
    if has_proof(&value) {
        return Err(serde::ser::Error::custom("what carries a proof can't be changed"));
    }
    Ok(Cow::Owned(value.to_string()))
}

fn has_proof(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_proof),
        Value::Object(members) => members.contains_key("proof") || members.values().any(has_proof),
        _ => false,
    }
}

/// `true` when something was dropped. How deep this goes is bounded: reading refuses what is nested further.
fn drop_unread(value: &mut Value) -> bool {
    match value {
        Value::Array(items) => drop_from_each(items.iter_mut()),
        Value::Object(members) => {
            let count = members.len();
            members.retain(|name, _| !is_unread(name));
            let inner = members.iter_mut().filter(|(name, _)| *name != "@context");
            drop_from_each(inner.map(|(_, member)| member)) || members.len() < count
        }
        _ => false,
    }
}

fn drop_from_each<'a>(values: impl Iterator<Item = &'a mut Value>) -> bool {
    let mut dropped = false;
    for value in values {
        dropped |= drop_unread(value);
    }
    dropped
}

fn is_unread(name: &str) -> bool {
    let keyword = name.starts_with('@') && name != "@context";
    keyword || matches!(name, "bto" | "bcc") || name.starts_with("as:") || name.starts_with("https://www.w3.org/ns/")
}

/// `Announce` in object form (profile 5.2 B): just the address of a root post or meetup.
pub fn announce_object(id: &Url, by: &Announcer, object: &Url, published: DateTime<Utc>) -> Value {
    activity(Verb::Announce, &by.frame(id, published), json!(object))
}

/// `Announce` of a meetup by the server, for the servers that follow it (profile 8.2): Mobilizon lists a meetup only when
/// a server it follows has announced it.
pub fn announce_meetup(
    id: &Url,
    server: &Url,
    followers: &Url,
    group: &Url,
    event: &Url,
    published: DateTime<Utc>,
) -> Value {
    let frame = Frame {
        id: id.clone(),
        actor: server.clone(),
        to: vec![Recipient::Id(followers.clone()), Recipient::Id(group.clone())],
        cc: vec![Recipient::Public],
        audience: None,
        published: Some(published),
    };
    activity(Verb::Announce, &frame, json!(event))
}

/// `Join` of a meetup or a group. `to` holds the event's `attributedTo` and `actor`, or the group.
pub fn join(id: &Url, actor: &Url, to: &[Url], object: &Url, participation_message: Option<&str>) -> Value {
    let mut join = activity(Verb::Join, &directly(id, actor, to), json!(object));
    put(&mut join, "participationMessage", participation_message.map(|text| json!(text)));
    join
}

/// `Leave` of a meetup or a group.
pub fn leave(id: &Url, actor: &Url, to: &[Url], object: &Url) -> Value {
    activity(Verb::Leave, &directly(id, actor, to), json!(object))
}

/// `Like`, told to the author alone.
pub fn like(id: &Url, actor: &Url, author: &Url, object: &Url) -> Value {
    activity(Verb::Like, &Frame::direct(id.clone(), actor.clone(), author.clone()), json!(object))
}

/// `Invite` to a meetup or group.
pub fn invite(id: &Url, actor: &Url, invitee: &Url, object: &Url) -> Value {
    let frame = Frame::direct(id.clone(), actor.clone(), invitee.clone());
    with_target(activity(Verb::Invite, &frame, json!(object)), invitee)
}

/// `Flag`: a report about an author and some posts, to the group (or server) that is responsible. Exactly one recipient,
/// as Lemmy wants it.
pub fn flag(id: &Url, actor: &Url, responsible: &Url, author: &Url, posts: &[Url], reason: &str) -> Value {
    let objects: Vec<&Url> = [author].into_iter().chain(posts).collect();
    let frame = Frame::direct(id.clone(), actor.clone(), responsible.clone());
    let mut flag = activity(Verb::Flag, &frame, json!(objects));
    extend(&mut flag, json!({"content": reason, "summary": reason}));
    flag
}

/// `Remove` of a person from a group's members, told to that person alone.
pub fn remove_member(id: &Url, group: &Url, members: &Url, person: &Url) -> Value {
    let frame = Frame::direct(id.clone(), group.clone(), person.clone());
    with_target(activity(Verb::Remove, &frame, json!(person)), members)
}

/// `Add` or `Remove` by the group itself, told to the one whom it is about and to nobody else: the group's team is not
/// shown.
pub fn told_about_list(verb: Verb, id: &Url, group: &Url, person: &Url, collection: &Url) -> Value {
    let frame = Frame::direct(id.clone(), group.clone(), person.clone());
    with_target(activity(verb, &frame, json!(person)), collection)
}

/// A facilitator's `Add`, `Remove`, `Lock` or `Block`, to be announced by the group. `target` is the collection, or for
/// `Block` the group. It is addressed to those who may read what it is about (profile 7.2).
pub fn moderation(verb: Verb, deed: Deed<'_>, object: &Url, target: Option<&Url>) -> Value {
    let group = Recipient::Id(deed.group.clone());
    let (readers, cc) = match deed.reach {
        Reach::Public => (Recipient::Public, vec![group.clone()]),
        Reach::Limited(readers) => (Recipient::Id(readers.clone()), Vec::new()),
    };
    let frame = Frame {
        id: deed.id.clone(),
        actor: deed.by.clone(),
        to: vec![group, readers],
        cc,
        audience: Some(deed.group.clone()),
        published: None,
    };
    let moderation = activity(verb, &frame, json!(object));
    match target {
        Some(target) => with_target(moderation, target),
        None => moderation,
    }
}

/// `Add` of a root post to a group's wall, for followers on Smithereen (FEP-400e).
pub fn add_to_wall(id: &Url, by: &Announcer, post: &Url, wall: &Url, published: DateTime<Utc>) -> Value {
    let mut add = activity(Verb::Add, &by.frame(id, published), json!(post));
    let target = json!({"type": "OrderedCollection", "id": wall, "attributedTo": by.actor});
    put(&mut add, "target", Some(target));
    add
}

/// `Move` of an actor to another address, told to its followers.
pub fn move_actor(id: &Url, actor: &Url, followers: &Url, target: &Url) -> Value {
    let frame = Frame::direct(id.clone(), actor.clone(), followers.clone());
    with_target(activity(Verb::Move, &frame, json!(actor)), target)
}

fn with_target(mut activity: Value, target: &Url) -> Value {
    put(&mut activity, "target", Some(json!(target)));
    activity
}

fn directly(id: &Url, actor: &Url, to: &[Url]) -> Frame {
    let mut recipients: Vec<Recipient> = Vec::new();
    for url in to {
        let recipient = Recipient::Id(url.clone());
        if !recipients.contains(&recipient) {
            recipients.push(recipient);
        }
    }
    Frame { id: id.clone(), actor: actor.clone(), to: recipients, cc: Vec::new(), audience: None, published: None }
}

/// Public belongs in `to`: Mastodon derives the boost's visibility from it.
fn audience(followers: &Url, reach: &Reach) -> (Vec<Recipient>, Vec<Recipient>) {
    match reach {
        Reach::Public => (vec![Recipient::Public], vec![Recipient::Id(followers.clone())]),
        Reach::Limited(readers) => (vec![Recipient::Id(readers.clone())], Vec::new()),
    }
}

fn like_its_object(verb: Verb, id: &Url, actor: &Url, object: Value, published: Option<DateTime<Utc>>) -> Value {
    let list = |key| match member(&object, key) {
        Value::Array(list) => Value::Array(list),
        Value::Null => json!([]),
        single => json!([single]),
    };
    let mut activity = json!({"id": id, "type": verb.as_str(), "actor": actor, "to": list("to"), "cc": list("cc")});
    put(&mut activity, "audience", Some(member(&object, "audience")).filter(|group| !group.is_null()));
    put(&mut activity, "published", published.map(|at| json!(crate::write::wire_time(at))));
    put(&mut activity, "object", Some(crate::context::embedded(object)));
    top_level(activity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn every_activity() {
        for (name, written) in samples::activities() {
            insta::assert_json_snapshot!(name, crate::context::embedded(written));
        }
    }

    #[test]
    fn every_activity_has_a_context_and_both_recipient_lists() {
        for (name, written) in samples::activities() {
            assert_eq!(written["@context"], crate::context::context(), "{name}");
            assert!(written["to"].is_array() && written["cc"].is_array(), "{name}");
            assert!(written["object"].get("@context").is_none(), "{name}");
        }
    }

    #[test]
    fn what_is_relayed_keeps_every_byte() {
        let inner = r#"{ "type":"Create","unknown" : 1.50,  "id":"https://x.example/a/1"}"#;
        let by = samples::announcer();
        let id = samples::url("https://h.example/a/9");
        let relayed = announce_raw(&id, &by, inner, samples::noon()).unwrap();
        assert!(relayed.contains(inner));
        let whole: Value = serde_json::from_str(&relayed).unwrap();
        assert_eq!(whole["actor"], json!(by.actor));
        assert_eq!(whole["type"], json!("Announce"));
    }

    #[test]
    fn hidden_recipients_and_what_is_not_read_are_not_relayed() {
        let check = |inner: &str, expected: &str| assert_eq!(passed_on(inner).unwrap(), expected, "{inner}");
        check(
            r#"{"to":[ "a" ],"@context":["x",{"y":{"@id":"z:y","@type":"@id"}}]}"#,
            r#"{"to":[ "a" ],"@context":["x",{"y":{"@id":"z:y","@type":"@id"}}]}"#,
        );
        check(
            r#"{"bto":["a"],"id": 1.50,"object":{"bcc":"b","content":"c"}}"#,
            r#"{"id":1.5,"object":{"content":"c"}}"#,
        );
        check(
            r#"{"type":"Create","@included":[{"id":"v"}],"cc":[{"@reverse":{}, "a":1}]}"#,
            r#"{"type":"Create","cc":[{"a":1}]}"#,
        );
        check(r#"{"as:actor":"v","https://www.w3.org/ns/activitystreams#object":{},"id":"i"}"#, r#"{"id":"i"}"#);
        assert!(passed_on("{").is_err());
    }

    #[test]
    fn what_carries_a_proof_is_relayed_as_it_came_or_not_at_all() {
        let check = |inner: &str, relayed: bool| match passed_on(inner) {
            Ok(text) => assert!(relayed && text == inner, "{inner}"),
            Err(_) => assert!(!relayed, "{inner}"),
        };
        check(r#"{"id":"i", "proof":{"type":"x"}}"#, true);
        check(r#"{"object":{"id": 1.50,"proof":{"@context":["a"]}}}"#, true);
        check(r#"{"id":"i","bto":["a"],"proof":{"type":"x"}}"#, false);
        check(r#"{"id":"i","object":{"bcc":["a"],"proof":{"type":"x"}}}"#, false);
        check(r#"{"@included":[],"object":[{"proof":{"type":"x"}}]}"#, false);
    }

    #[test]
    fn an_accept_tells_nobody_else() {
        let joiner = samples::url("https://x.example/u/kim");
        let group = samples::url("https://h.example/g/tea_and_talk");
        let id = samples::url("https://h.example/a/3");
        let request = json!({"id": "https://x.example/a/1", "type": "Join", "to": ["https://x.example/everyone"]});
        let written = accept_join_with_instructions(&id, &group, &joiner, request, "Room 4");
        assert_eq!((&written["to"], &written["cc"]), (&json!([joiner]), &json!([])));
        assert_eq!(written["instructions"], json!("Room 4"));
    }

    #[test]
    fn a_members_only_group_announces_to_its_followers_alone() {
        let mut by = samples::announcer();
        by.reach = Reach::Limited(by.followers.clone());
        let post = samples::url("https://h.example/p/01j");
        let written = announce_object(&samples::url("https://h.example/a/9"), &by, &post, samples::noon());
        assert_eq!((&written["to"], &written["cc"]), (&json!([by.followers]), &json!([])));
    }
}
