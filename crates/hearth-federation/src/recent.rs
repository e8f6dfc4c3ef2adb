//! What happened a short while ago, kept in memory: which actors could not be fetched, which keys were just renewed.
//!
//! Must never: grow without bound by names that strangers invent, or keep an address: only hashes are kept.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_actions::secret;
use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A bounded set of things that are remembered for a fixed time.
pub(crate) struct Recent {
    lasts: TimeDelta,
    most: usize,
    at: Mutex<HashMap<String, DateTime<Utc>>>,
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recent({} s)", self.lasts.num_seconds())
    }
}

impl Recent {
    /// Remembers up to `most` things for `lasts`.
    pub(crate) fn new(lasts: TimeDelta, most: usize) -> Self {
        Self { lasts, most, at: Mutex::default() }
    }

    /// Whether it was noted a short while ago.
    pub(crate) fn holds(&self, what: &str, now: DateTime<Utc>) -> bool {
        self.lock().get(&secret::activity_hash(what)).is_some_and(|at| self.is_fresh(*at, now))
    }

    /// Notes it, unless it is noted already. `false` when it is, or when too much is noted: then no more may be done.
    pub(crate) fn note(&self, what: &str, now: DateTime<Utc>) -> bool {
        let mut at = self.lock();
        let hash = secret::activity_hash(what);
        if at.get(&hash).is_some_and(|at| self.is_fresh(*at, now)) {
            return false;
        }
        if at.len() >= self.most {
            at.retain(|_, at| self.is_fresh(*at, now));
        }
        if at.len() >= self.most {
            return false;
        }
        at.insert(hash, now);
        true
    }

    /// A clock that jumped back makes nothing last longer.
    fn is_fresh(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now.signed_duration_since(at).abs() < self.lasts
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, DateTime<Utc>>> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::testkeys::now;

    #[test]
    fn things_are_noted_once_and_forgotten() {
        let recent = Recent::new(TimeDelta::minutes(5), 2);
        assert!(recent.note("a", now()) && !recent.note("a", now()));
        assert!(recent.holds("a", now()) && !recent.holds("b", now()));
        assert!(recent.note("b", now()));
        assert!(!recent.note("c", now()), "full");
        let later = now() + TimeDelta::minutes(5);
        assert!(!recent.holds("a", later));
        assert!(recent.note("c", later), "what is old makes room");
    }
}
