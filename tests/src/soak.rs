//! The soak program: breaks a real server on purpose, as accidents would, and checks that nothing acknowledged is lost
//! (R-01 to R-21 of the targets). The server is this program started again, so that it can be killed and stopped, and
//! faults can be put at named points (`hearth_db::fault`); what needs another time than the real one runs in-process.
//!
//! A scenario ends with plain figures and PASS or FAIL. Its short form shows in seconds that it works; the figures that
//! count are those of the full form in a release build.
//!
//! Must never: reach anything but loopback, or pass because nothing was there to check.

mod away;
mod clock;
mod cluster;
mod crashes;
mod disk;
mod findings;
mod flood;
mod hostile;
mod latency;
mod nodes;
mod person;
mod slow;
mod small_disk;
mod stall;
mod still;
mod twice;
mod wide;

use crate::rig::{peers, served, town::Setting};
use anyhow::Context;
use clap::{Parser, ValueEnum};
use findings::Findings;
use hearth_db::Kind;
use std::{process::ExitCode, time::Instant};

/// Breaks a real server on purpose and says what became of it.
#[derive(Debug, Parser)]
#[command(name = "soak")]
struct Cli {
    /// `list`, `all`, or the names of scenarios: `R-01`.
    #[arg(required = true)]
    scenarios: Vec<String>,
    #[command(flatten)]
    options: Options,
}

/// How a scenario is run.
#[derive(Debug, Clone, clap::Args)]
struct Options {
    /// The short form: shows that everything works; the figures mean little.
    #[arg(long)]
    short: bool,
    /// rounds. Others: how much, where it can be said by one number.
    #[arg(long)]
    rounds: Option<usize>,
    /// The database of the server.
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Database,
    /// Where chance begins.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What the server logs, to standard error.
    #[arg(long, default_value = "off")]
    log: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    /// A file in a temporary folder.
    Sqlite,
    /// A new database on the server that HEARTH_TEST_POSTGRES names.
    Postgres,
}

impl Options {
    /// The number that was asked for, or that of the full or the short form.
    fn rounds(&self, full: usize, short: usize) -> usize {
        self.rounds.unwrap_or(if self.short { short } else { full })
    }

    const fn pick<T: Copy>(&self, full: T, short: T) -> T {
        if self.short { short } else { full }
    }

    const fn kind(&self) -> Kind {
        match self.database {
            Database::Sqlite => Kind::Sqlite,
            Database::Postgres => Kind::Postgres,
        }
    }

    fn setting(&self) -> Setting {
        Setting { log: self.log.clone(), ..Setting::on(self.kind()) }
    }
}

/// Which databases a scenario is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Both,
    Postgres,
    Sqlite,
}

struct Scenario {
    name: &'static str,
    about: &'static str,
    on: On,
    run: fn(&Options, &mut Findings) -> anyhow::Result<()>,
}

const fn scenario(
    name: &'static str,
    about: &'static str,
    on: On,
    run: fn(&Options, &mut Findings) -> anyhow::Result<()>,
) -> Scenario {
    Scenario { name, about, on, run }
}

const SCENARIOS: [Scenario; 16] = [
    scenario("R-01", "kill -9 at random moments and at every fault point; with R-03", On::Both, crashes::crashes),
    scenario("R-02", "everything is sent one to five times, shuffled, by eight senders", On::Both, twice::twice),
    scenario("R-04", "a server that is away for six days, and one for eight", On::Both, away::away),
    scenario("R-05", "no names can be resolved for ten minutes", On::Both, away::no_names),
    scenario("R-06", "a server that answers one byte a second holds up nobody", On::Both, slow::one_slow),
    scenario("R-07", "hostile requests among good ones", On::Both, hostile::flooded),
    scenario("R-08", "the disk is full, and has space again", On::Sqlite, disk::full),
    scenario(
        "R-09",
        "two nodes: one is killed, one stands still for longer than a lease",
        On::Postgres,
        nodes::two_nodes,
    ),
    scenario("R-11", "the database is away and comes back", On::Both, disk::database_away),
    scenario("R-12", "how long people and servers wait, at a steady rate; memory (R-14)", On::Both, latency::steady),
    scenario("R-13", "a server that is 300 ms away", On::Both, slow::far_away),
    scenario("R-16", "many followers on many servers, a tenth of them dead", On::Both, wide::fan_out),
    scenario("R-17", "thousands of accounts nobody knows are deleted", On::Both, wide::deletes),
    scenario("R-19", "the clock jumps", On::Both, clock::jumps),
    scenario("R-21", "the sending stands still", On::Both, stall::noticed),
    scenario("R-14", "start and memory on a large database", On::Both, latency::large),
];

/// Runs the program.
///
/// # Errors
/// When a process could not be started, or an answer could not be understood.
pub fn main() -> anyhow::Result<ExitCode> {
    let Cli { scenarios, options } = Cli::parse();
    match scenarios.first().map(String::as_str) {
        // The two roles in which this program starts itself.
        Some("server") => return served::serve(),
        Some("peers") => return peers::serve(),
        Some("list") => {
            for Scenario { name, about, .. } in &SCENARIOS {
                println!("{name}  {about}");
            }
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    let mut good = true;
    for name in &scenarios {
        let all = name == "all";
        let mut chosen = SCENARIOS.iter().filter(|one| all || one.name.eq_ignore_ascii_case(name)).peekable();
        chosen.peek().with_context(|| format!("there is no scenario {name}: see `soak list`"))?;
        for one in chosen {
            good &= run(one, &options, all)?;
        }
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn run(scenario: &Scenario, options: &Options, may_skip: bool) -> anyhow::Result<bool> {
    let fits = match scenario.on {
        On::Both => true,
        On::Postgres => options.kind() == Kind::Postgres,
        On::Sqlite => options.kind() == Kind::Sqlite,
    };
    if !fits {
        println!("{} is not for this database", scenario.name);
        return Ok(may_skip);
    }
    println!("{}: {} ({})", scenario.name, scenario.about, if options.short { "short" } else { "full" });
    let began = Instant::now();
    let mut findings = Findings::new(scenario.name, options.short);
    if let Err(error) = (scenario.run)(options, &mut findings) {
        findings.must(&format!("ran to its end ({error:#})"), false);
    }
    findings.say("took", format!("{:.1} s", began.elapsed().as_secs_f64()));
    Ok(findings.end())
}
