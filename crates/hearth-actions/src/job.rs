//! Which node runs a job that one of them is to run, and when it was done.

use crate::{ActionError, App, Result};
use chrono::Duration;
use hearth_db::{
    Time,
    tables::{
        deliveries,
        delivery_hours::{self, DeliveryHour},
        incidents::{self, IncidentKind},
        jobs::{self, Claim},
    },
};

/// The job that forgets what is no longer needed.
pub const TIDY_UP: &str = "tidy up";
/// How often it runs.
pub const HOURLY: Duration = Duration::hours(1);
/// The job that tells people elsewhere the way into a room, once it is time.
pub const TELL_ROOMS: &str = "tell rooms";
/// How often it runs.
pub const EVERY_MINUTE: Duration = Duration::minutes(1);

/// Takes a job that did not begin for `every`, until `lease` has passed. `true` when it is this node's to run now.
///
/// # Errors
/// Database errors.
pub fn begin(app: &App, name: &str, every: Duration, lease: Duration) -> Result<bool> {
    let now = app.clock.now();
    let started_by: Time = (now - every).into();
    // Most often nothing is due: then nothing is written.
    if app.db.read(|c| jobs::get(c, name))?.is_some_and(|job| !job.is_due(now.into(), started_by)) {
        return Ok(false);
    }
    app.db.write(|tx| {
        let claim = jobs::claim(tx, name, now.into(), started_by, (now + lease).into())?;
        if claim == Claim::TakenOver {
            incidents::note(tx, IncidentKind::LeaseTakenOver, None, 1, now.into())?;
        }
        Ok(claim != Claim::Nothing)
    })
}

/// Writes down how a job ended: `done`, `failed` or `panicked`.
///
/// # Errors
/// Database errors.
pub fn finish(app: &App, name: &str, result: &'static str) -> Result<()> {
    app.db.write(|tx| Ok(jobs::finish(tx, name, app.now(), result)?))
}

/// Adds to the present hour what was delivered and what failed, and sees how much waits.
///
/// # Errors
/// Database errors.
pub fn count_hour(app: &App, delivered: i64, failed: i64) -> Result<()> {
    let now = app.clock.now().timestamp();
    let hour = chrono::DateTime::from_timestamp(now - now.rem_euclid(3_600), 0).unwrap_or_default();
    let (waiting, known) = app
        .db
        .read(|c| Ok::<_, ActionError>((deliveries::count_waiting(c)?, delivery_hours::since(c, hour.into())?)))?;
    // A server at rest writes one row in an hour.
    if delivered == 0 && failed == 0 && known.iter().any(|row| row.waiting >= waiting) {
        return Ok(());
    }
    let more = DeliveryHour { hour: hour.into(), delivered, failed, waiting };
    app.db.write(|tx| Ok(delivery_hours::add(tx, &more)?))
}
