//! Posts that are written now and published later. They are no posts yet: nothing that lists, counts, searches or sends
//! posts can find them. Only their author ever reads them.

use crate::{
    DbConn, Result, Time, Tx,
    column::Opt,
    schema::{personas, scheduled_posts::dsl},
    tables::images,
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    audience::Visibility,
    id::{AccountId, ActorId, ScheduledPostId},
    image::ImageState,
    scheduled_post::Returned,
};

row! {
    /// A planned post.
    ScheduledPost in scheduled_posts {
        /// Its own id: the post that comes of it has another one.
        id: ScheduledPostId as i64,
        /// The group.
        group_id: ActorId as i64,
        /// Who wrote it.
        author_id: ActorId as i64,
        /// Whether it is to stand without that name.
        unnamed: bool,
        /// Title.
        title: String,
        /// The text as typed.
        source: String,
        /// Its content note.
        content_note: Option<String>,
        /// What its author chose.
        visibility: Visibility as String,
        /// When, on the wall clock: `2026-03-10T18:30`.
        civil_time: String,
        /// Of this IANA zone.
        zone: String,
        /// The instant of that.
        publish_at: Time,
        /// Why it was not published then.
        returned: Option<Returned> as Opt<Returned>,
        /// When its author got it back.
        returned_at: Option<Time>,
        /// When it was planned.
        created_at: Time,
    }
}

/// One.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, id: ScheduledPostId) -> Result<Option<ScheduledPost>> {
    Ok(dsl::scheduled_posts.find(id.get()).select(ScheduledPost::as_select()).first(connection).optional()?)
}

/// What an account has planned under all its names, also those it uses no more; soonest first.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<ScheduledPost>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    Ok(dsl::scheduled_posts
        .filter(dsl::author_id.eq_any(own))
        .order((dsl::publish_at, dsl::id))
        .select(ScheduledPost::as_select())
        .load(connection)?)
}

/// What is to be published by now, soonest first.
///
/// # Errors
/// Database errors.
pub fn due(connection: &mut DbConn, now: Time, most: i64) -> Result<Vec<ScheduledPost>> {
    Ok(dsl::scheduled_posts
        .filter(dsl::returned_at.is_null())
        .filter(dsl::publish_at.le(now))
        .order((dsl::publish_at, dsl::id))
        .limit(most)
        .select(ScheduledPost::as_select())
        .load(connection)?)
}

/// Gives it back to its author. `false` when it is no longer as it was read: published, changed or taken back.
///
/// # Errors
/// Database errors.
pub fn give_back(tx: &mut Tx<'_>, row: &ScheduledPost, why: Returned, now: Time) -> Result<bool> {
    let same = dsl::scheduled_posts
        .find(row.id.get())
        .filter(dsl::publish_at.eq(row.publish_at))
        .filter(dsl::returned_at.is_null());
    let back = (dsl::returned.eq(Some(why.as_str())), dsl::returned_at.eq(Some(now)));
    Ok(diesel::update(same).set(back).execute(&mut **tx)? > 0)
}

/// Gives all that an actor planned in a group back: they left.
///
/// # Errors
/// Database errors.
pub fn give_all_back(tx: &mut Tx<'_>, author: ActorId, group: ActorId, why: Returned, now: Time) -> Result<()> {
    let own = dsl::scheduled_posts.filter(dsl::author_id.eq(author.get())).filter(dsl::group_id.eq(group.get()));
    let back = (dsl::returned.eq(Some(why.as_str())), dsl::returned_at.eq(Some(now)));
    diesel::update(own.filter(dsl::returned_at.is_null())).set(back).execute(&mut **tx)?;
    Ok(())
}

/// Takes one away: it is published, or changed. Its pictures stay for what comes of it. `false` when it was not there.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: ScheduledPostId) -> Result<bool> {
    Ok(diesel::delete(dsl::scheduled_posts.find(id.get())).execute(&mut **tx)? > 0)
}

/// Takes one away to publish it, if it is still as it was read and is due by then.
///
/// # Errors
/// Database errors.
pub fn take_due(tx: &mut Tx<'_>, row: &ScheduledPost, now: Time) -> Result<bool> {
    let due =
        dsl::scheduled_posts.find(row.id.get()).filter(dsl::returned_at.is_null()).filter(dsl::publish_at.le(now));
    Ok(diesel::delete(due).execute(&mut **tx)? > 0)
}

/// Takes away what an actor planned in a group.
///
/// # Errors
/// Database errors.
pub fn delete_of(tx: &mut Tx<'_>, author: ActorId, group: ActorId) -> Result<usize> {
    let own = || dsl::scheduled_posts.filter(dsl::author_id.eq(author.get())).filter(dsl::group_id.eq(group.get()));
    images::delete_with!(tx, ImageState::Planned, own().select(dsl::id))?;
    Ok(diesel::delete(own()).execute(&mut **tx)?)
}

/// Takes away all that an actor planned: it is erased.
///
/// # Errors
/// Database errors.
pub fn delete_all_of(tx: &mut Tx<'_>, author: ActorId) -> Result<usize> {
    let own = || dsl::scheduled_posts.filter(dsl::author_id.eq(author.get()));
    images::delete_with!(tx, ImageState::Planned, own().select(dsl::id))?;
    Ok(diesel::delete(own()).execute(&mut **tx)?)
}

/// Forgets what its author got back before `before`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    let old = || dsl::scheduled_posts.filter(dsl::returned_at.lt(before));
    images::delete_with!(tx, ImageState::Planned, old().select(dsl::id))?;
    Ok(diesel::delete(old()).execute(&mut **tx)?)
}
