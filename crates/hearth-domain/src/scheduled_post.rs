//! Posts that are written now and published later: when they may be planned for, and why one was not published.

use crate::permission::Denied;
use chrono::{DateTime, Duration, Utc};

/// Most that one person has planned in a group.
pub const MOST: usize = 20;
/// The furthest day that can be planned for.
pub const FURTHEST: Duration = Duration::days(366);
/// How long one that was not published is kept for its author, in days.
pub const KEPT_DAYS: i64 = 90;

words! {
    /// Why a post was not published when its time came. Its author has it back, to try again.
    Returned("reason of return") {
        /// Its author may not begin a conversation there.
        NotAllowed = "not_allowed",
        /// Its author is paused.
        Paused = "paused",
        /// The group is archived.
        Archived = "archived",
        /// What members agree to changed, and its author has not agreed.
        Agreement = "agreement",
        /// Its author had written much in that hour, or has much waiting for a look.
        TooMuch = "too_much",
        /// Something else about it does not fit any more.
        Changed = "changed",
    }
}

impl Returned {
    /// The reason behind a refusal.
    #[must_use]
    pub const fn of(denied: Denied) -> Self {
        match denied {
            Denied::Paused => Self::Paused,
            Denied::Archived => Self::Archived,
            _ => Self::NotAllowed,
        }
    }

    /// The reason in a sentence for who wrote it.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotAllowed => "When its time came, you couldn’t begin a conversation there.",
            Self::Paused => "When its time came, you were paused there. You can try again when the pause is over.",
            Self::Archived => "When its time came, the group was archived: it can be read, and nothing is added.",
            Self::Agreement => {
                "What members agree to had changed. Read it on the group’s page, agree there if you do, and try again."
            }
            Self::TooMuch => "Much of yours came at once. Please choose another time.",
            Self::Changed => {
                "Something had changed in the group or in your names. Look through it once more and try again."
            }
        }
    }
}

/// Why a time can't be planned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooSoonOrFar {
    /// It has passed.
    #[error("has passed")]
    Passed,
    /// It is more than a year away.
    #[error("is more than a year away")]
    TooFar,
}

/// Checks a time that is planned for.
///
/// # Errors
/// See [`TooSoonOrFar`].
pub fn may_be_planned(now: DateTime<Utc>, at: DateTime<Utc>) -> Result<(), TooSoonOrFar> {
    if at <= now {
        Err(TooSoonOrFar::Passed)
    } else if at - now > FURTHEST {
        Err(TooSoonOrFar::TooFar)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_to_plan_for() {
        let now: DateTime<Utc> = "2026-03-10T12:00:00Z".parse().unwrap();
        for (at, expected) in [
            ("2026-03-10T11:59:59Z", Err(TooSoonOrFar::Passed)),
            ("2026-03-10T12:00:00Z", Err(TooSoonOrFar::Passed)),
            ("2026-03-10T12:00:01Z", Ok(())),
            ("2027-03-11T12:00:00Z", Ok(())),
            ("2027-03-11T12:00:01Z", Err(TooSoonOrFar::TooFar)),
        ] {
            assert_eq!(may_be_planned(now, at.parse().unwrap()), expected, "{at}");
        }
    }

    #[test]
    fn what_refuses_is_said() {
        for (denied, reason) in [
            (Denied::Paused, Returned::Paused),
            (Denied::Archived, Returned::Archived),
            (Denied::MembersOnly, Returned::NotAllowed),
            (Denied::FacilitatorsOnly, Returned::NotAllowed),
            (Denied::AccountNotActive, Returned::NotAllowed),
        ] {
            assert_eq!(Returned::of(denied), reason, "{denied}");
        }
    }
}
