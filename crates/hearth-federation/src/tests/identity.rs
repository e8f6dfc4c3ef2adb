//! Keys, proofs and identities at the door: Ed25519, proofs of relayed activities, renewed keys, readers that must
//! sign, actors that erase themselves or move.

use actix_web::test::TestRequest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hearth_actions::{documents, erase, keys, moving, persona, site};
use hearth_activitypub::{ReadOptions, multikey, proof, proof::Proof};
use hearth_db::tables::{
    activities, actors, aliases,
    bans::{self, Ban},
    follows, hosts, incidents, incoming,
    memberships::{self, Membership},
    posts, proof_keys, server, teams,
};
use hearth_domain::membership::{Role, State};
use serde_json::{Value, json};
use url::Url;

use super::world::{ACTIVITY, World, actor, follow};
use crate::{
    client::testpeer::{Peer, Seen, activity, reply},
    gate::{self, GateRules, RequestHead},
    origin::{DevPeers, RemotePolicy},
    signing::{
        Scheme,
        testkeys::{pems, private, public},
    },
};

const KIM: &str = "https://elm.test/u/kim";
const BOOKS: &str = "https://ash.test/g/books";
const PAGE: &str = "https://elm.test/p/1";
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

fn ed25519(seed: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap()
}

fn multibase(pair: &Ed25519KeyPair) -> String {
    multikey::encode(pair.public_key().as_ref().try_into().unwrap())
}

/// Kim with an Ed25519 key beside the RSA key.
fn kim(seed: u8) -> Value {
    let mut kim = actor("Person", KIM, "kim");
    kim["assertionMethod"] = json!([{"id": format!("{KIM}#ed25519-key"), "type": "Multikey", "controller": KIM,
        "publicKeyMultibase": multibase(&ed25519(seed))}]);
    kim
}

/// An activity with a proof by this seed, under this key id.
fn proven(mut document: Value, seed: u8, key_id: &str) -> Value {
    document["@context"] = json!(["https://www.w3.org/ns/activitystreams", proof::DATA_INTEGRITY]);
    let unproven = proof::prepare(document.to_string(), &Url::parse(key_id).unwrap(), crate::signing::testkeys::now());
    let unproven = unproven.unwrap();
    let signature: [u8; 64] = ed25519(seed).sign(&unproven.signed).as_ref().try_into().unwrap();
    serde_json::from_str(&unproven.with(&signature)).unwrap()
}

fn page() -> Value {
    json!({"id": PAGE, "type": "Page", "attributedTo": KIM, "name": "A book", "content": "<p>Read it.</p>",
        "to": [BOOKS, PUBLIC], "cc": [], "audience": BOOKS})
}

fn create() -> Value {
    json!({"id": "https://elm.test/a/1", "type": "Create", "actor": KIM, "object": page(), "to": [BOOKS, PUBLIC], "cc": []})
}

fn announce(number: u32, inner: &Value) -> Value {
    json!({"id": format!("https://ash.test/a/{number}"), "type": "Announce", "actor": BOOKS, "object": inner,
        "to": [PUBLIC], "cc": []})
}

/// A world in which the keeper follows `BOOKS`, and `elm.test` is one peer.
async fn following(peer: &Peer) -> World {
    let world = World::new(&[("elm.test", peer.port), ("ash.test", peer.port)]);
    let books = world.known("Group", BOOKS, "books");
    hearth_actions::follow::follow(&world.app, world.keeper, books.id, world.rowan).unwrap();
    world
}

async fn nothing() -> Peer {
    Peer::start(|_| reply(404, &[], b"")).await
}

fn learn(world: &World, document: &Value) -> actors::Actor {
    let text = document.to_string();
    match hearth_activitypub::inbound::read_document(text.as_bytes(), ReadOptions::default()).unwrap() {
        hearth_activitypub::Document::Actor(actor) => hearth_actions::remote::learn(&world.app, &actor).unwrap(),
        other => panic!("{} is no actor", other.kind()),
    }
}

/// What was sent, without what is long or by chance.
fn sent_as(world: &World, id: hearth_domain::id::ActivityId) -> Value {
    let mut body: Value = serde_json::from_str(&world.read(|c| activities::by_id(c, id)).unwrap().body).unwrap();
    (body["id"], body["@context"]) = (json!("[id]"), json!("[context]"));
    if let Some(proof) = body.get_mut("proof") {
        (proof["@context"], proof["proofValue"]) = (json!("[context]"), json!("[signature]"));
    }
    body
}

