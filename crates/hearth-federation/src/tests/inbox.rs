//! What inboxes answer, and what comes of it.

use actix_web::test::TestRequest;
use hearth_actions::relay;
use hearth_db::tables::{
    activities, deliveries, follows, hosts,
    incidents::{self, IncidentKind},
    incoming, posts,
    relays::{self, RelayState, RelayStyle},
};
use serde_json::json;

use super::world::{ACTIVITY, World, actor, follow};
use crate::{
    Limits,
    client::testpeer::{Peer, activity, reply},
    signing::testkeys::now,
};

const KIM: &str = "https://elm.test/u/kim";
const LOU: &str = "https://elm.test/u/lou";

#[actix_web::test]
async fn a_follow_takes_effect_once() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    world.known("Person", KIM, "kim");
    let sent = follow(1, KIM, tea.ap_id.as_str());
    assert_eq!(world.deliver(&sent, "kim").await, 202);
    assert_eq!(world.deliver(&sent, "kim").await, 202);
    assert_eq!(world.read(|c| follows::count_followers(c, tea.id)), 1);
    assert_eq!(world.deliveries("elm.test").len(), 1, "one Accept");
}

#[actix_web::test]
async fn nobody_speaks_for_another() {
    let peer = Peer::start(|_| reply(404, &[], b"")).await;
    let world = World::new(&[("elm.test", peer.port), ("ash.test", peer.port)]);
    let tea = world.group("tea", "open_community");
    for (id, key) in [(KIM, "kim"), (LOU, "lou"), ("https://ash.test/u/mo", "mo")] {
        world.known("Person", id, key);
    }
    let body = follow(1, KIM, tea.ap_id.as_str()).to_string();
    let check = async |key: &str, key_id: &str, expected: u16| {
        let answer = world.call(world.signed("/inbox", &body, key, key_id)).await;
        assert_eq!(answer.status, expected, "{key} {key_id}");
    };
    // Their own key, under another's name: of the same server, of another one.
    check("lou", "https://elm.test/u/lou#main-key", 401).await;
    check("mo", "https://ash.test/u/mo#main-key", 401).await;
    check("lou", "https://elm.test/u/kim#main-key", 401).await;
    // Kim's key was asked for once in vain, and is not asked for again.
    assert_eq!(peer.connections(), 1);
    let mut forged = follow(1, KIM, tea.ap_id.as_str());
    forged["id"] = json!("https://ash.test/follows/1");
    assert_eq!(world.deliver(&forged, "kim").await, 403);
    assert_eq!(world.read(|c| follows::count_followers(c, tea.id)), 0);
}

#[actix_web::test]
async fn what_the_gate_refuses_causes_nothing() {
    let peer = Peer::start(|_| activity(&actor("Person", KIM, "kim").to_string())).await;
    let world = World::new(&[("elm.test", peer.port)]);
    let body = follow(1, KIM, "https://oak.test/g/tea").to_string();
    let key_id = format!("{KIM}#main-key");
    let unsigned = TestRequest::post()
        .uri("/inbox")
        .insert_header(("host", "oak.test"))
        .insert_header(("content-type", ACTIVITY))
        .set_payload(body.clone());
    assert_eq!(world.call(unsigned).await.status, 401);
    let elsewhere = world.signed("/inbox", &body, "kim", &key_id).insert_header(("host", "other.test"));
    assert_eq!(world.call(elsewhere).await.status, 421);
    let html = world.signed("/inbox", &body, "kim", &key_id).insert_header(("content-type", "text/html"));
    assert_eq!(world.call(html).await.status, 415);
    let swapped = world.signed("/inbox", &body, "kim", &key_id).set_payload(body.replace("tea", "ale"));
    assert_eq!(world.call(swapped).await.status, 401);
    let double = body.replacen('{', r#"{"type":"Like","#, 1);
    assert_eq!(world.call(world.signed("/inbox", &double, "kim", &key_id)).await.status, 400);
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(1024 * 1024));
    assert_eq!(world.call(world.signed("/inbox", &large, "kim", &key_id)).await.status, 413);
    assert_eq!(peer.connections(), 0);
    for path in ["/inbox", "/u/rowan/inbox", "/g/tea/inbox"] {
        assert_eq!(world.get(path, ACTIVITY).await.status, 405);
    }
}

