//! Meetups of servers that this one follows (profile 8.3, 8.4): shown at once, or after a keeper looked at them. A server
//! follow brings meetups and nothing else.
//!
//! Must never show a meetup that its own server did not tell of or does not serve, one that is not public, or one that a
//! keeper has not let through where they are asked.

use super::{
    Door, Outcome, known_actor,
    meetups::{USUAL_LENGTH, place, store},
};
use crate::{ActionError, Result, error::Missing, follow, group};
use hearth_activitypub::{
    Document,
    inbound::{ActivityKind, Announced, EventDocument, InboxActivity, Received},
};
use hearth_db::{
    Tx,
    tables::{
        actors::{Actor, ActorKind},
        events::{self, Event},
        followed_servers::{self, FollowedServer},
        follows,
        groups::{self, Group},
        memberships,
        network_meetups::{self, MeetupState, NetworkMeetup},
    },
};
use hearth_domain::{address::ApId, server::TakesMeetups, text};
use url::Url;

/// Most meetups taken from one batch.
const BATCH: usize = 20;
/// What is told of a meetup is kept until a keeper has looked at it, if it is not longer than this.
const LONGEST: usize = 100_000;

/// A followed server names meetups.
pub(super) fn announced(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    activity: &InboxActivity,
    objects: &[Announced],
) -> Result<Outcome> {
    if followed_servers::get(tx, door.signer.id)?.is_none() {
        return Ok(Outcome::Ignored("only groups and followed servers relay here"));
    }
    follow::heard_from(door.app, tx, door.signer)?;
    let mut outcome = Outcome::Ignored("it names no meetup");
    for id in objects.iter().take(BATCH).filter_map(meetup_of) {
        outcome = one(door, tx, activity, id)?;
    }
    Ok(outcome)
}

/// What an entry of an Announce names, as far as it may be a meetup.
fn meetup_of(object: &Announced) -> Option<&Url> {
    match object {
        Announced::Id(id) => Some(id),
        Announced::Object(document) => match document.as_ref() {
            Document::Event(event) => Some(&event.id),
            _ => None,
        },
        Announced::Activity(inner) => match &inner.kind {
            ActivityKind::Create { object: Received::Document(document) } => match document.as_ref() {
                Document::Event(event) => Some(&event.id),
                _ => None,
            },
            _ => None,
        },
    }
}

/// The meetup is fetched from where it lives, and only that counts.
fn one(door: &Door<'_>, tx: &mut Tx<'_>, activity: &InboxActivity, id: &Url) -> Result<Outcome> {
    if door.site.at.is_local(id) || events::by_ap_id(tx, id.as_str())?.is_some() {
        return Ok(Outcome::SeenBefore);
    }
    if door.evidence.is_gone(id) {
        return Ok(Outcome::Ignored("it is gone"));
    }
    let document = match door.evidence.object(id) {
        Some(Document::Event(document)) => document,
        Some(_) => return Ok(Outcome::Ignored("it is no meetup")),
        None => return Err(ActionError::Needs(Missing::Object(id.clone()))),
    };
    let owner = document.attributed_to.as_ref().filter(|owner| owner.origin() == document.id.origin());
    let owner = known_actor(tx, owner.ok_or(ActionError::NotBelieved("it is nobody's"))?)?;
    told(door, tx, activity, document, &owner, &door.signer.host)
}

/// A server told of a meetup. The caller has made sure that the document is its own server's word.
pub(super) fn told(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    activity: &InboxActivity,
    document: &EventDocument,
    owner: &Actor,
    host: &str,
) -> Result<Outcome> {
    let Some(server) = followed_servers::taken_from(tx, host)? else {
        return Ok(Outcome::Ignored("nobody here follows its group or its server"));
    };
    if !document.is_public() {
        return Err(ActionError::NotBelieved("it is not public"));
    }
    let now = door.app.clock.now();
    let ends = document.end.unwrap_or(document.start + USUAL_LENGTH);
    if document.draft || ends < now {
        return Ok(Outcome::Ignored("it is a draft, or over"));
    }
    let known = network_meetups::get(tx, document.id.as_str())?;
    let state = match (known.as_ref().map(|known| known.state), server.meetups) {
        (Some(MeetupState::Refused), _) => return Ok(Outcome::Ignored("a keeper said no to it")),
        (_, TakesMeetups::Off) => return Ok(Outcome::Ignored("nothing is taken from its server now")),
        (Some(MeetupState::Approved | MeetupState::Shown), _) | (_, TakesMeetups::AtOnce) => MeetupState::Shown,
        (Some(MeetupState::Waiting) | None, TakesMeetups::Review) => MeetupState::Waiting,
    };
    let row = row(door, activity, document, &server, state)?;
    if state == MeetupState::Shown {
        make_holder(tx, owner)?;
        let outcome = store(door, tx, document, owner, None)?;
        network_meetups::set(tx, &row)?;
        return Ok(outcome);
    }
    if activity.raw.len() > LONGEST {
        return Ok(Outcome::Ignored("it is too long to be kept until a keeper has looked at it"));
    }
    network_meetups::set(tx, &row)?;
    Ok(Outcome::Done)
}

