//! What other servers run, as their NodeInfo says, once a day (profile 2.7). It chooses between forms of the same
//! content, and decides nothing else.
//!
//! Must never: follow a NodeInfo link to another host (threats FO-07).

use crate::{
    Federation, FederationError,
    client::FetchError,
    origin::{RemotePolicy, same_origin},
    ready::Ready,
};
use chrono::TimeDelta;
use hearth_actions::remote;
use hearth_activitypub::nodeinfo::{self, Links, ServerInfo};
use hearth_db::tables::hosts;
use url::Url;

/// How many hosts are asked in one go.
const AT_ONCE: i64 = 8;

/// Why a server's NodeInfo could not be read.
#[derive(Debug)]
pub(crate) enum Unread {
    Fetch(FetchError),
    Unusable,
}

impl Unread {
    fn class(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.class(),
            Self::Unusable => "unusable",
        }
    }
}

impl From<FetchError> for Unread {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

impl From<hearth_activitypub::Refusal> for Unread {
    fn from(_: hearth_activitypub::Refusal) -> Self {
        Self::Unusable
    }
}

impl Federation {
    /// Asks up to eight servers that were not asked for a day what they run. Returns how many were asked. A server
    /// that does not answer is asked again the next day.
    ///
    /// # Errors
    /// Database errors.
    pub async fn refresh_hosts(&self) -> Result<usize, FederationError> {
        let ready = match self.ready().await {
            Ok(ready) => ready,
            Err(FederationError::NotSetUp) => return Ok(0),
            Err(error) => return Err(error),
        };
        self.renew_own_key(ready).await?;
        let before = self.now() - TimeDelta::days(1);
        let rows = self.blocking(move |app| app.db.read(|c| hosts::unchecked(c, before.into(), AT_ONCE))).await?;
        let own = ready.policy.own_hosts().to_vec();
        let strangers: Vec<String> = rows.into_iter().map(|row| row.host).filter(|host| !own.contains(host)).collect();
        let asked = strangers.iter().map(|host| self.ask_host(ready, host));
        let results: Vec<Result<(), FederationError>> = futures_util::future::join_all(asked).await;
        results.into_iter().collect::<Result<Vec<()>, _>>().map(|done| done.len())
    }

    /// Asks one server what it runs, because something depends on it now.
    pub(crate) async fn ask_host_now(&self, host: &str) -> Result<(), FederationError> {
        let ready = self.ready().await?;
        self.ask_host(ready, host).await
    }

    async fn ask_host(&self, ready: &Ready, host: &str) -> Result<(), FederationError> {
        let found = self.node_info(ready, host).await;
        if let Err(unread) = &found {
            tracing::debug!(host, class = unread.class(), "a server's NodeInfo could not be read");
        }
        let host = host.to_owned();
        self.blocking(move |app| {
            let software = found.as_ref().ok().map(|info| (info.software.name(), info.software.version()));
            remote::learn_software(app, &host, software)
        })
        .await
    }

    pub(crate) async fn node_info(&self, ready: &Ready, host: &str) -> Result<ServerInfo, Unread> {
        let origin = origin_of(&ready.policy, host).ok_or(Unread::Unusable)?;
        let links = self.node_info_links(ready, &origin).await?;
        let second = links.document.filter(|link| same_origin(link, &origin)).ok_or(Unread::Unusable)?;
        let document = ready.client.get_json(&second, self.now()).await?;
        Ok(nodeinfo::read(&document.bytes)?)
    }

    async fn node_info_links(&self, ready: &Ready, origin: &Url) -> Result<Links, Unread> {
        let mut first = origin.clone();
        first.set_path("/.well-known/nodeinfo");
        let links = ready.client.get_json(&first, self.now()).await?;
        Ok(nodeinfo::read_links(&links.bytes)?)
    }

    /// The actor by which a server speaks for itself, if its NodeInfo names one of its own (FEP-2677).
    pub(crate) async fn server_actor(&self, ready: &Ready, host: &str) -> Option<Url> {
        let origin = origin_of(&ready.policy, host)?;
        let links = self.node_info_links(ready, &origin).await.ok()?;
        links.application.filter(|actor| same_origin(actor, &origin))
    }
}

/// Where a server's own addresses begin: `https`, or what the development network names for it.
pub(crate) fn origin_of(policy: &RemotePolicy, host: &str) -> Option<Url> {
    ["https", "http"].into_iter().find_map(|scheme| {
        let url = Url::parse(&format!("{scheme}://{host}/")).ok()?;
        policy.check(&url).is_ok().then_some(url)
    })
}
