//! Meetups: a calendar of some thousand dates over some hundred groups, and changes of many dates at once.

use super::{
    Options, pages,
    report::{Report, Target},
};
use crate::{
    rig::town::{Followers, Town},
    world::{event_form, group_form},
};
use anyhow::{Context, bail};
use chrono::{Duration, NaiveDate};
use hearth_actions::{
    ActionError, App,
    event::{self, EventForm},
    group, persona, session,
};
use hearth_db::tables::{event_series, events::Event};
use hearth_domain::id::ActorId;
use std::time::Instant;

/// 95 of 100 pages come within this, in milliseconds.
const WITHIN: f64 = 50.0;
/// So many dates change in less than a second.
const CHANGED: usize = 500;
const CHANGE_TAKES: f64 = 1.0;
/// Dates of one series that are announced at once.
const AHEAD: usize = 8;
/// Series, and meetups that are once, in each group.
const SERIES: usize = 2;
const ONCE: usize = 1;

/// Fills the calendar, reads its pages, and changes all dates of some series.
pub(super) fn meetups(options: &Options, report: &mut Report) -> anyhow::Result<()> {
    let groups = if options.quick { 3 } else { 300 };
    let times = if options.quick { 3 } else { 200 };
    let mut town = Town::new(&options.setting(), Followers::good(1, 0), &[])?;
    let persona = persona::all(&town.app, town.keeper)?.first().context("the keeper has a persona")?.id;
    let calendar = Calendar { town: &town, persona };
    let began = Instant::now();
    let mut firsts = Vec::new();
    for number in 0..groups {
        firsts.extend(calendar.group(number)?);
    }
    let section = format!("meetups, {} dates in {groups} groups", groups * (SERIES * AHEAD + ONCE));
    report.figure(&section, "announcing them took", began.elapsed().as_secs_f64(), "s");
    let series = CHANGED.div_ceil(AHEAD).min(firsts.len());
    let changed = calendar.change(&firsts[..series])?;
    if changed.dates < series * AHEAD {
        bail!("{} dates changed of {}", changed.dates, series * AHEAD);
    }
    let takes = changed.seconds * CHANGED as f64 / changed.dates as f64;
    let figure = format!("changing {} dates of {series} series took", changed.dates);
    report.figure(&section, &figure, changed.seconds, "s");
    report.judge(&section, "for 500 dates", takes, "s", Target::Most(CHANGE_TAKES));
    let cookie = session::open(&town.app, town.keeper, "The load program")?;
    town.start(Default::default())?;
    let address = town.address()?;
    let ask = |path: &str, cookie: Option<&str>| pages::read_page(address, path, cookie, times);
    report.figure(&section, "/healthz, 95 %", ask("/healthz", None)?.within(0.95), "ms");
    for path in ["/meetups", "/g/calendar_1/meetups", "/g/calendar_1/meetups.ics"] {
        for (reader, cookie) in [("visitor", None), ("member", Some(cookie.as_str()))] {
            let figure = format!("{path}, {reader}: 95 %");
            report.judge(&section, &figure, ask(path, cookie)?.within(0.95), "ms", Target::Most(WITHIN));
        }
    }
    town.stop();
    Ok(())
}

struct Calendar<'a> {
    town: &'a Town,
    persona: ActorId,
}

struct Changed {
    dates: usize,
    seconds: f64,
}

impl Calendar<'_> {
    fn app(&self) -> &App {
        &self.town.app
    }

    fn form(&self, day: NaiveDate, repeats: &str) -> EventForm {
        EventForm { date: day.to_string(), repeats: repeats.into(), ..event_form(self.persona) }
    }

    /// A group with its meetups; the first dates of those that come again.
    fn group(&self, number: usize) -> anyhow::Result<Vec<Event>> {
        let form = group_form(&format!("calendar_{number}"), self.persona, "open_community");
        let group = group::create(self.app(), self.town.keeper, &form)?;
        let tomorrow = (self.app().clock.now() + Duration::days(1)).date_naive();
        let announce = |day: NaiveDate, repeats: &str| {
            event::announce(self.app(), self.town.keeper, group.id, &self.form(day, repeats))
        };
        let days = |ahead: usize| tomorrow + Duration::days(i64::try_from(ahead % 7).unwrap_or_default());
        let firsts = (0..SERIES).map(|one| announce(days(number + one), "weekly")).collect::<Result<Vec<_>, _>>()?;
        for one in 0..ONCE {
            announce(days(number + one + 3), "")?;
        }
        Ok(firsts)
    }

    /// Changes the hour and the words of all dates of these series.
    fn change(&self, firsts: &[Event]) -> anyhow::Result<Changed> {
        let began = Instant::now();
        for first in firsts {
            let (day, _) = first.civil_start.split_once('T').context("a date and a time")?;
            let form = EventForm {
                start: "19:00".into(),
                end: "20:30".into(),
                text: "There is soup.".into(),
                scope: "all".into(),
                ..self.form(day.parse()?, "")
            };
            event::edit(self.app(), self.town.keeper, first.id, &form)?;
        }
        let seconds = began.elapsed().as_secs_f64();
        let mut dates = 0;
        for first in firsts {
            dates += self.app().db.read(|c| {
                let Some((series, _)) = event_series::of_event(c, first.id)? else { return Ok(0) };
                let all = event_series::events(c, series.id)?;
                let changed = |event: &Event| event.civil_start.ends_with("19:00") && event.source == "There is soup.";
                Ok::<_, ActionError>(all.iter().filter(|(_, event)| changed(event)).count())
            })?;
        }
        Ok(Changed { dates, seconds })
    }
}
