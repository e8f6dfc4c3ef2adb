//! Invitations from elsewhere to a meetup or a group, until they are answered.

use crate::{DbConn, Result, Time, Tx, schema::invites};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    address::ApId,
    id::{AccountId, ActorId, InviteId},
};

row! {
    /// An invitation that was not answered yet.
    Invite in invites {
        /// Id.
        id: InviteId as i64,
        /// Id of the Invite activity.
        ap_id: ApId as String,
        /// Who invites.
        inviter_id: ActorId as i64,
        /// Who is invited.
        invitee_id: ActorId as i64,
        /// To what.
        object_ap_id: ApId as String,
        /// When it came.
        created_at: Time,
    }
}

/// One invitation.
///
/// # Errors
/// Database errors.
pub fn by_id(connection: &mut DbConn, id: InviteId) -> Result<Option<Invite>> {
    Ok(invites::table.find(id.get()).select(Invite::as_select()).first(connection).optional()?)
}

/// The invitation of one actor to one thing.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, invitee: ActorId, object: &str) -> Result<Option<Invite>> {
    Ok(invites::table
        .filter(invites::invitee_id.eq(invitee.get()).and(invites::object_ap_id.eq(object)))
        .select(Invite::as_select())
        .first(connection)
        .optional()?)
}

/// All invitations of an account's personas, newest first.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<Invite>> {
    use crate::schema::personas;
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    Ok(invites::table
        .filter(invites::invitee_id.eq_any(own))
        .order((invites::created_at.desc(), invites::id))
        .select(Invite::as_select())
        .load(connection)?)
}

/// Removes an invitation: it was answered, or taken back.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: InviteId) -> Result<()> {
    diesel::delete(invites::table.find(id.get())).execute(&mut **tx)?;
    Ok(())
}

/// Removes invitations that came before `before`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    Ok(diesel::delete(invites::table.filter(invites::created_at.lt(before))).execute(&mut **tx)?)
}
