//! What those who look after a group decide: its settings, who is let in, who is no longer a member.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer},
    done,
    group::{GroupDocument, one},
    ok,
    persona::PersonDocument,
    problem::ApiError,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::{
    ActionError, Form,
    group::{self, GroupForm},
    membership,
};
use hearth_domain::id::ActorId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// New settings of a group. What is left out stays. What was closed is never opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsPatch {
    /// Who can read: `public`, `members` or `hidden`.
    readable: Option<String>,
    /// Who can join: `open`, `approval` or `invitation`.
    joining: Option<String>,
    /// How far it reaches: `network`, `partners` or `here`.
    reach: Option<String>,
    /// Who can post: `anyone`, `members` or `facilitators`.
    posting: Option<String>,
}

/// Changes the four settings of a group. Its facilitators only.
///
/// A group that was ever kept to members or to this server never becomes public.
#[utoipa::path(patch, path = "/groups/{id}/settings", tag = "groups", request_body = SettingsPatch,
    responses((status = 200, description = "The group as it is now.", body = GroupDocument)))]
pub(super) async fn patch_settings(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let SettingsPatch { readable, joining, reach, posting } = body.read().await?;
    let id = body::id(&path)?;
    if [&readable, &joining, &reach, &posting].iter().all(|one| one.is_none()) {
        return Err(ApiError::NothingToDo);
    }
    let word = Option::unwrap_or_default;
    let form = GroupForm {
        readable: word(readable),
        joining: word(joining),
        reach: word(reach),
        posting: word(posting),
        ..GroupForm::default()
    };
    let group = state
        .act(move |app| {
            group::settle(app, me.id(), id, &form)?;
            one(app, me.visitor(), id)
        })
        .await?;
    Ok(ok(group))
}

/// Somebody who waits to be let in.
#[derive(Serialize, ToSchema)]
pub(super) struct WaitingPersonDocument {
    /// Who asks.
    person: PersonDocument,
    /// Since when.
    since: DateTime<Utc>,
    /// Their server, for somebody who lives elsewhere.
    server: Option<String>,
    /// What that server says it runs.
    software: Option<String>,
}

/// Those who wait to be let in.
#[derive(Serialize, ToSchema)]
pub(super) struct WaitingPeopleDocument {
    /// The people, longest first.
    waiting: Vec<WaitingPersonDocument>,
}

/// Who waits to be let in to a group. Its facilitators only.
#[utoipa::path(get, path = "/groups/{id}/waiting", tag = "groups",
    responses((status = 200, description = "Those who wait.", body = WaitingPeopleDocument)))]
pub(super) async fn list_waiting_members(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id = body::id(&path)?;
    let rows = state.run(move |app| membership::waiting(app, me.account.id, id)).await?;
    let document = |row: membership::Waiting| WaitingPersonDocument {
        since: row.membership.since.utc(),
        server: (!row.person.local).then(|| row.person.host.clone()),
        software: row.host.and_then(|host| host.software),
        person: row.person.into(),
    };
    Ok(ok(WaitingPeopleDocument { waiting: rows.into_iter().map(document).collect() }))
}

fn person(typed: &str) -> Result<ActorId, ActionError> {
    let mut form = Form::default();
    let person = form.keep("person", typed.parse(), |_| "Name somebody by their id.".to_owned());
    form.finish()?;
    person.ok_or(ActionError::NotFound)
}

/// What is decided about a request.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RequestAnswer {
    /// Id of the person who asked.
    person: String,
    /// Whether they are let in. Nobody is told a reason.
    welcome: bool,
}

/// Lets somebody in, or says that this is not the group for them. Its facilitators only.
#[utoipa::path(post, path = "/groups/{id}/waiting", tag = "groups", request_body = RequestAnswer,
    responses((status = 204, description = "Decided.")))]
pub(super) async fn answer_request(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let answer: RequestAnswer = body.read().await?;
    let id = body::id(&path)?;
    state.act(move |app| membership::answer(app, me.id(), id, person(&answer.person)?, answer.welcome)).await?;
    Ok(done())
}

/// Who is meant.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MemberChoice {
    /// Id of a member.
    person: String,
}

/// Ends somebody's membership. They are told that it ended, and not why. Its facilitators only.
#[utoipa::path(post, path = "/groups/{id}/members/remove", tag = "groups", request_body = MemberChoice,
    responses((status = 204, description = "They are no longer a member.")))]
pub(super) async fn remove_member(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let choice: MemberChoice = body.read().await?;
    let id = body::id(&path)?;
    state.act(move |app| membership::remove(app, me.id(), id, person(&choice.person)?)).await?;
    Ok(done())
}
