//! Reading what was sent: bodies, ids, and where a list goes on.
//!
//! A body is read only when the handler asks for it, after it is known who is calling. Every field that can't be taken
//! is named at once; none of what was sent is repeated.

use super::problem::{ApiError, FieldError};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_LENGTH, CONTENT_TYPE},
    web,
};
use hearth_actions::ActionError;
use hearth_db::{
    Time,
    views::{After, Authored},
};
use hearth_domain::id::PostId;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::{
    future::{Ready, ready},
    str::FromStr,
};

/// Most bytes of a body.
pub(super) const MOST: usize = 64 * 1024;
/// Most items of a list in one answer.
pub(super) const MOST_ITEMS: i64 = 50;
const USUAL_ITEMS: i64 = 20;

const BROKE_OFF: ApiError = ApiError::Unreadable("The body broke off. Send it again.");

/// A body that was not read yet.
pub(super) struct Body {
    payload: web::Payload,
    is_json: bool,
    length: Option<u64>,
}

impl FromRequest for Body {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let is_json = text(CONTENT_TYPE).is_some_and(|value| {
            value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        });
        let length = text(CONTENT_LENGTH).and_then(|value| value.parse().ok());
        // Never fails: the payload is handed over as it is.
        let taken = web::Payload::from_request(request, payload).into_inner();
        ready(taken.map(|payload| Self { payload, is_json, length }).map_err(|_| BROKE_OFF))
    }
}

impl Body {
    /// Reads an object into `T`, whose fields may all be left out: the action says which it needs.
    pub(super) async fn read<T: DeserializeOwned>(self) -> Result<T, ApiError> {
        let is_json = self.is_json;
        let bytes = self.bytes().await?;
        if bytes.is_empty() {
            return Err(ApiError::Unreadable("Nothing was sent. Send a JSON object."));
        }
        if !is_json {
            return Err(ApiError::WrongType);
        }
        object(&bytes)
    }

    /// Reads an object into `T`, or its default where nothing was sent.
    pub(super) async fn read_if_any<T: DeserializeOwned + Default>(self) -> Result<T, ApiError> {
        let is_json = self.is_json;
        let bytes = self.bytes().await?;
        if bytes.is_empty() {
            return Ok(T::default());
        }
        if !is_json {
            return Err(ApiError::WrongType);
        }
        object(&bytes)
    }

    /// Makes sure that nothing was sent, or an empty object.
    pub(super) async fn nothing(self) -> Result<(), ApiError> {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Nothing {}
        let is_json = self.is_json;
        let bytes = self.bytes().await?;
        if bytes.is_empty() {
            return Ok(());
        }
        if !is_json {
            return Err(ApiError::WrongType);
        }
        object::<Nothing>(&bytes).map(|_| ())
    }

    /// Reads a file of this many bytes at most, whatever it is said to be.
    pub(super) async fn file(self, most: usize) -> Result<Vec<u8>, ApiError> {
        if self.length.is_some_and(|length| length > most as u64) {
            return Err(ApiError::FileTooLarge);
        }
        match self.payload.to_bytes_limited(most).await {
            Ok(Ok(bytes)) => Ok(bytes.to_vec()),
            Ok(Err(_)) => Err(BROKE_OFF),
            Err(_) => Err(ApiError::FileTooLarge),
        }
    }

    async fn bytes(self) -> Result<web::Bytes, ApiError> {
        if self.length.is_some_and(|length| length > MOST as u64) {
            return Err(ApiError::TooLarge);
        }
        match self.payload.to_bytes_limited(MOST).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(_)) => Err(BROKE_OFF),
            Err(_) => Err(ApiError::TooLarge),
        }
    }
}

/// A field that has to be there: left out is not the same as no, or none.
pub(super) fn required<T>(field: &'static str, sent: Option<T>) -> Result<T, ApiError> {
    sent.ok_or_else(|| ActionError::field(field, "Send this too.").into())
}

fn object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ApiError::Unreadable("Send text in UTF-8."))?;
    let value: Value =
        serde_json::from_str(text).map_err(|_| ApiError::Unreadable("This is not JSON. Send a JSON object."))?;
    let Value::Object(fields) = value else {
        return Err(ApiError::Unreadable("Send a JSON object, with a name for every value."));
    };
    // From the text, not from `fields`: a name that comes twice is refused.
    serde_json::from_str(text).map_err(|_| ApiError::Invalid(wrong_fields::<T>(fields)))
}

