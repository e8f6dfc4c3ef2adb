//! The gate before our inboxes: reads one signed HTTP request strictly and says whether it may be looked at further.
//!
//! Pure: bytes in, [`SignedRequest`] or [`Refusal`] out. Nothing is fetched or stored here. The caller then takes the
//! key `key_id` names, checks that the actor lists it back (and [`key_belongs_to`]), and calls
//! [`SignedRequest::verify`]. The checks the library leaves out (threats L1 to L6, FI-01 to FI-09) are all here.
//!
//! Must never: take the first of two headers, trust a header the signature does not cover, look at
//! `Authorization`, hand unparsed numbers to a library, or explain to a stranger why a signature is wrong.

mod cavage;
#[cfg(test)]
mod corpus;
mod digest;
mod head;
pub mod media;
mod refusal;
mod rfc9421;
#[cfg(test)]
mod tests;

use std::{fmt, time::SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

pub use self::{head::RequestHead, refusal::Refusal};
use crate::{
    origin::{RemotePolicy, same_origin},
    signing::{PublicKey, Scheme},
};

/// The longest `Signature` or `Signature-Input` header, in bytes.
const MAX_SIGNATURE_HEADER: usize = 8 * 1024;
/// The header that says who is a member.
const SYNCHRONIZATION: &str = "collection-synchronization";
/// The most names a signature may list.
const MAX_COVERED: usize = 32;
/// The longest base64 text of a signature: RSA-8192 gives 1,024 bytes.
const MAX_SIGNATURE_TEXT: usize = 1_368;
/// The most digits of `created` and `expires`; twelve reach the year 33658 and fit every integer type (L3).
const MAX_DIGITS: usize = 12;

/// What the gate measures by.
#[derive(Debug, Clone)]
pub struct GateRules {
    /// Our own hosts (anything else is 421) and what a `keyId` may look like.
    pub remote: RemotePolicy,
    /// The time the request arrived.
    pub now: DateTime<Utc>,
    /// How old a signature may be: 60 minutes.
    pub max_past: TimeDelta,
    /// How far ahead the sender's clock may be: 5 minutes.
    pub max_future: TimeDelta,
    /// The largest body in bytes: 1 MiB.
    pub max_body: usize,
    /// The most bytes of all header names and values: 32 KiB.
    pub max_header_bytes: usize,
    /// The most header fields: 100.
    pub max_headers: usize,
}

impl GateRules {
    /// The rules of `threats.md` for a request that arrived at `now`.
    pub fn new(remote: RemotePolicy, now: DateTime<Utc>) -> Self {
        Self {
            remote,
            now,
            max_past: TimeDelta::minutes(60),
            max_future: TimeDelta::minutes(5),
            max_body: 1024 * 1024,
            max_header_bytes: 32 * 1024,
            max_headers: 100,
        }
    }

    /// Whether a signature's time is acceptable.
    fn check_window(&self, at: DateTime<Utc>) -> Result<(), Refusal> {
        let age = self.now.signed_duration_since(at);
        if age > self.max_past || age < -self.max_future { Err(Refusal::OutsideWindow) } else { Ok(()) }
    }

    /// Whether an `expires` of the signer is past.
    fn check_expiry(&self, expires: Option<i64>) -> Result<(), Refusal> {
        match expires {
            Some(at) if at < self.now.timestamp() => Err(Refusal::OutsideWindow),
            _ => Ok(()),
        }
    }
}

/// A well-formed, fresh request for us whose digest fits, with a signature that covers what it must.
/// **Not yet verified**: that takes the key. Some peers leave the query out of what they sign, so a query may never
/// decide anything at an inbox.
#[derive(Clone)]
pub struct SignedRequest {
    /// The key the sender says it used: checked as an address, not yet as belonging to the actor.
    pub key_id: Url,
    /// When it was signed: the covered `created`, else the covered `Date`.
    pub signed_at: DateTime<Utc>,
    /// How it was signed.
    pub scheme: Scheme,
    /// What a group told of its members (FEP-8fcf), if the signature covers it.
    pub synchronization: Option<String>,
    /// What may have been signed: the request target with, then without its query.
    texts: Vec<Vec<u8>>,
    signature: Vec<u8>,
    covers_synchronization: bool,
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedRequest({:?})", self.scheme)
    }
}

impl SignedRequest {
    /// Checks the signature with the key. Every form is tried, so that failures cost the same.
    /// Takes up to about 0.1 ms of CPU.
    ///
    /// # Errors
    /// [`Refusal::WrongSignature`].
    pub fn verify(&self, key: &PublicKey) -> Result<(), Refusal> {
        if self.texts.iter().any(|text| key.verify(text, &self.signature)) {
            Ok(())
        } else {
            Err(Refusal::WrongSignature)
        }
    }
}

/// Whether a key may speak for an actor as far as their addresses tell: the same origin. The caller still checks that
/// the actor's own document lists this very key.
pub fn key_belongs_to(key_id: &Url, actor: &Url) -> bool {
    same_origin(key_id, actor)
}

/// Everything that can be refused before the body is read: sizes, host, media type, signature form, coverage, dates.
/// Call it before answering `100 Continue` or taking the body; [`read`] repeats it.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn check_head(head: &RequestHead<'_>, rules: &GateRules) -> Result<(), Refusal> {
    check_post(head, rules)?;
    read_signature(head, rules, true).map(drop)
}

