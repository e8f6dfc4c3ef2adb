//! Membership across servers: asking, answering, leaving and removing (profile 5.1, 7.0, 7.2). A `Follow` of a group that
//! has no mere followers is a request too: it is all that Lemmy knows.
//!
//! Must never give a reason, let somebody know of a ban, or answer for a hidden group otherwise than for none.

use crate::{
    ActionError, App, Result, documents,
    error::Missing,
    membership::may_be_member,
    post::standing_of,
    publish::{self, Outgoing},
    recipients,
    server::{Site, site},
};
use hearth_activitypub::outbound;
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor},
        groups::Group,
        hosts,
        membership_requests::{self as requests, MembershipRequest},
        memberships::{self, Membership},
    },
};
use hearth_domain::{
    address::ApId,
    audience::{self, Shown},
    id::ActorId,
    membership::{Asking, Role, Standing, State},
    permission,
};
use serde_json::Value;
use url::Url;

/// Asks a group elsewhere to let a persona in.
pub(crate) fn ask(app: &App, tx: &mut Tx<'_>, group: &Actor, row: &Group, persona: &Actor) -> Result<State> {
    let site = site(tx)?;
    let software = hosts::get(tx, &group.host)?.map(|host| recipients::software(&host)).unwrap_or_default();
    let kind = match (row.settings().is_public(), software.reads_joins()) {
        (_, Some(true)) | (true, None) => Asking::Join,
        (false, Some(false) | None) => Asking::Follow,
        (true, Some(false)) => {
            return Err(ActionError::Conflict("Groups on that server have followers only. Follow it instead."));
        }
    };
    let (activity, url) = publish::new_activity(app, &site);
    let (me, them) = (persona.ap_id.url(), group.ap_id.url());
    let body = match kind {
        Asking::Join => outbound::join(&url, me, std::slice::from_ref(them), them, None),
        Asking::Follow => outbound::follow(&url, me, them),
    };
    if memberships::get(tx, group.id, persona.id)?.is_none() {
        let (role, state, since) = (Role::Member, State::Waiting, app.now());
        Membership { group_id: group.id, actor_id: persona.id, role, state, since }.insert(tx)?;
    }
    let ap_id = ApId::try_from(url.clone()).map_err(|_| ActionError::NotSetUp)?;
    requests::put(
        tx,
        &MembershipRequest { group_id: group.id, actor_id: persona.id, kind, ap_id, body: String::new() },
    )?;
    actors::put_on_network(tx, persona.id, app.now())?;
    let object = group.ap_id.as_str();
    Outgoing { id: (activity, url), kind: kind.as_str(), signer: persona, object, body: body.to_string() }
        .send(app, tx, group)?;
    Ok(State::Waiting)
}

/// Tells a group elsewhere that a persona is no longer a member, or no longer asks to be.
pub(crate) fn leave(app: &App, tx: &mut Tx<'_>, group: &Actor, persona: ActorId) -> Result<()> {
    let (Some(asked), Some(persona)) = (requests::get(tx, group.id, persona)?, actors::by_id(tx, persona)?) else {
        return Ok(());
    };
    let site = site(tx)?;
    let (activity, url) = publish::new_activity(app, &site);
    let (me, them) = (persona.ap_id.url(), group.ap_id.url());
    let (kind, body) = match asked.kind {
        Asking::Join => ("Leave", outbound::leave(&url, me, std::slice::from_ref(them), them)),
        Asking::Follow => ("Undo", documents::undone(outbound::follow(asked.ap_id.url(), me, them), &url, me)),
    };
    let object = group.ap_id.as_str();
    Outgoing { id: (activity, url), kind, signer: &persona, object, body: body.to_string() }.send(app, tx, group)
}

