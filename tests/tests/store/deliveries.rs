//! The delivery queue: each row is had by one worker at a time, hosts are treated fairly, and what is about one thing
//! arrives in order.

use chrono::Duration;
use hearth_db::{
    Time,
    tables::{
        activities::{self, Activity},
        deliveries::{self, Delivery, DeliveryState, LeaseLimits},
        hosts::{self, Host},
    },
};
use hearth_domain::id::{ActivityId, ActorId};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Mutex,
    thread,
};
use tests::{
    database::{TestDatabase, each_database},
    world::{NOW, World, instant, time},
};

/// A server with activities to deliver.
struct Queue {
    world: World,
    signer: ActorId,
}

impl Queue {
    fn new(database: &TestDatabase) -> Self {
        let (world, keeper) = World::ready(database);
        let signer = world.personas(keeper)[0].id;
        Self { world, signer }
    }

    /// An activity about `object`, on its way to these hosts.
    fn add(&self, object: &str, receivers: &[&str]) {
        let id = ActivityId::random(&*self.world.app.entropy);
        let row = Activity {
            id,
            ap_id: format!("https://oak.test/a/{id}").parse().unwrap(),
            actor_id: self.signer,
            kind: "Create".into(),
            object_ap_id: object.into(),
            body: "{}".into(),
            created_at: time(NOW),
        };
        self.world.write(|tx| {
            row.insert(tx)?;
            receivers
                .iter()
                .try_for_each(|host| deliveries::enqueue(tx, &row, host, &format!("https://{host}/inbox"), time(NOW)))
        });
    }

    fn lease(&self, now: Time, per_host: i64, most: i64) -> Vec<Delivery> {
        let until = (now.utc() + Duration::minutes(5)).into();
        self.world.write(|tx| {
            let hosts = places(deliveries::hosts_with_work(tx, now)?, per_host);
            deliveries::lease(tx, &hosts, now, LeaseLimits { until, most })
        })
    }

    fn finish(&self, row: &Delivery) {
        self.world.write(|tx| deliveries::finish(tx, row, DeliveryState::Done, "202").map(drop));
    }

    fn host(&self, host: &str, change: impl FnOnce(Host) -> Host) {
        self.world.write(|tx| {
            let row = hosts::ensure(tx, host)?;
            hosts::update(tx, &change(row))
        });
    }
}

fn names(hosts: Vec<(String, bool)>) -> Vec<String> {
    hosts.into_iter().map(|(name, _)| name).collect()
}

fn places(hosts: Vec<(String, bool)>, each: i64) -> HashMap<String, i64> {
    names(hosts).into_iter().map(|name| (name, each)).collect()
}

fn after(minutes: i64) -> Time {
    (instant(NOW) + Duration::minutes(minutes)).into()
}

fn objects(rows: &[Delivery]) -> Vec<&str> {
    rows.iter().map(|row| row.object_ap_id.as_str()).collect()
}

#[test]
fn four_workers_take_four_hundred_once_each_and_never_too_many_for_one_host() {
    each_database(|database| {
        let queue = Queue::new(database);
        let names: Vec<String> = (0..8).map(|number| format!("h{number}.test")).collect();
        let hosts: Vec<&str> = names.iter().map(String::as_str).collect();
        (0..50).for_each(|number| queue.add(&format!("object {number}"), &hosts));
        let taken = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while queue.world.waiting() > 0 {
                        taken.lock().unwrap().extend(one_round(&queue));
                    }
                });
            }
        });
        let taken = taken.into_inner().unwrap();
        assert_eq!(taken.len(), 400);
        assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 400);
    });
}

