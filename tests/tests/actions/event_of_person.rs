//! Meetups that belong to a person: one's own in a group elsewhere, and those of people elsewhere in a group here
//! (profile 4.5).

use hearth_actions::{
    ActionError,
    event::{self, EventForm},
    follow,
    received::Outcome,
    rsvp,
};
use hearth_db::tables::{actors::Actor, events, rsvps};
use hearth_domain::{
    Denied,
    id::{AccountId, ActorId},
    rsvp::Answer,
};
use serde_json::json;
use tests::{
    database::each_database,
    world::{World, event_form, rsvp_form},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

fn followed(world: &World, software: &str) -> (AccountId, ActorId, Actor) {
    let (wren, persona) = world.account("wren");
    let there = world.remote_actor("Group", "https://there.test/c/walks");
    if !software.is_empty() {
        world.software("there.test", software);
    }
    follow::follow(&world.app, wren, there.id, persona).unwrap();
    let asked = world.sent().remove(0).body;
    let accept =
        json!({"id": "https://there.test/a/1", "type": "Accept", "actor": there.ap_id.as_str(), "object": asked});
    world.receive(&there, &accept).unwrap();
    (wren, persona, there)
}

#[test]
fn ones_own_in_a_group_elsewhere() {
    for (software, kind) in
        [("piefed", "Event"), ("hearth", "Event"), ("", "Event"), ("lemmy", "Page"), ("mbin", "Page")]
    {
        each_database(|database| {
            let (world, keeper) = World::ready(database);
            let (wren, persona, there) = followed(&world, software);
            let made = event::announce(&world.app, wren, there.id, &event_form(persona)).unwrap();
            let sent = world.sent();
            assert_eq!((sent.len(), sent[0].host.as_str()), (1, "there.test"));
            let (activity, object) = (&sent[0].body, &sent[0].body["object"]);
            let me = "https://oak.test/u/wren";
            assert_eq!((activity["type"].as_str(), activity["actor"].as_str()), (Some("Create"), Some(me)));
            assert_eq!(
                (object["type"].as_str(), object["attributedTo"].as_str()),
                (Some(kind), Some(me)),
                "{software}"
            );
            assert_eq!(
                (&object["audience"], &object["to"][0]),
                (&json!(there.ap_id.as_str()), &json!(there.ap_id.as_str()))
            );
            if kind == "Event" {
                assert_eq!(object["actor"], me);
                assert!(object.get("participantCount").is_some_and(serde_json::Value::is_null));
            }
            let members = EventForm { visibility: "members".into(), ..event_form(persona) };
            assert!(matches!(event::announce(&world.app, wren, there.id, &members), Err(ActionError::Invalid(_))));
            // Its author hosts it, and nobody else.
            let typed = EventForm { title: "Thursday tea".into(), ..event_form(persona) };
            let refused = event::edit(&world.app, keeper, made.id, &typed);
            assert!(matches!(refused, Err(ActionError::Denied(Denied::HostsOnly))));
            event::edit(&world.app, wren, made.id, &typed).unwrap();
            event::delete(&world.app, wren, made.id).unwrap();
            let kinds: Vec<_> = world.sent().iter().map(|one| one.body["type"].clone()).collect();
            assert_eq!(kinds, ["Update", "Delete"]);
        });
    }
}

#[test]
fn answers_to_it_go_to_its_author() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (wren, persona, there) = followed(&world, "piefed");
        let made = event::announce(&world.app, wren, there.id, &event_form(persona)).unwrap();
        world.sent();
        let kim = world.remote_actor("Person", "https://there.test/u/kim");
        let join = json!({"id": "https://there.test/a/7", "type": "Join", "actor": kim.ap_id.as_str(), "object": made.ap_id.as_str()});
        assert_eq!(world.receive(&kim, &join).unwrap(), Outcome::Done);
        let sent = world.sent();
        assert_eq!(
            (sent[0].signer.as_str(), sent[0].body["type"].as_str()),
            ("https://oak.test/u/wren", Some("Accept"))
        );
        assert_eq!(rsvp::people(&world.app, wren, made.id).unwrap().len(), 1);
        assert!(matches!(rsvp::people(&world.app, keeper, made.id), Err(ActionError::Denied(Denied::HostsOnly))));
    });
}

#[test]
fn a_persons_of_another_server_in_a_group_here() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        world.remote_follower(&group, "https://elm.test/u/kim");
        let lou = world.remote_actor("Person", "https://pie.test/u/lou");
        let event = |name: &str| json!({"id": "https://pie.test/e/1", "type": "Event", "attributedTo": lou.ap_id.as_str(), "actor": lou.ap_id.as_str(), "audience": group.ap_id.as_str(), "to": [group.ap_id.as_str(), PUBLIC], "name": name, "startTime": "2026-12-01T10:00:00Z", "endTime": "2026-12-01T12:00:00Z"});
        let act = |kind: &str, object: &serde_json::Value| json!({"id": format!("https://pie.test/a/{kind}"), "type": kind, "actor": lou.ap_id.as_str(), "to": [group.ap_id.as_str(), PUBLIC], "object": object});
        assert_eq!(world.receive(&lou, &act("Create", &event("Picnic"))).unwrap(), Outcome::Done);
        let stored = world.read(|c| events::by_ap_id(c, "https://pie.test/e/1")).unwrap();
        assert_eq!((stored.group_id, stored.author_id, stored.local), (group.id, Some(lou.id), false));
        let sent = world.sent();
        assert_eq!(sent[0].body["object"], act("Create", &event("Picnic")), "relayed as it came");
        assert!(sent.iter().all(|one| one.host == "elm.test"));
        assert_eq!(world.receive(&lou, &act("Update", &event("Long picnic"))).unwrap(), Outcome::Done);
        assert_eq!(world.read(|c| events::by_ap_id(c, "https://pie.test/e/1")).unwrap().title, "Long picnic");
        // Hosts here answer nothing for it: its author does.
        let edit = event::edit(&world.app, keeper, stored.id, &event_form(owner));
        assert!(matches!(edit, Err(ActionError::NotFound)));
        world.sent();
        assert_eq!(rsvp::answer(&world.app, keeper, stored.id, &rsvp_form(owner, "coming")).unwrap(), Answer::Asked);
        let join = world.sent().remove(0);
        assert_eq!((join.host.as_str(), join.body["to"].clone()), ("pie.test", json!([lou.ap_id.as_str()])));
        let accept =
            json!({"id": "https://pie.test/a/9", "type": "Accept", "actor": lou.ap_id.as_str(), "object": join.body});
        assert_eq!(world.receive(&lou, &accept).unwrap(), Outcome::Done);
        assert_eq!(world.read(|c| rsvps::get(c, stored.id, owner)).unwrap().answer, Answer::Coming);
        // Another person of the same server can't change or remove it.
        let max = world.remote_actor("Person", "https://pie.test/u/max");
        let theirs = json!({"id": "https://pie.test/a/m", "type": "Delete", "actor": max.ap_id.as_str(), "object": "https://pie.test/e/1"});
        assert!(matches!(world.receive(&max, &theirs), Err(ActionError::NotBelieved(_))));
        let delete = json!({"id": "https://pie.test/a/d", "type": "Delete", "actor": lou.ap_id.as_str(), "to": [PUBLIC], "object": "https://pie.test/e/1"});
        assert_eq!(world.receive(&lou, &delete).unwrap(), Outcome::Done);
        assert!(world.read(|c| events::by_ap_id(c, "https://pie.test/e/1")).unwrap().deleted_at.is_some());
        assert_eq!(world.sent()[0].body["object"]["type"], "Delete");
    });
}
