//! Invitations to a group, kept as hashes of their codes; and who opened an account by one and is still to come in.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{group_invitations, invitation_passes},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{AccountId, ActorId, GroupInvitationId};

row! {
    /// An invitation to a group.
    GroupInvitation in group_invitations {
        /// Id.
        id: GroupInvitationId as i64,
        /// The group.
        group_id: ActorId as i64,
        /// SHA-256 of the code, hexadecimal.
        code_hash: String,
        /// Who made it.
        made_by: ActorId as i64,
        /// What those who look after the group call it. May be empty.
        label: String,
        /// Whether who shows it is let in at once.
        skips_approval: bool,
        /// How often it can still be used.
        uses_left: i32,
        /// Until when.
        expires_at: Time,
        /// When it was made.
        created_at: Time,
    }
}

row! {
    /// An account that was opened by an invitation and is still to come into the group.
    InvitationPass in invitation_passes {
        /// The invitation.
        invitation_id: GroupInvitationId as i64,
        /// The account.
        account_id: AccountId as i64,
    }
}

/// One invitation.
///
/// # Errors
/// Database errors.
pub fn by_id(connection: &mut DbConn, id: GroupInvitationId) -> Result<Option<GroupInvitation>> {
    let row = group_invitations::table.find(id.get()).select(GroupInvitation::as_select());
    Ok(row.first(connection).optional()?)
}

/// The invitation with this code that is not too old. It may be used up.
///
/// # Errors
/// Database errors.
pub fn by_code(connection: &mut DbConn, code_hash: &str, now: Time) -> Result<Option<GroupInvitation>> {
    Ok(group_invitations::table
        .filter(group_invitations::code_hash.eq(code_hash))
        .filter(group_invitations::expires_at.gt(now))
        .select(GroupInvitation::as_select())
        .first(connection)
        .optional()?)
}

/// The invitations of a group that can still be used, newest first.
///
/// # Errors
/// Database errors.
pub fn usable(connection: &mut DbConn, group: ActorId, now: Time) -> Result<Vec<GroupInvitation>> {
    Ok(group_invitations::table
        .filter(group_invitations::group_id.eq(group.get()))
        .filter(group_invitations::uses_left.gt(0))
        .filter(group_invitations::expires_at.gt(now))
        .order((group_invitations::created_at.desc(), group_invitations::id))
        .select(GroupInvitation::as_select())
        .load(connection)?)
}

/// Uses an invitation once. `false` when it is used up or too old; two requests at once use it once.
///
/// # Errors
/// Database errors.
pub fn redeem(tx: &mut Tx<'_>, id: GroupInvitationId, now: Time) -> Result<bool> {
    let usable = group_invitations::table
        .filter(group_invitations::id.eq(id.get()))
        .filter(group_invitations::uses_left.gt(0))
        .filter(group_invitations::expires_at.gt(now));
    let less = group_invitations::uses_left.eq(group_invitations::uses_left - 1);
    Ok(diesel::update(usable).set(less).execute(&mut **tx)? == 1)
}

/// Takes an invitation back, with the passes that it gave. Returns how many went.
///
/// # Errors
/// Database errors.
pub fn revoke(tx: &mut Tx<'_>, id: GroupInvitationId) -> Result<usize> {
    Ok(diesel::delete(group_invitations::table.find(id.get())).execute(&mut **tx)?)
}

/// Takes back every invitation of a group.
///
/// # Errors
/// Database errors.
pub fn revoke_all_of(tx: &mut Tx<'_>, group: ActorId) -> Result<usize> {
    let rows = group_invitations::table.filter(group_invitations::group_id.eq(group.get()));
    Ok(diesel::delete(rows).execute(&mut **tx)?)
}

/// Forgets invitations that are too old since `before`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    Ok(diesel::delete(group_invitations::table.filter(group_invitations::expires_at.lt(before))).execute(&mut **tx)?)
}

/// Whether an account was opened by this invitation and is still to come in.
///
/// # Errors
/// Database errors.
pub fn has_pass(connection: &mut DbConn, id: GroupInvitationId, account: AccountId) -> Result<bool> {
    let row = invitation_passes::table.find((id.get(), account.get())).select(InvitationPass::as_select());
    Ok(row.first(connection).optional()?.is_some())
}

/// Takes the pass of an account. `false` when it has none.
///
/// # Errors
/// Database errors.
pub fn use_pass(tx: &mut Tx<'_>, id: GroupInvitationId, account: AccountId) -> Result<bool> {
    Ok(diesel::delete(invitation_passes::table.find((id.get(), account.get()))).execute(&mut **tx)? == 1)
}

/// Takes back the invitations to a group that somebody made.
///
/// # Errors
/// Database errors.
pub fn revoke_all_by(tx: &mut Tx<'_>, group: ActorId, maker: ActorId) -> Result<usize> {
    let rows = group_invitations::table.filter(group_invitations::group_id.eq(group.get()));
    Ok(diesel::delete(rows.filter(group_invitations::made_by.eq(maker.get()))).execute(&mut **tx)?)
}
