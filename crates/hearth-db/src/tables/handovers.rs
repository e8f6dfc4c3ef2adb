//! Groups that are offered to another owner: one offer at a time.

use crate::{DbConn, Result, Time, Tx, schema::handovers::dsl};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::ActorId;

row! {
    /// An offer.
    Handover in handovers {
        /// The group.
        group_id: ActorId as i64,
        /// The owner who offers it.
        from_id: ActorId as i64,
        /// The member it is offered to.
        to_id: ActorId as i64,
        /// When.
        offered_at: Time,
    }
}

/// The offer of a group.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, group: ActorId) -> Result<Option<Handover>> {
    Ok(dsl::handovers.find(group.get()).select(Handover::as_select()).first(connection).optional()?)
}

/// Writes an offer over one that was there.
///
/// # Errors
/// Database errors.
pub fn put(tx: &mut Tx<'_>, row: &Handover) -> Result<()> {
    delete(tx, row.group_id)?;
    row.insert(tx)
}

/// Ends the offer of a group. `false` when there was none.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, group: ActorId) -> Result<bool> {
    Ok(diesel::delete(dsl::handovers.find(group.get())).execute(&mut **tx)? > 0)
}

/// Ends the offers that an actor made, or that were made to it, in one group or everywhere.
///
/// # Errors
/// Database errors.
pub fn delete_all_of(tx: &mut Tx<'_>, actor: ActorId, group: Option<ActorId>) -> Result<usize> {
    let own = dsl::handovers.filter(dsl::from_id.eq(actor.get()).or(dsl::to_id.eq(actor.get())));
    Ok(match group {
        Some(group) => diesel::delete(own.filter(dsl::group_id.eq(group.get()))).execute(&mut **tx)?,
        None => diesel::delete(own).execute(&mut **tx)?,
    })
}
