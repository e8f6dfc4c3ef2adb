//! Authorized fetch (profile 6.8): a keeper may ask that whoever reads what is public here signs the request, so that
//! blocked servers read nothing. Off unless a keeper turns it on.
//!
//! Unsigned readers get an actor reduced to what a signature is checked with, and 401 for everything else, whether it
//! exists or not. The server's own actor, WebFinger and NodeInfo stay open: without them no signature of ours could be
//! checked, and two servers that both ask would wait for each other.
//!
//! Must never: ask for a signature where everybody may read (it may cost a fetch), or show more to who signed than the
//! handler behind it would.

use crate::{
    Federation, answer,
    asker::{Asker, By},
    serve::{self, Reading},
    signer::Unsigned,
};
use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    web,
};
use hearth_actions::{ActionError, Site};
use hearth_db::{
    DbConn,
    tables::{actors::ActorKind, groups, server},
};
use hearth_domain::audience::Shown;

/// What unsigned readers are told.
const SIGN: &str = "This server only answers signed requests.";
/// What blocked servers are told.
const BLOCKED: &str = "This server has no answer for yours.";

/// Asks who reads, where the keeper wants to know.
pub(crate) async fn readers(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let door = request.app_data::<web::Data<Federation>>().cloned();
    let refused = match door {
        Some(door) => door.refused_reader(request.request()).await,
        None => None,
    };
    match refused {
        Some(answer) => Ok(request.into_response(answer)),
        None => next.call(request).await.map(ServiceResponse::map_into_boxed_body),
    }
}

impl Federation {
    /// What a reader gets in place of what was asked for; `None`: the thing itself.
    async fn refused_reader(&self, request: &HttpRequest) -> Option<HttpResponse> {
        if request.path() == "/" {
            return None;
        }
        let asks = self.blocking(|app| app.db.read(|c| Ok::<_, ActionError>(server::get(c)?)));
        match asks.await {
            Ok(row) if row.as_ref().is_some_and(|row| row.authorized_fetch) => {}
            Ok(_) => return None,
            Err(error) => return Some(self.broken(&error)),
        }
        match self.signed_reader(request).await {
            Ok(Some(_)) => None,
            Ok(None) | Err(Unsigned::Refused(_)) => Some(self.unsigned_answer(request.path()).await),
            Err(Unsigned::Forbidden) => {
                self.metrics().refused("forbidden_reader");
                Some(answer::refused(StatusCode::FORBIDDEN, BLOCKED))
            }
            Err(Unsigned::Nothing | Unsigned::Later) => Some(answer::unavailable(LATER)),
            Err(Unsigned::Broken(error)) => Some(self.broken(&error)),
        }
    }

    async fn unsigned_answer(&self, path: &str) -> HttpResponse {
        self.metrics().refused("unsigned_reader");
        let named = |prefix: &str| path.strip_prefix(prefix).filter(|name| !name.contains('/')).map(str::to_owned);
        match (named("/u/"), named("/g/")) {
            (Some(name), _) => {
                self.serve(Asker::default(), move |c, site, by| stub(c, site, by, &name, ActorKind::Person)).await
            }
            (_, Some(name)) => {
                self.serve(Asker::default(), move |c, site, by| stub(c, site, by, &name, ActorKind::Group)).await
            }
            _ => answer::unsigned(SIGN),
        }
    }
}

/// When somebody whose key could not be had should come again, in seconds.
const LATER: u32 = 300;

/// An actor as unsigned readers see it.
fn stub(c: &mut DbConn, site: &Site, by: &By, name: &str, kind: ActorKind) -> Reading {
    let actor = serve::local(c, name, kind)?;
    let shown = if kind == ActorKind::Group {
        let group = groups::by_id(c, actor.id)?.ok_or(ActionError::NotFound)?;
        serve::shown(c, by, &actor, &group)?
    } else if actor.on_network_since.is_some() {
        Shown::Full
    } else {
        Shown::Nothing
    };
    if shown == Shown::Nothing {
        return Err(ActionError::NotFound);
    }
    Ok(match serve::buried(&actor, kind.as_str()) {
        Some(gone) => gone,
        None if shown == Shown::Stub => serve::group_stub(site, &actor),
        None => serve::stub(site, &actor, kind.as_str(), None),
    })
}
