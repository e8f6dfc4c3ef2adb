//! The answers of this door: exact media types, plain words, nothing about why something is hidden.
//!
//! Must never: let what is hidden and what does not exist be told apart.

use crate::signing::ACTIVITY_JSON;
use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER, VARY},
    },
};
use serde_json::Value;

/// The same address answers people with a page, and may answer a signature with more.
const VARIES: &str = "Accept, Signature";

fn varying(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((VARY, VARIES));
    answer
}

/// An ActivityPub document.
pub(crate) fn document(text: String) -> HttpResponse {
    varying(StatusCode::OK).insert_header((CONTENT_TYPE, ACTIVITY_JSON)).body(text)
}

/// 410 with a tombstone.
pub(crate) fn tombstone(document: &Value) -> HttpResponse {
    varying(StatusCode::GONE).insert_header((CONTENT_TYPE, ACTIVITY_JSON)).body(document.to_string())
}

/// 404: it does not exist, or is not for whoever asks.
pub(crate) fn not_found() -> HttpResponse {
    varying(StatusCode::NOT_FOUND).content_type(PLAIN).body("There is nothing here.\n")
}

/// 503: the database does not answer, too much waits, or the server is not set up.
pub(crate) fn unavailable(seconds: u32) -> HttpResponse {
    varying(StatusCode::SERVICE_UNAVAILABLE)
        .insert_header((RETRY_AFTER, seconds.to_string()))
        .content_type(PLAIN)
        .body("This server can't take this now. Please try again later.\n")
}

/// 429.
pub(crate) fn too_many() -> HttpResponse {
    varying(StatusCode::TOO_MANY_REQUESTS)
        .insert_header((RETRY_AFTER, "60"))
        .content_type(PLAIN)
        .body("That is too much at once. Please try again later.\n")
}

/// 202: taken, whatever it comes to.
pub(crate) fn accepted() -> HttpResponse {
    HttpResponse::Accepted().finish()
}

/// 401: whoever reads must sign.
pub(crate) fn unsigned(sentence: &str) -> HttpResponse {
    varying(StatusCode::UNAUTHORIZED).content_type(PLAIN).body(format!("{sentence}\n"))
}

/// A refusal with one plain sentence.
pub(crate) fn refused(status: StatusCode, sentence: &str) -> HttpResponse {
    HttpResponse::build(status).content_type(PLAIN).body(format!("{sentence}\n"))
}

/// JSON of another kind than ActivityPub: WebFinger and NodeInfo.
pub(crate) fn json(media_type: &'static str, document: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .body(document.to_string())
}

const PLAIN: &str = "text/plain; charset=utf-8";
