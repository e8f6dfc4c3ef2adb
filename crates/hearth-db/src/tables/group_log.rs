//! What was done in a group, for those who look after it. Deeds and ids: nothing that anybody wrote.

use crate::{DbConn, Result, Time, Tx, column::Opt, schema::group_log::dsl};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    id::{ActorId, LogId, PostId},
    log::Logged,
};

row! {
    /// A line of a group's log.
    GroupLogLine in group_log {
        /// Id.
        id: LogId as i64,
        /// The group.
        group_id: ActorId as i64,
        /// What was done.
        deed: Logged as String,
        /// Who did it; none: Hearth itself, a keeper, or somebody who is not known here.
        by_id: Option<ActorId> as Opt<ActorId>,
        /// About whom.
        about_id: Option<ActorId> as Opt<ActorId>,
        /// About which post.
        post_id: Option<PostId> as Opt<PostId>,
        /// A number of days, where there is one.
        number: Option<i32>,
        /// When.
        at: Time,
    }
}

/// The newest lines of a group's log.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId, most: i64) -> Result<Vec<GroupLogLine>> {
    Ok(dsl::group_log
        .filter(dsl::group_id.eq(group.get()))
        .order((dsl::at.desc(), dsl::id))
        .limit(most)
        .select(GroupLogLine::as_select())
        .load(connection)?)
}

/// Forgets what was done before `before`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    Ok(diesel::delete(dsl::group_log.filter(dsl::at.lt(before))).execute(&mut **tx)?)
}
