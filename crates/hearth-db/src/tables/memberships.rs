//! Memberships. Leaving deletes the row.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{actors, memberships, personas},
    tables::actors::Actor,
};
use diesel::{ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    id::{AccountId, ActorId},
    membership::{Role, State},
};

row! {
    /// What a persona is to a group.
    Membership in memberships {
        /// The group.
        group_id: ActorId as i64,
        /// The persona, or a person elsewhere.
        actor_id: ActorId as i64,
        /// Its part.
        role: Role as String,
        /// Waiting or active.
        state: State as String,
        /// Since when.
        since: Time,
    }
}

/// One membership.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, group: ActorId, actor: ActorId) -> Result<Option<Membership>> {
    Ok(memberships::table
        .find((group.get(), actor.get()))
        .select(Membership::as_select())
        .first(connection)
        .optional()?)
}

/// The membership an account has in a group, through whichever persona.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, group: ActorId, account: AccountId) -> Result<Option<Membership>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    Ok(memberships::table
        .filter(memberships::group_id.eq(group.get()))
        .filter(memberships::actor_id.eq_any(own))
        .select(Membership::as_select())
        .first(connection)
        .optional()?)
}

/// All memberships of an account.
///
/// # Errors
/// Database errors.
pub fn all_of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<Membership>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    Ok(memberships::table.filter(memberships::actor_id.eq_any(own)).select(Membership::as_select()).load(connection)?)
}

/// All memberships of one actor.
///
/// # Errors
/// Database errors.
pub fn of_actor(connection: &mut DbConn, actor: ActorId) -> Result<Vec<Membership>> {
    Ok(memberships::table
        .filter(memberships::actor_id.eq(actor.get()))
        .select(Membership::as_select())
        .load(connection)?)
}

/// Members of a group with at least one of these roles, longest first.
///
/// # Errors
/// Database errors.
pub fn with_roles(connection: &mut DbConn, group: ActorId, roles: &[Role]) -> Result<Vec<(Membership, Actor)>> {
    let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    Ok(memberships::table
        .inner_join(actors::table.on(actors::id.eq(memberships::actor_id)))
        .filter(memberships::group_id.eq(group.get()))
        .filter(memberships::state.eq(State::Active.as_str()))
        .filter(memberships::role.eq_any(roles))
        .order((memberships::since, memberships::actor_id))
        .select((Membership::as_select(), Actor::as_select()))
        .load(connection)?)
}

/// How many active members a group has.
///
/// # Errors
/// Database errors.
pub fn count(connection: &mut DbConn, group: ActorId) -> Result<i64> {
    Ok(memberships::table
        .filter(memberships::group_id.eq(group.get()))
        .filter(memberships::state.eq(State::Active.as_str()))
        .count()
        .get_result(connection)?)
}

/// Writes a membership over what was there.
///
/// # Errors
/// Database errors.
pub fn put(tx: &mut Tx<'_>, row: &Membership) -> Result<()> {
    delete(tx, row.group_id, row.actor_id)?;
    row.insert(tx)
}

