//! Conversations: lists of them, one of them, and how many answers each has.

use super::{
    After, Authored,
    visible::{Reader, visible, wanted},
};
use crate::{
    DbConn, Result, Time,
    schema::{actors, post_marks, posts, topics},
    tables::{actors::Actor, posts::Post, topics::Topic},
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper, dsl::exists,
};
use hearth_domain::id::{ActorId, EventId, PostId, TopicId};
use std::collections::HashMap;

fn authored((post, author): (Post, Actor)) -> Authored {
    Authored { post, author }
}

/// Conversations in these groups that the reader may see, newest first.
///
/// # Errors
/// Database errors.
pub fn roots(
    connection: &mut DbConn,
    reader: &Reader,
    groups: &[ActorId],
    after: Option<After>,
    most: i64,
) -> Result<Vec<Authored>> {
    // Group by group: each is in order in its index, and only its newest are read. For several at once the database
    // would sort all that was ever written in them.
    let mut found = Vec::new();
    for group in groups {
        found.extend(roots_of(connection, reader, *group, None, after, most)?);
    }
    found.sort_by_key(|row| std::cmp::Reverse((row.post.published_at, row.post.id)));
    found.truncate(usize::try_from(most).unwrap_or_default());
    Ok(found)
}

/// The same for the conversations of one group about a topic of its list.
///
/// # Errors
/// Database errors.
pub fn roots_about(
    connection: &mut DbConn,
    reader: &Reader,
    group: ActorId,
    topic: TopicId,
    after: Option<After>,
    most: i64,
) -> Result<Vec<Authored>> {
    roots_of(connection, reader, group, Some(topic), after, most)
}

/// The topics of a group that the reader can find a conversation about, in the order of its list.
///
/// # Errors
/// Database errors.
pub fn topics_in_use(connection: &mut DbConn, reader: &Reader, group: ActorId) -> Result<Vec<Topic>> {
    // Asked topic by topic inside, each search ends with the first that is found: all marks of a large group would take
    // long to read.
    let found = post_marks::table
        .inner_join(posts::table.on(posts::id.eq(post_marks::belongs_to)))
        .filter(post_marks::topic_id.eq(topics::id))
        .filter(posts::group_id.eq(group.get()))
        .filter(posts::root_id.is_null().and(posts::event_id.is_null()).and(posts::deleted_at.is_null()))
        .filter(visible!(posts, reader))
        .filter(wanted!(reader));
    Ok(topics::table
        .filter(topics::group_id.eq(group.get()))
        .filter(topics::listed.eq(true))
        .filter(exists(found))
        .order((topics::place, topics::id))
        .select(Topic::as_select())
        .load(connection)?)
}

fn roots_of(
    connection: &mut DbConn,
    reader: &Reader,
    group: ActorId,
    topic: Option<TopicId>,
    after: Option<After>,
    most: i64,
) -> Result<Vec<Authored>> {
    let mut query = posts::table
        .inner_join(actors::table.on(actors::id.eq(posts::author_id)))
        .filter(posts::group_id.eq(group.get()))
        .filter(posts::root_id.is_null().and(posts::event_id.is_null()).and(posts::deleted_at.is_null()))
        .filter(visible!(posts, reader))
        .filter(wanted!(reader))
        .order((posts::published_at.desc(), posts::id.desc()))
        .limit(most)
        .select((Post::as_select(), Actor::as_select()))
        .into_boxed();
    if let Some(topic) = topic {
        let marked = post_marks::table.filter(post_marks::topic_id.eq(topic.get())).select(post_marks::belongs_to);
        query = query.filter(posts::id.eq_any(marked));
    }
    if let Some(after) = after {
        query = query.filter(
            posts::published_at.lt(after.time).or(posts::published_at.eq(after.time).and(posts::id.lt(after.id.get()))),
        );
    }
    Ok(query.load::<(Post, Actor)>(connection)?.into_iter().map(authored).collect())
}

/// The words of a post or reply, and its place in the group.
#[derive(Debug)]
pub struct Searched {
    /// When it was published, and its id.
    pub at: After,
    /// Its title, of a post.
    pub title: Option<String>,
    /// What it is about.
    pub content_note: Option<String>,
    /// The text as typed; empty for what came from elsewhere.
    pub source: String,
    /// The text.
    pub content_html: String,
}

