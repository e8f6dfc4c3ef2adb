//! Signed-in devices. Tokens are kept as hashes.

use crate::{DbConn, Result, Time, Tx, schema::sessions::dsl};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{AccountId, SessionId};

row! {
    /// A signed-in device.
    Session in sessions {
        /// Id.
        id: SessionId as i64,
        /// Whose.
        account_id: AccountId as i64,
        /// SHA-256 of the cookie's token, hexadecimal.
        token_hash: String,
        /// A few words about the device, for its owner: "Firefox on Android".
        device: String,
        /// When it signed in.
        created_at: Time,
        /// When it was last used, to the hour.
        used_at: Time,
        /// When it ends unless used.
        expires_at: Time,
    }
}

/// The session of a token, unless it has ended.
///
/// # Errors
/// Database errors.
pub fn by_token(connection: &mut DbConn, token_hash: &str, now: Time) -> Result<Option<Session>> {
    Ok(dsl::sessions
        .filter(dsl::token_hash.eq(token_hash))
        .filter(dsl::expires_at.gt(now))
        .select(Session::as_select())
        .first(connection)
        .optional()?)
}

/// All of an account, newest first.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<Session>> {
    Ok(dsl::sessions
        .filter(dsl::account_id.eq(account.get()))
        .order((dsl::created_at.desc(), dsl::id))
        .select(Session::as_select())
        .load(connection)?)
}

/// How many accounts used this server since then.
///
/// # Errors
/// Database errors.
pub fn count_accounts_since(connection: &mut DbConn, since: Time) -> Result<i64> {
    use diesel::AggregateExpressionMethods;
    let distinct = diesel::dsl::count(dsl::account_id).aggregate_distinct();
    Ok(dsl::sessions.filter(dsl::used_at.ge(since)).select(distinct).get_result(connection)?)
}

/// Notes a use, and moves the end.
///
/// # Errors
/// Database errors.
pub fn renew(tx: &mut Tx<'_>, id: SessionId, used_at: Time, expires_at: Time) -> Result<()> {
    diesel::update(dsl::sessions.find(id.get()))
        .set((dsl::used_at.eq(used_at), dsl::expires_at.eq(expires_at)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Ends one session of an account. Returns how many ended.
///
/// # Errors
/// Database errors.
pub fn end(tx: &mut Tx<'_>, account: AccountId, id: SessionId) -> Result<usize> {
    Ok(diesel::delete(dsl::sessions.find(id.get()).filter(dsl::account_id.eq(account.get()))).execute(&mut **tx)?)
}

/// Ends all sessions of an account, but one if it is named.
///
/// # Errors
/// Database errors.
pub fn end_all(tx: &mut Tx<'_>, account: AccountId, but: Option<SessionId>) -> Result<usize> {
    let kept = but.map_or(-1, SessionId::get);
    Ok(diesel::delete(dsl::sessions.filter(dsl::account_id.eq(account.get())).filter(dsl::id.ne(kept)))
        .execute(&mut **tx)?)
}

/// Removes sessions that have ended.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, now: Time) -> Result<usize> {
    Ok(diesel::delete(dsl::sessions.filter(dsl::expires_at.le(now))).execute(&mut **tx)?)
}
