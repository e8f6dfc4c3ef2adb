//! Fetching actors, posts and meetups, within the limits of what one sender may cause.
//!
//! Must never: fetch from a blocked server, or more than [`FetchBudget::PER_ACTIVITY`] documents for one activity.
//!
//! [`FetchBudget::PER_ACTIVITY`]: crate::client::FetchBudget::PER_ACTIVITY

use crate::{
    Federation, FederationError,
    actor::{RawDocument, RemoteActor},
    client::{self, FetchError, Trouble},
    origin::{OriginError, RemotePolicy},
    ready::Ready,
};
use activitypub_federation::{
    config::Data,
    error::Error as LibraryError,
    fetch::{fetch_object_http, object_id::ObjectId},
};
use hearth_actions::{ActionError, App};
use hearth_activitypub::{
    Document, ReadOptions,
    inbound::{self, CollectionDocument},
};
use hearth_db::tables::hosts;
use hearth_domain::address::host_of;
use url::Url;

/// What the library hands to our implementations of its traits.
#[derive(Clone)]
pub(crate) struct Shared {
    pub app: App,
    pub options: ReadOptions,
    pub policy: RemotePolicy,
}

/// Why something could not be had. Carries no address and no text.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchProblem {
    /// The request failed.
    #[error(transparent)]
    Fetch(FetchError),
    /// Its server is blocked here.
    #[error("its server is blocked here")]
    Blocked,
    /// This activity caused too many fetches.
    #[error("too many fetches for one activity")]
    Budget,
    /// Too many fetches in this minute.
    #[error("too many fetches in this minute")]
    Busy,
    /// The document cannot be read, or is not what its address says.
    #[error("the document is not usable")]
    Unreadable,
    /// The document breaks the rules for actors.
    #[error("the actor is not believed")]
    NotBelieved,
    /// Something failed here.
    #[error(transparent)]
    Here(FederationError),
}

impl FetchProblem {
    /// Whether it may go better later.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Fetch(error) => error.is_temporary(),
            Self::Busy | Self::Here(_) => true,
            Self::Blocked | Self::Budget | Self::Unreadable | Self::NotBelieved => false,
        }
    }

    /// Whether its server says that there is nothing, or nothing any more.
    pub(crate) const fn is_absence(&self) -> bool {
        matches!(self, Self::Fetch(FetchError::NotFound | FetchError::Gone))
    }

    /// A stable word for a log or a queue row.
    pub(crate) fn class(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.class(),
            Self::Blocked => "blocked",
            Self::Budget => "budget",
            Self::Busy => "busy",
            Self::Unreadable => "unreadable",
            Self::NotBelieved => "not_believed",
            Self::Here(error) => error.class(),
        }
    }
}

impl From<FederationError> for FetchProblem {
    fn from(error: FederationError) -> Self {
        Self::Here(error)
    }
}

impl From<LibraryError> for FetchProblem {
    fn from(error: LibraryError) -> Self {
        if let Some(error) = client::fetch_error(&error) {
            return Self::Fetch(error);
        }
        match error {
            LibraryError::RequestLimit => Self::Budget,
            LibraryError::ResponseBodyLimit => Self::Fetch(FetchError::TooLarge),
            LibraryError::UrlVerificationError(_) => Self::Fetch(FetchError::Address(OriginError::Name)),
            // The library looks names up once more, before our client does.
            LibraryError::DomainResolveError(_) => Self::Fetch(FetchError::Trouble(Trouble::Dns)),
            LibraryError::ResolveInternalIpError(..) => Self::Fetch(FetchError::Trouble(Trouble::PrivateAddress)),
            LibraryError::FetchInvalidContentType(_) => Self::Fetch(FetchError::WrongType),
            LibraryError::ReqwestMiddleware(_) | LibraryError::Reqwest(_) => {
                Self::Fetch(FetchError::Trouble(Trouble::Broken))
            }
            _ => Self::Unreadable,
        }
    }
}

impl Federation {
    /// Asks an actor's own server about it, and writes down what it says. `for_host` is who caused it.
    pub(crate) async fn fetch_actor(
        &self,
        id: &Url,
        for_host: &str,
        data: &Data<Shared>,
    ) -> Result<RemoteActor, FetchProblem> {
        self.may_fetch(id, for_host, data).await?;
        self.metrics().fetched(ObjectId::<RemoteActor>::from(id.clone()).dereference_forced(data).await)
    }

    /// Fetches a document of whatever kind from where it lives. Its `id` is the address it was found at.
    pub(crate) async fn fetch_document(
        &self,
        id: &Url,
        for_host: &str,
        data: &Data<Shared>,
    ) -> Result<Document, FetchProblem> {
        self.may_fetch(id, for_host, data).await?;
        let found = Box::pin(fetch_object_http::<_, RawDocument>(id, data)).await;
        let found = self.metrics().fetched(found.map_err(Into::into))?;
        let document = found.object.into_document(data.options)?;
        let own_id = match &document {
            Document::Actor(actor) => Some(&actor.id),
            Document::Post(post) => Some(&post.id),
            Document::Event(event) => Some(&event.id),
            Document::Collection(collection) => collection.id.as_ref(),
            Document::Key(document) => Some(&document.key.id),
            Document::Tombstone(_) => return Ok(document),
            _ => None,
        };
        if own_id == Some(&found.url) { Ok(document) } else { Err(FetchProblem::Unreadable) }
    }

    /// Fetches a collection or a page of one. Its own id decides nothing: it is only a list.
    pub(crate) async fn fetch_collection(
        &self,
        url: &Url,
        for_host: &str,
        ready: &Ready,
        data: &Data<Shared>,
    ) -> Result<Box<CollectionDocument>, FetchProblem> {
        self.may_fetch(url, for_host, data).await?;
        let key = ready.client.instance_key();
        let found = ready.client.get_activity(url, key.as_ref(), self.now()).await;
        let found = self.metrics().fetched(found.map_err(FetchProblem::Fetch))?;
        match inbound::read_document(&found.bytes, ready.options) {
            Ok(Document::Collection(collection)) => Ok(collection),
            _ => Err(FetchProblem::Unreadable),
        }
    }

    async fn may_fetch(&self, id: &Url, for_host: &str, data: &Data<Shared>) -> Result<(), FetchProblem> {
        data.policy.check(id).map_err(|error| FetchProblem::Fetch(FetchError::Address(error)))?;
        let host = host_of(id);
        let blocked = self.blocking(move |app| {
            app.db.read(|c| Ok::<_, ActionError>(hosts::get(c, &host)?.is_some_and(|row| row.blocked)))
        });
        if blocked.await? {
            return Err(FetchProblem::Blocked);
        }
        self.0.fetches.take(for_host, self.now()).map_err(|_| FetchProblem::Busy)
    }
}
