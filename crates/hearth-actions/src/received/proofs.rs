//! Integrity proofs in what arrives (FEP-8b32, profile 6.5 b, 6.6). A good proof makes an activity inside an Announce
//! its own actor's word, without a fetch; a bad one spoils a delivery however well that is signed.
//!
//! Must never: count a proof by anybody but the actor of the activity, or fetch for one inside another activity (that
//! the ordinary way does, which needs no proof).

use crate::{ActionError, App, Result, error::Missing, keys, received::Evidence};
use hearth_activitypub::{
    Document, InboxActivity, ReadOptions,
    inbound::{ActivityKind, Announced},
    proof::Proof,
};
use hearth_db::tables::{
    actors::{self, Actor},
    proof_keys,
};
use url::Url;

/// The ids of the activities inside the received one whose proofs hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proven(Vec<Url>);

impl Proven {
    /// Whether this activity carries a good proof of its actor.
    pub(super) fn holds(&self, inner: &InboxActivity) -> bool {
        inner.id.as_ref().is_some_and(|id| self.0.contains(id))
    }

    /// Whether this document is the word of the proven actor: its own, of its own server (FEP-fe34).
    pub(super) fn is_own_word(&self, inner: &InboxActivity, document: &Document) -> bool {
        let (id, owner) = match document {
            Document::Post(post) => (&post.id, &post.attributed_to),
            Document::Event(event) => (&event.id, &event.attributed_to),
            _ => return false,
        };
        self.holds(inner) && owner.as_ref() == Some(&inner.actor) && id.origin() == inner.actor.origin()
    }
}

/// Addresses were checked when the activity was read.
const OPTIONS: ReadOptions = ReadOptions::dev();

/// Checks the proofs of an activity and of those it relays, before anything is written.
///
/// # Errors
/// `NotBelieved` for a bad proof of the activity itself, `Needs` when its key is not known.
pub(super) fn check(app: &App, signer: &Actor, activity: &InboxActivity, evidence: &Evidence) -> Result<Proven> {
    if !activity.raw.contains("\"proof\"") {
        return Ok(Proven::default());
    }
    own(app, signer, activity, evidence)?;
    let mut proven = Proven::default();
    if let ActivityKind::Announce { objects } = &activity.kind {
        for object in objects {
            if let Announced::Activity(inner) = object
                && let Some(id) = &inner.id
                && id.origin() == inner.actor.origin()
                && is_proven(app, inner)?
            {
                proven.0.push(id.clone());
            }
        }
    }
    Ok(proven)
}

/// The proof of the delivered activity itself.
fn own(app: &App, signer: &Actor, activity: &InboxActivity, evidence: &Evidence) -> Result<()> {
    let read = Proof::read(&activity.raw, app.clock.now(), OPTIONS);
    let Some(proof) = read.map_err(|_| ActionError::NotBelieved("its proof is bad"))? else { return Ok(()) };
    if proof.owner() != activity.actor {
        return Err(ActionError::NotBelieved("its proof is another actor's"));
    }
    let key = app.db.read(|c| proof_keys::of(c, signer.id))?;
    match key {
        Some(key) if keys::holds(&proof, &key) => Ok(()),
        Some(key) if key.key_id == proof.method.as_str() => Err(ActionError::NotBelieved("its proof does not hold")),
        _ if evidence.refreshed.contains(&activity.actor) => {
            Err(ActionError::NotBelieved("its proof is by a key that its actor does not list"))
        }
        _ => Err(ActionError::Needs(Missing::Actor(activity.actor.clone()))),
    }
}

/// Whether a relayed activity carries a good proof by a key that is known here.
fn is_proven(app: &App, inner: &InboxActivity) -> Result<bool> {
    let Ok(Some(proof)) = Proof::read(&inner.raw, app.clock.now(), OPTIONS) else { return Ok(false) };
    if proof.owner() != inner.actor {
        return Ok(false);
    }
    let key = app.db.read(|c| {
        let actor = actors::by_ap_id(c, inner.actor.as_str())?.filter(|a| !a.local && a.deleted_at.is_none());
        actor.map_or(Ok(None), |actor| proof_keys::of(c, actor.id))
    })?;
    Ok(key.is_some_and(|key| keys::holds(&proof, &key)))
}
