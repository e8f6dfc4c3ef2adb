//! Meetups that are coming up.

use super::visible::{Reader, visible};
use crate::{DbConn, Result, Time, schema::events, tables::events::Event};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::ActorId;

/// Meetups of these groups that have not ended and that the reader may see, soonest first.
///
/// # Errors
/// Database errors.
pub fn upcoming(
    connection: &mut DbConn,
    reader: &Reader,
    groups: &[ActorId],
    now: Time,
    most: i64,
) -> Result<Vec<Event>> {
    let groups: Vec<i64> = groups.iter().map(|id| id.get()).collect();
    Ok(events::table
        .filter(events::group_id.eq_any(groups))
        .filter(events::ends_at.gt(now))
        .filter(events::deleted_at.is_null())
        .filter(visible!(events, reader))
        .order((events::starts_at, events::id))
        .limit(most)
        .select(Event::as_select())
        .load(connection)?)
}

/// Meetups of all groups that have not ended and that the reader may see, soonest first.
///
/// # Errors
/// Database errors.
pub fn upcoming_everywhere(connection: &mut DbConn, reader: &Reader, now: Time, most: i64) -> Result<Vec<Event>> {
    Ok(events::table
        .filter(events::ends_at.gt(now))
        .filter(events::deleted_at.is_null())
        .filter(visible!(events, reader))
        .order((events::starts_at, events::id))
        .limit(most)
        .select(Event::as_select())
        .load(connection)?)
}

/// All meetups of a group that the reader may see and that are still there, newest first.
///
/// # Errors
/// Database errors.
pub fn all_of(connection: &mut DbConn, reader: &Reader, group: ActorId, most: i64) -> Result<Vec<Event>> {
    Ok(events::table
        .filter(events::group_id.eq(group.get()))
        .filter(events::deleted_at.is_null())
        .filter(visible!(events, reader))
        .order((events::starts_at.desc(), events::id))
        .limit(most)
        .select(Event::as_select())
        .load(connection)?)
}
