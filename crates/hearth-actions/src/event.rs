//! Meetups of groups that live here: announcing, changing, cancelling, removing.

use crate::{
    ActionError, App, Form, Result, documents, group, markdown, persona,
    publish::{self, Outgoing, What},
    server::site,
};
use hearth_activitypub::{
    activity::{Frame, Recipient},
    outbound,
};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::Actor,
        deliveries::To,
        events::{self, Event},
        groups::{self, Group},
    },
    views::visible::Reader,
};
use hearth_domain::{
    address::ApId,
    audience::{self, Receivers, Visibility},
    event::{self, CivilTime, EventDraft, JoinMode, PlaceKind, Status, TimeProblem},
    id::{AccountId, ActorId, EventId},
    permission, text,
};

/// What a host types about a meetup.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct EventForm {
    /// Title.
    pub title: String,
    /// What happens, Markdown.
    pub text: String,
    /// Date: `2026-03-10`.
    pub date: String,
    /// Start: `18:30`.
    pub start: String,
    /// End: `20:00`; before the start it means the next day.
    pub end: String,
    /// IANA zone.
    pub zone: String,
    /// `in_person`, `online` or `both`.
    pub place_kind: String,
    /// The area everybody may know.
    pub area: String,
    /// The exact address, for those who are coming.
    pub address: String,
    /// The online room, for those who are coming.
    pub link: String,
    /// Access notes.
    pub access: String,
    /// Places.
    pub capacity: String,
    /// `public` or `members`.
    pub visibility: String,
    /// The persona that announces it.
    pub persona: String,
    /// Made with the form: the same form sent twice announces once.
    pub draft: String,
}

fn read_draft(form: &mut Form, typed: &EventForm) -> Option<EventDraft> {
    let title =
        form.take("title", hearth_domain::post::title(&typed.title), |p| crate::form::length_sentence("A title", p));
    let source = form.paragraphs("text", "What happens", &typed.text, 0, text::BODY_MAX);
    let times = read_times(form, typed);
    let place_kind = form.word("place_kind", "where it happens", &typed.place_kind);
    let area = form.line("area", "The area", &typed.area, 0, 120);
    let address = form.line("address", "The address", &typed.address, 0, 300);
    let link = form.line("link", "The link", &typed.link, 0, 500);
    if !link.is_empty() && !url::Url::parse(&link).is_ok_and(|url| url.scheme() == "https") {
        form.problem("link", "Type the link as it stands in the invitation. It begins with https://.");
    }
    if matches!(place_kind, Some(PlaceKind::InPerson | PlaceKind::Both)) && area.is_empty() {
        form.problem(
            "area",
            "Name the area, so that people know whether they can get there. The address stays with those who come.",
        );
    }
    let access = form.paragraphs("access", "The access notes", &typed.access, 0, 1_000);
    let capacity = form.take("capacity", event::capacity(&typed.capacity), |_| {
        "Type a number of places from 1 to 10,000, or leave it empty.".to_owned()
    });
    let visibility = if typed.visibility.is_empty() {
        Some(Visibility::Public)
    } else {
        form.word("visibility", "who can see this", &typed.visibility)
    };
    let (start, end) = times?;
    Some(EventDraft {
        title,
        source,
        start,
        end,
        place_kind: place_kind?,
        area,
        address,
        link,
        access,
        capacity,
        visibility: visibility?,
    })
}