#[actix_web::test]
async fn an_unknown_actor_is_fetched_once() {
    let peer = Peer::start(|seen| match seen.target.as_str() {
        "/u/kim" => activity(&actor("Person", KIM, "kim").to_string()),
        _ => reply(404, &[], b""),
    })
    .await;
    let world = World::new(&[("elm.test", peer.port)]);
    let tea = world.group("tea", "open_community");
    for number in 1..4 {
        assert_eq!(world.deliver(&follow(number, KIM, tea.ap_id.as_str()), "kim").await, 202);
    }
    assert_eq!(peer.connections(), 1);
    assert!(peer.seen()[0].header("signature").unwrap().contains("https://oak.test/#main-key"));
    // Nobody can be found there, and is asked for once in five minutes.
    for _ in 0..3 {
        assert_eq!(world.deliver(&follow(1, LOU, tea.ap_id.as_str()), "lou").await, 401);
    }
    assert_eq!(peer.connections(), 2);
    world.clock.advance(chrono::Duration::minutes(5));
    assert_eq!(world.deliver(&follow(1, LOU, tea.ap_id.as_str()), "lou").await, 401);
    assert_eq!(peer.connections(), 3);
}

#[actix_web::test]
async fn a_server_that_is_away_may_come_again() {
    let peer = Peer::start(|_| reply(503, &[], b"")).await;
    let world = World::new(&[("elm.test", peer.port)]);
    for _ in 0..2 {
        assert_eq!(world.deliver(&follow(1, KIM, "https://oak.test/g/tea"), "kim").await, 503);
    }
    assert_eq!(peer.connections(), 1);
}

#[actix_web::test]
async fn a_rotated_key_is_learned() {
    let peer = Peer::start(|_| activity(&actor("Person", KIM, "new").to_string())).await;
    let world = World::new(&[("elm.test", peer.port)]);
    let tea = world.group("tea", "open_community");
    world.known("Person", KIM, "old");
    assert_eq!(world.deliver(&follow(1, KIM, tea.ap_id.as_str()), "new").await, 202);
    assert_eq!(world.deliver(&follow(2, KIM, tea.ap_id.as_str()), "new").await, 202);
    assert_eq!(world.deliver(&follow(3, KIM, tea.ap_id.as_str()), "old").await, 401, "the old key is gone");
    assert_eq!(peer.connections(), 1);
}

#[actix_web::test]
async fn a_key_under_another_path_counts_when_its_owner_lists_it() {
    let peer = Peer::start(|_| {
        let mut kim = actor("Person", KIM, "kim");
        kim["publicKey"]["id"] = json!(format!("{KIM}/main-key"));
        activity(&kim.to_string())
    })
    .await;
    let world = World::new(&[("elm.test", peer.port)]);
    let tea = world.group("tea", "open_community");
    let body = follow(1, KIM, tea.ap_id.as_str()).to_string();
    let listed = world.signed("/inbox", &body, "kim", &format!("{KIM}/main-key"));
    assert_eq!(world.call(listed).await.status, 202);
    let unlisted = world.signed("/inbox", &body, "kim", &format!("{KIM}#other"));
    assert_eq!(world.call(unlisted).await.status, 401);
}

#[actix_web::test]
async fn strangers_who_leave_are_not_fetched() {
    let peer = Peer::start(|_| reply(410, &[], b"")).await;
    let world = World::new(&[("elm.test", peer.port)]);
    let delete = json!({"id": format!("{KIM}#delete"), "type": "Delete", "actor": KIM, "object": KIM});
    assert_eq!(world.deliver(&delete, "kim").await, 202);
    assert_eq!(peer.connections(), 0);
    // Of somebody known the signature may not fit any more: then their own server says whether it is true.
    world.known("Person", KIM, "old");
    assert_eq!(world.deliver(&delete, "kim").await, 202);
    assert_eq!(peer.connections(), 1);
    assert!(world.actor(KIM).unwrap().deleted_at.is_some());
}

