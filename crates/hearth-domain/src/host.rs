//! How another server is doing, as far as its answers tell. One rule for the pages, the doctor and the metrics.

use chrono::TimeDelta;

/// After so many failures in a row a server is left alone, but for one attempt now and then.
pub const BREAKER: i32 = 5;
/// After so long without success a server counts as asleep: nothing is kept for it any more (reliability.md 3.6).
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
    /// It took nothing for a week, so that nothing is kept for it.
    Asleep,
    /// A keeper blocked it.
    Blocked,
}

impl HostState {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Well, Self::Slow, Self::NotAnswering, Self::Asleep, Self::Blocked];

    /// The state of a server: whether it is blocked, whether it sleeps, and how often it failed in a row.
    #[must_use]
    pub const fn of(blocked: bool, asleep: bool, failures: i32) -> Self {
        if blocked {
            Self::Blocked
        } else if asleep {
            Self::Asleep
        } else if failures <= 0 {
            Self::Well
        } else if failures < BREAKER {
            Self::Slow
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
        for (blocked, asleep, failures, state) in [
            (false, false, 0, HostState::Well),
            (false, false, 1, HostState::Slow),
            (false, false, 4, HostState::Slow),
            (false, false, 5, HostState::NotAnswering),
            (false, true, 40, HostState::Asleep),
            (true, false, 0, HostState::Blocked),
            (true, true, 40, HostState::Blocked),
        ] {
            assert_eq!(HostState::of(blocked, asleep, failures), state, "{blocked} {asleep} {failures}");
        }
    }
}
