//! What is done again and again: each job asks the database what is due, and is safe to repeat. See docs/JOBS.md.
//!
//! Of several nodes on one database one runs each job: whoever takes its row. Counting is done by every node for
//! itself. Must never: run a job that another node has.

use crate::ballast::Ballast;
use chrono::Duration as Span;
use hearth_actions::{
    App, Result as ActionResult, access, check_in, cleanup, event::series, job, queue, reminder, repair, rsvp,
    scheduled_post,
};
use hearth_federation::{
    FederationError,
    metrics::{Attempts, Metrics},
    watchdog::Beat,
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// How often this node asks whether something is due.
const LOOK: Duration = Duration::from_secs(20);
/// How often the deliveries of this node are counted.
const COUNT: Duration = Duration::from_secs(60);
/// A job that takes longer is taken over, perhaps by another node.
const LEASE: Duration = Duration::from_secs(15 * 60);

/// A job that one node runs.
struct Job {
    name: &'static str,
    every: Span,
    run: fn(&App) -> ActionResult<()>,
}

const JOBS: &[Job] = &[
    Job { name: job::TIDY_UP, every: job::HOURLY, run: cleanup::forget },
    Job { name: repair::READ_AGAIN, every: repair::LOOK_AGAIN, run: repair::read_again },
    Job { name: job::TELL_ROOMS, every: job::EVERY_MINUTE, run: rsvp::tell_where_it_is },
    Job { name: queue::ASK_NEXT, every: job::EVERY_MINUTE, run: ask_next },
    Job { name: check_in::OPEN, every: job::EVERY_MINUTE, run: check_in::open_due },
    Job { name: series::ANNOUNCE, every: job::EVERY_MINUTE, run: series::announce_due },
    Job { name: scheduled_post::PUBLISH, every: job::EVERY_MINUTE, run: scheduled_post::publish_due },
    Job { name: reminder::REMIND, every: reminder::EVERY_TEN_MINUTES, run: reminder::remind },
];

/// What has waited too long is asked of the next one, and what was open for a day is closed.
fn ask_next(app: &App) -> ActionResult<()> {
    access::end_those_over(app)?;
    queue::ask_next(app)
}

/// The jobs of one node.
#[derive(Clone)]
pub struct Jobs {
    app: App,
    metrics: Metrics,
    /// What was written down of this node's deliveries.
    counted: Arc<Mutex<Attempts>>,
    /// What is thrown away when the disk is full, where that is for this node to keep.
    ballast: Option<Arc<Ballast>>,
}

impl Jobs {
    /// The jobs of a node.
    #[must_use]
    pub fn new(app: &App, metrics: &Metrics, ballast: Option<Arc<Ballast>>) -> Self {
        Self { app: app.clone(), metrics: metrics.clone(), counted: Arc::default(), ballast }
    }

    /// Runs what is due until the server stops.
    ///
    /// # Errors
    /// Never: what fails is tried again.
    pub async fn run(self, stopped: watch::Receiver<bool>, beat: Beat) -> Result<(), FederationError> {
        let mut counted_at = None::<Instant>;
        while !*stopped.borrow() {
            if let Some(ballast) = self.ballast.clone() {
                let keep = move |jobs: &Self| {
                    ballast.keep(jobs.app.db.room());
                    Ok(())
                };
                self.patiently(&beat, keep).await;
            }
            for job in JOBS {
                self.run_if_due(job, &beat).await;
            }
            if counted_at.is_none_or(|at| at.elapsed() >= COUNT) {
                counted_at = Some(Instant::now());
                self.patiently(&beat, Self::count).await;
            }
            beat.tick();
            let mut stopped = stopped.clone();
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = stopped.wait_for(|stopped| *stopped) => {}
            }
        }
        self.patiently(&beat, Self::count).await;
        Ok(())
    }

    /// Runs what is due, once and by hand: for tests, which hold time still.
    ///
    /// # Errors
    /// As the jobs.
    pub fn run_once(app: &App) -> ActionResult<()> {
        let lease = Span::from_std(LEASE).unwrap_or(Span::MAX);
        for due in JOBS {
            if job::begin(app, due.name, due.every, lease)? {
                (due.run)(app)?;
                job::finish(app, due.name, "done")?;
            }
        }
        Ok(())
    }

    async fn run_if_due(&self, job: &'static Job, beat: &Beat) {
        let lease = Span::from_std(LEASE).unwrap_or(Span::MAX);
        let mine = self.patiently(beat, move |jobs| job::begin(&jobs.app, job.name, job.every, lease)).await;
        if mine != Some(true) {
            return;
        }
        let done = self.patiently(beat, move |jobs| (job.run)(&jobs.app)).await;
        if done.is_none() {
            let job = job.name;
            tracing::warn!(job, "a job failed; it is tried again when it is due");
        }
        let result = if done.is_some() { "done" } else { "failed" };
        self.patiently(beat, move |jobs| job::finish(&jobs.app, job.name, result)).await;
    }

    /// Adds what this node delivered to the present hour.
    fn count(&self) -> ActionResult<()> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.metrics.attempts();
        let more = |now: u64, before: u64| i64::try_from(now.saturating_sub(before)).unwrap_or(i64::MAX);
        let (delivered, failed) = (more(now.delivered, counted.delivered), more(now.failed, counted.failed));
        job::count_hour(&self.app, delivered, failed)?;
        *counted = now;
        Ok(())
    }

    /// Runs blocking work, giving signs of life until its lease is over. `None` when it failed.
    async fn patiently<T: Send + 'static>(
        &self,
        beat: &Beat,
        work: impl FnOnce(&Self) -> ActionResult<T> + Send + 'static,
    ) -> Option<T> {
        let jobs = self.clone();
        let mut working = tokio::task::spawn_blocking(move || work(&jobs));
        let began = Instant::now();
        loop {
            tokio::select! {
                done = &mut working => return done.ok().and_then(Result::ok),
                () = tokio::time::sleep(LOOK) => {
                    if began.elapsed() < LEASE {
                        beat.tick();
                    }
                }
            }
        }
    }
}
