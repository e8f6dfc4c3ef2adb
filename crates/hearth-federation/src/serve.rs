//! The documents others may read: actors, posts, meetups and activities that live here.
//!
//! Who does not sign reads what any server on the network may see; who signs also what the audience function gives its
//! server (profile 7.4). What lives elsewhere, what is for others, and what does not exist answer the same 404, byte for
//! byte. A reply asked for as a post (`/p/`) or a post as a reply (`/n/`) does not exist either: each thing has one
//! address.
//!
//! Must never: serve a copy of what lives elsewhere, or words that were removed.

use crate::{
    Federation, FederationError, answer,
    asker::{Asker, By},
    ready::Ready,
};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use hearth_actions::{ActionError, Site, documents, notices, site};
use hearth_activitypub::{PublicKeys, ReadOptions, inbound, persona, tombstone};
use hearth_db::{
    DbConn,
    tables::{
        activities::{self, Activity},
        actors::{self, Actor, ActorKind},
        events::{self, Event},
        groups::{self, Group},
        posts::{self, Post},
    },
};
use hearth_domain::{
    audience::{self, ServerFacts, Shown, Visibility},
    id::ActorId,
};
use serde_json::Value;
use std::sync::Arc;

/// What a reading came to.
pub(crate) enum Served {
    /// A document.
    Document(Value),
    /// A document as it is stored.
    Stored(String),
    /// A tombstone, with 410.
    Gone(Value),
    /// What anybody may know of an actor; a signature may give more.
    Stub(Value),
    /// Nothing, unless the server of this group vouches for the reader.
    AskGroup(ActorId),
}

/// What reading comes to; `NotFound` for what does not exist or is hidden.
pub(crate) type Reading = Result<Served, ActionError>;

impl Federation {
    /// Answers with what `read` makes of the database for whoever asks.
    pub(crate) async fn serve(
        &self,
        asker: Asker,
        read: impl Fn(&mut DbConn, &Site, &By) -> Reading + Send + Sync + 'static,
    ) -> HttpResponse {
        let read = Arc::new(read);
        let mut found = self.read_as(read.clone(), By::default()).await;
        if gives_little(&found)
            && let Some(by) = self.asker(&asker).await
        {
            found = self.read_as(read.clone(), by.clone()).await;
            if let Ok(Served::AskGroup(group)) = found
                && let Some(by) = self.vouched(&by, group).await
            {
                found = self.read_as(read, by).await;
            }
        }
        match found {
            Ok(Served::Document(document) | Served::Stub(document)) => answer::document(document.to_string()),
            Ok(Served::Stored(text)) => answer::document(text),
            Ok(Served::Gone(document)) => answer::tombstone(&document),
            Ok(Served::AskGroup(_))
            | Err(FederationError::NotSetUp | FederationError::Action(ActionError::NotFound)) => answer::not_found(),
            Err(error) => self.broken(&error),
        }
    }

    async fn read_as(
        &self,
        read: Arc<impl Fn(&mut DbConn, &Site, &By) -> Reading + Send + Sync + 'static>,
        by: By,
    ) -> Result<Served, FederationError> {
        self.blocking(move |app| {
            app.db.read(|c| {
                let site = site(c)?;
                read(c, &site, &by)
            })
        })
        .await
    }
}

/// Whether a signature could give more than this.
const fn gives_little(found: &Result<Served, FederationError>) -> bool {
    matches!(found, Ok(Served::Stub(_)) | Err(FederationError::Action(ActionError::NotFound)))
}

type Door = web::Data<Federation>;
type Named = web::Path<String>;

pub(crate) async fn server(door: Door, asker: Asker) -> HttpResponse {
    door.serve(asker, |c, site, _| Ok(Served::Document(documents::server(c, site)?))).await
}

