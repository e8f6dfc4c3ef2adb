//! Posts and replies, here and from elsewhere.

use crate::{DbConn, Result, Time, Tx, column::Opt, schema::posts::dsl, tables::images};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    address::ApId,
    audience::Visibility,
    id::{AccountId, ActorId, EventId, PostId},
    image::ImageState,
};

row! {
    /// A post (no parent, no meetup) or a reply.
    Post in posts {
        /// Id.
        id: PostId as i64,
        /// Its id on the network.
        ap_id: ApId as String,
        /// Whether it was written here.
        local: bool,
        /// The group it stands in.
        group_id: ActorId as i64,
        /// Who wrote it.
        author_id: ActorId as i64,
        /// The post the conversation began with; none for that post itself and under a meetup.
        root_id: Option<PostId> as Opt<PostId>,
        /// What it answers; none for a root and for a first reply to a meetup.
        parent_id: Option<PostId> as Opt<PostId>,
        /// The meetup the conversation is about.
        event_id: Option<EventId> as Opt<EventId>,
        /// Title, of a root.
        title: Option<String>,
        /// The text as typed, Markdown; empty for posts from elsewhere.
        source: String,
        /// The text, sanitised HTML.
        content_html: String,
        /// What it is about, for people who would rather not read it unprepared.
        content_note: Option<String>,
        /// What its author chose.
        visibility: Visibility as String,
        /// Its page, where it was written.
        url: String,
        /// When it was published, by its author's server; never later than when it came here.
        published_at: Time,
        /// When its author last changed it.
        edited_at: Option<Time>,
        /// When it was removed; the text is gone with that.
        deleted_at: Option<Time>,
        /// When it came here.
        created_at: Time,
    }
}

impl Post {
    /// Whether it begins a conversation.
    #[must_use]
    pub const fn is_root(&self) -> bool {
        self.root_id.is_none() && self.event_id.is_none()
    }

    /// The conversation it is in.
    #[must_use]
    pub fn thread(&self) -> Thread {
        match (self.root_id, self.event_id) {
            (_, Some(event)) => Thread::Event(event),
            (root, None) => Thread::Post(root.unwrap_or(self.id)),
        }
    }
}

/// A conversation: everything below a post, or about a meetup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thread {
    /// It began with this post.
    Post(PostId),
    /// It is about this meetup.
    Event(EventId),
}

impl Thread {
    /// The numbers to look for, as root and as meetup; no id is negative.
    pub(crate) fn numbers(self) -> (i64, i64) {
        match self {
            Self::Post(root) => (root.get(), -1),
            Self::Event(event) => (-1, event.get()),
        }
    }
}

/// A filter on posts: those of a conversation, its first post too.
macro_rules! in_thread {
    ($thread:expr) => {{
        use diesel::BoolExpressionMethods as _;
        let (root, event) = $thread.numbers();
        crate::schema::posts::id
            .eq(root)
            .or(crate::schema::posts::root_id.eq(root))
            .or(crate::schema::posts::event_id.eq(event))
    }};
}
pub(crate) use in_thread;

/// Everything in a conversation, its first post too and what was removed.
///
/// # Errors
/// Database errors.
pub fn of_thread(connection: &mut DbConn, thread: Thread) -> Result<Vec<Post>> {
    Ok(dsl::posts.filter(in_thread!(thread)).order(dsl::id).select(Post::as_select()).load(connection)?)
}

/// Whether an account has spoken in a conversation under a name of its own.
///
/// # Errors
/// Database errors.
pub fn spoke(connection: &mut DbConn, account: AccountId, thread: Thread) -> Result<bool> {
    use crate::schema::personas;
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    let mine = dsl::posts.filter(dsl::author_id.eq_any(own)).filter(in_thread!(thread));
    Ok(diesel::dsl::select(diesel::dsl::exists(mine)).get_result(connection)?)
}

/// One post, removed ones too.
///
/// # Errors
/// Database errors.
pub fn by_id(connection: &mut DbConn, id: PostId) -> Result<Option<Post>> {
    Ok(dsl::posts.find(id.get()).select(Post::as_select()).first(connection).optional()?)
}

/// The post with this id on the network, removed ones too.
///
/// # Errors
/// Database errors.
pub fn by_ap_id(connection: &mut DbConn, ap_id: &str) -> Result<Option<Post>> {
    Ok(dsl::posts.filter(dsl::ap_id.eq(ap_id)).select(Post::as_select()).first(connection).optional()?)
}

/// The posts with two ids on the network, as [`by_ap_id`], at once.
///
/// # Errors
/// Database errors.
pub fn by_two_ap_ids(connection: &mut DbConn, one: &str, other: &str) -> Result<(Option<Post>, Option<Post>)> {
    let both = dsl::posts.filter(dsl::ap_id.eq(one).or(dsl::ap_id.eq(other)));
    let found: Vec<Post> = both.select(Post::as_select()).load(connection)?;
    let of = |id: &str| found.iter().find(|post| post.ap_id.as_str() == id).cloned();
    Ok((of(one), of(other)))
}

