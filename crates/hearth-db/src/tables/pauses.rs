//! Who can't write in a group for some days.

use crate::{DbConn, Result, Time, Tx, schema::pauses::dsl};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::ActorId;

row! {
    /// A pause.
    Pause in pauses {
        /// The group.
        group_id: ActorId as i64,
        /// Who does not write for now.
        actor_id: ActorId as i64,
        /// Since when.
        paused_at: Time,
        /// Until when.
        ends_at: Time,
    }
}

/// The pause of somebody in a group that is not over.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, group: ActorId, actor: ActorId, now: Time) -> Result<Option<Pause>> {
    let row = dsl::pauses.find((group.get(), actor.get())).filter(dsl::ends_at.gt(now));
    Ok(row.select(Pause::as_select()).first(connection).optional()?)
}

/// The pauses of a group that are not over.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId, now: Time) -> Result<Vec<Pause>> {
    Ok(dsl::pauses
        .filter(dsl::group_id.eq(group.get()))
        .filter(dsl::ends_at.gt(now))
        .order((dsl::ends_at, dsl::actor_id))
        .select(Pause::as_select())
        .load(connection)?)
}

/// Writes a pause over one that was there.
///
/// # Errors
/// Database errors.
pub fn put(tx: &mut Tx<'_>, row: &Pause) -> Result<()> {
    delete(tx, row.group_id, row.actor_id)?;
    row.insert(tx)
}

/// Ends a pause. `false` when there was none.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, group: ActorId, actor: ActorId) -> Result<bool> {
    Ok(diesel::delete(dsl::pauses.find((group.get(), actor.get()))).execute(&mut **tx)? > 0)
}

/// Forgets the pauses that are over.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, now: Time) -> Result<usize> {
    Ok(diesel::delete(dsl::pauses.filter(dsl::ends_at.le(now))).execute(&mut **tx)?)
}
