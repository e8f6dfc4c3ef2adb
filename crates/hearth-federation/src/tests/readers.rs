//! Who signed a request to read.

use actix_web::{http::header::HOST, test::TestRequest};
use chrono::Duration;
use hearth_db::tables::hosts;
use http::Method;
use serde_json::json;
use url::Url;

use super::world::{World, actor};
use crate::{
    client::testpeer::{Peer, activity, reply},
    gate::Refusal,
    signer::Unsigned,
    signing::{Scheme, testkeys::private},
};

const KIM: &str = "https://elm.test/u/kim";
const TARGET: &str = "/g/tea?page=1";

/// A GET signed with the key `key` under this id.
fn signed(world: &World, scheme: Scheme, key: &str, key_id: &str) -> TestRequest {
    let url = Url::parse("https://oak.test").unwrap().join(TARGET).unwrap();
    let headers = private(key, key_id).sign(scheme, &Method::GET, &url, None, world.now()).unwrap();
    let request = TestRequest::get().uri(TARGET);
    headers
        .iter()
        .fold(request, |request, (name, value)| request.insert_header((name.as_str(), value.to_str().unwrap())))
}

/// Who signed it, or the word for why nobody is believed to have.
async fn reader(world: &World, request: TestRequest) -> Result<Option<String>, String> {
    match world.door.signed_reader(&request.to_http_request()).await {
        Ok(actor) => Ok(actor.map(|actor| actor.ap_id.to_string())),
        Err(Unsigned::Refused(refusal)) => Err(refusal.reason().to_owned()),
        Err(other) => Err(format!("{other:?}").to_lowercase()),
    }
}

#[actix_web::test]
async fn a_stranger_is_asked_for_once_and_known_from_then_on() {
    let peer = Peer::start(|seen| match seen.target.as_str() {
        "/u/kim" => activity(&actor("Person", KIM, "kim").to_string()),
        _ => reply(404, &[], b""),
    })
    .await;
    let world = World::new(&[("elm.test", peer.port)]);
    let key_id = format!("{KIM}#main-key");
    for scheme in [Scheme::Cavage, Scheme::Rfc9421, Scheme::Cavage] {
        let found = reader(&world, signed(&world, scheme, "kim", &key_id)).await;
        assert_eq!(found, Ok(Some(KIM.to_owned())), "{scheme:?}");
    }
    assert_eq!(peer.connections(), 1, "the same request twice is no replay");
    let by = peer.seen()[0].header("signature").unwrap().to_owned();
    assert!(by.contains(r#"keyId="https://oak.test/#main-key""#), "asked for by the server: {by}");
}

#[actix_web::test]
async fn a_key_of_any_form_leads_to_its_owner_who_must_list_it() {
    const KEY: &str = "https://elm.test/keys/7";
    let with_key = |id: &str| {
        let mut kim = actor("Person", KIM, "kim");
        kim["publicKey"]["id"] = json!(id);
        kim
    };
    let check = async |key_id: &'static str, listed: &'static str, expected: Result<&str, &str>| {
        let owner = with_key(listed);
        let document = with_key(key_id)["publicKey"].clone();
        let peer = Peer::start(move |seen| match seen.target.as_str() {
            "/u/kim" => activity(&owner.to_string()),
            "/keys/7" => activity(&document.to_string()),
            _ => reply(404, &[], b""),
        })
        .await;
        let world = World::new(&[("elm.test", peer.port)]);
        let found = reader(&world, signed(&world, Scheme::Cavage, "kim", key_id)).await;
        let expected = expected.map(|id| Some(id.to_owned())).map_err(str::to_owned);
        assert_eq!(found, expected, "{key_id} {listed}");
    };
    check("https://elm.test/u/kim#main-key", "https://elm.test/u/kim#main-key", Ok(KIM)).await;
    check("https://elm.test/u/kim/main-key", "https://elm.test/u/kim/main-key", Ok(KIM)).await;
    check(KEY, KEY, Ok(KIM)).await;
    check(KEY, "https://elm.test/u/kim#main-key", Err("foreign_key")).await;
    check("https://elm.test/keys/8", "https://elm.test/keys/8", Err("key_unavailable")).await;
    check("https://elm.test/u/nobody#main-key", KEY, Err("key_unavailable")).await;
}

#[actix_web::test]
async fn a_signature_that_does_not_hold_names_nobody() {
    let peer = Peer::start(|_| reply(404, &[], b"")).await;
    let world = World::new(&[("elm.test", peer.port), ("ash.test", peer.port)]);
    world.known("Person", KIM, "kim");
    let key_id = format!("{KIM}#main-key");
    let good = |scheme| signed(&world, scheme, "kim", &key_id);
    let unsigned = TestRequest::get().uri(TARGET).insert_header((HOST, "oak.test"));
    assert_eq!(reader(&world, unsigned).await, Ok(None));
    let refused = async |request: TestRequest| reader(&world, request).await.unwrap_err();
    for scheme in [Scheme::Cavage, Scheme::Rfc9421] {
        let foreign = refused(good(scheme).uri("/g/ale")).await;
        assert!(["wrong_signature", "key_unavailable"].contains(&foreign.as_str()), "another target: {foreign}");
        assert_eq!(refused(good(scheme).insert_header((HOST, "ash.test"))).await, Refusal::WrongHost.reason());
    }
    assert_eq!(refused(signed(&world, Scheme::Cavage, "lou", &key_id)).await, "wrong_signature");
    assert_eq!(refused(signed(&world, Scheme::Cavage, "kim", "https://oak.test/u/rowan#main-key")).await, "bad_key_id");
    let old = good(Scheme::Rfc9421);
    world.clock.advance(Duration::minutes(61));
    assert_eq!(refused(old).await, "outside_window");
    assert!(peer.connections() <= 1, "asked again at most once for a key that does not fit");
}

#[actix_web::test]
async fn a_blocked_server_is_not_even_asked() {
    let peer = Peer::start(|_| activity(&actor("Person", KIM, "kim").to_string())).await;
    let world = World::new(&[("elm.test", peer.port)]);
    world.write(|tx| {
        let host = hosts::ensure(tx, "elm.test")?;
        hosts::update(tx, &hosts::Host { blocked: true, ..host })
    });
    let request = signed(&world, Scheme::Cavage, "kim", &format!("{KIM}#main-key"));
    assert_eq!(reader(&world, request).await, Err("forbidden".to_owned()));
    assert_eq!(peer.connections(), 0);
}