/// The persona, still in use, by which an account has written in a group before.
///
/// # Errors
/// Database errors.
pub fn persona_in(connection: &mut DbConn, group: ActorId, account: AccountId) -> Result<Option<ActorId>> {
    use crate::schema::personas;
    let own = personas::table
        .filter(personas::account_id.eq(account.get()))
        .filter(personas::retired_at.is_null())
        .select(personas::actor_id);
    let row = dsl::posts
        .filter(dsl::group_id.eq(group.get()))
        .filter(dsl::author_id.eq_any(own))
        .select(Post::as_select())
        .first(connection)
        .optional()?;
    Ok(row.map(|post| post.author_id))
}

/// Changes the words of a post.
///
/// # Errors
/// Database errors.
pub fn edit(tx: &mut Tx<'_>, row: &Post) -> Result<()> {
    diesel::update(dsl::posts.find(row.id.get()))
        .set((
            dsl::title.eq(&row.title),
            dsl::source.eq(&row.source),
            dsl::content_html.eq(&row.content_html),
            dsl::content_note.eq(&row.content_note),
            dsl::edited_at.eq(row.edited_at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Removes a post: the row stays as a tombstone, the words and pictures go.
///
/// # Errors
/// Database errors.
pub fn bury(tx: &mut Tx<'_>, id: PostId, now: Time) -> Result<()> {
    use crate::schema::post_versions as versions;
    diesel::delete(versions::table.filter(versions::post_id.eq(id.get()))).execute(&mut **tx)?;
    images::delete_of(tx, ImageState::Shown, id.get())?;
    diesel::update(dsl::posts.find(id.get()))
        .set((
            dsl::title.eq(None::<&str>),
            dsl::source.eq(""),
            dsl::content_html.eq(""),
            dsl::content_note.eq(None::<&str>),
            dsl::deleted_at.eq(Some(now)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Brings a removed post back with these words, and with the pictures that were withheld with it.
///
/// # Errors
/// Database errors.
pub fn unbury(tx: &mut Tx<'_>, row: &Post) -> Result<()> {
    diesel::update(dsl::posts.find(row.id.get())).set(dsl::deleted_at.eq(None::<Time>)).execute(&mut **tx)?;
    images::change_state(tx, row.id.get(), ImageState::Withheld, ImageState::Shown)?;
    edit(tx, row)
}

/// What an actor wrote in a group, or anywhere, and is still there; newest first.
///
/// # Errors
/// Database errors.
pub fn of_author(connection: &mut DbConn, author: ActorId, group: Option<ActorId>, most: i64) -> Result<Vec<Post>> {
    let query = dsl::posts
        .filter(dsl::author_id.eq(author.get()))
        .filter(dsl::deleted_at.is_null())
        .order((dsl::published_at.desc(), dsl::id))
        .limit(most)
        .select(Post::as_select())
        .into_boxed();
    let query = match group {
        Some(group) => query.filter(dsl::group_id.eq(group.get())),
        None => query,
    };
    Ok(query.load(connection)?)
}

/// Removes everything an actor wrote, as [`bury`] does.
///
/// # Errors
/// Database errors.
pub fn bury_all_of(tx: &mut Tx<'_>, author: ActorId, now: Time) -> Result<usize> {
    use crate::schema::post_versions as versions;
    let theirs = || dsl::posts.filter(dsl::author_id.eq(author.get())).select(dsl::id);
    diesel::delete(versions::table.filter(versions::post_id.eq_any(theirs()))).execute(&mut **tx)?;
    images::delete_with!(tx, ImageState::Shown, theirs())?;
    let left = dsl::posts.filter(dsl::author_id.eq(author.get())).filter(dsl::deleted_at.is_null());
    Ok(diesel::update(left)
        .set((
            dsl::title.eq(None::<&str>),
            dsl::source.eq(""),
            dsl::content_html.eq(""),
            dsl::content_note.eq(None::<&str>),
            dsl::deleted_at.eq(Some(now)),
        ))
        .execute(&mut **tx)?)
}

/// Removes everything written in a group, as [`bury`] does.
///
/// # Errors
/// Database errors.
pub fn bury_all_in(tx: &mut Tx<'_>, group: ActorId, now: Time) -> Result<usize> {
    use crate::schema::post_versions as versions;
    let theirs = || dsl::posts.filter(dsl::group_id.eq(group.get())).select(dsl::id);
    diesel::delete(versions::table.filter(versions::post_id.eq_any(theirs()))).execute(&mut **tx)?;
    images::delete_with!(tx, ImageState::Shown, theirs())?;
    let left = dsl::posts.filter(dsl::group_id.eq(group.get())).filter(dsl::deleted_at.is_null());
    Ok(diesel::update(left)
        .set((
            dsl::title.eq(None::<&str>),
            dsl::source.eq(""),
            dsl::content_html.eq(""),
            dsl::content_note.eq(None::<&str>),
            dsl::deleted_at.eq(Some(now)),
        ))
        .execute(&mut **tx)?)
}

/// How many posts written here are public, and how many of them are replies.
///
/// # Errors
/// Database errors.
pub fn count_local_public(connection: &mut DbConn) -> Result<(i64, i64)> {
    let public = || {
        dsl::posts
            .filter(dsl::local.eq(true))
            .filter(dsl::deleted_at.is_null())
            .filter(dsl::visibility.eq(Visibility::Public.as_str()))
    };
    let all: i64 = public().count().get_result(connection)?;
    let roots: i64 = public().filter(dsl::title.is_not_null()).count().get_result(connection)?;
    Ok((roots, all - roots))
}

/// Posts of a group that were removed since then, and of those that were written or edited the latest; oldest first. For
/// a server that was away: the caller asks the audience function which of them are for it.
///
/// # Errors
/// Database errors.
pub fn changed_since(connection: &mut DbConn, group: ActorId, since: Time, most: i64) -> Result<Vec<Post>> {
    use diesel::{BoolExpressionMethods, NullableExpressionMethods};
    let of_group = || dsl::posts.filter(dsl::group_id.eq(group.get()));
    let mut found: Vec<Post> = of_group()
        .filter(dsl::deleted_at.is_null())
        .filter(dsl::created_at.nullable().ge(since).or(dsl::edited_at.ge(since)))
        .order(dsl::created_at.desc())
        .limit(most)
        .select(Post::as_select())
        .load(connection)?;
    found.reverse();
    let removed = of_group().filter(dsl::deleted_at.ge(since)).order(dsl::id);
    found.extend(removed.select(Post::as_select()).load(connection)?);
    Ok(found)
}

/// Conversations of a group that began elsewhere, are still there as far as is known here, and are as old as this; the
/// latest first.
///
/// # Errors
/// Database errors.
pub fn roots_elsewhere(connection: &mut DbConn, group: ActorId, from: Time, to: Time, most: i64) -> Result<Vec<Post>> {
    Ok(dsl::posts
        .filter(dsl::group_id.eq(group.get()))
        .filter(dsl::local.eq(false))
        .filter(dsl::root_id.is_null())
        .filter(dsl::event_id.is_null())
        .filter(dsl::deleted_at.is_null())
        .filter(dsl::published_at.between(from, to))
        .order(dsl::published_at.desc())
        .limit(most)
        .select(Post::as_select())
        .load(connection)?)
}

/// What was written elsewhere in a conversation and is still there as far as is known here.
///
/// # Errors
/// Database errors.
pub fn replies_elsewhere(connection: &mut DbConn, root: PostId, most: i64) -> Result<Vec<Post>> {
    Ok(dsl::posts
        .filter(dsl::root_id.eq(root.get()))
        .filter(dsl::local.eq(false))
        .filter(dsl::deleted_at.is_null())
        .order(dsl::published_at.desc())
        .limit(most)
        .select(Post::as_select())
        .load(connection)?)
}

/// Whether anything was said about a meetup.
///
/// # Errors
/// Database errors.
pub fn any_about(connection: &mut DbConn, event: EventId) -> Result<bool> {
    use diesel::dsl::{exists, select};
    Ok(select(exists(dsl::posts.filter(dsl::event_id.eq(event.get())))).get_result(connection)?)
}

/// How many of an author's posts and replies a group shows, counted no further than `most`.
///
/// # Errors
/// Database errors.
pub fn count_shown(connection: &mut DbConn, group: ActorId, author: ActorId, most: i64) -> Result<usize> {
    let shown: Vec<i64> = dsl::posts
        .filter(dsl::author_id.eq(author.get()))
        .filter(dsl::group_id.eq(group.get()))
        .filter(dsl::deleted_at.is_null())
        .select(dsl::id)
        .limit(most)
        .load(connection)?;
    Ok(shown.len())
}

/// How many posts and replies an account wrote since then, through whichever persona.
///
/// # Errors
/// Database errors.
pub fn count_of_account(connection: &mut DbConn, account: AccountId, since: Time) -> Result<i64> {
    use crate::schema::personas;
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    let written = dsl::posts.filter(dsl::author_id.eq_any(own)).filter(dsl::created_at.ge(since));
    Ok(written.count().get_result(connection)?)
}

/// Puts another author in the place of one, for everything they wrote in a group. Returns how much that was.
///
/// # Errors
/// Database errors.
pub fn hand_over(tx: &mut Tx<'_>, group: ActorId, from: ActorId, to: ActorId) -> Result<usize> {
    let written = dsl::posts.filter(dsl::group_id.eq(group.get())).filter(dsl::author_id.eq(from.get()));
    Ok(diesel::update(written).set(dsl::author_id.eq(to.get())).execute(&mut **tx)?)
}
