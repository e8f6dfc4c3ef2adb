//! `/s/{id}`: a meetup that comes again. Its dates, each with a page of its own; for hosts also those that are not
//! announced yet, to leave some of them out.
//!
//! Must never show where it is, or dates that nobody was told of to anybody but hosts.

use super::{cards, meetups};
use crate::{
    answer::Answer,
    error::{Failure, nothing},
    sent::Sent,
    submit::{Button, submit},
    viewer::Visit,
    views::{
        event::{LaterDate, SeriesPage},
        shell::Nav,
    },
    words::{date_words, series_words},
};
use hearth_actions::event::series;
use hearth_db::{
    DbConn,
    tables::{
        actors::Actor,
        event_series::{self, EventSeries},
        groups,
    },
};
use hearth_domain::{id::SeriesId, permission};

/// Most announced dates on the page: other servers are told of eight.
const MOST: i64 = 60;
/// How many dates that are not announced hosts see.
const LATER: usize = 12;

/// A series that the reader may see.
pub(crate) fn find(visit: &Visit, connection: &mut DbConn, id: SeriesId) -> Result<(EventSeries, Actor), Failure> {
    let series = event_series::get(connection, id)?.ok_or_else(nothing)?;
    let (actor, row) = groups::with_actor(connection, series.group_id)?.ok_or_else(nothing)?;
    if visit.reader.includes(&row, series.visibility) { Ok((series, actor)) } else { Err(nothing()) }
}

pub(crate) async fn show(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let id: SeriesId = visit.part("id").parse()?;
            visit.read(|c| {
                let (series, actor) = find(visit, c, id)?;
                let hosting = permission::may_host(visit.reader.standing(actor.id)).is_ok();
                let dates = event_series::upcoming(c, id, visit.now.into(), MOST)?;
                let page = SeriesPage {
                    shell: visit.shell(&series.title, Nav::Meetups),
                    href: format!("/s/{id}"),
                    calendar_href: format!("/s/{id}.ics"),
                    title: series.title.clone(),
                    group: cards::group_line(&actor),
                    again: series_words(series::plan(&series)?),
                    stopped: series.stopped_at.is_some(),
                    days: meetups::days(visit, c, &dates, false)?,
                    later: if hosting { later(visit, c, &series)? } else { Vec::new() },
                };
                visit.page(&page)
            })
        })
        .await
}

fn later(visit: &Visit, connection: &mut DbConn, series: &EventSeries) -> Result<Vec<LaterDate>, Failure> {
    let dates = series::later_dates(connection, series, visit.now, LATER)?;
    let words = |one: series::LaterDate| LaterDate {
        day: one.date.recurrence_id.date().to_string(),
        words: date_words(one.date.start.instant, one.date.start.zone, visit.now),
        skipped: one.skipped,
    };
    Ok(dates.into_iter().map(words).collect())
}

pub(crate) async fn take(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    let page = format!("/s/{id}");
    let act = move |visit: &Visit, sent: &Sent| {
        let series: SeriesId = id.parse()?;
        let skipped = match sent.get("date") {
            "skip" => true,
            "keep" => false,
            _ => return Err(Failure::Unreadable("Press one of the buttons beside a date.")),
        };
        series::skip(&visit.state.app, visit.account()?, series, sent.get("day"), skipped)?;
        Ok(Answer::see(&format!("/s/{series}?said=saved")))
    };
    submit(visit, sent, Button { page, act }).await
}
