//! Actors that move to another address (FEP-7628, profile 5.1): in, when somebody elsewhere says they moved, and out.
//!
//! A move counts only when both ends say so: the old actor signs it, and the new one names the old one among its
//! aliases, as its own server tells it now (threats FI-18). An actor moves once in 30 days.
//!
//! Must never: move a membership of a group that is not public, a role, or anybody out of a ban; or follow anything
//! nobody here followed before.

use crate::{
    ActionError, App, Result, documents, erase,
    error::Missing,
    membership::may_be_member,
    persona,
    publish::{self, Outgoing},
    received::Evidence,
    recipients::Circle,
    server::{Site, site},
};
use chrono::Duration;
use hearth_activitypub::outbound;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        aliases,
        bans::{self, Ban},
        follows::{self, Follow, FollowState},
        groups, hosts,
        memberships::{self, Membership},
        moves::{self, Move},
    },
};
use hearth_domain::{
    address::ApId,
    audience::Visibility,
    id::{AccountId, ActorId, FollowId},
    membership::{Role, State},
};
use url::Url;

/// An actor moves once in so many days.
const PAUSE: Duration = Duration::days(30);
/// Most aliases an actor here can have.
const MOST_ALIASES: usize = 8;

fn moved_lately(connection: &mut DbConn, app: &App, actor: ActorId) -> Result<bool> {
    let last = moves::of(connection, actor)?;
    Ok(last.is_some_and(|row| app.now().utc() - row.moved_at.utc() < PAUSE))
}

/// Somebody elsewhere says that they moved. `false` when it has no effect.
pub(crate) fn received(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    old: &Actor,
    (object, target): (&Url, Option<&Url>),
    evidence: &Evidence,
) -> Result<bool> {
    if object != old.ap_id.url() {
        return Err(ActionError::NotBelieved("it moves another actor"));
    }
    let Some(target) = target.filter(|target| *target != object) else { return Ok(false) };
    if moved_lately(tx, app, old.id)? {
        return Ok(false);
    }
    if !site.at.is_local(target) && !evidence.refreshed.contains(target) {
        return Err(ActionError::Needs(Missing::Actor(target.clone())));
    }
    let Some(new) = actors::by_ap_id(tx, target.as_str())?.filter(|actor| actor.deleted_at.is_none()) else {
        return Ok(false);
    };
    if new.local && new.on_network_since.is_none() {
        return Ok(false);
    }
    if hosts::get(tx, &new.host)?.is_some_and(|host| host.blocked) {
        return Err(ActionError::NotBelieved("its new server is blocked here"));
    }
    let both_people = old.kind != ActorKind::Group && new.kind != ActorKind::Group;
    if !both_people && old.kind != new.kind {
        return Err(ActionError::NotBelieved("a group and a person are not the same"));
    }
    if !aliases::names(tx, new.id, old.ap_id.as_str())? {
        return Err(ActionError::NotBelieved("the new actor does not say that it is the old one"));
    }
    moves::put(tx, &Move { actor_id: old.id, target: target.to_string(), moved_at: app.now() })?;
    if both_people {
        memberships_follow(app, tx, old, &new)?;
    } else {
        follows_follow(app, tx, site, old, &new)?;
    }
    Ok(true)
}

/// Memberships of public groups here go to the new address, as plain ones; a ban goes along and stays.
fn memberships_follow(app: &App, tx: &mut Tx<'_>, old: &Actor, new: &Actor) -> Result<()> {
    for row in memberships::all_of(tx, old.id)? {
        let Some((group, held)) = groups::with_actor(tx, row.group_id)? else { continue };
        let banned = row.state == State::Banned;
        let goes_along = group.local && held.settings().is_public() && (new.local || may_be_member(tx, &held, new)?);
        if !banned && !goes_along {
            continue;
        }
        if let Some(present) = memberships::get(tx, row.group_id, new.id)? {
            if !banned || present.state == State::Banned {
                continue;
            }
            memberships::delete(tx, row.group_id, new.id)?;
        }
        let role = if banned { row.role } else { Role::Member };
        Membership { actor_id: new.id, role, since: app.now(), ..row.clone() }.insert(tx)?;
        if !banned {
            memberships::delete(tx, row.group_id, old.id)?;
        } else if let Some(ban) = bans::get(tx, row.group_id, old.id)? {
            bans::delete(tx, row.group_id, new.id)?;
            Ban { actor_id: new.id, ..ban }.insert(tx)?;
        }
    }
    Ok(())
}

/// Who follows a group from here follows its new address, and no longer the old one.
fn follows_follow(app: &App, tx: &mut Tx<'_>, site: &Site, old: &Actor, new: &Actor) -> Result<()> {
    for row in follows::from_here(tx, old.id)? {
        let Some(follower) = actors::by_id(tx, row.follower_id)?.filter(|actor| actor.deleted_at.is_none()) else {
            continue;
        };
        if follows::between(tx, follower.id, new.id)?.is_none() {
            follow(app, tx, site, &follower, new)?;
        }
        follows::delete(tx, row.id)?;
        let id = publish::new_activity(app, site);
        let asked = outbound::follow(row.ap_id.url(), follower.ap_id.url(), old.ap_id.url());
        let body = documents::undone(asked, &id.1, follower.ap_id.url()).to_string();
        let undo = Outgoing { id, kind: "Undo", signer: &follower, object: old.ap_id.as_str(), body };
        undo.send(app, tx, old)?;
    }
    Ok(())
}

