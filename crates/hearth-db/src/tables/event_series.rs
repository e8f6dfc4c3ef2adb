//! Meetups that come again, and which of their dates a meetup is.

use crate::{
    DbConn, Result, Time, Tx,
    column::Opt,
    schema::{event_series::dsl, occurrences::dsl as dates, skipped_dates::dsl as skips},
    tables::events::Event,
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};
use hearth_domain::{
    audience::Visibility,
    event::{JoinMode, PlaceKind},
    id::{ActorId, EventId, SeriesId},
    series::SeriesRule,
};
use std::collections::HashSet;

row! {
    /// A meetup that comes again: what each of its dates says.
    EventSeries in event_series {
        /// Id.
        id: SeriesId as i64,
        /// The group.
        group_id: ActorId as i64,
        /// Who announced it, as long as they host there; not shown and not federated.
        author_id: Option<ActorId> as Opt<ActorId>,
        /// On which days.
        rule: SeriesRule as String,
        /// The first start on the clock of its zone: `2026-03-10T18:30`.
        first_start: String,
        /// How long each lasts.
        minutes: i32,
        /// IANA zone.
        zone: String,
        /// The last day on which there may be one: `2026-12-31`.
        until_day: Option<String>,
        /// How many of its dates were made, or are over.
        made: i32,
        /// When the next is made; none once there is no further one.
        next_at: Option<Time>,
        /// When its hosts called the rest off.
        stopped_at: Option<Time>,
        /// Title.
        title: String,
        /// What happens, as typed, Markdown.
        source: String,
        /// In person, online or both.
        place_kind: PlaceKind as String,
        /// The area everybody may know.
        area: String,
        /// The exact address, for those who are coming.
        address: String,
        /// The online room, for those who are coming.
        link: String,
        /// Access notes.
        access: String,
        /// Places.
        capacity: Option<i32>,
        /// How people come.
        join_mode: JoinMode as String,
        /// What its hosts chose.
        visibility: Visibility as String,
        /// Whether who announced it is named as its organiser.
        named: bool,
        /// Whether the exact address is published.
        address_public: bool,
        /// Whether people can wait for a place once it is full.
        waiting_list: bool,
        /// Whether only people of this server can answer.
        only_here: bool,
        /// How many minutes before the start the room link is told; at once when nothing is set.
        link_lead: Option<i32>,
        /// When it was made.
        created_at: Time,
    }
}

row! {
    /// Which date of a series a meetup is.
    Occurrence in occurrences {
        /// The meetup.
        event_id: EventId as i64,
        /// The series.
        series_id: SeriesId as i64,
        /// The time of the clock that the rule gives: `2026-03-10T18:30`. It stays when the meetup is moved.
        recurrence_id: String,
    }
}

row! {
    /// A day on which a series has no date.
    SkippedDate in skipped_dates {
        /// The series.
        series_id: SeriesId as i64,
        /// The day that the rule gives: `2026-12-29`.
        day: String,
    }
}

/// The days on which a series has no date, in order.
///
/// # Errors
/// Database errors.
pub fn skipped(connection: &mut DbConn, series: SeriesId) -> Result<Vec<String>> {
    let of_series = skips::skipped_dates.filter(skips::series_id.eq(series.get()));
    Ok(of_series.order(skips::day).select(skips::day).load(connection)?)
}

/// There is a date on this day after all.
///
/// # Errors
/// Database errors.
pub fn unskip(tx: &mut Tx<'_>, series: SeriesId, day: &str) -> Result<()> {
    diesel::delete(skips::skipped_dates.find((series.get(), day))).execute(&mut **tx)?;
    Ok(())
}

