//! Whose signature is it? Finds the key of a well-formed request, and says whose it is once the signature holds.
//!
//! The owner of the key is the `actor` of the activity, exactly, and lists the key itself. A key is fetched only after
//! everything was checked that can be checked without it (threats L9), only from the actor's own address, and at most
//! once in five minutes for each actor, whether it was unknown or its known key does not fit (a rotated one).
//!
//! The key is the actor's RSA key, or its Ed25519 key of `assertionMethod` when the request names that one.
//!
//! Must never: take a key from an activity, or fetch for an actor that only says it is gone (AV-06).

use crate::{
    Federation, FederationError,
    actor::{self, RemoteActor},
    client::FetchError,
    fetch::{FetchProblem, Shared},
    gate::{Refusal, SignedRequest, key_belongs_to},
    metrics::Metrics,
    ready::Ready,
    signing::PublicKey,
};
use activitypub_federation::config::Data;
use hearth_actions::{ActionError, App, incident};
use hearth_activitypub::{
    Document, InboxActivity,
    inbound::{ActivityKind, ActorDocument, Received},
    multikey,
};
use hearth_db::tables::{
    actors::{self, Actor},
    hosts,
    incidents::IncidentKind,
    proof_keys,
};
use hearth_domain::address::host_of;
use std::sync::Arc;
use url::Url;

/// Why there is no signer.
#[derive(Debug)]
pub(crate) enum Unsigned {
    /// The gate's answer.
    Refused(Refusal),
    /// Its server is blocked here, or the rules forbid the address.
    Forbidden,
    /// Somebody nobody here knows says that they are gone or changed: nothing to do.
    Nothing,
    /// The key can't be had now.
    Later,
    /// Something failed here.
    Broken(FederationError),
}

impl From<FederationError> for Unsigned {
    fn from(error: FederationError) -> Self {
        Self::Broken(error)
    }
}

/// What is known without asking anybody.
pub(crate) enum Known {
    Blocked,
    Nobody,
    /// The signature is this actor's.
    Signed(Actor),
    /// The actor is known, but this is not the key it had.
    OtherKey(Actor),
}

impl Federation {
    /// What is known here of the actor `actor` that is said to have signed. Blocks.
    pub(crate) fn known_signer(
        &self,
        app: &App,
        ready: &Ready,
        request: &SignedRequest,
        actor: &Url,
    ) -> Result<Known, Unsigned> {
        ready.policy.check(actor).map_err(|_| Unsigned::Forbidden)?;
        if !key_belongs_to(&request.key_id, actor) {
            return Err(Unsigned::Refused(Refusal::ForeignKey));
        }
        app.db.read(|c| known(c, actor, request, self.metrics())).map_err(|error| Unsigned::Broken(error.into()))
    }

    /// The actor whose valid signature the request carries; its key is fetched where that is needed and allowed.
    pub(crate) async fn signer(
        &self,
        ready: &Ready,
        request: &Arc<SignedRequest>,
        activity: &InboxActivity,
        known: Known,
    ) -> Result<Actor, Unsigned> {
        let about_itself = is_about_itself(activity);
        match known {
            Known::Blocked => Err(Unsigned::Forbidden),
            Known::Signed(actor) => Ok(actor),
            Known::Nobody if about_itself => Err(Unsigned::Nothing),
            Known::Nobody => self.unknown_signer(ready, request, &activity.actor).await,
            Known::OtherKey(actor) => self.renewed_signer(ready, request, actor, erases_itself(activity)).await,
        }
    }

    /// Refuses to ask again so soon for what could not be had.
    pub(crate) fn may_ask_for_key(&self, id: &Url) -> Result<(), Unsigned> {
        let now = self.now();
        if self.0.failed.holds(id.as_str(), now) {
            return Err(Unsigned::Refused(Refusal::KeyUnavailable));
        }
        if self.0.failed.holds(&passing(id), now) { Err(Unsigned::Later) } else { Ok(()) }
    }