#[actix_web::test]
async fn a_proof_makes_a_relayed_activity_true_without_a_fetch() {
    let key = format!("{KIM}#ed25519-key");
    let check = async |inner: Value, known: bool, taken: bool| {
        let peer = nothing().await;
        let world = following(&peer).await;
        if known {
            learn(&world, &kim(1));
        }
        assert_eq!(world.deliver(&announce(1, &inner), "books").await, 202);
        let stored = world.read(|c| posts::by_ap_id(c, PAGE)).is_some();
        assert_eq!((stored, peer.connections()), (taken, 0), "{inner}");
        assert_eq!(world.read(incoming::count_waiting), i64::from(!taken), "otherwise it is fetched: {inner}");
    };
    check(proven(create(), 1, &key), true, true).await;
    check(proven(create(), 1, &key), false, false).await;
    check(create(), true, false).await;
    check(proven(create(), 2, &key), true, false).await;
    check(proven(create(), 1, "https://elm.test/u/lou#ed25519-key"), true, false).await;
    let mut changed = proven(create(), 1, &key);
    changed["object"]["content"] = json!("<p>Burn it.</p>");
    check(changed, true, false).await;
    // Kim's good proof says nothing about what another wrote.
    let mut foreign = create();
    foreign["object"]["attributedTo"] = json!("https://elm.test/u/lou");
    check(proven(foreign, 1, &key), true, false).await;
}

#[actix_web::test]
async fn a_bad_proof_spoils_a_well_signed_delivery() {
    let peer = Peer::start(|seen| match seen.target.as_str() {
        "/u/kim" => activity(&kim(1).to_string()),
        _ => reply(404, &[], b""),
    })
    .await;
    let world = World::new(&[("elm.test", peer.port)]);
    let tea = world.group("tea", "open_community");
    learn(&world, &kim(1));
    let key = format!("{KIM}#ed25519-key");
    let mut number = 0;
    let mut post = |seed: u8, key: &str| {
        number += 1;
        let mut sent = create();
        sent["id"] = json!(format!("https://elm.test/a/{number}"));
        sent["to"] = json!([tea.ap_id.as_str(), PUBLIC]);
        sent["object"]["id"] = json!(format!("https://elm.test/p/{number}"));
        sent["object"]["to"] = sent["to"].clone();
        sent["object"]["audience"] = json!(tea.ap_id.as_str());
        proven(sent, seed, key)
    };
    let there = |number: u32| world.read(|c| posts::by_ap_id(c, &format!("https://elm.test/p/{number}"))).is_some();
    assert_eq!((world.deliver(&post(1, &key), "kim").await.as_u16(), there(1)), (202, true), "good");
    assert_eq!((world.deliver(&post(2, &key), "kim").await.as_u16(), there(2)), (403, false), "another's key");
    let other = "https://elm.test/u/lou#ed25519-key";
    assert_eq!((world.deliver(&post(1, other), "kim").await.as_u16(), there(3)), (403, false), "another actor");
    // A key that is not known is asked for; it is not there, so the proof does not count.
    let unlisted = format!("{KIM}#other-key");
    assert_eq!(world.deliver(&post(1, &unlisted), "kim").await, 202);
    world.door.apply_incoming().await.unwrap();
    assert_eq!((there(4), peer.connections(), world.read(incoming::count_waiting)), (false, 1, 0));
}

#[actix_web::test]
async fn what_goes_to_everybody_is_proven_and_nothing_else() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    world.known("Person", KIM, "kim");
    world.deliver(&follow(1, KIM, tea.ap_id.as_str()), "kim").await;
    world.post(&tea, "For everybody", "public");
    world.post(&tea, "For members", "members");
    let own = world.read(|c| proof_keys::of(c, tea.id)).unwrap();
    let (mut good, mut bare) = (0, 0);
    for delivery in world.deliveries("elm.test") {
        let sent = world.read(|c| activities::by_id(c, delivery.activity_id)).unwrap();
        match Proof::read(&sent.body, world.now(), ReadOptions::default()).unwrap() {
            Some(found) => {
                assert!(keys::holds(&found, &own) && found.owner() == *tea.ap_id.url(), "{}", sent.body);
                assert!(sent.body.contains(PUBLIC) && sent.kind == "Announce");
                good += 1;
            }
            None => {
                assert_eq!(sent.kind, "Accept");
                bare += 1;
            }
        }
    }
    assert!(good > 0 && bare == 1);
    let document = world.get("/g/tea", ACTIVITY).await.json();
    assert_eq!(document["assertionMethod"][0]["publicKeyMultibase"], json!(own.public_multibase));
    assert_eq!(document["assertionMethod"][0]["controller"], json!(tea.ap_id.as_str()));
    for path in ["/", "/g/tea"] {
        let document = world.get(path, ACTIVITY).await.json();
        assert_eq!(document["assertionMethod"][0]["type"], "Multikey", "{path}");
    }
}

