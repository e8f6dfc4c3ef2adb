//! People of other servers whom somebody who looks after a group here invited, until they answer. It is what lets them
//! in when they ask to join.

use crate::{DbConn, Result, Time, Tx, schema::sent_invites::dsl};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{address::ApId, id::ActorId};

row! {
    /// An invitation that was not answered yet.
    SentInvite in sent_invites {
        /// The group.
        group_id: ActorId as i64,
        /// Who is invited.
        invitee_id: ActorId as i64,
        /// Who invites: a facilitator, or the group itself.
        inviter_id: ActorId as i64,
        /// Id of the Invite activity.
        ap_id: ApId as String,
        /// When it was sent.
        created_at: Time,
    }
}

/// The invitation of somebody to a group.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, group: ActorId, invitee: ActorId) -> Result<Option<SentInvite>> {
    let row = dsl::sent_invites.find((group.get(), invitee.get()));
    Ok(row.select(SentInvite::as_select()).first(connection).optional()?)
}

/// The invitation with this id.
///
/// # Errors
/// Database errors.
pub fn by_ap_id(connection: &mut DbConn, ap_id: &str) -> Result<Option<SentInvite>> {
    let row = dsl::sent_invites.filter(dsl::ap_id.eq(ap_id));
    Ok(row.select(SentInvite::as_select()).first(connection).optional()?)
}

/// The invitations of a group, newest first.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId) -> Result<Vec<SentInvite>> {
    Ok(dsl::sent_invites
        .filter(dsl::group_id.eq(group.get()))
        .order((dsl::created_at.desc(), dsl::invitee_id))
        .select(SentInvite::as_select())
        .load(connection)?)
}

/// Removes an invitation: it was answered, or taken back. Returns how many went.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, group: ActorId, invitee: ActorId) -> Result<usize> {
    Ok(diesel::delete(dsl::sent_invites.find((group.get(), invitee.get()))).execute(&mut **tx)?)
}

/// Removes every invitation of a group, and every one of a person.
///
/// # Errors
/// Database errors.
pub fn delete_all_about(tx: &mut Tx<'_>, actor: ActorId) -> Result<usize> {
    let rows = dsl::sent_invites.filter(dsl::group_id.eq(actor.get()));
    Ok(diesel::delete(rows.or_filter(dsl::invitee_id.eq(actor.get()))).execute(&mut **tx)?)
}

/// Removes invitations that were sent before `before`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    Ok(diesel::delete(dsl::sent_invites.filter(dsl::created_at.lt(before))).execute(&mut **tx)?)
}
