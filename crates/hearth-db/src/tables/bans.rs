//! Why and until when somebody is kept out of a group. That they are is their membership's state.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{actors, bans},
    tables::actors::Actor,
};
use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::ActorId;

row! {
    /// A ban.
    Ban in bans {
        /// The group.
        group_id: ActorId as i64,
        /// Who is kept out.
        actor_id: ActorId as i64,
        /// Who decided it, by their id on the network.
        by_ap_id: String,
        /// Id of the Block activity.
        ap_id: String,
        /// Why; read by those who look after the group, and never sent.
        reason: String,
        /// Since when.
        banned_at: Time,
        /// Until when; none: until somebody lifts it.
        ends_at: Option<Time>,
    }
}

/// One ban.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, group: ActorId, actor: ActorId) -> Result<Option<Ban>> {
    Ok(bans::table.find((group.get(), actor.get())).select(Ban::as_select()).first(connection).optional()?)
}

/// The bans of a group with those who are kept out, newest first.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId) -> Result<Vec<(Ban, Actor)>> {
    Ok(bans::table
        .inner_join(actors::table.on(actors::id.eq(bans::actor_id)))
        .filter(bans::group_id.eq(group.get()))
        .order((bans::banned_at.desc(), bans::actor_id))
        .select((Ban::as_select(), Actor::as_select()))
        .load(connection)?)
}

/// Bans whose time is over.
///
/// # Errors
/// Database errors.
pub fn ended(connection: &mut DbConn, now: Time) -> Result<Vec<Ban>> {
    Ok(bans::table.filter(bans::ends_at.le(now)).select(Ban::as_select()).load(connection)?)
}

/// Forgets a ban. `false` when there was none.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, group: ActorId, actor: ActorId) -> Result<bool> {
    Ok(diesel::delete(bans::table.find((group.get(), actor.get()))).execute(&mut **tx)? > 0)
}

/// Forgets every ban of a group: it is no more.
///
/// # Errors
/// Database errors.
pub fn delete_all_in(tx: &mut Tx<'_>, group: ActorId) -> Result<usize> {
    Ok(diesel::delete(bans::table.filter(bans::group_id.eq(group.get()))).execute(&mut **tx)?)
}