#[actix_web::test]
async fn a_blocked_server_is_not_even_asked() {
    let peer = Peer::start(|_| activity(&actor("Person", KIM, "kim").to_string())).await;
    let world = World::new(&[("elm.test", peer.port)]);
    world.write(|tx| {
        let row = hosts::ensure(tx, "elm.test")?;
        hosts::update(tx, &hosts::Host { blocked: true, ..row })
    });
    assert_eq!(world.deliver(&follow(1, KIM, "https://oak.test/g/tea"), "kim").await, 403);
    assert_eq!(peer.connections(), 0);
}

#[actix_web::test]
async fn what_is_not_here_and_what_is_hidden_answer_alike() {
    let world = World::new(&[]);
    let circle = world.group("circle", "peer_support_circle");
    world.known("Person", KIM, "kim");
    assert_eq!(world.deliver(&follow(1, KIM, circle.ap_id.as_str()), "kim").await, 404);
    assert_eq!(world.deliver(&follow(2, KIM, "https://oak.test/g/nobody"), "kim").await, 404);
}

#[actix_web::test]
async fn our_own_activity_coming_back_is_nothing_new() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    world.known("Person", KIM, "kim");
    world.deliver(&follow(1, KIM, tea.ap_id.as_str()), "kim").await;
    let accept = world.deliveries("elm.test")[0].activity_id;
    let body = world.read(|c| activities::by_id(c, accept)).unwrap().body;
    let key_id = format!("{KIM}#main-key");
    assert_eq!(world.call(world.signed("/inbox", &body, "kim", &key_id)).await.status, 202);
    let invented = body.replace("/a/", "/a/0");
    assert_eq!(world.call(world.signed("/inbox", &invented, "kim", &key_id)).await.status, 403);
}

#[actix_web::test]
async fn before_the_set_up_there_is_nothing() {
    let world = World::bare(&[], Limits::default());
    assert_eq!(world.deliver(&follow(1, KIM, "https://oak.test/g/tea"), "kim").await, 503);
    for path in ["/", "/u/rowan", "/g/tea", "/a/0000000000000", "/outbox", "/.well-known/nodeinfo", "/nodeinfo/2.1"] {
        assert_eq!(world.get(path, ACTIVITY).await.status, 404, "{path}");
    }
    let acct = "/.well-known/webfinger?resource=acct:rowan@oak.test";
    assert_eq!(world.get(acct, "").await.status, 404);
    assert_eq!(world.door.deliver_due().await.unwrap(), 0);
    assert_eq!(world.door.apply_incoming().await.unwrap(), 0);
    assert_eq!(world.door.refresh_hosts().await.unwrap(), 0);
}

#[actix_web::test]
async fn one_host_cannot_send_without_end() {
    let world = World::with(&[], Limits { posts_per_minute: 1, ..Limits::default() });
    let tea = world.group("tea", "open_community");
    world.known("Person", KIM, "kim");
    assert_eq!(world.deliver(&follow(1, KIM, tea.ap_id.as_str()), "kim").await, 202);
    assert_eq!(world.deliver(&follow(2, KIM, tea.ap_id.as_str()), "kim").await, 429);
    world.clock.advance(chrono::Duration::minutes(1));
    assert_eq!(world.deliver(&follow(2, KIM, tea.ap_id.as_str()), "kim").await, 202);
}

#[actix_web::test]
async fn a_sign_of_life_wakes_what_waits() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    world.known("Person", KIM, "kim");
    world.deliver(&follow(1, KIM, tea.ap_id.as_str()), "kim").await;
    let later = (now() + chrono::Duration::hours(4)).into();
    world.write(|tx| {
        let limits = deliveries::LeaseLimits { until: later, most: 1 };
        let leased = deliveries::lease(tx, &[("elm.test".to_owned(), 1)].into(), now().into(), limits)?;
        assert!(deliveries::retry_at(tx, &leased[0], later, "status 502")?);
        let host = hosts::ensure(tx, "elm.test")?;
        hosts::update(tx, &hosts::Host { failures: 6, next_try_at: Some(later), ..host })
    });
    world.deliver(&follow(2, KIM, tea.ap_id.as_str()), "kim").await;
    assert!(world.deliveries("elm.test").iter().all(|row| row.due_at.utc() <= now()));
}

