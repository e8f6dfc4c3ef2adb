//! One of every document we write, for the tests of all modules. Names follow the profile's examples.

use chrono::{DateTime, FixedOffset, Utc};
use serde_json::Value;
use url::Url;

use crate::activity::{GroupRef, Reach, Verb};
use crate::address::Addresses;
use crate::collection::{OrderedCollection, OrderedCollectionPage};
use crate::event::{Event, EventOwner, EventStatus, JoinMode};
use crate::group::{Group, Openness};
use crate::moderation::Deed;
use crate::nodeinfo::NodeInfo;
use crate::outbound::{self, Announcer};
use crate::persona::{Application, Notices, Person};
use crate::place::{Area, Place};
use crate::post::{Attachment, Body, Mention, Note, Page};
use crate::write::{Image, Language, PublicKeys, RichText};

pub(crate) fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

pub(crate) fn here() -> Addresses {
    Addresses::new(url("https://h.example")).unwrap()
}

pub(crate) fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00.417Z".parse().unwrap()
}

fn local(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).unwrap()
}

fn keys() -> PublicKeys {
    PublicKeys {
        rsa_pem: "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n".into(),
        ed25519_multibase: None,
    }
}

fn keys_with_multikey() -> PublicKeys {
    PublicKeys { ed25519_multibase: Some("z6MkExample".into()), ..keys() }
}

fn english() -> Language {
    Language { identifier: "en".into(), name: "English".into() }
}

fn image(id: &str) -> Image {
    Image { url: here().media(id), media_type: "image/webp".into(), alt: Some("A teapot".into()) }
}

fn text(html: &str, markdown: &str) -> RichText {
    RichText { html: html.into(), markdown: markdown.into() }
}

fn tea() -> GroupRef {
    let at = here();
    let id = at.group("tea_and_talk");
    GroupRef { wall: Some(at.part(&id, crate::Part::Wall)), handle: at.handle("tea_and_talk"), id }
}

pub(crate) fn person_draft() -> Person {
    Person {
        username: "wren".into(),
        display_name: "Wren".into(),
        about: text("<p>she/her</p>", "she/her"),
        discoverable: false,
        indexable: false,
        icon: Some(image("wren")),
        published: "2026-01-05T17:45:12Z".parse().unwrap(),
        also_known_as: Vec::new(),
        moved_to: None,
        keys: keys(),
    }
}

pub(crate) fn person() -> Value {
    crate::persona::person(&here(), &person_draft())
}

pub(crate) fn service() -> Value {
    let notices = Notices {
        group: "tea_and_talk".into(),
        group_display_name: "Tea and Talk".into(),
        published: noon(),
        keys: keys(),
    };
    crate::persona::service(&here(), &notices)
}

pub(crate) fn application() -> Value {
    let server = Application {
        name: "Northside Hearth".into(),
        summary: "<p>Community groups of the Northside charity.</p>".into(),
        languages: vec![english()],
        icon: None,
        published: noon(),
        updated: noon(),
        keys: keys_with_multikey(),
    };
    crate::persona::application(&here(), &server)
}

pub(crate) fn key_stub() -> Value {
    let at = here();
    crate::persona::key_stub(&at, &at.group("q7x"), "Group", "q7x", Some("A group"), &keys_with_multikey())
}

pub(crate) fn group_draft() -> Group {
    Group {
        username: "tea_and_talk".into(),
        display_name: "Tea and Talk".into(),
        about: text("<p>Peer support for low mood.</p>", "Peer support for low mood."),
        description: "Peer support for low mood.".into(),
        openness: Openness::Moderated,
        members_only: false,
        posting_restricted_to_mods: false,
        sensitive: false,
        discoverable: true,
        indexable: true,
        languages: vec![english()],
        icon: Some(image("tea")),
        image: None,
        published: noon(),
        updated: Some(noon()),
        also_known_as: Vec::new(),
        moved_to: None,
        keys: keys_with_multikey(),
    }
}

pub(crate) fn group() -> Value {
    crate::group::group(&here(), &group_draft())
}

fn body(id: Url, context: Url) -> Body {
    Body {
        id,
        author: here().person("wren"),
        group: tea(),
        reach: Reach::Public,
        text: text("<p>I have tried…</p>", "I have tried…"),
        content_note: Some("Content note: insomnia.".into()),
        language: Some(english()),
        hashtags: vec!["sleep".into()],
        mentions: Vec::new(),
        attachments: vec![Attachment::Link {
            href: url("https://sleep.example/"),
            media_type: "text/html".into(),
            name: None,
        }],
        context,
        comments_enabled: true,
        published: noon(),
        updated: None,
    }
}

