//! GoToSocial: answers no GET without a signature, names its key by a path of its own, has no shared inbox, and wants to
//! be asked for ActivityPub (profile 5.5, 6.3, 10).

use crate::{USUAL, create, stories};
use hearth_actions::post;
use hearth_db::Kind;
use serde_json::json;
use tests::{
    network::TestNetwork,
    peer::{PUBLIC, Received, ScriptedPeer},
    world::post_form,
};

stories! { is_asked_with_a_signature }

fn secure(peer: &ScriptedPeer, request: &Received) -> u16 {
    if request.method == "POST" {
        return match peer.signer(request, &USUAL) {
            Ok(signer) if request.json()["actor"] == signer.as_str() => 202,
            _ => 401,
        };
    }
    let open = request.target.starts_with("/.well-known/") || request.target.starts_with("/nodeinfo/");
    if open {
        200
    } else if !request.header("accept").contains("activity+json")
        && !request.header("accept").contains("activitystreams")
    {
        406
    } else if peer.signer(request, &["(request-target)", "host", "date"]).is_err() {
        401
    } else {
        200
    }
}

async fn is_asked_with_a_signature(kind: Kind) {
    let gts = ScriptedPeer::start("gts.test", "gotosocial", "0.19.2");
    gts.judges(secure);
    let network = TestNetwork::start_beside(&[("oak", kind)], &[&gts]).await;
    let oak = network.server("oak");
    let tea = oak.group("tea");
    let mut people = ["bob", "eve"].map(|name| gts.actor("Person", &format!("/users/{name}"), name, false));
    for person in &mut people {
        let id = person["id"].as_str().unwrap().to_owned();
        person["publicKey"]["id"] = json!(format!("{id}/main-key"));
        gts.serve(id.strip_prefix("https://gts.test").unwrap(), person.clone());
        let follow = json!({"@context": "https://www.w3.org/ns/activitystreams", "id": gts.new_id(), "type": "Follow",
            "actor": id, "object": tea.ap_id.as_str(), "to": tea.ap_id.as_str()});
        assert_eq!(gts.delivers_with("oak.test", &follow, &format!("{id}/main-key")), 202);
        network.settle().await;
        let asked: Vec<_> = gts.received().into_iter().filter(|request| request.method == "GET").collect();
        assert!(asked.iter().any(|request| id.ends_with(&request.target)), "its actor was fetched, signed");
        assert!(asked.iter().all(|request| !request.header("signature").contains("/u/")), "never by a person");
        let accept = gts.activities().remove(0);
        assert_eq!(
            (accept.0, &accept.1["type"]),
            (format!("{}/inbox", id.strip_prefix("https://gts.test").unwrap()), &json!("Accept"))
        );
        gts.forget();
    }
    oak.federation().refresh_hosts().await.expect("asked");
    gts.forget();

    let page = oak.act(|app| post::publish(app, oak.keeper, tea.id, &post_form(oak.persona, "Sleep", "What helps?")));
    network.settle().await;
    let mut inboxes: Vec<String> = gts.activities().into_iter().map(|(inbox, _)| inbox).collect();
    inboxes.sort();
    assert_eq!(inboxes, ["/users/bob/inbox", "/users/eve/inbox"], "each at its own");
    assert!(gts.news().iter().all(|one| one["type"] == "Announce" && one["object"] == page.ap_id.as_str()));

    // An answer with everything a string that may be one, and a language map beside the text.
    let reply = json!({"id": gts.id("/users/bob/statuses/1"), "type": "Note", "attributedTo": gts.id("/users/bob"),
        "to": PUBLIC, "cc": [gts.id("/users/bob/followers"), tea.ap_id.as_str()], "inReplyTo": page.ap_id.as_str(),
        "content": "<p>tea</p>", "contentMap": {"en": "<p>tea</p>"}, "summary": "caffeine", "sensitive": false,
        "attachment": [], "tag": {"type": "Mention", "href": tea.ap_id.as_str(), "name": "@tea@oak.test"},
        "url": gts.id("/@bob/statuses/1"), "published": "2026-11-24T09:59:00Z"});
    gts.serve("/users/bob/statuses/1", reply.clone());
    let mut answer = create(&gts, &reply);
    answer["object"] = reply.clone();
    assert_eq!(gts.delivers_with("oak.test", &answer, &gts.id("/users/bob/main-key")), 202);
    network.settle().await;
    let stored = oak.post(&gts.id("/users/bob/statuses/1")).expect("the answer is here");
    assert_eq!((&*stored.content_html, stored.content_note.as_deref()), ("<p>tea</p>", Some("caffeine")));
    network.finish().await;
}
