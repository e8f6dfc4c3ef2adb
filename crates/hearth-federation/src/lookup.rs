//! Finding somebody elsewhere, by handle or by link: the one thing the pages ask of the network.
//!
//! A handle is believed in both directions (threats FO-18): the server that was asked names the actor, and the actor's
//! own server confirms the name. What is shown is always the host of the actor's id.
//!
//! Must never: find what lives here but has no address on the network, or ask a blocked server.

use crate::{
    Federation,
    actor::{self, RemoteActor},
    client::FetchError,
    fetch::{FetchProblem, Shared},
    host::origin_of,
    ready::Ready,
    serve,
};
use activitypub_federation::config::Data;
use hearth_actions::{
    ActionError,
    network::{Finding, Network, NotFound},
    site,
};
use hearth_activitypub::{
    Document,
    inbound::{ActorDocument, EventDocument, PostDocument},
    persona::SERVER_NAME,
    webfinger::{self, Descriptor},
};
use hearth_db::tables::{
    actors::{self, ActorKind},
    hosts,
};
use hearth_domain::{
    address::{Handle, Lookup, canonical_host, host_of},
    id::ActorId,
};
use std::time::Duration;
use url::Url;

/// Somebody waits for the answer.
const PATIENCE: Duration = Duration::from_secs(10);

impl Network for Federation {
    fn find<'a>(&'a self, lookup: &'a Lookup) -> Finding<'a> {
        Box::pin(async move {
            tokio::time::timeout(PATIENCE, self.look_up(lookup)).await.unwrap_or(Err(NotFound::Unreachable))
        })
    }

    fn find_server<'a>(&'a self, host: &'a str) -> Finding<'a> {
        Box::pin(async move {
            tokio::time::timeout(PATIENCE, self.look_up_server(host)).await.unwrap_or(Err(NotFound::Unreachable))
        })
    }
}

impl From<FetchProblem> for NotFound {
    fn from(problem: FetchProblem) -> Self {
        match problem {
            FetchProblem::Fetch(FetchError::NotFound | FetchError::Gone) => Self::Unknown,
            FetchProblem::Fetch(FetchError::Address(_)) => Self::BadAddress,
            FetchProblem::Fetch(FetchError::Status(401 | 403)) => Self::Refused,
            problem if problem.is_temporary() => Self::Unreachable,
            _ => Self::Unusable,
        }
    }
}

impl From<FetchError> for NotFound {
    fn from(error: FetchError) -> Self {
        FetchProblem::Fetch(error).into()
    }
}

impl Federation {
    async fn look_up(&self, lookup: &Lookup) -> Result<ActorId, NotFound> {
        let ready = self.ready().await.map_err(|_| NotFound::Unreachable)?;
        let data = ready.library.to_request_data();
        match lookup {
            Lookup::Handle(handle) if ready.policy.own_hosts().contains(&handle.host) => {
                self.find_here(handle.name.clone()).await
            }
            Lookup::Handle(handle) => self.find_handle(ready, handle, &data).await,
            Lookup::Link(link) if ready.policy.is_own(link.url()) => self.find_own_link(link.url().clone()).await,
            Lookup::Link(link) => self.find_link(ready, link.url(), &data).await,
            Lookup::Words(_) => Err(NotFound::BadAddress),
        }
    }

    /// By what the server's NodeInfo names, or else as Mobilizon is found: as `relay` (profile 8.1).
    async fn look_up_server(&self, host: &str) -> Result<ActorId, NotFound> {
        let ready = self.ready().await.map_err(|_| NotFound::Unreachable)?;
        let data = ready.library.to_request_data();
        let host = canonical_host(host).ok_or(NotFound::BadAddress)?;
        if ready.policy.own_hosts().contains(&host) {
            return Err(NotFound::Unusable);
        }
        self.refuse_blocked(&host).await?;
        let found = match self.server_actor(ready, &host).await {
            Some(id) => self.fetch_actor(&id, &self.own_name(ready), &data).await?.row,
            None => {
                let relay = Handle { name: SERVER_NAME.to_owned(), host };
                let id = self.find_handle(ready, &relay, &data).await?;
                let row = self.blocking(move |app| app.db.read(|c| actors::by_id(c, id))).await;
                row.ok().flatten().ok_or(NotFound::Unusable)?
            }
        };
        if found.kind == ActorKind::Application { Ok(found.id) } else { Err(NotFound::Unusable) }
    }

    async fn find_here(&self, name: String) -> Result<ActorId, NotFound> {
        let found = self.blocking(move |app| {
            app.db.read(|c| {
                let actor = actors::local_by_name(c, &name)?.ok_or(ActionError::NotFound)?;
                if serve::is_on_network(c, &actor)? { Ok(actor.id) } else { Err(ActionError::NotFound) }
            })
        });
        found.await.map_err(|_| NotFound::Unknown)
    }

