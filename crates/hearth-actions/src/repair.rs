//! Putting right what was missed: which documents of other servers are to be fetched, and what is made of them (profile
//! 9). A followed group is read from its own server when the follow is accepted, every day, and after this server was
//! off for more than an hour; a conversation when it is opened (FEP-f228); a follower whose inbox is gone, once.
//!
//! What is to be fetched are rows, so that a restart loses nothing. Nothing here fetches: `hearth-federation` does, and
//! hands over what it found.
//!
//! Must never: ask for the same conversation twice within fifteen minutes, or for more than a little of a group.

use crate::{
    ActionError, App, Result, erase,
    received::{
        Evidence, Outcome,
        backfilled::{self, Listed},
    },
};
use chrono::{DateTime, Duration, Utc};
use hearth_activitypub::{
    Document, InboxActivity,
    inbound::{ActivityKind, ActorDocument, Announced, CollectionDocument, First, Item, Received},
};
use hearth_db::{
    DbConn, Time, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        events, follows, hosts, jobs,
        posts::{self, Post},
        repairs::{self, Repair, RepairKind},
    },
};
use hearth_domain::{
    address::host_of,
    id::{ActorId, PostId},
};
use url::Url;

/// The job that reads followed groups again.
pub const READ_AGAIN: &str = "read again";
/// How often it looks whether that is due.
pub const LOOK_AGAIN: Duration = Duration::minutes(10);
/// Who was off for longer reads at once what was missed.
const OFF: Duration = Duration::hours(1);
/// How often a followed group is read.
const DAILY: Duration = Duration::hours(24);
/// How often a conversation is read at most.
const THREAD: Duration = Duration::minutes(15);
/// Conversations that are older are not read again by themselves.
const LIVELY: Duration = Duration::days(14);

/// Items of a group's outbox, in three pages at most; of what it pinned; and of one conversation.
const OUTBOX: i32 = 60;
const FEATURED: i32 = 20;
const CONVERSATION: i32 = 100;
/// An empty page uses up as much of that as if it had held so many.
const PAGE: i32 = 20;
/// Levels of answers that are asked for one by one where a conversation has no list of its own.
const LEVELS: i32 = 2;
/// Things that are no longer listed, of which it is asked whether they are gone.
const UNLISTED: i64 = 20;
/// Followers of one inbox that are asked for.
const FOLLOWERS: i64 = 20;

fn row(actor: ActorId, kind: RepairKind, url: &Url, now: Time) -> Repair {
    let step = match kind {
        RepairKind::Group | RepairKind::Follower => 0,
        RepairKind::Events => 1,
        RepairKind::Outbox => 2,
        RepairKind::Item | RepairKind::Thread => 3,
        RepairKind::Context => 4,
        RepairKind::Replies => 5,
    };
    Repair {
        actor_id: actor,
        url: url.to_string(),
        kind,
        host: host_of(url),
        fallback: None,
        room: 0,
        level: LEVELS,
        step,
        attempts: 0,
        due_at: Some(now),
        asked_at: now,
        last_result: None,
    }
}

/// Has a group that somebody here follows read from its server.
pub(crate) fn of_group(app: &App, tx: &mut Tx<'_>, group: &Actor) -> Result<()> {
    if group.local || group.kind != ActorKind::Group {
        return Ok(());
    }
    Ok(repairs::ask(tx, &row(group.id, RepairKind::Group, group.ap_id.url(), app.now()))?)
}

/// Has every followed group read that was not read for a day; all of them when this server was off for an hour.
///
/// # Errors
/// Database errors.
pub fn read_again(app: &App) -> Result<()> {
    let now = app.clock.now();
    app.db.write(|tx| {
        // The present run has begun, and not finished: this is when the last one did.
        let before = jobs::get(tx, READ_AGAIN)?.and_then(|job| job.last_finished);
        let was_off = before.is_some_and(|at| now - at.utc() >= OFF);
        for id in follows::followed_elsewhere(tx)? {
            let Some(group) = actors::by_id(tx, id)? else { continue };
            let read = repairs::get(tx, group.id, group.ap_id.as_str())?;
            if was_off || read.is_none_or(|read| now - read.asked_at.utc() >= DAILY) {
                of_group(app, tx, &group)?;
            }
        }
        Ok(())
    })
}