pub(crate) async fn person(door: Door, asker: Asker, name: Named) -> HttpResponse {
    door.serve(asker, move |c, site, by| {
        if let Some(group) = notices::group_of(&name) {
            return notices_document(c, site, by, &name, group);
        }
        let actor = local(c, &name, ActorKind::Person)?;
        if actor.on_network_since.is_none() {
            return Err(ActionError::NotFound);
        }
        Ok(match buried(&actor, "Person") {
            Some(gone) => gone,
            None => Served::Document(documents::persona(c, site, &actor)?),
        })
    })
    .await
}

/// The notices of a group, as long as the reader can see what is in the group.
fn notices_document(c: &mut DbConn, site: &Site, by: &By, name: &str, group: &str) -> Reading {
    let actor = local(c, name, ActorKind::Service)?;
    let group = local(c, group, ActorKind::Group)?;
    let row = groups::by_id(c, group.id)?.ok_or(ActionError::NotFound)?;
    if !shows_to(c, by, &group, &row, Visibility::Public)? {
        return Err(ActionError::NotFound);
    }
    Ok(match buried(&group, "Service") {
        Some(_) => Served::Gone(tombstone::tombstone(actor.ap_id.url(), "Service", actor.updated_at.utc())),
        None => Served::Document(documents::notices(c, site, &actor, &group)?),
    })
}

pub(crate) async fn group(door: Door, asker: Asker, name: Named) -> HttpResponse {
    door.serve(asker, move |c, site, by| {
        let actor = local(c, &name, ActorKind::Group)?;
        let group = groups::by_id(c, actor.id)?.ok_or(ActionError::NotFound)?;
        let shown = shown(c, by, &actor, &group)?;
        if shown == Shown::Nothing {
            return Err(ActionError::NotFound);
        }
        if let Some(gone) = buried(&actor, "Group") {
            return Ok(gone);
        }
        Ok(match shown {
            Shown::Full => Served::Document(documents::group(c, site, &actor, &group)?),
            _ => group_stub(site, &actor),
        })
    })
    .await
}

/// What the reader learns of a group.
pub(crate) fn shown(c: &mut DbConn, by: &By, actor: &Actor, group: &Group) -> Result<Shown, ActionError> {
    Ok(audience::group_shown_to(group.settings(), by.facts(c, actor)?))
}

/// A group for members or partners shows strangers what a signature is checked with, and not its name.
pub(crate) fn group_stub(site: &Site, actor: &Actor) -> Served {
    stub(site, actor, "Group", Some("A private group"))
}

/// What is left of an actor for readers who may not see it: what a signature is checked with.
pub(crate) fn stub(site: &Site, actor: &Actor, kind: &str, name: Option<&str>) -> Served {
    let keys = PublicKeys { rsa_pem: actor.public_key_pem.clone(), ed25519_multibase: None };
    Served::Stub(persona::key_stub(&site.at, actor.ap_id.url(), kind, &actor.name, name, &keys))
}

pub(crate) async fn post(door: Door, asker: Asker, id: Named) -> HttpResponse {
    let now = door.now();
    door.serve(asker, move |c, site, by| post_document(c, site, by, (&id, true), now)).await
}

pub(crate) async fn note(door: Door, asker: Asker, id: Named) -> HttpResponse {
    let now = door.now();
    door.serve(asker, move |c, site, by| post_document(c, site, by, (&id, false), now)).await
}

pub(crate) async fn event(door: Door, asker: Asker, id: Named) -> HttpResponse {
    door.serve(asker, move |c, site, by| {
        let event = match visible_event(c, by, &id)? {
            Seen::Yes(event) => event,
            Seen::AskGroup(group) => return Ok(Served::AskGroup(group)),
        };
        let document = documents::event(c, site, &event)?;
        Ok(if event.deleted_at.is_some() { Served::Gone(document) } else { Served::Document(document) })
    })
    .await
}

