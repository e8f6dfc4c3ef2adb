//! Check-ins: a post of a group's own making that opens by itself every week or month, so that nobody has to remember.

/// Most that a group has.
pub const MOST: usize = 5;

words! {
    /// Why a check-in does not open at the moment.
    Rest("reason to rest") {
        /// Somebody who holds the group paused it.
        ByHand = "by_hand",
        /// In whose name it opens can't begin a conversation there any more, or there is nobody in whose name.
        Author = "author",
        /// What members agree to changed, and its author has not agreed.
        Agreement = "agreement",
    }
}