/// Posts and replies in a group that the reader may see, newest first, for a search through their words.
///
/// # Errors
/// Database errors.
pub fn searched(
    connection: &mut DbConn,
    reader: &Reader,
    group: ActorId,
    after: Option<After>,
    most: i64,
) -> Result<Vec<Searched>> {
    type Row = (i64, Time, Option<String>, Option<String>, String, String);
    let mut query = posts::table
        .filter(posts::group_id.eq(group.get()))
        .filter(posts::deleted_at.is_null())
        .filter(visible!(posts, reader))
        .filter(wanted!(reader))
        .order((posts::published_at.desc(), posts::id.desc()))
        .limit(most)
        .select((posts::id, posts::published_at, posts::title, posts::content_note, posts::source, posts::content_html))
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(
            posts::published_at.lt(after.time).or(posts::published_at.eq(after.time).and(posts::id.lt(after.id.get()))),
        );
    }
    let read = |(id, time, title, content_note, source, content_html): Row| {
        let at = After { time, id: PostId::try_from(id).ok()? };
        Some(Searched { at, title, content_note, source, content_html })
    };
    Ok(query.load::<Row>(connection)?.into_iter().filter_map(read).collect())
}

/// These posts with their authors, newest first. The caller has found them for a reader who may see them.
///
/// # Errors
/// Database errors.
pub fn these(connection: &mut DbConn, ids: &[PostId]) -> Result<Vec<Authored>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    let query = posts::table
        .inner_join(actors::table.on(actors::id.eq(posts::author_id)))
        .filter(posts::id.eq_any(ids))
        .order((posts::published_at.desc(), posts::id.desc()))
        .select((Post::as_select(), Actor::as_select()));
    Ok(query.load::<(Post, Actor)>(connection)?.into_iter().map(authored).collect())
}

/// Everything said below a post, oldest first, removed replies too. The caller has checked that the root is visible.
///
/// # Errors
/// Database errors.
pub fn replies(connection: &mut DbConn, reader: &Reader, root: PostId, most: i64) -> Result<Vec<Authored>> {
    said(connection, reader, Below::Post(root), most)
}

/// Everything said about a meetup, oldest first.
///
/// # Errors
/// Database errors.
pub fn about_event(connection: &mut DbConn, reader: &Reader, event: EventId, most: i64) -> Result<Vec<Authored>> {
    said(connection, reader, Below::Event(event), most)
}

/// What a conversation hangs on.
enum Below {
    Post(PostId),
    Event(EventId),
}

fn said(connection: &mut DbConn, reader: &Reader, below: Below, most: i64) -> Result<Vec<Authored>> {
    let query = posts::table
        .inner_join(actors::table.on(actors::id.eq(posts::author_id)))
        .filter(visible!(posts, reader))
        .filter(wanted!(reader))
        .order((posts::published_at, posts::id))
        .limit(most)
        .select((Post::as_select(), Actor::as_select()))
        .into_boxed();
    let query = match below {
        Below::Post(root) => query.filter(posts::root_id.eq(root.get())),
        Below::Event(event) => query.filter(posts::event_id.eq(event.get())),
    };
    Ok(query.load::<(Post, Actor)>(connection)?.into_iter().map(authored).collect())
}

/// How many answers the reader may see below each of these posts.
///
/// # Errors
/// Database errors.
pub fn reply_counts(connection: &mut DbConn, reader: &Reader, roots: &[PostId]) -> Result<HashMap<PostId, i64>> {
    let roots: Vec<i64> = roots.iter().map(|id| id.get()).collect();
    let rows: Vec<(Option<i64>, i64)> = posts::table
        .filter(posts::root_id.eq_any(roots))
        .filter(posts::deleted_at.is_null())
        .filter(visible!(posts, reader))
        .filter(wanted!(reader))
        .group_by(posts::root_id)
        .select((posts::root_id, diesel::dsl::count_star()))
        .load(connection)?;
    Ok(rows.into_iter().filter_map(|(id, count)| Some((PostId::try_from(id?).ok()?, count))).collect())
}
