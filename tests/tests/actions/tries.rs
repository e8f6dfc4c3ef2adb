//! How often something may be tried, for all nodes on a database together.

use chrono::Duration;
use hearth_actions::{
    ActionError, cleanup,
    tries::{self, LOOK_UP, Rule, SIGN_IN},
};
use tests::{database::each_database, world::World};

#[test]
fn tries_are_counted_over_a_time() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let app = &world.app;
        let waits = |tried: &[(Rule, &str)]| match tries::count(app, tried) {
            Ok(()) => None,
            Err(ActionError::TooOften { wait }) => Some(wait.num_seconds()),
            Err(other) => panic!("{other}"),
        };
        for number in 0..SIGN_IN.tries {
            assert_eq!(waits(&[(SIGN_IN, "a")]), None, "{number}");
        }
        world.clock.advance(Duration::seconds(60));
        assert_eq!(waits(&[(SIGN_IN, "a")]), Some(240));
        assert_eq!(waits(&[(SIGN_IN, "b")]), None, "somebody else");
        assert_eq!(waits(&[(LOOK_UP, "a")]), None, "something else");
        // One rule says no: the other one counts nothing.
        for _ in 0..LOOK_UP.tries {
            assert_eq!(waits(&[(LOOK_UP, "c"), (SIGN_IN, "a")]), Some(240));
        }
        assert_eq!(waits(&[(LOOK_UP, "c")]), None);
        world.clock.advance(SIGN_IN.within - Duration::seconds(60));
        assert_eq!(waits(&[(SIGN_IN, "a")]), None);
        // What was written while the clock was a year ahead keeps nobody out for a year.
        world.clock.advance(Duration::days(365));
        for _ in 0..SIGN_IN.tries {
            assert_eq!(waits(&[(SIGN_IN, "d")]), None);
        }
        world.clock.advance(-Duration::days(365));
        assert_eq!(waits(&[(SIGN_IN, "d")]), Some(SIGN_IN.within.num_seconds()));
        cleanup::forget(app).expect("a database");
        assert_eq!(waits(&[(SIGN_IN, "d")]), None);
    });
}

#[test]
fn nodes_count_together() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let counted = |more: i64| vec![(String::new(), more), ("elm.test".to_owned(), more)];
        let share = |minute, more| tries::share(&world.app, "posts", minute, &counted(more)).expect("a database");
        let minute = world.app.clock.now().timestamp() / 60;
        assert_eq!(share(minute, 3), [3, 3]);
        assert_eq!(share(minute, 4), [7, 7]);
        assert_eq!(share(minute + 1, 1), [1, 1], "the next minute");
        cleanup::forget(&world.app).expect("a database");
        assert_eq!(share(minute, 1), [8, 8], "this minute is not forgotten");
    });
}
