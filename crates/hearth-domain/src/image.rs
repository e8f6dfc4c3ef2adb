//! Pictures in posts: how many and how large they may be, and that each says in words what it shows.

use crate::{
    id::ImageId,
    text::{self, TextProblem},
};
use chrono::Duration;

/// Most pictures in a post.
pub const MOST: usize = 4;
/// Most characters of a description.
pub const DESCRIPTION_MAX: usize = 1_500;
/// Most bytes of a file as it is sent (threats CO-11).
pub const MOST_SENT: usize = 10 * 1024 * 1024;
/// Most points of a picture as it is sent (threats CO-11).
pub const MOST_POINTS: u64 = 25_000_000;
/// The longer edge of a picture as it is kept.
pub const LONGEST_EDGE: u32 = 1_600;
/// Most bytes of a picture as it is kept.
pub const MOST_KEPT: usize = 600_000;
/// Most pictures that wait for their posts, for one account; of more the oldest go.
pub const MOST_WAITING: usize = 12;
/// How long a picture waits for its post.
pub const WAITS: Duration = Duration::days(1);
/// How long a link to a picture that is not for everybody opens it on another server (profile 7.4).
pub const LINK_OPENS: Duration = Duration::days(14);

words! {
    /// Where a picture stands.
    ImageState("state of a picture") {
        /// It was sent, and its post is still being written.
        Waiting = "waiting",
        /// In a post that is planned for later.
        Planned = "planned",
        /// In a post, or in new words of one, that a person looks at first.
        Held = "held",
        /// In a post that is there.
        Shown = "shown",
        /// In a post that is hidden or removed and can be brought back.
        Withheld = "withheld",
    }
}

/// A picture that a post is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageDraft {
    /// Which one.
    pub id: ImageId,
    /// What it shows, for who can't see it.
    pub description: String,
}

/// Checks what a picture shows, in words: one line, and never nothing.
///
/// # Errors
/// `Empty`, `TooLong`.
pub fn description(typed: &str) -> Result<String, TextProblem> {
    text::bounded_line(typed, 1, DESCRIPTION_MAX)
}

/// Whether a picture of this size is read at all. Asked before any of its points is.
#[must_use]
pub fn is_read(width: u32, height: u32) -> bool {
    let points = u64::from(width) * u64::from(height);
    points > 0 && points <= MOST_POINTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_are_read() {
        for (width, height, read) in [
            (1, 1, true),
            (5_000, 5_000, true),
            (5_000, 5_001, false),
            (25_000_000, 1, true),
            (50_000, 50_000, false),
            (u32::MAX, u32::MAX, false),
            (0, 10, false),
        ] {
            assert_eq!(is_read(width, height), read, "{width} × {height}");
        }
    }

    #[test]
    fn a_picture_says_what_it_shows() {
        assert_eq!(description("  A cup,\n steaming "), Ok("A cup, steaming".to_owned()));
        assert_eq!(description(" \n "), Err(TextProblem::Empty));
        assert_eq!(description(&"ä".repeat(1_501)), Err(TextProblem::TooLong(1_500)));
        assert!(description(&"ä".repeat(1_500)).is_ok());
    }
}
