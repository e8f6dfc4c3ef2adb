//! Which of those who speak without a name in a conversation says something: the first, the second … Everybody sees that
//! two replies are by the same one, and nobody of whom.

use crate::{
    DbConn, Result,
    schema::{posts, voices},
    tables::posts::{Thread, in_thread},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::PostId;
use std::collections::HashMap;

row! {
    /// The voice of a post without a name.
    Voice in voices {
        /// The post.
        post_id: PostId as i64,
        /// The number of who speaks, in the order in which they first spoke.
        voice: i32,
    }
}

/// The voices of these posts.
///
/// # Errors
/// Database errors.
pub fn of(connection: &mut DbConn, posts: &[PostId]) -> Result<HashMap<PostId, i32>> {
    let ids: Vec<i64> = posts.iter().map(|id| id.get()).collect();
    let rows: Vec<Voice> =
        voices::table.filter(voices::post_id.eq_any(ids)).select(Voice::as_select()).load(connection)?;
    Ok(rows.into_iter().map(|row| (row.post_id, row.voice)).collect())
}

/// The voice of a post.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, post: PostId) -> Result<Option<i32>> {
    let row = voices::table.find(post.get()).select(Voice::as_select()).first(connection).optional()?;
    Ok(row.map(|row| row.voice))
}

/// The voice of the next one to speak in a conversation.
///
/// # Errors
/// Database errors.
pub fn next(connection: &mut DbConn, thread: Thread) -> Result<i32> {
    let heard = posts::table.filter(in_thread!(thread)).select(posts::id);
    let highest: Option<i32> = voices::table
        .filter(voices::post_id.eq_any(heard))
        .select(diesel::dsl::max(voices::voice))
        .first(connection)?;
    Ok(highest.unwrap_or_default().saturating_add(1))
}
