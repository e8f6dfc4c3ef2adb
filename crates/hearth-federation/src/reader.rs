//! Who asks: the actor whose valid signature a GET or HEAD carries (profile 6.8, 7.4).
//!
//! A GET names no actor, only a key: the owner is the key's id without its fragment, or without a last `main-key`
//! (GoToSocial), or whom the document at the key's own address names. Either way the owner must list the key itself.
//! What is remembered, fetched and refused is what `signer` does for inboxes, with the same limits; that a request can
//! be repeated within its window changes nothing, since reading has no effect.
//!
//! Both who may read at all (`authorized`) and who may read more (`asker`) is answered by it; a request is looked at once.
//!
//! Must never: be asked about what everybody may read (verifying costs a fetch), or for the server's own actor (others
//! fetch it to check the very signature we made).

use crate::{
    Federation, FederationError,
    fetch::FetchProblem,
    gate::{self, GateRules, RequestHead},
    inbox::fields,
    ready::Ready,
    signer::{Known, Unsigned},
};
use actix_web::{HttpMessage, HttpRequest};
use hearth_activitypub::Document;
use hearth_db::tables::actors::Actor;
use hearth_domain::address::host_of;
use std::sync::Arc;
use url::Url;

/// The last part of a key's address in place of a fragment.
const MAIN_KEY: &str = "/main-key";

/// Who signed, kept with the request.
struct Reader(Actor);

impl Federation {
    /// The actor of another server that signed a request to read; `None` when nobody did.
    ///
    /// # Errors
    /// [`Unsigned`] when there is a signature that does not hold, whose key can't be had, or whose server is blocked.
    pub(crate) async fn signed_reader(&self, request: &HttpRequest) -> Result<Option<Actor>, Unsigned> {
        if !request.headers().contains_key("signature") {
            return Ok(None);
        }
        if let Some(Reader(actor)) = request.extensions().get::<Reader>() {
            return Ok(Some(actor.clone()));
        }
        let ready = self.ready().await?;
        let rules = GateRules::new(ready.policy.clone(), self.now());
        let target = request.head().uri.to_string();
        let fields = fields(request.headers());
        let head = RequestHead { method: request.method().as_str(), path_and_query: &target, headers: &fields };
        let signed = Arc::new(gate::read_get(&head, &rules).map_err(Unsigned::Refused)?);
        let owner = match owner_by_form(&signed.key_id) {
            Some(owner) => owner,
            None => self.owner_by_document(ready, &signed.key_id).await?,
        };
        let (door, asked, id) = (self.clone(), signed.clone(), owner.clone());
        let known = self.blocking(move |app| {
            let ready = door.0.ready.get().ok_or(FederationError::NotSetUp)?;
            Ok::<_, FederationError>(door.known_signer(app, ready, &asked, &id))
        });
        let actor = match known.await?? {
            Known::Blocked => return Err(Unsigned::Forbidden),
            Known::Signed(actor) => actor,
            Known::Nobody => self.unknown_signer(ready, &signed, &owner).await?,
            Known::OtherKey(actor) => self.renewed_signer(ready, &signed, actor, false).await?,
        };
        request.extensions_mut().insert(Reader(actor.clone()));
        Ok(Some(actor))
    }

    /// The owner of a key that has an address of its own.
    async fn owner_by_document(&self, ready: &Ready, key: &Url) -> Result<Url, Unsigned> {
        self.may_ask_for_key(key)?;
        let data = ready.library.to_request_data();
        match self.fetch_document(key, &host_of(key), &data).await {
            Ok(Document::Actor(actor)) => Ok(actor.id),
            Ok(Document::Key(document)) => {
                document.key.owner.ok_or_else(|| self.unavailable(key, FetchProblem::Unreadable))
            }
            Ok(_) => Err(self.unavailable(key, FetchProblem::Unreadable)),
            Err(problem) => Err(self.unavailable(key, problem)),
        }
    }
}

/// The actor that a key's id tells by its form.
fn owner_by_form(key: &Url) -> Option<Url> {
    let mut owner = key.clone();
    if key.fragment().is_some() {
        owner.set_fragment(None);
        return Some(owner);
    }
    let path = key.path().strip_suffix(MAIN_KEY).filter(|path| !path.is_empty())?;
    owner.set_path(path);
    Some(owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_by_the_form_of_its_key() {
        let check = |key: &str, expected: Option<&str>| {
            let owner = owner_by_form(&Url::parse(key).unwrap());
            assert_eq!(owner.as_ref().map(Url::as_str), expected, "{key}");
        };
        check("https://elm.test/u/kim#main-key", Some("https://elm.test/u/kim"));
        check("https://elm.test/?author=1#main-key", Some("https://elm.test/?author=1"));
        check("https://elm.test/u/kim/main-key", Some("https://elm.test/u/kim"));
        check("https://elm.test/u/kim/main-key#x", Some("https://elm.test/u/kim/main-key"));
        check("https://elm.test/main-key", None);
        check("https://elm.test/keys/7", None);
    }
}
