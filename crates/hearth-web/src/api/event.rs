//! Meetups. How many people come is never told; where it is, only to those who are coming and to hosts.

use super::{
    Answer, State,
    body::{self, Body, Limit},
    caller::{Own, Visitor, Writer},
    created, done, group, ok,
    post::{self, PostDocument},
    problem::ApiError,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::{
    ActionError, App,
    event::{self, EventForm},
    rsvp,
};
use hearth_db::{
    DbConn,
    tables::{
        event_series,
        event_terms::{self, EventTerms},
        events::{self, Event},
        groups,
        rsvps::Rsvp,
    },
    views::{calendar, conversation},
};
use hearth_domain::{
    Denied, event as rules,
    id::EventId,
    rsvp::{Answer as Word, Places},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The caller's own answer to a meetup.
#[derive(Serialize, ToSchema)]
pub(super) struct RsvpDocument {
    /// `coming`, `maybe`, `not_coming`; `asked` until its hosts answer, `refused` when they said no, `waiting` for a
    /// place, `not_taken` when its server takes no answers and `url` is where to answer.
    answer: &'static str,
    /// The note to the hosts.
    note: String,
    /// The persona that answered.
    persona: String,
    /// What hosts elsewhere said about where to come.
    instructions: String,
}

impl From<&Rsvp> for RsvpDocument {
    fn from(row: &Rsvp) -> Self {
        let (answer, persona) = (row.answer.as_str(), row.actor_id.to_string());
        Self { answer, note: row.note.clone(), persona, instructions: row.instructions.clone() }
    }
}

/// A meetup.
#[derive(Serialize, ToSchema)]
pub(super) struct EventDocument {
    /// Id.
    pub(super) id: String,
    /// The group that holds it.
    group: String,
    /// Title.
    title: String,
    /// What happens, as typed, Markdown; none for meetups from elsewhere.
    text: Option<String>,
    /// What happens, HTML that is safe to show.
    text_html: String,
    /// Start.
    starts_at: DateTime<Utc>,
    /// End.
    ends_at: DateTime<Utc>,
    /// Start on the wall clock of its zone.
    #[schema(example = "2026-03-10T18:30")]
    civil_start: String,
    /// End on the wall clock of its zone.
    #[schema(example = "2026-03-10T20:00")]
    civil_end: String,
    /// IANA zone.
    zone: String,
    /// `in_person`, `online` or `both`.
    place_kind: &'static str,
    /// The area everybody may know.
    area: String,
    /// The exact address; only for those who are coming and for hosts.
    address: Option<String>,
    /// The online room; only for those who are coming and for hosts.
    link: Option<String>,
    /// Access notes.
    access: String,
    /// How full it is: `open`, `left`, `a_few` or `full`; none for meetups elsewhere, whose server knows.
    places: Option<&'static str>,
    /// How many places were set; only for hosts, and none for no limit.
    capacity: Option<i32>,
    /// How people come: `free`, `restricted` or `external`.
    join_mode: &'static str,
    /// Where to answer, when that is on another page.
    external_url: Option<String>,
    /// `public` or `members`.
    visibility: &'static str,
    /// `scheduled`, `tentative` or `cancelled`.
    status: &'static str,
    /// The series of which it is a date; none for a meetup that is once.
    series: Option<String>,
    /// On which days that series has dates, as an RFC 5545 RRULE. Its dates are meetups of their own.
    #[schema(example = "FREQ=WEEKLY;BYDAY=TU")]
    recurrence_rule: Option<String>,
    /// Whether it was made here.
    local: bool,
    /// Its page, where it was made.
    url: String,
    /// When it was published.
    published_at: DateTime<Utc>,
    /// When it was last changed.
    edited_at: Option<DateTime<Utc>>,
    /// Whether the caller may change it and see who is coming.
    hosting: bool,
    /// Whether people can wait for a place once it is full.
    waiting_list: bool,
    /// Whether only people of this server can answer.
    only_here: bool,
    /// Whether other servers are told who announced it.
    named: bool,
    /// Whether everybody may know the exact address.
    address_public: bool,
    /// How many minutes before the start the link is told; only for hosts, and none for at once.
    link_minutes: Option<i32>,
    /// The caller's own answer.
    mine: Option<RsvpDocument>,
}

/// Meetups.
#[derive(Serialize, ToSchema)]
pub(super) struct EventsDocument {
    /// The meetups that have not ended, soonest first.
    events: Vec<EventDocument>,
}

/// A meetup with what was said about it.
#[derive(Serialize, ToSchema)]
pub(super) struct EventConversationDocument {
    /// The meetup.
    #[serde(flatten)]
    event: EventDocument,
    /// Everything said about it, oldest first.
    replies: Vec<PostDocument>,
    /// Whether there are more replies than were given.
    more_replies: bool,
}

const fn band(places: Places) -> &'static str {
    match places {
        Places::Open => "open",
        Places::Left => "left",
        Places::AFew => "a_few",
        Places::Full => "full",
    }
}

fn document(
    connection: &mut DbConn,
    own: &Own,
    event: Event,
    now: DateTime<Utc>,
) -> Result<EventDocument, ActionError> {
    let places = if event.local { Some(band(rsvp::band(connection, &event)?)) } else { None };
    let mine = own.rsvp(event.id);
    let hosting = own.hosts(connection, &event)?;
    let coming = mine.is_some_and(|row| row.answer == Word::Coming);
    let secret = |text: String, told: bool| Some(text).filter(|text| (hosting || coming) && told && !text.is_empty());
    let terms = event_terms::get(connection, event.id)?;
    let series = event_series::of_event(connection, event.id)?.map(|(series, _)| series);
    let in_time = hosting || rules::link_is_told(terms.link_lead, event.starts_at.utc(), now);
    Ok(EventDocument {
        id: event.id.to_string(),
        group: event.group_id.to_string(),
        title: event.title,
        text: event.local.then_some(event.source),
        text_html: event.content_html,
        starts_at: event.starts_at.utc(),
        ends_at: event.ends_at.utc(),
        civil_start: event.civil_start,
        civil_end: event.civil_end,
        zone: event.zone,
        place_kind: event.place_kind.as_str(),
        area: event.area,
        address: secret(event.address, true),
        link: secret(event.link, in_time),
        access: event.access,
        places,
        capacity: event.capacity.filter(|_| hosting),
        join_mode: event.join_mode.as_str(),
        external_url: event.external_url,
        visibility: event.visibility.as_str(),
        status: event.status.as_str(),
        series: series.as_ref().map(|series| series.id.to_string()),
        recurrence_rule: series.map(|series| series.rule.to_string()),
        local: event.local,
        url: event.url,
        published_at: event.published_at.utc(),
        edited_at: event.edited_at.map(|time| time.utc()),
        hosting,
        waiting_list: terms.waiting_list,
        only_here: terms.only_here,
        named: terms.named,
        address_public: terms.address_public,
        link_minutes: terms.link_lead.filter(|_| hosting),
        mine: mine.map(Into::into),
    })
}

/// A meetup the caller may see.
fn visible(connection: &mut DbConn, own: &Own, id: EventId) -> Result<Event, ActionError> {
    let event = events::by_id(connection, id)?.ok_or(ActionError::NotFound)?;
    let group = groups::by_id(connection, event.group_id)?.ok_or(ActionError::NotFound)?;
    if !own.reader.includes(&group, event.visibility) {
        return Err(ActionError::NotFound);
    }
    if event.deleted_at.is_some() { Err(ActionError::Gone) } else { Ok(event) }
}

/// One meetup as the caller sees it.
pub(super) fn one(app: &App, visitor: Visitor, id: EventId) -> Result<EventDocument, ActionError> {
    app.db.read(|c| {
        let own = visitor.own(c)?;
        let event = visible(c, &own, id)?;
        document(c, &own, event, app.clock.now())
    })
}

fn documents(
    connection: &mut DbConn,
    own: &Own,
    rows: Vec<Event>,
    now: DateTime<Utc>,
) -> Result<EventsDocument, ActionError> {
    let events = rows.into_iter().map(|event| document(connection, own, event, now)).collect::<Result<_, _>>()?;
    Ok(EventsDocument { events })
}

/// Meetups of all groups that are coming up.
#[utoipa::path(get, path = "/events", tag = "events", params(Limit),
    responses((status = 200, description = "The meetups.", body = EventsDocument)))]
