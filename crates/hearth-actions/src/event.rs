//! Meetups that are made here: announcing, changing, cancelling, removing. A meetup belongs to its group; in a group on
//! another server it is its author's own.

mod form;
mod scope;
pub mod series;
mod tell;

pub use form::EventForm;
pub(crate) use tell::tell;

use crate::{
    ActionError, App, Form, Result, agreement, care, group, markdown, notices, persona, post,
    publish::What,
    rsvp,
    server::{Site, site},
};
use form::read_draft;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        deliveries::To,
        event_series::Occurrence,
        event_terms::{self, EventTerms},
        events::{self, Event},
        groups::{self, Group},
        personas,
    },
    views::visible::Reader,
};
use hearth_domain::{
    address::ApId,
    audience::Visibility,
    event::{self as rules, EventDraft, Status},
    id::{AccountId, ActorId, EventId},
    permission,
    series::Scope,
};

/// Announces a meetup of a group; in a group on another server, one of one's own.
///
/// # Errors
/// `NotFound`, `Denied(HostsOnly)`, `Conflict` for somebody who is still asked to agree to what has changed, `Invalid`.
pub fn announce(app: &App, account: AccountId, group: ActorId, typed: &EventForm) -> Result<Event> {
    app.require_room()?;
    let mut form = Form::default();
    let draft = read_draft(&mut form, typed);
    let persona = group::read_persona(&mut form, &typed.persona);
    let plan = draft.as_ref().and_then(|draft| series::read(&mut form, typed, draft));
    form.finish()?;
    let (Some(mut draft), Some(persona)) = (draft, persona) else { return Err(ActionError::NotFound) };
    let id = typed.draft.parse().unwrap_or_else(|_| EventId::random(&*app.entropy));
    let keys = notices::keys(app, account, group)?;
    app.db.write(|tx| {
        let (actor, row) = post::visible_group(tx, account, group)?;
        let persona = persona::for_group(tx, account, group, persona)?;
        if actor.local {
            let standing = group::standing(tx, account, group)?;
            permission::may_host(standing)?;
            agreement::require(tx, &actor, persona.id, standing)?;
        } else {
            let standing = post::standing_of(tx, group, persona.id)?;
            permission::may_post(row.settings(), standing)?;
            draft.visibility = post::kept(&actor, &row, standing, draft.visibility)?;
        }
        if let Some(twin) = events::by_id(tx, id)? {
            return if twin.author_id == Some(persona.id) {
                Ok(twin)
            } else {
                Err(ActionError::Conflict("That was sent already."))
            };
        }
        care::takes_more(tx, group)?;
        let site = site(tx)?;
        let place = Place { site: &site, group: (&actor, &row), keys: keys.as_ref() };
        let blank = blank(app, &site, id, actor.id, Some(persona.id), draft.visibility)?;
        let Some(plan) = plan else { return publish(app, tx, &place, blank, draft, None) };
        if !actor.local {
            return Err(ActionError::Conflict(
                "A meetup in a group on another server can't repeat. Announce one date.",
            ));
        }
        series::begin(app, tx, &place, blank, draft, plan)
    })
}

/// Where a meetup is announced.
struct Place<'a> {
    site: &'a Site,
    group: (&'a Actor, &'a Group),
    keys: Option<&'a crate::KeyPair>,
}

/// Writes a new meetup down, and which date of a series it is, and tells who should know.
fn publish(
    app: &App,
    tx: &mut Tx<'_>,
    place: &Place<'_>,
    blank: Event,
    draft: EventDraft,
    date: Option<&Occurrence>,
) -> Result<Event> {
    let (actor, row) = place.group;
    let terms = with_choices(EventTerms::usual(blank.id), &draft);
    let mut event = with_draft(blank, draft);
    event.insert(tx)?;
    event_terms::set(tx, &terms)?;
    if let Some(date) = date {
        date.insert(tx)?;
    }
    stand_in(app, tx, place.site, &mut event, (actor, row), place.keys)?;
    tell(app, tx, &event, actor, row, What::Create, To::All)?;
    Ok(event)
}

/// Gives a meetup the post that stands for it where that may be needed, and its group the notices that sign it.
fn stand_in(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    event: &mut Event,
    (group, row): (&Actor, &Group),
    keys: Option<&crate::KeyPair>,
) -> Result<()> {
    tell::give_companion(app, tx, site, event, row)?;
    if event.companion_ap_id.is_some() && group.local {
        notices::ensure(app, tx, site, (group, row), keys)?;
    }
    Ok(())
}

