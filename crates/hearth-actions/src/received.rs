//! What other servers send. The signature was checked before; here it is decided whether the signer may say so
//! (profile 6.5), and the same rules apply as to people here. One activity is one transaction, and takes effect once.

mod addressed;
pub(crate) mod backfilled;
mod meetups;
mod moderation;
mod network;
mod posts;
mod proofs;
mod quotes;
mod relayed;
mod words;

pub(crate) use network::take_away;

use crate::{
    ActionError, App, Result, block, erase,
    error::Missing,
    follow, invite,
    membership_request::{self, Asked},
    moving, reaction, relay, report, rsvp, secret,
    server::{Site, site},
};
use hearth_activitypub::{
    Document,
    inbound::{ActivityKind, InboxActivity, Received, Reference},
};
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        events,
        groups::{self, Group},
        hosts::{self, Host},
        incoming, posts as post_rows, removals,
        seen_activities::{self, SeenActivity},
    },
};
use hearth_domain::{address::host_of, membership::Asking, permission};
use url::Url;

/// What was fetched to decide about an activity.
#[derive(Debug, Default)]
pub struct Evidence {
    /// Posts, replies and meetups, each from its own address.
    pub objects: Vec<Document>,
    /// Addresses that answered 404 or 410, or with a tombstone.
    pub gone: Vec<Url>,
    /// Actors that were fetched afresh because of this activity.
    pub refreshed: Vec<Url>,
    /// Who stands in a list of moderators, by the address of the list.
    pub moderators: Vec<(Url, Vec<Url>)>,
}

impl Evidence {
    pub(crate) fn object(&self, id: &Url) -> Option<&Document> {
        self.objects.iter().find(|document| match document {
            Document::Post(post) => post.id == *id,
            Document::Event(event) => event.id == *id,
            _ => false,
        })
    }

    fn moderators(&self, list: &Url) -> Option<&[Url]> {
        self.moderators.iter().find(|(address, _)| address == list).map(|(_, listed)| listed.as_slice())
    }

    pub(crate) fn is_gone(&self, id: &Url) -> bool {
        self.gone.contains(id)
    }
}

/// What an activity came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect.
    Done,
    /// It took effect before.
    SeenBefore,
    /// It is of no concern here, for this reason.
    Ignored(&'static str),
}

/// What the parts below work with.
pub(crate) struct Door<'a> {
    pub app: &'a App,
    pub site: Site,
    pub signer: &'a Actor,
    /// What is known of the signer's server.
    pub host: Option<Host>,
    pub evidence: &'a Evidence,
    /// Which activities inside the received one carry a good proof of their own actor.
    pub proven: proofs::Proven,
}

/// Applies a received activity whose signature by `signer` was checked.
///
/// # Errors
/// `NotBelieved` (to be refused), `Needs` (to be tried again with more evidence), `Denied`, `NotFound`, `Gone`, and
/// database errors. Nothing was written then, and the activity does not count as seen.
pub fn receive(app: &App, signer: &Actor, activity: &InboxActivity, evidence: &Evidence) -> Result<Outcome> {
    app.require_room()?;
    let id = believable(signer, activity)?;
    let hash = secret::activity_hash(id.as_str());
    let proven = proofs::check(app, signer, activity, evidence)?;
    let applied = app.db.write(|tx| {
        // Undone with the rest when it does not take effect.
        if !seen_activities::note(tx, &SeenActivity { id_hash: hash.clone(), seen_at: app.now() })? {
            return Ok(Outcome::SeenBefore);
        }
        let site = site(tx)?;
        let host = refuse_blocked(tx, &signer.host)?;
        let door = Door { app, site, signer, host, evidence, proven: proven.clone() };
        apply(&door, tx, activity, id)
    });
    match applied {
        // Two copies at once: the other one won.
        Err(ActionError::Conflict(_)) if app.db.read(|c| Ok::<_, ActionError>(seen_activities::seen(c, &hash)?))? => {
            Ok(Outcome::SeenBefore)
        }
        other => other,
    }
}

/// Keeps a received activity until what it needs was fetched. `false` when it waits already or took effect.
///
/// # Errors
/// Database errors.
pub fn keep_for_later(app: &App, signer: &Actor, activity: &InboxActivity) -> Result<bool> {
    app.require_room()?;
    let id = believable(signer, activity)?;
    let hash = secret::activity_hash(id.as_str());
    app.db.write(|tx| {
        if seen_activities::seen(tx, &hash)? {
            return Ok(false);
        }
        Ok(incoming::store(tx, &hash, signer.ap_id.as_str(), &activity.raw, app.now())?)
    })
}

/// Whether this activity took effect already: such a one needs no further work.
///
/// # Errors
/// Database errors.
pub fn is_seen(app: &App, id: &Url) -> Result<bool> {
    app.db.read(|c| Ok(seen_activities::seen(c, &secret::activity_hash(id.as_str()))?))
}

