//! What a followed group relays: believed only as its own server's word, or as what its own server says when asked.

use hearth_actions::{ActionError, error::Missing, follow, received::Outcome};
use hearth_db::tables::{actors::Actor, posts};
use serde_json::{Value, json};
use tests::{
    database::{TestDatabase, each_database},
    world::{World, fetched, gone},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// `walks` at elm.test, which `wren` here follows, and `sam` of a third server.
struct Followed {
    world: World,
    walks: Actor,
}

impl Followed {
    fn new(database: &TestDatabase) -> Self {
        let (world, _) = World::ready(database);
        let (wren, persona) = world.account("wren");
        let walks = world.remote_actor("Group", "https://elm.test/g/walks");
        follow::follow(&world.app, wren, walks.id, persona).unwrap();
        let follow = world.sent().remove(0).body;
        let accept =
            json!({"id": "https://elm.test/a/0", "type": "Accept", "actor": walks.ap_id.as_str(), "object": follow});
        world.receive(&walks, &accept).unwrap();
        world.remote_actor("Person", "https://fir.test/u/sam");
        world.remote_actor("Person", "https://elm.test/u/kim");
        Self { world, walks }
    }

    fn announce(&self, number: u32, object: &Value) -> Value {
        json!({"id": format!("https://elm.test/a/{number}"), "type": "Announce", "actor": self.walks.ap_id.as_str(), "to": [PUBLIC], "object": object})
    }

    fn post(&self, id: &str) -> Option<posts::Post> {
        self.world.read(|c| posts::by_ap_id(c, id))
    }
}

fn page(id: &str, author: &str) -> Value {
    json!({"id": id, "type": "Page", "attributedTo": author, "name": "A walk", "content": "<p>Along the river</p>", "to": ["https://elm.test/g/walks", PUBLIC]})
}

fn inner(kind: &str, author: &str, object: &Value) -> Value {
    json!({"id": format!("{author}/a/{kind}"), "type": kind, "actor": author, "to": ["https://elm.test/g/walks", PUBLIC], "object": object})
}

const SAM: &str = "https://fir.test/u/sam";
const KIM: &str = "https://elm.test/u/kim";
const OF_SAM: &str = "https://fir.test/p/1";
const OF_KIM: &str = "https://elm.test/p/1";

#[test]
fn a_group_nobody_follows_is_not_heard() {
    each_database(|database| {
        let followed = Followed::new(database);
        let other = followed.world.remote_actor("Group", "https://elm.test/g/other");
        let announce = json!({"id": "https://elm.test/a/1", "type": "Announce", "actor": other.ap_id.as_str(), "object": inner("Create", KIM, &page(OF_KIM, KIM))});
        assert!(matches!(followed.world.receive(&other, &announce).unwrap(), Outcome::Ignored(_)));
        assert!(followed.post(OF_KIM).is_none());
    });
}

#[test]
fn what_is_of_the_groups_own_server_is_believed() {
    each_database(|database| {
        let followed = Followed::new(database);
        let announce = followed.announce(1, &inner("Create", KIM, &page(OF_KIM, KIM)));
        assert_eq!(followed.world.receive(&followed.walks, &announce).unwrap(), Outcome::Done);
        let row = followed.post(OF_KIM).unwrap();
        assert_eq!((row.title.as_deref(), row.content_html.as_str()), (Some("A walk"), "<p>Along the river</p>"));
        assert_eq!(followed.world.waiting(), 0, "only its own group relays it");
        let delete = followed.announce(2, &inner("Delete", KIM, &json!(OF_KIM)));
        assert_eq!(followed.world.receive(&followed.walks, &delete).unwrap(), Outcome::Done);
        assert!(followed.post(OF_KIM).unwrap().deleted_at.is_some());
    });
}

#[test]
fn what_is_of_a_third_server_is_fetched_there() {
    each_database(|database| {
        let followed = Followed::new(database);
        let mut forged = page(OF_SAM, SAM);
        forged["content"] = json!("<p>Sam never said this</p>");
        for object in [inner("Create", SAM, &forged), json!(OF_SAM), forged.clone()] {
            let needs = followed.world.receive(&followed.walks, &followed.announce(1, &object));
            let missing = OF_SAM.parse().unwrap();
            assert!(matches!(needs, Err(ActionError::Needs(Missing::Object(id))) if id == missing), "{object}");
        }
        let announce = followed.announce(1, &inner("Create", SAM, &forged));
        let evidence = fetched(&[page(OF_SAM, SAM)]);
        assert_eq!(followed.world.receive_with(&followed.walks, &announce, &evidence).unwrap(), Outcome::Done);
        assert_eq!(followed.post(OF_SAM).unwrap().content_html, "<p>Along the river</p>", "as its own server says");
        assert_eq!(followed.world.receive(&followed.walks, &announce).unwrap(), Outcome::SeenBefore);
    });
}

#[test]
fn an_unknown_author_is_fetched_first() {
    each_database(|database| {
        let followed = Followed::new(database);
        let lee = "https://elm.test/u/lee";
        let announce = followed.announce(1, &inner("Create", lee, &page(OF_KIM, lee)));
        let needs = followed.world.receive(&followed.walks, &announce);
        let missing = lee.parse().unwrap();
        assert!(matches!(needs, Err(ActionError::Needs(Missing::Actor(id))) if id == missing));
        followed.world.remote_actor("Person", lee);
        assert_eq!(followed.world.receive(&followed.walks, &announce).unwrap(), Outcome::Done);
    });
}

#[test]
fn a_removal_of_a_third_servers_post_needs_its_absence() {
    each_database(|database| {
        let followed = Followed::new(database);
        let create = followed.announce(1, &json!(OF_SAM));
        followed.world.receive_with(&followed.walks, &create, &fetched(&[page(OF_SAM, SAM)])).unwrap();
        let delete = followed.announce(2, &inner("Delete", SAM, &json!(OF_SAM)));
        let needs = followed.world.receive(&followed.walks, &delete);
        let missing = OF_SAM.parse().unwrap();
        assert!(matches!(needs, Err(ActionError::Needs(Missing::Absence(id))) if id == missing));
        let still_there = followed.world.receive_with(&followed.walks, &delete, &fetched(&[page(OF_SAM, SAM)]));
        assert!(matches!(still_there, Err(ActionError::NotBelieved(_))));
        let by_lee = followed.announce(3, &inner("Delete", "https://fir.test/u/lee", &json!(OF_SAM)));
        let other = followed.world.receive_with(&followed.walks, &by_lee, &gone(OF_SAM));
        assert!(matches!(other, Ok(Outcome::Ignored(_))), "{other:?}");
        assert!(followed.post(OF_SAM).unwrap().deleted_at.is_none());
        assert_eq!(followed.world.receive_with(&followed.walks, &delete, &gone(OF_SAM)).unwrap(), Outcome::Done);
        assert!(followed.post(OF_SAM).unwrap().deleted_at.is_some());
    });
}

#[test]
fn a_group_does_not_speak_for_posts_of_other_groups_or_of_here() {
    each_database(|database| {
        let followed = Followed::new(database);
        let ours = followed.announce(
            1,
            &inner(
                "Create",
                "https://oak.test/u/wren",
                &page("https://oak.test/p/0000000000001", "https://oak.test/u/wren"),
            ),
        );
        assert!(matches!(followed.world.receive(&followed.walks, &ours), Err(ActionError::NotBelieved(_))));
        let mut private = page(OF_KIM, KIM);
        private["to"] = json!(["https://elm.test/g/walks"]);
        let private = followed.announce(2, &inner("Create", KIM, &private));
        assert!(matches!(followed.world.receive(&followed.walks, &private), Err(ActionError::NotBelieved(_))));
        assert!(followed.post(OF_KIM).is_none());
    });
}

#[test]
fn people_do_not_relay() {
    each_database(|database| {
        let followed = Followed::new(database);
        let kim = followed.world.remote_actor("Person", KIM);
        let boost =
            json!({"id": "https://elm.test/a/1", "type": "Announce", "actor": KIM, "object": page(OF_KIM, KIM)});
        assert!(matches!(followed.world.receive(&kim, &boost).unwrap(), Outcome::Ignored(_)));
    });
}

#[test]
fn meetups_are_their_groups_word() {
    each_database(|database| {
        let followed = Followed::new(database);
        let event = |group: &str| json!({"id": "https://elm.test/e/1", "type": "Event", "attributedTo": group, "name": "Walk", "startTime": "2026-12-01T10:00:00Z", "to": [PUBLIC]});
        let by_walks = |number: u8, kind: &str, object: &Value| json!({"id": format!("https://elm.test/a/{number}"), "type": kind, "actor": followed.walks.ap_id.as_str(), "to": [PUBLIC], "object": object});
        let receive = |activity: &Value| followed.world.receive(&followed.walks, activity);
        assert!(matches!(
            receive(&by_walks(1, "Create", &event("https://elm.test/g/other"))),
            Err(ActionError::NotBelieved(_))
        ));
        assert_eq!(receive(&by_walks(2, "Create", &event("https://elm.test/g/walks"))).unwrap(), Outcome::Done);
        let mut off = event("https://elm.test/g/walks");
        off["eventStatus"] = json!("EventCancelled");
        let other = followed.world.remote_actor("Group", "https://elm.test/g/other");
        let update =
            json!({"id": "https://elm.test/a/3", "type": "Update", "actor": other.ap_id.as_str(), "object": off});
        assert!(matches!(followed.world.receive(&other, &update), Err(ActionError::NotBelieved(_))));
        let delete = json!({"id": "https://elm.test/a/4", "type": "Delete", "actor": other.ap_id.as_str(), "object": "https://elm.test/e/1"});
        assert!(matches!(followed.world.receive(&other, &delete), Err(ActionError::NotBelieved(_))));
        assert_eq!(receive(&by_walks(5, "Update", &off)).unwrap(), Outcome::Done);
        let row = || followed.world.read(|c| hearth_db::tables::events::by_ap_id(c, "https://elm.test/e/1")).unwrap();
        assert_eq!(row().status, hearth_domain::event::Status::Cancelled);
        assert_eq!(receive(&by_walks(6, "Delete", &json!("https://elm.test/e/1"))).unwrap(), Outcome::Done);
        assert!(row().deleted_at.is_some() && row().title.is_empty());
    });
}
