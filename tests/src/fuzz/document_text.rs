//! Writing posts, meetups and tombstones from what was read of them, field by field, in the plainest shape.

use hearth_activitypub::event::JoinMode;
use hearth_activitypub::inbound::{
    AttachedFile, Document, EventDocument, HashtagOrMention, PlaceDocument, PostDocument,
};
use serde_json::{Map, Value, json};

/// The document, without what is not written, and its JSON; `None` for those that are not written here.
pub(super) fn write(document: &Document) -> Option<(Document, Value)> {
    match document {
        Document::Post(post) => Some((document.clone(), clean(self::post(post)))),
        Document::Event(event) => {
            let mut event = event.clone();
            // A number in decimal is not always read as the very same one.
            event.places.iter_mut().for_each(|place| place.coordinates = None);
            let written = clean(self::event(&event));
            Some((Document::Event(event), written))
        }
        Document::Tombstone(tombstone) => {
            let written = json!({
                "type": "Tombstone", "id": tombstone.id, "formerType": tombstone.former_type, "deleted": tombstone.deleted,
            });
            Some((document.clone(), clean(written)))
        }
        _ => None,
    }
}

/// Without members that are null.
fn clean(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    Value::Object(members.into_iter().filter(|(_, member)| !member.is_null()).collect::<Map<_, _>>())
}

fn post(post: &PostDocument) -> Value {
    let group = post.attributed_group.as_ref().map(|id| json!({ "type": "Group", "id": id }));
    let authors: Vec<Value> = post.attributed_to.iter().map(|id| json!(id)).chain(group).collect();
    json!({
        "type": format!("{:?}", post.kind), "id": post.id, "attributedTo": authors, "name": post.name, "content": post.content,
        "mediaType": post.media_type, "source": markdown(post.source_markdown.as_ref()), "summary": post.summary,
        "sensitive": post.sensitive, "inReplyTo": post.in_reply_to, "context": post.context, "audience": post.audience,
        "to": post.to, "cc": post.cc, "tag": tags(&post.tags), "attachment": attachments(&post.attachments), "image": post.image,
        "published": post.published, "updated": post.updated, "inLanguage": post.language, "url": post.url,
        "replies": post.replies, "commentsEnabled": post.comments_enabled, "stickied": post.stickied,
        "companionOf": post.companion_of,
    })
}

fn event(event: &EventDocument) -> Value {
    let (mode, page) = match &event.join_mode {
        None => (None, None),
        Some(JoinMode::Free) => (Some("free"), None),
        Some(JoinMode::Restricted) => (Some("restricted"), None),
        Some(JoinMode::External(page)) => (Some("external"), Some(page)),
    };
    let Value::Object(mut members) = json!({
        "type": "Event", "id": event.id, "attributedTo": event.attributed_to, "actor": event.actor, "audience": event.audience,
        "to": event.to, "cc": event.cc, "name": event.name, "content": event.content,
        "source": markdown(event.source_markdown.as_ref()), "summary": event.summary, "startTime": event.start.to_rfc3339(),
        "endTime": event.end.map(|end| end.to_rfc3339()), "displayEndTime": event.display_end_time,
        "previousStartTime": event.previous_start.map(|start| start.to_rfc3339()),
        "timezone": event.timezone.map(|zone| zone.name()), "inLanguage": event.language,
        "location": event.places.iter().map(place).collect::<Vec<_>>(), "isOnline": event.online,
        "eventStatus": format!("Event{:?}", event.status), "category": event.category, "joinMode": mode,
        "externalParticipationUrl": page, "organizers": event.organizers, "maximumAttendeeCapacity": event.capacity,
        "attendees": event.attendees,
    }) else {
        unreachable!("an object")
    };
    let Value::Object(more) = json!({
        "tag": tags(&event.tags), "attachment": attachments(&event.attachments), "image": event.image, "context": event.context,
        "replies": event.replies, "commentsEnabled": event.comments_enabled, "draft": event.draft, "series": event.series,
        "recurrenceRule": event.recurrence_rule, "companion": event.companion, "url": event.url, "published": event.published,
        "updated": event.updated,
    }) else {
        unreachable!("an object")
    };
    members.extend(more);
    Value::Object(members)
}

fn markdown(source: Option<&String>) -> Option<Value> {
    source.map(|source| json!({ "content": source, "mediaType": "text/markdown" }))
}

fn tags(tags: &[HashtagOrMention]) -> Vec<Value> {
    let tag = |tag: &HashtagOrMention| match tag {
        HashtagOrMention::Hashtag(name) => json!({ "type": "Hashtag", "name": format!("#{name}") }),
        HashtagOrMention::Mention(url) => json!({ "type": "Mention", "href": url }),
    };
    tags.iter().map(tag).collect()
}

fn attachments(files: &[AttachedFile]) -> Vec<Value> {
    let file = |file: &AttachedFile| {
        clean(json!({
            "type": format!("{:?}", file.kind), "mediaType": file.media_type, "name": file.name, "href": file.url,
        }))
    };
    files.iter().map(file).collect()
}

fn place(place: &PlaceDocument) -> Value {
    let parts = clean(json!({
        "streetAddress": place.street, "postalCode": place.postal_code, "addressLocality": place.locality,
        "addressRegion": place.region, "addressCountry": place.country,
    }));
    let address = place.address.as_ref().map_or(parts, |line| json!(line));
    let kind = if place.is_virtual { "VirtualLocation" } else { "Place" };
    clean(json!({ "type": kind, "name": place.name, "url": place.url, "address": address }))
}
