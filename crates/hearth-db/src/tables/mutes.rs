//! Whom a person doesn't want to read. Nobody else ever learns of it.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{actors, mutes},
    tables::actors::Actor,
};
use diesel::{ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{AccountId, ActorId};

row! {
    /// Somebody is muted.
    Mute in mutes {
        /// For whom.
        account_id: AccountId as i64,
        /// Who.
        actor_id: ActorId as i64,
        /// Since when.
        muted_at: Time,
    }
}

/// Those an account muted, by name.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<Actor>> {
    Ok(mutes::table
        .inner_join(actors::table.on(actors::id.eq(mutes::actor_id)))
        .filter(mutes::account_id.eq(account.get()))
        .order((actors::display_name, actors::id))
        .select(Actor::as_select())
        .load(connection)?)
}

/// Whether an account muted somebody.
///
/// # Errors
/// Database errors.
pub fn is_muted(connection: &mut DbConn, account: AccountId, actor: ActorId) -> Result<bool> {
    use diesel::dsl::{exists, select};
    Ok(select(exists(mutes::table.find((account.get(), actor.get())))).get_result(connection)?)
}

/// Ends a mute. Returns how many there were.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, account: AccountId, actor: ActorId) -> Result<usize> {
    Ok(diesel::delete(mutes::table.find((account.get(), actor.get()))).execute(&mut **tx)?)
}

/// Forgets every mute of an actor that is gone.
///
/// # Errors
/// Database errors.
pub fn forget(tx: &mut Tx<'_>, actor: ActorId) -> Result<()> {
    diesel::delete(mutes::table.filter(mutes::actor_id.eq(actor.get()))).execute(&mut **tx)?;
    Ok(())
}
