//! The shared corpus of hostile requests, as far as the gate alone decides: `ok-*`, `sig-*` and `http-*` that are
//! well-formed HTTP POSTs to an inbox. What needs a running server (routes, sockets, broken HTTP) is skipped.

use std::{collections::BTreeMap, fs, path::PathBuf};

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chrono::TimeDelta;
use serde_json::Value;

use super::*;
use crate::{
    origin::DevPeers,
    signing::{
        sha256_base64,
        testkeys::{now, pems, private, public},
    },
};

const SITE: [(&str, &str); 21] = [
    ("HOST", "hearth.test"),
    ("BASE", "https://hearth.test"),
    ("SHARED_INBOX", "/inbox"),
    ("GROUP_INBOX", "/g/calm/inbox"),
    ("PRIVATE_INBOX", "/g/private_circle/inbox"),
    ("USER_INBOX", "/u/lou/inbox"),
    ("GROUP_NAME", "calm"),
    ("GROUP", "https://hearth.test/g/calm"),
    ("PRIVATE_GROUP", "https://hearth.test/g/private_circle"),
    ("USER", "https://hearth.test/u/lou"),
    ("POST", "https://hearth.test/p/1"),
    ("PRIVATE_POST", "https://hearth.test/p/2"),
    ("EVENT", "https://hearth.test/e/1"),
    ("PRIVATE_EVENT", "https://hearth.test/e/2"),
    ("PEER", "https://peer.test"),
    ("PEER_POST", "https://peer.test/notes/known"),
    ("EVIL", "https://evil.test"),
    ("VICTIM", "https://victim.test"),
    ("VICTIM_POST", "https://victim.test/notes/known"),
    ("NONCE", "0123456789abcdef"),
    ("NOW", "2026-11-19T00:00:00Z"),
];

/// A signer's name in the corpus and the actor it stands for.
const ACTORS: [(&str, &str); 3] = [
    ("alice", "https://peer.test/users/alice"),
    ("mallory", "https://evil.test/users/mallory"),
    ("vera", "https://victim.test/users/vera"),
];

fn actor_of(signer: &str) -> &'static str {
    ACTORS.iter().find(|(name, _)| *name == signer).unwrap().1
}

fn fill(mut text: String) -> String {
    for (name, value) in SITE {
        text = text.replace(&format!("{{{{{name}}}}}"), value);
    }
    text
}

/// Bytes as characters one to one and back, so that templates can be filled in requests that are no UTF-8.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

fn http_date(offset: i64) -> String {
    httpdate::fmt_http_date(SystemTime::from(now() + TimeDelta::seconds(offset)))
}

/// Replaces each `{{PREFIX…}}` by what `value` makes of the rest.
fn replace_all(mut text: String, prefix: &str, value: impl Fn(&str) -> String) -> String {
    let open = format!("{{{{{prefix}");
    while let Some(at) = text.find(&open) {
        let end = text[at..].find("}}").unwrap() + at;
        let new = value(&text[at + open.len()..end]);
        text.replace_range(at..end + 2, &new);
    }
    text
}

