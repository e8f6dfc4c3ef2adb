//! Making groups, describing them, joining and leaving.

use hearth_actions::{
    ActionError,
    group::{self, GroupForm},
    membership,
};
use hearth_db::tables::{actors, groups, memberships};
use hearth_domain::{
    Denied,
    group::{Joining, Reach, Readable, Template},
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
fn every_kind_of_group_can_be_made() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        for (number, template) in Template::ALL.iter().enumerate() {
            let made = world.group_like(keeper, owner, &format!("group_{number}"), template.as_str());
            assert_eq!(made.ap_id.as_str(), format!("https://oak.test/g/group_{number}"));
            let row = world.read(|c| groups::by_id(c, made.id)).unwrap();
            assert_eq!(row.settings(), template.settings());
            assert_eq!(made.on_network_since.is_some(), row.reach != Reach::Here, "{template}");
            assert_eq!(made.approves_followers, !row.settings().is_public(), "{template}");
            assert_eq!(world.read(|c| memberships::get(c, made.id, owner)).unwrap().role, Role::Owner);
        }
    });
}

#[test]
fn each_setting_can_be_chosen_and_they_must_fit() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let typed = |readable: &str, joining: &str, reach: &str, posting: &str| GroupForm {
            readable: readable.into(),
            joining: joining.into(),
            reach: reach.into(),
            posting: posting.into(),
            ..group_form("lamp", owner, "")
        };
        for (form, wrong) in [
            (typed("hidden", "open", "here", "members"), vec!["joining"]),
            (typed("members", "approval", "here", "anyone"), vec!["posting"]),
            (typed("secret", "approval", "far", "members"), vec!["readable", "reach"]),
            (typed("members", "approval", "here", ""), vec!["template"]),
        ] {
            assert_eq!(refused_fields(group::create(&world.app, keeper, &form)), wrong);
        }
        let made = group::create(&world.app, keeper, &typed("hidden", "invitation", "network", "members")).unwrap();
        assert_ne!(made.name, "lamp", "the address of a hidden group is random");
        assert!(!made.discoverable);
        // What the template says holds where nothing was chosen.
        let narrowed = GroupForm { reach: "here".into(), ..group_form("lamp", owner, "private_circle") };
        let made = group::create(&world.app, keeper, &narrowed).unwrap();
        let row = world.read(|c| groups::by_id(c, made.id)).unwrap();
        assert_eq!((row.readable, row.reach), (Readable::Members, Reach::Here));
    });
}

#[test]
fn settings_close_and_never_open() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let owner = world.personas(keeper)[0].id;
        let id = world.group(keeper, owner, "tea").id;
        let to = |readable: &str, joining: &str, posting: &str| GroupForm {
            readable: readable.into(),
            joining: joining.into(),
            posting: posting.into(),
            ..GroupForm::default()
        };
        let (wren, _) = world.member(id, "wren", Role::Host);
        let closing = to("members", "approval", "members");
        assert!(matches!(
            group::settle(&world.app, wren, id, &closing),
            Err(ActionError::Denied(Denied::FacilitatorsOnly))
        ));
        group::settle(&world.app, keeper, id, &closing).unwrap();
        for (form, wrong) in [
            (to("public", "", ""), vec!["readable"]),
            (to("", "open", ""), vec!["joining"]),
            (to("", "", "anyone"), vec!["posting"]),
        ] {
            assert_eq!(refused_fields(group::settle(&world.app, keeper, id, &form)), wrong);
        }
        group::settle(&world.app, keeper, id, &to("hidden", "invitation", "facilitators")).unwrap();
        let (robin, persona) = world.account("robin");
        assert!(matches!(membership::join(&world.app, robin, id, persona), Err(ActionError::NotFound)));
        assert!(matches!(group::settle(&world.app, robin, id, &closing), Err(ActionError::NotFound)));
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
fn what_is_no_group_can_not_be_joined() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let persona = world.personas(keeper)[0].id;
        let nowhere = ActorId::try_from(1).unwrap();
        for group in [nowhere, persona] {
            assert!(matches!(membership::join(&world.app, keeper, group, persona), Err(ActionError::NotFound)));
        }
    });
}
