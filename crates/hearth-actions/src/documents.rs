//! Documents of what lives here, as other servers read them: made from rows, for sending and for serving.

use crate::{ActionError, Result, markdown, moderation, server::Site};
use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeZone};
use hearth_activitypub as ap;
use hearth_activitypub::{RichText, activity::Reach, outbound};
use hearth_db::{
    DbConn,
    tables::{
        actors::{self, Actor},
        aliases,
        events::{self, Event},
        groups::{self, Group},
        moves, pins,
        posts::{self, Post},
        proof_keys,
    },
};
use hearth_domain::{
    audience::Visibility,
    event::{PlaceKind, Status},
    group::{Joining, Posting, Settings},
    language, text,
};
use serde_json::Value;
use url::Url;

/// Stands before a content note on the wire: elsewhere it is a bare line above the text (profile 3.1 g).
pub(crate) const NOTE_LABEL: &str = "Content note:";

/// The language that people here write in.
fn language(site: &Site) -> ap::Language {
    let identifier = site.row.language.clone();
    ap::Language { name: language::name(&identifier).to_owned(), identifier }
}

/// The public keys of an actor that lives here.
///
/// # Errors
/// Database errors.
pub fn keys(connection: &mut DbConn, actor: &Actor) -> Result<ap::PublicKeys> {
    let proving = proof_keys::of(connection, actor.id)?;
    Ok(ap::PublicKeys {
        rsa_pem: actor.public_key_pem.clone(),
        ed25519_multibase: proving.map(|key| key.public_multibase),
    })
}

fn urls(texts: Vec<String>) -> Vec<Url> {
    texts.iter().filter_map(|text| Url::parse(text).ok()).collect()
}

/// Where an actor moved.
fn moved_to(connection: &mut DbConn, actor: &Actor) -> Result<Option<Url>> {
    Ok(moves::of(connection, actor.id)?.and_then(|row| Url::parse(&row.target).ok()))
}

fn about(actor: &Actor) -> RichText {
    RichText { html: actor.summary_html.clone(), markdown: actor.summary_source.clone() }
}

/// The server's own actor.
///
/// # Errors
/// Database errors.
pub fn server(connection: &mut DbConn, site: &Site) -> Result<Value> {
    let actor = &site.actor;
    let document = ap::persona::Application {
        name: actor.display_name.clone(),
        summary: actor.summary_html.clone(),
        languages: vec![language(site)],
        icon: None,
        published: actor.created_at.utc(),
        updated: actor.updated_at.utc(),
        keys: keys(connection, actor)?,
    };
    Ok(ap::persona::application(&site.at, &document))
}

/// A persona that lives here.
///
/// # Errors
/// Database errors.
pub fn persona(connection: &mut DbConn, site: &Site, actor: &Actor) -> Result<Value> {
    let document = ap::persona::Person {
        username: actor.name.clone(),
        display_name: actor.display_name.clone(),
        about: about(actor),
        discoverable: actor.discoverable,
        indexable: false,
        icon: None,
        published: actor.created_at.utc(),
        also_known_as: urls(aliases::of(connection, actor.id)?),
        moved_to: moved_to(connection, actor)?,
        keys: keys(connection, actor)?,
    };
    Ok(ap::persona::person(&site.at, &document))
}

/// A group that lives here.
///
/// # Errors
/// Database errors.
pub fn group(connection: &mut DbConn, site: &Site, actor: &Actor, group: &Group) -> Result<Value> {
    let settings = group.settings();
    let document = ap::group::Group {
        username: actor.name.clone(),
        display_name: actor.display_name.clone(),
        about: about(actor),
        description: text::cut(&markdown::plain(&actor.summary_html), 150),
        openness: match settings.joining {
            Joining::Open => ap::group::Openness::Open,
            Joining::Approval => ap::group::Openness::Moderated,
            Joining::Invitation => ap::group::Openness::InviteOnly,
        },
        members_only: !settings.is_public(),
        posting_restricted_to_mods: settings.posting == Posting::Facilitators,
        sensitive: false,
        discoverable: actor.discoverable,
        indexable: actor.discoverable,
        languages: vec![language(site)],
        icon: None,
        image: None,
        published: actor.created_at.utc(),
        updated: Some(actor.updated_at.utc()),
        also_known_as: urls(aliases::of(connection, actor.id)?),
        moved_to: moved_to(connection, actor)?,
        keys: keys(connection, actor)?,
    };
    Ok(ap::group::group(&site.at, &document))
}

