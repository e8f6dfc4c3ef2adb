//! the disk is full, or the database is away. Nothing that was acknowledged is lost, nobody is told a lie,
//! and everything goes on by itself afterwards.

use super::{
    Options,
    cluster::Cluster,
    findings::Findings,
    flood::{self, How, Outcome},
    person::{Page, Person},
    small_disk::SmallDisk,
    twice,
};
use crate::rig::{
    peers::Plan,
    requests,
    served::Ask,
    town::{Followers, Setting, Town, pause},
};
use crate::world::PASSWORD;
use hearth::ballast::BYTES;
use hearth_actions::session;
use hearth_db::{Kind, dialect};
use std::{
    net::SocketAddr,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

const FOLLOWERS: usize = 2;
/// The size of the disk that is filled, in MiB.
const DISK: u32 = 128;
/// A page of SQLite, in bytes.
const PAGE: u64 = 4_096;
/// What somebody types.
const TYPED: &str = "Tea when the disk is full";
/// What the keeper reads.
const FULL: &str = "The disk is full. Nothing new is taken";
/// Everything goes on within this time, in seconds.
const RECOVERY: f64 = 5.0;

fn town_like(setting: &Setting) -> anyhow::Result<(Town, Vec<requests::Member>)> {
    let members = requests::members(4, 4, true)?;
    let peers = Plan { good: FOLLOWERS, keep: true, ..Plan::default() };
    Ok((Town::new(setting, Followers { count: FOLLOWERS, each: 1, peers }, &members)?, members))
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

/// A disk that can be filled.
enum Fillable {
    /// A real one.
    Disk(SmallDisk),
    /// Only SQLite's own limit, `max_page_count`: every write that needs a new page fails as on a full disk.
    Pages,
}

///
pub(super) fn full(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let disk = SmallDisk::mount(DISK)?;
    let mut setting = options.setting();
    setting.disk = disk.as_ref().map(|disk| disk.path().to_owned());
    let what = match &disk {
        Some(_) => format!("a tmpfs of {DISK} MiB"),
        None => "SQLite's page limit: no disk can be mounted (run it as root, or under `unshare -rm`)".to_owned(),
    };
    findings.say("the disk", what);
    let disk = disk.map_or(Fillable::Pages, Fillable::Disk);
    let (mut town, members) = town_like(&setting)?;
    town.start(twice::raised())?;
    let at = town.address()?;
    let person = Person { session: session::open(&town.app, town.keeper, "a soak")? };
    let ballast = town.database_file()?.with_file_name("ballast");
    // It is written piece by piece.
    let is_whole = || std::fs::metadata(&ballast).is_ok_and(|file| file.len() == BYTES);
    wait_for("the ballast at the start, all of it", is_whole)?;
    let posted = post(&person, at, &town)?;
    findings.same("a new post while there is room", &posted.status, &303);
    let own = posted.location.split('?').next().unwrap_or_default().to_owned();
    town.reached(FOLLOWERS)?;
    let before = town.sizes()?.posts;

    let letters = fill(options, &mut town, &members, &disk, findings)?;
    while_full(findings, &mut town, &person, &letters, &disk)?;
    in_the_freed_room(findings, &mut town, &person, &own, &disk)?;

    match &disk {
        Fillable::Disk(disk) => disk.empty()?,
        Fillable::Pages => town.ask(&Ask::FillDisk(None)).map(drop)?,
    }
    let began = Instant::now();
    wait_for("the ballast when there is space again", || {
        is_whole() && person.get(at, "/admin").is_ok_and(|page| !page.body.contains(FULL))
    })?;
    findings.most("noticed that there is space again, by itself, after", began.elapsed().as_secs_f64(), 60.0, "s");
    findings.same("a new post when there is space again", &post(&person, at, &town)?.status, &303);
    let last = flood::insist(&[at], &letters, How::over(8), 10)?;
    findings.same("activities that were taken in the end", &count(&last, 202), &letters.len());
    // Two posts and a deletion of our own.
    town.settle((letters.len() + 3) * FOLLOWERS)?;
    findings.say("everything was applied and relayed after", format!("{:.1} s", began.elapsed().as_secs_f64()));
    findings.same("posts more than before", &(town.sizes()?.posts - before), &i64::try_from(letters.len() + 1)?);
    findings.same("complaints of the database about itself", &town.app.db.read(dialect::integrity)?.len(), &0);
    Ok(())
}

fn wait_for(what: &str, mut so: impl FnMut() -> bool) -> anyhow::Result<()> {
    let began = Instant::now();
    while !so() {
        anyhow::ensure!(began.elapsed() < Duration::from_secs(90), "waited in vain for {what}");
        pause(100);
    }
    Ok(())
}

fn post(person: &Person, at: SocketAddr, town: &Town) -> anyhow::Result<Page> {
    let persona = town.persona.to_string();
    let fields = [("title", TYPED), ("body", "On Tuesday."), ("see", "public"), ("as", &persona)];
    person.send(at, "/g/tea/new", "/g/tea/new", &fields)
}

/// Fills the disk, and sends activities until one finds no room. Returns all that were sent.
fn fill(
    options: &Options,
    town: &mut Town,
    members: &[requests::Member],
    disk: &Fillable,
    findings: &mut Findings,
) -> anyhow::Result<Vec<Vec<u8>>> {
    match disk {
        Fillable::Disk(disk) => findings.say("bytes that filled it", disk.fill()?),
        Fillable::Pages => findings.say("pages at which it is full", town.ask(&Ask::FillDisk(Some(0)))?),
    }
    let mut letters = Vec::new();
    // The write-ahead log has some room left in what it takes already.
    for batch in 0..50 {
        let some = requests::signed(town, members, &format!("full{batch}"), options.rounds(2_000, 200))?;
        let outcomes = flood::flood(&[town.address()?], &some, How::over(8))?;
        letters.extend(some);
        honest(findings, &outcomes);
        if count(&outcomes, 503) > 0 {
            break;
        }
    }
    findings.say("activities until it was full", letters.len());
    Ok(letters)
}

/// What people, servers and the keeper are told.
fn while_full(
    findings: &mut Findings,
    town: &mut Town,
    person: &Person,
    letters: &[Vec<u8>],
    disk: &Fillable,
) -> anyhow::Result<()> {
    let at = town.address()?;
    if matches!(disk, Fillable::Disk(_)) {
        findings.must("the ballast is gone", !town.database_file()?.with_file_name("ballast").exists());
    }
    let outcomes = flood::flood(&[at], &letters[letters.len().saturating_sub(5)..], How::over(1))?;
    let closed = outcomes.iter().filter(|one| one.status == 503 && one.retry_after).count();
    findings.same("inboxes are closed, and say when to come again", &closed, &outcomes.len());
    findings.same("a page", &person.get(at, "/g/tea")?.status, &200);
    let refused = post(person, at, town)?;
    findings.same("a new post", &refused.status, &507);
    findings.must("with a sentence", refused.body.contains("disk is full") && !refused.body.contains("SQLite"));
    findings.must("with what was typed", refused.body.contains(TYPED));
    let health = person.get(at, "/healthz")?;
    findings.same("the health check", &(health.status, health.body.trim()), &(503, "the disk is full"));
    findings.must("the keeper's page says so", person.get(at, "/admin")?.body.contains(FULL));
    findings.must("the server still runs", !town.nodes[0].process.has_ended());
    findings.same("complaints of the database about itself", &town.app.db.read(dialect::integrity)?.len(), &0);
    Ok(())
}

/// What works in the room that the ballast left.
fn in_the_freed_room(
    findings: &mut Findings,
    town: &mut Town,
    person: &Person,
    own: &str,
    disk: &Fillable,
) -> anyhow::Result<()> {
    let at = town.address()?;
    if matches!(disk, Fillable::Pages) {
        town.ask(&Ask::FillDisk(Some(BYTES / PAGE)))?;
    }
    let deleted = person.send(at, own, &format!("{own}/delete"), &[("sure", "yes")])?;
    findings.same("deleting a post in the freed room", &deleted.status, &303);
    findings.same("it is gone", &person.get(at, own)?.status, &410);
    let nobody = Person { session: String::new() };
    let fields = [("sign_in_name", "keeper"), ("password", PASSWORD)];
    let signed_in = nobody.send(at, "/sign-in", "/sign-in", &fields)?;
    findings.same("signing in in the freed room", &signed_in.status, &303);
    Ok(())
}

///
pub(super) fn database_away(options: &Options, findings: &mut Findings) -> anyhow::Result<()> {
    let cluster = match options.kind() {
        Kind::Postgres => Some(Cluster::start()?),
        Kind::Sqlite => None,
    };
    let mut setting = options.setting();
    setting.postgres = cluster.as_ref().map(|cluster| cluster.address().to_owned());
    let (mut town, members) = town_like(&setting)?;
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
