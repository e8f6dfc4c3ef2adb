//! What the server under load finds in its database: a group of its keeper's, servers that follow it, people elsewhere
//! who write in it. Put there before the server starts, by actions where there are few and as rows where there are many.

use super::{
    Options,
    child::Child,
    peers::{self, Arrived, Ports, Question},
    requests::Member,
    served::{self, Publish, Raised},
};
use crate::{
    database::TestDatabase,
    world::{SharedKeys, group_form, post_form, setup_form},
};
use anyhow::{Context, bail};
use chrono::Duration;
use hearth::{
    config::Config,
    server::{self, Parts},
};
use hearth_actions::{App, persona};
use hearth_db::{
    Kind, Time, Tx,
    tables::{
        actors::{Actor, ActorKind},
        deliveries,
        follows::{Follow, FollowState},
        hosts,
        posts::Post,
    },
    views::sizes::{Sizes, sizes},
};
use hearth_domain::id::{AccountId, ActorId, FollowId};
use std::{sync::Arc, time::Instant};
use tempfile::TempDir;
use url::Url;

/// The name of the server under load.
pub(super) const HOST: &str = crate::world::HOST;
/// How long at most is waited for something to be done.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(300);

/// The other servers by how they behave, and which of them follow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Followers {
    /// Servers with a follower.
    pub count: usize,
    /// How they behave, as ports: where there are fewer ports than servers, several share one.
    pub peers: peers::Plan,
}

impl Followers {
    /// All of them good. More than 200 share ports: each port stands for a machine that keeps its connections.
    pub(super) fn good(count: usize, delay: u64) -> Self {
        Self { count, peers: peers::Plan { good: count.min(200), delay, ..peers::Plan::default() } }
    }
}

/// A prepared database with the other servers of its network, and the server once it runs.
pub(super) struct Town {
    /// Actions on the database, in this process.
    pub app: App,
    pub group: Actor,
    /// A post in the group to answer.
    pub welcome: Post,
    keeper: AccountId,
    persona: ActorId,
    config: Config,
    peers: Child,
    server: Option<(Child, u16)>,
    // Dropped last: `app` holds connections.
    database: TestDatabase,
    folder: TempDir,
}

impl Town {
    /// Prepares a database on which `members` are known and `followers` follow the group, and starts the others.
    pub(super) fn new(options: &Options, followers: Followers, members: &[Member]) -> anyhow::Result<Self> {
        let (peers, ports) = Child::start::<Ports>("peers", &followers.peers)?;
        let ports: Vec<u16> = [ports.good, ports.slow, ports.silent, ports.closed].concat();
        let names: Vec<String> = (0..followers.count).map(|number| format!("f{number}.test")).collect();
        let dev_peers: Vec<String> = names
            .iter()
            .zip(ports.iter().cycle())
            .map(|(name, port)| format!("{name}=http://127.0.0.1:{port}"))
            .collect();
        let folder = tempfile::tempdir()?;
        let database = TestDatabase::new(options.kind());
        let config = Config {
            data_dir: folder.path().join("data"),
            database_url: database.setting(),
            address: format!("https://{HOST}"),
            log: options.log.clone(),
            dev: true,
            dev_peers: dev_peers.join(","),
            ..Config::default()
        };
        // Making keys takes time and is not what is measured.
        let app = server::open(&config, &Parts { keys: Arc::new(SharedKeys), ..Parts::system() })?;
        let code = hearth_actions::server::new_setup_code(&app)?.context("the database is not empty")?;
        let keeper = hearth_actions::server::set_up(&app, &setup_form(&code))?;
        let persona = persona::all(&app, keeper)?.first().context("the keeper has no persona")?.id;
        let group = hearth_actions::group::create(&app, keeper, &group_form("tea", persona, "open_community"))?;
        let form = post_form(persona, "Welcome", "Say hello below.");
        let welcome = hearth_actions::post::publish(&app, keeper, group.id, &form)?;
        let key = members.first().map_or(group.public_key_pem.as_str(), |member| &member.public_pem);
        app.db.write(|tx| {
            members.iter().try_for_each(|member| person(&app, tx, &member.id, &member.public_pem).map(drop))?;
            names.iter().try_for_each(|name| follower(&app, tx, name, key, &group))
        })?;
        Ok(Self { app, group, welcome, keeper, persona, config, peers, server: None, database, folder })
    }

    /// Starts the server.
    pub(super) fn start(&mut self, raised: Raised) -> anyhow::Result<()> {
        let plan = served::Plan { config: self.config.clone(), dev: true, raised };
        self.server = Some(Child::start("server", &plan)?);
        Ok(())
    }

    /// Ends the server, as a power cut would.
    pub(super) fn stop(&mut self) {
        self.server = None;
    }

    /// The server's process.
    pub(super) fn server(&self) -> anyhow::Result<&Child> {
        Ok(&self.server.as_ref().context("the server does not run")?.0)
    }

    /// Where the server listens.
    pub(super) fn address(&self) -> anyhow::Result<std::net::SocketAddr> {
        let (_, port) = self.server.as_ref().context("the server does not run")?;
        Ok((std::net::Ipv4Addr::LOCALHOST, *port).into())
    }

    /// Has the server publish posts.
    pub(super) fn publish(&mut self, posts: usize) -> anyhow::Result<()> {
        let question =
            Publish { account: self.keeper.get(), persona: self.persona.get(), group: self.group.id.get(), posts };
        let (server, _) = self.server.as_mut().context("the server does not run")?;
        server.ask::<usize>(&question).map(drop)
    }

    /// Forgets what came to the others so far; times count from now.
    pub(super) fn reset_peers(&mut self) -> anyhow::Result<()> {
        self.peers.ask::<Arrived>(&Question::Reset).map(drop)
    }