/// How a group is named in what stands in it.
fn group_ref(site: &Site, group: &Actor) -> ap::activity::GroupRef {
    let id = group.ap_id.url().clone();
    let wall = group.local.then(|| site.at.part(&id, ap::Part::Wall));
    ap::activity::GroupRef { id, handle: handle(group), wall }
}

/// `wren@h.example`.
#[must_use]
pub fn handle(actor: &Actor) -> String {
    format!("{}@{}", actor.name, actor.host)
}

/// Whom a thing is addressed to: everybody; the members of a public group; or all there are in a group that only
/// members can read, whose followers are its members (profile 7.0, 7.2).
#[must_use]
pub fn reach(site: &Site, group: &Actor, settings: Settings, visibility: Visibility) -> Reach {
    match (settings.is_public(), visibility) {
        (true, Visibility::Public) => Reach::Public,
        (true, Visibility::Members) => Reach::Limited(site.at.members(group.ap_id.url())),
        (false, _) => Reach::Limited(followers(site, group)),
    }
}

/// The followers collection of a group here or elsewhere.
#[must_use]
pub fn followers(site: &Site, group: &Actor) -> Url {
    let known = group.followers.as_deref().and_then(|followers| Url::parse(followers).ok());
    known.unwrap_or_else(|| site.at.followers(group.ap_id.url()))
}

fn settings_of(connection: &mut DbConn, group: &Actor) -> Result<Settings> {
    Ok(groups::by_id(connection, group.id)?.ok_or(ActionError::NotFound)?.settings())
}

fn required(connection: &mut DbConn, id: hearth_domain::id::ActorId) -> Result<Actor> {
    actors::by_id(connection, id)?.ok_or(ActionError::NotFound)
}

/// A post or reply that was written here; a tombstone once it is removed.
///
/// # Errors
/// Database errors.
pub fn post(connection: &mut DbConn, site: &Site, post: &Post) -> Result<Value> {
    if let Some(deleted) = post.deleted_at {
        let former = if post.is_root() { "Page" } else { "Note" };
        return Ok(ap::tombstone::tombstone(post.ap_id.url(), former, deleted.utc()));
    }
    let author = required(connection, post.author_id)?;
    let group = required(connection, post.group_id)?;
    let answered = answered(connection, post)?;
    let open = !moderation::is_closed(connection, post)?;
    let reach = reach(site, &group, settings_of(connection, &group)?, post.visibility);
    let body = ap::post::Body {
        comments_enabled: open,
        ..post_body(site, post, &author, &group, reach, answered.as_ref().map(|a| &a.thread))
    };
    Ok(match answered {
        None => {
            let document = ap::post::Page {
                body,
                title: post.title.clone().unwrap_or_default(),
                plain: markdown::plain(&post.content_html),
                image: None,
                stickied: pins::get(connection, post.id)?.is_some(),
                companion_of: None,
            };
            ap::post::page(&site.at, &document)
        }
        Some(answered) => {
            let document = ap::post::Note { body, in_reply_to: answered.id, parent_author: answered.author };
            ap::post::note(&site.at, &document)
        }
    })
}

fn post_body(
    site: &Site,
    post: &Post,
    author: &Actor,
    group: &Actor,
    reach: Reach,
    thread: Option<&Url>,
) -> ap::post::Body {
    ap::post::Body {
        id: post.ap_id.url().clone(),
        author: author.ap_id.url().clone(),
        group: group_ref(site, group),
        reach,
        text: RichText { html: post.content_html.clone(), markdown: post.source.clone() },
        content_note: post.content_note.as_ref().map(|note| format!("{NOTE_LABEL} {note}")),
        language: Some(language(site)),
        hashtags: Vec::new(),
        mentions: Vec::new(),
        attachments: Vec::new(),
        context: site.at.part(thread.unwrap_or(post.ap_id.url()), ap::Part::Context),
        comments_enabled: true,
        published: post.published_at.utc(),
        updated: post.edited_at.map(hearth_db::Time::utc),
    }
}

