//! Meetups, here and from elsewhere.

use crate::{DbConn, Result, Time, Tx, column::Opt, schema::events::dsl};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    address::ApId,
    audience::Visibility,
    event::{JoinMode, PlaceKind, Status},
    id::{ActorId, EventId},
};

row! {
    /// A meetup.
    Event in events {
        /// Id.
        id: EventId as i64,
        /// Its id on the network.
        ap_id: ApId as String,
        /// Whether it was made here.
        local: bool,
        /// The group that holds it.
        group_id: ActorId as i64,
        /// Who announced it; not shown and not federated.
        author_id: Option<ActorId> as Opt<ActorId>,
        /// Title.
        title: String,
        /// What happens, as typed, Markdown.
        source: String,
        /// What happens, sanitised HTML.
        content_html: String,
        /// Start.
        starts_at: Time,
        /// End.
        ends_at: Time,
        /// Start on the wall clock of its zone: `2026-03-10T18:30`.
        civil_start: String,
        /// End on the wall clock of its zone.
        civil_end: String,
        /// IANA zone.
        zone: String,
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
        /// Where to answer, when that is on another page.
        external_url: Option<String>,
        /// What its hosts chose.
        visibility: Visibility as String,
        /// Scheduled or cancelled.
        status: Status as String,
        /// Its page, where it was made.
        url: String,
        /// When it was published.
        published_at: Time,
        /// When it was last changed.
        edited_at: Option<Time>,
        /// When it was removed.
        deleted_at: Option<Time>,
        /// When it came here.
        created_at: Time,
        /// Id of the post that stands for it on servers that take no events.
        companion_ap_id: Option<String>,
    }
}

/// One meetup, removed ones too.
///
/// # Errors
/// Database errors.
pub fn by_id(connection: &mut DbConn, id: EventId) -> Result<Option<Event>> {
    Ok(dsl::events.find(id.get()).select(Event::as_select()).first(connection).optional()?)
}

/// The meetup with this id on the network, removed ones too.
///
/// # Errors
/// Database errors.
pub fn by_ap_id(connection: &mut DbConn, ap_id: &str) -> Result<Option<Event>> {
    Ok(dsl::events.filter(dsl::ap_id.eq(ap_id)).select(Event::as_select()).first(connection).optional()?)
}

/// The meetup with this id, or with a companion post of this id; removed ones too.
///
/// # Errors
/// Database errors.
pub fn by_any_id(connection: &mut DbConn, ap_id: &str) -> Result<Option<Event>> {
    if let Some(event) = by_ap_id(connection, ap_id)? {
        return Ok(Some(event));
    }
    Ok(dsl::events.filter(dsl::companion_ap_id.eq(ap_id)).select(Event::as_select()).first(connection).optional()?)
}

/// Notes which post stands for a meetup elsewhere.
///
/// # Errors
/// `Duplicate` when it stands for another meetup already; database errors.
pub fn set_companion(tx: &mut Tx<'_>, id: EventId, companion: &str) -> Result<()> {
    diesel::update(dsl::events.find(id.get())).set(dsl::companion_ap_id.eq(Some(companion))).execute(&mut **tx)?;
    Ok(())
}

/// Removes a meetup from elsewhere for good, with the answers to it. Nothing said about it may be here.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: EventId) -> Result<()> {
    use crate::schema::rsvps;
    diesel::delete(rsvps::table.filter(rsvps::event_id.eq(id.get()))).execute(&mut **tx)?;
    diesel::delete(dsl::events.find(id.get()).filter(dsl::local.eq(false))).execute(&mut **tx)?;
    Ok(())
}

/// Changes a meetup.
///
/// # Errors
/// Database errors.
pub fn edit(tx: &mut Tx<'_>, row: &Event) -> Result<()> {
    diesel::update(dsl::events.find(row.id.get()))
        .set((
            (
                dsl::title.eq(&row.title),
                dsl::source.eq(&row.source),
                dsl::content_html.eq(&row.content_html),
                dsl::starts_at.eq(row.starts_at),
                dsl::ends_at.eq(row.ends_at),
                dsl::civil_start.eq(&row.civil_start),
                dsl::civil_end.eq(&row.civil_end),
                dsl::zone.eq(&row.zone),
                dsl::place_kind.eq(row.place_kind.as_str()),
            ),
            (
                dsl::area.eq(&row.area),
                dsl::address.eq(&row.address),
                dsl::link.eq(&row.link),
                dsl::access.eq(&row.access),
                dsl::capacity.eq(row.capacity),
                dsl::join_mode.eq(row.join_mode.as_str()),
                dsl::external_url.eq(&row.external_url),
                dsl::status.eq(row.status.as_str()),
                dsl::edited_at.eq(row.edited_at),
            ),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Removes a meetup: the row stays as a tombstone, the words go.
///
/// # Errors
/// Database errors.
pub fn bury(tx: &mut Tx<'_>, id: EventId, now: Time) -> Result<()> {
    diesel::update(dsl::events.find(id.get()))
        .set((
            dsl::title.eq(""),
            dsl::source.eq(""),
            dsl::content_html.eq(""),
            dsl::area.eq(""),
            dsl::address.eq(""),
            dsl::link.eq(""),
            dsl::access.eq(""),
            dsl::deleted_at.eq(Some(now)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Removes every meetup of a group, as [`bury`] does.
///
/// # Errors
/// Database errors.
pub fn bury_all_in(tx: &mut Tx<'_>, group: ActorId, now: Time) -> Result<usize> {
    let left = dsl::events.filter(dsl::group_id.eq(group.get())).filter(dsl::deleted_at.is_null());
    let left: Vec<i64> = left.select(dsl::id).load(&mut **tx)?;
    for id in &left {
        if let Ok(id) = EventId::try_from(*id) {
            bury(tx, id, now)?;
        }
    }
    Ok(left.len())
}

/// Meetups of a group that are still to come and were announced or changed since then, and those that were removed. For
/// a server that was away: the caller asks the audience function which of them are for it.
///
/// # Errors
/// Database errors.
pub fn changed_since(connection: &mut DbConn, group: ActorId, since: Time, now: Time) -> Result<Vec<Event>> {
    use diesel::{BoolExpressionMethods, NullableExpressionMethods};
    let changed = dsl::created_at.nullable().ge(since).or(dsl::edited_at.ge(since));
    Ok(dsl::events
        .filter(dsl::group_id.eq(group.get()))
        .filter(dsl::deleted_at.ge(since).or(dsl::ends_at.nullable().gt(now).and(changed)))
        .order(dsl::id)
        .select(Event::as_select())
        .load(connection)?)
}

/// Meetups to come of a group elsewhere that are still there as far as is known here.
///
/// # Errors
/// Database errors.
pub fn upcoming_elsewhere(connection: &mut DbConn, group: ActorId, now: Time, most: i64) -> Result<Vec<Event>> {
    Ok(dsl::events
        .filter(dsl::group_id.eq(group.get()))
        .filter(dsl::local.eq(false))
        .filter(dsl::deleted_at.is_null())
        .filter(dsl::ends_at.gt(now))
        .order(dsl::starts_at)
        .limit(most)
        .select(Event::as_select())
        .load(connection)?)
}
