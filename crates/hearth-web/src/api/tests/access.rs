//! Who may call what: no token, a wrong one, one that reads, one that writes.

use super::world::{PASSWORD, World, request};
use crate::api::{
    openapi::adds_much,
    routes::{Access, ROUTES},
};
use serde_json::json;

fn operations() -> impl Iterator<Item = (&'static str, &'static str, Access)> {
    ROUTES.iter().flat_map(|route| route.operations.iter().map(|o| (o.method, route.path, o.access)))
}

#[test]
fn what_changes_something_needs_a_token_that_writes() {
    for (method, path, access) in operations() {
        let free = matches!(path, "/setup" | "/accounts");
        let expected = if free { Access::Free } else { Access::Write };
        assert_eq!(access == expected, method != "get", "{method} {path}");
    }
}

#[actix_web::test]
async fn tokens_open_what_they_should() {
    let world = World::start().await;
    let wrong = "0".repeat(64);
    for (method, route, access) in operations().filter(|(.., access)| *access != Access::Free) {
        let (_, path, body) = world.sample(method, route);
        let what = format!("{method} {route}");
        let before = world.written();
        let without = world.call(method, &path, "", body.as_ref()).await;
        if access == Access::Open {
            assert_eq!(without.status, 200, "{what}");
        } else {
            assert_eq!((without.status.as_u16(), without.header("www-authenticate")), (401, "Bearer"), "{what}");
            without.is_problem(&what);
        }
        for token in [wrong.as_str(), "short", "zz zz"] {
            let reply = world.call(method, &path, token, body.as_ref()).await.is(401);
            assert_eq!(reply.header("www-authenticate"), "Bearer error=\"invalid_token\"", "{what}");
        }
        let reading = world.call(method, &path, &world.reads, body.as_ref()).await;
        if access == Access::Write {
            assert_eq!(reading.status, 403, "{what}");
            assert_eq!(reading.json()["type"], "urn:hearth:problem:read-only-token", "{what}");
            assert!(reading.header("www-authenticate").contains("insufficient_scope"), "{what}");
        } else {
            assert_eq!(reading.status, 200, "{what}");
        }
        assert!(before == world.written(), "{what} wrote something");
    }
}

/// While the disk is full: then nothing but what adds much asks for more than the token.
#[actix_web::test]
async fn a_token_that_writes_writes_and_a_full_disk_stops_only_what_adds_much() {
    let tested = |(_, route, access): &(&str, &str, Access)| *access == Access::Write || *route == "/accounts";
    let prepared = World::start().await;
    for (method, route, access) in operations().filter(tested) {
        let world = prepared.again();
        let (who, path, body) = world.sample(method, route);
        let who = if access == Access::Free { "" } else { who };
        let (before, room) = (world.written(), world.state.app.db.room());
        room.ran_out();
        let mut reply = world.call(method, &path, who, body.as_ref()).await;
        if adds_much(method, route) {
            let what = format!("{method} {route}");
            assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (507, "300"), "{what}");
            reply.is_problem(&what);
            assert_eq!(reply.json()["type"], "urn:hearth:problem:no-room", "{what}");
            assert!(before == world.written(), "{what} wrote something");
            room.is_back();
            reply = world.call(method, &path, who, body.as_ref()).await;
        }
        // Another server is asked first, and here none answers.
        if route.ends_with("/move") {
            assert!(reply.status.as_u16() >= 500 && before == world.written(), "{route}: {}", reply.status);
            continue;
        }
        assert!(reply.status.is_success(), "{access:?} {method} {route}: {}", String::from_utf8_lossy(&reply.body));
        let idle = matches!(route, "/groups/{id}/join" | "/groups/{id}/unfollow" | "/groups/{id}/let-in");
        assert!(idle || before != world.written(), "{method} {route} wrote nothing");
    }
}

#[actix_web::test]
async fn a_cookie_is_nothing_to_the_api() {
    let world = World::start().await;
    let account = hearth_actions::token::account_named(&world.state.app, "ada").unwrap();
    let session = hearth_actions::session::open(&world.state.app, account, "A browser").unwrap();
    for name in ["hearth", "__Host-hearth"] {
        let cookie = actix_web::cookie::Cookie::new(name, session.clone());
        world.send(request("get", "/account", "").cookie(cookie)).await.is(401);
    }
    world.get("/account", &session).await.is(401);
}

#[actix_web::test]
async fn headers_that_are_no_bearer_token_are_refused() {
    let world = World::start().await;
    for value in ["", "Bearer", "Basic YTpi", "bearer  "] {
        let sent = request("get", "/server", "").insert_header(("Authorization", value));
        world.send(sent).await.is(401).is_problem(value);
    }
    let good = format!("bEaReR {}", world.keeper);
    world.send(request("get", "/account", "").insert_header(("Authorization", good))).await.is(200);
    let twice = request("get", "/account", &world.keeper).append_header(("Authorization", "Bearer x"));
    world.send(twice).await.is(401);
}

