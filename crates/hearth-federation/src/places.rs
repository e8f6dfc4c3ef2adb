//! How many deliveries one server gets at the same time: as many as it takes without getting slower.
//!
//! A server begins with four places (reliability.md section 3). Each answer that comes while all its places are taken, and
//! comes about as quickly as its quickest, opens another one; an answer that took much longer closes one, and a failure
//! all but the first four. So a server far away gets what one nearby gets, and one with much to do is not pressed further.
//! This is how TCP Vegas (Brakmo and Peterson, 1995) finds its window.
//!
//! Must never: remember servers that nothing is sent to, or open places beyond the limit.

use crate::Limits;
use std::{collections::HashMap, time::Duration};

/// An answer that took so many times the quickest one, and `GRACE` on top, says that the server has enough to do.
const SLOWER: u32 = 2;
/// What our own turns at signing and at the database may add.
const GRACE: Duration = Duration::from_millis(50);

/// The places of the servers that something is being sent to.
#[derive(Debug)]
pub(crate) struct Places {
    first: i64,
    most: i64,
    hosts: HashMap<String, Host>,
}

#[derive(Debug)]
struct Host {
    places: i64,
    flying: i64,
    /// The shortest time an answer took.
    quickest: Option<Duration>,
}

impl Places {
    /// Every server begins with the places these limits give.
    pub(crate) fn new(limits: &Limits) -> Self {
        let first = limits.deliveries_per_host;
        Self { first, most: limits.deliveries_per_host_most.max(first), hosts: HashMap::new() }
    }

    /// The places of one server.
    pub(crate) fn of(&self, host: &str) -> i64 {
        self.hosts.get(host).map_or(self.first, |host| host.places)
    }

    /// Something was sent there.
    pub(crate) fn sent(&mut self, host: &str) {
        let new = Host { places: self.first, flying: 0, quickest: None };
        self.hosts.entry(host.to_owned()).or_insert(new).flying += 1;
    }

    /// It came back: after so long, or the server failed.
    pub(crate) fn came_back(&mut self, host: &str, took: Option<Duration>) {
        let (first, most) = (self.first, self.most);
        let Some(known) = self.hosts.get_mut(host) else { return };
        match took {
            None => known.places = first,
            Some(took) => {
                let quickest = *known.quickest.insert(known.quickest.map_or(took, |quickest| quickest.min(took)));
                if took > quickest * SLOWER + GRACE {
                    known.places = (known.places - 1).max(first);
                } else if known.flying >= known.places {
                    known.places = (known.places + 1).min(most);
                }
            }
        }
        known.flying -= 1;
        if known.flying <= 0 {
            self.hosts.remove(host);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAR: Option<Duration> = Some(Duration::from_millis(300));
    const SLOW: Option<Duration> = Some(Duration::from_millis(900));

    fn filled(places: &mut Places) {
        let flying = places.hosts.get("elm.test").map_or(0, |host| host.flying);
        (flying..places.of("elm.test")).for_each(|_| places.sent("elm.test"));
    }

    /// All that is in flight comes back so, and new ones take the places.
    fn round(places: &mut Places, took: Option<Duration>) -> i64 {
        filled(places);
        for _ in 0..places.of("elm.test") {
            places.came_back("elm.test", took);
            filled(places);
        }
        places.of("elm.test")
    }

    #[test]
    fn a_server_that_keeps_its_pace_gets_more_up_to_the_limit() {
        let mut places = Places::new(&Limits::default());
        assert_eq!((places.of("elm.test"), places.of("fir.test")), (4, 4));
        assert_eq!(round(&mut places, FAR), 8);
        assert_eq!(round(&mut places, FAR), 16);
        assert_eq!(round(&mut places, FAR), 16, "no further");
        assert_eq!(places.of("fir.test"), 4);
    }

    #[test]
    fn one_that_gets_slower_gets_fewer_and_one_that_fails_begins_anew() {
        let mut places = Places::new(&Limits::default());
        round(&mut places, FAR);
        let before = places.of("elm.test");
        places.came_back("elm.test", SLOW);
        assert_eq!(places.of("elm.test"), before - 1);
        assert_eq!(round(&mut places, SLOW), 4, "never fewer than the first");
        round(&mut places, FAR);
        places.came_back("elm.test", None);
        assert_eq!(places.of("elm.test"), 4);
    }

    #[test]
    fn free_places_open_no_others() {
        let mut places = Places::new(&Limits::default());
        for _ in 0..9 {
            (0..3).for_each(|_| places.sent("elm.test"));
            (0..3).for_each(|_| places.came_back("elm.test", FAR));
        }
        assert_eq!(places.of("elm.test"), 4);
        assert!(places.hosts.is_empty(), "nothing is kept of servers nothing is sent to");
    }
}
