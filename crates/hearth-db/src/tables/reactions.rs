//! "I hear you": who heard what. Only its author is ever told how many did; nobody is told who.

use crate::{DbConn, Result, Time, Tx, schema::reactions::dsl};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{ActorId, PostId};
use std::collections::{HashMap, HashSet};

row! {
    /// Somebody heard something.
    Reaction in reactions {
        /// The post or reply.
        post_id: PostId as i64,
        /// Who heard it.
        actor_id: ActorId as i64,
        /// Id of the Like activity.
        ap_id: String,
        /// When.
        heard_at: Time,
    }
}

/// What an actor said about a post.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, post: PostId, actor: ActorId) -> Result<Option<Reaction>> {
    Ok(dsl::reactions.find((post.get(), actor.get())).select(Reaction::as_select()).first(connection).optional()?)
}

/// The reaction with this activity id.
///
/// # Errors
/// Database errors.
pub fn by_ap_id(connection: &mut DbConn, ap_id: &str) -> Result<Option<Reaction>> {
    Ok(dsl::reactions.filter(dsl::ap_id.eq(ap_id)).select(Reaction::as_select()).first(connection).optional()?)
}

/// Takes a reaction back. `false` when there was none.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, post: PostId, actor: ActorId) -> Result<bool> {
    Ok(diesel::delete(dsl::reactions.find((post.get(), actor.get()))).execute(&mut **tx)? > 0)
}

/// Takes back everything an actor heard.
///
/// # Errors
/// Database errors.
pub fn delete_all_of(tx: &mut Tx<'_>, actor: ActorId) -> Result<usize> {
    Ok(diesel::delete(dsl::reactions.filter(dsl::actor_id.eq(actor.get()))).execute(&mut **tx)?)
}

/// How many heard each of these posts. Only for who wrote all of them.
///
/// # Errors
/// Database errors.
pub fn counts(connection: &mut DbConn, posts: &[PostId]) -> Result<HashMap<PostId, i64>> {
    let posts: Vec<i64> = posts.iter().map(|id| id.get()).collect();
    let rows: Vec<(i64, i64)> = dsl::reactions
        .filter(dsl::post_id.eq_any(posts))
        .group_by(dsl::post_id)
        .select((dsl::post_id, diesel::dsl::count_star()))
        .load(connection)?;
    Ok(rows.into_iter().filter_map(|(id, count)| Some((PostId::try_from(id).ok()?, count))).collect())
}

/// Which of these posts one of these actors heard.
///
/// # Errors
/// Database errors.
pub fn heard(connection: &mut DbConn, posts: &[PostId], actors: &[ActorId]) -> Result<HashSet<PostId>> {
    let posts: Vec<i64> = posts.iter().map(|id| id.get()).collect();
    let actors: Vec<i64> = actors.iter().map(|id| id.get()).collect();
    let rows: Vec<i64> = dsl::reactions
        .filter(dsl::post_id.eq_any(posts).and(dsl::actor_id.eq_any(actors)))
        .select(dsl::post_id)
        .load(connection)?;
    Ok(rows.into_iter().filter_map(|id| PostId::try_from(id).ok()).collect())
}
