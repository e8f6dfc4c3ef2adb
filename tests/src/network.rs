//! Whole servers that talk to each other over real HTTP on loopback, with temporary databases and one clock that
//! stands still. Nothing runs by itself: [`TestNetwork::settle`] does the work until nothing is due.
//!
//! Must never sleep, and never reach anything but its own servers.

use crate::{
    database::TestDatabase,
    keys::PooledKeys,
    overheard,
    peer::ScriptedPeer,
    world::{Repeating, group_form, instant, setup_form},
};
use chrono::Duration;
use hearth::{
    config::Config,
    server::{self, Parts, Running},
};
use hearth_actions::{App, follow, network::Network, password::Cost, persona};
use hearth_db::{
    DbConn, Kind,
    tables::{actors::Actor, deliveries, incoming, posts::Post},
};
use hearth_domain::{
    address::read_lookup,
    clock::FixedClock,
    id::{AccountId, ActorId},
};
use hearth_federation::Limits;
use std::{net::TcpListener, sync::Arc};

/// Media type by which a document is asked for instead of a page.
pub const ACTIVITY_JSON: &str = "application/activity+json";

/// Servers that know each other by names under `.test`.
pub struct TestNetwork {
    servers: Vec<TestServer>,
    /// The one clock.
    pub clock: Arc<FixedClock>,
}

/// One server with its keeper.
pub struct TestServer {
    /// Its first name: `oak` for `oak.test`.
    pub name: String,
    /// The keeper's account.
    pub keeper: AccountId,
    /// The keeper's persona.
    pub persona: ActorId,
    /// The code that was printed for the set-up.
    pub setup_code: String,
    running: Option<Running>,
    config: Config,
    parts: Parts,
    port: u16,
    // Dropped last: the servers hold connections.
    _folder: tempfile::TempDir,
    _database: TestDatabase,
}

/// An answer as a browser or a peer sees it.
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: String,
    /// Body.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl TestNetwork {
    /// Starts and sets up one server for each name, each on its kind of database.
    ///
    /// # Panics
    /// When one can't be started.
    pub async fn start(names: &[(&str, Kind)]) -> Self {
        Self::start_but(names, None).await
    }

    /// As [`TestNetwork::start`], but leaves one server for a person to set up; its [`TestServer::setup_code`] is the code.
    ///
    /// # Panics
    /// When one can't be started.
    pub async fn start_but(names: &[(&str, Kind)], unready: Option<&str>) -> Self {
        Self::start_all(names, unready, &[]).await
    }

    /// As [`TestNetwork::start`], beside peers that know where its servers are.
    ///
    /// # Panics
    /// When one can't be started.
    pub async fn start_beside(names: &[(&str, Kind)], peers: &[&ScriptedPeer]) -> Self {
        let network = Self::start_all(names, None, peers).await;
        for peer in peers {
            network.servers.iter().for_each(|server| peer.meets(server));
        }
        network
    }

    async fn start_all(names: &[(&str, Kind)], unready: Option<&str>, beside: &[&ScriptedPeer]) -> Self {
        overheard::listen();
        let clock = Arc::new(FixedClock::at(instant("2026-11-24T10:00:00Z")));
        let bound: Vec<_> = names.iter().map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port")).collect();
        let peers: Vec<String> = names
            .iter()
            .zip(&bound)
            .map(|((name, _), listener)| format!("{name}.test=http://{}", listener.local_addr().expect("bound")))
            .chain(beside.iter().map(|peer| peer.entry()))
            .collect();
        let peers = peers.join(",");
        let mut servers = Vec::new();
        for ((name, kind), listener) in names.iter().zip(bound) {
            servers.push(TestServer::start(name, *kind, listener, &peers, clock.clone(), unready != Some(*name)).await);
        }
        Self { servers, clock }
    }

    /// A server by its first name.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn server(&self, name: &str) -> &TestServer {
        self.servers.iter().find(|server| server.name == name).expect("a server of that name")
    }

    /// A server by its first name, to stop and start it.
    ///
    /// # Panics
    /// When there is none.
    pub fn server_mut(&mut self, name: &str) -> &mut TestServer {
        self.servers.iter_mut().find(|server| server.name == name).expect("a server of that name")
    }

    /// Does everything that is due on every server that runs, until nothing is.
    ///
    /// # Panics
    /// When it does not come to rest.
    pub async fn settle(&self) {
        for _ in 0..50 {
            let mut done = 0;
            for server in self.servers.iter().filter(|server| server.running.is_some()) {
                let federation = &server.running().federation;
                done += federation.deliver_due().await.expect("deliveries");
                done += federation.apply_incoming().await.expect("incoming");
                done += federation.repair_due(|| false).await.expect("repairs");
            }
            if done == 0 {
                return;
            }
        }
        panic!("the network does not come to rest");
    }

    /// Lets time pass and does what becomes due, in steps of at most an hour.
    pub async fn pass(&self, time: Duration) {
        let mut left = time;
        while left > Duration::zero() {
            let step = left.min(Duration::hours(1));
            self.clock.advance(step);
            left -= step;
            self.run_jobs();
            self.settle().await;
        }
    }

    /// Runs the jobs that are due on every server that runs, as a server does by itself every few seconds.
    ///
    /// # Panics
    /// When a job fails.
    pub fn run_jobs(&self) {
        for server in self.servers.iter().filter(|server| server.running.is_some()) {
            hearth::jobs::Jobs::run_once(server.app()).expect("the jobs");
        }
    }

    /// Checks that nothing is left to do, and stops every server.
    ///
    /// # Panics
    /// When work is left that is due.
    pub async fn finish(mut self) {
        let now = hearth_domain::clock::Clock::now(&*self.clock).into();
        for server in &mut self.servers {
            if server.running.is_some() {
                // What is to be read elsewhere is no debt: opening a page asks for it.
                let due = server.read(|c| Ok(deliveries::count_due(c, now)? + incoming::count_due(c, now)?));
                assert_eq!(due, 0, "{} has work left", server.name);
                server.stop().await;
            }
        }
    }
}

