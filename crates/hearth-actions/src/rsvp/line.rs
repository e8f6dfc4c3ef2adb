//! Places of a meetup here: hosts say yes or no, a place that becomes free goes to who is next in line, and people
//! elsewhere are told where it is.
//!
//! Must never let in more than there are places, or tell an address or a room to anybody who does not come.

use super::{FULL, band, door, received::Asked};
use crate::{
    ActionError, App, Result, event,
    publish::{self, Outgoing},
    secret,
    server::{Site, site},
};
use hearth_activitypub::outbound;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        event_terms,
        events::{self, Event},
        groups, hosts,
        rsvps::{self, Rsvp},
    },
};
use hearth_domain::{
    event as rules,
    id::{AccountId, ActorId, EventId, RsvpId},
    rsvp::{Answer, Places, taken_in},
};
use serde_json::Value;
use url::Url;

/// A host says yes or no to somebody who asked, waits or comes.
///
/// # Errors
/// `NotFound`, `Denied(HostsOnly)`, `Conflict` when no place is left.
pub fn decide(app: &App, account: AccountId, event: EventId, rsvp: RsvpId, yes: bool) -> Result<Answer> {
    app.db.write(|tx| {
        let event = events::by_id(tx, event)?.filter(|event| event.local).ok_or(ActionError::NotFound)?;
        let (group, settings) = groups::with_actor(tx, event.group_id)?.ok_or(ActionError::NotFound)?;
        if !hearth_db::views::visible::Reader::account(tx, account)?.includes(&settings, event.visibility) {
            return Err(ActionError::NotFound);
        }
        event::require_host(tx, account, &event, &group)?;
        let row = rsvps::by_id(tx, rsvp)?.filter(|row| row.event_id == event.id).ok_or(ActionError::NotFound)?;
        let answer = match (yes, row.answer) {
            (true, Answer::Asked | Answer::Waiting) => {
                taken_in(door(tx, &event)?).ok_or(ActionError::Conflict(FULL))?
            }
            (false, Answer::Asked | Answer::Waiting | Answer::Coming) => Answer::Refused,
            (_, answer) => return Ok(answer),
        };
        let kept = row.place_in_line;
        let place_in_line = match answer {
            Answer::Waiting => Some(kept.map_or_else(|| rsvps::end_of_line(tx, event.id), Ok)?),
            _ => None,
        };
        let row = Rsvp { answer, place_in_line, updated_at: app.now(), ..row };
        rsvps::update(tx, &row)?;
        let site = site(tx)?;
        match answer {
            Answer::Coming => accept(app, tx, &site, &event, row, None)?,
            Answer::Refused => {
                let join = rebuilt(tx, &event, &row)?;
                refuse(app, tx, &site, &event, row.actor_id, &join)?;
            }
            _ => {}
        }
        move_up(app, tx, &event)?;
        Ok(answer)
    })
}

/// Gives the places that are free to those who are next in line.
pub(super) fn move_up(app: &App, tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    if !event.local || !rules::takes_answers(event.status, event.ends_at.utc(), app.clock.now()) {
        return Ok(());
    }
    let waiting = rsvps::in_line(tx, event.id)?;
    if waiting.is_empty() {
        return Ok(());
    }
    let site = site(tx)?;
    for row in waiting {
        if band(tx, event)? == Places::Full {
            break;
        }
        let row = Rsvp { answer: Answer::Coming, place_in_line: None, updated_at: app.now(), ..row };
        rsvps::update(tx, &row)?;
        accept(app, tx, &site, event, row, None)?;
    }
    Ok(())
}

/// A meetup was changed: there may be more places, and another address.
pub(crate) fn after_change(app: &App, tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    move_up(app, tx, event)?;
    let told = event.local
        && event.deleted_at.is_none()
        && rules::takes_answers(event.status, event.ends_at.utc(), app.clock.now())
        && !(event.address.is_empty() && event.link.is_empty());
    if !told {
        return Ok(());
    }
    let coming = rsvps::coming_to_from_elsewhere(tx, event.id)?;
    tell_each(app, tx, coming)
}

/// Somebody is gone for good: the places they had go to who is next.
pub(crate) fn free_places_of(app: &App, tx: &mut Tx<'_>, actor: ActorId) -> Result<()> {
    let held = rsvps::events_answered_by(tx, actor)?;
    rsvps::delete_all_of(tx, actor)?;
    for id in held {
        if let Some(event) = events::by_id(tx, id)? {
            move_up(app, tx, &event)?;
        }
    }
    Ok(())
}

