//! WebFinger and NodeInfo: how others find who lives here, and what this server is (profile 2.6, 2.7).
//!
//! Must never: answer for who has no address on the network otherwise than for a name that does not exist, count
//! personas, or give exact numbers.

use crate::{Federation, FederationError, answer, serve};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use chrono::TimeDelta;
use hearth_actions::{ActionError, Site, site};
use hearth_activitypub::{
    LocalId,
    nodeinfo::{self, NodeInfo},
    webfinger,
};
use hearth_db::{
    DbConn, Time,
    tables::{
        accounts,
        actors::{self, Actor, ActorKind},
        sessions,
    },
    views::outbox,
};
use hearth_domain::server::SignUp;
use serde_json::Value;
use url::{Url, form_urlencoded};

type Door = web::Data<Federation>;

const JRD: &str = "application/jrd+json";
const JSON: &str = "application/json";

/// `/.well-known/webfinger?resource=…`, for `acct:name@host` and for the ids of actors.
pub(crate) async fn web_finger(door: Door, request: HttpRequest) -> HttpResponse {
    let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
    let resource = pairs.find(|(name, _)| name == "resource").map(|(_, value)| value.into_owned());
    let Some(resource) = resource.filter(|resource| !resource.is_empty()) else {
        return answer::refused(StatusCode::BAD_REQUEST, "Name a resource, for example acct:name@host.");
    };
    let found = door.blocking(move |app| {
        app.db.read(|c| {
            let site = site(c)?;
            let actor = meant(c, &site, &resource)?.ok_or(ActionError::NotFound)?;
            if !serve::is_on_network(c, &actor)? {
                return Err(ActionError::NotFound);
            }
            Ok(webfinger::descriptor(&site.at, &actor.name, actor.ap_id.url(), actor.kind.as_str()))
        })
    });
    door.json(JRD, found.await)
}

/// The actor here that a resource means, whether it may be shown or not.
fn meant(c: &mut DbConn, site: &Site, resource: &str) -> Result<Option<Actor>, ActionError> {
    if let Some(account) = resource.strip_prefix("acct:") {
        let Some((name, host)) = account.trim_start_matches('@').rsplit_once('@') else { return Ok(None) };
        let here = host.eq_ignore_ascii_case(&site.host());
        return if here { Ok(actors::local_by_name(c, &name.to_ascii_lowercase())?) } else { Ok(None) };
    }
    let Ok(url) = Url::parse(resource) else { return Ok(None) };
    match site.at.parse(&url) {
        Some(LocalId::Server) => Ok(Some(site.actor.clone())),
        Some(LocalId::Person(name)) => Ok(actors::local_by_name(c, &name)?.filter(|a| a.kind != ActorKind::Group)),
        Some(LocalId::Group(name)) => Ok(actors::local_by_name(c, &name)?.filter(|a| a.kind == ActorKind::Group)),
        _ => Ok(None),
    }
}

/// `/.well-known/nodeinfo`.
pub(crate) async fn node_info_links(door: Door) -> HttpResponse {
    let links = door.blocking(|app| app.db.read(|c| Ok::<_, ActionError>(nodeinfo::links(&site(c)?.at))));
    door.json(JSON, links.await)
}

/// `/nodeinfo/2.0` and `/nodeinfo/2.1`.
pub(crate) async fn node_info(door: Door, version: web::Path<String>) -> HttpResponse {
    let (now, source) = (door.now(), Url::parse(&door.0.settings.source_url).ok());
    let document = door.blocking(move |app| {
        app.db.read(|c| {
            let site = site(c)?;
            let since = |days| Time::from(now - TimeDelta::days(days));
            let (posts, replies) = outbox::count_local_public(c)?;
            let info = NodeInfo {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                repository: source.unwrap_or_else(|| site.at.page("about")),
                node_name: site.row.name.clone(),
                open_registrations: site.row.sign_up == SignUp::Open,
                users: number(accounts::count_active(c)?),
                active_month: number(sessions::count_accounts_since(c, since(30))?),
                active_half_year: number(sessions::count_accounts_since(c, since(180))?),
                local_posts: number(posts),
                local_comments: number(replies),
            };
            nodeinfo::document(&info, &version).ok_or(ActionError::NotFound)
        })
    });
    door.json(JSON, document.await)
}

/// Nothing: WebFinger is found without it (profile 2.6).
pub(crate) async fn host_meta() -> HttpResponse {
    answer::not_found()
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

impl Federation {
    fn json(&self, media_type: &'static str, read: Result<Value, FederationError>) -> HttpResponse {
        match read {
            Ok(document) => answer::json(media_type, &document),
            Err(FederationError::NotSetUp | FederationError::Action(ActionError::NotFound)) => answer::not_found(),
            Err(error) => self.broken(&error),
        }
    }
}
