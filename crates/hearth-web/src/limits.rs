//! Who tries, and how long to wait, in words. What may be tried how often stands in `hearth_actions::tries`.
//!
//! Must never reach a log or a page whose address it was.

use chrono::Duration;
use std::net::IpAddr;

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
