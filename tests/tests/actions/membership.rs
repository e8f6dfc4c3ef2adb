//! Membership across servers: asking, answering, leaving and removing, from both sides.

use hearth_actions::{ActionError, error::Missing, follow, membership, received::Outcome};
use hearth_db::tables::{actors::Actor, follows::FollowState, membership_requests, memberships};
use hearth_domain::{
    Denied,
    group::{Joining, Posting, Reach, Readable, Settings},
    id::AccountId,
    membership::{Role, State},
};
use serde_json::{Value, json};
use tests::{
    database::each_database,
    world::{Sent, World},
};

const CIRCLE: Settings = Settings {
    readable: Readable::Members,
    joining: Joining::Approval,
    reach: Reach::Network,
    posting: Posting::Members,
};

/// A group here that only members can read.
fn circle(world: &World, keeper: AccountId, settings: Settings) -> Actor {
    let owner = world.personas(keeper)[0].id;
    let group = world.group_like(keeper, owner, "circle", "private_circle");
    world.settle(group.id, settings);
    group
}

fn ask(kind: &str, number: u32, by: &Actor, object: &Actor) -> Value {
    let (me, them) = (by.ap_id.as_str(), object.ap_id.as_str());
    json!({"id": format!("{me}/asks/{number}"), "type": kind, "actor": me, "to": [them], "object": them})
}

fn said(sent: &[Sent]) -> Vec<(&str, &str)> {
    sent.iter().map(|sent| (sent.body["type"].as_str().unwrap(), sent.inbox.as_str())).collect()
}

fn state(world: &World, group: &Actor, person: &Actor) -> Option<State> {
    world.read(|c| memberships::get(c, group.id, person.id)).map(|row| row.state)
}

#[test]
fn a_facilitator_decides_on_requests_from_elsewhere() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let group = circle(&world, keeper, CIRCLE);
        world.software("elm.test", "hearth");
        for (number, kind, welcome) in [(1, "Join", true), (2, "Follow", true), (3, "Join", false)] {
            let kim = world.remote_actor("Person", &format!("https://elm.test/u/kim_{number}"));
            let asked = ask(kind, number, &kim, &group);
            assert_eq!(world.receive(&kim, &asked).unwrap(), Outcome::Done);
            assert_eq!((state(&world, &group, &kim), world.sent().len()), (Some(State::Waiting), 0), "{kind}");
            let (wren, _) = world.member(group.id, &format!("wren_{number}"), Role::Host);
            assert!(matches!(
                membership::answer(&world.app, wren, group.id, kim.id, true),
                Err(ActionError::Denied(Denied::FacilitatorsOnly))
            ));
            let waiting = membership::waiting(&world.app, keeper, group.id).unwrap();
            assert_eq!(waiting[0].host.as_ref().unwrap().software.as_deref(), Some("hearth"));
            membership::answer(&world.app, keeper, group.id, kim.id, welcome).unwrap();
            let sent = world.sent();
            let word = if welcome { "Accept" } else { "Reject" };
            assert_eq!(said(&sent), [(word, format!("{}/inbox", kim.ap_id).as_str())]);
            let body = &sent[0].body;
            assert_eq!((&body["to"], &body["cc"]), (&json!([kim.ap_id.as_str()]), &json!([])));
            assert_eq!((&body["object"]["id"], &body["object"]["type"]), (&asked["id"], &asked["type"]));
            assert_eq!((&sent[0].signer, body.get("summary")), (&group.ap_id.to_string(), None), "no reason");
            assert_eq!(state(&world, &group, &kim), welcome.then_some(State::Active));
            let kept = world.read(|c| membership_requests::get(c, group.id, kim.id));
            assert_eq!(kept.map(|row| row.body), welcome.then(String::new), "of who is not let in nothing is kept");
        }
        // A repeated request of a member is answered again.
        let kim = world.remote_actor("Person", "https://elm.test/u/kim_1");
        world.receive(&kim, &ask("Follow", 9, &kim, &group)).unwrap();
        let sent = world.sent();
        assert_eq!(
            (said(&sent)[0].0, &sent[0].body["object"]["id"]),
            ("Accept", &json!("https://elm.test/u/kim_1/asks/9"))
        );
    });
}