pub(super) async fn list_events(state: State, visitor: Visitor, limit: web::Query<Limit>) -> Answer {
    let limit = limit.read()?;
    let events = state
        .run(move |app| {
            app.db.read(|c| {
                let own = visitor.own(c)?;
                let rows = calendar::upcoming_everywhere(c, &own.reader, app.now(), limit)?;
                documents(c, &own, rows, app.clock.now())
            })
        })
        .await?;
    Ok(ok(events))
}

/// Meetups of a group that are coming up.
#[utoipa::path(get, path = "/groups/{id}/events", tag = "events", params(Limit),
    responses((status = 200, description = "The meetups.", body = EventsDocument)))]
pub(super) async fn list_group_events(
    state: State,
    visitor: Visitor,
    path: web::Path<String>,
    limit: web::Query<Limit>,
) -> Answer {
    let (id, limit) = (body::id(&path)?, limit.read()?);
    let events = state
        .run(move |app| {
            app.db.read(|c| {
                let own = visitor.own(c)?;
                group::visible(c, &own, id)?;
                let rows = calendar::upcoming(c, &own.reader, &[id], app.now(), limit)?;
                documents(c, &own, rows, app.clock.now())
            })
        })
        .await?;
    Ok(ok(events))
}

/// A meetup, with what was said about it.
#[utoipa::path(get, path = "/events/{id}", tag = "events",
    responses((status = 200, description = "The meetup.", body = EventConversationDocument)))]
