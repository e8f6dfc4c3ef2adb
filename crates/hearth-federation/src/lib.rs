//! The door to other servers: gate, signing, fetching, delivering, and the documents others may read here.
//!
//! [`Federation`] is the whole door. What comes in goes through [`gate`] and one action of `hearth-actions`; what goes
//! out are the stored bytes of the delivery queue, freshly signed. Reading goes straight to `hearth-db`.
//!
//! Must never: decide what anybody may do (that is `hearth-actions`), write any table but the two queues and what
//! belongs to them, log an address or a text of another server, or make a request past [`client::CheckedClient`].

mod accept;
mod actor;
mod answer;
mod applier;
mod asker;
mod authorized;
pub mod client;
mod collections;
mod delivery;
mod dispatch;
pub mod error;
mod fetch;
pub mod gate;
mod host;
mod inbox;
mod incoming;
mod lookup;
pub mod metrics;
mod moderators;
pub mod origin;
mod outbox;
mod places;
pub mod probe;
mod reader;
mod ready;
mod recent;
mod repair;
pub mod resolver;
mod routes;
pub mod schedule;
mod serve;
mod signer;
pub mod signing;
mod synchronization;
#[cfg(test)]
mod tests;
pub mod watchdog;
mod well_known;
mod worker;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::web::ServiceConfig;
use chrono::{DateTime, TimeDelta, Utc};
use hearth_actions::App;
use tokio::sync::{Notify, OnceCell};

pub use self::error::FederationError;
use self::{
    client::FetchRates, metrics::Metrics, origin::DevPeers, ready::Ready, recent::Recent, resolver::GuardedResolver,
    signing::SigningKeys, watchdog::Watchdog,
};

/// What the door is made with.
#[derive(Debug, Clone)]
pub struct FederationSettings {
    /// `User-Agent` of every request.
    pub user_agent: String,
    /// Where names are really reached, in development and tests. Empty in production.
    pub dev_peers: DevPeers,
    /// Who turns names into addresses: the system's name service, or a stub in tests. The answers are checked either way.
    pub resolver: GuardedResolver,
    /// Where the source of the running program can be had; stands in NodeInfo.
    pub source_url: String,
}

/// How much is taken and done at once. The defaults are those of `reliability.md` and `threats.md`.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Deliveries in flight for one host at first.
    pub deliveries_per_host: i64,
    /// Deliveries in flight for one host that takes more without getting slower: at least those at first.
    pub deliveries_per_host_most: i64,
    /// Deliveries in flight in all.
    pub deliveries: usize,
    /// Received activities that may wait for something to be fetched; beyond it inboxes answer 503.
    pub incoming_waiting: i64,
    /// Activities taken from one host in a minute; beyond it inboxes answer 429.
    pub posts_per_minute: u32,
    /// Fetches in a minute that one sending host may cause.
    pub fetches_per_host: u32,
    /// Fetches in a minute in all.
    pub fetches: u32,
    /// How long one server is left alone between two of the requests by which we learn what was missed.
    pub repair_pause: Duration,
    /// How long a delivery belongs to who leased it: longer than it may take with both its knocks. What a process held
    /// when it was killed waits that long.
    pub lease: TimeDelta,
    /// How long a received activity belongs to who leased it: long enough for all the fetches it needs.
    pub incoming_lease: TimeDelta,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deliveries_per_host: 4,
            deliveries_per_host_most: 16,
            deliveries: 512,
            incoming_waiting: 20_000,
            posts_per_minute: 300,
            fetches_per_host: 60,
            fetches: 300,
            repair_pause: Duration::from_secs(1),
            lease: TimeDelta::seconds(60),
            incoming_lease: TimeDelta::minutes(5),
        }
    }
}

/// The door to other servers. Cheap to clone; all clones are the same door.
#[derive(Clone)]
pub struct Federation(Arc<Inner>);

