//! Following other servers for their meetups, and being followed by them (profile 8.1 to 8.4). Only keepers do so.
//!
//! Must never bring anything but meetups here, or show a meetup that waits for a keeper.

use crate::{
    ActionError, App, Result, account, documents,
    publish::{self, Outgoing},
    received, secret,
    server::{Site, site},
};
use chrono::Duration;
use hearth_activitypub::outbound;
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        followed_servers::{self, FollowedServer},
        follows::{self, Follow, FollowState},
        incoming,
        network_meetups::{self, MeetupState, NetworkMeetup},
        seen_activities, server,
    },
};
use hearth_domain::{
    address::ApId,
    id::{AccountId, ActorId, FollowId},
    server::{FollowedBy, TakesMeetups},
};

/// How long after its end a network meetup is kept.
const KEPT: Duration = Duration::days(7);
/// Most meetups that are tidied away at once.
const AT_ONCE: i64 = 200;
/// Most meetups on the keeper's list.
const LISTED: i64 = 200;

/// How this server stands to others.
pub struct Servers {
    /// Servers it follows, and whether they agreed.
    pub followed: Vec<(FollowedServer, Actor, FollowState)>,
    /// Servers that follow it, or ask to.
    pub followers: Vec<(Actor, FollowState)>,
    /// Meetups a keeper is to look at.
    pub waiting: Vec<NetworkMeetup>,
    /// How servers get to follow it.
    pub followed_by: FollowedBy,
}

/// What a keeper sees of other servers.
///
/// # Errors
/// `Denied(KeepersOnly)`.
pub fn servers(app: &App, keeper: AccountId) -> Result<Servers> {
    app.db.read(|c| {
        account::require_keeper(c, keeper)?;
        let site = site(c)?;
        let mut followed = Vec::new();
        for (row, actor) in followed_servers::all(c)? {
            let follow = follows::between(c, site.actor.id, actor.id)?;
            followed.push((row, actor, follow.map_or(FollowState::Refused, |follow| follow.state)));
        }
        let followers = follows::followers_of(c, site.actor.id)?;
        let waiting = network_meetups::waiting(c, app.now(), LISTED)?;
        Ok(Servers { followed, followers, waiting, followed_by: site.row.followed_by })
    })
}

/// Follows a server for its meetups; following it again asks again.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound` when that is no server elsewhere.
pub fn follow(app: &App, keeper: AccountId, target: ActorId, meetups: TakesMeetups) -> Result<()> {
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        let site = site(tx)?;
        let target = actors::by_id(tx, target)?.filter(|actor| !actor.local && actor.deleted_at.is_none());
        let target = target.filter(|actor| actor.kind == ActorKind::Application).ok_or(ActionError::NotFound)?;
        let (activity, url) = publish::new_activity(app, &site);
        let ap_id = ApId::try_from(url.clone()).map_err(|_| ActionError::NotSetUp)?;
        if followed_servers::get(tx, target.id)?.is_some() {
            followed_servers::set(tx, target.id, meetups)?;
        } else {
            FollowedServer { actor_id: target.id, meetups, created_at: app.now() }.insert(tx)?;
        }
        match follows::between(tx, site.actor.id, target.id)? {
            Some(row) if row.state == FollowState::Accepted => return Ok(()),
            Some(row) => {
                follows::set_ap_id(tx, row.id, &ap_id)?;
                follows::set_state(tx, row.id, FollowState::Asked)?;
            }
            None => {
                let id = FollowId::random(&*app.entropy);
                let (follower_id, target_id, state) = (site.actor.id, target.id, FollowState::Asked);
                Follow { id, ap_id, follower_id, target_id, state, created_at: app.now() }.insert(tx)?;
            }
        }
        let body = outbound::follow(&url, site.actor.ap_id.url(), target.ap_id.url()).to_string();
        let object = target.ap_id.as_str();
        Outgoing { id: (activity, url), kind: "Follow", signer: &site.actor, object, body }.send(app, tx, &target)
    })
}

