//! `/admin`: how the server is doing, and what to do about it. For keepers; for everybody else there is nothing here.

use crate::{
    answer::Answer,
    error::{Failure, nothing},
    sent::Sent,
    submit::{Button, submit},
    viewer::{Shown, Visit},
    views::{
        health::{Bars, HealthPage, Hour, Incident, Line, Problem, Scale, Server, ServerPage, Stat, State},
        shell::Nav,
    },
    words::{When, count_words},
};
use chrono::{DateTime, Duration, Utc};
use hearth_actions::{
    health::{self, Level, Neighbour, Report, age_words},
    remote,
};
use hearth_db::{
    Time,
    tables::{
        delivery_hours::DeliveryHour,
        incidents::{Incident as Row, IncidentKind},
    },
};
use hearth_domain::{host::HostState, id::AccountId};

/// Most problems that are told one by one; the table has them all.
const MOST_PROBLEMS: usize = 5;
/// Hours in the charts.
const HOURS: i64 = 24;

/// The keeper who asks. Others learn nothing, not even that there is such a page.
fn keeper(visit: &Visit) -> Result<AccountId, Failure> {
    let me = visit.me()?;
    if me.account.keeper { Ok(me.account.id) } else { Err(nothing()) }
}

pub(crate) async fn show(visit: Visit) -> Answer {
    visit.show(page).await
}

fn page(visit: &Visit) -> Shown {
    let keeper = keeper(visit)?;
    let machine = (visit.state.machine)();
    let report = health::report(&visit.state.app, keeper, &machine)?;
    let curly = |words: &str| words.replace('\'', "’");
    let problems = report.findings.iter().filter(|found| found.level >= Level::Look).take(MOST_PROBLEMS);
    let notes = report.findings.iter().filter(|found| found.level == Level::Note);
    let incidents: Vec<Incident> = report.incidents.iter().map(|row| incident(visit, row)).collect();
    let recent = report.incidents.first().filter(|row| visit.now - row.at.utc() < Duration::days(1));
    let hours = filled(&report.hours, visit.now);
    visit.page(&HealthPage {
        shell: visit.shell("Server health", Nav::Elsewhere),
        problems: problems
            .map(|found| Problem {
                words: curly(&found.words),
                advice: curly(&found.advice),
                host: found.host.clone(),
                broken: found.level == Level::Broken,
            })
            .collect(),
        lately: recent.and_then(|_| incidents.first()).map(sentence).unwrap_or_default(),
        notes: notes.map(|found| curly(&format!("{} {}", found.words, found.advice)).trim().to_owned()).collect(),
        stats: stats(&report, visit.now),
        hours: hours.iter().rev().map(|row| hour(visit, row)).collect(),
        delivered: bars(visit, &hours),
        waiting: line(visit, &hours),
        servers: report.neighbours.iter().map(|one| server(visit, one)).collect(),
        more_servers: report.servers.saturating_sub(report.neighbours.len()),
        incidents,
    })
}

fn stats(report: &Report, now: DateTime<Utc>) -> Vec<Stat> {
    let oldest = report.oldest.map(|at| format!("oldest {}", age_words(now - at.utc()))).unwrap_or_default();
    let others = report.servers.saturating_sub(report.servers_well);
    let well = if others == 0 { String::new() } else { format!("{} well, {others} not", report.servers_well) };
    let joining =
        if report.people_waiting == 0 { String::new() } else { format!("{} waiting to join", report.people_waiting) };
    let mut stats = vec![
        Stat { label: "Announcements waiting", value: report.waiting.to_string(), more: oldest },
        Stat { label: "Connected servers", value: report.servers.to_string(), more: well },
        Stat { label: "People", value: report.people.to_string(), more: joining },
    ];
    stats.extend(report.disk.map(|disk| Stat {
        label: "Disk",
        value: format!("{}% used", disk.used_percent()),
        more: format!("{} left", health::bytes_words(disk.free)),
    }));
    stats
}

/// The last 24 hours, also those of which nothing is known, oldest first.
fn filled(known: &[DeliveryHour], now: DateTime<Utc>) -> Vec<DeliveryHour> {
    let seconds = now.timestamp();
    let this = DateTime::from_timestamp(seconds - seconds.rem_euclid(3_600), 0).unwrap_or(now);
    let at = |back: i64| Time::from(this - Duration::hours(back));
    let row = |hour: Time| known.iter().find(|row| row.hour == hour).cloned();
    let none = |hour| DeliveryHour { hour, delivered: 0, failed: 0, waiting: 0 };
    (0..HOURS).rev().map(at).map(|hour| row(hour).unwrap_or_else(|| none(hour))).collect()
}

fn hour(visit: &Visit, row: &DeliveryHour) -> Hour {
    let when = When::written(row.hour.utc(), visit.zone(), visit.now).words;
    Hour { when, delivered: row.delivered, failed: row.failed, waiting: row.waiting }
}

