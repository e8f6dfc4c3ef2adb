//! A meetup as `Event` (profile 4.1, 4.2, 4.5): valid for FEP-8a8e, Mobilizon, Gancio, WordPress, Mastodon and Friendica.
//!
//! Must never write how many people come, who they are, or the address of an online room.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use serde_json::{Value, json};
use url::Url;

use crate::activity::{GroupRef, Reach, Recipient};
use crate::address::{Addresses, Part};
use crate::context::top_level;
use crate::place::{Place, location};
use crate::post::hashtags;
use crate::write::{Image, RichText, extend, put, wire_time};

/// Whose the meetup is, which decides who performs its activities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventOwner {
    /// A local group's. `actor` is then the server, so that no organiser is exposed and Mobilizon files it under the group.
    Group,
    /// A local person's, in a group on another server (profile 4.5). Carries every key PieFed reads without default.
    Person(Url),
}

/// How to say that one comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoinMode {
    /// Anyone is taken at once.
    Free,
    /// The hosts decide.
    Restricted,
    /// On another page.
    External(Url),
}

/// How the meetup stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventStatus {
    /// It happens.
    Scheduled,
    /// It may happen.
    Tentative,
    /// It does not happen.
    Cancelled,
    /// It happens later; nobody knows when.
    Postponed,
    /// It happens at another time than was said.
    Rescheduled,
    /// It happens, but online.
    MovedOnline,
}

impl EventStatus {
    /// iCalendar's word; never null, because Mobilizon down-cases it unseen.
    pub const fn ical(self) -> &'static str {
        match self {
            Self::Scheduled | Self::Rescheduled | Self::MovedOnline => "CONFIRMED",
            Self::Tentative | Self::Postponed => "TENTATIVE",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// FEP-8a8e's word.
    pub const fn fep(self) -> &'static str {
        match self {
            Self::Scheduled => "EventScheduled",
            Self::Tentative => "EventTentative",
            Self::Cancelled => "EventCancelled",
            Self::Postponed => "EventPostponed",
            Self::Rescheduled => "EventRescheduled",
            Self::MovedOnline => "EventMovedOnline",
        }
    }
}

/// A meetup.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its id here.
    pub id: Url,
    /// A UUID for calendars.
    pub uuid: String,
    /// The group it belongs to.
    pub group: GroupRef,
    /// Whose it is.
    pub owner: EventOwner,
    /// Who may read it. For a public one, `followers` are addressed too.
    pub reach: Reach,
    /// The group's followers collection.
    pub followers: Url,
    /// The title, 3 to 200 characters.
    pub title: String,
    /// The description.
    pub text: RichText,
    /// One line with local date, time, zone and place: this and the title are all that Mastodon shows.
    pub summary: String,
    /// When it starts, with the local offset.
    pub start: DateTime<FixedOffset>,
    /// When it ends, with the local offset; an estimate when the end is open. An end before the start is written as the start.
    pub end: DateTime<FixedOffset>,
    /// True when nobody said when it ends.
    pub open_end: bool,
    /// IANA name of the zone.
    pub timezone: String,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// Where. `None` when nobody said so yet.
    pub place: Option<Place>,
    /// True when one can take part online, also beside a place.
    pub online: bool,
    /// How it stands.
    pub status: EventStatus,
    /// The start that was told before, with its local offset; written only when it is rescheduled.
    pub previous_start: Option<DateTime<FixedOffset>>,
    /// One FEP-8a8e category in capitals, `MEETING`.
    pub category: String,
    /// How to say that one comes.
    pub join_mode: JoinMode,
    /// Hosts who agreed to be named. Empty means undisclosed.
    pub organizers: Vec<Url>,
    /// How many can come at most.
    pub capacity: Option<u32>,
    /// The picture.
    pub banner: Option<Image>,
    /// Hashtags without `#`.
    pub hashtags: Vec<String>,
    /// False when no answers are taken.
    pub comments_enabled: bool,
    /// The series it belongs to.
    pub series: Option<Url>,
    /// RFC 5545 RRULE of the series; only told, never expanded.
    pub recurrence_rule: Option<String>,
    /// The companion post for servers that take no events.
    pub companion: Option<Url>,
    /// When it was published.
    pub published: DateTime<Utc>,
    /// When it last changed.
    pub updated: Option<DateTime<Utc>>,
}

