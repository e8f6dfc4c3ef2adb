//! The other addresses an actor says are its own (`alsoKnownAs`): what makes a move believable.

use crate::{DbConn, Result, Tx, schema::aliases::dsl};
use diesel::{BoolExpressionMethods, ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::ActorId;

row! {
    /// One alias.
    Alias in aliases {
        /// Who says so.
        actor_id: ActorId as i64,
        /// The other address.
        alias: String,
    }
}

/// The aliases of an actor.
///
/// # Errors
/// Database errors.
pub fn of(connection: &mut DbConn, actor: ActorId) -> Result<Vec<String>> {
    let own = dsl::aliases.filter(dsl::actor_id.eq(actor.get())).order(dsl::alias);
    Ok(own.select(Alias::as_select()).load(connection)?.into_iter().map(|row| row.alias).collect())
}

/// Whether an actor says that this address is its own.
///
/// # Errors
/// Database errors.
pub fn names(connection: &mut DbConn, actor: ActorId, alias: &str) -> Result<bool> {
    let found = dsl::aliases.filter(dsl::actor_id.eq(actor.get()).and(dsl::alias.eq(alias)));
    Ok(found.count().get_result::<i64>(connection)? > 0)
}

/// Writes these aliases over those the actor had; nothing is written when they are the same.
///
/// # Errors
/// Database errors.
pub fn replace(tx: &mut Tx<'_>, actor: ActorId, aliases: &[String]) -> Result<()> {
    let mut aliases = aliases.to_vec();
    aliases.sort_unstable();
    aliases.dedup();
    if of(tx, actor)? == aliases {
        return Ok(());
    }
    diesel::delete(dsl::aliases.filter(dsl::actor_id.eq(actor.get()))).execute(&mut **tx)?;
    for alias in aliases {
        Alias { actor_id: actor, alias }.insert(tx)?;
    }
    Ok(())
}
