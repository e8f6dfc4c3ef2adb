//! The collections of profile 2.5: what hangs below an actor, a post or a meetup.
//!
//! Chosen here: a group's followers are counted in tens, rounded down (`totalItems` is what Lemmy needs; the exact
//! number of people is nobody's business); all other counts of people are 0 or absent. A group's team is not shown,
//! and nothing is pinned, so `moderators` and `featured` are empty. `replies` and an embedded `context` hold what was
//! written here in full, and what was written elsewhere as its id.
//!
//! Must never: name a follower, a member or a participant.

use crate::{
    Federation,
    outbox::{GroupOutbox, local_meetups, made_id},
    serve::{Reading, Served, is_open, local, meetup_behind, visible_event, visible_post},
};
use actix_web::{HttpResponse, web};
use hearth_actions::{ActionError, Site, documents, notices};
use hearth_activitypub::{
    Part,
    collection::{
        OrderedCollection, OrderedCollectionPage, empty_ordered_collection, nameless_collection, ordered_collection,
        ordered_collection_page,
    },
    outbound,
};
use hearth_db::{
    DbConn, Time,
    tables::{
        actors::{self, Actor, ActorKind},
        event_terms,
        events::Event,
        follows, groups,
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
        // The id under which it was announced; what was announced to nobody yet has one of this list only.
        let announced = event_terms::get(c, meetup.id)?.announce_ap_id.and_then(|id| Url::parse(&id).ok());
        let id = announced.unwrap_or_else(|| made_id(outbox, "announce", &meetup.id.to_string()));
        let (me, owner) = (site.at.server(), actor.ap_id.url());
        let (followers, at) = (site.at.followers(&me), meetup.published_at.utc());
        items.push(outbound::announce_meetup(&id, &me, &followers, owner, meetup.ap_id.url(), at));
    }
    Ok(items)
}

/// A persona's collections are always empty: nobody can follow what a person does.
pub(crate) async fn of_person(door: Door, path: web::Path<(String, String)>) -> HttpResponse {
    door.serve(move |c, site| {
        let (name, part) = path.into_inner();
        let kind = notices::group_of(&name).map_or(ActorKind::Person, |_| ActorKind::Service);
        let actor = local(c, &name, kind)?;
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
            "moderators" => empty(Part::Moderators),
            "featured" => empty(Part::Featured),
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
        if kind == "p"
            && let Some(event) = meetup_behind(c, site, &id)?
        {
            return behind(c, site, &event, &part, query.is_wanted());
        }
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

/// The conversation about a meetup, under the address of the post that stands for it.
fn behind(c: &mut DbConn, site: &Site, event: &Event, part: &str, embedded: bool) -> Reading {
    let Some(root) = documents::companion(c, site, event)?.filter(|_| event.deleted_at.is_none()) else {
        return Err(ActionError::NotFound);
    };
    let owner = event.companion_ap_id.as_deref().and_then(|id| Url::parse(id).ok()).ok_or(ActionError::NotFound)?;
    let thread = conversation::about_event(c, &Reader::anybody(), event.id, MOST)?;
    if part == "replies" {
        let answers = thread.into_iter().filter(|one| one.post.parent_id.is_none()).collect();
        return replies(c, site, &owner, answers);
    }
    let root = if embedded { root } else { json!(owner) };
    context(c, site, &owner, root, event.group_id, thread, embedded)
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
    let items = present(answers).map(|post| in_full(c, site, &post)).collect::<Result<_, _>>()?;
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
