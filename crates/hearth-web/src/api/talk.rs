//! How conversations of a group are held, and what the caller wants folded or left out in them.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Visitor, Writer},
    done, ok,
    problem::ApiError,
    yes,
};
use actix_web::web;
use hearth_actions::{
    ActionError, conversation,
    talk::{self, RulesForm},
};
use hearth_db::tables::talk_rules::TalkRules;
use hearth_domain::{
    id::{ActorId, PostId},
    note::NoteChoice,
    notice::ThreadChoice,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How conversations of a group are held.
#[derive(Serialize, ToSchema)]
pub(super) struct TalkDocument {
    /// Topics of content notes that the group suggests. A note can be anything.
    notes: Vec<String>,
    /// Whether members can write without their name.
    unnamed: bool,
    /// After how many days a conversation is gone for everybody; none: never.
    fades_after: Option<i32>,
}

impl From<TalkRules> for TalkDocument {
    fn from(rules: TalkRules) -> Self {
        Self {
            notes: rules.topics().map(str::to_owned).collect(),
            unnamed: rules.unnamed,
            fades_after: rules.fades_after,
        }
    }
}

/// How conversations of a group are held.
#[utoipa::path(get, path = "/groups/{id}/talk", tag = "groups",
    responses((status = 200, description = "What the group chose.", body = TalkDocument)))]
pub(super) async fn get_talk(state: State, visitor: Visitor, path: web::Path<String>) -> Answer {
    let id: ActorId = body::id(&path)?;
    let rules = state.run(move |app| app.db.read(|c| talk::rules(c, visitor.account, id))).await?;
    Ok(ok(TalkDocument::from(rules.1)))
}

/// A change. What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TalkPatch {
    /// Topics of content notes, 40 at most, of 60 characters at most.
    notes: Option<Vec<String>>,
    /// Whether members can write without their name. What was written so stays so.
    unnamed: Option<bool>,
    /// After how many days conversations that begin from now on are gone for everybody; 0: never.
    fades_after: Option<u32>,
}

/// Changes how conversations of a group are held. For those who look after it.
#[utoipa::path(patch, path = "/groups/{id}/talk", tag = "groups", request_body = TalkPatch,
    responses((status = 200, description = "What holds now.", body = TalkDocument)))]
pub(super) async fn patch_talk(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let patch: TalkPatch = body.read().await?;
    let id: ActorId = body::id(&path)?;
    if patch.notes.is_none() && patch.unnamed.is_none() && patch.fades_after.is_none() {
        return Err(ApiError::NothingToDo);
    }
    let rules = state
        .act(move |app| {
            let before = app.db.read(|c| talk::rules(c, Some(me.id()), id))?.1;
            let form = RulesForm {
                notes: patch.notes.map_or(before.notes, |topics| topics.join("\n")),
                unnamed: yes(patch.unnamed.unwrap_or(before.unnamed)),
                fades_after: match patch.fades_after {
                    Some(0) => String::new(),
                    Some(days) => days.to_string(),
                    None => before.fades_after.map(|days| days.to_string()).unwrap_or_default(),
                },
            };
            talk::change(app, me.id(), id, &form)
        })
        .await?;
    Ok(ok(TalkDocument::from(rules)))
}

/// What happens to topics of content notes.
#[derive(Serialize, ToSchema)]
pub(super) struct NotesDocument {
    /// By topic: `show`, `hide`, or none where it stays folded.
    choices: BTreeMap<String, Option<&'static str>>,
}

/// What the caller chose for the topics of a group.
#[utoipa::path(get, path = "/groups/{id}/notes", tag = "groups",
    responses((status = 200, description = "The choices.", body = NotesDocument)))]
pub(super) async fn get_notes(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: ActorId = body::id(&path)?;
    let list = state.run(move |app| talk::choices(app, me.account.id, id)).await?;
    let choices = list.into_iter().map(|(topic, choice)| (topic, choice.map(NoteChoice::as_str))).collect();
    Ok(ok(NotesDocument { choices }))
}

/// What is to happen to topics of content notes.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NotesBody {
    /// By topic: `show` or `hide`. Topics that are left out stay folded.
    #[schema(required)]
    choices: Option<BTreeMap<String, String>>,
}

/// Chooses what happens to topics in a group: always shown, or never. Nobody else is told.
#[utoipa::path(put, path = "/groups/{id}/notes", tag = "groups", request_body = NotesBody,
    responses((status = 204, description = "Done.")))]
pub(super) async fn put_notes(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: NotesBody = body.read().await?;
    let id: ActorId = body::id(&path)?;
    let chosen: Result<Vec<(String, NoteChoice)>, ActionError> = body::required("choices", body.choices)?
        .into_iter()
        .map(|(topic, choice)| match choice.parse() {
            Ok(choice) => Ok((topic, choice)),
            Err(_) => Err(ActionError::field("choices", "Choose show or hide for each topic.")),
        })
        .collect();
    let chosen = chosen?;
    state.act(move |app| talk::choose(app, me.id(), id, &chosen)).await?;
    Ok(done())
}

/// What the caller wants to hear of a conversation.
#[derive(Serialize, ToSchema)]
pub(super) struct ConversationDocument {
    /// `follow`: whatever is said in it; `mute`: nothing; `usual`: what answers or names the caller.
    choice: &'static str,
}

/// What the caller chose to hear of the conversation that a post or reply is in.
#[utoipa::path(get, path = "/posts/{id}/conversation", tag = "posts",
    responses((status = 200, description = "The choice.", body = ConversationDocument)))]
pub(super) async fn get_conversation(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: PostId = body::id(&path)?;
    let chosen = state.run(move |app| app.db.read(|c| conversation::choice(c, me.account.id, id))).await?;
    Ok(ok(ConversationDocument { choice: chosen.map_or(conversation::USUAL, ThreadChoice::as_str) }))
}

/// What the caller wants to hear of a conversation.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ConversationBody {
    /// `follow`, `mute` or `usual`.
    #[schema(required)]
    choice: Option<String>,
}

/// Chooses what to hear of the conversation that a post or reply is in. Nobody else is told.
#[utoipa::path(put, path = "/posts/{id}/conversation", tag = "posts", request_body = ConversationBody,
    responses((status = 204, description = "Done.")))]
pub(super) async fn put_conversation(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: ConversationBody = body.read().await?;
    let id: PostId = body::id(&path)?;
    let choice = body::required("choice", body.choice)?;
    state.act(move |app| conversation::choose(app, me.id(), id, &choice)).await?;
    Ok(done())
}
