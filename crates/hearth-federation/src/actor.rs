//! Actors of other servers, as `activitypub_federation` fetches them.
//!
//! Where the library fits, and where not (read in its source, 0.7.0-beta.14):
//!
//! * It fits for **fetching**: `ObjectId<RemoteActor>` is the typed id of an actor, `dereference_forced` asks its own
//!   server through our checked client, `Data` counts the fetches of one activity, and its rule "`id` is the final
//!   address, else one more fetch of that `id` on the same domain" is ours too. Posts and meetups come the same way
//!   (`fetch_object_http`), without an `Object` of their own: they are evidence, and only an action stores them.
//! * It does not fit for **reading**: it deserialises with serde, which takes the last of two equal keys. So the
//!   document travels through it as its exact text ([`RawDocument`]), and `hearth_activitypub::inbound` parses that
//!   text once, strictly; nothing else is ever believed.
//! * It does not fit for **caching**: `dereference` compares an actor's age with the system's clock, and with 20 s in
//!   debug builds. When an actor is fetched is decided in `signer` and `incoming`, by our clock.
//! * Its `receive_activity`, `SendActivityTask` and queue are not used at all (threats L1 to L9).

use crate::{
    FederationError,
    fetch::{FetchProblem, Shared},
};
use activitypub_federation::{
    config::Data,
    protocol::verification::verify_domains_match,
    traits::{Actor as LibraryActor, Object},
};
use chrono::{DateTime, Utc};
use hearth_actions::{ActionError, remote};
use hearth_activitypub::{
    Document, ReadOptions,
    inbound::{self, ActorDocument},
};
use hearth_db::{
    Time,
    tables::actors::{self, Actor},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{fmt, sync::OnceLock};
use url::Url;

/// A fetched document as its exact text, read at most once.
#[derive(Deserialize)]
#[serde(from = "Box<RawValue>")]
pub(crate) struct RawDocument {
    text: Box<RawValue>,
    read: OnceLock<Result<Document, inbound::Refusal>>,
}

impl From<Box<RawValue>> for RawDocument {
    fn from(text: Box<RawValue>) -> Self {
        Self { text, read: OnceLock::new() }
    }
}

impl RawDocument {
    fn read(&self, options: ReadOptions) -> &Result<Document, inbound::Refusal> {
        self.read.get_or_init(|| inbound::read_document(self.text.get().as_bytes(), options))
    }

    /// The document.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn into_document(self, options: ReadOptions) -> Result<Document, FetchProblem> {
        self.read(options);
        match self.read.into_inner() {
            Some(Ok(document)) => Ok(document),
            _ => Err(FetchProblem::Unreadable),
        }
    }
}

/// An actor of another server: its row, and what its server said when it was fetched just now.
pub(crate) struct RemoteActor {
    /// What is written down about it.
    pub row: Actor,
    /// Its document; `None` when it was only read from the database.
    pub document: Option<Box<ActorDocument>>,
}

impl fmt::Debug for RemoteActor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteActor({:?})", self.row.id)
    }
}

#[async_trait::async_trait]
impl Object for RemoteActor {
    type DataType = Shared;
    type Kind = RawDocument;
    type Error = FetchProblem;

    fn id(&self) -> &Url {
        self.row.ap_id.url()
    }

    fn last_refreshed_at(&self) -> Option<DateTime<Utc>> {
        self.row.fetched_at.map(Time::utc)
    }

    async fn read_from_id(id: Url, data: &Data<Shared>) -> Result<Option<Self>, FetchProblem> {
        let row = blocking(data, move |shared| {
            shared.app.db.read(|c| Ok::<_, ActionError>(actors::by_ap_id(c, id.as_str())?))
        });
        Ok(row.await?.filter(|row| !row.local).map(|row| Self { row, document: None }))
    }

    fn is_deleted(&self) -> bool {
        self.row.deleted_at.is_some()
    }

    /// Actors of other servers are never served from here.
    async fn into_json(self, _: &Data<Shared>) -> Result<RawDocument, FetchProblem> {
        Err(FetchProblem::Unreadable)
    }

    async fn verify(json: &RawDocument, found_at: &Url, data: &Data<Shared>) -> Result<(), FetchProblem> {
        let Ok(Document::Actor(document)) = json.read(data.options) else { return Err(FetchProblem::Unreadable) };
        verify_domains_match(&document.id, found_at)?;
        let acceptable = document.id == *found_at && data.policy.check(&document.id).is_ok();
        if acceptable { Ok(()) } else { Err(FetchProblem::Unreadable) }
    }

    async fn from_json(json: RawDocument, data: &Data<Shared>) -> Result<Self, FetchProblem> {
        let Document::Actor(document) = json.into_document(data.options)? else {
            return Err(FetchProblem::Unreadable);
        };
        learn(data, document).await
    }
}

impl LibraryActor for RemoteActor {
    fn public_key_pem(&self) -> &str {
        &self.row.public_key_pem
    }

    fn private_key_pem(&self) -> Option<String> {
        None
    }

    fn inbox(&self) -> Url {
        Url::parse(&self.row.inbox).unwrap_or_else(|_| self.row.ap_id.url().clone())
    }

    fn shared_inbox(&self) -> Option<Url> {
        self.row.shared_inbox.as_deref().and_then(|inbox| Url::parse(inbox).ok())
    }
}

/// Writes down what an actor's own server says about it.
pub(crate) async fn learn(data: &Data<Shared>, document: Box<ActorDocument>) -> Result<RemoteActor, FetchProblem> {
    blocking(data, move |shared| {
        remote::learn(&shared.app, &document).map(|row| RemoteActor { row, document: Some(document) })
    })
    .await
}

async fn blocking<T: Send + 'static>(
    data: &Data<Shared>,
    work: impl FnOnce(&Shared) -> Result<T, ActionError> + Send + 'static,
) -> Result<T, FetchProblem> {
    let shared = data.app_data().clone();
    match tokio::task::spawn_blocking(move || work(&shared)).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(ActionError::NotBelieved(_))) => Err(FetchProblem::NotBelieved),
        Ok(Err(error)) => Err(FetchProblem::Here(error.into())),
        Err(_) => Err(FetchProblem::Here(FederationError::BrokenOff)),
    }
}
