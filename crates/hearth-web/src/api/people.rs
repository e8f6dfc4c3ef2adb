//! Whom the caller doesn't want to read, and what they wrote themselves before they changed it.
//!
//! Must never tell anybody but the caller.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer},
    done, ok,
    persona::PersonDocument,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::{ActionError, Form, block, group, post};
use hearth_db::tables::{blocks, mutes, post_versions::PostVersion};
use hearth_domain::id::{ActorId, PostId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody the caller blocks.
#[derive(Serialize, ToSchema)]
pub(super) struct BlockedDocument {
    /// Who.
    person: PersonDocument,
    /// Id of the persona that blocks them.
    persona: String,
}

/// Whom the caller doesn't read.
#[derive(Serialize, ToSchema)]
pub(super) struct PeopleDocument {
    /// Those whose words are hidden for the caller alone.
    muted: Vec<PersonDocument>,
    /// Those with whom neither reads the other.
    blocked: Vec<BlockedDocument>,
}

/// Whom the caller muted and blocks. Nobody else can see it.
#[utoipa::path(get, path = "/account/people", tag = "account",
    responses((status = 200, description = "The people.", body = PeopleDocument)))]
pub(super) async fn get_people(state: State, me: Holder) -> Answer {
    let people = state
        .run(move |app| {
            app.db.read(|c| {
                let muted = mutes::of_account(c, me.account.id)?.into_iter().map(Into::into).collect();
                let blocked = blocks::of_account(c, me.account.id)?
                    .into_iter()
                    .map(|(block, actor)| BlockedDocument { person: actor.into(), persona: block.by_id.to_string() })
                    .collect();
                Ok::<_, ActionError>(PeopleDocument { muted, blocked })
            })
        })
        .await?;
    Ok(ok(people))
}

/// Muting somebody.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MuteBody {
    /// Whether what they write is hidden for the caller.
    #[schema(required)]
    muted: Option<bool>,
}

/// Hides what somebody writes from the caller, or no longer. They are not told.
#[utoipa::path(put, path = "/people/{id}/mute", tag = "account", request_body = MuteBody,
    responses((status = 204, description = "Done.")))]
pub(super) async fn mute_person(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: MuteBody = body.read().await?;
    let muted = body::required("muted", body.muted)?;
    let id: ActorId = body::id(&path)?;
    state.act(move |app| block::mute(app, me.id(), id, muted)).await?;
    Ok(done())
}

/// Blocking somebody.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BlockBody {
    /// Whether neither is to see what the other writes from now on.
    #[schema(required)]
    blocked: Option<bool>,
    /// Id of the persona that blocks them.
    persona: String,
}

/// Blocks somebody, or no longer: from then on neither sees what the other writes, nor answers it. They are not told.
#[utoipa::path(put, path = "/people/{id}/block", tag = "account", request_body = BlockBody,
    responses((status = 204, description = "Done.")))]
pub(super) async fn block_person(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: BlockBody = body.read().await?;
    let id: ActorId = body::id(&path)?;
    let mut form = Form::default();
    let persona = group::read_persona(&mut form, &body.persona);
    form.finish()?;
    let persona = persona.ok_or(ActionError::NotFound)?;
    let blocked = body::required("blocked", body.blocked)?;
    state.act(move |app| block::block(app, me.id(), persona, id, blocked)).await?;
    Ok(done())
}

/// What a post was before its author changed it.
#[derive(Serialize, ToSchema)]
pub(super) struct VersionDocument {
    /// Title, of a post.
    title: Option<String>,
    /// The text, Markdown.
    text: String,
    /// What it was about.
    content_note: Option<String>,
    /// What its pictures showed.
    images: Vec<String>,
    /// When it was changed.
    replaced_at: DateTime<Utc>,
}

impl From<PostVersion> for VersionDocument {
    fn from(row: PostVersion) -> Self {
        let PostVersion { title, source: text, content_note, replaced_at, pictures, .. } = row;
        let images = pictures.lines().map(str::to_owned).collect();
        Self { title, text, content_note, images, replaced_at: replaced_at.utc() }
    }
}

/// Earlier versions of a post.
#[derive(Serialize, ToSchema)]
pub(super) struct VersionsDocument {
    /// The versions, the latest first.
    versions: Vec<VersionDocument>,
}

/// Earlier versions of a post of one's own.
#[utoipa::path(get, path = "/posts/{id}/versions", tag = "posts",
    responses((status = 200, description = "The versions.", body = VersionsDocument)))]
pub(super) async fn list_versions(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: PostId = body::id(&path)?;
    let (_, versions) = state.run(move |app| post::versions(app, me.account.id, id)).await?;
    Ok(ok(VersionsDocument { versions: versions.into_iter().map(Into::into).collect() }))
}