/// Each field that can't be taken, found by reading one at a time.
fn wrong_fields<T: DeserializeOwned>(fields: Map<String, Value>) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    for (name, value) in fields {
        let alone = Value::Object(Map::from_iter([(name.clone(), value)]));
        if let Err(error) = serde_json::from_value::<T>(alone) {
            let sentence = type_sentence(&error.to_string());
            wrong.push(FieldError { field: name.chars().take(60).collect(), sentence });
        }
    }
    wrong
}

/// What to send, from serde's own words, which may hold what was sent before "expected".
fn type_sentence(error: &str) -> String {
    if error.starts_with("unknown field") {
        return "There is no such field here. Leave it out.".to_owned();
    }
    let expected = error.rsplit_once("expected ").map_or("something else", |(_, expected)| expected);
    let expected = match expected {
        "u32" | "i32" | "i64" => "a whole number",
        "a string" => "text, in quotes",
        "a boolean" => "true or false",
        _ => "something else",
    };
    format!("Send {expected} here.")
}

/// The id in a path. What is no id answers like an id of nothing.
pub(super) fn id<T: FromStr>(path: &str) -> Result<T, ApiError> {
    path.parse().map_err(|_| ActionError::NotFound.into())
}

/// Makes sure that a draft is none or an id: what is neither would not keep a second sending from writing again.
pub(super) fn draft<T: FromStr>(sent: &str) -> Result<(), ApiError> {
    if sent.is_empty() || sent.parse::<T>().is_ok() {
        return Ok(());
    }
    Err(ApiError::field("draft", "Send 13 of the letters and digits that ids are made of, or leave it out."))
}

/// A field that may be set to null: left out means as it was.
pub(super) fn nullable<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: serde::Deserialize<'de>,
    D: serde::Deserializer<'de>,
{
    serde::Deserialize::deserialize(deserializer).map(Some)
}

/// How a list is asked for.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Where the list goes on: `next` of the answer before.
    #[param(value_type = Option<String>)]
    after: Option<String>,
    /// How many items, 1 to 50; 20 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 50)]
    limit: Option<String>,
}

/// How a list is asked for that has no next page.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Limit {
    /// How many items, 1 to 50; 20 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 50)]
    limit: Option<String>,
}

/// How many items are asked for.
pub(super) fn read_limit(limit: Option<&str>) -> Result<i64, ApiError> {
    let Some(limit) = limit else { return Ok(USUAL_ITEMS) };
    let limit = limit.parse().ok().filter(|limit| (1..=MOST_ITEMS).contains(limit));
    limit.ok_or_else(|| ApiError::field("limit", "Ask for 1 to 50."))
}

impl Limit {
    /// How many items.
    pub(super) fn read(&self) -> Result<i64, ApiError> {
        read_limit(self.limit.as_deref())
    }
}

/// Where a list goes on, for `after`.
pub(super) fn cursor(after: After) -> String {
    format!("{}-{}", after.time.utc().timestamp_micros(), after.id)
}

impl Page {
    /// A page that was asked for among other things.
    pub(super) const fn of(after: Option<String>, limit: Option<String>) -> Self {
        Self { after, limit }
    }

    /// Where to begin, and how many items.
    pub(super) fn read(&self) -> Result<(Option<After>, i64), ApiError> {
        let limit = read_limit(self.limit.as_deref())?;
        let Some(after) = &self.after else { return Ok((None, limit)) };
        let after = read_cursor(after).ok_or_else(|| ApiError::field("after", "Send `next` as it came."))?;
        Ok((Some(after), limit))
    }
}

fn read_cursor(cursor: &str) -> Option<After> {
    let (micros, id) = cursor.split_once('-')?;
    let time = chrono::DateTime::from_timestamp_micros(micros.parse().ok()?)?;
    // Beyond these years the databases themselves disagree about what a time is.
    let plausible = (1970..=2200).contains(&chrono::Datelike::year(&time));
    plausible.then_some(())?;
    Some(After { time: time.into(), id: id.parse().ok()? })
}

/// Takes the page off a list that was read with one item more, and says where it goes on.
pub(super) fn cut(items: Vec<Authored>, limit: i64) -> (Vec<Authored>, Option<String>) {
    cut_by(items, limit, |one| (one.post.published_at, one.post.id))
}

/// The same for a list of anything that has a time and the id of a post.
pub(super) fn cut_by<T>(mut items: Vec<T>, limit: i64, at: impl Fn(&T) -> (Time, PostId)) -> (Vec<T>, Option<String>) {
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| {
        let (time, id) = at(last);
        cursor(After { time, id })
    });
    (items, next)
}
