//! Meetups that come again. Each date is a meetup of its own, announced as any other is, as far ahead as other servers are
//! told of them; a job announces the next ones.
//!
//! Must never announce one date twice, name somebody who hosts there no more, or add to what is archived.

use super::{EventForm, Place, blank, call_off, hosted, publish};
use crate::{ActionError, App, Form, Result, care, group, notices, post, server::site};
use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc};
use hearth_db::{
    DbConn, Tx,
    tables::{
        event_series::{self, EventSeries, Occurrence, SkippedDate},
        events::{self, Event},
        groups, moves,
    },
    views::visible::Reader,
};
use hearth_domain::{
    event::{self as rules, CivilTime, EventDraft, Status},
    id::{AccountId, ActorId, EventId, SeriesId},
    permission,
    series::{self as ahead, Plan, Repeats, SeriesRule},
};

/// The job that announces the dates that come next.
pub const ANNOUNCE: &str = "announce next dates of meetups";
/// Most series looked at in one run.
const MOST_DUE: i64 = 200;
/// How a civil time is stored.
pub const CIVIL: &str = "%Y-%m-%dT%H:%M";

/// What was chosen about repeating; none for a meetup that is once.
pub(super) fn read(form: &mut Form, typed: &EventForm, draft: &EventDraft) -> Option<Plan> {
    if typed.repeats.trim().is_empty() {
        return None;
    }
    let repeats: Option<Repeats> = form.word("repeats", "how often it happens", &typed.repeats);
    let first = draft.start.civil;
    let until = match typed.until.trim() {
        "" => None,
        typed => {
            let read = typed.parse::<NaiveDate>().ok().filter(|until| *until >= first.date());
            form.keep("until", read.ok_or(()), |()| {
                "Choose the last day, not before the first date, or leave it empty.".to_owned()
            })
        }
    };
    let rule = SeriesRule::from_choice(repeats?, first.date());
    let rule = form.keep("repeats", rule.ok_or(()), |()| {
        match repeats {
            Some(Repeats::MonthlyLast) => "The first date isn’t the last such weekday of its month. Choose another.",
            Some(Repeats::MonthlyWeekday) => "Not every month has a fifth such weekday. Choose the last one instead.",
            _ => "Not every month has this day. Choose a date up to the 28th, or a weekday of the month.",
        }
        .to_owned()
    })?;
    let minutes = (draft.end.instant - draft.start.instant).num_minutes();
    Some(Plan { rule, first, zone: draft.start.zone, minutes: i32::try_from(minutes).ok()?, until })
}

/// When the meetups of a series are.
///
/// # Errors
/// `Conflict` when what is stored can't be read.
pub fn plan(series: &EventSeries) -> Result<Plan> {
    let read = || {
        Some(Plan {
            rule: series.rule,
            first: NaiveDateTime::parse_from_str(&series.first_start, CIVIL).ok()?,
            zone: rules::zone(&series.zone).ok()?,
            minutes: series.minutes,
            until: series.until_day.as_deref().map(str::parse).transpose().ok()?,
        })
    };
    read().ok_or(ActionError::Conflict("The dates of this series can't be read."))
}

/// Begins a series with its first meetup, and announces those that other servers are told of already.
pub(super) fn begin(
    app: &App,
    tx: &mut Tx<'_>,
    place: &Place<'_>,
    blank: Event,
    draft: EventDraft,
    plan: Plan,
) -> Result<Event> {
    let series = EventSeries {
        id: SeriesId::random(&*app.entropy),
        group_id: blank.group_id,
        author_id: blank.author_id,
        rule: plan.rule,
        first_start: plan.first.format(CIVIL).to_string(),
        minutes: plan.minutes,
        zone: plan.zone.name().to_owned(),
        until_day: plan.until.map(|day| day.to_string()),
        made: 1,
        next_at: None,
        stopped_at: None,
        title: String::new(),
        source: String::new(),
        place_kind: draft.place_kind,
        area: String::new(),
        address: String::new(),
        link: String::new(),
        access: String::new(),
        capacity: None,
        join_mode: draft.join_mode,
        visibility: blank.visibility,
        named: draft.named,
        address_public: draft.address_public,
        waiting_list: draft.waiting_list,
        only_here: draft.only_here,
        link_lead: draft.link_lead,
        created_at: app.now(),
    };
    let series = with_words(series, &draft, plan);
    series.insert(tx)?;
    let recurrence_id = series.first_start.clone();
    let date = Occurrence { event_id: blank.id, series_id: series.id, recurrence_id };
    let first = publish(app, tx, place, blank, draft, Some(&date))?;
    go_on(app, tx, place, &series)?;
    Ok(first)
}

