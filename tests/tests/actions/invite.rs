//! Invitations from elsewhere: heard only from whom somebody chose to hear.

use hearth_actions::{
    ActionError, follow,
    invite::{self, InvitedTo, sent},
    received::Outcome,
};
use hearth_db::tables::{
    actors::{self, Actor},
    memberships::{self, Membership},
    teams,
};
use hearth_domain::{
    group::{Joining, Posting, Reach, Readable, Settings},
    id::{AccountId, ActorId},
    membership::{Role, State},
};
use serde_json::{Value, json};
use tests::{database::each_database, world::World};

const WALK: &str = "https://elm.test/e/1";

fn inviting(by: &Actor, number: u32, target: &str, object: &str) -> Value {
    json!({"id": format!("{}/i/{number}", by.ap_id), "type": "Invite", "actor": by.ap_id.as_str(), "object": object, "target": target, "to": [target]})
}

/// `wren` follows `walks` elsewhere.
fn following(world: &World) -> (AccountId, ActorId, Actor) {
    let (wren, persona) = world.account("wren");
    let walks = world.remote_actor("Group", "https://elm.test/g/walks");
    follow::follow(&world.app, wren, walks.id, persona).unwrap();
    let asked = world.sent().remove(0).body;
    let accept =
        json!({"id": "https://elm.test/a/0", "type": "Accept", "actor": walks.ap_id.as_str(), "object": asked});
    world.receive(&walks, &accept).unwrap();
    (wren, persona, walks)
}

#[test]
fn a_group_one_follows_may_invite_and_is_answered() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (wren, _, walks) = following(&world);
        let me = "https://oak.test/u/wren";
        assert_eq!(world.receive(&walks, &inviting(&walks, 1, me, WALK)).unwrap(), Outcome::Done);
        assert!(matches!(world.receive(&walks, &inviting(&walks, 2, me, WALK)).unwrap(), Outcome::Ignored(_)), "once");
        assert_eq!(world.receive(&walks, &inviting(&walks, 3, me, walks.ap_id.as_str())).unwrap(), Outcome::Done);
        let invited = invite::all(&world.app, wren).unwrap();
        assert_eq!(invited.len(), 2);
        assert!(
            invited.iter().any(|one| matches!(&one.to, InvitedTo::Elsewhere(url) if url.as_str() == WALK)),
            "no meetup is stored"
        );
        assert!(invited.iter().any(|one| matches!(&one.to, InvitedTo::Group(group) if group.id == walks.id)));
        assert!(invite::all(&world.app, keeper).unwrap().is_empty());
        let id = invited[0].invite.id;
        assert!(matches!(invite::answer(&world.app, keeper, id, true), Err(ActionError::NotFound)));
        for (one, yes, kind) in [(&invited[0], true, "Accept"), (&invited[1], false, "Reject")] {
            invite::answer(&world.app, wren, one.invite.id, yes).unwrap();
            let sent = world.sent().remove(0);
            assert_eq!((sent.body["type"].as_str(), sent.signer.as_str()), (Some(kind), me));
            assert_eq!(sent.body["object"]["id"], one.invite.ap_id.as_str());
            assert_eq!(sent.body["to"], json!([walks.ap_id.as_str()]));
        }
        assert!(invite::all(&world.app, wren).unwrap().is_empty(), "nothing of it is kept");
    });
}

#[test]
fn strangers_are_not_heard() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (wren, _, _) = following(&world);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let me = "https://oak.test/u/wren";
        let heard = |number: u32, target: &str| {
            let outcome = world.receive(&kim, &inviting(&kim, number, target, group.ap_id.as_str())).unwrap();
            outcome == Outcome::Done
        };
        assert!(!heard(1, me), "a stranger");
        assert!(!heard(2, "https://oak.test/u/nobody"), "told the same where there is nobody");
        assert!(!heard(3, "https://oak.test/g/tea"), "a group is not invited");
        let persona = world.read(|c| actors::by_ap_id(c, me)).unwrap().id;
        world.join(wren, group.id, persona);
        assert!(!heard(4, me), "no facilitator of the group");
        let since = world.app.now();
        let row =
            Membership { group_id: group.id, actor_id: kim.id, role: Role::Facilitator, state: State::Active, since };
        world.write(|tx| row.insert(tx));
        assert!(heard(5, me), "a facilitator of a group that wren joined");
        assert_eq!(world.waiting(), 0, "an invitation is answered by hand");
    });
}

/// A group here with these settings, and somebody on a server that runs this.
fn to_invite(world: &World, keeper: AccountId, software: &str) -> (Actor, Actor) {
    let owner = world.personas(keeper)[0].id;
    let circle = world.group_like(keeper, owner, "circle", "private_circle");
    world.settle(circle.id, CIRCLE);
    world.software("elm.test", software);
    (circle, world.remote_actor("Person", "https://elm.test/u/kim"))
}

const CIRCLE: Settings = Settings {
    readable: Readable::Members,
    joining: Joining::Invitation,
    reach: Reach::Network,
    posting: Posting::Members,
};

