//! Moderation from elsewhere (profile 6.5): by somebody who looks after a group that lives here, or announced by a group
//! that somebody here follows. Who may not is not told so.
//!
//! Must never take the word of a group for what stands in another group, or purge what its own server still has.

use super::{Door, Outcome, known_actor};
use crate::{
    ActionError, Result,
    ban::{self, Terms},
    error::Missing,
    moderation::{self, Restored, Scene, Told},
    post::standing_of,
    team,
};
use chrono::{DateTime, Duration, Utc};
use hearth_activitypub::{
    Part,
    inbound::{ActivityKind, InboxActivity},
};
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        groups, locks,
        posts::{self, Post},
        removals, teams,
    },
};
use hearth_domain::{
    Denied,
    address::host_of,
    group::Settings,
    id::{ActivityId, ActorId},
    membership::{Role, Standing},
    permission, text,
};
use url::Url;

/// A list of moderators that was read this recently is not read again to look for somebody.
const LIST_IS_NEW: Duration = Duration::hours(1);
/// Most posts whose own server is asked whether they are gone.
const MOST_ASKED: i64 = 15;

/// What is done.
enum Deed<'a> {
    Remove { post: Post, reason: &'a str },
    Restore(Post),
    Lock { post: Post, closed: bool },
    Pin { post: Post, pinned: bool },
    List { person: &'a Url, added: bool },
    Ban { person: &'a Url, ends: Option<DateTime<Utc>>, remove_data: bool, reason: &'a str },
    Lift(&'a Url),
}

/// What is done, and in which group.
struct Meant<'a> {
    group: Actor,
    settings: Settings,
    deed: Deed<'a>,
}

const NOT_THEIRS: &str = "its actor does not look after the group";
const NOTHING: &str = "it is about nothing that is known here";

/// Sent straight by its actor: to a group here, or by a group elsewhere itself.
pub(super) fn direct(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity) -> Result<Outcome> {
    let Some(meant) = meant(door, tx, &activity.kind, activity.target.as_ref())? else {
        return elsewhere(door, tx, activity);
    };
    let by = door.signer.ap_id.url();
    if meant.group.local {
        let standing = standing_of(tx, meant.group.id, door.signer.id)?;
        let told = Told::Raw(&activity.raw, &door.signer.host);
        return apply(door, tx, &meant, standing, scene(door, &meant, by, activity.id.as_ref(), told));
    }
    if meant.group.id != door.signer.id {
        return Ok(Outcome::Ignored("its group did not say so"));
    }
    let scene = scene(door, &meant, by, activity.id.as_ref(), Told::Announced);
    apply(door, tx, &meant, Standing::Member(Role::Owner), scene)
}

/// Announced by the group that signed.
pub(super) fn announced(door: &Door<'_>, tx: &mut Tx<'_>, inner: &InboxActivity) -> Result<Outcome> {
    let Some(meant) = meant(door, tx, &inner.kind, inner.target.as_ref())? else {
        return Ok(Outcome::Ignored(NOTHING));
    };
    if meant.group.id != door.signer.id {
        return Ok(Outcome::Ignored("it is about another group"));
    }
    let standing = authority(door, tx, &meant.group, &inner.actor)?;
    let scene = scene(door, &meant, &inner.actor, inner.id.as_ref(), Told::Announced);
    if let Deed::List { .. } = meant.deed
        && permission::may_moderate(standing).is_ok()
        && inner.actor != *meant.group.ap_id.url()
    {
        read_list(door, tx, &meant.group)?;
    }
    apply(door, tx, &meant, standing, scene)
}

fn scene<'a>(door: &'a Door<'_>, meant: &'a Meant<'_>, by: &'a Url, id: Option<&Url>, told: Told<'a>) -> Scene<'a> {
    let number = ActivityId::random(&*door.app.entropy);
    // What a group lists in one go may leave ids out.
    let url = id.cloned().unwrap_or_else(|| door.site.at.activity(&number.to_string()));
    let (group, settings) = (&meant.group, meant.settings);
    Scene { app: door.app, site: &door.site, group, settings, by, id: (number, url), told }
}

/// What an activity means, if it is about something that is known here.
fn meant<'a>(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    kind: &'a ActivityKind,
    target: Option<&Url>,
) -> Result<Option<Meant<'a>>> {
    match kind {
        ActivityKind::Delete { object, summary, .. } => {
            let reason = summary.as_deref().unwrap_or_default();
            about_post(tx, object, |post| Deed::Remove { post, reason })
        }
        ActivityKind::Lock { object, .. } => about_post(tx, object, |post| Deed::Lock { post, closed: true }),
        ActivityKind::Add { object } => listed(door, tx, object, target, true),
        ActivityKind::Remove { object, .. } => listed(door, tx, object, target, false),
        ActivityKind::Block { object, end_time, remove_data, summary } => {
            let reason = summary.as_deref().unwrap_or_default();
            let deed = Deed::Ban { person: object, ends: *end_time, remove_data: *remove_data, reason };
            in_group(tx, target, deed)
        }
        ActivityKind::Undo { object } => match object.activity.as_deref() {
            Some(inner) => undone(door, tx, inner),
            None => match &object.id {
                Some(id) => undone_by_id(tx, id),
                None => Ok(None),
            },
        },
        _ => Ok(None),
    }
}

