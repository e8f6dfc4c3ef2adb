//! ActivityStreams documents as a grammar: every type and field that is read, in shapes servers send and in odd ones.

use super::Random;
use serde_json::{Value, json};

/// Another value somewhere inside, another member, or one less.
pub(super) fn change(value: &mut Value, random: &mut Random, depth: usize) {
    let deeper = depth == 0 || (depth < 8 && !random.one_in(3));
    match value {
        Value::Object(members) if deeper && !members.is_empty() => {
            let at = random.below(members.len());
            let key = members.keys().nth(at).cloned().unwrap_or_default();
            if random.one_in(10) {
                members.remove(&key);
            } else if let Some(member) = members.get_mut(&key) {
                change(member, random, depth + 1);
            }
            if random.one_in(6) {
                extra(value, random, FIELDS);
            }
        }
        Value::Array(list) if deeper && !list.is_empty() => {
            let at = random.below(list.len());
            match random.below(6) {
                0 => list.push(list[at].clone()),
                1 => drop(list.remove(at)),
                2 if random.one_in(8) => *list = list.iter().cycle().take(300).cloned().collect(),
                _ => change(&mut list[at], random, depth + 1),
            }
        }
        _ => {
            *value = match random.below(7) {
                0 => activity(random, 4),
                1 => object(random, 5),
                2 => words(random),
                3 => time(random),
                4 => json!([value.clone()]),
                5 => json!(random.below(9)),
                _ => address(random),
            }
        }
    }
}

fn address(random: &mut Random) -> Value {
    const ADDRESSES: &[&str] = &[
        "https://e.test/u/kim",
        "https://e.test/n/1",
        "https://o.test/g/tea",
        "https://e.test/a/1#x",
        "https://E.test/Big",
        "https://e.test",
        "https://e.test:443/x",
        "https://e.test/\u{e4} b",
        "https://e.test/?a=b",
        "http://e.test/x",
        "https:e.test/x",
        "https:///e.test/x",
        "https://\u{430}pple.test/x",
        "https:///\u{430}pple.test/x",
        "https://%d0%b0pple.test/x",
        "https://u@e.test/",
        "https://1.2.3.4/x",
        "https://www.w3.org/ns/activitystreams#Public",
        "as:Public",
        "",
        "kim",
    ];
    let text = if random.one_in(3) { random.pick(ADDRESSES) } else { ADDRESSES[random.below(5)] };
    match random.below(12) {
        0 => json!({ "type": random.pick(&["Person", "Group", "Link"]), "id": text, "href": text }),
        1 => json!([text, "https://e.test/second"]),
        2 => json!(null),
        3 if random.one_in(20) => json!(format!("https://e.test/{}", "\u{e4}".repeat(random.below(1030)))),
        _ => json!(text),
    }
}

fn words(random: &mut Random) -> Value {
    let text = match random.below(8) {
        0 => "  tea\r\n\u{202e}and\u{0}talk  ".to_owned(),
        1 => format!("{} {}", "x".repeat(random.below(260)), "y".repeat(60)),
        2 => "\u{e4}".repeat(random.below(400)),
        3 => "#\u{202e}##tag".to_owned(),
        4 if random.one_in(20) => "long ".repeat(random.below(16_000)),
        _ => random
            .pick(&["tea", "en", "image/png", "Europe/London", "text/markdown", "#walk", "<p>x</p>", ""])
            .to_owned(),
    };
    if random.one_in(12) { json!([text, 7]) } else { json!(text) }
}

fn time(random: &mut Random) -> Value {
    json!(random.pick(&[
        "2026-03-10T18:30:00Z",
        "2026-03-10T18:30:00+01:00",
        "2026-03-29T01:30:00",
        "2026-12-31T23:59:60Z",
        "2026-03-10T18:30:00.123456789-23:59",
        "1969-01-01T00:00:00Z",
        "2026-03-10T18:30",
        "soon",
        "2200-12-31T23:59:59-12:00",
    ]))
}

