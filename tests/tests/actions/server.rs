//! Setting a server up.

use hearth_actions::{
    ActionError,
    server::{self, SetupForm},
};
use hearth_db::tables::{actors, helplines};
use hearth_domain::Denied;
use std::thread;
use tests::{
    database::each_database,
    world::{World, refused_fields, setup_form},
};

#[test]
fn the_code_opens_the_set_up_once() {
    each_database(|database| {
        let world = World::new(database);
        assert!(matches!(world.app.db.read(server::site), Err(ActionError::NotSetUp)));
        let code = server::new_setup_code(&world.app).unwrap().unwrap();
        for wrong in ["", "bcdf-bcdf-bcdf-bcdf", &code[1..]] {
            let refused = server::set_up(&world.app, &setup_form(wrong));
            assert!(matches!(refused, Err(ActionError::Denied(Denied::KeepersOnly))), "{wrong}");
        }
        let earlier_code = code.to_uppercase().replace('-', " ");
        server::new_setup_code(&world.app).unwrap().unwrap();
        let keeper = server::set_up(&world.app, &setup_form(&earlier_code)).unwrap();
        assert_eq!(world.personas(keeper)[0].ap_id.as_str(), "https://oak.test/u/rowan");
        assert_eq!(world.read(actors::server).unwrap().ap_id.as_str(), "https://oak.test/");
        assert_eq!(world.read(helplines::all)[0].number, "0800 123 456");
        assert!(!server::setup_code_is_good(&world.app, &code).unwrap(), "codes are forgotten");
        assert_eq!(server::new_setup_code(&world.app).unwrap(), None);
        assert!(server::set_up(&world.app, &setup_form(&code)).is_err());
    });
}

#[test]
fn two_keepers_at_once_are_one() {
    each_database(|database| {
        let world = World::new(database);
        let code = server::new_setup_code(&world.app).unwrap().unwrap();
        let set_up = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..3).map(|_| scope.spawn(|| server::set_up(&world.app, &setup_form(&code)).is_ok())).collect();
            threads.into_iter().map(|thread| usize::from(thread.join().unwrap())).sum::<usize>()
        });
        assert_eq!(set_up, 1);
    });
}

#[test]
fn every_problem_of_the_form_is_named_at_once() {
    each_database(|database| {
        let world = World::new(database);
        let code = server::new_setup_code(&world.app).unwrap().unwrap();
        let empty = SetupForm { code: code.clone(), ..SetupForm::default() };
        let mut fields = refused_fields(server::set_up(&world.app, &empty));
        fields.sort_unstable();
        let expected = [
            "address",
            "contact",
            "helpline_name",
            "helpline_number",
            "name",
            "password",
            "persona_name",
            "sign_in_name",
            "sign_up",
            "zone",
        ];
        assert_eq!(fields, expected);
        for address in
            ["localhost", "oak.test:8443", "127.0.0.1", "oak.test/x", "u@oak.test", "[::1]", "http://oak.test"]
        {
            let typed = SetupForm { address: address.into(), ..setup_form(&code) };
            assert_eq!(refused_fields(server::set_up(&world.app, &typed)), ["address"], "{address}");
        }
        for exit_url in ["javascript:alert(1)", "http://plain.example/", "weather"] {
            let typed = SetupForm { exit_url: exit_url.into(), ..setup_form(&code) };
            assert_eq!(refused_fields(server::set_up(&world.app, &typed)), ["exit_url"], "{exit_url}");
        }
        assert!(server::setup_code_is_good(&world.app, &code).unwrap(), "a refused form costs no code");
        assert!(server::set_up(&world.app, &setup_form(&code)).is_ok());
    });
}

#[test]
fn only_keepers_change_the_place() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (wren, _) = world.account("wren");
        let typed = SetupForm { name: "Northside".into(), sign_up: "closed".into(), ..setup_form("") };
        let refused = server::update(&world.app, wren, &typed);
        assert!(matches!(refused, Err(ActionError::Denied(Denied::KeepersOnly))));
        server::update(&world.app, keeper, &typed).unwrap();
        let site = world.app.db.read(server::site).unwrap();
        assert_eq!((site.row.name.as_str(), site.actor.display_name.as_str()), ("Northside", "Northside"));
        assert_eq!(site.row.origin.as_str(), "https://oak.test/");
    });
}
