//! Cards: what helped, kept from a conversation for those who come later.
//!
//! A card knows its month and nothing finer: a moment would lead back to the post it was, or to who was here just then.

use crate::text::{self, TextProblem};
use chrono::{DateTime, Datelike, Utc};
use std::fmt;

words! {
    /// Whether a card stands under the name of its author.
    Naming("name of a card") {
        /// Under the name they have in the group.
        Named = "named",
        /// Under none.
        Unnamed = "unnamed",
    }
}

/// Most topics of a group.
pub const MOST_TOPICS: usize = 40;
/// Longest topic.
pub const TOPIC_MAX: usize = 60;
/// Longest text that is searched for.
pub const SEARCH_MAX: usize = 100;
/// Most words that are searched for at once.
pub const MOST_WORDS: usize = 10;

/// The month in which something became a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(i32);

impl Month {
    /// The month of an instant, in UTC.
    #[must_use]
    pub fn of(at: DateTime<Utc>) -> Self {
        Self(at.year() * 12 + i32::try_from(at.month0()).unwrap_or_default())
    }

    /// Months since the year 0, as the database keeps it.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// The month of the year, from 1.
    #[must_use]
    pub const fn month(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }
}

impl From<i32> for Month {
    fn from(number: i32) -> Self {
        Self(number)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

/// What a card is searched in: its words in one line, without regard to capitals.
#[must_use]
pub fn searched(title: &str, text: &str) -> String {
    text::line(&format!("{title} {text}")).to_lowercase()
}

/// The words that somebody searches for: each must appear.
///
/// # Errors
/// `TooLong`, also for more words than are looked for at once.
pub fn search(typed: &str) -> Result<Vec<String>, TextProblem> {
    let line = text::bounded_line(typed, 0, SEARCH_MAX)?.to_lowercase();
    let words: Vec<String> = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if words.len() > MOST_WORDS { Err(TextProblem::TooLong(SEARCH_MAX)) } else { Ok(words) }
}

/// The name of a topic.
///
/// # Errors
/// `Empty`, `TooLong`.
pub fn topic(typed: &str) -> Result<String, TextProblem> {
    text::bounded_line(typed, 1, TOPIC_MAX)
}

/// Whether two topics are the same to who reads them.
#[must_use]
pub fn same_topic(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Whether a hashtag, without its `#`, is a topic as people elsewhere write it: "Better sleep" is `#BetterSleep`.
#[must_use]
pub fn is_hashtag_of(tag: &str, topic: &str) -> bool {
    let bare =
        |words: &str| words.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let tag = bare(tag);
    !tag.is_empty() && tag == bare(topic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months() {
        for (at, shown) in [
            ("2026-11-24T10:00:00Z", "2026-11"),
            ("2026-12-31T23:59:59Z", "2026-12"),
            ("2027-01-01T00:00:00Z", "2027-01"),
        ] {
            let month = Month::of(at.parse().unwrap());
            assert_eq!(month.to_string(), shown);
            assert_eq!(Month::from(month.number()), month);
        }
        let [first, last] = ["2026-11-01T00:00:00Z", "2026-11-30T23:59:59Z"].map(|at| Month::of(at.parse().unwrap()));
        assert_eq!(first, last, "nothing finer is known");
    }

    #[test]
    fn searching() {
        assert_eq!(search("  Two\tWORDS  "), Ok(vec!["two".to_owned(), "words".to_owned()]));
        assert_eq!(search("ÄRZTE"), Ok(vec!["ärzte".to_owned()]));
        assert_eq!(search(""), Ok(Vec::new()));
        assert_eq!(search(&"x".repeat(101)), Err(TextProblem::TooLong(SEARCH_MAX)));
        assert_eq!(search("a b c d e f g h i j k"), Err(TextProblem::TooLong(SEARCH_MAX)));
        assert_eq!(searched("Cold Water", "On the\nwrists."), "cold water on the wrists.");
        // However it was typed: a letter and its accent, or both in one.
        assert_eq!(search("A\u{308}rzte"), search("ärzte"));
    }
}
