//! Posts that stand first on the page of their group (`featured`).

use crate::{
    DbConn, Result, Time, Tx,
    schema::{pins, posts},
    tables::posts::Post,
};
use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{ActorId, PostId};

row! {
    /// A pinned post.
    Pin in pins {
        /// The post.
        post_id: PostId as i64,
        /// Its group.
        group_id: ActorId as i64,
        /// Who pinned it, by their id on the network.
        by_ap_id: String,
        /// When.
        pinned_at: Time,
    }
}

/// The pin of a post.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, post: PostId) -> Result<Option<Pin>> {
    Ok(pins::table.find(post.get()).select(Pin::as_select()).first(connection).optional()?)
}

/// Posts pinned in a group that are still there, newest pin first. Whoever shows them asks who may see each.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId) -> Result<Vec<Post>> {
    Ok(pins::table
        .inner_join(posts::table.on(posts::id.eq(pins::post_id)))
        .filter(pins::group_id.eq(group.get()))
        .filter(posts::deleted_at.is_null())
        .order((pins::pinned_at.desc(), pins::post_id))
        .select(Post::as_select())
        .load(connection)?)
}

/// How many posts are pinned in a group.
///
/// # Errors
/// Database errors.
pub fn count(connection: &mut DbConn, group: ActorId) -> Result<i64> {
    Ok(pins::table.filter(pins::group_id.eq(group.get())).count().get_result(connection)?)
}

/// Takes a pin away. `false` when there was none.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, post: PostId) -> Result<bool> {
    Ok(diesel::delete(pins::table.find(post.get())).execute(&mut **tx)? > 0)
}