/// `Event` (profile 4.1) as a top-level document.
pub fn event(at: &Addresses, event: &Event) -> Value {
    let mut object = json!({
        "id": event.id,
        "type": "Event",
        "audience": event.group.id,
        "name": event.title,
        "uuid": event.uuid,
        "content": event.text.html,
        "mediaType": "text/html",
        "source": event.text.source(),
        "summary": event.summary,
        "category": event.category,
        "commentsEnabled": event.comments_enabled,
        "repliesModerationOption": if event.comments_enabled { "allow_all" } else { "closed" },
        "draft": false,
        "contacts": [],
        "tag": hashtags(at, &event.hashtags),
        "attachment": attachments(event),
        "context": at.part(&event.id, Part::Context),
        "replies": at.part(&event.id, Part::Replies),
        "url": event.id,
        "published": wire_time(event.published),
    });
    extend(&mut object, ownership(at, event));
    extend(&mut object, times(event));
    extend(&mut object, taking_part(at, event));
    let place = event.place.as_ref().map(|place| location(place, &event.id));
    put(&mut object, "location", place);
    put(&mut object, "inLanguage", event.language.as_ref().map(|tag| json!(tag)));
    put(&mut object, "series", event.series.as_ref().map(|series| json!(series)));
    put(&mut object, "recurrenceRule", event.recurrence_rule.as_ref().map(|rule| json!(rule)));
    put(&mut object, "companion", event.companion.as_ref().map(|post| json!(post)));
    put(&mut object, "updated", event.updated.map(|at| json!(wire_time(at))));
    top_level(object)
}

/// An event's time with its local offset.
fn local_time(at: DateTime<FixedOffset>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, false)
}

fn ownership(at: &Addresses, event: &Event) -> Value {
    let followers = Recipient::Id(event.followers.clone());
    let group = Recipient::Id(event.group.id.clone());
    let (to, cc) = match (&event.owner, &event.reach) {
        (EventOwner::Group, Reach::Public) => (vec![Recipient::Public], vec![followers]),
        (EventOwner::Person(_), Reach::Public) => (vec![group, Recipient::Public], vec![]),
        (_, Reach::Limited(readers)) => (vec![group, Recipient::Id(readers.clone())], vec![]),
    };
    let (owner, actor) = match &event.owner {
        EventOwner::Group => (event.group.id.clone(), at.server()),
        EventOwner::Person(person) => (person.clone(), person.clone()),
    };
    json!({"attributedTo": owner, "actor": actor, "to": to, "cc": cc})
}

fn times(event: &Event) -> Value {
    let mut times = json!({
        "startTime": local_time(event.start),
        "endTime": local_time(event.end.max(event.start)),
        "displayEndTime": !event.open_end,
        "timezone": event.timezone,
        "eventStatus": event.status.fep(),
        "status": event.status.ical(),
        "ical:status": event.status.ical(),
    });
    let previous = event.previous_start.filter(|_| event.status == EventStatus::Rescheduled);
    put(&mut times, "previousStartTime", previous.map(|start| json!(local_time(start))));
    times
}

fn taking_part(at: &Addresses, event: &Event) -> Value {
    let (mode, page) = match &event.join_mode {
        JoinMode::Free => ("free", Value::Null),
        JoinMode::Restricted => ("restricted", Value::Null),
        JoinMode::External(page) => ("external", json!(page)),
    };
    let organizers = if event.organizers.is_empty() { Value::Null } else { json!(event.organizers) };
    let mut members = json!({
        "joinMode": mode,
        "externalParticipationUrl": page,
        // Null says "deliberately undisclosed" and wins over what a peer might infer (FEP-8a8e).
        "organizers": organizers,
        "attendees": at.part(&event.id, Part::Attendees),
        "anonymousParticipationEnabled": false,
        "isOnline": event.online,
    });
    put(&mut members, "maximumAttendeeCapacity", event.capacity.map(|most| json!(most)));
    if matches!(event.owner, EventOwner::Person(_)) {
        extend(&mut members, piefed_keys(event.capacity));
    }
    members
}

