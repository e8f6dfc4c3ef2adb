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
    total: Count,
    hosts: HashMap<String, Count>,
}

#[derive(Default, Clone, Copy)]
struct Count {
    /// By all nodes, as far as is known here.
    used: u32,
    /// By this node, and not yet told to the others.
    untold: u32,
}

impl Count {
    fn take(&mut self) {
        self.used = self.used.saturating_add(1);
        self.untold = self.untold.saturating_add(1);
    }
}

/// What one node counted in a minute and the others don't know yet: by host, `""` for all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// Minutes since 1970.
    pub minute: i64,
    /// How many for whom.
    pub counts: Vec<(String, i64)>,
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
        let used = state.hosts.get(host).map(|count| count.used);
        let full = used.is_none() && state.hosts.len() >= self.max_hosts;
        if state.total.used >= self.overall || used.unwrap_or(0) >= self.per_host || full {
            return Err(BudgetSpent);
        }
        state.total.take();
        state.hosts.entry(host.to_owned()).or_default().take();
        Ok(())
    }

    /// What the other nodes don't know yet, if there is anything; it counts as told from now on. Of hosts that used
    /// less than an eighth of what they may, nobody is told: they are many, and far from the limit.
    pub fn untold(&self) -> Option<Untold> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let tell = |host: &str, count: &mut Count, most: u32| {
            let near = count.untold > 0 && count.used.saturating_mul(8) >= most;
            near.then(|| (host.to_owned(), i64::from(std::mem::take(&mut count.untold))))
        };
        let overall = tell("", &mut state.total, self.overall);
        let mut counts = Vec::from_iter(overall);
        counts.extend(state.hosts.iter_mut().filter_map(|(host, count)| tell(host, count, self.per_host)));
        (!counts.is_empty()).then_some(Untold { minute: state.number, counts })
    }

    /// Takes over what all nodes have counted together in that minute, this one included.
    pub fn learn<'a>(&self, minute: i64, totals: impl Iterator<Item = (&'a str, i64)>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.number != minute {
            return;
        }
        for (host, total) in totals {
            let count = if host.is_empty() { Some(&mut state.total) } else { state.hosts.get_mut(host) };
            if let Some(count) = count {
                // What was counted here since it was told is not in the total.
                count.used = u32::try_from(total).unwrap_or(u32::MAX).saturating_add(count.untold);
            }
        }
    }
}

impl Default for FetchRates {
    /// 60 per minute and host, 300 overall.
    fn default() -> Self {
        Self::new(60, 300)
    }
}
