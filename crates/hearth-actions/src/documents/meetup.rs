//! A meetup as other servers read it: as an event, and as the post that stands for it where events are not read
//! (profile 4.1 to 4.3).
//!
//! Must never write the room link, the number of people, who comes, or an address that the hosts did not publish.

use super::{followers, group_ref, language, reach, required, settings_of};
use crate::{ActionError, Result, markdown, server::Site};
use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeZone};
use hearth_activitypub::{self as ap, RichText, event::EventOwner, place};
use hearth_db::{
    DbConn,
    tables::{
        actors::Actor,
        event_series,
        event_terms::{self, EventTerms},
        events::Event,
    },
};
use hearth_domain::{
    event::{JoinMode, PlaceKind, Status},
    text,
};
use serde_json::Value;
use url::Url;

/// A meetup that was made here; a tombstone once it is removed.
///
/// # Errors
/// Database errors.
pub fn event(connection: &mut DbConn, site: &Site, event: &Event) -> Result<Value> {
    if let Some(deleted) = event.deleted_at {
        return Ok(ap::tombstone::tombstone(event.ap_id.url(), "Event", deleted.utc()));
    }
    let group = required(connection, event.group_id)?;
    let terms = event_terms::get(connection, event.id)?;
    let author = match event.author_id {
        Some(author) => Some(required(connection, author)?),
        None => None,
    };
    let start = local(&event.civil_start, &event.zone, event.starts_at.utc());
    let words = words(event, "");
    let series = event_series::of_event(connection, event.id)?.map(|(series, _)| series);
    let document = ap::event::Event {
        id: event.ap_id.url().clone(),
        uuid: uuid(event.id.get()),
        group: group_ref(site, &group),
        owner: owner(&group, author.as_ref())?,
        reach: reach(site, &group, settings_of(connection, &group)?, event.visibility),
        followers: followers(site, &group),
        title: event.title.clone(),
        text: words,
        summary: summary(event, start),
        start,
        end: local(&event.civil_end, &event.zone, event.ends_at.utc()),
        open_end: false,
        timezone: event.zone.clone(),
        language: Some(site.row.language.clone()),
        place: place_of(event, &terms),
        online: event.place_kind != PlaceKind::InPerson,
        status: status(event, &terms),
        previous_start: terms.previous_start.map(|at| local("", &event.zone, at.utc())),
        category: "MEETING".to_owned(),
        join_mode: join_mode(event, &terms),
        organizers: author.filter(|_| terms.named).map(|author| author.ap_id.url().clone()).into_iter().collect(),
        capacity: event.capacity.and_then(|places| u32::try_from(places).ok()),
        banner: None,
        hashtags: Vec::new(),
        comments_enabled: true,
        series: series.as_ref().map(|series| site.at.series(&series.id.to_string())),
        recurrence_rule: series.map(|series| series.rule.to_string()),
        companion: companion_id(event),
        published: event.published_at.utc(),
        updated: event.edited_at.map(hearth_db::Time::utc),
    };
    Ok(ap::event::event(&site.at, &document))
}

/// A meetup belongs to its group; in a group on another server it is its author's own (profile 4.5).
fn owner(group: &Actor, author: Option<&Actor>) -> Result<EventOwner> {
    if group.local {
        return Ok(EventOwner::Group);
    }
    let author = author.filter(|author| author.local).ok_or(ActionError::NotFound)?;
    Ok(EventOwner::Person(author.ap_id.url().clone()))
}

/// The post that stands for a meetup that was made here; a tombstone once it is removed. `None` when nothing stands for
/// it.
///
/// # Errors
/// Database errors.
pub fn companion(connection: &mut DbConn, site: &Site, event: &Event) -> Result<Option<Value>> {
    let Some(id) = companion_id(event).filter(|_| event.local) else { return Ok(None) };
    if let Some(deleted) = event.deleted_at {
        return Ok(Some(ap::tombstone::tombstone(&id, "Page", deleted.utc())));
    }
    let group = required(connection, event.group_id)?;
    let author = companion_author(connection, site, event, &group)?;
    let start = local(&event.civil_start, &event.zone, event.starts_at.utc());
    let cancelled = event.status == Status::Cancelled;
    let when_and_where = summary(event, start);
    let title = if cancelled { format!("Cancelled: {}", event.title) } else { event.title.clone() };
    let off = if cancelled { "**This meetup is cancelled.**\n\n" } else { "" };
    let page = ap::post::Page {
        body: ap::post::Body {
            id: id.clone(),
            author,
            group: group_ref(site, &group),
            reach: reach(site, &group, settings_of(connection, &group)?, event.visibility),
            text: words(event, &format!("{off}**{when_and_where}**\n\n")),
            content_note: None,
            language: Some(language(site)),
            hashtags: Vec::new(),
            mentions: Vec::new(),
            attachments: vec![ap::post::Attachment::Link {
                href: event.ap_id.url().clone(),
                media_type: "text/html".to_owned(),
                name: Some(event.title.clone()),
            }],
            context: site.at.part(&id, ap::Part::Context),
            comments_enabled: true,
            published: event.published_at.utc(),
            updated: event.edited_at.map(hearth_db::Time::utc),
        },
        title: text::cut(&title, text::TITLE_MAX),
        plain: format!("{when_and_where}. {}", markdown::plain(&event.content_html)),
        image: None,
        stickied: false,
        companion_of: Some(event.ap_id.url().clone()),
    };
    Ok(Some(ap::post::page(&site.at, &page)))
}

