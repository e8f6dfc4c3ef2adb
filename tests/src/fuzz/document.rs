//! The strict JSON reader: what it takes is clean JSON that says one thing, with canonical ids and within the limits,
//! and what is written from it is read as the same again.

use super::{
    Outcome, Random, Target,
    document_grammar::{activity, change, object},
    document_text, json,
};
use hearth_activitypub::Recipient;
use hearth_activitypub::inbound::{
    ActivityKind, Announced, Document, First, InboxActivity, Item, MAX_ACTOR_NAME, MAX_ATTACHMENTS, MAX_ID, MAX_ITEMS,
    MAX_MEMBERS, MAX_NESTING, MAX_RECIPIENTS, MAX_SUMMARY, MAX_TAGS, MAX_TEXT, MAX_TITLE, ReadOptions, Received,
    Reference, Refusal, read_activity, read_document,
};
use serde_json::Value;
use url::{Host, Url};

/// The target.
pub struct Documents;

const STRICT: ReadOptions = ReadOptions { allow_http: false, allow_ports: false };

const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "{\"a\":",
    "[[",
    "\"id\":",
    "\"type\":",
    "\"actor\":",
    "\"object\":",
    "\"to\":",
    "\"cc\":",
    "\"attributedTo\":",
    "\"@context\":",
    "\"\\u0069d\":",
    "\"name\":",
    "\"content\":",
    "\"tag\":",
    "\"attachment\":",
    "\"items\":",
    "\"orderedItems\":",
    "\"first\":",
    "\"startTime\":",
    "\"timezone\":",
    "\"location\":",
    "\"publicKey\":",
    "\"publicKeyPem\":",
    "\"href\":",
    "\"url\":",
    "\"Create\"",
    "\"Announce\"",
    "\"Undo\"",
    "\"Delete\"",
    "\"Follow\"",
    "\"Accept\"",
    "\"Update\"",
    "\"Flag\"",
    "\"Note\"",
    "\"Page\"",
    "\"Event\"",
    "\"Person\"",
    "\"Group\"",
    "\"Tombstone\"",
    "\"OrderedCollection\"",
    "\"Mention\"",
    "\"Hashtag\"",
    "\"https://e.test/u/kim\"",
    "\"https://e.test/n/1\"",
    "https:///e.test/",
    "https://user@e.test/",
    "https://E.TEST:443/",
    "https://e.test:8443/",
    "https://e.t%65st/",
    "https://xn--e1afmkfd.test/",
    "https://\u{430}.test/",
    "https:e.test/",
    "https://127.0.0.1/",
    "https://e.test./",
    "https://e.test/\u{e4}",
    "https://e.test/../x",
    "javascript:alert(1)",
    "as:Public",
    "https://www.w3.org/ns/activitystreams#Public",
    "$serde_json::private::RawValue",
    "$serde_json::private::Number",
    "\\ud800",
    "\\u0000",
    "null",
    "true",
    "1e400",
    "-0",
    "1.5",
    "2026-03-10T18:30:00Z",
    "2026-03-29T01:30:00",
    "Europe/London",
    "-----BEGIN PUBLIC KEY-----",
];

impl Target for Documents {
    fn name(&self) -> &'static str {
        "document"
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    fn generate(&self, random: &mut Random) -> Vec<u8> {
        let value = if random.one_in(2) { activity(random, 0) } else { object(random, 0) };
        let text = if random.one_in(3) { format!("{value:#}") } else { value.to_string() };
        if !random.one_in(6) {
            return text.into_bytes();
        }
        // What no writer writes: a key twice, many of something, deep nesting.
        let member = match random.below(4) {
            0 => "{\"id\":\"https://e.test/other\",".to_owned(),
            1 => format!("{{\"x\":{}1{},", "[".repeat(random.below(40)), "]".repeat(random.below(40))),
            2 => (0..random.below(1100)).fold("{".to_owned(), |text, number| text + &format!("\"k{number}\":1,")),
            _ => format!(
                "{{\"y\":{},",
                random.pick(&["1e400", "-0", "\"\\ud83d\\ude00\"", "\"\\ud800\"", "01", "1.0e+5"])
            ),
        };
        text.replacen('{', &member, 1).into_bytes()
    }

