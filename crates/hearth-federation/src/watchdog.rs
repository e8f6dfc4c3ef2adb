//! The watchdog: every worker loop gives signs of life, and one that ended, panicked or fell silent is begun again.
//!
//! A loop only has to call [`Beat::tick`] at least once in [`SILENT_FOR`], also while it works. What it had begun is
//! not lost when it is broken off: leases end, and the next loop finds the rows again.
//!
//! Must never: end because a loop did, or wait for one that is stuck.

use crate::{FederationError, metrics::Metrics};
use hearth_actions::{App, incident};
use hearth_db::tables::incidents::IncidentKind;
use std::{
    collections::BTreeMap,
    fmt,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};

/// After so long without a sign of life a loop is broken off and begun again.
pub const SILENT_FOR: Duration = Duration::from_secs(60);
/// Pauses after failures of a loop, from the first to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Keeps loops going. Cheap to clone; all clones watch the same loops.
#[derive(Clone)]
pub struct Watchdog {
    app: App,
    metrics: Metrics,
    silent_for: Duration,
    ticks: Arc<Mutex<BTreeMap<&'static str, Instant>>>,
}

impl fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watchdog")
    }
}

/// How a loop says that it is alive.
#[derive(Debug, Clone)]
pub struct Beat {
    work: &'static str,
    watchdog: Watchdog,
}

impl Beat {
    /// A sign of life.
    pub fn tick(&self) {
        self.watchdog.tick(self.work);
    }
}

/// A loop that is broken off when this is dropped.
struct Running(JoinHandle<Result<(), FederationError>>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Watchdog {
    pub(crate) fn new(app: App, metrics: Metrics) -> Self {
        Self { app, metrics, silent_for: SILENT_FOR, ticks: Arc::default() }
    }

    /// The loops that gave no sign of life for so long.
    #[must_use]
    pub fn silent(&self, silent_for: Duration) -> Vec<&'static str> {
        let now = Instant::now();
        let ticks = self.ticks();
        ticks.iter().filter(|(_, at)| now.duration_since(**at) >= silent_for).map(|(work, _)| *work).collect()
    }

    /// A sign of life of a loop that is watched; for work that does not hold its [`Beat`].
    pub(crate) fn tick(&self, work: &str) {
        if let Some(at) = self.ticks().get_mut(work) {
            *at = Instant::now();
        }
    }

    /// Begins a loop again and again until it ends by itself, which it does only at the stop.
    pub async fn keep<F, W>(self, work: &'static str, stop: watch::Receiver<bool>, begin: F)
    where
        F: Fn(Beat) -> W + Send,
        W: Future<Output = Result<(), FederationError>> + Send + 'static,
    {
        let beat = Beat { work, watchdog: self.clone() };
        let mut pause = FIRST_PAUSE;
        while !*stop.borrow() {
            let began = Instant::now();
            self.ticks().insert(work, began);
            let mut running = Running(tokio::spawn(begin(beat.clone())));
            let why = tokio::select! {
                ended = &mut running.0 => match ended {
                    Ok(Ok(())) => break,
                    Ok(Err(error)) => {
                        tracing::warn!(work, class = error.class(), "a worker failed and begins again");
                        "failed"
                    }
                    Err(_) => {
                        tracing::error!(work, "a worker panicked and begins again");
                        "panicked"
                    }
                },
                () = self.silence(work) => {
                    tracing::error!(work, "a worker gave no sign of life and begins again");
                    "stuck"
                }
            };
            drop(running);
            self.begun_again(why);
            // A loop that ran well for a while begins with the shortest pause again.
            pause = if began.elapsed() > LONGEST_PAUSE { FIRST_PAUSE } else { pause };
            tokio::select! {
                () = stopped(stop.clone()) => break,
                () = sleep(pause) => {}
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        self.ticks().remove(work);
    }

    /// Counts it; and the keeper hears of what is no passing trouble of the database.
    fn begun_again(&self, why: &'static str) {
        self.metrics.restarted(why);
        if why != "failed" {
            let app = self.app.clone();
            // Nobody waits for it: the database may be what hangs.
            drop(tokio::task::spawn_blocking(move || incident::record(&app, IncidentKind::WorkerBegunAgain, None, 1)));
        }
    }

    /// Waits until a loop was silent for too long.
    async fn silence(&self, work: &str) {
        loop {
            let last = self.ticks().get(work).copied().unwrap_or_else(Instant::now);
            let until = last + self.silent_for;
            if until <= Instant::now() {
                return;
            }
            sleep_until(until).await;
        }
    }

    fn ticks(&self) -> MutexGuard<'_, BTreeMap<&'static str, Instant>> {
        self.ticks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until it is time to stop.
pub(crate) async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

#[cfg(test)]
#[path = "watchdog/tests.rs"]
mod tests;
