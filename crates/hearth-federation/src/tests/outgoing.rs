//! What is sent, and what becomes of it.

use chrono::Duration;
use hearth_db::tables::{
    activities,
    deliveries::{self, DeliveryState},
    hosts,
    incidents::{self, IncidentKind},
};
use serde_json::json;

use super::world::{World, follow};
use crate::{
    client::testpeer::{Peer, reply},
    signing::testkeys::now,
};

const KIM: &str = "https://elm.test/u/kim";

/// A world with a group that `KIM` follows, whose Accept waits; `elm.test` answers with this status.
async fn followed(status: u16, headers: &'static [(&'static str, &'static str)]) -> (World, Peer) {
    let peer = Peer::start(move |_| reply(status, headers, b"")).await;
    let world = World::new(&[("elm.test", peer.port)]);
    let tea = world.group("tea", "open_community");
    world.known("Person", KIM, "kim");
    assert_eq!(world.deliver(&follow(1, KIM, tea.ap_id.as_str()), "kim").await, 202);
    (world, peer)
}

fn host(world: &World) -> hosts::Host {
    world.read(|c| hosts::get(c, "elm.test")).unwrap()
}

#[actix_web::test]
async fn an_answer_is_delivered_and_done() {
    let (world, peer) = followed(202, &[]).await;
    assert_eq!(world.door.deliver_due().await.unwrap(), 1);
    let row = &world.deliveries("elm.test")[0];
    assert_eq!((row.state, row.last_result.as_deref()), (DeliveryState::Done, Some("accepted")));
    let seen = &peer.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/u/kim/inbox"));
    assert!(seen.header("signature").unwrap().contains("https://oak.test/g/tea#main-key"));
    let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!(body["object"], follow(1, KIM, "https://oak.test/g/tea"));
    assert!(host(&world).last_ok_at.is_some());
    assert_eq!(world.door.deliver_due().await.unwrap(), 0);
}

#[actix_web::test]
async fn final_answers_end_a_delivery() {
    for (status, result) in [(410, "gone"), (403, "refused 403"), (400, "refused 400"), (501, "refused 501")] {
        let (world, _peer) = followed(status, &[]).await;
        world.door.deliver_due().await.unwrap();
        let row = &world.deliveries("elm.test")[0];
        assert_eq!((row.state, row.last_result.as_deref()), (DeliveryState::Dead, Some(result)));
        assert_eq!(host(&world).failures, 0, "it is there");
    }
}

#[actix_web::test]
async fn not_found_counts_the_third_time() {
    let (world, peer) = followed(404, &[]).await;
    for time in 1..=3 {
        assert_eq!(world.door.deliver_due().await.unwrap(), 1);
        let row = &world.deliveries("elm.test")[0];
        assert_eq!(row.last_result, Some(format!("missing {time}")));
        assert_eq!(row.state, if time == 3 { DeliveryState::Dead } else { DeliveryState::Ready });
        world.clock.advance(Duration::hours(3));
    }
    assert_eq!(peer.connections(), 3);
}

#[actix_web::test]
async fn a_server_that_is_down_is_tried_ever_more_rarely() {
    let (world, peer) = followed(502, &[]).await;
    let mut attempts = 0;
    for _ in 0..(8 * 24 * 6) {
        attempts += world.door.deliver_due().await.unwrap();
        world.clock.advance(Duration::minutes(10));
        if world.deliveries("elm.test")[0].state == DeliveryState::Dead {
            break;
        }
    }
    let row = &world.deliveries("elm.test")[0];
    assert_eq!((row.state, row.last_result.as_deref()), (DeliveryState::Dead, Some("too_old status 502")));
    let age = world.now().signed_duration_since(now());
    assert!(age > Duration::days(6) && age <= Duration::days(7) + Duration::minutes(10), "{age}");
    assert_eq!(peer.connections(), attempts);
    assert!((15..=40).contains(&attempts), "{attempts}");
}