#[actix_web::test]
async fn keepers_facilitators_hosts_and_authors_only() {
    let world = World::start().await;
    for (method, route, kind) in [
        ("patch", "/server", "keepers"),
        ("get", "/admin/accounts/waiting", "keepers"),
        ("get", "/admin/invitations", "keepers"),
        ("post", "/admin/accounts/{id}/approve", "keepers"),
        ("post", "/admin/accounts/{id}/turn-away", "keepers"),
        ("post", "/admin/invitations", "keepers"),
        ("get", "/admin/health", "keepers"),
        ("post", "/admin/servers/try-again", "keepers"),
        ("get", "/admin/reports", "keepers"),
        ("patch", "/groups/{id}", "facilitators"),
        ("get", "/groups/{id}/reports", "facilitators"),
        ("get", "/groups/{id}/bans", "facilitators"),
        ("post", "/groups/{id}/ban", "facilitators"),
        ("post", "/groups/{id}/let-in", "facilitators"),
        ("post", "/posts/{id}/moderate", "facilitators"),
        ("put", "/posts/{id}/topics", "facilitators"),
        ("post", "/posts/{id}/hide", "facilitators"),
        ("get", "/groups/{id}/care", "facilitators"),
        ("put", "/groups/{id}/care", "facilitators"),
        ("get", "/groups/{id}/held", "facilitators"),
        ("get", "/groups/{id}/log", "facilitators"),
        ("post", "/groups/{id}/warn", "facilitators"),
        ("put", "/groups/{id}/archive", "owners"),
        ("post", "/groups/{id}/offer", "owners"),
        ("get", "/admin/log", "keepers"),
        ("post", "/admin/helplines", "keepers"),
        ("get", "/admin/access", "keepers"),
        ("post", "/admin/access", "keepers"),
        ("post", "/groups/{id}/erase", "owners"),
        ("put", "/groups/{id}/aliases", "owners"),
        ("put", "/groups/{id}/topics", "facilitators"),
        ("delete", "/cards/{id}", "facilitators"),
        ("patch", "/cards/{id}", "author"),
        ("post", "/posts/{id}/card", "author"),
        ("delete", "/posts/{id}/card-request", "author"),
        ("patch", "/posts/{id}", "author"),
        ("delete", "/posts/{id}", "author"),
        ("patch", "/events/{id}", "hosts"),
        ("delete", "/events/{id}", "hosts"),
        ("post", "/events/{id}/cancel", "hosts"),
        ("get", "/events/{id}/people", "hosts"),
    ] {
        let (_, path, body) = world.sample(method, route);
        let before = world.written();
        let reply = world.call(method, &path, &world.member, body.as_ref()).await;
        assert_eq!(reply.status, 403, "{method} {route}");
        assert_eq!(reply.json()["type"], format!("urn:hearth:problem:{kind}-only"), "{method} {route}");
        assert!(before == world.written(), "{method} {route}");
    }
}

#[actix_web::test]
async fn what_belongs_to_others_is_not_there() {
    let world = World::start().await;
    for (method, route) in [
        ("delete", "/account/sessions/{id}"),
        ("delete", "/account/tokens/{id}"),
        ("delete", "/account/faded/{id}"),
        ("patch", "/account/personas/{id}"),
        ("post", "/account/personas/{id}/retire"),
        ("post", "/account/personas/{id}/erase"),
        ("put", "/account/personas/{id}/aliases"),
    ] {
        let (_, path, body) = world.sample(method, route);
        world.call(method, &path, &world.member, body.as_ref()).await.is(404);
    }
    let mut body = super::world::post_body(&world.persona, "public");
    body["title"] = json!("Not my name");
    world.call("post", &format!("/groups/{}/posts", world.group), &world.member, Some(&body)).await.is(404);
}

#[actix_web::test]
async fn a_new_password_ends_every_token() {
    let world = World::start().await;
    let body = json!({"old_password": PASSWORD, "password": "eight loud herons"});
    world.call("post", "/account/password", &world.keeper, Some(&body)).await.is(204);
    for token in [&world.keeper, &world.reads] {
        world.get("/account", token).await.is(401);
    }
    world.get("/account", &world.member).await.is(200);
}

#[actix_web::test]
async fn passwords_can_not_be_guessed_for_ever() {
    let world = World::start().await;
    let body = json!({"old_password": "not this one", "password": "eight loud herons"});
    for _ in 0..hearth_actions::tries::SIGN_IN.tries {
        world.call("post", "/account/password", &world.keeper, Some(&body)).await.is(422);
    }
    let reply = world.call("post", "/account/password", &world.keeper, Some(&body)).await.is(429);
    assert_eq!(reply.header("retry-after"), "300");
    reply.is_problem("too many");
}
