//! Documents of what lives here, as other servers read them: made from rows, for sending and for serving.

mod meetup;

pub(crate) use meetup::companion_author;
pub use meetup::{companion, event};

use crate::{ActionError, Result, image, markdown, moderation, server::Site};
use chrono::{DateTime, Utc};
use hearth_activitypub as ap;
use hearth_activitypub::{RichText, activity::Reach, outbound};
use hearth_db::{
    DbConn,
    tables::{
        actors::{self, Actor},
        aliases, events,
        groups::{self, Group},
        moves, pins,
        posts::{self, Post},
        proof_keys,
    },
};
use hearth_domain::{
    audience::Visibility,
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

/// The notices of a group that lives here: the author of what its undisclosed hosts announce.
///
/// # Errors
/// Database errors.
pub fn notices(connection: &mut DbConn, site: &Site, actor: &Actor, group: &Actor) -> Result<Value> {
    let document = ap::persona::Notices {
        group: group.name.clone(),
        group_display_name: group.display_name.clone(),
        published: actor.created_at.utc(),
        keys: keys(connection, actor)?,
    };
    Ok(ap::persona::service(&site.at, &document))
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

/// A post or reply that was written here; a tombstone once it is removed. Links to pictures that are not for everybody
/// open for a while from `now` on.
///
/// # Errors
/// Database errors.
pub fn post(connection: &mut DbConn, site: &Site, post: &Post, now: DateTime<Utc>) -> Result<Value> {
    post_for(connection, site, post, Reads::Events, now)
}

/// What a server makes of meetups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// It takes events.
    Events,
    /// It takes the post that stands for a meetup.
    Companions,
}

/// As [`post`], for servers that take meetups in this form: what answers a meetup answers there what stands for it.
pub(crate) fn post_for(
    connection: &mut DbConn,
    site: &Site,
    post: &Post,
    reads: Reads,
    now: DateTime<Utc>,
) -> Result<Value> {
    if let Some(deleted) = post.deleted_at {
        let former = if post.is_root() { "Page" } else { "Note" };
        return Ok(ap::tombstone::tombstone(post.ap_id.url(), former, deleted.utc()));
    }
    let author = required(connection, post.author_id)?;
    let group = required(connection, post.group_id)?;
    let answered = answered(connection, post, reads)?;
    let open = !moderation::is_closed(connection, post)?;
    let reach = reach(site, &group, settings_of(connection, &group)?, post.visibility);
    let attachments = image::attachments(connection, site, post, &reach, now)?;
    let body = ap::post::Body {
        comments_enabled: open,
        attachments,
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

fn answered(connection: &mut DbConn, post: &Post, reads: Reads) -> Result<Option<Answered>> {
    let event = match post.event_id {
        Some(event) => Some(events::by_id(connection, event)?.ok_or(ActionError::NotFound)?),
        None => None,
    };
    let companion = event.as_ref().filter(|_| reads == Reads::Companions);
    let companion = companion.and_then(|event| Url::parse(event.companion_ap_id.as_deref()?).ok());
    let about = event.as_ref().map(|event| companion.unwrap_or_else(|| event.ap_id.url().clone()));
    let thread = match (post.root_id, &about) {
        (Some(root), _) => posts::by_id(connection, root)?.map(|root| Url::from(root.ap_id)),
        (None, Some(about)) => Some(about.clone()),
        (None, None) => return Ok(None),
    };
    let thread = thread.ok_or(ActionError::NotFound)?;
    let (id, author) = match (post.parent_id, event, about) {
        (Some(parent), _, _) => {
            let parent = posts::by_id(connection, parent)?.ok_or(ActionError::NotFound)?;
            (parent.ap_id.into(), required(connection, parent.author_id)?)
        }
        (None, Some(event), Some(about)) => (about, required(connection, event.group_id)?),
        _ => return Ok(None),
    };
    let mention = ap::post::Mention { id: author.ap_id.url().clone(), handle: handle(&author) };
    Ok(Some(Answered { id, author: mention, thread }))
}

/// An address on the network for what was removed.
#[must_use]
pub fn undone(activity: Value, id: &Url, actor: &Url) -> Value {
    outbound::undo(id, actor, activity)
}
