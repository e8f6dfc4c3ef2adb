//! What other servers may not learn or lift by sending something.

use crate::stage::{HIDDEN, PUBLIC, Stage, restrict};
use hearth_db::tables::deliveries;
use hearth_domain::group::{Reach, Readable};
use serde_json::{Value, json};

/// A group that does not exist.
const NOWHERE: &str = "https://oak.test/g/nowhere";

/// Two activities that differ only in what they name; the answers may not.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_answers_like_what_is_not_there() {
    let stage = Stage::set().await;
    let ash = &stage.stranger;
    let pairs = [
        (stage.members_only.ap_id.to_string(), "https://oak.test/p/0000000000001"),
        (stage.hidden_post.ap_id.to_string(), "https://oak.test/p/0000000000002"),
        (stage.members_meetup.ap_id.to_string(), "https://oak.test/e/0000000000003"),
        (stage.hidden_meetup.ap_id.to_string(), "https://oak.test/e/0000000000004"),
        (HIDDEN.to_owned(), NOWHERE),
    ];
    for (number, (hidden, unknown)) in pairs.iter().enumerate() {
        for kind in
            ["Join", "TentativeAccept", "Leave", "Like", "Announce", "Delete", "Undo", "Follow", "Flag", "Accept"]
        {
            let name = |which: &str| format!("{which}-{number}-{kind}");
            let left = stage.deliver(ash, &stage.about(ash, &name("a"), kind, hidden.as_str())).await;
            let right = stage.deliver(ash, &stage.about(ash, &name("b"), kind, *unknown)).await;
            assert_eq!(left, right, "{kind} of {hidden}");
        }
        // Answered, with and without an open group beside it, and written into.
        let written = [("tea", stage.tea.ap_id.to_string()), ("none", ash.own("nobody"))];
        for (word, beside) in &written {
            let write = |which: &str, target: &str| {
                stage.note(ash, &format!("{which}-{number}-{word}"), |activity| {
                    let object = &mut activity["object"];
                    object["audience"] = json!(if target.contains("/g/") { target } else { beside });
                    object["to"] = json!([PUBLIC, object["audience"]]);
                    object["inReplyTo"] = if target.contains("/g/") { Value::Null } else { json!(target) };
                })
            };
            let left = stage.deliver(ash, &write("left", hidden)).await;
            let right = stage.deliver(ash, &write("right", unknown)).await;
            assert_eq!(left, right, "a note to {hidden}, {word}");
        }
    }
    stage.finish().await;
}

/// Everybody may read such a group here, but nothing of it is for other servers.
#[tokio::test(flavor = "multi_thread")]
async fn a_public_group_that_stays_here_takes_nothing_from_elsewhere() {
    let stage = Stage::set().await;
    let (oak, ash) = (stage.oak(), &stage.stranger);
    // Both follow the group and one has written in it, while it is open.
    let follow = stage.about(ash, "follow", "Follow", stage.tea.ap_id.as_str());
    assert_eq!(stage.deliver(ash, &follow).await, 202);
    assert_eq!(stage.deliver(&stage.friend, &stage.note(&stage.friend, "mine", |_| {})).await, 202);
    restrict(oak, stage.tea.id, Readable::Public, Reach::Here);
    let before = stage.picture();
    let before_ash = oak.read(|c| deliveries::of_host(c, "ash.test")).len();
    assert!(before_ash >= 2, "an Accept and what was relayed");
    for (name, kind) in [("a", "Join"), ("b", "TentativeAccept")] {
        let activity = stage.about(ash, name, kind, stage.meetup.ap_id.as_str());
        assert_eq!(stage.deliver(ash, &activity).await, 202, "{kind}");
        assert_eq!(stage.picture(), before, "{kind}");
    }
    for (name, parent) in [("c", Value::Null), ("d", json!(stage.root.ap_id.as_str()))] {
        let note = stage.note(ash, name, |activity| activity["object"]["inReplyTo"] = parent);
        stage.deliver(ash, &note).await;
        assert_eq!(stage.picture(), before, "{name}");
    }
    let sent = oak.read(|c| deliveries::of_host(c, "ash.test"));
    assert_eq!(sent.len(), before_ash, "above all not the address of the meetup");
    // Its followers learn nothing more of it, not even from those who wrote in it before.
    let elm = &stage.friend;
    let to_elm = oak.read(|c| deliveries::of_host(c, "elm.test")).len();
    assert_eq!(stage.deliver(elm, &stage.about(elm, "gone", "Delete", elm.own("mine"))).await, 202);
    assert!(oak.post(&elm.own("mine")).expect("a tombstone").deleted_at.is_some());
    assert_eq!(oak.read(|c| deliveries::of_host(c, "elm.test")).len(), to_elm);
    let third = oak.read(|c| deliveries::of_host(c, "ash.test"));
    assert_eq!(third.len(), before_ash, "nothing is relayed");
    stage.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_that_became_private_are_not_shown() {
    let stage = Stage::set().await;
    let elm = &stage.friend;
    let note = stage.note(elm, "mine", |_| {});
    assert_eq!(stage.deliver(elm, &note).await, 202);
    let mut narrowed = stage.note(elm, "mine", |activity| {
        activity["id"] = json!(elm.own("narrowed"));
        activity["type"] = json!("Update");
        activity["object"]["to"] = json!([elm.own("followers")]);
        activity["object"]["content"] = json!("<p>For friends only</p>");
    });
    narrowed["object"]["updated"] = json!("2026-11-24T10:00:00Z");
    assert_eq!(stage.deliver(elm, &narrowed).await, 403);
    let kept = stage.oak().post(&elm.own("mine")).expect("it stays as it was");
    assert!(!kept.content_html.contains("friends"));
    stage.finish().await;
}
