//! How somebody asked to be a member of a group on another server: theirs of one here, or ours of one there. Goes with
//! the membership.

use crate::{DbConn, Result, Tx, schema::membership_requests::dsl};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{address::ApId, id::ActorId, membership::Asking};

row! {
    /// How somebody asked.
    MembershipRequest in membership_requests {
        /// The group.
        group_id: ActorId as i64,
        /// Who asked.
        actor_id: ActorId as i64,
        /// By which activity.
        kind: Asking as String,
        /// Its id.
        ap_id: ApId as String,
        /// The activity as it came, for the answer that holds it; empty once it is answered, and for what was asked here.
        body: String,
    }
}

/// How an actor asked a group.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, group: ActorId, actor: ActorId) -> Result<Option<MembershipRequest>> {
    let row = dsl::membership_requests.find((group.get(), actor.get()));
    Ok(row.select(MembershipRequest::as_select()).first(connection).optional()?)
}

/// The request with this activity id.
///
/// # Errors
/// Database errors.
pub fn by_ap_id(connection: &mut DbConn, ap_id: &str) -> Result<Option<MembershipRequest>> {
    let row = dsl::membership_requests.filter(dsl::ap_id.eq(ap_id));
    Ok(row.select(MembershipRequest::as_select()).first(connection).optional()?)
}

/// Writes how somebody asked last over how they asked before.
///
/// # Errors
/// `Duplicate` when another request has that id; database errors.
pub fn put(tx: &mut Tx<'_>, row: &MembershipRequest) -> Result<()> {
    diesel::delete(dsl::membership_requests.find((row.group_id.get(), row.actor_id.get()))).execute(&mut **tx)?;
    row.insert(tx)
}

/// Empties the activity of a request that was answered. Its id stays, for that is what an Undo names.
///
/// # Errors
/// Database errors.
pub fn answered(tx: &mut Tx<'_>, group: ActorId, actor: ActorId) -> Result<()> {
    diesel::update(dsl::membership_requests.find((group.get(), actor.get())))
        .set(dsl::body.eq(""))
        .execute(&mut **tx)?;
    Ok(())
}