#[test]
fn who_is_answered_at_once() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let group = circle(&world, keeper, CIRCLE);
        let open = Settings { readable: Readable::Public, joining: Joining::Open, posting: Posting::Members, ..CIRCLE };
        let cases = [
            // Software that republishes, or can't read what a group sends.
            ("mbin", false, false, CIRCLE, Some("Reject")),
            ("mastodon", false, false, CIRCLE, Some("Reject")),
            ("", false, false, CIRCLE, Some("Reject")),
            ("mastodon", false, true, CIRCLE, None),
            ("hearth", false, false, CIRCLE, None),
            ("hearth", false, false, Settings { reach: Reach::Partners, ..CIRCLE }, Some("Reject")),
            ("hearth", true, false, Settings { reach: Reach::Partners, ..CIRCLE }, None),
            ("hearth", false, false, Settings { joining: Joining::Invitation, ..CIRCLE }, Some("Reject")),
            ("hearth", false, false, Settings { joining: Joining::Open, ..CIRCLE }, Some("Accept")),
            ("mobilizon", false, false, open, Some("Accept")),
            ("mobilizon", false, false, Settings { joining: Joining::Approval, ..open }, None),
        ];
        for (number, (software, partner, may_hold, settings, answer)) in cases.into_iter().enumerate() {
            world.settle(group.id, settings);
            let host = format!("peer{number}.test");
            let kim = world.remote_actor("Person", &format!("https://{host}/u/kim"));
            let asked = ask("Join", 1, &kim, &group);
            if !settings.is_public() {
                let needs = world.receive(&kim, &asked);
                assert!(matches!(needs, Err(ActionError::Needs(Missing::Software(asked))) if asked == host));
            }
            world.software(&host, software);
            world.trust(keeper, &host, partner, may_hold);
            assert_eq!(world.receive(&kim, &asked).unwrap(), Outcome::Done);
            let sent = world.sent();
            let found: Vec<&str> = said(&sent).iter().map(|(word, _)| *word).collect();
            assert_eq!(found, answer.into_iter().collect::<Vec<_>>(), "{number} {software}");
            let expected = match answer {
                Some("Accept") => Some(State::Active),
                Some(_) => None,
                None => Some(State::Waiting),
            };
            assert_eq!(state(&world, &group, &kim), expected, "{number} {software}");
        }
    });
}

#[test]
fn what_does_not_exist_for_a_server_can_not_be_asked() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let group = circle(&world, keeper, CIRCLE);
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let nobody = Actor { ap_id: "https://oak.test/g/nobody".parse().unwrap(), ..group.clone() };
        let here = Settings { reach: Reach::Here, ..CIRCLE };
        let hidden = Settings { readable: Readable::Hidden, joining: Joining::Invitation, ..CIRCLE };
        for (number, (settings, target)) in
            [(here, &group), (hidden, &group), (CIRCLE, &nobody)].into_iter().enumerate()
        {
            world.settle(group.id, settings);
            for kind in ["Join", "Follow"] {
                let asked = ask(kind, u32::try_from(number).unwrap(), &kim, target);
                assert!(matches!(world.receive(&kim, &asked), Err(ActionError::NotFound)), "{number} {kind}");
            }
            assert_eq!((state(&world, &group, &kim), world.waiting()), (None, 0));
        }
        // For the server of a member it exists, and joining is by invitation.
        world.settle(group.id, hidden);
        world.remote_member(&group, "https://elm.test/u/lee");
        assert_eq!(world.receive(&kim, &ask("Join", 7, &kim, &group)).unwrap(), Outcome::Done);
        assert_eq!(said(&world.sent())[0].0, "Reject");
    });
}

#[test]
fn a_ban_looks_like_a_request_that_waits() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let group = circle(&world, keeper, CIRCLE);
        let kim = world.remote_member(&group, "https://elm.test/u/kim");
        world.write(|tx| memberships::set_state(tx, group.id, kim.id, State::Banned, world.app.now()));
        assert_eq!(world.receive(&kim, &ask("Join", 1, &kim, &group)).unwrap(), Outcome::Done);
        assert_eq!(world.receive(&kim, &ask("Leave", 2, &kim, &group)).unwrap(), Outcome::Done);
        assert_eq!((state(&world, &group, &kim), world.waiting()), (Some(State::Banned), 0));
        assert!(membership::waiting(&world.app, keeper, group.id).unwrap().is_empty());
    });
}

#[test]
fn members_elsewhere_leave_quietly() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let group = circle(&world, keeper, Settings { joining: Joining::Open, ..CIRCLE });
        world.software("elm.test", "hearth");
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let lee = world.remote_actor("Person", "https://elm.test/u/lee");
        for (number, (kind, form)) in
            [("Join", "leave"), ("Join", "undo"), ("Follow", "undo"), ("Follow", "undo id"), ("Join", "undo id")]
                .into_iter()
                .enumerate()
        {
            let number = u32::try_from(number).unwrap() * 10;
            let asked = ask(kind, number, &kim, &group);
            world.receive(&kim, &asked).unwrap();
            assert_eq!(state(&world, &group, &kim), Some(State::Active), "{kind} {form}");
            world.sent();
            let object = if form == "undo" { asked.clone() } else { asked["id"].clone() };
            let undo = |by: &Actor, number: u32| json!({"id": format!("{}/asks/{number}", by.ap_id), "type": "Undo", "actor": by.ap_id.as_str(), "object": object});
            // Nobody leaves for another.
            let other = world.receive(&lee, &undo(&lee, number + 1));
            assert!(other.is_err() || state(&world, &group, &kim).is_some(), "{other:?}");
            let leaving = if form == "leave" { ask("Leave", number + 2, &kim, &group) } else { undo(&kim, number + 2) };
            assert_eq!(world.receive(&kim, &leaving).unwrap(), Outcome::Done);
            assert_eq!((state(&world, &group, &kim), world.waiting()), (None, 0), "{kind} {form}");
            assert!(world.read(|c| membership_requests::get(c, group.id, kim.id)).is_none(), "without a trace");
        }
    });
}

