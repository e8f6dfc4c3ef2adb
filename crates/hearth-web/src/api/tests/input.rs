//! What can't be taken: every route that takes something, with everything that may be wrong with it. Nothing of that
//! is written.

use super::world::{Fresh, Reply, World, request};
use crate::api::routes::ROUTES;
use actix_web::http::header::CONTENT_TYPE;
use serde_json::{Value, json};

/// One route with a good body.
struct Case<'a> {
    fresh: &'a Fresh,
    /// What was in the database when the route was first asked.
    before: String,
    what: String,
    method: &'static str,
    path: String,
    token: &'a str,
    good: Option<Value>,
}

impl Case<'_> {
    async fn raw(&self, kind: Option<&str>, bytes: Vec<u8>, status: u16, wrong: &str) -> Reply {
        let mut sent = request(self.method, &self.path, self.token).set_payload(bytes);
        if let Some(kind) = kind {
            sent = sent.insert_header((CONTENT_TYPE, kind));
        }
        let reply = self.fresh.send(sent).await;
        let what = format!("{}, {wrong}", self.what);
        assert_eq!(reply.status, status, "{what}: {}", String::from_utf8_lossy(&reply.body));
        reply.is_problem(&what);
        reply
    }

    async fn json(&self, body: &Value, wrong: &str) -> Reply {
        self.raw(Some("application/json"), body.to_string().into_bytes(), 422, wrong).await
    }

    /// With one field of the good body changed, that field is named.
    async fn field(&self, field: &str, value: Value, wrong: &str) {
        let mut body = self.good.clone().unwrap_or(json!({}));
        body[field] = value;
        let reply = self.json(&body, &format!("{field} {wrong}")).await;
        let mut fields = reply.fields();
        fields.dedup();
        assert_eq!(fields, [field], "{}: {field} {wrong}", self.what);
    }

    /// Everything that may be wrong, and then that nothing of it was written: reading the whole database takes far longer
    /// than any of these requests.
    async fn check(&self) {
        self.try_all().await;
        assert!(self.before == self.fresh.written(), "{}: something was written", self.what);
    }

    async fn try_all(&self) {
        let json = Some("application/json; charset=utf-8");
        self.raw(json, b"{\"title\": nope".to_vec(), 400, "not JSON").await;
        self.raw(json, b"{\"title\": \"\xff\"}".to_vec(), 400, "not UTF-8").await;
        self.raw(json, b"[]".to_vec(), 400, "no object").await;
        self.raw(json, vec![b'['; 60_000], 400, "deep").await;
        self.raw(json, vec![b' '; 1 << 20], 413, "1 MiB").await;
        self.raw(Some("text/plain"), b"{}".to_vec(), 415, "text").await;
        self.raw(None, b"{}".to_vec(), 415, "no type").await;
        self.field("keeper", json!(true), "unknown").await;
        let Some(good) = &self.good else { return };
        self.raw(json, Vec::new(), 400, "nothing").await;
        let missing = self.json(&json!({}), "missing fields").await;
        assert_eq!(missing.fields().is_empty(), self.method == "patch", "{}", self.what);
        for (field, value) in good.as_object().unwrap() {
            self.field(field, json!([1]), "of the wrong type").await;
            // The codes are hashed before they are looked at: any length is a code that is not known.
            if value.is_string() && !matches!(field.as_str(), "code" | "invitation") {
                self.field(field, json!("x ".repeat(15_000)), "too long").await;
            }
        }
    }
}

#[actix_web::test]
async fn nothing_wrong_is_taken() {
    let world = World::start().await;
    for route in ROUTES.iter().filter(|route| !matches!(route.path, "/setup" | "/images")) {
        for operation in route.operations.iter().filter(|operation| operation.method != "get") {
            let (token, path, good) = world.sample(operation.method, route.path);
            let what = format!("{} {}", operation.method, route.path);
            let before = world.fresh.written();
            Case { fresh: &world.fresh, before, what, method: operation.method, path, token, good }.check().await;
        }
    }
}

#[actix_web::test]
async fn nothing_wrong_sets_up() {
    let fresh = Fresh::start();
    let good = fresh.set_up_body();
    for field in good.as_object().unwrap().keys().filter(|field| *field != "code") {
        // Twenty tries are counted in a quarter of an hour.
        fresh.clock.advance(chrono::Duration::minutes(16));
        let case = Case {
            fresh: &fresh,
            before: fresh.written(),
            what: "post /setup".to_owned(),
            method: "post",
            path: "/setup".to_owned(),
            token: "",
            good: Some(good.clone()),
        };
        case.field(field, json!([1]), "of the wrong type").await;
        case.field(field, json!("x ".repeat(15_000)), "too long").await;
        case.field("keeper", json!(true), "unknown").await;
        assert!(case.before == fresh.written(), "{field}: something was written");
    }
    let reply = fresh.call("post", "/setup", "", Some(&json!({"code": fresh.code}))).await.is(422);
    assert!(reply.fields().len() > 5, "{:?}", reply.fields());
}

#[actix_web::test]
async fn every_problem_is_named_at_once() {
    let world = World::start().await;
    let body = json!({"title": 1, "text": [], "author": "x", "persona": world.persona});
    let path = format!("/groups/{}/posts", world.group);
    let reply = world.call("post", &path, &world.keeper, Some(&body)).await.is(422);
    let mut fields = reply.fields();
    fields.sort();
    assert_eq!(fields, ["author", "text", "title"]);
    let twice = request("post", &path, &world.keeper)
        .insert_header((CONTENT_TYPE, "application/json"))
        .set_payload("{\"title\": \"One title\", \"title\": \"Another\", \"text\": \"x\"}");
    world.send(twice).await.is(422);
}

#[actix_web::test]
async fn what_was_sent_is_never_repeated() {
    let world = World::start().await;
    let (_, path, good) = world.sample("post", "/groups/{id}/events");
    let good = good.unwrap();
    for field in good.as_object().unwrap().keys() {
        for value in [json!("canary heron ".repeat(3_000)), json!({"canary": 1})] {
            let mut body = good.clone();
            body[field] = value;
            let reply = world.call("post", &path, &world.keeper, Some(&body)).await.is(422);
            assert!(!String::from_utf8_lossy(&reply.body).contains("canary"), "{field}");
        }
    }
}

#[actix_web::test]
async fn queries_are_checked() {
    let world = World::start().await;
    let group = &world.group;
    for (path, status, fields) in [
        (format!("/groups/{group}/posts?limit=51"), 422, vec!["limit"]),
        (format!("/groups/{group}/posts?limit=0"), 422, vec!["limit"]),
        (format!("/groups/{group}/posts?limit=-1"), 422, vec!["limit"]),
        (format!("/groups/{group}/posts?after=x"), 422, vec!["after"]),
        (format!("/groups/{group}/posts?after=9223372036854775807-{group}"), 422, vec!["after"]),
        (format!("/groups/{group}/posts?page=2"), 400, vec![]),
        (format!("/groups/{group}/events?limit=x"), 422, vec!["limit"]),
        ("/events?limit=x".to_owned(), 422, vec!["limit"]),
        ("/feed?limit=999".to_owned(), 422, vec!["limit"]),
        ("/groups/lookup".to_owned(), 400, vec![]),
    ] {
        let reply = world.get(&path, &world.keeper).await.is(status);
        assert_eq!(reply.fields(), fields, "{path}");
        reply.is_problem(&path);
    }
}
