//! `Digest` (RFC 3230) and `Content-Digest` (RFC 9530), recomputed over the raw bytes of the body.
//!
//! Must never: accept a body on the word of an algorithm we do not compute, or pick one of two equal algorithms.

use aws_lc_rs::digest::{Algorithm, SHA256, SHA512, digest};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{Refusal, RequestHead};

/// Checks every digest that is there. Whether one *must* be there is a matter of coverage, decided by the caller.
pub(super) fn check(head: &RequestHead<'_>, body: &[u8]) -> Result<(), Refusal> {
    if let Some(value) = head.one("digest")? {
        check_list(value, body, |value| Some(value))?;
    }
    if let Some(value) = head.one("content-digest")? {
        check_list(value, body, |value| value.strip_prefix(':')?.strip_suffix(':'))?;
    }
    Ok(())
}

/// A comma-separated list of `algorithm=value`. Unknown algorithms are passed over, known ones must all fit, and at
/// least one must be known; no algorithm may be listed twice (FI-07).
fn check_list(list: &str, body: &[u8], unwrap: fn(&str) -> Option<&str>) -> Result<(), Refusal> {
    let mut seen: Vec<String> = Vec::new();
    let mut known = false;
    for item in list.split(',') {
        let (name, value) = item.trim().split_once('=').ok_or(Refusal::BadDigest)?;
        let name = name.trim().to_ascii_lowercase();
        if name.is_empty() || seen.len() >= 8 || seen.contains(&name) {
            return Err(Refusal::BadDigest);
        }
        if let Some(algorithm) = algorithm(&name) {
            known = true;
            let value = unwrap(value.trim()).ok_or(Refusal::BadDigest)?;
            let value = STANDARD.decode(value).map_err(|_| Refusal::BadDigest)?;
            if digest(algorithm, body).as_ref() != value.as_slice() {
                return Err(Refusal::WrongDigest);
            }
        }
        seen.push(name);
    }
    if known { Ok(()) } else { Err(Refusal::BadDigest) }
}

fn algorithm(name: &str) -> Option<&'static Algorithm> {
    match name {
        "sha-256" => Some(&SHA256),
        "sha-512" => Some(&SHA512),
        _ => None,
    }
}
