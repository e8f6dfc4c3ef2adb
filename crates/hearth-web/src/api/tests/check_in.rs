//! Check-ins over the API: what is sent comes back, the group says what opened, and others are told nothing.

use super::world::World;
use chrono::Duration;
use serde_json::{Value, json};

#[actix_web::test]
async fn a_check_in_goes_round() {
    let world = World::start().await;
    let (keeper, fresh) = (&world.keeper, &world.fresh);
    let (list, group) = (format!("/groups/{}/check-ins", world.group), format!("/groups/{}", world.group));
    let wrong = json!({"title": "Hello", "text": "How are you?", "rule": "FREQ=WEEKLY;BYDAY=TU;COUNT=3", "time": "6"});
    let refused = fresh.call("post", &list, keeper, Some(&wrong)).await.is(422);
    assert_eq!(refused.fields(), ["rule", "time"]);
    let body = json!({
        "title": "Hello", "text": "How are you?", "rule": "FREQ=WEEKLY;BYDAY=TU", "time": "18:30",
        "visibility": "members", "draft": "0000000000012",
    });
    let made = fresh.call("post", &list, keeper, Some(&body)).await.is(201).json();
    assert_eq!(
        (&made["rule"], &made["time"], &made["own"]),
        (&json!("FREQ=WEEKLY;BYDAY=TU"), &json!("18:30"), &json!(true))
    );
    assert_eq!((&made["rests"], &made["post"], &made["zone"].is_string()), (&Value::Null, &Value::Null, &true));
    let again = fresh.call("post", &list, keeper, Some(&body)).await.is(201).json();
    assert_eq!(again["id"], made["id"], "the same draft sets one up");
    let one = format!("/check-ins/{}", made["id"].as_str().unwrap());
    // A member of the group is told nothing of what has not opened.
    for (method, path, sent) in [
        ("get", &one, None),
        ("patch", &one, Some(json!({"title": "Mine"}))),
        ("delete", &one, None),
        ("put", &format!("{one}/paused"), Some(json!({"paused": true}))),
        ("post", &format!("{one}/take-over"), None),
    ] {
        fresh.call(method, path, &world.member, sent.as_ref()).await.is(404);
    }
    fresh.get(&list, &world.member).await.is(403);
    assert!(fresh.get(&group, &world.member).await.is(200).json().get("check_in").is_none());

    let changed = fresh.call("patch", &one, keeper, Some(&json!({"rule": "FREQ=MONTHLY;BYDAY=-1FR"}))).await.is(200);
    let changed = changed.json();
    assert_eq!((&changed["rule"], &changed["text"]), (&json!("FREQ=MONTHLY;BYDAY=-1FR"), &json!("How are you?")));
    fresh.call("put", &format!("{one}/paused"), keeper, Some(&json!({"paused": true}))).await.is(204);
    let rests = fresh.get(&one, keeper).await.is(200).json();
    assert_eq!((&rests["rests"], &rests["next_at"]), (&json!("by_hand"), &Value::Null));
    fresh.call("put", &format!("{one}/paused"), keeper, Some(&json!({"paused": false}))).await.is(204);
    fresh.clock.advance(Duration::days(35));
    hearth_actions::check_in::open_due(&fresh.state.app).unwrap();
    let opened = fresh.get(&one, keeper).await.is(200).json();
    // To who may read it the group says what opened; what is for members a visitor learns nothing of.
    let member = fresh.get(&group, &world.member).await.is(200).json();
    assert_eq!(
        member["check_in"],
        json!({"post": opened["post"], "rule": opened["rule"], "next_at": opened["next_at"]})
    );
    assert!(opened["next_at"].is_string());
    assert!(fresh.get(&group, "").await.is(200).json().get("check_in").is_none());
    fresh.call("delete", &one, keeper, None).await.is(204);
    fresh.get(&one, keeper).await.is(404);
    fresh.get(&format!("/posts/{}", opened["post"].as_str().unwrap()), &world.member).await.is(200);
}
