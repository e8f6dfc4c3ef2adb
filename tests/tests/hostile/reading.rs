//! What other servers may not learn by asking.

use crate::stage::{Stage, restrict};
use chrono::Duration;
use hearth_actions::{
    post,
    post::{Answering, PostForm},
};
use hearth_db::tables::deliveries;
use hearth_domain::group::{Reach, Readable};
use reqwest::Method;
use tests::{
    network::{ACTIVITY_JSON, TestServer, plain_client},
    world::post_form,
};
use url::Url;

/// An answer as a reader sees it: everything but the time.
async fn seen(server: &TestServer, method: Method, path: &str, accept: &str) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let client = plain_client();
    let url = server.local_url().join(path).expect("an address");
    let request = client.request(method, url).header("Host", server.host()).header("Accept", accept);
    let answer = request.send().await.expect("an answer");
    let mut headers: Vec<(String, String)> = answer
        .headers()
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    headers.sort();
    (answer.status().as_u16(), headers, answer.bytes().await.expect("a body").to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_things_read_like_nothing_at_all() {
    let stage = Stage::set().await;
    let oak = stage.oak();
    let hidden = oak.act(|app| {
        post::reply(app, oak.keeper, Answering::Post(stage.hidden_post.id), &post_form(oak.persona, "", "Hush"))
    });
    let quiet = oak.act(|app| {
        post::reply(app, oak.keeper, Answering::Post(stage.members_only.id), &post_form(oak.persona, "", "Hush"))
    });
    let path = |ap_id: &str| Url::parse(ap_id).expect("an address").path().to_owned();
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (post, unknown) in
        [(&stage.members_only, "/p/1"), (&stage.hidden_post, "/p/1"), (&hidden, "/n/1"), (&quiet, "/n/1")]
    {
        for part in ["", "/replies", "/context", "/context?embed=1"] {
            pairs.push((format!("{}{part}", path(post.ap_id.as_str())), format!("{unknown}{part}")));
        }
    }
    for meetup in [&stage.members_meetup, &stage.hidden_meetup] {
        for part in ["", "/replies", "/context", "/context?embed=1", "/attendees"] {
            pairs.push((format!("{}{part}", path(meetup.ap_id.as_str())), format!("/e/1{part}")));
        }
    }
    let parts = ["outbox", "outbox?page=1", "outbox?page=x", "followers", "following", "moderators", "featured"];
    for part in parts.iter().chain(&["upcoming", "wall", "members", "empty", "inbox", ""]) {
        pairs.push((format!("/g/circle/{part}"), format!("/g/nowhere/{part}")));
    }
    pairs.push(("/g/circle".into(), "/g/nowhere".into()));
    let finger = |name: &str| format!("/.well-known/webfinger?resource=acct:{name}@oak.test");
    pairs.push((finger("circle"), finger("nowhere")));
    for (hidden, unknown) in pairs {
        for method in [Method::GET, Method::HEAD] {
            let left = seen(oak, method.clone(), &hidden, ACTIVITY_JSON).await;
            let right = seen(oak, method, &unknown, ACTIVITY_JSON).await;
            assert_eq!(left, right, "{hidden}");
            assert_ne!(left.0, 200, "{hidden}");
        }
    }
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_document_names_what_is_for_members() {
    let stage = Stage::set().await;
    let oak = stage.oak();
    let before = oak.get("/nodeinfo/2.1", ACTIVITY_JSON).await.body;
    let mut forms = post_form(oak.persona, "", "Hush");
    forms.visibility = "members".into();
    oak.act(|app| post::reply(app, oak.keeper, Answering::Post(stage.root.id), &forms));
    oak.act(|app| post::reply(app, oak.keeper, Answering::Event(stage.meetup.id), &forms));
    let (root, meetup) = (format!("/p/{}", stage.root.id), format!("/e/{}", stage.meetup.id));
    let mut paths: Vec<String> =
        ["/", "/outbox", "/outbox?page=1", "/followers", "/g/tea", "/u/rowan", "/u/rowan/outbox"]
            .map(str::to_owned)
            .to_vec();
    for part in ["outbox", "outbox?page=1", "outbox?page=2", "followers", "wall", "upcoming", "featured", "members"] {
        paths.push(format!("/g/tea/{part}"));
    }
    for one in [&root, &meetup] {
        paths.extend(["", "/replies", "/context", "/context?embed=1"].map(|part| format!("{one}{part}")));
    }
    for path in paths {
        let answer = oak.get(&path, ACTIVITY_JSON).await;
        assert_eq!(answer.status, 200, "{path}");
        for secret in ["Only us", "Hush", "Mill Lane", "secret-room", "circle"] {
            assert!(!answer.body.contains(secret), "{path} tells {secret}");
        }
        for secret in [stage.members_only.ap_id.as_str(), stage.members_meetup.ap_id.as_str()] {
            assert!(!answer.body.contains(secret), "{path} names {secret}");
        }
    }
    let replies = oak.get(&format!("{root}/replies"), ACTIVITY_JSON).await.json();
    assert_eq!(replies["totalItems"], 0, "and it is not counted");
    assert_eq!(oak.get("/g/tea/outbox", ACTIVITY_JSON).await.json()["totalItems"], 1);
    assert_eq!(oak.get("/nodeinfo/2.1", ACTIVITY_JSON).await.body, before);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_is_served_only_while_what_it_is_about_is_public() {
    let stage = Stage::set().await;
    let oak = stage.oak();
    let sent = oak.read(|c| deliveries::of_host(c, "elm.test"));
    let mut served = Vec::new();
    for delivery in &sent {
        let path = format!("/a/{}", delivery.activity_id);
        let answer = oak.get(&path, ACTIVITY_JSON).await;
        assert!(!answer.body.contains("Hush"), "{path}");
        if answer.status == 200 {
            served.push(path);
        }
    }
    assert!(served.len() >= 2, "the post and the meetup are there");
    let edited = PostForm { text: "Better.".into(), ..post_form(oak.persona, "Sleep?", "") };
    stage.net.clock.advance(Duration::seconds(1));
    oak.act(|app| post::edit(app, oak.keeper, stage.root.id, &edited));
    stage.net.settle().await;
    for path in &served {
        assert!(!oak.get(path, ACTIVITY_JSON).await.body.contains("Badly"), "{path} keeps what was taken back");
    }
    restrict(oak, stage.tea.id, Readable::Members, Reach::Here);
    for path in served {
        assert_eq!(oak.get(&path, ACTIVITY_JSON).await.status, 404, "{path}");
    }
    stage.finish().await;
}