    /// Waits until `expected` different deliveries have come to the good ones, and nothing is left to do.
    pub(super) fn settle(&mut self, expected: usize) -> anyhow::Result<Arrived> {
        let arrived = self.reached(expected)?;
        let began = Instant::now();
        while self.waiting()? > 0 {
            if began.elapsed() > PATIENCE {
                bail!("{} deliveries still wait, though all came", self.waiting()?);
            }
            pause(20);
        }
        Ok(arrived)
    }

    /// Waits until `expected` different deliveries have come to the good ones.
    pub(super) fn reached(&mut self, expected: usize) -> anyhow::Result<Arrived> {
        let began = Instant::now();
        loop {
            let so_far: Arrived = self.peers.ask(&Question::Progress)?;
            if so_far.distinct >= expected {
                break;
            }
            if began.elapsed() > PATIENCE {
                bail!("{} of {expected} deliveries came, {} still wait", so_far.distinct, self.waiting()?);
            }
            pause(20);
        }
        let arrived: Arrived = self.peers.ask(&Question::Arrivals)?;
        if arrived.distinct != expected {
            bail!("{} different deliveries came instead of {expected}", arrived.distinct);
        }
        Ok(arrived)
    }

    /// Deliveries without a final answer.
    pub(super) fn waiting(&self) -> anyhow::Result<i64> {
        Ok(self.app.db.read(deliveries::count_waiting)?)
    }

    /// Rows of the tables that grow.
    pub(super) fn sizes(&self) -> anyhow::Result<Sizes> {
        Ok(self.app.db.read(sizes)?)
    }

    /// Size of the database and of the log beside it, in MiB; PostgreSQL's log is not this database's own.
    pub(super) fn disk_mib(&self) -> anyhow::Result<(f64, Option<f64>)> {
        let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
        if self.database.kind() == Kind::Postgres {
            let bytes = self.database.ask_postgres("SELECT pg_database_size(current_database())");
            return Ok((mib(bytes.context("no answer")?.parse()?), None));
        }
        let file = self.database_file()?;
        let log = std::fs::metadata(file.with_extension("db-wal")).map(|log| log.len()).unwrap_or_default();
        Ok((mib(std::fs::metadata(file)?.len()), Some(mib(log))))
    }

    /// The share of the SQLite file that holds nothing, in MiB, from its header (bytes 16 and 36 on).
    pub(super) fn free_mib(&self) -> anyhow::Result<Option<f64>> {
        if self.database.kind() == Kind::Postgres {
            return Ok(None);
        }
        let mut header = [0; 100];
        std::io::Read::read_exact(&mut std::fs::File::open(self.database_file()?)?, &mut header)?;
        let page = match u16::from_be_bytes([header[16], header[17]]) {
            1 => 65_536.0,
            bytes => f64::from(bytes),
        };
        let free = u32::from_be_bytes([header[36], header[37], header[38], header[39]]);
        Ok(Some(f64::from(free) * page / 1_048_576.0))
    }

    fn database_file(&self) -> anyhow::Result<std::path::PathBuf> {
        Ok(self.config.database_url.strip_prefix("sqlite:").context("not SQLite")?.into())
    }

    /// The folder whose disk is measured.
    pub(super) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

#[expect(clippy::disallowed_methods, reason = "this process only watches, and must cost nothing meanwhile")]
pub(super) fn pause(milliseconds: u64) {
    std::thread::sleep(std::time::Duration::from_millis(milliseconds));
}

/// Somebody elsewhere, with a server that says it runs Lemmy: it gets one activity for each post.
fn person(app: &App, tx: &mut Tx<'_>, id: &Url, pem: &str) -> hearth_db::Result<Actor> {
    let now = app.now();
    let host = id.host_str().unwrap_or_default().to_owned();
    let row = Actor {
        id: ActorId::random(&*app.entropy),
        kind: ActorKind::Person,
        ap_id: id.clone().try_into().expect("an id"),
        name: id.path().rsplit('/').next().unwrap_or_default().to_owned(),
        display_name: String::new(),
        summary_source: String::new(),
        summary_html: String::new(),
        url: id.to_string(),
        inbox: format!("{id}/inbox"),
        shared_inbox: Some(format!("https://{host}/inbox")),
        outbox: None,
        followers: None,
        public_key_id: format!("{id}#main-key"),
        public_key_pem: pem.to_owned(),
        private_key_pem: None,
        approves_followers: false,
        discoverable: false,
        on_network_since: Some(now),
        created_at: now,
        updated_at: now,
        fetched_at: Some(now),
        deleted_at: None,
        local: false,
        host,
    };
    row.insert(tx)?;
    let known = hosts::ensure(tx, &row.host)?;
    hosts::update(
        tx,
        &hosts::Host {
            software: Some("lemmy".to_owned()),
            version: Some("0.19.15".to_owned()),
            checked_at: Some(now),
            ..known
        },
    )?;
    Ok(row)
}

fn follower(app: &App, tx: &mut Tx<'_>, host: &str, pem: &str, group: &Actor) -> hearth_db::Result<()> {
    let id: Url = format!("https://{host}/u/sam").parse().expect("an address");
    let actor = person(app, tx, &id, pem)?;
    let follow = Follow {
        id: FollowId::random(&*app.entropy),
        ap_id: format!("{id}/follows/1").parse().expect("an id"),
        follower_id: actor.id,
        target_id: group.id,
        state: FollowState::Accepted,
        created_at: app.now(),
    };
    follow.insert(tx)
}

/// So many days ago.
pub(super) fn days_ago(app: &App, days: i64) -> Time {
    (app.clock.now() - Duration::days(days)).into()
}
