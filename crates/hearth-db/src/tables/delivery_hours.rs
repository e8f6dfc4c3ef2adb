//! How much went out to other servers in each hour: numbers for the keeper's page, of no group and no person.

use crate::{DbConn, Result, Time, Tx, schema::delivery_hours::dsl};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

row! {
    /// One hour.
    DeliveryHour in delivery_hours {
        /// When it began.
        hour: Time,
        /// Deliveries that were taken.
        delivered: i64,
        /// Attempts that failed; most were repeated.
        failed: i64,
        /// Most deliveries that were seen waiting at once.
        waiting: i64,
    }
}

/// Adds to an hour. `waiting` counts as the most that was seen.
///
/// # Errors
/// Database errors.
pub fn add(tx: &mut Tx<'_>, more: &DeliveryHour) -> Result<()> {
    let known = dsl::delivery_hours.find(more.hour).select(DeliveryHour::as_select()).first(&mut **tx).optional()?;
    let Some(known) = known else {
        return more.insert(tx);
    };
    diesel::update(dsl::delivery_hours.find(more.hour))
        .set((
            dsl::delivered.eq(dsl::delivered + more.delivered),
            dsl::failed.eq(dsl::failed + more.failed),
            dsl::waiting.eq(known.waiting.max(more.waiting)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The hours from `since` on, oldest first. Hours in which the server did not run are not there.
///
/// # Errors
/// Database errors.
pub fn since(connection: &mut DbConn, since: Time) -> Result<Vec<DeliveryHour>> {
    let hours = dsl::delivery_hours.filter(dsl::hour.ge(since)).order(dsl::hour);
    Ok(hours.select(DeliveryHour::as_select()).load(connection)?)
}

/// Forgets what was before `before`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    Ok(diesel::delete(dsl::delivery_hours.filter(dsl::hour.lt(before))).execute(&mut **tx)?)
}
