//! Every route of this door. Where a page has the same address, a guard lets requests for the page fall through.
//!
//! Must never: answer anything but inboxes to another method than GET and HEAD.

use crate::{Federation, accept, authorized, collections, inbox, serve, well_known};
use actix_web::{
    Resource, Responder,
    dev::{Handler, HttpServiceFactory},
    guard,
    middleware::from_fn,
    web::{self, ServiceConfig},
};

/// Registers all routes.
pub(crate) fn register(config: &mut ServiceConfig, door: &Federation) {
    config.app_data(web::Data::new(door.clone()));
    for path in ["/inbox", "/u/{name}/inbox", "/g/{name}/inbox"] {
        config.service(web::resource(path).route(web::post().to(inbox::post)));
    }
    config
        .service(read("/.well-known/webfinger", well_known::web_finger))
        .service(read("/.well-known/nodeinfo", well_known::node_info_links))
        .service(read("/.well-known/host-meta", well_known::host_meta))
        .service(read("/nodeinfo/{version}", well_known::node_info))
        .service(document("/", serve::server))
        .service(document("/u/{name}", serve::person))
        .service(document("/g/{name}", serve::group))
        .service(document("/p/{id}", serve::post))
        .service(document("/n/{id}", serve::note))
        .service(document("/e/{id}", serve::event))
        .service(document("/a/{id}", serve::activity));
    register_collections(config);
}

fn register_collections(config: &mut ServiceConfig) {
    config
        .service(collection("/outbox", collections::server_outbox))
        .service(collection("/followers", collections::server_followers))
        .service(collection("/following", collections::server_following))
        .service(collection("/u/{name}/{part:outbox|followers|following}", collections::of_person))
        .service(collection("/g/{name}/outbox", collections::group_outbox))
        .service(collection("/g/{name}/followers_synchronization", collections::members_there))
        .service(collection(
            "/g/{name}/{part:followers|following|moderators|featured|upcoming|wall|members|empty}",
            collections::of_group,
        ))
        .service(collection("/{kind:p|n}/{id}/{part:context|replies}", collections::of_post))
        .service(collection("/e/{id}/{part:context|replies|attendees}", collections::of_event));
}

/// Read by anybody, whatever they accept.
fn read<F, A>(path: &str, handler: F) -> Resource
where
    F: Handler<A>,
    A: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path).route(reading().to(handler))
}

/// An actor, object or activity: only for who asks for a document.
fn document<F, A>(path: &str, handler: F) -> impl HttpServiceFactory + 'static
where
    F: Handler<A>,
    A: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    guarded(path, handler, accept::asks_for_document)
}

/// A collection: for everybody but a browser, which may find a page there.
fn collection<F, A>(path: &str, handler: F) -> impl HttpServiceFactory + 'static
where
    F: Handler<A>,
    A: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    guarded(path, handler, accept::asks_for_no_page)
}

/// The guards stand at the resource, so that other requests fall through to the pages. Who may read at all, if the
/// keeper asks for signatures, is asked before the handler.
fn guarded<F, A>(
    path: &str,
    handler: F,
    wanted: fn(&guard::GuardContext<'_>) -> bool,
) -> impl HttpServiceFactory + 'static
where
    F: Handler<A>,
    A: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::resource(path)
        .guard(guard::Any(guard::Get()).or(guard::Head()))
        .guard(guard::fn_guard(wanted))
        .route(web::route().to(handler))
        .wrap(from_fn(authorized::readers))
}

fn reading() -> actix_web::Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}
