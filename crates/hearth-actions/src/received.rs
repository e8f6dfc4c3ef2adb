//! What other servers send. The signature was checked before; here it is decided whether the signer may say so
//! (profile 6.5), and the same rules apply as to people here. One activity is one transaction, and takes effect once.

mod meetups;
mod posts;
mod relayed;

use crate::{
    ActionError, App, Result,
    error::Missing,
    follow, rsvp, secret,
    server::{Site, site},
};
use hearth_activitypub::{
    Document,
    inbound::{ActivityKind, InboxActivity, Received, Reference},
};
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor},
        follows, hosts, incoming, memberships, posts as post_rows, rsvps,
        seen_activities::{self, SeenActivity},
    },
};
use hearth_domain::address::host_of;
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
}

impl Evidence {
    fn object(&self, id: &Url) -> Option<&Document> {
        self.objects.iter().find(|document| match document {
            Document::Post(post) => post.id == *id,
            Document::Event(event) => event.id == *id,
            _ => false,
        })
    }

    fn is_gone(&self, id: &Url) -> bool {
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
    pub evidence: &'a Evidence,
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
    let applied = app.db.write(|tx| {
        if seen_activities::seen(tx, &hash)? {
            return Ok(Outcome::SeenBefore);
        }
        let site = site(tx)?;
        refuse_blocked(tx, &signer.host)?;
        let door = Door { app, site, signer, evidence };
        let outcome = apply(&door, tx, activity, id)?;
        SeenActivity { id_hash: hash.clone(), seen_at: app.now() }.insert(tx)?;
        Ok(outcome)
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

fn refuse_blocked(tx: &mut Tx<'_>, host: &str) -> Result<()> {
    match hosts::get(tx, host)? {
        Some(row) if row.blocked => Err(ActionError::NotBelieved("its server is blocked here")),
        _ => Ok(()),
    }
}

fn apply(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, id: &Url) -> Result<Outcome> {
    let (app, site, signer) = (door.app, &door.site, door.signer);
    match &activity.kind {
        ActivityKind::Follow { object } => {
            follow::received(app, tx, site, signer, id, &activity.raw, object).map(|()| Outcome::Done)
        }
        ActivityKind::Accept { object, instructions } => answered(door, tx, object, true, instructions.as_deref()),
        ActivityKind::Reject { object } => answered(door, tx, object, false, None),
        ActivityKind::Undo { object } => undone(door, tx, object),
        ActivityKind::Create { object } => created(door, tx, activity, object),
        ActivityKind::Update { object } => updated(door, tx, activity, object),
        ActivityKind::Delete { object, .. } => deleted(door, tx, activity, object),
        ActivityKind::Announce { objects } => relayed::announced(door, tx, objects),
        ActivityKind::Join { object, participation_message } => {
            let asked = (id, &*activity.raw);
            rsvp::received_join(app, tx, site, signer, object, asked, participation_message.as_deref())
                .map(|()| Outcome::Done)
        }
        ActivityKind::TentativeAccept { object } => match &object.id {
            Some(event) => rsvp::received_maybe(app, tx, signer, event, id).map(|()| Outcome::Done),
            None => Ok(Outcome::Ignored("it names no meetup")),
        },
        ActivityKind::Leave { object } => rsvp::received_leave(tx, signer, object).map(|()| Outcome::Done),
        _ => Ok(Outcome::Ignored("this type has no meaning here")),
    }
}

/// Accept and Reject: of a follow, or of an answer to a meetup.
fn answered(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    what: &Reference,
    yes: bool,
    instructions: Option<&str>,
) -> Result<Outcome> {
    let asked = what.activity.as_deref();
    let follower = asked.filter(|a| matches!(a.kind, ActivityKind::Follow { .. })).map(|a| &a.actor);
    let id = what.id.as_ref().or_else(|| asked.and_then(|a| a.id.as_ref()));
    if follow::received_answer(tx, door.signer, id, follower, yes)?
        || rsvp::received_answer(door.app, tx, door.signer, id, yes, instructions)?
    {
        Ok(Outcome::Done)
    } else {
        Ok(Outcome::Ignored("nothing like it was asked"))
    }
}

fn undone(door: &Door<'_>, tx: &mut Tx<'_>, what: &Reference) -> Result<Outcome> {
    let undone = what.activity.as_deref();
    if undone.is_some_and(|inner| inner.actor != *door.signer.ap_id.url()) {
        return Err(ActionError::NotBelieved("it undoes what another actor did"));
    }
    let id = what.id.as_ref().or_else(|| undone.and_then(|inner| inner.id.as_ref()));
    match undone.map(|inner| &inner.kind) {
        Some(ActivityKind::Follow { object }) => follow::received_undo(tx, door.signer, id, Some(object))?,
        Some(ActivityKind::Join { object, .. }) => {
            rsvp::received_leave(tx, door.signer, object)?;
            true
        }
        Some(_) => return Ok(Outcome::Ignored("undoing this has no meaning here")),
        None => follow::received_undo(tx, door.signer, id, None)?,
    };
    Ok(Outcome::Done)
}

fn created(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, object: &Received) -> Result<Outcome> {
    match object {
        Received::Document(document) => match document.as_ref() {
            Document::Post(post) => posts::created(door, tx, activity, post),
            Document::Event(event) => meetups::created(door, tx, event),
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
            Document::Event(event) => meetups::updated(door, tx, event),
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
        return erased(door, tx);
    }
    if object.origin() != door.signer.ap_id.url().origin() {
        return Err(ActionError::NotBelieved("it removes what is of another server"));
    }
    if posts::deleted(door, tx, activity, object)? || meetups::deleted(door, tx, object)? {
        Ok(Outcome::Done)
    } else {
        Ok(Outcome::Ignored("it is not known here"))
    }
}

/// An actor elsewhere erased itself: everything of it goes from here too.
fn erased(door: &Door<'_>, tx: &mut Tx<'_>) -> Result<Outcome> {
    let (actor, now) = (door.signer.id, door.app.now());
    post_rows::bury_all_of(tx, actor, now)?;
    rsvps::delete_all_of(tx, actor)?;
    memberships::delete_all_of(tx, actor)?;
    follows::delete_all_of(tx, actor)?;
    actors::mark_deleted(tx, actor, now)?;
    Ok(Outcome::Done)
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
