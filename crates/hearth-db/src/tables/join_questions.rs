//! What a group asks of those who ask to join.

use crate::{DbConn, Result, Tx, schema::join_questions::dsl};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use hearth_domain::id::ActorId;

row! {
    /// A question.
    JoinQuestion in join_questions {
        /// The group.
        group_id: ActorId as i64,
        /// Its place, from 0.
        position: i32,
        /// The question.
        words: String,
    }
}

/// The questions of a group, in their order.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId) -> Result<Vec<String>> {
    Ok(dsl::join_questions
        .filter(dsl::group_id.eq(group.get()))
        .order(dsl::position)
        .select(dsl::words)
        .load(connection)?)
}

/// Puts these questions in the place of those before.
///
/// # Errors
/// Database errors.
pub fn replace(tx: &mut Tx<'_>, group: ActorId, questions: &[String]) -> Result<()> {
    diesel::delete(dsl::join_questions.filter(dsl::group_id.eq(group.get()))).execute(&mut **tx)?;
    for (position, words) in (0..).zip(questions) {
        JoinQuestion { group_id: group, position, words: words.clone() }.insert(tx)?;
    }
    Ok(())
}