/// What `{{SIG …}}` stands for.
fn signature_header(
    options: &str,
    method: &str,
    path: &str,
    headers: &BTreeMap<String, String>,
    orig: &[u8],
) -> String {
    let options: BTreeMap<&str, &str> = options.trim().split(';').map(|pair| pair.split_once('=').unwrap()).collect();
    let get = |name: &str| options.get(name).copied();
    let time = |name: &str| {
        get(name).map(|text| match text {
            "now" => now().timestamp().to_string(),
            _ if text.starts_with(['+', '-']) && text.len() > 2 => {
                (now().timestamp() + text.parse::<i64>().unwrap()).to_string()
            }
            _ => text.to_owned(),
        })
    };
    let (created, expires) = (time("created"), time("expires"));
    let covered = get("headers").unwrap_or("");
    let header = |name: &str| headers.get(name).cloned().unwrap_or_default();
    let line = |name: &str| {
        let value = match name {
            "(request-target)" => {
                format!("{} {}", get("method").unwrap_or(method).to_lowercase(), get("path").unwrap_or(path))
            }
            "(created)" => created.clone().unwrap(),
            "(expires)" => expires.clone().unwrap(),
            "digest" if get("digest") == Some("orig") => format!("SHA-256={}", sha256_base64(orig)),
            "host" | "date" => get(name).map_or_else(|| header(name), str::to_owned),
            _ => header(name),
        };
        format!("{name}: {value}")
    };
    let text = covered.split_whitespace().map(line).collect::<Vec<_>>().join("\n");
    let signer = get("key").unwrap_or("alice");
    let key_id = get("keyid").map_or_else(|| format!("{}#main-key", actor_of(signer)), str::to_owned);
    let signature = if get("hmac").is_some() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, pems(signer).public_pem.as_bytes());
        BASE64.encode(hmac::sign(&key, text.as_bytes()))
    } else {
        private(signer, "https://peer.test/key").sign_bytes(text.as_bytes()).unwrap()
    };
    let quoted = |name: &str, value: &Option<String>| {
        value.as_ref().map_or_else(String::new, |value| format!(r#"{name}="{value}","#))
    };
    format!(
        r#"keyId="{key_id}",algorithm="{}",{}{}headers="{covered}",signature="{signature}""#,
        get("alg").unwrap_or("rsa-sha256"),
        quoted("created", &created),
        quoted("expires", &expires)
    )
}

/// One corpus file with its templates filled and signed: the raw bytes as `run_corpus.py` would send them.
fn raw(folder: &std::path::Path, entry: &Value) -> Vec<u8> {
    let file = entry["file"].as_str().unwrap();
    let data = fs::read(folder.join(file)).unwrap();
    let orig = fs::read(folder.join(file.replace(".http", ".orig"))).map(|data| bytes(&fill(latin1(&data))));
    let cut = data.windows(4).position(|four| four == b"\r\n\r\n").map_or(data.len(), |at| at + 4);
    let (head, body) = data.split_at(cut);
    let body = if entry["binary_body"] == true { body.to_vec() } else { bytes(&fill(latin1(body))) };
    let first = match body.windows(5).position(|five| five == b"POST ") {
        Some(at) if entry["body_is_first_json"] == true => &body[..at],
        _ => body.as_slice(),
    };
    let mut head = replace_all(fill(latin1(head)), "DATE", |offset| http_date(offset.parse().unwrap_or(0)));
    head = head
        .replace("{{LEN}}", &first.len().to_string())
        .replace("{{DIGEST lower}}", &format!("sha-256={}", sha256_base64(first)))
        .replace("{{DIGEST_ORIG}}", &format!("SHA-256={}", sha256_base64(orig.as_deref().unwrap_or(b""))))
        .replace("{{DIGEST}}", &format!("SHA-256={}", sha256_base64(first)))
        .replace("{{HOST upper}}", "HEARTH.TEST");
    let mut lines = head.split("\r\n");
    let request_line: Vec<String> = lines.next().unwrap().split(' ').map(str::to_owned).collect();
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned()))
        .collect();
    let path = request_line.get(1).cloned().unwrap_or_default();
    let orig = orig.unwrap_or_default();
    head = replace_all(head, "SIG ", |options| signature_header(options, &request_line[0], &path, &headers, &orig));
    [bytes(&head), body].concat()
}

/// An `ok-*.json` body in the plain signed request the runner builds around it.
fn built(folder: &std::path::Path, entry: &Value) -> Vec<u8> {
    let body = fill(fs::read_to_string(folder.join(entry["file"].as_str().unwrap())).unwrap());
    let target = entry["target"].as_str().unwrap().to_uppercase();
    let path = SITE.iter().find(|(name, _)| *name == target).unwrap().1;
    let digest = format!("SHA-256={}", sha256_base64(body.as_bytes()));
    let headers = [("host", "hearth.test".to_owned()), ("date", http_date(0)), ("digest", digest.clone())];
    let headers = headers.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    let options = format!("key={};headers=(request-target) host date digest", entry["signer"].as_str().unwrap());
    let signature = signature_header(&options, "POST", path, &headers, b"");
    format!(
        "POST {path} HTTP/1.1\r\nHost: hearth.test\r\nDate: {}\r\nContent-Type: application/activity+json\r\n\
         Digest: {digest}\r\nContent-Length: {}\r\nSignature: {signature}\r\n\r\n{body}",
        http_date(0),
        body.len()
    )
    .into_bytes()
}

/// A request as an HTTP server hands it on.
struct Parsed {
    method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    /// `None` when fewer bytes came than were announced.
    body: Option<Vec<u8>>,
}

