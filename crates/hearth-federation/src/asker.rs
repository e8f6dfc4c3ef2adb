//! Who reads. A server that signs its GET may be shown what is kept among the members of a group, if one of them lives
//! there (profile 7.4); everybody else reads what anybody may read.
//!
//! A signature is looked at only where it could give more than is there for anybody: for what is not there at all just
//! as for what is hidden, so that neither the answer nor its time tells the two apart (threats PR-05). What is wrong
//! with a signature is never said; it simply gives nothing.

use crate::{
    Federation, FederationError,
    client::FetchError,
    fetch::FetchProblem,
    gate::{self, GateRules, RequestHead, SignedRequest},
    ready::Ready,
    signer::Unsigned,
};
use actix_web::{FromRequest, HttpRequest, dev::Payload};
use hearth_actions::{ActionError, documents, recipients, site};
use hearth_db::{
    DbConn,
    tables::actors::{self, Actor},
};
use hearth_domain::{audience::ServerFacts, id::ActorId};
use std::{
    future::{Ready as Now, ready},
    sync::Arc,
};
use url::Url;

/// A request as far as its signature goes; nothing where it carries none.
pub(crate) struct Asker(Option<Head>);

struct Head {
    method: String,
    target: String,
    fields: Vec<(String, Vec<u8>)>,
}

impl FromRequest for Asker {
    type Error = actix_web::Error;
    type Future = Now<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let signed = request.headers().contains_key("signature");
        let fields = || request.headers().iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()));
        ready(Ok(Self(signed.then(|| Head {
            method: request.method().to_string(),
            target: request.head().uri.to_string(),
            fields: fields().collect(),
        }))))
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
    /// Who asks, if the signature is good.
    pub(crate) async fn asker(&self, asker: &Asker) -> Option<By> {
        let head = asker.0.as_ref()?;
        let ready = self.ready().await.ok()?;
        let rules = GateRules::new(ready.policy.clone(), self.now());
        let fields: Vec<(&str, &[u8])> = head.fields.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
        let head = RequestHead { method: &head.method, path_and_query: &head.target, headers: &fields };
        let found = match gate::read_get(&head, &rules) {
            Ok(signed) => self.owner(ready, signed).await,
            Err(refusal) => Err(Unsigned::Refused(refusal)),
        };
        match found {
            Ok(actor) => {
                Some(By { host: Some(actor.host.clone()), actor: Some(actor.ap_id.url().clone()), vouched: None })
            }
            // Whatever is wrong with it, it gives nothing.
            Err(_) => None,
        }
    }

    async fn owner(&self, ready: &Ready, signed: SignedRequest) -> Result<Actor, Unsigned> {
        let id = owner_of(&signed.key_id);
        if ready.policy.is_own(&id) {
            return Err(Unsigned::Forbidden);
        }
        let signed = Arc::new(signed);
        let (door, request, asked) = (self.clone(), signed.clone(), id.clone());
        let known = self.blocking(move |app| {
            let ready = door.0.ready.get().ok_or(FederationError::NotSetUp)?;
            Ok::<_, FederationError>(door.known_owner(app, ready, &request, &asked))
        });
        let known = known.await??;
        self.signed_by(ready, &signed, &id, false, known).await
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

/// The actor that a key is said to belong to: `{actor}#main-key`, or `{actor}/main-key` (GoToSocial).
fn owner_of(key_id: &Url) -> Url {
    let mut id = key_id.clone();
    id.set_fragment(None);
    if key_id.fragment().is_none()
        && let Some(path) = key_id.path().strip_suffix("/main-key")
    {
        id.set_path(path);
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_key_it_is() {
        for (key, owner) in [
            ("https://elm.test/u/kim#main-key", "https://elm.test/u/kim"),
            ("https://elm.test/#main-key", "https://elm.test/"),
            ("https://gts.test/users/kim/main-key", "https://gts.test/users/kim"),
        ] {
            assert_eq!(owner_of(&Url::parse(key).unwrap()).as_str(), owner);
        }
    }
}
