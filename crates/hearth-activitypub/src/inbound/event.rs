//! Meetups of Mobilizon, Gancio, WordPress, Friendica, PieFed and other Hearths (profile 4.6).
//!
//! `recurrenceRule` is kept as words: it must never be expanded.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use url::Url;

use super::place::{self, PlaceDocument};
use super::post::{self, AttachedFile, AttachmentKind, HashtagOrMention};
use super::refusal::Refusal;
use super::shape::{self, Fragment};
use super::strict::Object;
use super::text;
use super::{MAX_TITLE, ReadOptions};
use crate::activity::Recipient;
use crate::event::{EventStatus, JoinMode};

/// An event that ended longer ago than this is not worth storing.
const LONG_OVER: TimeDelta = TimeDelta::days(30);
/// No meetup holds more people; a larger number says nothing.
const MAX_CAPACITY: u64 = 1_000_000;

/// A meetup.
#[derive(Debug, Clone, PartialEq)]
pub struct EventDocument {
    /// Its id.
    pub id: Url,
    /// Whose it is.
    pub attributed_to: Option<Url>,
    /// Who performs its activities, when the event says so (Mobilizon, Hearth).
    pub actor: Option<Url>,
    /// The group it says it belongs to.
    pub audience: Option<Url>,
    /// Mainly for.
    pub to: Vec<Recipient>,
    /// Also for.
    pub cc: Vec<Recipient>,
    /// Its title; one line, never empty.
    pub name: String,
    /// HTML as received.
    pub content: Option<String>,
    /// The markdown it was made from.
    pub source_markdown: Option<String>,
    /// A line about it, as received.
    pub summary: Option<String>,
    /// When it starts.
    pub start: DateTime<FixedOffset>,
    /// When it ends; never before the start.
    pub end: Option<DateTime<FixedOffset>>,
    /// False when the end is an estimate.
    pub display_end_time: bool,
    /// The start that was told before.
    pub previous_start: Option<DateTime<FixedOffset>>,
    /// The zone it happens in, when it names a known one.
    pub timezone: Option<Tz>,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// Where. Several for hybrid meetups.
    pub places: Vec<PlaceDocument>,
    /// Whether one can take part online.
    pub online: bool,
    /// How it stands.
    pub status: EventStatus,
    /// FEP-8a8e category.
    pub category: Option<String>,
    /// How to say that one comes; `None` when it takes no answers or does not say.
    pub join_mode: Option<JoinMode>,
    /// Hosts named.
    pub organizers: Vec<Url>,
    /// How many can come; `None` when unlimited or not said.
    pub capacity: Option<u32>,
    /// The collection of those who come.
    pub attendees: Option<Url>,
    /// Hashtags and mentions.
    pub tags: Vec<HashtagOrMention>,
    /// What hangs on it.
    pub attachments: Vec<AttachedFile>,
    /// Its picture: `image`, or the first picture among the attachments.
    pub image: Option<Url>,
    /// The thread about it.
    pub context: Option<Url>,
    /// What was done in the thread, as a collection of activities (FEP-f228).
    pub context_history: Option<Url>,
    /// The collection of its answers.
    pub replies: Option<Url>,
    /// False when it takes no answers in words.
    pub comments_enabled: bool,
    /// Whether it is a draft, which nobody should have sent.
    pub draft: bool,
    /// The series it belongs to (another Hearth).
    pub series: Option<Url>,
    /// RFC 5545 RRULE of the series, as words.
    pub recurrence_rule: Option<String>,
    /// The companion post (another Hearth).
    pub companion: Option<Url>,
    /// Its web page.
    pub url: Option<Url>,
    /// When it was published.
    pub published: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated: Option<DateTime<Utc>>,
}

impl EventDocument {
    /// Whether it is addressed to everyone.
    pub fn is_public(&self) -> bool {
        self.to.iter().chain(&self.cc).any(Recipient::is_public)
    }

    /// The group it is of: its `audience`, or its owner where somebody else performs it (Mobilizon names the person twice
    /// when there is no group).
    pub fn stated_group(&self) -> Option<&Url> {
        let owned =
            self.attributed_to.as_ref().filter(|owner| self.actor.as_ref().is_some_and(|actor| actor != *owner));
        self.audience.as_ref().or(owned)
    }

    /// Whether it ended more than 30 days ago, so that it is not to be taken (profile 4.6). Reading itself takes any.
    pub fn is_long_over(&self, now: DateTime<Utc>) -> bool {
        now.signed_duration_since(self.end.unwrap_or(self.start)) > LONG_OVER
    }
}

