//! Joining and leaving groups, and deciding who is let in. What goes between servers because of it is in
//! `membership_request`.

use crate::{
    ActionError, App, Result, group, membership_request as request, persona, post::visible_group, recipients,
    server::site,
};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        groups::{self, Group},
        hosts::{self, Host},
        memberships::{self, Membership},
    },
};
use hearth_domain::{
    Denied, audience,
    id::{AccountId, ActorId},
    membership::{Role, State},
    permission,
};

/// Joins a group under one of the account's personas, here or elsewhere. Joining twice changes nothing, but that a group
/// elsewhere that has not answered is asked again.
///
/// # Errors
/// `NotFound`, `Denied(InvitationOnly)`, `Conflict` when the group knows followers only, `Invalid` when the account is
/// known there by another name.
pub fn join(app: &App, account: AccountId, group: ActorId, persona: ActorId) -> Result<State> {
    app.db.write(|tx| join_in(app, tx, account, group, persona))
}

/// Joins a group inside a larger action.
pub(crate) fn join_in(
    app: &App,
    tx: &mut Tx<'_>,
    account: AccountId,
    group: ActorId,
    persona: ActorId,
) -> Result<State> {
    let (actor, row) =
        groups::with_actor(tx, group)?.filter(|(actor, _)| actor.deleted_at.is_none()).ok_or(ActionError::NotFound)?;
    if !audience::group_is_shown(row.settings(), group::standing(tx, account, group)?) {
        return Err(ActionError::NotFound);
    }
    let persona = persona::for_group(tx, account, group, persona)?;
    let present = memberships::get(tx, group, persona.id)?;
    if let Some(present) = present.filter(|present| actor.local || present.state != State::Waiting) {
        return Ok(present.state.told());
    }
    if !actor.local {
        return request::ask(app, tx, &actor, &row, &persona);
    }
    let state = permission::may_join(row.settings())?;
    let joined = Membership { group_id: group, actor_id: persona.id, role: Role::Member, state, since: app.now() };
    joined.insert(tx)?;
    Ok(state)
}

/// Leaves a group, without a trace. Leaving a group one is not in changes nothing.
///
/// # Errors
/// `Denied(LastOwner)`.
pub fn leave(app: &App, account: AccountId, group: ActorId) -> Result<()> {
    app.db.write(|tx| {
        let Some(own) = memberships::of_account(tx, group, account)? else { return Ok(()) };
        if own.state == State::Banned {
            // Leaving must not be the way back in.
            return Ok(());
        }
        let group = actors::by_id(tx, group)?.ok_or(ActionError::NotFound)?;
        if !group.local {
            request::leave(app, tx, &group, own.actor_id)?;
        } else if own.role == Role::Owner && memberships::with_roles(tx, group.id, &[Role::Owner])?.len() == 1 {
            return Err(Denied::LastOwner.into());
        }
        memberships::delete(tx, group.id, own.actor_id)?;
        Ok(())
    })
}

/// Somebody who waits to be let in.
pub struct Waiting {
    /// The request.
    pub membership: Membership,
    /// Who asks.
    pub person: Actor,
    /// Their server, for somebody who lives elsewhere.
    pub host: Option<Host>,
}

/// A group here that this account looks after.
fn held(connection: &mut DbConn, account: AccountId, group: ActorId) -> Result<(Actor, Group)> {
    let (actor, row) = visible_group(connection, account, group)?;
    if !actor.local {
        return Err(ActionError::NotFound);
    }
    permission::may_let_in(group::standing(connection, account, group)?)?;
    Ok((actor, row))
}

/// Who waits to be let in to a group, longest first.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn waiting(app: &App, account: AccountId, group: ActorId) -> Result<Vec<Waiting>> {
    app.db.read(|c| {
        held(c, account, group)?;
        let mut people = Vec::new();
        for (membership, person) in memberships::waiting(c, group)? {
            let host = if person.local { None } else { hosts::get(c, &person.host)? };
            people.push(Waiting { membership, person, host });
        }
        Ok(people)
    })
}

/// Lets somebody in who waits, or says that this is not the group for them. No reason is given to anybody, and of who
/// is not let in nothing is kept.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Conflict` when their server may not hold what is said in the group.
pub fn answer(app: &App, account: AccountId, group: ActorId, person: ActorId, welcome: bool) -> Result<()> {
    app.db.write(|tx| {
        let (actor, row) = held(tx, account, group)?;
        let asked = memberships::get(tx, group, person)?.filter(|row| row.state == State::Waiting);
        asked.ok_or(ActionError::NotFound)?;
        let person = actors::by_id(tx, person)?.ok_or(ActionError::NotFound)?;
        let site = site(tx)?;
        if welcome {
            if !person.local && !may_be_member(tx, &row, &person)? {
                return Err(ActionError::Conflict(
                    "Their server may not hold what is said in this group. A keeper can change that.",
                ));
            }
            memberships::set_state(tx, group, person.id, State::Active, app.now())?;
            request::answer(app, tx, &site, &actor, &person, true)
        } else {
            request::answer(app, tx, &site, &actor, &person, false)?;
            memberships::delete(tx, group, person.id)?;
            Ok(())
        }
    })
}

/// Whether somebody of another server may be a member of a group here, by what is known of that server.
pub(crate) fn may_be_member(connection: &mut DbConn, group: &Group, person: &Actor) -> Result<bool> {
    let host = hosts::get(connection, &person.host)?.filter(|host| !host.blocked);
    Ok(host.is_some_and(|host| {
        permission::may_ask_from_elsewhere(group.settings(), host.partner, recipients::may_hold(&host))
    }))
}

/// Ends somebody's membership. They are told that it ended, and not why.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn remove(app: &App, account: AccountId, group: ActorId, person: ActorId) -> Result<()> {
    app.db.write(|tx| {
        let (actor, _) = held(tx, account, group)?;
        let present = memberships::get(tx, group, person)?.filter(|row| row.state == State::Active);
        let present = present.ok_or(ActionError::NotFound)?;
        permission::may_remove(group::standing(tx, account, group)?, present.role)?;
        let person = actors::by_id(tx, person)?.ok_or(ActionError::NotFound)?;
        request::remove(app, tx, &actor, &person)
    })
}
