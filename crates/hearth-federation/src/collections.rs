//! The collections of profile 2.5: what hangs below an actor, a post or a meetup.
//!
//! Chosen here: a group's followers are counted in tens, rounded down (`totalItems` is what Lemmy needs; the exact
//! number of people is nobody's business); all other counts of people are 0 or absent. `moderators` is empty unless the
//! group shows its team. `featured` holds what was written here only: one item that is no full post would spoil the list
//! for Lemmy. `replies` and an embedded `context` hold what was written here in full, and what was written elsewhere
//! What is kept among the members of a group is listed only for servers on which members live.
//!
//! Must never: name a follower, a member or a participant, but to a server its own people.

use crate::{
    Federation,
    asker::{Asker, By},
    outbox::{GroupOutbox, local_meetups, made_id},
    serve::{
        Reading, Seen, Served, is_open, local, meetup_behind, notices_are_found, shows_to, visible_event, visible_post,
    },
};
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use hearth_actions::{ActionError, Site, documents, notices, synchronization, team};
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
        follows,
        groups::{self, Group},
        memberships, pins,
        posts::Post,
    },
    views::{Authored, calendar, conversation, visible::Reader},
};
use hearth_domain::{address::host_of, audience::Visibility, id::ActorId};
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

/// Whether somebody is a follower, which in a group that only members can read is to be a member.
#[derive(Deserialize)]
pub(crate) struct Follower {
    is_follower: Option<String>,
}

/// Whether a conversation is wanted in full.
#[derive(Deserialize)]
pub(crate) struct Embed {
    embed: Option<String>,
}

pub(crate) async fn server_followers(door: Door, asker: Asker) -> HttpResponse {
    door.serve(asker, |_, site, _| Ok(nameless(site, &site.at.server(), Part::Followers, Some(0)))).await
}

pub(crate) async fn server_following(door: Door, asker: Asker) -> HttpResponse {
    door.serve(asker, |_, site, _| Ok(nameless(site, &site.at.server(), Part::Following, Some(0)))).await
}

