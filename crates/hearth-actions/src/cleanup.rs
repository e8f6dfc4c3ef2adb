//! Forgetting what is no longer needed. Safe to repeat, and to run on several nodes at once.

use crate::{App, Result};
use chrono::Duration;
use hearth_db::tables::{activities, seen_activities, sessions};

/// How long the ids of received activities are remembered (profile 5.3).
const SEEN: Duration = Duration::days(30);
/// How long delivered activities are kept.
const SENT: Duration = Duration::days(7);

/// Removes sessions that have ended, and what was received and delivered long ago.
///
/// # Errors
/// Database errors.
pub fn forget(app: &App) -> Result<()> {
    let now = app.clock.now();
    app.db.write(|tx| {
        sessions::purge(tx, now.into())?;
        seen_activities::purge(tx, (now - SEEN).into())?;
        activities::purge(tx, (now - SENT).into())?;
        Ok(())
    })
}
