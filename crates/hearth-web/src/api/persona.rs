//! Personas: one's own, and how those of others are shown. Nothing here tells which of them belong together but to
//! their owner.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer},
    created, done, ok,
    problem::ApiError,
};
use actix_web::web;
use hearth_actions::{ActionError, App, persona};
use hearth_db::tables::actors::Actor;
use hearth_domain::id::{AccountId, ActorId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Somebody, as others see them.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonDocument {
    /// Id.
    id: String,
    /// The name that is shown.
    display_name: String,
    /// The name on the network.
    #[schema(example = "@wren@groups.example.org")]
    handle: String,
    /// Their page.
    url: String,
    /// Whether they are on this server.
    local: bool,
}

impl From<Actor> for PersonDocument {
    fn from(actor: Actor) -> Self {
        let handle = handle(&actor);
        Self { id: actor.id.to_string(), display_name: actor.display_name, handle, url: actor.url, local: actor.local }
    }
}

/// `@name@server`.
pub(super) fn handle(actor: &Actor) -> String {
    format!("@{}@{}", actor.name, actor.host)
}

/// A persona of one's own.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonaDocument {
    /// Id, for the field `persona`.
    id: String,
    /// The name in its address.
    persona_name: String,
    /// The name that is shown.
    persona_display_name: String,
    /// Words about it, Markdown.
    about: String,
    /// The name on the network.
    handle: String,
    /// Its page.
    url: String,
}

impl From<Actor> for PersonaDocument {
    fn from(actor: Actor) -> Self {
        let handle = handle(&actor);
        Self {
            id: actor.id.to_string(),
            persona_name: actor.name,
            persona_display_name: actor.display_name,
            about: actor.summary_source,
            handle,
            url: actor.url,
        }
    }
}

/// One's own personas.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonasDocument {
    /// The personas, oldest first.
    personas: Vec<PersonaDocument>,
}

fn own(app: &App, account: AccountId, persona: ActorId) -> Result<Actor, ActionError> {
    app.db.read(|c| persona::own(c, account, persona))
}

/// The personas of this account that are in use.
#[utoipa::path(get, path = "/account/personas", tag = "personas",
    responses((status = 200, description = "The personas.", body = PersonasDocument)))]
pub(super) async fn list_personas(state: State, me: Holder) -> Answer {
    let rows = state.run(move |app| persona::all(app, me.account.id)).await?;
    Ok(ok(PersonasDocument { personas: rows.into_iter().map(Into::into).collect() }))
}

/// A new persona.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PersonaBody {
    /// The name in its address: letters a to z, numbers and _. It can't be changed later.
    persona_name: String,
    /// The name that is shown; the name in the address if left out.
    persona_display_name: String,
}

/// Adds a persona to this account.
#[utoipa::path(post, path = "/account/personas", tag = "personas", request_body = PersonaBody,
    responses((status = 201, description = "The persona.", body = PersonaDocument)))]
pub(super) async fn create_persona(state: State, me: Writer, body: Body) -> Answer {
    let body: PersonaBody = body.read().await?;
    let actor = state
        .run(move |app| {
            let id = persona::create(app, me.id(), &body.persona_name, &body.persona_display_name)?;
            own(app, me.id(), id)
        })
        .await?;
    Ok(created("/account/personas", PersonaDocument::from(actor)))
}

/// A change of a persona. What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonaPatch {
    /// The name that is shown, 80 characters at most.
    persona_display_name: Option<String>,
    /// Words about it, Markdown, 2,000 characters at most.
    about: Option<String>,
}

/// Changes how a persona is described.
#[utoipa::path(patch, path = "/account/personas/{id}", tag = "personas", request_body = PersonaPatch,
    responses((status = 200, description = "The persona as it is now.", body = PersonaDocument)))]
pub(super) async fn patch_persona(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let PersonaPatch { persona_display_name, about } = body.read().await?;
    let id = body::id(&path)?;
    if persona_display_name.is_none() && about.is_none() {
        return Err(ApiError::NothingToDo);
    }
    let actor = state
        .act(move |app| {
            let before = own(app, me.id(), id)?;
            let display_name = persona_display_name.unwrap_or(before.display_name);
            let about = about.unwrap_or(before.summary_source);
            persona::describe(app, me.id(), id, &display_name, &about)?;
            own(app, me.id(), id)
        })
        .await?;
    Ok(ok(PersonaDocument::from(actor)))
}

/// Retires a persona: it is no longer offered, its name stays taken, what it wrote stays.
#[utoipa::path(post, path = "/account/personas/{id}/retire", tag = "personas",
    responses((status = 204, description = "Retired.")))]
pub(super) async fn retire_persona(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id = body::id(&path)?;
    state.run(move |app| persona::retire(app, me.id(), id)).await?;
    Ok(done())
}