impl TestServer {
    async fn start(
        name: &str,
        kind: Kind,
        listener: TcpListener,
        peers: &str,
        clock: Arc<FixedClock>,
        ready: bool,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = TestDatabase::new(kind);
        let config = Config {
            data_dir: folder.path().join("data"),
            database_url: database.setting(),
            database_connections: 4,
            address: format!("https://{name}.test"),
            dev: true,
            dev_peers: peers.to_owned(),
            ..Config::default()
        };
        let seed = name.bytes().fold(7, |seed: u64, byte| seed.wrapping_mul(257).wrapping_add(byte.into()));
        let parts = Parts {
            clock,
            entropy: Arc::new(Repeating::from_seed(seed)),
            keys: Arc::new(PooledKeys),
            passwords: Cost::none(),
            workers: false,
            limits: Limits { repair_pause: std::time::Duration::ZERO, ..Limits::default() },
            ..Parts::system()
        };
        let port = listener.local_addr().expect("bound").port();
        let running = server::start_on(listener, &config, parts.clone()).expect("the server starts");
        let app = running.app.clone();
        let setup_code =
            hearth_actions::server::new_setup_code(&app).expect("the database answers").expect("not set up");
        let code = setup_code.clone();
        let (keeper, persona) = if ready {
            tokio::task::spawn_blocking(move || set_up(&app, &code)).await.expect("set-up")
        } else {
            (AccountId::try_from(0).expect("an id"), ActorId::try_from(0).expect("an id"))
        };
        Self {
            name: name.to_owned(),
            keeper,
            persona,
            setup_code,
            running: Some(running),
            config,
            parts,
            port,
            _folder: folder,
            _database: database,
        }
    }

    fn running(&self) -> &Running {
        self.running.as_ref().expect("this server is stopped")
    }

    /// Its door to other servers.
    #[must_use]
    pub fn federation(&self) -> &hearth_federation::Federation {
        &self.running().federation
    }

