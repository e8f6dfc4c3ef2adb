//! Actions that share a commit: together on the disk, apart in their failures.

use crate::{
    Db, DbError, DbUrl,
    tables::hosts::{self, Host},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Barrier,
    thread,
};

fn database() -> (tempfile::TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&DbUrl::file(&folder.path().join("test.db")), 4).unwrap();
    (folder, db)
}

fn add(db: &Db, host: &str) -> Result<(), DbError> {
    db.write(|tx| hosts::ensure(tx, host).map(drop))
}

fn names(db: &Db) -> Vec<String> {
    let rows: Result<Vec<Host>, DbError> = db.read(hosts::all);
    rows.unwrap().into_iter().map(|row| row.host).collect()
}

#[test]
fn writers_that_come_together_share_commits() {
    const THREADS: usize = 16;
    const EACH: usize = 50;
    let (_folder, db) = database();
    let before = db.metrics().commits();
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (db, start) = (&db, &start);
            scope.spawn(move || {
                start.wait();
                for number in 0..EACH {
                    add(db, &format!("{thread}-{number}.test")).unwrap();
                    // What was acknowledged can be read by anybody.
                    let found: Result<_, DbError> = db.read(|c| hosts::get(c, &format!("{thread}-{number}.test")));
                    assert!(found.unwrap().is_some());
                }
            });
        }
    });
    assert_eq!(names(&db).len(), THREADS * EACH);
    let commits = db.metrics().commits() - before;
    assert!(commits < (THREADS * EACH / 2) as u64, "{commits} commits for {} actions", THREADS * EACH);
}

#[test]
fn one_that_fails_or_panics_takes_only_its_own_with_it() {
    const THREADS: usize = 12;
    let (_folder, db) = database();
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (db, start) = (&db, &start);
            scope.spawn(move || {
                start.wait();
                for number in 0..20 {
                    let name = format!("{thread}-{number}.test");
                    let result = catch_unwind(AssertUnwindSafe(|| {
                        db.write(|tx| {
                            hosts::ensure(tx, &name)?;
                            match (thread + number) % 3 {
                                0 => Ok(()),
                                1 => Err(DbError::Duplicate),
                                _ => panic!("on purpose"),
                            }
                        })
                    }));
                    match (thread + number) % 3 {
                        0 => assert!(matches!(result, Ok(Ok(())))),
                        1 => assert!(matches!(result, Ok(Err(DbError::Duplicate)))),
                        _ => assert!(result.is_err()),
                    }
                }
            });
        }
    });
    let kept = names(&db);
    let expected = (0..THREADS).flat_map(|t| (0..20).map(move |n| (t, n))).filter(|(t, n)| (t + n) % 3 == 0).count();
    assert_eq!(kept.len(), expected);
}

#[test]
fn what_is_done_together_is_committed_once_and_read_at_once() {
    let (_folder, db) = database();
    let before = db.metrics().commits();
    let results = db.together(|| {
        let first = add(&db, "a.test");
        let failed = db.write(|tx| {
            hosts::ensure(tx, "b.test")?;
            Err::<(), _>(DbError::Duplicate)
        });
        let nested = db.together(|| add(&db, "c.test")).unwrap();
        assert_eq!(names(&db), ["a.test", "c.test"], "what it wrote it reads");
        thread::scope(|scope| {
            scope.spawn(|| assert!(names(&db).is_empty(), "nobody else sees it yet"));
        });
        (first, failed, nested)
    });
    assert!(matches!(results.unwrap(), (Ok(()), Err(DbError::Duplicate), Ok(()))));
    assert_eq!(names(&db), ["a.test", "c.test"]);
    assert_eq!(db.metrics().commits() - before, 1);
    add(&db, "d.test").unwrap();
    assert_eq!(names(&db).len(), 3, "afterwards all is as before");
}

#[test]
fn a_panic_in_the_middle_of_together_leaves_the_line_moving() {
    let (_folder, db) = database();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _: Result<(), _> = db.together(|| {
            add(&db, "a.test").unwrap();
            panic!("on purpose");
        });
    }));
    assert!(panicked.is_err());
    add(&db, "b.test").unwrap();
    assert_eq!(names(&db), ["a.test", "b.test"], "each action stands for itself");
}

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged_and_heals() {
    let (_folder, db) = database();
    add(&db, "before.test").unwrap();
    fill(&db, true);
    let start = Barrier::new(8);
    let results: Vec<(Vec<String>, Option<DbError>)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let (db, start) = (&db, &start);
                scope.spawn(move || {
                    start.wait();
                    let mut acknowledged = Vec::new();
                    for number in 0..200 {
                        let name = format!("{}-{thread}-{number}.test", "x".repeat(200));
                        match add(db, &name) {
                            Ok(()) => acknowledged.push(name),
                            Err(error) => return (acknowledged, Some(error)),
                        }
                    }
                    (acknowledged, None)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    // The connection that found the disk full is given up, and with it this limit: somebody meets it, not all.
    let refused: Vec<_> = results.iter().filter_map(|(_, error)| error.as_ref()).collect();
    assert!(!refused.is_empty() && refused.iter().all(|error| matches!(error, DbError::Unavailable(_))), "{refused:?}");
    let mut expected: Vec<_> = results.iter().flat_map(|(names, _)| names.iter().cloned()).collect();
    expected.push("before.test".to_owned());
    expected.sort();
    let mut stored = names(&db);
    stored.sort();
    assert_eq!(stored, expected, "what was acknowledged, and nothing else");
    fill(&db, false);
    add(&db, "after.test").unwrap();
    let integrity: Result<Vec<String>, DbError> = db.read(crate::dialect::integrity);
    assert_eq!(integrity.unwrap(), Vec::<String>::new());
}

#[test]
fn when_nobody_can_write_all_who_wait_hear_it_at_once() {
    let (_folder, db) = database();
    let writers = &db.writers;
    assert!(writers.stand_in_line().is_none(), "the first one's turn");
    let waiting: Vec<_> = (0..3).map(|_| writers.stand_in_line().unwrap()).collect();
    writers.turn_away();
    for (ticket, receiver) in &waiting {
        assert!(matches!(writers.wait_in_line(*ticket, receiver), Err(DbError::Unavailable(_))));
    }
    add(&db, "after.test").unwrap();
}

/// Lets the database grow no more, or as it likes.
fn fill(db: &Db, full: bool) {
    let done: Result<(), DbError> = db.write(|tx| {
        let most = if full { crate::dialect::page_count(tx)? } else { 1_000_000_000 };
        crate::dialect::limit_pages(tx, most)
    });
    done.unwrap();
}
