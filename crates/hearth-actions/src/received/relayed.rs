//! What a followed group relays (profile 5.2). Nothing is believed because it was relayed: only what is of the group's
//! own server, or what its own server says when asked.

use super::{Door, Outcome, heard, known_actor, meetups, moderation, network, posts};
use crate::{ActionError, Result, error::Missing, follow, reaction, relay};
use hearth_activitypub::{
    Document, InboxActivity,
    inbound::{ActivityKind, Announced, EventDocument, Received, Reference},
};
use hearth_db::{
    Tx,
    tables::{actors::ActorKind, events::Event},
};
use url::Url;

/// Most things taken from one batch.
const BATCH: usize = 20;

/// An Announce by the signer.
pub(super) fn announced(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    activity: &InboxActivity,
    objects: &[Announced],
) -> Result<Outcome> {
    if let Some(outcome) = relay::hinted(door, tx, objects)? {
        return Ok(outcome);
    }
    if door.signer.kind != ActorKind::Group {
        return network::announced(door, tx, activity, objects);
    }
    if !follow::heard_from(door.app, tx, door.signer)? {
        return Ok(Outcome::Ignored("nobody here follows it"));
    }
    let mut outcome = Outcome::Ignored("it holds nothing");
    for object in objects.iter().take(BATCH) {
        outcome = one(door, tx, object)?;
    }
    Ok(outcome)
}

fn one(door: &Door<'_>, tx: &mut Tx<'_>, object: &Announced) -> Result<Outcome> {
    match object {
        Announced::Activity(inner) => activity(door, tx, inner),
        Announced::Id(id) => addressed(door, tx, id),
        Announced::Object(document) => match document.as_ref() {
            Document::Post(post) => addressed(door, tx, &post.id),
            Document::Event(event) => renewed(door, tx, event),
            _ => Ok(Outcome::Ignored("this object has no meaning here")),
        },
    }
}

fn activity(door: &Door<'_>, tx: &mut Tx<'_>, inner: &InboxActivity) -> Result<Outcome> {
    match &inner.kind {
        // The group itself changed, or somebody of its server: only what their server says now counts.
        ActivityKind::Update { object: Received::Id(id) } => changed_actor(door, id),
        ActivityKind::Update { object: Received::Document(document) } if matches!(**document, Document::Actor(_)) => {
            match document.as_ref() {
                Document::Actor(actor) => changed_actor(door, &actor.id),
                _ => Ok(Outcome::Ignored("this object has no meaning here")),
            }
        }
        ActivityKind::Create { object: Received::Document(document) } => match document.as_ref() {
            Document::Post(post) => match own_word(door, inner, document, &post.id)? {
                Document::Post(post) => posts::relayed(door, tx, post, door.signer),
                _ => Ok(Outcome::Ignored("it turned out to be something else")),
            },
            Document::Event(event) => addressed_or(door, tx, inner, document, &event.id),
            _ => Ok(Outcome::Ignored("this object has no meaning here")),
        },
        ActivityKind::Update { object: Received::Document(document) } => match document.as_ref() {
            Document::Post(post) => match own_word(door, inner, document, &post.id)? {
                Document::Post(post) => posts::relayed_update(door, tx, post, door.signer),
                _ => Ok(Outcome::Ignored("it turned out to be something else")),
            },
            Document::Event(event) => addressed_or(door, tx, inner, document, &event.id),
            _ => Ok(Outcome::Ignored("this object has no meaning here")),
        },
        ActivityKind::Delete { object, .. } => match posts::is_by(tx, object, &inner.actor)? {
            true => posts::relayed_delete(door, tx, object, door.signer, door.proven.holds(inner)),
            false => moderation::announced(door, tx, inner),
        },
        ActivityKind::Lock { .. }
        | ActivityKind::Block { .. }
        | ActivityKind::Add { .. }
        | ActivityKind::Remove { .. } => moderation::announced(door, tx, inner),
        ActivityKind::Undo { object } => undone(door, tx, inner, object),
        ActivityKind::Like { object } | ActivityKind::EmojiReact { object } if door.site.at.is_local(object) => {
            let by = known_actor(tx, &inner.actor)?;
            heard(door, tx, &by, inner.id.as_ref(), object)
        }
        _ => Ok(Outcome::Ignored("relaying this has no meaning here")),
    }
}

