//! Requests that are bent, and activities that speak for another.

use crate::stage::{HIDDEN, PUBLIC, Stage};
use chrono::Duration;
use hearth_db::tables::{activities, deliveries};
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue},
};
use serde_json::{Value, json};

fn header(headers: &mut HeaderMap, name: &'static str, value: &str) {
    headers.insert(name, HeaderValue::from_str(value).expect("a header"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_delivery_is_taken_once() {
    let stage = Stage::set().await;
    let activity = stage.note(&stage.friend, "one", |_| {});
    let body = activity.to_string().into_bytes();
    let headers = stage.friend.sign(&body, stage.now());
    assert_eq!(stage.post("/inbox", headers.clone(), body.clone()).await, StatusCode::ACCEPTED);
    let after = stage.picture();
    assert_eq!(after["replies"], 1);
    assert_eq!(stage.post("/inbox", headers, body).await, StatusCode::ACCEPTED, "the same bytes again");
    let again = stage.note(&stage.friend, "one", |activity| activity["object"]["content"] = json!("Other words"));
    assert_eq!(stage.deliver(&stage.friend, &again).await, 202, "the same id, signed afresh");
    assert_eq!(stage.picture(), after);
    // An undone follow does not come back by replaying it.
    let follow = stage.about(&stage.stranger, "follow", "Follow", stage.tea.ap_id.as_str());
    assert_eq!(stage.deliver(&stage.stranger, &follow).await, 202);
    assert_eq!(stage.picture()["followers"], 2);
    let undo = stage.about(&stage.stranger, "undo", "Undo", follow.clone());
    assert_eq!(stage.deliver(&stage.stranger, &undo).await, 202);
    assert_eq!(stage.deliver(&stage.stranger, &follow).await, 202);
    assert_eq!(stage.picture(), after);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_not_quite_right_changes_nothing() {
    let stage = Stage::set().await;
    let (before, now) = (stage.picture(), stage.now());
    let body = stage.note(&stage.friend, "bent", |_| {}).to_string().into_bytes();
    let good = || stage.friend.sign(&body, now);
    let bent = |change: &dyn Fn(&mut HeaderMap)| {
        let mut headers = good();
        change(&mut headers);
        headers
    };
    let other = br#"{"type":"Create"}"#;
    let deep = format!("{}{}", r#"{"id":"#, "[".repeat(5_000)).into_bytes();
    let twice =
        String::from_utf8(body.clone()).expect("text").replacen('{', r#"{"actor":"https://ash.test/u/rowan","#, 1);
    let twice = twice.into_bytes();
    let huge = vec![b' '; 1024 * 1024 + 1];
    let mut cases: Vec<(&str, HeaderMap, Vec<u8>, u16)> = vec![
        ("unsigned", bent(&|h| drop(h.remove("signature"))), body.clone(), 401),
        ("no digest", bent(&|h| drop(h.remove("digest"))), body.clone(), 400),
        ("another body", good(), other.to_vec(), 401),
        (
            "two digests",
            bent(&|h| {
                let _ = h.append("digest", h["digest"].clone());
            }),
            body.clone(),
            400,
        ),
        (
            "two signatures",
            bent(&|h| {
                let _ = h.append("signature", h["signature"].clone());
            }),
            body.clone(),
            400,
        ),
        (
            "two dates",
            bent(&|h| {
                let _ = h.append("date", h["date"].clone());
            }),
            body.clone(),
            400,
        ),
        ("another Host", bent(&|h| header(h, "host", "elm.test")), body.clone(), 421),
        ("signed for elm", stage.friend.sign_for("https://elm.test/inbox", &body, now), body.clone(), 421),
        ("for another path", stage.friend.sign_for("https://oak.test/u/rowan/inbox", &body, now), body.clone(), 401),
        ("a year ahead", stage.friend.sign(&body, now + Duration::days(365)), body.clone(), 401),
        ("six minutes ahead", stage.friend.sign(&body, now + Duration::minutes(6)), body.clone(), 401),
        ("two hours old", stage.friend.sign(&body, now - Duration::hours(2)), body.clone(), 401),
        ("by a stranger's key", stage.stranger.sign(&body, now), body.clone(), 401),
        ("no JSON type", bent(&|h| header(h, "content-type", "text/plain")), body.clone(), 415),
        ("compressed", bent(&|h| header(h, "content-encoding", "gzip")), body.clone(), 415),
        ("too large", stage.friend.sign(&huge, now), huge.clone(), 413),
        ("too deep", stage.friend.sign(&deep, now), deep.clone(), 400),
        ("a key twice", stage.friend.sign(&twice, now), twice.clone(), 400),
    ];
    let forged = String::from_utf8(good()["signature"].as_bytes().to_vec()).expect("text");
    for (name, from, to) in [
        ("keyId of the stranger", "https://elm.test/u/rowan", "https://ash.test/u/rowan"),
        ("host not covered", "(request-target) host date", "(request-target) date"),
        ("digest not covered", " digest", ""),
        ("a foreign algorithm", "hs2019", "hmac-sha256"),
    ] {
        assert!(forged.contains(from), "{name}");
        let signature = forged.replace(from, to);
        cases.push((name, bent(&|h| header(h, "signature", &signature)), body.clone(), 401));
    }
    for (name, headers, body, status) in cases {
        assert_eq!(headers.get_all(CONTENT_TYPE).iter().count(), 1, "{name}");
        assert_eq!(stage.post("/inbox", headers, body).await.as_u16(), status, "{name}");
        stage.net.settle().await;
        assert_eq!(stage.picture(), before, "{name}");
    }
    // The control: the very same bytes, unbent.
    assert_eq!(stage.post("/inbox", good(), body.clone()).await, StatusCode::ACCEPTED);
    assert_eq!(stage.picture()["replies"], 1);
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_for_another() {
    let stage = Stage::set().await;
    let (ash, elm) = (&stage.stranger, &stage.friend);
    assert_eq!(stage.deliver(elm, &stage.note(elm, "mine", |_| {})).await, 202);
    let join = stage.about(elm, "join", "Join", stage.meetup.ap_id.as_str());
    assert_eq!(stage.deliver(elm, &join).await, 202);
    let before = stage.picture();
    let mine = elm.own("mine");
    let (tea, root, meetup) = (stage.tea.ap_id.as_str(), stage.root.ap_id.as_str(), stage.meetup.ap_id.as_str());
    let follow = json!({"id": elm.own("f"), "type": "Follow", "actor": elm.id, "object": tea});
    let named = |name: &str, change: &dyn Fn(&mut Value)| stage.note(ash, name, change);
    let with = |mut activity: Value, change: &dyn Fn(&mut Value)| {
        change(&mut activity);
        activity
    };
    let event = json!({"id": meetup, "type": "Event", "name": "Elsewhere", "attributedTo": tea, "to": [PUBLIC],
        "startTime": "2026-12-01T18:30:00Z", "location": {"type": "Place", "name": "A dark alley"}});
    let forged_note = json!({"id": mine, "type": "Note", "attributedTo": elm.id, "content": "<p>Forged</p>",
        "to": [PUBLIC, tea], "inReplyTo": root});
    let group = json!({"id": tea, "type": "Group", "name": "Ours now", "inbox": ash.own("inbox"), "to": [PUBLIC],
        "preferredUsername": "tea"});
    let attacks: Vec<(&str, Value, &[u16])> = vec![
        ("a wrong actor", named("a", &|a| a["actor"] = json!(elm.id)), &[401, 403]),
        ("another author", named("b", &|a| a["object"]["attributedTo"] = json!(elm.id)), &[403]),
        ("an author here", named("c", &|a| a["object"]["attributedTo"] = json!("https://oak.test/u/rowan")), &[403]),
        (
            "no author",
            named("no-author", &|a| {
                a["object"].as_object_mut().expect("an object").remove("attributedTo");
            }),
            &[202],
        ),
        ("an activity id elsewhere", named("d", &|a| a["id"] = json!(elm.own("d"))), &[403]),
        ("an object id elsewhere", named("e", &|a| a["object"]["id"] = json!(elm.own("e"))), &[403]),
        ("an object id here", named("f", &|a| a["object"]["id"] = json!(root)), &[403]),
        ("an activity id here", named("g", &|a| a["id"] = json!("https://oak.test/a/1")), &[403]),
        ("over a known note", named("h", &|a| a["object"]["id"] = json!(mine)), &[403]),
        ("Update of another's", stage.about(ash, "i", "Update", forged_note.clone()), &[403]),
        ("Update of a meetup here", stage.about(ash, "j", "Update", event.clone()), &[403]),
        (
            "a meetup in our name",
            stage.about(ash, "k", "Create", with(event, &|e| e["id"] = json!(ash.own("e")))),
            &[403],
        ),
        ("Update of a group here", stage.about(ash, "l", "Update", group), &[202, 403]),
        ("Delete of another's", stage.about(ash, "m", "Delete", mine.as_str()), &[403]),
        ("Delete of a post here", stage.about(ash, "n", "Delete", root), &[403]),
        ("Delete of a meetup here", stage.about(ash, "o", "Delete", meetup), &[403]),
        ("Delete of a group here", stage.about(ash, "p", "Delete", tea), &[403]),
        ("Delete of somebody else", stage.about(ash, "q", "Delete", elm.id.as_str()), &[403]),
        ("Undo of another's follow", stage.about(ash, "r", "Undo", follow.clone()), &[403]),
        ("Undo by id", stage.about(ash, "s", "Undo", elm.own("f")), &[202]),
        ("Undo of another's Join", stage.about(ash, "t", "Undo", join.clone()), &[403]),
        ("Accept of a follow", stage.about(ash, "u", "Accept", follow.clone()), &[202]),
        ("Accept of a Join", stage.about(ash, "v", "Accept", join), &[202]),
        (
            "Join for somebody else",
            with(stage.about(ash, "w", "Join", meetup), &|a| a["actor"] = json!(elm.id)),
            &[401, 403],
        ),
        ("Leave", stage.about(ash, "x", "Leave", meetup), &[202]),
        ("a forged copy in an Announce", stage.about(ash, "y", "Announce", forged_note.clone()), &[202]),
        (
            "Announce of a forged Update",
            stage.about(
                ash,
                "z",
                "Announce",
                json!({"id": elm.own("up"), "type": "Update",
            "actor": elm.id, "to": [PUBLIC], "object": forged_note}),
            ),
            &[202],
        ),
        ("Announce as the group", with(stage.about(ash, "aa", "Announce", root), &|a| a["actor"] = json!(tea)), &[403]),
        ("Add to the team", stage.about(ash, "ab", "Add", ash.id.as_str()), &[202]),
        ("Block of a member", stage.about(ash, "ac", "Block", "https://oak.test/u/rowan"), &[202]),
        ("Move of a group here", stage.about(ash, "ad", "Move", tea), &[202, 403]),
        ("a private note", named("ae", &|a| a["object"]["to"] = json!([tea])), &[403]),
        ("a note to followers", named("af", &|a| a["object"]["to"] = json!([ash.own("followers"), tea])), &[403]),
        (
            "no recipients",
            // An object alone without them shares those of its activity.
            named("ag", &|a| {
                a["object"].as_object_mut().expect("an object").remove("to");
                a.as_object_mut().expect("an object").remove("to");
            }),
            &[202, 403],
        ),
        (
            "a reply to what is for members",
            named("ah", &|a| a["object"]["inReplyTo"] = json!(stage.members_only.ap_id.as_str())),
            &[202, 403],
        ),
        ("Join of what is for members", stage.about(ash, "ai", "Join", stage.members_meetup.ap_id.as_str()), &[202]),
        ("Join of what is hidden", stage.about(ash, "aj", "Join", stage.hidden_meetup.ap_id.as_str()), &[202]),
        ("Follow of what is hidden", stage.about(ash, "ak", "Follow", HIDDEN), &[404]),
    ];
    for (name, activity, expected) in attacks {
        let status = stage.deliver(ash, &activity).await;
        assert!(expected.contains(&status), "{name}: {status}");
        assert_eq!(stage.picture(), before, "{name}");
        let kept = stage.oak().post(&mine).expect("the note stays");
        assert!(kept.content_html.contains("From afar") && kept.deleted_at.is_none(), "{name}");
    }
    // Who blocks somebody here can't answer them any more, and is told that it was not taken.
    let sent = stage.oak().read(|c| {
        let rows = deliveries::of_host(c, "ash.test")?;
        rows.into_iter().map(|row| activities::by_id(c, row.activity_id)).collect::<hearth_db::Result<Vec<_>>>()
    });
    let kinds: Vec<String> = sent.into_iter().flatten().map(|activity| activity.kind).collect();
    assert!(kinds.iter().all(|kind| kind == "Reject"), "the stranger gets nothing, not even an answer: {kinds:?}");
    stage.finish().await;
}