/// Somebody opened a conversation: if it began on another server and was not read for a while, it is read. `true` when
/// something is to be fetched.
///
/// # Errors
/// Database errors.
pub fn opened(app: &App, root: PostId) -> Result<bool> {
    let now = app.clock.now();
    let wanted = app.db.read(|c| {
        let Some(post) = posts::by_id(c, root)?.filter(|post| post.is_root() && !post.local) else { return Ok(None) };
        if post.deleted_at.is_some() || actors::by_id(c, post.group_id)?.is_none_or(|group| group.local) {
            return Ok(None);
        }
        let read = repairs::get(c, post.group_id, post.ap_id.as_str())?;
        let lately = read.is_some_and(|row| row.due_at.is_some() || now - row.asked_at.utc() < THREAD);
        let heard = follows::anybody_here_follows(c, post.group_id)?;
        Ok::<_, ActionError>((heard && !lately).then_some(post))
    })?;
    let Some(post) = wanted else { return Ok(false) };
    let thread = row(post.group_id, RepairKind::Thread, post.ap_id.url(), now.into());
    app.db.write(|tx| Ok::<_, ActionError>(repairs::ask(tx, &thread)?))?;
    Ok(true)
}

/// An inbox says that it is gone: whoever follows from there is asked for.
///
/// # Errors
/// Database errors.
pub fn inbox_is_gone(app: &App, tx: &mut Tx<'_>, inbox: &str) -> Result<()> {
    for id in follows::followers_by_inbox(tx, inbox, FOLLOWERS)? {
        let Some(follower) = actors::by_id(tx, id)? else { continue };
        repairs::ask(tx, &row(follower.id, RepairKind::Follower, follower.ap_id.url(), app.now()))?;
    }
    Ok(())
}

/// Whether what is to be fetched still matters, and for whom.
///
/// # Errors
/// Database errors.
pub fn still_wanted(connection: &mut DbConn, repair: &Repair) -> Result<Option<Actor>> {
    let Some(actor) = actors::by_id(connection, repair.actor_id)?.filter(|actor| actor.deleted_at.is_none()) else {
        return Ok(None);
    };
    if hosts::get(connection, &repair.host)?.is_some_and(|host| host.blocked)
        || hosts::get(connection, &actor.host)?.is_some_and(|host| host.blocked)
    {
        return Ok(None);
    }
    let wanted = repair.kind == RepairKind::Follower || follows::anybody_here_follows(connection, actor.id)?;
    Ok(wanted.then_some(actor))
}

/// A group was read: it names where everything is.
///
/// # Errors
/// Database errors.
pub fn group_read(app: &App, repair: &Repair, document: &ActorDocument) -> Result<()> {
    let now = app.now();
    let parts = [
        (RepairKind::Events, &document.upcoming_events, OUTBOX),
        (RepairKind::Outbox, &document.outbox, OUTBOX),
        (RepairKind::Outbox, &document.featured, FEATURED),
        (RepairKind::Outbox, &document.wall, OUTBOX),
    ];
    app.db.write(|tx| {
        for (kind, url, room) in parts {
            let Some(url) = url.as_ref().filter(|url| url.origin() == document.id.origin()) else { continue };
            repairs::ask(tx, &Repair { room, ..row(repair.actor_id, kind, url, now) })?;
        }
        Ok(())
    })
}

/// A thing that a list holds.
pub struct Entry<'a> {
    /// Its id.
    pub id: &'a Url,
    /// It itself, where the list holds it.
    document: Option<&'a Document>,
}

