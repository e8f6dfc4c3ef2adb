//! The documents others may read: actors, posts, meetups and activities that live here.
//!
//! What is served is what any server on the network may see, whoever asks: signatures of readers give nothing more
//! yet. What lives elsewhere, what is for members, and what does not exist answer the same 404, byte for byte. A reply
//! asked for as a post (`/p/`) or a post as a reply (`/n/`) does not exist either: each thing has one address.
//!
//! Must never: serve a copy of what lives elsewhere, or words that were removed.

use crate::{Federation, FederationError, answer, ready::Ready};
use actix_web::{HttpResponse, web};
use hearth_actions::{ActionError, Site, documents, site};
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
use hearth_domain::audience::{self, Viewer, Visibility};
use serde_json::Value;

/// Any server on the network.
const ANY_SERVER: Viewer = Viewer::Server { has_member: false, is_partner: false };

/// What a reading came to.
pub(crate) enum Served {
    /// A document.
    Document(Value),
    /// A document as it is stored.
    Stored(String),
    /// A tombstone, with 410.
    Gone(Value),
}

/// What reading comes to; `NotFound` for what does not exist or is hidden.
pub(crate) type Reading = Result<Served, ActionError>;

impl Federation {
    /// Answers with what `read` makes of the database.
    pub(crate) async fn serve(
        &self,
        read: impl FnOnce(&mut DbConn, &Site) -> Reading + Send + 'static,
    ) -> HttpResponse {
        let read = self.blocking(move |app| {
            app.db.read(|c| {
                let site = site(c)?;
                read(c, &site)
            })
        });
        match read.await {
            Ok(Served::Document(document)) => answer::document(document.to_string()),
            Ok(Served::Stored(text)) => answer::document(text),
            Ok(Served::Gone(document)) => answer::tombstone(&document),
            Err(FederationError::NotSetUp | FederationError::Action(ActionError::NotFound)) => answer::not_found(),
            Err(error) => self.broken(&error),
        }
    }
}

type Door = web::Data<Federation>;
type Named = web::Path<String>;

pub(crate) async fn server(door: Door) -> HttpResponse {
    door.serve(|c, site| Ok(Served::Document(documents::server(c, site)?))).await
}

pub(crate) async fn person(door: Door, name: Named) -> HttpResponse {
    door.serve(move |c, site| {
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

pub(crate) async fn group(door: Door, name: Named) -> HttpResponse {
    door.serve(move |c, site| {
        let actor = local(c, &name, ActorKind::Group)?;
        let group = groups::by_id(c, actor.id)?.ok_or(ActionError::NotFound)?;
        if !audience::group_is_on_the_network(group.settings()) {
            return Err(ActionError::NotFound);
        }
        if let Some(gone) = buried(&actor, "Group") {
            return Ok(gone);
        }
        if is_open(&group) {
            return Ok(Served::Document(documents::group(c, site, &actor, &group)?));
        }
        // A group for members or partners shows strangers what a signature is checked with, and not its name.
        Ok(stub(site, &actor, "Group", Some("A private group")))
    })
    .await
}

/// What is left of an actor for readers who may not see it: what a signature is checked with.
pub(crate) fn stub(site: &Site, actor: &Actor, kind: &str, name: Option<&str>) -> Served {
    let keys = PublicKeys { rsa_pem: actor.public_key_pem.clone(), ed25519_multibase: None };
    Served::Document(persona::key_stub(&site.at, actor.ap_id.url(), kind, &actor.name, name, &keys))
}

pub(crate) async fn post(door: Door, id: Named) -> HttpResponse {
    door.serve(move |c, site| post_document(c, site, &id, true)).await
}

pub(crate) async fn note(door: Door, id: Named) -> HttpResponse {
    door.serve(move |c, site| post_document(c, site, &id, false)).await
}

pub(crate) async fn event(door: Door, id: Named) -> HttpResponse {
    door.serve(move |c, site| {
        let event = visible_event(c, &id)?;
        let document = documents::event(c, site, &event)?;
        Ok(if event.deleted_at.is_some() { Served::Gone(document) } else { Served::Document(document) })
    })
    .await
}

/// An activity that was sent from here, as long as it is kept, if it was sent to everybody and what it is about may
/// still be read as it was.
pub(crate) async fn activity(door: Door, id: Named) -> HttpResponse {
    let options = match door.ready().await {
        Ok(Ready { options, .. }) => *options,
        Err(FederationError::NotSetUp) => return answer::not_found(),
        Err(error) => return door.broken(&error),
    };
    door.serve(move |c, _| activity_document(c, &id, options)).await
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
    } else if let Some(event) = events::by_ap_id(c, about)? {
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

fn post_document(c: &mut DbConn, site: &Site, id: &str, root: bool) -> Reading {
    let post = visible_post(c, id, root)?;
    let document = documents::post(c, site, &post)?;
    Ok(if post.deleted_at.is_some() { Served::Gone(document) } else { Served::Document(document) })
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
        && audience::audience(group.settings(), visibility).includes(ANY_SERVER)
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
        _ => Ok(actor.on_network_since.is_some()),
    }
}

/// A post (`root`) or a reply that was written here and that any server may see, removed ones too.
pub(crate) fn visible_post(c: &mut DbConn, id: &str, root: bool) -> Result<Post, ActionError> {
    let id = id.parse().map_err(|_| ActionError::NotFound)?;
    let post = posts::by_id(c, id)?.filter(|post| post.local && post.is_root() == root);
    let post = post.ok_or(ActionError::NotFound)?;
    let group = groups::by_id(c, post.group_id)?.ok_or(ActionError::NotFound)?;
    if shows(&group, post.visibility) { Ok(post) } else { Err(ActionError::NotFound) }
}

/// A meetup that was made here and that any server may see, removed ones too.
pub(crate) fn visible_event(c: &mut DbConn, id: &str) -> Result<Event, ActionError> {
    let id = id.parse().map_err(|_| ActionError::NotFound)?;
    let event = events::by_id(c, id)?.filter(|event| event.local).ok_or(ActionError::NotFound)?;
    let group = groups::by_id(c, event.group_id)?.ok_or(ActionError::NotFound)?;
    if shows(&group, event.visibility) { Ok(event) } else { Err(ActionError::NotFound) }
}