/// A POST or GET signed with an Ed25519 key, in both schemes.
fn signed_ed25519(world: &World, scheme: Scheme, seed: u8, body: &str) -> TestRequest {
    let key_id = format!("{KIM}#ed25519-key");
    let url = Url::parse("https://oak.test/inbox").unwrap();
    let mut headers =
        private("kim", &key_id).sign(scheme, &http::Method::POST, &url, Some(body.as_bytes()), world.now()).unwrap();
    let get = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    let sign = |text: String| BASE64.encode(ed25519(seed).sign(text.as_bytes()));
    let value = match scheme {
        Scheme::Cavage => {
            let text = format!(
                "(request-target): post /inbox\nhost: oak.test\ndate: {}\ndigest: {}\ncontent-type: {ACTIVITY}",
                get("date"),
                get("digest")
            );
            format!(
                r#"keyId="{key_id}",algorithm="hs2019",headers="(request-target) host date digest content-type",signature="{}""#,
                sign(text)
            )
        }
        Scheme::Rfc9421 => {
            let input = get("signature-input");
            let text = format!(
                "\"@method\": POST\n\"@target-uri\": {url}\n\"content-digest\": {}\n\"@signature-params\": {}",
                get("content-digest"),
                input.strip_prefix("sig1=").unwrap()
            );
            format!("sig1=:{}:", sign(text))
        }
    };
    headers.insert("signature", value.parse().unwrap());
    let request = TestRequest::post().uri("/inbox").set_payload(body.to_owned());
    headers
        .iter()
        .fold(request, |request, (name, value)| request.insert_header((name.as_str(), value.to_str().unwrap())))
}

#[actix_web::test]
async fn an_ed25519_key_signs_requests_too() {
    for known in [true, false] {
        for scheme in [Scheme::Cavage, Scheme::Rfc9421] {
            let peer = Peer::start(|seen| match seen.target.as_str() {
                "/u/kim" => activity(&kim(1).to_string()),
                _ => reply(404, &[], b""),
            })
            .await;
            let world = World::new(&[("elm.test", peer.port)]);
            let tea = world.group("tea", "open_community");
            if known {
                learn(&world, &kim(1));
            }
            let body = follow(1, KIM, tea.ap_id.as_str()).to_string();
            let forged = world.call(signed_ed25519(&world, scheme, 2, &body)).await;
            assert_eq!((forged.status.as_u16(), world.read(|c| follows::count_followers(c, tea.id))), (401, 0));
            if !known {
                // The forgery made the key known: what follows needs no fetch.
                assert_eq!(peer.connections(), 1);
            }
            let answer = world.call(signed_ed25519(&world, scheme, 1, &body)).await;
            assert_eq!(answer.status, 202, "{scheme:?} {known}");
            assert_eq!(world.read(|c| follows::count_followers(c, tea.id)), 1);
        }
    }
}

#[actix_web::test]
async fn a_renewed_key_is_fetched_once_and_noted() {
    let peer = Peer::start(|seen| match seen.target.as_str() {
        "/u/kim" => activity(&actor("Person", KIM, "lou").to_string()),
        _ => reply(404, &[], b""),
    })
    .await;
    let world = World::new(&[("elm.test", peer.port)]);
    let tea = world.group("tea", "open_community");
    world.known("Person", KIM, "kim");
    assert_eq!(world.deliver(&follow(1, KIM, tea.ap_id.as_str()), "lou").await, 202);
    assert_eq!(world.deliver(&follow(2, KIM, tea.ap_id.as_str()), "lou").await, 202);
    assert_eq!(peer.connections(), 1, "asked for once");
    let noted = world.read(|c| incidents::latest(c, 10));
    let noted: Vec<_> = noted.iter().map(|row| (row.kind, row.host.as_deref())).collect();
    assert_eq!(noted, [(incidents::IncidentKind::KeyFetched, Some("elm.test"))]);
    assert_eq!(world.deliver(&follow(3, KIM, tea.ap_id.as_str()), "kim").await, 401, "the old key is worth nothing");
}

