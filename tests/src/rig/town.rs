//! What the server under load or test finds in its database: a group of its keeper's, servers that follow it, people elsewhere
//! who write in it. Put there before the server starts, by actions where there are few and as rows where there are many.

use super::{
    child::Child,
    peers::{self, Arrived, Ports, Question, Seen},
    requests::Member,
    served::{self, Ask, Publish, Raised},
};
use crate::{
    database::TestDatabase,
    keys::SharedKeys,
    world::{group_form, post_form, setup_form, sign_up_form},
};
use anyhow::{Context, bail};
use chrono::Duration;
use hearth::{
    config::Config,
    server::{self, Parts},
};
use hearth_actions::{
    App,
    account::{self, SignedUp},
    membership, persona, session,
};
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
use hearth_domain::{
    clock::FixedClock,
    id::{AccountId, ActorId, FollowId},
};
use std::{collections::BTreeSet, process::Command, sync::Arc, time::Instant};
use tempfile::TempDir;
use url::Url;

/// The name of the server under load.
pub(crate) const HOST: &str = crate::world::HOST;
/// How long at most is waited for something to be done.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(300);

/// What a town is made with.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// The database.
    pub kind: Kind,
    /// What the server logs, to standard error.
    pub log: String,
    /// Whether the others are reached by a name that has to be looked up, or straight away.
    pub by_name: bool,
    /// The PostgreSQL server, where it is not the one of the tests.
    pub postgres: Option<String>,
    /// The folder for a SQLite database, where it is not the usual one for temporary files.
    pub disk: Option<std::path::PathBuf>,
    /// The time at which everything is made, where it is not the real one.
    pub clock: Option<Arc<FixedClock>>,
}

impl Setting {
    /// The usual, on this kind of database.
    pub(crate) fn on(kind: Kind) -> Self {
        Self { kind, log: "error".to_owned(), by_name: false, postgres: None, disk: None, clock: None }
    }
}

/// The other servers by how they behave, and which of them follow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Followers {
    /// Servers with followers.
    pub count: usize,
    /// Followers on each.
    pub each: usize,
    /// How they behave, as ports: where there are fewer ports than servers, several share one.
    pub peers: peers::Plan,
}

impl Followers {
    /// All of them good. More than 200 share ports: each port stands for a machine that keeps its connections.
    pub(crate) fn good(count: usize, delay: u64) -> Self {
        Self { count, each: 1, peers: peers::Plan { good: count.min(200), delay, ..peers::Plan::default() } }
    }
}

/// A prepared database with the other servers of its network, and the server once it runs.
pub(crate) struct Town {
    /// Actions on the database, in this process.
    pub app: App,
    pub group: Actor,
    /// A post in the group to answer.
    pub welcome: Post,
    /// The keeper's account and persona.
    pub keeper: AccountId,
    pub persona: ActorId,
    /// The settings of the server.
    pub config: Config,
    /// The other servers.
    pub peers: Child,
    /// The server, as often as it was started and not stopped.
    pub nodes: Vec<Node>,
    // Dropped last: `app` holds connections.
    database: TestDatabase,
    folder: TempDir,
}

/// A server that runs, and its port.
pub(crate) struct Node {
    pub process: Child,
    pub port: u16,
}

impl Node {
    /// Where it listens.
    pub(crate) fn address(&self) -> std::net::SocketAddr {
        (std::net::Ipv4Addr::LOCALHOST, self.port).into()
    }
}

impl Town {
    /// Prepares a database on which `members` are known and `followers` follow the group, and starts the others.
    pub(crate) fn new(setting: &Setting, followers: Followers, members: &[Member]) -> anyhow::Result<Self> {
        let (peers, ports) = Child::start::<Ports>("peers", &followers.peers)?;
        let ports: Vec<u16> = [ports.good, ports.slow, ports.silent, ports.closed, ports.late].concat();
        let names: Vec<String> = (0..followers.count).map(|number| format!("f{number}.test")).collect();
        let place = if setting.by_name { "localhost" } else { "127.0.0.1" };
        let senders: BTreeSet<&str> = members.iter().filter_map(|member| member.id.host_str()).collect();
        let dev_peers: Vec<String> = names
            .iter()
            .map(String::as_str)
            .zip(ports.iter().cycle())
            // Those who write answer as the first follower does.
            .chain(senders.into_iter().zip(ports.iter().take(1).cycle()))
            .map(|(name, port)| format!("{name}=http://{place}:{port}"))
            .collect();
        let folder = tempfile::tempdir()?;
        let database = match (&setting.postgres, &setting.disk) {
            (Some(server), _) => TestDatabase::on_postgres(server),
            (None, Some(disk)) => TestDatabase::in_folder(disk),
            (None, None) => TestDatabase::new(setting.kind),
        };
        let config = Config {
            data_dir: folder.path().join("data"),
            database_url: database.setting(),
            address: format!("https://{HOST}"),
            log: setting.log.clone(),
            dev: true,
            dev_peers: dev_peers.join(","),
            ..Config::default()
        };
        // Making keys takes time and is not what is measured.
        let mut parts = Parts { keys: Arc::new(SharedKeys), ..Parts::system() };
        if let Some(clock) = &setting.clock {
            parts.clock = clock.clone();
        }
        let app = server::open(&config, &parts)?;
        let code = hearth_actions::server::new_setup_code(&app)?.context("the database is not empty")?;
        let keeper = hearth_actions::server::set_up(&app, &setup_form(&code))?;
        let persona = persona::all(&app, keeper)?.first().context("the keeper has no persona")?.id;
        let group = hearth_actions::group::create(&app, keeper, &group_form("tea", persona, "open_community"))?;
        let form = post_form(persona, "Welcome", "Say hello below.");
        let welcome = hearth_actions::post::publish(&app, keeper, group.id, &form)?;
        let key = members.first().map_or(group.public_key_pem.as_str(), |member| &member.public_pem);
        app.db.write(|tx| {
            members.iter().try_for_each(|member| person(&app, tx, &member.id, &member.public_pem).map(drop))?;
            names.iter().try_for_each(|name| {
                (0..followers.each).try_for_each(|number| follower(&app, tx, name, number, key, &group))
            })
        })?;
        Ok(Self { app, group, welcome, keeper, persona, config, peers, nodes: Vec::new(), database, folder })
    }

