//! Answers to meetups. Names are seen by hosts only; a place is counted once the hosts' server says yes.

use crate::{
    ActionError, App, Form, Result, event, persona, post,
    publish::{self, Outgoing},
    recipients,
    server::{Site, site},
};
use hearth_activitypub::outbound;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        events::{self, Event},
        groups,
        rsvps::{self, Rsvp},
    },
    views::visible::Reader,
};
use hearth_domain::{
    Denied,
    audience::{self, Readers},
    event::{self as rules, JoinMode},
    id::{AccountId, ActorId, EventId, RsvpId},
    permission,
    rsvp::{Answer, Choice, Places, places},
    text,
};
use serde_json::Value;
use url::Url;

/// What a person types to answer.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct RsvpForm {
    /// `coming`, `maybe` or `not_coming`.
    pub answer: String,
    /// A note to the hosts.
    pub note: String,
    /// The persona that answers.
    pub persona: String,
}

/// Answers a meetup, or changes the answer.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(MeetupClosed)`, `Conflict` when it is full, `Invalid`.
pub fn answer(app: &App, account: AccountId, event: EventId, typed: &RsvpForm) -> Result<Answer> {
    let mut form = Form::default();
    let choice: Option<Choice> = form.word("answer", "an answer", &typed.answer);
    let note = form.paragraphs("note", "The note", &typed.note, 0, text::NOTE_MAX);
    let persona = crate::group::read_persona(&mut form, &typed.persona);
    form.finish()?;
    let (Some(choice), Some(persona)) = (choice, persona) else { return Err(ActionError::NotFound) };
    app.db.write(|tx| {
        let event = open_event(app, tx, account, event)?;
        let persona = match rsvps::of_account(tx, event.id, account)? {
            Some(present) => persona::own(tx, account, present.actor_id)?,
            None => persona::for_group(tx, account, event.group_id, persona)?,
        };
        if event.local {
            answer_here(app, tx, &event, persona.id, choice, &note)
        } else {
            ask_there(app, tx, &event, &persona, choice, &note)
        }
    })
}

fn open_event(app: &App, connection: &mut DbConn, account: AccountId, id: EventId) -> Result<Event> {
    let event = events::by_id(connection, id)?.ok_or(ActionError::NotFound)?;
    let group = groups::by_id(connection, event.group_id)?.ok_or(ActionError::NotFound)?;
    if !Reader::account(connection, account)?.includes(&group, event.visibility) {
        return Err(ActionError::NotFound);
    }
    if event.deleted_at.is_some() {
        return Err(ActionError::Gone);
    }
    if event.join_mode == JoinMode::External {
        return Err(ActionError::Conflict("This meetup takes answers on its own page only."));
    }
    if rules::takes_answers(event.status, event.ends_at.utc(), app.clock.now()) {
        Ok(event)
    } else {
        Err(Denied::MeetupClosed.into())
    }
}

fn answer_here(
    app: &App,
    tx: &mut Tx<'_>,
    event: &Event,
    actor: ActorId,
    choice: Choice,
    note: &str,
) -> Result<Answer> {
    permission::may_take_part(standing(tx, event, actor)?)?;
    let present = rsvps::get(tx, event.id, actor)?;
    let answer = match choice {
        Choice::Coming => {
            let counted = present.as_ref().is_some_and(|row| row.answer == Answer::Coming);
            if !counted && band(tx, event)? == Places::Full {
                return Err(ActionError::Conflict("This meetup is full."));
            }
            Answer::Coming
        }
        Choice::Maybe => Answer::Maybe,
        Choice::NotComing => Answer::NotComing,
    };
    save(app, tx, present, event.id, actor, answer, note, "")?;
    Ok(answer)
}

#[expect(clippy::too_many_arguments, reason = "the columns of one row")]
fn save(
    app: &App,
    tx: &mut Tx<'_>,
    present: Option<Rsvp>,
    event: EventId,
    actor: ActorId,
    answer: Answer,
    note: &str,
    join: &str,
) -> Result<()> {
    let now = app.now();
    match present {
        Some(row) => {
            let row = Rsvp { answer, note: note.to_owned(), join_ap_id: join.to_owned(), updated_at: now, ..row };
            rsvps::update(tx, &row)?;
        }
        None => Rsvp {
            id: RsvpId::random(&*app.entropy),
            event_id: event,
            actor_id: actor,
            answer,
            note: note.to_owned(),
            join_ap_id: join.to_owned(),
            instructions: String::new(),
            created_at: now,
            updated_at: now,
        }
        .insert(tx)?,
    }
    Ok(())
}

/// Asks the server of a meetup elsewhere. Its answer comes later.
fn ask_there(app: &App, tx: &mut Tx<'_>, event: &Event, persona: &Actor, choice: Choice, note: &str) -> Result<Answer> {
    let site = site(tx)?;
    let group = actors::by_id(tx, event.group_id)?.ok_or(ActionError::NotFound)?;
    let present = rsvps::get(tx, event.id, persona.id)?;
    let (id, url) = publish::new_activity(app, &site);
    let owners = [group.ap_id.url().clone()];
    let (me, about) = (persona.ap_id.url(), event.ap_id.url());
    let message = Some(note).filter(|note| !note.is_empty());
    let (kind, body, answer) = match choice {
        Choice::Coming => ("Join", outbound::join(&url, me, &owners, about, message), Answer::Asked),
        Choice::Maybe => ("TentativeAccept", outbound::tentative_accept(&url, me, &owners, about), Answer::Maybe),
        Choice::NotComing => ("Leave", outbound::leave(&url, me, &owners, about), Answer::NotComing),
    };
    let was_asked = present.as_ref().is_some_and(|row| row.answer != Answer::NotComing);
    let join = url.to_string();
    let unsent = choice == Choice::NotComing && !was_asked;
    save(app, tx, present, event.id, persona.id, answer, note, &join)?;
    if choice != Choice::Coming {
        forget_instructions(tx, event.id, persona.id)?;
    }
    if !unsent {
        actors::put_on_network(tx, persona.id, app.now())?;
        let outgoing =
            Outgoing { id: (id, url), kind, signer: persona, object: about.as_str(), body: body.to_string() };
        outgoing.send(app, tx, &group)?;
    }
    Ok(answer)
}