#[test]
fn a_member_elsewhere_is_removed() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let group = circle(&world, keeper, CIRCLE);
        let kim = world.remote_member(&group, "https://elm.test/u/kim");
        let (wren, _) = world.member(group.id, "wren", Role::Facilitator);
        let owner = world.personas(keeper)[0].id;
        let owners = membership::remove(&world.app, wren, group.id, owner);
        assert!(matches!(owners, Err(ActionError::Denied(Denied::NotAboveThem))));
        membership::remove(&world.app, wren, group.id, kim.id).unwrap();
        let sent = world.sent();
        assert_eq!(said(&sent), [("Remove", "https://elm.test/u/kim/inbox")]);
        assert_eq!(sent[0].body["target"], json!("https://oak.test/g/circle/members"));
        assert_eq!(state(&world, &group, &kim), None);
        let (robin, persona) = world.account("robin");
        world.join(robin, group.id, persona);
        membership::answer(&world.app, wren, group.id, persona, true).unwrap();
        membership::remove(&world.app, wren, group.id, persona).unwrap();
        assert!(world.sent().is_empty(), "people here are between us");
    });
}

/// A group elsewhere that only members can read, as its server describes it.
fn walks(world: &World, software: &str) -> Actor {
    let group = world.remote_actor("Group", "https://elm.test/g/walks");
    world.software("elm.test", software);
    world.settle(group.id, CIRCLE);
    group
}

#[test]
fn asking_elsewhere() {
    each_database(|database| {
        for (software, kind, leaving) in [("hearth", "Join", "Leave"), ("lemmy", "Follow", "Undo")] {
            let database = tests::database::TestDatabase::new(database.kind());
            let (world, _) = World::ready(&database);
            let (account, persona) = world.account("wren");
            let group = walks(&world, software);
            let wren = world.personas(account).remove(0);
            assert_eq!(membership::join(&world.app, account, group.id, persona).unwrap(), State::Waiting);
            assert_eq!(follow::follow(&world.app, account, group.id, persona).unwrap(), FollowState::Asked);
            let sent = world.sent();
            assert_eq!(said(&sent), [(kind, "https://elm.test/g/walks/inbox"); 2], "asking twice asks again");
            let asked = &sent[1].body;
            let other = world.remote_actor("Group", "https://elm.test/g/other");
            let answer = |by: &Actor, number: u8, word: &str, object: &Value| {
                let id = format!("{}/answers/{number}", by.ap_id);
                let answer = json!({"id": id, "type": word, "actor": by.ap_id.as_str(), "object": object});
                world.receive(by, &answer).unwrap()
            };
            assert!(matches!(answer(&other, 1, "Accept", asked), Outcome::Ignored(_)));
            assert!(matches!(answer(&other, 2, "Accept", &asked["id"]), Outcome::Ignored(_)));
            assert_eq!(state(&world, &group, &wren), Some(State::Waiting));
            assert_eq!(answer(&group, 3, "Accept", asked), Outcome::Done);
            assert_eq!(state(&world, &group, &wren), Some(State::Active));
            membership::leave(&world.app, account, group.id).unwrap();
            let sent = world.sent();
            assert_eq!(said(&sent), [(leaving, "https://elm.test/g/walks/inbox")]);
            assert!(
                matches!(answer(&group, 4, "Accept", asked), Outcome::Ignored(_)),
                "a late answer brings nothing back"
            );
            // Turned away, and removed later.
            membership::join(&world.app, account, group.id, persona).unwrap();
            let again = world.sent().remove(0).body;
            answer(&group, 5, "Reject", &again["id"]);
            assert_eq!(state(&world, &group, &wren), None);
            membership::join(&world.app, account, group.id, persona).unwrap();
            let again = world.sent().remove(0).body;
            answer(&group, 6, "Accept", &again);
            let remove = |by: &Actor, number: u8, target: &str| {
                let activity = json!({"id": format!("{}/r/{number}", by.ap_id), "type": "Remove", "actor": by.ap_id.as_str(), "object": wren.ap_id.as_str(), "target": target});
                world.receive(by, &activity).unwrap()
            };
            assert!(matches!(remove(&other, 1, "https://elm.test/g/walks/members"), Outcome::Ignored(_)));
            assert!(matches!(remove(&group, 2, "https://elm.test/g/walks/featured"), Outcome::Ignored(_)));
            assert_eq!(state(&world, &group, &wren), Some(State::Active));
            assert_eq!(remove(&group, 3, "https://elm.test/g/walks/members"), Outcome::Done);
            assert_eq!((state(&world, &group, &wren), world.waiting()), (None, 0));
        }
    });
}

#[test]
fn groups_that_know_followers_only_are_not_joined() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let persona = world.personas(keeper)[0].id;
        let group = world.remote_actor("Group", "https://elm.test/g/walks");
        world.software("elm.test", "lemmy");
        let joined = membership::join(&world.app, keeper, group.id, persona);
        assert!(matches!(joined, Err(ActionError::Conflict(_))));
    });
}
