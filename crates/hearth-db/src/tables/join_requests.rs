//! Requests of people here to join a group here, with what was asked and answered. Kept for a while after they were
//! decided; read by those who look after the group, and by who asked.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{join_answers, join_requests, personas},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    id::{AccountId, ActorId},
    join_request::Outcome,
};

row! {
    /// A request.
    JoinRequest in join_requests {
        /// The group.
        group_id: ActorId as i64,
        /// Who asked.
        actor_id: ActorId as i64,
        /// What became of it.
        outcome: Outcome as String,
        /// A kind word to somebody who is not let in. May be empty.
        note: String,
        /// When they asked.
        asked_at: Time,
        /// When it was decided.
        decided_at: Option<Time>,
    }
}

row! {
    /// A question of a request.
    JoinAnswer in join_answers {
        /// The group.
        group_id: ActorId as i64,
        /// Who is asked.
        actor_id: ActorId as i64,
        /// Its place, from 0.
        position: i32,
        /// The question.
        question: String,
        /// The answer; none until there is one.
        answer: Option<String>,
    }
}

/// One request.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, group: ActorId, actor: ActorId) -> Result<Option<JoinRequest>> {
    let row = join_requests::table.find((group.get(), actor.get()));
    Ok(row.select(JoinRequest::as_select()).first(connection).optional()?)
}

/// The requests of an account's personas, newest first.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<JoinRequest>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    Ok(join_requests::table
        .filter(join_requests::actor_id.eq_any(own))
        .order((join_requests::asked_at.desc(), join_requests::group_id))
        .select(JoinRequest::as_select())
        .load(connection)?)
}

/// The questions of a request, in their order.
///
/// # Errors
/// Database errors.
pub fn answers(connection: &mut DbConn, group: ActorId, actor: ActorId) -> Result<Vec<JoinAnswer>> {
    Ok(join_answers::table
        .filter(join_answers::group_id.eq(group.get()))
        .filter(join_answers::actor_id.eq(actor.get()))
        .order(join_answers::position)
        .select(JoinAnswer::as_select())
        .load(connection)?)
}

/// Answers a question.
///
/// # Errors
/// Database errors.
pub fn answer(tx: &mut Tx<'_>, group: ActorId, actor: ActorId, position: i32, words: &str) -> Result<()> {
    diesel::update(join_answers::table.find((group.get(), actor.get(), position)))
        .set(join_answers::answer.eq(Some(words)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Writes down what became of a request.
///
/// # Errors
/// Database errors.
pub fn decide(tx: &mut Tx<'_>, group: ActorId, actor: ActorId, outcome: Outcome, note: &str, now: Time) -> Result<()> {
    diesel::update(join_requests::table.find((group.get(), actor.get())))
        .set((
            join_requests::outcome.eq(outcome.as_str()),
            join_requests::note.eq(note),
            join_requests::decided_at.eq(Some(now)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets a request. Returns how many there were.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, group: ActorId, actor: ActorId) -> Result<usize> {
    Ok(diesel::delete(join_requests::table.find((group.get(), actor.get()))).execute(&mut **tx)?)
}

/// Forgets every request of an account's personas to a group.
///
/// # Errors
/// Database errors.
pub fn delete_of_account(tx: &mut Tx<'_>, group: ActorId, account: AccountId) -> Result<usize> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    let rows = join_requests::table
        .filter(join_requests::group_id.eq(group.get()))
        .filter(join_requests::actor_id.eq_any(own));
    Ok(diesel::delete(rows).execute(&mut **tx)?)
}

/// Forgets every request to an actor, or of one.
///
/// # Errors
/// Database errors.
pub fn delete_all_about(tx: &mut Tx<'_>, actor: ActorId) -> Result<usize> {
    let rows = join_requests::table.filter(join_requests::group_id.eq(actor.get()));
    Ok(diesel::delete(rows.or_filter(join_requests::actor_id.eq(actor.get()))).execute(&mut **tx)?)
}

/// Forgets requests that were decided before `before`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    Ok(diesel::delete(join_requests::table.filter(join_requests::decided_at.lt(before))).execute(&mut **tx)?)
}

/// The requests to a group that came to this, newest first.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId, outcome: Outcome) -> Result<Vec<JoinRequest>> {
    Ok(join_requests::table
        .filter(join_requests::group_id.eq(group.get()))
        .filter(join_requests::outcome.eq(outcome.as_str()))
        .order((join_requests::decided_at.desc(), join_requests::actor_id))
        .select(JoinRequest::as_select())
        .load(connection)?)
}

/// Forgets what was asked and answered.
///
/// # Errors
/// Database errors.
pub fn delete_answers(tx: &mut Tx<'_>, group: ActorId, actor: ActorId) -> Result<usize> {
    let rows = join_answers::table
        .filter(join_answers::group_id.eq(group.get()))
        .filter(join_answers::actor_id.eq(actor.get()));
    Ok(diesel::delete(rows).execute(&mut **tx)?)
}
