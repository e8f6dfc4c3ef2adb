//! How much may be fetched because of what others send (threats FO-13): per chain of calls, per host, and overall.
//!
//! Must never: keep a row for every host name an attacker can invent.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use chrono::{DateTime, Utc};

/// The budget is spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many fetches for one request")]
pub struct BudgetSpent;

/// The fetches one incoming activity may cause, all clones together.
#[derive(Debug, Clone)]
pub struct FetchBudget(Arc<AtomicU32>);

impl FetchBudget {
    /// The most fetches per activity.
    pub const PER_ACTIVITY: u32 = 20;

    /// A budget of so many fetches.
    pub fn new(fetches: u32) -> Self {
        Self(Arc::new(AtomicU32::new(fetches)))
    }

    /// Takes one fetch. Call it before every fetch.
    ///
    /// # Errors
    /// [`BudgetSpent`] when none is left.
    pub fn take(&self) -> Result<(), BudgetSpent> {
        let taken = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        taken.map(drop).map_err(|_| BudgetSpent)
    }

    /// How many are left.
    pub fn left(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Default for FetchBudget {
    fn default() -> Self {
        Self::new(Self::PER_ACTIVITY)
    }
}

/// Fetches per minute: caused by one sending host, and overall.
pub struct FetchRates {
    per_host: u32,
    overall: u32,
    max_hosts: usize,
    state: Mutex<Minute>,
}

#[derive(Default)]
struct Minute {
    /// Minutes since 1970.
    number: i64,
    total: u32,
    hosts: HashMap<String, u32>,
}

impl fmt::Debug for FetchRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FetchRates({} per host, {} overall)", self.per_host, self.overall)
    }
}

impl FetchRates {
    /// So many per minute and sending host, and so many overall.
    pub fn new(per_host: u32, overall: u32) -> Self {
        Self { per_host, overall, max_hosts: 10_000, state: Mutex::default() }
    }

    /// Counts a fetch that `host` caused.
    ///
    /// # Errors
    /// [`BudgetSpent`] when this minute's fetches are used up; it is not counted then.
    pub fn take(&self, host: &str, now: DateTime<Utc>) -> Result<(), BudgetSpent> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let number = now.timestamp().div_euclid(60);
        if state.number != number {
            *state = Minute { number, ..Minute::default() };
        }
        let used = state.hosts.get(host).copied();
        let full = used.is_none() && state.hosts.len() >= self.max_hosts;
        if state.total >= self.overall || used.unwrap_or(0) >= self.per_host || full {
            return Err(BudgetSpent);
        }
        state.total = state.total.saturating_add(1);
        *state.hosts.entry(host.to_owned()).or_default() += 1;
        Ok(())
    }
}

impl Default for FetchRates {
    /// 60 per minute and host, 300 overall.
    fn default() -> Self {
        Self::new(60, 300)
    }
}
