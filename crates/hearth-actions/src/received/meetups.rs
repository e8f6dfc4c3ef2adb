//! Meetups from elsewhere. A meetup belongs to its group, and only the group speaks for it (profile 4).

use super::{Door, Outcome, addressed};
use crate::{ActionError, Result, markdown};
use chrono::{DateTime, Duration, FixedOffset, Utc};
use hearth_activitypub::{
    event::{EventStatus, JoinMode as WireJoinMode},
    inbound::EventDocument,
};
use hearth_db::{
    Tx,
    tables::{
        actors::{Actor, ActorKind},
        events::{self, Event},
        follows, groups, memberships,
    },
};
use hearth_domain::{
    address::ApId,
    audience::Visibility,
    event::{JoinMode, PlaceKind, Status, YEARS},
    id::EventId,
    text,
};
use url::Url;

/// How long a meetup is taken to be that says no end.
const USUAL_LENGTH: Duration = Duration::hours(2);

/// A followed group announces a meetup of its own.
pub(super) fn created(door: &Door<'_>, tx: &mut Tx<'_>, document: &EventDocument) -> Result<Outcome> {
    own_of(door.signer, document)?;
    let group = door.signer;
    let known = follows::anybody_here_follows(tx, group.id)? || memberships::anybody_here(tx, group.id)?;
    if group.kind != ActorKind::Group || !known {
        return Ok(Outcome::Ignored("nobody here follows its group"));
    }
    store(door, tx, document, door.signer)
}

/// A followed group changes a meetup of its own.
pub(super) fn updated(door: &Door<'_>, tx: &mut Tx<'_>, document: &EventDocument) -> Result<Outcome> {
    own_of(door.signer, document)?;
    match events::by_ap_id(tx, document.id.as_str())? {
        Some(event) => edit(door, tx, &event, document, door.signer),
        None => created(door, tx, document),
    }
}

/// A meetup that a followed group relays. The caller has made sure that the document is its server's own word.
pub(super) fn relayed(door: &Door<'_>, tx: &mut Tx<'_>, document: &EventDocument, group: &Actor) -> Result<Outcome> {
    own_of(group, document)?;
    match events::by_ap_id(tx, document.id.as_str())? {
        Some(event) => edit(door, tx, &event, document, group),
        None => store(door, tx, document, group),
    }
}

/// A group removes a meetup of its own. `false` when it is no meetup that is known here.
pub(super) fn deleted(door: &Door<'_>, tx: &mut Tx<'_>, object: &Url) -> Result<bool> {
    let Some(event) = events::by_ap_id(tx, object.as_str())? else { return Ok(false) };
    if event.group_id != door.signer.id {
        return Err(ActionError::NotBelieved("it is another group's"));
    }
    if event.deleted_at.is_none() {
        events::bury(tx, event.id, door.app.now())?;
    }
    Ok(true)
}

fn own_of(group: &Actor, document: &EventDocument) -> Result<()> {
    let owner = group.ap_id.url();
    if document.attributed_to.as_ref() != Some(owner) {
        return Err(ActionError::NotBelieved("its group did not send it"));
    }
    if document.id.origin() != owner.origin() {
        return Err(ActionError::NotBelieved("its id is of another server than its group"));
    }
    Ok(())
}

fn store(door: &Door<'_>, tx: &mut Tx<'_>, document: &EventDocument, group: &Actor) -> Result<Outcome> {
    if events::by_ap_id(tx, document.id.as_str())?.is_some() {
        return Ok(Outcome::SeenBefore);
    }
    let now = door.app.clock.now();
    let settings = groups::by_id(tx, group.id)?.ok_or(ActionError::NotFound)?;
    let visibility = addressed::visibility(door, &document.to, &document.cc, group, &settings)?;
    if document.draft || document.is_long_over(now) {
        return Ok(Outcome::Ignored("it is a draft, or long over"));
    }
    let id = EventId::random(&*door.app.entropy);
    let event = Event { visibility, ..row(door, document, group, id)? };
    event.insert(tx)?;
    Ok(Outcome::Done)
}

