//! Answers to meetups. Only the hosts of the meetup ever see whose they are.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{actors, personas, rsvps},
    tables::actors::Actor,
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};
use hearth_domain::{
    id::{AccountId, ActorId, EventId, RsvpId},
    rsvp::Answer,
};

row! {
    /// One persona's answer to one meetup.
    Rsvp in rsvps {
        /// Id.
        id: RsvpId as i64,
        /// The meetup.
        event_id: EventId as i64,
        /// Who answers.
        actor_id: ActorId as i64,
        /// The answer.
        answer: Answer as String,
        /// A note to the hosts.
        note: String,
        /// Id of the Join activity; empty between a member and a meetup of this server.
        join_ap_id: String,
        /// What the hosts' server said about where to come.
        instructions: String,
        /// When first answered.
        created_at: Time,
        /// When last changed.
        updated_at: Time,
    }
}

/// The answer of one actor.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, event: EventId, actor: ActorId) -> Result<Option<Rsvp>> {
    Ok(rsvps::table
        .filter(rsvps::event_id.eq(event.get()).and(rsvps::actor_id.eq(actor.get())))
        .select(Rsvp::as_select())
        .first(connection)
        .optional()?)
}

/// The answer with this Join.
///
/// # Errors
/// Database errors.
pub fn by_join(connection: &mut DbConn, join_ap_id: &str) -> Result<Option<Rsvp>> {
    Ok(rsvps::table.filter(rsvps::join_ap_id.eq(join_ap_id)).select(Rsvp::as_select()).first(connection).optional()?)
}

/// The answers an account gave to one meetup, through whichever persona.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, event: EventId, account: AccountId) -> Result<Option<Rsvp>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    Ok(rsvps::table
        .filter(rsvps::event_id.eq(event.get()).and(rsvps::actor_id.eq_any(own)))
        .select(Rsvp::as_select())
        .first(connection)
        .optional()?)
}

/// All answers of an account.
///
/// # Errors
/// Database errors.
pub fn all_of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<Rsvp>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    Ok(rsvps::table.filter(rsvps::actor_id.eq_any(own)).select(Rsvp::as_select()).load(connection)?)
}

/// How many are coming.
///
/// # Errors
/// Database errors.
pub fn count_coming(connection: &mut DbConn, event: EventId) -> Result<i64> {
    Ok(rsvps::table
        .filter(rsvps::event_id.eq(event.get()).and(rsvps::answer.eq(Answer::Coming.as_str())))
        .count()
        .get_result(connection)?)
}

/// Everybody who answered, for the hosts, in the order of answering.
///
/// # Errors
/// Database errors.
pub fn with_actors(connection: &mut DbConn, event: EventId) -> Result<Vec<(Rsvp, Actor)>> {
    Ok(rsvps::table
        .inner_join(actors::table.on(actors::id.eq(rsvps::actor_id)))
        .filter(rsvps::event_id.eq(event.get()))
        .order((rsvps::created_at, rsvps::id))
        .select((Rsvp::as_select(), Actor::as_select()))
        .load(connection)?)
}

/// Changes an answer.
///
/// # Errors
/// Database errors.
pub fn update(tx: &mut Tx<'_>, row: &Rsvp) -> Result<()> {
    diesel::update(rsvps::table.find(row.id.get()))
        .set((
            rsvps::answer.eq(row.answer.as_str()),
            rsvps::note.eq(&row.note),
            rsvps::join_ap_id.eq(&row.join_ap_id),
            rsvps::instructions.eq(&row.instructions),
            rsvps::updated_at.eq(row.updated_at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Removes every answer of an actor.
///
/// # Errors
/// Database errors.
pub fn delete_all_of(tx: &mut Tx<'_>, actor: ActorId) -> Result<usize> {
    Ok(diesel::delete(rsvps::table.filter(rsvps::actor_id.eq(actor.get()))).execute(&mut **tx)?)
}

/// Removes every answer of an actor to the meetups of a group.
///
/// # Errors
/// Database errors.
pub fn delete_in_group(tx: &mut Tx<'_>, group: ActorId, actor: ActorId) -> Result<usize> {
    use crate::schema::events;
    let meetups = events::table.filter(events::group_id.eq(group.get())).select(events::id);
    let theirs = rsvps::table.filter(rsvps::actor_id.eq(actor.get())).filter(rsvps::event_id.eq_any(meetups));
    Ok(diesel::delete(theirs).execute(&mut **tx)?)
}

/// Removes an answer.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: RsvpId) -> Result<()> {
    diesel::delete(rsvps::table.find(id.get())).execute(&mut **tx)?;
    Ok(())
}