fn undone<'a>(door: &Door<'_>, tx: &mut Tx<'_>, inner: &'a InboxActivity) -> Result<Option<Meant<'a>>> {
    match &inner.kind {
        ActivityKind::Delete { object, .. } => about_post(tx, object, Deed::Restore),
        ActivityKind::Lock { object, .. } => about_post(tx, object, |post| Deed::Lock { post, closed: false }),
        ActivityKind::Block { object, .. } => in_group(tx, inner.target.as_ref(), Deed::Lift(object)),
        ActivityKind::Add { object } => listed(door, tx, object, inner.target.as_ref(), false),
        ActivityKind::Remove { object, .. } => listed(door, tx, object, inner.target.as_ref(), true),
        _ => Ok(None),
    }
}

/// Only the id of what is undone came with it.
fn undone_by_id<'a>(tx: &mut Tx<'_>, id: &Url) -> Result<Option<Meant<'a>>> {
    if let Some(removal) = removals::by_ap_id(tx, id.as_str())? {
        let post = posts::by_id(tx, removal.post_id)?.ok_or(ActionError::NotFound)?;
        return with_group(tx, post.group_id, Deed::Restore(post));
    }
    if let Some(lock) = locks::by_ap_id(tx, id.as_str())? {
        let post = posts::by_id(tx, lock.post_id)?.ok_or(ActionError::NotFound)?;
        return with_group(tx, post.group_id, Deed::Lock { post, closed: false });
    }
    Ok(None)
}

fn about_post<'a>(tx: &mut Tx<'_>, object: &Url, deed: impl FnOnce(Post) -> Deed<'a>) -> Result<Option<Meant<'a>>> {
    match posts::by_ap_id(tx, object.as_str())? {
        Some(post) => with_group(tx, post.group_id, deed(post)),
        None => Ok(None),
    }
}

fn in_group<'a>(tx: &mut Tx<'_>, group: Option<&Url>, deed: Deed<'a>) -> Result<Option<Meant<'a>>> {
    let Some(group) = group else { return Ok(None) };
    match actors::by_ap_id(tx, group.as_str())?.filter(|actor| actor.kind == ActorKind::Group) {
        Some(group) => with_group(tx, group.id, deed),
        None => Ok(None),
    }
}

fn with_group<'a>(tx: &mut Tx<'_>, group: ActorId, deed: Deed<'a>) -> Result<Option<Meant<'a>>> {
    let Some((group, row)) = groups::with_actor(tx, group)? else { return Ok(None) };
    Ok(Some(Meant { settings: row.settings(), group, deed }))
}

