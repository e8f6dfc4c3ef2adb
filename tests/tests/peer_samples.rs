//! Reads real documents of other servers, from the folders named by `HEARTH_PEER_SAMPLES` (separated by `:`).
//!
//! The documents belong to other projects and stay outside this repository; without the variable nothing is read. The
//! test is about reading only: `http` ids and dates long past are allowed. Every file must be understood, or refused for
//! a reason that this test verifies in the file itself; what the profile says we accept must never be refused otherwise.

use std::collections::BTreeMap;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use hearth_activitypub::inbound::{ActivityKind, Document, Item, ReadOptions, Refusal, read_activity, read_document};
use serde_json::Value;

/// Types that profile 3.1(j), 4.6 and 5.1 accept, besides documents without a type (WebFinger, NodeInfo).
const ACCEPTED: [&str; 39] = [
    "Person",
    "Group",
    "Service",
    "Application",
    "Organization",
    "Page",
    "Article",
    "Note",
    "Video",
    "Question",
    "Event",
    "Tombstone",
    "Collection",
    "CollectionPage",
    "OrderedCollection",
    "OrderedCollectionPage",
    "Accept",
    "Add",
    "Announce",
    "Block",
    "Create",
    "Delete",
    "Dislike",
    "EmojiReact",
    "Flag",
    "Follow",
    "Ignore",
    "Invite",
    "Join",
    "Leave",
    "Like",
    "Lock",
    "Move",
    "QuoteRequest",
    "Reject",
    "Remove",
    "TentativeAccept",
    "Undo",
    "Update",
];

/// What became of one file.
struct Outcome {
    /// One line for people.
    told: String,
    /// Set when the file shows a fault of the reader.
    fault: Option<String>,
    /// What it was understood as, or "refused".
    class: &'static str,
}

#[test]
fn peer_samples() {
    let Some(folders) = std::env::var_os("HEARTH_PEER_SAMPLES") else {
        println!("skipped: HEARTH_PEER_SAMPLES names no folders with documents of other servers");
        return;
    };
    let mut files = Vec::new();
    for folder in std::env::split_paths(&folders) {
        collect(&folder, &mut files);
    }
    files.sort();
    assert!(!files.is_empty(), "HEARTH_PEER_SAMPLES is set, but its folders hold no .json files");

    let mut faults = Vec::new();
    let mut classes: BTreeMap<&'static str, usize> = BTreeMap::new();
    for file in &files {
        let outcome = examine(file);
        println!("{}: {}", file.display(), outcome.told);
        *classes.entry(outcome.class).or_default() += 1;
        faults.extend(outcome.fault.map(|fault| format!("{}: {fault}", file.display())));
    }
    println!("{} files: {classes:?}", files.len());
    assert!(faults.is_empty(), "{} files show a fault of the reader:\n{}", faults.len(), faults.join("\n"));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
}

fn examine(file: &Path) -> Outcome {
    let (bytes, restored) = restore(fs::read(file).unwrap());
    let outcome = examine_bytes(&bytes);
    let note = if restored { " (scrubbed ids and dates filled in)" } else { "" };
    Outcome { told: format!("{}{note}", outcome.told), ..outcome }
}

/// Mbin's own snapshots have their random ids and dates scrubbed out; some address must stand there again to be read.
fn restore(bytes: Vec<u8>) -> (Vec<u8>, bool) {
    let Ok(text) = String::from_utf8(bytes.clone()) else { return (bytes, false) };
    if !text.contains("\"SCRUBBED_ID\"") {
        return (bytes, false);
    }
    let mut restored = String::new();
    for (number, part) in text.split("\"SCRUBBED_ID\"").enumerate() {
        if number > 0 {
            restored.push_str(&format!("\"https://kbin.test/scrubbed/{number}\""));
        }
        restored.push_str(part);
    }
    (restored.replace("\"SCRUBBED_DATE\"", "\"2026-01-01T00:00:00Z\"").into_bytes(), true)
}

fn examine_bytes(bytes: &[u8]) -> Outcome {
    let Ok(read) = catch_unwind(|| read_document(bytes, ReadOptions::dev())) else {
        return Outcome { told: "PANIC".into(), fault: Some("the reader panicked".into()), class: "panic" };
    };
    match read {
        Ok(document) => {
            let fault = misread(&document, bytes).or_else(|| unreadable_items(&document, bytes));
            Outcome { told: format!("understood as {}", describe(&document)), fault, class: document.kind() }
        }
        Err(refusal) => {
            let fault = unjustified(&refusal, bytes);
            Outcome { told: format!("refused: {refusal}"), fault, class: "refused" }
        }
    }
}

/// What the document was understood as, for people.
fn describe(document: &Document) -> String {
    match document {
        Document::Actor(actor) => format!("actor {:?}", actor.kind),
        Document::Post(post) => format!("post {:?}", post.kind),
        Document::Event(event) => format!("event starting {}", event.start),
        Document::Collection(collection) => format!("{:?} of {} items", collection.kind, collection.items.len()),
        Document::Activity(activity) => {
            let debug = format!("{:?}", activity.kind);
            format!("activity {}", debug.split([' ', '{', '(']).next().unwrap_or_default())
        }
        other => other.kind().to_owned(),
    }
}

