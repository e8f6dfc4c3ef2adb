//! What the server put right by itself, written down for its keeper.
//!
//! Must never hold more than what kind of thing it was, which server it was about, and how many.

use crate::{App, Result};
use hearth_db::{
    DbError, Time, Tx,
    tables::{
        TAKEN_OVER, deliveries, hosts,
        incidents::{self, IncidentKind},
    },
};
use hearth_domain::host::BREAKER;

/// Writes one down, in a transaction of its own.
///
/// # Errors
/// Database errors.
pub fn record(app: &App, kind: IncidentKind, host: Option<&str>, count: i64) -> Result<()> {
    app.db.write(|tx| Ok(incidents::note(tx, kind, host, count, app.now())?))
}

/// Counts what was leased after whoever had it before let its lease run out. Call it with the last results of the rows.
///
/// # Errors
/// Database errors.
pub fn taken_over<'a>(
    tx: &mut Tx<'_>,
    last_results: impl Iterator<Item = Option<&'a str>>,
    now: Time,
) -> Result<(), DbError> {
    match last_results.filter(|result| *result == Some(TAKEN_OVER)).count() {
        0 => Ok(()),
        count => incidents::note(tx, IncidentKind::LeaseTakenOver, None, i64::try_from(count).unwrap_or(i64::MAX), now),
    }
}

/// A server answers again, or was heard from: if it had been left alone and something waited for it, that is sent now.
/// Call it with the row as it was before.
///
/// # Errors
/// Database errors.
pub fn came_back(tx: &mut Tx<'_>, before: &hosts::Host, now: Time) -> Result<(), DbError> {
    if before.failures < BREAKER {
        return Ok(());
    }
    match deliveries::count_waiting_for(tx, &before.host)? {
        0 => Ok(()),
        waiting => incidents::note(tx, IncidentKind::BacklogSent, Some(&before.host), waiting, now),
    }
}
