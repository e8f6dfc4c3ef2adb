//! Opening an account, in the four ways a keeper can choose, and letting people in.

use hearth_actions::{
    ActionError, account,
    account::{SignUpForm, SignedUp},
    server::{self, SetupForm},
    session, token,
};
use hearth_db::tables::{accounts, actors, api_tokens::Scope, sessions};
use hearth_domain::{Denied, id::AccountId};
use std::thread;
use tests::{
    database::each_database,
    world::{PASSWORD, World, active, refused_fields, setup_form, sign_up_form},
};

fn mode(world: &World, keeper: AccountId, word: &str) {
    server::update(&world.app, keeper, &SetupForm { sign_up: word.into(), ..setup_form("") }).unwrap();
}

#[test]
fn an_open_place_lets_everybody_in() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let account = active(account::sign_up(&world.app, &sign_up_form("wren")).unwrap());
        let persona = &world.personas(account)[0];
        assert_eq!((persona.name.as_str(), persona.display_name.as_str()), ("wren", "wren"));
        assert!(persona.on_network_since.is_none(), "nobody elsewhere knows of it yet");
        assert!(!world.read(|c| accounts::by_id(c, account)).unwrap().keeper);
    });
}

#[test]
fn a_closed_place_lets_nobody_in() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        mode(&world, keeper, "closed");
        let refused = account::sign_up(&world.app, &sign_up_form("wren"));
        assert!(matches!(refused, Err(ActionError::Denied(Denied::InvitationOnly))));
    });
}

#[test]
fn a_keeper_lets_people_in_or_turns_them_away() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        mode(&world, keeper, "approval");
        let hello = SignUpForm { hello: "Kim sent me.".into(), ..sign_up_form("wren") };
        assert_eq!(account::sign_up(&world.app, &hello).unwrap(), SignedUp::Waiting);
        assert_eq!(account::sign_up(&world.app, &sign_up_form("robin")).unwrap(), SignedUp::Waiting);
        let waiting = account::waiting(&world.app, keeper).unwrap();
        assert_eq!(waiting.iter().map(|row| row.wanted_name.as_str()).collect::<Vec<_>>(), ["wren", "robin"]);
        assert_eq!(waiting[0].hello, "Kim sent me.");
        let signed_in = session::sign_in(&world.app, "wren-signs-in", PASSWORD, "").unwrap();
        assert_eq!(signed_in, Err(session::SignIn::Waiting));

        account::approve(&world.app, keeper, waiting[0].id).unwrap();
        account::turn_away(&world.app, keeper, waiting[1].id).unwrap();
        let row = world.read(|c| accounts::by_id(c, waiting[0].id)).unwrap();
        assert_eq!((row.hello.as_str(), row.wanted_name.as_str()), ("", ""), "the words of the request are forgotten");
        assert_eq!(world.personas(row.id)[0].name, "wren");
        assert!(world.read(|c| accounts::by_id(c, waiting[1].id)).is_none());
        assert!(world.read(|c| actors::local_by_name(c, "robin")).is_none());
        for again in [waiting[0].id, waiting[1].id] {
            assert!(matches!(account::approve(&world.app, keeper, again), Err(ActionError::NotFound)));
            assert!(matches!(account::turn_away(&world.app, keeper, again), Err(ActionError::NotFound)));
        }
    });
}

#[test]
fn only_keepers_let_people_in() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (wren, _) = world.account("wren");
        mode(&world, keeper, "approval");
        account::sign_up(&world.app, &sign_up_form("robin")).unwrap();
        let robin = account::waiting(&world.app, keeper).unwrap()[0].id;
        for nobody in [wren, robin] {
            assert!(matches!(account::waiting(&world.app, nobody), Err(ActionError::Denied(_))));
            assert!(matches!(account::approve(&world.app, nobody, robin), Err(ActionError::Denied(_))));
            assert!(matches!(account::turn_away(&world.app, nobody, robin), Err(ActionError::Denied(_))));
            assert!(matches!(account::invite(&world.app, nobody, 1, 1), Err(ActionError::Denied(_))));
        }
    });
}

#[test]
fn a_name_asked_for_by_two_goes_to_the_first_who_is_let_in() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        mode(&world, keeper, "approval");
        account::sign_up(&world.app, &sign_up_form("wren")).unwrap();
        let second = SignUpForm { sign_in_name: "another".into(), ..sign_up_form("wren") };
        account::sign_up(&world.app, &second).unwrap();
        let waiting = account::waiting(&world.app, keeper).unwrap();
        account::approve(&world.app, keeper, waiting[0].id).unwrap();
        assert_eq!(refused_fields(account::approve(&world.app, keeper, waiting[1].id)), ["persona_name"]);
        assert_eq!(account::waiting(&world.app, keeper).unwrap().len(), 1, "the second still waits");
    });
}