#[actix_web::test]
async fn new_keys_are_told_with_the_old_one_and_then_used_alone() {
    let peer = Peer::start(|_| reply(202, &[], b"")).await;
    let world = World::new(&[("elm.test", peer.port)]);
    let tea = world.group("tea", "open_community");
    world.known("Person", KIM, "kim");
    world.deliver(&follow(1, KIM, tea.ap_id.as_str()), "kim").await;
    while world.door.deliver_due().await.unwrap() > 0 {}
    let old = pems("old");
    world.write(|tx| actors::set_keys(tx, tea.id, &old.public_pem, &old.private_pem, world.app.now()));
    let proving = world.read(|c| proof_keys::of(c, tea.id)).unwrap();
    keys::rotate(&world.app, tea.id).unwrap();
    let after = world.read(|c| proof_keys::of(c, tea.id)).unwrap();
    assert!(after.public_multibase != proving.public_multibase && after.key_id == proving.key_id);
    world.post(&tea, "With the new key", "public");
    while world.door.deliver_due().await.unwrap() > 0 {}

    let rules = GateRules::new(RemotePolicy::new(["elm.test"], DevPeers::default()), world.now());
    let by = |seen: &Seen| {
        let fields: Vec<(&str, &[u8])> =
            seen.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        let head = RequestHead { method: &seen.method, path_and_query: &seen.target, headers: &fields };
        let signed = gate::read(&head, &seen.body, &rules).unwrap();
        (signed.verify(&public("old")).is_ok(), signed.verify(&public("oak")).is_ok())
    };
    let sent = |kind: &str| -> Vec<(Value, Seen)> {
        let all = peer.seen().into_iter().filter(|seen| seen.method == "POST");
        let all = all.map(|seen| (serde_json::from_slice::<Value>(&seen.body).unwrap(), seen));
        all.filter(|(body, _)| body["type"] == kind).collect()
    };
    let updates = sent("Update");
    let [(update, seen)] = updates.as_slice() else { panic!("{} updates", updates.len()) };
    assert_eq!(by(seen), (true, false), "signed with the old key alone");
    assert_eq!(update["object"]["assertionMethod"][0]["publicKeyMultibase"], json!(after.public_multibase));
    assert_eq!(update["object"]["publicKey"]["publicKeyPem"], json!(pems("oak").public_pem));
    let announces = sent("Announce");
    assert!(!announces.is_empty() && announces.iter().all(|(_, seen)| by(seen) == (false, true)), "the new one alone");
}

#[actix_web::test]
async fn a_delete_of_an_actor_needs_its_key_or_its_servers_word() {
    let check = async |status: u16, tombstone: bool, key: &str, erased: bool| {
        let peer = Peer::start(move |_| {
            let gone = json!({"id": KIM, "type": "Tombstone", "formerType": "Person"});
            if tombstone { activity(&gone.to_string()) } else { reply(status, &[], b"") }
        })
        .await;
        let world = World::new(&[("elm.test", peer.port)]);
        let tea = world.group("tea", "open_community");
        let kim = world.known("Person", KIM, "kim");
        let banned = Membership {
            group_id: tea.id,
            actor_id: kim.id,
            role: Role::Member,
            state: State::Banned,
            since: world.app.now(),
        };
        let ban = Ban {
            group_id: tea.id,
            actor_id: kim.id,
            by_ap_id: "https://oak.test/u/rowan".to_owned(),
            ap_id: "https://oak.test/a/ban".to_owned(),
            reason: "A quarrel".to_owned(),
            banned_at: world.app.now(),
            ends_at: None,
        };
        world.write(|tx| {
            banned.insert(tx)?;
            ban.insert(tx)?;
            teams::add(tx, tea.id, KIM)
        });
        let sent = json!({"id": format!("{KIM}#delete"), "type": "Delete", "actor": KIM, "object": KIM, "to": [PUBLIC], "cc": []});
        world.deliver(&sent, key).await;
        let now = world.actor(KIM).unwrap();
        assert_eq!(now.deleted_at.is_some(), erased, "{status} {tombstone} {key}");
        let still = world.read(|c| memberships::get(c, tea.id, kim.id)).unwrap();
        assert_eq!(still.state, State::Banned, "a ban outlives it");
        assert!(world.read(|c| bans::get(c, tea.id, kim.id)).is_some(), "and what is known of it");
        assert_eq!(world.read(|c| teams::lists(c, tea.id, KIM)), !erased, "and nobody who is gone looks after a group");
    };
    check(404, false, "forged", false).await;
    check(500, false, "forged", false).await;
    check(403, false, "forged", false).await;
    check(410, false, "forged", true).await;
    check(200, true, "forged", true).await;
    check(404, false, "kim", true).await;
}

