//! Keeping somebody out of a group, and letting them in again. The one who is kept out is told nothing: what they ask is
//! refused like what anybody may not do.
//!
//! Must never send why, or tell the network of a persona that never left this server.

use crate::{
    ActionError, App, Form, Result,
    log::{self, Said},
    moderation::{Scene, remove_in},
    post::standing_of,
    rsvp, seal,
    server::site,
    team,
};
use chrono::{DateTime, Duration, Utc};
use hearth_activitypub::moderation as wire;
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        bans::{self, Ban},
        follows, group_invitations, handovers, held_posts, join_requests,
        memberships::{self, Membership},
        personas, posts,
    },
};
use hearth_domain::{
    audience::Visibility,
    id::{AccountId, ActorId},
    log::Logged,
    membership::{Role, State},
    permission, text,
};
use url::Url;

/// Most posts of one person that are removed together; the newest ones.
const MOST_POSTS: i64 = 200;
/// The longest ban with an end, in days.
const MOST_DAYS: u32 = 3_650;

/// What a facilitator says about keeping somebody out.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct BanForm {
    /// Why. Read by those who look after the group; sent nowhere.
    pub reason: String,
    /// For how many days; empty or 0: until somebody lifts it.
    pub days: String,
    /// `yes`: what the person wrote in the group is removed too.
    pub remove_posts: String,
}

/// How somebody is kept out.
pub(crate) struct Terms {
    pub reason: String,
    pub ends: Option<DateTime<Utc>>,
    pub remove_posts: bool,
}

fn read(app: &App, typed: &BanForm) -> Result<Terms> {
    let mut form = Form::default();
    let reason = form.line("reason", "A reason", &typed.reason, 3, text::REASON_MAX);
    let days = typed.days.trim();
    let days: u32 = if days.is_empty() { 0 } else { days.parse().unwrap_or(u32::MAX) };
    if days > MOST_DAYS {
        form.problem("days", "Give a number of days up to 3,650, or leave it empty.");
    }
    form.finish()?;
    let ends = (days > 0).then(|| app.clock.now() + Duration::days(days.into()));
    Ok(Terms { reason, ends, remove_posts: typed.remove_posts == "yes" })
}

/// Keeps a person, here or elsewhere, out of a group.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly, NotAboveThem)`, `Invalid`.
pub fn ban(app: &App, account: AccountId, group: ActorId, person: ActorId, typed: &BanForm) -> Result<()> {
    let terms = read(app, typed)?;
    app.db.write(|tx| {
        let site = site(tx)?;
        let (group, row, persona, standing) = team::looked_after(tx, account, group)?;
        let person = person_of(tx, person)?;
        if personas::owner(tx, person.id)? == Some(account) {
            return Err(ActionError::field("person", "That is you. To go, leave the group."));
        }
        permission::may_ban(standing, team::standing(tx, &group, person.ap_id.url())?)?;
        let scene = Scene::here(app, &site, &group, row.settings(), &persona);
        ban_in(&scene, tx, &person, &terms)
    })
}

/// Lets a person in again: what they may do is what anybody may.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn lift(app: &App, account: AccountId, group: ActorId, person: ActorId) -> Result<()> {
    app.db.write(|tx| {
        let site = site(tx)?;
        let (group, row, persona, _) = team::looked_after(tx, account, group)?;
        let person = person_of(tx, person)?;
        let scene = Scene::here(app, &site, &group, row.settings(), &persona);
        lift_in(&scene, tx, &person)
    })
}

fn person_of(tx: &mut Tx<'_>, person: ActorId) -> Result<Actor> {
    let fits = |actor: &Actor| {
        // Who wrote without their name can't be kept out by way of it: that would say who it was.
        !matches!(actor.kind, ActorKind::Group | ActorKind::Application) && !seal::stands_for_others(actor)
    };
    actors::by_id(tx, person)?.filter(fits).ok_or(ActionError::NotFound)
}

