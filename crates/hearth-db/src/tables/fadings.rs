//! When a conversation is gone for everybody.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{fadings, pins},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::PostId;

row! {
    /// A conversation that fades.
    Fading in fadings {
        /// The post it began with.
        post_id: PostId as i64,
        /// When it is gone.
        fades_at: Time,
    }
}

/// When a conversation is gone, if it fades.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, root: PostId) -> Result<Option<Time>> {
    let row = fadings::table.find(root.get()).select(Fading::as_select()).first(connection).optional()?;
    Ok(row.map(|row| row.fades_at))
}

/// Conversations whose time has come. What is pinned stays as long as it is.
///
/// # Errors
/// Database errors.
pub fn due(connection: &mut DbConn, now: Time, most: i64) -> Result<Vec<PostId>> {
    let rows: Vec<Fading> = fadings::table
        .filter(fadings::fades_at.le(now))
        .filter(fadings::post_id.ne_all(pins::table.select(pins::post_id)))
        .order((fadings::fades_at, fadings::post_id))
        .limit(most)
        .select(Fading::as_select())
        .load(connection)?;
    Ok(rows.into_iter().map(|row| row.post_id).collect())
}

/// Forgets it.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, root: PostId) -> Result<()> {
    diesel::delete(fadings::table.find(root.get())).execute(&mut **tx)?;
    Ok(())
}