/// Tells a group elsewhere that a persona is no member, of whom it says that it is and nothing is known here.
pub(crate) fn leave_again(app: &App, tx: &mut Tx<'_>, group: &Actor, persona: &Actor) -> Result<()> {
    if persona.on_network_since.is_none() {
        return Ok(());
    }
    let site = site(tx)?;
    let (activity, url) = publish::new_activity(app, &site);
    let (me, them) = (persona.ap_id.url(), group.ap_id.url());
    let body = outbound::leave(&url, me, std::slice::from_ref(them), them).to_string();
    let object = group.ap_id.as_str();
    Outgoing { id: (activity, url), kind: "Leave", signer: persona, object, body }.send(app, tx, group)
}

/// Answers a request from elsewhere with what was asked, as it came. Nobody else learns of it.
pub(crate) fn answer(app: &App, tx: &mut Tx<'_>, site: &Site, group: &Actor, person: &Actor, yes: bool) -> Result<()> {
    let Some(asked) = requests::get(tx, group.id, person.id)?.filter(|_| !person.local) else { return Ok(()) };
    answer_raw(app, tx, site, group, person, &asked.body, yes)?;
    Ok(requests::answered(tx, group.id, person.id)?)
}

fn answer_raw(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    group: &Actor,
    person: &Actor,
    raw: &str,
    yes: bool,
) -> Result<()> {
    let asked: Value = serde_json::from_str(raw).map_err(|_| ActionError::NotBelieved("it is not JSON"))?;
    let id = publish::new_activity(app, site);
    let (me, them) = (group.ap_id.url(), person.ap_id.url());
    let (kind, body) = if yes {
        ("Accept", outbound::accept(&id.1, me, them, asked))
    } else {
        ("Reject", outbound::reject(&id.1, me, them, asked))
    };
    let object = person.ap_id.as_str();
    Outgoing { id, kind, signer: group, object, body: body.to_string() }.send(app, tx, person)
}

/// Ends a membership in a group here, and tells the person's server.
pub(crate) fn remove(app: &App, tx: &mut Tx<'_>, group: &Actor, person: &Actor) -> Result<()> {
    memberships::delete(tx, group.id, person.id)?;
    if person.local {
        return Ok(());
    }
    let site = site(tx)?;
    let id = publish::new_activity(app, &site);
    let (me, them) = (group.ap_id.url(), person.ap_id.url());
    let body = outbound::remove_member(&id.1, me, &site.at.members(me), them).to_string();
    Outgoing { id, kind: "Remove", signer: group, object: person.ap_id.as_str(), body }.send(app, tx, person)
}

/// What somebody of another server asked.
pub(crate) struct Asked<'a> {
    /// Who asks.
    pub person: &'a Actor,
    /// The id of the activity.
    pub id: &'a Url,
    /// The activity as it came.
    pub raw: &'a str,
    /// What it is.
    pub kind: Asking,
}

/// Somebody elsewhere asks to be a member of a group here.
///
/// # Errors
/// `NotFound` when the group is not for their server; `Needs` while it is not known what that server runs.
pub(crate) fn received(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    asked: &Asked<'_>,
    (group, row): &(Actor, Group),
) -> Result<()> {
    let (person, settings) = (asked.person, row.settings());
    let facts = recipients::facts(tx, group.id, &person.host)?;
    if group.deleted_at.is_some() || audience::group_shown_to(settings, Some(facts)) == Shown::Nothing {
        return Err(ActionError::NotFound);
    }
    let host = hosts::ensure(tx, &person.host)?;
    if !settings.is_public() && host.software.is_none() && host.checked_at.is_none() {
        return Err(ActionError::Needs(Missing::Software(person.host.clone())));
    }
    let standing = standing_of(tx, group.id, person.id)?;
    match standing {
        // It looks like a request that waits.
        Standing::Banned => return Ok(()),
        Standing::Member(_) => {
            note(tx, group, asked)?;
            return answer(app, tx, site, group, person, true);
        }
        _ => {}
    }
    let state = permission::may_join(settings);
    let (true, Ok(state)) = (may_be_member(tx, row, person)?, state) else {
        return answer_raw(app, tx, site, group, person, asked.raw, false);
    };
    if standing == Standing::Waiting {
        memberships::set_state(tx, group.id, person.id, state, app.now())?;
    } else {
        let (role, since) = (Role::Member, app.now());
        Membership { group_id: group.id, actor_id: person.id, role, state, since }.insert(tx)?;
    }
    note(tx, group, asked)?;
    if state == State::Active { answer(app, tx, site, group, person, true) } else { Ok(()) }
}

