//! The shapes in which servers write the same thing: a string, an object with an id, a list of either.
//!
//! Strict about addresses, lenient about shapes. Must never fetch anything or interpret `@context`.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use url::{Host, Url};

use super::refusal::Refusal;
use super::strict::Object;
use super::text;
use super::{MAX_ID, MAX_RECIPIENTS, ReadOptions};
use crate::activity::Recipient;
use crate::context::PUBLIC;

/// Whether an id may carry a fragment: activities may (`#follows/1`), actors and objects may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fragment {
    Allowed,
    Refused,
}

/// An id in its one canonical form (FI-24).
pub(crate) fn id(text: &str, fragment: Fragment, options: ReadOptions) -> Result<Url, Refusal> {
    let odd = |b: u8| b <= b' ' || b == 0x7F || b == b'\\';
    if text.len() > MAX_ID || text.bytes().any(odd) {
        return Err(Refusal::BadId);
    }
    let url = Url::parse(text).map_err(|_| Refusal::BadId)?;
    let scheme_is_fine = url.scheme() == "https" || (options.allow_http && url.scheme() == "http");
    let port_is_fine = url.port().is_none() || options.allow_ports;
    let host_is_fine = matches!(url.host(), Some(Host::Domain(name)) if !name.ends_with('.')) && names_host(text, &url);
    let bare = url.username().is_empty() && url.password().is_none();
    let fragment_is_fine = url.fragment().is_none() || fragment == Fragment::Allowed;
    let length_is_fine = url.as_str().len() <= MAX_ID;
    let fine = scheme_is_fine && port_is_fine && host_is_fine && bare && fragment_is_fine && length_is_fine;
    if fine { Ok(url) } else { Err(Refusal::BadId) }
}

/// Whether the text names the very host that was read from it. Hosts come as A-labels: a letter that only looks like
/// another is refused, not converted, also where it hides behind `%` or too many or too few slashes.
fn names_host(text: &str, url: &Url) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    scheme.eq_ignore_ascii_case(url.scheme()) && url.host_str().is_some_and(|read| host.eq_ignore_ascii_case(read))
}

/// An address of a web page, picture or file: http or https, no user name. `None` for anything else.
pub(crate) fn web_address(text: &str) -> Option<Url> {
    if text.len() > MAX_ID || text.chars().any(char::is_control) {
        return None;
    }
    let url = Url::parse(text.trim()).ok()?;
    let fine = matches!(url.scheme(), "https" | "http") && url.username().is_empty() && url.password().is_none();
    (fine && url.has_host() && url.as_str().len() <= MAX_ID).then_some(url)
}

/// The text under `key`.
pub(crate) fn string<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

/// The truth value under `key`.
pub(crate) fn boolean(object: &Object, key: &str) -> Option<bool> {
    object.get(key).and_then(Value::as_bool)
}

/// What stands under `key`, as a list: nothing for null, one for a single value.
pub(crate) fn list<'a>(object: &'a Object, key: &str) -> &'a [Value] {
    match object.get(key) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(values)) => values,
        Some(single) => std::slice::from_ref(single),
    }
}

/// The text of an id: the string itself, or the `id` of an object.
pub(crate) fn id_text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Object(object) => string(object, "id"),
        _ => None,
    }
}

/// The id under `key`, from a string, an object with an id, or the first usable entry of a list. Missing, null and empty
/// are `None`.
///
/// # Errors
/// When something stands there that is no id.
pub(crate) fn optional_id(
    object: &Object,
    key: &'static str,
    fragment: Fragment,
    options: ReadOptions,
) -> Result<Option<Url>, Refusal> {
    let values = list(object, key);
    let mut first_problem = None;
    for value in values {
        match id_text(value).ok_or(Refusal::WrongShape(key)).and_then(|text| id(text, fragment, options)) {
            Ok(url) => return Ok(Some(url)),
            Err(problem) => first_problem = first_problem.or(Some(problem)),
        }
    }
    first_problem.map_or(Ok(None), Err)
}

