//! What the members of a group agree to, in all its versions, and which version each member agreed to last.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{accepted_agreements, agreements},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::ActorId;

row! {
    /// One version of an agreement.
    Agreement in agreements {
        /// The group.
        group_id: ActorId as i64,
        /// Its number, from 1.
        version: i32,
        /// The words, Markdown; empty: there is nothing to agree to.
        source: String,
        /// Since when.
        created_at: Time,
    }
}

row! {
    /// What a member agreed to.
    AcceptedAgreement in accepted_agreements {
        /// The group.
        group_id: ActorId as i64,
        /// The member.
        actor_id: ActorId as i64,
        /// The version.
        version: i32,
        /// When.
        accepted_at: Time,
    }
}

/// The newest version, also one without words.
///
/// # Errors
/// Database errors.
pub fn newest(connection: &mut DbConn, group: ActorId) -> Result<Option<Agreement>> {
    Ok(agreements::table
        .filter(agreements::group_id.eq(group.get()))
        .order(agreements::version.desc())
        .select(Agreement::as_select())
        .first(connection)
        .optional()?)
}

/// Puts other words in the place of a version.
///
/// # Errors
/// Database errors.
pub fn correct(tx: &mut Tx<'_>, group: ActorId, version: i32, source: &str) -> Result<()> {
    diesel::update(agreements::table.find((group.get(), version)))
        .set(agreements::source.eq(source))
        .execute(&mut **tx)?;
    Ok(())
}

/// The version a member agreed to last.
///
/// # Errors
/// Database errors.
pub fn accepted(connection: &mut DbConn, group: ActorId, actor: ActorId) -> Result<Option<i32>> {
    Ok(accepted_agreements::table
        .find((group.get(), actor.get()))
        .select(accepted_agreements::version)
        .first(connection)
        .optional()?)
}

/// Writes down what a member agrees to.
///
/// # Errors
/// Database errors; also when there is no such membership.
pub fn accept(tx: &mut Tx<'_>, row: &AcceptedAgreement) -> Result<()> {
    diesel::delete(accepted_agreements::table.find((row.group_id.get(), row.actor_id.get()))).execute(&mut **tx)?;
    row.insert(tx)
}
