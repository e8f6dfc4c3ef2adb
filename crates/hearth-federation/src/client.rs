//! THE checked client: every request to another server goes through here, and nothing else builds an HTTP client.
//!
//! Each hop is checked as an address (`origin`), connected to only at a checked IP (`resolver`), and bounded in time,
//! size and redirects (threats FO-01 to FO-13). No proxy from the environment is used: it would connect for us, unchecked.
//!
//! Certificates: reqwest's `rustls` feature verifies through `rustls-platform-verifier`, which on Linux loads the
//! system's roots with `rustls-native-certs`. `SSL_CERT_FILE` names the bundle to read, so a private certificate
//! authority works by pointing it at its PEM before start-up; the system's certificate *directory* is still read
//! beside it unless `SSL_CERT_DIR` is set too. Without any root the client cannot be built ([`ClientError::Tls`]).
//! That verifier logs failures with the server's name at ERROR (target `rustls_platform_verifier`): keep it filtered.
//!
//! Must never: follow a redirect unseen, send a signature to a host it was not made for, read a body without a limit,
//! put a URL or a body into an error, or have a switch that turns address checks off.

mod body;
mod budget;
mod deliver;
mod fetch;
mod library;
#[cfg(test)]
pub(crate) mod testpeer;
#[cfg(test)]
mod tests;

use std::{
    error::Error,
    ffi::OsString,
    fmt, io,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, header::HOST};
use tokio::sync::Semaphore;
use url::Url;

pub use self::{
    budget::{BudgetSpent, FetchBudget, FetchRates, Untold},
    deliver::{Delivered, Delivery, RetryReason},
    fetch::{FetchError, Fetched},
    library::{Clock, fetch_error},
};
use crate::{
    origin::{OriginError, RemotePolicy},
    resolver::{GuardedResolver, ResolveError},
    signing::{SigningError, SigningKey},
};

/// The library's switch that turns all its address checks off, even when empty (threats L11, FO-20).
const DANGEROUS_VARIABLE: &str = "DANGER_FEDERATION_ALLOW_LOCAL_IP";

/// Why the client could not be built at start-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The dangerous variable is set.
    #[error(
        "DANGER_FEDERATION_ALLOW_LOCAL_IP is set: it would let other servers reach into this network. Please unset it"
    )]
    DangerousEnvironment,
    /// No TLS client could be made, in practice because the system has no root certificates.
    #[error(
        "no secure connections are possible: install the system's root certificates, or name a file in SSL_CERT_FILE"
    )]
    Tls,
}

/// Refuses to go on when the environment switches the federation library's address checks off.
/// Call it first thing at start-up; building a [`CheckedClient`] repeats it.
///
/// # Errors
/// [`ClientError::DangerousEnvironment`].
pub fn refuse_dangerous_environment() -> Result<(), ClientError> {
    refuse_dangerous(|name| std::env::var_os(name))
}

fn refuse_dangerous(get: impl Fn(&str) -> Option<OsString>) -> Result<(), ClientError> {
    match get(DANGEROUS_VARIABLE) {
        Some(_) => Err(ClientError::DangerousEnvironment),
        None => Ok(()),
    }
}

/// What the client needs to know. [`ClientConfig::new`] has the limits of `threats.md`.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// `User-Agent` of every request.
    pub user_agent: String,
    /// Which addresses may be asked at all, and the development network.
    pub remote: RemotePolicy,
    /// Who turns names into addresses.
    pub resolver: GuardedResolver,
    /// Name look-up, connection and TLS together: 5 s.
    pub connect_timeout: Duration,
    /// A fetch with all its redirects and its body: 10 s.
    pub fetch_timeout: Duration,
    /// A delivery with both its knocks: 20 s.
    pub delivery_timeout: Duration,
    /// The largest ActivityPub document after decompression: 1 MiB.
    pub max_activity: usize,
    /// The largest WebFinger or NodeInfo document after decompression: 64 KiB.
    pub max_json: usize,
    /// The most redirects of one fetch: 3.
    pub max_redirects: usize,
    /// Where the time of each signature is written down.
    pub sign_seconds: Option<prometheus::Histogram>,
}

impl ClientConfig {
    /// The usual limits, with the system's name service.
    pub fn new(user_agent: impl Into<String>, remote: RemotePolicy) -> Self {
        Self {
            user_agent: user_agent.into(),
            remote,
            resolver: GuardedResolver::system(),
            connect_timeout: Duration::from_secs(5),
            fetch_timeout: Duration::from_secs(10),
            delivery_timeout: Duration::from_secs(20),
            max_activity: 1024 * 1024,
            max_json: 64 * 1024,
            max_redirects: 3,
            sign_seconds: None,
        }
    }
}

/// The client for everything remote. Cheap to clone; all clones share connections and the instance key.
#[derive(Clone)]
pub struct CheckedClient(Arc<Inner>);

struct Inner {
    config: ClientConfig,
    /// For the open network: https only, public addresses only.
    public: reqwest::Client,
    /// For origins of the development network, and for nothing else. `None` in production.
    dev: Option<reqwest::Client>,
    instance_key: RwLock<Option<SigningKey>>,
    /// Signatures at a time: as many as there are cores (threats AV-10).
    signers: Semaphore,
}