/// Like [`optional_id`] for what is only useful, never decisive: anything unreadable counts as missing.
pub(crate) fn useful_id(object: &Object, key: &'static str, options: ReadOptions) -> Option<Url> {
    optional_id(object, key, Fragment::Allowed, options).ok().flatten()
}

/// The one id under `key`. A list must hold exactly one.
///
/// # Errors
/// When it is missing, there are several, or it is no id.
pub(crate) fn single_id(
    object: &Object,
    key: &'static str,
    fragment: Fragment,
    options: ReadOptions,
) -> Result<Url, Refusal> {
    match list(object, key) {
        [] => Err(Refusal::MissingField(key)),
        [single] => id(id_text(single).ok_or(Refusal::WrongShape(key))?, fragment, options),
        _ => Err(Refusal::WrongShape(key)),
    }
}

/// All readable ids under `key`, at most `limit`, none twice.
pub(crate) fn ids(object: &Object, key: &str, limit: usize, options: ReadOptions) -> Vec<Url> {
    let mut found: Vec<Url> = Vec::new();
    for url in list(object, key).iter().filter_map(|value| id(id_text(value)?, Fragment::Refused, options).ok()) {
        if found.len() < limit && !found.contains(&url) {
            found.push(url);
        }
    }
    found
}

/// `to` or `cc`: at most [`MAX_RECIPIENTS`]. What is no address is left out, so nothing becomes public by mistake.
pub(crate) fn recipients(object: &Object, key: &str, options: ReadOptions) -> Vec<Recipient> {
    let read = |value: &Value| match id_text(value)? {
        PUBLIC | "as:Public" | "Public" => Some(Recipient::Public),
        text => id(text, Fragment::Refused, options).ok().map(Recipient::Id),
    };
    list(object, key).iter().filter_map(read).take(MAX_RECIPIENTS).collect()
}

/// An instant that only informs (`published`, `updated`): `None` when unreadable or absurd.
pub(crate) fn instant(object: &Object, key: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(string(object, key)?.trim()).ok()?.to_utc();
    sensible_year(time.year()).then_some(time)
}

/// A time of a meetup: with an offset, or without one in the zone given.
///
/// # Errors
/// When it cannot be read, has neither offset nor zone, or lies outside the years 1970 to 2200.
pub(crate) fn local_time(text: &str, zone: Option<Tz>) -> Result<DateTime<FixedOffset>, Refusal> {
    let text = text.trim();
    let time = match DateTime::parse_from_rfc3339(text) {
        Ok(time) => time,
        Err(_) => in_zone(text, zone.ok_or(Refusal::BadTime)?).ok_or(Refusal::BadTime)?,
    };
    if sensible_year(time.year()) { Ok(time) } else { Err(Refusal::BadTime) }
}

fn in_zone(text: &str, zone: Tz) -> Option<DateTime<FixedOffset>> {
    let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S"];
    let naive = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?;
    let local = zone.from_local_datetime(&naive).earliest();
    // An hour that the clocks skip: read as the hour after it.
    let local = local.or_else(|| zone.from_local_datetime(&naive.checked_add_signed(TimeDelta::hours(1))?).earliest());
    local.map(|time| time.fixed_offset())
}

fn sensible_year(year: i32) -> bool {
    (1970..=2200).contains(&year)
}

/// `name`, `summary` or `content`, or the first entry of `nameMap`, …
pub(crate) fn natural_text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    let by_language = || object.get(&format!("{key}Map"))?.as_object()?.values().find_map(Value::as_str);
    string(object, key).or_else(by_language)
}

/// The language of a document: Lemmy's `language`, schema.org's `inLanguage`, or the only key of `contentMap`.
pub(crate) fn language(object: &Object) -> Option<String> {
    let lemmy = list(object, "language").first().and_then(|language| match language {
        Value::Object(language) => string(language, "identifier"),
        other => other.as_str(),
    });
    let by_language = || {
        let map = object.get("contentMap")?.as_object()?;
        if map.len() == 1 { map.keys().next().map(String::as_str) } else { None }
    };
    lemmy.or_else(|| string(object, "inLanguage")).or_else(by_language).and_then(text::word)
}

