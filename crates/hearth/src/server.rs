//! One running server: the database, both doors, and the workers.

use crate::{
    ballast::Ballast,
    config::Config,
    health::Health,
    http::{self, GRACE},
    jobs::Jobs,
    metrics, system,
};
use actix_web::dev::ServerHandle;
use anyhow::Context;
use hearth_actions::{
    App, KeyMaker,
    password::{Cost, Hasher},
};
use hearth_db::Db;
use hearth_domain::clock::{Clock, Entropy};
use hearth_federation::{Federation, FederationSettings, Limits, origin::DevPeers, resolver::GuardedResolver};
use hearth_web::{protect::FormSecret, state::WebState};
use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
    time::Duration,
};
use tokio::{sync::watch, task::JoinHandle};

/// What a server is made of besides its settings; tests hold time still and drive the work by hand.
#[derive(Clone)]
pub struct Parts {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Maker of keys.
    pub keys: Arc<dyn KeyMaker>,
    /// How much work hashing a password is.
    pub passwords: Cost,
    /// Whether deliveries, received activities and jobs run by themselves.
    pub workers: bool,
    /// How much is taken from other servers at once.
    pub limits: Limits,
    /// Who turns the names of other servers into addresses.
    pub resolver: GuardedResolver,
}

impl Parts {
    /// The real ones.
    #[must_use]
    pub fn system() -> Self {
        Self {
            clock: Arc::new(system::SystemClock),
            entropy: Arc::new(system::SystemEntropy),
            keys: Arc::new(system::RsaKeyMaker),
            passwords: Cost::default(),
            workers: true,
            limits: Limits::default(),
            resolver: GuardedResolver::system(),
        }
    }
}

/// A server that listens.
pub struct Running {
    /// Where it listens.
    pub listens_at: SocketAddr,
    /// Its actions.
    pub app: App,
    /// Its door to other servers.
    pub federation: Federation,
    http: ServerHandle,
    ended: JoinHandle<std::io::Result<()>>,
    figures: Option<Figures>,
    workers: Vec<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

/// Opens the database of these settings, with everything actions need.
///
/// # Errors
/// When the data folder can't be made or the database can't be opened.
pub fn open(config: &Config, parts: &Parts) -> anyhow::Result<App> {
    make_private_folder(&config.data_dir)?;
    let db = Db::open(&config.database()?, config.database_connections).context("the database can't be opened")?;
    Ok(App {
        db,
        clock: parts.clock.clone(),
        entropy: parts.entropy.clone(),
        keys: parts.keys.clone(),
        passwords: Arc::new(Hasher::new(parts.passwords.clone(), &*parts.entropy)),
        images: Arc::default(),
        fixed_origin: config.origin()?,
    })
}

/// The door to other servers, as these settings want it.
///
/// # Errors
/// When the environment is dangerous, or the settings of the development network are wrong.
pub fn federation(config: &Config, app: &App, parts: &Parts) -> anyhow::Result<Federation> {
    let settings = FederationSettings {
        user_agent: format!("Hearth/{}", env!("CARGO_PKG_VERSION")),
        dev_peers: if config.dev { DevPeers::parse(&config.dev_peers)? } else { DevPeers::default() },
        resolver: parts.resolver.clone(),
        source_url: config.source_url.clone(),
    };
    Ok(Federation::with_limits(app.clone(), settings, parts.limits)?)
}

/// The data folder, for its owner only: it holds private keys.
fn make_private_folder(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("the folder {} can't be made", folder.display()))?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
        .with_context(|| format!("the folder {} can't be closed to others", folder.display()))
}

