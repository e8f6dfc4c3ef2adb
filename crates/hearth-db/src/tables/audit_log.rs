//! What was done on the server, for its keepers: deeds, groups and keepers. Never which persona did it, so that no
//! account is linked to a name.

use crate::{DbConn, Result, Time, Tx, column::Opt, schema::audit_log::dsl};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    id::{AccountId, ActorId, LogId},
    log::Logged,
};

row! {
    /// A line of the audit log.
    AuditLine in audit_log {
        /// Id.
        id: LogId as i64,
        /// What was done.
        deed: Logged as String,
        /// In which group.
        group_id: Option<ActorId> as Opt<ActorId>,
        /// The keeper who did it, of what keepers do.
        account_id: Option<AccountId> as Opt<AccountId>,
        /// When.
        at: Time,
    }
}

/// The newest lines.
///
/// # Errors
/// Database errors.
pub fn newest(connection: &mut DbConn, most: i64) -> Result<Vec<AuditLine>> {
    let newest = dsl::audit_log.order((dsl::at.desc(), dsl::id)).limit(most);
    Ok(newest.select(AuditLine::as_select()).load(connection)?)
}

/// Forgets what was done before `before`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    Ok(diesel::delete(dsl::audit_log.filter(dsl::at.lt(before))).execute(&mut **tx)?)
}