/// What must have been read as it stands in the file, judged by a second, plain look at the file.
fn misread(document: &Document, bytes: &[u8]) -> Option<String> {
    let json: Value = serde_json::from_slice(bytes).ok()?;
    let id = match document {
        Document::Actor(actor) => Some(actor.id.as_str()),
        Document::Key(key) => Some(key.key.id.as_str()),
        Document::Post(post) => Some(post.id.as_str()),
        Document::Event(event) => Some(event.id.as_str()),
        Document::Tombstone(tombstone) => Some(tombstone.id.as_str()),
        Document::Collection(collection) => collection.id.as_ref().map(|id| id.as_str()),
        Document::Activity(activity) => activity.id.as_ref().map(|id| id.as_str()),
        Document::WebFinger(_) | Document::NodeInfoLinks(_) | Document::NodeInfo(_) => return None,
    };
    let written = json.get("id").and_then(Value::as_str).map(|id| id.trim_end_matches('/'));
    if written != id.map(|id| id.trim_end_matches('/')) {
        return Some(format!("the id {written:?} was read as {id:?}"));
    }
    let has = |key: &str| json.get(key).is_some_and(|value| !value.is_null());
    let lost = |key: &str, found: bool| (has(key) && !found).then(|| format!("{key} was lost"));
    match document {
        Document::Actor(actor) => {
            let key = json.get("publicKey").is_some_and(|key| key.to_string().contains("PUBLIC KEY-----"));
            let key_lost = || (key && actor.public_keys.is_empty()).then(|| "the key was lost".to_owned());
            lost("inbox", actor.inbox.is_some())
                .or_else(|| lost("preferredUsername", actor.preferred_username.is_some()))
                .or_else(|| lost("outbox", actor.outbox.is_some()))
                .or_else(key_lost)
        }
        Document::Post(post) => lost("attributedTo", post.attributed_to.is_some())
            .or_else(|| lost("published", post.published.is_some()))
            .or_else(|| lost("content", post.content.is_some()))
            .or_else(|| lost("inReplyTo", post.in_reply_to.is_some()))
            .or_else(|| lost("audience", post.audience.is_some())),
        Document::Event(event) => {
            lost("endTime", event.end.is_some()).or_else(|| lost("location", !event.places.is_empty()))
        }
        Document::Activity(activity) => misread_activity(&activity.kind, &json, bytes),
        _ => None,
    }
}

fn misread_activity(kind: &ActivityKind, json: &Value, bytes: &[u8]) -> Option<String> {
    if matches!(kind, ActivityKind::Other(_)) {
        let inner = json.get("object").and_then(|object| object.get("type")).and_then(Value::as_str);
        let justified = inner.is_some_and(|kind| !ACCEPTED.contains(&kind));
        return (!justified).then(|| format!("dropped as {kind:?}"));
    }
    match read_activity(bytes, ReadOptions::dev()) {
        Ok(delivered) if delivered.kind == *kind && delivered.raw.as_bytes() == bytes => None,
        Ok(_) => Some("reads differently as a delivery".into()),
        Err(refusal) => Some(format!("refused as a delivery: {refusal}")),
    }
}

/// Items of a collection are judged like files of their own. NodeBB once listed its own posts by bare numbers.
fn unreadable_items(document: &Document, bytes: &[u8]) -> Option<String> {
    let Document::Collection(collection) = document else { return None };
    let json: Value = serde_json::from_slice(bytes).ok()?;
    let written = json.get("orderedItems").or_else(|| json.get("items")).and_then(Value::as_array);
    let items = written.into_iter().flatten().zip(&collection.items);
    items.into_iter().find_map(|(written, item)| match item {
        Item::Unreadable(_, Refusal::UnknownType(kind)) if !ACCEPTED.contains(&kind.as_str()) => None,
        Item::Unreadable(None, Refusal::BadId) if written.is_string() && !is_address(written) => None,
        // An object inside an embedded first page may go without an id; nothing can be done with it.
        Item::Unreadable(None, Refusal::NoId) if written.get("id").is_none() => None,
        Item::Unreadable(id, refusal) => Some(format!("item {id:?} was refused: {refusal}")),
        _ => None,
    })
}

/// Whether it looks like an address at all.
fn is_address(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with("https://") || text.starts_with("http://"))
}

/// Checks in the file itself that the reason for a refusal is true, and one the profile gives.
fn unjustified(refusal: &Refusal, bytes: &[u8]) -> Option<String> {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else {
        return (*refusal != Refusal::NotJson).then(|| format!("not JSON, but refused because {refusal}"));
    };
    let lacks = |object: &Value, key: &str| object.get(key).is_none_or(Value::is_null);
    let inner_lacks = |key: &str| json.get("object").is_some_and(|inner| inner.is_object() && lacks(inner, key));
    let justified = match refusal {
        Refusal::NoId => lacks(&json, "id") || inner_lacks("id"),
        Refusal::NoType => lacks(&json, "type"),
        Refusal::MissingField(key) => lacks(&json, key) || inner_lacks(key),
        Refusal::UnknownType(_) => {
            json.get("type").and_then(Value::as_str).is_some_and(|kind| !ACCEPTED.contains(&kind))
        }
        Refusal::BadId => {
            // FEP-1b12 has an example without a scheme; Mastodon gives the votes in its polls ids with a fragment.
            let inner = json.get("object").and_then(|object| object.get("id"));
            let no_address = json.get("id").into_iter().chain(inner).any(|id| !is_address(id));
            no_address || inner.and_then(Value::as_str).is_some_and(|id| id.contains('#'))
        }
        _ => false,
    };
    (!justified).then(|| format!("should have been understood, but was refused: {refusal}"))
}
