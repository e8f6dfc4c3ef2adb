//! The checked client as `activitypub_federation` wants it, so that `ObjectId::dereference` fetches through it.
//!
//! Found in the library's source (0.7.0-beta.14; read again before changing the pin):
//!
//! * `FederationConfig::verify_url_valid` runs before each fetch. URLs of `domain` pass at once. All others must be
//!   https (http with `allow_http_urls`), have a name of `[a-zA-Z0-9.-]`, and, **only while `debug` is false**, no
//!   port and a name that the *system's* resolver resolves to public addresses. `https://elm.test` does not resolve,
//!   so in the development network every fetch would fail with `DomainResolveError`. Then `url_verifier` is asked.
//! * Hence `debug` is switched on exactly when there are development peers. What it loosens (http, ports, that
//!   look-up) our own [`RemotePolicy`] refuses again as `url_verifier` and in the client; what else it changes is not
//!   used here: WebFinger over http, the synchronous queue, `Data::is_valid_ip`. In production it stays off.
//! * Of an answer `fetch_object_http` uses: `Location` **on any status** (it follows one by itself), 410 (becomes
//!   `ObjectDeleted`), `url()` (must equal the document's `id`, else one refetch of `id` on the same domain),
//!   `Content-Type` (three spellings compared as text) and at most 1 MiB of body. **No other status is looked at**:
//!   a 404 with JSON would be parsed. So this middleware hands over finished answers only: 200 or 410, no
//!   `Location`, the type in the library's spelling, the real name as URL. All else is an error.
//! * It logs each URL it fetches at INFO (`tracing`, target `activitypub_federation`), and its errors print URLs and
//!   bodies: the log filter must keep that target off, and its errors must not be formatted.
//! * `signed_fetch_actor` stays unset: this middleware signs with the instance key.
//!
//! Must never: call the next middleware or the inner client; everything goes through [`CheckedClient`].

use std::sync::Arc;

use activitypub_federation::{
    config::{FederationConfigBuilder, UrlVerifier},
    error::Error as LibraryError,
};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Extensions, Method, StatusCode, header::CONTENT_TYPE};
use reqwest::ResponseBuilderExt;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};
use url::Url;

use super::{CheckedClient, FetchBudget, FetchError};
use crate::{origin::RemotePolicy, signing::ACTIVITY_JSON};

/// Tells the time of a request the library makes by itself.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

impl CheckedClient {
    /// Sets everything about fetching in the library's configuration: client, verifier, limits, development mode.
    /// The caller adds `domain` (our host, with its port if it has one) and `app_data`, and builds.
    pub fn configure_library<'a, T: Clone>(
        &self,
        builder: &'a mut FederationConfigBuilder<T>,
        clock: Clock,
    ) -> &'a mut FederationConfigBuilder<T> {
        let dev = !self.remote().dev_peers().is_empty();
        builder
            .client(self.library_client(clock))
            .debug(dev)
            .allow_http_urls(dev)
            .url_verifier(Box::new(Verifier(self.remote().clone())))
            .http_fetch_limit(FetchBudget::PER_ACTIVITY)
            .request_timeout(self.0.config.fetch_timeout)
    }

    /// This client in the form the library takes. It only ever GETs ActivityPub documents.
    pub fn library_client(&self, clock: Clock) -> ClientWithMiddleware {
        ClientBuilder::new(self.0.public.clone()).with(Fetching { client: self.clone(), clock }).build()
    }
}

/// The [`FetchError`] inside an error of the library, where it came from this client.
pub fn fetch_error(error: &LibraryError) -> Option<FetchError> {
    match error {
        LibraryError::ObjectDeleted(_) => Some(FetchError::Gone),
        LibraryError::ReqwestMiddleware(reqwest_middleware::Error::Middleware(inner)) => {
            inner.downcast_ref::<FetchError>().copied()
        }
        _ => None,
    }
}

struct Fetching {
    client: CheckedClient,
    clock: Clock,
}

#[async_trait::async_trait]
impl Middleware for Fetching {
    async fn handle(
        &self,
        request: reqwest::Request,
        _: &mut Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        if request.method() != Method::GET {
            return Err(reqwest_middleware::Error::middleware(FetchError::Unsupported));
        }
        let key = self.client.instance_key();
        let answer = match self.client.get_activity(request.url(), key.as_ref(), (self.clock)()).await {
            Ok(fetched) => answer(StatusCode::OK, fetched.final_url, fetched.bytes),
            Err(FetchError::Gone) => answer(StatusCode::GONE, request.url().clone(), Bytes::new()),
            Err(error) => Err(error),
        };
        answer.map_err(reqwest_middleware::Error::middleware)
    }
}

fn answer(status: StatusCode, url: Url, body: Bytes) -> Result<reqwest::Response, FetchError> {
    http::Response::builder()
        .status(status)
        .header(CONTENT_TYPE, ACTIVITY_JSON)
        .url(url)
        .body(body)
        .map(reqwest::Response::from)
        .map_err(|_| FetchError::Unsupported)
}

/// The address policy in the form the library takes.
#[derive(Clone)]
struct Verifier(RemotePolicy);

#[async_trait::async_trait]
impl UrlVerifier for Verifier {
    async fn verify(&self, url: &Url) -> Result<(), LibraryError> {
        self.0.check(url).map_err(|_| LibraryError::UrlVerificationError("the address is not acceptable"))
    }
}
