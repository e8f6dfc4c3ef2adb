//! How the server itself is doing: jobs that one of several nodes runs, what was put right, what went out in each hour,
//! and what is stuck.

use chrono::{Duration, TimeDelta};
use hearth_actions::{
    health::{self, Level, Machine, Trouble},
    incident, job, remote,
};
use hearth_db::{
    Time,
    tables::{
        activities::Activity,
        deliveries,
        delivery_hours::{self, DeliveryHour},
        hosts,
        incidents::{self, IncidentKind},
        incoming,
        jobs::{self, Claim},
    },
    views::queue,
};
use hearth_domain::id::ActivityId;
use tests::{
    database::{TestDatabase, each_database},
    world::{NOW, World, instant, time},
};

fn after(time: TimeDelta) -> Time {
    (instant(NOW) + time).into()
}

/// An activity about `object` on its way to `host`, asked for now.
fn send(world: &World, object: &str, host: &str) {
    let id = ActivityId::random(&*world.app.entropy);
    let signer = world.read(hearth_db::tables::actors::server).unwrap().id;
    let row = Activity {
        id,
        ap_id: format!("https://oak.test/a/{id}").parse().unwrap(),
        actor_id: signer,
        kind: "Create".into(),
        object_ap_id: object.into(),
        body: "{}".into(),
        created_at: world.app.now(),
    };
    world.write(|tx| {
        row.insert(tx)?;
        deliveries::enqueue(tx, &row, host, &format!("https://{host}/inbox"), row.created_at)
    });
}

fn host(world: &World, name: &str, change: impl FnOnce(&mut hosts::Host)) {
    world.write(|tx| {
        let mut row = hosts::ensure(tx, name)?;
        change(&mut row);
        hosts::update(tx, &row)
    });
}

#[test]
fn of_several_nodes_one_runs_a_job() {
    each_database(|database| {
        let world = World::new(database);
        let lease = Duration::minutes(15);
        let begun: usize = std::thread::scope(|scope| {
            let nodes: Vec<_> = (0..6)
                .map(|_| scope.spawn(|| job::begin(&world.app, "tidy up", job::HOURLY, lease).unwrap()))
                .collect();
            nodes.into_iter().map(|node| usize::from(node.join().unwrap())).sum()
        });
        assert_eq!(begun, 1);
        let row = world.read(|c| jobs::get(c, "tidy up")).unwrap();
        assert_eq!((row.runs, row.last_started, row.last_finished), (1, Some(time(NOW)), None));

        job::finish(&world.app, "tidy up", "done").unwrap();
        assert!(!job::begin(&world.app, "tidy up", job::HOURLY, lease).unwrap(), "not due yet");
        world.clock.advance(Duration::hours(1));
        assert!(job::begin(&world.app, "tidy up", job::HOURLY, lease).unwrap());
        let row = world.read(|c| jobs::get(c, "tidy up")).unwrap();
        assert_eq!((row.runs, row.last_finished, row.last_result.as_deref()), (2, Some(time(NOW)), Some("done")));
        assert_eq!(world.read(|c| incidents::latest(c, 9)).len(), 0);

        // The node that has it dies. The next one takes it over once it is due and the lease is over.
        world.clock.advance(Duration::hours(2));
        assert!(job::begin(&world.app, "tidy up", job::HOURLY, lease).unwrap());
        let put_right = world.read(|c| incidents::latest(c, 9));
        assert_eq!(put_right.iter().map(|row| row.kind).collect::<Vec<_>>(), [IncidentKind::LeaseTakenOver]);
    });
}