pub(crate) fn read(object: &Object, options: ReadOptions) -> Result<EventDocument, Refusal> {
    let id = shape::string(object, "id").ok_or(Refusal::NoId)?;
    let id = shape::id(id, Fragment::Refused, options)?;
    let name = shape::natural_text(object, "name").map(|name| text::line(name, MAX_TITLE));
    let name = name.filter(|name| !name.is_empty()).ok_or(Refusal::MissingField("name"))?;
    let times = times(object)?;
    let authors = post::authors(object, options)?;
    let attachments = post::attachments(object);
    let places = place::read_all(object);
    let url = |key| shape::useful_id(object, key, options);
    Ok(EventDocument {
        id,
        attributed_to: authors.person.or(authors.group),
        actor: shape::optional_id(object, "actor", Fragment::Refused, options)?,
        audience: url("audience"),
        to: shape::recipients(object, "to", options),
        cc: shape::recipients(object, "cc", options),
        name,
        content: shape::natural_text(object, "content").map(text::long),
        source_markdown: post::markdown(object),
        summary: post::summary(object),
        start: times.start,
        end: times.end,
        display_end_time: shape::boolean(object, "displayEndTime").unwrap_or(times.end.is_some()),
        previous_start: times.previous_start,
        timezone: times.zone,
        language: shape::language(object),
        online: shape::boolean(object, "isOnline").unwrap_or_else(|| places.iter().any(|place| place.is_virtual)),
        places,
        status: status(object),
        category: category(object),
        join_mode: join_mode(object),
        organizers: shape::ids(object, "organizers", 16, options),
        capacity: capacity(object),
        attendees: url("attendees"),
        tags: post::tags(object, options),
        image: image(object, &attachments),
        attachments,
        context: url("context"),
        context_history: url("contextHistory"),
        replies: url("replies"),
        comments_enabled: shape::boolean(object, "commentsEnabled").unwrap_or(true),
        draft: shape::boolean(object, "draft").unwrap_or(false),
        series: url("series"),
        recurrence_rule: shape::string(object, "recurrenceRule").map(|rule| text::line(rule, MAX_TITLE)),
        companion: url("companion"),
        url: shape::page_url(object),
        published: shape::instant(object, "published"),
        updated: shape::instant(object, "updated"),
    })
}

struct Times {
    start: DateTime<FixedOffset>,
    end: Option<DateTime<FixedOffset>>,
    previous_start: Option<DateTime<FixedOffset>>,
    zone: Option<Tz>,
}

fn times(object: &Object) -> Result<Times, Refusal> {
    let zone = shape::string(object, "timezone").and_then(|name| name.parse::<Tz>().ok());
    let start = shape::string(object, "startTime").ok_or(Refusal::MissingField("startTime"))?;
    let start = shape::local_time(start, zone)?;
    let useful = |key| shape::string(object, key).and_then(|time| shape::local_time(time, zone).ok());
    let end = useful("endTime").filter(|end| *end >= start);
    Ok(Times { start, end, previous_start: useful("previousStartTime"), zone })
}

/// FEP-8a8e's word, else iCalendar's, else it happens.
fn status(object: &Object) -> EventStatus {
    let fep = shape::string(object, "eventStatus").map(|word| word.rsplit(['/', ':', '#']).next().unwrap_or(word));
    match fep {
        Some("EventScheduled") => return EventStatus::Scheduled,
        Some("EventTentative") => return EventStatus::Tentative,
        Some("EventCancelled") => return EventStatus::Cancelled,
        Some("EventPostponed") => return EventStatus::Postponed,
        Some("EventRescheduled") => return EventStatus::Rescheduled,
        Some("EventMovedOnline") => return EventStatus::MovedOnline,
        _ => {}
    }
    let ical = shape::string(object, "ical:status").or_else(|| shape::string(object, "status")).unwrap_or_default();
    match ical.to_ascii_uppercase().as_str() {
        "CANCELLED" | "CANCELED" => EventStatus::Cancelled,
        "TENTATIVE" => EventStatus::Tentative,
        _ => EventStatus::Scheduled,
    }
}

fn category(object: &Object) -> Option<String> {
    shape::list(object, "category").iter().filter_map(Value::as_str).find_map(text::word)
}

fn join_mode(object: &Object) -> Option<JoinMode> {
    match shape::string(object, "joinMode")? {
        "free" => Some(JoinMode::Free),
        "restricted" | "invite" => Some(JoinMode::Restricted),
        "external" => {
            shape::string(object, "externalParticipationUrl").and_then(participation_address).map(JoinMode::External)
        }
        _ => None,
    }
}

/// A web page, or an address to write to (FEP-8a8e allows both).
fn participation_address(text: &str) -> Option<Url> {
    let mail = |text: &str| Url::parse(text).ok().filter(|url| url.scheme() == "mailto" && url.path().contains('@'));
    shape::web_address(text).or_else(|| mail(text).filter(|_| text.len() <= MAX_TITLE))
}

/// Zero is Mobilizon's "no limit"; what is negative, fractional or absurd says nothing.
fn capacity(object: &Object) -> Option<u32> {
    let number = object.get("maximumAttendeeCapacity")?.as_u64()?;
    (1..=MAX_CAPACITY).contains(&number).then(|| u32::try_from(number).ok()).flatten()
}

