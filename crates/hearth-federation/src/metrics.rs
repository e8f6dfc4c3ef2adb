//! What is counted and timed at this door, for Prometheus: one registry for each server, nothing global.
//!
//! Must never: carry a host, a group, a person or a count of private things in a label or a value (threats PR-17).
//! Labels are words of closed sets, written down in the code.

use crate::{
    client::{Delivered, Delivery},
    fetch::FetchProblem,
};
use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry};
use std::{future::Future, time::Instant};

/// From a signature (under a millisecond) to the longest delivery (20 s with both knocks).
const FAST: &[f64] = &[0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25];
const SLOW: &[f64] = &[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0];

/// The figures of one server. Cheap to clone; all clones are the same figures.
#[derive(Debug, Clone)]
pub struct Metrics {
    registry: Registry,
    sign: Histogram,
    verify: Histogram,
    deliver: HistogramVec,
    in_flight: IntGauge,
    refused: IntCounterVec,
    activities: IntCounterVec,
    fetches: IntCounterVec,
    restarts: IntCounterVec,
}

/// How many deliveries ended in which way since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Taken by the other server.
    pub delivered: u64,
    /// Anything else; most of these are sent again.
    pub failed: u64,
}

/// A delivery that is in flight as long as this lives.
#[derive(Debug)]
pub(crate) struct Flying(IntGauge);

impl Drop for Flying {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// New figures, all zero.
    ///
    /// # Errors
    /// Never in practice: when a name of a figure breaks the rules of Prometheus, or is used twice.
    pub fn new() -> prometheus::Result<Self> {
        let times = |name: &str, help: &str, steps: &[f64]| HistogramOpts::new(name, help).buckets(steps.to_vec());
        let made = Self {
            registry: Registry::new(),
            sign: Histogram::with_opts(times("hearth_sign_seconds", "Signing one request.", FAST))?,
            verify: Histogram::with_opts(times("hearth_verify_seconds", "Checking one signature.", FAST))?,
            deliver: HistogramVec::new(
                times("hearth_delivery_seconds", "One delivery with its knocks, by what became of it.", SLOW),
                &["outcome"],
            )?,
            in_flight: IntGauge::with_opts(Opts::new("hearth_deliveries_in_flight", "Deliveries being sent now."))?,
            refused: counter("hearth_inbox_refused_total", "What inboxes refused, by reason.", "reason")?,
            activities: counter(
                "hearth_inbox_activities_total",
                "Believed activities, by what they came to.",
                "came_to",
            )?,
            fetches: counter("hearth_fetches_total", "Documents asked for elsewhere, by what came of it.", "class")?,
            restarts: counter("hearth_worker_restarts_total", "Worker loops begun again, by why.", "why")?,
        };
        made.registry.register(Box::new(made.sign.clone()))?;
        made.registry.register(Box::new(made.verify.clone()))?;
        made.registry.register(Box::new(made.deliver.clone()))?;
        made.registry.register(Box::new(made.in_flight.clone()))?;
        for counts in [&made.refused, &made.activities, &made.fetches, &made.restarts] {
            made.registry.register(Box::new(counts.clone()))?;
        }
        Ok(made)
    }

    /// Where all figures of the server are gathered; the program adds its own.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// How deliveries went since the start.
    #[must_use]
    pub fn attempts(&self) -> Attempts {
        let count = |outcome: &str| {
            self.deliver.get_metric_with_label_values(&[outcome]).map_or(0, |times| times.get_sample_count())
        };
        let failed = OUTCOMES.iter().filter(|outcome| **outcome != ACCEPTED).map(|outcome| count(outcome)).sum();
        Attempts { delivered: count(ACCEPTED), failed }
    }

    pub(crate) const fn signing(&self) -> &Histogram {
        &self.sign
    }

    /// Times one check of a signature.
    pub(crate) fn verifying<T>(&self, check: impl FnOnce() -> T) -> T {
        self.verify.observe_closure_duration(check)
    }

    /// Times one delivery.
    pub(crate) async fn delivering(&self, sending: impl Future<Output = Delivered>) -> Delivered {
        self.in_flight.inc();
        let flying = Flying(self.in_flight.clone());
        let began = Instant::now();
        let delivered = sending.await;
        drop(flying);
        if let Ok(times) = self.deliver.get_metric_with_label_values(&[outcome(delivered.outcome)]) {
            times.observe(began.elapsed().as_secs_f64());
        }
        delivered
    }

    /// Counts a refusal.
    pub(crate) fn refused(&self, reason: &'static str) {
        count(&self.refused, reason);
    }

    /// Counts a believed activity: `applied`, `kept` or `turned_away`.
    pub(crate) fn activity(&self, came_to: &'static str) {
        count(&self.activities, came_to);
    }

    /// Counts a fetch.
    pub(crate) fn fetched<T>(&self, fetched: Result<T, FetchProblem>) -> Result<T, FetchProblem> {
        count(&self.fetches, fetched.as_ref().map_or_else(|problem| problem.class(), |_| "fetched"));
        fetched
    }

    /// Counts a worker that was begun again: it `failed`, `panicked` or was `stuck`.
    pub fn restarted(&self, why: &'static str) {
        count(&self.restarts, why);
    }
}

const ACCEPTED: &str = "accepted";
const OUTCOMES: [&str; 5] = [ACCEPTED, "gone", "refused", "forbidden", "retry"];

const fn outcome(outcome: Delivery) -> &'static str {
    match outcome {
        Delivery::Accepted => ACCEPTED,
        Delivery::Gone => "gone",
        Delivery::Refused(_) => "refused",
        Delivery::Forbidden(_) => "forbidden",
        Delivery::Retry { .. } => "retry",
    }
}

fn counter(name: &str, help: &str, label: &str) -> prometheus::Result<IntCounterVec> {
    IntCounterVec::new(Opts::new(name, help), &[label])
}

fn count(counts: &IntCounterVec, word: &'static str) {
    if let Ok(counter) = counts.get_metric_with_label_values(&[word]) {
        counter.inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{client::RetryReason, signing::Scheme};

    #[tokio::test]
    async fn deliveries_are_counted_by_outcome_and_are_in_flight_until_they_end() {
        let metrics = Metrics::new().unwrap();
        let delivered = |outcome| Delivered { outcome, scheme: Scheme::Cavage };
        let during = metrics.clone();
        let sending = async move {
            assert_eq!(during.in_flight.get(), 1);
            delivered(Delivery::Accepted)
        };
        metrics.delivering(sending).await;
        let retry = Delivery::Retry { after: None, why: RetryReason::Redirect };
        for outcome in [retry, Delivery::Gone, Delivery::Refused(403)] {
            metrics.delivering(async { delivered(outcome) }).await;
        }
        assert_eq!(metrics.in_flight.get(), 0);
        assert_eq!(metrics.attempts(), Attempts { delivered: 1, failed: 3 });
        // One that is broken off is not in flight any more, either.
        let mut broken = Box::pin(metrics.delivering(std::future::pending()));
        assert!(futures_util::poll!(&mut broken).is_pending());
        assert_eq!(metrics.in_flight.get(), 1);
        drop(broken);
        assert_eq!(metrics.in_flight.get(), 0);
    }
}
