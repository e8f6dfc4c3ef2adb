//! Which IP addresses may be connected to, checked at the moment of connecting (threats FO-01 to FO-04).
//!
//! Allowed is global unicast only; everything in IANA's special-purpose registries is not, in every notation that
//! can carry it. The library's `ValidatingDnsResolver` is not built upon: it lets 192.0.0.0/24, 198.18.0.0/15,
//! 192.88.99.0/24, Teredo and fec0::/10 pass, and an environment variable switches it off (L11).
//!
//! Must never: have a switch that turns the check off. A literal IP in a URL is not resolved at all, so `origin`
//! refuses those before.

use std::{
    collections::BTreeSet,
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use futures_util::future::BoxFuture;
use hearth_db::fault;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

#[cfg(test)]
mod tests;

/// IPv4 blocks that are not public unicast: IANA's special-purpose registry, multicast and class E.
const BLOCKED_V4: [([u8; 4], u32); 20] = [
    ([0, 0, 0, 0], 8),        // this network; reaches loopback on Linux
    ([10, 0, 0, 0], 8),       // private
    ([100, 64, 0, 0], 10),    // shared address space
    ([127, 0, 0, 0], 8),      // loopback
    ([168, 63, 129, 16], 32), // a cloud's host service, outside the registry but never a peer
    ([169, 254, 0, 0], 16),   // link-local, cloud metadata
    ([172, 16, 0, 0], 12),    // private
    ([192, 0, 0, 0], 24),     // protocol assignments
    ([192, 0, 2, 0], 24),     // documentation
    ([192, 31, 196, 0], 24),  // AS112
    ([192, 52, 193, 0], 24),  // AMT
    ([192, 88, 99, 0], 24),   // 6to4 relay
    ([192, 168, 0, 0], 16),   // private
    ([192, 175, 48, 0], 24),  // AS112
    ([198, 18, 0, 0], 15),    // benchmarking
    ([198, 51, 100, 0], 24),  // documentation
    ([203, 0, 113, 0], 24),   // documentation
    ([224, 0, 0, 0], 4),      // multicast
    ([240, 0, 0, 0], 4),      // reserved
    ([255, 255, 255, 255], 32),
];

/// Blocks inside 2000::/3 that are not public unicast. All outside 2000::/3 is refused without a list.
const BLOCKED_V6: [([u16; 8], u32); 5] = [
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), // protocol assignments: Teredo, benchmarking, ORCHID
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), // documentation
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), // 6to4: carries any IPv4 address
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), // AS112
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), // documentation
];

/// Whether an address is public unicast, so that a peer may live there.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    !BLOCKED_V4.iter().any(|(network, length)| {
        let shift = 32 - length;
        bits >> shift == Ipv4Addr::from(*network).to_bits() >> shift
    })
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = embedded_v4(address) {
        return is_public_v4(inner);
    }
    let bits = address.to_bits();
    let global_unicast = bits >> 125 == 0b001;
    global_unicast
        && !BLOCKED_V6.iter().any(|(network, length)| {
            let shift = 128 - length;
            bits >> shift == Ipv6Addr::from(*network).to_bits() >> shift
        })
}

/// The IPv4 address an IPv6 address stands for when it is mapped (`::ffff:0:0/96`) or NAT64 (`64:ff9b::/96`).
/// Compatible addresses (`::/96`), 6to4 and Teredo have no business today: they are refused as a whole.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Some(mapped);
    }
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low))),
        _ => None,
    }
}

/// Why a name gave no address to connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// The name was not found, or the name service did not answer. Worth another try.
    #[error("the server's name could not be resolved")]
    NotFound,
    /// At least one of the answers is not a public address.
    #[error("the server's name points into a private network")]
    NotPublic,
}

/// Looks up a name: the system's resolver, or a stub in tests and fault injection.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The resolver of every outgoing connection. It refuses a name as soon as *one* of its answers is not public, and
/// hands the checked addresses themselves to the connection, so nothing is resolved a second time.
#[derive(Clone)]
pub struct GuardedResolver {
    lookup: Lookup,
    /// Names that may be private: the targets of the development network. Empty in production.
    exempt: Arc<BTreeSet<String>>,
}

impl fmt::Debug for GuardedResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GuardedResolver({} exempt)", self.exempt.len())
    }
}

impl GuardedResolver {
    /// A resolver upon the system's name service.
    pub fn system() -> Self {
        Self::with_lookup(Arc::new(|name| {
            Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect()) })
        }))
    }

    /// A resolver upon another look-up. The answers are checked all the same.
    pub fn with_lookup(lookup: Lookup) -> Self {
        Self { lookup, exempt: Arc::default() }
    }

    /// The same, with names that may be private. Only the development client uses this.
    pub(crate) fn exempting<'a>(&self, names: impl Iterator<Item = &'a str>) -> Self {
        Self { lookup: Arc::clone(&self.lookup), exempt: Arc::new(names.map(str::to_owned).collect()) }
    }

    /// The checked addresses of a name.
    ///
    /// # Errors
    /// [`ResolveError::NotFound`] without an answer, [`ResolveError::NotPublic`] when one answer is not public.
    pub async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let exempt = self.exempt.contains(&name);
        let found = (self.lookup)(name).await.map_err(|_| ResolveError::NotFound)?;
        fault::point("resolver.answer").map_err(|_| ResolveError::NotFound)?;
        if found.is_empty() {
            return Err(ResolveError::NotFound);
        }
        if !exempt && !found.iter().all(|address| is_public(*address)) {
            return Err(ResolveError::NotPublic);
        }
        Ok(found.into_iter().map(|address| address.to_canonical()).collect())
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let found = resolver.addresses(name.as_str()).await?;
            // reqwest replaces port 0 by the URL's.
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}