/// An activity that was sent from here, as long as it is kept, if it was sent to everybody and what it is about may
/// still be read as it was.
pub(crate) async fn activity(door: Door, asker: Asker, id: Named) -> HttpResponse {
    let options = match door.ready().await {
        Ok(Ready { options, .. }) => *options,
        Err(FederationError::NotSetUp) => return answer::not_found(),
        Err(error) => return door.broken(&error),
    };
    door.serve(asker, move |c, _, _| activity_document(c, &id, options)).await
}

fn activity_document(c: &mut DbConn, id: &str, options: ReadOptions) -> Reading {
    let id = id.parse().map_err(|_| ActionError::NotFound)?;
    let row = activities::by_id(c, id)?.ok_or(ActionError::NotFound)?;
    let read = inbound::read_activity(row.body.as_bytes(), options).map_err(|_| ActionError::NotFound)?;
    if !read.is_public() || !may_still_be_read(c, &row)? {
        return Err(ActionError::NotFound);
    }
    Ok(Served::Stored(row.body))
}

/// Whether what an activity is about is still for any server, and still says what it said then. Groups change their
/// rules, and people their words.
fn may_still_be_read(c: &mut DbConn, row: &Activity) -> Result<bool, ActionError> {
    let about = row.object_ap_id.as_str();
    let (group, visibility, edited, deleted) = if let Some(post) = posts::by_ap_id(c, about)? {
        (post.group_id, post.visibility, post.edited_at, post.deleted_at)
    } else if let Some(event) = events::by_any_id(c, about)? {
        (event.group_id, event.visibility, event.edited_at, event.deleted_at)
    } else {
        return match actors::by_ap_id(c, about)?.filter(|actor| actor.local) {
            Some(actor) => is_on_network(c, &actor),
            None => Ok(true),
        };
    };
    let is_present = deleted.is_none() && edited.is_none_or(|at| at <= row.created_at);
    let group = groups::by_id(c, group)?;
    Ok((is_present || row.kind == "Delete") && group.is_some_and(|group| shows(&group, visibility)))
}

fn post_document(c: &mut DbConn, site: &Site, by: &By, (id, root): (&str, bool), now: DateTime<Utc>) -> Reading {
    if root && let Some(event) = meetup_behind(c, site, by, id)? {
        let document = documents::companion(c, site, &event)?.ok_or(ActionError::NotFound)?;
        return Ok(if event.deleted_at.is_some() { Served::Gone(document) } else { Served::Document(document) });
    }
    let post = match visible_post(c, by, id, root)? {
        Seen::Yes(post) => post,
        Seen::AskGroup(group) => return Ok(Served::AskGroup(group)),
    };
    let document = documents::post(c, site, &post, now)?;
    Ok(if post.deleted_at.is_some() { Served::Gone(document) } else { Served::Document(document) })
}

/// The meetup that a post of this id stands for, if the reader may see it.
pub(crate) fn meetup_behind(c: &mut DbConn, site: &Site, by: &By, id: &str) -> Result<Option<Event>, ActionError> {
    let companion = site.at.post(id);
    let event = events::by_any_id(c, companion.as_str())?;
    let Some(event) = event.filter(|event| event.local && event.ap_id.url() != &companion) else { return Ok(None) };
    let (actor, group) = groups::with_actor(c, event.group_id)?.ok_or(ActionError::NotFound)?;
    Ok(if shows_to(c, by, &actor, &group, event.visibility)? { Some(event) } else { None })
}

/// The actor of this kind that lives here under this name, deleted or not.
pub(crate) fn local(c: &mut DbConn, name: &str, kind: ActorKind) -> Result<Actor, ActionError> {
    actors::local_by_name(c, name)?.filter(|actor| actor.kind == kind).ok_or(ActionError::NotFound)
}

/// The tombstone of an actor that was erased.
pub(crate) fn buried(actor: &Actor, former_type: &str) -> Option<Served> {
    let deleted = actor.deleted_at?;
    Some(Served::Gone(tombstone::tombstone(actor.ap_id.url(), former_type, deleted.utc())))
}

