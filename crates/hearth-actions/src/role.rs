//! Roles in a group that lives here: giving them, and handing the group to another owner, who says yes first.
//!
//! Must never leave a group without an owner, whichever way owners go and however many go at once.

use crate::{
    ActionError, App, Result, account, care,
    log::{self, Said},
    moderation::Scene,
    notice::{self, Told},
    post::standing_of,
    server::site,
    team,
};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        groups,
        handovers::{self, Handover},
        memberships::{self, Membership},
        personas,
    },
};
use hearth_domain::{
    Denied,
    deed::{self, Deed},
    id::{AccountId, ActorId},
    log::Logged,
    membership::{Role, Standing, State},
    notice::Kind,
};

/// Another owner stays when this one goes. Holds the group until the transaction ends: of two who go at the same
/// moment, the second is refused.
pub(crate) fn owner_stays(tx: &mut Tx<'_>, group: ActorId, going: ActorId) -> Result<()> {
    groups::hold(tx, group)?;
    let owners = memberships::with_roles(tx, group, &[Role::Owner])?;
    let going_owns = owners.iter().any(|(_, actor)| actor.id == going);
    let stays = owners.iter().any(|(_, actor)| actor.id != going && actor.deleted_at.is_none());
    if stays || !going_owns { Ok(()) } else { Err(Denied::LastOwner.into()) }
}

/// Gives a member another role, up to facilitator.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly, OwnersOnly, NotAboveThem, MembersOnly)`.
pub fn give(app: &App, account: AccountId, group: ActorId, person: ActorId, role: Role) -> Result<()> {
    app.db.write(|tx| {
        let (group, row, persona, standing) = team::looked_after(tx, account, group)?;
        if !group.local {
            return Err(ActionError::NotFound);
        }
        groups::hold(tx, group.id)?;
        let person = person_of(tx, person)?;
        deed::may_give_role(standing, standing_of(tx, group.id, person.id)?, role)?;
        let present = memberships::get(tx, group.id, person.id)?.ok_or(ActionError::NotFound)?;
        if present.role == role {
            return Ok(());
        }
        let site = site(tx)?;
        let scene = Scene::here(app, &site, &group, row.settings(), &persona);
        if role == Role::Facilitator || present.role == Role::Facilitator {
            team::listed_in(&scene, tx, &person, role == Role::Facilitator)?;
        }
        memberships::put(tx, &Membership { role, ..present })?;
        changed(app, tx, &group, persona.id, &person)
    })
}

fn person_of(connection: &mut DbConn, person: ActorId) -> Result<Actor> {
    let fits = |actor: &Actor| actor.kind == ActorKind::Person && actor.deleted_at.is_none();
    actors::by_id(connection, person)?.filter(fits).ok_or(ActionError::NotFound)
}

/// Tells whom it is about, and writes it down.
pub(crate) fn changed(app: &App, tx: &mut Tx<'_>, group: &Actor, by: ActorId, person: &Actor) -> Result<()> {
    if by != person.id {
        notice::persona(app, tx, person.id, Told::of(Kind::Role, group.id))?;
    }
    log::write(app, tx, group, Logged::RoleChanged, Said { by: Some(by), about: Some(person.id), ..Said::default() })
}

/// Offers a group to a member who lives here. An offer that was made before is taken back by that.
///
/// # Errors
/// `NotFound`, `Denied(OwnersOnly)`, `Invalid` when it is no other member here.
pub fn offer(app: &App, account: AccountId, group: ActorId, person: ActorId) -> Result<()> {
    app.db.write(|tx| {
        let (group, own) = care::held(tx, account, group, Deed::HandOver)?;
        let member = memberships::get(tx, group.id, person)?.filter(|row| row.state == State::Active);
        let person = actors::by_id(tx, person)?.filter(|actor| actor.local && actor.deleted_at.is_none());
        let (Some(member), Some(person)) = (member, person) else {
            return Err(ActionError::field("owner", "Choose a member of the group who has an account here."));
        };
        if member.role == Role::Owner || personas::owner(tx, person.id)? == Some(account) {
            return Err(ActionError::field("owner", "Choose somebody who does not own the group yet."));
        }
        let (from_id, to_id, offered_at) = (own, person.id, app.now());
        handovers::put(tx, &Handover { group_id: group.id, from_id, to_id, offered_at })?;
        notice::persona(app, tx, person.id, Told::of(Kind::Offered, group.id).about(own))?;
        let said = Said { by: Some(own), about: Some(person.id), ..Said::default() };
        log::write(app, tx, &group, Logged::OwnershipOffered, said)
    })
}

/// Answers an offer: says yes and owns the group from now on, while who offered it stays as a facilitator; or says no.
/// Who made the offer takes it back in the same way.
///
/// # Errors
/// `NotFound` when there is no offer for this account; `Conflict` when who made it owns the group no more.
pub fn answer_offer(app: &App, account: AccountId, group: ActorId, yes: bool) -> Result<()> {
    app.db.write(|tx| {
        account::require_active(tx, account)?;
        groups::hold(tx, group)?;
        let (group, row) = crate::post::visible_group(tx, account, group)?;
        let own = memberships::of_account(tx, group.id, account)?.filter(|row| row.state == State::Active);
        let own = own.ok_or(ActionError::NotFound)?;
        let offer = handovers::get(tx, group.id)?.ok_or(ActionError::NotFound)?;
        if !(offer.to_id == own.actor_id || (offer.from_id == own.actor_id && !yes)) {
            return Err(ActionError::NotFound);
        }
        handovers::delete(tx, group.id)?;
        let said = Said { by: Some(own.actor_id), about: Some(offer.from_id), ..Said::default() };
        if !yes {
            return log::write(app, tx, &group, Logged::OwnershipDeclined, said);
        }
        let from = actors::by_id(tx, offer.from_id)?.ok_or(ActionError::NotFound)?;
        if standing_of(tx, group.id, from.id)? != Standing::Member(Role::Owner) {
            return Err(ActionError::Conflict("Who offered it owns the group no more."));
        }
        let me = actors::by_id(tx, own.actor_id)?.ok_or(ActionError::NotFound)?;
        let site = site(tx)?;
        // Other servers learn of owners as of all who look after the group.
        team::listed_in(&Scene::here(app, &site, &group, row.settings(), &from), tx, &me, true)?;
        memberships::put(tx, &Membership { role: Role::Owner, ..own.clone() })?;
        let before = memberships::get(tx, group.id, from.id)?.ok_or(ActionError::NotFound)?;
        memberships::put(tx, &Membership { role: Role::Facilitator, ..before })?;
        notice::persona(app, tx, from.id, Told::of(Kind::Role, group.id))?;
        log::write(app, tx, &group, Logged::OwnershipTaken, said)
    })
}

/// The offer of a group, where it is this account's: who made it, or whom it is made to.
///
/// # Errors
/// Database errors.
pub fn offer_of(connection: &mut DbConn, account: AccountId, group: ActorId) -> Result<Option<(Handover, Actor)>> {
    let Some(offer) = handovers::get(connection, group)? else { return Ok(None) };
    let own = memberships::of_account(connection, group, account)?;
    let mine = own.is_some_and(|row| row.actor_id == offer.to_id || row.actor_id == offer.from_id);
    if !mine {
        return Ok(None);
    }
    let other = actors::by_id(connection, offer.to_id)?;
    Ok(other.map(|other| (offer, other)))
}
