//! How activities of every shape are read.

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
        let several = check(&format!(r#""type": "{kind}", "object": ["https://x.example/o", "https://x.example/p"]"#));
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
    let event = check(r#""type": "Create", "object": {"type": "Event", "id": "https://x.example/e", "name": "Tea"}"#);
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
    let [Announced::Activity(first), Announced::Activity(_)] = &announced(&format!("[{inner},{inner}]")).unwrap()[..]
    else {
        panic!()
    };
    assert_eq!(&*first.raw, inner);
    let [Announced::Object(page)] = &announced(r#"{"type": "Page", "id": "https://x.example/p"}"#).unwrap()[..] else {
        panic!()
    };
    assert_eq!(page.kind(), "post");
}

#[test]
fn announces_are_unwrapped_at_most_twice() {
    let wrap = |inner: &str| format!(r#"{{"type": "Announce", "actor": "https://x.example/g", "object": {inner}}}"#);
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
    let tombstone =
        r#""object": {"type": "Tombstone", "id": "https://x.example/p", "formerType": "Page", "withReplies": true}"#;
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

#[test]
fn an_object_that_names_no_audience_shares_that_of_its_activity() {
    let public = |members: &str, to: &str| {
        let object = format!(r#"{{"type": "Note", "id": "https://x.example/n/1"{members}}}"#);
        let read = check(&format!(r#""type": "Create", "to": {to}, "object": {object}"#)).unwrap();
        let ActivityKind::Create { object: Received::Document(document) } = read else { panic!("{read:?}") };
        let Document::Post(post) = *document else { panic!("{document:?}") };
        post.is_public()
    };
    assert!(public("", r#""as:Public""#));
    assert!(public(r#", "to": null, "cc": null"#, r#""as:Public""#));
    assert!(!public("", r#""https://x.example/kim/followers""#));
    // What says something, even that it is for nobody, is taken at its word.
    assert!(!public(r#", "to": []"#, r#""as:Public""#));
    assert!(!public(r#", "cc": ["https://x.example/kim/followers"]"#, r#""as:Public""#));
}