/// Whether everybody on the network may read what is public in the group.
pub(crate) fn is_open(group: &Group) -> bool {
    shows(group, Visibility::Public)
}

/// Whether any server may see a thing of this group.
pub(crate) fn shows(group: &Group, visibility: Visibility) -> bool {
    audience::group_is_on_the_network(group.settings())
        && audience::audience(group.settings(), visibility).includes(ServerFacts::default().viewer())
}

/// Whether the reader may see a thing of this group.
pub(crate) fn shows_to(
    c: &mut DbConn,
    by: &By,
    actor: &Actor,
    group: &Group,
    visibility: Visibility,
) -> Result<bool, ActionError> {
    Ok(match by.facts(c, actor)? {
        None => shows(group, visibility),
        Some(facts) => {
            audience::group_shown_to(group.settings(), Some(facts)) != Shown::Nothing
                && audience::audience(group.settings(), visibility).includes(facts.viewer())
        }
    })
}

/// Something that lives here, for a reader.
pub(crate) enum Seen<T> {
    /// The reader may see it.
    Yes(T),
    /// Only if the server of this group says so.
    AskGroup(ActorId),
}

/// Whether an actor that lives here has an address on the network.
pub(crate) fn is_on_network(c: &mut DbConn, actor: &Actor) -> Result<bool, ActionError> {
    if actor.deleted_at.is_some() {
        return Ok(false);
    }
    match actor.kind {
        ActorKind::Application => Ok(true),
        ActorKind::Group => {
            let group = groups::by_id(c, actor.id)?;
            Ok(group.is_some_and(|group| audience::group_is_on_the_network(group.settings())))
        }
        ActorKind::Service => notices_are_found(c, actor),
        _ => Ok(actor.on_network_since.is_some()),
    }
}

/// Whether everybody may learn that a group has notices, which is to learn of the group.
pub(crate) fn notices_are_found(c: &mut DbConn, notices: &Actor) -> Result<bool, ActionError> {
    let Some(group) = notices::group_of(&notices.name) else { return Ok(false) };
    let group = local(c, group, ActorKind::Group)?;
    let row = groups::by_id(c, group.id)?.ok_or(ActionError::NotFound)?;
    Ok(group.deleted_at.is_none() && notices::is_found(row.settings()))
}

/// A post (`root`) or a reply that was written here and that the reader may see, removed ones too.
pub(crate) fn visible_post(c: &mut DbConn, by: &By, id: &str, root: bool) -> Result<Seen<Post>, ActionError> {
    let id = id.parse().map_err(|_| ActionError::NotFound)?;
    let post = posts::by_id(c, id)?.filter(|post| post.local && post.is_root() == root);
    let post = post.ok_or(ActionError::NotFound)?;
    let (actor, group) = groups::with_actor(c, post.group_id)?.ok_or(ActionError::NotFound)?;
    if shows_to(c, by, &actor, &group, post.visibility)? {
        Ok(Seen::Yes(post))
    } else if by.may_be_vouched_for(&actor) {
        Ok(Seen::AskGroup(actor.id))
    } else {
        Err(ActionError::NotFound)
    }
}

/// A meetup that was made here and that the reader may see, removed ones too.
pub(crate) fn visible_event(c: &mut DbConn, by: &By, id: &str) -> Result<Seen<Event>, ActionError> {
    let id = id.parse().map_err(|_| ActionError::NotFound)?;
    let event = events::by_id(c, id)?.filter(|event| event.local).ok_or(ActionError::NotFound)?;
    let (actor, group) = groups::with_actor(c, event.group_id)?.ok_or(ActionError::NotFound)?;
    if shows_to(c, by, &actor, &group, event.visibility)? {
        Ok(Seen::Yes(event))
    } else if by.may_be_vouched_for(&actor) {
        Ok(Seen::AskGroup(actor.id))
    } else {
        Err(ActionError::NotFound)
    }
}