/// The group says that somebody takes something back.
fn undone(door: &Door<'_>, tx: &mut Tx<'_>, inner: &InboxActivity, what: &Reference) -> Result<Outcome> {
    let Some(undone) = what.activity.as_deref() else { return moderation::announced(door, tx, inner) };
    if undone.actor != inner.actor {
        return Err(ActionError::NotBelieved("it undoes what another actor did"));
    }
    match &undone.kind {
        ActivityKind::Delete { object, .. } if posts::is_authors_own(tx, object, &inner.actor)? => {
            posts::relayed_restore(door, tx, object, door.signer)
        }
        ActivityKind::Like { object } | ActivityKind::EmojiReact { object } => {
            let by = known_actor(tx, &inner.actor)?;
            reaction::received_undo(tx, &by, None, Some(object)).map(|_| Outcome::Done)
        }
        _ => moderation::announced(door, tx, inner),
    }
}

/// Asks the server of an actor that is said to have changed, if it is of the group's own server.
fn changed_actor(door: &Door<'_>, id: &Url) -> Result<Outcome> {
    if id.origin() != door.signer.ap_id.url().origin() {
        return Ok(Outcome::Ignored("it is about an actor of another server"));
    }
    if door.evidence.refreshed.contains(id) {
        Ok(Outcome::Done)
    } else {
        Err(ActionError::Needs(Missing::Actor(id.clone())))
    }
}

/// The document as its own server says it: the one that came, if it is of the group's server; else what was fetched.
fn own_word<'a>(door: &'a Door<'_>, inner: &InboxActivity, came: &'a Document, id: &Url) -> Result<&'a Document> {
    let group = door.signer.ap_id.url().origin();
    if id.origin() == group && inner.actor.origin() == group {
        return Ok(came);
    }
    if door.proven.is_own_word(inner, came) {
        return Ok(came);
    }
    if door.site.at.is_local(id) {
        return Err(ActionError::NotBelieved("it claims to be from here"));
    }
    if door.evidence.is_gone(id) {
        return Err(ActionError::NotBelieved("it is not there where it was written"));
    }
    door.evidence.object(id).ok_or_else(|| ActionError::Needs(Missing::Object(id.clone())))
}

fn addressed_or(door: &Door<'_>, tx: &mut Tx<'_>, inner: &InboxActivity, came: &Document, id: &Url) -> Result<Outcome> {
    match own_word(door, inner, came, id)? {
        Document::Event(event) => meetups::relayed(door, tx, event, door.signer),
        _ => Ok(Outcome::Ignored("it turned out to be something else")),
    }
}

/// A meetup that is embedded: Mobilizon tells of changes so. What is not newer than what is here is not fetched again.
fn renewed(door: &Door<'_>, tx: &mut Tx<'_>, event: &EventDocument) -> Result<Outcome> {
    let known = hearth_db::tables::events::by_ap_id(tx, event.id.as_str())?;
    let newer = |known: &Event| {
        let before = known.edited_at.unwrap_or(known.published_at).utc();
        event.updated.is_some_and(|at| at > before)
    };
    if !known.as_ref().is_some_and(newer) {
        return addressed(door, tx, &event.id);
    }
    match door.evidence.object(&event.id) {
        Some(Document::Event(event)) => meetups::relayed(door, tx, event, door.signer),
        Some(_) => Ok(Outcome::Ignored("it turned out to be something else")),
        None if door.evidence.is_gone(&event.id) => Ok(Outcome::Ignored("it is gone")),
        None => Err(ActionError::Needs(Missing::Object(event.id.clone()))),
    }
}

/// Something that is only named: it is fetched from its own address.
fn addressed(door: &Door<'_>, tx: &mut Tx<'_>, id: &Url) -> Result<Outcome> {
    use hearth_db::tables::{events, posts as post_rows};
    let known = post_rows::by_ap_id(tx, id.as_str())?.is_some() || events::by_ap_id(tx, id.as_str())?.is_some();
    if known || door.site.at.is_local(id) {
        return Ok(Outcome::SeenBefore);
    }
    if door.evidence.is_gone(id) {
        return Ok(Outcome::Ignored("it is gone"));
    }
    match door.evidence.object(id) {
        Some(Document::Post(post)) => posts::relayed(door, tx, post, door.signer),
        Some(Document::Event(event)) => meetups::relayed(door, tx, event, door.signer),
        _ => Err(ActionError::Needs(Missing::Object(id.clone()))),
    }
}
