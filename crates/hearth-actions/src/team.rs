//! Who looks after a group. Of groups here it is their facilitators and owners, wherever those live; of groups elsewhere
//! it is whom their server lists.
//!
//! Must never show who looks after a group here to another server, unless the group wants that.

use crate::{
    ActionError, App, Result, account,
    moderation::Scene,
    post::standing_of,
    publish::{self, Outgoing},
    server::{Site, site},
};
use hearth_activitypub::{LocalId, Part, activity::Verb, inbound::ActorDocument, moderation as wire, outbound};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        groups::Group,
        memberships::{self, Membership},
        personas,
        teams::{self, Team},
    },
};
use hearth_domain::{
    Denied,
    audience::Visibility,
    id::{AccountId, ActorId},
    membership::{Role, Standing, State},
    permission,
};
use url::Url;

/// What an actor, named by its id on the network, is to a group. Of a group elsewhere we know whom it lists, and whom it
/// told us to keep out.
pub(crate) fn standing(connection: &mut DbConn, group: &Actor, who: &Url) -> Result<Standing> {
    let known = match actors::by_ap_id(connection, who.as_str())? {
        Some(actor) => standing_of(connection, group.id, actor.id)?,
        None => Standing::Stranger,
    };
    if group.local || known.is_banned() {
        return Ok(known);
    }
    let listed = teams::lists(connection, group.id, who.as_str())?;
    Ok(if listed { Standing::Member(Role::Facilitator) } else { known })
}

/// The persona by which an account has something to say in a group, and what it is to the group.
///
/// # Errors
/// `Denied` when it has none, or the account may not act.
pub(crate) fn acting(connection: &mut DbConn, account: AccountId, group: &Actor) -> Result<(Actor, Standing)> {
    account::require_active(connection, account)?;
    if group.local {
        let own = memberships::of_account(connection, group.id, account)?.ok_or(Denied::FacilitatorsOnly)?;
        let persona = actors::by_id(connection, own.actor_id)?.ok_or(ActionError::NotFound)?;
        return Ok((persona, Standing::of(own.role, own.state)));
    }
    for persona in personas::of_account(connection, account)? {
        if teams::lists(connection, group.id, persona.ap_id.as_str())? {
            return Ok((persona, Standing::Member(Role::Facilitator)));
        }
    }
    Err(Denied::FacilitatorsOnly.into())
}