/// Sets where a membership stands, from now on.
///
/// # Errors
/// Database errors.
pub fn set_state(tx: &mut Tx<'_>, group: ActorId, actor: ActorId, state: State, now: Time) -> Result<()> {
    diesel::update(memberships::table.find((group.get(), actor.get())))
        .set((memberships::state.eq(state.as_str()), memberships::since.eq(now)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Who asked to be a member and waits, longest first.
///
/// # Errors
/// Database errors.
pub fn waiting(connection: &mut DbConn, group: ActorId) -> Result<Vec<(Membership, Actor)>> {
    Ok(memberships::table
        .inner_join(actors::table.on(actors::id.eq(memberships::actor_id)))
        .filter(memberships::group_id.eq(group.get()))
        .filter(memberships::state.eq(State::Waiting.as_str()))
        .filter(actors::deleted_at.is_null())
        .order((memberships::since, memberships::actor_id))
        .select((Membership::as_select(), Actor::as_select()))
        .load(connection)?)
}

/// The active members of a group that live on other servers.
///
/// # Errors
/// Database errors.
pub fn elsewhere(connection: &mut DbConn, group: ActorId) -> Result<Vec<(Membership, Actor)>> {
    Ok(memberships::table
        .inner_join(actors::table.on(actors::id.eq(memberships::actor_id)))
        .filter(memberships::group_id.eq(group.get()))
        .filter(memberships::state.eq(State::Active.as_str()))
        .filter(actors::local.eq(false))
        .filter(actors::deleted_at.is_null())
        .order((actors::host, memberships::actor_id))
        .select((Membership::as_select(), Actor::as_select()))
        .load(connection)?)
}

/// The active members of a group that live on this host, here or elsewhere.
///
/// # Errors
/// Database errors.
pub fn on_host(connection: &mut DbConn, group: ActorId, host: &str) -> Result<Vec<Actor>> {
    Ok(memberships::table
        .inner_join(actors::table.on(actors::id.eq(memberships::actor_id)))
        .filter(memberships::group_id.eq(group.get()))
        .filter(memberships::state.eq(State::Active.as_str()))
        .filter(actors::host.eq(host))
        .filter(actors::deleted_at.is_null())
        .order(actors::id)
        .select(Actor::as_select())
        .load(connection)?)
}

/// Whether somebody here is a member of a group elsewhere.
///
/// # Errors
/// Database errors.
pub fn anybody_here(connection: &mut DbConn, group: ActorId) -> Result<bool> {
    let here = actors::table.filter(actors::local.eq(true)).select(actors::id);
    let count: i64 = memberships::table
        .filter(memberships::group_id.eq(group.get()))
        .filter(memberships::state.eq(State::Active.as_str()))
        .filter(memberships::actor_id.eq_any(here))
        .count()
        .get_result(connection)?;
    Ok(count > 0)
}

/// Groups here of which somebody on this server is a member.
///
/// # Errors
/// Database errors.
pub fn groups_of_host(connection: &mut DbConn, host: &str) -> Result<Vec<ActorId>> {
    let there = actors::table.filter(actors::host.eq(host)).filter(actors::deleted_at.is_null()).select(actors::id);
    let ids: Vec<i64> = memberships::table
        .filter(memberships::actor_id.eq_any(there))
        .filter(memberships::state.eq(State::Active.as_str()))
        .select(memberships::group_id)
        .distinct()
        .load(connection)?;
    Ok(ids.into_iter().filter_map(|id| ActorId::try_from(id).ok()).collect())
}

/// Ends every membership of an actor. Bans stay: to erase oneself is not the way back in.
///
/// # Errors
/// Database errors.
pub fn delete_all_of(tx: &mut Tx<'_>, actor: ActorId) -> Result<usize> {
    let own = memberships::table.filter(memberships::actor_id.eq(actor.get()));
    Ok(diesel::delete(own.filter(memberships::state.ne(State::Banned.as_str()))).execute(&mut **tx)?)
}

/// Ends every membership of a group, bans too: it is no more.
///
/// # Errors
/// Database errors.
pub fn delete_all_in(tx: &mut Tx<'_>, group: ActorId) -> Result<usize> {
    Ok(diesel::delete(memberships::table.filter(memberships::group_id.eq(group.get()))).execute(&mut **tx)?)
}

/// Every membership of an actor, bans too.
///
/// # Errors
/// Database errors.
pub fn all_of(connection: &mut DbConn, actor: ActorId) -> Result<Vec<Membership>> {
    let own = memberships::table.filter(memberships::actor_id.eq(actor.get()));
    Ok(own.order(memberships::group_id).select(Membership::as_select()).load(connection)?)
}

/// Ends a membership. Returns how many ended.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, group: ActorId, actor: ActorId) -> Result<usize> {
    Ok(diesel::delete(memberships::table.find((group.get(), actor.get()))).execute(&mut **tx)?)
}