pub(crate) fn page_draft() -> Page {
    Page {
        body: body(here().post("01j"), url("https://h.example/p/01j/context")),
        title: "What helps you sleep?".into(),
        plain: "I have tried…".into(),
        image: None,
        stickied: false,
        companion_of: None,
    }
}

pub(crate) fn page() -> Value {
    crate::post::page(&here(), &page_draft())
}

pub(crate) fn note_draft() -> Note {
    let mut body = body(here().note("01n"), url("https://h.example/p/01j/context"));
    body.content_note = None;
    body.attachments = vec![Attachment::Image(image("cup"))];
    Note {
        body,
        in_reply_to: here().post("01j"),
        parent_author: Mention { id: url("https://x.example/u/kim"), handle: "kim@x.example".into() },
    }
}

pub(crate) fn note() -> Value {
    crate::post::note(&here(), &note_draft())
}

pub(crate) fn event_draft() -> Event {
    let at = here();
    let group = tea();
    Event {
        id: at.event("01k"),
        uuid: "018f2f6e-6d1e-7c2a-9a54-0d5a7f3f2a11".into(),
        followers: at.followers(&group.id),
        group,
        owner: EventOwner::Group,
        reach: Reach::Public,
        title: "Tuesday tea".into(),
        text: text("<p>Drop in, no need to talk.</p>", "Drop in, no need to talk."),
        summary: "Tue 10 March 2026, 18:30 (GMT), Northside".into(),
        start: local("2026-07-14T18:30:00+01:00"),
        end: local("2026-07-14T20:00:00+01:00"),
        open_end: false,
        timezone: "Europe/London".into(),
        language: Some("en".into()),
        place: Some(Place::Area(Area {
            name: "Northside, near the library".into(),
            locality: Some("Northside".into()),
            region: Some("Exampleshire".into()),
            country: Some("United Kingdom".into()),
        })),
        online: false,
        status: EventStatus::Scheduled,
        previous_start: None,
        category: "MEETING".into(),
        join_mode: JoinMode::Free,
        organizers: Vec::new(),
        capacity: Some(12),
        banner: Some(image("tea")),
        hashtags: vec!["peersupport".into()],
        comments_enabled: true,
        series: Some(at.series("3")),
        recurrence_rule: Some("FREQ=WEEKLY;BYDAY=TU".into()),
        companion: Some(at.post("01m")),
        published: noon(),
        updated: None,
    }
}

pub(crate) fn event() -> Value {
    crate::event::event(&here(), &event_draft())
}

pub(crate) fn event_of_a_person() -> Value {
    let group = GroupRef { id: url("https://piefed.example/c/tea"), handle: "tea@piefed.example".into(), wall: None };
    let draft = Event { owner: EventOwner::Person(here().person("wren")), group, place: None, ..event_draft() };
    crate::event::event(&here(), &draft)
}

pub(crate) fn tombstone() -> Value {
    crate::tombstone::tombstone(&here().post("01j"), "Page", noon())
}

pub(crate) fn announcer() -> Announcer {
    let at = here();
    let group = at.group("tea_and_talk");
    Announcer { followers: at.followers(&group), actor: group.clone(), reach: Reach::Public, group: Some(group) }
}

fn announced_page() -> Value {
    let at = here();
    let create = outbound::create(&at.activity("1"), &at.person("wren"), page(), noon());
    outbound::announce_activity(&at.activity("2"), &announcer(), create, noon())
}

pub(crate) fn outbox() -> Value {
    let at = here();
    let group = at.group("tea_and_talk");
    let root = OrderedCollection {
        first: Some(at.outbox_page(&group, 1)),
        ..OrderedCollection::of(at.outbox(&group), vec![announced_page()])
    };
    crate::collection::ordered_collection(root)
}

pub(crate) fn outbox_page() -> Value {
    let at = here();
    let group = at.group("tea_and_talk");
    crate::collection::ordered_collection_page(OrderedCollectionPage {
        id: at.outbox_page(&group, 1),
        part_of: at.outbox(&group),
        next: Some(at.outbox_page(&group, 2)),
        items: vec![announced_page()],
    })
}

pub(crate) fn descriptor() -> Value {
    let at = here();
    crate::webfinger::descriptor(&at, "tea_and_talk", &at.group("tea_and_talk"), "Group")
}

pub(crate) fn node_info() -> NodeInfo {
    NodeInfo {
        version: "0.1.0".into(),
        repository: url("https://hearth.invalid/"),
        node_name: "Northside Hearth".into(),
        open_registrations: false,
        users: 47,
        active_month: 21,
        active_half_year: 33,
        local_posts: 149,
        local_comments: 512,
    }
}

