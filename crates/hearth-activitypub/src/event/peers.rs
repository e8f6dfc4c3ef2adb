//! Every kind of meetup that is written here, read again with the rules of profile 4.2 and of each server that takes events.
//! What a rule needs is said with it; a meetup that breaks one is lost on that server, or stops it.

use super::*;
use crate::place::{Area, ExactAddress};
use crate::samples;
use crate::{Document, ReadOptions, inbound};

/// Every kind of meetup.
fn kinds() -> Vec<(&'static str, Value)> {
    let draft = || Event { series: None, recurrence_rule: None, ..samples::event_draft() };
    let area =
        || Area { name: "Northside, near the library".into(), locality: Some("Northside".into()), ..Area::default() };
    let address = ExactAddress { street: "14 Mill Lane".into(), postal_code: None, coordinates: Some((52.0, -1.0)) };
    let previous_start = Some(draft().start);
    let person = EventOwner::Person(samples::here().person("wren"));
    let members = draft().followers;
    let series = Some(samples::url("https://h.example/s/3"));
    let drafts = [
        ("usual", draft()),
        ("of a person", Event { owner: person.clone(), ..draft() }),
        ("of a person, without places or a place", Event { owner: person, capacity: None, place: None, ..draft() }),
        ("cancelled", Event { status: EventStatus::Cancelled, ..draft() }),
        ("rescheduled", Event { status: EventStatus::Rescheduled, previous_start, ..draft() }),
        ("online", Event { place: Some(Place::Online), online: true, ..draft() }),
        ("both", Event { place: Some(Place::Area(area())), online: true, ..draft() }),
        ("at a published address", Event { place: Some(Place::Exact(area(), address)), ..draft() }),
        ("nowhere yet", Event { place: None, ..draft() }),
        ("by approval", Event { join_mode: JoinMode::Restricted, ..draft() }),
        ("answered elsewhere", Event { join_mode: JoinMode::External(samples::url("https://t.example/1")), ..draft() }),
        ("for members", Event { reach: Reach::Limited(members), ..draft() }),
        ("open end", Event { open_end: true, ..draft() }),
        ("without limit", Event { capacity: None, ..draft() }),
        ("in a series", Event { series, recurrence_rule: Some("FREQ=WEEKLY;BYDAY=TU".into()), ..draft() }),
        ("of named hosts", Event { organizers: vec![samples::here().person("wren")], ..draft() }),
        ("closed for words", Event { comments_enabled: false, ..draft() }),
    ];
    drafts.into_iter().map(|(name, draft)| (name, event(&samples::here(), &draft))).collect()
}

fn each(rule: impl Fn(&str, &Value)) {
    for (name, written) in kinds() {
        rule(name, &written);
    }
}

fn time(value: &Value) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(value.as_str().unwrap()).unwrap()
}

#[test]
fn one_plain_string_each() {
    each(|name, written| {
        for key in
            ["id", "attributedTo", "actor", "audience", "context", "replies", "url", "name", "content", "summary"]
        {
            assert!(written[key].is_string(), "{name}: {key}");
        }
        assert!(written["to"].is_array() && written["cc"].is_array(), "{name}");
        assert!(!written["summary"].as_str().unwrap().contains('\n'), "{name}: one line is all that Mastodon shows");
    });
}

#[test]
fn times_have_offsets_and_an_end() {
    each(|name, written| {
        let (start, end) = (time(&written["startTime"]), time(&written["endTime"]));
        assert!(end >= start && written["timezone"].is_string(), "{name}");
        assert!(written["displayEndTime"].is_boolean(), "{name}");
        assert_eq!(written.get("previousStartTime").is_some(), written["eventStatus"] == "EventRescheduled", "{name}");
    });
}

