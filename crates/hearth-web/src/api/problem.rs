//! Why a request was not done, as `application/problem+json` (RFC 9457), and what every answer of the API carries.
//!
//! Must never repeat what was sent, and never let "nothing here" and "not for you" differ in a single byte.

use crate::{limits, state::WebState};
use actix_web::{
    Error, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    middleware::Next,
    web,
};
use hearth_actions::{ActionError, network::NotFound, secret};
use hearth_db::DbError;
use hearth_domain::Denied;

/// The media type of every problem.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";
/// Seconds after which a try may succeed that failed because the database was away.
const RETRY_AFTER: &str = "5";
/// The same while the disk is full: somebody has to make room first.
const RETRY_WITHOUT_ROOM: &str = "300";

/// What is wrong with one field of a body or a query.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field's name, as it is sent.
    #[schema(example = "title")]
    pub field: String,
    /// What is wrong and what to do. Never repeats what was sent.
    #[schema(example = "A title is needed here.")]
    pub sentence: String,
}

/// A problem (RFC 9457).
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// `about:blank` where the status says it all, else a name that stays the same: `urn:hearth:problem:members-only`.
    #[serde(rename = "type")]
    #[schema(example = "urn:hearth:problem:invalid")]
    pub kind: &'static str,
    /// The status in words.
    #[schema(example = "Unprocessable Entity")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What happened and what can be done, in plain words.
    pub detail: String,
    /// With 422: each field that can't be taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldError>,
    /// With 500: the number to tell the keepers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// Why a request was not done.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// An action said no.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// The token is not known, or the header holds none.
    #[error("the token is not known")]
    BadToken,
    /// The token may only read.
    #[error("the token may only read")]
    ReadOnlyToken,
    /// The address knows other methods only; they are named.
    #[error("this method is not known here")]
    BadMethod(String),
    /// The body is larger than 64 KiB.
    #[error("the body is too large")]
    TooLarge,
    /// The file is larger than a picture may be.
    #[error("the file is too large")]
    FileTooLarge,
    /// The body is not said to be JSON.
    #[error("the body is not JSON by its type")]
    WrongType,
    /// The request can't be read; a sentence.
    #[error("{0}")]
    Unreadable(&'static str),
    /// Fields of the request can't be taken.
    #[error("some fields can't be taken")]
    Invalid(Vec<FieldError>),
    /// Nothing to change was sent.
    #[error("nothing to change was sent")]
    NothingToDo,
    /// Another server was asked, and nothing came of it.
    #[error(transparent)]
    Elsewhere(#[from] NotFound),
}

impl ApiError {
    /// One problem with one field.
    pub(super) fn field(field: &str, sentence: &str) -> Self {
        Self::Invalid(vec![FieldError { field: field.to_owned(), sentence: sentence.to_owned() }])
    }

    /// What must be written down: a failure of ours.
    fn failure(&self) -> Option<&ActionError> {
        match self {
            Self::Action(
                error @ (ActionError::Database(_)
                | ActionError::NoKeys
                | ActionError::NotBelieved(_)
                | ActionError::Needs(_)),
            ) => Some(error),
            _ => None,
        }
    }

    fn problem(&self) -> Problem {
        let (status, kind, detail) = match self {
            Self::Action(error) => action_words(error),
            Self::BadToken => (
                StatusCode::UNAUTHORIZED,
                "urn:hearth:problem:bad-token",
                "This token is not known here, or it was taken back. Make a new one in your settings.".to_owned(),
            ),
            Self::ReadOnlyToken => (
                StatusCode::FORBIDDEN,
                "urn:hearth:problem:read-only-token",
                "This token may only read. Make one that may write.".to_owned(),
            ),
            Self::BadMethod(_) => blank(StatusCode::METHOD_NOT_ALLOWED, "This can't be done here."),
            Self::TooLarge => blank(StatusCode::PAYLOAD_TOO_LARGE, "Send 64 KiB at most."),
            Self::FileTooLarge => blank(StatusCode::PAYLOAD_TOO_LARGE, "Send 10 MB at most."),
            Self::WrongType => {
                blank(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send JSON, with Content-Type: application/json.")
            }
            Self::Unreadable(sentence) => blank(StatusCode::BAD_REQUEST, sentence),
            Self::Invalid(_) => invalid("Some of what was sent can't be taken."),
            Self::NothingToDo => invalid("Send at least one field to change."),
            Self::Elsewhere(reason) => elsewhere_words(*reason),
        };
        let title = status.canonical_reason().unwrap_or("Error");
        Problem { kind, title, status: status.as_u16(), detail, errors: self.field_errors(), reference: None }
    }

    fn field_errors(&self) -> Vec<FieldError> {
        match self {
            Self::Invalid(errors) => errors.clone(),
            Self::Action(ActionError::Invalid(problems)) => problems
                .iter()
                .map(|problem| FieldError { field: problem.field.to_owned(), sentence: problem.sentence.clone() })
                .collect(),
            _ => Vec::new(),
        }
    }

    fn answer(&self, problem: &Problem) -> HttpResponse {
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(status);
        match self {
            Self::BadToken => answer.insert_header((header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")),
            Self::ReadOnlyToken => {
                answer.insert_header((header::WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\", scope=\"write\""))
            }
            Self::BadMethod(allowed) => answer.insert_header((header::ALLOW, allowed.as_str())),
            Self::Action(ActionError::TooOften { wait }) => {
                answer.insert_header((header::RETRY_AFTER, wait.num_seconds().max(1).to_string()))
            }
            _ if status == StatusCode::UNAUTHORIZED => answer.insert_header((header::WWW_AUTHENTICATE, "Bearer")),
            Self::Action(ActionError::ShortOfRoom) => answer.insert_header((header::RETRY_AFTER, RETRY_WITHOUT_ROOM)),
            Self::Action(ActionError::Database(_) | ActionError::NoKeys)
                if status == StatusCode::SERVICE_UNAVAILABLE =>
            {
                answer.insert_header((header::RETRY_AFTER, RETRY_AFTER))
            }
            _ => &mut answer,
        };
        let body = serde_json::to_string(problem).unwrap_or_default();
        answer.content_type(MEDIA_TYPE).body(body)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
    fn error_response(&self) -> HttpResponse {
        self.answer(&self.problem())
    }
}

type Words = (StatusCode, &'static str, String);

fn blank(status: StatusCode, sentence: &str) -> Words {
    (status, "about:blank", sentence.to_owned())
}

fn invalid(sentence: &str) -> Words {
    (StatusCode::UNPROCESSABLE_ENTITY, "urn:hearth:problem:invalid", sentence.to_owned())
}

fn action_words(error: &ActionError) -> Words {
    match error {
        ActionError::NotFound => blank(
            StatusCode::NOT_FOUND,
            "There is nothing here, or it is only for members. If you are one, use a token.",
        ),
        ActionError::Gone => blank(StatusCode::GONE, "This was removed."),
        ActionError::Denied(denied) => denied_words(*denied),
        ActionError::TooOften { wait } => blank(
            StatusCode::TOO_MANY_REQUESTS,
            &format!("That was tried too often. Try again {}.", limits::wait_words(*wait)),
        ),
        ActionError::Invalid(_) => invalid("Some of what was sent can't be taken."),
        ActionError::Conflict(reason) => blank(StatusCode::CONFLICT, &sentence(reason)),
        ActionError::NotSetUp => (
            StatusCode::SERVICE_UNAVAILABLE,
            "urn:hearth:problem:not-set-up",
            "This server is not set up yet.".to_owned(),
        ),
        ActionError::ShortOfRoom => (
            StatusCode::INSUFFICIENT_STORAGE,
            "urn:hearth:problem:no-room",
            "The disk of this server is full, so it can't keep anything new. Deleting still works. Try again later."
                .to_owned(),
        ),
        ActionError::Database(DbError::Unavailable(_)) | ActionError::NoKeys => {
            blank(StatusCode::SERVICE_UNAVAILABLE, "This server can't do that now. Try again in a moment.")
        }
        ActionError::Database(_) | ActionError::NotBelieved(_) | ActionError::Needs(_) => {
            blank(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here, and nothing was changed.")
        }
    }
}

fn denied_words(denied: Denied) -> Words {
    let kind = match denied {
        Denied::SignIn => {
            let sentence = "This is for people with an account. Send a token: Authorization: Bearer …";
            return (StatusCode::UNAUTHORIZED, "urn:hearth:problem:sign-in", sentence.to_owned());
        }
        Denied::AccountNotActive => "urn:hearth:problem:account-not-active",
        Denied::MembersOnly => "urn:hearth:problem:members-only",
        Denied::FacilitatorsOnly => "urn:hearth:problem:facilitators-only",
        Denied::OwnersOnly => "urn:hearth:problem:owners-only",
        Denied::HostsOnly => "urn:hearth:problem:hosts-only",
        Denied::AuthorOnly => "urn:hearth:problem:author-only",
        Denied::KeepersOnly => "urn:hearth:problem:keepers-only",
        Denied::InvitationOnly => "urn:hearth:problem:invitation-only",
        Denied::LastOwner => "urn:hearth:problem:last-owner",
        Denied::NotAboveThem => "urn:hearth:problem:not-above-them",
        Denied::Locked => "urn:hearth:problem:locked",
        Denied::Archived => "urn:hearth:problem:archived",
        Denied::Paused => "urn:hearth:problem:paused",
        Denied::MeetupClosed => "urn:hearth:problem:meetup-closed",
    };
    (StatusCode::FORBIDDEN, kind, sentence(&denied.to_string()))
}

fn elsewhere_words(reason: NotFound) -> Words {
    let status = match reason {
        NotFound::Unknown => StatusCode::NOT_FOUND,
        NotFound::Unreachable | NotFound::Refused => StatusCode::BAD_GATEWAY,
        NotFound::Unusable | NotFound::BadAddress => StatusCode::UNPROCESSABLE_ENTITY,
    };
    blank(status, &sentence(&reason.to_string()))
}

/// A reason as a sentence: with a capital, and a full stop.
fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    let stop = if reason.ends_with('.') { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

/// Middleware: nothing is kept by anybody on the way, and a failure of ours gets its number and is written down, once.
///
/// # Errors
/// Passes on what the inner service fails with.
pub(super) async fn finish<B: MessageBody + 'static>(
    state: web::Data<WebState>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let answer = next.call(request).await?.map_into_boxed_body();
    let numbered = answer.response().error().and_then(|error| error.as_error::<ApiError>()).and_then(|error| {
        let failure = error.failure()?;
        Some(error.answer(&numbered(&state, error, failure)))
    });
    let mut answer = match numbered {
        Some(numbered) => answer.into_response(numbered),
        None => answer,
    };
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(answer)
}

fn numbered(state: &WebState, error: &ApiError, failure: &ActionError) -> Problem {
    let reference: String = secret::code(&*state.app.entropy).chars().take(9).collect();
    tracing::error!(reference, cause = chain(failure), "a request to the API failed");
    let problem = error.problem();
    if problem.status < 500 || problem.status == StatusCode::SERVICE_UNAVAILABLE.as_u16() {
        return problem;
    }
    let detail = format!("{} Tell the keepers of this server this number: {reference}.", problem.detail);
    Problem { detail, reference: Some(reference), ..problem }
}

/// An error with everything that caused it. Errors of the database name tables and rules, never values.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        words.push_str(": ");
        words.push_str(&next.to_string());
        cause = next.source();
    }
    words
}
