//! Whose name is it? Checks of remote ids and hosts, and the development network's map of names to places.
//!
//! A remote id has one canonical form (threats FI-24): https, default port, no user name, a lower-case A-label name
//! with at least two labels, no final dot, no IP literal, and not our own host. The one exception are the origins
//! literally named in `HEARTH_DEV_PEERS`.
//!
//! Must never: resolve names (that is `resolver`), or widen the exception to anything not literally named.

use std::{collections::BTreeMap, fmt, sync::Arc};

use http::HeaderValue;
use url::{Host, Origin, Url};

#[cfg(test)]
mod tests;

/// The longest id accepted, in bytes (threats FI-25).
pub const MAX_ID: usize = 2_048;

/// Why a URL is not an acceptable remote address. Carries no part of the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Not an absolute URL, too long, or with characters an id may not have.
    #[error("this is not a usable web address")]
    Malformed,
    /// Neither https nor a development origin.
    #[error("only https addresses are accepted")]
    Scheme,
    /// A user name or password in the URL.
    #[error("an address with a user name is not accepted")]
    UserInfo,
    /// A port other than 443.
    #[error("an address with a port is not accepted")]
    Port,
    /// An IP address in place of a name.
    #[error("an address needs a name, not a number")]
    IpLiteral,
    /// A name that cannot be a public one: a single label, a final dot, an odd character.
    #[error("this server name is not acceptable")]
    Name,
    /// Our own host: nothing there comes from the network.
    #[error("this address is our own")]
    OwnHost,
    /// `HEARTH_DEV_PEERS` cannot be read.
    #[error("HEARTH_DEV_PEERS must be a list like elm.test=http://127.0.0.1:8002")]
    DevPeers,
}

/// Whether two URLs have the same origin: scheme, host and port (FEP-fe34). URLs without one (`data:`) never do.
pub fn same_origin(a: &Url, b: &Url) -> bool {
    let (a, b) = (a.origin(), b.origin());
    a.is_tuple() && a == b
}

/// Where a request really goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The URL to connect to.
    pub url: Url,
    /// The `Host` to send when it differs from that URL's.
    pub host: Option<HeaderValue>,
    /// Whether this is a development origin, which may be plain http and loopback.
    pub dev: bool,
}

/// The development network: which origins are reached elsewhere. Empty in production.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct DevPeers(Arc<BTreeMap<String, Url>>);

impl fmt::Debug for DevPeers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DevPeers({} origins)", self.0.len())
    }
}

impl DevPeers {
    /// Reads `NAME_OR_ORIGIN=BASE,…`. A bare name stands for `https://NAME`; an origin may be plain http and have a
    /// port. BASE is scheme, host and port of where it is reached. Only for `--dev` and tests.
    ///
    /// # Errors
    /// [`OriginError::DevPeers`] when an entry does not have this form or an origin is named twice.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let mut map = BTreeMap::new();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (name, base) = entry.split_once('=').ok_or(OriginError::DevPeers)?;
            let origin =
                if name.contains("://") { bare_origin(name)? } else { bare_origin(&format!("https://{name}"))? };
            if map.insert(origin.origin().ascii_serialization(), bare_origin(base)?).is_some() {
                return Err(OriginError::DevPeers);
            }
        }
        Ok(Self(Arc::new(map)))
    }

    /// Whether there are none, as in production.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where this origin is really reached, if it is literally named.
    pub fn base_of(&self, origin: &Origin) -> Option<&Url> {
        if origin.is_tuple() { self.0.get(&origin.ascii_serialization()) } else { None }
    }

    /// The names that stand on the right-hand side, for the development resolver.
    pub(crate) fn target_names(&self) -> impl Iterator<Item = &str> {
        self.0.values().filter_map(Url::domain)
    }
}

/// An http(s) URL that is nothing but its origin.
fn bare_origin(text: &str) -> Result<Url, OriginError> {
    let url = Url::parse(text.trim()).map_err(|_| OriginError::DevPeers)?;
    let bare = matches!(url.scheme(), "http" | "https")
        && url.host().is_some()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if bare { Ok(url) } else { Err(OriginError::DevPeers) }
}

/// Which remote addresses are acceptable here: the one place that answers it for the gate, the client and the library.
#[derive(Debug, Clone)]
pub struct RemotePolicy {
    own_hosts: Arc<Vec<String>>,
    dev: DevPeers,
}

