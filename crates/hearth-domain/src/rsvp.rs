//! Answers to a meetup. Names are for its hosts; everybody else sees a band of places.

words! {
    /// One persona's answer.
    Answer("answer") {
        /// Sent to another server, which has not said yes yet.
        Asked = "asked",
        /// Coming.
        Coming = "coming",
        /// Maybe coming.
        Maybe = "maybe",
        /// Not this time.
        NotComing = "not_coming",
        /// The hosts' server said no.
        Refused = "refused",
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