const BOOKS: &str = "https://ash.test/g/books";
const PAGE: &str = "https://elm.test/p/1";

fn announce() -> serde_json::Value {
    json!({"id": "https://ash.test/a/1", "type": "Announce", "actor": BOOKS, "object": PAGE,
        "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": []})
}

fn page() -> serde_json::Value {
    json!({"id": PAGE, "type": "Page", "attributedTo": KIM, "name": "A book", "content": "<p>Read it.</p>",
        "to": [BOOKS, "https://www.w3.org/ns/activitystreams#Public"], "cc": [], "audience": BOOKS})
}

/// A world in which the keeper follows `BOOKS`, and `PAGE` is served with this status.
async fn following(status: u16, limits: Limits) -> (World, Peer) {
    let peer = Peer::start(move |seen| match seen.target.as_str() {
        "/p/1" if status == 200 => activity(&page().to_string()),
        "/u/kim" => activity(&actor("Person", KIM, "kim").to_string()),
        _ => reply(status, &[], b""),
    })
    .await;
    let world = World::with(&[("elm.test", peer.port), ("ash.test", peer.port)], limits);
    let books = world.known("Group", BOOKS, "books");
    hearth_actions::follow::follow(&world.app, world.keeper, books.id, world.rowan).unwrap();
    (world, peer)
}

#[actix_web::test]
async fn what_must_be_fetched_is_kept_fetched_and_applied() {
    let (world, peer) = following(200, Limits::default()).await;
    assert_eq!(world.deliver(&announce(), "books").await, 202);
    assert_eq!((peer.connections(), world.read(incoming::count_waiting)), (0, 1));
    assert_eq!(world.deliver(&announce(), "books").await, 202);
    assert_eq!(world.door.apply_incoming().await.unwrap(), 1);
    assert_eq!((peer.connections(), world.read(incoming::count_waiting)), (2, 0));
    let post = world.read(|c| posts::by_ap_id(c, PAGE)).unwrap();
    assert_eq!(post.title.as_deref(), Some("A book"));
    assert_eq!(world.deliver(&announce(), "books").await, 202, "seen before");
    assert_eq!(world.door.apply_incoming().await.unwrap(), 0);
}

#[actix_web::test]
async fn what_can_not_be_had_now_is_tried_again_and_then_parked() {
    let (world, _peer) = following(503, Limits::default()).await;
    world.deliver(&announce(), "books").await;
    for attempt in 1..=8 {
        assert_eq!(world.door.apply_incoming().await.unwrap(), 1, "{attempt}");
        assert_eq!(world.door.apply_incoming().await.unwrap(), 0, "{attempt}");
        world.clock.advance(chrono::Duration::hours(15));
    }
    assert_eq!((world.read(incoming::count_waiting), world.read(incoming::count_parked)), (0, 1));
}

#[actix_web::test]
async fn what_is_gone_is_done_with() {
    let (world, _peer) = following(410, Limits::default()).await;
    world.deliver(&announce(), "books").await;
    assert_eq!(world.door.apply_incoming().await.unwrap(), 1);
    assert_eq!((world.read(incoming::count_waiting), world.read(incoming::count_parked)), (0, 0));
    assert!(world.read(|c| posts::by_ap_id(c, PAGE)).is_none());
}

#[actix_web::test]
async fn too_much_waiting_closes_the_door_for_a_while() {
    let (world, _peer) = following(200, Limits { incoming_waiting: 0, ..Limits::default() }).await;
    assert_eq!(world.deliver(&announce(), "books").await, 503);
    assert_eq!(world.read(incoming::count_waiting), 0);
}

