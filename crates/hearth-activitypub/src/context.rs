//! The `@context` of every document Hearth serves or sends (profile 2.1), and the public collection.
//!
//! Only four contexts are named by address, because peers that process JSON-LD carry them preloaded; every other term is
//! spelled out. Nothing here is ever fetched, and nothing read from others is interpreted through it.

use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// The public collection, spelled in full: Lemmy compares this exact address.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// The namespace of ActivityStreams itself.
pub const ACTIVITY_STREAMS: &str = "https://www.w3.org/ns/activitystreams";

/// The value of `@context` for a top-level document.
pub fn context() -> Value {
    static CONTEXT: LazyLock<Value> = LazyLock::new(whole);
    CONTEXT.clone()
}

fn whole() -> Value {
    let mut terms = Map::new();
    for group in [prefixes(), fep_8a8e(), discovery(), moderation(), meetups(), mobilizon_groups(), hearth()] {
        if let Value::Object(members) = group {
            terms.extend(members);
        }
    }
    json!([
        ACTIVITY_STREAMS,
        "https://w3id.org/security/v1",
        "https://www.w3.org/ns/cid/v1",
        crate::proof::DATA_INTEGRITY,
        terms,
    ])
}

/// The document with `@context`, as it stands when it is served or delivered on its own.
pub fn top_level(document: Value) -> Value {
    let Value::Object(members) = embedded(document) else { return Value::Null };
    let mut whole = Map::from_iter([("@context".to_owned(), context())]);
    whole.extend(members);
    Value::Object(whole)
}

/// The document with the `@context` of ActivityStreams and of its proof alone: for an activity that says nothing in other
/// terms, and holds nothing, or something that has its own.
pub fn plain_top_level(document: Value) -> Value {
    let Value::Object(members) = embedded(document) else { return Value::Null };
    let context = json!([ACTIVITY_STREAMS, crate::proof::DATA_INTEGRITY]);
    let mut whole = Map::from_iter([("@context".to_owned(), context)]);
    whole.extend(members);
    Value::Object(whole)
}

/// The document without `@context`, as it stands inside another one.
pub fn embedded(mut document: Value) -> Value {
    if let Value::Object(members) = &mut document {
        members.shift_remove("@context");
    }
    document
}

fn prefixes() -> Value {
    json!({
        "fep8a8e": "https://w3id.org/fep/8a8e/",
        "toot": "http://joinmastodon.org/ns#",
        "lemmy": "https://join-lemmy.org/ns#",
        "mz": "https://joinmobilizon.org/ns#",
        "pt": "https://joinpeertube.org/ns#",
        "sm": "http://smithereen.software/ns#",
        "sc": "http://schema.org/",
        "ical": "http://www.w3.org/2002/12/cal/ical#",
        "hearth": "https://hearth.invalid/ns#",
    })
}

fn fep_8a8e() -> Value {
    json!({
        "timezone": "fep8a8e:timezone",
        "eventStatus": {"@id": "fep8a8e:eventStatus", "@type": "@vocab"},
        "EventScheduled": "fep8a8e:EventScheduled",
        "EventCancelled": "fep8a8e:EventCancelled",
        "EventPostponed": "fep8a8e:EventPostponed",
        "EventRescheduled": "fep8a8e:EventRescheduled",
        "EventMovedOnline": "fep8a8e:EventMovedOnline",
        "EventTentative": "fep8a8e:EventTentative",
        "displayEndTime": "fep8a8e:displayEndTime",
        "joinMode": "fep8a8e:joinMode",
        "externalParticipationUrl": "fep8a8e:externalParticipationUrl",
        "organizers": "fep8a8e:organizers",
        "attendees": "fep8a8e:attendees",
        "category": {"@id": "fep8a8e:category", "@container": "@list"},
        "previousStartTime": "fep8a8e:previousStartTime",
        "upcomingEvents": {"@id": "fep8a8e:upcomingEvents", "@type": "@id"},
    })
}

fn discovery() -> Value {
    json!({
        "implements": {"@id": "https://w3id.org/fep/844e/implements", "@type": "@id", "@container": "@list"},
        "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
        "Hashtag": "as:Hashtag",
        "sensitive": "as:sensitive",
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "suspended": "toot:suspended",
    })
}

fn moderation() -> Value {
    json!({
        "postingRestrictedToMods": "lemmy:postingRestrictedToMods",
        "moderators": {"@id": "lemmy:moderators", "@type": "@id"},
        "stickied": "lemmy:stickied",
        "distinguished": "lemmy:distinguished",
        "removeData": "lemmy:removeData",
        "language": "sc:inLanguage",
        "identifier": "sc:identifier",
    })
}

fn meetups() -> Value {
    json!({
        "inLanguage": "sc:inLanguage",
        "uuid": "sc:identifier",
        "maximumAttendeeCapacity": "sc:maximumAttendeeCapacity",
        "remainingAttendeeCapacity": "sc:remainingAttendeeCapacity",
        "PostalAddress": "sc:PostalAddress",
        "VirtualLocation": "sc:VirtualLocation",
        "address": {"@id": "sc:address", "@type": "@id"},
        "streetAddress": "sc:streetAddress",
        "postalCode": "sc:postalCode",
        "addressLocality": "sc:addressLocality",
        "addressRegion": "sc:addressRegion",
        "addressCountry": "sc:addressCountry",
        "participantCount": "mz:participantCount",
        "isOnline": "mz:isOnline",
        "anonymousParticipationEnabled": "mz:anonymousParticipationEnabled",
        "repliesModerationOption": "mz:repliesModerationOption",
        "participationMessage": "mz:participationMessage",
        "commentsEnabled": "pt:commentsEnabled",
        "status": "ical:status",
    })
}

fn mobilizon_groups() -> Value {
    json!({
        "openness": "mz:openness",
        "memberCount": "mz:memberCount",
        "members": {"@id": "mz:members", "@type": "@id"},
        "events": {"@id": "mz:events", "@type": "@id"},
        "posts": {"@id": "mz:posts", "@type": "@id"},
        "resources": {"@id": "mz:resources", "@type": "@id"},
        "todos": {"@id": "mz:todos", "@type": "@id"},
        "discussions": {"@id": "mz:discussions", "@type": "@id"},
    })
}

fn hearth() -> Value {
    json!({
        "wall": {"@id": "sm:wall", "@type": "@id"},
        "series": {"@id": "hearth:series", "@type": "@id"},
        "recurrenceRule": "hearth:recurrenceRule",
        "companion": {"@id": "hearth:companion", "@type": "@id"},
        "companionOf": {"@id": "hearth:companionOf", "@type": "@id"},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_four_contexts_and_spells_out_the_rest() {
        insta::assert_json_snapshot!("context", context());
    }

    #[test]
    fn embedding_takes_the_context_off_again() {
        let document = json!({"id": "https://h.example/p/1"});
        assert_eq!(embedded(top_level(document.clone())), document);
    }
}
