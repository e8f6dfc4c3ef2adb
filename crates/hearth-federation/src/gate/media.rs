//! Media types that mean ActivityPub (FEP-96ff), and no others.
//!
//! Must never: guess. What is not one of the two types is not an activity, whatever its body looks like.

/// The profile that makes `application/ld+json` ActivityPub.
const PROFILE: &str = "https://www.w3.org/ns/activitystreams";

/// Whether a `Content-Type` is `application/activity+json`, or `application/ld+json` with the ActivityStreams
/// profile; `charset=utf-8` and `profile` are the only parameters allowed.
pub fn is_activity(content_type: &str) -> bool {
    let Some((essence, parameters)) = parse(content_type) else { return false };
    let charset_ok = parameters.iter().all(|(name, value)| match name.as_str() {
        "charset" => value.eq_ignore_ascii_case("utf-8"),
        "profile" => true,
        _ => false,
    });
    let profiled = parameters
        .iter()
        .any(|(name, value)| name == "profile" && value.split_ascii_whitespace().any(|profile| profile == PROFILE));
    match essence.as_str() {
        "application/activity+json" => charset_ok,
        "application/ld+json" => charset_ok && profiled,
        _ => false,
    }
}

/// Whether a `Content-Type` is plain JSON as WebFinger and NodeInfo serve it: `application/json`,
/// `application/jrd+json`, with any parameters.
pub fn is_plain_json(content_type: &str) -> bool {
    parse(content_type)
        .is_some_and(|(essence, _)| matches!(essence.as_str(), "application/json" | "application/jrd+json"))
}

/// The type in lower case, and its parameters. `None` when it cannot be read or names a parameter twice.
fn parse(content_type: &str) -> Option<(String, Vec<(String, String)>)> {
    let (essence, mut rest) = content_type.split_once(';').unwrap_or((content_type, ""));
    let mut parameters: Vec<(String, String)> = Vec::new();
    rest = rest.trim_start();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=')?;
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.find(';').map_or((after, ""), |at| after.split_at(at)),
        };
        let name = name.to_ascii_lowercase();
        if value.contains('\\') || parameters.iter().any(|(other, _)| *other == name) {
            return None;
        }
        parameters.push((name, value.trim_end().to_owned()));
        let next = next.trim_start();
        rest = if next.is_empty() { next } else { next.strip_prefix(';')?.trim_start() };
    }
    Some((essence.trim().to_ascii_lowercase(), parameters))
}
