//! What somebody wrote before they changed it: for themselves, and gone with the post.

use crate::{DbConn, Result, Time, schema::post_versions};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{PostId, PostVersionId};

row! {
    /// An earlier version of a post.
    PostVersion in post_versions {
        /// Id.
        id: PostVersionId as i64,
        /// The post.
        post_id: PostId as i64,
        /// Its title then.
        title: Option<String>,
        /// Its text then, Markdown.
        source: String,
        /// Its content note then.
        content_note: Option<String>,
        /// When it was changed.
        replaced_at: Time,
        /// What its pictures showed, one in a line. The pictures themselves are gone, or are those it has.
        pictures: String,
    }
}

/// Earlier versions of a post, the latest first. Only for who wrote it.
///
/// # Errors
/// Database errors.
pub fn of(connection: &mut DbConn, post: PostId) -> Result<Vec<PostVersion>> {
    Ok(post_versions::table
        .filter(post_versions::post_id.eq(post.get()))
        .order((post_versions::replaced_at.desc(), post_versions::id))
        .select(PostVersion::as_select())
        .load(connection)?)
}
