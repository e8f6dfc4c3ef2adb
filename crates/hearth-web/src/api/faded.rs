//! What the caller wrote in conversations that have faded.
//!
//! Must never tell of it to anybody but its author.

use super::{
    Answer, State,
    body::{self, Body, Page},
    caller::{Holder, Writer},
    done, ok,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::fading;
use hearth_db::tables::faded_posts::FadedPost;
use hearth_domain::id::PostId;
use serde::Serialize;
use utoipa::ToSchema;

/// A post or reply as it was when it faded. Only its author ever gets it.
#[derive(Serialize, ToSchema)]
pub(super) struct FadedDocument {
    /// The id it had.
    id: String,
    /// Id of the persona that wrote it.
    persona: String,
    /// What the group was called then.
    group_name: String,
    /// Title; none for a reply.
    title: Option<String>,
    /// The text, Markdown.
    text: String,
    /// The text, HTML that is safe to show.
    text_html: String,
    /// What it was about, for people who would rather not read it unprepared.
    content_note: Option<String>,
    /// When it was published.
    published_at: DateTime<Utc>,
}

impl From<FadedPost> for FadedDocument {
    fn from(post: FadedPost) -> Self {
        Self {
            id: post.id.to_string(),
            persona: post.author_id.to_string(),
            group_name: post.group_name,
            title: post.title,
            text: post.source,
            text_html: post.content_html,
            content_note: post.content_note,
            published_at: post.published_at.utc(),
        }
    }
}

/// What has faded.
#[derive(Serialize, ToSchema)]
pub(super) struct FadedListDocument {
    /// The newest first.
    posts: Vec<FadedDocument>,
    /// Where the list goes on.
    next: Option<String>,
}

/// What has faded of the caller's own words, in all groups. What was written without a name is not kept.
#[utoipa::path(get, path = "/account/faded", tag = "posts", params(Page),
    responses((status = 200, description = "The copies.", body = FadedListDocument)))]
pub(super) async fn list_faded(state: State, me: Holder, page: web::Query<Page>) -> Answer {
    let (after, limit) = page.read()?;
    let list = state.run(move |app| fading::own(app, me.account.id, after, limit + 1)).await?;
    let (posts, next) = body::cut_by(list, limit, |one| (one.published_at, one.id));
    Ok(ok(FadedListDocument { posts: posts.into_iter().map(Into::into).collect(), next }))
}

/// Deletes the caller's own copy. Nothing of it is left then.
#[utoipa::path(delete, path = "/account/faded/{id}", tag = "posts", responses((status = 204, description = "Gone.")))]
pub(super) async fn delete_faded(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id: PostId = body::id(&path)?;
    state.act(move |app| fading::forget(app, me.id(), id)).await?;
    Ok(done())
}