    /// Its actions.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.running().app
    }

    /// Where a browser on this machine reaches it.
    ///
    /// # Panics
    /// Never: it is an address.
    #[must_use]
    pub fn local_url(&self) -> url::Url {
        format!("http://127.0.0.1:{}/", self.port).parse().expect("an address")
    }

    /// Its name on the network: `oak.test`.
    #[must_use]
    pub fn host(&self) -> String {
        format!("{}.test", self.name)
    }

    /// Stops it in order.
    ///
    /// # Panics
    /// When it does not stop.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await.expect("the server stops");
        }
    }

    /// Starts it again, on the same port and database.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).expect("the same port");
        let running = server::start_on(listener, &self.config, self.parts.clone()).expect("the server starts again");
        self.running = Some(running);
    }

    /// Reads its database.
    ///
    /// # Panics
    /// When the database fails.
    pub fn read<T>(&self, reading: impl FnOnce(&mut DbConn) -> hearth_db::Result<T>) -> T {
        self.app().db.read(reading).expect("the database answers")
    }

    /// An action, which must be done.
    ///
    /// # Panics
    /// When it is not.
    pub fn act<T>(&self, action: impl FnOnce(&App) -> hearth_actions::Result<T>) -> T {
        action(self.app()).unwrap_or_else(|error| panic!("on {}: {error}", self.name))
    }

    /// Makes an open group of the keeper's.
    pub fn group(&self, name: &str) -> Actor {
        self.act(|app| {
            hearth_actions::group::create(app, self.keeper, &group_form(name, self.persona, "open_community"))
        })
    }

    /// Finds an actor elsewhere by handle or link, as the search box does.
    ///
    /// # Panics
    /// When it is not found.
    pub async fn find(&self, typed: &str) -> ActorId {
        let found = self.running().federation.find(&read_lookup(typed)).await;
        found.unwrap_or_else(|error| panic!("{typed} from {}: {error}", self.name))
    }

    /// Finds a group elsewhere and follows it as the keeper's persona.
    pub async fn follow(&self, typed: &str) -> ActorId {
        let group = self.find(typed).await;
        self.act(|app| follow::follow(app, self.keeper, group, self.persona));
        group
    }

    /// The copy of a post that this server has.
    pub fn post(&self, ap_id: &str) -> Option<Post> {
        self.read(|c| hearth_db::tables::posts::by_ap_id(c, ap_id))
    }

    /// The copy of a meetup that this server has.
    pub fn event(&self, ap_id: &str) -> Option<hearth_db::tables::events::Event> {
        self.read(|c| hearth_db::tables::events::by_ap_id(c, ap_id))
    }

    /// An actor as this server knows it.
    pub fn actor(&self, id: ActorId) -> Actor {
        self.read(|c| hearth_db::tables::actors::by_id(c, id)).expect("known")
    }

    /// Asks for a page or document as nobody in particular.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn get(&self, path: &str, accept: &str) -> Answer {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let request = plain_client().get(url).header("Host", self.host()).header("Accept", accept);
        let response = request.send().await.expect("an answer");
        Answer {
            status: response.status().as_u16(),
            content_type: response
                .headers()
                .get("content-type")
                .map(|value| value.to_str().expect("text").to_owned())
                .unwrap_or_default(),
            body: response.text().await.expect("a body"),
        }
    }

    /// Asks for the page of an address on the network, with its path only.
    pub async fn page(&self, path: &str) -> Answer {
        self.get(path, "text/html").await
    }

    /// Asks for the document at an address on the network.
    pub async fn document(&self, ap_id: &str) -> Answer {
        let url: url::Url = ap_id.parse().expect("an address");
        self.get(url.path(), ACTIVITY_JSON).await
    }
}

/// A client that follows no redirect and speaks to loopback only: it reads no certificates, which takes a debug build longer
/// than the request.
///
/// # Panics
/// When none can be made.
#[must_use]
pub fn plain_client() -> reqwest::Client {
    #[expect(clippy::disallowed_methods, reason = "a test is a browser and a peer, not a part of Hearth")]
    let builder = reqwest::Client::builder();
    builder.redirect(reqwest::redirect::Policy::none()).tls_certs_only([]).build().expect("a client")
}

fn set_up(app: &App, code: &str) -> (AccountId, ActorId) {
    let keeper = hearth_actions::server::set_up(app, &setup_form(code)).expect("set up");
    let personas = persona::all(app, keeper).expect("the database answers");
    (keeper, personas.first().expect("a persona").id)
}
