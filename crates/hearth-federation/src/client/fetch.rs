//! Fetching documents: signed ActivityPub objects, and the plain JSON of WebFinger and NodeInfo.
//!
//! Must never: sign with a person's key (threats FO-19), or return a document of another media type than asked for.

use std::collections::HashSet;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ACCEPT, CONTENT_TYPE, LOCATION},
};
use url::Url;

use super::{CheckedClient, SendError, Trouble, body};
use crate::{
    gate::media,
    origin::{OriginError, same_origin},
    signing::{RequestTarget, SigningError, SigningKey},
};

const ACCEPT_ACTIVITY: HeaderValue = HeaderValue::from_static(
    r#"application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams""#,
);
const ACCEPT_JSON: HeaderValue = HeaderValue::from_static("application/jrd+json, application/json");

/// A document another server served.
#[derive(Clone)]
pub struct Fetched {
    /// Where it was found after redirects, under its real name.
    pub final_url: Url,
    /// Its `Content-Type`, already checked.
    pub content_type: String,
    /// The document.
    pub bytes: Bytes,
}

impl std::fmt::Debug for Fetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fetched({} bytes)", self.bytes.len())
    }
}

/// Why a document could not be had. Carries no address and no text of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address, or one a redirect named, is not acceptable. Nothing was sent there.
    #[error("the address is not acceptable: {0}")]
    Address(OriginError),
    /// 404.
    #[error("there is no such thing on that server")]
    NotFound,
    /// 410: it was there and is gone for good.
    #[error("it was deleted on that server")]
    Gone,
    /// Another status than 2xx.
    #[error("the other server answered with status {0}")]
    Status(u16),
    /// Not the media type asked for.
    #[error("the other server answered with another kind of document")]
    WrongType,
    /// Larger than the limit.
    #[error("the answer is too large")]
    TooLarge,
    /// A redirect in a circle, too many, to plain http, or of a signed request to another host.
    #[error("the redirect is not acceptable")]
    Redirect,
    /// The request could not be signed.
    #[error("the request could not be signed")]
    Signing,
    /// The instance key is needed and not yet there, or the caller asked for something other than GET.
    #[error("the request cannot be made in this way")]
    Unsupported,
    /// Something on the way, worth another try.
    #[error("the other server could not be reached ({0})")]
    Trouble(Trouble),
}

impl FetchError {
    /// Whether it may go better later: network trouble, 401, 408, 425, 429 and 5xx but 501.
    pub fn is_temporary(self) -> bool {
        match self {
            Self::Trouble(_) => true,
            Self::Status(status) => matches!(status, 401 | 408 | 425 | 429 | 500 | 502..=599),
            _ => false,
        }
    }

    /// A stable word for a metric or log field.
    pub fn class(self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::NotFound => "not_found",
            Self::Gone => "gone",
            Self::Status(_) => "status",
            Self::WrongType => "wrong_type",
            Self::TooLarge => "too_large",
            Self::Redirect => "redirect",
            Self::Signing => "signing",
            Self::Unsupported => "unsupported",
            Self::Trouble(_) => "trouble",
        }
    }
}

impl From<SendError> for FetchError {
    fn from(error: SendError) -> Self {
        match error {
            SendError::Address(error) => Self::Address(error),
            SendError::Trouble(trouble) => Self::Trouble(trouble),
        }
    }
}

impl From<SigningError> for FetchError {
    fn from(_: SigningError) -> Self {
        Self::Signing
    }
}

/// One kind of fetch.
struct Ask<'a> {
    accept: HeaderValue,
    is_wanted: fn(&str) -> bool,
    limit: usize,
    signer: Option<&'a SigningKey>,
    now: DateTime<Utc>,
}

impl CheckedClient {
    /// Fetches an ActivityPub document, signed with `signer` (the instance actor's key) where there is one.
    ///
    /// # Errors
    /// [`FetchError`]; `NotFound` and `Gone` tell deletion from trouble.
    pub async fn get_activity(
        &self,
        url: &Url,
        signer: Option<&SigningKey>,
        now: DateTime<Utc>,
    ) -> Result<Fetched, FetchError> {
        let limit = self.0.config.max_activity;
        self.get(url, Ask { accept: ACCEPT_ACTIVITY, is_wanted: media::is_activity, limit, signer, now }).await
    }

