//! When somebody would rather not be told anything.

use crate::{DbConn, Result, Tx, schema::quiet_hours::dsl};
use diesel::{OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::AccountId;

row! {
    /// The quiet hours of an account.
    QuietHours in quiet_hours {
        /// The account.
        account_id: AccountId as i64,
        /// The hour they begin, 0 to 23, in the server's time zone.
        from_hour: i32,
        /// The hour they end.
        until_hour: i32,
    }
}

/// Those of an account.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, account: AccountId) -> Result<Option<QuietHours>> {
    Ok(dsl::quiet_hours.find(account.get()).select(QuietHours::as_select()).first(connection).optional()?)
}

/// Ends them.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, account: AccountId) -> Result<()> {
    diesel::delete(dsl::quiet_hours.find(account.get())).execute(&mut **tx)?;
    Ok(())
}

/// Writes them over what was there.
///
/// # Errors
/// Database errors.
pub fn put(tx: &mut Tx<'_>, row: &QuietHours) -> Result<()> {
    delete(tx, row.account_id)?;
    row.insert(tx)
}
