//! Everything we write can be read by ourselves, and satisfies the field rules that peers were found to need.

use serde_json::{Value, json};

use super::*;
use crate::activity::Recipient;
use crate::context::PUBLIC;
use crate::samples;

fn read_back(written: &Value) -> Document {
    match read_document(written.to_string().as_bytes(), ReadOptions::default()) {
        Ok(document) => document,
        Err(refusal) => panic!("{refusal}: {written}"),
    }
}

#[test]
fn actors() {
    for (written, kind) in [
        (samples::person(), ActorKind::Person),
        (samples::service(), ActorKind::Service),
        (samples::application(), ActorKind::Application),
        (samples::group(), ActorKind::Group),
        (samples::key_stub(), ActorKind::Group),
    ] {
        let Document::Actor(actor) = read_back(&written) else { panic!("{written}") };
        assert_eq!(actor.kind, kind);
        assert_eq!(actor.id.as_str(), written["id"]);
        assert_eq!(actor.public_keys[0].owner.as_ref(), Some(&actor.id));
        assert!(actor.inbox.is_some() && actor.preferred_username.is_some());
        assert_eq!(actor.multikeys.len(), usize::from(written.get("assertionMethod").is_some()));
    }
}

#[test]
fn a_group_keeps_its_collections() {
    let Document::Actor(group) = read_back(&samples::group()) else { panic!() };
    let at = samples::here();
    let part = |part| Some(at.part(&group.id, part));
    use crate::Part::{Featured, Followers, Members, Moderators, Upcoming, Wall};
    assert_eq!((&group.followers, &group.featured), (&part(Followers), &part(Featured)));
    assert_eq!((&group.moderators, &group.upcoming_events), (&part(Moderators), &part(Upcoming)));
    assert_eq!((&group.wall, &group.members), (&part(Wall), &part(Members)));
    assert_eq!(group.shared_inbox, Some(at.shared_inbox()));
    assert_eq!((group.language.as_deref(), group.openness.as_deref()), (Some("en"), Some("moderated")));
}

#[test]
fn posts() {
    let draft = samples::page_draft();
    let Document::Post(post) = read_back(&samples::page()) else { panic!() };
    assert_eq!((post.kind, post.name.as_ref()), (PostKind::Page, Some(&draft.title)));
    assert_eq!((post.attributed_to, post.audience), (Some(draft.body.author), Some(draft.body.group.id.clone())));
    assert_eq!(post.to, [Recipient::Id(draft.body.group.id), Recipient::Public]);
    assert_eq!((post.published, post.updated), (Some(draft.body.published), None));
    assert_eq!((post.summary, post.sensitive), (draft.body.content_note, true));
    assert_eq!((post.language.as_deref(), post.attachments.len(), post.tags.len()), (Some("en"), 1, 2));
    let draft = samples::note_draft();
    let Document::Post(note) = read_back(&samples::note()) else { panic!() };
    assert_eq!((note.kind, note.name, note.in_reply_to), (PostKind::Note, None, Some(draft.in_reply_to)));
    assert_eq!(note.cc, [Recipient::Id(draft.parent_author.id)]);
    assert_eq!(note.source_markdown, Some(draft.body.text.markdown));
}

#[test]
fn meetups() {
    let draft = samples::event_draft();
    let Document::Event(event) = read_back(&samples::event()) else { panic!() };
    assert_eq!((event.name, event.start, event.end), (draft.title, draft.start, Some(draft.end)));
    assert_eq!(event.timezone.map(|zone| zone.name().to_owned()), Some(draft.timezone));
    assert_eq!((event.attributed_to, event.actor), (Some(draft.group.id), Some(samples::here().server())));
    assert_eq!((event.status, event.join_mode, event.capacity), (draft.status, Some(draft.join_mode), draft.capacity));
    assert_eq!((event.series, event.companion), (draft.series, draft.companion));
    assert_eq!((event.recurrence_rule, event.category), (draft.recurrence_rule, Some(draft.category)));
    assert_eq!(event.places[0].locality.as_deref(), Some("Northside"));
    assert_eq!(event.image, draft.banner.map(|banner| banner.url));
    assert!(matches!(read_back(&samples::event_of_a_person()), Document::Event(_)));
}

