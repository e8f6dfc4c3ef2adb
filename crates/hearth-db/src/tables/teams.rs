//! Who looks after a group, as far as servers tell each other: whether a group here shows it, and what a group elsewhere
//! lists. Who looks after a group here stands in its memberships.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{moderators, teams},
};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::ActorId;

row! {
    /// What is known about a group's team.
    Team in teams {
        /// The group.
        group_id: ActorId as i64,
        /// Whether a group here shows other servers who looks after it.
        shown: bool,
        /// Where a group elsewhere lists its moderators.
        address: Option<String>,
        /// Where a group elsewhere lists its pinned posts.
        featured: Option<String>,
        /// When that list was last read.
        read_at: Option<Time>,
    }
}

row! {
    /// Somebody who looks after a group elsewhere.
    Moderator in moderators {
        /// The group.
        group_id: ActorId as i64,
        /// Their id on the network; they may be unknown here.
        ap_id: String,
    }
}

/// What is known about a group's team.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, group: ActorId) -> Result<Option<Team>> {
    Ok(teams::table.find(group.get()).select(Team::as_select()).first(connection).optional()?)
}

/// Whether a group here shows who looks after it.
///
/// # Errors
/// Database errors.
pub fn is_shown(connection: &mut DbConn, group: ActorId) -> Result<bool> {
    Ok(get(connection, group)?.is_some_and(|team| team.shown))
}

/// Writes down what is known about a team.
///
/// # Errors
/// Database errors.
pub fn put(tx: &mut Tx<'_>, row: &Team) -> Result<()> {
    diesel::delete(teams::table.find(row.group_id.get())).execute(&mut **tx)?;
    row.insert(tx)
}

/// Whether an actor is known to look after a group elsewhere.
///
/// # Errors
/// Database errors.
pub fn lists(connection: &mut DbConn, group: ActorId, ap_id: &str) -> Result<bool> {
    let found = moderators::table.find((group.get(), ap_id)).select(Moderator::as_select());
    Ok(found.first(connection).optional()?.is_some())
}

/// Groups elsewhere that one of these actors looks after.
///
/// # Errors
/// Database errors.
pub fn looked_after_by(connection: &mut DbConn, ap_ids: &[&str]) -> Result<Vec<Moderator>> {
    let own = moderators::table.filter(moderators::ap_id.eq_any(ap_ids));
    Ok(own.select(Moderator::as_select()).load(connection)?)
}

/// Takes somebody into the list of a group elsewhere.
///
/// # Errors
/// Database errors.
pub fn add(tx: &mut Tx<'_>, group: ActorId, ap_id: &str) -> Result<()> {
    remove(tx, group, ap_id)?;
    Moderator { group_id: group, ap_id: ap_id.to_owned() }.insert(tx)
}

/// Takes somebody out of the list of a group elsewhere.
///
/// # Errors
/// Database errors.
pub fn remove(tx: &mut Tx<'_>, group: ActorId, ap_id: &str) -> Result<usize> {
    Ok(diesel::delete(moderators::table.find((group.get(), ap_id))).execute(&mut **tx)?)
}

/// Writes the list of a group elsewhere anew.
///
/// # Errors
/// Database errors.
pub fn replace(tx: &mut Tx<'_>, group: ActorId, ap_ids: &[&str]) -> Result<()> {
    diesel::delete(moderators::table.filter(moderators::group_id.eq(group.get()))).execute(&mut **tx)?;
    for ap_id in ap_ids {
        add(tx, group, ap_id)?;
    }
    Ok(())
}

/// Forgets an actor: as somebody who looks after groups elsewhere, and as a group with a team.
///
/// # Errors
/// Database errors.
pub fn forget(tx: &mut Tx<'_>, actor: ActorId, ap_id: &str) -> Result<()> {
    let named = moderators::ap_id.eq(ap_id).or(moderators::group_id.eq(actor.get()));
    diesel::delete(moderators::table.filter(named)).execute(&mut **tx)?;
    diesel::delete(teams::table.find(actor.get())).execute(&mut **tx)?;
    Ok(())
}
