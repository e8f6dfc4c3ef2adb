//! Where an actor moved, and when. The last move counts.

use crate::{DbConn, Result, Time, Tx, schema::moves::dsl};
use diesel::{OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::ActorId;

row! {
    /// A move.
    Move in moves {
        /// Who moved.
        actor_id: ActorId as i64,
        /// The new address.
        target: String,
        /// When.
        moved_at: Time,
    }
}

/// Where an actor moved.
///
/// # Errors
/// Database errors.
pub fn of(connection: &mut DbConn, actor: ActorId) -> Result<Option<Move>> {
    Ok(dsl::moves.find(actor.get()).select(Move::as_select()).first(connection).optional()?)
}

/// Notes a move.
///
/// # Errors
/// Database errors.
pub fn put(tx: &mut Tx<'_>, row: &Move) -> Result<()> {
    diesel::delete(dsl::moves.find(row.actor_id.get())).execute(&mut **tx)?;
    row.insert(tx)
}
