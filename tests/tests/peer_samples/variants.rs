//! The same document in other shapes: what one document of a software writes as a string, the next one writes as a list
//! or an object. Each variant changes the shape everywhere in the document and means the same.

use serde_json::{Map, Value, json};

use crate::PUBLIC;

/// Changes an object in place.
type Change = fn(&mut Map<String, Value>);

/// Every variant that differs from the document, with its name.
pub(crate) fn of(document: &Value) -> Vec<(&'static str, Value)> {
    let all: [(&'static str, Change); 14] = [
        ("recipients in the other number", |object| for_keys(object, &["to", "cc"], other_number)),
        ("as:Public", |object| for_keys(object, &["to", "cc"], short_public)),
        ("no cc where it is empty", no_empty_copy),
        ("actors as objects", |object| for_keys(object, &["actor"], |id| in_object(id, "Person"))),
        ("one actor in a list", |object| for_keys(object, &["actor"], in_list)),
        ("authors as a list of objects", authors_listed),
        ("texts by language only", by_language),
        ("one tag without a list", |object| for_keys(object, &["tag", "attachment"], other_number)),
        ("null instead of nothing", nulls),
        ("a page's address as a link", linked_page),
        ("what is answered as an object", |object| for_keys(object, &["inReplyTo"], |id| in_object(id, "Note"))),
        ("places in a list", |object| for_keys(object, &["location"], other_number)),
        ("types in a list", |object| for_keys(object, &["type"], in_list)),
        ("more than we know", |object| {
            object.insert("_misskey_content".into(), json!("…"));
            object.insert("http://schema.org#value".into(), json!({"deep": [{"er": null}]}));
        }),
    ];
    let changed = all.into_iter().map(|(name, change)| {
        let mut variant = document.clone();
        everywhere(&mut variant, change);
        (name, variant)
    });
    changed.filter(|(_, variant)| variant != document).collect()
}

/// Applies a change to every object that has a type, inside first. Not to what is no document: contexts, previews.
fn everywhere(value: &mut Value, change: fn(&mut Map<String, Value>)) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| everywhere(value, change)),
        Value::Object(object) => {
            for (key, inner) in object.iter_mut() {
                if matches!(&**key, "object" | "orderedItems" | "items" | "first") {
                    everywhere(inner, change);
                }
            }
            if object.contains_key("type") {
                change(object);
            }
        }
        _ => {}
    }
}

fn for_keys(object: &mut Map<String, Value>, keys: &[&str], change: impl Fn(&mut Value)) {
    for key in keys {
        if let Some(value) = object.get_mut(*key).filter(|value| !value.is_null()) {
            change(value);
        }
    }
}

/// A list of one becomes that one; a single value becomes a list.
fn other_number(value: &mut Value) {
    match value {
        Value::Array(values) if values.len() == 1 => *value = values.remove(0),
        Value::Array(_) => {}
        _ => in_list(value),
    }
}

fn in_list(value: &mut Value) {
    if !value.is_array() {
        *value = Value::Array(vec![value.take()]);
    }
}

fn in_object(value: &mut Value, kind: &str) {
    if value.is_string() {
        *value = json!({"type": kind, "id": value.take()});
    }
}

fn short_public(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(short_public),
        Value::String(text) if PUBLIC.contains(&&**text) => *text = "as:Public".into(),
        _ => {}
    }
}

fn no_empty_copy(object: &mut Map<String, Value>) {
    let empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    // What names no recipient at all would say another thing without the field.
    if object.get("to").is_some_and(|to| !empty(to)) && object.get("cc").is_some_and(empty) {
        object.remove("cc");
    }
}

/// Not of a group: there `attributedTo` names its moderators.
fn authors_listed(object: &mut Map<String, Value>) {
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    if matches!(kind, "Page" | "Article" | "Note" | "Video" | "Question" | "Event") {
        for_keys(object, &["attributedTo"], |author| {
            in_object(author, "Person");
            in_list(author);
        });
    }
}

fn by_language(object: &mut Map<String, Value>) {
    for key in ["name", "summary", "content"] {
        let map = format!("{key}Map");
        let is_text = object.get(key).is_some_and(Value::is_string);
        let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
        let translatable =
            matches!(kind, "Page" | "Article" | "Note" | "Video" | "Question" | "Event" | "Person" | "Group");
        if is_text
            && translatable
            && let Some(text) = object.remove(key)
        {
            object.insert(map, json!({"en": text}));
        }
    }
}

fn nulls(object: &mut Map<String, Value>) {
    for key in
        ["summary", "inReplyTo", "updated", "image", "icon", "attachment", "tag", "audience", "target", "context"]
    {
        object.entry(key).or_insert(Value::Null);
    }
}

fn linked_page(object: &mut Map<String, Value>) {
    let is_post = matches!(object.get("type").and_then(Value::as_str), Some("Article" | "Note" | "Event"));
    if is_post && let Some(url) = object.get_mut("url").filter(|url| url.is_string()) {
        *url = json!([{"type": "Link", "mediaType": "text/html", "href": url.take()}]);
    }
}
