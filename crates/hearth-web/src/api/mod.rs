//! The JSON API, `/api/v1`: everything the pages can do, by the same actions, for programs with a bearer token.
//!
//! Must never write but through `hearth_actions`, never show what the pages would not, and never tell how many people
//! come to a meetup or which account a persona belongs to.

mod account;
mod admin;
mod body;
mod caller;
mod card;
mod check_in;
mod event;
mod faded;
mod group;
mod identity;
mod image;
mod invite;
mod joining;
mod membership;
mod moderation;
mod openapi;
mod people;
mod persona;
mod post;
mod problem;
mod quiet;
mod routes;
mod rsvp;
mod safety;
mod scheduled;
mod server;
mod servers;
mod talk;
#[cfg(test)]
mod tests;
mod token;
mod topic;

use crate::state::WebState;
use actix_web::{HttpResponse, middleware::from_fn, web};
use hearth_actions::ActionError;
use problem::ApiError;
use serde::Serialize;

/// What handlers are given.
type State = web::Data<WebState>;
/// What handlers answer.
type Answer = Result<HttpResponse, ApiError>;

/// Where the API begins.
pub const BASE: &str = "/api/v1";

/// Adds the API. The server must hold [`WebState`] as `web::Data`.
pub fn configure(cfg: &mut web::ServiceConfig) {
    let query = web::QueryConfig::default().error_handler(|_, _| {
        ApiError::Unreadable("The part of the address after the question mark can't be read.").into()
    });
    let document = web::resource("/openapi.json")
        .route(web::get().to(openapi::get_document))
        .route(web::head().to(openapi::get_document))
        .default_service(web::route().to(|| async { refuse(ApiError::BadMethod("GET, HEAD".to_owned())) }));
    let scope = web::scope(BASE)
        .app_data(query)
        .wrap(from_fn(problem::finish))
        .service(document)
        .configure(routes::add)
        .default_service(web::route().to(|| async { refuse(ActionError::NotFound.into()) }));
    cfg.service(scope);
}

fn refuse(error: ApiError) -> Answer {
    Err(error)
}

/// 200 with a document.
fn ok(document: impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(document)
}

/// 201 with a document, and where it is from now on.
fn created(path: &str, document: impl Serialize) -> HttpResponse {
    HttpResponse::Created().insert_header(("Location", format!("{BASE}{path}"))).json(document)
}

/// A tick, as forms send it.
fn yes(flag: bool) -> String {
    if flag { "yes".to_owned() } else { String::new() }
}

/// 204.
fn done() -> HttpResponse {
    HttpResponse::NoContent().finish()
}
