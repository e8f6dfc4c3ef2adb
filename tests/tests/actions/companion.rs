//! The post that stands for a meetup on servers that take no events: who gets which form, and that both are one thread.

use hearth_actions::{
    event::{self, EventForm},
    follow,
    post::{self, Answering},
    received::Outcome,
};
use hearth_db::tables::{
    actors::{self, Actor},
    events::{self, Event},
    posts,
};
use hearth_domain::id::{AccountId, ActorId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::{
    database::{TestDatabase, each_database},
    world::{Sent, World, event_form, fetched, post_form},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// A group with a follower on a server of each kind.
struct Everywhere {
    world: World,
    keeper: AccountId,
    owner: ActorId,
    group: Actor,
}

const SOFTWARE: [&str; 8] = ["lemmy", "piefed", "mbin", "nodebb", "mastodon", "mobilizon", "hearth", "unknown"];
const POSTS_ONLY: [&str; 4] = ["lemmy", "mbin", "nodebb", "piefed"];

impl Everywhere {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        for software in SOFTWARE {
            let host = format!("{software}.test");
            world.remote_follower(&group, &format!("https://{host}/u/kim"));
            if software != "unknown" {
                world.software(&host, software);
            }
        }
        Self { world, keeper, owner, group }
    }

    fn announce(&self, typed: &EventForm) -> Event {
        event::announce(&self.world.app, self.keeper, self.group.id, typed).unwrap()
    }
}

/// What each server got: `Create:Event`, `Announce:Create:Page`.
fn forms(sent: &[Sent]) -> BTreeMap<String, Vec<String>> {
    let mut forms: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in sent {
        let host = one.host.trim_end_matches(".test").to_owned();
        forms.entry(host).or_default().push(form(&one.body));
    }
    forms
}

fn form(activity: &Value) -> String {
    let kind = activity["type"].as_str().unwrap();
    match &activity["object"] {
        Value::Object(inner) if inner.contains_key("type") => format!("{kind}:{}", form(&activity["object"])),
        _ => kind.to_owned(),
    }
}

#[track_caller]
fn check(sent: &[Sent], as_event: &str, as_post: &str) {
    for (host, got) in forms(sent) {
        let expected = if POSTS_ONLY.contains(&host.as_str()) { as_post } else { as_event };
        assert_eq!(got, [expected], "{host}");
    }
    assert_eq!(forms(sent).len(), SOFTWARE.len(), "every server got one form");
}

#[test]
fn each_server_gets_the_form_it_reads_and_no_other() {
    each_database(|database| {
        let all = Everywhere::new(database);
        let app = &all.world.app;
        let made = all.announce(&event_form(all.owner));
        check(&all.world.sent(), "Create:Event", "Announce:Create:Page");
        let typed = EventForm { start: "19:00".into(), ..event_form(all.owner) };
        event::edit(app, all.keeper, made.id, &typed).unwrap();
        check(&all.world.sent(), "Update:Event", "Announce:Update:Page");
        event::cancel(app, all.keeper, made.id).unwrap();
        let sent = all.world.sent();
        check(&sent, "Update:Event", "Announce:Update:Page");
        for one in &sent {
            let object = &one.body["object"];
            if one.body["type"] == "Update" {
                assert_eq!(
                    (&object["status"], &object["eventStatus"]),
                    (&json!("CANCELLED"), &json!("EventCancelled"))
                );
            } else {
                assert_eq!(object["object"]["name"], "Cancelled: Tuesday tea");
                assert!(object["object"]["content"].as_str().unwrap().contains("cancelled"));
            }
        }
        event::delete(app, all.keeper, made.id).unwrap();
        let sent = all.world.sent();
        check(&sent, "Delete", "Announce:Delete");
        let companion = made.companion_ap_id.unwrap();
        let deleted = sent.iter().filter(|one| one.body["type"] == "Announce").map(|one| &one.body["object"]["object"]);
        assert!(deleted.clone().count() == POSTS_ONLY.len() && deleted.into_iter().all(|id| *id == json!(companion)));
    });
}

#[test]
fn undisclosed_hosts_are_not_named_and_others_are() {
    each_database(|database| {
        let all = Everywhere::new(database);
        all.announce(&event_form(all.owner));
        for one in all.world.sent() {
            assert!(!one.body.to_string().contains("/u/rowan"), "{}: nobody is named", one.host);
            if one.body["type"] == "Announce" {
                assert_eq!(one.body["object"]["actor"], "https://oak.test/u/tea_notices");
                assert_eq!(one.signer, all.group.ap_id.as_str());
            }
        }
        let notices = all.world.read(|c| actors::local_by_name(c, "tea_notices")).unwrap();
        assert_eq!((notices.kind, notices.on_network_since.is_some()), (actors::ActorKind::Service, true));
        assert!(notices.private_key_pem.is_some(), "it has a key of its own");
        all.announce(&EventForm { named: "yes".into(), ..event_form(all.owner) });
        for one in all.world.sent() {
            let (of_event, of_post) =
                (&one.body["object"]["organizers"], &one.body["object"]["object"]["attributedTo"]);
            let named = if one.body["type"] == "Create" { &of_event[0] } else { of_post };
            assert_eq!(*named, "https://oak.test/u/rowan", "{}", one.host);
        }
        let count = all.world.read(hearth_db::tables::groups::local).len();
        assert_eq!(count, 1, "the notices are no group");
    });
}

#[test]
fn a_meetup_for_members_has_none() {
    each_database(|database| {
        let all = Everywhere::new(database);
        let made = all.announce(&EventForm { visibility: "members".into(), ..event_form(all.owner) });
        assert_eq!((made.companion_ap_id, all.world.waiting()), (None, 0));
    });
}

#[test]
fn answers_to_either_are_one_thread() {
    each_database(|database| {
        let all = Everywhere::new(database);
        let made = all.announce(&event_form(all.owner));
        let companion = made.companion_ap_id.clone().unwrap();
        all.world.sent();
        for (host, about) in [("lemmy.test", companion.as_str()), ("mobilizon.test", made.ap_id.as_str())] {
            let author = format!("https://{host}/u/kim");
            let note = json!({"id": format!("https://{host}/n/1"), "type": "Note", "attributedTo": author, "content": "<p>See you.</p>", "inReplyTo": about, "to": [all.group.ap_id.as_str(), PUBLIC]});
            let create =
                json!({"id": format!("https://{host}/a/1"), "type": "Create", "actor": author, "object": note});
            let kim = all.world.read(|c| actors::by_ap_id(c, &author)).unwrap();
            assert_eq!(all.world.receive(&kim, &create).unwrap(), Outcome::Done);
            let stored = all.world.read(|c| posts::by_ap_id(c, &format!("https://{host}/n/1"))).unwrap();
            assert_eq!((stored.event_id, stored.parent_id), (Some(made.id), None), "{host}");
        }
        all.world.sent();
        post::reply(&all.world.app, all.keeper, Answering::Event(made.id), &post_form(all.owner, "", "Yes!")).unwrap();
        for one in all.world.sent() {
            let host = one.host.trim_end_matches(".test");
            let Some(note) = one.body["object"]["object"].as_object() else { continue };
            let about = if POSTS_ONLY.contains(&host) { companion.as_str() } else { made.ap_id.as_str() };
            assert_eq!(note["inReplyTo"], about, "{host}");
        }
    });
}

#[test]
fn who_knows_the_meetup_wants_no_post_that_stands_for_it() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let (wren, persona) = world.account("wren");
        let walks = world.remote_actor("Group", "https://elm.test/g/walks");
        world.remote_actor("Service", "https://elm.test/u/walks_notices");
        world.remote_actor("Person", "https://fir.test/u/sam");
        follow::follow(&world.app, wren, walks.id, persona).unwrap();
        let asked = world.sent().remove(0).body;
        let accept =
            json!({"id": "https://elm.test/a/0", "type": "Accept", "actor": walks.ap_id.as_str(), "object": asked});
        world.receive(&walks, &accept).unwrap();
        let event = json!({"id": "https://elm.test/e/1", "type": "Event", "attributedTo": walks.ap_id.as_str(), "name": "Walk", "startTime": "2026-12-01T10:00:00Z", "endTime": "2026-12-01T12:00:00Z", "to": [PUBLIC]});
        let create =
            json!({"id": "https://elm.test/a/1", "type": "Create", "actor": walks.ap_id.as_str(), "object": event});
        assert_eq!(world.receive(&walks, &create).unwrap(), Outcome::Done);

        let page = json!({"id": "https://elm.test/p/1", "type": "Page", "attributedTo": "https://elm.test/u/walks_notices", "name": "Walk", "companionOf": "https://elm.test/e/1", "to": [walks.ap_id.as_str(), PUBLIC]});
        let create = json!({"id": "https://elm.test/a/2", "type": "Create", "actor": "https://elm.test/u/walks_notices", "object": page});
        let relay = |number: u32, inner: &Value| json!({"id": format!("https://elm.test/r/{number}"), "type": "Announce", "actor": walks.ap_id.as_str(), "to": [PUBLIC], "object": inner});
        assert!(matches!(world.receive(&walks, &relay(1, &create)).unwrap(), Outcome::Ignored(_)));
        assert!(world.read(|c| posts::by_ap_id(c, "https://elm.test/p/1")).is_none());

        // What answers the post answers the meetup.
        let note = json!({"id": "https://fir.test/n/1", "type": "Note", "attributedTo": "https://fir.test/u/sam", "content": "<p>Yes</p>", "inReplyTo": "https://elm.test/p/1", "to": [walks.ap_id.as_str(), PUBLIC]});
        let create =
            json!({"id": "https://fir.test/a/1", "type": "Create", "actor": "https://fir.test/u/sam", "object": note});
        let outcome = world.receive_with(&walks, &relay(2, &create), &fetched(std::slice::from_ref(&note))).unwrap();
        assert_eq!(outcome, Outcome::Done);
        let meetup = world.read(|c| events::by_ap_id(c, "https://elm.test/e/1")).unwrap();
        let stored = world.read(|c| posts::by_ap_id(c, "https://fir.test/n/1")).unwrap();
        assert_eq!(stored.event_id, Some(meetup.id));

        // A post of a third server stands for nothing.
        let forged = json!({"id": "https://fir.test/p/9", "type": "Page", "attributedTo": "https://fir.test/u/sam", "name": "Not it", "companionOf": "https://elm.test/e/1", "to": [walks.ap_id.as_str(), PUBLIC]});
        let create = json!({"id": "https://fir.test/a/9", "type": "Create", "actor": "https://fir.test/u/sam", "object": forged});
        world.receive_with(&walks, &relay(3, &create), &fetched(std::slice::from_ref(&forged))).unwrap();
        assert!(world.read(|c| posts::by_ap_id(c, "https://fir.test/p/9")).is_some(), "it is a post like any other");
    });
}
