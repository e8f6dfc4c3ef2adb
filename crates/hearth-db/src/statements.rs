//! Every statement that the database is asked, for tests that count them: a round trip more in the path of every received
//! activity is felt on a busy server, and no timing shows it on a noisy machine. Only in builds for tests.

use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
use std::sync::{Mutex, PoisonError};

static ASKED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Writes down what connections ask that are opened from now on, in this whole process.
///
/// # Panics
/// When diesel's own lock is poisoned.
#[expect(clippy::expect_used, reason = "in builds for tests only")]
pub fn watch() {
    let watcher = || -> Option<Box<dyn diesel::connection::Instrumentation>> {
        Some(Box::new(|event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                ASKED.lock().unwrap_or_else(PoisonError::into_inner).push(query.to_string());
            }
        }))
    };
    set_default_instrumentation(watcher).expect("nobody panicked while it was set");
}

/// What was asked since the last time, in order.
#[must_use]
pub fn taken() -> Vec<String> {
    std::mem::take(&mut ASKED.lock().unwrap_or_else(PoisonError::into_inner))
}
