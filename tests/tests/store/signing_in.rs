//! Sessions, tokens and invitations as rows.

use chrono::Duration;
use hearth_db::{
    Db,
    tables::{
        api_tokens::{self, ApiToken, Scope},
        invitations::{self, Invitation},
        sessions::{self, Session},
    },
};
use hearth_domain::id::{AccountId, InvitationId, SessionId, TokenId};
use std::thread;
use tests::{
    database::each_database,
    world::{NOW, World, instant, time},
};

fn session(db: &Db, number: i64, account: AccountId, expires_at: &str) -> SessionId {
    let id = SessionId::try_from(number).unwrap();
    let row = Session {
        id,
        account_id: account,
        token_hash: format!("hash {number}"),
        device: "Firefox".into(),
        created_at: time(NOW),
        used_at: time(NOW),
        expires_at: time(expires_at),
    };
    db.write(|tx| row.insert(tx)).unwrap();
    id
}

#[test]
fn sessions_end_at_their_end() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let end = "2026-11-25T10:00:00.5Z";
        let id = session(&database.db, 1, keeper, end);
        session(&database.db, 2, keeper, "2026-12-25T10:00:00Z");
        let lasts = |at| world.read(|c| sessions::by_token(c, "hash 1", at)).is_some();
        let before = instant(end) - Duration::microseconds(1);
        assert!(lasts(time(NOW)) && lasts(before.into()));
        assert!(!lasts(time(end)));
        assert_eq!(world.write(|tx| sessions::purge(tx, before.into())), 0);
        assert_eq!(world.write(|tx| sessions::purge(tx, time(end))), 1);
        assert_eq!(world.write(|tx| sessions::end(tx, keeper, id)), 0);
        assert_eq!(world.read(|c| sessions::of_account(c, keeper)).len(), 1);
    });
}

#[test]
fn ending_all_sessions_keeps_the_named_one_and_those_of_others() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (other, _) = world.account("wren");
        let far = "2026-12-25T10:00:00Z";
        let kept = session(&database.db, 1, keeper, far);
        session(&database.db, 2, keeper, far);
        session(&database.db, 0, keeper, far);
        session(&database.db, 3, other, far);
        assert_eq!(world.write(|tx| sessions::end(tx, other, kept)), 0, "not theirs");
        assert_eq!(world.write(|tx| sessions::end_all(tx, keeper, Some(kept))), 2);
        assert_eq!(world.write(|tx| sessions::end_all(tx, keeper, None)), 1);
        assert_eq!(world.read(|c| sessions::of_account(c, other)).len(), 1);
    });
}

#[test]
fn tokens_belong_to_one_account() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (other, _) = world.account("wren");
        let id = TokenId::try_from(5).unwrap();
        let row = ApiToken {
            id,
            account_id: keeper,
            token_hash: "h".into(),
            label: "calendar".into(),
            scope: Scope::Read,
            created_at: time(NOW),
        };
        world.write(|tx| row.insert(tx));
        assert_eq!(world.write(|tx| api_tokens::revoke(tx, other, id)), 0);
        assert!(world.read(|c| api_tokens::by_hash(c, "h")).is_some());
        assert_eq!(world.write(|tx| api_tokens::revoke(tx, keeper, id)), 1);
        assert!(world.read(|c| api_tokens::by_hash(c, "h")).is_none());
    });
}

fn invitation(world: &World, by: AccountId, uses_left: i32) {
    let row = Invitation {
        id: InvitationId::random(&*world.app.entropy),
        code_hash: "code".into(),
        made_by: by,
        uses_left,
        expires_at: time("2026-11-25T10:00:00Z"),
        created_at: time(NOW),
    };
    world.write(|tx| row.insert(tx));
}

#[test]
fn an_invitation_redeemed_by_many_at_once_is_used_once() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        invitation(&world, keeper, 1);
        let db = &database.db;
        let redeemed = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| db.write(|tx| invitations::redeem(tx, "code", time(NOW))).unwrap()))
                .collect();
            threads.into_iter().map(|thread| i32::from(thread.join().unwrap())).sum::<i32>()
        });
        assert_eq!(redeemed, 1);
        assert!(world.read(|c| invitations::usable(c, time(NOW))).is_empty());
    });
}

#[test]
fn an_invitation_ends() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        invitation(&world, keeper, 3);
        let redeem = |code: &str, at: &str| world.write(|tx| invitations::redeem(tx, code, time(at)));
        assert!(!redeem("other", NOW));
        assert!(!redeem("code", "2026-11-25T10:00:00Z"));
        assert!(redeem("code", "2026-11-25T09:59:59.999999Z"));
        let rows = world.read(|c| invitations::usable(c, time(NOW)));
        assert_eq!(rows[0].uses_left, 2);
        assert_eq!(world.write(|tx| invitations::revoke(tx, rows[0].id)), 1);
        assert!(!redeem("code", NOW));
    });
}