/// The series whose dates say this, at these times.
pub(super) fn with_words(series: EventSeries, draft: &EventDraft, plan: Plan) -> EventSeries {
    EventSeries {
        rule: plan.rule,
        first_start: plan.first.format(CIVIL).to_string(),
        minutes: plan.minutes,
        zone: plan.zone.name().to_owned(),
        title: draft.title.clone(),
        source: draft.source.clone(),
        place_kind: draft.place_kind,
        area: draft.area.clone(),
        address: draft.address.clone(),
        link: draft.link.clone(),
        access: draft.access.clone(),
        capacity: draft.capacity.and_then(|places| i32::try_from(places).ok()),
        join_mode: draft.join_mode,
        named: draft.named,
        address_public: draft.address_public,
        waiting_list: draft.waiting_list,
        only_here: draft.only_here,
        link_lead: draft.link_lead,
        ..series
    }
}

/// Announces what other servers are told of by now. Days to skip, and dates that passed while the server was off, are
/// left out.
pub(super) fn go_on(app: &App, tx: &mut Tx<'_>, place: &Place<'_>, series: &EventSeries) -> Result<()> {
    let (plan, now) = (plan(series)?, app.clock.now());
    let skipped = event_series::skipped(tx, series.id)?;
    let is_skipped = |date: &ahead::Occurrence| skipped.contains(&date.recurrence_id.date().to_string());
    let mut number = usize::try_from(series.made).unwrap_or(ahead::MOST);
    let next = loop {
        let Some(from) = plan.announced_from(number).filter(|_| number < ahead::MOST) else { break None };
        if from > now {
            break Some(from);
        }
        if let Some(date) = plan.occurrence(number).filter(|date| date.start.instant > now && !is_skipped(date)) {
            let id = EventId::random(&*app.entropy);
            let draft = words(series, (date.start, date.end));
            let blank = blank(app, place.site, id, series.group_id, series.author_id, series.visibility)?;
            let recurrence_id = date.recurrence_id.format(CIVIL).to_string();
            let date = Occurrence { event_id: id, series_id: series.id, recurrence_id };
            publish(app, tx, place, blank, draft, Some(&date))?;
        }
        number += 1;
    };
    let made = i32::try_from(number).unwrap_or(i32::MAX);
    Ok(event_series::advance(tx, series.id, made, next.map(Into::into))?)
}

/// What a date of a series says.
pub(super) fn words(series: &EventSeries, (start, end): (CivilTime, CivilTime)) -> EventDraft {
    EventDraft {
        title: series.title.clone(),
        source: series.source.clone(),
        start,
        end,
        place_kind: series.place_kind,
        area: series.area.clone(),
        address: series.address.clone(),
        link: series.link.clone(),
        access: series.access.clone(),
        capacity: series.capacity.and_then(|places| u32::try_from(places).ok()),
        visibility: series.visibility,
        join_mode: series.join_mode,
        waiting_list: series.waiting_list,
        only_here: series.only_here,
        named: series.named,
        address_public: series.address_public,
        link_lead: series.link_lead,
    }
}

/// Announces the dates that are due in all series. What fails is tried again, and holds up no other series.
///
/// # Errors
/// Database errors.
pub fn announce_due(app: &App) -> Result<()> {
    if app.require_room().is_err() {
        return Ok(());
    }
    let due = app.db.read(|c| Ok::<_, ActionError>(event_series::due(c, app.now(), MOST_DUE)?))?;
    let mut failed = None;
    for one in due {
        if let Err(error) = announce_next(app, one.id, one.group_id) {
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), Err)
}