/// The meetups of all open, discoverable groups, announced by the server (profile 8.2).
pub(crate) async fn server_outbox(door: Door, asker: Asker, query: web::Query<Paged>) -> HttpResponse {
    let now = Time::from(door.now());
    door.serve(asker, move |c, site, _| {
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
pub(crate) async fn of_person(door: Door, asker: Asker, path: web::Path<(String, String)>) -> HttpResponse {
    door.serve(asker, move |c, site, _| {
        let (name, part) = &*path;
        let kind = notices::group_of(name).map_or(ActorKind::Person, |_| ActorKind::Service);
        let actor = local(c, name, kind)?;
        let found = kind == ActorKind::Person || notices_are_found(c, &actor)?;
        if !found || actor.on_network_since.is_none() || actor.deleted_at.is_some() {
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

pub(crate) async fn group_outbox(
    door: Door,
    asker: Asker,
    name: web::Path<String>,
    query: web::Query<Paged>,
) -> HttpResponse {
    let now = door.now();
    door.serve(asker, move |c, site, by| {
        let (group, row) = open_group(c, by, &name)?;
        let outbox =
            GroupOutbox::new(site, &group, documents::reach(site, &group, row.settings(), Visibility::Public), now);
        Ok(Served::Document(match query.page {
            None => outbox.root(c)?,
            Some(page) => outbox.page(c, page)?,
        }))
    })
    .await
}

pub(crate) async fn of_group(
    door: Door,
    asker: Asker,
    path: web::Path<(String, String)>,
    query: web::Query<Follower>,
) -> HttpResponse {
    let now = door.now();
    door.serve(asker, move |c, site, by| {
        let (name, part) = &*path;
        let (group, row) = open_group(c, by, name)?;
        let is_private = !row.settings().is_public();
        let reader = if is_private { Reader::member(group.id) } else { Reader::anybody() };
        let owner = group.ap_id.url();
        let empty = |part| Served::Document(empty_ordered_collection(&site.at.part(owner, part)));
        Ok(match part.as_str() {
            "followers" if query.is_follower.is_some() => {
                let asked = query.is_follower.as_deref().and_then(|actor| Url::parse(actor).ok());
                let host = asked.map(|actor| host_of(&actor)).unwrap_or_default();
                if !is_private || memberships::on_host(c, group.id, &host)?.is_empty() {
                    return Err(ActionError::NotFound);
                }
                nameless(site, owner, Part::Followers, None)
            }
            // How many there are is for members to know.
            "followers" if is_private => nameless(site, owner, Part::Followers, Some(0)),
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
                let items = pinned.iter().map(|post| documents::post(c, site, post, now)).collect::<Result<_, _>>()?;
                ordered(site.at.part(owner, Part::Featured), items, None)
            }
            "members" => empty(Part::Members),
            "upcoming" => {
                let meetups = local_meetups(c, &reader, &group, now)?;
                let items = meetups.iter().map(|meetup| documents::event(c, site, meetup)).collect::<Result<_, _>>()?;
                ordered(site.at.part(owner, Part::Upcoming), items, None)
            }
            "wall" => {
                let roots = conversation::roots(c, &reader, &[group.id], None, MOST)?;
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

/// Which people of the reader's own server are members of a group that only members can read (FEP-8fcf). Of anybody
/// else's nothing is told.
pub(crate) async fn members_there(door: Door, asker: Asker, name: web::Path<String>) -> HttpResponse {
    door.serve(asker, move |c, site, by| {
        let (group, row) = open_group(c, by, &name)?;
        let host = by.host().filter(|_| !row.settings().is_public()).ok_or(ActionError::NotFound)?;
        let people = synchronization::people(c, group.id, host)?;
        let items = people.iter().map(|person| json!(person.ap_id.url())).collect();
        let mut id = site.at.followers(group.ap_id.url());
        id.set_path(&format!("{}_synchronization", id.path()));
        Ok(ordered(id, items, None))
    })
    .await
}

/// The thread of a post, and the direct answers to a post or reply.
pub(crate) async fn of_post(
    door: Door,
    asker: Asker,
    path: web::Path<(String, String, String)>,
    query: web::Query<Embed>,
) -> HttpResponse {
    let now = door.now();
    door.serve(asker, move |c, site, by| {
        let (kind, id, part) = &*path;
        if kind == "p"
            && let Some(event) = meetup_behind(c, site, by, id)?
        {
            return behind(c, site, by, &event, (part, query.is_wanted()), now);
        }
        let post = match visible_post(c, by, id, kind == "p")? {
            Seen::Yes(post) => post,
            Seen::AskGroup(group) => return Ok(Served::AskGroup(group)),
        };
        if post.deleted_at.is_some() {
            return Err(ActionError::NotFound);
        }
        let reader = reader(c, by, post.group_id)?;
        let thread = thread_of(c, &reader, &post)?;
        if part == "replies" {
            let answers = thread.into_iter().filter(|one| one.post.parent_id == Some(post.id)).collect();
            return replies(c, site, post.ap_id.url(), answers, now);
        }
        // A reply has no thread of its own: it names that of its root.
        if kind != "p" {
            return Err(ActionError::NotFound);
        }
        let root = if query.is_wanted() { documents::post(c, site, &post, now)? } else { json!(post.ap_id.url()) };
        context(c, site, post.ap_id.url(), root, (post.group_id, thread), query.is_wanted().then_some(now))
    })
    .await
}

pub(crate) async fn of_event(
    door: Door,
    asker: Asker,
    path: web::Path<(String, String)>,
    query: web::Query<Embed>,
) -> HttpResponse {
    let now = door.now();
    door.serve(asker, move |c, site, by| {
        let (id, part) = &*path;
        let event = match visible_event(c, by, id)? {
            Seen::Yes(event) => event,
            Seen::AskGroup(group) => return Ok(Served::AskGroup(group)),
        };
        if event.deleted_at.is_some() {
            return Err(ActionError::NotFound);
        }
        let owner = event.ap_id.url();
        if part == "attendees" {
            return Ok(nameless(site, owner, Part::Attendees, None));
        }
        let reader = reader(c, by, event.group_id)?;
        let thread = conversation::about_event(c, &reader, event.id, MOST)?;
        if part == "replies" {
            let answers = thread.into_iter().filter(|one| one.post.parent_id.is_none()).collect();
            return replies(c, site, owner, answers, now);
        }
        let root = if query.is_wanted() { documents::event(c, site, &event)? } else { json!(owner) };
        context(c, site, owner, root, (event.group_id, thread), query.is_wanted().then_some(now))
    })
    .await
}

/// The conversation about a meetup, under the address of the post that stands for it.
fn behind(
    c: &mut DbConn,
    site: &Site,
    by: &By,
    event: &Event,
    (part, embedded): (&str, bool),
    now: DateTime<Utc>,
) -> Reading {
    let Some(root) = documents::companion(c, site, event)?.filter(|_| event.deleted_at.is_none()) else {
        return Err(ActionError::NotFound);
    };
    let owner = event.companion_ap_id.as_deref().and_then(|id| Url::parse(id).ok()).ok_or(ActionError::NotFound)?;
    let reader = reader(c, by, event.group_id)?;
    let thread = conversation::about_event(c, &reader, event.id, MOST)?;
    if part == "replies" {
        let answers = thread.into_iter().filter(|one| one.post.parent_id.is_none()).collect();
        return replies(c, site, &owner, answers, now);
    }
    let root = if embedded { root } else { json!(owner) };
    context(c, site, &owner, root, (event.group_id, thread), embedded.then_some(now))
}

impl Embed {
    fn is_wanted(&self) -> bool {
        self.embed.as_deref() == Some("1")
    }
}

/// Everything said in the conversation a post belongs to, oldest first, without the root.
fn thread_of(c: &mut DbConn, reader: &Reader, post: &Post) -> Result<Vec<Authored>, ActionError> {
    Ok(match (post.event_id, post.root_id) {
        (Some(event), _) => conversation::about_event(c, reader, event, MOST)?,
        (None, Some(root)) => conversation::replies(c, reader, root, MOST)?,
        (None, None) => conversation::replies(c, reader, post.id, MOST)?,
    })
}

fn replies(c: &mut DbConn, site: &Site, owner: &Url, answers: Vec<Authored>, now: DateTime<Utc>) -> Reading {
    // PieFed takes objects only; what was written elsewhere stands in the conversation by its id.
    let own = present(answers).filter(|post| post.local);
    let items = own.map(|post| documents::post(c, site, &post, now)).collect::<Result<_, _>>()?;
    Ok(ordered(site.at.part(owner, Part::Replies), items, None))
}

fn context(
    c: &mut DbConn,
    site: &Site,
    owner: &Url,
    root: Value,
    (group, thread): (ActorId, Vec<Authored>),
    embedded: Option<DateTime<Utc>>,
) -> Reading {
    let group = actors::by_id(c, group)?.ok_or(ActionError::NotFound)?;
    let mut items = vec![root];
    for post in present(thread) {
        items.push(match embedded {
            Some(now) if post.local => documents::post(c, site, &post, now)?,
            _ => json!(post.ap_id.url()),
        });
    }
    Ok(ordered(site.at.part(owner, Part::Context), items, Some(group.ap_id.url().clone())))
}

fn present(thread: Vec<Authored>) -> impl Iterator<Item = Post> {
    thread.into_iter().map(|one| one.post).filter(|post| post.deleted_at.is_none())
}

/// A group that lives here and whose ordinary things the reader may see.
fn open_group(c: &mut DbConn, by: &By, name: &str) -> Result<(Actor, Group), ActionError> {
    let actor = local(c, name, ActorKind::Group)?;
    let group = groups::by_id(c, actor.id)?.ok_or(ActionError::NotFound)?;
    let visible = actor.deleted_at.is_none() && shows_to(c, by, &actor, &group, Visibility::Public)?;
    if visible { Ok((actor, group)) } else { Err(ActionError::NotFound) }
}

/// In whose place a list is read: of a member, where the reader's server has what is for members, else of anybody.
fn reader(c: &mut DbConn, by: &By, group: ActorId) -> Result<Reader, ActionError> {
    let (actor, row) = groups::with_actor(c, group)?.ok_or(ActionError::NotFound)?;
    let among = shows_to(c, by, &actor, &row, Visibility::Members)?;
    Ok(if among { Reader::member(group) } else { Reader::anybody() })
}

fn ordered(id: Url, items: Vec<Value>, attributed_to: Option<Url>) -> Served {
    Served::Document(ordered_collection(OrderedCollection { attributed_to, ..OrderedCollection::of(id, items) }))
}

fn nameless(site: &Site, owner: &Url, part: Part, total: Option<u64>) -> Served {
    Served::Document(nameless_collection(&site.at.part(owner, part), total))
}
