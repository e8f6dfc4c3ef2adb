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

/// Longest reason of a report, in characters (Mastodon cuts at as many).
pub const REASON_MAX: usize = 5_000;
/// Most posts that one report can be about; of more, the first ones count.
pub const MOST_POSTS: usize = 20;
/// Most reports that are taken from one server in an hour.
pub const FROM_A_SERVER: i64 = 60;
/// Most reports that one account makes in an hour.
pub const FROM_AN_ACCOUNT: i64 = 10;
