//! Asking those who look after a group to look at something.

words! {
    /// Where a report stands.
    State("report state") {
        /// Somebody here is to look at it.
        Open = "open",
        /// Another server looks after the group: it was told, and nothing is left to do here.
        PassedOn = "passed_on",
        /// Somebody looked at it.
        Resolved = "resolved",
    }
}

words! {
    /// What a report is about, as whoever asks chooses it. Worries come first in the queue.
    Kind("kind of report") {
        /// Somebody may be in danger, or is not well.
        Worried = "worried",
        /// Unkind, or pressing somebody.
        Unkind = "unkind",
        /// Could do harm to who reads it.
        Harmful = "harmful",
        /// Tells something about a person that is theirs to tell.
        Private = "private",
        /// Selling something, or not what the group is for.
        Spam = "spam",
        /// Something else.
        Other = "other",
    }
}

words! {
    /// What somebody who looks after a group did about a post, so that nobody reads it any more.
    Withheld("way of withholding") {
        /// It was removed.
        Removed = "removed",
        /// It is hidden until a facilitator shows it again.
        Hidden = "hidden",
        /// It is hidden until its author says it in other words.
        Rephrase = "rephrase",
    }
}

/// Who is asked next when nobody answers a report: first one facilitator, then the next one, then the keepers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The facilitator after the one who was asked last.
    Facilitator,
    /// The keepers of the server.
    Keepers,
    /// Nobody: everybody was asked.
    Nobody,
}

/// Number of the step at which the keepers were asked.
pub const KEEPERS_STEP: i32 = 2;

/// Who is asked after this many steps, in a group with so many facilitators.
#[must_use]
pub const fn next_after(step: i32, facilitators: usize) -> Next {
    match (step, facilitators) {
        (0, 2..) => Next::Facilitator,
        (..KEEPERS_STEP, _) => Next::Keepers,
        _ => Next::Nobody,
    }
}

/// Which of the facilitators, counted from 0, is asked next after this one; the first where nobody was.
#[must_use]
pub const fn turn_after(asked: Option<usize>, facilitators: usize) -> usize {
    match (asked, facilitators) {
        (Some(at), 1..) => (at + 1) % facilitators,
        _ => 0,
    }
}

/// For how many hours somebody has a report that they took, before it is given back.
pub const TAKEN_HOURS: i64 = 24;

/// Longest reason of a report, in characters (Mastodon cuts at as many).
pub const REASON_MAX: usize = 5_000;
/// Most posts that one report can be about; of more, the first ones count.
pub const MOST_POSTS: usize = 20;
/// Most reports that are taken from one server in an hour.
pub const FROM_A_SERVER: i64 = 60;
/// Most reports that one account makes in an hour.
pub const FROM_AN_ACCOUNT: i64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_asked_next() {
        for (step, facilitators, next) in [
            (0, 0, Next::Keepers),
            (0, 1, Next::Keepers),
            (0, 2, Next::Facilitator),
            (0, 9, Next::Facilitator),
            (1, 2, Next::Keepers),
            (1, 1, Next::Keepers),
            (2, 2, Next::Nobody),
            (3, 0, Next::Nobody),
        ] {
            assert_eq!(next_after(step, facilitators), next, "{step} {facilitators}");
        }
        for (asked, facilitators, turn) in
            [(None, 3, 0), (Some(0), 3, 1), (Some(2), 3, 0), (Some(0), 1, 0), (None, 0, 0)]
        {
            assert_eq!(turn_after(asked, facilitators), turn, "{asked:?} {facilitators}");
        }
    }
}
