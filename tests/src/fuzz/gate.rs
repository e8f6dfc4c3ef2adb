//! The gate before the inboxes. Inputs are requests as text, with `@SIGN@` where a valid signature of whatever the headers
//! ask for is put in, so that mutations reach behind the signature.
//!
//! What is accepted must cover what it has to, by another reading of the standards; and no request that is accepted may
//! still be accepted after one change to anything its signature covers.

use super::{
    Outcome, Random, Target,
    gate_reference::{Covered, Request},
};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chrono::{DateTime, TimeDelta, Utc};
use hearth_federation::{
    gate::{self, GateRules, Refusal, RequestHead, SignedRequest},
    origin::{DevPeers, RemotePolicy},
    signing::PublicKey,
};
use sha2::{Digest, Sha256, Sha512};
use std::sync::LazyLock;

/// The target.
pub struct Gate;

/// Used for nothing else, so that a signature follows from the input.
const SEED: [u8; 32] = *b"a key that only the fuzzer uses!";
const OWN: &str = "h.example";
/// 2026-11-19T00:00:00Z.
const NOW: i64 = 1_795_046_400;
const SIGN: &str = "@SIGN@";
/// Must equal the list in the gate: headers of which a second one is never reconciled.
const ONCE: [&str; 9] = [
    "host",
    "date",
    "digest",
    "content-digest",
    "signature",
    "signature-input",
    "content-type",
    "content-length",
    "content-encoding",
];

struct Setting {
    key: Ed25519KeyPair,
    public: PublicKey,
    rules: GateRules,
}

static SETTING: LazyLock<Setting> = LazyLock::new(|| {
    let key = Ed25519KeyPair::from_seed_unchecked(&SEED).expect("a key of a seed");
    let public = PublicKey::from_ed25519(key.public_key().as_ref()).expect("its public half");
    let rules = GateRules::new(RemotePolicy::new([OWN], DevPeers::default()), now());
    Setting { key, public, rules }
});

const WORDS: &[&str] = &[
    "POST ",
    "GET ",
    "/inbox",
    "/g/tea/inbox?x=1",
    "http://h.example/inbox",
    "*",
    "Host: h.example\n",
    "Host: H.Example\n",
    "host: other.example\n",
    "Date: Thu, 19 Nov 2026 00:00:00 GMT\n",
    "Date: Thursday, 19-Nov-26 00:00:00 GMT\n",
    "Date: Thu Nov 19 00:00:00 2026\n",
    "Digest: SHA-256=@DIGEST@\n",
    "Digest: sha-512=@DIGEST512@,SHA-256=@DIGEST@\n",
    "Digest: MD5=x,SHA-256=@DIGEST@\n",
    "Content-Digest: sha-256=:@DIGEST@:\n",
    "Content-Type: application/activity+json\n",
    "Content-Length: 2\n",
    "Content-Encoding: gzip\n",
    "Authorization: Signature x\n",
    "X-Forwarded-Host: h.example\n",
    "(request-target)",
    "(created)",
    "(expires)",
    " host",
    " date",
    " digest",
    " content-type",
    " content-digest",
    "\"@method\"",
    " \"@path\"",
    " \"@query\"",
    " \"@authority\"",
    " \"@target-uri\"",
    " \"@request-target\"",
    " \"@scheme\"",
    " \"@status\"",
    " \"@query-param\";name=\"x\"",
    ";created=1795046400",
    ";expires=1795046500",
    ";keyid=\"https://p.example/u/kim#main-key\"",
    ";alg=\"ed25519\"",
    ";alg=\"hmac-sha256\"",
    ";nonce=\"a\"",
    ";tag=\"b\"",
    ";bs",
    ";req",
    ",created=1795046400",
    ",expires=1795046399",
    ",algorithm=\"hs2019\"",
    ",algorithm=\"rsa-sha1\"",
    "keyId=\"",
    "headers=\"",
    "signature=\"@SIGN@\"",
    "sig1=(",
    "sig1=:@SIGN@:",
    ", sig2=:@SIGN@:",
    "\"",
    "\\\"",
    ",",
    ";",
    "=",
    "\n",
    "\n\n",
    " ",
    "\t",
    "999999999999",
    "9999999999999",
    "253402300800",
    "-1",
    "1e9",
    "https://h.example/u/x#main-key",
    "https://127.0.0.1/k",
    "http://p.example/k",
    "https://p.example:8443/k",
    "https://u@p.example/k",
];

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, 0).expect("a time")
}

