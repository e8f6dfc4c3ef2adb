//! Inviting somebody of another server into a group here (profile 5.1, 7).
//!
//! Must never tell another server of a group that it may not know of, or invite to where that server could not take part.

use crate::{
    ActionError, App, Result,
    membership::{held, may_be_member},
    post::standing_of,
    publish::{self, Outgoing},
    recipients,
    server::site,
    team,
};
use hearth_activitypub::outbound;
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        follows::{self, FollowState},
        groups::Group,
        hosts,
        sent_invites::{self, SentInvite},
    },
};
use hearth_domain::{
    address::ApId,
    audience,
    id::{AccountId, ActorId},
    membership::Standing,
};

/// Invites somebody of another server into a group here. They are let in when they accept. Inviting twice asks again.
///
/// The invitation comes from the group where the person follows it, and otherwise from the facilitator: only of whom
/// they chose to hear do people hear, and a name should not travel without need.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`; `Conflict` with the reason why this person can't be invited.
pub fn send(app: &App, account: AccountId, group: ActorId, person: ActorId) -> Result<()> {
    app.db.write(|tx| {
        let site = site(tx)?;
        held(tx, account, group)?;
        let (group, row, persona, _) = team::looked_after(tx, account, group)?;
        let person = actors::by_id(tx, person)?
            .filter(|actor| actor.kind == ActorKind::Person && actor.deleted_at.is_none())
            .ok_or(ActionError::NotFound)?;
        if let Some(why_not) = why_not(tx, &group, &row, &person)? {
            return Err(ActionError::Conflict(why_not));
        }
        let follow = follows::between(tx, person.id, group.id)?;
        let hears_the_group = follow.is_some_and(|follow| follow.state == FollowState::Accepted);
        let inviter = if hears_the_group { &group } else { &persona };
        actors::put_on_network(tx, inviter.id, app.now())?;
        let (activity, url) = publish::new_activity(app, &site);
        let row = SentInvite {
            group_id: group.id,
            invitee_id: person.id,
            inviter_id: inviter.id,
            ap_id: ApId::try_from(url.clone()).map_err(|_| ActionError::NotSetUp)?,
            created_at: app.now(),
        };
        sent_invites::delete(tx, group.id, person.id)?;
        row.insert(tx)?;
        let body = outbound::invite(&url, inviter.ap_id.url(), person.ap_id.url(), group.ap_id.url()).to_string();
        let object = group.ap_id.as_str();
        Outgoing { id: (activity, url), kind: "Invite", signer: inviter, object, body }.send(app, tx, &person)
    })
}

/// Why somebody can't be invited, in a sentence for who invites.
fn why_not(tx: &mut Tx<'_>, group: &Actor, row: &Group, person: &Actor) -> Result<Option<&'static str>> {
    if person.local {
        return Ok(Some("They have a name on this server. Give them a link or a card."));
    }
    if !audience::group_is_on_the_network(row.settings()) {
        return Ok(Some("Nobody on another server may know of this group."));
    }
    match standing_of(tx, group.id, person.id)? {
        Standing::Member(_) => return Ok(Some("They are a member already.")),
        Standing::Waiting => return Ok(Some("They have asked to join. You can welcome them.")),
        Standing::Banned => return Ok(Some("They are kept out of the group. Let them in first.")),
        Standing::Stranger | Standing::Follower => {}
    }
    if !may_be_member(tx, row, person)? {
        return Ok(Some("Their server may not hold what is said in this group. A keeper can change that."));
    }
    let host = hosts::get(tx, &person.host)?;
    if !host.is_some_and(|host| recipients::software(&host).answers_group_invites()) {
        return Ok(Some("Their server’s software knows no invitations to groups. Send them the group’s address."));
    }
    Ok(None)
}

/// The people whom a group invited and who have not answered, newest first.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn all(app: &App, account: AccountId, group: ActorId) -> Result<Vec<(SentInvite, Actor)>> {
    app.db.read(|c| {
        held(c, account, group)?;
        let mut list = Vec::new();
        for row in sent_invites::of_group(c, group)? {
            list.extend(actors::by_id(c, row.invitee_id)?.map(|person| (row, person)));
        }
        Ok(list)
    })
}

/// Takes an invitation back: when they accept it now, they ask like anybody. Nothing is sent, for no software forgets an
/// invitation because of it.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn withdraw(app: &App, account: AccountId, group: ActorId, person: ActorId) -> Result<()> {
    app.db.write(|tx| {
        held(tx, account, group)?;
        match sent_invites::delete(tx, group, person)? {
            0 => Err(ActionError::NotFound),
            _ => Ok(()),
        }
    })
}
