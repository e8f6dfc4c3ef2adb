//! Following, here and elsewhere, from both sides.

use hearth_actions::{ActionError, follow, received::Outcome};
use hearth_db::tables::{
    actors::Actor,
    follows::{self, FollowState},
    memberships,
};
use hearth_domain::{
    group::{Reach, Readable, Settings, Template},
    id::{AccountId, ActorId},
};
use serde_json::{Value, json};
use tests::{
    database::{TestDatabase, each_database},
    world::World,
};

/// `wren` here, a group at elm.test, and what was asked of it.
struct Asked {
    world: World,
    wren: AccountId,
    persona: ActorId,
    walks: Actor,
    follow: Value,
}

impl Asked {
    fn new(database: &TestDatabase) -> Self {
        let (world, _) = World::ready(database);
        let (wren, persona) = world.account("wren");
        let walks = world.remote_actor("Group", "https://elm.test/g/walks");
        assert_eq!(follow::follow(&world.app, wren, walks.id, persona).unwrap(), FollowState::Asked);
        let mut sent = world.sent();
        assert_eq!((sent.len(), sent[0].inbox.as_str()), (1, "https://elm.test/g/walks/inbox"));
        Self { follow: sent.remove(0).body, world, wren, persona, walks }
    }

    fn state(&self) -> Option<FollowState> {
        self.world.read(|c| follows::between(c, self.persona, self.walks.id)).map(|row| row.state)
    }

    fn answer(&self, by: &Actor, kind: &str, object: Value) -> Outcome {
        let id = format!("{}/answers/{kind}{}", by.ap_id, self.world.waiting());
        self.world.receive(by, &json!({"id": id, "type": kind, "actor": by.ap_id.as_str(), "object": object})).unwrap()
    }
}

#[test]
fn an_accept_is_taken_by_its_id_embedded_or_by_the_pair() {
    each_database(|database| {
        for form in ["id", "embedded", "pair"] {
            let database = TestDatabase::new(database.kind());
            let asked = Asked::new(&database);
            let object = match form {
                "id" => asked.follow["id"].clone(),
                "embedded" => asked.follow.clone(),
                _ => json!({"type": "Follow", "actor": asked.follow["actor"], "object": asked.follow["object"]}),
            };
            assert_eq!(asked.answer(&asked.walks, "Accept", object), Outcome::Done, "{form}");
            assert_eq!(asked.state(), Some(FollowState::Accepted));
        }
    });
}

#[test]
fn an_accept_by_somebody_else_is_nothing() {
    each_database(|database| {
        let asked = Asked::new(database);
        for other in ["https://elm.test/g/other", "https://fir.test/g/walks"] {
            let other = asked.world.remote_actor("Group", other);
            for object in [asked.follow.clone(), asked.follow["id"].clone()] {
                let id = format!("{}/{}", other.ap_id, if object.is_object() { 1 } else { 2 });
                let accept = json!({"id": id, "type": "Accept", "actor": other.ap_id.as_str(), "object": object});
                assert!(matches!(asked.world.receive(&other, &accept).unwrap(), Outcome::Ignored(_)));
            }
        }
        assert_eq!(asked.state(), Some(FollowState::Asked));
        assert_eq!(asked.answer(&asked.walks, "Reject", asked.follow.clone()), Outcome::Done);
        assert_eq!(asked.state(), Some(FollowState::Refused));
    });
}

#[test]
fn unfollowing_is_undone_there() {
    each_database(|database| {
        let asked = Asked::new(database);
        follow::unfollow(&asked.world.app, asked.wren, asked.walks.id).unwrap();
        let sent = asked.world.sent();
        assert_eq!((sent[0].body["type"].as_str(), &sent[0].body["object"]["id"]), (Some("Undo"), &asked.follow["id"]));
        assert_eq!(asked.state(), None);
        follow::unfollow(&asked.world.app, asked.wren, asked.walks.id).unwrap();
        assert!(asked.world.sent().is_empty());
        let late = asked.answer(&asked.walks, "Accept", asked.follow.clone());
        assert!(matches!(late, Outcome::Ignored(_)));
        assert_eq!(asked.state(), None, "a late answer brings nothing back");
    });
}