#[actix_web::test]
async fn an_erased_persona_leaves_a_tombstone_and_everybody_is_told() {
    let world = World::new(&[]);
    world.known("Person", KIM, "kim");
    let (here, quiet) = (
        persona::create(&world.app, world.keeper, "wren", "Wren").unwrap(),
        persona::create(&world.app, world.keeper, "robin", "Robin").unwrap(),
    );
    world.write(|tx| actors::put_on_network(tx, here, world.app.now()));
    erase::persona(&world.app, world.keeper, here).unwrap();
    let sent = world.deliveries("elm.test");
    assert_eq!(sent.len(), 1);
    insta::assert_json_snapshot!("delete_persona", sent_as(&world, sent[0].activity_id));
    let answer = world.get("/u/wren", ACTIVITY).await;
    assert_eq!((answer.status.as_u16(), answer.json()["type"].as_str()), (410, Some("Tombstone")));
    // Nobody elsewhere ever met this one: nobody is told of it now.
    erase::persona(&world.app, world.keeper, quiet).unwrap();
    assert_eq!(world.deliveries("elm.test").len(), 1);
    assert!(erase::persona(&world.app, world.keeper, world.rowan).is_err(), "the last name stays");
}

#[actix_web::test]
async fn readers_sign_where_the_keeper_asks() {
    let peer = nothing().await;
    let world = World::new(&[("elm.test", peer.port)]);
    let tea = world.group("tea", "open_community");
    let post = world.post(&tea, "What helps you sleep?", "public");
    world.known("Person", KIM, "kim");
    let paths =
        ["/g/tea".to_owned(), "/g/tea/outbox".to_owned(), format!("/p/{}", post.id), format!("/p/{}/context", post.id)];
    for path in &paths {
        assert_eq!(world.get(path, ACTIVITY).await.status, 200, "{path}");
    }
    world.write(|tx| {
        let row = server::get(tx)?.unwrap();
        server::update(tx, &server::Server { authorized_fetch: true, ..row })
    });
    let signed = |path: &str, key: &str| {
        let url = Url::parse("https://oak.test").unwrap().join(path).unwrap();
        let key = private(key, &format!("{KIM}#main-key"));
        let headers = key.sign(Scheme::Cavage, &http::Method::GET, &url, None, world.now()).unwrap();
        let request = TestRequest::get().uri(path).insert_header(("accept", ACTIVITY));
        headers
            .iter()
            .fold(request, |request, (name, value)| request.insert_header((name.as_str(), value.to_str().unwrap())))
    };
    for path in &paths {
        assert_eq!(world.call(signed(path, "kim")).await.status, 200, "{path}");
        let expected = if path == "/g/tea" { 200 } else { 401 };
        assert_eq!(world.get(path, ACTIVITY).await.status, expected, "{path}");
        assert_eq!(world.call(signed(path, "forged")).await.status, expected, "{path}");
    }
    let mut stub = world.get("/g/tea", ACTIVITY).await.json();
    stub["@context"] = json!("[context]");
    stub["publicKey"]["publicKeyPem"] = json!("[pem]");
    insta::assert_json_snapshot!("group_for_unsigned_readers", stub);
    for (path, status) in
        [("/", 200), ("/g/nobody", 404), ("/p/0000000000000", 401), ("/u/rowan", 200), ("/u/nobody", 404)]
    {
        assert_eq!(world.get(path, ACTIVITY).await.status, status, "{path}");
    }
    assert!(world.get("/", ACTIVITY).await.json()["outbox"].is_string(), "the server's own actor is whole");
    for path in ["/.well-known/webfinger?resource=acct:tea@oak.test", "/.well-known/nodeinfo", "/nodeinfo/2.1"] {
        assert_eq!(world.get(path, "").await.status, 200, "{path}");
    }
    world.write(|tx| {
        let host = hosts::ensure(tx, "elm.test")?;
        hosts::update(tx, &hosts::Host { blocked: true, ..host })
    });
    assert_eq!(world.call(signed("/g/tea", "kim")).await.status, 403);
}

