//! Meetups from elsewhere (profile 4). A meetup belongs to its group, or to the person who made it in one; only they
//! speak for it.

use super::{
    Door, Outcome, addressed, known_actor, network,
    posts::{is_open_to, relay},
};
use crate::{ActionError, Result, error::Missing, markdown, post::standing_of};
use chrono::{DateTime, Duration, FixedOffset, Utc};
use hearth_activitypub::{
    Document, Recipient,
    event::{EventStatus, JoinMode as WireJoinMode},
    inbound::{EventDocument, InboxActivity, PostDocument},
};
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        events::{self, Event},
        follows,
        groups::{self, Group},
        memberships,
    },
};
use hearth_domain::{
    address::ApId,
    audience::Visibility,
    event::{JoinMode, PlaceKind, Status, YEARS},
    id::{ActorId, EventId},
    permission, text,
};
use url::Url;

/// How long a meetup is taken to be that says no end.
pub(super) const USUAL_LENGTH: Duration = Duration::hours(2);

/// A meetup that comes straight from whose it is: of a followed group, of a person in a group here, or of a server whose
/// meetups are shown here.
pub(super) fn created(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    activity: &InboxActivity,
    document: &EventDocument,
) -> Result<Outcome> {
    let (document, owner) = own_word(door, tx, document)?;
    if events::by_ap_id(tx, document.id.as_str())?.is_some() {
        return Ok(Outcome::SeenBefore);
    }
    if owner.kind == ActorKind::Group && is_known(tx, &owner)? {
        return store(door, tx, document, &owner, None);
    }
    if owner.kind != ActorKind::Group
        && let Some((group, settings)) = group_here(door, tx, document)?
    {
        let visibility = addressed::visibility(door, &document.to, &document.cc, &group, &settings)?;
        let standing = standing_of(tx, group.id, owner.id)?;
        if visibility == Visibility::Members && !standing.is_member() {
            return Err(hearth_domain::Denied::MembersOnly.into());
        }
        permission::may_post(settings.settings(), standing)?;
        let outcome = store(door, tx, document, &group, Some(&owner))?;
        if outcome == Outcome::Done {
            relay(door, tx, activity, (&document.id, visibility), (&group, &settings), true)?;
        }
        return Ok(outcome);
    }
    network::told(door, tx, activity, document, &owner, &door.signer.host)
}

/// Whether somebody here follows a group elsewhere, or is a member of it.
pub(super) fn is_known(tx: &mut Tx<'_>, group: &Actor) -> Result<bool> {
    Ok(follows::anybody_here_follows(tx, group.id)? || memberships::anybody_here(tx, group.id)?)
}

/// What its own server says of a meetup, and whose it is: the signer's, or its group's where the signer announced it
/// for the group (Mobilizon does so). Then the meetup itself must say so where it lives.
fn own_word<'a>(
    door: &'a Door<'_>,
    tx: &mut Tx<'_>,
    document: &'a EventDocument,
) -> Result<(&'a EventDocument, Actor)> {
    let me = door.signer.ap_id.url();
    if document.id.origin() != me.origin() {
        return Err(ActionError::NotBelieved("its id is of another server than its group"));
    }
    if document.attributed_to.as_ref() == Some(me) {
        return Ok((document, door.signer.clone()));
    }
    if document.actor.as_ref() != Some(me) {
        return Err(ActionError::NotBelieved("its group did not send it"));
    }
    let Some(Document::Event(document)) = door.evidence.object(&document.id) else {
        return Err(ActionError::Needs(Missing::Object(document.id.clone())));
    };
    let owner = document.attributed_to.as_ref().filter(|owner| owner.origin() == me.origin());
    let owner = owner.filter(|_| document.actor.as_ref() == Some(me));
    let owner = owner.ok_or(ActionError::NotBelieved("its group did not send it"))?;
    Ok((document, known_actor(tx, owner)?))
}

/// The group here that a person's meetup is for.
fn group_here(door: &Door<'_>, tx: &mut Tx<'_>, document: &EventDocument) -> Result<Option<(Actor, Group)>> {
    for id in named(document).filter(|id| door.site.at.is_local(id)) {
        let Some(actor) = actors::by_ap_id(tx, id.as_str())?.filter(|actor| actor.kind == ActorKind::Group) else {
            continue;
        };
        if let Some(settings) = groups::by_id(tx, actor.id)?
            && is_open_to(door, tx, &actor, &settings)?
        {
            return Ok(Some((actor, settings)));
        }
    }
    Ok(None)
}

/// Everybody a meetup is addressed to.
fn named(document: &EventDocument) -> impl Iterator<Item = &Url> {
    let addressed = document.to.iter().chain(&document.cc).filter_map(|recipient| match recipient {
        Recipient::Id(url) => Some(url),
        Recipient::Public => None,
    });
    document.audience.iter().chain(addressed)
}