    /// People of this server who write in the group, signed in: each one's session and persona. They come in as everybody
    /// does, but for typing their password once more.
    pub(crate) fn people(&self, count: usize) -> anyhow::Result<Vec<(String, ActorId)>> {
        let one = |number: usize| {
            let form = sign_up_form(&format!("person{number}"));
            let account = match account::sign_up(&self.app, &form)? {
                SignedUp::Active(account) => account,
                SignedUp::Waiting => bail!("the door is not open"),
            };
            let persona = persona::all(&self.app, account)?.first().context("no persona")?.id;
            membership::join(&self.app, account, self.group.id, persona)?;
            Ok((session::open(&self.app, account, "a soak")?, persona))
        };
        (0..count).map(one).collect()
    }

    /// Starts the server, or one more node of it.
    pub(crate) fn start(&mut self, raised: Raised) -> anyhow::Result<()> {
        self.start_with(raised, |_| {})
    }

    /// The same, with more said about its process.
    pub(crate) fn start_with(&mut self, raised: Raised, more: impl FnOnce(&mut Command)) -> anyhow::Result<()> {
        let plan = served::Plan { config: self.config.clone(), dev: true, raised };
        let (process, port) = Child::start_with("server", &plan, more)?;
        self.nodes.push(Node { process, port });
        Ok(())
    }

    /// Ends the server, as a power cut would.
    pub(crate) fn stop(&mut self) {
        self.nodes.clear();
    }

    /// The server's process.
    pub(crate) fn server(&self) -> anyhow::Result<&Child> {
        Ok(&self.nodes.first().context("the server does not run")?.process)
    }

    /// Where the server listens.
    pub(crate) fn address(&self) -> anyhow::Result<std::net::SocketAddr> {
        Ok(self.nodes.first().context("the server does not run")?.address())
    }

    /// Has the server publish posts.
    pub(crate) fn publish(&mut self, posts: usize) -> anyhow::Result<()> {
        let (account, persona, group) = (self.keeper.get(), self.persona.get(), self.group.id.get());
        self.ask(&Ask::Publish(Publish { account, persona, group, posts })).map(drop)
    }

    /// Asks the server something from inside.
    pub(crate) fn ask(&mut self, question: &Ask) -> anyhow::Result<usize> {
        let node = self.nodes.first_mut().context("the server does not run")?;
        node.process.ask(question)
    }

    /// Forgets what came to the others so far; times count from now.
    pub(crate) fn reset_peers(&mut self) -> anyhow::Result<()> {
        self.peers.ask::<Arrived>(&Question::Reset).map(drop)
    }

    /// What came to the good ones, if that is kept.
    pub(crate) fn seen(&mut self) -> anyhow::Result<Vec<Seen>> {
        Ok(self.peers.ask::<Option<Vec<Seen>>>(&Question::Seen)?.unwrap_or_default())
    }

    /// What came so far.
    pub(crate) fn arrived(&mut self) -> anyhow::Result<Arrived> {
        self.peers.ask(&Question::Progress)
    }

    /// Waits until `expected` different deliveries have come to the good ones, and nothing is left to do.
    pub(crate) fn settle(&mut self, expected: usize) -> anyhow::Result<Arrived> {
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
    pub(crate) fn reached(&mut self, expected: usize) -> anyhow::Result<Arrived> {
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
    pub(crate) fn waiting(&self) -> anyhow::Result<i64> {
        Ok(self.app.db.read(deliveries::count_waiting)?)
    }

    /// Rows of the tables that grow.
    pub(crate) fn sizes(&self) -> anyhow::Result<Sizes> {
        Ok(self.app.db.read(sizes)?)
    }

    /// Size of the database and of the log beside it, in MiB; PostgreSQL's log is not this database's own.
    pub(crate) fn disk_mib(&self) -> anyhow::Result<(f64, Option<f64>)> {
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
    pub(crate) fn free_mib(&self) -> anyhow::Result<Option<f64>> {
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

    /// The file of a SQLite database.
    pub(crate) fn database_file(&self) -> anyhow::Result<std::path::PathBuf> {
        Ok(self.config.database_url.strip_prefix("sqlite:").context("not SQLite")?.into())
    }

    /// The folder whose disk is measured.
    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

#[expect(clippy::disallowed_methods, reason = "this process only watches, and must cost nothing meanwhile")]
pub(crate) fn pause(milliseconds: u64) {
    std::thread::sleep(std::time::Duration::from_millis(milliseconds));
}

/// Somebody elsewhere, with a server that says it runs Lemmy: it gets one activity for each post.
pub(crate) fn person(app: &App, tx: &mut Tx<'_>, id: &Url, pem: &str) -> hearth_db::Result<Actor> {
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

fn follower(app: &App, tx: &mut Tx<'_>, host: &str, number: usize, pem: &str, group: &Actor) -> hearth_db::Result<()> {
    let id: Url = format!("https://{host}/u/sam{number}").parse().expect("an address");
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
pub(crate) fn days_ago(app: &App, days: i64) -> Time {
    (app.clock.now() - Duration::days(days)).into()
}
