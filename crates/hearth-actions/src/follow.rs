//! Following groups, here and elsewhere. Following is not membership, and leaving leaves no trace.

use crate::{
    ActionError, App, Result, documents, membership, membership_request, persona,
    post::standing_of,
    publish::{self, Outgoing},
    recipients, relay, repair,
    server::{Site, site},
};
use hearth_activitypub::outbound;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        follows::{self, Follow, FollowState},
        groups::{self, Group},
        memberships,
    },
};
use hearth_domain::{
    address::ApId,
    audience::{self, Shown},
    group::Reach,
    id::{AccountId, ActorId, FollowId},
    membership::{Asking, Standing, State},
    permission,
    server::FollowedBy,
};
use serde_json::Value;
use url::Url;

/// Follows a group as one of the account's personas. Following twice asks again if nobody answered yet. A group that only
/// members can read has no mere followers: there it means asking to be a member (profile 7.0).
///
/// # Errors
/// `NotFound`, `Denied`, `Invalid` when the account is known there by another name.
pub fn follow(app: &App, account: AccountId, target: ActorId, persona: ActorId) -> Result<FollowState> {
    app.db.write(|tx| {
        let site = site(tx)?;
        let (target, row) = followable(tx, target)?;
        if !row.settings().is_public() {
            return Ok(match membership::join_in(app, tx, account, target.id, persona)? {
                State::Active => FollowState::Accepted,
                State::Waiting | State::Banned => FollowState::Asked,
            });
        }
        let persona = persona::for_group(tx, account, target.id, persona)?;
        let id = FollowId::random(&*app.entropy);
        let (activity, url) = publish::new_activity(app, &site);
        let ap_id = ApId::try_from(url.clone()).map_err(|_| ActionError::NotSetUp)?;
        let present = follows::between(tx, persona.id, target.id)?;
        if let Some(present) = present.filter(|row| row.state == FollowState::Accepted || target.local) {
            return Ok(present.state);
        }
        let state = if target.local { FollowState::Accepted } else { FollowState::Asked };
        match follows::between(tx, persona.id, target.id)? {
            Some(asked) => {
                follows::set_ap_id(tx, asked.id, &ap_id)?;
                follows::set_state(tx, asked.id, state)?;
            }
            None => Follow { id, ap_id, follower_id: persona.id, target_id: target.id, state, created_at: app.now() }
                .insert(tx)?,
        }
        if !target.local {
            actors::put_on_network(tx, persona.id, app.now())?;
            let body = outbound::follow(&url, persona.ap_id.url(), target.ap_id.url()).to_string();
            let outgoing =
                Outgoing { id: (activity, url), kind: "Follow", signer: &persona, object: target.ap_id.as_str(), body };
            outgoing.send(app, tx, &target)?;
        }
        Ok(state)
    })
}

/// A group that exists for everybody. What has an address on the network can be followed; Mobilizon's persons can't.
fn followable(connection: &mut DbConn, id: ActorId) -> Result<(Actor, Group)> {
    let (actor, row) = groups::with_actor(connection, id)?.ok_or(ActionError::NotFound)?;
    if actor.deleted_at.is_some() {
        return Err(ActionError::Gone);
    }
    if audience::group_is_shown(row.settings(), Standing::Stranger) {
        Ok((actor, row))
    } else {
        Err(ActionError::NotFound)
    }
}

/// Stops following. Not following changes nothing.
///
/// # Errors
/// Database errors.
pub fn unfollow(app: &App, account: AccountId, target: ActorId) -> Result<()> {
    app.db.write(|tx| {
        let Some(row) = follows::of_account(tx, account)?.into_iter().find(|row| row.target_id == target) else {
            return Ok(());
        };
        let site = site(tx)?;
        follows::delete(tx, row.id)?;
        let (Some(persona), Some(target)) = (actors::by_id(tx, row.follower_id)?, actors::by_id(tx, target)?) else {
            return Ok(());
        };
        if !target.local {
            let (activity, url) = publish::new_activity(app, &site);
            let asked = outbound::follow(row.ap_id.url(), persona.ap_id.url(), target.ap_id.url());
            let body = documents::undone(asked, &url, persona.ap_id.url()).to_string();
            let outgoing =
                Outgoing { id: (activity, url), kind: "Undo", signer: &persona, object: target.ap_id.as_str(), body };
            outgoing.send(app, tx, &target)?;
        }
        Ok(())
    })
}