// The drawing: from 40 to 430 across, from 160 up to 12.
const LEFT: i64 = 44;
const STEP: i64 = 16;
const FLOOR: i64 = 160;
const HEIGHT: i64 = 148;

/// The first round number that is not below `most`, and even.
fn top(most: i64) -> i64 {
    let mut unit = 1_i64;
    loop {
        for digit in [2, 4, 10] {
            let top = unit.saturating_mul(digit);
            if top >= most {
                return top;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// How high a number is drawn. One is never nothing.
fn height(number: i64, top: i64) -> i64 {
    let drawn = number.saturating_mul(HEIGHT) / top.max(1);
    if number > 0 { drawn.max(2) } else { 0 }
}

fn scale(visit: &Visit, hours: &[DeliveryHour], top: i64) -> Scale {
    let words = |at: Time| at.utc().with_timezone(&visit.zone()).format("%-I %P").to_string();
    let every_sixth = hours.iter().zip(0_i64..).filter(|(_, place)| place % 6 == 2);
    Scale {
        lines: [0, top / 2, top].map(|number| (FLOOR - height(number, top), number)).to_vec(),
        times: every_sixth.map(|(row, place)| (LEFT + place * STEP + 5, words(row.hour))).collect(),
    }
}

fn bars(visit: &Visit, hours: &[DeliveryHour]) -> Bars {
    let top = top(hours.iter().map(|row| row.delivered.saturating_add(row.failed)).max().unwrap_or(0));
    let mut bars = Bars { scale: scale(visit, hours, top), ..Bars::default() };
    for (row, place) in hours.iter().zip(0_i64..) {
        let (x, taken, failed) = (LEFT + place * STEP, height(row.delivered, top), height(row.failed, top));
        if taken > 0 {
            bars.taken.push((x, FLOOR - taken, taken));
        }
        if failed > 0 {
            bars.failed.push((x, (FLOOR - taken - failed).max(4), failed));
        }
    }
    let sum = |of: fn(&DeliveryHour) -> i64| hours.iter().map(of).sum::<i64>();
    let (delivered, failed) = (sum(|row| row.delivered), sum(|row| row.failed));
    bars.words = format!("In the last 24 hours {delivered} were delivered, and {failed} attempts failed.");
    bars
}

fn line(visit: &Visit, hours: &[DeliveryHour]) -> Line {
    let most = hours.iter().map(|row| row.waiting).max().unwrap_or(0);
    let top = top(most);
    let point = |(row, place): (&DeliveryHour, i64)| {
        format!("{},{}", 40 + place * 390 / (HOURS - 1), FLOOR - height(row.waiting, top))
    };
    let points: Vec<String> = hours.iter().zip(0_i64..).map(point).collect();
    let words = format!("In the last 24 hours at most {most} waited at once.");
    Line { words, scale: scale(visit, hours, top), points: points.join(" ") }
}

fn server(visit: &Visit, one: &Neighbour) -> Server {
    Server {
        host: one.row.host.clone(),
        software: software(one),
        state: state(visit, one),
        heard: heard(visit, one),
        waiting: one.waiting.map_or(0, |waiting| waiting.count),
        delivered: one.delivered,
    }
}

/// What a server runs, with a capital.
fn software(one: &Neighbour) -> String {
    let name = one.row.software.as_deref().unwrap_or_default();
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

fn heard(visit: &Visit, one: &Neighbour) -> String {
    let words = |at: Time| When::written(at.utc(), visit.zone(), visit.now).words;
    one.row.last_sign().map_or_else(|| "Not yet".to_owned(), words)
}

fn state(visit: &Visit, one: &Neighbour) -> State {
    let since = |lead: &str| match one.row.last_sign() {
        Some(at) => format!("{lead} since {}", health::day_words(at.utc(), visit.zone(), visit.now)),
        None => lead.to_owned(),
    };
    let (words, class, icon) = match one.state {
        HostState::Well => ("Well".to_owned(), "good", "check"),
        HostState::Slow => ("Slow".to_owned(), "wait", "clock"),
        HostState::NotAnswering => (since("Not answering"), "bad", "warn"),
        HostState::Asleep => (since("Asleep"), "", "clock"),
        HostState::Blocked => ("Blocked".to_owned(), "bad", "shield"),
    };
    State { words, class, icon }
}

fn incident(visit: &Visit, row: &Row) -> Incident {
    let count = u64::try_from(row.count).unwrap_or_default();
    let (lead, rest) = match row.kind {
        IncidentKind::BacklogSent => (
            format!("Kept and sent {} to", count_words(count, "announcement", "announcements")),
            "after it had been away.",
        ),
        IncidentKind::KeyFetched => {
            (format!("Fetched {} of", count_words(count, "new signing key", "new signing keys")), "which had changed.")
        }
        IncidentKind::WorkerBegunAgain => ("Began again a part of Hearth".to_owned(), "that had stopped."),
        IncidentKind::LeaseTakenOver => ("Took over work".to_owned(), "that had been begun and not finished."),
    };
    let when = When::written(row.at.utc(), visit.zone(), visit.now).words;
    Incident { lead, host: row.host.clone(), rest, when }
}

/// One line of what was put right, for the sentence at the top.
fn sentence(one: &Incident) -> String {
    let host = one.host.as_ref().map(|host| format!(" {host}")).unwrap_or_default();
    let (rest, when) = (one.rest.trim_end_matches('.'), super::talk::lower(&one.when));
    format!("{}{host} {rest} ({when}).", one.lead)
}

// One server

pub(crate) async fn server_page(visit: Visit) -> Answer {
    visit.show(one_server).await
}

fn one_server(visit: &Visit) -> Shown {
    let one = health::neighbour(&visit.state.app, keeper(visit)?, visit.part("host"))?;
    let row = &one.row;
    let words = |at: Time| When::written(at.utc(), visit.zone(), visit.now).words;
    let or = |at: Option<Time>, none: &str| at.map_or_else(|| none.to_owned(), words);
    let mut facts = vec![
        ("Last took something:", or(row.last_ok_at, "not yet")),
        ("Last sent something:", or(row.last_heard_at, "not yet")),
        ("Delivered this week:", one.delivered.to_string()),
    ];
    facts.push((
        "Waiting for it:",
        match one.waiting {
            None => "nothing".to_owned(),
            Some(waiting) => {
                format!("{}, the oldest for {}", waiting.count, age_words(visit.now - waiting.oldest.utc()))
            }
        },
    ));
    if row.failures > 0 {
        facts.push(("Failed in a row:", count_words(row.failures.unsigned_abs().into(), "time", "times")));
        facts.push(("Tried again:", or(row.next_try_at.filter(|at| at.utc() > visit.now), "when the next is due")));
    }
    let runs = format!("{} {}", software(&one), row.version.as_deref().unwrap_or_default()).trim().to_owned();
    facts.push(("It runs:", if runs.is_empty() { "it did not say".to_owned() } else { runs }));
    visit.page(&ServerPage {
        shell: visit.shell(&row.host, Nav::Elsewhere),
        host: row.host.clone(),
        state: state(visit, &one),
        facts,
        can_try: !row.blocked && (row.failures > 0 || row.next_try_at.is_some()),
        partner: row.partner,
        may_hold_private: row.may_hold_private,
    })
}

pub(crate) async fn trust(visit: Visit, sent: Sent) -> Answer {
    let host = visit.part("host").to_owned();
    let page = format!("/admin/servers/{host}");
    let back = page.clone();
    let act = move |visit: &Visit, sent: &Sent| {
        let ticked = |name: &str| Some(sent.get(name) == "yes");
        let trust = remote::Trust { partner: ticked("partner"), may_hold_private: ticked("may_hold") };
        remote::trust(&visit.state.app, keeper(visit)?, &host, trust)?;
        Ok(Answer::see(&format!("{back}?said=saved")))
    };
    submit(visit, sent, Button { page, act }).await
}

pub(crate) async fn try_again(visit: Visit, sent: Sent) -> Answer {
    let host = visit.part("host").to_owned();
    let page = format!("/admin/servers/{host}");
    let back = page.clone();
    let act = move |visit: &Visit, _: &Sent| {
        remote::try_again(&visit.state.app, keeper(visit)?, &host)?;
        Ok(Answer::see(&format!("{back}?said=trying")))
    };
    submit(visit, sent, Button { page, act }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_end_at_round_numbers() {
        for (most, end) in [(0, 2), (2, 2), (3, 4), (5, 10), (11, 20), (38, 40), (61, 100), (410, 1_000)] {
            assert_eq!(top(most), end, "{most}");
        }
        assert_eq!((height(0, 10), height(5, 10), height(10, 10), height(1, 100_000)), (0, 74, 148, 2));
    }

    #[test]
    fn hours_of_which_nothing_is_known_are_empty() {
        let now: DateTime<Utc> = "2026-03-10T12:34:00Z".parse().unwrap();
        let at = |text: &str| Time::from(text.parse::<DateTime<Utc>>().unwrap());
        let known = [DeliveryHour { hour: at("2026-03-10T11:00:00Z"), delivered: 7, failed: 0, waiting: 1 }];
        let hours = filled(&known, now);
        assert_eq!(
            (hours.len(), hours[0].hour, hours[23].hour),
            (24, at("2026-03-09T13:00:00Z"), at("2026-03-10T12:00:00Z"))
        );
        assert_eq!(hours.iter().map(|row| row.delivered).collect::<Vec<_>>()[21..], [0, 7, 0]);
    }
}