#[actix_web::test]
async fn five_failures_leave_a_host_alone_and_one_success_ends_that() {
    let (world, _peer) = followed(502, &[]).await;
    for _ in 0..5 {
        world.door.deliver_due().await.unwrap();
        world.clock.advance(Duration::hours(2));
    }
    let row = host(&world);
    assert_eq!(row.failures, 5);
    let tea = world.read(|c| hearth_db::tables::actors::local_by_name(c, "tea")).unwrap();
    world.write(|tx| {
        let later = (world.now() + Duration::hours(1)).into();
        hosts::update(tx, &hosts::Host { next_try_at: Some(later), ..row })
    });
    world.post(&tea, "One", "public");
    world.post(&tea, "Two", "public");
    assert_eq!(world.door.deliver_due().await.unwrap(), 0, "left alone");
    world.clock.advance(Duration::hours(1));
    assert_eq!(world.door.deliver_due().await.unwrap(), 1, "one probe");
    // The server is back: another one stands at its place now.
    let up = Peer::start(|_| reply(202, &[], b"")).await;
    let peers = format!("elm.test=http://127.0.0.1:{}", up.port);
    let settings = crate::FederationSettings {
        user_agent: "Hearth/test".into(),
        dev_peers: crate::origin::DevPeers::parse(&peers).unwrap(),
        resolver: crate::resolver::GuardedResolver::system(),
        source_url: String::new(),
    };
    let door = crate::Federation::new(world.app.clone(), settings).unwrap();
    world.clock.advance(Duration::hours(1));
    assert_eq!(door.deliver_due().await.unwrap(), 1, "one probe");
    assert_eq!(host(&world).failures, 0);
    // Each post goes out in two forms, one after the other.
    assert_eq!(door.deliver_due().await.unwrap(), 3, "all that waits is due at once");
    assert_eq!(door.deliver_due().await.unwrap(), 1);
    assert!(world.deliveries("elm.test").iter().all(|row| row.state == DeliveryState::Done));
}

#[actix_web::test]
async fn a_pause_that_is_asked_for_is_kept() {
    let (world, _peer) = followed(429, &[("Retry-After", "7200")]).await;
    world.door.deliver_due().await.unwrap();
    let row = &world.deliveries("elm.test")[0];
    assert_eq!(row.due_at.utc(), now() + Duration::hours(2));
    assert_eq!(host(&world).next_try_at.unwrap().utc(), now() + Duration::hours(2));
}

#[actix_web::test]
async fn where_a_meetup_is_is_forgotten_once_it_was_told() {
    let (world, peer) = followed(202, &[]).await;
    let tea = world.read(|c| hearth_db::tables::actors::local_by_name(c, "tea")).unwrap();
    let meetup = world.meetup(&tea);
    world.door.deliver_due().await.unwrap();
    let join = json!({"id": format!("{KIM}/joins/1"), "type": "Join", "actor": KIM, "object": meetup.ap_id.as_str()});
    assert_eq!(world.deliver(&join, "kim").await, 202);
    let row = world.deliveries("elm.test").pop().unwrap();
    let stored = || world.read(|c| activities::by_id(c, row.activity_id)).unwrap().body;
    assert!(stored().contains("14 Mill Lane"));
    assert_eq!(world.get(&format!("/a/{}", row.activity_id), super::world::ACTIVITY).await.status, 404);
    assert_eq!(world.door.deliver_due().await.unwrap(), 1);
    assert!(String::from_utf8(peer.seen().pop().unwrap().body).unwrap().contains("14 Mill Lane"));
    assert_eq!(stored(), "");
}

#[actix_web::test]
async fn the_workers_deliver_and_stop() {
    let (world, peer) = followed(202, &[]).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let workers = tokio::spawn(world.door.clone().run(stopped));
    for _ in 0..200 {
        if peer.connections() > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    world.door.wake();
    stop.send(true).unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(5), workers).await.unwrap().unwrap();
    assert_eq!(world.deliveries("elm.test")[0].state, DeliveryState::Done);
}

#[actix_web::test]
async fn leases_are_given_back() {
    let (world, _peer) = followed(202, &[]).await;
    let limits = deliveries::LeaseLimits { until: (now() + Duration::minutes(1)).into(), most: 4 };
    let leased = world.write(|tx| deliveries::lease(tx, &[("elm.test".to_owned(), 4)].into(), now().into(), limits));
    world.door.0.leased.lock().unwrap().extend(leased.iter().map(|row| (row.id, row.attempts)));
    assert_eq!(world.door.release_leases().await.unwrap(), 1);
    assert_eq!(world.deliveries("elm.test")[0].state, DeliveryState::Ready);
}

#[actix_web::test]
async fn a_lease_that_was_taken_over_is_written_down_and_one_that_was_given_back_is_not() {
    let (world, _peer) = followed(202, &[]).await;
    let lease = |until| deliveries::LeaseLimits { until, most: 4 };
    let taken = || world.read(|c| incidents::latest(c, 9)).iter().map(|row| (row.kind, row.count)).collect::<Vec<_>>();
    let hosts = [("elm.test".to_owned(), 4)].into();
    let held =
        world.write(|tx| deliveries::lease(tx, &hosts, now().into(), lease((now() + Duration::minutes(1)).into())));
    world.write(|tx| deliveries::release(tx, &[(held[0].id, held[0].attempts)]));
    world.write(|tx| deliveries::lease(tx, &hosts, now().into(), lease((now() + Duration::minutes(1)).into())));
    assert_eq!(world.door.deliver_due().await.unwrap(), 0);
    assert_eq!(taken(), []);
    // Whoever had it is never heard of again.
    world.clock.advance(Duration::minutes(2));
    assert_eq!(world.door.deliver_due().await.unwrap(), 1);
    assert_eq!(taken(), [(IncidentKind::LeaseTakenOver, 1)]);
}