/// Every activity we send, by name.
pub(crate) fn activities() -> Vec<(&'static str, Value)> {
    let mut all = requests();
    all.extend(content());
    all.extend(moderation());
    all
}

fn requests() -> Vec<(&'static str, Value)> {
    let at = here();
    let id = at.activity("7");
    let (wren, group) = (at.person("wren"), at.group("tea_and_talk"));
    let (kim, their_group) = (url("https://x.example/u/kim"), url("https://x.example/g/knit"));
    let event = url("https://x.example/e/1");
    let follow = outbound::follow(&at.activity("6"), &wren, &their_group);
    let join = outbound::join(&at.activity("6"), &kim, &[group.clone(), at.server()], &at.event("01k"), Some("Hi"));
    let both = [their_group.clone(), their_group.clone()];
    vec![
        ("follow", follow.clone()),
        ("follow_everything", outbound::follow_everything(&id, &at.server())),
        ("undo_follow", outbound::undo(&id, &wren, follow.clone())),
        ("accept_follow", outbound::accept(&id, &their_group, &wren, follow.clone())),
        ("reject_follow", outbound::reject(&id, &their_group, &wren, follow)),
        ("join", join.clone()),
        ("accept_join", outbound::accept_join_with_instructions(&id, &group, &kim, join, "Room 4")),
        ("leave", outbound::leave(&id, &wren, &both, &event)),
        ("tentative_accept", outbound::tentative_accept(&id, &wren, &both, &event)),
        ("invite", outbound::invite(&id, &wren, &kim, &at.event("01k"))),
    ]
}

fn content() -> Vec<(&'static str, Value)> {
    let at = here();
    let id = at.activity("7");
    let (wren, group) = (at.person("wren"), at.group("tea_and_talk"));
    let followers = at.followers(&group);
    let create = outbound::create(&at.activity("1"), &wren, page(), noon());
    let delete = crate::activity::Frame {
        audience: Some(group.clone()),
        ..crate::activity::Frame::direct(id.clone(), wren.clone(), group.clone())
    };
    vec![
        ("create_page", create.clone()),
        ("create_note", outbound::create(&id, &wren, note(), noon())),
        ("create_event", outbound::create(&id, &group, event(), noon())),
        ("update_page", outbound::update(&id, &wren, page(), noon())),
        ("update_group", outbound::update_actor(&id, self::group(), &followers, &Reach::Public, noon())),
        ("delete_page", outbound::delete(&delete, &at.post("01j"), None)),
        ("delete_by_facilitator", outbound::delete(&delete, &at.post("01j"), Some("Off topic"))),
        ("delete_person", outbound::delete_actor(&id, &wren, &at.followers(&wren), &Reach::Public)),
        ("announce_create", outbound::announce_activity(&id, &announcer(), create, noon())),
        (
            "announce_meetup",
            outbound::announce_meetup(
                &id,
                &at.server(),
                &at.followers(&at.server()),
                &at.group("tea_and_talk"),
                &at.event("01k"),
                noon(),
            ),
        ),
        ("announce_object", outbound::announce_object(&id, &announcer(), &at.post("01j"), noon())),
        ("like", outbound::like(&id, &wren, &url("https://x.example/u/kim"), &url("https://x.example/p/1"))),
        ("move", outbound::move_actor(&id, &wren, &at.followers(&wren), &url("https://new.example/u/wren"))),
    ]
}

fn moderation() -> Vec<(&'static str, Value)> {
    let at = here();
    let id = at.activity("7");
    let (wren, group, post) = (at.person("wren"), at.group("tea_and_talk"), at.post("01j"));
    let kim = url("https://x.example/u/kim");
    let featured = at.part(&group, crate::Part::Featured);
    let wall = at.part(&group, crate::Part::Wall);
    let theirs = [url("https://x.example/p/1")];
    let deed = Deed { id: &id, by: &wren, group: &group, reach: &Reach::Public };
    vec![
        ("flag", outbound::flag(&id, &at.server(), &url("https://x.example/g/knit"), &kim, &theirs, "Unkind")),
        ("remove_member", outbound::remove_member(&id, &group, &at.members(&group), &kim)),
        ("lock", outbound::moderation(Verb::Lock, deed, &post, None)),
        ("pin", outbound::moderation(Verb::Add, deed, &post, Some(&featured))),
        ("block", outbound::moderation(Verb::Block, deed, &kim, Some(&group))),
        ("add_to_wall", outbound::add_to_wall(&id, &announcer(), &post, &wall, noon())),
    ]
}
