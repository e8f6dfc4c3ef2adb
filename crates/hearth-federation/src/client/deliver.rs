//! Delivering one activity to one inbox, and saying truly what became of it (the library reports most 4xx as success).
//!
//! Must never: reuse a signature, follow a redirect, or read what the peer writes back.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use url::Url;

use hearth_actions::synchronization::HEADER;

use super::{CheckedClient, SendError, Trouble, retry_after};
use crate::{
    origin::OriginError,
    signing::{Scheme, SigningKey},
};

/// What became of a delivery (reliability.md 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// 2xx.
    Accepted,
    /// 410: the inbox is gone for good, with all that waits for it.
    Gone,
    /// A final "no" to this activity: 400, 403, 405, 413, 501 and other 4xx that no repetition will change.
    Refused(u16),
    /// Our own rules forbid this address. Final; nothing was sent.
    Forbidden(OriginError),
    /// Try again: after `after` where the peer said so (at most 12 h), else by our own schedule.
    Retry {
        /// The peer's `Retry-After`.
        after: Option<Duration>,
        /// A short class, without address or text.
        why: RetryReason,
    },
}

/// Why a delivery should be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RetryReason {
    /// 404: final only the third time, hours apart; the caller counts.
    #[error("missing")]
    Missing,
    /// Another status that may change: 401, 408, 421, 425, 429 or 5xx but 501.
    #[error("status {0}")]
    Status(u16),
    /// A redirect: signed requests are not redirected.
    #[error("redirect")]
    Redirect,
    /// The request could not be signed here.
    #[error("signing")]
    Signing,
    /// Something on the way.
    #[error("{0}")]
    Trouble(Trouble),
}

/// The outcome, and the scheme of signature it was reached with: worth remembering for 30 days per server when it is
/// [`Delivery::Accepted`] (profile 6.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// What became of it.
    pub outcome: Delivery,
    /// How the deciding request was signed.
    pub scheme: Scheme,
}

/// One answer or its absence.
struct Answer {
    outcome: Delivery,
    /// 400 or 401: perhaps the peer only reads the other scheme.
    knock_again: bool,
}

impl CheckedClient {
    /// Posts the stored bytes of an activity to an inbox, freshly signed. The first knock uses `first`
    /// (`Cavage` unless the server is known to read RFC 9421); after 400 or 401 a second knock uses the other scheme.
    /// Both share one deadline.
    pub async fn post_activity(
        &self,
        inbox: &Url,
        body: Bytes,
        key: &SigningKey,
        first: Scheme,
        now: DateTime<Utc>,
    ) -> Delivered {
        self.post_synchronizing(inbox, body, key, first, None, now).await
    }

    /// The same, telling also who is a member there (FEP-8fcf).
    pub async fn post_synchronizing(
        &self,
        inbox: &Url,
        body: Bytes,
        key: &SigningKey,
        first: Scheme,
        members: Option<&str>,
        now: DateTime<Utc>,
    ) -> Delivered {
        let deadline = self.0.config.delivery_timeout;
        tokio::time::timeout(deadline, self.knock_twice(inbox, body, key, first, members, now)).await.unwrap_or(
            Delivered {
                outcome: Delivery::Retry { after: None, why: RetryReason::Trouble(Trouble::Timeout) },
                scheme: first,
            },
        )
    }

    async fn knock_twice(
        &self,
        inbox: &Url,
        body: Bytes,
        key: &SigningKey,
        first: Scheme,
        members: Option<&str>,
        now: DateTime<Utc>,
    ) -> Delivered {
        let answer = self.knock(inbox, body.clone(), key, first, members, now).await;
        if !answer.knock_again {
            return Delivered { outcome: answer.outcome, scheme: first };
        }
        let second = match first {
            Scheme::Cavage => Scheme::Rfc9421,
            Scheme::Rfc9421 => Scheme::Cavage,
        };
        let again = self.knock(inbox, body, key, second, members, now).await;
        if again.knock_again {
            // Neither scheme helped. The answer to draft-cavage says more: every peer reads that one.
            let outcome = if first == Scheme::Cavage { answer.outcome } else { again.outcome };
            return Delivered { outcome, scheme: Scheme::Cavage };
        }
        Delivered { outcome: again.outcome, scheme: second }
    }

    async fn knock(
        &self,
        inbox: &Url,
        body: Bytes,
        key: &SigningKey,
        scheme: Scheme,
        members: Option<&str>,
        now: DateTime<Utc>,
    ) -> Answer {
        if let Err(error) = self.0.config.remote.check(inbox) {
            return Answer { outcome: Delivery::Forbidden(error), knock_again: false };
        }
        let (key, url, signed, members) = (key.clone(), inbox.clone(), body.clone(), members.map(str::to_owned));
        let headers = self.signed(move || {
            let more = members.as_deref().map(|members| (HEADER, members));
            key.sign_with(scheme, &Method::POST, &url, Some(&signed), more, now)
        });
        let headers = headers.await;
        let Ok(headers) = headers else { return retry(None, RetryReason::Signing) };
        match self.send(Method::POST, inbox, headers, Some(body)).await {
            Ok(response) => judge(&response, now),
            Err(SendError::Address(error)) => Answer { outcome: Delivery::Forbidden(error), knock_again: false },
            Err(SendError::Trouble(trouble)) => retry(None, RetryReason::Trouble(trouble)),
        }
    }
}

fn retry(after: Option<Duration>, why: RetryReason) -> Answer {
    Answer { outcome: Delivery::Retry { after, why }, knock_again: false }
}

fn judge(response: &reqwest::Response, now: DateTime<Utc>) -> Answer {
    let status = response.status();
    let after = retry_after(response.headers(), now);
    let code = status.as_u16();
    let outcome = match status {
        status if status.is_success() => Delivery::Accepted,
        StatusCode::GONE => Delivery::Gone,
        StatusCode::NOT_FOUND => Delivery::Retry { after, why: RetryReason::Missing },
        StatusCode::NOT_IMPLEMENTED => Delivery::Refused(code),
        status if status.is_redirection() => Delivery::Retry { after, why: RetryReason::Redirect },
        status if status.is_server_error() || matches!(code, 401 | 408 | 421 | 425 | 429) => {
            Delivery::Retry { after, why: RetryReason::Status(code) }
        }
        _ => Delivery::Refused(code),
    };
    Answer { outcome, knock_again: matches!(code, 400 | 401) }
}
