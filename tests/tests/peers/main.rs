//! A real server of ours beside scripted peers that behave like the software of other people: each is built from the
//! facts of one software, reads strictly what that software reads, and sends what it sends. On both databases.

mod gancio;
mod gotosocial;
mod lemmy;
mod mastodon;
mod mobilizon;

use hearth_db::tables::actors::Actor;
use serde_json::{Value, json};
use tests::{
    network::{TestNetwork, TestServer},
    peer::{PUBLIC, Received, ScriptedPeer},
};

/// Makes a test for each database of each story.
macro_rules! stories {
    ($($story:ident),+ $(,)?) => { $(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$story(hearth_db::Kind::Sqlite).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                super::$story(hearth_db::Kind::Postgres).await;
            }
        }
    )+ };
}
pub(crate) use stories;

/// What servers with draft-cavage want to see covered.
const USUAL: [&str; 4] = ["(request-target)", "host", "date", "digest"];

/// A judge that checks signatures of deliveries, and that the actor itself signed.
fn signed_by_its_actor(peer: &ScriptedPeer, request: &Received) -> u16 {
    if request.method != "POST" {
        return 200;
    }
    match peer.signer(request, &USUAL) {
        Ok(signer) if request.json()["actor"] == signer.as_str() => 202,
        _ => 401,
    }
}

/// Somebody there follows a group here, and is accepted; the server then knows what software it talks to. Gives the
/// Follow and the Accept.
async fn follows(
    peer: &ScriptedPeer,
    actor: &Value,
    network: &TestNetwork,
    server: &TestServer,
    group: &Actor,
) -> (Value, Value) {
    let follow = json!({"@context": "https://www.w3.org/ns/activitystreams", "id": peer.new_id(), "type": "Follow",
        "actor": actor["id"], "object": group.ap_id.as_str(), "to": [group.ap_id.as_str()], "cc": []});
    assert_eq!(peer.delivers(&server.host(), &follow), 202);
    network.settle().await;
    server.federation().refresh_hosts().await.expect("asked");
    let mut news = peer.news();
    assert_eq!(news.len(), 1, "one answer: {news:#?}");
    (follow, news.remove(0))
}

/// A Create of somebody there, around an object of theirs.
fn create(peer: &ScriptedPeer, object: &Value) -> Value {
    json!({"@context": "https://www.w3.org/ns/activitystreams", "id": peer.new_id(), "type": "Create",
        "actor": object["attributedTo"], "to": object["to"], "cc": object["cc"], "object": object})
}

/// The texts of a list, or of one alone.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

fn is_public(value: &Value) -> bool {
    texts(&value["to"]).into_iter().chain(texts(&value["cc"])).any(|name| name == PUBLIC)
}