/// Add to, or Remove from, the pinned posts or the moderators of a group: ours, or the one that signed.
fn listed<'a>(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    object: &'a Url,
    target: Option<&Url>,
    added: bool,
) -> Result<Option<Meant<'a>>> {
    let Some(target) = target else { return Ok(None) };
    let (group, part) = match team::of_collection(tx, &door.site, target)? {
        Some((group, part)) => (group.id, part),
        None => {
            let Some(known) = teams::get(tx, door.signer.id)? else { return Ok(None) };
            if known.address.as_deref() == Some(target.as_str()) {
                (known.group_id, Part::Moderators)
            } else if known.featured.as_deref() == Some(target.as_str()) {
                (known.group_id, Part::Featured)
            } else {
                return Ok(None);
            }
        }
    };
    if part == Part::Moderators {
        return with_group(tx, group, Deed::List { person: object, added });
    }
    let meant = about_post(tx, object, |post| Deed::Pin { post, pinned: added })?;
    // What stands in one group can't be pinned in another.
    Ok(meant.filter(|meant| meant.group.id == group))
}

/// What an actor may do in a group elsewhere that announces it: everything, if it is of the group's own server or stands
/// in the group's list. The list is read anew where that could change the answer.
fn authority(door: &Door<'_>, tx: &mut Tx<'_>, group: &Actor, by: &Url) -> Result<Standing> {
    if by.origin() == group.ap_id.url().origin() {
        return Ok(Standing::Member(Role::Owner));
    }
    let standing = team::standing(tx, group, by)?;
    let recent = teams::get(tx, group.id)?
        .and_then(|team| team.read_at)
        .is_some_and(|at| door.app.clock.now() - at.utc() < LIST_IS_NEW);
    if permission::may_moderate(standing).is_ok() || standing.is_banned() || recent {
        return Ok(standing);
    }
    read_list(door, tx, group)?;
    team::standing(tx, group, by)
}

/// Writes down the list of a group's moderators as it was fetched for this; asks for it first.
fn read_list(door: &Door<'_>, tx: &mut Tx<'_>, group: &Actor) -> Result<()> {
    let Some(team) = teams::get(tx, group.id)? else { return Ok(()) };
    let Some(address) = team.address.as_deref().and_then(|url| Url::parse(url).ok()) else { return Ok(()) };
    match door.evidence.moderators(&address) {
        Some(listed) => team::learn_list(door.app, tx, team, listed),
        None => Err(ActionError::Needs(Missing::Moderators(address))),
    }
}

fn apply(door: &Door<'_>, tx: &mut Tx<'_>, meant: &Meant<'_>, standing: Standing, scene: Scene<'_>) -> Result<Outcome> {
    if permission::may_moderate(standing).is_err() {
        return Ok(Outcome::Ignored(NOT_THEIRS));
    }
    let done = match &meant.deed {
        Deed::Remove { post, reason } => moderation::remove_in(&scene, tx, post, reason).map(|_| ()),
        Deed::Restore(post) => match moderation::restore_in(&scene, tx, post)? {
            Restored::Done => Ok(()),
            Restored::NotTheirs => return Ok(Outcome::Ignored("it is not their removal")),
            Restored::Forgotten => return Ok(Outcome::Ignored("its words are gone")),
        },
        Deed::Lock { post, closed } => moderation::lock_in(&scene, tx, post, *closed),
        Deed::Pin { post, pinned } => moderation::pin_in(&scene, tx, post, *pinned),
        Deed::List { person, added } => list(door, tx, &scene, standing, person, *added),
        Deed::Ban { person, ends, remove_data, reason } => {
            let terms = Terms {
                reason: text::cut(&text::line(reason), text::REASON_MAX),
                ends: *ends,
                remove_posts: *remove_data,
            };
            keep_out(door, tx, &scene, standing, person, &terms)
        }
        Deed::Lift(person) => match actors::by_ap_id(tx, person.as_str())? {
            Some(person) => ban::lift_in(&scene, tx, &person),
            None => Ok(()),
        },
    };
    match done {
        Ok(()) => Ok(Outcome::Done),
        Err(ActionError::Denied(_)) => Ok(Outcome::Ignored("its actor may not do that to that person")),
        Err(ActionError::Conflict(_)) => Ok(Outcome::Ignored("the group takes no more of it")),
        Err(error) => Err(error),
    }
}

