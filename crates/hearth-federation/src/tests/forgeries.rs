//! The signatures that count and the forgeries that do not (profile 11, 6 and 7), each at the door as a whole.

use chrono::TimeDelta;
use hearth_db::tables::{follows, incoming, posts};
use serde_json::{Value, json};
use url::Url;

use super::world::{World, actor, follow};
use crate::{
    client::testpeer::{Peer, Reply, Seen, activity, redirect, reply},
    signing::{
        Scheme,
        testkeys::{pems, private},
    },
};
use actix_web::test::TestRequest;
use http::Method;

const KIM: &str = "https://elm.test/u/kim";
const BOOKS: &str = "https://ash.test/g/books";
const PAGE: &str = "https://elm.test/p/1";
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// How a Follow is signed.
struct Vector {
    scheme: Scheme,
    key: &'static str,
    key_id: &'static str,
    /// What is signed, and where it is sent.
    target: (&'static str, &'static str),
    skew: TimeDelta,
    /// What is replaced in the headers afterwards.
    changed: (&'static str, &'static str, &'static str),
}

const MAIN: &str = "https://elm.test/u/kim#main-key";

impl Default for Vector {
    fn default() -> Self {
        Self {
            scheme: Scheme::Cavage,
            key: "kim",
            key_id: MAIN,
            target: ("/inbox", "/inbox"),
            skew: TimeDelta::zero(),
            changed: ("", "", ""),
        }
    }
}

impl Vector {
    fn request(&self, world: &World, body: &str) -> TestRequest {
        let url = Url::parse("https://oak.test").unwrap().join(self.target.0).unwrap();
        let key = private(self.key, self.key_id);
        let headers =
            key.sign(self.scheme, &Method::POST, &url, Some(body.as_bytes()), world.now() + self.skew).unwrap();
        let request = TestRequest::post().uri(self.target.1).set_payload(body.to_owned());
        headers.iter().fold(request, |request, (name, value)| {
            let (field, from, to) = self.changed;
            let value = value.to_str().unwrap();
            let value = if name == field { value.replace(from, to) } else { value.to_owned() };
            request.insert_header((name.as_str(), value))
        })
    }
}

#[actix_web::test]
async fn the_signatures_of_the_profile() {
    let rfc = || Vector { scheme: Scheme::Rfc9421, ..Vector::default() };
    let minutes = TimeDelta::minutes;
    let table = [
        ("cavage without a query, hs2019", Vector::default(), 202),
        ("rsa-sha256", Vector { changed: ("signature", "hs2019", "rsa-sha256"), ..Vector::default() }, 202),
        (
            "an algorithm nobody has",
            Vector { changed: ("signature", "hs2019", "hmac-sha256"), ..Vector::default() },
            401,
        ),
        ("with its query", Vector { target: ("/inbox?a=b", "/inbox?a=b"), ..Vector::default() }, 202),
        ("without its query", Vector { target: ("/inbox", "/inbox?a=b"), ..Vector::default() }, 202),
        ("another query", Vector { target: ("/inbox?a=b", "/inbox?a=c"), ..Vector::default() }, 401),
        ("/main-key", Vector { key_id: "https://elm.test/u/kim/main-key", ..Vector::default() }, 202),
        ("59 minutes late", Vector { skew: minutes(-59), ..Vector::default() }, 202),
        ("61 minutes late", Vector { skew: minutes(-61), ..Vector::default() }, 401),
        ("4 minutes early", Vector { skew: minutes(4), ..Vector::default() }, 202),
        ("6 minutes early", Vector { skew: minutes(6), ..Vector::default() }, 401),
        ("wrong digest", Vector { changed: ("digest", "SHA-256=", "SHA-256=AAAA"), ..Vector::default() }, 401),
        ("RFC 9421", rfc(), 202),
        ("RFC 9421, late", Vector { skew: minutes(-61), ..rfc() }, 401),
        ("RFC 9421, wrong digest", Vector { changed: ("content-digest", "sha-256=:", "sha-256=:AAAA"), ..rfc() }, 401),
        ("RFC 9421, another target", Vector { target: ("/u/rowan/inbox", "/inbox"), ..rfc() }, 401),
        ("another's key", Vector { key: "lou", ..Vector::default() }, 401),
    ];
    for (name, vector, expected) in table {
        let key_id = vector.key_id.to_owned();
        let peer = Peer::start(move |_| {
            let mut kim = actor("Person", KIM, "kim");
            kim["publicKey"]["id"] = json!(key_id);
            activity(&kim.to_string())
        })
        .await;
        let world = World::new(&[("elm.test", peer.port)]);
        let tea = world.group("tea", "open_community");
        let body = follow(1, KIM, tea.ap_id.as_str()).to_string();
        // The second time is a replay: it is answered as the first was, and has no effect.
        for _ in 0..2 {
            let status = world.call(vector.request(&world, &body)).await.status.as_u16();
            // A digest that is no base64 of the right length is malformed.
            let same = status == expected || (name.contains("digest") && status == 400);
            assert!(same, "{name}: {status}");
        }
        let followers = world.read(|c| follows::count_followers(c, tea.id));
        assert_eq!(
            (followers, world.deliveries("elm.test").len()),
            if expected == 202 { (1, 1) } else { (0, 0) },
            "{name}"
        );
    }
}

fn page(id: &str, author: &str) -> Value {
    json!({"id": id, "type": "Page", "attributedTo": author, "name": "A book", "content": "<p>Read it.</p>",
        "to": [BOOKS, PUBLIC], "cc": [], "audience": BOOKS})
}

fn create(object: Value, by: &str) -> Value {
    json!({"id": format!("{by}/creates/1"), "type": "Create", "actor": by, "object": object, "to": [BOOKS, PUBLIC], "cc": []})
}

fn announce(object: &Value) -> Value {
    json!({"id": "https://ash.test/a/1", "type": "Announce", "actor": BOOKS, "object": object, "to": [PUBLIC], "cc": []})
}

/// A followed group relays this, and `elm.test` answers so: nothing of it may be believed.
async fn is_not_believed(name: &str, relayed: &Value, answers: fn(&Seen) -> Reply) {
    let peer = Peer::start(answers).await;
    let world = World::new(&[("elm.test", peer.port), ("ash.test", peer.port)]);
    let books = world.known("Group", BOOKS, "books");
    world.known("Person", KIM, "kim");
    hearth_actions::follow::follow(&world.app, world.keeper, books.id, world.rowan).unwrap();
    let status = world.deliver(relayed, "books").await;
    assert!(matches!(status.as_u16(), 202 | 400 | 403), "{name}: {status}");
    world.door.apply_incoming().await.unwrap();
    for id in [PAGE, "https://victim.test/p/1"] {
        assert!(world.read(|c| posts::by_ap_id(c, id)).is_none(), "{name}");
    }
    assert!(peer.seen().iter().all(|seen| seen.header("host") != Some("victim.test")), "{name}");
    assert!(world.read(incoming::count_waiting) <= 1, "{name}");
}

#[actix_web::test]
async fn the_forgeries_of_the_profile() {
    let gone = |_: &Seen| reply(404, &[], b"");
    let inner = announce(&create(page(PAGE, KIM), KIM));
    is_not_believed("an inner Create of another origin, without a proof", &inner, gone).await;
    let third = announce(&create(page("https://victim.test/p/1", KIM), KIM));
    is_not_believed("an object id of a third host", &third, gone).await;
    let own = announce(&create(page("https://ash.test/p/1", "https://victim.test/u/v"), BOOKS));
    is_not_believed("an author of a third host", &own, gone).await;
    is_not_believed("an upload posing as an object", &announce(&json!(PAGE)), |seen| match seen.target.as_str() {
        "/p/1" => reply(200, &[("Content-Type", "text/plain")], page(PAGE, KIM).to_string().as_bytes()),
        _ => reply(404, &[], b""),
    })
    .await;
    is_not_believed("an object with another's id", &announce(&json!("https://elm.test/p/2")), |_| {
        activity(&page("https://victim.test/p/1", "https://victim.test/u/v").to_string())
    })
    .await;
    is_not_believed("a redirect to another host", &announce(&json!(PAGE)), |_| redirect("https://victim.test/p/1"))
        .await;
    for address in ["https://127.0.0.1/p/1", "https://10.0.0.1/p/1", "https://localhost/p/1", "https://[::1]/p/1"] {
        is_not_believed("a private address", &announce(&json!(address)), gone).await;
    }
}

#[actix_web::test]
async fn who_is_no_moderator_and_who_did_not_sign() {
    let peer = Peer::start(|seen| match seen.target.as_str() {
        "/p/1" => activity(&page(PAGE, KIM).to_string()),
        _ => reply(404, &[], b""),
    })
    .await;
    let world = World::new(&[("elm.test", peer.port), ("ash.test", peer.port), ("ivy.test", peer.port)]);
    let books = world.known("Group", BOOKS, "books");
    for (id, key) in [(KIM, "kim"), ("https://ivy.test/u/mo", "mo")] {
        world.known("Person", id, key);
    }
    hearth_actions::follow::follow(&world.app, world.keeper, books.id, world.rowan).unwrap();
    world.deliver(&announce(&json!(PAGE)), "books").await;
    world.door.apply_incoming().await.unwrap();
    let there = || world.read(|c| posts::by_ap_id(c, PAGE)).is_some_and(|post| post.deleted_at.is_none());
    assert!(there());

    let removal = |by: &str| json!({"id": format!("{by}/removes/1"), "type": "Delete", "actor": by, "object": PAGE, "to": [PUBLIC], "cc": []});
    let mut relayed = announce(&removal("https://ivy.test/u/mo"));
    relayed["id"] = json!("https://ash.test/a/2");
    // The group may say it; it has no effect, and nobody is told whether it has.
    assert_eq!(world.deliver(&relayed, "books").await, 202, "mo looks after nothing in this group");
    world.door.apply_incoming().await.unwrap();
    assert!(there());
    assert_eq!(world.deliver(&removal("https://ivy.test/u/mo"), "mo").await, 403, "nor is it mo's");
    assert_eq!(world.deliver(&removal(KIM), "mo").await, 401, "mo is not kim");
    let request = world.signed("/inbox", &removal(KIM).to_string(), "mo", "https://ivy.test/u/mo#main-key");
    assert_eq!(world.call(request).await.status, 401, "with their own key neither");
    assert!(there());
    assert!(pems("mo").public_pem != pems("kim").public_pem);
}
