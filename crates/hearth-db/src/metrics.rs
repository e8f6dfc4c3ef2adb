//! What the database is measured by. Figures only: no name of anything that is stored.

use crate::error::{DbError, Result};
use prometheus::{Histogram, HistogramOpts, core::Collector};
use std::time::Duration;

/// How commits went. Cheap to clone; all clones count together.
#[derive(Clone)]
pub struct DbMetrics {
    commit_seconds: Histogram,
    commit_actions: Histogram,
}

impl DbMetrics {
    pub(crate) fn new() -> Result<Self> {
        let broken = |error: prometheus::Error| DbError::Unavailable(Box::new(error));
        let seconds = HistogramOpts::new("hearth_database_commit_seconds", "How long commits took, in seconds.")
            .buckets(vec![0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2.0, 10.0]);
        let actions = HistogramOpts::new("hearth_database_commit_actions", "How many actions shared a commit.")
            .buckets(vec![1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]);
        Ok(Self {
            commit_seconds: Histogram::with_opts(seconds).map_err(broken)?,
            commit_actions: Histogram::with_opts(actions).map_err(broken)?,
        })
    }

    pub(crate) fn committed(&self, took: Duration, actions: usize) {
        self.commit_seconds.observe(took.as_secs_f64());
        self.commit_actions.observe(f64::from(u32::try_from(actions).unwrap_or(u32::MAX)));
    }

    /// How many commits there were.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.commit_seconds.get_sample_count()
    }

    /// All figures, for a registry.
    #[must_use]
    pub fn collectors(&self) -> Vec<Box<dyn Collector>> {
        vec![Box::new(self.commit_seconds.clone()), Box::new(self.commit_actions.clone())]
    }
}
