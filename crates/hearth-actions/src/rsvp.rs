//! Answers to meetups. Names are seen by hosts only; a place is counted once the hosts' server says yes.

mod line;
mod received;

pub(crate) use line::{after_change, free_places_in, free_places_of};
pub use line::{decide, tell_where_it_is};
pub(crate) use received::{received_answer, received_ignore, received_join, received_leave, received_maybe};

use crate::{
    ActionError, App, Form, Result, event, persona, post,
    publish::{self, Outgoing},
    server::site,
};
use hearth_activitypub::outbound;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        event_terms,
        events::{self, Event},
        groups,
        rsvps::{self, Rsvp},
    },
    views::visible::Reader,
};
use hearth_domain::{
    Denied,
    event::{self as rules, JoinMode},
    id::{AccountId, ActorId, EventId, RsvpId},
    permission,
    rsvp::{Answer, Choice, Door, Places, places, wish_to_come},
    text,
};

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
    if event.join_mode == JoinMode::External && !event.local {
        return Err(ActionError::Conflict("This meetup takes answers on its own page only."));
    }
    if rules::takes_answers(event.status, event.ends_at.utc(), app.clock.now()) {
        Ok(event)
    } else {
        Err(Denied::MeetupClosed.into())
    }
}

/// The sentence for who would like to come where no place is left.
const FULL: &str = "This meetup is full.";

fn answer_here(
    app: &App,
    tx: &mut Tx<'_>,
    event: &Event,
    actor: ActorId,
    choice: Choice,
    note: &str,
) -> Result<Answer> {
    permission::may_take_part(standing(tx, event, actor)?)?;
    let before = rsvps::get(tx, event.id, actor)?;
    let answer = match choice {
        Choice::Coming => {
            let wish = wish_to_come(door(tx, event)?, before.as_ref().map(|row| row.answer));
            wish.ok_or(ActionError::Conflict(FULL))?
        }
        Choice::Maybe => Answer::Maybe,
        Choice::NotComing => Answer::NotComing,
    };
    save(app, tx, before, (event.id, actor), answer, note, "")?;
    line::move_up(app, tx, event)?;
    Ok(answer)
}

/// How a meetup here takes people now.
fn door(connection: &mut DbConn, event: &Event) -> Result<Door> {
    let full = band(connection, event)? == Places::Full;
    let waiting_list = event_terms::get(connection, event.id)?.waiting_list;
    Ok(Door { mode: event.join_mode, waiting_list, full })
}

/// Writes an answer down; who begins to wait goes to the end of the line.
fn save(
    app: &App,
    tx: &mut Tx<'_>,
    before: Option<Rsvp>,
    (event, actor): (EventId, ActorId),
    answer: Answer,
    note: &str,
    join: &str,
) -> Result<Rsvp> {
    let now = app.now();
    let kept = before.as_ref().filter(|row| row.answer == Answer::Waiting).and_then(|row| row.place_in_line);
    let place_in_line = match answer {
        Answer::Waiting => Some(kept.map_or_else(|| rsvps::end_of_line(tx, event), Ok)?),
        _ => None,
    };
    let (note, join_ap_id) = (note.to_owned(), join.to_owned());
    Ok(match before {
        Some(row) => {
            let row = Rsvp { answer, note, join_ap_id, updated_at: now, place_in_line, ..row };
            rsvps::update(tx, &row)?;
            row
        }
        None => {
            let row = Rsvp {
                id: RsvpId::random(&*app.entropy),
                event_id: event,
                actor_id: actor,
                answer,
                note,
                join_ap_id,
                instructions: String::new(),
                created_at: now,
                updated_at: now,
                place_in_line,
                told: String::new(),
            };
            row.insert(tx)?;
            row
        }
    })
}

/// Asks the server of a meetup elsewhere. Its answer comes later.
fn ask_there(app: &App, tx: &mut Tx<'_>, event: &Event, persona: &Actor, choice: Choice, note: &str) -> Result<Answer> {
    let site = site(tx)?;
    let owner = event::owner(tx, event)?;
    let present = rsvps::get(tx, event.id, persona.id)?;
    let (id, url) = publish::new_activity(app, &site);
    let owners = [owner.ap_id.url().clone()];
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
    save(app, tx, present, (event.id, persona.id), answer, note, &join)?;
    if choice != Choice::Coming {
        forget_instructions(tx, event.id, persona.id)?;
    }
    if !unsent {
        actors::put_on_network(tx, persona.id, app.now())?;
        let outgoing =
            Outgoing { id: (id, url), kind, signer: persona, object: about.as_str(), body: body.to_string() };
        outgoing.send(app, tx, &owner)?;
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
        let (actor, _) = groups::with_actor(c, row.group_id)?.ok_or(ActionError::NotFound)?;
        event::require_host(c, account, &row, &actor)?;
        Ok(rsvps::with_actors(c, event)?)
    })
}

/// The rule by which a group's members are told from strangers, for the meetup page.
///
/// # Errors
/// Database errors.
pub fn standing(connection: &mut DbConn, event: &Event, actor: ActorId) -> Result<hearth_domain::membership::Standing> {
    post::standing_of(connection, event.group_id, actor)
}
