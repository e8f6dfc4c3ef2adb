//! Who gets what a group relays: each server that follows it, once.

use hearth_db::tables::{
    activities::Activity,
    actors::{self, Actor},
    deliveries::{self, To},
    follows::{Follow, FollowState},
    memberships::Membership,
};
use hearth_domain::{
    id::{ActivityId, FollowId},
    membership::{Role, State},
};
use tests::{
    database::{TestDatabase, each_database},
    world::{World, time},
};

struct Relay {
    world: World,
    group: Actor,
}

impl Relay {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        Self { world, group }
    }

    fn follows(&self, follower: &Actor, state: FollowState) {
        let id = FollowId::random(&*self.world.app.entropy);
        let ap_id = format!("https://oak.test/f/{id}").parse().unwrap();
        let (follower_id, target_id, created_at) = (follower.id, self.group.id, self.world.app.now());
        let row = Follow { id, ap_id, follower_id, target_id, state, created_at };
        self.world.write(|tx| row.insert(tx));
    }

    fn activity(&self) -> Activity {
        let id = ActivityId::random(&*self.world.app.entropy);
        let row = Activity {
            id,
            ap_id: format!("https://oak.test/a/{id}").parse().unwrap(),
            actor_id: self.group.id,
            kind: "Announce".into(),
            object_ap_id: "https://oak.test/p/1".into(),
            body: "{}".into(),
            created_at: self.world.app.now(),
        };
        self.world.write(|tx| row.insert(tx));
        row
    }

    fn fan_out(&self, activity: &Activity, but_host: Option<&str>, skip: &[&str]) -> usize {
        let now = self.world.app.now();
        let to = but_host.map_or(To::All, To::AllBut);
        self.world.write(|tx| deliveries::fan_out(tx, activity, self.group.id, to, skip, now))
    }

    /// Inboxes that wait, in order.
    fn inboxes(&self) -> Vec<String> {
        let mut inboxes: Vec<String> = self.world.sent().into_iter().map(|sent| sent.inbox).collect();
        inboxes.sort();
        inboxes
    }
}

#[test]
fn one_row_for_each_shared_inbox() {
    each_database(|database| {
        let relay = Relay::new(database);
        for id in ["https://elm.test/u/kim", "https://elm.test/u/lee", "https://fir.test/u/kim"] {
            relay.follows(&relay.world.remote_actor("Person", id), FollowState::Accepted);
        }
        let lone = relay.world.remote_actor("Person", "https://gts.test/u/sam");
        relay.world.write(|tx| actors::refresh(tx, &Actor { shared_inbox: None, ..lone.clone() }));
        relay.follows(&lone, FollowState::Accepted);
        let activity = relay.activity();
        assert_eq!(relay.fan_out(&activity, None, &[]), 3);
        assert_eq!(relay.fan_out(&activity, None, &[]), 0, "twice is once");
        assert_eq!(
            relay.inboxes(),
            ["https://elm.test/inbox", "https://fir.test/inbox", "https://gts.test/u/sam/inbox"]
        );
    });
}

/// Who is a member need not follow: their server has what everybody has, once.
#[test]
fn members_elsewhere_are_told_too() {
    each_database(|database| {
        let relay = Relay::new(database);
        let [kim, lee, sam] = ["https://elm.test/u/kim", "https://elm.test/u/lee", "https://fir.test/u/sam"]
            .map(|id| relay.world.remote_actor("Person", id));
        relay.follows(&kim, FollowState::Accepted);
        for (person, state) in [(&kim, State::Active), (&lee, State::Active), (&sam, State::Waiting)] {
            let (group_id, since) = (relay.group.id, relay.world.app.now());
            let row = Membership { group_id, actor_id: person.id, role: Role::Member, state, since };
            relay.world.write(|tx| row.insert(tx));
        }
        assert_eq!(relay.fan_out(&relay.activity(), None, &[]), 1);
        assert_eq!(relay.inboxes(), ["https://elm.test/inbox"]);
        relay.world.remote_member(&relay.group, "https://ash.test/u/mo");
        assert_eq!(relay.fan_out(&relay.activity(), Some("elm.test"), &[]), 1);
        assert_eq!(relay.inboxes(), ["https://ash.test/inbox"]);
    });
}

#[test]
fn left_out_are_those_who_did_not_ask_and_those_who_must_not_get_it() {
    each_database(|database| {
        let relay = Relay::new(database);
        let world = &relay.world;
        let person = |host: &str| world.remote_actor("Person", &format!("https://{host}/u/kim"));
        let (account, wren) = world.account("wren");
        world.join(account, relay.group.id, wren);
        let wren = world.read(|c| actors::by_id(c, wren)).unwrap();
        relay.follows(&wren, FollowState::Accepted);
        relay.follows(&person("asked.test"), FollowState::Asked);
        relay.follows(&person("refused.test"), FollowState::Refused);
        let deleted = person("deleted.test");
        world.write(|tx| actors::mark_deleted(tx, deleted.id, time("2026-11-24T10:00:00Z")));
        relay.follows(&deleted, FollowState::Accepted);
        for host in ["blocked.test", "from.test", "lemmy.test", "mastodon.test", "mast.test", "plain.test"] {
            relay.follows(&person(host), FollowState::Accepted);
        }
        world.block("blocked.test");
        world.software("lemmy.test", "Lemmy");
        world.software("mastodon.test", "mastodon");
        world.software("mast.test", "mast");
        relay.fan_out(&relay.activity(), Some("from.test"), &["misskey", "mastodon"]);
        assert_eq!(
            relay.inboxes(),
            ["https://lemmy.test/inbox", "https://mast.test/inbox", "https://plain.test/inbox"]
        );
        assert_eq!(world.waiting(), 0, "nothing waits for a blocked server");
    });
}

#[test]
fn a_server_that_gives_its_software_no_name_gets_what_unknown_servers_get() {
    each_database(|database| {
        let relay = Relay::new(database);
        relay.follows(&relay.world.remote_actor("Person", "https://odd.test/u/kim"), FollowState::Accepted);
        relay.world.software("odd.test", "%_,');--");
        assert_eq!(relay.fan_out(&relay.activity(), None, &["mastodon"]), 1);
        assert_eq!(relay.fan_out(&relay.activity(), None, &[]), 1);
    });
}
