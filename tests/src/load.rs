//! The load program: a real server, many cheap other servers and a sender, each a process of its own, so that what the
//! server costs is counted apart from what the measuring costs.
//!
//! Every figure stands beside a limit that was measured in the same run on the same machine: bare signatures and checks
//! of the same library, and writes that reach the disk. What must be right (everything arrived, once, and is in the
//! database) makes the program fail; whether a target was met is only said.
//!
//! Must never: reach anything but loopback, or count what was not seen to arrive.

pub(crate) mod growth;
mod incoming;
mod limits;
mod meetups;
mod outgoing;
mod pages;
mod report;
mod slow_peers;

use crate::rig::{peers, served, town::Setting};
use anyhow::bail;
use clap::{Args, Parser, ValueEnum};
use hearth_db::Kind;
use report::Report;
use std::process::ExitCode;

/// Puts load on a real server and says how it did.
#[derive(Debug, Parser)]
#[command(name = "load")]
struct Cli {
    /// What to measure.
    scenario: Scenario,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// Posts in a row to a group with followers on many servers.
    Outgoing,
    /// One post to a group with followers on very many servers.
    Fanout,
    /// What other servers post to the inbox: applied and relayed to one of them.
    Incoming,
    /// The same with dead and very slow servers among the followers.
    SlowPeers,
    /// The same on a large database, and what cleaning up leaves of it.
    Growth,
    /// What people read, as a group grows.
    Pages,
    /// A calendar of thousands of dates, and changes of many of them at once.
    Meetups,
    /// All of them, one after the other.
    All,
    /// The server under load (started by this program itself).
    #[value(hide = true)]
    Server,
    /// The other servers (started by this program itself).
    #[value(hide = true)]
    Peers,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Database {
    /// A file in a temporary folder.
    Sqlite,
    /// A new database on the server that HEARTH_TEST_POSTGRES names.
    Postgres,
}

/// How much load. What is not given has the size the targets name, or with `--quick` a very small one.
#[derive(Debug, Clone, Args)]
struct Options {
    /// Only show that everything works; the figures mean nothing.
    #[arg(long)]
    quick: bool,
    /// Print rows for docs/measurements.md.
    #[arg(long)]
    markdown: bool,
    /// The database of the server.
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Database,
    /// outgoing, fanout: servers with a follower.
    #[arg(long)]
    hosts: Option<usize>,
    /// outgoing, fanout: posts in a row.
    #[arg(long)]
    posts: Option<usize>,
    /// outgoing, fanout: how long another server takes to answer, in milliseconds.
    #[arg(long, default_value_t = 0)]
    delay: u64,
    /// incoming: concurrent senders, one after the other.
    #[arg(long, value_delimiter = ',')]
    senders: Option<Vec<usize>>,
    /// incoming: activities for each number of senders.
    #[arg(long)]
    count: Option<usize>,
    /// slow-peers: servers with a follower.
    #[arg(long)]
    followers: Option<usize>,
    /// slow-peers: activities a second.
    #[arg(long)]
    rate: Option<f64>,
    /// slow-peers: pairs of runs; the median of their ratios counts.
    #[arg(long)]
    pairs: Option<usize>,
    /// growth: posts, past activities and past deliveries in the large database; pages: posts in the largest group.
    #[arg(long)]
    rows: Option<usize>,
    /// Limit of the server: deliveries in flight for one host (incoming: 32).
    #[arg(long)]
    per_host: Option<i64>,
    /// Limit of the server: deliveries in flight in all.
    #[arg(long)]
    flight: Option<usize>,
    /// What the server logs, to standard error.
    #[arg(long, default_value = "error")]
    log: String,
}

impl Options {
    /// The size that was asked for, or the usual or the quick one.
    fn size<T: Clone>(&self, asked: &Option<T>, usual: T, quick: T) -> T {
        asked.clone().unwrap_or(if self.quick { quick } else { usual })
    }

    const fn kind(&self) -> Kind {
        match self.database {
            Database::Sqlite => Kind::Sqlite,
            Database::Postgres => Kind::Postgres,
        }
    }

    /// What the server and its network are made with.
    fn setting(&self) -> Setting {
        Setting { log: self.log.clone(), ..Setting::on(self.kind()) }
    }
}

/// How a scenario is run.
type Run = fn(&Options, &mut Report) -> anyhow::Result<()>;

/// The scenarios in the order of `all`.
const SCENARIOS: [(Scenario, Run); 7] = [
    (Scenario::Outgoing, outgoing::outgoing),
    (Scenario::Fanout, outgoing::fanout),
    (Scenario::Incoming, incoming::incoming),
    (Scenario::SlowPeers, slow_peers::slow_peers),
    (Scenario::Growth, growth::growth),
    (Scenario::Pages, pages::pages),
    (Scenario::Meetups, meetups::meetups),
];

/// Runs the program.
///
/// # Errors
/// When something did not arrive, or a process could not be started.
pub fn main() -> anyhow::Result<ExitCode> {
    let Cli { scenario, options } = Cli::parse();
    if !options.quick && cfg!(debug_assertions) && !matches!(scenario, Scenario::Server | Scenario::Peers) {
        bail!("figures of a debug build mean nothing: use cargo run --release -p tests --bin load, or --quick");
    }
    match scenario {
        Scenario::Server => return served::serve(),
        Scenario::Peers => return peers::serve(),
        _ => {}
    }
    let mut report = Report::new(&options);
    let result = measure(scenario, &options, &mut report);
    // What was found before a failure is found all the same.
    report.print();
    result.map(|()| ExitCode::SUCCESS)
}

fn measure(scenario: Scenario, options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let all = scenario == Scenario::All;
    for (one, run) in SCENARIOS {
        if all || scenario == one {
            run(options, report)?;
        }
    }
    Ok(())
}