/// What may be taken from a list: what the group relays or makes itself, and what is only listed.
#[must_use]
pub fn entries<'a>(repair: &Repair, group: &Actor, list: &'a CollectionDocument) -> Vec<Entry<'a>> {
    let mut found: Vec<Entry<'a>> = Vec::new();
    for item in page(list) {
        let one = match item {
            Item::Id(id) => Some(Entry { id, document: None }),
            Item::Object(document) => of_document(document),
            Item::Activity(activity) => of_activity(activity, group),
            Item::Unreadable(..) => None,
        };
        let room = usize::try_from(repair.room).unwrap_or(0);
        if let Some(one) = one
            && found.len() < room
            && !found.iter().any(|known| known.id == one.id)
        {
            found.push(one);
        }
    }
    found
}

/// The items of a list, or of its first page where it holds that.
fn page(list: &CollectionDocument) -> &[Item] {
    match &list.first {
        Some(First::Page(page)) if list.items.is_empty() => &page.items,
        _ => &list.items,
    }
}

/// Where the list goes on.
fn next(list: &CollectionDocument) -> Option<&Url> {
    match &list.first {
        _ if !list.items.is_empty() => list.next.as_ref(),
        Some(First::Id(first)) => Some(first),
        Some(First::Page(page)) => page.next.as_ref(),
        None => list.next.as_ref(),
    }
}

fn of_document(document: &Document) -> Option<Entry<'_>> {
    let id = match document {
        Document::Post(post) => &post.id,
        Document::Event(event) => &event.id,
        _ => return None,
    };
    Some(Entry { id, document: Some(document) })
}

fn of_activity<'a>(activity: &'a InboxActivity, group: &Actor) -> Option<Entry<'a>> {
    match &activity.kind {
        ActivityKind::Create { object } | ActivityKind::Update { object } => match object {
            Received::Id(id) => Some(Entry { id, document: None }),
            Received::Document(document) => of_document(document),
        },
        ActivityKind::Announce { objects } if activity.actor == *group.ap_id.url() => match objects.first()? {
            Announced::Id(id) => Some(Entry { id, document: None }),
            Announced::Object(document) => of_document(document),
            Announced::Activity(inner) if !matches!(inner.kind, ActivityKind::Announce { .. }) => {
                of_activity(inner, group)
            }
            Announced::Activity(_) => None,
        },
        _ => None,
    }
}

/// Takes one thing of a list, or one that was fetched by itself. Its conversation is asked for with that.
///
/// # Errors
/// `Needs` what must be fetched first; `NotBelieved`, `Denied`; database errors.
pub fn take(app: &App, repair: &Repair, group: &Actor, entry: &Entry<'_>, evidence: &Evidence) -> Result<Outcome> {
    let lies_there = Url::parse(&repair.url).is_ok_and(|list| list.origin() == entry.id.origin());
    let listed = Listed {
        id: entry.id,
        own_word: entry.document.filter(|_| lies_there),
        updated: entry.document.and_then(|document| match document {
            Document::Post(post) => post.updated,
            Document::Event(event) => event.updated,
            _ => None,
        }),
        answers_only: matches!(repair.kind, RepairKind::Context | RepairKind::Replies),
    };
    let also = |tx: &mut Tx<'_>, document: &Document, outcome| conversation(app, tx, repair, group, document, outcome);
    backfilled::apply(app, group, &listed, evidence, also)
}

/// Takes what was fetched by itself; `gone` when its server says that it is.
///
/// # Errors
/// As [`take`].
pub fn take_fetched(app: &App, repair: &Repair, group: &Actor, evidence: &Evidence) -> Result<Outcome> {
    let id = Url::parse(&repair.url).map_err(|_| ActionError::NotFound)?;
    take(app, repair, group, &Entry { id: &id, document: None }, evidence)
}