fn believable<'a>(signer: &Actor, activity: &'a InboxActivity) -> Result<&'a Url> {
    let id = activity.id.as_ref().ok_or(ActionError::NotBelieved("it has no id"))?;
    if activity.actor != *signer.ap_id.url() {
        return Err(ActionError::NotBelieved("its actor did not sign it"));
    }
    if id.origin() != activity.actor.origin() {
        return Err(ActionError::NotBelieved("its id is of another server than its actor"));
    }
    if signer.local {
        return Err(ActionError::NotBelieved("it claims to come from here"));
    }
    Ok(id)
}

/// What is known of a server that is not blocked here.
fn refuse_blocked(tx: &mut Tx<'_>, host: &str) -> Result<Option<Host>> {
    match hosts::get(tx, host)? {
        Some(row) if row.blocked => Err(ActionError::NotBelieved("its server is blocked here")),
        row => Ok(row),
    }
}

fn apply(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, id: &Url) -> Result<Outcome> {
    let (app, site, signer) = (door.app, &door.site, door.signer);
    match &activity.kind {
        ActivityKind::Follow { object } => {
            follow::received(app, tx, site, signer, id, &activity.raw, object).map(|()| Outcome::Done)
        }
        ActivityKind::Accept { object, instructions } => match attended(tx, object)? {
            // Friendica's word for coming (its Transmitter: `Accept` of the event itself).
            Some(event) => joined(door, tx, (id, &activity.raw), &event, None),
            None => answered(door, tx, object, true, instructions.as_deref()),
        },
        ActivityKind::Reject { object } => match attended(tx, object)? {
            Some(event) => left(app, tx, signer, &event).map(|()| Outcome::Done),
            None => answered(door, tx, object, false, None),
        },
        ActivityKind::Undo { object } => undone(door, tx, activity, object),
        ActivityKind::Create { object } => created(door, tx, activity, object),
        ActivityKind::Update { object } => updated(door, tx, activity, object),
        ActivityKind::Delete { object, .. } => deleted(door, tx, activity, object),
        ActivityKind::Announce { objects } => relayed::announced(door, tx, activity, objects),
        ActivityKind::Join { object, participation_message } => {
            joined(door, tx, (id, &activity.raw), object, participation_message.as_deref())
        }
        ActivityKind::TentativeAccept { object } => match &object.id {
            Some(event) => rsvp::received_maybe(app, tx, signer, event, id).map(|()| Outcome::Done),
            None => Ok(Outcome::Ignored("it names no meetup")),
        },
        ActivityKind::Invite { object } => Ok(match invite::received(app, tx, signer, activity, object)? {
            true => Outcome::Done,
            false => Outcome::Ignored("nobody here hears invitations from there"),
        }),
        ActivityKind::Ignore { object } => ignored(door, tx, object),
        ActivityKind::Move { object } => {
            let to = (object, activity.target.as_ref());
            let moved = moving::received(app, tx, site, signer, to, door.evidence)?;
            Ok(if moved { Outcome::Done } else { Outcome::Ignored("this move has no effect here") })
        }
        ActivityKind::QuoteRequest { object, .. } => quotes::requested(door, tx, activity, object),
        ActivityKind::Leave { object } => left(app, tx, signer, object).map(|()| Outcome::Done),
        ActivityKind::Remove { object, .. }
            if membership_request::received_removal(tx, site, signer, object, activity.target.as_ref())? =>
        {
            Ok(Outcome::Done)
        }
        // Between two people; with a target it is about a group or server.
        ActivityKind::Block { object, .. }
            if activity.target.is_none() && block::received(app, tx, signer, activity.id.as_ref(), object)? =>
        {
            Ok(Outcome::Done)
        }
        ActivityKind::Lock { .. }
        | ActivityKind::Block { .. }
        | ActivityKind::Add { .. }
        | ActivityKind::Remove { .. } => moderation::direct(door, tx, activity),
        ActivityKind::Flag { objects, content } => {
            let taken = report::received(app, tx, signer, objects, content.as_deref())?;
            Ok(if taken { Outcome::Done } else { Outcome::Ignored("it is about nothing here") })
        }
        ActivityKind::Like { object } | ActivityKind::EmojiReact { object } => {
            heard(door, tx, signer, Some(id), object)
        }
        // Dislike among them: nobody is judged here.
        _ => Ok(Outcome::Ignored("this type has no meaning here")),
    }
}

/// "I hear you", straight from somebody or relayed by a group.
fn heard(door: &Door<'_>, tx: &mut Tx<'_>, by: &Actor, id: Option<&Url>, object: &Url) -> Result<Outcome> {
    let taken = reaction::received(door.app, tx, by, id, object)?;
    Ok(if taken { Outcome::Done } else { Outcome::Ignored("it is about nothing that was written here") })
}

