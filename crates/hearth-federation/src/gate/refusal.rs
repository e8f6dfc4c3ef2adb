//! Why the gate refused a request: a status, a word for the metrics, and a sentence for the peer's log.
//!
//! Must never: carry anything from the request, or tell apart what would help to forge one.

use http::StatusCode;

/// Why a request was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// The body is larger than the limit.
    #[error("The body is too large.")]
    TooLarge,
    /// Too many or too long header fields.
    #[error("The request's headers are too large.")]
    HeadTooLarge,
    /// A header, the target or the method cannot be read.
    #[error("The request is malformed.")]
    MalformedRequest,
    /// A header that decides something came twice.
    #[error("A header that may stand only once is repeated.")]
    RepeatedHeader,
    /// `Host` is not one of ours.
    #[error("This server does not answer for that host.")]
    WrongHost,
    /// A `Content-Encoding`.
    #[error("Encoded bodies are not accepted.")]
    Encoded,
    /// Not one of the two ActivityPub media types.
    #[error("Only ActivityPub documents are accepted here.")]
    WrongType,
    /// There is no `Signature` header.
    #[error("The request is not signed.")]
    NoSignature,
    /// The signature headers cannot be read.
    #[error("The signature header is malformed.")]
    MalformedSignature,
    /// The signature leaves out something that must be covered.
    #[error("The signature must cover the request target, host, date and digest.")]
    NotCovered,
    /// The algorithm is none we accept.
    #[error("The signature could not be verified.")]
    UnknownAlgorithm,
    /// `keyId` is not an acceptable address.
    #[error("The signature could not be verified.")]
    BadKeyId,
    /// `Date` is missing or no date.
    #[error("The Date header is missing or cannot be read.")]
    BadDate,
    /// Too old, too far ahead, or expired.
    #[error("The signature is too old or too far ahead. Please check the clock.")]
    OutsideWindow,
    /// The digest is missing, malformed, or lists an algorithm twice.
    #[error("The digest is missing or malformed.")]
    BadDigest,
    /// The digest is not that of the body.
    #[error("The digest does not fit the body.")]
    WrongDigest,
    /// The key does not belong to the actor. For the caller that knows the actor.
    #[error("The signature could not be verified.")]
    ForeignKey,
    /// The key could not be had. For the caller that fetches it.
    #[error("The signature could not be verified.")]
    KeyUnavailable,
    /// The signature is not that key's.
    #[error("The signature could not be verified.")]
    WrongSignature,
}

impl Refusal {
    /// The HTTP status to answer with: 400, 401, 413, 415 or 421.
    pub fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            Self::Encoded | Self::WrongType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::HeadTooLarge
            | Self::MalformedRequest
            | Self::RepeatedHeader
            | Self::MalformedSignature
            | Self::BadDigest => StatusCode::BAD_REQUEST,
            Self::NoSignature
            | Self::NotCovered
            | Self::UnknownAlgorithm
            | Self::BadKeyId
            | Self::BadDate
            | Self::OutsideWindow
            | Self::WrongDigest
            | Self::ForeignKey
            | Self::KeyUnavailable
            | Self::WrongSignature => StatusCode::UNAUTHORIZED,
        }
    }

    /// A stable word for a metric or log field.
    pub fn reason(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::HeadTooLarge => "head_too_large",
            Self::MalformedRequest => "malformed_request",
            Self::RepeatedHeader => "repeated_header",
            Self::WrongHost => "wrong_host",
            Self::Encoded => "encoded",
            Self::WrongType => "wrong_type",
            Self::NoSignature => "no_signature",
            Self::MalformedSignature => "malformed_signature",
            Self::NotCovered => "not_covered",
            Self::UnknownAlgorithm => "unknown_algorithm",
            Self::BadKeyId => "bad_key_id",
            Self::BadDate => "bad_date",
            Self::OutsideWindow => "outside_window",
            Self::BadDigest => "bad_digest",
            Self::WrongDigest => "wrong_digest",
            Self::ForeignKey => "foreign_key",
            Self::KeyUnavailable => "key_unavailable",
            Self::WrongSignature => "wrong_signature",
        }
    }
}