/// The dates of a series that were made and are not over, soonest first. Who may see the series may see these.
///
/// # Errors
/// Database errors.
pub fn upcoming(connection: &mut DbConn, series: SeriesId, now: Time, most: i64) -> Result<Vec<Event>> {
    use crate::schema::events::dsl as events;
    let of_series = dates::occurrences.filter(dates::series_id.eq(series.get())).select(dates::event_id);
    Ok(events::events
        .filter(events::id.eq_any(of_series))
        .filter(events::deleted_at.is_null())
        .filter(events::ends_at.gt(now))
        .order((events::starts_at, events::id))
        .limit(most)
        .select(Event::as_select())
        .load(connection)?)
}

/// One.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, id: SeriesId) -> Result<Option<EventSeries>> {
    Ok(dsl::event_series.find(id.get()).select(EventSeries::as_select()).first(connection).optional()?)
}

/// The series of which a meetup is a date.
///
/// # Errors
/// Database errors.
pub fn of_event(connection: &mut DbConn, event: EventId) -> Result<Option<(EventSeries, Occurrence)>> {
    let date: Option<Occurrence> =
        dates::occurrences.find(event.get()).select(Occurrence::as_select()).first(connection).optional()?;
    let Some(date) = date else { return Ok(None) };
    Ok(get(connection, date.series_id)?.map(|series| (series, date)))
}

/// The dates of a series that were made, in the order of the rule.
///
/// # Errors
/// Database errors.
pub fn occurrences(connection: &mut DbConn, series: SeriesId) -> Result<Vec<Occurrence>> {
    Ok(dates::occurrences
        .filter(dates::series_id.eq(series.get()))
        .order(dates::recurrence_id)
        .select(Occurrence::as_select())
        .load(connection)?)
}

/// The meetups that are dates of a series and still there, by the time of the clock that the rule gives them.
///
/// # Errors
/// Database errors.
pub fn events(connection: &mut DbConn, series: SeriesId) -> Result<Vec<(String, Event)>> {
    use crate::schema::events::dsl as events;
    Ok(dates::occurrences
        .inner_join(events::events.on(events::id.eq(dates::event_id)))
        .filter(dates::series_id.eq(series.get()))
        .filter(events::deleted_at.is_null())
        .order(dates::recurrence_id)
        .select((dates::recurrence_id, Event::as_select()))
        .load(connection)?)
}

/// The series of a group that go on, or have a date ahead.
///
/// # Errors
/// Database errors.
pub fn with_dates(connection: &mut DbConn, group: ActorId, now: Time, most: i64) -> Result<Vec<EventSeries>> {
    use crate::schema::events::dsl as events;
    let ahead = dates::occurrences
        .inner_join(events::events.on(events::id.eq(dates::event_id)))
        .filter(events::group_id.eq(group.get()))
        .filter(events::ends_at.gt(now))
        .filter(events::deleted_at.is_null())
        .select(dates::series_id);
    Ok(dsl::event_series
        .filter(dsl::group_id.eq(group.get()))
        .filter(dsl::next_at.is_not_null().or(dsl::id.eq_any(ahead)))
        .order((dsl::created_at, dsl::id))
        .limit(most)
        .select(EventSeries::as_select())
        .load(connection)?)
}

/// The meetups of a group that are dates of a series.
///
/// # Errors
/// Database errors.
pub fn dates_in(connection: &mut DbConn, group: ActorId) -> Result<HashSet<EventId>> {
    let of_group = dsl::event_series.filter(dsl::group_id.eq(group.get())).select(dsl::id);
    let ids: Vec<i64> =
        dates::occurrences.filter(dates::series_id.eq_any(of_group)).select(dates::event_id).load(connection)?;
    Ok(ids.into_iter().filter_map(|id| EventId::try_from(id).ok()).collect())
}

/// Those of which a date is to be made by now, soonest first.
///
/// # Errors
/// Database errors.
pub fn due(connection: &mut DbConn, now: Time, most: i64) -> Result<Vec<EventSeries>> {
    Ok(dsl::event_series
        .filter(dsl::next_at.le(now))
        .order((dsl::next_at, dsl::id))
        .limit(most)
        .select(EventSeries::as_select())
        .load(connection)?)
}