impl RemotePolicy {
    /// `own_hosts` are the values of `Host` that are ours (a name, or in dev also `127.0.0.1:8001`).
    pub fn new<S: AsRef<str>>(own_hosts: impl IntoIterator<Item = S>, dev: DevPeers) -> Self {
        let own_hosts = own_hosts.into_iter().map(|host| host.as_ref().to_ascii_lowercase()).collect();
        Self { own_hosts: Arc::new(own_hosts), dev }
    }

    /// The `Host` values that are ours, in lower case.
    pub fn own_hosts(&self) -> &[String] {
        &self.own_hosts
    }

    /// The development network's map.
    pub fn dev_peers(&self) -> &DevPeers {
        &self.dev
    }

    /// Parses a remote id as it stands in a document and checks it. Upper-case host letters are folded;
    /// anything but visible ASCII is refused, so that an id can be compared byte by byte.
    ///
    /// # Errors
    /// The first [`OriginError`] that applies.
    pub fn parse(&self, text: &str) -> Result<Url, OriginError> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        if !visible || text.len() > MAX_ID {
            return Err(OriginError::Malformed);
        }
        let url = Url::parse(text).map_err(|_| OriginError::Malformed)?;
        self.check(&url)?;
        // The WHATWG reader also takes `https:host` and `https:////host`: others would read another place there.
        let plain = text.split_once("://").is_some_and(|(scheme, rest)| {
            scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) && names_host(rest, &url)
        });
        if !plain {
            return Err(OriginError::Malformed);
        }
        Ok(url)
    }

    /// Checks that a URL is a canonical remote address.
    ///
    /// # Errors
    /// The first [`OriginError`] that applies.
    pub fn check(&self, url: &Url) -> Result<(), OriginError> {
        if url.as_str().len() > MAX_ID {
            return Err(OriginError::Malformed);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::UserInfo);
        }
        if self.is_own(url) {
            return Err(OriginError::OwnHost);
        }
        if self.dev.base_of(&url.origin()).is_some() {
            return Ok(());
        }
        check_public(url)
    }

    /// Whether the URL points at this server, whatever its scheme and with or without its port.
    pub fn is_own(&self, url: &Url) -> bool {
        let Some(host) = url.host_str().map(|host| host.trim_end_matches('.').to_ascii_lowercase()) else {
            return false;
        };
        let with_port = url.port_or_known_default().map(|port| format!("{host}:{port}"));
        self.own_hosts.iter().any(|own| *own == host || Some(own) == with_port.as_ref())
    }

    /// Where to connect for this URL. The scheme, name and path of `url` stay what is signed and stored.
    ///
    /// # Errors
    /// As [`RemotePolicy::check`].
    pub fn reach(&self, url: &Url) -> Result<Reach, OriginError> {
        self.check(url)?;
        let Some(base) = self.dev.base_of(&url.origin()) else {
            return Ok(Reach { url: url.clone(), host: None, dev: false });
        };
        let mut target = url.clone();
        target.set_scheme(base.scheme()).map_err(|()| OriginError::Scheme)?;
        target.set_host(base.host_str()).map_err(|_| OriginError::Name)?;
        target.set_port(base.port()).map_err(|()| OriginError::Port)?;
        let host = crate::signing::authority(url).map_err(|_| OriginError::Name)?;
        let host = HeaderValue::from_str(&host).map_err(|_| OriginError::Name)?;
        Ok(Reach { url: target, host: Some(host), dev: true })
    }
}

/// Whether what stands after `://` names the very host that was read from it: one behind `%` is another text for others.
fn names_host(rest: &str, url: &Url) -> bool {
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    url.host_str().is_some_and(|read| read.starts_with('[') || host.eq_ignore_ascii_case(read))
}

fn check_public(url: &Url) -> Result<(), OriginError> {
    if url.scheme() != "https" {
        return Err(OriginError::Scheme);
    }
    match url.host() {
        None => return Err(OriginError::Malformed),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Err(OriginError::IpLiteral),
        Some(Host::Domain(name)) => check_name(name)?,
    }
    // `Url` has already dropped an explicit 443.
    if url.port().is_some() { Err(OriginError::Port) } else { Ok(()) }
}

/// Checks a host name: lower-case letters, digits and hyphens, at least two labels, no final dot (RFC 1123, RFC 5890).
///
/// # Errors
/// [`OriginError::Name`] otherwise.
pub fn check_name(name: &str) -> Result<(), OriginError> {
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    let numeric_end = name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    let reserved = name.ends_with(".localhost") || name.ends_with(".local") || name.ends_with(".onion");
    if name.len() > 253 || !name.contains('.') || numeric_end || reserved || !name.split('.').all(label_ok) {
        return Err(OriginError::Name);
    }
    Ok(())
}