/// Reads a POST to an inbox. `body` is the raw bytes as they came.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn read(head: &RequestHead<'_>, body: &[u8], rules: &GateRules) -> Result<SignedRequest, Refusal> {
    check_post(head, rules)?;
    if body.len() > rules.max_body {
        return Err(Refusal::TooLarge);
    }
    let mut request = read_signature(head, rules, true)?;
    digest::check(head, body)?;
    if request.covers_synchronization {
        request.synchronization = head.one(SYNCHRONIZATION)?.map(str::to_owned);
    }
    Ok(request)
}

/// Reads a signed GET or HEAD of another server (authorized fetch). No digest is asked for; one that is there must
/// be that of the empty body.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn read_get(head: &RequestHead<'_>, rules: &GateRules) -> Result<SignedRequest, Refusal> {
    check_common(head, rules)?;
    if !matches!(head.method, "GET" | "HEAD") {
        return Err(Refusal::MalformedRequest);
    }
    let request = read_signature(head, rules, false)?;
    digest::check(head, b"")?;
    Ok(request)
}

/// Headers that decide something: two of one kind are never reconciled (FI-07).
const SINGLETONS: [&str; 9] = [
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

fn check_common(head: &RequestHead<'_>, rules: &GateRules) -> Result<(), Refusal> {
    head.check_size(rules.max_headers, rules.max_header_bytes)?;
    for name in SINGLETONS {
        head.one(name)?;
    }
    // An absolute-form target names a host of its own, which nothing here would check.
    let origin_form = head.path_and_query.starts_with('/') && head.path_and_query.bytes().all(|b| b.is_ascii_graphic());
    if !origin_form {
        return Err(Refusal::MalformedRequest);
    }
    let host = head.one("host")?.ok_or(Refusal::MalformedRequest)?;
    if rules.remote.own_hosts().iter().any(|own| own.eq_ignore_ascii_case(host)) {
        Ok(())
    } else {
        Err(Refusal::WrongHost)
    }
}

fn check_post(head: &RequestHead<'_>, rules: &GateRules) -> Result<(), Refusal> {
    check_common(head, rules)?;
    if head.method != "POST" {
        return Err(Refusal::MalformedRequest);
    }
    if let Some(length) = head.one("content-length")? {
        let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let length =
            if digits { length.parse::<u64>().unwrap_or(u64::MAX) } else { return Err(Refusal::MalformedRequest) };
        if length > u64::try_from(rules.max_body).unwrap_or(u64::MAX) {
            return Err(Refusal::TooLarge);
        }
    }
    if head.one("content-encoding")?.is_some() {
        return Err(Refusal::Encoded);
    }
    let activity = head.one("content-type")?.is_some_and(media::is_activity);
    if activity { Ok(()) } else { Err(Refusal::WrongType) }
}

/// `Signature-Input` present means RFC 9421, else draft-cavage (profile 6.3).
fn read_signature(head: &RequestHead<'_>, rules: &GateRules, with_body: bool) -> Result<SignedRequest, Refusal> {
    let signature = head.one("signature")?.ok_or(Refusal::NoSignature)?;
    match head.one("signature-input")? {
        Some(input) if input.len() > MAX_SIGNATURE_HEADER => Err(Refusal::MalformedSignature),
        _ if signature.len() > MAX_SIGNATURE_HEADER => Err(Refusal::MalformedSignature),
        Some(input) => rfc9421::read(head, input, signature, rules, with_body),
        None => cavage::read(head, signature, rules, with_body),
    }
}

/// The request target as it came, and, where it has one, without its query: some peers sign it so.
fn target_forms<'a>(head: &RequestHead<'a>) -> Vec<&'a str> {
    let whole = head.path_and_query;
    match whole.split_once('?') {
        Some((path, _)) => vec![whole, path],
        None => vec![whole],
    }
}

/// Reads seconds since 1970 as digits only: no sign, no fraction, at most twelve digits (L3).
fn seconds(text: &str) -> Result<i64, Refusal> {
    let plain = (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().map_err(|_| Refusal::MalformedSignature) } else { Err(Refusal::MalformedSignature) }
}

fn instant(seconds: i64) -> Result<DateTime<Utc>, Refusal> {
    DateTime::from_timestamp(seconds, 0).ok_or(Refusal::MalformedSignature)
}

/// The `Date` header as a time.
fn date(head: &RequestHead<'_>) -> Result<DateTime<Utc>, Refusal> {
    let text = head.one("date")?.ok_or(Refusal::BadDate)?;
    let time: SystemTime = httpdate::parse_http_date(text).map_err(|_| Refusal::BadDate)?;
    Ok(DateTime::from(time))
}

fn key_id(text: &str, rules: &GateRules) -> Result<Url, Refusal> {
    rules.remote.parse(text).map_err(|_| Refusal::BadKeyId)
}

fn signature_bytes(text: &str) -> Result<Vec<u8>, Refusal> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    if text.is_empty() || text.len() > MAX_SIGNATURE_TEXT {
        return Err(Refusal::MalformedSignature);
    }
    STANDARD.decode(text).map_err(|_| Refusal::MalformedSignature)
}