/// Takes at most seven, three of one host, and delivers them. What is in flight is counted where it is taken.
fn one_round(queue: &Queue) -> Vec<i64> {
    let limits = LeaseLimits { until: after(5), most: 7 };
    let leased = queue.world.write(|tx| {
        let hosts = places(deliveries::hosts_with_work(tx, time(NOW))?, 3);
        let leased = deliveries::lease(tx, &hosts, time(NOW), limits)?;
        let touched: BTreeSet<&str> = leased.iter().map(|row| row.host.as_str()).collect();
        for host in touched {
            let rows = deliveries::of_host(tx, host)?;
            let flying = rows.iter().filter(|row| row.state == DeliveryState::Leased).count();
            assert!((1..=3).contains(&flying), "{flying} in flight for {host}");
        }
        Ok(leased)
    });
    assert!(leased.len() <= 7);
    leased.iter().for_each(|row| queue.finish(row));
    leased.iter().map(|row| row.id).collect()
}

#[test]
fn what_is_about_one_object_arrives_in_order() {
    each_database(|database| {
        let queue = Queue::new(database);
        queue.add("tea", &["elm.test", "fir.test"]);
        queue.add("tea", &["elm.test"]);
        queue.add("tea", &["elm.test"]);
        queue.add("cake", &["elm.test"]);
        let first = queue.lease(time(NOW), 9, 99);
        let of_elm = first.iter().filter(|row| row.host == "elm.test");
        assert_eq!(of_elm.map(|row| row.object_ap_id.as_str()).collect::<Vec<_>>(), ["tea", "cake"]);
        assert_eq!(first.len(), 3, "the other host does not wait for elm.test");
        assert!(queue.lease(time(NOW), 9, 99).is_empty());
        queue.finish(&first[0]);
        let second = queue.lease(time(NOW), 9, 99);
        assert_eq!(objects(&second), ["tea"]);
        queue.world.write(|tx| deliveries::retry_at(tx, &second[0], after(60), "503"));
        assert!(queue.lease(after(1), 9, 99).iter().all(|row| row.host != "elm.test"), "the third overtook the second");
        let third: Vec<Delivery> = queue
            .lease(after(60), 9, 99)
            .into_iter()
            .filter(|row| row.object_ap_id == "tea" && row.attempts == 2)
            .collect();
        let again = third.iter().find(|row| row.id == second[0].id).unwrap();
        let late = queue.world.write(|tx| deliveries::finish(tx, &second[0], DeliveryState::Dead, "410"));
        assert!(!late, "who had the lease before has no say any more");
        assert!(queue.world.write(|tx| deliveries::finish(tx, again, DeliveryState::Dead, "410")));
        let last = queue.lease(after(60), 9, 99);
        assert_eq!(objects(&last), ["tea"]);
        assert!(last[0].id > second[0].id);
    });
}

#[test]
fn expired_leases_come_back() {
    each_database(|database| {
        let queue = Queue::new(database);
        queue.add("tea", &["elm.test"]);
        let first = queue.lease(time(NOW), 9, 99);
        assert_eq!(first[0].attempts, 1);
        assert!(queue.lease(after(4), 9, 99).is_empty());
        let again = queue.lease(after(5), 9, 99);
        assert_eq!((again[0].attempts, again[0].lease_until), (2, Some(after(10))));
        let release = |row: &Delivery| queue.world.write(|tx| deliveries::release(tx, &[(row.id, row.attempts)]));
        assert_eq!(release(&first[0]), 0, "who let it run out has nothing to give back");
        assert!(queue.lease(after(5), 9, 99).is_empty(), "it belongs to who took it over");
        assert_eq!(release(&again[0]), 1);
        assert_eq!(release(&again[0]), 0);
        let third = queue.lease(after(5), 9, 99);
        assert_eq!(third.len(), 1, "released rows are due at once");
        queue.finish(&third[0]);
        assert!(queue.lease(after(1_000_000), 9, 99).is_empty());
    });
}