    fn vary(&self, input: &[u8], random: &mut Random) -> Option<Vec<u8>> {
        let mut value: Value = serde_json::from_slice(input).ok()?;
        for _ in 0..=random.below(3) {
            change(&mut value, random, 0);
        }
        Some(value.to_string().into_bytes())
    }

    fn check(&self, input: &[u8]) -> Result<Outcome, String> {
        let activity = read_activity(input, STRICT);
        let document = read_document(input, STRICT);
        let clean = json::check(input, MAX_NESTING, MAX_MEMBERS);
        let outcome = match (&activity, &document) {
            (Ok(activity), _) => format!("activity {}", word(&activity.kind)),
            (Err(_), Ok(document)) => document.kind().to_owned(),
            (Err(refusal), Err(other)) => return refused(refusal, other, clean.is_ok()),
        };
        clean.map_err(|fault| format!("taken although {fault:?}"))?;
        let value: Value = serde_json::from_slice(input).map_err(|problem| format!("taken, but {problem}"))?;
        if let Ok(activity) = &activity {
            check_activity(activity)?;
            check_id_text(&value, "id", activity.id.as_ref())?;
            check_id_text(&value, "actor", Some(&activity.actor))?;
            must(activity.raw.as_bytes() == input, "the raw text is not what came")?;
            let again = read_activity(value.to_string().as_bytes(), STRICT);
            let again = again.map_err(|refusal| format!("written again: {refusal}"))?;
            must(without_raw(&again) == without_raw(activity), "written again, the activity is different")?;
        }
        if let Ok(document) = &document {
            check_document(document)?;
            check_again(document)?;
        }
        let known = activity.as_ref().is_ok_and(|activity| !matches!(activity.kind, ActivityKind::Other(_)));
        must(!known || matches!(&document, Ok(Document::Activity(_))), "an activity that is no document")?;
        Ok(outcome)
    }

    fn work(&self, input: &[u8]) {
        // Repeating a document gives none; a long list of it does.
        let item = String::from_utf8_lossy(input);
        let list = format!("{{\"type\":\"Collection\",\"items\":[{item}]}}").replace("}{", "},{");
        drop(read_document(list.as_bytes(), STRICT));
    }
}

