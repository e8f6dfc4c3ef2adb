//! Posts that somebody who looks after a group removed. Their words are kept for a while, so that a removal can be
//! undone; nobody reads them meanwhile. What its own author deletes is never kept.

use crate::{DbConn, Result, Time, Tx, schema::removals::dsl, tables::images};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    id::{ActorId, PostId},
    image::ImageState,
    report::Withheld,
};

row! {
    /// A removal.
    Removal in removals {
        /// The post.
        post_id: PostId as i64,
        /// The group it stands in.
        group_id: ActorId as i64,
        /// Who removed it, by their id on the network.
        by_ap_id: String,
        /// Id of the Delete activity.
        ap_id: String,
        /// Why.
        reason: String,
        /// Its title.
        title: Option<String>,
        /// Its text as typed.
        source: String,
        /// Its text, sanitised HTML.
        content_html: String,
        /// Its content note.
        content_note: Option<String>,
        /// When it was removed.
        removed_at: Time,
        /// Whether it is removed, or hidden until something happens.
        kind: Withheld as String,
    }
}

/// The removal of a post.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, post: PostId) -> Result<Option<Removal>> {
    Ok(dsl::removals.find(post.get()).select(Removal::as_select()).first(connection).optional()?)
}

/// The removal with this Delete activity.
///
/// # Errors
/// Database errors.
pub fn by_ap_id(connection: &mut DbConn, ap_id: &str) -> Result<Option<Removal>> {
    Ok(dsl::removals.filter(dsl::ap_id.eq(ap_id)).select(Removal::as_select()).first(connection).optional()?)
}

/// Which of these posts somebody who looks after their group removed.
///
/// # Errors
/// Database errors.
pub fn among(connection: &mut DbConn, posts: &[PostId]) -> Result<Vec<PostId>> {
    let posts: Vec<i64> = posts.iter().map(|id| id.get()).collect();
    let found: Vec<i64> = dsl::removals.filter(dsl::post_id.eq_any(posts)).select(dsl::post_id).load(connection)?;
    Ok(found.into_iter().filter_map(|id| PostId::try_from(id).ok()).collect())
}

/// The last removals in a group, newest first.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId, most: i64) -> Result<Vec<Removal>> {
    let newest = dsl::removals.filter(dsl::group_id.eq(group.get())).order((dsl::removed_at.desc(), dsl::post_id));
    Ok(newest.limit(most).select(Removal::as_select()).load(connection)?)
}

/// Forgets a removal, and the pictures that were withheld with it.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, post: PostId) -> Result<usize> {
    images::delete_of(tx, ImageState::Withheld, post.get())?;
    Ok(diesel::delete(dsl::removals.find(post.get())).execute(&mut **tx)?)
}

/// Forgets the removals of everything an actor wrote: its author wants it gone.
///
/// # Errors
/// Database errors.
pub fn delete_all_of(tx: &mut Tx<'_>, author: ActorId) -> Result<usize> {
    use crate::schema::posts;
    let written = || posts::table.filter(posts::author_id.eq(author.get())).select(posts::id);
    images::delete_with!(tx, ImageState::Withheld, written())?;
    Ok(diesel::delete(dsl::removals.filter(dsl::post_id.eq_any(written()))).execute(&mut **tx)?)
}

/// Forgets every removal in a group: it is no more.
///
/// # Errors
/// Database errors.
pub fn delete_all_in(tx: &mut Tx<'_>, group: ActorId) -> Result<usize> {
    let all = || dsl::removals.filter(dsl::group_id.eq(group.get()));
    images::delete_with!(tx, ImageState::Withheld, all().select(dsl::post_id))?;
    Ok(diesel::delete(all()).execute(&mut **tx)?)
}

/// Empties the words of what was removed before `before`, and takes its pictures away. That it was removed, and why, stays.
///
/// # Errors
/// Database errors.
pub fn forget_words(tx: &mut Tx<'_>, kinds: &[Withheld], before: Time) -> Result<usize> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let old = || {
        dsl::removals
            .filter(dsl::removed_at.lt(before))
            .filter(dsl::kind.eq_any(kinds.clone()))
            .filter(dsl::content_html.ne(""))
    };
    images::delete_with!(tx, ImageState::Withheld, old().select(dsl::post_id))?;
    Ok(diesel::update(old())
        .set((
            dsl::title.eq(None::<&str>),
            dsl::source.eq(""),
            dsl::content_html.eq(""),
            dsl::content_note.eq(None::<&str>),
        ))
        .execute(&mut **tx)?)
}
