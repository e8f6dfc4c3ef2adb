//! Reading a draft-cavage-http-signatures-12 `Signature` header and rebuilding the text it signs.
//!
//! Must never: cover less than `(request-target) host` and a date (and `digest` with a body), or read a number the
//! strict way refuses.

use chrono::{DateTime, Utc};

use super::{
    GateRules, MAX_COVERED, Refusal, RequestHead, SYNCHRONIZATION, SignedRequest, date, instant, key_id, seconds,
    signature_bytes, target_forms,
};
use crate::signing::Scheme;

/// The parameters of the header.
struct Parameters<'a> {
    key_id: &'a str,
    signature: &'a str,
    headers: Vec<&'a str>,
    created: Option<&'a str>,
    expires: Option<&'a str>,
}

pub(super) fn read(
    head: &RequestHead<'_>,
    header: &str,
    rules: &GateRules,
    with_body: bool,
) -> Result<SignedRequest, Refusal> {
    let parameters = Parameters::read(header)?;
    let created = parameters.created.map(seconds).transpose()?;
    let expires = parameters.expires.map(seconds).transpose()?;
    let signature = signature_bytes(parameters.signature)?;
    check_coverage(&parameters.headers, with_body)?;
    let signed_at = signed_at(head, &parameters.headers, created, rules)?;
    rules.check_expiry(expires)?;
    let texts = target_forms(head)
        .into_iter()
        .map(|target| signing_text(head, &parameters, target))
        .collect::<Result<_, _>>()?;
    let key_id = key_id(parameters.key_id, rules)?;
    let covers_synchronization = parameters.headers.contains(&SYNCHRONIZATION);
    Ok(SignedRequest {
        key_id,
        signed_at,
        scheme: Scheme::Cavage,
        synchronization: None,
        texts,
        signature,
        covers_synchronization,
    })
}

impl<'a> Parameters<'a> {
    fn read(header: &'a str) -> Result<Self, Refusal> {
        let list = pairs(header)?;
        let get = |name: &str| list.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        check_algorithm(get("algorithm"))?;
        let headers: Vec<&str> = get("headers").unwrap_or("date").split(' ').collect();
        Ok(Self {
            key_id: get("keyId").ok_or(Refusal::MalformedSignature)?,
            signature: get("signature").ok_or(Refusal::MalformedSignature)?,
            headers: checked_names(headers)?,
            created: get("created"),
            expires: get("expires"),
        })
    }
}

/// `name="value"` or `name=token`, separated by commas. Each name once; no escapes, which nobody needs here.
fn pairs(header: &str) -> Result<Vec<(&str, &str)>, Refusal> {
    let mut list: Vec<(&str, &str)> = Vec::new();
    let mut rest = header;
    loop {
        let (name, after) = rest.split_once('=').ok_or(Refusal::MalformedSignature)?;
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or(Refusal::MalformedSignature)?,
            // A quote inside a bare value would end elsewhere for another reader.
            None => match after.find(',').map_or((after, ""), |at| after.split_at(at)) {
                (value, next) if is_token(value.trim()) => (value, next),
                _ => return Err(Refusal::MalformedSignature),
            },
        };
        let name_ok = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !name_ok || value.contains('\\') || list.len() >= 16 || list.iter().any(|(other, _)| *other == name) {
            return Err(Refusal::MalformedSignature);
        }
        list.push((name, value.trim()));
        let next = next.trim_start();
        if next.is_empty() {
            return Ok(list);
        }
        rest = next.strip_prefix(',').ok_or(Refusal::MalformedSignature)?.trim_start();
    }
}

fn is_token(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The label is only looked at to refuse what cannot be meant; the key decides how the signature is verified.
fn check_algorithm(label: Option<&str>) -> Result<(), Refusal> {
    match label.map(str::to_ascii_lowercase).as_deref() {
        None | Some("hs2019" | "rsa-sha256" | "rsa-sha512" | "ed25519") => Ok(()),
        Some(_) => Err(Refusal::UnknownAlgorithm),
    }
}

fn checked_names(names: Vec<&str>) -> Result<Vec<&str>, Refusal> {
    if names.len() > MAX_COVERED {
        return Err(Refusal::MalformedSignature);
    }
    for (at, name) in names.iter().enumerate() {
        let pseudo = matches!(*name, "(request-target)" | "(created)" | "(expires)");
        let field = !name.is_empty() && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        if !(pseudo || field) || names.iter().skip(at + 1).any(|other| other == name) {
            return Err(Refusal::MalformedSignature);
        }
    }
    Ok(names)
}

fn check_coverage(names: &[&str], with_body: bool) -> Result<(), Refusal> {
    let covers = |name: &str| names.contains(&name);
    let dated = covers("date") || covers("(created)");
    if covers("(request-target)") && covers("host") && dated && (covers("digest") || !with_body) {
        Ok(())
    } else {
        Err(Refusal::NotCovered)
    }
}

/// The time of signing. Every time the signature covers must be in the window.
fn signed_at(
    head: &RequestHead<'_>,
    names: &[&str],
    created: Option<i64>,
    rules: &GateRules,
) -> Result<DateTime<Utc>, Refusal> {
    let mut at = None;
    if names.contains(&"date") {
        let date = date(head)?;
        rules.check_window(date)?;
        at = Some(date);
    }
    if names.contains(&"(created)") {
        let created = instant(created.ok_or(Refusal::MalformedSignature)?)?;
        rules.check_window(created)?;
        at = Some(created);
    }
    at.ok_or(Refusal::NotCovered)
}

/// The lines that were signed, for one form of the request target; exactly the listed headers, in their order.
fn signing_text(head: &RequestHead<'_>, parameters: &Parameters<'_>, target: &str) -> Result<Vec<u8>, Refusal> {
    let mut lines = Vec::with_capacity(parameters.headers.len());
    for name in &parameters.headers {
        let value = match *name {
            "(request-target)" => format!("{} {target}", head.method.to_ascii_lowercase()),
            "(created)" => parameters.created.ok_or(Refusal::MalformedSignature)?.to_owned(),
            "(expires)" => parameters.expires.ok_or(Refusal::MalformedSignature)?.to_owned(),
            "digest" => head.one(name)?.ok_or(Refusal::BadDigest)?.to_owned(),
            field => head.one(field)?.ok_or(Refusal::MalformedSignature)?.to_owned(),
        };
        lines.push(format!("{name}: {value}"));
    }
    Ok(lines.join("\n").into_bytes())
}
