//! How this server is doing, in plain words. The keeper's page, the JSON API and `hearth doctor` all say what is found
//! here, and `/healthz` turns red by the same rules.
//!
//! Must never name a person or a group: only this server, other servers, and numbers.

use crate::{ActionError, App, Result, account, job};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use hearth_db::{
    DbConn, Time,
    tables::{
        accounts,
        delivery_hours::{self, DeliveryHour},
        helplines,
        hosts::{self, Host},
        incidents::{self, Incident},
        incoming, jobs, relays, server as server_row,
    },
    views::queue::{self, Waiting},
};
use hearth_domain::{host::HostState, id::AccountId, server::AccountState};
use std::collections::HashMap;

/// Received activities that nobody worked on for so long mean that something is wrong.
const INCOMING_STUCK: TimeDelta = TimeDelta::minutes(10);
/// How much free space is little, and how much is too little: a part of the disk in percent, and bytes.
const LITTLE: (u64, u64) = (10, 1 << 30);
const TOO_LITTLE: (u64, u64) = (2, 200 << 20);
/// How many servers and how many things put right a page shows.
const MOST_SERVERS: usize = 30;
const MOST_INCIDENTS: i64 = 20;

/// A disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// All of it.
    pub total: u64,
    /// What can still be written.
    pub free: u64,
}

impl Disk {
    /// How much of it is used, in percent, rounded up.
    #[must_use]
    pub fn used_percent(self) -> u64 {
        100_u64.saturating_sub(percent(self.free, self.total))
    }

    fn is_below(self, (part, bytes): (u64, u64)) -> bool {
        percent(self.free, self.total) < part || self.free < bytes
    }
}

fn percent(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 100 / u128::from(whole.max(1))).unwrap_or(100)
}

/// What the database does not know: how the machine and the program are doing.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The disk that holds the data folder.
    pub disk: Option<Disk>,
    /// Whether the disk is full: nothing new is taken.
    pub short_of_room: bool,
    /// Worker loops that gave no sign of life for two minutes.
    pub silent_workers: usize,
    /// How long nothing may go out, though something is due.
    pub stuck_after: TimeDelta,
}

impl Default for Machine {
    fn default() -> Self {
        Self { disk: None, short_of_room: false, silent_workers: 0, stuck_after: TimeDelta::minutes(2) }
    }
}

/// Why the server is not healthy, for health checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The disk is full.
    Room,
    /// A worker loop is silent.
    Workers,
    /// Nothing goes out, though something is due.
    Deliveries,
    /// Received activities are not worked on.
    Incoming,
}

impl Trouble {
    /// A sentence without any detail.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Room => "the disk is full",
            Self::Workers => "a worker is stuck",
            Self::Deliveries => "deliveries are stuck",
            Self::Incoming => "received messages are stuck",
        }
    }
}

/// What is wrong now, if anything.
///
/// # Errors
/// Database errors.
pub fn trouble(c: &mut DbConn, now: Time, machine: &Machine) -> Result<Option<Trouble>> {
    if machine.short_of_room {
        return Ok(Some(Trouble::Room));
    }
    if machine.silent_workers > 0 {
        return Ok(Some(Trouble::Workers));
    }
    let before = |time: TimeDelta| Time::from(now.utc() - time);
    let limit = before(machine.stuck_after);
    if queue::oldest_stuck(c, now, limit)?.is_some_and(|since| since <= limit) {
        return Ok(Some(Trouble::Deliveries));
    }
    let received = queue::oldest_incoming(c, now)?;
    Ok(received.is_some_and(|since| since <= before(INCOMING_STUCK)).then_some(Trouble::Incoming))
}

/// One small write, to see that the database takes it.
///
/// # Errors
/// Database errors.
pub fn write_something(app: &App) -> Result<()> {
    app.db.write(|tx| Ok(jobs::touch(tx, "health check", app.now())?))
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// All is well.
    Well,
    /// Nothing is wrong, but the keeper should know.
    Note,
    /// Something is wrong that may pass by itself.
    Look,
    /// Something is broken.
    Broken,
}

impl Level {
    /// A stable word, for programs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Note => "note",
            Self::Look => "look",
            Self::Broken => "broken",
        }
    }
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// What it is, in one sentence.
    pub words: String,
    /// The one thing to do; empty where there is nothing.
    pub advice: String,
    /// The other server it is about: one that can be asked again now.
    pub host: Option<String>,
}

