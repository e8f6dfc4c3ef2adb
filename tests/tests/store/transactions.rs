//! Write transactions: all or nothing, one after the other.

use hearth_db::{
    DbError,
    tables::{hosts, hosts::Host, seen_activities, seen_activities::SeenActivity},
};
use std::thread;
use tests::{database::each_database, world::time};

#[test]
fn contended_writes_all_count() {
    each_database(|database| {
        let db = &database.db;
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        db.write(|tx| {
                            let row = hosts::ensure(tx, "elm.test")?;
                            hosts::update(tx, &Host { failures: row.failures + 1, ..row })
                        })
                        .unwrap();
                    }
                });
            }
        });
        let row = db.read(|c| hosts::get(c, "elm.test")).unwrap().unwrap();
        assert_eq!(row.failures, 400);
    });
}

#[test]
fn a_transaction_that_fails_leaves_nothing() {
    each_database(|database| {
        let failed: Result<(), DbError> = database.db.write(|tx| {
            hosts::ensure(tx, "elm.test")?;
            Err(DbError::BadUrl)
        });
        assert!(matches!(failed, Err(DbError::BadUrl)));
        assert!(database.db.read(|c| hosts::get(c, "elm.test")).unwrap().is_none());
        database.db.write(|tx| hosts::ensure(tx, "elm.test").map(drop)).unwrap();
        assert!(database.db.read(|c| hosts::get(c, "elm.test")).unwrap().is_some());
    });
}

#[test]
fn a_statement_that_fails_takes_its_transaction_with_it() {
    each_database(|database| {
        let row = || SeenActivity { id_hash: "a".into(), seen_at: time("2026-11-24T10:00:00Z") };
        let twice = database.db.write(|tx| {
            row().insert(tx)?;
            row().insert(tx)
        });
        assert!(matches!(twice, Err(DbError::Duplicate)));
        assert!(!database.db.read(|c| seen_activities::seen(c, "a")).unwrap());
    });
}

#[test]
fn a_panic_inside_leaves_nothing_and_harms_nobody() {
    each_database(|database| {
        let db = &database.db;
        for _ in 0..10 {
            let panicked = thread::scope(|scope| {
                scope
                    .spawn(|| {
                        db.write(|tx| {
                            hosts::ensure(tx, "elm.test")?;
                            assert!(hosts::get(tx, "elm.test")?.is_none(), "planned");
                            Ok::<_, DbError>(())
                        })
                    })
                    .join()
            });
            assert!(panicked.is_err());
        }
        assert!(db.read(|c| hosts::get(c, "elm.test")).unwrap().is_none());
        db.write(|tx| hosts::ensure(tx, "oak.test").map(drop)).unwrap();
    });
}

#[test]
fn two_who_see_the_same_activity_agree_that_it_was_seen_once() {
    each_database(|database| {
        let db = &database.db;
        let at = time("2026-11-24T10:00:00Z");
        let marked = thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|_| {
                    scope.spawn(|| match db.write(|tx| SeenActivity { id_hash: "a".into(), seen_at: at }.insert(tx)) {
                        Ok(()) => 1,
                        Err(DbError::Duplicate) => 0,
                        Err(other) => panic!("{other:?}"),
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum::<i32>()
        });
        assert_eq!(marked, 1);
        assert!(db.read(|c| seen_activities::seen(c, "a")).unwrap());
        assert!(!db.read(|c| seen_activities::seen(c, "b")).unwrap());
        assert_eq!(db.write(|tx| seen_activities::purge(tx, at, 9)).unwrap(), 0);
        assert_eq!(db.write(|tx| seen_activities::purge(tx, time("2026-12-24T10:00:00Z"), 9)).unwrap(), 1);
        assert!(!db.read(|c| seen_activities::seen(c, "a")).unwrap());
    });
}
