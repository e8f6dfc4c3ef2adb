//! The routes themselves: what is described is what there is, and how every answer looks.

use super::world::{Fresh, OneKey, UNKNOWN, World, group_body, request};
use crate::api::{
    openapi,
    problem::{self, ApiError},
    routes::{Access, ROUTES},
};
use actix_web::{App, HttpResponse, middleware::from_fn, test, web};
use hearth_actions::ActionError;
use hearth_db::DbError;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

#[test]
async fn the_document_and_the_routes_are_the_same() {
    let mut routes: Vec<String> = ROUTES
        .iter()
        .flat_map(|route| route.operations.iter().map(|operation| format!("{} {}", operation.method, route.path)))
        .collect();
    routes.sort();
    assert_eq!(openapi::operations(), routes);
    insta::assert_snapshot!(routes.join("\n"), @r"
    delete /account/faded/{id}
    delete /account/requests/{id}
    delete /account/sessions/{id}
    delete /account/tokens/{id}
    delete /admin/network/followed/{id}
    delete /cards/{id}
    delete /check-ins/{id}
    delete /events/{id}
    delete /invitations/{id}
    delete /posts/{id}
    delete /posts/{id}/card-request
    delete /scheduled/{id}
    get /account
    get /account/cards
    get /account/faded
    get /account/invites
    get /account/people
    get /account/personas
    get /account/reading
    get /account/requests
    get /account/scheduled
    get /account/sessions
    get /account/tokens
    get /admin/access
    get /admin/accounts/waiting
    get /admin/health
    get /admin/invitations
    get /admin/log
    get /admin/network
    get /admin/reports
    get /cards/{id}
    get /check-ins/{id}
    get /events
    get /events/{id}
    get /events/{id}/people
    get /feed
    get /groups
    get /groups/lookup
    get /groups/{id}
    get /groups/{id}/bans
    get /groups/{id}/cards
    get /groups/{id}/care
    get /groups/{id}/check-ins
    get /groups/{id}/door
    get /groups/{id}/events
    get /groups/{id}/held
    get /groups/{id}/invitations
    get /groups/{id}/invites
    get /groups/{id}/log
    get /groups/{id}/notes
    get /groups/{id}/posts
    get /groups/{id}/quiet-words
    get /groups/{id}/reports
    get /groups/{id}/scheduled
    get /groups/{id}/talk
    get /groups/{id}/topics
    get /groups/{id}/waiting
    get /help
    get /images/{id}
    get /notices
    get /posts/{id}
    get /posts/{id}/conversation
    get /posts/{id}/versions
    get /quiet-words/{id}
    get /scheduled/{id}
    get /server
    patch /account/personas/{id}
    patch /account/reading
    patch /admin/access
    patch /admin/network
    patch /admin/network/followed/{id}
    patch /cards/{id}
    patch /check-ins/{id}
    patch /events/{id}
    patch /groups/{id}
    patch /groups/{id}/offer
    patch /groups/{id}/settings
    patch /groups/{id}/talk
    patch /groups/{id}/team
    patch /posts/{id}
    patch /scheduled/{id}
    patch /server
    post /account/invitations
    post /account/invites/{id}
    post /account/password
    post /account/personas
    post /account/personas/{id}/erase
    post /account/personas/{id}/move
    post /account/personas/{id}/retire
    post /account/requests/{id}
    post /account/tokens
    post /accounts
    post /admin/access
    post /admin/accounts/{id}/approve
    post /admin/accounts/{id}/turn-away
    post /admin/helplines
    post /admin/invitations
    post /admin/network/follow
    post /admin/network/followers/{id}
    post /admin/network/meetups
    post /admin/servers/trust
    post /admin/servers/try-again
    post /check-ins/{id}/take-over
    post /events/{id}/cancel
    post /events/{id}/people/decide
    post /events/{id}/replies
    post /groups
    post /groups/{id}/ban
    post /groups/{id}/check-ins
    post /groups/{id}/erase
    post /groups/{id}/events
    post /groups/{id}/follow
    post /groups/{id}/held
    post /groups/{id}/invitations
    post /groups/{id}/invites
    post /groups/{id}/join
    post /groups/{id}/leave
    post /groups/{id}/let-in
    post /groups/{id}/members/remove
    post /groups/{id}/move
    post /groups/{id}/offer
    post /groups/{id}/posts
    post /groups/{id}/quiet-words
    post /groups/{id}/roles
    post /groups/{id}/scheduled
    post /groups/{id}/team
    post /groups/{id}/unfollow
    post /groups/{id}/waiting
    post /groups/{id}/warn
    post /images
    post /notices/seen
    post /posts/{id}/card
    post /posts/{id}/card-request
    post /posts/{id}/hide
    post /posts/{id}/moderate
    post /posts/{id}/quiet-word
    post /posts/{id}/replies
    post /posts/{id}/report
    post /quiet-words/{id}
    post /reports/{id}/resolve
    post /reports/{id}/take
    post /scheduled/{id}/publish
    post /setup
    put /account/personas/{id}/aliases
    put /check-ins/{id}/paused
    put /events/{id}/rsvp
    put /groups/{id}/aliases
    put /groups/{id}/archive
    put /groups/{id}/care
    put /groups/{id}/door
    put /groups/{id}/notes
    put /groups/{id}/topics
    put /notices/quiet
    put /people/{id}/block
    put /people/{id}/mute
    put /posts/{id}/conversation
    put /posts/{id}/hear
    put /posts/{id}/topics
    ");
}

#[test]
async fn every_described_route_is_served() {
    let world = World::start().await;
    for line in openapi::operations() {
        let (method, path) = line.split_once(' ').unwrap();
        let (_, path, _) = world.sample(method, path);
        let reply = world.call(method, &path, "", None).await;
        assert!(!matches!(reply.status.as_u16(), 404 | 405), "{line}: {}", reply.status);
    }
}

#[test]
async fn the_document_is_whole() {
    let reply = Fresh::start().get("/openapi.json", "").await.is(200);
    let document = reply.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(document["servers"][0]["url"], "/api/v1");
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    let mut names = BTreeSet::new();
    for route in ROUTES {
        for operation in route.operations {
            let described = &document["paths"][route.path][operation.method];
            let what = format!("{} {}", operation.method, route.path);
            assert!(names.insert(described["operationId"].as_str().unwrap().to_owned()), "{what}");
            assert!(described["summary"].as_str().is_some_and(|words| !words.is_empty()), "{what}");
            let responses = described["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{what}");
            assert!(responses.contains_key("500") && responses.contains_key("503"), "{what}");
            assert_eq!(responses.contains_key("401"), operation.access != Access::Free, "{what}");
            for (status, response) in responses.iter().filter(|(status, _)| !status.starts_with('2')) {
                assert!(response["content"]["application/problem+json"].is_object(), "{what}: {status}");
            }
            let ids = described["parameters"].as_array().into_iter().flatten().filter(|p| p["name"] == "id").count();
            assert_eq!(ids, usize::from(route.path.contains("{id}")), "{what}");
        }
    }
    let mut missing = Vec::new();
    references(&document, &mut |name| {
        if document["components"]["schemas"].get(name).is_none() {
            missing.push(name.to_owned());
        }
    });
    assert_eq!(missing, Vec::<String>::new());
}

fn references(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str().filter(|_| name == "$ref") {
                    Some(reference) => found(reference.rsplit('/').next().unwrap()),
                    None => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => (),
    }
}

#[test]
async fn other_methods_are_refused_with_what_is_allowed() {
    let world = World::start().await;
    for (method, path, allowed) in [
        ("delete", "/server", "GET, HEAD, PATCH"),
        ("get", "/setup", "POST"),
        ("put", "/openapi.json", "GET, HEAD"),
        ("options", "/groups", "GET, HEAD, POST"),
    ] {
        let reply = world.call(method, path, &world.keeper, None).await.is(405);
        assert_eq!(reply.header("allow"), allowed);
        reply.is_problem(path);
    }
    for path in ["/nothing", "", "/groups/x/y/z"] {
        world.get(path, "").await.is(404).is_problem(path);
    }
}

#[test]
async fn head_answers_like_get() {
    let world = World::start().await;
    for route in ROUTES.iter().filter(|route| route.operations.iter().any(|operation| operation.method == "get")) {
        let (who, path, _) = world.sample("get", route.path);
        let (get, head) = (world.get(&path, who).await, world.call("head", &path, who, None).await);
        assert_eq!((get.status.as_u16(), head.status), (200, get.status), "{path}");
        assert_eq!(get.header("content-type"), head.header("content-type"), "{path}");
    }
}

#[test]
async fn nothing_is_kept_on_the_way() {
    let world = World::start().await;
    for (path, status) in
        [("/server", 200), ("/account", 401), ("/posts/x", 404), ("/nothing", 404), ("/openapi.json", 200)]
    {
        let reply = world.get(path, "").await.is(status);
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[test]
async fn before_the_set_up_only_the_set_up_answers() {
    let fresh = Fresh::start();
    for route in ROUTES.iter().filter(|route| route.operations.iter().any(|o| o.access != Access::Free)) {
        for operation in route.operations {
            let path = route.path.replace("{id}", UNKNOWN);
            let query = if path.ends_with("/lookup") { "?q=tea" } else { "" };
            let reply = fresh.call(operation.method, &format!("{path}{query}"), "", None).await.is(503);
            assert_eq!(reply.json()["type"], "urn:hearth:problem:not-set-up", "{path}");
        }
    }
    let mut wrong = fresh.set_up_body();
    wrong["code"] = json!("2222-2222-2222-2222");
    fresh.call("post", "/setup", "", Some(&wrong)).await.is(403);
    fresh.call("post", "/setup", "", Some(&fresh.set_up_body())).await.is(201);
    fresh.call("post", "/setup", "", Some(&fresh.set_up_body())).await.is(403);
}

#[test]
async fn what_we_can_not_do_now_may_be_tried_again() {
    let mut world = World::start().await;
    world.fresh.change(|state| state.app.keys = Arc::new(OneKey(false)));
    let mut body = group_body(&world.persona);
    body["name"] = json!("another");
    let before = world.written();
    let reply = world.call("post", "/groups", &world.keeper, Some(&body)).await.is(503);
    assert!(!reply.header("retry-after").is_empty());
    reply.is_problem("no keys");
    assert!(before == world.written());
}

#[test]
async fn a_failure_of_ours_has_a_number_and_no_cause() {
    let fresh = Fresh::start();
    let fail = || async {
        let cause = DbError::Migration("the secret cause".to_owned());
        Err::<HttpResponse, _>(ApiError::from(ActionError::Database(cause)))
    };
    let resource = web::resource("/api/v1/fail").wrap(from_fn(problem::finish)).route(web::get().to(fail));
    let app = App::new().app_data(web::Data::new(fresh.state.clone())).service(resource);
    let service = test::init_service(app).await;
    let answer = test::call_service(&service, request("get", "/fail", "").to_request()).await;
    assert_eq!(answer.status(), 500);
    let body: Value = test::read_body_json(answer).await;
    let reference = body["reference"].as_str().unwrap();
    assert_eq!(reference.len(), 9);
    assert!(body["detail"].as_str().unwrap().contains(reference));
    assert!(!body.to_string().contains("secret"));
}