/// Stops following a server. What it told of goes, but for what people here follow anyway.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`.
pub fn unfollow(app: &App, keeper: AccountId, target: ActorId) -> Result<()> {
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        let site = site(tx)?;
        followed_servers::get(tx, target)?.ok_or(ActionError::NotFound)?;
        let target = actors::by_id(tx, target)?.ok_or(ActionError::NotFound)?;
        for row in network_meetups::of_server(tx, target.id)? {
            received::take_away(tx, row.ap_id.url())?;
        }
        followed_servers::delete(tx, target.id)?;
        let Some(follow) = follows::between(tx, site.actor.id, target.id)? else { return Ok(()) };
        follows::delete(tx, follow.id)?;
        let (activity, url) = publish::new_activity(app, &site);
        let me = site.actor.ap_id.url();
        let asked = outbound::follow(follow.ap_id.url(), me, target.ap_id.url());
        let body = documents::undone(asked, &url, me).to_string();
        let object = target.ap_id.as_str();
        Outgoing { id: (activity, url), kind: "Undo", signer: &site.actor, object, body }.send(app, tx, &target)
    })
}

/// Changes what is taken of a followed server's meetups.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`.
pub fn set_meetups(app: &App, keeper: AccountId, target: ActorId, meetups: TakesMeetups) -> Result<()> {
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        followed_servers::get(tx, target)?.ok_or(ActionError::NotFound)?;
        Ok(followed_servers::set(tx, target, meetups)?)
    })
}

/// Changes how other servers get to follow this one.
///
/// # Errors
/// `Denied(KeepersOnly)`.
pub fn set_followed_by(app: &App, keeper: AccountId, rule: FollowedBy) -> Result<()> {
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        Ok(server::set_followed_by(tx, rule)?)
    })
}

/// A keeper lets a server follow this one, or says no; also later.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound` when it did not ask.
pub fn answer_follower(app: &App, keeper: AccountId, follower: ActorId, yes: bool) -> Result<()> {
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        let site = site(tx)?;
        let row = follows::between(tx, follower, site.actor.id)?.ok_or(ActionError::NotFound)?;
        let follower = actors::by_id(tx, follower)?.ok_or(ActionError::NotFound)?;
        if yes {
            follows::set_state(tx, row.id, FollowState::Accepted)?;
        } else {
            follows::delete(tx, row.id)?;
        }
        tell_answer(app, tx, &site, &follower, &row, yes)
    })
}

fn tell_answer(app: &App, tx: &mut Tx<'_>, site: &Site, follower: &Actor, row: &Follow, yes: bool) -> Result<()> {
    let (me, them) = (site.actor.ap_id.url(), follower.ap_id.url());
    let asked = outbound::follow(row.ap_id.url(), them, me);
    let id = publish::new_activity(app, site);
    let (kind, body) = match yes {
        true => ("Accept", outbound::accept(&id.1, me, them, asked)),
        false => ("Reject", outbound::reject(&id.1, me, them, asked)),
    };
    let object = follower.ap_id.as_str();
    Outgoing { id, kind, signer: &site.actor, object, body: body.to_string() }.send(app, tx, follower)
}

/// A keeper lets a meetup through, or says no. One that is let through is fetched once more from where it lives, and then
/// stands in the calendar.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound` when none such waits.
pub fn review(app: &App, keeper: AccountId, meetup: &str, yes: bool) -> Result<()> {
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        let row = network_meetups::get(tx, meetup)?.filter(|row| row.state == MeetupState::Waiting);
        let row = row.ok_or(ActionError::NotFound)?;
        if yes {
            let hash = secret::activity_hash(&row.activity_ap_id);
            seen_activities::forget(tx, &hash)?;
            incoming::store(tx, &hash, &row.signer_ap_id, &row.activity, app.now())?;
        }
        let state = if yes { MeetupState::Approved } else { MeetupState::Refused };
        let nothing = String::new;
        let row =
            NetworkMeetup { state, signer_ap_id: nothing(), activity_ap_id: nothing(), activity: nothing(), ..row };
        Ok(network_meetups::set(tx, &row)?)
    })
}

/// Removes network meetups that ended seven days ago. Safe to repeat.
///
/// # Errors
/// Database errors.
pub(crate) fn tidy(app: &App, tx: &mut Tx<'_>) -> Result<()> {
    let before = (app.clock.now() - KEPT).into();
    for row in network_meetups::ended(tx, before, AT_ONCE)? {
        received::take_away(tx, row.ap_id.url())?;
        network_meetups::delete(tx, row.ap_id.as_str())?;
    }
    Ok(())
}