fn announce_next(app: &App, id: SeriesId, group: ActorId) -> Result<()> {
    let keys = notices::keys_of(app, group)?;
    app.db.write(|tx| {
        // Another node may have announced it a moment ago, or a host stopped it.
        let due = |series: &EventSeries| series.next_at.is_some_and(|at| at <= app.now());
        let Some(series) = event_series::get(tx, id)?.filter(due) else { return Ok(()) };
        let Some((actor, row)) = groups::with_actor(tx, series.group_id)? else { return Ok(()) };
        // Nothing is added to what is archived, or has moved away. An archived group may be opened again.
        if care::is_archived(tx, actor.id)? || moves::of(tx, actor.id)?.is_some() {
            let tomorrow = app.clock.now() + Duration::days(1);
            return Ok(event_series::advance(tx, id, series.made, Some(tomorrow.into()))?);
        }
        let hosts = match series.author_id {
            Some(author) => permission::may_host(post::standing_of(tx, actor.id, author)?).is_ok(),
            None => false,
        };
        // The meetup is the group's and goes on; who announced it and hosts there no more is not named.
        let author_id = series.author_id.filter(|_| hosts);
        let series = EventSeries { author_id, named: series.named && hosts, ..series };
        let site = site(tx)?;
        go_on(app, tx, &Place { site: &site, group: (&actor, &row), keys: keys.as_ref() }, &series)
    })
}

/// A date that is not announced yet.
#[derive(Debug, Clone, Copy)]
pub struct LaterDate {
    /// When.
    pub date: ahead::Occurrence,
    /// Whether it is left out.
    pub skipped: bool,
}

/// The next dates that are not announced yet: none of a series that ended.
///
/// # Errors
/// Database errors, and as [`plan`].
pub fn later_dates(
    connection: &mut DbConn,
    series: &EventSeries,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Vec<LaterDate>> {
    if series.next_at.is_none() {
        return Ok(Vec::new());
    }
    let plan = plan(series)?;
    let skipped = event_series::skipped(connection, series.id)?;
    let date = |at: NaiveDateTime| {
        let date = plan.on(at)?;
        Some(LaterDate { date, skipped: skipped.contains(&at.date().to_string()) })
    };
    let made = usize::try_from(series.made).unwrap_or(ahead::MOST);
    let later = plan.dates().skip(made).filter_map(date).filter(|one| one.date.start.instant > now);
    Ok(later.take(most).collect())
}

/// Leaves out a day of a series, or meets on it after all, as long as that date is not announced.
///
/// # Errors
/// `NotFound`, `Denied(HostsOnly)`, `Conflict` for a day that is announced already or is no day of the series.
pub fn skip(app: &App, account: AccountId, id: SeriesId, day: &str, skipped: bool) -> Result<()> {
    app.db.write(|tx| {
        let series = event_series::get(tx, id)?.ok_or(ActionError::NotFound)?;
        let (actor, row) = groups::with_actor(tx, series.group_id)?.ok_or(ActionError::NotFound)?;
        if !Reader::account(tx, account)?.includes(&row, series.visibility) {
            return Err(ActionError::NotFound);
        }
        permission::may_host(group::standing(tx, account, actor.id)?)?;
        let later = later_dates(tx, &series, app.clock.now(), ahead::MOST)?;
        let Some(one) = later.iter().find(|one| one.date.recurrence_id.date().to_string() == day.trim()) else {
            return Err(ActionError::Conflict(
                "That isn’t a date still to be announced. One that is announced can be cancelled on its page.",
            ));
        };
        match (one.skipped, skipped) {
            (false, true) => SkippedDate { series_id: id, day: day.trim().to_owned() }.insert(tx)?,
            (true, false) => event_series::unskip(tx, id, day.trim())?,
            _ => {}
        }
        Ok(())
    })
}

/// Ends a series with one of its meetups: this date and all later ones are called off, and no further ones come.
///
/// # Errors
/// `NotFound`, also for a meetup that is once; `Gone`, `Denied(HostsOnly)`.
pub fn stop(app: &App, account: AccountId, from: EventId) -> Result<()> {
    app.db.write(|tx| {
        let (_, group, row) = hosted(tx, account, from)?;
        let (series, this) = event_series::of_event(tx, from)?.ok_or(ActionError::NotFound)?;
        event_series::stop(tx, series.id, app.now())?;
        let later = event_series::occurrences(tx, series.id)?;
        for date in later.into_iter().filter(|date| date.recurrence_id >= this.recurrence_id) {
            let Some(event) = events::by_id(tx, date.event_id)? else { continue };
            let stands = event.deleted_at.is_none() && event.status != Status::Cancelled;
            if stands && event.starts_at.utc() > app.clock.now() {
                call_off(app, tx, event, &group, &row)?;
            }
        }
        Ok(())
    })
}