#[actix_web::test]
async fn without_room_inboxes_close_and_what_waits_goes_on_waiting() {
    let (world, peer) = following(200, Limits::default()).await;
    assert_eq!(world.deliver(&announce(), "books").await, 202);
    let tea = world.group("walks", "open_community");
    world.app.db.room().ran_out();
    world.known("Person", KIM, "kim");
    assert_eq!(world.deliver(&follow(7, KIM, tea.ap_id.as_str()), "kim").await, 503);
    assert_eq!(world.door.apply_incoming().await.unwrap(), 0, "no attempt is used up");
    assert_eq!((peer.connections(), world.read(incoming::count_waiting)), (0, 1));
    world.app.db.room().is_back();
    assert_eq!(world.door.apply_incoming().await.unwrap(), 1);
    assert!(world.read(|c| posts::by_ap_id(c, PAGE)).is_some());
    assert_eq!(world.deliver(&follow(7, KIM, tea.ap_id.as_str()), "kim").await, 202);
}

#[actix_web::test]
async fn what_was_begun_is_given_back_at_a_stop_and_taken_over_after_a_crash() {
    let (world, _peer) = following(200, Limits::default()).await;
    world.deliver(&announce(), "books").await;
    let lease = || {
        let until = (world.now() + chrono::Duration::minutes(5)).into();
        world.write(|tx| incoming::lease(tx, world.now().into(), until, 9))
    };
    let taken = || world.read(|c| incidents::latest(c, 9)).iter().map(|row| (row.kind, row.count)).collect::<Vec<_>>();
    // An orderly stop in the middle of the work.
    let held = lease();
    world.door.0.receiving.lock().unwrap().extend(held.iter().map(|row| (row.id, row.attempts)));
    assert_eq!(world.door.release_incoming().await.unwrap(), 1);
    assert_eq!(lease().len(), 1, "it is had again at once");
    assert_eq!((world.door.apply_incoming().await.unwrap(), taken()), (0, vec![]));
    // That one is never heard of again.
    world.clock.advance(chrono::Duration::minutes(6));
    assert_eq!(world.door.apply_incoming().await.unwrap(), 1);
    assert_eq!(taken(), [(IncidentKind::LeaseTakenOver, 1)]);
    assert!(world.door.0.receiving.lock().unwrap().is_empty(), "what is done is held no longer");
    assert!(world.read(|c| posts::by_ap_id(c, PAGE)).is_some());
}

/// Some relays pass on what they get as it came, signed by themselves: worth a look at its object, and nothing more.
#[actix_web::test]
async fn what_a_relay_forwards_is_a_hint_of_the_relay() {
    const RELAY: &str = "https://relay.test/actor";
    let world = World::new(&[]);
    let relay = world.known("Application", RELAY, "books");
    let forged = json!({
        "id": "https://elm.test/a/1", "type": "Create", "actor": KIM, "to": [], "cc": [],
        "object": {"id": "https://elm.test/p/1", "type": "Page", "attributedTo": KIM, "name": "Forged", "content": "<p>b</p>"},
    });
    let deliver = async || {
        let request = world.signed("/inbox", &forged.to_string(), "books", &format!("{RELAY}#main-key"));
        world.call(request).await.status
    };
    assert_eq!(deliver().await, 401, "nobody asked this relay for anything");
    relay::subscribe(&world.app, None, relay.id, RelayStyle::Mastodon).unwrap();
    assert_eq!(deliver().await, 401, "it did not answer yet");
    world.write(|tx| relays::set_state(tx, relay.id, RelayState::Accepted));
    assert_eq!(deliver().await, 202);
    let soon = world.now() + chrono::Duration::seconds(1);
    let waiting = world.write(|tx| incoming::lease(tx, soon.into(), soon.into(), 10));
    let [kept] = waiting.as_slice() else { panic!("{} letters wait", waiting.len()) };
    assert!(kept.body.contains("https://elm.test/p/1") && !kept.body.contains("Forged"), "{}", kept.body);
    assert_eq!(deliver().await, 202);
    assert_eq!(world.read(incoming::count_waiting), 1, "the same again is the same hint");
    let other = world.signed("/inbox", &forged.to_string(), "kim", &format!("{RELAY}#main-key"));
    assert_eq!(
        world.call(other).await.status,
        503,
        "not its own signature: its key is asked for, and can't be had here"
    );
}
