//! Quiet words between a member and those who look after a group. They never leave this server.
//!
//! One is with a member, or, through the seal of a post, with whoever wrote it: then no row here says who that is.

use crate::{
    DbConn, Result, Time, Tx,
    column::Opt,
    schema::{quiet_messages, quiet_words},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{ActorId, PostId, QuietMessageId, QuietWordId};

row! {
    /// A quiet word.
    QuietWord in quiet_words {
        /// Id.
        id: QuietWordId as i64,
        /// The group.
        group_id: ActorId as i64,
        /// The member; none through a seal.
        member_id: Option<ActorId> as Opt<ActorId>,
        /// The post whose writer is spoken to.
        post_id: Option<PostId> as Opt<PostId>,
        /// When something was last said.
        changed_at: Time,
    }
}

row! {
    /// Something said in a quiet word.
    QuietMessage in quiet_messages {
        /// Id.
        id: QuietMessageId as i64,
        /// The quiet word.
        quiet_word_id: QuietWordId as i64,
        /// Who of those who look after the group said it; none: the member.
        author_id: Option<ActorId> as Opt<ActorId>,
        /// The words, plain.
        body: String,
        /// When.
        said_at: Time,
    }
}

/// One quiet word.
///
/// # Errors
/// Database errors.
pub fn by_id(connection: &mut DbConn, id: QuietWordId) -> Result<Option<QuietWord>> {
    Ok(quiet_words::table.find(id.get()).select(QuietWord::as_select()).first(connection).optional()?)
}

/// The quiet word with a member of a group.
///
/// # Errors
/// Database errors.
pub fn with_member(connection: &mut DbConn, group: ActorId, member: ActorId) -> Result<Option<QuietWord>> {
    Ok(quiet_words::table
        .filter(quiet_words::group_id.eq(group.get()))
        .filter(quiet_words::member_id.eq(member.get()))
        .select(QuietWord::as_select())
        .first(connection)
        .optional()?)
}

/// The quiet word with whoever wrote a post.
///
/// # Errors
/// Database errors.
pub fn about(connection: &mut DbConn, post: PostId) -> Result<Option<QuietWord>> {
    Ok(quiet_words::table
        .filter(quiet_words::post_id.eq(post.get()))
        .select(QuietWord::as_select())
        .first(connection)
        .optional()?)
}

/// Those of a group, the latest first.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId, most: i64) -> Result<Vec<QuietWord>> {
    Ok(quiet_words::table
        .filter(quiet_words::group_id.eq(group.get()))
        .order((quiet_words::changed_at.desc(), quiet_words::id))
        .limit(most)
        .select(QuietWord::as_select())
        .load(connection)?)
}

/// What was said in one, in its order.
///
/// # Errors
/// Database errors.
pub fn messages(connection: &mut DbConn, word: QuietWordId) -> Result<Vec<QuietMessage>> {
    Ok(quiet_messages::table
        .filter(quiet_messages::quiet_word_id.eq(word.get()))
        .order((quiet_messages::said_at, quiet_messages::id))
        .select(QuietMessage::as_select())
        .load(connection)?)
}

/// Says when something was last said.
///
/// # Errors
/// Database errors.
pub fn touch(tx: &mut Tx<'_>, word: QuietWordId, now: Time) -> Result<()> {
    diesel::update(quiet_words::table.find(word.get())).set(quiet_words::changed_at.eq(now)).execute(&mut **tx)?;
    Ok(())
}

/// Forgets those in which nothing was said since then.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<()> {
    let old = || quiet_words::table.filter(quiet_words::changed_at.lt(before));
    let ids: Vec<i64> = old().select(quiet_words::id).load(&mut **tx)?;
    diesel::delete(quiet_messages::table.filter(quiet_messages::quiet_word_id.eq_any(ids))).execute(&mut **tx)?;
    diesel::delete(old()).execute(&mut **tx)?;
    Ok(())
}

/// Forgets the quiet words of a member, or of all of a group, that is gone.
///
/// # Errors
/// Database errors.
pub fn forget(tx: &mut Tx<'_>, actor: ActorId) -> Result<()> {
    let mut ids: Vec<i64> =
        quiet_words::table.filter(quiet_words::member_id.eq(actor.get())).select(quiet_words::id).load(&mut **tx)?;
    let of_group = quiet_words::table.filter(quiet_words::group_id.eq(actor.get())).select(quiet_words::id);
    ids.extend(of_group.load::<i64>(&mut **tx)?);
    diesel::delete(quiet_messages::table.filter(quiet_messages::quiet_word_id.eq_any(ids.clone())))
        .execute(&mut **tx)?;
    diesel::delete(quiet_words::table.filter(quiet_words::id.eq_any(ids))).execute(&mut **tx)?;
    Ok(())
}