impl Finding {
    /// A finding about this server.
    #[must_use]
    pub fn new(level: Level, words: impl Into<String>, advice: &str) -> Self {
        Self { level, words: words.into(), advice: advice.to_owned(), host: None }
    }
}

/// Another server, with what waits for it.
#[derive(Clone)]
pub struct Neighbour {
    /// Its row.
    pub row: Host,
    /// How it is doing.
    pub state: HostState,
    /// What waits for it.
    pub waiting: Option<Waiting>,
    /// What it took in about a week.
    pub delivered: i64,
}

/// Everything the keeper's page shows.
#[derive(Clone)]
pub struct Report {
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
    /// How many deliveries wait.
    pub waiting: i64,
    /// When the oldest of them was asked for.
    pub oldest: Option<Time>,
    /// Other servers: those in trouble first, then those heard from last; at most thirty.
    pub neighbours: Vec<Neighbour>,
    /// How many other servers there are.
    pub servers: usize,
    /// How many of them are well.
    pub servers_well: usize,
    /// The disk.
    pub disk: Option<Disk>,
    /// Active accounts.
    pub people: i64,
    /// Accounts that wait to be let in.
    pub people_waiting: usize,
    /// The last 24 hours that are known, oldest first.
    pub hours: Vec<DeliveryHour>,
    /// What was put right, newest first.
    pub incidents: Vec<Incident>,
}

/// How the server is doing, for its keeper.
///
/// # Errors
/// `Denied(KeepersOnly)`, database errors.
pub fn report(app: &App, keeper: AccountId, machine: &Machine) -> Result<Report> {
    let now = app.now();
    app.db.read(|c| {
        account::require_keeper(c, keeper)?;
        let all = neighbours(c)?;
        let findings = found(c, now, machine, &all)?;
        let people_waiting = accounts::in_state(c, AccountState::Waiting)?.len();
        Ok(Report {
            findings,
            waiting: all.iter().filter_map(|one| one.waiting).map(|waiting| waiting.count).sum(),
            oldest: all.iter().filter_map(|one| one.waiting).map(|waiting| waiting.oldest).min(),
            servers: all.len(),
            servers_well: all.iter().filter(|one| one.state == HostState::Well).count(),
            neighbours: all.into_iter().take(MOST_SERVERS).collect(),
            disk: machine.disk,
            people: accounts::count_active(c)?,
            people_waiting,
            hours: delivery_hours::since(c, (now.utc() - TimeDelta::hours(24)).into())?,
            incidents: incidents::latest(c, MOST_INCIDENTS)?,
        })
    })
}

/// One other server, for the keeper.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`, database errors.
pub fn neighbour(app: &App, keeper: AccountId, host: &str) -> Result<Neighbour> {
    app.db.read(|c| {
        account::require_keeper(c, keeper)?;
        hosts::get(c, host)?.ok_or(ActionError::NotFound)?;
        neighbours(c)?.into_iter().find(|one| one.row.host == host).ok_or(ActionError::NotFound)
    })
}

/// What is found, the worst first. For whoever holds the machine: asks nobody who they are.
///
/// # Errors
/// Database errors.
pub fn findings(app: &App, machine: &Machine) -> Result<Vec<Finding>> {
    let now = app.now();
    app.db.read(|c| {
        let all = neighbours(c)?;
        found(c, now, machine, &all)
    })
}

/// All other servers: those in trouble first, then those heard from last.
fn neighbours(c: &mut DbConn) -> Result<Vec<Neighbour>> {
    let (waiting, delivered): (HashMap<_, _>, HashMap<_, _>) = (queue::waiting(c)?, queue::delivered(c)?);
    let own = server_row::get(c)?.map(|row| row.origin.host());
    let rows = hosts::all(c)?.into_iter().filter(|row| Some(&row.host) != own.as_ref());
    let mut all: Vec<Neighbour> = rows
        .map(|row| Neighbour {
            state: row.state(),
            waiting: waiting.get(&row.host).copied(),
            delivered: delivered.get(&row.host).copied().unwrap_or(0),
            row,
        })
        .collect();
    let rank = |state| match state {
        HostState::NotAnswering => 0,
        HostState::Slow => 1,
        HostState::Asleep => 2,
        HostState::Well => 3,
        HostState::Blocked => 4,
    };
    all.sort_by_key(|one| (rank(one.state), std::cmp::Reverse(one.row.last_sign())));
    Ok(all)
}