impl Target for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    fn generate(&self, random: &mut Random) -> Vec<u8> {
        let method = if random.one_in(8) { random.pick(&["GET", "HEAD", "PUT", "post"]) } else { "POST" };
        let target =
            random.pick(&["/inbox", "/u/kim/inbox", "/inbox?x=1", "/inbox?", "/g/t?a=b&c=%20", "//h.example/inbox"]);
        let offset = if random.one_in(5) { random.below(9000) as i64 - 7000 } else { random.below(600) as i64 - 300 };
        let at = NOW + offset;
        let date = now() + TimeDelta::seconds(offset);
        let mut headers = vec![
            format!("Host: {}", if random.one_in(10) { "H.example" } else { OWN }),
            format!("Date: {}", date.format("%a, %d %b %Y %H:%M:%S GMT")),
            format!(
                "Content-Type: {}",
                random.pick(&[
                    "application/activity+json",
                    "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
                    "application/activity+json; charset=utf-8",
                ])
            ),
        ];
        let new = random.one_in(2);
        if new {
            headers.push("Content-Digest: sha-256=:@DIGEST@:".to_owned());
            headers.extend(rfc9421(at, random));
        } else {
            headers.push(format!(
                "Digest: {}",
                random.pick(&["SHA-256=@DIGEST@", "sha-512=@DIGEST512@", "SHA-256=@DIGEST@,md5=x"])
            ));
            headers.push(cavage(at, random));
        }
        if random.one_in(6) {
            headers.push(random.pick(WORDS).trim().to_owned());
        }
        if random.one_in(4) {
            let (one, other) = (random.below(headers.len()), random.below(headers.len()));
            headers.swap(one, other);
        }
        let body = if method == "POST" {
            random.pick(&["{\"id\":\"https://p.example/a/1\"}", "{}", "x\n\ny", ""])
        } else {
            ""
        };
        format!("{method} {target}\n{}\n\n{body}", headers.join("\n")).into_bytes()
    }

    fn check(&self, input: &[u8]) -> Result<Outcome, String> {
        let request = signed(Request::read(input));
        for with_body in [true, false] {
            if let Ok(read) = accepted(&request, with_body) {
                let covered = request.covered().ok_or("accepted, but nobody can tell what is covered")?;
                check_accepted(&request, &covered, &read, with_body)?;
                check_changes(&request, &covered, with_body)?;
                return Ok(format!("accepted {with_body} {}", covered.names.join(" ")).chars().take(120).collect());
            }
        }
        let refusal = accepted(&request, true).err().map_or("", Refusal::reason);
        let other = accepted(&request, false).err().map_or("", Refusal::reason);
        let unverified = read(&request, true).is_ok() || read(&request, false).is_ok();
        if unverified && is_plain(&request) {
            return Err("a signature of what the standard says is not taken for one".to_owned());
        }
        Ok(format!("{refusal}/{other}"))
    }

    fn work(&self, input: &[u8]) {
        // As one request with ever more in its headers; the gate's own limits are out of the way.
        let mut request = Request::read(input);
        request.headers.iter_mut().for_each(|(_, value)| value.truncate(30_000));
        drop(read(&request, true));
    }
}

fn cavage(at: i64, random: &mut Random) -> String {
    let names = random.pick(&[
        "(request-target) host date digest",
        "(request-target) host date digest content-type",
        "(request-target) (created) host digest",
        "(request-target) (created) (expires) host digest date",
        "host date digest",
        "(request-target) host date",
    ]);
    let key = random.pick(&["https://p.example/u/kim#main-key", "https://P.example/key", "https://p.example/?id=1"]);
    let mut header = format!("Signature: keyId=\"{key}\",headers=\"{names}\"");
    if names.contains("created") || random.one_in(5) {
        header += &format!(",created={at}");
    }
    if names.contains("expires") || random.one_in(9) {
        header += &format!(",expires={}", at + 400);
    }
    if random.one_in(2) {
        header += &format!(",algorithm=\"{}\"", random.pick(&["hs2019", "rsa-sha256", "ed25519", "none"]));
    }
    header + ",signature=\"@SIGN@\""
}

fn rfc9421(at: i64, random: &mut Random) -> [String; 2] {
    let names = random.pick(&[
        "\"@method\" \"@target-uri\" \"content-digest\"",
        "\"@method\" \"@path\" \"@query\" \"@authority\" \"content-digest\" \"date\"",
        "\"@method\" \"@path\" \"host\" \"content-digest\"",
        "\"@method\" \"@request-target\" \"@authority\" \"@scheme\" \"content-digest\" \"content-type\"",
        "\"@path\" \"@authority\" \"content-digest\"",
        "\"@method\" \"@target-uri\"",
    ]);
    let mut input = format!("sig1=({names});created={at};keyid=\"https://p.example/u/kim#main-key\"");
    if random.one_in(3) {
        input += random.pick(&[
            ";alg=\"ed25519\"",
            ";expires=1795049999",
            ";nonce=\"a;b\"",
            ";tag=\"x\"",
            ";alg=\"rsa-pss-sha512\"",
        ]);
    }
    [format!("Signature-Input: {input}"), "Signature: sig1=:@SIGN@:".to_owned()]
}

