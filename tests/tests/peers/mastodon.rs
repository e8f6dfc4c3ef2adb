//! Mastodon: boosts what it can fetch by its address, understands no activity inside an Announce, shows a `Page` as title,
//! summary and link, and answers by a Note that mentions (profile 3.1, 5.2, 10). Newer ones may want RFC 9421 (6.4).

use crate::{USUAL, create, follows, is_public, signed_by_its_actor, stories, texts};
use hearth_actions::post;
use hearth_db::Kind;
use serde_json::{Value, json};
use tests::{
    network::TestNetwork,
    peer::{PUBLIC, Received, ScriptedPeer},
    world::post_form,
};

stories! { boosts_and_answers, knocks_twice }

/// Only RFC 9421, as a server that has given up the older form.
fn newer_signatures_only(_: &ScriptedPeer, request: &Received) -> u16 {
    if request.method == "POST" && request.header("signature-input").is_empty() { 401 } else { 202 }
}

async fn boosts_and_answers(kind: Kind) {
    let mas = ScriptedPeer::start("mas.test", "mastodon", "4.5.2");
    mas.judges(signed_by_its_actor);
    let network = TestNetwork::start_beside(&[("oak", kind)], &[&mas]).await;
    let oak = network.server("oak");
    let tea = oak.group("tea");
    let kim = mas.actor("Person", "/users/kim", "kim", true);
    let (follow, accept) = follows(&mas, &kim, &network, oak, &tea).await;
    assert_eq!((&accept["type"], &accept["object"]["id"]), (&json!("Accept"), &follow["id"]));

    let page = oak.act(|app| post::publish(app, oak.keeper, tea.id, &post_form(oak.persona, "Sleep", "What helps?")));
    network.settle().await;
    let boosts = mas.activities();
    assert_eq!(boosts.len(), 1, "one boost, and nothing it can't read: {boosts:#?}");
    let (inbox, boost) = &boosts[0];
    assert_eq!(inbox, "/inbox", "the shared one");
    assert_eq!((&boost["type"], &boost["object"]), (&json!("Announce"), &json!(page.ap_id.as_str())));
    assert!(texts(&boost["to"]).contains(&PUBLIC), "else the boost is not shown in public");
    assert!(mas.received()[0].header("signature").contains("algorithm=\"hs2019\""));
    mas.forget();

    // It fetches what it boosts, and who wrote it, without a signature.
    let read = mas.asks(page.ap_id.as_str(), None);
    assert_eq!(read.status, 200);
    assert!(read.content_type.starts_with("application/activity+json"), "{}", read.content_type);
    let shown: Value = serde_json::from_slice(&read.body).unwrap();
    assert_eq!((&shown["id"], &shown["type"]), (&json!(page.ap_id.as_str()), &json!("Page")));
    assert!(is_public(&shown) && shown["name"] == "Sleep" && shown["url"].is_string());
    assert!(shown["summary"].as_str().unwrap().contains("What helps?"), "of the text, only the summary is shown");
    let author = shown["attributedTo"].as_str().expect("one plain author");
    let author: Value = serde_json::from_slice(&mas.asks(author, None).body).unwrap();
    let handle = format!("{}@oak.test", author["preferredUsername"].as_str().unwrap());
    let finger = mas.asks(&format!("https://oak.test/.well-known/webfinger?resource=acct:{handle}"), None);
    let finger: Value = serde_json::from_slice(&finger.body).unwrap();
    assert_eq!(finger["subject"], format!("acct:{handle}"));
    let own: Vec<&Value> = finger["links"].as_array().unwrap().iter().filter(|link| link["rel"] == "self").collect();
    assert_eq!(own.len(), 1);
    assert_eq!((&own[0]["type"], &own[0]["href"]), (&json!("application/activity+json"), &author["id"]));

    let note = json!({"id": mas.id("/users/kim/statuses/1"), "type": "Note", "summary": null, "sensitive": false,
        "inReplyTo": page.ap_id.as_str(), "attributedTo": kim["id"], "published": "2026-11-24T10:00:00Z",
        "to": [PUBLIC], "cc": [mas.id("/users/kim/followers"), author["id"], tea.ap_id.as_str()],
        "url": mas.id("/@kim/1"), "conversation": "tag:mas.test,2026:1", "contentMap": {"en": "<p>A walk.</p>"},
        "content": "<p>A walk.</p>", "tag": [{"type": "Mention", "href": author["id"], "name": handle}]});
    mas.serve("/users/kim/statuses/1", note.clone());
    assert_eq!(mas.delivers("oak.test", &create(&mas, &note)), 202);
    network.settle().await;
    let stored = oak.post(&mas.id("/users/kim/statuses/1")).expect("the answer is here");
    assert_eq!((stored.parent_id, &*stored.content_html), (Some(page.id), "<p>A walk.</p>"));
    assert!(mas.news().is_empty(), "its own answer does not come back, nor do answers fill its timeline");

    // It learns of an edit and a removal from the author alone: it reads no relayed activity.
    let edited = post_form(oak.persona, "Sleep well", "What helps you?");
    oak.act(|app| post::edit(app, oak.keeper, page.id, &edited));
    network.settle().await;
    oak.act(|app| post::delete(app, oak.keeper, page.id));
    network.settle().await;
    let said: Vec<(Value, Value)> = mas.news().iter().map(|one| (one["type"].clone(), one["actor"].clone())).collect();
    assert_eq!(said, [(json!("Update"), author["id"].clone()), (json!("Delete"), author["id"].clone())]);
    assert_eq!(mas.asks(page.ap_id.as_str(), None).status, 410);
    network.finish().await;
}

async fn knocks_twice(kind: Kind) {
    let mas = ScriptedPeer::start("mas.test", "mastodon", "4.7.0");
    let network = TestNetwork::start_beside(&[("oak", kind)], &[&mas]).await;
    let oak = network.server("oak");
    let tea = oak.group("tea");
    let kim = mas.actor("Person", "/users/kim", "kim", true);
    follows(&mas, &kim, &network, oak, &tea).await;
    mas.judges(newer_signatures_only);
    for (title, refused) in [("First", 1), ("Second", 0)] {
        oak.act(|app| post::publish(app, oak.keeper, tea.id, &post_form(oak.persona, title, "Hello.")));
        network.settle().await;
        assert_eq!(mas.refused(), refused, "{title}: it is remembered which knock was answered");
        let came = mas.received();
        assert_eq!(came.iter().filter(|request| request.method == "POST").count(), 1);
        let covered = came[0].header("signature-input");
        assert!(["@method", "@target-uri", "content-digest"].iter().all(|part| covered.contains(part)), "{covered}");
        assert!(mas.signer(&came[0], &USUAL).is_err(), "no draft-cavage signature beside the new one");
        mas.forget();
    }
    network.finish().await;
}