#[test]
fn nothing_waits_for_years_because_the_clock_was_ahead() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        let (ahead, lease) = (Duration::days(4_000), Duration::minutes(15));
        world.clock.advance(ahead);
        send(&world, "https://oak.test/p/1", "elm.test");
        send(&world, "https://oak.test/p/2", "ash.test");
        let now = world.app.now();
        host(&world, "ash.test", |row| row.next_try_at = Some(now));
        world.write(|tx| incoming::store(tx, "hash", "https://elm.test/u/sam", "{}", now));
        assert!(job::begin(&world.app, job::TIDY_UP, job::HOURLY, lease).unwrap(), "and it ends there and then");
        world.clock.advance(-ahead);
        let now = world.app.now();
        assert_eq!(world.read(|c| deliveries::count_due(c, now)), 0);
        assert!(job::begin(&world.app, job::TIDY_UP, job::HOURLY, lease).unwrap(), "the job is due");
        hearth_actions::cleanup::forget(&world.app).unwrap();
        assert_eq!(world.read(|c| deliveries::count_due(c, now)), 2);
        assert_eq!(world.read(|c| incoming::count_due(c, now)), 1);
        assert_eq!(world.read(|c| hosts::get(c, "ash.test")).unwrap().next_try_at, None);
        assert!(!job::begin(&world.app, job::TIDY_UP, job::HOURLY, lease).unwrap(), "and not twice");

        // What is planned in the usual way stays as it is.
        send(&world, "https://oak.test/p/3", "oak.test");
        let later = after(TimeDelta::hours(14));
        host(&world, "oak.test", |row| row.next_try_at = Some(later));
        hearth_actions::cleanup::forget(&world.app).unwrap();
        assert_eq!(world.read(|c| hosts::get(c, "oak.test")).unwrap().next_try_at, Some(later));
    });
}

#[test]
fn a_job_that_somebody_has_is_nobody_elses() {
    each_database(|database| {
        let world = World::new(database);
        let claim = |now: Time, until: Time| world.write(|tx| jobs::claim(tx, "long", now, now, until));
        assert_eq!(claim(after(TimeDelta::zero()), after(TimeDelta::minutes(15))), Claim::Mine);
        assert_eq!(claim(after(TimeDelta::minutes(14)), after(TimeDelta::minutes(29))), Claim::Nothing);
        assert_eq!(claim(after(TimeDelta::minutes(15)), after(TimeDelta::minutes(30))), Claim::TakenOver);
    });
}

#[test]
fn what_was_put_right_is_told_once_an_hour_and_forgotten_after_a_month() {
    each_database(|database| {
        let world = World::new(database);
        let app = &world.app;
        incident::record(app, IncidentKind::KeyFetched, Some("elm.test"), 1).unwrap();
        world.clock.advance(Duration::minutes(59));
        incident::record(app, IncidentKind::KeyFetched, Some("elm.test"), 2).unwrap();
        incident::record(app, IncidentKind::KeyFetched, Some("ash.test"), 1).unwrap();
        incident::record(app, IncidentKind::WorkerBegunAgain, None, 1).unwrap();
        incident::record(app, IncidentKind::WorkerBegunAgain, None, 1).unwrap();
        world.clock.advance(Duration::minutes(61));
        incident::record(app, IncidentKind::KeyFetched, Some("elm.test"), 1).unwrap();
        let told = || -> Vec<(IncidentKind, Option<String>, i64)> {
            let rows = world.read(|c| incidents::latest(c, 9));
            rows.into_iter().map(|row| (row.kind, row.host, row.count)).collect()
        };
        let elm = || Some("elm.test".to_owned());
        let all = [
            (IncidentKind::KeyFetched, elm(), 1),
            (IncidentKind::WorkerBegunAgain, None, 2),
            (IncidentKind::KeyFetched, Some("ash.test".to_owned()), 1),
            (IncidentKind::KeyFetched, elm(), 3),
        ];
        assert_eq!(told(), all);
        world.clock.advance(Duration::days(30) - Duration::minutes(60));
        hearth_actions::cleanup::forget(app).unwrap();
        assert_eq!(told(), all[..1]);
    });
}

