//! What is logged while the tests run. Every line of every server is looked through for words that people type in tests
//! and for addresses of people, groups and posts: a log must hold none of them (threats PR-20).
//!
//! Must never let a line pass because nobody looked: a test whose log says too much ends there and then.

use std::io::{self, Write};

/// Words that stand in no log: a password, what people wrote, where they meet, and the ways of addresses by which one
/// could tell who or what was looked at.
const CANARIES: &[&str] = &[
    "a quiet evening",
    "zq",
    "Badly.",
    "Hush",
    "Mill Lane",
    "secret-room",
    "Nut allergy",
    "/u/",
    "/g/",
    "/p/",
    "/n/",
    "/e/",
    "/a/",
    "acct:",
    "Bearer ",
    "PRIVATE KEY",
];

/// Listens from now on, to all that this process logs down to the details. A second call changes nothing.
pub fn listen() {
    let _ = tracing_subscriber::fmt()
        .with_env_filter(hearth::logging::filter("debug"))
        .with_ansi(false)
        .with_writer(|| Ear)
        .try_init();
}

/// The first of the words that a line holds.
fn canary(line: &str) -> Option<&'static str> {
    CANARIES.iter().find(|word| line.contains(**word)).copied()
}

struct Ear;

impl Write for Ear {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        if let Some(word) = canary(&text) {
            eprintln!("the log says {word:?}: {text}");
            std::process::exit(101);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::canary;

    #[test]
    fn what_people_write_and_where_they_are_is_caught() {
        assert_eq!(canary("GET /g/tea 200"), Some("/g/"));
        assert_eq!(canary("an activity was not believed host=elm.test"), None);
    }
}