/// Parses strictly; `None` for what an HTTP server refuses by itself.
fn parse(request: &[u8]) -> Option<Parsed> {
    let cut = request.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, rest) = request.split_at(cut);
    let head = latin1(head);
    let mut lines = head.split("\r\n");
    let parts: Vec<&str> = lines.next()?.split(' ').collect();
    let [method, target, "HTTP/1.1"] = parts.as_slice() else { return None };
    let mut headers = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let token =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&b));
        if !token || value.contains(['\n', '\r', '\0']) || name.eq_ignore_ascii_case("transfer-encoding") {
            return None;
        }
        headers.push((name.to_owned(), bytes(value)));
    }
    let lengths: Vec<String> = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| latin1(value).trim().to_owned())
        .collect();
    let body = rest.get(4..)?;
    let body = match lengths.as_slice() {
        [] => Some(Vec::new()),
        [one] => body.get(..one.parse::<usize>().ok()?).map(<[u8]>::to_vec),
        _ => return None,
    };
    Some(Parsed { method: (*method).to_owned(), target: (*target).to_owned(), headers, body })
}

fn is_inbox(parsed: &Parsed) -> bool {
    let path = parsed.target.split('?').next().unwrap_or_default();
    parsed.method == "POST" && SITE.iter().any(|(name, inbox)| name.ends_with("INBOX") && path.ends_with(inbox))
}

/// The status this layer answers with. `None` when the body never came and the head alone is no reason to refuse.
fn judge(parsed: &Parsed, rules: &GateRules) -> Option<u16> {
    let headers: Vec<(&str, &[u8])> =
        parsed.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
    let head = RequestHead { method: &parsed.method, path_and_query: &parsed.target, headers: &headers };
    let Some(body) = &parsed.body else {
        return check_head(&head, rules).err().map(|refusal| refusal.status().as_u16());
    };
    let outcome = read(&head, body, rules).and_then(|request| {
        // What the caller does: the actor's own document lists exactly one key.
        let actor =
            serde_json::from_slice::<Value>(body).ok().and_then(|json| json["actor"].as_str().map(str::to_owned));
        let actor = actor.unwrap_or_default();
        let (signer, _) = ACTORS.iter().find(|(_, id)| *id == actor).ok_or(Refusal::KeyUnavailable)?;
        let url = Url::parse(&actor).map_err(|_| Refusal::ForeignKey)?;
        let listed = request.key_id.as_str() == format!("{actor}#main-key");
        if !listed || !key_belongs_to(&request.key_id, &url) {
            return Err(Refusal::ForeignKey);
        }
        request.verify(&public(signer))
    });
    Some(outcome.map_or_else(|refusal| refusal.status().as_u16(), |()| 202))
}

fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("HEARTH_CORPUS") {
        return Some(PathBuf::from(folder));
    }
    let usual = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/security/corpus");
    usual.is_dir().then_some(usual)
}

#[test]
fn the_shared_corpus_gets_the_expected_statuses() {
    let Some(folder) = folder() else {
        eprintln!("no corpus here: set HEARTH_CORPUS to check it");
        return;
    };
    let index: Vec<Value> = serde_json::from_slice(&fs::read(folder.join("index.json")).unwrap()).unwrap();
    let rules = GateRules::new(RemotePolicy::new(["hearth.test"], DevPeers::default()), now());
    let (mut checked, mut skipped, mut wrong) = (0, Vec::new(), Vec::new());
    for entry in &index {
        let file = entry["file"].as_str().unwrap();
        if !["ok-", "sig-", "http-"].iter().any(|prefix| file.starts_with(prefix)) {
            continue;
        }
        let request = if entry["kind"] == "http" { raw(&folder, entry) } else { built(&folder, entry) };
        let status = parse(&request).filter(is_inbox).and_then(|parsed| judge(&parsed, &rules));
        let Some(status) = status else {
            skipped.push(file);
            continue;
        };
        checked += 1;
        let expected = entry["expect_status"].as_array().unwrap();
        if !expected.iter().any(|one| one == status) {
            wrong.push(format!("{file}: {status}, expected {expected:?}"));
        }
    }
    eprintln!("corpus: {checked} checked, {} need a server: {skipped:?}", skipped.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked >= 60, "only {checked} requests were checked");
}
