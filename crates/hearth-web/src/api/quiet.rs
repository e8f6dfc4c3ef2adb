//! Quiet words between a member and those who look after a group. They never leave this server.
//!
//! Must never tell who is spoken to through the seal of a post.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer},
    created, ok,
    persona::PersonDocument,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::quiet_word::{self, Read, With};
use hearth_domain::id::{ActorId, PostId, QuietWordId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something said in a quiet word.
#[derive(Serialize, ToSchema)]
pub(super) struct MessageDocument {
    /// Who of those who look after the group said it; none: the member.
    author: Option<PersonDocument>,
    /// The words.
    text: String,
    /// When.
    said_at: DateTime<Utc>,
}

/// A quiet word.
#[derive(Serialize, ToSchema)]
pub(super) struct QuietWordDocument {
    /// Id.
    id: String,
    /// For those who look after the group: the member it is with; none for whoever wrote something without a name.
    member: Option<PersonDocument>,
    /// The post it is about, where one was written to as its author.
    post: Option<String>,
    /// What was said, in its order.
    messages: Vec<MessageDocument>,
}

impl From<Read> for QuietWordDocument {
    fn from(read: Read) -> Self {
        let message = |(author, text, at): (Option<hearth_db::tables::actors::Actor>, String, hearth_db::Time)| {
            MessageDocument { author: author.map(Into::into), text, said_at: at.utc() }
        };
        let (member, unnamed) = match read.with {
            With::Team => (None, None),
            With::Member(member) => (Some(member.into()), None),
            With::Unnamed(post) => (None, Some(post)),
        };
        Self {
            id: read.id.to_string(),
            member,
            post: unnamed.or(read.about).map(|post| post.id.to_string()),
            messages: read.messages.into_iter().map(message).collect(),
        }
    }
}

/// Quiet words.
#[derive(Serialize, ToSchema)]
pub(super) struct QuietWordsDocument {
    /// The quiet words, the latest first.
    quiet_words: Vec<QuietWordDocument>,
}

/// Quiet words of a group that the caller is a part of; for those who look after it, all.
#[utoipa::path(get, path = "/groups/{id}/quiet-words", tag = "groups",
    responses((status = 200, description = "The quiet words.", body = QuietWordsDocument)))]
pub(super) async fn list_quiet_words(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: ActorId = body::id(&path)?;
    let list = state.run(move |app| quiet_word::list(app, me.account.id, id)).await?;
    Ok(ok(QuietWordsDocument { quiet_words: list.into_iter().map(Into::into).collect() }))
}

/// Something to say.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct QuietBody {
    /// The words, 4,000 characters at most.
    text: String,
}

fn at(id: QuietWordId) -> String {
    format!("/quiet-words/{id}")
}

/// A member says something to those who look after a group.
#[utoipa::path(post, path = "/groups/{id}/quiet-words", tag = "groups", request_body = QuietBody,
    responses((status = 201, description = "The quiet word.", body = QuietWordDocument)))]
pub(super) async fn ask_team(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: QuietBody = body.read().await?;
    let id: ActorId = body::id(&path)?;
    let read = state
        .act(move |app| {
            let word = quiet_word::ask(app, me.id(), id, &body.text)?;
            quiet_word::read(app, me.id(), word)
        })
        .await?;
    Ok(created(&at(read.id), QuietWordDocument::from(read)))
}

/// Somebody who looks after a group writes to whoever wrote a post, whether under a name or without.
#[utoipa::path(post, path = "/posts/{id}/quiet-word", tag = "moderation", request_body = QuietBody,
    responses((status = 201, description = "The quiet word.", body = QuietWordDocument)))]
pub(super) async fn write_to_author(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: QuietBody = body.read().await?;
    let id: PostId = body::id(&path)?;
    let read = state
        .act(move |app| {
            let word = quiet_word::write_to_author(app, me.id(), id, &body.text)?;
            quiet_word::read(app, me.id(), word)
        })
        .await?;
    Ok(created(&at(read.id), QuietWordDocument::from(read)))
}

/// One quiet word.
#[utoipa::path(get, path = "/quiet-words/{id}", tag = "groups",
    responses((status = 200, description = "The quiet word.", body = QuietWordDocument)))]
pub(super) async fn get_quiet_word(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: QuietWordId = body::id(&path)?;
    let read = state.run(move |app| quiet_word::read(app, me.account.id, id)).await?;
    Ok(ok(QuietWordDocument::from(read)))
}

/// Says something in a quiet word.
#[utoipa::path(post, path = "/quiet-words/{id}", tag = "groups", request_body = QuietBody,
    responses((status = 201, description = "The quiet word as it is now.", body = QuietWordDocument)))]
pub(super) async fn answer_quiet_word(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: QuietBody = body.read().await?;
    let id: QuietWordId = body::id(&path)?;
    let read = state
        .act(move |app| {
            quiet_word::answer(app, me.id(), id, &body.text)?;
            quiet_word::read(app, me.id(), id)
        })
        .await?;
    Ok(created(&at(read.id), QuietWordDocument::from(read)))
}
