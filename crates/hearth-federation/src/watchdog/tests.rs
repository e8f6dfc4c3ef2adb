//! Loops that fail, panic and hang, and the real delivery loop after one that hung.

use super::*;
use crate::{
    Limits,
    client::testpeer::{Peer, reply},
    tests::world::World,
};
use hearth_actions::health::{self, Machine, Trouble};
use hearth_db::tables::{deliveries::DeliveryState, incidents};
use std::{
    future::pending,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
};

const SHORT: Duration = Duration::from_millis(50);

fn watchdog(world: &World, silent_for: Duration) -> Watchdog {
    Watchdog { silent_for, ..world.door.watchdog().clone() }
}

/// What was put right, once somebody wrote it down.
async fn incidents_of(world: &World) -> Vec<(IncidentKind, i64)> {
    for _ in 0..500 {
        let rows = world.read(|c| incidents::latest(c, 10));
        if !rows.is_empty() {
            return rows.into_iter().map(|row| (row.kind, row.count)).collect();
        }
        sleep(Duration::from_millis(10)).await;
    }
    Vec::new()
}

fn restarts(world: &World, why: &str) -> bool {
    let families = world.door.metrics().registry().gather();
    let text = prometheus::TextEncoder::new().encode_to_string(&families).unwrap();
    text.contains(&format!("hearth_worker_restarts_total{{why=\"{why}\"}} 1"))
}

#[tokio::test(start_paused = true)]
async fn what_fails_or_panics_begins_again_and_what_ends_is_over() {
    let world = World::bare(&[], Limits::default());
    let (_stop, stopped) = watch::channel(false);
    let begun = Arc::new(AtomicUsize::new(0));
    let count = begun.clone();
    let begin = move |_| {
        let begun = count.fetch_add(1, Ordering::SeqCst);
        async move {
            match begun {
                0 => Err(FederationError::BrokenOff),
                1 => panic!("on purpose"),
                _ => Ok(()),
            }
        }
    };
    watchdog(&world, SILENT_FOR).keep("delivery", stopped, begin).await;
    assert_eq!(begun.load(Ordering::SeqCst), 3);
    assert!(restarts(&world, "failed") && restarts(&world, "panicked"));
    assert_eq!(world.door.watchdog().silent(Duration::ZERO), [""; 0], "it ended: nobody waits for it");
}

#[tokio::test(start_paused = true)]
async fn a_loop_that_ticks_is_left_alone_and_a_silent_one_is_broken_off() {
    let world = World::bare(&[], Limits::default());
    let (stop, stopped) = watch::channel(false);
    let begun = Arc::new(AtomicUsize::new(0));
    let count = begun.clone();
    let begin = move |beat: Beat| {
        count.fetch_add(1, Ordering::SeqCst);
        async move {
            for _ in 0..100 {
                beat.tick();
                sleep(SILENT_FOR - Duration::from_secs(1)).await;
            }
            pending().await
        }
    };
    let watchdog = watchdog(&world, SILENT_FOR);
    let watching = tokio::spawn(watchdog.clone().keep("delivery", stopped, begin));
    sleep(SILENT_FOR * 98).await;
    assert_eq!(begun.load(Ordering::SeqCst), 1);
    assert_eq!(watchdog.silent(SILENT_FOR), [""; 0]);
    sleep(SILENT_FOR * 4).await;
    assert_eq!(begun.load(Ordering::SeqCst), 2);
    assert!(restarts(&world, "stuck"));
    stop.send(true).unwrap();
    watching.abort();
}

/// Nothing can end a thread; but what hangs on it is taken over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loop_that_holds_its_thread_is_replaced() {
    let world = World::bare(&[], Limits::default());
    let (stop, stopped) = watch::channel(false);
    let (release, held) = mpsc::channel::<()>();
    let held = Arc::new(Mutex::new(held));
    let (again, began_again) = tokio::sync::oneshot::channel();
    let again = Arc::new(Mutex::new(Some(again)));
    let first = Arc::new(AtomicUsize::new(0));
    let begin = move |_| {
        let (held, again, place) = (held.clone(), again.clone(), first.fetch_add(1, Ordering::SeqCst));
        async move {
            if place == 0 {
                let _ = held.lock().unwrap().recv();
            } else if let Some(again) = again.lock().unwrap().take() {
                again.send(()).unwrap();
            }
            Ok(())
        }
    };
    let watching = tokio::spawn(watchdog(&world, SHORT).keep("delivery", stopped, begin));
    tokio::time::timeout(Duration::from_secs(30), began_again).await.unwrap().unwrap();
    release.send(()).unwrap();
    // The second loop ended by itself.
    drop(stop);
    watching.await.unwrap();
    assert_eq!(incidents_of(&world).await, [(IncidentKind::WorkerBegunAgain, 1)]);
}

/// a sender that stops without a word is noticed by what it leaves undone, and begun again.
#[actix_web::test]
async fn a_silent_stall_turns_health_red_and_ends_by_itself() {
    let peer = Peer::start(|_| reply(202, &[], b"")).await;
    let world = World::new(&[("elm.test", peer.port)]);
    let tea = world.group("tea", "open_community");
    world.known("Person", "https://elm.test/u/kim", "kim");
    let follow = crate::tests::world::follow(1, "https://elm.test/u/kim", tea.ap_id.as_str());
    assert_eq!(world.deliver(&follow, "kim").await, 202);
    let trouble = |world: &World| {
        let now = world.app.now();
        world.app.db.read(|c| health::trouble(c, now, &Machine::default())).unwrap()
    };
    assert_eq!(trouble(&world), None);
    world.clock.advance(chrono::Duration::seconds(119));
    assert_eq!(trouble(&world), None);
    world.clock.advance(chrono::Duration::seconds(1));
    assert_eq!(trouble(&world), Some(Trouble::Deliveries));

    let (stop, stopped) = watch::channel(false);
    let (door, until, first) = (world.door.clone(), stopped.clone(), AtomicUsize::new(0));
    let begin = move |beat| {
        let (door, until, place) = (door.clone(), until.clone(), first.fetch_add(1, Ordering::SeqCst));
        async move { if place == 0 { pending().await } else { door.deliver_until(until, beat).await } }
    };
    let watching = tokio::spawn(watchdog(&world, SHORT).keep("delivery", stopped, begin));
    let delivered = async {
        while world.deliveries("elm.test").iter().any(|row| row.state != DeliveryState::Done) {
            sleep(Duration::from_millis(10)).await;
            // On a busy machine the second loop may be ended too, in the middle of a delivery: its lease has to run out.
            world.clock.advance(chrono::Duration::seconds(1));
        }
    };
    tokio::time::timeout(Duration::from_secs(30), delivered).await.unwrap();
    assert_eq!(trouble(&world), None);
    assert!(incidents_of(&world).await.iter().any(|(kind, _)| *kind == IncidentKind::WorkerBegunAgain));
    stop.send(true).unwrap();
    watching.await.unwrap();
}