fn follow(app: &App, tx: &mut Tx<'_>, site: &Site, follower: &Actor, target: &Actor) -> Result<()> {
    let (activity, url) = publish::new_activity(app, site);
    let state = if target.local { FollowState::Accepted } else { FollowState::Asked };
    let row = Follow {
        id: FollowId::random(&*app.entropy),
        ap_id: ApId::try_from(url.clone()).map_err(|_| ActionError::NotSetUp)?,
        follower_id: follower.id,
        target_id: target.id,
        state,
        created_at: app.now(),
    };
    row.insert(tx)?;
    if target.local {
        return Ok(());
    }
    actors::put_on_network(tx, follower.id, app.now())?;
    let body = outbound::follow(&url, follower.ap_id.url(), target.ap_id.url()).to_string();
    Outgoing { id: (activity, url), kind: "Follow", signer: follower, object: target.ap_id.as_str(), body }
        .send(app, tx, target)
}

/// A persona of this account, or a group that it owns: what it may say has moved.
fn own(tx: &mut Tx<'_>, account: AccountId, actor: ActorId) -> Result<Actor> {
    let found = actors::by_id(tx, actor)?.filter(|actor| actor.local && actor.deleted_at.is_none());
    let found = found.ok_or(ActionError::NotFound)?;
    if found.kind != ActorKind::Group {
        return persona::own(tx, account, actor);
    }
    erase::owned(tx, account, actor)
}

/// Says which other addresses are the same persona or group: needed before it can move here from one of them.
///
/// # Errors
/// `NotFound`, `Denied(OwnersOnly)`, `Invalid` when one is no address of another server.
pub fn set_aliases(app: &App, account: AccountId, actor: ActorId, typed: &str) -> Result<()> {
    let mut list = Vec::new();
    for line in typed.split_whitespace() {
        match line.parse::<ApId>() {
            Ok(id) if id.url().scheme() == "https" || !app_is_public(app)? => list.push(id),
            _ => return Err(ActionError::field("aliases", ALIAS_SENTENCE)),
        }
    }
    if list.len() > MOST_ALIASES {
        return Err(ActionError::field("aliases", format!("{MOST_ALIASES} addresses at most, please.")));
    }
    app.db.write(|tx| {
        let site = site(tx)?;
        let actor = own(tx, account, actor)?;
        if list.iter().any(|id| site.at.is_local(id.url())) {
            return Err(ActionError::field("aliases", ALIAS_SENTENCE));
        }
        // Others read it from the actor, so it has to have an address.
        actors::put_on_network(tx, actor.id, app.now())?;
        let texts: Vec<String> = list.iter().map(|id| id.as_str().to_owned()).collect();
        Ok(aliases::replace(tx, actor.id, &texts)?)
    })
}

const ALIAS_SENTENCE: &str =
    "Type the full addresses of your names on other servers, one on each line, for example https://elm.example/u/wren.";

/// Whether this server lives on the open network, where every address is https.
fn app_is_public(app: &App) -> Result<bool> {
    app.db.read(|c| Ok(site(c)?.at.server().scheme() == "https"))
}

/// Moves a persona or group to an actor elsewhere, which was fetched just now and names it among its aliases. Followers
/// and servers that know of it are told; it stays readable here and says where it went.
///
/// # Errors
/// `NotFound`, `Denied(OwnersOnly)`, `Conflict` with what to do first.
pub fn move_away(app: &App, account: AccountId, actor: ActorId, target: ActorId) -> Result<()> {
    app.db.write(|tx| {
        let site = site(tx)?;
        let old = own(tx, account, actor)?;
        let new = actors::by_id(tx, target)?.filter(|actor| !actor.local && actor.deleted_at.is_none());
        let new = new.ok_or(ActionError::NotFound)?;
        if !aliases::names(tx, new.id, old.ap_id.as_str())? {
            return Err(ActionError::Conflict(
                "The new address does not say yet that it is the same. Add this one's address there first, then try again.",
            ));
        }
        if moved_lately(tx, app, old.id)? {
            return Err(ActionError::Conflict("This moved a short while ago. It can move again after 30 days."));
        }
        moves::put(tx, &Move { actor_id: old.id, target: new.ap_id.as_str().to_owned(), moved_at: app.now() })?;
        actors::put_on_network(tx, old.id, app.now())?;
        let id = publish::new_activity(app, &site);
        let followers = site.at.followers(old.ap_id.url());
        let body = outbound::move_actor(&id.1, old.ap_id.url(), &followers, new.ap_id.url()).to_string();
        let told = Outgoing { id, kind: "Move", signer: &old, object: old.ap_id.as_str(), body };
        if old.kind == ActorKind::Group {
            let settings = groups::by_id(tx, old.id)?.ok_or(ActionError::NotFound)?.settings();
            publish::to_all(app, tx, &Circle::of(&site, &old, settings, Visibility::Public), told)
        } else {
            told.tell_everybody(app, tx).map(drop)
        }
    })
}