    /// Fetches WebFinger or NodeInfo JSON, unsigned. That a NodeInfo link stays on its host is the caller's check.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn get_json(&self, url: &Url, now: DateTime<Utc>) -> Result<Fetched, FetchError> {
        let limit = self.0.config.max_json;
        self.get(url, Ask { accept: ACCEPT_JSON, is_wanted: media::is_plain_json, limit, signer: None, now }).await
    }

    /// Everything under one deadline: names, connections, redirects and the body.
    async fn get(&self, url: &Url, ask: Ask<'_>) -> Result<Fetched, FetchError> {
        tokio::time::timeout(self.0.config.fetch_timeout, self.follow(url, &ask))
            .await
            .unwrap_or(Err(FetchError::Trouble(Trouble::Timeout)))
    }

    async fn follow(&self, url: &Url, ask: &Ask<'_>) -> Result<Fetched, FetchError> {
        let mut current = url.clone();
        current.set_fragment(None);
        let mut visited = HashSet::new();
        loop {
            visited.insert(current.clone());
            let response = self.get_once(&current, ask).await?;
            if !is_redirect(response.status()) {
                return finish(current, response, ask).await;
            }
            if visited.len() > self.0.config.max_redirects {
                return Err(FetchError::Redirect);
            }
            current = self.next_hop(&current, response.headers(), &visited, ask.signer.is_some())?;
        }
    }

    /// Sends the GET; after a 401 once more without the query in the signed target (profile 6.2).
    async fn get_once(&self, url: &Url, ask: &Ask<'_>) -> Result<reqwest::Response, FetchError> {
        let response = self.get_signed(url, ask, RequestTarget::WithQuery).await?;
        let again = response.status() == StatusCode::UNAUTHORIZED && url.query().is_some() && ask.signer.is_some();
        if again { self.get_signed(url, ask, RequestTarget::WithoutQuery).await } else { Ok(response) }
    }

    async fn get_signed(
        &self,
        url: &Url,
        ask: &Ask<'_>,
        target: RequestTarget,
    ) -> Result<reqwest::Response, FetchError> {
        // Before any CPU is spent on signing.
        self.0.config.remote.check(url).map_err(FetchError::Address)?;
        let mut headers = match ask.signer.cloned() {
            Some(key) => {
                let (url, now) = (url.clone(), ask.now);
                self.signed(move || key.sign_cavage(&Method::GET, &url, None, target, now)).await?
            }
            None => HeaderMap::new(),
        };
        headers.insert(ACCEPT, ask.accept.clone());
        Ok(self.send(Method::GET, url, headers, None).await?)
    }

    fn next_hop(
        &self,
        current: &Url,
        headers: &HeaderMap,
        visited: &HashSet<Url>,
        signed: bool,
    ) -> Result<Url, FetchError> {
        let location = headers.get(LOCATION).and_then(|value| value.to_str().ok()).ok_or(FetchError::Redirect)?;
        let mut next = current.join(location).map_err(|_| FetchError::Redirect)?;
        next.set_fragment(None);
        let downgrade = current.scheme() == "https" && next.scheme() != "https";
        if downgrade || visited.contains(&next) || (signed && !same_origin(current, &next)) {
            return Err(FetchError::Redirect);
        }
        self.0.config.remote.check(&next).map_err(FetchError::Address)?;
        Ok(next)
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

async fn finish(url: Url, response: reqwest::Response, ask: &Ask<'_>) -> Result<Fetched, FetchError> {
    match response.status() {
        StatusCode::NOT_FOUND => return Err(FetchError::NotFound),
        StatusCode::GONE => return Err(FetchError::Gone),
        status if !status.is_success() => return Err(FetchError::Status(status.as_u16())),
        _ => {}
    }
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.ok_or(FetchError::WrongType)?.to_owned();
    if !(ask.is_wanted)(&content_type) {
        return Err(FetchError::WrongType);
    }
    let bytes = body::read(response, ask.limit).await?;
    Ok(Fetched { final_url: url, content_type, bytes })
}