impl fmt::Debug for CheckedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CheckedClient")
    }
}

impl CheckedClient {
    /// Builds the client, once, at start-up.
    ///
    /// # Errors
    /// [`ClientError`], each with what to do about it.
    pub fn new(config: ClientConfig) -> Result<Self, ClientError> {
        refuse_dangerous_environment()?;
        let public = build(&config, config.resolver.clone(), true)?;
        let peers = config.remote.dev_peers();
        let dev = if peers.is_empty() {
            None
        } else {
            Some(build(&config, config.resolver.exempting(peers.target_names()), false)?)
        };
        let signers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self(Arc::new(Inner {
            config,
            public,
            dev,
            instance_key: RwLock::new(None),
            signers: Semaphore::new(signers),
        })))
    }

    /// Sets the key that signs the library's fetches: the instance actor's, never a person's (threats FO-19).
    pub fn set_instance_key(&self, key: SigningKey) {
        *self.0.instance_key.write().unwrap_or_else(PoisonError::into_inner) = Some(key);
    }

    /// The instance actor's key, once it is set.
    pub fn instance_key(&self) -> Option<SigningKey> {
        self.0.instance_key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Which addresses may be asked.
    pub fn remote(&self) -> &RemotePolicy {
        &self.0.config.remote
    }

    /// Sends one request to a checked address. `url` is the real name; the development map is applied here.
    async fn send(
        &self,
        method: Method,
        url: &Url,
        mut headers: HeaderMap,
        body: Option<Bytes>,
    ) -> Result<reqwest::Response, SendError> {
        let reach = self.0.config.remote.reach(url).map_err(SendError::Address)?;
        let client = match (&self.0.dev, reach.dev) {
            (Some(dev), true) => dev,
            _ => &self.0.public,
        };
        // The connection makes `Host` (or `:authority`) from the URL, equal to what was signed; only a
        // development origin needs another one.
        headers.remove(HOST);
        if let Some(host) = reach.host {
            headers.insert(HOST, host);
        }
        let mut request = reqwest::Request::new(method, reach.url);
        *request.headers_mut() = headers;
        *request.body_mut() = body.map(reqwest::Body::from);
        client.execute(request).await.map_err(|error| SendError::Trouble(Trouble::of(&error)))
    }

    /// Signs on the blocking pool, when it is this signature's turn: RSA is CPU work.
    async fn signed<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, SigningError> + Send + 'static,
    ) -> Result<T, SigningError> {
        let seconds = self.0.config.sign_seconds.clone();
        let work = move || match seconds {
            Some(seconds) => seconds.observe_closure_duration(work),
            None => work(),
        };
        let _turn = self.0.signers.acquire().await.map_err(|_| SigningError::Failed)?;
        tokio::task::spawn_blocking(work).await.unwrap_or(Err(SigningError::Failed))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the checked client itself, the one place that builds one")]
fn build(config: &ClientConfig, resolver: GuardedResolver, https_only: bool) -> Result<reqwest::Client, ClientError> {
    reqwest::Client::builder()
        .user_agent(&config.user_agent)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .https_only(https_only)
        .connect_timeout(config.connect_timeout)
        .timeout(config.fetch_timeout.max(config.delivery_timeout))
        .pool_idle_timeout(Duration::from_secs(30))
        .pool_max_idle_per_host(4)
        .dns_resolver(resolver)
        .build()
        .map_err(|_| ClientError::Tls)
}

/// What kept a request from being answered.
enum SendError {
    Address(OriginError),
    Trouble(Trouble),
}

/// A failure on the way to another server, as a short class without any address. All are worth another try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Trouble {
    /// The name could not be resolved.
    #[error("dns")]
    Dns,
    /// The name points into a private network.
    #[error("private_address")]
    PrivateAddress,
    /// No connection.
    #[error("connect")]
    Connect,
    /// No trusted certificate, or another failure of TLS.
    #[error("tls")]
    Tls,
    /// Too slow.
    #[error("timeout")]
    Timeout,
    /// The connection broke, or the answer is no HTTP.
    #[error("broken")]
    Broken,
}

impl Trouble {
    fn of(error: &reqwest::Error) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        let mut tls = false;
        while let Some(current) = cause {
            match current.downcast_ref::<ResolveError>() {
                Some(ResolveError::NotPublic) => return Self::PrivateAddress,
                Some(ResolveError::NotFound) => return Self::Dns,
                None => {}
            }
            tls |= current.downcast_ref::<io::Error>().is_some_and(is_tls);
            cause = current.source();
        }
        if error.is_timeout() {
            Self::Timeout
        } else if tls {
            Self::Tls
        } else if error.is_connect() {
            Self::Connect
        } else {
            Self::Broken
        }
    }
}

/// rustls reports through `io::Error`, always as `InvalidData`; hyper-rustls wraps that in another one.
fn is_tls(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidData
        || error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()).is_some_and(is_tls)
}

/// A `Retry-After` in seconds or as a date, at most 12 hours (reliability.md 3.5).
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    const MOST: Duration = Duration::from_secs(12 * 60 * 60);
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at: DateTime<Utc> = DateTime::from(httpdate::parse_http_date(text).ok()?);
            at.signed_duration_since(now).to_std().ok()?
        }
    };
    Some(wait.min(MOST))
}