fn note(tx: &mut Tx<'_>, group: &Actor, asked: &Asked<'_>) -> Result<()> {
    let ap_id = ApId::try_from(asked.id.clone()).map_err(|_| ActionError::NotBelieved("the id is not usable"))?;
    let (kind, body) = (asked.kind, asked.raw.to_owned());
    Ok(requests::put(tx, &MembershipRequest { group_id: group.id, actor_id: asked.person.id, kind, ap_id, body })?)
}

/// A group elsewhere answered a request of ours. `false` when nothing like it was asked of it.
pub(crate) fn received_answer(
    app: &App,
    tx: &mut Tx<'_>,
    by: &Actor,
    id: Option<&Url>,
    person: Option<&Url>,
    yes: bool,
) -> Result<bool> {
    let by_id = match id {
        Some(id) => requests::by_ap_id(tx, id.as_str())?.filter(|row| row.group_id == by.id),
        None => None,
    };
    let found = match (by_id, person) {
        (Some(row), _) => Some(row),
        (None, Some(person)) => match actors::by_ap_id(tx, person.as_str())? {
            Some(person) => requests::get(tx, by.id, person.id)?,
            None => None,
        },
        (None, None) => None,
    };
    let Some(row) = found else { return Ok(false) };
    // Who is a member of a group here is not for others to say.
    if by.local || !actors::by_id(tx, row.actor_id)?.is_some_and(|persona| persona.local) {
        return Ok(false);
    }
    if !yes {
        memberships::delete(tx, by.id, row.actor_id)?;
    } else if standing_of(tx, by.id, row.actor_id)? == Standing::Waiting {
        memberships::set_state(tx, by.id, row.actor_id, State::Active, app.now())?;
    }
    Ok(true)
}

/// Somebody elsewhere is no longer a member of a group here, or no longer asks to be. A ban stays.
pub(crate) fn received_leave(tx: &mut Tx<'_>, person: &Actor, group: &Actor) -> Result<()> {
    if !standing_of(tx, group.id, person.id)?.is_banned() {
        memberships::delete(tx, group.id, person.id)?;
    }
    Ok(())
}

/// The same, by an Undo of what they asked. `false` when they asked nothing like it.
pub(crate) fn received_undo(tx: &mut Tx<'_>, person: &Actor, id: Option<&Url>, object: Option<&Url>) -> Result<bool> {
    let by_id = match id {
        Some(id) => requests::by_ap_id(tx, id.as_str())?.filter(|row| row.actor_id == person.id),
        None => None,
    };
    let group = match (by_id, object) {
        (Some(row), _) => actors::by_id(tx, row.group_id)?,
        (None, Some(object)) => actors::by_ap_id(tx, object.as_str())?,
        (None, None) => None,
    };
    let Some(group) = group.filter(|group| group.local) else { return Ok(false) };
    if requests::get(tx, group.id, person.id)?.is_none() {
        return Ok(false);
    }
    received_leave(tx, person, &group).map(|()| true)
}

/// A group elsewhere ended the membership of somebody here. `false` when it is about something else.
pub(crate) fn received_removal(
    tx: &mut Tx<'_>,
    site: &Site,
    by: &Actor,
    person: &Url,
    target: Option<&Url>,
) -> Result<bool> {
    let members = site.at.members(by.ap_id.url());
    let is_of_members =
        target.is_some_and(|target| *target == members || by.followers.as_deref() == Some(target.as_str()));
    let person = actors::by_ap_id(tx, person.as_str())?.filter(|person| person.local);
    let Some(person) = person.filter(|_| is_of_members && !by.local) else { return Ok(false) };
    memberships::delete(tx, by.id, person.id)?;
    Ok(true)
}
