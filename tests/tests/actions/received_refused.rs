//! What is refused before anybody looks at what it says.

use hearth_actions::{ActionError, received::Outcome};
use hearth_db::tables::actors;
use serde_json::json;
use tests::{database::each_database, world::World};

#[test]
fn an_activity_is_its_signers_own() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let us = world.personas(keeper).remove(0);
        for (id, actor, signer) in [
            ("https://elm.test/a/1", "https://elm.test/u/lee", &kim),
            ("https://fir.test/a/1", "https://elm.test/u/kim", &kim),
            ("http://elm.test:81/a/1", "https://elm.test/u/kim", &kim),
            ("https://oak.test/a/1", "https://oak.test/u/rowan", &us),
        ] {
            let activity = json!({"id": id, "type": "Like", "actor": actor, "object": "https://oak.test/p/1"});
            let options = hearth_activitypub::ReadOptions::dev();
            let read = hearth_activitypub::inbound::read_activity(activity.to_string().as_bytes(), options).unwrap();
            let received = hearth_actions::received::receive(&world.app, signer, &read, &Default::default());
            assert!(matches!(received, Err(ActionError::NotBelieved(_))), "{id} {received:?}");
        }
    });
}

#[test]
fn a_blocked_server_is_not_heard() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        world.block("elm.test");
        let follow = json!({"id": "https://elm.test/a/1", "type": "Follow", "actor": kim.ap_id.as_str(), "object": group.ap_id.as_str()});
        assert!(matches!(world.receive(&kim, &follow), Err(ActionError::NotBelieved(_))));
        assert_eq!(world.waiting(), 0);
    });
}

#[test]
fn an_actor_removes_itself_and_nobody_else() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let lee = world.remote_actor("Person", "https://elm.test/u/lee");
        let delete = |number: u8, object: &str| json!({"id": format!("https://elm.test/a/{number}"), "type": "Delete", "actor": "https://elm.test/u/kim", "object": object});
        let gone = |id| world.read(|c| actors::by_id(c, id)).unwrap().deleted_at.is_some();
        assert!(matches!(world.receive(&kim, &delete(1, "https://elm.test/u/lee")).unwrap(), Outcome::Ignored(_)));
        assert!(matches!(
            world.receive(&kim, &delete(2, "https://oak.test/u/rowan")),
            Err(ActionError::NotBelieved(_))
        ));
        assert!(!gone(lee.id));
        assert_eq!(world.receive(&kim, &delete(3, "https://elm.test/u/kim")).unwrap(), Outcome::Done);
        assert!(gone(kim.id));
    });
}

#[test]
fn what_has_no_meaning_here_is_seen_and_dropped() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let like = json!({"id": "https://elm.test/a/1", "type": "Like", "actor": kim.ap_id.as_str(), "object": "https://oak.test/p/1"});
        assert!(matches!(world.receive(&kim, &like).unwrap(), Outcome::Ignored(_)));
        assert_eq!(world.receive(&kim, &like).unwrap(), Outcome::SeenBefore);
        assert!(hearth_actions::received::is_seen(&world.app, &"https://elm.test/a/1".parse().unwrap()).unwrap());
    });
}