fn image(object: &Object, attachments: &[AttachedFile]) -> Option<Url> {
    let own = shape::list(object, "image").iter().find_map(shape::link_address);
    let attached = || attachments.iter().find(|file| file.kind == AttachmentKind::Image).map(|file| file.url.clone());
    own.or_else(attached)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(members: &str) -> Result<EventDocument, Refusal> {
        let json = format!(r#"{{"id": "https://x.example/e/1"{members}}}"#);
        read(&serde_json::from_str(&json).unwrap(), ReadOptions::default())
    }

    fn with(members: &str) -> EventDocument {
        check(&format!(r#", "name": "Tea", "startTime": "2026-07-14T18:30:00+01:00"{members}"#)).unwrap()
    }

    #[test]
    fn name_and_start_are_needed() {
        assert_eq!(check(r#", "startTime": "2026-07-14T18:30:00Z""#).err(), Some(Refusal::MissingField("name")));
        assert_eq!(check(r#", "name": "Tea""#).err(), Some(Refusal::MissingField("startTime")));
        let floating = r#", "name": "Tea", "startTime": "2026-07-14T18:30:00""#;
        assert_eq!(check(floating).err(), Some(Refusal::BadTime));
        let zoned = check(&format!(r#"{floating}, "timezone": "Europe/London""#)).unwrap();
        assert_eq!(zoned.start.to_rfc3339(), "2026-07-14T18:30:00+01:00");
        assert_eq!(check(&format!(r#"{floating}, "timezone": "Mars/Base""#)).err(), Some(Refusal::BadTime));
    }

    #[test]
    fn whose_it_is() {
        let group = |members: &str| with(members).stated_group().map(|url| url.path().to_owned());
        let owner = r#", "attributedTo": "https://x.example/@tea""#;
        assert_eq!(group(&format!(r#"{owner}, "actor": "https://x.example/@kim""#)).as_deref(), Some("/@tea"));
        assert_eq!(group(&format!(r#"{owner}, "actor": "https://x.example/@tea""#)), None, "Mobilizon without a group");
        assert_eq!(group(owner), None, "Gancio: the owner is the server");
        assert_eq!(group(r#", "audience": "https://y.example/c/tea""#).as_deref(), Some("/c/tea"), "through Lemmy");
    }

    #[test]
    fn an_end_before_the_start_is_no_end() {
        assert_eq!(with(r#", "endTime": "2026-07-14T18:00:00+01:00""#).end, None);
        assert!(with(r#", "endTime": "2026-07-14T19:00:00+01:00""#).end.is_some());
        assert_eq!(with(r#", "endTime": "999999-01-01T00:00:00Z""#).end, None);
    }

    #[test]
    fn every_way_to_say_how_it_stands() {
        let status = |members: &str| with(members).status;
        assert_eq!(status(""), EventStatus::Scheduled);
        assert_eq!(status(r#", "ical:status": "CANCELLED""#), EventStatus::Cancelled);
        assert_eq!(status(r#", "status": "tentative""#), EventStatus::Tentative);
        assert_eq!(status(r#", "eventStatus": "https://schema.org/EventCancelled""#), EventStatus::Cancelled);
        assert_eq!(status(r#", "eventStatus": "EventPostponed", "status": "CONFIRMED""#), EventStatus::Postponed);
        assert_eq!(status(r#", "status": null"#), EventStatus::Scheduled);
    }

    #[test]
    fn ways_to_join() {
        let mode = |members: &str| with(members).join_mode;
        assert_eq!(mode(r#", "joinMode": "free""#), Some(JoinMode::Free));
        assert_eq!(mode(r#", "joinMode": "invite""#), Some(JoinMode::Restricted));
        assert_eq!(mode(r#", "joinMode": "none""#), None);
        assert_eq!(mode(r#", "joinMode": "external""#), None);
        let external = |url: &str| mode(&format!(r#", "joinMode": "external", "externalParticipationUrl": "{url}""#));
        for good in ["https://t.example/1", "mailto:host@t.example"] {
            assert_eq!(external(good), Some(JoinMode::External(good.parse().unwrap())));
        }
        for bad in ["javascript:alert(1)", "mailto:", "tel:123"] {
            assert_eq!(external(bad), None, "{bad}");
        }
    }

    #[test]
    fn absurd_capacities_say_nothing() {
        let capacity = |number: &str| with(&format!(r#", "maximumAttendeeCapacity": {number}"#)).capacity;
        assert_eq!(
            ["12", "0", "-3", "1.5", "99999999999", "null", "\"12\""].map(capacity),
            [Some(12), None, None, None, None, None, None]
        );
    }

    #[test]
    fn titles_are_one_line() {
        let event = check(r#", "name": "Tea\r\nBEGIN:VALARM", "startTime": "2026-07-14T18:30:00Z""#).unwrap();
        assert_eq!(event.name, "Tea  BEGIN:VALARM");
    }

    #[test]
    fn long_over_is_thirty_days_after_the_end() {
        let event = with(r#", "endTime": "2026-07-14T20:00:00+01:00""#);
        let at = |text: &str| event.is_long_over(text.parse().unwrap());
        assert!(!at("2026-08-13T18:59:00Z"));
        assert!(at("2026-08-13T19:01:00Z"));
    }
}
