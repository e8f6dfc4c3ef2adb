//! Relays: off unless the keeper adds one; told of public meetups and of nothing else; believed nothing. And quotes, which
//! nobody may make.

use hearth_actions::{ActionError, error::Missing, event, follow, post, received::Outcome, relay};
use hearth_db::tables::{
    actors::Actor,
    events, follows, posts,
    relays::{self, RelayState, RelayStyle},
};
use hearth_domain::{Denied, group::Reach, id::AccountId};
use serde_json::{Value, json};
use tests::{
    database::{TestDatabase, each_database},
    world::{World, event_form, fetched, post_form},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const RELAY: &str = "https://relay.example/actor";

struct Stage {
    world: World,
    keeper: AccountId,
    relay: Actor,
}

impl Stage {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let relay = world.remote_actor("Application", RELAY);
        Self { world, keeper, relay }
    }

    /// Asks the relay, and hands back what was asked.
    fn ask(&self, style: RelayStyle) -> Value {
        relay::subscribe(&self.world.app, Some(self.keeper), self.relay.id, style).unwrap();
        let mut sent = self.world.sent();
        assert_eq!((sent.len(), sent[0].inbox.as_str()), (1, "https://relay.example/actor/inbox"));
        assert_eq!(sent[0].signer, "https://oak.test/");
        sent.remove(0).body
    }

    fn answers(&self, number: u32, kind: &str, asked: &Value) -> Outcome {
        let answer = json!({"id": format!("{RELAY}/a/{number}"), "type": kind, "actor": RELAY, "object": asked});
        self.world.receive(&self.relay, &answer).unwrap()
    }

    fn state(&self) -> Option<RelayState> {
        self.world.read(|c| relays::get(c, self.relay.id)).map(|row| row.state)
    }

    fn announce(&self, number: u32, object: &Value) -> Value {
        json!({"id": format!("{RELAY}/x/{number}"), "type": "Announce", "actor": RELAY, "to": [PUBLIC], "object": object})
    }
}

#[test]
fn a_relay_is_asked_in_its_own_way_and_may_say_no() {
    each_database(|database| {
        let stage = Stage::new(database);
        let asked = stage.ask(RelayStyle::Mastodon);
        assert_eq!(
            (&asked["type"], &asked["object"], &asked["actor"]),
            (&json!("Follow"), &json!(PUBLIC), &json!("https://oak.test/"))
        );
        let stranger = stage.world.remote_actor("Application", "https://other.example/actor");
        let forged = json!({"id": "https://other.example/a/1", "type": "Accept", "actor": "https://other.example/actor", "object": asked});
        assert!(matches!(stage.world.receive(&stranger, &forged).unwrap(), Outcome::Ignored(_)));
        assert_eq!(stage.state(), Some(RelayState::Asked));
        assert_eq!(stage.answers(1, "Accept", &asked), Outcome::Done);
        assert_eq!(stage.state(), Some(RelayState::Accepted));
        assert_eq!(stage.answers(2, "Reject", &asked), Outcome::Done);
        assert_eq!(stage.state(), Some(RelayState::Refused));

        let asked = stage.ask(RelayStyle::LitePub);
        assert_eq!(asked["object"], json!(RELAY));
        let back = json!({"id": format!("{RELAY}/f"), "type": "Follow", "actor": RELAY, "object": "https://oak.test/"});
        stage.world.receive(&stage.relay, &back).unwrap();
        let sent = stage.world.sent();
        assert_eq!((sent.len(), &sent[0].body["type"]), (1, &json!("Accept")), "who was asked follows back");

        relay::unsubscribe(&stage.world.app, Some(stage.keeper), stage.relay.id).unwrap();
        let sent = stage.world.sent();
        assert_eq!((&sent[0].body["type"], &sent[0].body["object"]["id"]), (&json!("Undo"), &asked["id"]));
        assert_eq!(stage.state(), None);
    });
}

#[test]
fn only_keepers_add_relays_and_only_servers_are_relays() {
    each_database(|database| {
        let stage = Stage::new(database);
        let (wren, _) = stage.world.account("wren");
        let add = |who, relay| relay::subscribe(&stage.world.app, who, relay, RelayStyle::Mastodon);
        assert!(matches!(add(Some(wren), stage.relay.id), Err(ActionError::Denied(Denied::KeepersOnly))));
        let kim = stage.world.remote_actor("Person", "https://elm.test/u/kim");
        assert!(matches!(add(None, kim.id), Err(ActionError::Conflict(_))));
        assert!(stage.world.sent().is_empty());
    });
}

#[test]
fn a_relay_is_told_of_public_meetups_and_of_nothing_else() {
    each_database(|database| {
        let stage = Stage::new(database);
        let (world, keeper) = (&stage.world, stage.keeper);
        let rowan = world.personas(keeper)[0].id;
        let tea = world.group(keeper, rowan, "tea");
        let here = world.group(keeper, rowan, "here");
        let mut settings = world.read(|c| hearth_db::tables::groups::by_id(c, here.id)).unwrap().settings();
        settings.reach = Reach::Here;
        world.settle(here.id, settings);
        let meet = |group, visibility: &str| {
            let typed = event::EventForm { visibility: visibility.into(), ..event_form(rowan) };
            event::announce(&world.app, keeper, group, &typed).unwrap()
        };
        let asked = stage.ask(RelayStyle::Mastodon);
        meet(tea.id, "public");
        assert!(world.sent().is_empty(), "a relay that did not answer gets nothing");
        stage.answers(1, "Accept", &asked);

        let made = meet(tea.id, "public");
        let sent = world.sent();
        assert_eq!(sent.len(), 1);
        let told = &sent[0].body;
        assert_eq!(
            (&told["type"], &told["actor"], &told["object"]),
            (&json!("Announce"), &json!("https://oak.test/"), &json!(made.ap_id.as_str()))
        );
        meet(tea.id, "members");
        meet(here.id, "public");
        post::publish(&world.app, keeper, tea.id, &post_form(rowan, "Sleep?", "Badly.")).unwrap();
        event::cancel(&world.app, keeper, made.id).unwrap();
        assert!(world.sent().is_empty());
    });
}

