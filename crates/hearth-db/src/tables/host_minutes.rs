//! What nodes on one database count together for each other server and minute, so that their limits are one.

use crate::{Result, Tx, schema::host_minutes::dsl};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};

/// Adds to what was counted for a host (`""`: for all) in a minute (since 1970), and says how much it is now.
///
/// # Errors
/// Database errors.
pub fn add(tx: &mut Tx<'_>, what: &str, host: &str, minute: i64, more: i64) -> Result<i64> {
    let row = dsl::host_minutes.find((what, host, minute));
    // There is one writer at a time, on either database: nobody comes between.
    if diesel::update(row).set(dsl::used.eq(dsl::used + more)).execute(&mut **tx)? == 0 {
        let values = (dsl::what.eq(what), dsl::host.eq(host), dsl::minute.eq(minute), dsl::used.eq(more));
        diesel::insert_into(dsl::host_minutes).values(values).execute(&mut **tx)?;
        return Ok(more);
    }
    Ok(row.select(dsl::used).first(&mut **tx)?)
}

/// Forgets minutes before `before`, and those after `after`: the clock was ahead then.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: i64, after: i64) -> Result<usize> {
    let old = dsl::host_minutes.filter(dsl::minute.lt(before)).or_filter(dsl::minute.gt(after));
    Ok(diesel::delete(old).execute(&mut **tx)?)
}