pub(super) async fn get_event(state: State, visitor: Visitor, path: web::Path<String>) -> Answer {
    let id = body::id(&path)?;
    let event = state
        .run(move |app| {
            app.db.read(|c| {
                let own = visitor.own(c)?;
                let event = visible(c, &own, id)?;
                let read = |most| Ok(conversation::about_event(c, &own.reader, id, most)?);
                let (mut replies, more_replies) = post::replies(&own, read)?;
                post::complete(c, replies.iter_mut())?;
                let event = document(c, &own, event, app.clock.now())?;
                Ok::<_, ActionError>(EventConversationDocument { event, replies, more_replies })
            })
        })
        .await?;
    Ok(ok(event))
}

/// A new meetup.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct EventBody {
    /// Title, 3 to 200 characters.
    title: String,
    /// What happens, Markdown, 20,000 characters at most.
    text: String,
    /// Date.
    #[schema(example = "2026-03-10")]
    date: String,
    /// Start, on the wall clock of the zone.
    #[schema(example = "18:30")]
    start: String,
    /// End; before the start it means the next day.
    #[schema(example = "20:00")]
    end: String,
    /// IANA zone.
    #[schema(example = "Europe/London")]
    zone: String,
    /// How often it happens, counted from the date: `weekly`, `fortnightly`, `monthly_weekday` (the first to fourth such
    /// weekday), `monthly_last` (the last such weekday) or `monthly_day`; once if left out. Each date is a meetup of its
    /// own, announced at most 60 days and eight dates ahead.
    repeats: String,
    /// The last day on which there may be one; no end if left out.
    #[schema(example = "2026-12-31")]
    until: String,
    /// `in_person`, `online` or `both`.
    place_kind: String,
    /// The area everybody may know, 120 characters at most; needed where people meet in person.
    area: String,
    /// The exact address, for those who are coming; 300 characters at most.
    address: String,
    /// The online room, for those who are coming; it begins with https://.
    link: String,
    /// Access notes, 1,000 characters at most.
    access: String,
    /// Places, 1 to 10,000; none for no limit.
    capacity: Option<u32>,
    /// `public` or `members`; `public` if left out.
    visibility: String,
    /// `free`, or `restricted` where the hosts say yes to each person; `free` if left out.
    join_mode: String,
    /// Whether people can wait for a place once it is full.
    waiting_list: bool,
    /// Whether only people of this server can answer.
    only_here: bool,
    /// Whether other servers are told who announces it.
    named: bool,
    /// Whether everybody may know the exact address.
    address_public: bool,
    /// How many minutes before the start the link is told, 10,080 at most; none for at once.
    link_minutes: Option<u32>,
    /// Id of the persona that announces it.
    persona: String,
    /// A random id of the caller's own making: the same one sent twice announces once.
    draft: String,
}

