//! The shared corpus of hostile activities, where it is at hand: in `../shared`, or where `HEARTH_CORPUS` says.

use crate::stage::{HIDDEN, Stage};
use chrono::Duration;
use serde_json::{Value, json};

/// The bodies of the shared corpus, signed by elm and ash in place of its own actors.
#[tokio::test(flavor = "multi_thread")]
async fn the_corpus_of_signed_activities() {
    let folder = std::env::var("HEARTH_CORPUS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/security/corpus").to_owned());
    let Ok(index) = std::fs::read(format!("{folder}/index.json")) else { return };
    let rows: Vec<Value> = serde_json::from_slice(&index).expect("an index");
    let stage = Stage::set().await;
    let picture = |stage: &Stage| {
        let mut picture = stage.picture();
        for field in ["roots", "replies", "followers"] {
            // What anybody may do in an open group: write, follow, and come.
            picture[field] = Value::Null;
        }
        for meetup in picture["meetups"].as_array_mut().expect("meetups") {
            meetup[3] = Value::Null;
        }
        picture
    };
    let before = picture(&stage);
    let mut sent = 0;
    for row in rows.iter().filter(|row| row["kind"] == "json") {
        let file = row["file"].as_str().expect("a name");
        let signer = match row["signer"].as_str() {
            Some("alice") => &stage.friend,
            Some("evil" | "mallory") => &stage.stranger,
            _ => continue,
        };
        let body = filled(&std::fs::read(format!("{folder}/{file}")).expect("a body"), &stage, sent);
        let status = stage.post("/inbox", signer.sign(&body, stage.now()), body).await.as_u16();
        let wanted = row["expect_status"].as_array().expect("statuses");
        // A post without an author is refused here; the corpus would have it taken as the signer's. The private group
        // of the corpus is one for partners; here it is one nobody is told about, and is not there to be followed.
        let stricter = matches!((&file[..7], status), ("auth-06", 403) | ("auth-33", 404));
        assert!(stricter || wanted.contains(&json!(status)), "{file}: {status}, wanted {wanted:?}");
        stage.net.clock.advance(Duration::seconds(1));
        stage.net.settle().await;
        assert_eq!(picture(&stage), before, "{file}");
        sent += 1;
    }
    assert!(sent > 150, "{sent} bodies");
}

fn filled(body: &[u8], stage: &Stage, number: usize) -> Vec<u8> {
    let mut body = body.to_vec();
    let (root, meetup) = (stage.root.ap_id.to_string(), stage.meetup.ap_id.to_string());
    let (members_only, members_meetup) = (stage.members_only.ap_id.to_string(), stage.members_meetup.ap_id.to_string());
    let nonce = format!("nonce{number}");
    for (from, to) in [
        ("{{PEER}}/users/alice", stage.friend.id.as_str()),
        ("{{EVIL}}/users/mallory", &stage.stranger.id),
        ("{{PEER_POST}}", "https://elm.test/notes/known"),
        ("{{VICTIM_POST}}", "https://yew.test/notes/known"),
        ("{{PEER}}", "https://elm.test"),
        ("{{EVIL}}", "https://ash.test"),
        ("https://evil.test", "https://ash.test"),
        ("https://peer.test", "https://elm.test"),
        ("evil.test", "ash.test"),
        ("EVIL.test", "ASH.test"),
        ("{{VICTIM}}", "https://yew.test"),
        ("{{BASE}}", "https://oak.test"),
        ("{{HOST}}", "oak.test"),
        ("{{GROUP_NAME}}", "tea"),
        ("{{GROUP}}", stage.tea.ap_id.as_str()),
        ("{{PRIVATE_GROUP}}", HIDDEN),
        ("{{USER}}", "https://oak.test/u/rowan"),
        ("{{POST}}", &root),
        ("{{PRIVATE_POST}}", &members_only),
        ("{{EVENT}}", &meetup),
        ("{{PRIVATE_EVENT}}", &members_meetup),
        ("{{NONCE}}", &nonce),
        ("{{NOW}}", "2026-11-24T10:00:00Z"),
    ] {
        body = replaced(&body, from.as_bytes(), to.as_bytes());
    }
    body
}

/// As `str::replace`, for bodies that are no text.
fn replaced(body: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.windows(from.len()).position(|part| part == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}
