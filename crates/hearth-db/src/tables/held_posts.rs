//! Posts that wait for a person to look. They are no posts yet: nothing that lists, counts, searches or sends posts can
//! find them.

use crate::{
    DbConn, Result, Time, Tx,
    column::Opt,
    schema::{held_posts::dsl, personas},
    tables::{images, posts::Thread},
};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    audience::Visibility,
    care::{Cause, Waiting},
    id::{AccountId, ActorId, EventId, PostId},
    image::ImageState,
};

row! {
    /// A post that waits.
    HeldPost in held_posts {
        /// The id it will have, or (`edits`) of the post whose new words these are.
        id: PostId as i64,
        /// The group.
        group_id: ActorId as i64,
        /// Who wrote it.
        author_id: ActorId as i64,
        /// Whether it is to stand without that name.
        unnamed: bool,
        /// The post its conversation began with.
        root_id: Option<PostId> as Opt<PostId>,
        /// What it answers.
        parent_id: Option<PostId> as Opt<PostId>,
        /// The meetup it is about.
        event_id: Option<EventId> as Opt<EventId>,
        /// Title, of what begins a conversation.
        title: Option<String>,
        /// The text as typed; empty for posts from elsewhere.
        source: String,
        /// The text, sanitised HTML.
        content_html: String,
        /// Its content note.
        content_note: Option<String>,
        /// What its author chose.
        visibility: Visibility as String,
        /// Why it waits.
        cause: Cause as String,
        /// Where it stands.
        state: Waiting as String,
        /// Whether these are new words for a post that is shown.
        edits: bool,
        /// What its author was told when it was declined.
        answer: String,
        /// Its id on the network, of a post from elsewhere.
        ap_id: Option<String>,
        /// The activity as it came, of a post from elsewhere: the group relays it when it is shown.
        activity: Option<String>,
        /// When it was written.
        created_at: Time,
        /// When somebody declined it.
        decided_at: Option<Time>,
    }
}

/// One.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, id: PostId) -> Result<Option<HeldPost>> {
    Ok(dsl::held_posts.find(id.get()).select(HeldPost::as_select()).first(connection).optional()?)
}

/// The one with this id on the network.
///
/// # Errors
/// Database errors.
pub fn by_ap_id(connection: &mut DbConn, ap_id: &str) -> Result<Option<HeldPost>> {
    Ok(dsl::held_posts.filter(dsl::ap_id.eq(ap_id)).select(HeldPost::as_select()).first(connection).optional()?)
}

/// What waits in a group, oldest first.
///
/// # Errors
/// Database errors.
pub fn waiting_in(connection: &mut DbConn, group: ActorId, most: i64) -> Result<Vec<HeldPost>> {
    Ok(dsl::held_posts
        .filter(dsl::group_id.eq(group.get()))
        .filter(dsl::state.eq(Waiting::Waiting.as_str()))
        .order((dsl::created_at, dsl::id))
        .limit(most)
        .select(HeldPost::as_select())
        .load(connection)?)
}

/// What one of these authors has waiting or declined in a group, oldest first.
///
/// # Errors
/// Database errors.
pub fn of_authors(connection: &mut DbConn, group: ActorId, authors: &[ActorId], most: i64) -> Result<Vec<HeldPost>> {
    let authors: Vec<i64> = authors.iter().map(|id| id.get()).collect();
    Ok(dsl::held_posts
        .filter(dsl::group_id.eq(group.get()))
        .filter(dsl::author_id.eq_any(authors))
        .order((dsl::created_at, dsl::id))
        .limit(most)
        .select(HeldPost::as_select())
        .load(connection)?)
}

/// Declines one that waits. `false` when somebody else was quicker.
///
/// # Errors
/// Database errors.
pub fn decline(tx: &mut Tx<'_>, id: PostId, answer: &str, now: Time) -> Result<bool> {
    let waits = dsl::held_posts.find(id.get()).filter(dsl::state.eq(Waiting::Waiting.as_str()));
    let declined = (dsl::state.eq(Waiting::Declined.as_str()), dsl::answer.eq(answer), dsl::decided_at.eq(Some(now)));
    Ok(diesel::update(waits).set(declined).execute(&mut **tx)? > 0)
}

/// Takes one away, with the pictures that wait with it: it is shown, or its author took it back. `false` when it was not
/// there.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: PostId) -> Result<bool> {
    images::delete_of(tx, ImageState::Held, id.get())?;
    Ok(diesel::delete(dsl::held_posts.find(id.get())).execute(&mut **tx)? > 0)
}

/// Takes away what an actor has waiting in a group under its name. What waits without it stays: if it went with its author,
/// whoever looks would know whose it was.
///
/// # Errors
/// Database errors.
pub fn delete_named_of(tx: &mut Tx<'_>, author: ActorId, group: ActorId) -> Result<usize> {
    let named = || {
        let own = dsl::held_posts.filter(dsl::author_id.eq(author.get())).filter(dsl::group_id.eq(group.get()));
        own.filter(dsl::unnamed.eq(false))
    };
    images::delete_with!(tx, ImageState::Held, named().select(dsl::id))?;
    Ok(diesel::delete(named()).execute(&mut **tx)?)
}

/// Takes away all that an actor has waiting: it is erased.
///
/// # Errors
/// Database errors.
pub fn delete_all_of(tx: &mut Tx<'_>, author: ActorId) -> Result<usize> {
    let all = || dsl::held_posts.filter(dsl::author_id.eq(author.get()));
    images::delete_with!(tx, ImageState::Held, all().select(dsl::id))?;
    Ok(diesel::delete(all()).execute(&mut **tx)?)
}

/// How an account speaks in what it has waiting in a conversation: without its name (`true`) or under it.
///
/// # Errors
/// Database errors.
pub fn spoke(connection: &mut DbConn, account: AccountId, thread: Thread) -> Result<Option<bool>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    let (root, event) = thread.numbers();
    Ok(dsl::held_posts
        .filter(dsl::author_id.eq_any(own))
        .filter(dsl::state.eq(Waiting::Waiting.as_str()))
        .filter(dsl::root_id.eq(root).or(dsl::event_id.eq(event)))
        .order(dsl::created_at)
        .select(dsl::unnamed)
        .first(connection)
        .optional()?)
}

/// Takes away all that waits in a group: it is no more.
///
/// # Errors
/// Database errors.
pub fn delete_all_in(tx: &mut Tx<'_>, group: ActorId) -> Result<usize> {
    let all = || dsl::held_posts.filter(dsl::group_id.eq(group.get()));
    images::delete_with!(tx, ImageState::Held, all().select(dsl::id))?;
    Ok(diesel::delete(all()).execute(&mut **tx)?)
}

/// Forgets what was declined before `before`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    let old = || dsl::held_posts.filter(dsl::decided_at.lt(before));
    images::delete_with!(tx, ImageState::Held, old().select(dsl::id))?;
    Ok(diesel::delete(old()).execute(&mut **tx)?)
}