fn row(
    door: &Door<'_>,
    activity: &InboxActivity,
    document: &EventDocument,
    server: &FollowedServer,
    state: MeetupState,
) -> Result<NetworkMeetup> {
    let ends = document.end.filter(|end| *end > document.start).unwrap_or(document.start + USUAL_LENGTH);
    let url = document.url.as_ref().filter(|url| url.origin() == document.id.origin()).unwrap_or(&document.id);
    // What was told is read once more when a keeper says yes; afterwards nobody needs it.
    let kept = |text: &str| if state == MeetupState::Waiting { text.to_owned() } else { String::new() };
    Ok(NetworkMeetup {
        ap_id: ApId::try_from(document.id.clone()).map_err(|_| ActionError::NotBelieved("its id is not usable"))?,
        server_id: server.actor_id,
        state,
        title: text::cut(&text::line(&document.name), text::TITLE_MAX),
        place: place(document).1,
        url: url.to_string(),
        starts_at: document.start.to_utc().into(),
        ends_at: ends.to_utc().into(),
        signer_ap_id: kept(door.signer.ap_id.as_str()),
        activity_ap_id: kept(activity.id.as_ref().map(Url::as_str).unwrap_or_default()),
        activity: kept(&activity.raw),
        created_at: door.app.now(),
    })
}

/// A meetup stands in a group. One of a server or a person stands in what they are as such: everybody may read it, and
/// nobody here may write in it.
fn make_holder(tx: &mut Tx<'_>, owner: &Actor) -> Result<()> {
    if groups::by_id(tx, owner.id)?.is_some() {
        return Ok(());
    }
    let settings = group::settings_elsewhere(false, owner.kind != ActorKind::Group);
    let holder = Group {
        actor_id: owner.id,
        readable: settings.readable,
        joining: settings.joining,
        reach: settings.reach,
        posting: settings.posting,
        rhythm: String::new(),
        guidelines: String::new(),
    };
    Ok(holder.insert(tx)?)
}

/// A followed server takes back what it named. `false` when it named nothing of it.
pub(super) fn withdrawn(door: &Door<'_>, tx: &mut Tx<'_>, objects: &[Announced]) -> Result<bool> {
    let mut any = false;
    for id in objects.iter().take(BATCH).filter_map(meetup_of) {
        let known = network_meetups::get(tx, id.as_str())?.filter(|known| known.server_id == door.signer.id);
        if known.is_some() {
            network_meetups::delete(tx, id.as_str())?;
            take_away(tx, id)?;
            any = true;
        }
    }
    Ok(any)
}

/// A meetup that was only here because its server told of it goes, if nobody here follows its group. What people said
/// about it stays, with a tombstone in its place.
pub(crate) fn take_away(tx: &mut Tx<'_>, id: &Url) -> Result<()> {
    let Some(event) = events::by_ap_id(tx, id.as_str())?.filter(|event| !event.local) else { return Ok(()) };
    let group = event.group_id;
    if follows::anybody_here_follows(tx, group)? || memberships::anybody_here(tx, group)? {
        return Ok(());
    }
    if hearth_db::tables::posts::any_about(tx, event.id)? {
        return Ok(events::bury(tx, event.id, event.ends_at)?);
    }
    Ok(events::delete(tx, event.id)?)
}

/// The owner of a meetup removed it: a keeper need not look at it any more. `false` when it was not waiting.
pub(super) fn forgotten(door: &Door<'_>, tx: &mut Tx<'_>, id: &Url) -> Result<bool> {
    let known = network_meetups::get(tx, id.as_str())?;
    let own = known.filter(|known| known.ap_id.url().origin() == door.signer.ap_id.url().origin());
    if own.is_none() {
        return Ok(false);
    }
    network_meetups::delete(tx, id.as_str())?;
    Ok(true)
}

/// A meetup that is shown here was changed: it is kept until seven days after its new end.
pub(super) fn moved(tx: &mut Tx<'_>, event: &Event) -> Result<()> {
    if let Some(row) = network_meetups::get(tx, event.ap_id.as_str())? {
        let row = NetworkMeetup { starts_at: event.starts_at, ends_at: event.ends_at, ..row };
        network_meetups::set(tx, &row)?;
    }
    Ok(())
}