/// Whether an account looks after a group, here or elsewhere.
///
/// # Errors
/// Database errors.
pub fn looks_after(connection: &mut DbConn, account: AccountId, group: &Actor) -> Result<bool> {
    match acting(connection, account, group) {
        Ok((_, standing)) => Ok(permission::may_moderate(standing).is_ok()),
        Err(ActionError::Denied(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A group that is still there, for somebody who looks after it.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(FacilitatorsOnly)`.
pub(crate) fn looked_after(
    connection: &mut DbConn,
    account: AccountId,
    group: ActorId,
) -> Result<(Actor, Group, Actor, Standing)> {
    let (actor, row) = crate::post::visible_group(connection, account, group)?;
    let (persona, standing) = acting(connection, account, &actor)?;
    permission::may_moderate(standing)?;
    Ok((actor, row, persona, standing))
}

/// Makes somebody, here or elsewhere, a facilitator of a group that lives here; or ends that.
///
/// # Errors
/// `NotFound`, `Denied(OwnersOnly, NotAboveThem)`.
pub fn appoint(app: &App, account: AccountId, group: ActorId, person: ActorId, yes: bool) -> Result<()> {
    app.db.write(|tx| {
        let site = site(tx)?;
        let (group, row, persona, standing) = looked_after(tx, account, group)?;
        let person = actors::by_id(tx, person)?
            .filter(|actor| group.local && actor.kind == ActorKind::Person && actor.deleted_at.is_none())
            .ok_or(ActionError::NotFound)?;
        permission::may_appoint(standing, standing_of(tx, group.id, person.id)?)?;
        let scene = Scene::here(app, &site, &group, row.settings(), &persona);
        listed_in(&scene, tx, &person, yes)
    })
}

/// Writes down who is a facilitator now, and tells whom it concerns.
pub(crate) fn listed_in(scene: &Scene<'_>, tx: &mut Tx<'_>, person: &Actor, yes: bool) -> Result<()> {
    let Scene { app, site, group, .. } = *scene;
    let role = if yes { Role::Facilitator } else { Role::Member };
    let present = memberships::get(tx, group.id, person.id)?;
    match &present {
        Some(row) if row.role == role && row.state == State::Active => return Ok(()),
        None if !yes => return Ok(()),
        _ => {}
    }
    let since = present.map_or_else(|| app.now(), |row| row.since);
    let row = Membership { group_id: group.id, actor_id: person.id, role, state: State::Active, since };
    memberships::put(tx, &row)?;
    let collection = site.at.part(group.ap_id.url(), Part::Moderators);
    let object = person.ap_id.url();
    if teams::is_shown(tx, group.id)? {
        if person.local {
            actors::put_on_network(tx, person.id, app.now())?;
        }
        let verb = if yes { "Add" } else { "Remove" };
        return scene.tell(tx, Visibility::Public, (verb, object), Some(person), |deed| {
            wire::listed(deed, yes, object, &collection)
        });
    }
    // Nobody else is told: the group says so itself, to whom it is about.
    let verb = if yes { Verb::Add } else { Verb::Remove };
    let id = publish::new_activity(app, site);
    let body = outbound::told_about_list(verb, &id.1, group.ap_id.url(), object, &collection).to_string();
    Outgoing { id, kind: verb.as_str(), signer: group, object: object.as_str(), body }.send(app, tx, person)
}

/// Whether other servers are shown who looks after a group that lives here.
///
/// # Errors
/// `NotFound`, `Denied(OwnersOnly)`.
pub fn show(app: &App, account: AccountId, group: ActorId, shown: bool) -> Result<()> {
    app.db.write(|tx| {
        let (group, _, _, standing) = looked_after(tx, account, group)?;
        if !group.local {
            return Err(ActionError::NotFound);
        }
        if !standing.at_least(Role::Owner) {
            return Err(Denied::OwnersOnly.into());
        }
        let known = teams::get(tx, group.id)?;
        let team = known.unwrap_or(Team { group_id: group.id, shown, address: None, featured: None, read_at: None });
        teams::put(tx, &Team { shown, ..team })?;
        if shown {
            for actor in of(tx, group.id)? {
                actors::put_on_network(tx, actor.id, app.now())?;
            }
        }
        Ok(())
    })
}

/// Who looks after a group that lives here, longest first.
///
/// # Errors
/// Database errors.
pub fn of(connection: &mut DbConn, group: ActorId) -> Result<Vec<Actor>> {
    let rows = memberships::with_roles(connection, group, &[Role::Facilitator, Role::Owner])?;
    Ok(rows.into_iter().map(|(_, actor)| actor).collect())
}

/// The ids that the collection of a group's moderators holds: none, unless the group shows its team.
///
/// # Errors
/// Database errors.
pub fn shown(connection: &mut DbConn, group: ActorId) -> Result<Vec<Url>> {
    if !teams::is_shown(connection, group)? {
        return Ok(Vec::new());
    }
    Ok(of(connection, group)?.into_iter().map(|actor| actor.ap_id.url().clone()).collect())
}

/// Where a group elsewhere lists who looks after it, and what it pinned, as its document says.
pub(crate) fn learn_addresses(tx: &mut Tx<'_>, group: ActorId, document: &ActorDocument) -> Result<()> {
    let own = |url: &Option<Url>| url.as_ref().filter(|url| url.origin() == document.id.origin()).map(Url::to_string);
    let (address, featured) = (own(&document.moderators), own(&document.featured));
    let known = teams::get(tx, group)?;
    let read_at = known.as_ref().filter(|team| team.address == address).and_then(|team| team.read_at);
    let team = Team { group_id: group, shown: false, address, featured, read_at };
    if known.as_ref() != Some(&team) {
        teams::put(tx, &team)?;
    }
    Ok(())
}

/// Writes down whom a group elsewhere lists. A list that is empty says nothing: the group does not show its team.
pub(crate) fn learn_list(app: &App, tx: &mut Tx<'_>, team: Team, listed: &[Url]) -> Result<()> {
    /// Most that are kept of one group.
    const MOST: usize = 100;
    if !listed.is_empty() {
        let ids: Vec<&str> = listed.iter().take(MOST).map(Url::as_str).collect();
        teams::replace(tx, team.group_id, &ids)?;
    }
    teams::put(tx, &Team { read_at: Some(app.now()), ..team })?;
    Ok(())
}

/// The group here that one of these two collections belongs to, and which it is.
pub(crate) fn of_collection(connection: &mut DbConn, site: &Site, target: &Url) -> Result<Option<(Actor, Part)>> {
    let Some(LocalId::Part(owner, part @ (Part::Featured | Part::Moderators))) = site.at.parse(target) else {
        return Ok(None);
    };
    let LocalId::Group(name) = *owner else { return Ok(None) };
    let group = actors::local_by_name(connection, &name)?;
    Ok(group.filter(|actor| actor.kind == ActorKind::Group && actor.deleted_at.is_none()).map(|group| (group, part)))
}
