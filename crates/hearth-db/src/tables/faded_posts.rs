//! What somebody here wrote in conversations that have faded: a copy for nobody but them. These are no posts: nothing that
//! lists, counts, searches or sends posts can find them.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{faded_posts::dsl, personas},
    views::After,
};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{AccountId, ActorId, PostId};

row! {
    /// A post or reply as it was when it faded.
    FadedPost in faded_posts {
        /// The id of the post: nothing but its tombstone has it any more.
        id: PostId as i64,
        /// Who wrote it.
        author_id: ActorId as i64,
        /// What the group was called then.
        group_name: String,
        /// Its title; none for a reply.
        title: Option<String>,
        /// The text as typed.
        source: String,
        /// The text, HTML that is safe to show.
        content_html: String,
        /// Its content note.
        content_note: Option<String>,
        /// When it was published.
        published_at: Time,
    }
}

/// What has faded of an account's own, under all its names, newest first.
///
/// # Errors
/// Database errors.
pub fn of_account(
    connection: &mut DbConn,
    account: AccountId,
    after: Option<After>,
    most: i64,
) -> Result<Vec<FadedPost>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    let mut query = dsl::faded_posts
        .filter(dsl::author_id.eq_any(own))
        .order((dsl::published_at.desc(), dsl::id.desc()))
        .limit(most)
        .select(FadedPost::as_select())
        .into_boxed();
    if let Some(after) = after {
        let same = dsl::published_at.eq(after.time).and(dsl::id.lt(after.id.get()));
        query = query.filter(dsl::published_at.lt(after.time).or(same));
    }
    Ok(query.load(connection)?)
}

/// One of an account's own.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, account: AccountId, id: PostId) -> Result<Option<FadedPost>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    let one = dsl::faded_posts.find(id.get()).filter(dsl::author_id.eq_any(own));
    Ok(one.select(FadedPost::as_select()).first(connection).optional()?)
}

/// Deletes one of an account's own. `false` when there is none.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, account: AccountId, id: PostId) -> Result<bool> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    let one = dsl::faded_posts.find(id.get()).filter(dsl::author_id.eq_any(own));
    Ok(diesel::delete(one).execute(&mut **tx)? > 0)
}

/// Deletes all of an actor: it is erased.
///
/// # Errors
/// Database errors.
pub fn delete_all_of(tx: &mut Tx<'_>, author: ActorId) -> Result<()> {
    diesel::delete(dsl::faded_posts.filter(dsl::author_id.eq(author.get()))).execute(&mut **tx)?;
    Ok(())
}
