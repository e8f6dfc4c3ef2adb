//! What the collections of a group show the network: only what everybody may read.

use super::{Authored, conversation, visible::Reader};
use crate::{DbConn, Result, schema::posts};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use hearth_domain::id::ActorId;

/// The newest public conversations of a group.
///
/// # Errors
/// Database errors.
pub fn newest(connection: &mut DbConn, group: ActorId, most: i64) -> Result<Vec<Authored>> {
    conversation::roots(connection, &Reader::anybody(), &[group], None, most)
}

/// How many public conversations a group has.
///
/// # Errors
/// Database errors.
pub fn count(connection: &mut DbConn, group: ActorId) -> Result<i64> {
    use super::visible::visible;
    let anybody = Reader::anybody();
    Ok(posts::table
        .filter(posts::group_id.eq(group.get()))
        .filter(posts::root_id.is_null())
        .filter(posts::event_id.is_null())
        .filter(posts::deleted_at.is_null())
        .filter(visible!(posts, anybody))
        .count()
        .get_result(connection)?)
}
