//! How requests reach the two doors: connections, time limits, and what is refused before its body was sent.
//!
//! This is what `actix_web::HttpServer` does, built from the same parts, because only the parts let us answer
//! `Expect: 100-continue` ourselves (threats AV-04). Must never: ask for a body that no door takes.

use crate::health::{self, Health};
use actix_http::{HttpMessage as _, HttpService, Request, Response, StatusCode, body::BoxBody};
use actix_service::{IntoServiceFactory as _, ServiceFactoryExt as _, fn_service, map_config};
use actix_web::{
    App as ActixApp,
    dev::{AppConfig, Server},
    http::header::{CONTENT_LENGTH, HeaderMap},
    middleware::from_fn,
    web,
};
use hearth_federation::Federation;
use hearth_web::state::WebState;
use std::{net::TcpListener, time::Duration};
use tokio::sync::watch;

/// How long open requests and sends may take at an orderly stop, in seconds.
pub(crate) const GRACE: u64 = 10;

/// The largest body that any door takes, in bytes, but for pictures.
const MOST: u64 = 1024 * 1024;
/// Where programs send pictures, which is where some ask first (curl does).
const PICTURES: &str = "/api/v1/images";

/// The server on a listener that is already bound. It is stopped by its handle; `stopped` ends the connections on which
/// nothing is going on.
pub(crate) fn server(
    listener: TcpListener,
    federation: &Federation,
    health: Health,
    state: WebState,
    stopped: watch::Receiver<bool>,
) -> std::io::Result<Server> {
    let federation = federation.clone();
    let service = move || {
        let app = ActixApp::new()
            .wrap(from_fn(hearth_web::protect::headers))
            .app_data(web::Data::new(health.clone()))
            .route("/healthz", web::get().to(health::show))
            .configure(federation.configure())
            .configure(hearth_web::api::configure)
            .configure(hearth_web::configure(state.clone()));
        let stopped = stopped.clone();
        HttpService::build()
            .client_request_timeout(Duration::from_secs(10))
            .client_disconnect_timeout(Duration::from_secs(2))
            .graceful_shutdown_signal(move || {
                let mut stopped = stopped.clone();
                async move {
                    let _ = stopped.wait_for(|stop| *stop).await;
                }
            })
            .expect(fn_service(expectation))
            .finish(map_config(app.into_factory().map_err(|error| error.error_response()), |()| AppConfig::default()))
            .tcp()
    };
    Ok(Server::build()
        .workers(std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(4))
        .worker_max_blocking_threads(16)
        .max_concurrent_connections(2_000)
        .shutdown_timeout(GRACE)
        .disable_signals()
        .listen("hearth", listener, service)?
        .run())
}

/// Whether a sender that asks first may send its body.
async fn expectation(request: Request) -> Result<Request, Response<BoxBody>> {
    if is_too_large(request.path(), request.headers()) {
        let answer = Response::build(StatusCode::PAYLOAD_TOO_LARGE).force_close().body("This is too large.\n");
        return Err(answer.map_into_boxed_body());
    }
    Ok(request)
}

/// Whether the announced length is more than the door takes. A length that can't be read is left to the doors.
fn is_too_large(path: &str, headers: &HeaderMap) -> bool {
    let most = if path == PICTURES { hearth_domain::image::MOST_SENT as u64 } else { MOST };
    let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.trim().parse::<u64>().ok());
    length.is_some_and(|length| length > most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn only_pictures_may_be_large() {
        for (path, length, refused) in [
            ("/inbox", "1048576", false),
            ("/inbox", "1048577", true),
            (PICTURES, "10485760", false),
            (PICTURES, "10485761", true),
            ("/api/v1/images/", "1048577", true),
            ("/inbox", "many", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static(length));
            assert_eq!(is_too_large(path, &headers), refused, "{path} {length}");
        }
    }
}
