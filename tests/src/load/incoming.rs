//! What other servers post to the inbox: checked, applied, and relayed to one server that follows.

use super::{
    Options,
    limits::{self, Rsa},
    report::{Report, Target},
};
use crate::rig::{
    requests::{self, Member},
    sender::{self, Sent},
    served::Raised,
    town::{Followers, Town, pause},
};
use anyhow::bail;
use hearth_db::Kind;
use std::time::{Duration, Instant};

/// Applied in a second on SQLite with the most senders.
const APPLIED: f64 = 2_000.0;
/// 95 % are answered within this time at half of what was reached, in milliseconds.
const LATENCY: f64 = 50.0;
/// How long the paced part lasts, in seconds.
const PACED: f64 = 10.0;

/// What a series of activities came to.
pub(super) struct Figures {
    pub sent: Sent,
    /// Until all were in the database, and until the follower had all.
    applied: Duration,
    relayed_ms: f64,
    /// Processor time of the server, relaying included.
    cpu: Duration,
}

impl Figures {
    /// Rows of the database a second.
    pub(super) fn applied_per_second(&self) -> f64 {
        self.sent.latencies.len() as f64 / self.applied.as_secs_f64()
    }
}

/// Several numbers of senders one after the other, then half of the highest rate with a pace.
pub(super) fn incoming(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let senders = options.size(&options.senders, vec![1, 16, 64], vec![1, 4]);
    let members = people(options)?;
    let before = Rsa::measure(options.quick)?;
    let mut town = Town::new(&options.setting(), Followers::good(1, 0), &members)?;
    let flushes = limits::flushes_per_second(town.folder(), options.quick)?;
    let raised = raised(options);
    town.start(raised)?;
    warm_up(&mut town, &members)?;
    town.settle(members.len())?;
    report.say("incoming", "limits of the server", raised.words());
    let mut series = Vec::new();
    for &senders in &senders {
        // One sender waits for each answer: fewer suffice for a figure.
        let count = options.size(&options.count, if senders == 1 { 1_000 } else { 10_000 }, 24);
        let requests = requests::signed(&town, &members, &format!("s{senders}"), count)?;
        let figures = run(&mut town, &requests, senders, None)?;
        // The limits are known only at the end; until then this shows where it stands.
        eprintln!("incoming, {senders} senders: {:.0} applied a second", figures.applied_per_second());
        series.push((senders, figures));
    }
    let most = series.last().map_or(1.0, |(_, figures)| figures.applied_per_second());
    let half = most / 2.0;
    let count = if options.quick { 24 } else { (half * PACED) as usize };
    let requests = requests::signed(&town, &members, "paced", count)?;
    let paced = run(&mut town, &requests, 64, Some(half))?;
    let limit = before.best(Rsa::measure(options.quick)?);
    let flushes = flushes.max(limits::flushes_per_second(town.folder(), options.quick)?);
    for (place, (senders, figures)) in series.iter().enumerate() {
        let target = (options.kind() == Kind::Sqlite && place + 1 == series.len()).then_some(Target::Least(APPLIED));
        say(report, &format!("incoming, {senders} senders"), figures, limit, flushes, target);
    }
    let section = format!("incoming, {half:.0} a second");
    report.figure(&section, "50 % answered within", paced.sent.percentile(0.5), "ms");
    report.judge(&section, "95 % answered within", paced.sent.percentile(0.95), "ms", Target::Most(LATENCY));
    report.figure(&section, "99 % answered within", paced.sent.percentile(0.99), "ms");
    report.figure("incoming", "server, most memory", town.server()?.usage()?.peak_mib, "MiB");
    report.figure("incoming", "limit: checks of signatures per CPU-second", limit.verifies, "");
    report.figure("incoming", "limit: writes that reach the disk, a second", flushes, "");
    Ok(())
}

/// People on several servers who write.
pub(super) fn people(options: &Options) -> anyhow::Result<Vec<Member>> {
    if options.quick { requests::members(2, 2, true) } else { requests::members(8, 8, false) }
}

/// The limits of the server with which what comes in is measured: how many one host may send is not the question.
pub(super) fn raised(options: &Options) -> Raised {
    Raised {
        posts_per_minute: Some(u32::MAX),
        per_host: Some(options.per_host.unwrap_or(32)),
        flight: options.flight,
        ..Raised::default()
    }
}

/// Sends a few that do not count: with the first ones the server makes what it keeps.
pub(super) fn warm_up(town: &mut Town, members: &[Member]) -> anyhow::Result<()> {
    let requests = requests::signed(town, members, "first", members.len())?;
    sender::send(town.address()?, &requests, 1, None)?.all_accepted()
}

/// Sends them, and waits until everything is in the database and the follower has got all.
fn run(town: &mut Town, requests: &[Vec<u8>], senders: usize, rate: Option<f64>) -> anyhow::Result<Figures> {
    run_to(town, requests, senders, rate, 1)
}

/// The same with more than one follower.
pub(super) fn run_to(
    town: &mut Town,
    requests: &[Vec<u8>],
    senders: usize,
    rate: Option<f64>,
    followers: usize,
) -> anyhow::Result<Figures> {
    let posts_before = town.sizes()?.posts;
    let cpu_before = town.server()?.usage()?.cpu;
    town.reset_peers()?;
    let began = Instant::now();
    let sent = sender::send(town.address()?, requests, senders, rate)?;
    sent.all_accepted()?;
    let expected = posts_before + i64::try_from(requests.len())?;
    while town.sizes()?.posts < expected {
        if began.elapsed() > sent.took + Duration::from_secs(60) {
            bail!("{} posts are in the database instead of {expected}", town.sizes()?.posts);
        }
        pause(5);
    }
    let applied = began.elapsed();
    let relayed = town.settle(requests.len() * followers)?;
    let cpu = town.server()?.usage()?.cpu - cpu_before;
    if town.sizes()?.posts != expected {
        bail!("{} posts are in the database instead of {expected}", town.sizes()?.posts);
    }
    Ok(Figures { sent, applied, relayed_ms: relayed.last_ms, cpu })
}

fn say(report: &mut Report, section: &str, figures: &Figures, limit: Rsa, flushes: f64, target: Option<Target>) {
    let count = figures.sent.latencies.len() as f64;
    report.figure(section, "accepted a second", figures.sent.rate(), "");
    match target {
        Some(target) => report.judge(section, "applied a second", figures.applied_per_second(), "", target),
        None => report.figure(section, "applied a second", figures.applied_per_second(), ""),
    }
    report.figure(section, "relayed a second", count * 1_000.0 / figures.relayed_ms.max(0.01), "");
    report.figure(section, "50 % answered within", figures.sent.percentile(0.5), "ms");
    report.figure(section, "95 % answered within", figures.sent.percentile(0.95), "ms");
    report.figure(section, "99 % answered within", figures.sent.percentile(0.99), "ms");
    let cpu = figures.cpu.as_secs_f64();
    report.figure(section, "server, processor time for each, with relaying", cpu * 1_000.0 / count, "ms");
    // Each is checked once and signed once when it is relayed: what that alone costs, as a share of what all costs.
    let bare = count / limit.verifies + count / limit.signs;
    report.figure(section, "bare check and signature, as a share of that", bare / cpu.max(0.01), "");
    report.figure(section, "applied, for each write that reaches the disk", figures.applied_per_second() / flushes, "");
}
