//! The collections of profile 2.5: what hangs below an actor, a post or a meetup.
//!
//! Chosen here: a group's followers are counted in tens, rounded down (`totalItems` is what Lemmy needs; the exact
//! number of people is nobody's business); all other counts of people are 0 or absent. `moderators` is empty unless the
//! group shows its team. `featured` holds what was written here only: one item that is no full post would spoil the list
//! for Lemmy. `replies` and an embedded `context` hold what was written here in full, and what was written elsewhere as
//! its id.
//!
//! Must never: name a follower, a member or a participant.

use crate::{
    Federation,
    outbox::{GroupOutbox, local_meetups, made_id},
    serve::{Reading, Served, is_open, local, visible_event, visible_post},
};
use actix_web::{HttpResponse, web};
use hearth_actions::{ActionError, Site, documents, team};
use hearth_activitypub::{
    Part,
    activity::Reach,
    collection::{
        OrderedCollection, OrderedCollectionPage, empty_ordered_collection, nameless_collection, ordered_collection,
        ordered_collection_page,
    },
    outbound::{self, Announcer},
};
use hearth_db::{
    DbConn, Time,
    tables::{
        actors::{self, Actor, ActorKind},
        follows, groups, pins,
        posts::Post,
    },
    views::{Authored, calendar, conversation, outbox, visible::Reader},
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

/// Most items of a conversation or wall that are listed.
const MOST: i64 = 500;
/// Meetups in the server's outbox.
const MEETUPS: i64 = 50;

type Door = web::Data<Federation>;

/// Which page of an outbox.
#[derive(Deserialize)]
pub(crate) struct Paged {
    page: Option<u32>,
}

/// Whether a conversation is wanted in full.
#[derive(Deserialize)]
pub(crate) struct Embed {
    embed: Option<String>,
}

pub(crate) async fn server_followers(door: Door) -> HttpResponse {
    door.serve(|_, site| Ok(nameless(site, &site.at.server(), Part::Followers, Some(0)))).await
}

pub(crate) async fn server_following(door: Door) -> HttpResponse {
    door.serve(|_, site| Ok(nameless(site, &site.at.server(), Part::Following, Some(0)))).await
}

/// The meetups of all open, discoverable groups, announced by the server (profile 8.2).
pub(crate) async fn server_outbox(door: Door, query: web::Query<Paged>) -> HttpResponse {
    let now = Time::from(door.now());
    door.serve(move |c, site| {
        let (me, id) = (site.at.server(), site.at.outbox(&site.at.server()));
        let first = site.at.outbox_page(&me, 1);
        let items = announced_meetups(c, site, &id, now)?;
        Ok(Served::Document(match query.page {
            None => {
                let root = OrderedCollection::of(id, items);
                ordered_collection(OrderedCollection { first: Some(first), ..root })
            }
            Some(1) => ordered_collection_page(OrderedCollectionPage { id: first, part_of: id, next: None, items }),
            Some(_) => return Err(ActionError::NotFound),
        }))
    })
    .await
}

fn announced_meetups(c: &mut DbConn, site: &Site, outbox: &Url, now: Time) -> Result<Vec<Value>, ActionError> {
    let mut items = Vec::new();
    for meetup in calendar::upcoming_everywhere(c, &Reader::anybody(), now, MEETUPS)? {
        let Some((actor, group)) = groups::with_actor(c, meetup.group_id)? else { continue };
        if !meetup.local || !actor.discoverable || !is_open(&group) {
            continue;
        }
        let by = Announcer {
            actor: site.at.server(),
            followers: site.at.followers(&site.at.server()),
            reach: Reach::Public,
            group: None,
        };
        let id = made_id(outbox, "announce", &meetup.id.to_string());
        items.push(outbound::announce_object(&id, &by, meetup.ap_id.url(), meetup.published_at.utc()));
    }
    Ok(items)
}

/// A persona's collections are always empty: nobody can follow what a person does.
pub(crate) async fn of_person(door: Door, path: web::Path<(String, String)>) -> HttpResponse {
    door.serve(move |c, site| {
        let (name, part) = path.into_inner();
        let actor = local(c, &name, ActorKind::Person)?;
        if actor.on_network_since.is_none() || actor.deleted_at.is_some() {
            return Err(ActionError::NotFound);
        }
        let owner = actor.ap_id.url();
        Ok(match part.as_str() {
            "outbox" => Served::Document(empty_ordered_collection(&site.at.outbox(owner))),
            "followers" => nameless(site, owner, Part::Followers, Some(0)),
            _ => nameless(site, owner, Part::Following, Some(0)),
        })
    })
    .await
}

pub(crate) async fn group_outbox(door: Door, name: web::Path<String>, query: web::Query<Paged>) -> HttpResponse {
    let now = door.now();
    door.serve(move |c, site| {
        let group = open_group(c, &name)?;
        let outbox = GroupOutbox::new(site, &group);
        Ok(Served::Document(match query.page {
            None => outbox.root(c)?,
            Some(page) => outbox.page(c, page, now)?,
        }))
    })
    .await
}

pub(crate) async fn of_group(door: Door, path: web::Path<(String, String)>) -> HttpResponse {
    let now = door.now();
    door.serve(move |c, site| {
        let (name, part) = path.into_inner();
        let group = open_group(c, &name)?;
        let owner = group.ap_id.url();
        let empty = |part| Served::Document(empty_ordered_collection(&site.at.part(owner, part)));
        Ok(match part.as_str() {
            "followers" => {
                let count = u64::try_from(follows::count_followers(c, group.id)?).unwrap_or(0);
                nameless(site, owner, Part::Followers, Some(count - count % 10))
            }
            "following" => nameless(site, owner, Part::Following, Some(0)),
            "moderators" => {
                let listed = team::shown(c, group.id)?.into_iter().map(|id| json!(id)).collect();
                ordered(site.at.part(owner, Part::Moderators), listed, None)
            }
            "featured" => {
                let row = groups::by_id(c, group.id)?.ok_or(ActionError::NotFound)?;
                let seen = |post: &Post| post.local && Reader::anybody().includes(&row, post.visibility);
                let pinned: Vec<Post> = pins::of_group(c, group.id)?.into_iter().filter(seen).collect();
                let items = pinned.iter().map(|post| documents::post(c, site, post)).collect::<Result<_, _>>()?;
                ordered(site.at.part(owner, Part::Featured), items, None)
            }
            "members" => empty(Part::Members),
            "upcoming" => {
                let meetups = local_meetups(c, &group, now)?;
                let items = meetups.iter().map(|meetup| documents::event(c, site, meetup)).collect::<Result<_, _>>()?;
                ordered(site.at.part(owner, Part::Upcoming), items, None)
            }
            "wall" => {
                let roots = outbox::newest(c, group.id, MOST)?;
                ordered(
                    site.at.part(owner, Part::Wall),
                    roots.iter().map(|root| json!(root.post.ap_id.url())).collect(),
                    None,
                )
            }
            _ => empty(Part::Empty),
        })
    })
    .await
}

/// The thread of a post, and the direct answers to a post or reply.
pub(crate) async fn of_post(
    door: Door,
    path: web::Path<(String, String, String)>,
    query: web::Query<Embed>,
) -> HttpResponse {
    door.serve(move |c, site| {
        let (kind, id, part) = path.into_inner();
        let post = visible_post(c, &id, kind == "p")?;
        if post.deleted_at.is_some() {
            return Err(ActionError::NotFound);
        }
        let thread = thread_of(c, &post)?;
        if part == "replies" {
            let answers = thread.into_iter().filter(|one| one.post.parent_id == Some(post.id)).collect();
            return replies(c, site, post.ap_id.url(), answers);
        }
        // A reply has no thread of its own: it names that of its root.
        if kind != "p" {
            return Err(ActionError::NotFound);
        }
        let root = if query.is_wanted() { documents::post(c, site, &post)? } else { json!(post.ap_id.url()) };
        context(c, site, post.ap_id.url(), root, post.group_id, thread, query.is_wanted())
    })
    .await
}

pub(crate) async fn of_event(door: Door, path: web::Path<(String, String)>, query: web::Query<Embed>) -> HttpResponse {
    door.serve(move |c, site| {
        let (id, part) = path.into_inner();
        let event = visible_event(c, &id)?;
        if event.deleted_at.is_some() {
            return Err(ActionError::NotFound);
        }
        let owner = event.ap_id.url();
        if part == "attendees" {
            return Ok(nameless(site, owner, Part::Attendees, None));
        }
        let thread = conversation::about_event(c, &Reader::anybody(), event.id, MOST)?;
        if part == "replies" {
            let answers = thread.into_iter().filter(|one| one.post.parent_id.is_none()).collect();
            return replies(c, site, owner, answers);
        }
        let root = if query.is_wanted() { documents::event(c, site, &event)? } else { json!(owner) };
        context(c, site, owner, root, event.group_id, thread, query.is_wanted())
    })
    .await
}

impl Embed {
    fn is_wanted(&self) -> bool {
        self.embed.as_deref() == Some("1")
    }
}

/// Everything said in the conversation a post belongs to, oldest first, without the root.
fn thread_of(c: &mut DbConn, post: &Post) -> Result<Vec<Authored>, ActionError> {
    let anybody = Reader::anybody();
    Ok(match (post.event_id, post.root_id) {
        (Some(event), _) => conversation::about_event(c, &anybody, event, MOST)?,
        (None, Some(root)) => conversation::replies(c, &anybody, root, MOST)?,
        (None, None) => conversation::replies(c, &anybody, post.id, MOST)?,
    })
}

fn replies(c: &mut DbConn, site: &Site, owner: &Url, answers: Vec<Authored>) -> Reading {
    // PieFed takes objects only; what was written elsewhere stands in the conversation by its id.
    let own = present(answers).filter(|post| post.local);
    let items = own.map(|post| documents::post(c, site, &post)).collect::<Result<_, _>>()?;
    Ok(ordered(site.at.part(owner, Part::Replies), items, None))
}

fn context(
    c: &mut DbConn,
    site: &Site,
    owner: &Url,
    root: Value,
    group: hearth_domain::id::ActorId,
    thread: Vec<Authored>,
    embedded: bool,
) -> Reading {
    let group = actors::by_id(c, group)?.ok_or(ActionError::NotFound)?;
    let mut items = vec![root];
    for post in present(thread) {
        items.push(if embedded { in_full(c, site, &post)? } else { json!(post.ap_id.url()) });
    }
    Ok(ordered(site.at.part(owner, Part::Context), items, Some(group.ap_id.url().clone())))
}

fn present(thread: Vec<Authored>) -> impl Iterator<Item = Post> {
    thread.into_iter().map(|one| one.post).filter(|post| post.deleted_at.is_none())
}

fn in_full(c: &mut DbConn, site: &Site, post: &Post) -> Result<Value, ActionError> {
    if post.local { documents::post(c, site, post) } else { Ok(json!(post.ap_id.url())) }
}

/// A group that lives here and whose public things any server may see.
fn open_group(c: &mut DbConn, name: &str) -> Result<Actor, ActionError> {
    let actor = local(c, name, ActorKind::Group)?;
    let group = groups::by_id(c, actor.id)?.ok_or(ActionError::NotFound)?;
    if actor.deleted_at.is_none() && is_open(&group) { Ok(actor) } else { Err(ActionError::NotFound) }
}

fn ordered(id: Url, items: Vec<Value>, attributed_to: Option<Url>) -> Served {
    Served::Document(ordered_collection(OrderedCollection { attributed_to, ..OrderedCollection::of(id, items) }))
}

fn nameless(site: &Site, owner: &Url, part: Part, total: Option<u64>) -> Served {
    Served::Document(nameless_collection(&site.at.part(owner, part), total))
}
