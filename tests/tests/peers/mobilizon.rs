//! Mobilizon: lists a meetup under the group that owns it when somebody else performs it, trusts no Accept but the group's
//! own with the Join inside, and deletes only what answers 410 (profile 3.3, 4.1, 4.2, 10).

use crate::{follows, is_public, signed_by_its_actor, stories};
use hearth_actions::event;
use hearth_db::{Kind, tables::rsvps};
use serde_json::{Value, json};
use tests::{network::TestNetwork, peer::ScriptedPeer, world::event_form};

stories! { reads_meetups_and_joins }

/// Everything that Mobilizon's converter touches without asking whether it is there.
fn judge(object: &Value, group: &str) {
    assert_eq!((&object["type"], &object["attributedTo"]), (&json!("Event"), &json!(group)));
    let performer = object["actor"].as_str().expect("one plain performer");
    assert_ne!(performer, group, "else it is filed under a person");
    assert!(is_public(object) && object["to"].is_array() && object["cc"].is_array());
    assert!((3..=200).contains(&object["name"].as_str().expect("a name").chars().count()));
    let time = |key: &str| chrono::DateTime::parse_from_rfc3339(object[key].as_str().expect(key)).expect(key);
    assert!(time("endTime") >= time("startTime"));
    assert_eq!(time("startTime").to_rfc3339(), "2026-12-01T18:30:00+00:00");
    for key in ["tag", "attachment", "contacts"] {
        assert!(object[key].is_array(), "{key} is enumerated");
    }
    assert!(object["status"].is_string() && object["category"].is_string() && object["uuid"].is_string());
    assert!(["free", "restricted", "external"].contains(&object["joinMode"].as_str().expect("a known way to join")));
    assert!(object["location"].is_object(), "never a list");
    for key in ["latitude", "longitude"] {
        assert!(object["location"].get(key).is_none_or(serde_json::Value::is_f64), "an integer is ignored");
    }
    assert!(object["maximumAttendeeCapacity"].is_u64());
    assert!(object.get("participantCount").is_none_or(Value::is_null), "a head count is nobody's business");
}

async fn reads_meetups_and_joins(kind: Kind) {
    let mob = ScriptedPeer::start("mob.test", "mobilizon", "5.1.0");
    mob.judges(signed_by_its_actor);
    let network = TestNetwork::start_beside(&[("oak", kind)], &[&mob]).await;
    let oak = network.server("oak");
    let tea = oak.group("tea");
    let friends = mob.actor("Group", "/@friends", "friends", true);
    follows(&mob, &friends, &network, oak, &tea).await;

    let made = oak.act(|app| event::announce(app, oak.keeper, tea.id, &event_form(oak.persona)));
    network.settle().await;
    let news = mob.news();
    let create = news.iter().find(|one| one["type"] == "Create").expect("a bare Create");
    assert_eq!(create["actor"], tea.ap_id.as_str());
    judge(&create["object"], tea.ap_id.as_str());
    let served: Value = serde_json::from_slice(&mob.asks(made.ap_id.as_str(), None).body).unwrap();
    judge(&served, tea.ap_id.as_str());

    // Its refresh walks through all of these, and stops at the first that is missing.
    let group: Value = serde_json::from_slice(&mob.asks(tea.ap_id.as_str(), None).body).unwrap();
    for key in ["outbox", "members", "resources", "posts", "todos", "discussions", "events"] {
        let url = group[key].as_str().unwrap_or_else(|| panic!("{key} is named"));
        let answer = mob.asks(url, None);
        let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        assert_eq!((answer.status, &document["type"]), (200, &json!("OrderedCollection")), "{key}");
        assert!(document["orderedItems"].is_array(), "{key}");
        if key == "events" {
            judge(&document["orderedItems"][0], tea.ap_id.as_str());
        }
    }

    let kim = mob.actor("Person", "/@kim", "kim", true);
    let join = json!({"@context": "https://www.w3.org/ns/activitystreams", "id": mob.id("/join/event/1"), "type": "Join",
        "actor": kim["id"], "object": made.ap_id.as_str(), "participationMessage": "I may be late."});
    assert_eq!(mob.delivers("oak.test", &join), 202);
    network.settle().await;
    assert_eq!(oak.read(|c| rsvps::count_coming(c, made.id)), 1);
    let accept = mob.news().remove(0);
    assert_eq!((&accept["type"], &accept["actor"]), (&json!("Accept"), &json!(tea.ap_id.as_str())));
    assert_eq!((&accept["object"]["id"], &accept["object"]["type"]), (&join["id"], &json!("Join")), "found by its id");
    assert_eq!((&accept["to"], &accept["cc"]), (&json!([kim["id"]]), &json!([])), "nobody else learns who comes");
    let leave = json!({"@context": "https://www.w3.org/ns/activitystreams", "id": mob.id("/leave/event/1"), "type": "Leave",
        "actor": kim["id"], "object": made.ap_id.as_str()});
    assert_eq!(mob.delivers("oak.test", &leave), 202);
    network.settle().await;
    assert_eq!(oak.read(|c| rsvps::count_coming(c, made.id)), 0);

    oak.act(|app| event::cancel(app, oak.keeper, made.id));
    network.settle().await;
    let news = mob.news();
    let update = news.iter().find(|one| one["type"] == "Update").expect("the change");
    assert_eq!(update["object"]["status"], "CANCELLED");
    judge(&update["object"], tea.ap_id.as_str());
    oak.act(|app| event::delete(app, oak.keeper, made.id));
    network.settle().await;
    let delete = mob.news().into_iter().find(|one| one["type"] == "Delete").expect("the removal");
    let gone = delete["object"].as_str().or_else(|| delete["object"]["id"].as_str()).expect("what is gone");
    assert_eq!((gone, mob.asks(gone, None).status), (made.ap_id.as_str(), 410), "404 would leave it in place");
    network.finish().await;
}