pub(super) fn activity(random: &mut Random, depth: usize) -> Value {
    let kind = random.pick(&[
        "Create", "Update", "Announce", "Undo", "Accept", "Follow", "Delete", "Flag", "Join", "Like", "Block",
        "Remove", "Reject", "Move", "Sneeze",
    ]);
    let inner = match random.below(5) {
        0 | 1 if depth < 6 => activity(random, depth + 1),
        2 | 3 => object(random, depth + 1),
        _ => address(random),
    };
    let inner = if random.one_in(8) { json!([inner, address(random), object(random, depth + 1)]) } else { inner };
    let mut value = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": "https://e.test/a/1", "type": kind, "actor": "https://e.test/u/kim",
        "to": ["https://o.test/g/tea", "as:Public"], "object": inner,
    });
    extra(
        &mut value,
        random,
        &["id", "actor", "cc", "to", "audience", "target", "published", "summary", "content", "raw"],
    );
    value
}

pub(super) fn object(random: &mut Random, depth: usize) -> Value {
    let kind = random.pick(&[
        "Note",
        "Page",
        "Event",
        "Person",
        "Group",
        "Tombstone",
        "OrderedCollection",
        "Question",
        "Key",
        "Cat",
    ]);
    let mut value = json!({ "type": kind, "id": "https://e.test/n/1" });
    match kind {
        "Event" => {
            value["name"] = words(random);
            value["startTime"] = time(random);
        }
        "Person" | "Group" => {
            value["publicKey"] = json!({
                "id": "https://e.test/u/kim#main-key", "owner": address(random), "publicKeyPem": "-----BEGIN PUBLIC KEY-----\nA\n",
            })
        }
        "OrderedCollection" if depth < 5 => {
            let items: Vec<Value> = (0..random.small(5)).map(|_| activity(random, depth + 1)).collect();
            value["orderedItems"] = json!(items);
            value["first"] = if random.one_in(3) { object(random, depth + 2) } else { address(random) };
        }
        _ => {}
    }
    extra(&mut value, random, FIELDS);
    value
}

const FIELDS: &[&str] = &[
    "id",
    "attributedTo",
    "name",
    "content",
    "summary",
    "inReplyTo",
    "context",
    "audience",
    "to",
    "cc",
    "tag",
    "attachment",
    "image",
    "published",
    "updated",
    "url",
    "replies",
    "endTime",
    "timezone",
    "location",
    "joinMode",
    "organizers",
    "maximumAttendeeCapacity",
    "attendees",
    "series",
    "recurrenceRule",
    "inbox",
    "preferredUsername",
    "source",
    "mediaType",
    "language",
    "sensitive",
    "category",
    "eventStatus",
    "displayEndTime",
    "previousStartTime",
    "formerType",
    "deleted",
    "contentMap",
    "companionOf",
];

fn extra(value: &mut Value, random: &mut Random, fields: &[&str]) {
    for _ in 0..random.small(16) {
        let field = random.pick(fields);
        value[field] = match field {
            "published" | "updated" | "endTime" | "startTime" | "previousStartTime" | "deleted" => time(random),
            "name" | "content" | "summary" | "timezone" | "mediaType" | "language" | "preferredUsername"
            | "recurrenceRule" | "raw" | "category" | "formerType" => words(random),
            "tag" => {
                json!([{ "type": "Mention", "href": address(random) }, { "type": "Hashtag", "name": words(random) }])
            }
            "attachment" => {
                json!([{ "type": "Document", "mediaType": words(random), "url": address(random), "name": words(random) }, 7])
            }
            "location" => {
                json!([{ "type": "Place", "name": words(random), "address": { "streetAddress": words(random) } }, words(random)])
            }
            "source" => json!({ "content": words(random), "mediaType": "text/markdown" }),
            "contentMap" => json!({ "en": words(random) }),
            "sensitive" | "displayEndTime" => json!(random.one_in(2)),
            "maximumAttendeeCapacity" => json!(random.below(2_000_000)),
            "joinMode" => json!(random.pick(&["free", "restricted", "external", "invite", "none"])),
            "eventStatus" => json!(random.pick(&["EventCancelled", "https://schema.org/EventPostponed", "x"])),
            "to" | "cc" | "organizers" => json!([address(random), address(random), 7]),
            _ => address(random),
        };
    }
}
