//! What an activity costs before and after the database: signing it, reading its head and body at the gate, checking
//! its signature, reading it as JSON. Each beside the bare RSA operation of the same library, in the processor time of
//! this thread, so that a busy machine does not count.
//!
//! `cargo bench -p hearth-federation`; figures go to docs/measurements.md.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256},
};
use chrono::{DateTime, TimeDelta};
use hearth_activitypub::{ReadOptions, inbound};
use hearth_federation::{
    gate::{self, GateRules, RequestHead},
    origin::{DevPeers, RemotePolicy},
    signing::{PublicKey, Scheme, SigningKey, SigningKeys, generate_keypair},
};
use http::Method;
use std::{error::Error, fs, hint::black_box, io::Write, time::Duration};
use url::Url;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ACTIVITY: &str = r#"{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/v1"],
"id":"https://elm.test/activities/create/1","type":"Create","actor":"https://elm.test/u/kim",
"to":["https://www.w3.org/ns/activitystreams#Public","https://oak.test/g/tea"],"cc":[],"audience":"https://oak.test/g/tea",
"object":{"id":"https://elm.test/comment/1","type":"Note","attributedTo":"https://elm.test/u/kim",
"to":["https://www.w3.org/ns/activitystreams#Public","https://oak.test/g/tea"],"cc":[],"audience":"https://oak.test/g/tea",
"content":"<p>Thank you. I will be there on Tuesday and bring <em>scones</em>.</p>","mediaType":"text/html",
"inReplyTo":"https://oak.test/p/0000000000000","published":"2026-11-24T10:00:00Z"}}"#;

fn main() -> Outcome<()> {
    let now = DateTime::from_timestamp(1_795_514_400, 0).ok_or("no time")?;
    let pems = generate_keypair()?;
    let key_id = Url::parse("https://elm.test/u/kim#main-key")?;
    let inbox = Url::parse("https://oak.test/inbox")?;
    let (key, public) = (SigningKey::from_pem(&key_id, &pems.private_pem)?, PublicKey::from_pem(&pems.public_pem)?);
    let body = ACTIVITY.as_bytes();
    let headers = key.sign(Scheme::Cavage, &Method::POST, &inbox, Some(body), now)?;
    let fields: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let head = RequestHead { method: "POST", path_and_query: "/inbox", headers: &fields };
    let rules = GateRules::new(RemotePolicy::new(["oak.test"], DevPeers::default()), now + TimeDelta::seconds(1));
    let signed = gate::read(&head, body, &rules)?;
    let keys = SigningKeys::new(10);

    let (bare_sign, bare_verify) = bare()?;
    let signing = |scheme| each(|| key.sign(scheme, &Method::POST, &inbox, Some(body), now));
    let rows = [
        ("an RSA-2048 signature, bare", bare_sign),
        ("signing a request (cavage)", signing(Scheme::Cavage)?),
        ("signing a request (RFC 9421)", signing(Scheme::Rfc9421)?),
        ("taking a key that is kept", each(|| keys.get(&key_id, &pems.private_pem))?),
    ];
    print(&rows, bare_sign, "signature")?;
    let rows = [
        ("a check of a signature, bare", bare_verify),
        ("checking a request's signature", each(|| signed.verify(&public))?),
        ("reading a public key", each(|| PublicKey::from_pem(&pems.public_pem))?),
        ("the gate, head alone", each(|| gate::check_head(&head, &rules))?),
        ("the gate, head and body", each(|| gate::read(&head, body, &rules))?),
        ("reading an activity", each(|| inbound::read_activity(body, ReadOptions::default()))?),
    ];
    print(&rows, bare_verify, "check")
}

/// One signature and one check with nothing around them.
fn bare() -> Outcome<(Duration, Duration)> {
    let pair = KeyPair::generate(KeySize::Rsa2048)?;
    let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())?;
    let (random, mut signature) = (SystemRandom::new(), vec![0; pair.public_modulus_len()]);
    let text = [7; 300];
    let sign = each(|| pair.sign(&RSA_PKCS1_SHA256, &random, &text, &mut signature))?;
    let verify = each(|| public.verify_sig(&text, &signature))?;
    Ok((sign, verify))
}

/// The processor time of one go, over about half a second of them.
fn each<T, E>(mut work: impl FnMut() -> Result<T, E>) -> Outcome<Duration>
where
    Box<dyn Error>: From<E>,
{
    let (began, mut done) = (cpu()?, 0_u32);
    loop {
        for _ in 0..200 {
            black_box(work())?;
        }
        done += 200;
        let spent = cpu()?.saturating_sub(began);
        if spent >= Duration::from_millis(500) {
            return Ok(spent / done);
        }
    }
}

/// Processor time of this thread; Linux counts it in hundredths of a second.
fn cpu() -> Outcome<Duration> {
    let stat = fs::read_to_string("/proc/thread-self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("an odd stat")?;
    let mut ticks = 0;
    for field in fields.split_whitespace().skip(11).take(2) {
        ticks += field.parse::<u64>()?;
    }
    Ok(Duration::from_millis(10 * ticks))
}

fn print(rows: &[(&str, Duration)], limit: Duration, named: &str) -> Outcome<()> {
    for (what, time) in rows {
        let ratio = time.as_secs_f64() / limit.as_secs_f64();
        let micros = time.as_secs_f64() * 1_000_000.0;
        writeln!(std::io::stdout(), "{what:<34} {micros:>9.2} µs  {ratio:>6.2} of a bare {named}")?;
    }
    Ok(())
}
