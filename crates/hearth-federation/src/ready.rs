//! What can only be made once the server has a name and a key: the client and the library's configuration.
//!
//! Must never: sign a fetch with any key but the server's own (threats FO-19).

use crate::{
    Federation, FederationError,
    client::{CheckedClient, ClientConfig},
    fetch::Shared,
    origin::RemotePolicy,
    signing::SigningKey,
};
use activitypub_federation::config::FederationConfig;
use hearth_actions::{ActionError, Site, site};
use hearth_activitypub::ReadOptions;
use hearth_domain::address::host_of;
use std::sync::Arc;
use url::Url;

/// What needs the server's own name and key.
pub(crate) struct Ready {
    /// Makes every request.
    pub client: CheckedClient,
    /// The library, fetching through `client`.
    pub library: FederationConfig<Shared>,
    /// Which addresses may be asked.
    pub policy: RemotePolicy,
    /// How documents are read.
    pub options: ReadOptions,
}

impl Federation {
    /// The client and all that belongs to it.
    ///
    /// # Errors
    /// `NotSetUp` before the set-up; `Client`, `OwnIdentity` and database errors.
    pub(crate) async fn ready(&self) -> Result<&Ready, FederationError> {
        self.0.ready.get_or_try_init(|| self.make_ready()).await
    }

    async fn make_ready(&self) -> Result<Ready, FederationError> {
        let (origin, key) = self
            .blocking(|app| {
                let site = app.db.read(site)?;
                let key = own_key(&site)?;
                Ok::<_, FederationError>((site.at.server(), key))
            })
            .await?;
        let dev = self.0.settings.dev_peers.clone();
        let options = if dev.is_empty() { ReadOptions::default() } else { ReadOptions::dev() };
        let policy = RemotePolicy::new([host_of(&origin)], dev);
        let client = CheckedClient::new(ClientConfig {
            resolver: self.0.settings.resolver.clone(),
            sign_seconds: Some(self.0.metrics.signing().clone()),
            ..ClientConfig::new(&self.0.settings.user_agent, policy.clone())
        })?;
        client.set_instance_key(key);
        let shared = Shared { app: self.app().clone(), options, policy: policy.clone() };
        let clock = self.app().clock.clone();
        let mut builder = FederationConfig::builder();
        builder.domain(host_of(&origin)).app_data(shared);
        let library = client.configure_library(&mut builder, Arc::new(move || clock.now())).build().await;
        let library = library.map_err(|_| FederationError::OwnIdentity)?;
        Ok(Ready { client, library, policy, options })
    }
}

impl Federation {
    /// Takes over the server's own key where it was replaced meanwhile, here or on another node.
    pub(crate) async fn renew_own_key(&self, ready: &Ready) -> Result<(), FederationError> {
        let door = self.clone();
        let key = self.blocking(move |app| {
            let site = app.db.read(site)?;
            let pem = site.actor.private_key_pem.as_deref().ok_or(FederationError::from(ActionError::NotSetUp))?;
            let id = Url::parse(&site.actor.public_key_id).map_err(|_| FederationError::OwnIdentity)?;
            door.0.keys.get(&id, pem).map_err(|_| FederationError::OwnIdentity)
        });
        ready.client.set_instance_key(key.await?);
        Ok(())
    }
}

fn own_key(site: &Site) -> Result<SigningKey, FederationError> {
    let pem = site.actor.private_key_pem.as_deref().ok_or(FederationError::from(ActionError::NotSetUp))?;
    let id = Url::parse(&site.actor.public_key_id).map_err(|_| FederationError::OwnIdentity)?;
    SigningKey::from_pem(&id, pem).map_err(|_| FederationError::OwnIdentity)
}
