//! The door to people: pages and the JSON API.
//!
//! `viewer` loads who asks, `sent` reads a form, `submit` takes it, `pages` hold the handlers, `views` the values and
//! templates they fill, and `error` is the only place that makes status codes of failures. Reading goes through
//! `hearth-db`; writing only through `hearth-actions`.

mod answer;
pub mod api;
mod calendar;
mod cookies;
mod error;
pub mod limits;
mod pages;
pub mod protect;
mod qr;
mod said;
mod sent;
pub mod state;
pub mod static_files;
mod submit;
#[cfg(test)]
mod tests;
pub mod upload;
mod viewer;
pub mod views;
pub mod words;

use actix_web::web::{Data, ServiceConfig};
use state::WebState;

/// Registers the static files, the JSON API and all pages. Must be the last to configure: its pages answer every path that nobody
/// took before, with the page for "nothing here" where there is none.
///
/// The middleware [`protect::headers`] goes around the whole server; it finds its settings in what is registered here.
pub fn configure(state: WebState) -> impl Fn(&mut ServiceConfig) + Clone {
    move |config: &mut ServiceConfig| {
        config.app_data(Data::new(state.clone()));
        static_files::configure(config);
        api::configure(config);
        pages::configure(config);
    }
}
