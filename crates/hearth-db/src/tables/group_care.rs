//! What a group decided about its own safety. A group without a row has what everybody begins with.

use crate::{DbConn, Result, Time, Tx, schema::group_care::dsl};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl,
    RunQueryDsl, SelectableHelper,
};
use hearth_domain::{care, id::ActorId};

row! {
    /// How a group is looked after.
    GroupCare in group_care {
        /// The group.
        group_id: ActorId as i64,
        /// How many first posts of somebody new a person looks at before they are shown; 0: none.
        first_posts: i32,
        /// After how many hours without an answer the next one is asked about a report.
        answer_hours: i32,
        /// Words and phrases at which a person looks first, one in a line.
        held_words: String,
        /// Since when the group is archived.
        archived_at: Option<Time>,
    }
}

impl GroupCare {
    /// What a group has that decided nothing.
    #[must_use]
    pub fn first(group: ActorId) -> Self {
        let answer_hours = i32::try_from(care::ANSWER_HOURS).unwrap_or(i32::MAX);
        Self { group_id: group, first_posts: 0, answer_hours, held_words: String::new(), archived_at: None }
    }
}

/// What a group decided.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId) -> Result<GroupCare> {
    let row = dsl::group_care.find(group.get()).select(GroupCare::as_select()).first(connection).optional()?;
    Ok(row.unwrap_or_else(|| GroupCare::first(group)))
}

/// What a group decided, and until when somebody is paused there: one question for every post that comes. Whoever
/// pauses somebody writes the group's row too.
///
/// # Errors
/// Database errors.
pub fn for_author(connection: &mut DbConn, group: ActorId, author: ActorId) -> Result<(GroupCare, Option<Time>)> {
    use crate::schema::{group_care, pauses};
    let row: Option<(GroupCare, Option<Time>)> = group_care::table
        .left_join(pauses::table.on(pauses::group_id.eq(group_care::group_id).and(pauses::actor_id.eq(author.get()))))
        .filter(group_care::group_id.eq(group.get()))
        .select((GroupCare::as_select(), pauses::ends_at.nullable()))
        .first(connection)
        .optional()?;
    Ok(row.unwrap_or_else(|| (GroupCare::first(group), None)))
}

/// Writes what a group decided over what was there.
///
/// # Errors
/// Database errors.
pub fn put(tx: &mut Tx<'_>, row: &GroupCare) -> Result<()> {
    diesel::delete(dsl::group_care.filter(dsl::group_id.eq(row.group_id.get()))).execute(&mut **tx)?;
    row.insert(tx)
}
