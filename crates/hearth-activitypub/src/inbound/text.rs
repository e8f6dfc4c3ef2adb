//! Cleaning of words and texts from outside: lengths, NUL, control characters.
//!
//! Makes text safe to store, not safe to show: HTML is kept as received and cleaned where it is shown.

use super::{MAX_ACTOR_NAME, MAX_TEXT};

/// A long text, cut to [`MAX_TEXT`] bytes, without NUL (PostgreSQL cannot store it).
pub(crate) fn long(text: &str) -> String {
    let end = text.floor_char_boundary(MAX_TEXT);
    text.get(..end).unwrap_or_default().chars().filter(|c| *c != '\0').collect()
}

/// One line of at most `limit` characters: control characters become spaces, direction overrides vanish.
pub(crate) fn line(text: &str, limit: usize) -> String {
    let shown = text.chars().filter(|c| !is_direction_override(*c)).take(limit.saturating_mul(2));
    let spaced: String = shown.map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut: String = spaced.trim().chars().take(limit).collect();
    cut.trim_end().to_owned()
}

/// A name in an address: one word without white space, controls, invisible characters, `@` or `/`.
pub(crate) fn username(text: &str) -> Option<String> {
    let odd = |c: char| c.is_control() || c.is_whitespace() || is_invisible(c) || matches!(c, '@' | '/' | '?' | '#');
    let fine = !text.is_empty() && text.chars().count() <= MAX_ACTOR_NAME && !text.chars().any(odd);
    fine.then(|| text.to_owned())
}

/// A media type such as `image/webp`, without parameters; `None` for anything else.
pub(crate) fn media_type(text: &str) -> Option<String> {
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (kind, subtype) = essence.split_once('/')?;
    let token = |part: &str| {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b);
        !part.is_empty() && part.len() <= 100 && part.bytes().all(allowed)
    };
    (token(kind) && token(subtype)).then_some(essence)
}

/// A short word of a vocabulary (`en`, `MEETING`), or `None`.
pub(crate) fn word(text: &str) -> Option<String> {
    let fine = |b: u8| b.is_ascii_alphanumeric() || b"_-:/.+".contains(&b);
    (!text.is_empty() && text.len() <= 64 && text.bytes().all(fine)).then(|| text.to_owned())
}

const fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

const fn is_invisible(c: char) -> bool {
    is_direction_override(c) || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2065}' | '\u{FEFF}' | '\u{AD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let check = |text: &str, expected: &str| assert_eq!(line(text, 10), expected, "{text:?}");
        check(" tea ", "tea");
        check("a\r\nBcc: b@c", "a  Bcc: b@");
        check("\u{202E}evil\u{0}", "evil");
        check("12345678901", "1234567890");
        check("123456789 1", "123456789");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let text = "ä".repeat(MAX_TEXT);
        let kept = long(&text);
        assert!(kept.len() <= MAX_TEXT && kept.len() > MAX_TEXT - 4);
        assert_eq!(long("a\0b\n"), "ab\n");
    }

    #[test]
    fn usernames() {
        for good in ["wren", "Wren.K-1", "аlice", "洪兔"] {
            assert_eq!(username(good).as_deref(), Some(good));
        }
        for bad in ["", "a b", "a\u{200B}b", "a@b", "a/b", "a\nb"] {
            assert_eq!(username(bad), None, "{bad:?}");
        }
        assert_eq!(username(&"x".repeat(129)), None);
    }

    #[test]
    fn media_types() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(media_type(text).as_deref(), expected, "{text:?}");
        check("image/webp", Some("image/webp"));
        check("Text/HTML; charset=utf-8", Some("text/html"));
        check("image/svg+xml", Some("image/svg+xml"));
        check("image/png\r\nX: y", None);
        check("image", None);
        check("/", None);
    }
}
