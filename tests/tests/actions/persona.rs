//! Personas: names, and that nothing links two of one account.

use hearth_actions::{
    ActionError, follow, group, membership, persona,
    post::{self, Answering},
};
use hearth_db::tables::{actors, follows, personas};
use serde_json::json;
use tests::{
    database::each_database,
    world::{World, group_form, post_form, refused_fields},
};

#[test]
fn an_account_has_twelve_names_at_most() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        for number in 2..=persona::MOST {
            persona::create(&world.app, keeper, &format!("name_{number}"), "").unwrap();
        }
        assert_eq!(refused_fields(persona::create(&world.app, keeper, "one_more", "")), ["persona_name"]);
        let last = world.personas(keeper).last().unwrap().id;
        persona::retire(&world.app, keeper, last).unwrap();
        persona::create(&world.app, keeper, "one_more", "").unwrap();
        assert_eq!(world.personas(keeper).len(), persona::MOST);
    });
}

#[test]
fn names_are_never_given_twice() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (wren, wren_persona) = world.account("wren");
        let owner = world.personas(keeper)[0].id;
        world.group(keeper, owner, "tea");
        let second = persona::create(&world.app, wren, "lark", "").unwrap();
        persona::retire(&world.app, wren, second).unwrap();
        for taken in ["tea", "Rowan", "wren", "lark", "admin", "tea_notices"] {
            assert_eq!(refused_fields(persona::create(&world.app, wren, taken, "")), ["persona_name"], "{taken}");
        }
        for taken in ["wren", "lark", "tea"] {
            let typed = group_form(taken, wren_persona, "open_community");
            assert_eq!(refused_fields(group::create(&world.app, wren, &typed)), ["name"], "{taken}");
        }
        assert_eq!(world.read(|c| personas::owner(c, second)), Some(wren));
    });
}

#[test]
fn one_group_sees_one_persona_of_an_account() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let ways: [fn(&World, _, _, _); 3] = [
            |world, account, group, persona| world.join(account, group, persona),
            |world, account, group, persona| {
                follow::follow(&world.app, account, group, persona).unwrap();
            },
            |world, account, group, persona| {
                drop(post::publish(&world.app, account, group, &post_form(persona, "Sleep", "text")).unwrap());
            },
        ];
        for (number, known_by) in ways.into_iter().enumerate() {
            let group = world.group(keeper, owner, &format!("group_{number}")).id;
            let (account, first) = world.account(&format!("first_{number}"));
            let second = persona::create(&world.app, account, &format!("second_{number}"), "").unwrap();
            known_by(&world, account, group, first);
            assert_eq!(refused_fields(membership::join(&world.app, account, group, second)), ["persona"]);
            assert_eq!(refused_fields(follow::follow(&world.app, account, group, second)), ["persona"]);
            let typed = post_form(second, "Sleep", "text");
            assert_eq!(refused_fields(post::publish(&world.app, account, group, &typed)), ["persona"]);
            let root = post::publish(&world.app, account, group, &post_form(first, "Sleep", "text")).unwrap();
            let answer = post::reply(&world.app, account, Answering::Post(root.id), &post_form(second, "", "text"));
            assert_eq!(refused_fields(answer), ["persona"]);
        }
    });
}

#[test]
fn a_persona_is_its_owners_alone() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea").id;
        let (robin, _) = world.account("robin");
        let stolen = owner;
        assert!(matches!(membership::join(&world.app, robin, group, stolen), Err(ActionError::NotFound)));
        assert!(matches!(follow::follow(&world.app, robin, group, stolen), Err(ActionError::NotFound)));
        assert!(matches!(persona::retire(&world.app, robin, stolen), Err(ActionError::NotFound)));
        assert!(matches!(persona::describe(&world.app, robin, stolen, "x", ""), Err(ActionError::NotFound)));
        let typed = post_form(stolen, "Sleep", "text");
        assert!(matches!(post::publish(&world.app, robin, group, &typed), Err(ActionError::NotFound)));
    });
}

#[test]
fn retiring_waits_until_a_name_belongs_nowhere() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea").id;
        let (wren, first) = world.account("wren");
        let retire = || persona::retire(&world.app, wren, first);
        assert!(matches!(retire(), Err(ActionError::Conflict(_))), "the last one");
        persona::create(&world.app, wren, "lark", "Lark").unwrap();
        world.join(wren, group, first);
        assert!(matches!(retire(), Err(ActionError::Conflict(_))), "a member");
        membership::leave(&world.app, wren, group).unwrap();
        follow::follow(&world.app, wren, group, first).unwrap();
        assert!(matches!(retire(), Err(ActionError::Conflict(_))), "a follower");
        follow::unfollow(&world.app, wren, group).unwrap();
        retire().unwrap();
        assert!(matches!(retire(), Err(ActionError::NotFound)));
        assert!(world.personas(wren).iter().all(|persona| persona.name == "lark"));
        assert!(matches!(membership::join(&world.app, wren, group, first), Err(ActionError::NotFound)));
    });
}

#[test]
fn the_network_learns_of_a_persona_by_its_first_public_deed() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea").id;
        let known = |persona| world.read(|c| actors::by_id(c, persona)).unwrap().on_network_since.is_some();
        let (wren, persona) = world.account("wren");
        world.join(wren, group, persona);
        follow::follow(&world.app, wren, group, persona).unwrap();
        let members = post::PostForm { visibility: "members".into(), ..post_form(persona, "Sleep", "text") };
        post::publish(&world.app, wren, group, &members).unwrap();
        assert!(!known(persona), "nothing of this leaves the server");
        post::publish(&world.app, wren, group, &post_form(persona, "Sleep", "text")).unwrap();
        assert!(known(persona));

        let (robin, persona) = world.account("robin");
        let elsewhere = world.remote_actor("Group", "https://elm.test/g/walks");
        follow::follow(&world.app, robin, elsewhere.id, persona).unwrap();
        assert!(known(persona), "its follow was sent");
    });
}

#[test]
fn words_about_a_persona_are_made_safe() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let persona = world.personas(keeper)[0].id;
        persona::describe(&world.app, keeper, persona, " Ro\0wan\u{202e} ", "<script>x</script> **hi**\0").unwrap();
        let row = world.read(|c| actors::by_id(c, persona)).unwrap();
        assert_eq!(row.display_name, "Rowan");
        assert!(!row.summary_html.contains("<script") && row.summary_source.ends_with("**hi**"));
        assert_eq!(refused_fields(persona::describe(&world.app, keeper, persona, "", "")), ["persona_display_name"]);
    });
}

#[test]
fn personas_have_no_followers() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let persona = &world.personas(keeper)[0];
        let group = world.group(keeper, persona.id, "tea").id;
        let kim = world.remote_actor("Person", "https://elm.test/u/kim");
        let follow = |number: u8| json!({"id": format!("https://elm.test/a/{number}"), "type": "Follow", "actor": "https://elm.test/u/kim", "object": persona.ap_id.as_str()});
        assert!(matches!(world.receive(&kim, &follow(1)), Err(ActionError::NotFound)));
        assert!(world.sent().is_empty(), "an answer would say that the persona is there");
        post::publish(&world.app, keeper, group, &post_form(persona.id, "Sleep", "text")).unwrap();
        world.receive(&kim, &follow(2)).unwrap();
        let sent = world.sent();
        assert_eq!(sent[0].body["type"], "Reject");
        assert_eq!(sent[0].inbox, "https://elm.test/u/kim/inbox");
        assert_eq!(world.read(|c| follows::count_followers(c, persona.id)), 0);
    });
}