/// Notes how far the dates of one were made.
///
/// # Errors
/// Database errors.
pub fn advance(tx: &mut Tx<'_>, id: SeriesId, made: i32, next_at: Option<Time>) -> Result<()> {
    let set = (dsl::made.eq(made), dsl::next_at.eq(next_at));
    diesel::update(dsl::event_series.find(id.get())).set(set).execute(&mut **tx)?;
    Ok(())
}

/// Writes down what each date says from now on, and when.
///
/// # Errors
/// Database errors.
pub fn change(tx: &mut Tx<'_>, row: &EventSeries) -> Result<()> {
    diesel::update(dsl::event_series.find(row.id.get()))
        .set((
            (
                dsl::rule.eq(row.rule.to_string()),
                dsl::first_start.eq(&row.first_start),
                dsl::minutes.eq(row.minutes),
                dsl::zone.eq(&row.zone),
                dsl::title.eq(&row.title),
                dsl::source.eq(&row.source),
                dsl::place_kind.eq(row.place_kind.as_str()),
                dsl::area.eq(&row.area),
                dsl::address.eq(&row.address),
            ),
            (
                dsl::link.eq(&row.link),
                dsl::access.eq(&row.access),
                dsl::capacity.eq(row.capacity),
                dsl::join_mode.eq(row.join_mode.as_str()),
                dsl::named.eq(row.named),
                dsl::address_public.eq(row.address_public),
                dsl::waiting_list.eq(row.waiting_list),
                dsl::only_here.eq(row.only_here),
                dsl::link_lead.eq(row.link_lead),
            ),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// One ends on this day: another goes on from there.
///
/// # Errors
/// Database errors.
pub fn end(tx: &mut Tx<'_>, id: SeriesId, last_day: Option<&str>) -> Result<()> {
    let set = (dsl::next_at.eq(None::<Time>), dsl::until_day.eq(last_day));
    diesel::update(dsl::event_series.find(id.get())).set(set).execute(&mut **tx)?;
    Ok(())
}

/// These meetups are dates of no series, until it is written down of which one.
///
/// # Errors
/// Database errors.
pub fn unlink(tx: &mut Tx<'_>, events: &[EventId]) -> Result<()> {
    let events = events.iter().map(|event| event.get());
    diesel::delete(dates::occurrences.filter(dates::event_id.eq_any(events))).execute(&mut **tx)?;
    Ok(())
}

/// No further dates of one come.
///
/// # Errors
/// Database errors.
pub fn stop(tx: &mut Tx<'_>, id: SeriesId, now: Time) -> Result<()> {
    let set = (dsl::next_at.eq(None::<Time>), dsl::stopped_at.eq(Some(now)));
    diesel::update(dsl::event_series.find(id.get())).set(set).execute(&mut **tx)?;
    Ok(())
}

/// Takes somebody's name off all of theirs: they are erased, or host there no more.
///
/// # Errors
/// Database errors.
pub fn let_go(tx: &mut Tx<'_>, author: ActorId) -> Result<()> {
    diesel::update(dsl::event_series.filter(dsl::author_id.eq(Some(author.get()))))
        .set((dsl::author_id.eq(None::<i64>), dsl::named.eq(false)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Takes those of a group away: it is erased.
///
/// # Errors
/// Database errors.
pub fn delete_all_in(tx: &mut Tx<'_>, group: ActorId) -> Result<()> {
    let of_group = || dsl::event_series.filter(dsl::group_id.eq(group.get()));
    diesel::delete(dates::occurrences.filter(dates::series_id.eq_any(of_group().select(dsl::id))))
        .execute(&mut **tx)?;
    diesel::delete(skips::skipped_dates.filter(skips::series_id.eq_any(of_group().select(dsl::id))))
        .execute(&mut **tx)?;
    diesel::delete(of_group()).execute(&mut **tx)?;
    Ok(())
}
