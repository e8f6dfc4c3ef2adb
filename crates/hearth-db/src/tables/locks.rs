//! Conversations that take no more replies.

use crate::{DbConn, Result, Time, Tx, dialect, schema::locks};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::PostId;

row! {
    /// A closed post: nobody answers it, or anything below it.
    Lock in locks {
        /// The post or reply.
        post_id: PostId as i64,
        /// Who closed it, by their id on the network.
        by_ap_id: String,
        /// Id of the Lock activity.
        ap_id: String,
        /// When.
        locked_at: Time,
    }
}

/// The lock of a post.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, post: PostId) -> Result<Option<Lock>> {
    Ok(locks::table.find(post.get()).select(Lock::as_select()).first(connection).optional()?)
}

/// The lock with this activity id.
///
/// # Errors
/// Database errors.
pub fn by_ap_id(connection: &mut DbConn, ap_id: &str) -> Result<Option<Lock>> {
    Ok(locks::table.filter(locks::ap_id.eq(ap_id)).select(Lock::as_select()).first(connection).optional()?)
}

/// Whether a post, one that it answers, one that this one answers, and so on, or `root` is closed. It costs the same however
/// long the conversation is.
///
/// # Errors
/// Database errors.
pub fn any_above(connection: &mut DbConn, post: PostId, root: PostId) -> Result<bool> {
    dialect::closed_above(connection, post, root)
}

/// Opens a post again. `false` when it was open.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, post: PostId) -> Result<bool> {
    Ok(diesel::delete(locks::table.find(post.get())).execute(&mut **tx)? > 0)
}