#[test]
fn tombstones_and_collections() {
    let Document::Tombstone(tombstone) = read_back(&samples::tombstone()) else { panic!() };
    assert_eq!((tombstone.former_type.as_deref(), tombstone.deleted), (Some("Page"), Some(samples::noon())));
    for written in [samples::outbox(), samples::outbox_page()] {
        let Document::Collection(collection) = read_back(&written) else { panic!() };
        let [Item::Activity(announce)] = &collection.items[..] else { panic!("{collection:?}") };
        assert!(announce.is_public() && announce.id.is_some());
        let ActivityKind::Announce { objects } = &announce.kind else { panic!() };
        let [Announced::Activity(create)] = &objects[..] else { panic!() };
        assert!(matches!(create.kind, ActivityKind::Create { .. }));
    }
}

#[test]
fn activities() {
    for (name, written) in samples::activities() {
        // Only a relay reads this: its object is no actor.
        if name == "follow_everything" {
            assert!(read_activity(written.to_string().as_bytes(), ReadOptions::default()).is_err());
            continue;
        }
        let activity = read_activity(written.to_string().as_bytes(), ReadOptions::default());
        let activity = activity.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        assert!(!matches!(activity.kind, ActivityKind::Other(_)), "{name}");
        assert_eq!(json!(activity.to), written["to"], "{name}");
        assert_eq!(json!(activity.cc), written["cc"], "{name}");
        assert_eq!(json!(activity.actor), written["actor"], "{name}");
    }
}

#[test]
fn an_accept_can_be_matched_by_actor_and_object() {
    let (_, accept) = samples::activities().into_iter().find(|(name, _)| *name == "accept_follow").unwrap();
    let read = read_activity(accept.to_string().as_bytes(), ReadOptions::default()).unwrap();
    let ActivityKind::Accept { object, .. } = read.kind else { panic!() };
    let follow = object.activity.unwrap();
    assert_eq!(follow.actor, samples::here().person("wren"));
    assert_eq!(follow.kind, ActivityKind::Follow { object: read.actor });
}

/// Profile 1.3: `to` and `cc` are lists, the single-valued fields one plain string, Public in full.
fn check_general_rules(name: &str, object: &Value) {
    for key in ["to", "cc"] {
        let list = object[key].as_array().unwrap_or_else(|| panic!("{name}: {key} is no list"));
        for recipient in list {
            let recipient = recipient.as_str().unwrap_or_else(|| panic!("{name}: {key} holds more than addresses"));
            assert!(recipient.starts_with("https://"), "{name}: {recipient}");
            assert!(recipient == PUBLIC || !recipient.contains('#'), "{name}: {recipient}");
        }
    }
    for key in ["attributedTo", "actor", "context", "inReplyTo", "audience"] {
        assert!(object.get(key).is_none_or(Value::is_string), "{name}: {key} is no plain string");
    }
    for key in ["published", "updated"] {
        if let Some(time) = object.get(key).map(|time| time.as_str().unwrap()) {
            assert!(time.len() == 24 && time.ends_with('Z') && &time[19..20] == ".", "{name}: {time}");
        }
    }
    let id = object["id"].as_str().unwrap();
    assert_eq!(id, id.to_lowercase(), "{name}");
    assert!(!id.contains('?'), "{name}");
}