/// Somebody may not come to the meetups of a group any more: the places they had go to who is next.
pub(crate) fn free_places_in(app: &App, tx: &mut Tx<'_>, group: ActorId, actor: ActorId) -> Result<()> {
    let held = rsvps::events_answered_by(tx, actor)?;
    rsvps::delete_in_group(tx, group, actor)?;
    for id in held {
        if let Some(event) = events::by_id(tx, id)?.filter(|event| event.group_id == group) {
            move_up(app, tx, &event)?;
        }
    }
    Ok(())
}

/// Tells people elsewhere who come what they may know by now: a second Accept of the same Join (profile 5.4). Safe to
/// repeat: what was told is not told again.
///
/// # Errors
/// Database errors.
pub fn tell_where_it_is(app: &App) -> Result<()> {
    let anybody = app.db.read(|c| Ok::<_, ActionError>(!rsvps::coming_from_elsewhere(c, app.now())?.is_empty()))?;
    if !anybody {
        return Ok(());
    }
    app.db.write(|tx| {
        let coming = rsvps::coming_from_elsewhere(tx, app.now())?;
        tell_each(app, tx, coming)
    })
}

fn tell_each(app: &App, tx: &mut Tx<'_>, coming: Vec<(Rsvp, Actor)>) -> Result<()> {
    let site = site(tx)?;
    for (row, joiner) in coming {
        let Some(event) = events::by_id(tx, row.event_id)? else { continue };
        let instructions = instructions_for(app, tx, &event, &joiner)?;
        if !instructions.is_empty() && secret::hash(&instructions) != row.told {
            accept(app, tx, &site, &event, row, None)?;
        }
    }
    Ok(())
}

/// What this joiner from elsewhere may be told by now: nothing unless the way there is closed to others, and the hosts
/// take people of other servers.
fn instructions_for(app: &App, connection: &mut DbConn, event: &Event, joiner: &Actor) -> Result<String> {
    let sealed = Url::parse(&joiner.inbox).is_ok_and(|inbox| inbox.scheme() == "https");
    let blocked = hosts::get(connection, &joiner.host)?.is_some_and(|host| host.blocked);
    if !sealed || blocked || event_terms::get(connection, event.id)?.only_here {
        return Ok(String::new());
    }
    event::instructions(connection, event, app.clock.now())
}

/// Tells a joiner elsewhere that they are coming, and where it is. Nobody else is told. Joiners here see it on the page.
pub(super) fn accept(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    event: &Event,
    row: Rsvp,
    asked: Option<Value>,
) -> Result<()> {
    let joiner = actors::by_id(tx, row.actor_id)?.ok_or(ActionError::NotFound)?;
    if joiner.local {
        return Ok(());
    }
    let join = match asked {
        Some(join) => Asked(join),
        None => rebuilt(tx, event, &row)?,
    };
    let instructions = instructions_for(app, tx, event, &joiner)?;
    let owner = event::owner(tx, event)?;
    let id = publish::new_activity(app, site);
    let (me, them) = (owner.ap_id.url(), joiner.ap_id.url());
    let body = if instructions.is_empty() {
        outbound::accept(&id.1, me, them, join.0)
    } else {
        outbound::accept_join_with_instructions(&id.1, me, them, join.0, &instructions)
    };
    let told = if instructions.is_empty() { String::new() } else { secret::hash(&instructions) };
    rsvps::update(tx, &Rsvp { told, ..row })?;
    let object = event.ap_id.as_str();
    let outgoing = Outgoing { id, kind: "Accept", signer: &owner, object, body: body.to_string() };
    outgoing.send(app, tx, &joiner)
}

/// Tells a joiner elsewhere that they can't come. No reason is given.
pub(super) fn refuse(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    event: &Event,
    joiner: ActorId,
    join: &Asked,
) -> Result<()> {
    let joiner = actors::by_id(tx, joiner)?.ok_or(ActionError::NotFound)?;
    if joiner.local {
        return Ok(());
    }
    let owner = event::owner(tx, event)?;
    let id = publish::new_activity(app, site);
    let body = outbound::reject(&id.1, owner.ap_id.url(), joiner.ap_id.url(), join.0.clone()).to_string();
    let outgoing = Outgoing { id, kind: "Reject", signer: &owner, object: event.ap_id.as_str(), body };
    outgoing.send(app, tx, &joiner)
}

/// The Join that somebody sent, made again of what is kept of it: its id is what the other server knows it by.
fn rebuilt(tx: &mut Tx<'_>, event: &Event, row: &Rsvp) -> Result<Asked> {
    let joiner = actors::by_id(tx, row.actor_id)?.ok_or(ActionError::NotFound)?;
    let owner = event::owner(tx, event)?;
    if joiner.local {
        return Ok(Asked(Value::Null));
    }
    let id = Url::parse(&row.join_ap_id).map_err(|_| ActionError::NotFound)?;
    let to = [owner.ap_id.url().clone()];
    Ok(Asked(outbound::join(&id, joiner.ap_id.url(), &to, event.ap_id.url(), None)))
}