#[test]
fn a_host_that_fails_gets_one_at_a_time() {
    each_database(|database| {
        let queue = Queue::new(database);
        (0..10).for_each(|number| queue.add(&format!("object {number}"), &["elm.test"]));
        queue.host("elm.test", |row| Host { failures: 0, ..row });
        let two = queue.lease(time(NOW), 2, 99);
        assert_eq!(two.len(), 2);
        two.iter().for_each(|row| queue.finish(row));
        queue.host("elm.test", |row| Host { failures: 1, ..row });
        let one = queue.lease(time(NOW), 2, 99);
        assert_eq!(one.len(), 1);
        assert!(queue.lease(time(NOW), 2, 99).is_empty(), "one is in flight");
        queue.finish(&one[0]);
        queue.host("elm.test", |row| Host { next_try_at: Some(after(10)), ..row });
        assert!(queue.lease(after(9), 2, 99).is_empty(), "it is left alone");
        assert_eq!(queue.lease(after(10), 2, 99).len(), 1);
    });
}

#[test]
fn each_host_gets_what_it_takes() {
    each_database(|database| {
        let queue = Queue::new(database);
        (0..10).for_each(|number| queue.add(&format!("object {number}"), &["elm.test", "fir.test"]));
        let hosts = [("elm.test".to_owned(), 7), ("fir.test".to_owned(), 2)].into();
        let limits = LeaseLimits { until: after(5), most: 99 };
        let leased = queue.world.write(|tx| deliveries::lease(tx, &hosts, time(NOW), limits));
        let of = |host| leased.iter().filter(|row| row.host == host).count();
        assert_eq!((of("elm.test"), of("fir.test")), (7, 2));
    });
}

#[test]
fn a_blocked_host_gets_nothing() {
    each_database(|database| {
        let queue = Queue::new(database);
        queue.add("tea", &["elm.test", "fir.test"]);
        queue.host("elm.test", |row| Host { blocked: true, ..row });
        let leased = queue.lease(time(NOW), 9, 99);
        assert_eq!(leased.iter().map(|row| row.host.as_str()).collect::<Vec<_>>(), ["fir.test"]);
    });
}

#[test]
fn a_busy_host_does_not_keep_the_others_waiting() {
    each_database(|database| {
        let queue = Queue::new(database);
        (0..30).for_each(|number| queue.add(&format!("object {number}"), &["elm.test"]));
        queue.add("cake", &["fir.test"]);
        let leased = queue.lease(time(NOW), 9, 2);
        let hosts: BTreeSet<&str> = leased.iter().map(|row| row.host.as_str()).collect();
        assert_eq!(hosts.into_iter().collect::<Vec<_>>(), ["elm.test", "fir.test"]);
    });
}

#[test]
fn a_host_that_is_heard_from_is_woken() {
    each_database(|database| {
        let queue = Queue::new(database);
        queue.add("tea", &["elm.test"]);
        let row = &queue.lease(time(NOW), 9, 99)[0];
        queue.world.write(|tx| deliveries::retry_at(tx, row, after(600), "timeout"));
        assert_eq!(queue.world.read(|c| deliveries::count_due(c, after(1))), 0);
        assert_eq!(queue.world.write(|tx| deliveries::wake(tx, "elm.test", after(1))), 1);
        assert_eq!(queue.world.read(|c| deliveries::count_due(c, after(1))), 1);
        assert_eq!(queue.world.read(deliveries::oldest_waiting), Some(time(NOW)));
    });
}

#[test]
fn activities_stay_while_they_wait() {
    each_database(|database| {
        let queue = Queue::new(database);
        queue.add("tea", &["elm.test", "fir.test"]);
        let rows = queue.lease(time(NOW), 9, 99);
        queue.finish(&rows[0]);
        assert_eq!(queue.world.write(|tx| activities::purge(tx, after(1), 9)), 0);
        queue.finish(&rows[1]);
        assert_eq!(queue.world.write(|tx| activities::purge(tx, time(NOW), 9)), 0, "it is not old enough");
        assert_eq!(queue.world.write(|tx| activities::purge(tx, after(1), 9)), 1);
        assert!(queue.world.read(|c| deliveries::of_host(c, "elm.test")).is_empty());
    });
}