impl From<EventBody> for EventForm {
    fn from(body: EventBody) -> Self {
        Self {
            title: body.title,
            text: body.text,
            date: body.date,
            start: body.start,
            end: body.end,
            zone: body.zone,
            repeats: body.repeats,
            until: body.until,
            scope: String::new(),
            place_kind: body.place_kind,
            area: body.area,
            address: body.address,
            link: body.link,
            access: body.access,
            capacity: typed(body.capacity),
            visibility: body.visibility,
            join_mode: body.join_mode,
            waiting_list: ticked(body.waiting_list),
            only_here: ticked(body.only_here),
            named: ticked(body.named),
            address_public: ticked(body.address_public),
            link_minutes: typed(body.link_minutes),
            persona: body.persona,
            draft: body.draft,
        }
    }
}

/// A number of places as the form has it: nothing for no limit.
fn typed(capacity: Option<impl ToString>) -> String {
    capacity.map(|places| places.to_string()).unwrap_or_default()
}

/// A box of the form.
fn ticked(yes: bool) -> String {
    if yes { "yes".to_owned() } else { String::new() }
}

/// Announces a meetup of a group. Its hosts only; in a group elsewhere whoever may write there.
#[utoipa::path(post, path = "/groups/{id}/events", tag = "events", request_body = EventBody,
    responses((status = 201, description = "The meetup.", body = EventDocument)))]
pub(super) async fn create_event(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let form = EventForm::from(body.read::<EventBody>().await?);
    body::draft::<EventId>(&form.draft)?;
    let group = body::id(&path)?;
    let event = state
        .act(move |app| {
            let event = event::announce(app, me.id(), group, &form)?;
            one(app, me.visitor(), event.id)
        })
        .await?;
    Ok(created(&format!("/events/{}", event.id), event))
}

/// A change of a meetup. What is left out stays, and so does who may see it.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct EventPatch {
    /// Which dates of a series it is about: `this`, `later` (this and all later ones) or `all` that are still to come;
    /// `this` if left out. Only `later` can move the others to another day.
    scope: String,
    /// Title.
    title: Option<String>,
    /// What happens, Markdown.
    text: Option<String>,
    /// Date.
    date: Option<String>,
    /// Start.
    start: Option<String>,
    /// End; before the start it means the next day.
    end: Option<String>,
    /// IANA zone.
    zone: Option<String>,
    /// `in_person`, `online` or `both`.
    place_kind: Option<String>,
    /// The area everybody may know.
    area: Option<String>,
    /// The exact address.
    address: Option<String>,
    /// The online room.
    link: Option<String>,
    /// Access notes.
    access: Option<String>,
    /// Places; null for no limit.
    #[serde(deserialize_with = "body::nullable")]
    #[schema(value_type = Option<u32>)]
    capacity: Option<Option<u32>>,
    /// `free` or `restricted`.
    join_mode: Option<String>,
    /// Whether people can wait for a place once it is full.
    waiting_list: Option<bool>,
    /// Whether only people of this server can answer.
    only_here: Option<bool>,
    /// Whether other servers are told who announced it.
    named: Option<bool>,
    /// Whether everybody may know the exact address.
    address_public: Option<bool>,
    /// How many minutes before the start the link is told; null for at once.
    #[serde(deserialize_with = "body::nullable")]
    #[schema(value_type = Option<u32>)]
    link_minutes: Option<Option<u32>>,
}