fn read_times(form: &mut Form, typed: &EventForm) -> Option<(CivilTime, CivilTime)> {
    let zone = form.keep("zone", event::zone(&typed.zone), |_| {
        "Choose a time zone from the list, for example Europe/London.".to_owned()
    })?;
    let date = chrono::NaiveDate::parse_from_str(typed.date.trim(), "%Y-%m-%d");
    let date = form.keep("date", date, |_| "Choose a date, for example 2026-11-24.".to_owned());
    let time = |form: &mut Form, field, typed: &str| {
        let read = ["%H:%M", "%H:%M:%S"]
            .iter()
            .find_map(|format| chrono::NaiveTime::parse_from_str(typed.trim(), format).ok());
        form.keep(field, read.ok_or(()), |()| "Choose a time, for example 18:30.".to_owned())
    };
    let start = time(form, "start", &typed.start);
    let end = time(form, "end", &typed.end);
    let (date, start, end) = (date?, start?, end?);
    let end_date = if end < start { date.succ_opt()? } else { date };
    let start = form.keep("start", CivilTime::new(date.and_time(start), zone), |p| time_sentence("start", p))?;
    let end = form.keep("end", CivilTime::new(end_date.and_time(end), zone), |p| time_sentence("end", p))?;
    form.keep("end", event::check_span(start.instant, end.instant), |p| time_sentence("end", p))?;
    Some((start, end))
}

fn time_sentence(which: &str, problem: TimeProblem) -> String {
    match problem {
        TimeProblem::Skipped => "The clocks go forward over this time that night. Choose another time.".to_owned(),
        TimeProblem::EndBeforeStart => "Choose an end time after the start.".to_owned(),
        TimeProblem::TooLong => "A meetup can last 31 days at most.".to_owned(),
        TimeProblem::OutOfRange => "Choose a date between 2000 and 2100.".to_owned(),
        TimeProblem::Unreadable | TimeProblem::UnknownZone => format!("The {which} can't be read. Choose it again."),
    }
}

/// Announces a meetup of a group.
///
/// # Errors
/// `NotFound`, `Denied(HostsOnly)`, `Invalid`.
pub fn announce(app: &App, account: AccountId, group: ActorId, typed: &EventForm) -> Result<Event> {
    app.require_room()?;
    let mut form = Form::default();
    let draft = read_draft(&mut form, typed);
    let persona = group::read_persona(&mut form, &typed.persona);
    form.finish()?;
    let (Some(draft), Some(persona)) = (draft, persona) else { return Err(ActionError::NotFound) };
    let id = typed.draft.parse().unwrap_or_else(|_| EventId::random(&*app.entropy));
    let now = app.now();
    app.db.write(|tx| {
        let (actor, row) = local_group(tx, account, group)?;
        let persona = persona::for_group(tx, account, group, persona)?;
        permission::may_host(group::standing(tx, account, group)?)?;
        if let Some(twin) = events::by_id(tx, id)? {
            return if twin.author_id == Some(persona.id) {
                Ok(twin)
            } else {
                Err(ActionError::Conflict("That was sent already."))
            };
        }
        let site = site(tx)?;
        let url = site.at.event(&id.to_string());
        let blank = Event {
            id,
            ap_id: ApId::try_from(url.clone()).map_err(|_| ActionError::NotSetUp)?,
            local: true,
            group_id: actor.id,
            author_id: Some(persona.id),
            title: String::new(),
            source: String::new(),
            content_html: String::new(),
            starts_at: now,
            ends_at: now,
            civil_start: String::new(),
            civil_end: String::new(),
            zone: String::new(),
            place_kind: draft.place_kind,
            area: String::new(),
            address: String::new(),
            link: String::new(),
            access: String::new(),
            capacity: None,
            join_mode: JoinMode::Free,
            external_url: None,
            visibility: draft.visibility,
            status: Status::Scheduled,
            url: url.into(),
            published_at: now,
            edited_at: None,
            deleted_at: None,
            created_at: now,
        };
        let event = with_draft(blank, draft);
        event.insert(tx)?;
        tell(app, tx, &event, &actor, &row, What::Create, To::All)?;
        Ok(event)
    })
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
        place_kind: draft.place_kind,
        area: draft.area,
        address: draft.address,
        link: draft.link,
        access: draft.access,
        capacity: draft.capacity.and_then(|places| i32::try_from(places).ok()),
        ..event
    }
}

fn local_group(connection: &mut DbConn, account: AccountId, group: ActorId) -> Result<(Actor, Group)> {
    let (actor, row) = crate::post::visible_group(connection, account, group)?;
    if actor.local { Ok((actor, row)) } else { Err(ActionError::NotFound) }
}

