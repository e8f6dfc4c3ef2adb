//! What is done again and again: each job asks the database what is due, and is safe to repeat. See docs/JOBS.md.

use hearth_actions::{App, Result};
use hearth_db::tables::{activities, seen_activities, sessions};
use std::time::Duration;
use tokio::sync::watch;

/// How often the cleaning runs.
const EVERY: Duration = Duration::from_secs(3_600);
/// How long the ids of received activities are remembered (profile 5.3).
const SEEN_DAYS: i64 = 30;
/// How long delivered activities are kept.
const SENT_DAYS: i64 = 7;

/// Runs the jobs until the server stops.
pub async fn run(app: App, mut stopped: watch::Receiver<bool>) {
    loop {
        let cleaning = app.clone();
        match tokio::task::spawn_blocking(move || clean(&cleaning)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => tracing::warn!("Cleaning up failed; it is tried again in an hour"),
            Err(_) => tracing::error!("Cleaning up panicked; it is tried again in an hour"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stopped.changed() => return,
        }
    }
}

/// Forgets what is no longer needed.
///
/// # Errors
/// Database errors.
pub fn clean(app: &App) -> Result<()> {
    let now = app.clock.now();
    let days = |days| (now - chrono::Duration::days(days)).into();
    app.db.write(|tx| {
        sessions::purge(tx, now.into())?;
        seen_activities::purge(tx, days(SEEN_DAYS))?;
        activities::purge(tx, days(SENT_DAYS))?;
        Ok(())
    })
}
