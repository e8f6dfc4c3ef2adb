//! How often something may be tried: signing in, joining, setting up (threats AC-02).
//!
//! Kept in memory only. It must never reach a log or a page whose address it was, and it forgets within an hour.

use chrono::{DateTime, Duration, Utc};
use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// Most keys that are remembered; beyond it the oldest tries are forgotten first.
const MOST_KEYS: usize = 20_000;

/// A rule: how many tries in how long.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// What is tried; keeps the counts of different things apart.
    pub what: &'static str,
    /// Tries that are let through.
    pub tries: usize,
    /// The time they are counted over.
    pub within: Duration,
}

/// Signing in, for one network.
pub const SIGN_IN: Rule = Rule { what: "sign-in", tries: 10, within: Duration::minutes(5) };
/// Signing in, for one sign-in name.
pub const SIGN_IN_NAME: Rule = Rule { what: "sign-in name", tries: 25, within: Duration::hours(1) };
/// Asking for an account, for one network.
pub const JOIN: Rule = Rule { what: "join", tries: 20, within: Duration::hours(1) };
/// Trying a set-up code, for one network.
pub const SET_UP: Rule = Rule { what: "set-up", tries: 20, within: Duration::minutes(15) };
/// Asking other servers, for one account.
pub const LOOK_UP: Rule = Rule { what: "look-up", tries: 60, within: Duration::minutes(10) };

type Tries = HashMap<(&'static str, String), VecDeque<DateTime<Utc>>>;

/// The tries of the last hour.
#[derive(Debug, Default)]
pub struct Limits(Mutex<Tries>);

impl Limits {
    /// Counts a try.
    ///
    /// # Errors
    /// How long to wait, when there were too many; the try is not counted then.
    pub fn count(&self, rule: Rule, who: &str, now: DateTime<Utc>) -> Result<(), Duration> {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= MOST_KEYS {
            let hour_ago = now - Duration::hours(1);
            tries.retain(|_, times| times.back().is_some_and(|last| *last > hour_ago));
            if tries.len() >= MOST_KEYS {
                tries.clear();
            }
        }
        let times = tries.entry((rule.what, who.to_owned())).or_default();
        let start = now - rule.within;
        while times.front().is_some_and(|first| *first <= start) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= rule.tries => Err(*first + rule.within - now),
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }
}

/// The key of a network: the address itself, or the /64 of an IPv6 address. `forwarded` (the last entry of
/// X-Forwarded-For) counts only where the peer is this machine, that is, a reverse proxy beside us.
#[must_use]
pub fn network(peer: Option<IpAddr>, forwarded: Option<&str>) -> String {
    let beside_us = peer.is_none_or(|peer| peer.is_loopback());
    let told = forwarded.and_then(|list| list.rsplit(',').next()).and_then(|last| last.trim().parse::<IpAddr>().ok());
    match told.filter(|_| beside_us).or(peer) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => (address.to_bits() >> 64).to_string(),
        },
        None => "unknown".to_owned(),
    }
}

/// "in about a minute", "in about 12 minutes", "in about an hour".
#[must_use]
pub fn wait_words(wait: Duration) -> String {
    match (wait.num_seconds() + 59) / 60 {
        ..=1 => "in about a minute".to_owned(),
        minutes @ 2..=50 => format!("in about {minutes} minutes"),
        _ => "in about an hour".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_counted_over_a_time() {
        let limits = Limits::default();
        let start: DateTime<Utc> = "2026-03-10T18:00:00Z".parse().unwrap();
        for n in 0..SIGN_IN.tries {
            assert!(limits.count(SIGN_IN, "a", start).is_ok(), "{n}");
        }
        assert_eq!(limits.count(SIGN_IN, "a", start + Duration::seconds(60)), Err(Duration::seconds(240)));
        assert!(limits.count(SIGN_IN, "b", start).is_ok());
        assert!(limits.count(JOIN, "a", start).is_ok());
        assert!(limits.count(SIGN_IN, "a", start + SIGN_IN.within).is_ok());
    }

    #[test]
    fn networks() {
        for (peer, forwarded, key) in [
            ("192.0.2.7", None, "192.0.2.7"),
            ("192.0.2.7", Some("198.51.100.1"), "192.0.2.7"),
            ("127.0.0.1", Some("203.0.113.5, 198.51.100.1"), "198.51.100.1"),
            ("127.0.0.1", Some("nonsense"), "127.0.0.1"),
            ("::ffff:192.0.2.7", None, "192.0.2.7"),
        ] {
            assert_eq!(network(peer.parse().ok(), forwarded), key, "{peer} {forwarded:?}");
        }
        let one = network("2001:db8:1:2::1".parse().ok(), None);
        assert_eq!(one, network("2001:db8:1:2:ffff::9".parse().ok(), None));
        assert_ne!(one, network("2001:db8:1:3::1".parse().ok(), None));
    }

    #[test]
    fn waits_in_words() {
        assert_eq!(wait_words(Duration::seconds(20)), "in about a minute");
        assert_eq!(wait_words(Duration::seconds(240)), "in about 4 minutes");
        assert_eq!(wait_words(Duration::minutes(59)), "in about an hour");
    }
}