/// Asks for the conversation below something that was taken.
fn conversation(
    app: &App,
    tx: &mut Tx<'_>,
    repair: &Repair,
    group: &Actor,
    document: &Document,
    outcome: Outcome,
) -> Result<()> {
    if matches!(outcome, Outcome::Ignored(_)) {
        return Ok(());
    }
    let now = app.clock.now();
    let (id, contexts, replies, published, root) = match document {
        Document::Post(post) => {
            let contexts = [&post.context_history, &post.context];
            (&post.id, contexts, &post.replies, post.published, post.in_reply_to.is_none())
        }
        Document::Event(event) => {
            let contexts = [&event.context_history, &event.context];
            (&event.id, contexts, &event.replies, event.published, true)
        }
        _ => return Ok(()),
    };
    // The answers of somebody are told by their own server; a conversation also by that of its group.
    let own = |url: &Option<Url>| url.clone().filter(|url| url.origin() == id.origin());
    let of_group = |url: &Option<Url>| url.clone().filter(|url| url.origin() == group.ap_id.url().origin());
    let replies = own(replies);
    if !root {
        let below = matches!(repair.kind, RepairKind::Replies | RepairKind::Item) && repair.level > 1;
        let Some(url) = replies.filter(|_| below) else { return Ok(()) };
        let level = repair.level - 1;
        let ask = Repair { room: CONVERSATION, level, ..row(group.id, RepairKind::Replies, &url, now.into()) };
        return Ok(repairs::ask(tx, &ask)?);
    }
    let lively = outcome == Outcome::Done || published.is_none_or(|at| now - at < LIVELY);
    if repair.kind != RepairKind::Thread && !lively {
        return Ok(());
    }
    // What was done tells more than what stands there, and that more than the answers alone (profile 9.2).
    let mut told = contexts.into_iter().filter_map(|context| own(context).or_else(|| of_group(context)));
    let ask = match (told.next(), replies) {
        (Some(context), replies) => {
            let fallback = told.next().or(replies).map(String::from);
            let context = in_full(tx, context)?;
            Repair { fallback, ..row(group.id, RepairKind::Context, &context, now.into()) }
        }
        (None, Some(replies)) => row(group.id, RepairKind::Replies, &replies, now.into()),
        (None, None) => return Ok(()),
    };
    Ok(repairs::ask(tx, &Repair { room: CONVERSATION, ..ask })?)
}

/// Another Hearth gives a conversation in full when it is asked to: one request instead of a hundred.
fn in_full(tx: &mut Tx<'_>, mut context: Url) -> Result<Url> {
    let host = hosts::get(tx, &host_of(&context))?;
    if host.is_some_and(|host| host.software.as_deref() == Some("hearth")) && context.query().is_none() {
        context.set_query(Some("embed=1"));
    }
    Ok(context)
}

/// Asks for something by itself that a list only names, or that is of a third server.
///
/// # Errors
/// Database errors.
pub fn ask_for(app: &App, repair: &Repair, id: &Url) -> Result<()> {
    let level = if repair.kind == RepairKind::Context { 0 } else { repair.level };
    let item = Repair { level, ..row(repair.actor_id, RepairKind::Item, id, app.now()) };
    app.db.write(|tx| Ok(repairs::ask(tx, &item)?))
}

/// A list was read: the page after it is asked for while there is room, and what should stand in it and does not.
///
/// # Errors
/// Database errors.
pub fn list_read(app: &App, repair: &Repair, list: &CollectionDocument, entries: &[Entry<'_>]) -> Result<()> {
    let taken = i32::try_from(entries.len()).unwrap_or(i32::MAX);
    let used = if page(list).is_empty() && list.first.is_some() { 0 } else { taken.max(PAGE) };
    let room = repair.room.saturating_sub(used);
    let own = |url: &&Url| Url::parse(&repair.url).is_ok_and(|here| here.origin() == url.origin() && here != **url);
    app.db.write(|tx| {
        if let Some(url) = next(list).filter(own).filter(|_| room > 0) {
            let now = app.now();
            let more = Repair { room, level: repair.level, ..row(repair.actor_id, repair.kind, url, now) };
            repairs::ask(tx, &more)?;
        }
        match repair.kind {
            RepairKind::Outbox if !page(list).is_empty() => unlisted_posts(app, tx, repair, entries),
            RepairKind::Events if next(list).is_none() => unlisted_meetups(app, tx, repair, entries),
            RepairKind::Context if next(list).is_none() && room > 0 => unlisted_answers(app, tx, repair, entries),
            _ => Ok(()),
        }
    })
}

/// Posts that are as old as what is listed, and are not listed any more: they may be gone where they were written.
fn unlisted_posts(app: &App, tx: &mut Tx<'_>, repair: &Repair, entries: &[Entry<'_>]) -> Result<()> {
    let published = |entry: &Entry<'_>| match entry.document {
        Some(Document::Post(post)) if post.in_reply_to.is_none() => post.published,
        _ => None,
    };
    let times: Vec<DateTime<Utc>> = entries.iter().filter_map(published).collect();
    let (Some(from), Some(to)) = (times.iter().min(), times.iter().max()) else { return Ok(()) };
    let known = posts::roots_elsewhere(tx, repair.actor_id, (*from).into(), (*to).into(), UNLISTED)?;
    let listed = |post: &Post| entries.iter().any(|entry| entry.id == post.ap_id.url());
    for post in known.iter().filter(|post| post.ap_id.host() == repair.host && !listed(post)) {
        repairs::ask(tx, &row(repair.actor_id, RepairKind::Thread, post.ap_id.url(), app.now()))?;
    }
    Ok(())
}

