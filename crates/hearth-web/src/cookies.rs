//! The three cookies: the session, what the forms of a visitor are bound to, and how pages look on this device.
//!
//! Must never set anything a script could read, nor anything that is not needed.

use crate::views::shell::TextSize;
use actix_web::cookie::{Cookie, SameSite, time};

/// Thirty days, as long as a session lasts without use.
const SESSION_LASTS: time::Duration = time::Duration::days(30);
const READING_LASTS: time::Duration = time::Duration::days(400);

/// The name of the session's cookie. `__Host-` makes browsers refuse it from anybody but this very host over https.
#[must_use]
pub const fn session_name(https: bool) -> &'static str {
    if https { "__Host-hearth" } else { "hearth" }
}

/// The name of the cookie that a visitor's forms are bound to.
#[must_use]
pub const fn form_name(https: bool) -> &'static str {
    if https { "__Host-hearth-form" } else { "hearth-form" }
}

/// The name of the cookie that keeps how pages look.
pub const READING: &str = "hearth-reading";

fn cookie(name: &'static str, value: String, https: bool) -> Cookie<'static> {
    Cookie::build(name, value).path("/").http_only(true).same_site(SameSite::Lax).secure(https).finish()
}

/// The session's cookie.
#[must_use]
pub fn session(token: &str, https: bool) -> Cookie<'static> {
    let mut cookie = cookie(session_name(https), token.to_owned(), https);
    cookie.set_max_age(SESSION_LASTS);
    cookie
}

/// Takes the session's cookie back.
#[must_use]
pub fn no_session(https: bool) -> Cookie<'static> {
    let mut cookie = cookie(session_name(https), String::new(), https);
    cookie.set_max_age(time::Duration::ZERO);
    cookie
}

/// What a visitor's forms are bound to, until the browser is closed.
#[must_use]
pub fn form(value: &str, https: bool) -> Cookie<'static> {
    cookie(form_name(https), value.to_owned(), https)
}

/// How pages look and where "Leave quickly" leads, on this device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The size of the text.
    pub text_size: TextSize,
    /// Whether content notes are shown open.
    pub notes_open: bool,
    /// Whether leaving quickly keeps the person signed in.
    pub stay: bool,
    /// Which of the neutral pages leaving quickly leads to; 0 is the keeper's choice.
    pub exit: usize,
}

impl Default for Reading {
    fn default() -> Self {
        Self { text_size: TextSize::Normal, notes_open: false, stay: false, exit: 0 }
    }
}

impl Reading {
    /// Reads the cookie; what can't be read is the default.
    #[must_use]
    pub fn read(value: &str) -> Self {
        let mut parts = value.split('.');
        let mut is = |word: &str| parts.next() == Some(word);
        let _version = is("1");
        let (notes_open, stay) = (is("open"), is("stay"));
        let mut rest = value.split('.').skip(3);
        let text_size = match rest.next() {
            Some("large") => TextSize::Large,
            Some("larger") => TextSize::Larger,
            _ => TextSize::Normal,
        };
        let exit = rest.next().and_then(|number| number.parse().ok()).unwrap_or_default();
        Self { text_size, notes_open, stay, exit }
    }

    /// The cookie.
    #[must_use]
    pub fn cookie(self, https: bool) -> Cookie<'static> {
        let notes = if self.notes_open { "open" } else { "folded" };
        let stay = if self.stay { "stay" } else { "leave" };
        let value = format!("1.{notes}.{stay}.{}.{}", self.text_size.key(), self.exit);
        let mut cookie = cookie(READING, value, https);
        cookie.set_max_age(READING_LASTS);
        cookie
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_reads_back() {
        for text_size in [TextSize::Normal, TextSize::Large, TextSize::Larger] {
            for (notes_open, stay, exit) in [(true, false, 0), (false, true, 3), (true, true, 1)] {
                let reading = Reading { text_size, notes_open, stay, exit };
                assert_eq!(Reading::read(reading.cookie(true).value()), reading);
            }
        }
        for odd in ["", "...", "1.x.y.z.-1", "\u{0}"] {
            assert_eq!(Reading::read(odd), Reading::default(), "{odd:?}");
        }
    }

    #[test]
    fn the_session_is_kept_from_scripts_and_other_sites() {
        let cookie = session("t", true).to_string();
        for part in ["__Host-hearth=t", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!session("t", false).to_string().contains("Secure"));
    }
}