fn blank(
    app: &App,
    site: &Site,
    id: EventId,
    group: ActorId,
    author: Option<ActorId>,
    visibility: Visibility,
) -> Result<Event> {
    let (url, now) = (site.at.event(&id.to_string()), app.now());
    Ok(Event {
        id,
        ap_id: ApId::try_from(url.clone()).map_err(|_| ActionError::NotSetUp)?,
        local: true,
        group_id: group,
        author_id: author,
        title: String::new(),
        source: String::new(),
        content_html: String::new(),
        starts_at: now,
        ends_at: now,
        civil_start: String::new(),
        civil_end: String::new(),
        zone: String::new(),
        place_kind: rules::PlaceKind::InPerson,
        area: String::new(),
        address: String::new(),
        link: String::new(),
        access: String::new(),
        capacity: None,
        join_mode: rules::JoinMode::Free,
        external_url: None,
        visibility,
        status: Status::Scheduled,
        url: url.into(),
        published_at: now,
        edited_at: None,
        deleted_at: None,
        created_at: now,
        companion_ap_id: None,
    })
}

fn with_choices(terms: EventTerms, draft: &EventDraft) -> EventTerms {
    EventTerms {
        named: draft.named,
        address_public: draft.address_public,
        waiting_list: draft.waiting_list,
        only_here: draft.only_here,
        link_lead: draft.link_lead,
        ..terms
    }
}

fn with_draft(event: Event, draft: EventDraft) -> Event {
    Event {
        title: draft.title,
        content_html: markdown::html(&draft.source),
        source: draft.source,
        starts_at: draft.start.instant.into(),
        ends_at: draft.end.instant.into(),
        civil_start: draft.start.stored(),
        civil_end: draft.end.stored(),
        zone: draft.start.zone.name().to_owned(),
        area: draft.area,
        address: draft.address,
        link: draft.link,
        access: draft.access,
        capacity: draft.capacity.and_then(|places| i32::try_from(places).ok()),
        join_mode: draft.join_mode,
        place_kind: draft.place_kind,
        ..event
    }
}

/// A meetup here that this account may change.
fn hosted(connection: &mut DbConn, account: AccountId, id: EventId) -> Result<(Event, Actor, Group)> {
    let event = events::by_id(connection, id)?.filter(|event| event.local).ok_or(ActionError::NotFound)?;
    let (actor, row) = groups::with_actor(connection, event.group_id)?.ok_or(ActionError::NotFound)?;
    if !Reader::account(connection, account)?.includes(&row, event.visibility) {
        return Err(ActionError::NotFound);
    }
    require_host(connection, account, &event, &actor)?;
    if event.deleted_at.is_some() { Err(ActionError::Gone) } else { Ok((event, actor, row)) }
}

/// A meetup is in the hands of the hosts of its group; in a group on another server, of its author.
///
/// # Errors
/// `Denied(HostsOnly)`.
pub(crate) fn require_host(connection: &mut DbConn, account: AccountId, event: &Event, group: &Actor) -> Result<()> {
    if is_host(connection, account, event, group)? { Ok(()) } else { Err(hearth_domain::Denied::HostsOnly.into()) }
}

/// Whether an account may change this meetup and see who comes.
///
/// # Errors
/// Database errors.
pub fn is_host(connection: &mut DbConn, account: AccountId, event: &Event, group: &Actor) -> Result<bool> {
    Ok(match event.author_id {
        _ if !event.local => false,
        _ if group.local => permission::may_host(group::standing(connection, account, group.id)?).is_ok(),
        Some(author) => personas::owner(connection, author)? == Some(account),
        None => false,
    })
}

/// Who speaks for a meetup: its group, or the person whose own it is.
pub(crate) fn owner(connection: &mut DbConn, event: &Event) -> Result<Actor> {
    let group = actors::by_id(connection, event.group_id)?.ok_or(ActionError::NotFound)?;
    match event.author_id.filter(|_| !(event.local && group.local)) {
        Some(author) => Ok(actors::by_id(connection, author)?.ok_or(ActionError::NotFound)?),
        None => Ok(group),
    }
}

