//! Ed25519 keys of actors, for integrity proofs and HTTP signatures (FEP-8b32, FEP-521a). One for each actor.

use crate::{
    DbConn, Result, Tx,
    schema::{actors, proof_keys, proof_keys::dsl},
    tables::actors::Actor,
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::ActorId;

row! {
    /// An actor's Ed25519 key.
    ProofKey in proof_keys {
        /// Whose.
        actor_id: ActorId as i64,
        /// Its id.
        key_id: String,
        /// The public half, `z6Mk…`.
        public_multibase: String,
        /// The private half, PKCS#8 PEM; only of actors that live here.
        private_pem: Option<String>,
    }
}

/// The key of an actor.
///
/// # Errors
/// Database errors.
pub fn of(connection: &mut DbConn, actor: ActorId) -> Result<Option<ProofKey>> {
    Ok(dsl::proof_keys.find(actor.get()).select(ProofKey::as_select()).first(connection).optional()?)
}

/// Writes a key over whatever key the actor had.
///
/// # Errors
/// Database errors.
pub fn put(tx: &mut Tx<'_>, row: &ProofKey) -> Result<()> {
    delete(tx, row.actor_id)?;
    row.insert(tx)
}

/// Forgets the key of an actor. Returns how many there were.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, actor: ActorId) -> Result<usize> {
    Ok(diesel::delete(dsl::proof_keys.find(actor.get())).execute(&mut **tx)?)
}

/// Actors that live here, are not deleted and have no such key yet.
///
/// # Errors
/// Database errors.
pub fn missing(connection: &mut DbConn) -> Result<Vec<Actor>> {
    let with = proof_keys::table.select(proof_keys::actor_id);
    Ok(actors::table
        .filter(actors::local.eq(true))
        .filter(actors::deleted_at.is_null())
        .filter(actors::id.ne_all(with))
        .order(actors::id)
        .select(Actor::as_select())
        .load(connection)?)
}