/// Keeps somebody out: whether as a member, as a follower or as a visitor.
pub(crate) fn ban_in(scene: &Scene<'_>, tx: &mut Tx<'_>, person: &Actor, terms: &Terms) -> Result<()> {
    let (now, group) = (scene.app.now(), scene.group);
    let known = standing_of(tx, group.id, person.id)?.is_banned();
    if known && bans::get(tx, group.id, person.id)?.is_some_and(|ban| ban.ends_at == terms.ends.map(Into::into)) {
        return Ok(());
    }
    let out =
        Membership { group_id: group.id, actor_id: person.id, role: Role::Member, state: State::Banned, since: now };
    memberships::put(tx, &out)?;
    bans::delete(tx, group.id, person.id)?;
    // What they asked seems to wait; what they answered is of no more use, and what they gave out opens nothing.
    join_requests::delete_answers(tx, group.id, person.id)?;
    group_invitations::revoke_all_by(tx, group.id, person.id)?;
    let ban = Ban {
        group_id: group.id,
        actor_id: person.id,
        by_ap_id: scene.by.to_string(),
        ap_id: scene.id.1.to_string(),
        reason: terms.reason.clone(),
        banned_at: now,
        ends_at: terms.ends.map(Into::into),
    };
    ban.insert(tx)?;
    let object = person.ap_id.url();
    if person.on_network_since.is_some() {
        scene.tell(tx, Visibility::Public, ("Block", object), Some(person), |deed| {
            wire::block(deed, object, terms.ends, terms.remove_posts)
        })?;
    }
    written(scene, tx, Logged::Banned, person, terms.ends.map(|ends| (ends - scene.app.clock.now()).num_days()))?;
    held_posts::delete_named_of(tx, person.id, group.id)?;
    handovers::delete_all_of(tx, person.id, Some(group.id))?;
    if terms.remove_posts && group.local {
        remove_all(scene, tx, person, &terms.reason)?;
    }
    if group.local {
        // They are expected at no meetup any more.
        rsvp::free_places_in(scene.app, tx, group.id, person.id)?;
    }
    if group.local
        && let Some(follow) = follows::between(tx, person.id, group.id)?
    {
        follows::delete(tx, follow.id)?;
    }
    Ok(())
}

/// Writes down what was decided about somebody.
fn written(scene: &Scene<'_>, tx: &mut Tx<'_>, deed: Logged, person: &Actor, days: Option<i64>) -> Result<()> {
    let by = log::actor_of(tx, scene.by)?;
    let number = days.and_then(|days| i32::try_from(days).ok());
    log::write(scene.app, tx, scene.group, deed, Said { by, about: Some(person.id), post: None, number })
}

/// Removes what somebody wrote in a group that lives here. What was told with the ban itself needs no more words.
fn remove_all(scene: &Scene<'_>, tx: &mut Tx<'_>, person: &Actor, reason: &str) -> Result<()> {
    for post in posts::of_author(tx, person.id, Some(scene.group.id), MOST_POSTS)? {
        if scene.told.is_here() {
            remove_in(&scene.again(), tx, &post, reason)?;
        } else {
            remove_in(&scene.quietly(), tx, &post, reason)?;
        }
    }
    Ok(())
}

/// Lets somebody in again. Who is not kept out stays what they are.
pub(crate) fn lift_in(scene: &Scene<'_>, tx: &mut Tx<'_>, person: &Actor) -> Result<()> {
    let group = scene.group;
    if !standing_of(tx, group.id, person.id)?.is_banned() {
        return Ok(());
    }
    let ban = bans::get(tx, group.id, person.id)?;
    let_back(tx, group.id, person.id)?;
    written(scene, tx, Logged::BanLifted, person, None)?;
    let Some(ban) = ban.filter(|_| person.on_network_since.is_some()) else { return Ok(()) };
    let undone = Url::parse(&ban.ap_id).map_err(|_| ActionError::NotFound)?;
    let (object, ends) = (person.ap_id.url(), ban.ends_at.map(hearth_db::Time::utc));
    scene.tell_undone(tx, Visibility::Public, object, &undone, Some(person), |deed| {
        wire::block(deed, object, ends, false)
    })
}

/// Ends the bans whose time is over. Other servers were told the end with the ban.
pub(crate) fn end_those_over(app: &App, tx: &mut Tx<'_>) -> Result<()> {
    for ban in bans::ended(tx, app.now())? {
        if standing_of(tx, ban.group_id, ban.actor_id)?.is_banned() {
            let_back(tx, ban.group_id, ban.actor_id)?;
        } else {
            bans::delete(tx, ban.group_id, ban.actor_id)?;
        }
    }
    Ok(())
}

/// Ends a ban. What they asked meanwhile, under whichever name, goes with it: were it shown now, it would be known whose
/// name that is.
fn let_back(tx: &mut Tx<'_>, group: ActorId, person: ActorId) -> Result<()> {
    if let Some(account) = personas::owner(tx, person)? {
        join_requests::delete_of_account(tx, group, account)?;
    }
    memberships::delete(tx, group, person)?;
    bans::delete(tx, group, person)?;
    Ok(())
}
