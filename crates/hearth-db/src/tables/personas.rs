//! Which account a persona belongs to. Nobody but its owner ever sees this.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{actors, personas},
    tables::actors::Actor,
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{AccountId, ActorId};

row! {
    /// A persona of an account.
    Persona in personas {
        /// The actor.
        actor_id: ActorId as i64,
        /// The account.
        account_id: AccountId as i64,
        /// When its owner stopped using it.
        retired_at: Option<Time>,
    }
}

/// The account a persona belongs to.
///
/// # Errors
/// Database errors.
pub fn owner(connection: &mut DbConn, persona: ActorId) -> Result<Option<AccountId>> {
    let row = personas::table.find(persona.get()).select(Persona::as_select()).first(connection).optional()?;
    Ok(row.map(|row| row.account_id))
}

/// The personas an account uses, oldest first.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<Actor>> {
    Ok(actors::table
        .inner_join(personas::table)
        .filter(personas::account_id.eq(account.get()))
        .filter(personas::retired_at.is_null())
        .order((actors::created_at, actors::id))
        .select(Actor::as_select())
        .load(connection)?)
}

/// Retires a persona of an account. Returns how many were.
///
/// # Errors
/// Database errors.
pub fn retire(tx: &mut Tx<'_>, account: AccountId, persona: ActorId, now: Time) -> Result<usize> {
    let own = personas::table.find(persona.get()).filter(personas::account_id.eq(account.get()));
    Ok(diesel::update(own.filter(personas::retired_at.is_null()))
        .set(personas::retired_at.eq(Some(now)))
        .execute(&mut **tx)?)
}
