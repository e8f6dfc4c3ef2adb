//! Making groups, describing them, joining and leaving.

use hearth_actions::{
    ActionError,
    group::{self, GroupForm},
    membership,
};
use hearth_db::tables::{actors, memberships};
use hearth_domain::{
    Denied,
    group::{Joining, Template},
    id::ActorId,
    membership::{Role, Standing, State},
};
use tests::{
    database::each_database,
    world::{World, group_form, refused_fields},
};

#[test]
fn every_problem_of_the_form_is_named_at_once() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let mut fields = refused_fields(group::create(&world.app, keeper, &GroupForm::default()));
        fields.sort_unstable();
        assert_eq!(fields, ["display_name", "name", "persona", "template"]);
        for name in ["ab", "relay", "tea_notices", "Tea & Talk", "twenty_three_characters"] {
            let typed = group_form(name, owner, "open_community");
            assert_eq!(refused_fields(group::create(&world.app, keeper, &typed)), ["name"], "{name}");
        }
    });
}

#[test]
fn a_group_is_public_or_is_not_made() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        for (number, template) in Template::ALL.iter().enumerate() {
            let made =
                group::create(&world.app, keeper, &group_form(&format!("group_{number}"), owner, template.as_str()));
            if template.settings().is_wide_open() {
                let made = made.unwrap();
                assert_eq!(made.ap_id.as_str(), format!("https://oak.test/g/group_{number}"));
                assert_eq!(world.read(|c| memberships::get(c, made.id, owner)).unwrap().role, Role::Owner);
            } else {
                assert_eq!(refused_fields(made), ["template"], "{template}");
            }
        }
    });
}

#[test]
fn facilitators_describe_a_group() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let id = world.group(keeper, owner, "tea").id;
        let typed = GroupForm { display_name: "Cake".into(), ..group_form("other", owner, "") };
        for (name, role, may) in [
            ("wren", Role::Member, false),
            ("robin", Role::Host, false),
            ("lark", Role::Facilitator, true),
            ("owl", Role::Owner, true),
        ] {
            let (account, _) = world.member(id, name, role);
            match group::describe(&world.app, account, id, &typed) {
                Ok(()) => assert!(may, "{role}"),
                Err(ActionError::Denied(Denied::FacilitatorsOnly)) => assert!(!may, "{role}"),
                Err(other) => panic!("{other:?}"),
            }
        }
        let row = world.read(|c| actors::by_id(c, id)).unwrap();
        assert_eq!((row.display_name.as_str(), row.name.as_str()), ("Cake", "tea"));
        let elsewhere = world.remote_actor("Group", "https://elm.test/g/walks").id;
        assert!(matches!(group::describe(&world.app, keeper, elsewhere, &typed), Err(ActionError::NotFound)));
    });
}

#[test]
fn people_join_as_the_group_says() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea").id;
        let (wren, persona) = world.account("wren");
        for (joining, expected) in [
            (Joining::Open, Some(State::Active)),
            (Joining::Approval, Some(State::Waiting)),
            (Joining::Invitation, None),
        ] {
            world.settle(group, hearth_domain::group::Settings { joining, ..Template::OpenCommunity.settings() });
            for _ in 0..2 {
                match membership::join(&world.app, wren, group, persona) {
                    Ok(state) => assert_eq!(Some(state), expected),
                    Err(ActionError::Denied(Denied::InvitationOnly)) => assert_eq!(expected, None),
                    Err(other) => panic!("{other:?}"),
                }
            }
            let standing = world.app.db.read(|c| group::standing(c, wren, group)).unwrap();
            assert_eq!(standing.is_member(), expected == Some(State::Active));
            membership::leave(&world.app, wren, group).unwrap();
            membership::leave(&world.app, wren, group).unwrap();
            assert_eq!(world.app.db.read(|c| group::standing(c, wren, group)).unwrap(), Standing::Stranger);
        }
        assert!(world.sent().is_empty(), "nobody elsewhere learns who is a member");
    });
}

#[test]
fn the_last_owner_stays() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let group = world.group(keeper, owner, "tea").id;
        let leave = || membership::leave(&world.app, keeper, group);
        assert!(matches!(leave(), Err(ActionError::Denied(Denied::LastOwner))));
        world.member(group, "wren", Role::Facilitator);
        assert!(matches!(leave(), Err(ActionError::Denied(Denied::LastOwner))));
        world.member(group, "robin", Role::Owner);
        leave().unwrap();
        assert_eq!(world.read(|c| memberships::count(c, group)), 2);
    });
}

#[test]
fn what_does_not_live_here_can_not_be_joined_here() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let persona = world.personas(keeper)[0].id;
        let elsewhere = world.remote_actor("Group", "https://elm.test/g/walks").id;
        let nowhere = ActorId::try_from(1).unwrap();
        for group in [elsewhere, nowhere, persona] {
            assert!(matches!(membership::join(&world.app, keeper, group, persona), Err(ActionError::NotFound)));
        }
    });
}
