//! Following servers for their meetups: what comes in, what a keeper looks at first, and what goes out.

use chrono::Duration;
use hearth_actions::{
    ActionError, cleanup, event, follow,
    received::{Evidence, Outcome},
    server_follow,
};
use hearth_db::tables::{
    actors::{self, Actor},
    events, follows, hosts, incoming, network_meetups,
};
use hearth_domain::{
    Denied,
    group::{Joining, Posting, Reach, Readable, Settings},
    id::AccountId,
    server::{FollowedBy, TakesMeetups},
};
use serde_json::{Value, json};
use tests::{
    database::{TestDatabase, each_database},
    world::{World, event_form, fetched},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// This server follows `mob.test`.
struct Following {
    world: World,
    keeper: AccountId,
    relay: Actor,
}

impl Following {
    fn new(database: &TestDatabase, meetups: TakesMeetups) -> Self {
        let (world, keeper) = World::ready(database);
        let relay = world.remote_actor("Application", "https://mob.test/relay");
        server_follow::follow(&world.app, keeper, relay.id, meetups).unwrap();
        let asked = world.sent().remove(0);
        assert_eq!((asked.body["type"].as_str(), asked.signer.as_str()), (Some("Follow"), "https://oak.test/"));
        assert_eq!(asked.body["object"], relay.ap_id.as_str());
        let accept = json!({"id": "https://mob.test/a/0", "type": "Accept", "actor": relay.ap_id.as_str(), "object": asked.body});
        assert_eq!(world.receive(&relay, &accept).unwrap(), Outcome::Done);
        for (kind, id) in [
            ("Group", "https://mob.test/@walks"),
            ("Group", "https://far.test/@far"),
            ("Person", "https://mob.test/@lee"),
        ] {
            world.remote_actor(kind, id);
        }
        Self { world, keeper, relay }
    }

    fn announce(&self, number: u32, object: &Value) -> Value {
        json!({"id": format!("https://mob.test/a/{number}"), "type": "Announce", "actor": self.relay.ap_id.as_str(), "to": [PUBLIC], "object": object})
    }

    fn told(&self, number: u32, object: &Value, served: &[Value]) -> hearth_actions::Result<Outcome> {
        self.world.receive_with(&self.relay, &self.announce(number, object), &fetched(served))
    }

    fn shown(&self, id: &str) -> bool {
        self.world.read(|c| events::by_ap_id(c, id)).is_some_and(|event| event.deleted_at.is_none())
    }

    fn waiting(&self) -> usize {
        server_follow::servers(&self.world.app, self.keeper).unwrap().waiting.len()
    }
}

fn walk(id: &str, owner: &str) -> Value {
    json!({"id": id, "type": "Event", "attributedTo": owner, "name": "Walk", "startTime": "2026-12-01T10:00:00Z", "endTime": "2026-12-01T12:00:00Z", "to": [PUBLIC]})
}

const WALK: &str = "https://mob.test/e/1";
const WALKS: &str = "https://mob.test/@walks";

#[test]
fn what_is_taken_at_once() {
    each_database(|database| {
        let following = Following::new(database, TakesMeetups::AtOnce);
        assert!(
            matches!(following.told(1, &json!(WALK), &[]), Err(ActionError::Needs(_))),
            "only its server is believed"
        );
        let served = walk(WALK, WALKS);
        assert_eq!(following.told(1, &json!(WALK), std::slice::from_ref(&served)).unwrap(), Outcome::Done);
        assert!(following.shown(WALK));
        assert_eq!(
            following.told(2, &served, std::slice::from_ref(&served)).unwrap(),
            Outcome::SeenBefore,
            "embedded, as Mobilizon does"
        );
        // One of a third server that the followed server names.
        let far = walk("https://far.test/e/1", "https://far.test/@far");
        assert_eq!(following.told(3, &far, std::slice::from_ref(&far)).unwrap(), Outcome::Done);
        // Embedded as something else than its server says: its server's word stands.
        let mut lie = walk("https://far.test/e/2", "https://far.test/@far");
        lie["name"] = json!("A lie");
        following.told(4, &lie, &[walk("https://far.test/e/2", "https://far.test/@far")]).unwrap();
        let stored = following.world.read(|c| events::by_ap_id(c, "https://far.test/e/2")).unwrap();
        assert_eq!(stored.title, "Walk");
        for (number, change, name) in [
            (5, json!({"to": ["https://mob.test/@walks/followers"]}), "not public"),
            (6, json!({"startTime": "2026-11-01T10:00:00Z", "endTime": "2026-11-01T12:00:00Z"}), "over"),
            (7, json!({"attributedTo": "https://far.test/@far"}), "of another server than its owner"),
            (8, json!({"draft": true}), "a draft"),
        ] {
            let id = format!("https://mob.test/e/{number}");
            let mut document = walk(&id, WALKS);
            document.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            assert!(!matches!(following.told(number, &json!(id), &[document]), Ok(Outcome::Done)), "{name}");
            assert!(!following.shown(&id), "{name}");
        }
        // A post is never taken.
        let page = json!({"id": "https://mob.test/p/1", "type": "Page", "attributedTo": "https://mob.test/@lee", "name": "News", "to": [PUBLIC]});
        assert!(matches!(following.told(9, &json!("https://mob.test/p/1"), &[page]).unwrap(), Outcome::Ignored(_)));
    });
}

#[test]
fn what_comes_straight_from_its_owner() {
    each_database(|database| {
        let following = Following::new(database, TakesMeetups::AtOnce);
        let world = &following.world;
        let owner = |id: &str| world.read(|c| actors::by_ap_id(c, id)).unwrap();
        let (lee, far) = (owner("https://mob.test/@lee"), owner("https://far.test/@far"));
        let create = |by: &Actor, number: u32, object: &Value| json!({"id": format!("{}/a/{number}", by.ap_id), "type": "Create", "actor": by.ap_id.as_str(), "object": object});
        // By a person and by the server itself, as WordPress and Gancio do.
        for (number, by) in [(1, &lee), (2, &following.relay)] {
            let id = format!("https://mob.test/own/{number}");
            assert_eq!(world.receive(by, &create(by, number, &walk(&id, by.ap_id.as_str()))).unwrap(), Outcome::Done);
            assert!(following.shown(&id));
            let mut changed = walk(&id, by.ap_id.as_str());
            changed["name"] = json!("Longer walk");
            let update = json!({"id": format!("{}/u/{number}", by.ap_id), "type": "Update", "actor": by.ap_id.as_str(), "object": changed});
            assert_eq!(world.receive(by, &update).unwrap(), Outcome::Done);
            assert_eq!(world.read(|c| events::by_ap_id(c, &id)).unwrap().title, "Longer walk");
            let delete = json!({"id": format!("{}/d/{number}", by.ap_id), "type": "Delete", "actor": by.ap_id.as_str(), "object": id});
            assert_eq!(world.receive(by, &delete).unwrap(), Outcome::Done);
            assert!(!following.shown(&id));
        }
        // For its group, as Mobilizon's persons do: the meetup itself must say so.
        let mut of_group = walk(WALK, WALKS);
        of_group["actor"] = json!(lee.ap_id.as_str());
        let activity = create(&lee, 9, &of_group);
        assert!(matches!(world.receive(&lee, &activity), Err(ActionError::Needs(_))));
        let other = walk(WALK, WALKS);
        assert!(matches!(world.receive_with(&lee, &activity, &fetched(&[other])), Err(ActionError::NotBelieved(_))));
        assert_eq!(world.receive_with(&lee, &activity, &fetched(&[of_group])).unwrap(), Outcome::Done);
        assert_eq!(world.read(|c| events::by_ap_id(c, WALK)).unwrap().group_id, owner(WALKS).id);
        // A server that is not followed.
        let stranger = create(&far, 1, &walk("https://far.test/e/7", far.ap_id.as_str()));
        assert!(matches!(world.receive(&far, &stranger).unwrap(), Outcome::Ignored(_)));
    });
}

#[test]
fn a_keeper_looks_first() {
    each_database(|database| {
        let following = Following::new(database, TakesMeetups::Review);
        let (world, keeper) = (&following.world, following.keeper);
        let served = walk(WALK, WALKS);
        following.told(1, &json!(WALK), std::slice::from_ref(&served)).unwrap();
        let other = walk("https://mob.test/e/2", WALKS);
        following.told(2, &json!("https://mob.test/e/2"), std::slice::from_ref(&other)).unwrap();
        assert_eq!((following.waiting(), following.shown(WALK)), (2, false), "shown to nobody yet");
        let (wren, _) = world.account("wren");
        for refused in [
            server_follow::review(&world.app, wren, WALK, true),
            server_follow::servers(&world.app, wren).map(drop),
            server_follow::set_followed_by(&world.app, wren, FollowedBy::Anyone),
            server_follow::follow(&world.app, wren, following.relay.id, TakesMeetups::AtOnce),
        ] {
            assert!(matches!(refused, Err(ActionError::Denied(Denied::KeepersOnly))));
        }
        server_follow::review(&world.app, keeper, WALK, true).unwrap();
        server_follow::review(&world.app, keeper, "https://mob.test/e/2", false).unwrap();
        assert_eq!(following.waiting(), 0);
        assert!(matches!(server_follow::review(&world.app, keeper, WALK, true), Err(ActionError::NotFound)));
        // What was told is worked on once more: it is fetched again, and then shown.
        assert_eq!(world.read(incoming::count_waiting), 1);
        assert_eq!(following.told(1, &json!(WALK), &[served]).unwrap(), Outcome::Done);
        assert!(following.shown(WALK));
        assert!(
            matches!(following.told(3, &other, std::slice::from_ref(&other)).unwrap(), Outcome::Ignored(_)),
            "no stays no"
        );
        assert!(!following.shown("https://mob.test/e/2"));
    });
}

#[test]
fn nothing_is_taken_while_it_is_off_and_what_is_over_goes() {
    each_database(|database| {
        let following = Following::new(database, TakesMeetups::Off);
        let (world, keeper) = (&following.world, following.keeper);
        assert!(matches!(following.told(1, &json!(WALK), &[walk(WALK, WALKS)]).unwrap(), Outcome::Ignored(_)));
        server_follow::set_meetups(&world.app, keeper, following.relay.id, TakesMeetups::AtOnce).unwrap();
        following.told(2, &json!(WALK), &[walk(WALK, WALKS)]).unwrap();
        assert!(following.shown(WALK));
        let undo = json!({"id": "https://mob.test/a/3", "type": "Undo", "actor": following.relay.ap_id.as_str(), "object": following.announce(2, &json!(WALK))});
        assert_eq!(world.receive(&following.relay, &undo).unwrap(), Outcome::Done);
        assert!(world.read(|c| events::by_ap_id(c, WALK)).is_none(), "taken back");
        following.told(4, &json!(WALK), &[walk(WALK, WALKS)]).unwrap();
        world.clock.advance(Duration::days(13));
        cleanup::forget(&world.app).unwrap();
        assert!(following.shown(WALK), "it ended less than seven days ago");
        world.clock.advance(Duration::days(2));
        cleanup::forget(&world.app).unwrap();
        assert!(world.read(|c| events::by_ap_id(c, WALK)).is_none());
        assert!(world.read(|c| network_meetups::get(c, WALK)).is_none());
        server_follow::unfollow(&world.app, keeper, following.relay.id).unwrap();
        assert_eq!(world.sent()[0].body["type"], "Undo");
        assert!(server_follow::servers(&world.app, keeper).unwrap().followed.is_empty());
    });
}

/// `mob.test` asks to follow this server.
fn asks(world: &World) -> (Actor, Value) {
    let relay = world.remote_actor("Application", "https://mob.test/relay");
    let follow = json!({"id": "https://mob.test/f/1", "type": "Follow", "actor": relay.ap_id.as_str(), "object": "https://oak.test/"});
    (relay, follow)
}

#[test]
fn servers_follow_this_one_as_its_keeper_likes() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (relay, follow) = asks(&world);
        world.receive(&relay, &follow).unwrap();
        assert_eq!(world.waiting(), 0, "a keeper answers by hand");
        let followers = server_follow::servers(&world.app, keeper).unwrap().followers;
        assert_eq!((followers.len(), followers[0].1), (1, follows::FollowState::Asked));
        server_follow::answer_follower(&world.app, keeper, relay.id, true).unwrap();
        let sent = world.sent();
        assert_eq!((sent[0].body["type"].as_str(), &sent[0].body["object"]["id"]), (Some("Accept"), &follow["id"]));
        server_follow::answer_follower(&world.app, keeper, relay.id, false).unwrap();
        assert_eq!(world.sent()[0].body["type"], "Reject");
        server_follow::set_followed_by(&world.app, keeper, FollowedBy::Anyone).unwrap();
        let again = json!({"id": "https://mob.test/f/2", "type": "Follow", "actor": relay.ap_id.as_str(), "object": "https://oak.test/"});
        world.receive(&relay, &again).unwrap();
        assert_eq!(world.sent()[0].body["type"], "Accept");
    });
}