fn found(c: &mut DbConn, now: Time, machine: &Machine, all: &[Neighbour]) -> Result<Vec<Finding>> {
    let site = server_row::get(c)?;
    let zone = site.as_ref().and_then(|row| row.zone.parse().ok()).unwrap_or(Tz::UTC);
    let mut findings = Vec::new();
    findings.extend(trouble(c, now, machine)?.map(of_trouble));
    if !machine.short_of_room {
        findings.extend(machine.disk.and_then(of_disk));
    }
    findings.extend(all.iter().filter_map(|one| of_neighbour(one, zone, now)));
    match site {
        None => findings.push(Finding::new(
            Level::Look,
            "The server is not set up yet.",
            "Start it and open the link it prints.",
        )),
        Some(row) => {
            findings.extend(of_tidying(c, now, row.set_up_at, zone)?);
            findings.push(Finding::new(Level::Well, format!("The server is set up as {}.", row.origin.host()), ""));
        }
    }
    findings.extend(for_the_keeper(c)?);
    findings.push(of_queue(all, now));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    Ok(findings)
}

fn of_trouble(trouble: Trouble) -> Finding {
    let words = match trouble {
        Trouble::Room => return full(),
        Trouble::Workers => "A part of Hearth has stopped working.",
        Trouble::Deliveries => "Announcements are not going out, though the other servers answer.",
        Trouble::Incoming => "What other servers send is kept, but not looked at.",
    };
    let advice = "Hearth tries to put this right by itself. If it still says so in five minutes, restart Hearth.";
    Finding::new(Level::Broken, words, advice)
}

fn full() -> Finding {
    Finding::new(
        Level::Broken,
        "The disk is full. Nothing new is taken; deleting, signing in and out, leaving and moderating still work.",
        "Remove what is not needed, or move to a larger disk. Hearth then goes on by itself within a minute.",
    )
}

fn of_disk(disk: Disk) -> Option<Finding> {
    let level = match disk {
        disk if disk.is_below(TOO_LITTLE) => Level::Broken,
        disk if disk.is_below(LITTLE) => Level::Look,
        _ => return None,
    };
    let words = format!("The disk is nearly full: {} is left.", bytes_words(disk.free));
    Some(Finding::new(
        level,
        words,
        "Remove what is not needed, or move to a larger disk. When it is full, nothing can be written.",
    ))
}

/// A server that does not answer is worth a word as long as something waits for it.
fn of_neighbour(one: &Neighbour, zone: Tz, now: Time) -> Option<Finding> {
    let waiting = one.waiting.filter(|_| matches!(one.state, HostState::NotAnswering | HostState::Asleep))?;
    let host = &one.row.host;
    let waits = match waiting.count {
        1 => "1 announcement is waiting".to_owned(),
        count => format!("{count} announcements are waiting"),
    };
    let words = match one.row.last_sign() {
        Some(at) => format!("{host} has not answered since {}; {waits}.", day_words(at.utc(), zone, now.utc())),
        None => format!("{host} has never answered; {waits}."),
    };
    let advice = "Hearth tries again by itself, for 7 days. If you know that it is back, try again now.";
    Some(Finding { host: Some(host.clone()), ..Finding::new(Level::Look, words, advice) })
}

/// The cleaning runs every hour on one of the nodes.
fn of_tidying(c: &mut DbConn, now: Time, set_up_at: Time, zone: Tz) -> Result<Option<Finding>> {
    let last = jobs::get(c, job::TIDY_UP)?.and_then(|row| row.last_finished).unwrap_or(set_up_at);
    if now.utc() - last.utc() < job::HOURLY * 3 {
        return Ok(None);
    }
    let words = format!("Tidying up has not run since {}.", day_words(last.utc(), zone, now.utc()));
    Ok(Some(Finding::new(Level::Look, words, "Is Hearth running? If it is, restart it.")))
}

