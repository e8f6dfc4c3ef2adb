//! The ready texts of a group, for those who look after it.

use crate::{DbConn, Result, Tx, schema::house_replies::dsl};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{ActorId, HouseReplyId};

row! {
    /// A ready text.
    HouseReply in house_replies {
        /// Id.
        id: HouseReplyId as i64,
        /// The group.
        group_id: ActorId as i64,
        /// What it is for, as facilitators see it in their list.
        title: String,
        /// The text.
        body: String,
    }
}

/// One.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, id: HouseReplyId) -> Result<Option<HouseReply>> {
    Ok(dsl::house_replies.find(id.get()).select(HouseReply::as_select()).first(connection).optional()?)
}

/// Those of a group, by title.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId) -> Result<Vec<HouseReply>> {
    Ok(dsl::house_replies
        .filter(dsl::group_id.eq(group.get()))
        .order((dsl::title, dsl::id))
        .select(HouseReply::as_select())
        .load(connection)?)
}

/// Forgets one of a group. `false` when it was not there.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, group: ActorId, id: HouseReplyId) -> Result<bool> {
    let own = dsl::house_replies.find(id.get()).filter(dsl::group_id.eq(group.get()));
    Ok(diesel::delete(own).execute(&mut **tx)? > 0)
}