fn list(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    scene: &Scene<'_>,
    standing: Standing,
    person: &Url,
    added: bool,
) -> Result<()> {
    let group = scene.group;
    if !group.local {
        // What is of our own server is listed for us to know by whom it may act; others for whom to believe.
        return if added {
            Ok(teams::add(tx, group.id, person.as_str())?)
        } else {
            teams::remove(tx, group.id, person.as_str()).map(|_| ()).map_err(Into::into)
        };
    }
    let person = actor(door, tx, person)?;
    permission::may_appoint(standing, standing_of(tx, group.id, person.id)?)?;
    team::listed_in(scene, tx, &person, added)
}

/// Somebody who is known here, or has to be fetched first.
fn actor(door: &Door<'_>, tx: &mut Tx<'_>, id: &Url) -> Result<Actor> {
    let found = if door.site.at.is_local(id) {
        // A persona that never left this server is not there for others.
        actors::by_ap_id(tx, id.as_str())?
            .filter(|actor| actor.on_network_since.is_some())
            .ok_or(ActionError::NotFound)?
    } else {
        known_actor(tx, id)?
    };
    let person = !matches!(found.kind, ActorKind::Group | ActorKind::Application);
    if person { Ok(found) } else { Err(ActionError::Denied(Denied::NotAboveThem)) }
}

fn keep_out(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    scene: &Scene<'_>,
    standing: Standing,
    person: &Url,
    terms: &Terms,
) -> Result<()> {
    let group = scene.group;
    if group.local {
        let person = actor(door, tx, person)?;
        permission::may_ban(standing, standing_of(tx, group.id, person.id)?)?;
        return ban::ban_in(scene, tx, &person, terms);
    }
    // Of a group elsewhere it concerns us only about people who are known here.
    let Some(person) = actors::by_ap_id(tx, person.as_str())? else { return Ok(()) };
    if terms.remove_posts {
        purge(door, tx, &person, Some(group))?;
    }
    ban::ban_in(scene, tx, &person, terms)
}

/// Removes what somebody wrote, where its own server agrees: it is the group's own server, or what it wrote is gone
/// there. What was written here is not purged on another server's word.
fn purge(door: &Door<'_>, tx: &mut Tx<'_>, person: &Actor, group: Option<&Actor>) -> Result<()> {
    if person.local {
        return Ok(());
    }
    let own_word = door.signer.host == person.host
        && (door.signer.kind == ActorKind::Application || group.is_some_and(|group| group.host == person.host));
    for post in posts::of_author(tx, person.id, group.map(|group| group.id), MOST_ASKED)? {
        let id = post.ap_id.url();
        if own_word || door.evidence.is_gone(id) {
            posts::bury(tx, post.id, door.app.now())?;
        } else if door.evidence.object(id).is_none() {
            return Err(ActionError::Needs(Missing::Absence(id.clone())));
        }
    }
    Ok(())
}

/// What is about no group: a server keeps one of its own people out. There they can do nothing any more; what they wrote
/// goes from here too, where it is gone there.
fn elsewhere(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity) -> Result<Outcome> {
    let ActivityKind::Block { object, remove_data: true, .. } = &activity.kind else {
        return Ok(Outcome::Ignored(NOTHING));
    };
    let own = activity.target.as_ref().is_some_and(|target| host_of(target) == door.signer.host);
    let person = actors::by_ap_id(tx, object.as_str())?.filter(|person| own && person.host == door.signer.host);
    match person {
        Some(person) => purge(door, tx, &person, None).map(|()| Outcome::Done),
        None => Ok(Outcome::Ignored("it is about nobody of its own server")),
    }
}