#[test]
fn an_invitation_is_used_once() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        mode(&world, keeper, "invitation");
        let code = account::invite(&world.app, keeper, 1, 7).unwrap();
        let with = |name: &str, code: &str| SignUpForm { invitation: code.into(), ..sign_up_form(name) };
        assert_eq!(refused_fields(account::sign_up(&world.app, &sign_up_form("wren"))), ["invitation"]);
        assert_eq!(refused_fields(account::sign_up(&world.app, &with("wren", "wrong"))), ["invitation"]);
        assert_eq!(refused_fields(account::sign_up(&world.app, &with("rowan", &code))), ["persona_name"]);
        let wren = active(account::sign_up(&world.app, &with("wren", &code)).unwrap());
        assert_eq!(world.personas(wren).len(), 1);
        assert_eq!(refused_fields(account::sign_up(&world.app, &with("robin", &code))), ["invitation"]);
        assert!(world.read(|c| accounts::by_sign_in_name(c, "robin-signs-in")).is_none());

        let old = account::invite(&world.app, keeper, 1, 7).unwrap();
        world.clock.advance(chrono::Duration::days(7));
        assert_eq!(refused_fields(account::sign_up(&world.app, &with("robin", &old))), ["invitation"]);
        assert_eq!(refused_fields(account::invite(&world.app, keeper, 0, 91)), ["uses", "days"]);
    });
}

#[test]
fn an_invitation_used_by_two_at_once_lets_one_in() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        mode(&world, keeper, "invitation");
        let code = account::invite(&world.app, keeper, 1, 7).unwrap();
        let let_in = thread::scope(|scope| {
            let threads: Vec<_> = ["wren", "robin", "lark"]
                .map(|name| SignUpForm { invitation: code.clone(), ..sign_up_form(name) })
                .map(|typed| scope.spawn(|| account::sign_up(&world.app, &{ typed }).is_ok()))
                .into_iter()
                .collect();
            threads.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum::<usize>()
        });
        assert_eq!(let_in, 1);
        assert_eq!(world.read(accounts::count_active), 2);
    });
}

#[test]
fn every_problem_of_the_form_is_named_at_once() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let mut fields = refused_fields(account::sign_up(&world.app, &SignUpForm::default()));
        fields.sort_unstable();
        assert_eq!(fields, ["agree", "password", "persona_name", "sign_in_name"]);
        let taken = SignUpForm { sign_in_name: "KEEPER".into(), ..sign_up_form("wren") };
        assert_eq!(refused_fields(account::sign_up(&world.app, &taken)), ["sign_in_name"]);
        assert_eq!(refused_fields(account::sign_up(&world.app, &sign_up_form("rowan"))), ["persona_name"]);
        let spaced = SignUpForm { sign_in_name: "a b c".into(), ..sign_up_form("wren") };
        assert_eq!(refused_fields(account::sign_up(&world.app, &spaced)), ["sign_in_name"]);
    });
}

#[test]
fn a_new_password_ends_other_sessions_and_tokens() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (wren, _) = world.account("wren");
        let sign_in = |account| session::open(&world.app, account, "Firefox").unwrap();
        let (here, elsewhere, others) = (sign_in(wren), sign_in(wren), sign_in(keeper));
        let bearer = token::create(&world.app, wren, "calendar", Scope::Read).unwrap();
        let (kept, _) = session::check(&world.app, &here).unwrap().unwrap();
        let change = |old: &str, new: &str| account::change_password(&world.app, wren, kept.id, old, new);
        assert_eq!(refused_fields(change("wrong", "a calmer evening")), ["old_password"]);
        assert_eq!(refused_fields(change(PASSWORD, "short")), ["password"]);
        assert!(session::check(&world.app, &elsewhere).unwrap().is_some(), "a refused change ends nothing");
        change(PASSWORD, "a calmer evening").unwrap();
        assert!(session::check(&world.app, &here).unwrap().is_some());
        assert!(session::check(&world.app, &elsewhere).unwrap().is_none());
        assert!(session::check(&world.app, &others).unwrap().is_some());
        assert!(token::check(&world.app, &bearer).unwrap().is_none());
        assert!(session::sign_in(&world.app, "wren-signs-in", PASSWORD, "").unwrap().is_err());
        account::reset_password(&world.app, " Wren-Signs-In ", "a third evening").unwrap();
        assert!(world.read(|c| sessions::of_account(c, wren)).is_empty());
    });
}