/// The group here with this id on the network.
fn local_group(tx: &mut Tx<'_>, id: &Url) -> Result<Option<(Actor, Group)>> {
    let Some(actor) = actors::by_ap_id(tx, id.as_str())?.filter(|a| a.local && a.kind == ActorKind::Group) else {
        return Ok(None);
    };
    Ok(groups::by_id(tx, actor.id)?.map(|row| (actor, row)))
}

/// Somebody asks to be a member of a group here, or says that they come to a meetup.
fn joined(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    (id, raw): (&Url, &str),
    object: &Url,
    message: Option<&str>,
) -> Result<Outcome> {
    match local_group(tx, object)? {
        Some(group) => {
            let asked = Asked { person: door.signer, id, raw, kind: Asking::Join };
            membership_request::received(door.app, tx, &door.site, &asked, &group)?;
        }
        None => rsvp::received_join(door.app, tx, &door.site, door.signer, object, (id, raw), message)?,
    }
    Ok(Outcome::Done)
}

/// Somebody leaves a group here, or can't come to a meetup after all.
fn left(app: &App, tx: &mut Tx<'_>, signer: &Actor, object: &Url) -> Result<()> {
    match local_group(tx, object)? {
        Some((group, _)) => membership_request::received_leave(tx, signer, &group),
        None => rsvp::received_leave(app, tx, signer, object),
    }
}

/// The meetup here that an Accept or Reject is of, where it is of the meetup itself.
fn attended(tx: &mut Tx<'_>, what: &Reference) -> Result<Option<Url>> {
    let Some(id) = what.id.as_ref().filter(|_| what.activity.is_none()) else { return Ok(None) };
    Ok(events::by_ap_id(tx, id.as_str())?.filter(|event| event.local).map(|_| id.clone()))
}

/// Accept and Reject: of a follow, of a request to be a member, or of an answer to a meetup.
fn answered(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    what: &Reference,
    yes: bool,
    instructions: Option<&str>,
) -> Result<Outcome> {
    let asked = what.activity.as_deref();
    let follower = asked.filter(|a| matches!(a.kind, ActivityKind::Follow { .. })).map(|a| &a.actor);
    let joiner = asked.filter(|a| match &a.kind {
        ActivityKind::Join { object, .. } | ActivityKind::Follow { object } => object == door.signer.ap_id.url(),
        _ => false,
    });
    let id = what.id.as_ref().or_else(|| asked.and_then(|a| a.id.as_ref()));
    if membership_request::received_answer(door.app, tx, door.signer, id, joiner.map(|a| &a.actor), yes)?
        || follow::received_answer(door.app, tx, door.signer, id, follower, yes)?
        || membership_request::received_invite_answer(door.app, tx, door.signer, id, yes)?
        || rsvp::received_answer(door.app, tx, door.signer, id, yes, (instructions, door.evidence))?
        || relay::received_answer(tx, door.signer, id, yes)?
    {
        Ok(Outcome::Done)
    } else {
        Ok(Outcome::Ignored("nothing like it was asked"))
    }
}

/// A server that takes no answers says so.
fn ignored(door: &Door<'_>, tx: &mut Tx<'_>, what: &Reference) -> Result<Outcome> {
    let id = what.id.as_ref().or_else(|| what.activity.as_deref().and_then(|join| join.id.as_ref()));
    if rsvp::received_ignore(door.app, tx, door.signer, id, door.evidence)? {
        Ok(Outcome::Done)
    } else {
        Ok(Outcome::Ignored("nothing like it was asked"))
    }
}