/// The request with its digests and its signature put in.
fn signed(mut request: Request) -> Request {
    let digest = BASE64.encode(Sha256::digest(&request.body));
    request.replace("@DIGEST@", &digest);
    let digest = BASE64.encode(Sha512::digest(&request.body));
    request.replace("@DIGEST512@", &digest);
    let text = request.covered().map(|covered| covered.text).unwrap_or_default();
    request.replace(SIGN, &BASE64.encode(SETTING.key.sign(&text).as_ref()));
    request
}

fn read(request: &Request, with_body: bool) -> Result<SignedRequest, Refusal> {
    let rules = &SETTING.rules;
    request.with_head(
        |head: &RequestHead<'_>| {
            if with_body { gate::read(head, &request.body, rules) } else { gate::read_get(head, rules) }
        },
    )
}

/// What the caller does: read, then verify.
fn accepted(request: &Request, with_body: bool) -> Result<SignedRequest, Refusal> {
    let read = read(request, with_body)?;
    read.verify(&SETTING.public).map(|()| read)
}

/// Whether the signature is one of ours and the text it signs is beyond doubt: no header of it twice or self-referring.
fn is_plain(request: &Request) -> bool {
    let Some(covered) = request.covered() else { return false };
    let signature = BASE64.encode(SETTING.key.sign(&covered.text).as_ref());
    let whole = [format!("signature=\"{signature}\""), format!("=:{signature}:")];
    let value = request.value("signature").unwrap_or_default();
    let odd = |name: &String| name.starts_with("signature") || request.count(name) > 1;
    whole.iter().any(|part| value.contains(part.as_str())) && !covered.names.iter().any(odd)
}