/// The same of the answers in a conversation, which its own server lists whole.
fn unlisted_answers(app: &App, tx: &mut Tx<'_>, repair: &Repair, entries: &[Entry<'_>]) -> Result<()> {
    let Some(first) = entries.first() else { return Ok(()) };
    let Some(root) = posts::by_ap_id(tx, first.id.as_str())?.filter(Post::is_root) else { return Ok(()) };
    let known = posts::replies_elsewhere(tx, root.id, CONVERSATION.into())?;
    let listed = |post: &Post| entries.iter().any(|entry| entry.id == post.ap_id.url());
    let missing = known.iter().filter(|post| post.ap_id.host() == repair.host && !listed(post));
    for post in missing.take(UNLISTED.unsigned_abs().try_into().unwrap_or(usize::MAX)) {
        repairs::ask(tx, &row(repair.actor_id, RepairKind::Thread, post.ap_id.url(), app.now()))?;
    }
    Ok(())
}

fn unlisted_meetups(app: &App, tx: &mut Tx<'_>, repair: &Repair, entries: &[Entry<'_>]) -> Result<()> {
    for event in events::upcoming_elsewhere(tx, repair.actor_id, app.now(), UNLISTED)? {
        if !entries.iter().any(|entry| entry.id == event.ap_id.url()) {
            repairs::ask(tx, &row(repair.actor_id, RepairKind::Thread, event.ap_id.url(), app.now()))?;
        }
    }
    Ok(())
}

/// A follower's own server says that there is nobody of that name (`erased`: any more). Their follows end; nothing of
/// somebody who is gone stays.
///
/// # Errors
/// Database errors.
pub fn follower_gone(app: &App, repair: &Repair, erased: bool) -> Result<()> {
    app.db.write(|tx| match actors::by_id(tx, repair.actor_id)?.filter(|actor| !actor.local) {
        Some(actor) if erased => erase::everything_of(app, tx, &actor),
        Some(actor) => Ok(follows::delete_all_of(tx, actor.id).map(drop)?),
        None => Ok(()),
    })
}

/// What a document came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was had, or never will be.
    Done(&'static str),
    /// It never will be; something else may be had instead.
    Instead(&'static str),
    /// Another attempt, then.
    Again(&'static str, Time),
}

/// Writes down what a document came to.
///
/// # Errors
/// Database errors.
pub fn finish(app: &App, repair: &Repair, end: End) -> Result<()> {
    app.db.write(|tx| {
        let (actor, url) = (repair.actor_id, repair.url.as_str());
        match end {
            End::Again(class, at) => return Ok(repairs::retry_at(tx, actor, url, at, class)?),
            End::Done(class) | End::Instead(class) => repairs::done(tx, actor, url, class)?,
        }
        let instead = repair.fallback.as_deref().and_then(|url| Url::parse(url).ok());
        if let (End::Instead(_), Some(url)) = (end, instead) {
            let replies = row(actor, RepairKind::Replies, &url, app.now());
            repairs::ask(tx, &Repair { room: CONVERSATION, ..replies })?;
        }
        Ok(())
    })
}
