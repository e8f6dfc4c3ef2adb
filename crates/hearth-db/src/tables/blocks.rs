//! Blocks between people, here and elsewhere: from then on neither sees what the other writes. Only who made one is shown
//! it.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{actors, blocks, personas},
    tables::actors::Actor,
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};
use hearth_domain::id::{AccountId, ActorId};

row! {
    /// Somebody blocks somebody.
    Block in blocks {
        /// Who.
        by_id: ActorId as i64,
        /// Whom.
        whom_id: ActorId as i64,
        /// Id of the Block activity.
        ap_id: String,
        /// Since when.
        blocked_at: Time,
    }
}

/// The block of one by another.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, by: ActorId, whom: ActorId) -> Result<Option<Block>> {
    Ok(blocks::table.find((by.get(), whom.get())).select(Block::as_select()).first(connection).optional()?)
}

/// The block with this activity id.
///
/// # Errors
/// Database errors.
pub fn by_ap_id(connection: &mut DbConn, ap_id: &str) -> Result<Option<Block>> {
    Ok(blocks::table.filter(blocks::ap_id.eq(ap_id)).select(Block::as_select()).first(connection).optional()?)
}

/// Since when there is a block between two, whoever made it.
///
/// # Errors
/// Database errors.
pub fn between(connection: &mut DbConn, one: ActorId, other: ActorId) -> Result<Option<Time>> {
    let (one, other) = (one.get(), other.get());
    let either = blocks::by_id.eq(one).and(blocks::whom_id.eq(other));
    let either = either.or(blocks::by_id.eq(other).and(blocks::whom_id.eq(one)));
    Ok(blocks::table.filter(either).select(diesel::dsl::min(blocks::blocked_at)).first(connection)?)
}

/// Since when there is a block between somebody and any persona of an account.
///
/// # Errors
/// Database errors.
pub fn with_account(connection: &mut DbConn, account: AccountId, actor: ActorId) -> Result<Option<Time>> {
    let own = || personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    let actor = actor.get();
    let either = blocks::by_id.eq(actor).and(blocks::whom_id.eq_any(own()));
    let either = either.or(blocks::whom_id.eq(actor).and(blocks::by_id.eq_any(own())));
    Ok(blocks::table.filter(either).select(diesel::dsl::min(blocks::blocked_at)).first(connection)?)
}

/// Those whom the personas of an account block, by name, with the block.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<(Block, Actor)>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    Ok(blocks::table
        .inner_join(actors::table.on(actors::id.eq(blocks::whom_id)))
        .filter(blocks::by_id.eq_any(own))
        .order((actors::display_name, actors::id))
        .select((Block::as_select(), Actor::as_select()))
        .load(connection)?)
}

/// Ends a block. Returns how many there were.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, by: ActorId, whom: ActorId) -> Result<usize> {
    Ok(diesel::delete(blocks::table.find((by.get(), whom.get()))).execute(&mut **tx)?)
}

/// Forgets the blocks by and of somebody who is gone.
///
/// # Errors
/// Database errors.
pub fn forget(tx: &mut Tx<'_>, actor: ActorId) -> Result<()> {
    let either = blocks::by_id.eq(actor.get()).or(blocks::whom_id.eq(actor.get()));
    diesel::delete(blocks::table.filter(either)).execute(&mut **tx)?;
    Ok(())
}