fn for_the_keeper(c: &mut DbConn) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if helplines::all(c)?.is_empty() {
        let words = "No helpline is set. \"Get help\" shows only the emergency number.";
        findings.push(Finding::new(Level::Note, words, ""));
    }
    let people = match accounts::in_state(c, AccountState::Waiting)?.len() {
        0 => None,
        1 => Some("1 person waits to be let in.".to_owned()),
        many => Some(format!("{many} people wait to be let in.")),
    };
    findings.extend(people.map(|words| Finding::new(Level::Note, words, "Open \"Joining\" in your menu.")));
    let relays = match relays::all(c)?.len() {
        0 => None,
        1 => Some("Public meetups are passed on to 1 relay.".to_owned()),
        many => Some(format!("Public meetups are passed on to {many} relays.")),
    };
    findings.extend(relays.map(|words| Finding::new(Level::Note, words, "\"hearth network relay list\" names them.")));
    let parked = match incoming::count_parked(c)? {
        0 => None,
        1 => Some("1 message from another server could not be used. It is kept.".to_owned()),
        many => Some(format!("{many} messages from other servers could not be used. They are kept.")),
    };
    findings.extend(parked.map(|words| Finding::new(Level::Note, words, "")));
    Ok(findings)
}

fn of_queue(all: &[Neighbour], now: Time) -> Finding {
    let waiting: i64 = all.iter().filter_map(|one| one.waiting).map(|waiting| waiting.count).sum();
    let words = match all.iter().filter_map(|one| one.waiting).map(|waiting| waiting.oldest).min() {
        None => "Everything for other servers is delivered.".to_owned(),
        Some(oldest) => {
            let wait = if waiting == 1 { "announcement waits" } else { "announcements wait" };
            let age = age_words(now.utc() - oldest.utc());
            format!("{waiting} {wait} for other servers, the oldest for {age}.")
        }
    };
    Finding::new(Level::Well, words, "")
}

/// A length of time, roughly: "40 seconds", "3 minutes", "1 hour", "12 days".
#[must_use]
pub fn age_words(age: TimeDelta) -> String {
    let (count, unit) = match age.num_seconds().max(0) {
        seconds @ 0..60 => (seconds, "second"),
        seconds @ 60..3_600 => (seconds / 60, "minute"),
        seconds @ 3_600..86_400 => (seconds / 3_600, "hour"),
        seconds => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// A number of bytes, roughly: "740 MB", "3.1 GB".
#[must_use]
pub fn bytes_words(bytes: u64) -> String {
    let (tenths, unit) = match bytes {
        0..1_000_000_000 => return format!("{} MB", bytes / 1_000_000),
        1_000_000_000..1_000_000_000_000 => (bytes / 100_000_000, "GB"),
        _ => (bytes / 100_000_000_000, "TB"),
    };
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// A day as people say it after "since": "09:04 today", "yesterday", "Tuesday", "3 March".
#[must_use]
pub fn day_words(at: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> String {
    let (local, today) = (at.with_timezone(&zone).date_naive(), now.with_timezone(&zone).date_naive());
    match (today - local).num_days() {
        ..=0 => at.with_timezone(&zone).format("%H:%M today").to_string(),
        1 => "yesterday".to_owned(),
        2..=6 => local.format("%A").to_string(),
        _ => local.format("%-d %B").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (seconds, words) in [
            (-5, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (3_599, "59 minutes"),
            (7_200, "2 hours"),
            (86_400 * 12, "12 days"),
        ] {
            assert_eq!(age_words(TimeDelta::seconds(seconds)), words);
        }
    }

    #[test]
    fn days() {
        let now: DateTime<Utc> = "2026-03-10T12:00:00Z".parse().unwrap();
        for (at, words) in [
            ("2026-03-10T09:04:00Z", "09:04 today"),
            ("2026-03-09T23:00:00Z", "yesterday"),
            ("2026-03-05T23:00:00Z", "Thursday"),
            ("2026-03-03T12:00:00Z", "3 March"),
        ] {
            assert_eq!(day_words(at.parse().unwrap(), Tz::Europe__London, now), words);
        }
    }

    #[test]
    fn disks() {
        const GB: u64 = 1 << 30;
        for (total, free, level) in [
            (100 * GB, 40 * GB, None),
            (100 * GB, 9 * GB, Some(Level::Look)),
            (5 * GB, GB - 1, Some(Level::Look)),
            (100 * GB, GB, Some(Level::Broken)),
            (2 * GB, 100 << 20, Some(Level::Broken)),
            (0, 0, Some(Level::Broken)),
        ] {
            assert_eq!(of_disk(Disk { total, free }).map(|finding| finding.level), level, "{free} of {total}");
        }
        assert_eq!(Disk { total: 200, free: 124 }.used_percent(), 38);
        assert_eq!((bytes_words(740_000_000), bytes_words(3_190_000_000)), ("740 MB".into(), "3.1 GB".into()));
        assert_eq!(bytes_words(2_500_000_000_000), "2.5 TB");
    }
}