#[test]
fn what_a_relay_names_is_only_a_hint() {
    each_database(|database| {
        let stage = Stage::new(database);
        let (world, relay) = (&stage.world, &stage.relay);
        let (wren, persona) = world.account("wren");
        let walks = world.remote_actor("Group", "https://elm.test/g/walks");
        world.remote_actor("Group", "https://elm.test/g/other");
        world.remote_actor("Person", "https://elm.test/u/kim");
        follow::follow(&world.app, wren, walks.id, persona).unwrap();
        let follow = world.sent().remove(0).body;
        let accept =
            json!({"id": "https://elm.test/a/0", "type": "Accept", "actor": walks.ap_id.as_str(), "object": follow});
        world.receive(&walks, &accept).unwrap();
        assert_eq!(world.read(follows::followed_elsewhere), [walks.id]);

        let walk = |id: &str, group: &str| {
            json!({"id": id, "type": "Event", "attributedTo": group, "to": [PUBLIC], "cc": [],
            "name": "A walk", "startTime": "2026-12-12T10:00:00Z", "endTime": "2026-12-12T12:00:00Z"})
        };
        let (one, two) = ("https://elm.test/e/1", "https://elm.test/e/2");
        let hint = stage.announce(1, &json!(one));
        assert!(matches!(world.receive(relay, &hint).unwrap(), Outcome::Ignored(_)), "it was not asked");
        let asked = stage.ask(RelayStyle::Mastodon);
        stage.answers(1, "Accept", &asked);

        // Whatever it holds: what counts is what is there.
        let mut forged = walk(one, walks.ap_id.as_str());
        forged["name"] = json!("A forgery");
        for object in [json!(one), forged] {
            let needs = world.receive(relay, &stage.announce(2, &object));
            let missing = one.parse().unwrap();
            assert!(matches!(needs, Err(ActionError::Needs(Missing::Object(id))) if id == missing), "{object}");
        }
        let evidence = fetched(&[walk(one, walks.ap_id.as_str())]);
        assert_eq!(world.receive_with(relay, &stage.announce(3, &json!(one)), &evidence).unwrap(), Outcome::Done);
        assert_eq!(world.read(|c| events::by_ap_id(c, one)).unwrap().title, "A walk");
        let evidence = fetched(&[walk(two, "https://elm.test/g/other")]);
        let outcome = world.receive_with(relay, &stage.announce(4, &json!(two)), &evidence).unwrap();
        assert_eq!(outcome, Outcome::Ignored("nobody here follows its group"));

        // A post is taken where its own server is that of the group.
        let page = |id: &str, by: &str| {
            json!({"id": id, "type": "Page", "attributedTo": by, "name": "A", "audience": walks.ap_id.as_str(),
            "to": [walks.ap_id.as_str(), PUBLIC], "content": "<p>b</p>"})
        };
        let (own, foreign) = ("https://elm.test/p/1", "https://fir.test/p/1");
        let evidence = fetched(&[page(own, "https://elm.test/u/kim"), page(foreign, "https://fir.test/u/sam")]);
        assert_eq!(world.receive_with(relay, &stage.announce(5, &json!(own)), &evidence).unwrap(), Outcome::Done);
        world.receive_with(relay, &stage.announce(6, &json!(foreign)), &evidence).unwrap();
        assert!(world.read(|c| posts::by_ap_id(c, own)).is_some());
        assert!(world.read(|c| posts::by_ap_id(c, foreign)).is_none());
    });
}

#[test]
fn nobody_may_quote() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let rowan = world.personas(keeper)[0].id;
        let tea = world.group(keeper, rowan, "tea");
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let public = post::publish(&world.app, keeper, tea.id, &post_form(rowan, "Sleep?", "Badly.")).unwrap();
        let typed = post::PostForm { visibility: "members".into(), ..post_form(rowan, "Only us", "Hush.") };
        let members = post::publish(&world.app, keeper, tea.id, &typed).unwrap();
        let ask = |number: u32, object: &str| {
            json!({"id": format!("https://elm.test/q/{number}"), "type": "QuoteRequest",
            "actor": kim.ap_id.as_str(), "object": object, "instrument": "https://elm.test/n/1"})
        };
        let asked = ask(1, public.ap_id.as_str());
        assert_eq!(world.receive(&kim, &asked).unwrap(), Outcome::Done);
        let sent = world.sent();
        assert_eq!(sent.len(), 1);
        let answer = &sent[0].body;
        assert_eq!(
            (&answer["type"], &answer["object"]["id"], &answer["to"]),
            (&json!("Reject"), &asked["id"], &json!([kim.ap_id.as_str()]))
        );
        assert_eq!(sent[0].signer, "https://oak.test/u/rowan");
        for (number, hidden) in [(2, members.ap_id.as_str()), (3, "https://oak.test/p/nothing")] {
            assert_eq!(world.receive(&kim, &ask(number, hidden)).unwrap(), Outcome::Ignored("it is not known here"));
        }
        assert!(world.sent().is_empty());
    });
}