#[test]
fn hours_add_up() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        job::count_hour(&world.app, 3, 1).unwrap();
        send(&world, "https://oak.test/p/1", "elm.test");
        world.clock.advance(Duration::minutes(59));
        job::count_hour(&world.app, 4, 0).unwrap();
        world.sent();
        job::count_hour(&world.app, 0, 0).unwrap();
        world.clock.advance(Duration::minutes(1));
        job::count_hour(&world.app, 0, 2).unwrap();
        let rows = world.read(|c| delivery_hours::since(c, time(NOW)));
        let found: Vec<_> = rows.iter().map(|row| (row.hour, row.delivered, row.failed, row.waiting)).collect();
        assert_eq!(found, [(time(NOW), 7, 1, 1), (after(TimeDelta::hours(1)), 0, 2, 0)]);
        let none = DeliveryHour { hour: time(NOW), delivered: 0, failed: 0, waiting: 0 };
        world.write(|tx| delivery_hours::add(tx, &none));
        assert_eq!(world.read(|c| delivery_hours::since(c, time(NOW)))[0].waiting, 1, "the most that was seen stays");
    });
}

fn trouble(world: &World) -> Option<Trouble> {
    let now = world.app.now();
    world.app.db.read(|c| health::trouble(c, now, &Machine::default())).unwrap()
}

#[test]
fn only_what_nothing_holds_up_is_stuck() {
    each_database(|database| {
        let (world, _) = World::ready(database);
        send(&world, "https://oak.test/p/1", "elm.test");
        let due = || world.read(|c| queue::oldest_due(c, world.app.now()));
        assert_eq!((due(), trouble(&world)), (Some(time(NOW)), None));
        world.clock.advance(Duration::minutes(2));
        assert_eq!(trouble(&world), Some(Trouble::Deliveries));

        // Its server just took something: the queue is long, not stuck.
        host(&world, "elm.test", |row| row.last_ok_at = Some(world.app.now()));
        assert_eq!((due(), trouble(&world)), (Some(time(NOW)), None));
        host(&world, "elm.test", |row| row.last_ok_at = None);
        // Its server fails, or is blocked: that is no fault here.
        host(&world, "elm.test", |row| row.failures = 1);
        assert_eq!((due(), trouble(&world)), (None, None));
        host(&world, "elm.test", |row| (row.failures, row.blocked) = (0, true));
        assert_eq!((due(), trouble(&world)), (None, None));
        host(&world, "elm.test", |row| row.blocked = false);

        // Somebody is sending it; then that lease is over.
        let until = after(TimeDelta::minutes(3));
        let limits = deliveries::LeaseLimits { until, most: 4 };
        let leased =
            world.write(|tx| deliveries::lease(tx, &[("elm.test".to_owned(), 4)].into(), world.app.now(), limits));
        assert_eq!((due(), trouble(&world)), (None, None));
        world.clock.advance(Duration::minutes(3));
        assert_eq!((due(), trouble(&world)), (Some(until), Some(Trouble::Deliveries)));

        // What is about the same thing waits for what comes before it, which is to be tried again later.
        world.write(|tx| deliveries::retry_at(tx, &leased[0], after(TimeDelta::hours(2)), "missing 1"));
        send(&world, "https://oak.test/p/1", "elm.test");
        world.clock.advance(Duration::minutes(10));
        assert_eq!((due(), trouble(&world)), (None, None));
    });
}

#[test]
fn received_activities_that_nobody_looks_at_are_stuck_after_ten_minutes() {
    each_database(|database| {
        let world = World::new(database);
        world.write(|tx| incoming::store(tx, "aa", "https://elm.test/u/kim", "{}", time(NOW)));
        world.clock.advance(Duration::minutes(9));
        assert_eq!(trouble(&world), None);
        world.clock.advance(Duration::minutes(1));
        assert_eq!(trouble(&world), Some(Trouble::Incoming));
        let row = world.write(|tx| incoming::lease(tx, world.app.now(), after(TimeDelta::minutes(15)), 1)).remove(0);
        assert_eq!(trouble(&world), None);
        world.write(|tx| incoming::park(tx, row.id, "unexpected"));
        world.clock.advance(Duration::days(1));
        assert_eq!(trouble(&world), None, "what is parked waits for nobody");
        let silent = Machine { silent_workers: 1, ..Machine::default() };
        let found = world.app.db.read(|c| health::trouble(c, world.app.now(), &silent)).unwrap();
        assert_eq!(found, Some(Trouble::Workers));
    });
}

