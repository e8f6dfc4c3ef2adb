//! Answers to meetups that come from other servers: theirs to ours, and the hosts' answers to ours (profile 5.4).
//!
//! Must never tell anybody but the joiner what became of a Join.

use super::{door, line, save, standing};
use crate::{ActionError, App, Result, error::Missing, event, received::Evidence, recipients, server::Site};
use hearth_activitypub::Document;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        event_terms,
        events::{self, Event},
        groups,
        rsvps::{self, Rsvp},
    },
};
use hearth_domain::{
    Denied,
    audience::{self, Readers},
    event as rules, permission,
    rsvp::{Answer, wish_to_come},
    text,
};
use serde_json::Value;
use url::Url;

/// A Join as it is embedded in the answer to it.
pub(super) struct Asked(pub Value);

/// Somebody elsewhere says they would like to come.
pub(crate) fn received_join(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    joiner: &Actor,
    event: &Url,
    (activity, raw): (&Url, &str),
    message: Option<&str>,
) -> Result<()> {
    let event = open_to(app, tx, event, joiner)?;
    permission::may_take_part(standing(tx, &event, joiner.id)?)?;
    let asked: Value = serde_json::from_str(raw).map_err(|_| ActionError::NotBelieved("it is not JSON"))?;
    let before = rsvps::get(tx, event.id, joiner.id)?;
    let only_here = event_terms::get(tx, event.id)?.only_here;
    let wish = wish_to_come(door(tx, &event)?, before.as_ref().map(|row| row.answer)).filter(|_| !only_here);
    let Some(answer) = wish else {
        return line::refuse(app, tx, site, &event, joiner.id, &Asked(asked));
    };
    let note = text::cut(&text::paragraphs(message.unwrap_or_default()), text::NOTE_MAX);
    let row = save(app, tx, before, (event.id, joiner.id), answer, &note, activity.as_str())?;
    // Where hosts answer, or there is a line, the answer comes later: none is "pending".
    if answer == Answer::Coming {
        line::accept(app, tx, site, &event, row, Some(asked))?;
    }
    Ok(())
}

/// A meetup here that this person of another server can answer: one that its server may see, not one that anybody may
/// read on a page here; and one for members only as a member. What they can't see answers like what is not there.
fn open_to(app: &App, connection: &mut DbConn, event: &Url, person: &Actor) -> Result<Event> {
    let event =
        events::by_ap_id(connection, event.as_str())?.filter(|event| event.local).ok_or(ActionError::NotFound)?;
    let group = groups::by_id(connection, event.group_id)?.ok_or(ActionError::NotFound)?;
    let facts = recipients::facts(connection, event.group_id, &person.host)?;
    let audience = audience::audience(group.settings(), event.visibility);
    let is_shown = audience.includes(facts.viewer())
        && (audience.readers == Readers::Anyone || standing(connection, &event, person.id)?.is_member());
    if !is_shown || event.deleted_at.is_some() {
        return Err(ActionError::NotFound);
    }
    if rules::takes_answers(event.status, event.ends_at.utc(), app.clock.now()) {
        Ok(event)
    } else {
        Err(Denied::MeetupClosed.into())
    }
}

/// Somebody elsewhere says maybe.
pub(crate) fn received_maybe(app: &App, tx: &mut Tx<'_>, person: &Actor, event: &Url, activity: &Url) -> Result<()> {
    let event = open_to(app, tx, event, person)?;
    permission::may_take_part(standing(tx, &event, person.id)?)?;
    let before = rsvps::get(tx, event.id, person.id)?;
    save(app, tx, before, (event.id, person.id), Answer::Maybe, "", activity.as_str())?;
    line::move_up(app, tx, &event)
}

/// Somebody elsewhere can't make it after all. Nothing is kept.
pub(crate) fn received_leave(app: &App, tx: &mut Tx<'_>, person: &Actor, event: &Url) -> Result<()> {
    let event = events::by_ap_id(tx, event.as_str())?.filter(|event| event.local).ok_or(ActionError::NotFound)?;
    if let Some(row) = rsvps::get(tx, event.id, person.id)? {
        rsvps::delete(tx, row.id)?;
        line::move_up(app, tx, &event)?;
    }
    Ok(())
}

/// The answer of ours that this Join made, if whoever answers may answer it.
///
/// Only who owns the meetup answers for it; on Mobilizon also who announced it, which the meetup itself says. And only an
/// answer that is waited for counts (threats FI-29).
fn answered(tx: &mut Tx<'_>, by: &Actor, join: Option<&Url>, evidence: &Evidence) -> Result<Option<(Rsvp, Event)>> {
    let Some(join) = join else { return Ok(None) };
    let Some(row) = rsvps::by_join(tx, join.as_str())? else { return Ok(None) };
    let ours = actors::by_id(tx, row.actor_id)?.is_some_and(|actor| actor.local);
    let Some(event) = events::by_id(tx, row.event_id)?.filter(|event| !event.local) else { return Ok(None) };
    if !ours || !matches!(row.answer, Answer::Asked | Answer::Coming) {
        return Ok(None);
    }
    if event::owner(tx, &event)?.id == by.id || is_its_announcer(by, &event, evidence)? {
        return Ok(Some((row, event)));
    }
    Ok(None)
}

fn is_its_announcer(by: &Actor, event: &Event, evidence: &Evidence) -> Result<bool> {
    if by.kind != ActorKind::Person || by.ap_id.url().origin() != event.ap_id.url().origin() {
        return Ok(false);
    }
    let id = event.ap_id.url();
    if evidence.is_gone(id) {
        return Ok(false);
    }
    match evidence.object(id) {
        Some(Document::Event(document)) => Ok(document.actor.as_ref() == Some(by.ap_id.url())),
        Some(_) => Ok(false),
        None => Err(ActionError::Needs(Missing::Object(id.clone()))),
    }
}

/// The hosts' server answers a Join of ours. `false` when we never asked it.
pub(crate) fn received_answer(
    app: &App,
    tx: &mut Tx<'_>,
    by: &Actor,
    join: Option<&Url>,
    yes: bool,
    (instructions, evidence): (Option<&str>, &Evidence),
) -> Result<bool> {
    let Some((row, _)) = answered(tx, by, join, evidence)? else { return Ok(false) };
    let row = Rsvp {
        answer: if yes { Answer::Coming } else { Answer::Refused },
        instructions: instructions.map(|t| text::cut(&text::paragraphs(t), 1_000)).unwrap_or_default(),
        updated_at: app.now(),
        ..row
    };
    rsvps::update(tx, &row)?;
    Ok(true)
}

/// The hosts' server takes no answers (WordPress says so). `false` when we never asked it.
pub(crate) fn received_ignore(
    app: &App,
    tx: &mut Tx<'_>,
    by: &Actor,
    join: Option<&Url>,
    evidence: &Evidence,
) -> Result<bool> {
    let Some((row, _)) = answered(tx, by, join, evidence)? else { return Ok(false) };
    let row = Rsvp { answer: Answer::NotTaken, instructions: String::new(), updated_at: app.now(), ..row };
    rsvps::update(tx, &row)?;
    Ok(true)
}
