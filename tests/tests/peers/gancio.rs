//! Gancio and the Event Bridge of WordPress: take a meetup only as a bare Create or Update by the very actor they follow,
//! and look into fields that may not be missing (profile 4.2, 10). Ids of WordPress are opaque and carry a query.

use crate::{follows, is_public, signed_by_its_actor, stories};
use hearth_actions::event;
use hearth_db::Kind;
use serde_json::{Value, json};
use tests::{network::TestNetwork, peer::ScriptedPeer, world::event_form};

stories! { take_bare_meetups }

/// What both read of an event; a field they touch without asking is a crash there.
fn judge(activity: &Value, followed: &str) {
    let object = &activity["object"];
    assert_eq!((&activity["actor"], &object["attributedTo"]), (&json!(followed), &json!(followed)));
    assert!(object["id"].is_string() && object["name"].is_string() && object["startTime"].is_string());
    assert!(is_public(object), "WordPress imports what is public");
    for file in object["attachment"].as_array().expect("a list") {
        assert!(file["mediaType"].is_string(), "its letters are looked at");
    }
    for tag in object["tag"].as_array().expect("a list") {
        assert!(tag["name"].is_string(), "its letters are looked at");
    }
    let place = &object["location"];
    assert!(place.is_object() && place["name"].is_string());
    assert!(object["url"].is_string());
}

async fn take_bare_meetups(kind: Kind) {
    let gan = ScriptedPeer::start("gan.test", "gancio", "1.22.0");
    gan.judges(signed_by_its_actor);
    let wp = ScriptedPeer::start("wp.test", "wordpress", "6.8");
    wp.judges(signed_by_its_actor);
    let network = TestNetwork::start_beside(&[("oak", kind)], &[&gan, &wp]).await;
    let oak = network.server("oak");
    let tea = oak.group("tea");
    let relay = gan.actor("Application", "/federation/u/relay", "relay", true);
    follows(&gan, &relay, &network, oak, &tea).await;
    let mut blog = wp.actor("Person", "/?author=1", "editor", false);
    blog["inbox"] = json!(wp.id("/wp-json/activitypub/1.0/actors/1/inbox"));
    wp.serve("/?author=1", blog.clone());
    follows(&wp, &blog, &network, oak, &tea).await;

    let made = oak.act(|app| event::announce(app, oak.keeper, tea.id, &event_form(oak.persona)));
    network.settle().await;
    for peer in [&gan, &wp] {
        let news = peer.news();
        let creates: Vec<&Value> = news.iter().filter(|one| one["type"] == "Create").collect();
        assert_eq!(creates.len(), 1, "{}: {news:#?}", peer.host());
        assert_eq!(creates[0]["object"]["id"], made.ap_id.as_str());
        judge(creates[0], tea.ap_id.as_str());
    }
    oak.act(|app| event::cancel(app, oak.keeper, made.id));
    network.settle().await;
    for peer in [&gan, &wp] {
        let news = peer.news();
        let updates: Vec<&Value> = news.iter().filter(|one| one["type"] == "Update").collect();
        assert_eq!(updates.len(), 1, "{}: {news:#?}", peer.host());
        judge(updates[0], tea.ap_id.as_str());
        assert_eq!(updates[0]["object"]["eventStatus"], "EventCancelled");
    }
    network.finish().await;
}
