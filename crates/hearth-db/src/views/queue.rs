//! How the queues between servers stand: for the keeper's page, the doctor, the watchdog and the metrics.

use crate::{
    DbConn, Result, Time, dialect,
    schema::{deliveries, incoming},
};
use diesel::{
    ExpressionMethods, QueryDsl, RunQueryDsl,
    dsl::{count_star, min},
};
use std::collections::HashMap;

pub use crate::dialect::{Size, schema_version};

/// What waits for one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many deliveries.
    pub count: i64,
    /// When the oldest of them was asked for.
    pub oldest: Time,
}

/// What waits, by server.
///
/// # Errors
/// Database errors.
pub fn waiting(connection: &mut DbConn) -> Result<HashMap<String, Waiting>> {
    let rows: Vec<(String, i64, Option<Time>)> = deliveries::table
        .filter(deliveries::state.eq_any(["ready", "leased"]))
        .group_by(deliveries::host)
        .select((deliveries::host, count_star(), min(deliveries::created_at)))
        .load(connection)?;
    let of = |(host, count, oldest): (String, i64, Option<Time>)| Some((host, Waiting { count, oldest: oldest? }));
    Ok(rows.into_iter().filter_map(of).collect())
}

/// How many deliveries each server took, of those that are still kept (about a week).
///
/// # Errors
/// Database errors.
pub fn delivered(connection: &mut DbConn) -> Result<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> = deliveries::table
        .filter(deliveries::state.eq("done"))
        .group_by(deliveries::host)
        .select((deliveries::host, count_star()))
        .load(connection)?;
    Ok(rows.into_iter().collect())
}

/// Since when the oldest delivery is due that nothing holds up: its server answers, no earlier delivery about the same
/// thing waits, and nobody is sending it.
///
/// # Errors
/// Database errors.
pub fn oldest_due(connection: &mut DbConn, now: Time) -> Result<Option<Time>> {
    dialect::oldest_due(connection, now, None)
}

/// The same, of servers that took nothing since `before`: a long queue that shrinks is not stuck.
///
/// # Errors
/// Database errors.
pub fn oldest_stuck(connection: &mut DbConn, now: Time, before: Time) -> Result<Option<Time>> {
    dialect::oldest_due(connection, now, Some(before))
}

/// Since when the oldest received activity is due that nobody works on.
///
/// # Errors
/// Database errors.
pub fn oldest_incoming(connection: &mut DbConn, now: Time) -> Result<Option<Time>> {
    let ready = incoming::table.filter(incoming::state.eq("ready")).filter(incoming::due_at.le(now));
    let lost = incoming::table.filter(incoming::state.eq("leased")).filter(incoming::lease_until.le(now));
    let ready: Option<Time> = ready.select(min(incoming::due_at)).first(connection)?;
    let lost: Option<Time> = lost.select(min(incoming::lease_until)).first(connection)?;
    Ok([ready, lost].into_iter().flatten().min())
}

/// How large the database is.
///
/// # Errors
/// Database errors.
pub fn size(connection: &mut DbConn) -> Result<Size> {
    dialect::size(connection)
}