/// Mobilizon: enumerations that it knows, `actor` that is not the group, one place, decimals with a fraction.
#[test]
fn mobilizon_takes_it() {
    each(|name, written| {
        let group = written["attributedTo"] == written["audience"];
        assert_eq!(written["actor"] != written["attributedTo"], group, "{name}: filed under the group");
        assert!(["free", "restricted", "external"].contains(&written["joinMode"].as_str().unwrap()), "{name}");
        assert!(["CONFIRMED", "TENTATIVE", "CANCELLED"].contains(&written["status"].as_str().unwrap()), "{name}");
        assert_eq!(written["ical:status"], written["status"], "{name}");
        assert!(["allow_all", "closed"].contains(&written["repliesModerationOption"].as_str().unwrap()), "{name}");
        assert!(written["contacts"].is_array() && written["uuid"].is_string(), "{name}");
        let length = written["name"].as_str().unwrap().chars().count();
        assert!((3..=200).contains(&length), "{name}");
        if let Some(place) = written.get("location") {
            assert!(place["name"].is_string() && place["type"].is_string(), "{name}: one place, never a list");
            for key in ["latitude", "longitude"] {
                assert!(place.get(key).is_none_or(Value::is_f64), "{name}: integers are not read");
            }
        }
        let category = written["category"].as_str().unwrap();
        assert!(category.chars().all(|c| c.is_ascii_uppercase() || c == '_'), "{name}");
        if written["joinMode"] == "external" {
            assert!(written["externalParticipationUrl"].is_string(), "{name}");
        }
    });
}

/// Gancio: `mediaType.includes` of each attachment and `name.substr` of each tag, both unguarded.
#[test]
fn gancio_does_not_crash() {
    each(|name, written| {
        for attachment in written["attachment"].as_array().unwrap() {
            assert!(attachment["mediaType"].is_string(), "{name}: {attachment}");
            assert_ne!(attachment["type"], "PropertyValue", "{name}");
        }
        let names = written["attachment"].as_array().unwrap().iter().map(|one| one["name"].as_str());
        let names: Vec<_> = names.collect();
        assert_eq!(names.last(), Some(&Some("Website")), "{name}: the page comes last");
        assert!(names.len() == 1 || names[0] == Some("Banner"), "{name}");
        assert!(written["tag"].as_array().unwrap().iter().all(|tag| tag["name"].is_string()), "{name}");
    });
}

/// PieFed indexes these without default, in the meetups of people.
#[test]
fn piefed_finds_every_key() {
    each(|name, written| {
        if written["attributedTo"] != written["actor"] {
            return;
        }
        for key in [
            "startTime",
            "endTime",
            "timezone",
            "maximumAttendeeCapacity",
            "participantCount",
            "onlineLink",
            "joinMode",
            "externalParticipationUrl",
            "anonymousParticipation",
            "isOnline",
            "buyTicketsLink",
            "feeCurrency",
            "feeAmount",
        ] {
            assert!(written.get(key).is_some(), "{name}: {key}");
        }
    });
}

/// Nothing says how many come, who, or where the room is.
#[test]
fn nothing_is_told_of_people() {
    each(|name, written| {
        assert!(written.get("participantCount").is_none_or(Value::is_null), "{name}");
        assert!(written.get("remainingAttendeeCapacity").is_none(), "{name}");
        assert!(written["attendees"].is_string(), "{name}: an address, not a list");
        assert!(written.get("onlineLink").is_none_or(Value::is_null), "{name}");
        let exact = written["location"]["address"].get("streetAddress").is_some();
        assert_eq!(exact, name == "at a published address", "{name}");
        assert_eq!(written["organizers"].is_null(), name != "of named hosts", "{name}");
        let serial = written.get("series").is_some() || written.get("recurrenceRule").is_some();
        assert_eq!(serial, name == "in a series", "{name}");
    });
}

/// Another Hearth reads what was meant.
#[test]
fn another_hearth_reads_it() {
    each(|name, written| {
        let read = inbound::read_document(written.to_string().as_bytes(), ReadOptions::default());
        let Ok(Document::Event(read)) = read else { panic!("{name}: {read:?}") };
        assert_eq!(read.is_public(), name != "for members", "{name}");
        assert_eq!(read.status.fep(), written["eventStatus"].as_str().unwrap(), "{name}");
        assert_eq!(read.start, time(&written["startTime"]), "{name}");
        assert_eq!(read.online, written["isOnline"].as_bool().unwrap(), "{name}");
        assert_eq!(
            read.capacity.is_some(),
            written.get("maximumAttendeeCapacity").is_some_and(Value::is_u64),
            "{name}"
        );
        assert!(read.join_mode.is_some() && !read.draft, "{name}");
    });
}