#[test]
fn asking_again_asks_anew() {
    each_database(|database| {
        let asked = Asked::new(database);
        follow::follow(&asked.world.app, asked.wren, asked.walks.id, asked.persona).unwrap();
        let again = asked.world.sent().remove(0).body;
        assert_ne!(again["id"], asked.follow["id"]);
        asked.answer(&asked.walks, "Accept", again);
        let state = follow::follow(&asked.world.app, asked.wren, asked.walks.id, asked.persona).unwrap();
        assert_eq!(state, FollowState::Accepted);
        assert!(asked.world.sent().is_empty(), "what was accepted is not asked again");
    });
}

#[test]
fn following_here_is_between_us() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea").id;
        let (wren, persona) = world.account("wren");
        for _ in 0..2 {
            assert_eq!(follow::follow(&world.app, wren, group, persona).unwrap(), FollowState::Accepted);
        }
        assert_eq!(world.read(|c| follows::count_followers(c, group)), 1);
        assert_eq!(world.waiting(), 0);
        world.settle(group, Settings { readable: Readable::Hidden, ..Template::PeerSupportCircle.settings() });
        let (robin, persona) = world.account("robin");
        assert!(matches!(follow::follow(&world.app, robin, group, persona), Err(ActionError::NotFound)));
    });
}

#[test]
fn followers_elsewhere_are_accepted_by_public_groups_only() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        world.software("elm.test", "hearth");
        for partner in [false, true] {
            world.trust(keeper, "elm.test", partner, false);
            for (number, (readable, reach)) in Readable::ALL
                .iter()
                .flat_map(|readable| Reach::ALL.iter().map(move |reach| (*readable, *reach)))
                .enumerate()
            {
                let group = world.group(keeper, owner, &format!("group_{number}_{partner}"));
                world.settle(group.id, Settings { readable, reach, ..Template::PeerSupportCircle.settings() });
                let follow = json!({"id": format!("https://elm.test/a/{number}{partner}"), "type": "Follow", "actor": kim.ap_id.as_str(), "object": group.ap_id.as_str()});
                let answer = world.receive(&kim, &follow);
                let what = format!("{readable} {reach} {partner}");
                let on_the_network = reach != Reach::Here && readable != Readable::Hidden;
                assert_eq!(matches!(answer, Err(ActionError::NotFound)), !on_the_network, "{what}");
                let reached = on_the_network && (partner || reach == Reach::Network);
                let accepted = reached && readable == Readable::Public;
                // Who may be a member waits for a facilitator; who may not hears so at once.
                let waits = reached && readable == Readable::Members;
                let sent = world.sent();
                let said: Vec<_> = sent.iter().map(|sent| sent.body["type"].as_str().unwrap()).collect();
                let expected = match (on_the_network, accepted, waits) {
                    (false, ..) | (_, _, true) => vec![],
                    (_, true, _) => vec!["Accept"],
                    _ => vec!["Reject"],
                };
                assert_eq!(said, expected, "{what}");
                assert_eq!(world.read(|c| follows::count_followers(c, group.id)), i64::from(accepted), "{what}");
                assert_eq!(world.read(|c| memberships::waiting(c, group.id)).len(), usize::from(waits), "{what}");
            }
        }
    });
}

#[test]
fn a_follow_is_ended_by_its_follower_only() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let kim = world.remote_follower(&group, "https://elm.test/u/kim");
        let lee = world.remote_actor("Person", "https://elm.test/u/lee");
        let followers = || world.read(|c| follows::count_followers(c, group.id));
        let follow_id = "https://elm.test/u/kim/follows/tea";
        let follow =
            json!({"id": follow_id, "type": "Follow", "actor": kim.ap_id.as_str(), "object": group.ap_id.as_str()});
        let undo = |by: &Actor, number: u8, object: &Value| {
            let undo = json!({"id": format!("https://elm.test/a/{number}"), "type": "Undo", "actor": by.ap_id.as_str(), "object": object});
            world.receive(by, &undo)
        };
        assert!(matches!(undo(&lee, 1, &follow), Err(ActionError::NotBelieved(_))));
        undo(&lee, 2, &json!(follow_id)).unwrap();
        assert_eq!(followers(), 1);
        undo(&kim, 3, &json!(follow_id)).unwrap();
        assert_eq!(followers(), 0);
    });
}
