//! Finding others: handles, links, and what their servers run.

use hearth_actions::network::{Network, NotFound};
use hearth_db::tables::hosts;
use hearth_domain::address::read_lookup;
use serde_json::json;

use super::world::{World, actor};
use crate::client::testpeer::{Peer, Reply, Seen, activity, reply};

const BOOKS: &str = "https://elm.test/g/books";
const KIM: &str = "https://elm.test/u/kim";

fn jrd(subject: &str, actor: &str) -> Reply {
    let links = json!([{"rel": "self", "type": "application/activity+json", "href": actor}]);
    let document = json!({"subject": subject, "links": links}).to_string();
    reply(200, &[("Content-Type", "application/jrd+json")], document.as_bytes())
}

fn info(document: &serde_json::Value) -> Reply {
    reply(200, &[("Content-Type", "application/json")], document.to_string().as_bytes())
}

/// One peer plays `elm.test` and `ash.test`.
fn answers(seen: &Seen) -> Reply {
    let host = seen.header("host").unwrap_or_default();
    match (host, seen.target.as_str()) {
        ("elm.test", "/g/books") => activity(&actor("Group", BOOKS, "books").to_string()),
        ("elm.test", "/u/kim") => activity(&actor("Person", KIM, "kim").to_string()),
        ("elm.test", "/p/1") => activity(
            &json!({"id": "https://elm.test/p/1", "type": "Page", "attributedTo": KIM, "audience": BOOKS, "name": "A",
                "to": [BOOKS], "cc": [], "content": "<p>b</p>"})
            .to_string(),
        ),
        ("elm.test", target) if target.contains("books%40elm.test") => jrd("acct:books@elm.test", BOOKS),
        ("elm.test", target) if target.contains("kim%40elm.test") => jrd("acct:kim@elm.test", KIM),
        // Hands over to the server where the group really is.
        ("ash.test", target) if target.contains("reading%40ash.test") => jrd("acct:reading@ash.test", BOOKS),
        // Names somebody who does not go by that name at home.
        ("ash.test", target) if target.contains("admin%40ash.test") => jrd("acct:admin@victim.test", KIM),
        ("elm.test", "/.well-known/nodeinfo") => info(&json!({"links": [
            {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": "https://elm.test/nodeinfo/2.0"}]})),
        ("elm.test", "/nodeinfo/2.0") => {
            info(&json!({"version": "2.0", "software": {"name": "Lemmy", "version": "1.0.1"},
            "protocols": ["activitypub"]}))
        }
        ("ash.test", "/.well-known/nodeinfo") => info(&json!({"links": [
            {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.0", "href": "https://elm.test/nodeinfo/2.0"}]})),
        ("ash.test", "/page") => reply(200, &[("Content-Type", "text/html")], b"<p>"),
        _ => reply(404, &[], b""),
    }
}

#[actix_web::test]
async fn others_are_found_by_handle_and_link() {
    let peer = Peer::start(answers).await;
    let world = World::new(&[("elm.test", peer.port), ("ash.test", peer.port)]);
    let check = async |typed: &str, expected: Result<&str, NotFound>| {
        let found = world.door.find(&read_lookup(typed)).await;
        let found = found.map(|id| world.read(|c| hearth_db::tables::actors::by_id(c, id)).unwrap().ap_id.to_string());
        assert_eq!(found.as_deref().map_err(|error| *error), expected, "{typed}");
    };
    check("@books@elm.test", Ok(BOOKS)).await;
    check("!Books@elm.test", Ok(BOOKS)).await;
    check(BOOKS, Ok(BOOKS)).await;
    check("https://elm.test/p/1", Ok(BOOKS)).await;
    check("reading@ash.test", Ok(BOOKS)).await;
    check("admin@ash.test", Err(NotFound::Unusable)).await;
    check("nobody@elm.test", Err(NotFound::Unknown)).await;
    check("https://ash.test/page", Err(NotFound::Unusable)).await;
    check("https://10.0.0.1/u/x", Err(NotFound::BadAddress)).await;
    check("some words", Err(NotFound::BadAddress)).await;
    world.group("tea", "open_community");
    check("tea@oak.test", Ok("https://oak.test/g/tea")).await;
    check("https://oak.test/g/tea", Ok("https://oak.test/g/tea")).await;
    check("rowan@oak.test", Err(NotFound::Unknown)).await;
}

#[actix_web::test]
async fn what_others_run_is_asked_once_a_day_and_only_there() {
    let peer = Peer::start(answers).await;
    let world = World::new(&[("elm.test", peer.port), ("ash.test", peer.port)]);
    world.write(|tx| hosts::ensure(tx, "elm.test").and_then(|_| hosts::ensure(tx, "ash.test")));
    assert_eq!(world.door.refresh_hosts().await.unwrap(), 2);
    let software = |host: &str| world.read(|c| hosts::get(c, host)).unwrap().software;
    assert_eq!(software("elm.test").as_deref(), Some("lemmy"));
    assert_eq!(software("ash.test"), None, "its link leads elsewhere");
    assert_eq!(peer.connections(), 3);
    assert_eq!(world.door.refresh_hosts().await.unwrap(), 0);
    world.clock.advance(chrono::Duration::hours(25));
    assert_eq!(world.door.refresh_hosts().await.unwrap(), 2);
}