#[actix_web::test]
async fn a_group_that_moves_takes_its_followers_along() {
    const NEW: &str = "https://elm.test/g/books";
    let check = async |alias: &'static str, follows_now: &str, status: u16| {
        let peer = Peer::start(move |seen| match seen.target.as_str() {
            "/g/books" => {
                let mut new = actor("Group", NEW, "kim");
                new["alsoKnownAs"] = json!([alias]);
                activity(&new.to_string())
            }
            _ => reply(404, &[], b""),
        })
        .await;
        let world = following(&peer).await;
        let sent = json!({"id": "https://ash.test/a/9", "type": "Move", "actor": BOOKS, "object": BOOKS, "target": NEW,
            "to": [format!("{BOOKS}/followers")], "cc": []});
        assert_eq!(world.deliver(&sent, "books").await.as_u16(), status);
        world.door.apply_incoming().await.unwrap();
        let rows = world.read(|c| follows::of_account(c, world.keeper));
        let targets: Vec<_> =
            rows.iter().map(|row| world.read(|c| actors::by_id(c, row.target_id)).unwrap().ap_id.to_string()).collect();
        assert_eq!(targets, [follows_now]);
        let told = |host: &str| -> Vec<String> {
            let rows = world.deliveries(host);
            rows.iter().map(|row| world.read(|c| activities::by_id(c, row.activity_id)).unwrap().kind).collect()
        };
        if follows_now == NEW {
            assert_eq!(
                (told("elm.test"), told("ash.test")),
                (vec!["Follow".to_owned()], vec!["Follow".to_owned(), "Undo".to_owned()])
            );
        } else {
            assert!(told("elm.test").is_empty());
        }
    };
    check(BOOKS, NEW, 202).await;
    check("https://elm.test/g/others", BOOKS, 202).await;
}

#[actix_web::test]
async fn what_moves_from_here_says_so_when_both_ends_agree() {
    let world = World::new(&[]);
    let tea = world.group("tea", "open_community");
    world.known("Person", KIM, "kim");
    world.deliver(&follow(1, KIM, tea.ap_id.as_str()), "kim").await;
    let mut new = actor("Group", "https://elm.test/g/tea", "lou");
    let target = learn(&world, &new);
    assert!(
        moving::move_away(&world.app, world.keeper, tea.id, target.id).is_err(),
        "it does not say that it is the same"
    );
    new["alsoKnownAs"] = json!([tea.ap_id.as_str()]);
    learn(&world, &new);
    assert!(world.read(|c| aliases::names(c, target.id, tea.ap_id.as_str())));
    moving::set_aliases(&world.app, world.keeper, tea.id, "https://ash.test/g/tea\n").unwrap();
    for bad in ["nothing", "http://ash.test/g/tea", "https://oak.test/g/tea"] {
        assert!(moving::set_aliases(&world.app, world.keeper, tea.id, bad).is_err(), "{bad}");
    }
    moving::move_away(&world.app, world.keeper, tea.id, target.id).unwrap();
    assert!(moving::move_away(&world.app, world.keeper, tea.id, target.id).is_err(), "once in 30 days");
    let document = world.get("/g/tea", ACTIVITY).await.json();
    assert_eq!(document["movedTo"], "https://elm.test/g/tea");
    assert_eq!(document["alsoKnownAs"], json!(["https://ash.test/g/tea"]));
    let last = world.deliveries("elm.test").last().unwrap().activity_id;
    insta::assert_json_snapshot!("move_group", sent_as(&world, last));
}

#[test]
fn what_a_server_understands_is_remembered() {
    let world = World::new(&[]);
    let check = |id: &str, implements: Value, expected: Option<&str>| {
        let mut person = actor("Person", id, "kim");
        person["generator"] = json!({"type": "Application", "implements": implements});
        let row = learn(&world, &person);
        let host = world.read(|c| hosts::get(c, &row.host)).unwrap();
        assert_eq!(host.signature_scheme.as_deref(), expected, "{id}");
    };
    check("https://a.test/u/a", json!([]), None);
    check("https://b.test/u/b", json!([{"href": "https://datatracker.ietf.org/doc/html/rfc9421"}]), Some("rfc9421"));
    check("https://c.test/u/c", json!([{"href": "https://datatracker.ietf.org/doc/html/rfc9420"}]), None);
    let persona = world.read(|c| {
        let here = site(c).map_err(|_| hearth_db::DbError::Duplicate)?;
        Ok(documents::server(c, &here).unwrap_or_default())
    });
    assert_eq!(persona["implements"][0]["href"], "https://datatracker.ietf.org/doc/html/rfc9421");
}