/// A meetup here that this account may change.
fn hosted(connection: &mut DbConn, account: AccountId, id: EventId) -> Result<(Event, Actor, Group)> {
    let event = events::by_id(connection, id)?.filter(|event| event.local).ok_or(ActionError::NotFound)?;
    let (actor, row) = groups::with_actor(connection, event.group_id)?.ok_or(ActionError::NotFound)?;
    if !Reader::account(connection, account)?.includes(&row, event.visibility) {
        return Err(ActionError::NotFound);
    }
    permission::may_host(group::standing(connection, account, event.group_id)?)?;
    if event.deleted_at.is_some() { Err(ActionError::Gone) } else { Ok((event, actor, row)) }
}

/// Changes a meetup. Who may see it stays as it was.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(HostsOnly)`, `Invalid`.
pub fn edit(app: &App, account: AccountId, id: EventId, typed: &EventForm) -> Result<Event> {
    let mut form = Form::default();
    let draft = read_draft(&mut form, typed);
    form.finish()?;
    let draft = draft.ok_or(ActionError::NotFound)?;
    app.db.write(|tx| {
        let (event, actor, row) = hosted(tx, account, id)?;
        let visibility = event.visibility;
        let event = Event { edited_at: Some(app.now()), visibility, ..with_draft(event, draft) };
        events::edit(tx, &event)?;
        tell(app, tx, &event, &actor, &row, What::Update, To::All)?;
        Ok(event)
    })
}

/// Calls a meetup off; its page stays and says so.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(HostsOnly)`.
pub fn cancel(app: &App, account: AccountId, id: EventId) -> Result<Event> {
    app.db.write(|tx| {
        let (mut event, actor, row) = hosted(tx, account, id)?;
        event.status = Status::Cancelled;
        event.edited_at = Some(app.now());
        events::edit(tx, &event)?;
        tell(app, tx, &event, &actor, &row, What::Update, To::All)?;
        Ok(event)
    })
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

/// Tells the servers that follow the group, as far as the meetup's audience goes. The group itself signs (profile 4).
pub(crate) fn tell(
    app: &App,
    tx: &mut Tx<'_>,
    event: &Event,
    group: &Actor,
    row: &Group,
    what: What,
    to: To<'_>,
) -> Result<()> {
    if audience::audience(row.settings(), event.visibility).receivers != Receivers::Followers {
        return Ok(());
    }
    let site = site(tx)?;
    let now = app.clock.now();
    let id = publish::new_activity(app, &site);
    let signer = group.ap_id.url();
    let (kind, body) = match what {
        What::Create => ("Create", outbound::create(&id.1, signer, documents::event(tx, &site, event)?, now)),
        What::Update => ("Update", outbound::update(&id.1, signer, documents::event(tx, &site, event)?, now)),
        What::Delete => {
            let frame = Frame {
                id: id.1.clone(),
                actor: signer.clone(),
                to: vec![Recipient::Public],
                cc: vec![Recipient::Id(site.at.followers(signer))],
                audience: Some(signer.clone()),
                published: None,
            };
            ("Delete", outbound::delete(&frame, event.ap_id.url(), None))
        }
    };
    let outgoing = Outgoing { id, kind, signer: group, object: event.ap_id.as_str(), body: body.to_string() };
    publish::to_followers(app, tx, group, outgoing, to)
}

/// Where a meetup is, for somebody who is coming: the exact address and the online room. Empty when there is neither.
#[must_use]
pub fn instructions(event: &Event) -> String {
    let mut lines = Vec::new();
    if !event.address.is_empty() {
        lines.push(event.address.clone());
    }
    if !event.link.is_empty() {
        lines.push(event.link.clone());
    }
    lines.join("\n")
}

/// The group of a meetup, for callers that only have its id.
///
/// # Errors
/// `NotFound`.
pub fn group_of(connection: &mut DbConn, id: EventId) -> Result<ActorId> {
    Ok(events::by_id(connection, id)?.ok_or(ActionError::NotFound)?.group_id)
}