fn undone(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, what: &Reference) -> Result<Outcome> {
    let undone = what.activity.as_deref();
    if undone.is_some_and(|inner| inner.actor != *door.signer.ap_id.url()) {
        return Err(ActionError::NotBelieved("it undoes what another actor did"));
    }
    let id = what.id.as_ref().or_else(|| undone.and_then(|inner| inner.id.as_ref()));
    match undone.map(|inner| &inner.kind) {
        Some(ActivityKind::Follow { object }) => {
            follow::received_undo(tx, door.signer, id, Some(object))?
                || membership_request::received_undo(tx, door.signer, id, Some(object))?
        }
        Some(ActivityKind::Join { object, .. }) => {
            left(door.app, tx, door.signer, object)?;
            true
        }
        Some(ActivityKind::Like { object } | ActivityKind::EmojiReact { object }) => {
            reaction::received_undo(tx, door.signer, id, Some(object))?
        }
        Some(ActivityKind::Block { object, .. })
            if undone.is_some_and(|inner| inner.target.is_none())
                && block::received_undo(tx, door.signer, id, Some(object))? =>
        {
            true
        }
        Some(ActivityKind::Delete { object, .. }) if own_deleted(door, tx, object)? => {
            return posts::restored(door, tx, activity, object);
        }
        Some(
            ActivityKind::Delete { .. }
            | ActivityKind::Lock { .. }
            | ActivityKind::Block { .. }
            | ActivityKind::Add { .. }
            | ActivityKind::Remove { .. },
        ) => return moderation::direct(door, tx, activity),
        Some(ActivityKind::Announce { objects }) => network::withdrawn(door, tx, objects)?,
        Some(_) => return Ok(Outcome::Ignored("undoing this has no meaning here")),
        None if follow::received_undo(tx, door.signer, id, None)? => true,
        None if membership_request::received_undo(tx, door.signer, id, None)? => true,
        None if reaction::received_undo(tx, door.signer, id, None)? => true,
        None if block::received_undo(tx, door.signer, id, None)? => true,
        None => return moderation::direct(door, tx, activity),
    };
    Ok(Outcome::Done)
}

/// Whether this is a post of the signer's own, which no moderator removed.
fn own_deleted(door: &Door<'_>, tx: &mut Tx<'_>, object: &Url) -> Result<bool> {
    let Some(post) = post_rows::by_ap_id(tx, object.as_str())? else { return Ok(false) };
    Ok(post.author_id == door.signer.id && removals::get(tx, post.id)?.is_none())
}

fn created(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, object: &Received) -> Result<Outcome> {
    match object {
        Received::Document(document) => match document.as_ref() {
            Document::Post(post) => posts::created(door, tx, activity, post),
            Document::Event(event) => meetups::created(door, tx, activity, event),
            _ => Ok(Outcome::Ignored("this object has no meaning here")),
        },
        Received::Id(_) => Ok(Outcome::Ignored("it holds no object")),
    }
}

fn updated(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, object: &Received) -> Result<Outcome> {
    match object {
        Received::Id(id) => refreshed(door, id),
        Received::Document(document) => match document.as_ref() {
            Document::Post(post) => posts::updated(door, tx, activity, post),
            Document::Event(event) => meetups::updated(door, tx, activity, event),
            Document::Actor(actor) => refreshed(door, &actor.id),
            _ => Ok(Outcome::Ignored("this object has no meaning here")),
        },
    }
}

/// An actor changed: only a fresh fetch counts, never the copy in the activity (profile 6.7).
fn refreshed(door: &Door<'_>, id: &Url) -> Result<Outcome> {
    if id != door.signer.ap_id.url() {
        return Ok(Outcome::Ignored("it is about another actor"));
    }
    if door.evidence.refreshed.contains(id) {
        Ok(Outcome::Done)
    } else {
        Err(ActionError::Needs(Missing::Actor(id.clone())))
    }
}

fn deleted(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, object: &Url) -> Result<Outcome> {
    if object == door.signer.ap_id.url() {
        // Who checked the signature made sure that it is the actor's own, or that its server says that it is gone.
        return erase::everything_of(door.app, tx, door.signer).map(|()| Outcome::Done);
    }
    // Of a group here, by somebody who looks after it.
    if let Some(post) = post_rows::by_ap_id(tx, object.as_str())?.filter(|post| post.author_id != door.signer.id) {
        let standing = crate::post::standing_of(tx, post.group_id, door.signer.id)?;
        if permission::may_moderate(standing).is_ok() {
            return moderation::direct(door, tx, activity);
        }
    }
    if object.origin() != door.signer.ap_id.url().origin() {
        return Err(ActionError::NotBelieved("it removes what is of another server"));
    }
    if posts::deleted(door, tx, activity, object)? || meetups::deleted(door, tx, activity, object)? {
        Ok(Outcome::Done)
    } else {
        Ok(Outcome::Ignored("it is not known here"))
    }
}

/// Takes a fetched thing as if its group had relayed it.
pub(crate) fn relayed_by_group(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    document: &Document,
    group: &Actor,
) -> Result<Outcome> {
    match document {
        Document::Post(post) => posts::relayed(door, tx, post, group),
        Document::Event(event) => meetups::relayed(door, tx, event, group),
        _ => Ok(Outcome::Ignored("this object has no meaning here")),
    }
}

/// The actor with this id, which must be known.
fn known_actor(tx: &mut Tx<'_>, id: &Url) -> Result<Actor> {
    refuse_blocked(tx, &host_of(id))?;
    match actors::by_ap_id(tx, id.as_str())? {
        Some(actor) if actor.deleted_at.is_none() => Ok(actor),
        Some(_) => Err(ActionError::NotBelieved("its author is gone")),
        None => Err(ActionError::Needs(Missing::Actor(id.clone()))),
    }
}
