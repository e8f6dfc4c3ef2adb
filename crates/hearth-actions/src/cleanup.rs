//! Forgetting what is no longer needed. Safe to repeat, and to run on several nodes at once.

use crate::{App, Result};
use chrono::Duration;
use hearth_db::tables::{activities, delivery_hours, incidents, seen_activities, sessions};

/// How long the ids of received activities are remembered (profile 5.3).
const SEEN: Duration = Duration::days(30);
/// How long delivered activities are kept.
const SENT: Duration = Duration::days(7);
/// How long the keeper can see how the server was doing.
const OPERATION: Duration = Duration::days(30);

/// Removes sessions that have ended, and what was received, delivered and put right long ago.
///
/// # Errors
/// Database errors.
pub fn forget(app: &App) -> Result<()> {
    let now = app.clock.now();
    app.db.write(|tx| {
        sessions::purge(tx, now.into())?;
        seen_activities::purge(tx, (now - SEEN).into())?;
        activities::purge(tx, (now - SENT).into())?;
        incidents::purge(tx, (now - OPERATION).into())?;
        delivery_hours::purge(tx, (now - OPERATION).into())?;
        Ok(())
    })
}
