//! Which requests ask for a document and which for a page: pages and documents share their addresses.
//!
//! Must never: give a browser a document where there is a page, or a server a page where there is a document.

use actix_web::{guard::GuardContext, http::header::ACCEPT};

/// The profile that makes `application/ld+json` ActivityPub.
const PROFILE: &str = "https://www.w3.org/ns/activitystreams";

/// How much the two are wanted, in thousandths; `None`: not named.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    document: Option<u16>,
    page: Option<u16>,
}

impl Wanted {
    fn read(accept: &str) -> Self {
        let mut wanted = Self::default();
        for range in split(accept, ',') {
            let mut parts = split(range, ';').into_iter();
            let Some(essence) = parts.next().map(str::to_ascii_lowercase) else { continue };
            let parameters: Vec<(String, &str)> = parts.filter_map(parameter).collect();
            let quality = parameters.iter().find(|(name, _)| name == "q").map_or(Some(1_000), |(_, q)| quality(q));
            let Some(quality) = quality else { continue };
            let profile = parameters.iter().find(|(name, _)| name == "profile").map(|(_, value)| *value);
            let kind = match essence.as_str() {
                "application/activity+json" => &mut wanted.document,
                "application/ld+json" if profile.is_none_or(|value| value.split(' ').any(|one| one == PROFILE)) => {
                    &mut wanted.document
                }
                "text/html" | "application/xhtml+xml" => &mut wanted.page,
                _ => continue,
            };
            *kind = (*kind).max(Some(quality));
        }
        wanted
    }

    /// A document is named, and no page is wanted as much. `*/*` names neither.
    fn prefers_document(&self) -> bool {
        let document = self.document.unwrap_or(0);
        document > self.page.unwrap_or(0)
    }

    fn prefers_page(&self) -> bool {
        self.page.unwrap_or(0) > 0 && !self.prefers_document()
    }
}

/// Splits outside of quoted strings, without surrounding blanks.
fn split(text: &str, at: char) -> Vec<&str> {
    let mut quoted = false;
    let parts = text.split(move |c: char| {
        quoted ^= c == '"';
        c == at && !quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

fn parameter(text: &str) -> Option<(String, &str)> {
    let (name, value) = text.split_once('=')?;
    Some((name.trim().to_ascii_lowercase(), value.trim().trim_matches('"')))
}

/// `0.8` as 800 (RFC 9110, section 12.4.2). `None` when it is no quality.
fn quality(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths = format!("{fraction:0<3}").parse::<u16>().ok().filter(|_| digits)?;
    match whole {
        "0" => Some(thousandths),
        "1" => Some(1_000),
        _ => None,
    }
}

fn wanted(context: &GuardContext<'_>) -> Wanted {
    let headers = context.head().headers();
    let all: Vec<&str> = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok()).collect();
    Wanted::read(&all.join(","))
}

/// Guard: the request asks for an ActivityPub document rather than a page.
pub(crate) fn asks_for_document(context: &GuardContext<'_>) -> bool {
    wanted(context).prefers_document()
}

/// Guard: the request does not come from somebody who would rather have a page.
pub(crate) fn asks_for_no_page(context: &GuardContext<'_>) -> bool {
    !wanted(context).prefers_page()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(accept: &str, document: bool, page: bool) {
        let wanted = Wanted::read(accept);
        assert_eq!((wanted.prefers_document(), wanted.prefers_page()), (document, page), "{accept}");
    }

    #[test]
    fn who_asks_for_what() {
        check("", false, false);
        check("*/*", false, false);
        check("application/json", false, false);
        check("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false, true);
        check("application/activity+json", true, false);
        check("Application/Activity+JSON;charset=utf-8", true, false);
        check("application/activity+json, application/ld+json", true, false);
        check(r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams""#, true, false);
        check(r#"application/ld+json; profile="https://other.example/""#, false, false);
        check(r#"application/ld+json; profile="a, text/html""#, false, false);
        check("application/ld+json", true, false);
        check("application/activity+json, text/html;q=0.1", true, false);
        check("application/activity+json;q=0.5, text/html;q=0.9", false, true);
        check("application/activity+json, text/html", false, true);
        check("application/activity+json;q=0", false, false);
        check("application/activity+json;q=x", false, false);
        check("text/html;q=0, application/activity+json;q=0.1", true, false);
        check("application/activity+json, */*;q=0.1", true, false);
    }
}
