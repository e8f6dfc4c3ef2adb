//! Signing in and out.

use chrono::Duration;
use hearth_actions::{ActionError, session, session::SignIn, token};
use hearth_db::tables::{
    accounts,
    api_tokens::{self, Scope},
};
use hearth_domain::server::AccountState;
use tests::{
    database::each_database,
    world::{PASSWORD, World},
};

#[test]
fn a_wrong_name_and_a_wrong_password_are_answered_alike() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let sign_in = |name: &str, password: &str| session::sign_in(&world.app, name, password, "Firefox").unwrap();
        let long = "x".repeat(10_000);
        for (name, password) in [
            ("keeper", "wrong"),
            ("nobody", PASSWORD),
            ("", ""),
            ("rowan", PASSWORD),
            ("keeper\0x", PASSWORD),
            ("keeper", &long),
        ] {
            assert_eq!(sign_in(name, password), Err(SignIn::Wrong), "{name}");
        }
        assert!(sign_in("  Keeper ", PASSWORD).is_ok());
    });
}

#[test]
fn a_suspended_account_can_not_act() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let (wren, _) = world.account("wren");
        let cookie = session::open(&world.app, wren, "").unwrap();
        let bearer = token::create(&world.app, wren, "calendar", Scope::Read).unwrap();
        world.write(|tx| accounts::set_state(tx, wren, AccountState::Suspended));
        let answer = |password| session::sign_in(&world.app, "wren-signs-in", password, "").unwrap();
        assert_eq!(answer(PASSWORD), Err(SignIn::Suspended));
        assert_eq!(answer("wrong"), Err(SignIn::Wrong));
        assert!(session::check(&world.app, &cookie).unwrap().is_none());
        assert!(token::check(&world.app, &bearer).unwrap().is_none());
        assert!(matches!(token::create(&world.app, wren, "x", Scope::Read), Err(ActionError::Denied(_))));
    });
}

#[test]
fn a_session_lasts_as_long_as_it_is_used() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let cookie = session::open(&world.app, keeper, "Firefox on\nAndroid").unwrap();
        let check = || session::check(&world.app, &cookie).unwrap().map(|(session, _)| session);
        let first = check().unwrap();
        assert_eq!(first.device, "Firefox on Android");
        world.clock.advance(Duration::minutes(60));
        check();
        assert!(check().unwrap().expires_at == first.expires_at, "a use within the hour is not written down");
        world.clock.advance(Duration::days(29));
        check();
        assert_eq!(check().unwrap().expires_at, (world.app.now().utc() + session::LASTS).into());
        world.clock.advance(session::LASTS - Duration::microseconds(1));
        assert!(check().is_some());
        world.clock.advance(session::LASTS);
        assert!(check().is_none());
        for other in ["", "x", &"0".repeat(64), &cookie.to_uppercase()] {
            assert!(session::check(&world.app, other).unwrap().is_none());
        }
    });
}

#[test]
fn a_device_is_signed_out_by_its_owner_only() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (wren, _) = world.account("wren");
        let cookie = session::open(&world.app, keeper, "").unwrap();
        let id = session::of_account(&world.app, keeper).unwrap()[0].id;
        assert!(matches!(session::end(&world.app, wren, id), Err(ActionError::NotFound)));
        assert!(session::check(&world.app, &cookie).unwrap().is_some());
        session::end(&world.app, keeper, id).unwrap();
        assert!(session::check(&world.app, &cookie).unwrap().is_none());
        assert!(matches!(session::end(&world.app, keeper, id), Err(ActionError::NotFound)));
    });
}

#[test]
fn tokens_and_cookies_are_not_kept() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let cookie = session::open(&world.app, keeper, "").unwrap();
        let bearer = token::create(&world.app, keeper, "calendar", Scope::Read).unwrap();
        assert_eq!((cookie.len(), bearer.len()), (64, 64));
        assert!(session::of_account(&world.app, keeper).unwrap().iter().all(|row| row.token_hash != cookie));
        assert!(world.read(|c| api_tokens::of_account(c, keeper)).iter().all(|row| row.token_hash != bearer));
        let (row, account) = token::check(&world.app, &bearer).unwrap().unwrap();
        assert!(account.id == keeper && row.scope == Scope::Read);
        assert!(token::check(&world.app, &cookie).unwrap().is_none(), "a cookie is no token");
        token::revoke(&world.app, keeper, row.id).unwrap();
        assert!(token::check(&world.app, &bearer).unwrap().is_none());
    });
}