fn edit(door: &Door<'_>, tx: &mut Tx<'_>, known: &Event, document: &EventDocument, group: &Actor) -> Result<Outcome> {
    let now = door.app.clock.now();
    let at = document.updated.unwrap_or(now).min(now);
    if known.local || known.group_id != group.id {
        return Err(ActionError::NotBelieved("it is another group's"));
    }
    if document.is_public() != (known.visibility == Visibility::Public) {
        return Err(ActionError::NotBelieved("it is for other people than it was"));
    }
    if known.deleted_at.is_some() || known.edited_at.is_some_and(|before| before.utc() > at) {
        return Ok(Outcome::SeenBefore);
    }
    let event = Event {
        edited_at: Some(at.into()),
        created_at: known.created_at,
        visibility: known.visibility,
        ..row(door, document, group, known.id)?
    };
    events::edit(tx, &event)?;
    Ok(Outcome::Done)
}

fn row(door: &Door<'_>, document: &EventDocument, group: &Actor, id: EventId) -> Result<Event> {
    let now = door.app.clock.now();
    let start = document.start;
    let end = document.end.filter(|end| *end > start).unwrap_or(start + USUAL_LENGTH);
    if !YEARS.contains(&chrono::Datelike::year(&start)) || !YEARS.contains(&chrono::Datelike::year(&end)) {
        return Err(ActionError::NotBelieved("its time is too far away"));
    }
    let zone = document.timezone.map_or_else(|| start.offset().to_string(), |zone| zone.name().to_owned());
    let (place_kind, area, address) = place(document);
    let own_url = document.url.as_ref().filter(|url| url.origin() == document.id.origin());
    Ok(Event {
        id,
        ap_id: ApId::try_from(document.id.clone()).map_err(|_| ActionError::NotBelieved("its id is not usable"))?,
        local: false,
        group_id: group.id,
        author_id: None,
        title: text::cut(&text::line(&document.name), text::TITLE_MAX),
        source: String::new(),
        content_html: markdown::foreign_html(document.content.as_deref().unwrap_or_default()),
        starts_at: start.with_timezone(&Utc).into(),
        ends_at: end.with_timezone(&Utc).into(),
        civil_start: civil(document, start),
        civil_end: civil(document, end),
        zone,
        place_kind,
        area,
        address,
        link: String::new(),
        access: String::new(),
        capacity: document.capacity.and_then(|places| i32::try_from(places).ok()).filter(|places| *places > 0),
        join_mode: match &document.join_mode {
            None | Some(WireJoinMode::Free) => JoinMode::Free,
            Some(WireJoinMode::Restricted) => JoinMode::Restricted,
            Some(WireJoinMode::External(_)) => JoinMode::External,
        },
        external_url: match &document.join_mode {
            Some(WireJoinMode::External(url)) => Some(url.to_string()),
            _ => None,
        },
        visibility: Visibility::Members,
        status: status(document.status),
        url: own_url.unwrap_or(&document.id).to_string(),
        published_at: document.published.map_or(now, |at| at.min(now)).into(),
        edited_at: document.updated.map(|at| at.min(now).into()),
        deleted_at: None,
        created_at: now.into(),
    })
}

/// The wall clock where the meetup is.
fn civil(document: &EventDocument, at: DateTime<FixedOffset>) -> String {
    let local = document.timezone.map_or_else(|| at.naive_local(), |zone| at.with_timezone(&zone).naive_local());
    local.format("%Y-%m-%dT%H:%M").to_string()
}

const fn status(wire: EventStatus) -> Status {
    match wire {
        EventStatus::Scheduled | EventStatus::Rescheduled | EventStatus::MovedOnline => Status::Scheduled,
        EventStatus::Tentative | EventStatus::Postponed => Status::Tentative,
        EventStatus::Cancelled => Status::Cancelled,
    }
}

/// What kind of place it is, the area, and the published address if there is one.
fn place(document: &EventDocument) -> (PlaceKind, String, String) {
    let real = document.places.iter().find(|place| !place.is_virtual);
    let kind = match (real.is_some(), document.online || document.places.iter().any(|place| place.is_virtual)) {
        (true, true) => PlaceKind::Both,
        (false, true) => PlaceKind::Online,
        (_, false) => PlaceKind::InPerson,
    };
    let Some(place) = real else { return (kind, String::new(), String::new()) };
    let words = |parts: &[&Option<String>]| {
        let mut out: Vec<String> = Vec::new();
        for part in parts.iter().filter_map(|part| part.as_deref()).map(text::line) {
            if !part.is_empty() && !out.contains(&part) {
                out.push(part);
            }
        }
        text::cut(&out.join(", "), 300)
    };
    let area = words(&[&place.name, &place.locality, &place.region]);
    let address = words(&[&place.address, &place.street, &place.postal_code]);
    (kind, area, address)
}