/// Somebody elsewhere follows something here.
pub(crate) fn received(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    follower: &Actor,
    activity: &Url,
    raw: &str,
    object: &Url,
) -> Result<()> {
    // A persona that did nothing beyond this server yet is not there for others: not even a Reject may tell of it.
    let target = actors::by_ap_id(tx, object.as_str())?
        .filter(|actor| actor.local && actor.on_network_since.is_some())
        .ok_or(ActionError::NotFound)?;
    let ap_id = ApId::try_from(activity.clone()).map_err(|_| ActionError::NotBelieved("the id is not usable"))?;
    let accepted = match target.kind {
        ActorKind::Group => {
            let row = groups::by_id(tx, target.id)?.ok_or(ActionError::NotFound)?;
            let settings = row.settings();
            if !settings.is_public() {
                let asked = membership_request::Asked { person: follower, id: activity, raw, kind: Asking::Follow };
                return membership_request::received(app, tx, site, &asked, &(target, row));
            }
            let facts = recipients::facts(tx, target.id, &follower.host)?;
            if target.deleted_at.is_some() || audience::group_shown_to(settings, Some(facts)) == Shown::Nothing {
                return Err(ActionError::NotFound);
            }
            permission::may_take_part(standing_of(tx, target.id, follower.id)?)?;
            if settings.reach == Reach::Partners && !facts.is_partner {
                return answer(app, tx, site, &target, follower, raw, false);
            }
            true
        }
        // Another server follows this one: its keeper lets it, or lets all of them. A relay that was asked follows back.
        ActorKind::Application => site.row.followed_by == FollowedBy::Anyone || relay::may_follow_back(tx, follower)?,
        // Personas have no followers.
        _ => return answer(app, tx, site, &target, follower, raw, false),
    };
    let state = if accepted { FollowState::Accepted } else { FollowState::Asked };
    match follows::between(tx, follower.id, target.id)? {
        Some(present) => {
            if present.ap_id != ap_id {
                follows::set_ap_id(tx, present.id, &ap_id)?;
            }
            if accepted {
                follows::set_state(tx, present.id, state)?;
            }
        }
        None => {
            let row = Follow {
                id: FollowId::random(&*app.entropy),
                ap_id,
                follower_id: follower.id,
                target_id: target.id,
                state,
                created_at: app.now(),
            };
            row.insert(tx)?;
        }
    }
    if accepted { answer(app, tx, site, &target, follower, raw, true) } else { Ok(()) }
}

/// Ends every follow of a group here: it has no mere followers any more. Servers elsewhere are told so by a Reject.
pub(crate) fn end_all(app: &App, tx: &mut Tx<'_>, site: &Site, group: &Actor) -> Result<()> {
    for (row, follower) in follows::from_elsewhere(tx, group.id)? {
        let asked = outbound::follow(row.ap_id.url(), follower.ap_id.url(), group.ap_id.url());
        answer(app, tx, site, group, &follower, &asked.to_string(), false)?;
    }
    follows::delete_all_to(tx, group.id)?;
    Ok(())
}

/// Accept or Reject, with what was asked embedded as it came.
fn answer(app: &App, tx: &mut Tx<'_>, site: &Site, target: &Actor, asker: &Actor, raw: &str, yes: bool) -> Result<()> {
    let asked: Value = serde_json::from_str(raw).map_err(|_| ActionError::NotBelieved("it is not JSON"))?;
    let id = publish::new_activity(app, site);
    let (kind, body) = if yes {
        ("Accept", outbound::accept(&id.1, target.ap_id.url(), asker.ap_id.url(), asked))
    } else {
        ("Reject", outbound::reject(&id.1, target.ap_id.url(), asker.ap_id.url(), asked))
    };
    let outgoing = Outgoing { id, kind, signer: target, object: asker.ap_id.as_str(), body: body.to_string() };
    outgoing.send(app, tx, asker)
}

/// The follow that an answer means: by its id, or else by who asked whom.
fn answered(tx: &mut Tx<'_>, by: &Actor, id: Option<&Url>, follower: Option<&Url>) -> Result<Option<Follow>> {
    let by_id = match id {
        Some(id) => follows::by_ap_id(tx, id.as_str())?,
        None => None,
    };
    let found = match (by_id, follower) {
        (Some(row), _) => Some(row),
        (None, Some(follower)) => match actors::by_ap_id(tx, follower.as_str())?.filter(|actor| actor.local) {
            Some(follower) => follows::between(tx, follower.id, by.id)?,
            None => None,
        },
        (None, None) => None,
    };
    // Only who was asked can answer (threats FI-15).
    Ok(found.filter(|row| row.target_id == by.id))
}

/// A group elsewhere answered a follow of ours. `false` when no such follow was asked.
pub(crate) fn received_answer(
    app: &App,
    tx: &mut Tx<'_>,
    by: &Actor,
    id: Option<&Url>,
    follower: Option<&Url>,
    yes: bool,
) -> Result<bool> {
    let Some(row) = answered(tx, by, id, follower)? else { return Ok(false) };
    follows::set_state(tx, row.id, if yes { FollowState::Accepted } else { FollowState::Refused })?;
    if yes && row.state != FollowState::Accepted {
        repair::of_group(app, tx, by)?;
    }
    Ok(true)
}

/// Somebody elsewhere stopped following. `false` when they did not follow.
pub(crate) fn received_undo(tx: &mut Tx<'_>, follower: &Actor, id: Option<&Url>, object: Option<&Url>) -> Result<bool> {
    let by_id = match id {
        Some(id) => follows::by_ap_id(tx, id.as_str())?.filter(|row| row.follower_id == follower.id),
        None => None,
    };
    let found = match (by_id, object) {
        (Some(row), _) => Some(row),
        (None, Some(object)) => match actors::by_ap_id(tx, object.as_str())? {
            Some(target) => follows::between(tx, follower.id, target.id)?,
            None => None,
        },
        (None, None) => None,
    };
    match found {
        Some(row) => follows::delete(tx, row.id).map(|()| true).map_err(Into::into),
        None => Ok(false),
    }
}

/// A group relays to us although it never answered: Lemmy does so for unlisted communities (profile 5.1). `true` when
/// somebody here follows it.
pub(crate) fn heard_from(app: &App, tx: &mut Tx<'_>, group: &Actor) -> Result<bool> {
    if follows::anybody_here_follows(tx, group.id)? || memberships::anybody_here(tx, group.id)? {
        return Ok(true);
    }
    let asked = follows::asked_of(tx, group.id)?;
    for row in &asked {
        follows::set_state(tx, row.id, FollowState::Accepted)?;
    }
    if !asked.is_empty() {
        repair::of_group(app, tx, group)?;
    }
    Ok(!asked.is_empty())
}
