//! About which posts an author was asked for a card, or has decided. Neither who asked nor what the answer was.

use crate::{
    DbConn, Result, Tx,
    schema::{card_requests, posts, removals},
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::{exists, not},
};
use hearth_domain::id::PostId;

/// Most that are forgotten at a time.
const MOST_PURGED: i64 = 1000;

row! {
    /// An asking for a card.
    CardRequest in card_requests {
        /// The post.
        post_id: PostId as i64,
        /// Whether its author has decided: nobody is asked again.
        answered: bool,
    }
}

/// Whether and how far the author of a post was asked.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, post: PostId) -> Result<Option<CardRequest>> {
    Ok(card_requests::table.find(post.get()).select(CardRequest::as_select()).first(connection).optional()?)
}

/// The author has decided.
///
/// # Errors
/// Database errors.
pub fn answer(tx: &mut Tx<'_>, post: PostId) -> Result<()> {
    let known = diesel::update(card_requests::table.find(post.get())).set(card_requests::answered.eq(true));
    if known.execute(&mut **tx)? == 0 {
        CardRequest { post_id: post, answered: true }.insert(tx)?;
    }
    Ok(())
}

/// Forgets the askings about posts that are gone for good.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>) -> Result<usize> {
    let post = card_requests::post_id;
    let there = posts::table.filter(posts::id.eq(post)).filter(posts::deleted_at.is_null());
    let withheld = removals::table.filter(removals::post_id.eq(post));
    let left = not(exists(there)).and(not(exists(withheld)));
    let gone: Vec<i64> = card_requests::table.filter(left).select(post).limit(MOST_PURGED).load(&mut **tx)?;
    Ok(diesel::delete(card_requests::table.filter(post.eq_any(gone))).execute(&mut **tx)?)
}
