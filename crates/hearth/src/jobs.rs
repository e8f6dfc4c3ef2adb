//! What is done again and again: each job asks the database what is due, and is safe to repeat. See docs/JOBS.md.

use hearth_actions::{App, cleanup};
use std::time::Duration;
use tokio::sync::watch;

/// How often the cleaning runs.
const EVERY: Duration = Duration::from_secs(3_600);
/// Runs the jobs until the server stops.
pub async fn run(app: App, mut stopped: watch::Receiver<bool>) {
    loop {
        let cleaning = app.clone();
        match tokio::task::spawn_blocking(move || cleanup::forget(&cleaning)).await {
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
