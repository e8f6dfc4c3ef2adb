//! What is logged and how. Some libraries log addresses; they are kept quiet whatever the filter says.

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Targets that would log addresses or server names (docs/decisions/0002).
const QUIET: &[&str] = &[
    "activitypub_federation=off",
    "rustls_platform_verifier=off",
    "rustls=off",
    "reqwest=off",
    "hyper=off",
    "hyper_util=off",
    "actix_http=off",
    "actix_server=warn",
    // Tells the path of a request whose query it can't read.
    "actix_web=warn",
    "html5ever=off",
];

/// What is logged under this filter.
#[must_use]
pub fn filter(filter: &str) -> EnvFilter {
    let mut filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    for directive in QUIET {
        if let Ok(directive) = directive.parse() {
            filter = filter.add_directive(directive);
        }
    }
    filter
}

/// Starts logging to standard error. A second call changes nothing.
pub fn start(filter: &str) {
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false).compact();
    let _ = tracing_subscriber::registry().with(self::filter(filter)).with(lines).try_init();
}
