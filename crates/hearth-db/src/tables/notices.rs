//! What people are told of in the app. Whether they may still see what it is about is asked when it is read.

use crate::{DbConn, Result, Time, Tx, column::Opt, schema::notices::dsl};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    id::{AccountId, ActorId, EventId, NoticeId, PostId},
    notice::Kind,
};

row! {
    /// A notice.
    Notice in notices {
        /// Id.
        id: NoticeId as i64,
        /// Whose it is.
        account_id: AccountId as i64,
        /// The one persona it is for.
        persona_id: Option<ActorId> as Opt<ActorId>,
        /// What it is about.
        kind: Kind as String,
        /// The group.
        group_id: Option<ActorId> as Opt<ActorId>,
        /// The post or reply.
        post_id: Option<PostId> as Opt<PostId>,
        /// The meetup.
        event_id: Option<EventId> as Opt<EventId>,
        /// Whom it is about, or who did it.
        about_id: Option<ActorId> as Opt<ActorId>,
        /// What a facilitator wrote to the reader. Never a post's text.
        words: String,
        /// What is told once only, however often a job runs.
        once: Option<String>,
        /// When.
        created_at: Time,
        /// When the reader said that it is seen.
        seen_at: Option<Time>,
    }
}

/// The newest of an account.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId, most: i64) -> Result<Vec<Notice>> {
    Ok(dsl::notices
        .filter(dsl::account_id.eq(account.get()))
        .order((dsl::created_at.desc(), dsl::id))
        .limit(most)
        .select(Notice::as_select())
        .load(connection)?)
}

/// The newest of an account that are not seen.
///
/// # Errors
/// Database errors.
pub fn unseen(connection: &mut DbConn, account: AccountId, most: i64) -> Result<Vec<Notice>> {
    Ok(dsl::notices
        .filter(dsl::account_id.eq(account.get()))
        .filter(dsl::seen_at.is_null())
        .order((dsl::created_at.desc(), dsl::id))
        .limit(most)
        .select(Notice::as_select())
        .load(connection)?)
}

/// Whether this was told already.
///
/// # Errors
/// Database errors.
pub fn was_told(connection: &mut DbConn, once: &str) -> Result<bool> {
    use diesel::dsl::{exists, select};
    Ok(select(exists(dsl::notices.filter(dsl::once.eq(once)))).get_result(connection)?)
}

/// Whether an account has not seen yet what it was told of this kind about a post.
///
/// # Errors
/// Database errors.
pub fn is_unseen(connection: &mut DbConn, account: AccountId, kind: Kind, post: PostId) -> Result<bool> {
    use diesel::dsl::{exists, select};
    let told = dsl::notices.filter(dsl::account_id.eq(account.get())).filter(dsl::seen_at.is_null());
    let about = told.filter(dsl::kind.eq(kind.as_str())).filter(dsl::post_id.eq(post.get()));
    Ok(select(exists(about)).get_result(connection)?)
}

/// Everything of an account that came until then is seen.
///
/// # Errors
/// Database errors.
pub fn mark_seen(tx: &mut Tx<'_>, account: AccountId, until: Time, now: Time) -> Result<usize> {
    let unseen = dsl::notices.filter(dsl::account_id.eq(account.get())).filter(dsl::seen_at.is_null());
    Ok(diesel::update(unseen.filter(dsl::created_at.le(until))).set(dsl::seen_at.eq(Some(now))).execute(&mut **tx)?)
}

/// Forgets what a persona was told: it is erased.
///
/// # Errors
/// Database errors.
pub fn delete_all_of(tx: &mut Tx<'_>, persona: ActorId) -> Result<usize> {
    Ok(diesel::delete(dsl::notices.filter(dsl::persona_id.eq(persona.get()))).execute(&mut **tx)?)
}

/// Forgets what came before `before`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    Ok(diesel::delete(dsl::notices.filter(dsl::created_at.lt(before))).execute(&mut **tx)?)
}
