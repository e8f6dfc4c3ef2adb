//! Asking to join a group: its questions, the waiting room, and what comes of it.

/// Most questions that a group asks everybody.
pub const MOST_QUESTIONS: usize = 3;
/// Most questions of one request, with those that facilitators ask while somebody waits.
pub const MOST_ASKED: usize = 10;
/// Longest question.
pub const QUESTION_MAX: usize = 300;
/// Longest answer, and longest kind word to somebody who is not let in.
pub const ANSWER_MAX: usize = 1_000;
/// How many days a request is kept after it was decided.
pub const KEPT_DAYS: i64 = 30;

words! {
    /// What became of a request.
    Outcome("outcome of a request") {
        /// Nobody has decided. Also what a person sees who is kept out.
        Waiting = "waiting",
        /// They were let in.
        Welcomed = "welcomed",
        /// This is not the group for them.
        NotHere = "not_here",
    }
}
