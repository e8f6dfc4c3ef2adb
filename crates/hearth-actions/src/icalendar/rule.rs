//! Repeats (RFC 5545, 3.3.10): checked part by part, kept as they came, never put out into dates here.
//!
//! Must never let a rule through that gives more than one date a day, or that a library could not read.

use super::{MAX_REPEATS, time};

/// Longest rule, in bytes.
const MAX_LENGTH: usize = 500;

/// A repeat that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The `RRULE`, in upper case.
    pub text: String,
    /// How many dates of it may count: its own number, or [`MAX_REPEATS`].
    pub at_most: u32,
}

/// Reads a rule, and whether it wanted more dates than count. `None` when it cannot be read.
pub(super) fn read(value: &str) -> Option<(Rule, bool)> {
    let text = value.trim().trim_end_matches(';').to_ascii_uppercase();
    if text.len() > MAX_LENGTH {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    let mut count = None;
    for part in text.split(';') {
        let (name, value) = part.split_once('=')?;
        if names.contains(&name) || !is_fine(name, value) {
            return None;
        }
        if name == "COUNT" {
            count = value.parse::<u32>().ok();
        }
        names.push(name);
    }
    let ends_twice = names.contains(&"COUNT") && names.contains(&"UNTIL");
    if !names.contains(&"FREQ") || ends_twice {
        return None;
    }
    let more = match count {
        Some(count) => count > MAX_REPEATS,
        None => !names.contains(&"UNTIL"),
    };
    let at_most = count.unwrap_or(MAX_REPEATS).min(MAX_REPEATS);
    Some((Rule { text, at_most }, more))
}

fn is_fine(name: &str, value: &str) -> bool {
    match name {
        "FREQ" => matches!(value, "DAILY" | "WEEKLY" | "MONTHLY" | "YEARLY"),
        "INTERVAL" => within(value, 1, 999),
        "COUNT" => within(value, 1, 999_999),
        "UNTIL" => time::is_until(value),
        "WKST" => is_weekday(value),
        "BYDAY" => value.split(',').all(is_day),
        "BYMONTH" => value.split(',').all(|month| within(month, 1, 12)),
        "BYMONTHDAY" => value.split(',').all(|day| from_either_end(day, 31)),
        "BYYEARDAY" | "BYSETPOS" => value.split(',').all(|day| from_either_end(day, 366)),
        "BYWEEKNO" => value.split(',').all(|week| from_either_end(week, 53)),
        _ => false,
    }
}

fn within(text: &str, least: u32, most: u32) -> bool {
    let digits = text.len() <= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && text.parse().is_ok_and(|number: u32| (least..=most).contains(&number))
}

/// A number from 1, counted from the end where it has a minus.
fn from_either_end(text: &str, most: u32) -> bool {
    within(text.strip_prefix(['-', '+']).unwrap_or(text), 1, most)
}

fn is_weekday(text: &str) -> bool {
    matches!(text, "MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")
}

/// `TU`, `1MO`, `-1FR`.
fn is_day(text: &str) -> bool {
    let Some((number, day)) = text.len().checked_sub(2).and_then(|at| text.split_at_checked(at)) else { return false };
    is_weekday(day) && (number.is_empty() || from_either_end(number, 53))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_checked_and_bounded() {
        for (text, expected) in [
            ("FREQ=WEEKLY;COUNT=8", Some((8, false))),
            ("freq=weekly;byday=tu,th;until=20261231T235959z", Some((60, false))),
            ("FREQ=MONTHLY;BYDAY=1MO,-1FR;WKST=SU;UNTIL=20261231", Some((60, false))),
            ("FREQ=MONTHLY;BYMONTHDAY=-1;INTERVAL=2;COUNT=60", Some((60, false))),
            ("FREQ=YEARLY;BYMONTH=3;BYSETPOS=-1;BYYEARDAY=366;BYWEEKNO=53;COUNT=61;", Some((60, true))),
            ("FREQ=DAILY", Some((60, true))),
            ("FREQ=DAILY;COUNT=999999", Some((60, true))),
            ("", None),
            ("COUNT=3", None),
            ("FREQ=HOURLY;COUNT=3", None),
            ("FREQ=DAILY;BYHOUR=1,2,3", None),
            ("FREQ=DAILY;COUNT=0", None),
            ("FREQ=DAILY;COUNT=-1", None),
            ("FREQ=DAILY;COUNT=99999999999999999999", None),
            ("FREQ=DAILY;INTERVAL=0", None),
            ("FREQ=DAILY;COUNT=3;UNTIL=20260101", None),
            ("FREQ=DAILY;FREQ=WEEKLY", None),
            ("FREQ=DAILY;UNTIL=99990101", None),
            ("FREQ=WEEKLY;BYDAY=", None),
            ("FREQ=WEEKLY;BYDAY=0MO", None),
            ("FREQ=WEEKLY;BYDAY=\u{e4}", None),
            ("FREQ=WEEKLY\\;X=1", None),
            ("RSCALE=CHINESE;FREQ=YEARLY", None),
        ] {
            let got = read(text).map(|(rule, more)| (rule.at_most, more));
            assert_eq!(got, expected, "{text}");
        }
        assert_eq!(read(&format!("FREQ=DAILY;BYMONTH={}", vec!["1"; 300].join(","))), None);
    }
}