/// PieFed indexes these without default; a missing one costs it the whole event.
fn piefed_keys(capacity: Option<u32>) -> Value {
    json!({
        "maximumAttendeeCapacity": capacity,
        "participantCount": null,
        "onlineLink": null,
        "anonymousParticipation": false,
        "buyTicketsLink": null,
        "feeCurrency": null,
        "feeAmount": null,
    })
}

/// The banner first, then the page; every entry has a media type, without which Gancio crashes.
fn attachments(event: &Event) -> Vec<Value> {
    let banner = event.banner.as_ref().map(|image| {
        let mut banner = image.write();
        put(&mut banner, "name", Some(json!("Banner")));
        put(&mut banner, "summary", image.alt.as_ref().map(|alt| json!(alt)));
        banner
    });
    let page = json!({"type": "Link", "mediaType": "text/html", "href": event.id, "name": "Website"});
    banner.into_iter().chain([page]).collect()
}

#[cfg(test)]
mod peers;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::PUBLIC;
    use crate::samples;

    #[test]
    fn a_meetup_of_a_group() {
        insta::assert_json_snapshot!("event", samples::event());
    }

    #[test]
    fn a_meetup_of_a_person_in_a_remote_group() {
        insta::assert_json_snapshot!("event_of_a_person", samples::event_of_a_person());
    }

    #[test]
    fn words_for_each_status() {
        let previous_start = Some(samples::event_draft().start);
        let table = [
            (EventStatus::Scheduled, "CONFIRMED", "EventScheduled"),
            (EventStatus::Tentative, "TENTATIVE", "EventTentative"),
            (EventStatus::Cancelled, "CANCELLED", "EventCancelled"),
            (EventStatus::Postponed, "TENTATIVE", "EventPostponed"),
            (EventStatus::Rescheduled, "CONFIRMED", "EventRescheduled"),
            (EventStatus::MovedOnline, "CONFIRMED", "EventMovedOnline"),
        ];
        for (status, ical, fep) in table {
            let written = event(&samples::here(), &Event { status, previous_start, ..samples::event_draft() });
            assert_eq!((&written["status"], &written["ical:status"]), (&json!(ical), &json!(ical)));
            assert_eq!(written["eventStatus"], json!(fep));
            assert_eq!(written.get("previousStartTime").is_some(), fep == "EventRescheduled");
        }
    }

    #[test]
    fn members_only_is_never_public() {
        let followers = samples::event_draft().followers;
        let draft = Event { reach: Reach::Limited(followers.clone()), ..samples::event_draft() };
        let written = event(&samples::here(), &draft);
        assert_eq!(written["to"], json!([draft.group.id, followers]));
        assert_eq!(written["cc"], json!([]));
        assert!(!crate::context::embedded(written).to_string().contains(PUBLIC));
    }

    #[test]
    fn nothing_ends_before_it_starts() {
        let mut draft = samples::event_draft();
        draft.end = draft.start - chrono::TimeDelta::hours(1);
        let written = event(&samples::here(), &draft);
        assert_eq!(written["endTime"], written["startTime"]);
    }

    #[test]
    fn joining_elsewhere_names_the_page() {
        let page = samples::url("https://tickets.example/1");
        let draft = Event { join_mode: JoinMode::External(page.clone()), ..samples::event_draft() };
        let written = event(&samples::here(), &draft);
        assert_eq!(written["joinMode"], json!("external"));
        assert_eq!(written["externalParticipationUrl"], json!(page));
    }

    #[test]
    fn an_open_end_is_not_shown() {
        let draft = Event { open_end: true, ..samples::event_draft() };
        assert_eq!(event(&samples::here(), &draft)["displayEndTime"], json!(false));
    }
}