#[test]
fn who_is_invited_is_let_in() {
    each_database(|database| {
        for answer in ["Join", "Accept", "Accept and Join", "Reject", "late Join"] {
            let database = tests::database::TestDatabase::new(database.kind());
            let (world, keeper) = World::ready(&database);
            let (circle, kim) = to_invite(&world, keeper, "hearth");
            sent::send(&world.app, keeper, circle.id, kim.id).unwrap();
            let invite = world.sent().remove(0);
            assert_eq!(
                (invite.signer.as_str(), invite.inbox.as_str()),
                ("https://oak.test/u/rowan", "https://elm.test/u/kim/inbox")
            );
            let named = ["type", "object", "target"].map(|key| invite.body[key].as_str().unwrap().to_owned());
            assert_eq!(named, ["Invite", circle.ap_id.as_str(), kim.ap_id.as_str()]);
            assert_eq!(invite.body["to"], json!([kim.ap_id.as_str()]));
            assert_eq!(sent::all(&world.app, keeper, circle.id).unwrap().len(), 1);
            let me = kim.ap_id.as_str();
            if answer == "late Join" {
                sent::withdraw(&world.app, keeper, circle.id, kim.id).unwrap();
            }
            for kind in ["Accept", "Reject"].into_iter().filter(|kind| answer.starts_with(kind)) {
                let other = world.remote_actor("Person", "https://elm.test/u/lee");
                for (by, done) in [(&other, false), (&kim, true)] {
                    let said = json!({"id": format!("{}/a/1", by.ap_id), "type": kind, "actor": by.ap_id.as_str(), "object": invite.body});
                    assert_eq!(world.receive(by, &said).unwrap() == Outcome::Done, done, "{kind}");
                }
            }
            let asked = json!({"id": format!("{me}/j/1"), "type": "Join", "actor": me, "to": [circle.ap_id.as_str()],
                "object": circle.ap_id.as_str(), "instrument": invite.body["id"]});
            if answer != "Accept" {
                world.receive(&kim, &asked).unwrap();
            }
            let sent = world.sent();
            let said: Vec<_> = sent.iter().map(|one| one.body["type"].as_str().unwrap()).collect();
            let expected: &[&str] = match answer {
                "Accept" => &[],
                "Reject" | "late Join" => &["Reject"],
                _ => &["Accept"],
            };
            assert_eq!(said, expected, "{answer}");
            let row = world.read(|c| memberships::get(c, circle.id, kim.id));
            let is_in = matches!(answer, "Join" | "Accept" | "Accept and Join");
            assert_eq!(row.map(|row| row.state), is_in.then_some(State::Active), "{answer}");
            assert!(sent::all(&world.app, keeper, circle.id).unwrap().is_empty(), "{answer}: it counts once");
        }
    });
}

#[test]
fn who_can_not_be_invited() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (circle, kim) = to_invite(&world, keeper, "hearth");
        let (wren, persona) = world.member(circle.id, "wren", Role::Member);
        assert!(matches!(sent::send(&world.app, wren, circle.id, kim.id), Err(ActionError::Denied(_))));
        let refused = |person: ActorId, words: &str| match sent::send(&world.app, keeper, circle.id, person) {
            Err(ActionError::Conflict(why)) => assert!(why.contains(words), "{why}"),
            other => panic!("{words}: {:?}", other.is_ok()),
        };
        refused(persona, "on this server");
        refused(world.remote_member(&circle, "https://elm.test/u/lee").id, "member already");
        for (software, words) in [("mastodon", "may not hold"), ("lemmy", "no invitations")] {
            world.software("elm.test", software);
            refused(kim.id, words);
        }
        world.software("elm.test", "hearth");
        for (settings, words) in [
            (Settings { readable: Readable::Hidden, ..CIRCLE }, "may know"),
            (Settings { reach: Reach::Here, ..CIRCLE }, "may know"),
            (Settings { reach: Reach::Partners, ..CIRCLE }, "may not hold"),
        ] {
            world.settle(circle.id, settings);
            refused(kim.id, words);
        }
        assert_eq!(world.waiting(), 0);
        // Who follows the group hears it from the group: no name of anybody travels.
        world.settle(circle.id, Settings { readable: Readable::Public, joining: Joining::Approval, ..CIRCLE });
        let kim = world.remote_follower(&circle, "https://elm.test/u/kim");
        sent::send(&world.app, keeper, circle.id, kim.id).unwrap();
        assert_eq!(world.sent()[0].signer, circle.ap_id.to_string());
    });
}

#[test]
fn accepting_asks_the_group_with_the_invitation_as_proof() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let (wren, persona, walks) = following(&world);
        world.software("elm.test", "hearth");
        let me = "https://oak.test/u/wren";
        world.receive(&walks, &inviting(&walks, 1, me, walks.ap_id.as_str())).unwrap();
        let id = invite::all(&world.app, wren).unwrap()[0].invite.id;
        invite::answer(&world.app, wren, id, true).unwrap();
        let sent = world.sent();
        let said: Vec<_> = sent.iter().map(|one| one.body["type"].as_str().unwrap()).collect();
        assert_eq!(said, ["Accept", "Join"]);
        assert_eq!(sent[1].body["instrument"], json!("https://elm.test/g/walks/i/1"));
        let row = world.read(|c| memberships::get(c, walks.id, persona)).unwrap();
        assert_eq!(row.state, State::Waiting, "until the group says so");
        // A facilitator whom a group elsewhere lists is heard by its members, about another group.
        let other = world.remote_actor("Group", "https://elm.test/g/other");
        let lee = world.remote_actor("Person", "https://elm.test/u/lee");
        let invited = |number| world.receive(&lee, &inviting(&lee, number, me, other.ap_id.as_str())).unwrap();
        assert!(matches!(invited(1), Outcome::Ignored(_)));
        world.write(|tx| {
            memberships::set_state(tx, walks.id, persona, State::Active, world.app.now())?;
            teams::replace(tx, walks.id, &[lee.ap_id.as_str()])
        });
        assert_eq!(invited(2), Outcome::Done);
    });
}
