//! Who reads. A server that signs its GET may be shown what is kept among the members of a group, if one of them lives
//! there (profile 7.4); everybody else reads what anybody may read.
//!
//! A signature is looked at only where it could give more than is there for anybody: for what is not there at all just
//! as for what is hidden, so that neither the answer nor its time tells the two apart (threats PR-05). What is wrong
//! with a signature is never said; it simply gives nothing.

use crate::{Federation, client::FetchError, fetch::FetchProblem};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use hearth_actions::{ActionError, documents, recipients, site};
use hearth_db::{
    DbConn,
    tables::actors::{self, Actor},
};
use hearth_domain::{audience::ServerFacts, id::ActorId};
use std::future::{Ready as Now, ready};
use url::Url;

/// A request, for its signature; nothing for who is not to be asked for one.
#[derive(Clone, Default)]
pub(crate) struct Asker(Option<HttpRequest>);

impl FromRequest for Asker {
    type Error = actix_web::Error;
    type Future = Now<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(Some(request.clone()))))
    }
}

/// Who reads, as far as it was proved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct By {
    /// The server whose actor signed the request.
    host: Option<String>,
    /// The actor.
    actor: Option<Url>,
    /// A group elsewhere whose server says that members of it live on `host`.
    vouched: Option<ActorId>,
}

impl By {
    /// What is known of the reader's server with regard to a group; nothing of who did not sign.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) fn facts(&self, c: &mut DbConn, group: &Actor) -> Result<Option<ServerFacts>, ActionError> {
        let Some(host) = &self.host else { return Ok(None) };
        let known = recipients::facts(c, group.id, host)?;
        // A group's own server holds all of it, and it alone knows who its other members are.
        let vouched = !group.local && (self.vouched == Some(group.id) || *host == group.host);
        Ok(Some(ServerFacts { has_member: known.has_member || vouched, ..known }))
    }

    /// The reader's server, if it signed.
    pub(crate) fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// Whether the group's own server could vouch for the reader.
    pub(crate) fn may_be_vouched_for(&self, group: &Actor) -> bool {
        !group.local && self.host.is_some() && self.vouched.is_none()
    }
}

impl Federation {
    /// Who asks, if the signature is good. Whatever is wrong with it, it gives nothing.
    pub(crate) async fn asker(&self, asker: &Asker) -> Option<By> {
        let actor = self.signed_reader(asker.0.as_ref()?).await.ok()??;
        Some(By { host: Some(actor.host.clone()), actor: Some(actor.ap_id.url().clone()), vouched: None })
    }

    /// Asks the server of a group elsewhere whether it has members where the reader lives (profile 7.4).
    pub(crate) async fn vouched(&self, by: &By, group: ActorId) -> Option<By> {
        let (host, actor) = (by.host.clone()?, by.actor.clone()?);
        let ready = self.ready().await.ok()?;
        let address = self.blocking(move |app| {
            app.db.read(|c| {
                let group = actors::by_id(c, group)?.ok_or(ActionError::NotFound)?;
                Ok::<_, ActionError>(documents::followers(&site(c)?, &group))
            })
        });
        let mut address = address.await.ok()?;
        address.query_pairs_mut().append_pair("is_follower", actor.as_str());
        self.0.fetches.take(&host, self.now()).ok()?;
        let key = ready.client.instance_key();
        match ready.client.get_activity(&address, key.as_ref(), self.now()).await {
            // Whatever the answer holds: that it is not 404 is the answer.
            Ok(_) | Err(FetchError::WrongType) => Some(By { vouched: Some(group), ..by.clone() }),
            Err(error) => {
                tracing::debug!(host, class = FetchProblem::Fetch(error).class(), "nobody vouches for a reader");
                None
            }
        }
    }
}
