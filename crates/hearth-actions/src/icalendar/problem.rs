//! What is said about a file or an event that could not be read as it is.
//!
//! Every sentence is for the person who brought the file. Must never hold more of the file than a short name.

use super::{MAX_BYTES, MAX_EXCEPTIONS, MAX_REPEATS};
use hearth_domain::event::TimeProblem;

/// Why nothing of a file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// Over 1 MiB.
    #[error("This file is larger than {} MiB. Please export fewer events.", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// Does not begin as a calendar does.
    #[error("This is not a calendar file. Please choose a file whose name ends in .ics.")]
    NotACalendar,
    /// More parts within parts than any calendar has.
    #[error("The parts of this file are nested too deeply. Please export the calendar again.")]
    TooDeep,
    /// An end without its beginning.
    #[error("This file is damaged at line {0}. Please export the calendar again.")]
    Damaged(usize),
}

/// What is wrong with one event; reads on from "The 3rd event …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum EventProblem {
    #[error("has no start")]
    NoStart,
    #[error("has no identifier (UID), or one that is too long")]
    NoUid,
    #[error("names its {0} twice")]
    Twice(&'static str),
    #[error("has an end and a duration")]
    TwoEnds,
    #[error("cannot be read: its {0} {1}")]
    Time(&'static str, TimeProblem),
    #[error("cannot be read: its {0} is in a time zone that is not known here ({1})")]
    Zone(&'static str, String),
    #[error("starts at a time and ends on a whole day, or the other way round")]
    Mixed,
    #[error("changes all later dates of a repeat, which cannot be read here")]
    ThisAndLater,
    #[error("repeats in a way that cannot be read here; only its first date was read")]
    Rule,
    #[error("repeats more than {MAX_REPEATS} times or without end; only {MAX_REPEATS} dates count")]
    ManyRepeats,
    #[error("has extra dates that cannot be read; they were left out")]
    ExtraDates,
    #[error("has more than {MAX_REPEATS} extra dates; the others were left out")]
    ManyExtraDates,
    #[error("names dates on which it does not happen that cannot be read; please check its dates")]
    Exceptions,
    #[error("names more than {MAX_EXCEPTIONS} dates on which it does not happen; please check its dates")]
    ManyExceptions,
    #[error("has a {0} that is too long; the rest was left out")]
    Cut(&'static str),
}

/// `1st`, `2nd`, `3rd`, `11th`, …
pub(super) fn ordinal(number: usize) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals() {
        let got: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 22, 103, 111].into_iter().map(ordinal).collect();
        assert_eq!(got, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "103rd", "111th"]);
    }
}