impl EventPatch {
    fn is_empty(&self) -> bool {
        let times = [&self.date, &self.start, &self.end, &self.zone];
        let place = [&self.place_kind, &self.area, &self.address, &self.link, &self.access];
        let words = [&self.title, &self.text];
        let mut fields = times.iter().chain(&place).chain(&words);
        let numbers = [&self.capacity, &self.link_minutes];
        let boxes = [self.waiting_list, self.only_here, self.named, self.address_public];
        fields.all(|field| field.is_none())
            && self.join_mode.is_none()
            && numbers.iter().all(|number| number.is_none())
            && boxes.iter().all(Option::is_none)
    }

    fn over(self, event: Event, terms: &EventTerms) -> EventForm {
        let (date, start) = event.civil_start.split_once('T').unwrap_or_default();
        let (_, end) = event.civil_end.split_once('T').unwrap_or_default();
        EventForm {
            scope: self.scope,
            title: self.title.unwrap_or(event.title),
            text: self.text.unwrap_or(event.source),
            date: self.date.unwrap_or_else(|| date.to_owned()),
            start: self.start.unwrap_or_else(|| start.to_owned()),
            end: self.end.unwrap_or_else(|| end.to_owned()),
            zone: self.zone.unwrap_or(event.zone),
            place_kind: self.place_kind.unwrap_or_else(|| event.place_kind.as_str().to_owned()),
            area: self.area.unwrap_or(event.area),
            address: self.address.unwrap_or(event.address),
            link: self.link.unwrap_or(event.link),
            access: self.access.unwrap_or(event.access),
            capacity: self.capacity.map_or_else(|| typed(event.capacity), typed),
            join_mode: self.join_mode.unwrap_or_else(|| event.join_mode.as_str().to_owned()),
            waiting_list: ticked(self.waiting_list.unwrap_or(terms.waiting_list)),
            only_here: ticked(self.only_here.unwrap_or(terms.only_here)),
            named: ticked(self.named.unwrap_or(terms.named)),
            address_public: ticked(self.address_public.unwrap_or(terms.address_public)),
            link_minutes: self.link_minutes.map_or_else(|| typed(terms.link_lead), typed),
            ..EventForm::default()
        }
    }
}

/// Changes a meetup. Its hosts only.
#[utoipa::path(patch, path = "/events/{id}", tag = "events", request_body = EventPatch,
    responses((status = 200, description = "The meetup as it is now.", body = EventDocument)))]
pub(super) async fn patch_event(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let patch: EventPatch = body.read().await?;
    let id = body::id(&path)?;
    if patch.is_empty() {
        return Err(ApiError::NothingToDo);
    }
    let event = state
        .act(move |app| {
            // Who may not change it learns nothing from what is said about the fields.
            let (before, terms) = app.db.read(|c| {
                let own = me.visitor().own(c)?;
                let before = visible(c, &own, id)?;
                if !own.hosts(c, &before)? {
                    return Err(if before.local { Denied::HostsOnly.into() } else { ActionError::NotFound });
                }
                let terms = event_terms::get(c, id)?;
                Ok((before, terms))
            })?;
            event::edit(app, me.id(), id, &patch.over(before, &terms))?;
            one(app, me.visitor(), id)
        })
        .await?;
    Ok(ok(event))
}

/// Removes a meetup that was a mistake. Its hosts only.
#[utoipa::path(delete, path = "/events/{id}", tag = "events", responses((status = 204, description = "Removed.")))]
pub(super) async fn delete_event(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id = body::id(&path)?;
    state.act(move |app| event::delete(app, me.id(), id)).await?;
    Ok(done())
}

/// Calls a meetup off; it stays to be seen, and says so. Its hosts only.
#[utoipa::path(post, path = "/events/{id}/cancel", tag = "events",
    responses((status = 200, description = "The meetup as it is now.", body = EventDocument)))]
pub(super) async fn cancel_event(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id = body::id(&path)?;
    let event = state
        .act(move |app| {
            event::cancel(app, me.id(), id)?;
            one(app, me.visitor(), id)
        })
        .await?;
    Ok(ok(event))
}