/// Where people can read it: `url` as a string, an object with `href`, or a list, HTML pages preferred.
pub(crate) fn page_url(object: &Object) -> Option<Url> {
    let entries = list(object, "url");
    let is_html =
        |value: &&Value| value.get("mediaType").and_then(Value::as_str).is_some_and(|t| t.starts_with("text/html"));
    entries.iter().find(is_html).into_iter().chain(entries).find_map(link_address)
}

/// The address of a link or picture: a string, or an object with `href` or `url`.
pub(crate) fn link_address(value: &Value) -> Option<Url> {
    match value {
        Value::String(text) => web_address(text),
        Value::Object(object) => match object.get("href").or_else(|| object.get("url"))? {
            Value::Array(list) => list.iter().find_map(link_address),
            inner @ Value::Object(_) => inner.get("href").or_else(|| inner.get("url"))?.as_str().and_then(web_address),
            inner => web_address(inner.as_str()?),
        },
        _ => None,
    }
}

/// The types of a document: a string, or a list of strings.
pub(crate) fn types(object: &Object) -> Vec<&str> {
    list(object, "type").iter().filter_map(Value::as_str).collect()
}

/// The one type that counts. Of several, exactly one must be known; a second known one would make it two things at once.
///
/// # Errors
/// When there is none, or several are known.
pub(crate) fn one_type(object: &Object, is_known: impl Fn(&str) -> bool) -> Result<&str, Refusal> {
    let types = types(object);
    let known: Vec<&str> = types.iter().copied().filter(|name| is_known(name)).collect();
    match (known.as_slice(), types.as_slice()) {
        ([one], _) | ([], [one, ..]) => Ok(one),
        ([], []) => Err(Refusal::NoType),
        _ => Err(Refusal::WrongShape("type")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: ReadOptions = ReadOptions { allow_http: false, allow_ports: false };

    #[test]
    fn ids_have_one_form() {
        let check = |text: &str, expected: Option<&str>| {
            let read = id(text, Fragment::Refused, STRICT).ok();
            assert_eq!(read.as_ref().map(Url::as_str), expected, "{text}");
        };
        check("https://x.example/u/kim", Some("https://x.example/u/kim"));
        check("https://X.Example/u/Kim", Some("https://x.example/u/Kim"));
        check("https://x.example", Some("https://x.example/"));
        check("https://x.example:443/a", Some("https://x.example/a"));
        check("https://x.example/?author=1", Some("https://x.example/?author=1"));
        for bad in [
            "",
            "kim",
            "http://x.example/a",
            "javascript:alert(1)",
            "https://user@x.example/a",
            "https://@x.example/a",
            "https://x.example:8443/a",
            "https://192.0.2.1/a",
            "https://[2001:db8::1]/a",
            "https://x.example./a",
            "https://x.ex\u{430}mple/a",
            "https:x.example/a",
            "https:/x.example/a",
            "https:///x.example/a",
            "https:///x.ex\u{430}mple/a",
            "https://x.ex%d0%b0mple/a",
            "https://x.ex%61mple/a",
            "https://xn--ls8h=/a",
            "https://x.example/a#b",
            "https://x.example/a\nb",
            "https://x.example/a\u{0}",
            "https://x.example\\a",
            " https://x.example/a",
            "acct:kim@x.example",
        ] {
            check(bad, None);
        }
        check(&format!("https://x.example/{}", "a".repeat(MAX_ID)), None);
        check(&format!("https://x.example/{}", "\u{e4}".repeat(MAX_ID / 4)), None);
        assert_eq!(web_address(&format!("https://x.example/{}", "\u{e4}".repeat(MAX_ID / 4))), None);
    }

    #[test]
    fn options_widen_ids_for_the_dev_network() {
        let wide = ReadOptions { allow_http: true, allow_ports: true };
        assert!(id("http://localhost:8536/u/kim", Fragment::Refused, wide).is_ok());
        assert!(id("http://127.0.0.1/u/kim", Fragment::Refused, wide).is_err());
        assert!(id("https://x.example/a#b", Fragment::Allowed, STRICT).is_ok());
    }

    fn object(json: &str) -> Object {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn recipients_in_all_shapes() {
        let kim = Recipient::Id("https://x.example/kim".parse().unwrap());
        let check = |json: &str, expected: &[Recipient]| {
            assert_eq!(recipients(&object(json), "to", STRICT), expected, "{json}");
        };
        check("{}", &[]);
        check(r#"{"to": null}"#, &[]);
        check(r#"{"to": "as:Public"}"#, &[Recipient::Public]);
        check(r#"{"to": ["Public", "https://x.example/kim"]}"#, &[Recipient::Public, kim.clone()]);
        check(r#"{"to": {"id": "https://www.w3.org/ns/activitystreams#Public"}}"#, &[Recipient::Public]);
        check(r#"{"to": [7, true, [], {}, {"id": "https://x.example/kim"}]}"#, &[kim]);
        check(r#"{"to": ["public", "as:public", "https://www.w3.org/ns/activitystreams#public", "*"]}"#, &[]);
    }

    #[test]
    fn times_need_an_offset_or_a_zone() {
        let london: Tz = "Europe/London".parse().unwrap();
        let check = |text: &str, zone: Option<Tz>, expected: Option<&str>| {
            let read = local_time(text, zone).ok().map(|time| time.to_rfc3339());
            assert_eq!(read.as_deref(), expected, "{text}");
        };
        check("2026-07-14T18:30:00+01:00", None, Some("2026-07-14T18:30:00+01:00"));
        check("2026-07-14T18:30:00Z", Some(london), Some("2026-07-14T18:30:00+00:00"));
        check("2026-07-14T18:30:00", Some(london), Some("2026-07-14T18:30:00+01:00"));
        check("2026-07-14T18:30", Some(london), Some("2026-07-14T18:30:00+01:00"));
        check("2026-03-29T01:30:00", Some(london), Some("2026-03-29T02:30:00+01:00"));
        check("2026-07-14T18:30:00", None, None);
        check("999999-01-01T00:00:00Z", None, None);
        check("0000-01-01T00:00:00Z", None, None);
        check("soon", Some(london), None);
    }

    #[test]
    fn two_known_types_are_one_too_many() {
        let known = |name: &str| matches!(name, "Create" | "Delete" | "Person");
        let check = |json: &str, expected: Result<&str, Refusal>| {
            assert_eq!(one_type(&object(json), known), expected, "{json}");
        };
        check(r#"{"type": "Create"}"#, Ok("Create"));
        check(r#"{"type": ["Person", "vcard:individual"]}"#, Ok("Person"));
        check(r#"{"type": ["Create", "Delete"]}"#, Err(Refusal::WrongShape("type")));
        check(r#"{"type": "Sneeze"}"#, Ok("Sneeze"));
        check(r#"{"type": 7}"#, Err(Refusal::NoType));
        check("{}", Err(Refusal::NoType));
    }

    #[test]
    fn an_author_that_is_no_address_is_refused() {
        let read = |json: &str| optional_id(&object(json), "attributedTo", Fragment::Refused, STRICT);
        assert_eq!(read(r#"{"attributedTo": 1}"#), Err(Refusal::WrongShape("attributedTo")));
        assert_eq!(read("{}"), Ok(None));
        let kim = r#"{"attributedTo": [{"type": "Person", "id": "https://x.example/kim"}, "https://x.example/lou"]}"#;
        assert_eq!(read(kim).unwrap().unwrap().as_str(), "https://x.example/kim");
    }
}