fn forget_instructions(tx: &mut Tx<'_>, event: EventId, actor: ActorId) -> Result<()> {
    if let Some(row) = rsvps::get(tx, event, actor)? {
        rsvps::update(tx, &Rsvp { instructions: String::new(), ..row })?;
    }
    Ok(())
}

/// How full a meetup is, as everybody may know it.
///
/// # Errors
/// Database errors.
pub fn band(connection: &mut DbConn, event: &Event) -> Result<Places> {
    let coming = rsvps::count_coming(connection, event.id)?;
    let capacity = event.capacity.and_then(|places| u32::try_from(places).ok());
    Ok(places(capacity, u32::try_from(coming).unwrap_or(u32::MAX)))
}

/// Who answered, for the hosts of a meetup here.
///
/// # Errors
/// `NotFound`, `Denied(HostsOnly)`.
pub fn people(app: &App, account: AccountId, event: EventId) -> Result<Vec<(Rsvp, Actor)>> {
    app.db.read(|c| {
        let row = events::by_id(c, event)?.filter(|row| row.local).ok_or(ActionError::NotFound)?;
        let group = groups::by_id(c, row.group_id)?.ok_or(ActionError::NotFound)?;
        let reader = Reader::account(c, account)?;
        if !reader.includes(&group, row.visibility) {
            return Err(ActionError::NotFound);
        }
        if !permission::may_see_names(reader.standing(row.group_id)) {
            return Err(Denied::HostsOnly.into());
        }
        Ok(rsvps::with_actors(c, event)?)
    })
}

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
    let group = actors::by_id(tx, event.group_id)?.ok_or(ActionError::NotFound)?;
    let asked: Value = serde_json::from_str(raw).map_err(|_| ActionError::NotBelieved("it is not JSON"))?;
    let present = rsvps::get(tx, event.id, joiner.id)?;
    let counted = present.as_ref().is_some_and(|row| row.answer == Answer::Coming);
    let full = !counted && band(tx, &event)? == Places::Full;
    let id = publish::new_activity(app, site);
    let (me, them) = (group.ap_id.url(), joiner.ap_id.url());
    let (kind, body) = if full {
        ("Reject", outbound::reject(&id.1, me, them, asked))
    } else {
        let note = text::cut(&text::paragraphs(message.unwrap_or_default()), text::NOTE_MAX);
        save(app, tx, present, event.id, joiner.id, Answer::Coming, &note, activity.as_str())?;
        let instructions = event::instructions(&event);
        let body = if instructions.is_empty() {
            outbound::accept(&id.1, me, them, asked)
        } else {
            outbound::accept_join_with_instructions(&id.1, me, them, asked, &instructions)
        };
        ("Accept", body)
    };
    let outgoing = Outgoing { id, kind, signer: &group, object: event.ap_id.as_str(), body: body.to_string() };
    outgoing.send(app, tx, joiner)
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
    let present = rsvps::get(tx, event.id, person.id)?;
    save(app, tx, present, event.id, person.id, Answer::Maybe, "", activity.as_str())
}

/// Somebody elsewhere can't make it after all. Nothing is kept.
pub(crate) fn received_leave(tx: &mut Tx<'_>, person: &Actor, event: &Url) -> Result<()> {
    let event = events::by_ap_id(tx, event.as_str())?.filter(|event| event.local).ok_or(ActionError::NotFound)?;
    if let Some(row) = rsvps::get(tx, event.id, person.id)? {
        rsvps::delete(tx, row.id)?;
    }
    Ok(())
}

/// The hosts' server answers a Join of ours. `false` when we never asked it.
pub(crate) fn received_answer(
    app: &App,
    tx: &mut Tx<'_>,
    by: &Actor,
    join: Option<&Url>,
    yes: bool,
    instructions: Option<&str>,
) -> Result<bool> {
    let Some(join) = join else { return Ok(false) };
    let Some(row) = rsvps::by_join(tx, join.as_str())? else { return Ok(false) };
    let ours = actors::by_id(tx, row.actor_id)?.is_some_and(|actor| actor.local);
    let event = events::by_id(tx, row.event_id)?.filter(|event| !event.local && event.group_id == by.id);
    // Only the owner of the meetup answers for it, and only an answer that is waited for counts (threats FI-29).
    if !ours || event.is_none() || !matches!(row.answer, Answer::Asked | Answer::Coming) {
        return Ok(false);
    }
    let row = Rsvp {
        answer: if yes { Answer::Coming } else { Answer::Refused },
        instructions: instructions.map(|t| text::cut(&text::paragraphs(t), 1_000)).unwrap_or_default(),
        updated_at: app.now(),
        ..row
    };
    rsvps::update(tx, &row)?;
    Ok(true)
}

/// The rule by which a group's members are told from strangers, for the meetup page.
///
/// # Errors
/// Database errors.
pub fn standing(connection: &mut DbConn, event: &Event, actor: ActorId) -> Result<hearth_domain::membership::Standing> {
    post::standing_of(connection, event.group_id, actor)
}
