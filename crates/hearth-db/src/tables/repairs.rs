//! What is still to be fetched from other servers to know what was missed. A row is one document; what is found in it
//! may ask for more. Rows that are done stay for a while: they say when something was last asked for.

use crate::{DbConn, Result, Time, Tx, schema::repairs::dsl, tables::can_be_key};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{id::ActorId, words::UnknownWord};

/// What a document is, to whom asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RepairKind {
    /// A followed group: it names its collections.
    Group,
    /// What the group relayed, or a page of it; also what it pinned and what stands on its wall.
    Outbox,
    /// Its meetups to come, or a page of them.
    Events,
    /// A conversation in order, or a page of it.
    Context,
    /// The answers to one post, or a page of them.
    Replies,
    /// One post, reply or meetup that was only named.
    Item,
    /// The first post of a conversation, or a meetup: it may have changed, and it names its conversation.
    Thread,
    /// Somebody who follows from an inbox that is gone.
    Follower,
}

impl RepairKind {
    const ALL: [Self; 8] = [
        Self::Group,
        Self::Outbox,
        Self::Events,
        Self::Context,
        Self::Replies,
        Self::Item,
        Self::Thread,
        Self::Follower,
    ];

    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Outbox => "outbox",
            Self::Events => "events",
            Self::Context => "context",
            Self::Replies => "replies",
            Self::Item => "item",
            Self::Thread => "thread",
            Self::Follower => "follower",
        }
    }
}
impl TryFrom<String> for RepairKind {
    type Error = UnknownWord;
    fn try_from(word: String) -> std::result::Result<Self, Self::Error> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(UnknownWord { kind: "repair", word })
    }
}

row! {
    /// A document that is to be fetched, or was.
    Repair in repairs {
        /// The group it is about; or the follower.
        actor_id: ActorId as i64,
        /// Where it is.
        url: String,
        /// What it is.
        kind: RepairKind as String,
        /// The server it is on.
        host: String,
        /// What to ask for instead when it can't be had.
        fallback: Option<String>,
        /// How many items may still be taken from it and the pages after it.
        room: i32,
        /// How many levels of answers may still be asked for below it.
        level: i32,
        /// Its turn: a group before what it names, and that before the conversations.
        step: i32,
        /// How often it was asked for in vain.
        attempts: i32,
        /// When it is to be asked for; none when it is done.
        due_at: Option<Time>,
        /// When it was last put here.
        asked_at: Time,
        /// What came of it, as a short word.
        last_result: Option<String>,
    }
}

/// One row.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, actor: ActorId, url: &str) -> Result<Option<Repair>> {
    if !can_be_key(url) {
        return Ok(None);
    }
    Ok(dsl::repairs.find((actor.get(), url)).select(Repair::as_select()).first(connection).optional()?)
}

/// Asks for a document: anew when it was done, and no second time while it waits.
///
/// # Errors
/// Database errors.
pub fn ask(tx: &mut Tx<'_>, row: &Repair) -> Result<()> {
    let Some(known) = get(tx, row.actor_id, &row.url)? else { return row.insert(tx) };
    if known.due_at.is_some() {
        return Ok(());
    }
    diesel::update(dsl::repairs.find((row.actor_id.get(), &row.url)))
        .set((
            dsl::kind.eq(row.kind.as_str()),
            dsl::fallback.eq(&row.fallback),
            dsl::room.eq(row.room),
            dsl::level.eq(row.level),
            dsl::step.eq(row.step),
            dsl::attempts.eq(0),
            dsl::due_at.eq(row.due_at),
            dsl::asked_at.eq(row.asked_at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// What is due, each at its turn.
///
/// # Errors
/// Database errors.
pub fn due(connection: &mut DbConn, now: Time, most: i64) -> Result<Vec<Repair>> {
    Ok(dsl::repairs
        .filter(dsl::due_at.le(now))
        .order((dsl::step, dsl::due_at, dsl::asked_at, dsl::url))
        .limit(most)
        .select(Repair::as_select())
        .load(connection)?)
}

/// How many documents are due.
///
/// # Errors
/// Database errors.
pub fn count_due(connection: &mut DbConn, now: Time) -> Result<i64> {
    Ok(dsl::repairs.filter(dsl::due_at.le(now)).count().get_result(connection)?)
}

/// Writes down that a document was had, or never will be.
///
/// # Errors
/// Database errors.
pub fn done(tx: &mut Tx<'_>, actor: ActorId, url: &str, result: &str) -> Result<()> {
    diesel::update(dsl::repairs.find((actor.get(), url)))
        .set((dsl::due_at.eq(None::<Time>), dsl::last_result.eq(Some(result))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Puts a document back, to be asked for at `due_at`.
///
/// # Errors
/// Database errors.
pub fn retry_at(tx: &mut Tx<'_>, actor: ActorId, url: &str, due_at: Time, result: &str) -> Result<()> {
    diesel::update(dsl::repairs.find((actor.get(), url)))
        .set((dsl::due_at.eq(Some(due_at)), dsl::attempts.eq(dsl::attempts + 1), dsl::last_result.eq(Some(result))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets what was asked for before `before` and is done.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    let done = dsl::repairs.filter(dsl::due_at.is_null()).filter(dsl::asked_at.lt(before));
    Ok(diesel::delete(done).execute(&mut **tx)?)
}

/// As [`crate::tables::deliveries::pull_in`], of what is to be fetched.
///
/// # Errors
/// Database errors.
pub fn pull_in(tx: &mut Tx<'_>, now: Time, latest: Time) -> Result<usize> {
    let far = dsl::repairs.filter(dsl::due_at.gt(latest));
    Ok(diesel::update(far).set(dsl::due_at.eq(Some(now))).execute(&mut **tx)?)
}
