//! Meetups that come again, and which of their dates a meetup is.

use crate::{
    DbConn, Result, Time, Tx,
    column::Opt,
    schema::{event_series::dsl, occurrences::dsl as dates},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    audience::Visibility,
    event::{JoinMode, PlaceKind},
    id::{ActorId, EventId, SeriesId},
    series::SeriesRule,
};

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
    diesel::delete(of_group()).execute(&mut **tx)?;
    Ok(())
}
