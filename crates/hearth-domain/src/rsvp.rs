//! Answers to a meetup. Names are for its hosts; everybody else sees a band of places.

use crate::event::JoinMode;

words! {
    /// One persona's answer.
    Answer("answer") {
        /// Asked: the hosts, here or on another server, have not said yes yet.
        Asked = "asked",
        /// Waits for a place in the order of the line.
        Waiting = "waiting",
        /// Coming.
        Coming = "coming",
        /// Maybe coming.
        Maybe = "maybe",
        /// Not this time.
        NotComing = "not_coming",
        /// The hosts, or their server, said no.
        Refused = "refused",
        /// The hosts' server takes no answers: they are given on the meetup's own page.
        NotTaken = "not_taken",
    }
}

words! {
    /// What a person may choose.
    Choice("answer") {
        /// I'd like to come.
        Coming = "coming",
        /// Maybe.
        Maybe = "maybe",
        /// Not this time.
        NotComing = "not_coming",
    }
}

/// How a meetup takes people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Door {
    /// How people come.
    pub mode: JoinMode,
    /// Whether people wait once it is full.
    pub waiting_list: bool,
    /// Whether no place is left.
    pub full: bool,
}

/// What becomes of somebody who would like to come. `None` when they can't: it is full, or answers are taken elsewhere.
///
/// Who comes keeps the place, and who waits keeps the place in line.
#[must_use]
pub const fn wish_to_come(door: Door, before: Option<Answer>) -> Option<Answer> {
    match (door.mode, before) {
        (_, Some(Answer::Coming)) => Some(Answer::Coming),
        (JoinMode::External, _) => None,
        (JoinMode::Restricted, Some(Answer::Waiting)) => Some(Answer::Waiting),
        (JoinMode::Restricted, _) => Some(Answer::Asked),
        (JoinMode::Free, _) => taken_in(door),
    }
}

/// What becomes of somebody whom nothing holds up but the number of places.
#[must_use]
pub const fn taken_in(door: Door) -> Option<Answer> {
    match (door.full, door.waiting_list) {
        (false, _) => Some(Answer::Coming),
        (true, true) => Some(Answer::Waiting),
        (true, false) => None,
    }
}

/// How full a meetup is, as everybody may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// No limit was set.
    Open,
    /// Enough places.
    Left,
    /// At most a quarter, or three.
    AFew,
    /// None.
    Full,
}

/// The band for a meetup with this many places and people coming. A band, since a small number identifies people.
#[must_use]
pub fn places(capacity: Option<u32>, coming: u32) -> Places {
    let Some(capacity) = capacity else { return Places::Open };
    let left = capacity.saturating_sub(coming);
    if left == 0 {
        Places::Full
    } else if left <= (capacity / 4).max(3) && coming > 0 {
        Places::AFew
    } else {
        Places::Left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_and_who_waits() {
        use Answer::{Asked, Coming, Maybe, NotComing, Refused, Waiting};
        use JoinMode::{External, Free, Restricted};
        for (mode, waiting_list, full, before, expected) in [
            (Free, false, false, None, Some(Coming)),
            (Free, false, false, Some(Maybe), Some(Coming)),
            (Free, false, true, None, None),
            (Free, false, true, Some(Coming), Some(Coming)),
            (Free, true, true, None, Some(Waiting)),
            (Free, true, true, Some(NotComing), Some(Waiting)),
            (Free, true, true, Some(Waiting), Some(Waiting)),
            (Free, true, false, Some(Waiting), Some(Coming)),
            (Restricted, false, false, None, Some(Asked)),
            (Restricted, false, true, None, Some(Asked)),
            (Restricted, true, true, Some(Refused), Some(Asked)),
            (Restricted, true, true, Some(Waiting), Some(Waiting)),
            (Restricted, true, false, Some(Coming), Some(Coming)),
            (External, true, false, None, None),
        ] {
            let door = Door { mode, waiting_list, full };
            assert_eq!(wish_to_come(door, before), expected, "{door:?} {before:?}");
        }
        let door = |full, waiting_list| Door { mode: Restricted, waiting_list, full };
        assert_eq!(
            [(false, false), (false, true), (true, false), (true, true)].map(|(full, list)| taken_in(door(full, list))),
            [Some(Coming), Some(Coming), None, Some(Waiting)]
        );
    }

    #[test]
    fn places_are_bands() {
        for (capacity, coming, band) in [
            (None, 99, Places::Open),
            (Some(12), 0, Places::Left),
            (Some(12), 8, Places::Left),
            (Some(12), 9, Places::AFew),
            (Some(12), 12, Places::Full),
            (Some(12), 13, Places::Full),
            (Some(2), 0, Places::Left),
            (Some(2), 1, Places::AFew),
            (Some(100), 75, Places::AFew),
        ] {
            assert_eq!(places(capacity, coming), band, "{capacity:?} {coming}");
        }
    }
}