/// Starts a server on a listener that is already bound.
///
/// # Errors
/// When the database can't be opened, or the environment is dangerous.
pub fn start_on(listener: TcpListener, config: &Config, parts: Parts) -> anyhow::Result<Running> {
    hearth_federation::client::refuse_dangerous_environment()?;
    let app = open(config, &parts)?;
    hearth_actions::keys::complete(&app).context("the keys of integrity proofs can't be made")?;
    let federation = federation(config, &app, &parts)?;
    let listens_at = listener.local_addr()?;
    let health = Health::new(config, &app, &federation);
    let state = web_state(config, &app, &federation, &health)?;
    let figures = match config.metrics_address()? {
        Some(address) => Some(Figures::start(bind(address, "HEARTH_METRICS_LISTEN")?, &app, &federation)?),
        None => None,
    };
    let (stop, stopped) = watch::channel(false);
    let server = http::server(listener, &federation, health, state, stopped.clone())?;
    let http = server.handle();
    let workers = if parts.workers {
        let ballast = Ballast::of(config)?;
        if let Some(ballast) = &ballast {
            ballast.guard(app.db.room());
        }
        let jobs = Jobs::new(&app, federation.metrics(), ballast);
        let begin = {
            let stopped = stopped.clone();
            move |beat| jobs.clone().run(stopped.clone(), beat)
        };
        let jobs = federation.watchdog().clone().keep("jobs", stopped.clone(), begin);
        vec![tokio::spawn(federation.clone().run(stopped)), tokio::spawn(jobs)]
    } else {
        Vec::new()
    };
    Ok(Running { listens_at, app, federation, http, ended: tokio::spawn(server), figures, workers, stop })
}

/// Binds the address of the settings and starts a server there.
///
/// # Errors
/// As [`start_on`], and when the address is taken.
pub fn start(config: &Config, parts: Parts) -> anyhow::Result<Running> {
    start_on(bind(config.listen_address()?, "HEARTH_LISTEN")?, config, parts)
}

fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    let taken = || format!("another program already listens at {address}; choose another with {setting}");
    TcpListener::bind(address).with_context(taken)
}

/// The listener of the figures for Prometheus.
struct Figures {
    listens_at: SocketAddr,
    http: ServerHandle,
    ended: JoinHandle<std::io::Result<()>>,
}

impl Figures {
    fn start(listener: TcpListener, app: &App, federation: &Federation) -> anyhow::Result<Self> {
        let listens_at = listener.local_addr()?;
        let server = metrics::server(listener, app, federation)?;
        Ok(Self { listens_at, http: server.handle(), ended: tokio::spawn(server) })
    }
}

fn web_state(config: &Config, app: &App, federation: &Federation, health: &Health) -> anyhow::Result<WebState> {
    let (waker, health) = (federation.clone(), health.clone());
    Ok(WebState {
        app: app.clone(),
        network: Arc::new(federation.clone()),
        wake: Arc::new(move || waker.wake()),
        machine: Arc::new(move || health.machine()),
        uploads: hearth_web::upload::places(),
        forms: FormSecret::new(form_secret(app)?),
        plain_http: config.dev,
        source_url: config.source_url.clone(),
    })
}

/// The secret of form tokens. It follows from the server's own key, so that all nodes agree and a form that is open
/// in a browser outlives a restart; before the set-up there is no key yet.
fn form_secret(app: &App) -> anyhow::Result<[u8; 32]> {
    let key = app.db.read(hearth_db::tables::actors::server)?.and_then(|actor| actor.private_key_pem);
    let mut secret = [0; 32];
    match key {
        Some(pem) => {
            let hash = hearth_actions::secret::hash(&format!("hearth form token\n{pem}"));
            for (byte, digits) in secret.iter_mut().zip(hash.as_bytes().chunks(2)) {
                *byte = u8::from_str_radix(std::str::from_utf8(digits)?, 16)?;
            }
        }
        None => app.entropy.fill(&mut secret),
    }
    Ok(secret)
}

impl Running {
    /// Where the figures for Prometheus can be read, if anywhere.
    #[must_use]
    pub fn figures_at(&self) -> Option<SocketAddr> {
        self.figures.as_ref().map(|figures| figures.listens_at)
    }

    /// Stops in order: no new requests, open ones finish, leases are given back.
    ///
    /// # Errors
    /// When the HTTP server failed.
    pub async fn stop(self) -> anyhow::Result<()> {
        let _ = self.stop.send(true);
        self.http.stop(true).await;
        if let Some(figures) = self.figures {
            figures.http.stop(false).await;
            figures.ended.await??;
        }
        let workers = async {
            for worker in self.workers {
                let _ = worker.await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(GRACE), workers).await;
        self.ended.await??;
        Ok(())
    }
}