#[test]
fn followers_of_the_server_learn_of_every_meetup_once() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        server_follow::set_followed_by(&world.app, keeper, FollowedBy::Anyone).unwrap();
        let (relay, follow) = asks(&world);
        world.receive(&relay, &follow).unwrap();
        world.sent();
        let app = &world.app;
        let made = event::announce(app, keeper, group.id, &event_form(owner)).unwrap();
        let sent = world.sent();
        let kinds = |sent: &[tests::world::Sent]| {
            sent.iter().map(|one| one.body["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&sent), ["Create", "Announce"]);
        let (create, announce) = (&sent[0], &sent[1]);
        assert_eq!((create.signer.as_str(), announce.signer.as_str()), (group.ap_id.as_str(), "https://oak.test/"));
        assert_eq!(announce.body["object"], made.ap_id.as_str());
        assert_eq!(announce.body["to"], json!(["https://oak.test/followers", group.ap_id.as_str()]));
        assert_eq!(announce.body["cc"], json!([PUBLIC]));
        event::edit(app, keeper, made.id, &event_form(owner)).unwrap();
        event::cancel(app, keeper, made.id).unwrap();
        assert_eq!(kinds(&world.sent()), ["Update", "Update"], "it was announced already");
        event::delete(app, keeper, made.id).unwrap();
        let sent = world.sent();
        assert_eq!(kinds(&sent), ["Delete", "Undo"]);
        assert_eq!(sent[1].body["object"]["id"], announce.body["id"]);
        // A post goes nowhere.
        hearth_actions::post::publish(app, keeper, group.id, &tests::world::post_form(owner, "News", "Words."))
            .unwrap();
        assert_eq!(world.waiting(), 0);
        // A server that follows both gets one copy.
        world.remote_follower(&group, "https://mob.test/u/kim");
        event::announce(app, keeper, group.id, &event_form(owner)).unwrap();
        assert_eq!(kinds(&world.sent()), ["Create", "Announce"]);
    });
}

#[test]
fn a_group_for_partners_is_followed_by_partners_only() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let (readable, joining, posting) = (Readable::Public, Joining::Open, Posting::Anyone);
        world.settle(group.id, Settings { readable, joining, posting, reach: Reach::Partners });
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let ask = |number: u32| {
            let id = format!("https://elm.test/f/{number}");
            let follow =
                json!({"id": id, "type": "Follow", "actor": kim.ap_id.as_str(), "object": group.ap_id.as_str()});
            world.receive_with(&kim, &follow, &Evidence::default()).unwrap();
            world.sent()[0].body["type"].clone()
        };
        assert_eq!(ask(1), "Reject");
        assert!(world.read(|c| follows::between(c, kim.id, group.id)).is_none());
        world.write(|tx| {
            let row = hosts::ensure(tx, "elm.test")?;
            hosts::update(tx, &hosts::Host { partner: true, ..row })
        });
        assert_eq!(ask(2), "Accept");
        assert!(follow::unfollow(&world.app, keeper, group.id).is_ok());
    });
}
