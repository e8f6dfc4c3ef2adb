//! Erasing a persona or group, and moving one to or from another server. What cannot be undone is asked for by POST
//! with the name of what goes, so that no program does it by mistake.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Writer, count_account},
    done,
};
use actix_web::web;
use hearth_actions::{ActionError, App, erase, moving, tries};
use hearth_db::tables::actors;
use hearth_domain::{
    address::{self, Lookup},
    id::ActorId,
    membership::Parting,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What is erased for good.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct EraseBody {
    /// The name in its address, once more.
    name: String,
}

/// What persona is erased for good.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ErasePersonaBody {
    /// The name in its address, once more.
    name: String,
    /// What becomes of its cards in libraries of groups: `removed`, or `unnamed` for them to stay without a name, where
    /// nobody can change them any more. `removed` if left out.
    cards: String,
}

impl ErasePersonaBody {
    fn cards(&self) -> Result<Parting, ActionError> {
        match self.cards.as_str() {
            "" | "removed" => Ok(Parting::Removed),
            "unnamed" => Ok(Parting::Unnamed),
            _ => Err(ActionError::field("cards", "Send removed or unnamed, or leave it out.")),
        }
    }
}

fn check_name(app: &App, id: ActorId, name: &str) -> Result<(), ActionError> {
    let actor = app.db.read(|c| Ok::<_, ActionError>(actors::by_id(c, id)?))?.ok_or(ActionError::NotFound)?;
    if actor.local && actor.name == name.trim() {
        Ok(())
    } else {
        Err(ActionError::field("name", "Type the name in its address once more, to be sure. This can't be undone."))
    }
}

/// Erases a persona with everything it wrote. It can't be undone; other servers are told.
#[utoipa::path(post, path = "/account/personas/{id}/erase", tag = "personas", request_body = ErasePersonaBody,
    responses((status = 204, description = "Erased.")))]
pub(super) async fn erase_persona(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: ErasePersonaBody = body.read().await?;
    let cards = body.cards()?;
    let id = body::id(&path)?;
    state
        .act(move |app| {
            app.db.read(|c| hearth_actions::persona::own(c, me.id(), id))?;
            check_name(app, id, &body.name)?;
            erase::persona_with(app, me.id(), id, cards)
        })
        .await?;
    Ok(done())
}

/// Erases a group with all its conversations and meetups. Owners only. It can't be undone; other servers are told.
#[utoipa::path(post, path = "/groups/{id}/erase", tag = "groups", request_body = EraseBody,
    responses((status = 204, description = "Erased.")))]
pub(super) async fn erase_group(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: EraseBody = body.read().await?;
    let id = body::id(&path)?;
    state
        .act(move |app| {
            erase::may_erase_group(app, me.id(), id)?;
            check_name(app, id, &body.name)?;
            erase::group(app, me.id(), id)
        })
        .await?;
    Ok(done())
}

/// The other addresses of a persona or group.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AliasesBody {
    /// Full addresses on other servers; an empty list for none.
    #[schema(example = json!(["https://elm.example/u/wren"]))]
    #[schema(required)]
    aliases: Option<Vec<String>>,
}

async fn set_aliases(state: State, me: Writer, id: ActorId, body: Body) -> Answer {
    let body: AliasesBody = body.read().await?;
    // Left out is not the same as none: that would take away all there are.
    let Some(aliases) = body.aliases else {
        return Err(ActionError::field("aliases", "Send the list of addresses; an empty one for none.").into());
    };
    state.run(move |app| moving::set_aliases(app, me.id(), id, &aliases.join("\n"))).await?;
    Ok(done())
}

/// Says which addresses on other servers are the same persona: needed before it can move here.
#[utoipa::path(put, path = "/account/personas/{id}/aliases", tag = "personas", request_body = AliasesBody,
    responses((status = 204, description = "Said.")))]
pub(super) async fn put_persona_aliases(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let id = body::id(&path)?;
    set_aliases(state, me, id, body).await
}

/// Says which addresses on other servers are the same group: needed before it can move here. Owners only.
#[utoipa::path(put, path = "/groups/{id}/aliases", tag = "groups", request_body = AliasesBody,
    responses((status = 204, description = "Said.")))]
pub(super) async fn put_group_aliases(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let id = body::id(&path)?;
    set_aliases(state, me, id, body).await
}

/// Where a persona or group moves.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MoveBody {
    /// Its new handle or link, on another server. It must name this address among its own first.
    #[schema(example = "@wren@elm.example")]
    to: String,
}

async fn move_away(state: State, me: Writer, id: ActorId, body: Body) -> Answer {
    let body: MoveBody = body.read().await?;
    let lookup = address::read_lookup(&body.to);
    if matches!(lookup, Lookup::Words(_)) {
        return Err(ActionError::field("to", "Type its new address, for example @wren@elm.example.").into());
    }
    count_account(&state, me.id(), tries::LOOK_UP).await?;
    let target = state.network.find(&lookup).await?;
    state.act(move |app| moving::move_away(app, me.id(), id, target)).await?;
    Ok(done())
}

/// Moves a persona to another server.
#[utoipa::path(post, path = "/account/personas/{id}/move", tag = "personas", request_body = MoveBody,
    responses((status = 204, description = "Other servers are told.")))]
pub(super) async fn move_persona(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let id = body::id(&path)?;
    move_away(state, me, id, body).await
}

/// Moves a group to another server: its followers there follow the new address. Owners only.
#[utoipa::path(post, path = "/groups/{id}/move", tag = "groups", request_body = MoveBody,
    responses((status = 204, description = "Other servers are told.")))]
pub(super) async fn move_group(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let id = body::id(&path)?;
    move_away(state, me, id, body).await
}