/// Whoever owns a meetup changes it.
pub(super) fn updated(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    activity: &InboxActivity,
    document: &EventDocument,
) -> Result<Outcome> {
    let Some(known) = events::by_ap_id(tx, document.id.as_str())? else {
        return created(door, tx, activity, document);
    };
    let (document, owner) = own_word(door, tx, document)?;
    let outcome = edit(door, tx, &known, document, &owner)?;
    if outcome == Outcome::Done
        && let Some((group, settings)) = groups::with_actor(tx, known.group_id)?.filter(|(group, _)| group.local)
    {
        relay(door, tx, activity, (&document.id, known.visibility), (&group, &settings), false)?;
    }
    Ok(outcome)
}

/// A meetup that a followed group relays: its own, or one of a person in it. The caller has made sure that the document
/// is its server's own word.
pub(super) fn relayed(door: &Door<'_>, tx: &mut Tx<'_>, document: &EventDocument, group: &Actor) -> Result<Outcome> {
    let owner = document.attributed_to.as_ref().ok_or(ActionError::NotBelieved("its group did not send it"))?;
    if owner.origin() != document.id.origin() {
        return Err(ActionError::NotBelieved("its id is of another server than its group"));
    }
    let of_group = owner == group.ap_id.url();
    if !of_group && !named(document).any(|id| id == group.ap_id.url()) {
        return Err(ActionError::NotBelieved("its group did not send it"));
    }
    let author = if of_group { None } else { Some(known_actor(tx, owner)?) };
    match events::by_ap_id(tx, document.id.as_str())? {
        Some(event) => edit(door, tx, &event, document, author.as_ref().unwrap_or(group)),
        None => store(door, tx, document, group, author.as_ref()),
    }
}

/// Whoever owns a meetup removes it. `false` when it is no meetup that is known here.
pub(super) fn deleted(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, object: &Url) -> Result<bool> {
    let Some(event) = events::by_ap_id(tx, object.as_str())? else {
        return network::forgotten(door, tx, object);
    };
    if event.local || !is_owner(&event, door.signer) {
        return Err(ActionError::NotBelieved("it is another group's"));
    }
    if event.deleted_at.is_none() {
        events::bury(tx, event.id, door.app.now())?;
        if let Some((group, settings)) = groups::with_actor(tx, event.group_id)?.filter(|(group, _)| group.local) {
            relay(door, tx, activity, (object, event.visibility), (&group, &settings), false)?;
        }
    }
    network::forgotten(door, tx, object)?;
    Ok(true)
}

/// A post that stands for a meetup which is known here: it is not wanted beside it. The meetup learns of it, so that what
/// answers the post is an answer to the meetup (profile 4.3).
pub(super) fn stands_for_known(tx: &mut Tx<'_>, document: &PostDocument, group: &Actor) -> Result<bool> {
    let Some(about) = document.companion_of.as_ref().filter(|about| about.origin() == document.id.origin()) else {
        return Ok(false);
    };
    let Some(event) = events::by_ap_id(tx, about.as_str())?.filter(|event| event.group_id == group.id) else {
        return Ok(false);
    };
    learn_companion(tx, &event, &document.id)?;
    Ok(true)
}

fn learn_companion(tx: &mut Tx<'_>, event: &Event, companion: &Url) -> Result<()> {
    let own = companion.origin() == event.ap_id.url().origin();
    if own && event.companion_ap_id.is_none() && events::by_any_id(tx, companion.as_str())?.is_none() {
        events::set_companion(tx, event.id, companion.as_str())?;
    }
    Ok(())
}

fn is_owner(event: &Event, actor: &Actor) -> bool {
    event.author_id.unwrap_or(event.group_id) == actor.id
}

/// Stores a meetup of another server in a group, as the group's own or as that of its author.
pub(super) fn store(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    document: &EventDocument,
    group: &Actor,
    author: Option<&Actor>,
) -> Result<Outcome> {
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
    let author_id = author.map(|author| author.id);
    let event = Event { visibility, author_id, ..row(door, document, group.id, id)? };
    event.insert(tx)?;
    if let Some(companion) = &document.companion {
        learn_companion(tx, &event, companion)?;
    }
    Ok(Outcome::Done)
}

fn edit(door: &Door<'_>, tx: &mut Tx<'_>, known: &Event, document: &EventDocument, owner: &Actor) -> Result<Outcome> {
    let now = door.app.clock.now();
    let at = document.updated.unwrap_or(now).min(now);
    if known.local || !is_owner(known, owner) {
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
        author_id: known.author_id,
        ..row(door, document, known.group_id, known.id)?
    };
    events::edit(tx, &event)?;
    if let Some(companion) = &document.companion {
        learn_companion(tx, known, companion)?;
    }
    network::moved(tx, &event)?;
    Ok(Outcome::Done)
}

fn row(door: &Door<'_>, document: &EventDocument, group: ActorId, id: EventId) -> Result<Event> {
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
        group_id: group,
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
        companion_ap_id: None,
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
pub(super) fn place(document: &EventDocument) -> (PlaceKind, String, String) {
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
            // "Northside, near the library" says "Northside" already.
            if !part.is_empty() && !out.iter().any(|said| said.contains(&part)) {
                out.push(part);
            }
        }
        text::cut(&out.join(", "), 300)
    };
    let area = words(&[&place.name, &place.locality, &place.region]);
    let address = words(&[&place.address, &place.street, &place.postal_code]);
    (kind, area, address)
}
