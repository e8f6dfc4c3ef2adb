//! Received activities that wait: stored once, leased once, never lost.

use chrono::Duration;
use hearth_db::{
    Db, Time,
    tables::{
        GIVEN_BACK, TAKEN_OVER,
        incoming::{self, Incoming},
    },
};
use std::{collections::BTreeSet, sync::Mutex, thread};
use tests::{
    database::each_database,
    world::{NOW, instant, time},
};

fn lease(db: &Db, now: Time, most: i64) -> Vec<Incoming> {
    let until = (now.utc() + Duration::minutes(5)).into();
    db.write(|tx| incoming::lease(tx, now, until, most)).unwrap()
}

fn store(db: &Db, hash: &str) -> bool {
    db.write(|tx| incoming::store(tx, hash, "https://elm.test/u/kim", "{}", time(NOW))).unwrap()
}

#[test]
fn the_same_activity_waits_once() {
    each_database(|database| {
        assert!(store(&database.db, "a"));
        assert!(!store(&database.db, "a"));
        assert_eq!(database.db.read(incoming::count_waiting).unwrap(), 1);
    });
}

#[test]
fn many_workers_take_each_once() {
    each_database(|database| {
        let db = &database.db;
        (0..120).for_each(|number| assert!(store(db, &number.to_string())));
        let taken = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    loop {
                        let rows = lease(db, time(NOW), 7);
                        if rows.is_empty() {
                            break;
                        }
                        taken.lock().unwrap().extend(rows.iter().map(|row| row.id));
                    }
                });
            }
        });
        let taken = taken.into_inner().unwrap();
        assert_eq!(taken.len(), 120);
        assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 120);
    });
}

#[test]
fn what_a_crashed_worker_had_comes_back() {
    each_database(|database| {
        let db = &database.db;
        store(db, "a");
        assert_eq!(lease(db, time(NOW), 9)[0].attempts, 1);
        let later = |minutes| Time::from(instant(NOW) + Duration::minutes(minutes));
        assert!(lease(db, later(4), 9).is_empty());
        let again = lease(db, later(5), 9);
        assert_eq!((again[0].attempts, again[0].last_result.as_deref()), (2, Some(TAKEN_OVER)));
        db.write(|tx| incoming::retry_at(tx, again[0].id, later(20), "timeout")).unwrap();
        assert!(lease(db, later(19), 9).is_empty());
        assert_eq!(lease(db, later(20), 9)[0].last_result.as_deref(), Some("timeout"));
        db.write(|tx| incoming::park(tx, again[0].id, "404")).unwrap();
        assert!(lease(db, later(1_000_000), 9).is_empty());
        assert_eq!(db.read(incoming::count_waiting).unwrap(), 0);
        assert_eq!(db.read(incoming::count_parked).unwrap(), 1);
        db.write(|tx| incoming::delete(tx, again[0].id)).unwrap();
        assert_eq!(db.read(incoming::count_parked).unwrap(), 0);
    });
}

#[test]
fn what_is_given_back_is_taken_at_once_and_by_nobody_twice() {
    each_database(|database| {
        let db = &database.db;
        store(db, "a");
        store(db, "b");
        let held: Vec<(i64, i32)> = lease(db, time(NOW), 9).iter().map(|row| (row.id, row.attempts)).collect();
        db.write(|tx| incoming::park(tx, held[1].0, "404")).unwrap();
        assert_eq!(db.write(|tx| incoming::release(tx, &held)).unwrap(), 1, "what is parked stays so");
        let again = lease(db, time(NOW), 9);
        let found = again.iter().map(|row| (row.id, row.last_result.as_deref())).collect::<Vec<_>>();
        assert_eq!(found, [(held[0].0, Some(GIVEN_BACK))]);
        assert_eq!(db.write(|tx| incoming::release(tx, &held)).unwrap(), 0, "by now it is another's");
        assert!(lease(db, time(NOW), 9).is_empty());
    });
}