fn must(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn check_accepted(request: &Request, covered: &Covered, read: &SignedRequest, with_body: bool) -> Result<(), String> {
    let early = request.with_head(|head| gate::check_head(head, &SETTING.rules));
    must(early.is_ok() || !with_body, "the head alone was refused, with the body it is accepted")?;
    must(request.method == if with_body { "POST" } else { &request.method }, "another method than POST")?;
    must(ONCE.iter().all(|name| request.count(name) <= 1), "a header that decides stands twice")?;
    must(request.value("host").is_some_and(|host| host.eq_ignore_ascii_case(OWN)), "another host")?;
    must(request.target.starts_with('/'), "a target with a host of its own")?;
    let has = |name: &str| covered.has(name);
    let host = has("host") || has("@authority") || has("@target-uri");
    let method = has("(request-target)") || has("@method");
    let path = covered.whole_target() || (has("@path") && !request.target.contains('?'));
    must(host && method && path, "host, method or target are not covered")?;
    must(covered.rfc9421 || has("date") || covered.created.is_some(), "no time is covered")?;
    if with_body {
        let digest = if covered.rfc9421 { "content-digest" } else { "digest" };
        let value = request.value(digest).filter(|_| has(digest)).ok_or("no digest is covered")?;
        let fits = |hash: &str| value.contains(hash);
        let (short, long) = (Sha256::digest(&request.body), Sha512::digest(&request.body));
        must(fits(&BASE64.encode(short)) || fits(&BASE64.encode(long)), "the digest is of another body")?;
        let kind = request.value("content-type").unwrap_or_default().to_ascii_lowercase();
        must(kind.starts_with("application/activity+json") || kind.contains("ld+json"), "another media type")?;
    }
    let created =
        covered.created.as_ref().and_then(|text| text.parse().ok()).and_then(|at| DateTime::from_timestamp(at, 0));
    if let Some(created) = created {
        must(created == read.signed_at, "signed at another time than it says")?;
    }
    let age = now() - read.signed_at;
    must(age <= TimeDelta::minutes(60) && age >= -TimeDelta::minutes(5), "outside the window")?;
    let key = read.key_id.as_str();
    let place = key.strip_prefix("https://").and_then(|rest| rest.split(['/', '?', '#']).next());
    must(place.is_some_and(|place| !place.is_empty() && !place.contains('@')), "a key id that is no plain address")?;
    must(url::Url::parse(&covered.key_id).as_ref() == Ok(&read.key_id), "another key id than was said")
}

/// One change at a time to everything covered: none may be accepted.
fn check_changes(request: &Request, covered: &Covered, with_body: bool) -> Result<(), String> {
    let mut refused = |what: &str, change: &dyn Fn(&mut Request)| {
        let mut changed = request.clone();
        change(&mut changed);
        let taken = changed != *request && accepted(&changed, with_body).is_ok();
        if taken { Err(format!("still accepted with a change to {what}: {changed:?}")) } else { Ok(()) }
    };
    for (at, (name, value)) in request.headers.iter().enumerate() {
        let lower = name.to_ascii_lowercase();
        // What signs itself is looked at below.
        if !covered.has(&lower) || lower.starts_with("signature") {
            continue;
        }
        for place in [0, value.len() / 3, value.len() / 2, value.len().saturating_sub(1)] {
            refused(name, &|changed| other_letter(&mut changed.headers[at].1, place))?;
        }
        refused(name, &|changed| changed.headers[at].1.extend(b" x"))?;
        refused(name, &|changed| drop(changed.headers.remove(at)))?;
        refused(name, &|changed| changed.headers.push((lower.clone(), b"x".to_vec())))?;
    }
    for method in ["GET", "HEAD", "PUT", "POST"] {
        // HEAD is signed as HEAD, and read as GET is.
        refused("the method", &|changed| changed.method = method.to_owned())?;
    }
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    refused("the path", &|changed| changed.target = changed.target.replacen(path, &format!("{path}x"), 1))?;
    refused("the path", &|changed| changed.target = format!("/x{}", changed.target))?;
    if !query.is_empty() {
        refused("the query", &|changed| changed.target.push('x'))?;
        refused("the query", &|changed| changed.target = path.to_owned())?;
        refused("the query", &|changed| changed.target = format!("{path}?{query}&{query}"))?;
    }
    if with_body {
        refused("the body", &|changed| changed.body.push(b' '))?;
        let last = request.body.len().saturating_sub(1);
        refused("the body", &|changed| other_letter(&mut changed.body, last))?;
        refused("the body", &|changed| changed.body.clear())?;
    }
    check_own_text(request, covered, &mut refused)
}

/// Tries a change of a request, by its name: it must be refused.
type Refused<'a> = dyn FnMut(&str, &dyn Fn(&mut Request)) -> Result<(), String> + 'a;

/// What the signature says of itself.
fn check_own_text(request: &Request, covered: &Covered, refused: &mut Refused<'_>) -> Result<(), String> {
    let header = |name: &str| request.headers.iter().position(|(field, _)| field.eq_ignore_ascii_case(name));
    let signature = BASE64.encode(SETTING.key.sign(&covered.text).as_ref());
    let at = header("signature").ok_or("accepted without a signature")?;
    for place in [0, 20, signature.len() - 3] {
        let mut other = signature.clone().into_bytes();
        other_letter(&mut other, place);
        let other = String::from_utf8_lossy(&other).into_owned();
        refused("the signature", &|changed| replace(&mut changed.headers[at].1, &signature, &other))?;
    }
    // All of Signature-Input but its label is covered; of a draft signature what stands in the text.
    if let Some(at) = header("signature-input") {
        let value = &request.headers[at].1;
        let from = value.iter().position(|byte| *byte == b'(').unwrap_or(0);
        for place in [from + 3, (from + value.len()) / 2, value.len() - 2, value.len() - 1] {
            refused("what is covered", &|changed| other_letter(&mut changed.headers[at].1, place))?;
        }
        refused("what is covered", &|changed| changed.headers[at].1.extend(b";nonce2=\"x\""))?;
    } else {
        for name in covered.names.iter().filter(|name| name.starts_with('(')) {
            refused("what is covered", &|changed| replace(&mut changed.headers[at].1, &format!(" {name}"), ""))?;
        }
        if let Some(created) = &covered.created {
            let later = created.parse::<i64>().map_or(0, |at| at + 1).to_string();
            refused("created", &|changed| replace(&mut changed.headers[at].1, created, &later))?;
        }
    }
    Ok(())
}

/// Another letter, not only another case of it.
fn other_letter(bytes: &mut [u8], at: usize) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte = if byte.is_ascii_digit() && *byte != b'9' {
            *byte + 1
        } else if *byte == b'q' {
            b'k'
        } else {
            b'q'
        };
    }
}

fn replace(value: &mut Vec<u8>, old: &str, new: &str) {
    if let Some(at) = value.windows(old.len().max(1)).position(|part| part == old.as_bytes()) {
        value.splice(at..at + old.len(), new.bytes());
    }
}
