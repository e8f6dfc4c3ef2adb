//! Addresses: ids on the network, handles, and what a person may type to find someone.
//!
//! Nothing here looks anything up.

use url::{Host, Url};

/// Longest id taken from the network, in bytes (threats FI-25).
pub const AP_ID_MAX: usize = 2_048;

/// The id of an actor, object or activity: an absolute URL in its canonical spelling.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApId(Url);

/// Why a URL cannot be an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an address on the network")]
pub struct BadAddress;

impl ApId {
    /// The URL.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.0
    }
    /// The spelling that is stored and compared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
    /// Host, with the port where one is written: the name of the server.
    #[must_use]
    pub fn host(&self) -> String {
        host_of(&self.0)
    }
    /// Whether both have the same scheme, host and port (FEP-fe34).
    #[must_use]
    pub fn same_origin(&self, other: &Self) -> bool {
        self.0.origin() == other.0.origin()
    }
}

/// Host of a URL, with its port where one is written.
#[must_use]
pub fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

impl TryFrom<Url> for ApId {
    type Error = BadAddress;
    fn try_from(url: Url) -> Result<Self, BadAddress> {
        let web = matches!(url.scheme(), "https" | "http");
        let plain = url.username().is_empty() && url.password().is_none();
        if web && plain && url.host_str().is_some_and(|h| !h.is_empty()) && url.as_str().len() <= AP_ID_MAX {
            Ok(Self(url))
        } else {
            Err(BadAddress)
        }
    }
}
impl std::str::FromStr for ApId {
    type Err = BadAddress;
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        Url::parse(text).map_err(|_| BadAddress)?.try_into()
    }
}
impl TryFrom<String> for ApId {
    type Error = BadAddress;
    fn try_from(text: String) -> Result<Self, BadAddress> {
        text.parse()
    }
}
impl From<ApId> for Url {
    fn from(id: ApId) -> Self {
        id.0
    }
}
impl std::fmt::Display for ApId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str())
    }
}
impl std::fmt::Debug for ApId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApId({})", self.0)
    }
}

/// A name at a server, as in `@tea_and_talk@h.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle {
    /// The part before the server's name, lower case.
    pub name: String,
    /// The server's name as an A-label, lower case, with a port where one was typed.
    pub host: String,
}

impl std::fmt::Display for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "@{}@{}", self.name, self.host)
    }
}

/// What somebody typed into the one search box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// `@name@server`, `name@server` or `!name@server`.
    Handle(Handle),
    /// A link.
    Link(ApId),
    /// Anything else: words to look for here.
    Words(String),
}

/// Reads the search box. Never fails: what is no address is taken as words.
#[must_use]
pub fn read_lookup(typed: &str) -> Lookup {
    let typed = crate::text::cut(&crate::text::line(typed), 300);
    if let Some(handle) = read_handle(&typed) {
        return Lookup::Handle(handle);
    }
    let link = typed.starts_with("https://") || typed.starts_with("http://");
    match typed.parse() {
        Ok(id) if link => Lookup::Link(id),
        _ => Lookup::Words(typed),
    }
}

fn read_handle(typed: &str) -> Option<Handle> {
    let bare = typed.strip_prefix("acct:").unwrap_or(typed);
    let bare = bare.strip_prefix(['@', '!']).unwrap_or(bare);
    let (name, host) = bare.split_once('@')?;
    let good_name = !name.is_empty()
        && name.len() <= 64
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let host = canonical_host(host)?;
    good_name.then(|| Handle { name: name.to_ascii_lowercase(), host })
}

/// A server's name in its one spelling: A-label, lower case, no trailing dot, no address literal; a port may follow.
#[must_use]
pub fn canonical_host(raw: &str) -> Option<String> {
    if raw.is_empty() || raw.len() > 253 || raw.contains(['/', '?', '#', '@', '\\', ' ', '%']) {
        return None;
    }
    let url = Url::parse(&format!("https://{raw}/")).ok()?;
    match url.host()? {
        Host::Domain(domain) if !domain.ends_with('.') => Some(host_of(&url)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_box_reads_every_form() {
        let handle = |name: &str, host: &str| Lookup::Handle(Handle { name: name.into(), host: host.into() });
        for (typed, expected) in [
            ("@tea@oak.test", handle("tea", "oak.test")),
            ("tea@oak.test", handle("tea", "oak.test")),
            ("!Tea@OAK.test", handle("tea", "oak.test")),
            ("acct:tea@oak.test", handle("tea", "oak.test")),
            (" @tea@oak.test:8443 ", handle("tea", "oak.test:8443")),
            ("@tea@bücher.example", handle("tea", "xn--bcher-kva.example")),
            ("https://oak.test/g/tea", Lookup::Link("https://oak.test/g/tea".parse().unwrap())),
            ("tea and talk", Lookup::Words("tea and talk".into())),
            ("tea@", Lookup::Words("tea@".into())),
            ("@tea@127.0.0.1", Lookup::Words("@tea@127.0.0.1".into())),
            ("@tea@oak.test.", Lookup::Words("@tea@oak.test.".into())),
            ("@tea@evil.test/x", Lookup::Words("@tea@evil.test/x".into())),
            ("javascript:alert(1)", Lookup::Words("javascript:alert(1)".into())),
        ] {
            assert_eq!(read_lookup(typed), expected, "{typed}");
        }
    }

    #[test]
    fn ids_are_web_addresses_without_secrets() {
        for bad in ["", "ftp://a.example/", "https://u:p@a.example/", "/g/tea", "data:text/plain,x"] {
            assert_eq!(bad.parse::<ApId>(), Err(BadAddress), "{bad}");
        }
        let long = format!("https://a.example/{}", "x".repeat(AP_ID_MAX));
        assert_eq!(long.parse::<ApId>(), Err(BadAddress));
    }
}