/// What a reply answers.
struct Answered {
    id: Url,
    author: ap::post::Mention,
    thread: Url,
}

fn answered(connection: &mut DbConn, post: &Post) -> Result<Option<Answered>> {
    let thread = match (post.root_id, post.event_id) {
        (Some(root), _) => posts::by_id(connection, root)?.map(|root| root.ap_id),
        (None, Some(event)) => events::by_id(connection, event)?.map(|event| event.ap_id),
        (None, None) => return Ok(None),
    };
    let thread = Url::from(thread.ok_or(ActionError::NotFound)?);
    let (id, author) = match (post.parent_id, post.event_id) {
        (Some(parent), _) => {
            let parent = posts::by_id(connection, parent)?.ok_or(ActionError::NotFound)?;
            (parent.ap_id, required(connection, parent.author_id)?)
        }
        (None, Some(event)) => {
            let event = events::by_id(connection, event)?.ok_or(ActionError::NotFound)?;
            (event.ap_id, required(connection, event.group_id)?)
        }
        (None, None) => return Ok(None),
    };
    let mention = ap::post::Mention { id: author.ap_id.url().clone(), handle: handle(&author) };
    Ok(Some(Answered { id: id.into(), author: mention, thread }))
}

/// A meetup that was made here; a tombstone once it is removed.
///
/// # Errors
/// Database errors.
pub fn event(connection: &mut DbConn, site: &Site, event: &Event) -> Result<Value> {
    if let Some(deleted) = event.deleted_at {
        return Ok(ap::tombstone::tombstone(event.ap_id.url(), "Event", deleted.utc()));
    }
    let group = required(connection, event.group_id)?;
    let start = local(&event.civil_start, &event.zone, event.starts_at.utc());
    let end = local(&event.civil_end, &event.zone, event.ends_at.utc());
    let document = ap::event::Event {
        id: event.ap_id.url().clone(),
        uuid: uuid(event.id.get()),
        group: group_ref(site, &group),
        owner: ap::event::EventOwner::Group,
        reach: reach(site, &group, settings_of(connection, &group)?, event.visibility),
        followers: site.at.followers(group.ap_id.url()),
        title: event.title.clone(),
        text: RichText { html: event.content_html.clone(), markdown: event.source.clone() },
        summary: summary(event, start),
        start,
        end,
        open_end: false,
        timezone: event.zone.clone(),
        language: Some(site.row.language.clone()),
        place: place(event),
        online: event.place_kind != PlaceKind::InPerson,
        status: match event.status {
            Status::Scheduled => ap::event::EventStatus::Scheduled,
            Status::Tentative => ap::event::EventStatus::Tentative,
            Status::Cancelled => ap::event::EventStatus::Cancelled,
        },
        previous_start: None,
        category: "MEETING".to_owned(),
        join_mode: ap::event::JoinMode::Free,
        organizers: Vec::new(),
        capacity: event.capacity.and_then(|places| u32::try_from(places).ok()),
        banner: None,
        hashtags: Vec::new(),
        comments_enabled: true,
        series: None,
        recurrence_rule: None,
        companion: None,
        published: event.published_at.utc(),
        updated: event.edited_at.map(hearth_db::Time::utc),
    };
    Ok(ap::event::event(&site.at, &document))
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

/// The area only: address and room link never stand in a document (profile 4.2).
fn place(event: &Event) -> Option<ap::place::Place> {
    match event.place_kind {
        PlaceKind::Online => Some(ap::place::Place::Online),
        PlaceKind::InPerson | PlaceKind::Both if event.area.is_empty() => None,
        PlaceKind::InPerson | PlaceKind::Both => {
            Some(ap::place::Place::Area(ap::place::Area { name: event.area.clone(), ..ap::place::Area::default() }))
        }
    }
}

/// The random id of a meetup in the shape that Mobilizon asks for (RFC 9562, version 8: our own bits).
fn uuid(id: i64) -> String {
    let hash = crate::secret::hash(&format!("event {id}"));
    let part = |from: usize, to: usize| hash.get(from..to).unwrap_or_default();
    format!("{}-{}-8{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// An address on the network for what was removed.
#[must_use]
pub fn undone(activity: Value, id: &Url, actor: &Url) -> Value {
    outbound::undo(id, actor, activity)
}
