//! Answers to meetups. They are blind: names are for hosts only, and nobody is told a number.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer},
    done,
    event::{self, EventDocument},
    ok,
    persona::PersonDocument,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::rsvp::{self, RsvpForm};
use hearth_domain::id::{EventId, RsvpId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An answer to a meetup.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RsvpBody {
    /// `coming`, `maybe` or `not_coming`.
    answer: String,
    /// A note to the hosts, 300 characters at most.
    note: String,
    /// Id of the persona that answers.
    persona: String,
}

/// Answers a meetup, or changes the answer.
///
/// The hosts of a meetup elsewhere are asked; until they answer, `mine.answer` is `asked`.
#[utoipa::path(put, path = "/events/{id}/rsvp", tag = "events", request_body = RsvpBody,
    responses((status = 200, description = "The meetup, with the answer in `mine`.", body = EventDocument)))]
pub(super) async fn put_rsvp(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let RsvpBody { answer, note, persona } = body.read().await?;
    let id = body::id(&path)?;
    let form = RsvpForm { answer, note, persona };
    let event = state
        .act(move |app| {
            rsvp::answer(app, me.id(), id, &form)?;
            event::one(app, me.visitor(), id)
        })
        .await?;
    Ok(ok(event))
}

/// Somebody who answered.
#[derive(Serialize, ToSchema)]
pub(super) struct AttendeeDocument {
    /// Id of the answer.
    id: String,
    /// Who.
    person: PersonDocument,
    /// `coming`, `maybe` or `not_coming`; `asked` or `waiting` until a host says yes, `refused` when one said no.
    answer: &'static str,
    /// Their note to the hosts.
    note: String,
    /// When they last answered.
    answered_at: DateTime<Utc>,
}

/// Everybody who answered.
#[derive(Serialize, ToSchema)]
pub(super) struct PeopleDocument {
    /// The people, in the order of answering.
    people: Vec<AttendeeDocument>,
}

/// Everybody who answered a meetup. Its hosts only.
#[utoipa::path(get, path = "/events/{id}/people", tag = "events",
    responses((status = 200, description = "The people.", body = PeopleDocument)))]
pub(super) async fn list_people(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id = body::id(&path)?;
    let rows = state.run(move |app| rsvp::people(app, me.account.id, id)).await?;
    let people = rows
        .into_iter()
        .map(|(row, actor)| AttendeeDocument {
            id: row.id.to_string(),
            person: actor.into(),
            answer: row.answer.as_str(),
            note: row.note,
            answered_at: row.updated_at.utc(),
        })
        .collect();
    Ok(ok(PeopleDocument { people }))
}

/// A host's answer to somebody who asked, waits or comes.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DecisionBody {
    /// Id of the answer that is decided.
    rsvp: String,
    /// Whether they can come.
    yes: bool,
}

/// Says yes or no to somebody. The meetup's hosts only.
#[utoipa::path(post, path = "/events/{id}/people/decide", tag = "events", request_body = DecisionBody,
    responses((status = 204, description = "They are told.")))]
pub(super) async fn decide(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let DecisionBody { rsvp, yes } = body.read().await?;
    let event: EventId = body::id(&path)?;
    let rsvp: RsvpId = rsvp
        .parse()
        .map_err(|_| super::problem::ApiError::field("rsvp", "Send the id of an answer, as the list has it."))?;
    state.act(move |app| rsvp::decide(app, me.id(), event, rsvp, yes)).await?;
    Ok(done())
}