fn must(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn refused(refusal: &Refusal, other: &Refusal, clean: bool) -> Result<Outcome, String> {
    let unclean = |refusal: &Refusal| {
        matches!(refusal, Refusal::NotJson | Refusal::NotAnObject | Refusal::DuplicateKey(_))
            || *refusal == Refusal::TooMany("one object")
    };
    must(!(clean && (unclean(refusal) || unclean(other))), "clean JSON was refused as unclean")?;
    let said = refusal.to_string();
    must(said.len() < 200 && !said.chars().any(char::is_control), "a refusal says more than a few clean words")?;
    let kind =
        |refusal: &Refusal| format!("{refusal:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect();
    let (one, two): (String, String) = (kind(refusal), kind(other));
    Ok(format!("{one}/{two}"))
}

fn word(kind: &ActivityKind) -> String {
    format!("{kind:?}").chars().take_while(|letter| letter.is_alphanumeric()).collect()
}

/// An id as it stands in the text names the host it is read as.
fn check_id_text(value: &Value, key: &str, read: Option<&Url>) -> Result<(), String> {
    let (Some(text), Some(url)) = (value.get(key).and_then(Value::as_str), read) else { return Ok(()) };
    let rest = text.get(8..).filter(|_| text[..8].eq_ignore_ascii_case("https://")).ok_or("an id is no https://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    must(Some(host.to_ascii_lowercase().as_str()) == url.host_str(), "an id is read as one of another host")
}

fn check_id(url: &Url) -> Result<(), String> {
    let plain =
        url.scheme() == "https" && url.port().is_none() && url.username().is_empty() && url.password().is_none();
    must(plain && matches!(url.host(), Some(Host::Domain(_))), "an id is no plain https address")?;
    check_address(url)
}

fn check_address(url: &Url) -> Result<(), String> {
    must(matches!(url.scheme(), "https" | "http") && url.username().is_empty(), "an address of another scheme")?;
    must(url.as_str().len() <= MAX_ID, "an address is longer than any may be")?;
    must(Url::parse(url.as_str()).as_ref() == Ok(url), "an address is not canonical")
}

fn check_ids<'a>(urls: impl IntoIterator<Item = &'a Option<Url>>) -> Result<(), String> {
    urls.into_iter().flatten().try_for_each(check_id)
}

fn check_recipients(list: &[Recipient]) -> Result<(), String> {
    must(list.len() <= MAX_RECIPIENTS, "too many recipients")?;
    list.iter().try_for_each(|recipient| match recipient {
        Recipient::Public => Ok(()),
        Recipient::Id(url) => check_id(url),
    })
}

fn check_line(text: Option<&String>, max: usize) -> Result<(), String> {
    let fine =
        |text: &String| text.chars().count() <= max && !text.chars().any(char::is_control) && text.trim() == text;
    must(text.is_none_or(fine), "a line is too long, not trimmed or not clean")
}

fn check_text(text: Option<&String>, max: usize) -> Result<(), String> {
    must(text.is_none_or(|text| text.len() <= max && !text.contains('\0')), "a text is too long or holds NUL")
}

fn check_activity(activity: &InboxActivity) -> Result<(), String> {
    check_id(&activity.actor)?;
    check_ids([&activity.id, &activity.audience, &activity.target])?;
    check_recipients(&activity.to)?;
    check_recipients(&activity.cc)?;
    match &activity.kind {
        ActivityKind::Accept { object, .. }
        | ActivityKind::Reject { object }
        | ActivityKind::TentativeAccept { object }
        | ActivityKind::Ignore { object }
        | ActivityKind::Undo { object } => check_reference(object),
        ActivityKind::Create { object } | ActivityKind::Update { object } => check_received(object),
        ActivityKind::Announce { objects } => {
            must((1..=MAX_ITEMS).contains(&objects.len()), "too many announced")?;
            objects.iter().try_for_each(|object| match object {
                Announced::Id(url) => check_id(url),
                Announced::Activity(activity) => check_inner(activity),
                Announced::Object(document) => check_document(document),
            })
        }
        ActivityKind::Flag { objects, content } => {
            must((1..=MAX_ITEMS).contains(&objects.len()), "too many reported")?;
            check_text(content.as_ref(), MAX_TEXT)?;
            objects.iter().try_for_each(check_id)
        }
        ActivityKind::Delete { object, summary, .. } | ActivityKind::Remove { object, summary } => {
            check_text(summary.as_ref(), 4 * MAX_SUMMARY)?;
            check_id(object)
        }
        ActivityKind::Join { object, participation_message } => {
            check_line(participation_message.as_ref(), MAX_SUMMARY)?;
            check_id(object)
        }
        ActivityKind::Other(kind) => must(kind.len() <= 40 && kind.is_ascii(), "an odd type"),
        ActivityKind::Follow { object } | ActivityKind::Like { object } | ActivityKind::Add { object } => {
            check_id(object)
        }
        _ => Ok(()),
    }
}

/// The text kept of an activity inside another says the same as what was read of it.
fn check_inner(activity: &InboxActivity) -> Result<(), String> {
    check_activity(activity)?;
    if activity.id.is_none() {
        return Ok(());
    }
    let again = read_activity(activity.raw.as_bytes(), STRICT);
    let again = again.map_err(|refusal| format!("an inner activity by itself: {refusal}"))?;
    must(again == *activity, "an inner activity's own text says something else")
}

fn check_reference(reference: &Reference) -> Result<(), String> {
    must(reference.id.is_some() || reference.activity.is_some(), "a reference to nothing")?;
    check_ids([&reference.id])?;
    let own = reference.activity.as_ref().is_none_or(|activity| activity.id == reference.id);
    must(own, "a reference has another id than its activity")?;
    reference.activity.as_deref().map_or(Ok(()), check_inner)
}

fn check_received(received: &Received) -> Result<(), String> {
    match received {
        Received::Id(url) => check_id(url),
        Received::Document(document) => check_document(document),
    }
}

fn check_document(document: &Document) -> Result<(), String> {
    match document {
        Document::Actor(actor) => {
            check_id(&actor.id)?;
            check_line(actor.name.as_ref(), MAX_ACTOR_NAME)?;
            check_text(actor.summary.as_ref(), MAX_TEXT)?;
            check_ids([&actor.inbox, &actor.shared_inbox, &actor.outbox, &actor.followers, &actor.moved_to])?;
            actor.public_keys.iter().try_for_each(|key| check_id(&key.id))?;
            must(actor.public_keys.len() <= 8 && actor.multikeys.len() <= 8, "too many keys")
        }
        Document::Key(key) => check_id(&key.key.id),
        Document::Post(post) => {
            check_id(&post.id)?;
            check_ids([&post.attributed_to, &post.attributed_group, &post.in_reply_to, &post.context, &post.audience])?;
            check_line(post.name.as_ref(), MAX_TITLE)?;
            check_text(post.content.as_ref().or(post.source_markdown.as_ref()), MAX_TEXT)?;
            must(post.summary.as_ref().is_none_or(|text| text.chars().count() <= MAX_SUMMARY), "a long summary")?;
            must(post.tags.len() <= MAX_TAGS && post.attachments.len() <= MAX_ATTACHMENTS, "too much hangs on a post")?;
            post.mentions().try_for_each(check_id)?;
            post.attachments.iter().try_for_each(|file| check_address(&file.url))?;
            check_recipients(&post.to)?;
            check_recipients(&post.cc)
        }
        Document::Event(event) => {
            check_id(&event.id)?;
            check_ids([&event.attributed_to, &event.actor, &event.audience, &event.series, &event.companion])?;
            check_line(Some(&event.name), MAX_TITLE)?;
            check_line(event.recurrence_rule.as_ref(), MAX_TITLE)?;
            check_text(event.content.as_ref(), MAX_TEXT)?;
            must(!event.name.is_empty() && event.places.len() <= 8, "an event without a name, or in too many places")?;
            must(event.end.is_none_or(|end| end >= event.start), "an event ends before it starts")?;
            event.organizers.iter().try_for_each(check_id)?;
            event.url.iter().chain(&event.image).try_for_each(check_address)
        }
        Document::Tombstone(tombstone) => check_id(&tombstone.id),
        Document::Collection(collection) => {
            check_ids([&collection.id, &collection.next, &collection.part_of])?;
            must(collection.items.len() <= MAX_ITEMS, "too many items")?;
            if let Some(First::Page(page)) = &collection.first {
                must(page.items.len() <= MAX_ITEMS, "too many items on a page")?;
            }
            collection.items.iter().try_for_each(|item| match item {
                Item::Id(url) => check_id(url),
                Item::Activity(activity) => check_inner(activity),
                Item::Object(document) => check_document(document),
                Item::Unreadable(id, _) => check_ids([id]),
            })
        }
        Document::Activity(activity) => check_activity(activity),
        Document::WebFinger(_) | Document::NodeInfoLinks(_) | Document::NodeInfo(_) => Ok(()),
    }
}

/// Posts, meetups and tombstones: written from what was read, they are read as the same.
fn check_again(document: &Document) -> Result<(), String> {
    let Some((before, written)) = document_text::write(document) else { return Ok(()) };
    let again = read_document(written.to_string().as_bytes(), STRICT);
    let again = again.map_err(|refusal| format!("written again: {refusal}: {written}"))?;
    must(before == again, &format!("written again it is different: {before:?} and {again:?}"))
}

/// The activity and all inside it without their texts, which differ in their blanks.
fn without_raw(activity: &InboxActivity) -> String {
    let debug = format!("{activity:?}");
    let mut out = String::new();
    let mut rest = debug.as_str();
    while let Some((before, after)) = rest.split_once("raw: \"") {
        out.push_str(before);
        let mut escaped = false;
        let end = after.find(|letter| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        });
        rest = &after[end.map_or(after.len(), |at| at + 1)..];
    }
    out + rest
}