    async fn find_own_link(&self, link: Url) -> Result<ActorId, NotFound> {
        let name = self.blocking(move |app| {
            app.db.read(|c| {
                let site = site(c)?;
                let actor = actors::by_ap_id(c, link.as_str())?.filter(|actor| actor.local);
                Ok::<_, ActionError>(actor.filter(|actor| actor.id != site.actor.id).map(|actor| actor.name))
            })
        });
        match name.await {
            Ok(Some(name)) => self.find_here(name).await,
            _ => Err(NotFound::Unknown),
        }
    }

    async fn find_handle(&self, ready: &Ready, handle: &Handle, data: &Data<Shared>) -> Result<ActorId, NotFound> {
        let asked = self.web_finger(ready, &handle.name, &handle.host).await?;
        let id = asked.actor().ok_or(NotFound::Unusable)?;
        let (subject_name, subject_host) = asked.account().ok_or(NotFound::Unusable)?;
        // The server that was asked speaks for itself, or hands over to the server the actor lives on.
        if subject_host != handle.host && subject_host != host_of(id) {
            return Err(NotFound::Unusable);
        }
        let RemoteActor { row, document } = self.fetch_actor(id, &self.own_name(ready), data).await?;
        let name = document.as_deref().and_then(|document| document.preferred_username.clone());
        let name = name.ok_or(NotFound::Unusable)?;
        let confirmed = row.host == handle.host
            && subject_host == handle.host
            && subject_name.eq_ignore_ascii_case(&handle.name)
            && name.eq_ignore_ascii_case(&handle.name);
        if !confirmed {
            let own = self.web_finger(ready, &name, &row.host).await?;
            if own.actor() != Some(row.ap_id.url()) {
                return Err(NotFound::Unusable);
            }
        }
        Ok(row.id)
    }

    pub(crate) async fn web_finger(&self, ready: &Ready, name: &str, host: &str) -> Result<Descriptor, NotFound> {
        self.refuse_blocked(host).await?;
        let mut url = origin_of(&ready.policy, host).ok_or(NotFound::BadAddress)?;
        url.set_path("/.well-known/webfinger");
        url.query_pairs_mut().append_pair("resource", &format!("acct:{name}@{host}"));
        let found = ready.client.get_json(&url, self.now()).await?;
        webfinger::read(&found.bytes).map_err(|_| NotFound::Unusable)
    }

    async fn refuse_blocked(&self, host: &str) -> Result<(), NotFound> {
        let host = host.to_owned();
        let row = self.blocking(move |app| app.db.read(|c| hosts::get(c, &host))).await;
        match row {
            Ok(row) if row.as_ref().is_some_and(|row| row.blocked) => Err(NotFound::Unusable),
            Ok(_) => Ok(()),
            Err(_) => Err(NotFound::Unreachable),
        }
    }

    async fn find_link(&self, ready: &Ready, link: &Url, data: &Data<Shared>) -> Result<ActorId, NotFound> {
        let own = self.own_name(ready);
        match self.fetch_document(link, &own, data).await? {
            Document::Actor(document) => learned(ready, document, data).await,
            Document::Post(post) => self.first_group(ready, &of_post(&post), &own, data).await,
            Document::Event(event) => self.first_group(ready, &of_event(&event), &own, data).await,
            _ => Err(NotFound::Unusable),
        }
    }

    /// The first group among these actors, or else the last of them: the author.
    async fn first_group(
        &self,
        ready: &Ready,
        ids: &[Url],
        own: &str,
        data: &Data<Shared>,
    ) -> Result<ActorId, NotFound> {
        let mut found = Err(NotFound::Unusable);
        for id in ids {
            if ready.policy.is_own(id) {
                return self.find_own_link(id.clone()).await;
            }
            match self.fetch_actor(id, own, data).await {
                Ok(actor) if actor.row.kind == ActorKind::Group => return Ok(actor.row.id),
                Ok(actor) => found = Ok(actor.row.id),
                Err(problem) if found.is_err() => found = Err(problem.into()),
                Err(_) => {}
            }
        }
        found
    }

    /// Whoever types an address here causes fetches in this server's own name.
    fn own_name(&self, ready: &Ready) -> String {
        ready.policy.own_hosts().first().cloned().unwrap_or_default()
    }
}

async fn learned(ready: &Ready, document: Box<ActorDocument>, data: &Data<Shared>) -> Result<ActorId, NotFound> {
    ready.policy.check(&document.id).map_err(|_| NotFound::BadAddress)?;
    Ok(actor::learn(data, document).await?.row.id)
}

/// Who may be meant by a link to a post: its group, then its author.
fn of_post(post: &PostDocument) -> Vec<Url> {
    named([&post.audience, &post.attributed_group, &post.attributed_to])
}

fn of_event(event: &EventDocument) -> Vec<Url> {
    named([&event.audience, &event.attributed_to, &None])
}

fn named(ids: [&Option<Url>; 3]) -> Vec<Url> {
    let mut named: Vec<Url> = Vec::new();
    for id in ids.into_iter().flatten() {
        if !named.contains(id) {
            named.push(id.clone());
        }
    }
    named
}
