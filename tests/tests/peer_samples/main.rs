//! Reads real documents of other servers, from the folders named by `HEARTH_PEER_SAMPLES` (separated by `:`).
//!
//! The documents belong to other projects and stay outside this repository; without the variable nothing is read. The
//! folder right below one of those is the name of the software. The test is about reading only: `http` ids and dates
//! long past are allowed. Every file must be understood as `expected` reads it by the rules of its software, in every
//! shape that software gives the same thing (`variants`), or refused for a reason that is verified in the file itself;
//! what the profile says we accept must never be refused otherwise.

mod expected;
mod found;
mod variants;

use std::collections::BTreeMap;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use expected::Facts;
use found::Inner;
use hearth_activitypub::inbound::{
    ActivityKind, Document, InboxActivity, Item, ReadOptions, Refusal, read_activity, read_document,
};
use serde_json::Value;

/// The ways to name everybody.
const PUBLIC: [&str; 3] = ["https://www.w3.org/ns/activitystreams#Public", "as:Public", "Public"];

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
    for root in std::env::split_paths(&folders) {
        let mut below = Vec::new();
        collect(&root, &mut below);
        files.extend(below.into_iter().map(|file| (software_of(&root, &file), file)));
    }
    files.sort();
    assert!(!files.is_empty(), "HEARTH_PEER_SAMPLES is set, but its folders hold no .json files");

    let mut faults = Vec::new();
    let mut classes: BTreeMap<&'static str, usize> = BTreeMap::new();
    for (software, file) in &files {
        let outcome = examine(software, file);
        println!("{}: {}", file.display(), outcome.told);
        *classes.entry(outcome.class).or_default() += 1;
        faults.extend(outcome.fault.map(|fault| format!("{}: {fault}", file.display())));
    }
    println!("{} files: {classes:?}", files.len());
    assert!(faults.is_empty(), "{} files show a fault of the reader:\n{}", faults.len(), faults.join("\n"));
}

/// The name of the first folder below the root; of the root itself for a file right in it.
fn software_of(root: &Path, file: &Path) -> String {
    let below = file.strip_prefix(root).unwrap_or(file);
    let first = below.parent().and_then(|folder| folder.components().next()).map(|part| part.as_os_str());
    first.or(root.file_name()).unwrap_or_default().to_string_lossy().into_owned()
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

fn examine(software: &str, file: &Path) -> Outcome {
    let (bytes, restored) = restore(fs::read(file).unwrap());
    let outcome = examine_bytes(software, &bytes);
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

fn examine_bytes(software: &str, bytes: &[u8]) -> Outcome {
    let Ok(read) = catch_unwind(|| read_document(bytes, ReadOptions::dev())) else {
        return Outcome { told: "PANIC".into(), fault: Some("the reader panicked".into()), class: "panic" };
    };
    match read {
        Ok(document) => {
            let json: Value = serde_json::from_slice(bytes).unwrap_or_default();
            let fault = misread(software, &document, &json, None)
                .or_else(|| misread_delivery(&document, &json, bytes))
                .or_else(|| unreadable_items(&document, bytes))
                .or_else(|| misread_variant(software, &json));
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

/// The first difference between what the rules of the software say about the JSON and what was understood, here or in
/// anything embedded. `around` is the activity it stands in.
fn misread(software: &str, document: &Document, json: &Value, around: Option<&Value>) -> Option<String> {
    match document {
        Document::Actor(actor) => difference(&expected::actor(json), &found::actor(actor)),
        Document::Post(post) => difference(&expected::post(software, json, around), &found::post(post)),
        Document::Event(event) => difference(&expected::event(json, around), &found::event(event)),
        Document::Activity(activity) => misread_activity(software, activity, json),
        Document::Collection(collection) => {
            let items = collection.items.iter().zip(expected::items(json));
            let misread_item = |(item, json): (&Item, &Value)| match item {
                Item::Activity(activity) => misread_activity(software, activity, json),
                Item::Object(document) => misread(software, document, json, None),
                Item::Id(_) | Item::Unreadable(..) => None,
            };
            difference(&expected::collection(json), &found::collection(collection))
                .or_else(|| items.into_iter().find_map(misread_item))
        }
        Document::Key(_) | Document::Tombstone(_) => {
            let written = expected::address(json);
            let read = found::document_id(document).map(|id| id.to_string());
            (written != read).then(|| format!("the id {written:?} was read as {read:?}"))
        }
        Document::WebFinger(found) => {
            let told = json.get("subject").and_then(Value::as_str);
            (told != Some(&*found.subject)).then(|| format!("the subject {told:?} was read as {:?}", found.subject))
        }
        Document::NodeInfo(found) => {
            let told = json.pointer("/software/name").and_then(Value::as_str).unwrap_or_default();
            let read = found.software.name();
            (told.to_lowercase() != read).then(|| format!("the software {told:?} was read as {read:?}"))
        }
        Document::NodeInfoLinks(_) => None,
    }
}

fn misread_activity(software: &str, activity: &InboxActivity, json: &Value) -> Option<String> {
    if let ActivityKind::Other(_) = activity.kind {
        let inner = json.get("object").and_then(expected::kind);
        return inner.is_none_or(|kind| ACCEPTED.contains(&kind)).then(|| format!("dropped as {:?}", activity.kind));
    }
    let inside = found::inner(&activity.kind).into_iter().zip(expected::many(json.get("object")));
    difference(&expected::activity(json), &found::activity(activity)).or_else(|| {
        inside.into_iter().find_map(|(read, written)| match read {
            Some(Inner::Document(document)) => misread(software, document, written, Some(json)),
            Some(Inner::Activity(inner)) => misread_activity(software, inner, written),
            None => {
                let readable = expected::kind(written).is_some_and(|kind| ACCEPTED.contains(&kind));
                (readable && !is_actor(written)).then(|| "what it holds was taken for a mere address".to_owned())
            }
        })
    })
}

/// Actors in activities are only hints to fetch them, so they may be taken for an address.
fn is_actor(json: &Value) -> bool {
    matches!(expected::kind(json), Some("Person" | "Group" | "Service" | "Application" | "Organization"))
}

fn difference(expected: &Facts, found: &Facts) -> Option<String> {
    let names = expected.keys().chain(found.keys());
    names.into_iter().find_map(|name| {
        let (said, read) = (expected.get(name), found.get(name));
        (said != read).then(|| format!("{name}: the document says {said:?}, read was {read:?}"))
    })
}

/// A delivery of the same bytes reads the same, and keeps them.
fn misread_delivery(document: &Document, json: &Value, bytes: &[u8]) -> Option<String> {
    let Document::Activity(activity) = document else { return None };
    match read_activity(bytes, ReadOptions::dev()) {
        Ok(delivered) if delivered.kind == activity.kind && delivered.raw.as_bytes() == bytes => None,
        Ok(_) => Some("reads differently as a delivery".into()),
        // Mobilizon's outbox has activities without an id; none is ever delivered so.
        Err(Refusal::NoId) if json.get("id").is_none() => None,
        Err(refusal) => Some(format!("refused as a delivery: {refusal}")),
    }
}

/// The same document in the other shapes its software gives it must say the same.
fn misread_variant(software: &str, json: &Value) -> Option<String> {
    variants::of(json).into_iter().find_map(|(name, variant)| {
        let bytes = variant.to_string();
        let fault = match read_document(bytes.as_bytes(), ReadOptions::dev()) {
            Ok(document) => misread(software, &document, &variant, None),
            Err(refusal) => Some(format!("refused: {refusal}")),
        };
        fault.map(|fault| format!("as \"{name}\": {fault}"))
    })
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
