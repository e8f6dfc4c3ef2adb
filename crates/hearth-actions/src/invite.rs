//! Invitations from other servers to a meetup or a group. One is heard only from whom the person chose to hear: an actor
//! they follow, or who looks after a group they are in (profile 5.1).
//!
//! Must never tell a stranger who invites whether there is such a person, or store a meetup only because somebody invites
//! to it: what is not known here is shown as a link.

use crate::{
    ActionError, App, Result, account, persona,
    publish::{self, Outgoing},
    server::{Site, site},
};
use hearth_activitypub::{inbound::InboxActivity, outbound};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        events::{self, Event},
        follows::{self, FollowState},
        invites::{self, Invite},
        memberships,
    },
};
use hearth_domain::{
    address::ApId,
    id::{AccountId, ActorId, InviteId},
    membership::{Role, State},
};
use serde_json::Value;
use url::Url;

/// An invitation as the person it is for sees it.
pub struct Invited {
    /// The invitation.
    pub invite: Invite,
    /// Who invites.
    pub inviter: Actor,
    /// Who is invited: one of the account's personas.
    pub invitee: Actor,
    /// To what.
    pub to: InvitedTo,
}

/// What somebody is invited to.
pub enum InvitedTo {
    /// A meetup that is known here.
    Event(Box<Event>),
    /// A group that is known here.
    Group(Box<Actor>),
    /// Something that is not known here: its address.
    Elsewhere(Url),
}

/// The invitations of an account, newest first.
///
/// # Errors
/// Database errors.
pub fn all(app: &App, account: AccountId) -> Result<Vec<Invited>> {
    app.db.read(|c| {
        account::require_active(c, account)?;
        let mut invited = Vec::new();
        for invite in invites::of_account(c, account)? {
            let (Some(inviter), Some(invitee)) =
                (actors::by_id(c, invite.inviter_id)?, actors::by_id(c, invite.invitee_id)?)
            else {
                continue;
            };
            let to = known(c, &invite)?;
            invited.push(Invited { invite, inviter, invitee, to });
        }
        Ok(invited)
    })
}

fn known(connection: &mut DbConn, invite: &Invite) -> Result<InvitedTo> {
    let id = &invite.object_ap_id;
    if let Some(event) = events::by_ap_id(connection, id.as_str())?.filter(|event| event.deleted_at.is_none()) {
        return Ok(InvitedTo::Event(Box::new(event)));
    }
    let group = actors::by_ap_id(connection, id.as_str())?.filter(|actor| actor.kind == ActorKind::Group);
    Ok(match group.filter(|group| group.deleted_at.is_none()) {
        Some(group) => InvitedTo::Group(Box::new(group)),
        None => InvitedTo::Elsewhere(id.url().clone()),
    })
}

/// Answers an invitation. The one who invited is told; nothing of it is kept.
///
/// # Errors
/// `NotFound` when it is not for this account.
pub fn answer(app: &App, account: AccountId, id: InviteId, yes: bool) -> Result<()> {
    app.db.write(|tx| {
        let invite = invites::by_id(tx, id)?.ok_or(ActionError::NotFound)?;
        let invitee = persona::own(tx, account, invite.invitee_id)?;
        let inviter = actors::by_id(tx, invite.inviter_id)?.ok_or(ActionError::NotFound)?;
        let site = site(tx)?;
        invites::delete(tx, invite.id)?;
        actors::put_on_network(tx, invitee.id, app.now())?;
        tell(app, tx, &site, &invite, (&inviter, &invitee), yes)
    })
}

fn tell(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    invite: &Invite,
    (inviter, invitee): (&Actor, &Actor),
    yes: bool,
) -> Result<()> {
    let (me, them) = (invitee.ap_id.url(), inviter.ap_id.url());
    let asked: Value = outbound::invite(invite.ap_id.url(), them, me, invite.object_ap_id.url());
    let id = publish::new_activity(app, site);
    let (kind, body) = if yes {
        ("Accept", outbound::accept(&id.1, me, them, asked))
    } else {
        ("Reject", outbound::reject(&id.1, me, them, asked))
    };
    let object = invite.object_ap_id.as_str();
    Outgoing { id, kind, signer: invitee, object, body: body.to_string() }.send(app, tx, inviter)
}

/// Somebody elsewhere invites a persona that lives here. `false` when it is not heard; nobody is told which.
pub(crate) fn received(
    app: &App,
    tx: &mut Tx<'_>,
    inviter: &Actor,
    activity: &InboxActivity,
    object: &Url,
) -> Result<bool> {
    let (Some(id), Some(target)) = (&activity.id, &activity.target) else { return Ok(false) };
    let invitee = actors::by_ap_id(tx, target.as_str())?.filter(|actor| actor.local && actor.deleted_at.is_none());
    let Some(invitee) = invitee.filter(|actor| actor.kind == ActorKind::Person) else { return Ok(false) };
    if !is_heard(tx, inviter, &invitee)? || invites::get(tx, invitee.id, object.as_str())?.is_some() {
        return Ok(false);
    }
    let usable = |url: &Url| ApId::try_from(url.clone()).map_err(|_| ActionError::NotBelieved("its id is not usable"));
    let invite = Invite {
        id: InviteId::random(&*app.entropy),
        ap_id: usable(id)?,
        inviter_id: inviter.id,
        invitee_id: invitee.id,
        object_ap_id: usable(object)?,
        created_at: app.now(),
    };
    invite.insert(tx)?;
    Ok(true)
}

/// Whether the invitee chose to hear of the inviter.
fn is_heard(tx: &mut Tx<'_>, inviter: &Actor, invitee: &Actor) -> Result<bool> {
    let follow = follows::between(tx, invitee.id, inviter.id)?;
    if follow.is_some_and(|follow| follow.state == FollowState::Accepted) {
        return Ok(true);
    }
    let joined = memberships::of_actor(tx, invitee.id)?;
    if joined.iter().any(|row| row.state == State::Active && row.group_id == inviter.id) {
        return Ok(true);
    }
    for row in joined.iter().filter(|row| row.state == State::Active) {
        if looks_after(tx, row.group_id, inviter.id)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn looks_after(tx: &mut Tx<'_>, group: ActorId, actor: ActorId) -> Result<bool> {
    let row = memberships::get(tx, group, actor)?;
    Ok(row.is_some_and(|row| row.state == State::Active && row.role >= Role::Facilitator))
}
