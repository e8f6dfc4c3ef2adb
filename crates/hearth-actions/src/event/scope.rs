//! Changing several dates of a series at once: this one and all later ones, or all that are still to come.
//!
//! What the host changed on one date is changed on the others, and nothing else: what is special about another date
//! stays. A change of this and later dates ends the series and begins a new one with an id of its own, as is usual with
//! RFC 5545; who answered keeps their place at each date. What is over stays as it was.
//!
//! Must never move a date that was moved by hand, or bring back what was called off.

use super::{
    Place, call_off, change,
    series::{CIVIL, go_on, plan, with_words, words},
};
use crate::{ActionError, App, Result};
use chrono::{NaiveDate, NaiveDateTime};
use hearth_db::{
    Tx,
    tables::{
        event_series::{self, EventSeries, Occurrence, SkippedDate},
        event_terms::{self, EventTerms},
        events::{self, Event},
    },
};
use hearth_domain::{
    event::{self as rules, CivilTime, EventDraft, Status},
    id::SeriesId,
    series::{Plan, Scope},
};
use std::collections::HashMap;

/// A change of one date that others follow.
struct Following<'a> {
    /// The date as it was, and as it is to be.
    was: &'a EventDraft,
    becomes: &'a EventDraft,
    /// When the dates of the series were, and will be.
    before: Plan,
    after: Plan,
}

/// Changes a date of a series, and others with it.
///
/// # Errors
/// `Invalid` for a meetup that is once, for another day of all dates, and for a day on which such a series can't begin.
pub(super) fn change_many(
    app: &App,
    tx: &mut Tx<'_>,
    place: &Place<'_>,
    edited: Event,
    becomes: &EventDraft,
    scope: Scope,
) -> Result<Event> {
    let Some((series, this)) = event_series::of_event(tx, edited.id)? else {
        return Err(ActionError::field("scope", "This meetup is once: there are no other dates to change."));
    };
    let was = draft_of(&edited, &event_terms::get(tx, edited.id)?)?;
    let before = plan(&series)?;
    let this_day = civil(&this.recurrence_id)?.date();
    let all = scope == Scope::All;
    let after = new_plan(before, &was, becomes, this_day, all)?;
    let offset = if all { 0 } else { number_of(before, this_day)? };
    // Where all of them change, or all from the first on, it is the same series.
    let id = if offset == 0 { series.id } else { SeriesId::random(&*app.entropy) };
    let template = after.occurrence(0).ok_or(ActionError::Conflict("This series has no date left."))?;
    let template = EventDraft::changed_alike(&was, becomes, words(&series, (template.start, template.end)));
    let taken_over = i32::try_from(offset).unwrap_or(i32::MAX);
    let next = EventSeries { id, made: series.made.saturating_sub(taken_over), ..series.clone() };
    let next = with_words(next, &template, after);
    let following = Following { was: &was, becomes, before, after };
    let dates = event_series::occurrences(tx, series.id)?;
    let dates: Vec<Occurrence> =
        dates.into_iter().filter(|date| all || date.recurrence_id >= this.recurrence_id).collect();
    if id == series.id {
        event_series::change(tx, &next)?;
    } else {
        let last = this_day.pred_opt().map(|day| day.to_string());
        event_series::end(tx, series.id, last.as_deref())?;
        EventSeries { created_at: app.now(), next_at: None, ..next.clone() }.insert(tx)?;
    }
    following.keep_skipped(tx, &series, &next, offset)?;
    event_series::unlink(tx, &dates.iter().map(|date| date.event_id).collect::<Vec<_>>())?;
    let done = following.follow(app, tx, place, &edited, &next, &dates, offset)?;
    if next.stopped_at.is_none() {
        go_on(app, tx, place, &next)?;
    }
    Ok(done)
}

