//! Invitations to open an account, kept as hashes of their codes.

use crate::{Result, Time, Tx, schema::invitations::dsl};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{AccountId, InvitationId};

row! {
    /// An invitation.
    Invitation in invitations {
        /// Id.
        id: InvitationId as i64,
        /// SHA-256 of the code, hexadecimal.
        code_hash: String,
        /// Who made it.
        made_by: AccountId as i64,
        /// How often it can still be used.
        uses_left: i32,
        /// Until when.
        expires_at: Time,
        /// When it was made.
        created_at: Time,
    }
}

/// Uses a code once. `false` when it is unknown, used up or too old; two requests at once use it once.
///
/// # Errors
/// Database errors.
pub fn redeem(tx: &mut Tx<'_>, code_hash: &str, now: Time) -> Result<bool> {
    let usable = dsl::invitations
        .filter(dsl::code_hash.eq(code_hash))
        .filter(dsl::uses_left.gt(0))
        .filter(dsl::expires_at.gt(now));
    Ok(diesel::update(usable).set(dsl::uses_left.eq(dsl::uses_left - 1)).execute(&mut **tx)? == 1)
}

/// All that can still be used, oldest first.
///
/// # Errors
/// Database errors.
pub fn usable(connection: &mut crate::DbConn, now: Time) -> Result<Vec<Invitation>> {
    Ok(dsl::invitations
        .filter(dsl::uses_left.gt(0))
        .filter(dsl::expires_at.gt(now))
        .order((dsl::created_at, dsl::id))
        .select(Invitation::as_select())
        .load(connection)?)
}

/// Takes an invitation back. Returns how many went.
///
/// # Errors
/// Database errors.
pub fn revoke(tx: &mut Tx<'_>, id: InvitationId) -> Result<usize> {
    Ok(diesel::delete(dsl::invitations.find(id.get())).execute(&mut **tx)?)
}
