//! Reading RFC 9421 `Signature-Input` and `Signature` and rebuilding the signature base.
//!
//! Only the canonical form of the structured fields (RFC 8941) is read, one signature per request, and components
//! without parameters: everything peers send, and nothing that could be read in two ways.
//!
//! Must never: cover less than method, target, authority, `created` (and `content-digest` with a body).

use super::{
    GateRules, MAX_COVERED, Refusal, RequestHead, SYNCHRONIZATION, SignedRequest, date, instant, key_id, seconds,
    signature_bytes, target_forms,
};
use crate::signing::Scheme;

/// One member of `Signature-Input`.
struct Input<'a> {
    label: &'a str,
    /// The member's value as it came, which is what `@signature-params` signs.
    raw: &'a str,
    components: Vec<&'a str>,
    parameters: Vec<(&'a str, &'a str)>,
}

pub(super) fn read(
    head: &RequestHead<'_>,
    input: &str,
    signature: &str,
    rules: &GateRules,
    with_body: bool,
) -> Result<SignedRequest, Refusal> {
    let input = Input::read(input)?;
    let (label, value) = signature.split_once('=').ok_or(Refusal::MalformedSignature)?;
    let value = value.strip_prefix(':').and_then(|value| value.strip_suffix(':')).ok_or(Refusal::MalformedSignature)?;
    if label != input.label {
        return Err(Refusal::MalformedSignature);
    }
    let signature = signature_bytes(value)?;
    check_algorithm(input.get("alg"))?;
    check_coverage(&input.components, head.path_and_query, with_body)?;
    let created = seconds(input.get("created").ok_or(Refusal::NotCovered)?)?;
    let signed_at = instant(created)?;
    rules.check_window(signed_at)?;
    if input.components.contains(&"date") {
        rules.check_window(date(head)?)?;
    }
    rules.check_expiry(input.get("expires").map(seconds).transpose()?)?;
    let texts =
        target_forms(head).into_iter().map(|target| signature_base(head, &input, target)).collect::<Result<_, _>>()?;
    let key_id = key_id(input.get("keyid").ok_or(Refusal::MalformedSignature)?, rules)?;
    let covers_synchronization = input.components.contains(&SYNCHRONIZATION);
    Ok(SignedRequest {
        key_id,
        signed_at,
        scheme: Scheme::Rfc9421,
        synchronization: None,
        texts,
        signature,
        covers_synchronization,
    })
}

impl<'a> Input<'a> {
    /// `label=("a" "b");created=1;keyid="…"`, exactly one member.
    fn read(text: &'a str) -> Result<Self, Refusal> {
        let (label, raw) = text.split_once('=').ok_or(Refusal::MalformedSignature)?;
        let (list, rest) =
            raw.strip_prefix('(').and_then(|raw| raw.split_once(')')).ok_or(Refusal::MalformedSignature)?;
        let label_ok = !label.is_empty() && label.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        if !label_ok {
            return Err(Refusal::MalformedSignature);
        }
        Ok(Self { label, raw, components: components(list)?, parameters: parameters(rest)? })
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
    }
}

fn components(list: &str) -> Result<Vec<&str>, Refusal> {
    let mut names: Vec<&str> = Vec::new();
    for item in list.split(' ') {
        let name = item.strip_prefix('"').and_then(|item| item.strip_suffix('"')).ok_or(Refusal::MalformedSignature)?;
        let plain = name.strip_prefix('@').unwrap_or(name);
        let readable = !plain.is_empty() && plain.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        if !readable || names.len() >= MAX_COVERED || names.contains(&name) {
            return Err(Refusal::MalformedSignature);
        }
        names.push(name);
    }
    Ok(names)
}

/// `;name=value` again and again; a value is digits or a quoted string without escapes.
fn parameters(mut rest: &str) -> Result<Vec<(&str, &str)>, Refusal> {
    let mut list: Vec<(&str, &str)> = Vec::new();
    while !rest.is_empty() {
        let (name, after) =
            rest.strip_prefix(';').and_then(|rest| rest.split_once('=')).ok_or(Refusal::MalformedSignature)?;
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or(Refusal::MalformedSignature)?,
            // A quote inside a bare value would end elsewhere for another reader.
            None => match after.find(';').map_or((after, ""), |at| after.split_at(at)) {
                (value, next) if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => (value, next),
                _ => return Err(Refusal::MalformedSignature),
            },
        };
        let name_ok = !name.is_empty() && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'-' | b'_'));
        if !name_ok || value.contains('\\') || list.len() >= 16 || list.iter().any(|(other, _)| *other == name) {
            return Err(Refusal::MalformedSignature);
        }
        list.push((name, value));
        rest = next;
    }
    Ok(list)
}

fn check_algorithm(label: Option<&str>) -> Result<(), Refusal> {
    match label {
        None | Some("rsa-v1_5-sha256" | "ed25519") => Ok(()),
        Some(_) => Err(Refusal::UnknownAlgorithm),
    }
}

/// The method, the authority, the whole target, and the body's digest must be covered, in whichever components.
fn check_coverage(names: &[&str], target: &str, with_body: bool) -> Result<(), Refusal> {
    let covers = |name: &str| names.contains(&name);
    let authority = covers("@target-uri") || covers("@authority") || covers("host");
    let path = covers("@target-uri")
        || covers("@request-target")
        || (covers("@path") && (covers("@query") || !target.contains('?')));
    if covers("@method") && authority && path && (covers("content-digest") || !with_body) {
        Ok(())
    } else {
        Err(Refusal::NotCovered)
    }
}

/// RFC 9421, section 2.5. Our ids are https, whatever a proxy in front of us speaks.
fn signature_base(head: &RequestHead<'_>, input: &Input<'_>, target: &str) -> Result<Vec<u8>, Refusal> {
    let host = head.one("host")?.ok_or(Refusal::MalformedRequest)?.to_ascii_lowercase();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut lines = Vec::with_capacity(input.components.len() + 1);
    for name in &input.components {
        let value = match *name {
            "@method" => head.method.to_owned(),
            "@target-uri" => format!("https://{host}{target}"),
            "@authority" => host.clone(),
            "@scheme" => "https".to_owned(),
            "@request-target" => target.to_owned(),
            "@path" => path.to_owned(),
            "@query" => format!("?{query}"),
            "content-digest" => head.one(name)?.ok_or(Refusal::BadDigest)?.to_owned(),
            derived if derived.starts_with('@') => return Err(Refusal::MalformedSignature),
            field => head.one(field)?.ok_or(Refusal::MalformedSignature)?.to_owned(),
        };
        lines.push(format!("\"{name}\": {value}"));
    }
    lines.push(format!("\"@signature-params\": {}", input.raw));
    Ok(lines.join("\n").into_bytes())
}
