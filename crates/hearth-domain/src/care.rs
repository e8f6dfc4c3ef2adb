//! What a group decides about its own safety: whose posts a person reads first, which words are looked at first, how
//! long a report may wait; and how much somebody new may write.
//!
//! Nothing here looks for signs of a crisis: the words are the group's own list, and no match ever refuses a post.

use chrono::Duration;

words! {
    /// Why a post waits for a person to look.
    Cause("cause of waiting") {
        /// It is one of the first of somebody new.
        First = "first",
        /// It holds a word of the group's list.
        Words = "words",
    }
}

words! {
    /// Where a post that waits stands.
    Waiting("state of waiting") {
        /// Somebody is to look.
        Waiting = "waiting",
        /// It is not shown; its author was told why.
        Declined = "declined",
    }
}

words! {
    /// Where a keeper's asking to read a group stands.
    Access("state of access") {
        /// Asked: it opens when a second keeper agrees, or after a day.
        Asked = "asked",
        /// Open: the keeper reads what members read.
        Open = "open",
        /// Over, or taken back.
        Ended = "ended",
    }
}

/// Most first posts that can be looked at before they are shown.
pub const MOST_FIRST_POSTS: u32 = 20;
/// Longest time that a group may let a report wait, in hours.
pub const MOST_ANSWER_HOURS: u32 = 168;
/// The time a report waits for an answer where the group said nothing, in hours.
pub const ANSWER_HOURS: u32 = 12;
/// Most words in the list of a group, and the most characters of each.
pub const MOST_WORDS: usize = 200;
/// Longest word or phrase of the list, in characters.
pub const LONGEST_WORD: usize = 60;
/// Most ready texts of a group.
pub const MOST_HOUSE_REPLIES: usize = 30;
/// Longest pause, in days.
pub const MOST_PAUSE_DAYS: u32 = 90;
/// After how long a keeper may read a group without a second keeper's word.
pub const ACCESS_DELAY: Duration = Duration::hours(24);
/// For how long a keeper may then read.
pub const ACCESS_LASTS: Duration = Duration::hours(24);

/// The words and phrases of a list as it is typed, one in a line: cleaned, in lower case, each once.
#[must_use]
pub fn word_list(typed: &str) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for line in typed.lines() {
        let word = crate::text::line(line).to_lowercase();
        if !word.is_empty() && !list.contains(&word) {
            list.push(word);
        }
    }
    list
}

/// Whether one of the words stands in a text, as a whole word or phrase, in any case.
#[must_use]
pub fn holds_word(words: &[String], text: &str) -> bool {
    if words.is_empty() {
        return false;
    }
    let flat = flat(text);
    words.iter().map(|word| self::flat(word)).any(|word| word.len() > 2 && flat.contains(&word))
}

/// A text as its words alone, in lower case, with one space around each.
fn flat(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut out = String::with_capacity(lower.len() + 2);
    out.push(' ');
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        out.push_str(word);
        out.push(' ');
    }
    out
}

/// Whether a person looks at a new post first, and why. `shown` is how many of the author's posts the group shows, of
/// which no more than `first_posts` need be counted; `trusted` is who looks after the group or its meetups.
#[must_use]
pub const fn cause_of_waiting(trusted: bool, first_posts: u32, shown: u32, holds_word: bool) -> Option<Cause> {
    if trusted {
        None
    } else if shown < first_posts {
        Some(Cause::First)
    } else if holds_word {
        Some(Cause::Words)
    } else {
        None
    }
}

/// How many posts and replies an account may write in an hour, by the age of the account: it loosens with time.
#[must_use]
pub fn posts_in_an_hour(age: Duration) -> i64 {
    match age {
        age if age < Duration::days(1) => 20,
        age if age < Duration::days(7) => 40,
        age if age < Duration::days(30) => 80,
        _ => 200,
    }
}

/// Whether an hour of the day lies in somebody's quiet hours: from `from` until `until`, over midnight too. The same
/// hour twice means none.
#[must_use]
pub const fn is_quiet(from: u32, until: u32, hour: u32) -> bool {
    if from <= until { from <= hour && hour < until } else { from <= hour || hour < until }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole_and_in_any_case() {
        let list = word_list("  Cutting \n\ncold   turkey\ncutting\nÉté");
        assert_eq!(list, ["cutting", "cold turkey", "été"]);
        for (text, found) in [
            ("I was cutting.", true),
            ("CUTTING, again", true),
            ("Crosscutting concerns", false),
            ("I went cold\nturkey", true),
            ("cold, turkey", true),
            ("turkey, cold", false),
            ("L'ÉTÉ", true),
            ("", false),
        ] {
            assert_eq!(holds_word(&list, text), found, "{text}");
        }
        assert!(!holds_word(&[], "anything"));
        assert!(!holds_word(&word_list("…\n!"), "no word … at all!"), "a list of marks holds nothing");
    }

    #[test]
    fn who_waits_and_why() {
        for (trusted, first, shown, word, cause) in [
            (false, 0, 0, false, None),
            (false, 2, 0, false, Some(Cause::First)),
            (false, 2, 1, true, Some(Cause::First)),
            (false, 2, 2, false, None),
            (false, 2, 2, true, Some(Cause::Words)),
            (false, 0, 0, true, Some(Cause::Words)),
            (true, 2, 0, true, None),
        ] {
            assert_eq!(cause_of_waiting(trusted, first, shown, word), cause, "{trusted} {first} {shown} {word}");
        }
    }

    #[test]
    fn limits_loosen_with_time() {
        let ages = [0, 1, 6, 7, 29, 30, 900].map(|days| posts_in_an_hour(Duration::days(days)));
        assert_eq!(ages, [20, 40, 40, 80, 80, 200, 200]);
        assert_eq!(posts_in_an_hour(Duration::days(-1)), 20, "a clock that was ahead helps nobody");
    }

    #[test]
    fn quiet_hours() {
        for (from, until, hour, quiet) in [
            (22, 8, 21, false),
            (22, 8, 22, true),
            (22, 8, 0, true),
            (22, 8, 7, true),
            (22, 8, 8, false),
            (9, 17, 12, true),
            (9, 17, 17, false),
            (0, 0, 0, false),
            (7, 7, 7, false),
        ] {
            assert_eq!(is_quiet(from, until, hour), quiet, "{from} {until} {hour}");
        }
    }
}