/// Profile 3.1 and 3.2.
fn check_post_rules(name: &str, post: &Value) {
    check_general_rules(name, post);
    assert_eq!(post["to"][0], post["audience"], "{name}: the group stands first");
    assert!(post.get("image").is_none_or(Value::is_object), "{name}");
    for attachment in post["attachment"].as_array().unwrap() {
        assert!(["Link", "Image", "Document"].contains(&attachment["type"].as_str().unwrap()), "{name}");
        assert!(attachment["mediaType"].is_string(), "{name}");
        assert_eq!(attachment["type"] == "Link", attachment.get("href").is_some(), "{name}");
    }
    let mentions_group = |tag: &Value| tag["type"] == "Mention" && tag["href"] == post["audience"];
    assert!(post["tag"].as_array().unwrap().iter().any(mentions_group), "{name}");
    assert_eq!(post["interactionPolicy"]["canQuote"]["automaticApproval"], json!([post["attributedTo"]]));
    assert!(post["language"]["identifier"].is_string() && post["language"]["name"].is_string(), "{name}");
    if post["type"] == "Page" {
        assert!(post.get("inReplyTo").is_none() && post["name"].is_string() && post["summary"].is_string());
    } else {
        assert!(post["inReplyTo"].is_string() && post.get("name").is_none() && post.get("target").is_none());
    }
    if post["sensitive"] == json!(true) {
        let note = post["summary"].as_str().unwrap();
        assert!(post["content"].as_str().unwrap().starts_with(&format!("<p>{note}</p>")), "{name}");
        assert!(post["source"]["content"].as_str().unwrap().starts_with(note), "{name}");
    }
}

/// Profile 4.2.
fn check_event_rules(name: &str, event: &Value) {
    check_general_rules(name, event);
    assert!(event["startTime"].is_string() && event["endTime"].is_string() && event["name"].is_string(), "{name}");
    assert!(event["endTime"].as_str() >= event["startTime"].as_str(), "{name}");
    assert!(event.get("location").is_none_or(Value::is_object), "{name}");
    assert!(["free", "restricted", "external"].contains(&event["joinMode"].as_str().unwrap()), "{name}");
    assert!(["CONFIRMED", "TENTATIVE", "CANCELLED"].contains(&event["status"].as_str().unwrap()), "{name}");
    assert!(event["contacts"].is_array() && event.get("organizers").is_some(), "{name}");
    assert!(event["attachment"].as_array().unwrap().iter().all(|entry| entry["mediaType"].is_string()), "{name}");
    assert!(event["tag"].as_array().unwrap().iter().all(|tag| tag["name"].is_string()), "{name}");
    assert!(!event["summary"].as_str().unwrap().contains('\n'), "{name}");
    for head_count in ["participantCount", "remainingAttendeeCapacity"] {
        assert!(event.get(head_count).is_none_or(Value::is_null), "{name}");
    }
    let text = crate::context::embedded(event.clone()).to_string();
    assert!(!text.contains("streetAddress\":\"") && !text.contains("latitude\":"), "{name}");
}

#[test]
fn what_we_write_keeps_the_rules_of_the_profile() {
    let group = samples::group();
    assert!(group["attributedTo"].is_string() && group["manuallyApprovesFollowers"] == json!(false));
    for collection in ["members", "events", "posts", "resources", "todos", "discussions"] {
        assert_eq!(group[collection], group["endpoints"][collection]);
        assert!(group[collection].is_string());
    }
    check_post_rules("page", &samples::page());
    check_post_rules("note", &samples::note());
    check_event_rules("event", &samples::event());
    assert_ne!(samples::event()["actor"], samples::event()["attributedTo"]);
    let of_a_person = samples::event_of_a_person();
    check_event_rules("event of a person", &of_a_person);
    for key in [
        "startTime",
        "endTime",
        "timezone",
        "maximumAttendeeCapacity",
        "participantCount",
        "onlineLink",
        "joinMode",
        "externalParticipationUrl",
        "anonymousParticipation",
        "isOnline",
        "buyTicketsLink",
        "feeCurrency",
        "feeAmount",
    ] {
        assert!(of_a_person.get(key).is_some(), "PieFed needs {key}");
    }
    for (name, activity) in samples::activities() {
        check_general_rules(name, &activity);
    }
}