    /// Asks the server of an actor that is not known here.
    pub(crate) async fn unknown_signer(
        &self,
        ready: &Ready,
        request: &Arc<SignedRequest>,
        id: &Url,
    ) -> Result<Actor, Unsigned> {
        self.may_ask_for_key(id)?;
        let data = ready.library.to_request_data();
        match self.fetch_actor(id, &host_of(id), &data).await {
            Ok(fetched) => {
                // It is known from now on: the next request with another key is judged as a renewal.
                self.0.renewed.note(id.as_str(), self.now());
                self.checked(request, fetched, &data).await
            }
            Err(problem) => Err(self.unavailable(id, problem)),
        }
    }

    /// Asks again for the key of an actor whose known one does not fit.
    pub(crate) async fn renewed_signer(
        &self,
        ready: &Ready,
        request: &Arc<SignedRequest>,
        actor: Actor,
        erases_itself: bool,
    ) -> Result<Actor, Unsigned> {
        let id = actor.ap_id.url();
        if !self.0.renewed.note(id.as_str(), self.now()) {
            return Err(Unsigned::Refused(Refusal::WrongSignature));
        }
        let data = ready.library.to_request_data();
        let fetched = match erases_itself {
            true => self.fetch_unless_buried(id, &actor.host, &data).await,
            false => self.fetch_actor(id, &actor.host, &data).await.map(Some),
        };
        match fetched {
            Ok(Some(fetched)) => {
                let signer = self.checked(request, fetched, &data).await?;
                let renewed = move |app: &App| incident::record(app, IncidentKind::KeyFetched, Some(&actor.host), 1);
                self.blocking(renewed).await?;
                Ok(signer)
            }
            // Its key is gone with it: that its own server says so counts for more than the signature.
            Ok(None) => Ok(actor),
            Err(problem) => Err(self.unavailable(id, problem)),
        }
    }

    /// Asks again for an actor that is said to have erased itself. `None` when its server says that it was there and is
    /// gone, with 410 or a tombstone; that there is nothing (404) anybody can bring about by a wrong address.
    async fn fetch_unless_buried(
        &self,
        id: &Url,
        for_host: &str,
        data: &Data<Shared>,
    ) -> Result<Option<RemoteActor>, FetchProblem> {
        match self.fetch_document(id, for_host, data).await {
            Ok(Document::Actor(document)) => actor::learn(data, document).await.map(Some),
            Ok(Document::Tombstone(tombstone)) if tombstone.id == *id => Ok(None),
            Err(FetchProblem::Fetch(FetchError::Gone)) => Ok(None),
            Ok(_) => Err(FetchProblem::Unreadable),
            Err(problem) => Err(problem),
        }
    }

    /// Notes that a key could not be had, and says what to answer.
    pub(crate) fn unavailable(&self, id: &Url, problem: FetchProblem) -> Unsigned {
        tracing::debug!(host = host_of(id), class = problem.class(), "a key could not be fetched");
        if let FetchProblem::Here(error) = problem {
            return Unsigned::Broken(error);
        }
        if problem.is_temporary() {
            self.0.failed.note(&passing(id), self.now());
            Unsigned::Later
        } else {
            self.0.failed.note(id.as_str(), self.now());
            Unsigned::Refused(Refusal::KeyUnavailable)
        }
    }

    /// Checks the signature with the key the actor lists now.
    async fn checked(
        &self,
        request: &Arc<SignedRequest>,
        fetched: RemoteActor,
        data: &Data<Shared>,
    ) -> Result<Actor, Unsigned> {
        let RemoteActor { row, document } = fetched;
        let Some(document) = document else { return Err(Unsigned::Refused(Refusal::KeyUnavailable)) };
        let signed = request.clone();
        let metrics = self.metrics().clone();
        let document = self.blocking(move |_| Ok::<_, FederationError>(signed_by(&signed, document, &metrics))).await?;
        let document = document.map_err(Unsigned::Refused)?;
        if row.public_key_id == request.key_id.as_str() {
            return Ok(row);
        }
        // It has several keys; the one it signs with is the one to keep.
        match actor::learn(data, document).await {
            Ok(learned) => Ok(learned.row),
            Err(FetchProblem::Here(error)) => Err(Unsigned::Broken(error)),
            Err(_) => Err(Unsigned::Refused(Refusal::KeyUnavailable)),
        }
    }
}

