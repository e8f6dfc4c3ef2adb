//! Tries of the last hours: what was tried, by the hash of who, and when. Shared by all nodes on the database.
//! Must never hold an address or a name in the clear.

use crate::{DbConn, Result, Time, Tx, schema::tries::dsl};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

/// When this was tried after `since`, oldest first; at most `most`, the newest of them.
///
/// # Errors
/// Database errors.
pub fn since(connection: &mut DbConn, what: &str, who_hash: &str, since: Time, most: usize) -> Result<Vec<Time>> {
    let mut times: Vec<Time> = dsl::tries
        .filter(dsl::what.eq(what))
        .filter(dsl::who_hash.eq(who_hash))
        .filter(dsl::at.gt(since))
        .order((dsl::at.desc(), dsl::id.desc()))
        .limit(i64::try_from(most).unwrap_or(i64::MAX))
        .select(dsl::at)
        .load(connection)?;
    times.reverse();
    Ok(times)
}

/// Writes a try down.
///
/// # Errors
/// Database errors.
pub fn add(tx: &mut Tx<'_>, what: &str, who_hash: &str, at: Time) -> Result<()> {
    let values = (dsl::what.eq(what), dsl::who_hash.eq(who_hash), dsl::at.eq(at));
    diesel::insert_into(dsl::tries).values(values).execute(&mut **tx)?;
    Ok(())
}

/// Forgets what was tried before `before`, or after `after`: while the clock was ahead.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time, after: Time) -> Result<usize> {
    let old = dsl::tries.filter(dsl::at.lt(before)).or_filter(dsl::at.gt(after));
    Ok(diesel::delete(old).execute(&mut **tx)?)
}
