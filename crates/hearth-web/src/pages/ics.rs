//! `/e/{id}.ics`, `/g/{name}/meetups.ics` and `/s/{id}.ics`: one meetup, those of a group and one that comes again as
//! calendar files (RFC 5545). What a group’s file says is what its page says to whoever asks.
//!
//! Must never hold the address or the link unless the reader is coming, and says "Appointment" to who wants discreet
//! titles: calendars are seen by others. The files of groups and series hold neither for anybody: programs fetch them
//! again and again, and keep them.

use super::{cards, event, series};
use crate::{
    answer::Answer,
    calendar::{self, Entry, Times},
    error::{Failure, nothing},
    viewer::{Shown, Visit},
};
use actix_web::http::header::CONTENT_DISPOSITION;
use chrono::NaiveDateTime;
use hearth_actions::event::{instructions, series as dates};
use hearth_db::{
    DbConn,
    tables::{
        actors::Actor,
        event_series::{self, EventSeries},
        events::Event,
        rsvps,
    },
    views::calendar as calendar_view,
};
use hearth_domain::{
    audience::Visibility,
    event::Status,
    id::{EventId, SeriesId},
    rsvp::Answer as Answered,
};
use std::collections::HashMap;

/// Most meetups in the file of a group, and most that come again.
const MOST: i64 = 200;

pub(crate) async fn show(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let id: EventId = visit.part("id").parse()?;
            file(visit, id)
        })
        .await
}

fn file(visit: &Visit, id: EventId) -> Shown {
    let (event, told) = visit.read(|c| {
        let (event, ..) = event::find(visit, c, id)?;
        let own = match &visit.me {
            Some(me) => rsvps::of_account(c, id, me.account.id)?,
            None => None,
        };
        let told = match own.filter(|own| own.answer == Answered::Coming) {
            Some(_) if event.local => instructions(c, &event, visit.now)?,
            Some(own) => own.instructions,
            None => String::new(),
        };
        Ok((event, told))
    })?;
    let mut entry = once(visit, &event);
    if !told.is_empty() {
        entry.place = if entry.place.is_empty() { told } else { format!("{}\n{told}", entry.place) };
    }
    Ok(answer("appointment.ics", &calendar::file("", &[entry])))
}

fn answer(name: &str, body: &str) -> Answer {
    Answer::file("text/calendar; charset=utf-8", body.to_owned())
        .header(CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""))
}

fn discreet(visit: &Visit) -> bool {
    visit.me.as_ref().is_some_and(|me| me.account.discreet_titles)
}

/// A title as it may stand in the reader's calendar.
fn title(visit: &Visit, title: &str) -> String {
    if discreet(visit) { "Appointment".to_owned() } else { title.to_owned() }
}

/// A meetup that is once.
fn once(visit: &Visit, event: &Event) -> Entry {
    let plain = !discreet(visit);
    Entry {
        uid: format!("{}@{}", event.id, event.ap_id.host()),
        changed: event.edited_at.unwrap_or(event.published_at).utc(),
        times: Times::Once(event.starts_at.utc(), event.ends_at.utc()),
        title: title(visit, &event.title),
        place: if plain { cards::place(event) } else { String::new() },
        url: if plain { event.ap_id.to_string() } else { String::new() },
        status: event.status,
    }
}

pub(crate) async fn of_group(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            visit.read(|c| {
                let (actor, row) = cards::find_group(visit, c, visit.part("name"))?;
                // Whoever may read nothing in it is not told its name by a file.
                if !visit.reader.includes(&row, Visibility::Public) {
                    return Err(nothing());
                }
                let mut entries = Vec::new();
                for series in event_series::with_dates(c, actor.id, visit.now.into(), MOST)? {
                    if series::find(visit, c, series.id).is_ok() {
                        entries.extend(again(visit, c, &actor, &series)?);
                    }
                }
                let listed = event_series::dates_in(c, actor.id)?;
                let events = calendar_view::upcoming(c, &visit.reader, &[actor.id], visit.now.into(), MOST)?;
                entries
                    .extend(events.iter().filter(|event| !listed.contains(&event.id)).map(|event| once(visit, event)));
                let name = if discreet(visit) { String::new() } else { cards::group_line(&actor).name };
                Ok(answer("meetups.ics", &calendar::file(&name, &entries)))
            })
        })
        .await
}

pub(crate) async fn of_series(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let id: SeriesId = visit.part("id").parse()?;
            visit.read(|c| {
                let (series, actor) = series::find(visit, c, id)?;
                let entries = again(visit, c, &actor, &series)?;
                Ok(answer("meetups.ics", &calendar::file(&title(visit, &series.title), &entries)))
            })
        })
        .await
}

/// A meetup that comes again: its rule, and each date that is not as the rule has it.
fn again(visit: &Visit, connection: &mut DbConn, group: &Actor, series: &EventSeries) -> Result<Vec<Entry>, Failure> {
    let plan = dates::plan(series)?;
    let made = usize::try_from(series.made).unwrap_or(usize::MAX);
    let skipped = event_series::skipped(connection, series.id)?;
    let known: HashMap<String, Event> = event_series::events(connection, series.id)?.into_iter().collect();
    let ended = series.next_at.is_none();
    let all: Vec<NaiveDateTime> = plan.dates().take(if ended { made } else { usize::MAX }).collect();
    let Some(last) = all.last().and_then(|at| plan.on(*at)) else { return Ok(Vec::new()) };
    let of = |at: &NaiveDateTime| known.get(&at.format(dates::CIVIL).to_string());
    let is_left_out = |(number, at): &(usize, &NaiveDateTime)| {
        skipped.contains(&at.date().to_string()) || (*number < made && of(at).is_none())
    };
    let uid = format!("{}@{}", series.id, group.host);
    let plain = !discreet(visit);
    let master = Entry {
        uid: uid.clone(),
        changed: series.created_at.utc(),
        times: Times::Again {
            zone: plan.zone,
            first: plan.first,
            minutes: plan.minutes,
            rule: format!("{};UNTIL={}", plan.rule, calendar::instant(last.start.instant)),
            left_out: all.iter().enumerate().filter(is_left_out).map(|(_, at)| *at).collect(),
        },
        title: title(visit, &series.title),
        place: if plain { cards::place_words(series.place_kind, &series.area) } else { String::new() },
        url: if plain { format!("https://{}/s/{}", group.host, series.id) } else { String::new() },
        status: Status::Scheduled,
    };
    let mut entries = vec![master.clone()];
    for at in &all {
        let (Some(event), Some(date)) = (of(at), plan.on(*at)) else { continue };
        let here = once(visit, event);
        let as_planned = (event.starts_at.utc(), event.ends_at.utc()) == (date.start.instant, date.end.instant);
        if as_planned && (&here.title, &here.place, here.status) == (&master.title, &master.place, master.status) {
            continue;
        }
        let (start, end) = (event.starts_at.utc(), event.ends_at.utc());
        let times = Times::Date { zone: plan.zone, recurrence_id: *at, start, end };
        entries.push(Entry { uid: uid.clone(), times, ..here });
    }
    Ok(entries)
}