/// How a passing failure is noted, beside the lasting ones.
fn passing(id: &Url) -> String {
    format!("later {id}")
}

fn known(
    c: &mut hearth_db::DbConn,
    id: &Url,
    request: &SignedRequest,
    metrics: &Metrics,
) -> Result<Known, ActionError> {
    if hosts::get(c, &host_of(id))?.is_some_and(|row| row.blocked) {
        return Ok(Known::Blocked);
    }
    let Some(actor) = actors::by_ap_id(c, id.as_str())?.filter(|a| !a.local && a.deleted_at.is_none()) else {
        return Ok(Known::Nobody);
    };
    let fits =
        known_key(c, &actor, &request.key_id)?.is_some_and(|key| metrics.verifying(|| request.verify(&key)).is_ok());
    Ok(if fits { Known::Signed(actor) } else { Known::OtherKey(actor) })
}

/// The key of this id that the actor is known to have.
fn known_key(c: &mut hearth_db::DbConn, actor: &Actor, id: &Url) -> Result<Option<PublicKey>, ActionError> {
    if actor.public_key_id == id.as_str() {
        return Ok(PublicKey::from_pem(&actor.public_key_pem).ok());
    }
    let proving = proof_keys::of(c, actor.id)?.filter(|key| key.key_id == id.as_str());
    Ok(proving.and_then(|key| ed25519(&key.public_multibase)))
}

fn ed25519(multibase: &str) -> Option<PublicKey> {
    multikey::decode(multibase).and_then(|raw| PublicKey::from_ed25519(&raw).ok())
}

/// The document with the key that was used in first place, if the actor lists it and the signature is its own.
fn signed_by(
    request: &SignedRequest,
    mut document: Box<ActorDocument>,
    metrics: &Metrics,
) -> Result<Box<ActorDocument>, Refusal> {
    let public = match rsa_first(request, &mut document) {
        Some(pem) => PublicKey::from_pem(&pem).ok(),
        None => multikey_first(request, &mut document).as_deref().map(ed25519).ok_or(Refusal::ForeignKey)?,
    };
    let public = public.ok_or(Refusal::KeyUnavailable)?;
    metrics.verifying(|| request.verify(&public)).map(|()| document)
}

/// Moves the RSA key that was used to the front.
fn rsa_first(request: &SignedRequest, document: &mut ActorDocument) -> Option<String> {
    let own = |owner: &Option<Url>| owner.as_ref().is_none_or(|owner| *owner == document.id);
    let place = document.public_keys.iter().position(|key| key.id == request.key_id && own(&key.owner))?;
    let key = document.public_keys.remove(place);
    let pem = key.pem.clone();
    document.public_keys.insert(0, key);
    Some(pem)
}

/// Moves the Ed25519 key that was used to the front.
fn multikey_first(request: &SignedRequest, document: &mut ActorDocument) -> Option<String> {
    let own = |owner: &Option<Url>| owner.as_ref().is_none_or(|owner| *owner == document.id);
    let place = document.multikeys.iter().position(|key| key.id == request.key_id && own(&key.controller))?;
    let key = document.multikeys.remove(place);
    let multibase = key.multibase.clone();
    document.multikeys.insert(0, key);
    Some(multibase)
}

/// A Delete of the actor by itself.
fn erases_itself(activity: &InboxActivity) -> bool {
    matches!(&activity.kind, ActivityKind::Delete { object, .. } if *object == activity.actor)
}

/// A Delete or Update of the actor by itself.
fn is_about_itself(activity: &InboxActivity) -> bool {
    match &activity.kind {
        ActivityKind::Delete { .. } => erases_itself(activity),
        ActivityKind::Update { object: Received::Id(id) } => *id == activity.actor,
        ActivityKind::Update { object: Received::Document(document) } => {
            matches!(document.as_ref(), Document::Actor(actor) if actor.id == activity.actor)
        }
        _ => false,
    }
}
