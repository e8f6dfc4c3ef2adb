//! Who wrote what stands without a name (decision 13).
//!
//! The only place that knows. Must never be read together with anything that is shown or sent: `views` do not name this
//! table, and a test sees to that. Nothing here tells anybody about anyone but themselves.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{personas, posts, seals},
    tables::posts::{Thread, in_thread},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{AccountId, ActorId, PostId};

row! {
    /// The seal of a post.
    Seal in seals {
        /// The post.
        post_id: PostId as i64,
        /// The persona that wrote it.
        author_id: ActorId as i64,
        /// When it is to go, for its author was erased.
        bury_at: Option<Time>,
    }
}

/// The persona behind a post; `None` for what stands under a name.
///
/// # Errors
/// Database errors.
pub fn author(connection: &mut DbConn, post: PostId) -> Result<Option<ActorId>> {
    let row = seals::table.find(post.get()).select(Seal::as_select()).first(connection).optional()?;
    Ok(row.map(|seal| seal.author_id))
}

/// What an account wrote without a name.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<PostId>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    ids(seals::table.filter(seals::author_id.eq_any(own)).select(Seal::as_select()).load(connection)?)
}

/// How much an account wrote without a name since then.
///
/// # Errors
/// Database errors.
pub fn count_of_account(connection: &mut DbConn, account: AccountId, since: Time) -> Result<i64> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    let sealed = seals::table.filter(seals::author_id.eq_any(own)).select(seals::post_id);
    let written = posts::table.filter(posts::id.eq_any(sealed)).filter(posts::created_at.ge(since));
    Ok(written.count().get_result(connection)?)
}

fn ids(rows: Vec<Seal>) -> Result<Vec<PostId>> {
    Ok(rows.into_iter().map(|seal| seal.post_id).collect())
}

/// Something an account wrote without a name in a conversation, if it did.
///
/// # Errors
/// Database errors.
pub fn in_thread(connection: &mut DbConn, account: AccountId, thread: Thread) -> Result<Option<PostId>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    let there = posts::table.filter(in_thread!(thread)).select(posts::id);
    let row = seals::table
        .filter(seals::author_id.eq_any(own))
        .filter(seals::post_id.eq_any(there))
        .order(seals::post_id)
        .select(Seal::as_select())
        .first(connection)
        .optional()?;
    Ok(row.map(|seal| seal.post_id))
}

/// Takes the link to its author from a post that is gone.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, post: PostId) -> Result<()> {
    diesel::delete(seals::table.find(post.get())).execute(&mut **tx)?;
    Ok(())
}

/// What a persona wrote without its name and is not to go yet.
///
/// # Errors
/// Database errors.
pub fn of_author(connection: &mut DbConn, author: ActorId) -> Result<Vec<PostId>> {
    let rows = seals::table.filter(seals::author_id.eq(author.get())).filter(seals::bury_at.is_null());
    ids(rows.select(Seal::as_select()).load(connection)?)
}

/// Says when a post is to go.
///
/// # Errors
/// Database errors.
pub fn bury_at(tx: &mut Tx<'_>, post: PostId, at: Time) -> Result<()> {
    diesel::update(seals::table.find(post.get())).set(seals::bury_at.eq(Some(at))).execute(&mut **tx)?;
    Ok(())
}

/// Posts whose time has come.
///
/// # Errors
/// Database errors.
pub fn due(connection: &mut DbConn, now: Time, most: i64) -> Result<Vec<PostId>> {
    let rows = seals::table.filter(seals::bury_at.le(now)).order((seals::bury_at, seals::post_id)).limit(most);
    ids(rows.select(Seal::as_select()).load(connection)?)
}

/// Takes the link from posts that were removed before this: nobody brings them back any more.
///
/// # Errors
/// Database errors.
pub fn forget(tx: &mut Tx<'_>, before: Time) -> Result<()> {
    let sealed = seals::table.select(seals::post_id);
    let gone = posts::table.filter(posts::id.eq_any(sealed)).filter(posts::deleted_at.lt(before)).select(posts::id);
    let gone: Vec<i64> = gone.load(&mut **tx)?;
    diesel::delete(seals::table.filter(seals::post_id.eq_any(gone))).execute(&mut **tx)?;
    Ok(())
}