impl Following<'_> {
    /// The dates that are left out go with the others, by their number.
    fn keep_skipped(&self, tx: &mut Tx<'_>, series: &EventSeries, next: &EventSeries, offset: usize) -> Result<()> {
        let skipped = event_series::skipped(tx, series.id)?;
        let (before, after): (Vec<_>, Vec<_>) = (self.before.dates().collect(), self.after.dates().collect());
        let number = |day: &String| before.iter().position(|at| at.date().to_string() == *day)?.checked_sub(offset);
        let moved: Vec<(&String, usize)> = skipped.iter().filter_map(|day| Some((day, number(day)?))).collect();
        for (day, _) in &moved {
            event_series::unskip(tx, series.id, day)?;
        }
        for at in moved.into_iter().filter_map(|(_, number)| after.get(number)) {
            SkippedDate { series_id: next.id, day: at.date().to_string() }.insert(tx)?;
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "the change, where it happens, and what it happens to")]
    fn follow(
        &self,
        app: &App,
        tx: &mut Tx<'_>,
        place: &Place<'_>,
        edited: &Event,
        series: &EventSeries,
        dates: &[Occurrence],
        offset: usize,
    ) -> Result<Event> {
        let numbers: HashMap<NaiveDateTime, usize> =
            self.before.dates().enumerate().map(|(number, at)| (at, number)).collect();
        let new: Vec<NaiveDateTime> = self.after.dates().collect();
        let mut done = None;
        for date in dates {
            let was_at = civil(&date.recurrence_id)?;
            let Some(event) = events::by_id(tx, date.event_id)? else { continue };
            let number = numbers.get(&was_at).and_then(|number| number.checked_sub(offset));
            let is_at = number.and_then(|number| new.get(number)).copied();
            let stands = event.deleted_at.is_none() && event.status != Status::Cancelled;
            let is_ahead = event.starts_at.utc() > app.clock.now();
            let Some(is_at) = is_at else {
                // The series ends before: there is no such date any more.
                if stands && is_ahead {
                    call_off(app, tx, event, place.group.0, place.group.1)?;
                }
                continue;
            };
            let recurrence_id = is_at.format(CIVIL).to_string();
            Occurrence { event_id: event.id, series_id: series.id, recurrence_id }.insert(tx)?;
            if event.id == edited.id {
                done = Some(change(app, tx, place, event, self.becomes.clone())?);
            } else if stands && is_ahead {
                let own = draft_of(&event, &event_terms::get(tx, event.id)?)?;
                let next = self.applied(own.clone(), was_at, is_at);
                if next != own {
                    change(app, tx, place, event, next)?;
                }
            }
        }
        done.ok_or(ActionError::NotFound)
    }

    /// What another date says after the same change. One that was moved by hand keeps its time.
    fn applied(&self, own: EventDraft, was_at: NaiveDateTime, is_at: NaiveDateTime) -> EventDraft {
        let as_planned = self.before.on(was_at).is_some_and(|date| (date.start, date.end) == (own.start, own.end));
        let times =
            self.after.on(is_at).filter(|_| as_planned).map_or((own.start, own.end), |date| (date.start, date.end));
        let changed = EventDraft::changed_alike(self.was, self.becomes, own);
        EventDraft { start: times.0, end: times.1, ..changed }
    }
}

/// When the dates are after the change: what was not changed stays as the series has it.
fn new_plan(before: Plan, was: &EventDraft, becomes: &EventDraft, this_day: NaiveDate, all: bool) -> Result<Plan> {
    let (from, to) = (was.start.civil, becomes.start.civil);
    let length = |draft: &EventDraft| i32::try_from((draft.end.instant - draft.start.instant).num_minutes());
    let time = if from.time() == to.time() { before.first.time() } else { to.time() };
    let minutes = match (length(was), length(becomes)) {
        (Ok(was), Ok(becomes)) if was != becomes => becomes,
        _ => before.minutes,
    };
    let zone = if was.start.zone == becomes.start.zone { before.zone } else { becomes.start.zone };
    let (day, rule) = if from.date() == to.date() {
        (if all { before.first.date() } else { this_day }, before.rule)
    } else if all {
        let sentence = "All dates can’t move to another day together. Choose “this and all later dates”.";
        return Err(ActionError::field("date", sentence));
    } else {
        let rule = before.rule.moved_to(to.date());
        let sentence = "Such a series can’t begin on this day: not every month has it. Choose another.";
        (to.date(), rule.ok_or_else(|| ActionError::field("date", sentence))?)
    };
    if before.until.is_some_and(|until| until < day) {
        return Err(ActionError::field("date", "The series ends before this day. Choose an earlier one."));
    }
    Ok(Plan { rule, first: day.and_time(time), zone, minutes, until: before.until })
}

fn number_of(plan: Plan, day: NaiveDate) -> Result<usize> {
    plan.dates().position(|at| at.date() == day).ok_or(ActionError::Conflict("This date is in no series any more."))
}

fn civil(stored: &str) -> Result<NaiveDateTime> {
    NaiveDateTime::parse_from_str(stored, CIVIL)
        .map_err(|_| ActionError::Conflict("The dates of this series can't be read."))
}

/// What a meetup says now, as its hosts would type it.
fn draft_of(event: &Event, terms: &EventTerms) -> Result<EventDraft> {
    let zone = rules::zone(&event.zone).map_err(|_| ActionError::Conflict("The zone of this meetup can't be read."))?;
    let time = |stored: &str, at: hearth_db::Time| {
        Ok::<_, ActionError>(CivilTime { civil: civil(stored)?, zone, instant: at.utc() })
    };
    Ok(EventDraft {
        title: event.title.clone(),
        source: event.source.clone(),
        start: time(&event.civil_start, event.starts_at)?,
        end: time(&event.civil_end, event.ends_at)?,
        place_kind: event.place_kind,
        area: event.area.clone(),
        address: event.address.clone(),
        link: event.link.clone(),
        access: event.access.clone(),
        capacity: event.capacity.and_then(|places| u32::try_from(places).ok()),
        visibility: event.visibility,
        join_mode: event.join_mode,
        waiting_list: terms.waiting_list,
        only_here: terms.only_here,
        named: terms.named,
        address_public: terms.address_public,
        link_lead: terms.link_lead,
    })
}
