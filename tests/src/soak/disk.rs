//! the disk is full, or the database is away. Nothing that was acknowledged is lost, nobody is told a lie,
//! and everything goes on by itself afterwards.

use super::{
    Options,
    cluster::Cluster,
    findings::Findings,
    flood::{self, How, Outcome},
    person::Person,
    twice,
};
use crate::rig::{
    peers::Plan,
    requests,
    served::Ask,
    town::{Followers, Town, pause},
};
use hearth_actions::session;
use hearth_db::{Kind, dialect};
use std::{
    net::SocketAddr,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

const FOLLOWERS: usize = 2;
/// Everything goes on within this time, in seconds.
const RECOVERY: f64 = 5.0;

fn town(options: &Options, postgres: Option<String>) -> anyhow::Result<(Town, Vec<requests::Member>)> {
    let members = requests::members(4, 4, true)?;
    let peers = Plan { good: FOLLOWERS, keep: true, ..Plan::default() };
    let mut setting = options.setting();
    setting.postgres = postgres;
    Ok((Town::new(&setting, Followers { count: FOLLOWERS, each: 1, peers }, &members)?, members))
}

fn count(outcomes: &[Outcome], status: u16) -> usize {
    outcomes.iter().filter(|outcome| outcome.status == status).count()
}

/// Only taken, or told to come again.
fn honest(findings: &mut Findings, outcomes: &[Outcome]) {
    let busy = outcomes.iter().filter(|outcome| outcome.status == 503 && outcome.retry_after).count();
    findings.say("activities that were taken, and told to come again", format!("{}, {busy}", count(outcomes, 202)));
    findings.same("answered otherwise", &(outcomes.len() - count(outcomes, 202) - busy), &0);
}

/// The full disk is SQLite's `max_page_count`: every write that needs a new page fails as on a full disk.
pub(super) fn full(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let total = options.rounds(2_000, 200);
    let (mut town, members) = town(options, None)?;
    town.start(twice::raised())?;
    let at = town.address()?;
    let person = Person { session: session::open(&town.app, town.keeper, "a soak")? };
    let persona = town.persona.to_string();
    let fields = [("title", "Tea when the disk is full"), ("body", "On Tuesday."), ("see", "public"), ("as", &persona)];
    let requests = requests::signed(&town, &members, "full", total)?;
    let pages = town.ask(&Ask::FillDisk(true))?;
    findings.say("full (max_page_count) at", format!("{pages} pages"));
    let first = flood::flood(&[at], &requests, How::over(8))?;
    honest(findings, &first);
    findings.must("the disk was really full", count(&first, 503) > 0);
    findings.same("a page", &person.get(at, "/g/tea")?.status, &200);
    let refused = person.send(at, "/g/tea/new", "/g/tea/new", &fields)?;
    findings.same("a new post", &refused.status, &503);
    findings
        .must("with a sentence, and what was typed", refused.body.contains("<h1") && !refused.body.contains("SQLite"));
    findings.must("the server still runs", !town.nodes[0].process.has_ended());
    findings.same("complaints of the database about itself", &town.app.db.read(dialect::integrity)?.len(), &0);
    town.ask(&Ask::FillDisk(false))?;
    let began = Instant::now();
    let posted = person.send(at, "/g/tea/new", "/g/tea/new", &fields)?;
    findings.same("a new post when there is space again", &posted.status, &303);
    let signed_in = hearth_actions::session::open(&town.app, town.keeper, "another device").is_ok();
    findings.must("signing in when there is space again", signed_in);
    let last = flood::insist(&[at], &requests, How::over(8), 10)?;
    findings.same("activities that were taken in the end", &count(&last, 202), &total);
    town.settle((total + 1) * FOLLOWERS)?;
    findings.say("everything was applied and relayed after", format!("{:.1} s", began.elapsed().as_secs_f64()));
    findings.same("posts", &town.sizes()?.posts, &i64::try_from(total + 2)?);
    findings.same("complaints of the database about itself", &town.app.db.read(dialect::integrity)?.len(), &0);
    Ok(())
}

///
pub(super) fn database_away(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let cluster = match options.kind() {
        Kind::Postgres => Some(Cluster::start()?),
        Kind::Sqlite => None,
    };
    let (mut town, members) = town(options, cluster.as_ref().map(|cluster| cluster.address().to_owned()))?;
    town.start(twice::raised())?;
    let total = options.rounds(400, 60);
    let before = requests::signed(&town, &members, "before", total)?;
    let during = requests::signed(&town, &members, "during", total)?;
    let at = town.address()?;
    let person = Person { session: session::open(&town.app, town.keeper, "a soak")? };
    let first = flood::insist(&[at], &before, How::over(8), 5)?;
    findings.same("activities that were taken before", &count(&first, 202), &total);

    let (outcomes, back) = match &cluster {
        Some(cluster) => {
            cluster.stop()?;
            while_away(findings, &person, at, &during, options.pick(60, 6), 503, || cluster.start_again())?
        }
        None => while_locked(options, findings, &town, &person, at, &during)?,
    };
    honest(findings, &outcomes);
    findings.must("it really was away", count(&outcomes, 503) > 0);
    // The first of what is sent again is the sign that the inbox works.
    while person.get(at, "/g/tea")?.status != 200 || flood::flood(&[at], &during[..1], How::over(1))?[0].status != 202 {
        anyhow::ensure!(back.elapsed() < Duration::from_secs(60), "it does not come back");
        pause(50);
    }
    findings.most("pages and inbox work again after", back.elapsed().as_secs_f64(), RECOVERY, "s");
    findings.must("the server still runs", !town.nodes[0].process.has_ended());
    let last = flood::insist(&[at], &during, How::over(8), 10)?;
    findings.same("activities that were taken in the end", &count(&last, 202), &total);
    let arrived = town.settle(2 * total * FOLLOWERS)?;
    findings.say("everything was relayed after", format!("{:.1} s", back.elapsed().as_secs_f64()));
    findings
        .say("deliveries, repeated ones", format!("{}, {}", arrived.deliveries, arrived.deliveries - arrived.distinct));
    findings.same("posts", &town.sizes()?.posts, &i64::try_from(2 * total + 1)?);
    Ok(())
}

/// Sends slowly over the whole time, and looks at a page in the middle; then ends the trouble. Returns what became of the
/// requests, and when it was over.
fn while_away(
    findings: &mut Findings,
    person: &Person,
    at: SocketAddr,
    requests: &[Vec<u8>],
    seconds: u64,
    page: u16,
    end: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<(Vec<Outcome>, Instant)> {
    let began = Instant::now();
    // All are sent well before it is over.
    let how = How { rate: Some(requests.len() as f64 * 1.5 / seconds as f64), ..How::over(requests.len()) };
    let (outcomes, over) = thread::scope(|scope| {
        let sending = scope.spawn(move || flood::flood(&[at], requests, how));
        pause(seconds * 300);
        let asked = Instant::now();
        let shown = person.get(at, "/g/tea")?;
        findings.same("a page meanwhile", &shown.status, &page);
        findings.say("which took", format!("{:.1} s", asked.elapsed().as_secs_f64()));
        pause((seconds * 1_000).saturating_sub(u64::try_from(began.elapsed().as_millis())?));
        end()?;
        let over = Instant::now();
        Ok::<_, anyhow::Error>((sending.join().expect("sending does not panic")?, over))
    })?;
    findings.say("it was away for", format!("{:.1} s", (over - began).as_secs_f64()));
    findings.most("the longest that one waited for an answer", flood::percentile(&outcomes, 1.0) / 1_000.0, 20.0, "s");
    Ok((outcomes, over))
}

/// Another process (this one) holds the lock of SQLite's only writer.
fn while_locked(
    options: &Options,
    findings: &mut Findings,
    town: &Town,
    person: &Person,
    at: SocketAddr,
    requests: &[Vec<u8>],
) -> anyhow::Result<(Vec<Outcome>, Instant)> {
    // Longer than a writer waits by itself.
    let seconds = options.pick(30, 8);
    let (release, released) = mpsc::channel::<()>();
    let (hold, held) = mpsc::channel::<()>();
    let db = town.app.db.clone();
    let holder = thread::spawn(move || {
        db.write(|_| {
            let _ = hold.send(());
            let _ = released.recv();
            Ok::<_, hearth_db::DbError>(())
        })
    });
    held.recv()?;
    while_away(findings, person, at, requests, seconds, 200, move || {
        drop(release);
        Ok(holder.join().expect("holding a lock does not panic")?)
    })
}
