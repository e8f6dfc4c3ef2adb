//! How another server is doing, as far as its answers tell. One rule for the pages, the doctor and the metrics.

use chrono::TimeDelta;

/// After so many failures in a row a server is left alone, but for one attempt now and then.
pub const BREAKER: i32 = 5;
/// After so long without any sign of life a server counts as asleep.
pub const ASLEEP_AFTER: TimeDelta = TimeDelta::days(7);

/// How another server is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostState {
    /// It answers.
    Well,
    /// The last attempts failed, but not many.
    Slow,
    /// It failed so often in a row that it is left alone for longer and longer.
    NotAnswering,
    /// It has given no sign of life for a week.
    Asleep,
    /// A keeper blocked it.
    Blocked,
}

impl HostState {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Well, Self::Slow, Self::NotAnswering, Self::Asleep, Self::Blocked];

    /// The state of a server: whether it is blocked, how often it failed in a row, and how long ago its last sign of
    /// life was, if there ever was one.
    #[must_use]
    pub fn of(blocked: bool, failures: i32, silent_for: Option<TimeDelta>) -> Self {
        if blocked {
            Self::Blocked
        } else if failures <= 0 {
            Self::Well
        } else if failures < BREAKER {
            Self::Slow
        } else if silent_for.is_some_and(|silent| silent >= ASLEEP_AFTER) {
            Self::Asleep
        } else {
            Self::NotAnswering
        }
    }

    /// A stable word, for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Slow => "slow",
            Self::NotAnswering => "not_answering",
            Self::Asleep => "asleep",
            Self::Blocked => "blocked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states() {
        let days = |days| Some(TimeDelta::days(days));
        for (blocked, failures, silent, state) in [
            (false, 0, None, HostState::Well),
            (false, 0, days(90), HostState::Well),
            (false, 1, days(0), HostState::Slow),
            (false, 4, days(90), HostState::Slow),
            (false, 5, None, HostState::NotAnswering),
            (false, 5, days(6), HostState::NotAnswering),
            (false, 40, days(7), HostState::Asleep),
            (true, 0, days(0), HostState::Blocked),
            (true, 40, days(90), HostState::Blocked),
        ] {
            assert_eq!(HostState::of(blocked, failures, silent), state, "{blocked} {failures} {silent:?}");
        }
    }
}
