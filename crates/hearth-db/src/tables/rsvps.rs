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
        /// Where in line, for who waits for a place: the smallest is next.
        place_in_line: Option<i64>,
        /// A hash of what somebody elsewhere was last told about where to come.
        told: String,
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

/// Who waits for a place, in the order of the line.
///
/// # Errors
/// Database errors.
pub fn in_line(connection: &mut DbConn, event: EventId) -> Result<Vec<Rsvp>> {
    Ok(rsvps::table
        .filter(rsvps::event_id.eq(event.get()).and(rsvps::answer.eq(Answer::Waiting.as_str())))
        .order((rsvps::place_in_line, rsvps::id))
        .select(Rsvp::as_select())
        .load(connection)?)
}

/// The next place at the end of the line.
///
/// # Errors
/// Database errors.
pub fn end_of_line(connection: &mut DbConn, event: EventId) -> Result<i64> {
    use diesel::dsl::max;
    let last: Option<i64> =
        rsvps::table.filter(rsvps::event_id.eq(event.get())).select(max(rsvps::place_in_line)).first(connection)?;
    Ok(last.unwrap_or(0).saturating_add(1))
}

/// The meetups here that an actor answered.
///
/// # Errors
/// Database errors.
pub fn events_answered_by(connection: &mut DbConn, actor: ActorId) -> Result<Vec<EventId>> {
    let ids: Vec<i64> = rsvps::table
        .filter(rsvps::actor_id.eq(actor.get()))
        .order(rsvps::event_id)
        .select(rsvps::event_id)
        .load(connection)?;
    Ok(ids.into_iter().filter_map(|id| EventId::try_from(id).ok()).collect())
}

/// One answer.
///
/// # Errors
/// Database errors.
pub fn by_id(connection: &mut DbConn, id: RsvpId) -> Result<Option<Rsvp>> {
    Ok(rsvps::table.find(id.get()).select(Rsvp::as_select()).first(connection).optional()?)
}

/// Everybody elsewhere who comes to a meetup here that has not ended and takes place, with who it is.
///
/// # Errors
/// Database errors.
pub fn coming_from_elsewhere(connection: &mut DbConn, now: Time) -> Result<Vec<(Rsvp, Actor)>> {
    use crate::schema::events;
    let here = events::table
        .filter(events::local.eq(true).and(events::deleted_at.is_null()))
        .filter(events::ends_at.gt(now).and(events::status.ne("cancelled")))
        .filter(events::address.ne("").or(events::link.ne("")))
        .select(events::id);
    Ok(rsvps::table
        .inner_join(actors::table.on(actors::id.eq(rsvps::actor_id)))
        .filter(rsvps::answer.eq(Answer::Coming.as_str()).and(actors::local.eq(false)))
        .filter(actors::deleted_at.is_null().and(rsvps::event_id.eq_any(here)))
        .order((rsvps::event_id, rsvps::created_at, rsvps::id))
        .select((Rsvp::as_select(), Actor::as_select()))
        .load(connection)?)
}

/// Everybody elsewhere who comes to one meetup, with who it is; whether it ended or was called off is not asked.
///
/// # Errors
/// Database errors.
pub fn coming_to_from_elsewhere(connection: &mut DbConn, event: EventId) -> Result<Vec<(Rsvp, Actor)>> {
    Ok(rsvps::table
        .inner_join(actors::table.on(actors::id.eq(rsvps::actor_id)))
        .filter(rsvps::event_id.eq(event.get()))
        .filter(rsvps::answer.eq(Answer::Coming.as_str()).and(actors::local.eq(false)))
        .filter(actors::deleted_at.is_null())
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
            rsvps::place_in_line.eq(row.place_in_line),
            rsvps::told.eq(&row.told),
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
