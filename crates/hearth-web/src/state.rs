//! What every handler is given: the actions, the way to the network, and the wake-up for deliveries.
//!
//! Handlers are asynchronous, actions block: [`WebState::run`] takes an action to a blocking thread. Must never hold
//! anything about one request.

use crate::protect::FormSecret;
use hearth_actions::{ActionError, App, health::Machine, network::Network};
use std::sync::Arc;

/// Shared by all handlers. Cheap to clone.
#[derive(Clone)]
pub struct WebState {
    /// The actions.
    pub app: App,
    /// Finds actors elsewhere.
    pub network: Arc<dyn Network>,
    /// Called after an action that may have put something into the delivery queue: it is sent at once.
    pub wake: Arc<dyn Fn() + Send + Sync>,
    /// How the machine and the program are doing, for the keeper's page.
    pub machine: Arc<dyn Fn() -> Machine + Send + Sync>,
    /// Places for files that come in.
    pub uploads: Arc<tokio::sync::Semaphore>,
    /// Makes and checks the tokens of forms.
    pub forms: FormSecret,
    /// Whether cookies may go over plain http under any name: in dev mode. Under a loopback name they always may, so
    /// that a keeper can look at the server on its own machine.
    pub plain_http: bool,
    /// Where the exact running source can be had (AGPL section 13).
    pub source_url: String,
}

impl WebState {
    /// Whether a request for this `Host` came over https: everything but loopback stands behind a proxy that speaks it.
    #[must_use]
    pub fn is_https(&self, host: &str) -> bool {
        let name = host.rsplit_once(':').map_or(host, |(name, port)| if port.ends_with(']') { host } else { name });
        !self.plain_http && !matches!(name, "localhost" | "127.0.0.1" | "[::1]")
    }

    /// Runs an action on a blocking thread.
    ///
    /// # Errors
    /// What the action returns; `NoKeys` when the program is shutting down.
    pub async fn run<T: Send + 'static>(
        &self,
        action: impl FnOnce(&App) -> Result<T, ActionError> + Send + 'static,
    ) -> Result<T, ActionError> {
        let app = self.app.clone();
        actix_web::web::block(move || action(&app)).await.unwrap_or(Err(ActionError::NoKeys))
    }

    /// Runs an action for which nobody waits, after the page is made. What it comes to shows the next time.
    pub fn later(&self, action: impl FnOnce(&App) -> Result<bool, ActionError> + Send + 'static) {
        let (app, wake) = (self.app.clone(), self.wake.clone());
        drop(actix_web::rt::task::spawn_blocking(move || {
            if matches!(action(&app), Ok(true)) {
                wake();
            }
        }));
    }

    /// Runs an action that changes something, and wakes the delivery of what it announced.
    ///
    /// # Errors
    /// As [`WebState::run`].
    pub async fn act<T: Send + 'static>(
        &self,
        action: impl FnOnce(&App) -> Result<T, ActionError> + Send + 'static,
    ) -> Result<T, ActionError> {
        let done = self.run(action).await;
        if done.is_ok() {
            (self.wake)();
        }
        done
    }
}
