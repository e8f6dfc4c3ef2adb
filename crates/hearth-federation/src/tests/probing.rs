//! What `hearth network probe` says of scripted documents, in words and in JSON. Nothing is written down by it.

use hearth_db::tables::{actors, hosts};
use hearth_domain::address::read_lookup;
use serde_json::{Value, json};

use super::world::{World, actor};
use crate::{
    client::testpeer::{Peer, Reply, Seen, activity, reply},
    probe::Probe,
};

const BOOKS: &str = "https://elm.test/g/books";
const KIM: &str = "https://elm.test/u/kim";
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

fn json_reply(document: &Value) -> Reply {
    reply(200, &[("Content-Type", "application/json")], document.to_string().as_bytes())
}

fn page(id: &str, more: Value) -> Reply {
    let mut page = json!({"id": id, "type": "Page", "attributedTo": KIM, "audience": BOOKS, "name": "Sleep",
        "to": [BOOKS, PUBLIC], "cc": [], "content": "<p>b</p>", "published": "2026-03-01T12:00:00Z"});
    page.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    activity(&page.to_string())
}

fn answers(seen: &Seen) -> Reply {
    match (seen.header("host").unwrap_or_default(), seen.target.as_str()) {
        ("elm.test", "/g/books") => activity(&actor("Group", BOOKS, "books").to_string()),
        ("elm.test", "/u/kim") => activity(&actor("Person", KIM, "kim").to_string()),
        ("elm.test", "/g/keyless") => {
            let mut group = actor("Group", "https://elm.test/g/keyless", "books");
            group["publicKey"] = Value::Null;
            activity(&group.to_string())
        }
        ("elm.test", "/p/1") => page("https://elm.test/p/1", json!({})),
        ("elm.test", "/view/1") => page("https://elm.test/p/1", json!({})),
        ("elm.test", "/p/2") => page(
            "https://elm.test/p/2",
            json!({"to": [BOOKS], "attributedTo": "https://ash.test/u/sam", "audience": null}),
        ),
        ("elm.test", "/p/3") => page("https://ash.test/p/3", json!({})),
        ("elm.test", "/e/1") => activity(
            &json!({"id": "https://elm.test/e/1", "type": "Event", "attributedTo": BOOKS,
            "to": [PUBLIC], "cc": [], "name": "Tuesday tea", "startTime": "2099-03-10T18:30:00+00:00",
            "endTime": "2099-03-10T20:00:00+00:00", "timezone": "Europe/London",
            "location": {"type": "Place", "name": "Northside", "address": {"addressLocality": "Larkwater"}}})
            .to_string(),
        ),
        ("elm.test", "/sneeze") => activity(&json!({"id": "https://elm.test/sneeze", "type": "Sneeze"}).to_string()),
        ("elm.test", "/page") => reply(200, &[("Content-Type", "text/html")], b"<p>"),
        ("elm.test", "/gone") => reply(410, &[], b""),
        ("elm.test", "/shut") => reply(403, &[], b""),
        ("elm.test", "/.well-known/nodeinfo") => json_reply(&json!({"links": [
            {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": "https://elm.test/nodeinfo/2.0"}]})),
        ("elm.test", "/nodeinfo/2.0") => json_reply(&json!({"version": "2.0",
            "software": {"name": "lemmy", "version": "0.19.20"}, "protocols": ["activitypub"]})),
        ("elm.test", target) if target.contains("books%40elm.test") => {
            let links = json!([{"rel": "self", "type": "application/activity+json", "href": BOOKS}]);
            let found = json!({"subject": "acct:books@elm.test", "links": links}).to_string();
            reply(200, &[("Content-Type", "application/jrd+json")], found.as_bytes())
        }
        _ => reply(404, &[], b""),
    }
}

fn fact<'a>(probe: &'a Probe, about: &str) -> &'a str {
    probe.facts.iter().find(|fact| fact.about == about).map_or("", |fact| &fact.words)
}

async fn stage() -> (World, Peer) {
    let peer = Peer::start(answers).await;
    (World::new(&[("elm.test", peer.port), ("ash.test", peer.port)]), peer)
}

#[actix_web::test]
async fn a_group_is_told_of_in_words_and_nothing_is_written_down() {
    let (world, peer) = stage().await;
    let probe = world.door.probe(&read_lookup("@books@elm.test")).await;
    insta::assert_json_snapshot!("group", probe);
    assert!(world.read(|c| actors::by_ap_id(c, BOOKS)).is_none());
    assert!(world.read(|c| hosts::get(c, "elm.test")).is_none());
    let asked = peer.seen().into_iter().find(|seen| seen.target == "/g/books").unwrap();
    assert!(asked.header("signature").unwrap().contains("https://oak.test/#main-key"), "signed as this server");
}

#[actix_web::test]
async fn posts_and_meetups_are_told_of() {
    let (world, _peer) = stage().await;
    let post = world.door.probe(&read_lookup("https://elm.test/view/1")).await;
    insta::assert_json_snapshot!("post", post);
    let meetup = world.door.probe(&read_lookup("https://elm.test/e/1")).await;
    insta::assert_json_snapshot!("meetup", meetup);
}

#[actix_web::test]
async fn what_would_be_refused_is_said_with_its_reason() {
    let (world, _peer) = stage().await;
    let check = async |typed: &str, understood: bool, reason: &str| {
        let probe = world.door.probe(&read_lookup(typed)).await;
        assert_eq!(probe.understood, understood, "{typed}: {probe:?}");
        assert!(probe.refused.iter().any(|why| why.contains(reason)), "{typed}: {:?}", probe.refused);
    };
    check(KIM, true, "Only groups can be followed").await;
    check("https://elm.test/g/keyless", true, "no key of its own").await;
    check("https://elm.test/p/2", true, "not public").await;
    check("https://elm.test/p/2", true, "of another server than it").await;
    check("https://elm.test/p/2", true, "no group").await;
    check("https://elm.test/p/3", false, "not where it was found").await;
    check("https://elm.test/sneeze", false, "\"Sneeze\" is not known here").await;
    check("https://elm.test/page", false, "no ActivityPub document").await;
    check("https://elm.test/gone", false, "410").await;
    check("https://elm.test/shut", false, "says no").await;
    check("https://elm.test/nothing", false, "404").await;
    check("@nobody@elm.test", false, "knows nobody of that name").await;
    check("https://10.0.0.1/x", false, "may not be asked").await;
    check("some words", false, "neither a name").await;
    check("https://oak.test/g/tea", false, "on this server itself").await;
}

#[actix_web::test]
async fn why_nothing_arrives_is_said() {
    let (world, peer) = stage().await;
    let set = |change: fn(&mut hosts::Host)| {
        world.write(|tx| {
            let mut row = hosts::ensure(tx, "elm.test")?;
            change(&mut row);
            hosts::update(tx, &row)
        });
    };
    set(|row| {
        (row.failures, row.failing_since) =
            (3, Some("2026-03-01T10:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().into()))
    });
    let probe = world.door.probe(&read_lookup(BOOKS)).await;
    assert_eq!(probe.trouble, ["elm.test has failed 3 times in a row, since 1 March 2026, 10:00 UTC."]);
    assert!(probe.understood, "what was asked answers all the same");
    set(|row| (row.asleep_since, row.signature_scheme) = (row.failing_since, Some("rfc9421".into())));
    let probe = world.door.probe(&read_lookup(BOOKS)).await;
    assert!(probe.trouble[0].starts_with("elm.test sleeps since 1 March 2026"), "{:?}", probe.trouble);
    assert!(probe.sent.iter().any(|words| words.contains("RFC 9421, which it asked for")));
    set(|row| row.blocked = true);
    let before = peer.connections();
    let probe = world.door.probe(&read_lookup(BOOKS)).await;
    assert_eq!(probe.trouble, ["elm.test is blocked here: nothing is asked, taken or sent."]);
    assert_eq!((probe.understood, peer.connections()), (false, before), "a blocked server is not even asked");
    assert_eq!(fact(&probe, "Software"), "");
}