/// Whose words the post is: those of who announced the meetup and agreed to be named, else the group's notices. In a
/// group on another server it is its author's.
pub(crate) fn companion_author(connection: &mut DbConn, site: &Site, event: &Event, group: &Actor) -> Result<Url> {
    let named = !group.local || event_terms::get(connection, event.id)?.named;
    match event.author_id.filter(|_| named) {
        Some(author) => Ok(required(connection, author)?.ap_id.url().clone()),
        None => Ok(site.at.notices(&group.name)),
    }
}

fn companion_id(event: &Event) -> Option<Url> {
    Url::parse(event.companion_ap_id.as_deref()?).ok()
}

/// What happens, and how one gets in. Access notes belong to what everybody should know before they come.
fn words(event: &Event, before: &str) -> RichText {
    let access = if event.access.is_empty() { String::new() } else { format!("\n\n**Access:** {}", event.access) };
    let markdown = format!("{before}{}{access}", event.source).trim().to_owned();
    RichText { html: markdown::html(&markdown), markdown }
}

fn status(event: &Event, terms: &EventTerms) -> ap::event::EventStatus {
    match event.status {
        Status::Scheduled if terms.previous_start.is_some() => ap::event::EventStatus::Rescheduled,
        Status::Scheduled => ap::event::EventStatus::Scheduled,
        Status::Tentative => ap::event::EventStatus::Tentative,
        Status::Cancelled => ap::event::EventStatus::Cancelled,
    }
}

/// Where only people of this server can answer, the others are led to the meetup's page.
fn join_mode(event: &Event, terms: &EventTerms) -> ap::event::JoinMode {
    match event.join_mode {
        _ if terms.only_here => ap::event::JoinMode::External(event.ap_id.url().clone()),
        JoinMode::Restricted => ap::event::JoinMode::Restricted,
        JoinMode::Free | JoinMode::External => ap::event::JoinMode::Free,
    }
}

/// The instant with the offset its zone has then.
fn local(civil: &str, zone: &str, instant: DateTime<chrono::Utc>) -> DateTime<FixedOffset> {
    let zone = hearth_domain::event::zone(zone).unwrap_or(chrono_tz::UTC);
    let civil = NaiveDateTime::parse_from_str(civil, "%Y-%m-%dT%H:%M").ok();
    let local = instant.with_timezone(&zone);
    let matches =
        civil.is_none_or(|civil| civil.and_utc().timestamp() / 60 == local.naive_local().and_utc().timestamp() / 60);
    if matches { local.fixed_offset() } else { chrono::Utc.from_utc_datetime(&instant.naive_utc()).fixed_offset() }
}

/// The line that, with the title, is all that Mastodon shows: "Tue 10 March 2026, 18:30 (GMT), Northside".
fn summary(event: &Event, start: DateTime<FixedOffset>) -> String {
    let zone = hearth_domain::event::zone(&event.zone).unwrap_or(chrono_tz::UTC);
    let local = start.with_timezone(&zone);
    let place = match event.place_kind {
        PlaceKind::Online => "online".to_owned(),
        PlaceKind::InPerson | PlaceKind::Both => event.area.clone(),
    };
    let when = local.format("%a %-d %B %Y, %H:%M (%Z)");
    if place.is_empty() { when.to_string() } else { format!("{when}, {place}") }
}

/// The area; the address only where the hosts published it, and the room link never (profile 4.2).
fn place_of(event: &Event, terms: &EventTerms) -> Option<place::Place> {
    if event.place_kind == PlaceKind::Online {
        return Some(place::Place::Online);
    }
    if event.area.is_empty() {
        return None;
    }
    // The part before the first comma is the town or quarter: "Northside, near the library".
    let locality = event.area.split(',').next().map(|part| part.trim().to_owned());
    let area = place::Area { name: event.area.clone(), locality, ..place::Area::default() };
    Some(if terms.address_public && !event.address.is_empty() {
        place::Place::Exact(area, place::ExactAddress { street: event.address.clone(), ..Default::default() })
    } else {
        place::Place::Area(area)
    })
}

/// The random id of a meetup in the shape that Mobilizon asks for (RFC 9562, version 8: our own bits).
fn uuid(id: i64) -> String {
    let hash = crate::secret::hash(&format!("event {id}"));
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
    format!("{}-{}-8{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