fn looks(world: &World) -> Vec<String> {
    let findings = health::findings(&world.app, &Machine::default()).unwrap();
    findings.into_iter().filter(|one| one.level >= Level::Look).map(|one| one.words).collect()
}

#[test]
fn a_server_that_is_away_is_told_with_what_waits_and_can_be_tried_again() {
    each_database(|database| {
        let (world, keeper) = World::ready(database);
        let (member, _) = world.account("wren");
        hearth_actions::job::begin(&world.app, job::TIDY_UP, job::HOURLY, Duration::minutes(1)).unwrap();
        job::finish(&world.app, job::TIDY_UP, "done").unwrap();
        assert_eq!(looks(&world), [""; 0]);
        let seen: Time = (instant(NOW) - Duration::days(3)).into();
        host(&world, "northside.example", |row| {
            (row.failures, row.last_ok_at, row.next_try_at) = (7, Some(seen), Some(after(TimeDelta::hours(12))));
        });
        assert_eq!(looks(&world), [""; 0], "nothing waits for it");
        send(&world, "https://oak.test/p/1", "northside.example");
        send(&world, "https://oak.test/p/2", "northside.example");
        let words = "northside.example has not answered since Saturday; 2 announcements are waiting.";
        assert_eq!(looks(&world), [words]);

        let limits = || deliveries::LeaseLimits { until: after(TimeDelta::hours(1)), most: 4 };
        let lease = || {
            world
                .write(|tx| {
                    deliveries::lease(tx, &[("northside.example".to_owned(), 4)].into(), world.app.now(), limits())
                })
                .len()
        };
        assert_eq!(lease(), 0, "it is left alone");
        let refused = |result: hearth_actions::Result<()>| format!("{:?}", result.unwrap_err());
        assert_eq!(refused(remote::try_again(&world.app, member, "northside.example")), "Denied(KeepersOnly)");
        assert_eq!(refused(remote::try_again(&world.app, keeper, "nowhere.example")), "NotFound");
        assert_eq!(lease(), 0);
        remote::try_again(&world.app, keeper, "northside.example").unwrap();
        assert_eq!(lease(), 1, "one is tried first");

        // It is there again, as a request from it shows: what waits is sent, and the keeper hears of it.
        remote::heard_from(&world.app, "northside.example").unwrap();
        let put_right = world.read(|c| incidents::latest(c, 9));
        let told: Vec<_> = put_right.iter().map(|row| (row.kind, row.host.as_deref(), row.count)).collect();
        assert_eq!(told, [(IncidentKind::BacklogSent, Some("northside.example"), 2)]);
        assert_eq!(looks(&world), [""; 0]);
        world.block("northside.example");
        let blocked = refused(remote::try_again(&world.app, keeper, "northside.example"));
        assert!(blocked.starts_with("Conflict"), "{blocked}");
    });
}

#[test]
fn the_report_is_for_keepers() {
    each_database(|database: &TestDatabase| {
        let (world, keeper) = World::ready(database);
        let (member, _) = world.account("wren");
        let machine = Machine::default();
        assert!(health::report(&world.app, member, &machine).is_err());
        assert!(health::neighbour(&world.app, member, "elm.test").is_err());
        send(&world, "https://oak.test/p/1", "elm.test");
        world.clock.advance(Duration::hours(4));
        let report = health::report(&world.app, keeper, &machine).unwrap();
        assert_eq!((report.waiting, report.servers, report.servers_well, report.people), (1, 1, 1, 2));
        let words: Vec<&str> = report.findings.iter().map(|one| one.words.as_str()).collect();
        let expected = [
            "Announcements are not going out, though the other servers answer.",
            "Tidying up has not run since 10:00 today.",
            "The server is set up as oak.test.",
            "1 announcement waits for other servers, the oldest for 4 hours.",
        ];
        assert_eq!(words, expected);
        let size = world.read(queue::size);
        assert!(size.bytes > 10_000 && size.file.is_some() == (database.kind() == hearth_db::Kind::Sqlite));
        assert!(world.read(queue::schema_version).starts_with("2026112"));
    });
}