/// Changes a meetup, and other dates of its series with it where `scope` says so. Who may see it stays as it was.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(HostsOnly)`, `Invalid`.
pub fn edit(app: &App, account: AccountId, id: EventId, typed: &EventForm) -> Result<Event> {
    let mut form = Form::default();
    let draft = read_draft(&mut form, typed);
    let scope = match typed.scope.trim() {
        "" => Some(Scope::This),
        typed => form.word("scope", "which dates it is about", typed),
    };
    form.finish()?;
    let draft = draft.ok_or(ActionError::NotFound)?;
    let group = app.db.read(|c| group_of(c, id))?;
    let keys = notices::keys(app, account, group)?;
    app.db.write(|tx| {
        let (before, actor, row) = hosted(tx, account, id)?;
        let site = site(tx)?;
        let place = Place { site: &site, group: (&actor, &row), keys: keys.as_ref() };
        match scope {
            Some(several @ (Scope::Later | Scope::All)) => scope::change_many(app, tx, &place, before, &draft, several),
            Some(Scope::This) | None => change(app, tx, &place, before, draft),
        }
    })
}

/// Writes down what a meetup says from now on, and tells who should know.
fn change(app: &App, tx: &mut Tx<'_>, place: &Place<'_>, before: Event, draft: EventDraft) -> Result<Event> {
    let (actor, row) = place.group;
    let terms = with_choices(event_terms::get(tx, before.id)?, &draft);
    let (visibility, started) = (before.visibility, before.starts_at);
    let mut event = Event { edited_at: Some(app.now()), visibility, ..with_draft(before, draft) };
    let moved = event.starts_at != started;
    let terms = EventTerms { previous_start: if moved { Some(started) } else { terms.previous_start }, ..terms };
    events::edit(tx, &event)?;
    event_terms::set(tx, &terms)?;
    stand_in(app, tx, place.site, &mut event, (actor, row), place.keys)?;
    tell(app, tx, &event, actor, row, What::Update, To::All)?;
    rsvp::after_change(app, tx, &event)?;
    Ok(event)
}

/// Calls a meetup off; its page stays and says so.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(HostsOnly)`.
pub fn cancel(app: &App, account: AccountId, id: EventId) -> Result<Event> {
    app.db.write(|tx| {
        let (event, actor, row) = hosted(tx, account, id)?;
        call_off(app, tx, event, &actor, &row)
    })
}

fn call_off(app: &App, tx: &mut Tx<'_>, event: Event, group: &Actor, row: &Group) -> Result<Event> {
    let event = Event { status: Status::Cancelled, edited_at: Some(app.now()), ..event };
    events::edit(tx, &event)?;
    tell(app, tx, &event, group, row, What::Update, To::All)?;
    Ok(event)
}

/// Removes a meetup that was a mistake: the words go, a tombstone stays.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(HostsOnly)`.
pub fn delete(app: &App, account: AccountId, id: EventId) -> Result<Event> {
    app.db.write(|tx| {
        let (mut event, actor, row) = hosted(tx, account, id)?;
        let now = app.now();
        events::bury(tx, event.id, now)?;
        event.deleted_at = Some(now);
        tell(app, tx, &event, &actor, &row, What::Delete, To::All)?;
        Ok(event)
    })
}

/// Where a meetup is, for somebody who is coming: the exact address, and the online room once it is time. Empty when
/// there is neither.
///
/// # Errors
/// Database errors.
pub fn instructions(connection: &mut DbConn, event: &Event, now: chrono::DateTime<chrono::Utc>) -> Result<String> {
    let mut lines = Vec::new();
    if !event.address.is_empty() {
        lines.push(event.address.clone());
    }
    if !event.link.is_empty() && link_is_told(connection, event, now)? {
        lines.push(event.link.clone());
    }
    Ok(lines.join("\n"))
}

/// Whether those who come may know the room link by now.
///
/// # Errors
/// Database errors.
pub fn link_is_told(connection: &mut DbConn, event: &Event, now: chrono::DateTime<chrono::Utc>) -> Result<bool> {
    let lead = event_terms::get(connection, event.id)?.link_lead;
    Ok(rules::link_is_told(lead, event.starts_at.utc(), now))
}

/// The group of a meetup, for callers that only have its id.
///
/// # Errors
/// `NotFound`.
pub fn group_of(connection: &mut DbConn, id: EventId) -> Result<ActorId> {
    Ok(events::by_id(connection, id)?.ok_or(ActionError::NotFound)?.group_id)
}
