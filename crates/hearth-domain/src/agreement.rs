//! What the members of a group agree to.
//!
//! A changed agreement never takes anything away: members go on reading, answer meetups, put right or take back what
//! they wrote, ask for help and leave as before. Only what they say next waits until they have read the new words.

/// Longest agreement.
pub const AGREEMENT_MAX: usize = 5_000;

/// Where somebody stands with the agreement of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreed {
    /// There is nothing to agree to.
    NotNeeded,
    /// To the version that holds.
    Yes,
    /// To an earlier version.
    Before,
    /// To none.
    Never,
}

impl Agreed {
    /// `current`: the version that holds, if there is one. `accepted`: the version that was agreed to last.
    #[must_use]
    pub fn of(current: Option<i32>, accepted: Option<i32>) -> Self {
        match (current, accepted) {
            (None, _) => Self::NotNeeded,
            (Some(current), Some(accepted)) if accepted >= current => Self::Yes,
            (Some(_), Some(_)) => Self::Before,
            (Some(_), None) => Self::Never,
        }
    }

    /// Whether somebody may join, or say something more.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::NotNeeded | Self::Yes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_asked() {
        for (current, accepted, expected, settled) in [
            (None, None, Agreed::NotNeeded, true),
            (None, Some(3), Agreed::NotNeeded, true),
            (Some(1), None, Agreed::Never, false),
            (Some(2), Some(1), Agreed::Before, false),
            (Some(2), Some(2), Agreed::Yes, true),
        ] {
            let found = Agreed::of(current, accepted);
            assert_eq!((found, found.is_settled()), (expected, settled), "{current:?} {accepted:?}");
        }
    }
}
