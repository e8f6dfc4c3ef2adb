//! What the collections of a group show the network: what everybody may read, or to members' servers what members may.

use super::{Authored, conversation, visible::Reader};
use crate::{
    DbConn, Result,
    schema::{actors, posts},
    tables::{actors::Actor, posts::Post},
};
use diesel::{BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper};
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

/// Conversations of a group that began here and that the reader may see, newest first, after the first `skip` of them.
///
/// # Errors
/// Database errors.
pub fn local_roots(
    connection: &mut DbConn,
    reader: &Reader,
    group: ActorId,
    skip: i64,
    most: i64,
) -> Result<Vec<Authored>> {
    use super::visible::visible;
    let rows: Vec<(Post, Actor)> = posts::table
        .inner_join(actors::table.on(actors::id.eq(posts::author_id)))
        .filter(posts::group_id.eq(group.get()).and(posts::local.eq(true)))
        .filter(posts::root_id.is_null().and(posts::event_id.is_null()).and(posts::deleted_at.is_null()))
        .filter(visible!(posts, reader))
        .order((posts::published_at.desc(), posts::id.desc()))
        .offset(skip)
        .limit(most)
        .select((Post::as_select(), Actor::as_select()))
        .load(connection)?;
    Ok(rows.into_iter().map(|(post, author)| Authored { post, author }).collect())
}

/// How many conversations of a group began here that the reader may see.
///
/// # Errors
/// Database errors.
pub fn count_local_roots(connection: &mut DbConn, reader: &Reader, group: ActorId) -> Result<i64> {
    use super::visible::visible;
    Ok(posts::table
        .filter(posts::group_id.eq(group.get()).and(posts::local.eq(true)))
        .filter(posts::root_id.is_null().and(posts::event_id.is_null()).and(posts::deleted_at.is_null()))
        .filter(visible!(posts, reader))
        .count()
        .get_result(connection)?)
}

/// How many posts and how many replies were written here that everybody may see.
///
/// # Errors
/// Database errors.
pub fn count_local_public(connection: &mut DbConn) -> Result<(i64, i64)> {
    use super::visible::visible;
    let anybody = Reader::anybody();
    let public =
        || posts::table.filter(posts::local.eq(true).and(posts::deleted_at.is_null())).filter(visible!(posts, anybody));
    let all: i64 = public().count().get_result(connection)?;
    let roots = posts::root_id.is_null().and(posts::event_id.is_null());
    let roots: i64 = public().filter(roots).count().get_result(connection)?;
    Ok((roots, all - roots))
}
