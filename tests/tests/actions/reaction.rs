//! "I hear you": who is told, and who is not.

use hearth_actions::{
    ActionError,
    post::{self, PostForm},
    reaction,
    received::Outcome,
};
use hearth_db::tables::{posts, reactions};
use serde_json::{Value, json};
use tests::{
    database::each_database,
    world::{World, post_form},
};

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

#[test]
fn the_author_is_told_once_and_nobody_else() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let kim = world.remote_follower(&group, "https://elm.test/u/kim");
        let sam = world.remote_follower(&group, "https://fir.test/u/sam");
        let ours = post::publish(&world.app, keeper, group.id, &post_form(owner, "Hello", "A long day.")).unwrap();
        world.sent();
        let react = |number: u32, kind: &str, object: &Value| json!({"id": format!("https://elm.test/a/{number}"), "type": kind, "actor": kim.ap_id.as_str(), "to": ["https://oak.test/u/rowan"], "object": object});
        let object = json!(ours.ap_id.as_str());
        let count = || world.read(|c| reactions::counts(c, &[ours.id])).get(&ours.id).copied().unwrap_or_default();
        let like = react(1, "Like", &object);
        assert_eq!(world.receive(&kim, &like).unwrap(), Outcome::Done);
        for (number, kind) in [(2, "Like"), (3, "EmojiReact")] {
            world.receive(&kim, &react(number, kind, &object)).unwrap();
        }
        assert_eq!(count(), 1, "once for each person");
        assert!(matches!(world.receive(&kim, &react(4, "Dislike", &object)).unwrap(), Outcome::Ignored(_)));
        assert_eq!(count(), 1);
        // Nobody takes back what another said, not even by its id.
        let undo = |by: &str, number: u32, object: &Value| json!({"id": format!("{by}/undo/{number}"), "type": "Undo", "actor": by, "object": object});
        assert!(world.receive(&sam, &undo("https://fir.test/u/sam", 1, &json!("https://elm.test/a/1"))).is_ok());
        assert_eq!(count(), 1);
        assert_eq!(world.receive(&kim, &undo("https://elm.test/u/kim", 1, &like)).unwrap(), Outcome::Done);
        assert_eq!(count(), 0);
        assert!(world.sent().is_empty(), "a group never announces it");
    });
}

#[test]
fn a_like_goes_to_the_author_alone() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea");
        let kim = world.remote_follower(&group, "https://elm.test/u/kim");
        world.remote_follower(&group, "https://fir.test/u/sam");
        let page = json!({"id": "https://elm.test/p/1", "type": "Page", "attributedTo": kim.ap_id.as_str(), "name": "Hello", "content": "<p>Hi</p>", "to": [group.ap_id.as_str(), PUBLIC]});
        world
            .receive(
                &kim,
                &json!({"id": "https://elm.test/a/1", "type": "Create", "actor": kim.ap_id.as_str(), "object": page}),
            )
            .unwrap();
        world.sent();
        let theirs = world.read(|c| posts::by_ap_id(c, "https://elm.test/p/1")).unwrap();
        let hear = |yes| reaction::hear(&world.app, keeper, theirs.id, owner, yes);
        hear(true).unwrap();
        hear(true).unwrap();
        let sent = world.sent();
        let [like] = sent.as_slice() else { panic!("{sent:?}") };
        assert_eq!(
            (like.host.as_str(), &like.body["type"], &like.body["to"]),
            ("elm.test", &json!("Like"), &json!([kim.ap_id.as_str()]))
        );
        assert_eq!((&like.body["cc"], &like.body["object"]), (&json!([]), &json!("https://elm.test/p/1")));
        hear(false).unwrap();
        let sent = world.sent();
        assert_eq!(
            (sent.len(), &sent[0].body["type"], &sent[0].body["object"]["id"]),
            (1, &json!("Undo"), &like.body["id"])
        );
        // Between people here nothing leaves the server, and nobody hears themselves.
        let (wren, persona) = world.account("wren");
        let ours = post::publish(
            &world.app,
            keeper,
            group.id,
            &PostForm { visibility: "members".into(), ..post_form(owner, "Hello", "Us.") },
        );
        assert!(matches!(
            reaction::hear(&world.app, keeper, ours.unwrap().id, owner, true),
            Err(ActionError::Conflict(_))
        ));
        let public = post::publish(&world.app, keeper, group.id, &post_form(owner, "All", "Everybody.")).unwrap();
        world.sent();
        reaction::hear(&world.app, wren, public.id, persona, true).unwrap();
        assert!(world.sent().is_empty());
        assert_eq!(world.read(|c| reactions::counts(c, &[public.id])).get(&public.id), Some(&1));
    });
}