struct Inner {
    app: App,
    settings: FederationSettings,
    limits: Limits,
    /// What needs the server's own name and key: made at the first use after the set-up.
    ready: OnceCell<Ready>,
    keys: SigningKeys,
    metrics: Metrics,
    watchdog: Watchdog,
    /// Actors whose key could not be had, and those whose key was fetched again.
    failed: Recent,
    renewed: Recent,
    /// Groups that told another list of members, and those that were asked about it.
    differing: synchronization::Differing,
    compared: Recent,
    fetches: FetchRates,
    posts: FetchRates,
    /// Deliveries that this process holds the lease of, each with the number of its attempt.
    leased: Mutex<HashMap<i64, i32>>,
    /// Received activities that this process works on, each with the number of its attempt.
    receiving: Mutex<HashMap<i64, i32>>,
    /// Received activities that are about to be applied.
    line: applier::Line,
    pace: repair::Pace,
    outgoing: Notify,
    incoming: Notify,
}

impl fmt::Debug for Federation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Federation")
    }
}

impl Federation {
    /// Makes the door, with the usual limits. The server need not be set up yet.
    ///
    /// # Errors
    /// `Client` when the environment is dangerous.
    pub fn new(app: App, settings: FederationSettings) -> Result<Self, FederationError> {
        Self::with_limits(app, settings, Limits::default())
    }

    /// Makes the door with limits of its own, for tests and measurements.
    ///
    /// # Errors
    /// As [`Federation::new`].
    pub fn with_limits(app: App, settings: FederationSettings, limits: Limits) -> Result<Self, FederationError> {
        client::refuse_dangerous_environment()?;
        let metrics = Metrics::new()?;
        let watchdog = Watchdog::new(app.clone(), metrics.clone());
        let five_minutes = || Recent::new(TimeDelta::minutes(5), 10_000);
        Ok(Self(Arc::new(Inner {
            app,
            settings,
            limits,
            ready: OnceCell::new(),
            keys: SigningKeys::new(1_000),
            metrics,
            watchdog,
            failed: five_minutes(),
            renewed: five_minutes(),
            differing: synchronization::Differing::default(),
            compared: five_minutes(),
            fetches: FetchRates::new(limits.fetches_per_host, limits.fetches),
            posts: FetchRates::new(limits.posts_per_minute, u32::MAX),
            leased: Mutex::default(),
            receiving: Mutex::default(),
            line: applier::Line::default(),
            pace: repair::Pace::default(),
            outgoing: Notify::new(),
            incoming: Notify::new(),
        })))
    }

    /// Registers every route of this door. Register the pages after it: where a page and a document share an address,
    /// a request that prefers HTML falls through.
    pub fn configure(&self) -> impl Fn(&mut ServiceConfig) + Clone + use<> {
        let door = self.clone();
        move |config| routes::register(config, &door)
    }

    /// Tells the workers that something may be due: call it after a commit that put something into a queue. Never
    /// waits. Without it, work is found within seconds.
    pub fn wake(&self) {
        self.0.outgoing.notify_one();
        self.0.incoming.notify_one();
    }

    /// Waits for the next [`Federation::wake`]; one that nobody waited for counts.
    pub async fn notified(&self) {
        self.0.outgoing.notified().await;
    }

    /// What is counted and timed here.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Who keeps the workers going.
    #[must_use]
    pub fn watchdog(&self) -> &Watchdog {
        &self.0.watchdog
    }

    fn app(&self) -> &App {
        &self.0.app
    }

    fn now(&self) -> DateTime<Utc> {
        self.0.app.clock.now()
    }

    /// Runs blocking work (the database, cryptography) where it holds nobody up.
    async fn blocking<T, E>(
        &self,
        work: impl FnOnce(&App) -> Result<T, E> + Send + 'static,
    ) -> Result<T, FederationError>
    where
        T: Send + 'static,
        E: Into<FederationError> + Send + 'static,
    {
        let app = self.0.app.clone();
        let done = tokio::task::spawn_blocking(move || work(&app)).await.map_err(|_| FederationError::BrokenOff)?;
        done.map_err(Into::into)
    }
}
