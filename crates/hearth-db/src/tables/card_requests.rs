//! About which posts an author was asked for a card, or has decided. Neither who asked nor what the answer was.

use crate::{DbConn, Result, Tx, schema::card_requests};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::PostId;

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
