//! Keepers who asked to read a group they are not in. Nobody reads by it but while it is open.

use crate::{DbConn, Result, Time, Tx, column::Opt, schema::emergency_access::dsl};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    care::Access,
    id::{AccessId, AccountId, ActorId},
};

row! {
    /// A keeper's access.
    EmergencyAccess in emergency_access {
        /// Id.
        id: AccessId as i64,
        /// The group.
        group_id: ActorId as i64,
        /// The keeper.
        account_id: AccountId as i64,
        /// Why, as the keeper said; the group reads it.
        reason: String,
        /// Where it stands.
        state: Access as String,
        /// The second keeper who agreed.
        approved_by: Option<AccountId> as Opt<AccountId>,
        /// When it was asked for.
        asked_at: Time,
        /// From when on it may be opened.
        opens_at: Time,
        /// Until when it is open.
        ends_at: Option<Time>,
    }
}

/// One.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, id: AccessId) -> Result<Option<EmergencyAccess>> {
    Ok(dsl::emergency_access.find(id.get()).select(EmergencyAccess::as_select()).first(connection).optional()?)
}

/// All that are asked for or open, newest first.
///
/// # Errors
/// Database errors.
pub fn current(connection: &mut DbConn) -> Result<Vec<EmergencyAccess>> {
    Ok(dsl::emergency_access
        .filter(dsl::state.ne(Access::Ended.as_str()))
        .order((dsl::asked_at.desc(), dsl::id))
        .select(EmergencyAccess::as_select())
        .load(connection)?)
}

/// The groups that an account reads by it now.
///
/// # Errors
/// Database errors.
pub fn open_to(connection: &mut DbConn, account: AccountId) -> Result<Vec<ActorId>> {
    let ids: Vec<i64> = dsl::emergency_access
        .filter(dsl::account_id.eq(account.get()))
        .filter(dsl::state.eq(Access::Open.as_str()))
        .select(dsl::group_id)
        .load(connection)?;
    Ok(ids.into_iter().filter_map(|id| ActorId::try_from(id).ok()).collect())
}

/// Whether a keeper reads this group now.
///
/// # Errors
/// Database errors.
pub fn is_open(connection: &mut DbConn, group: ActorId) -> Result<bool> {
    use diesel::dsl::{exists, select};
    let open = dsl::emergency_access.filter(dsl::group_id.eq(group.get())).filter(dsl::state.eq(Access::Open.as_str()));
    Ok(select(exists(open)).get_result(connection)?)
}

/// Writes down where it stands now, if it still stands where it was read. `false` when it does not.
///
/// # Errors
/// Database errors.
pub fn update(tx: &mut Tx<'_>, before: Access, row: &EmergencyAccess) -> Result<bool> {
    let same = dsl::emergency_access.find(row.id.get()).filter(dsl::state.eq(before.as_str()));
    Ok(diesel::update(same)
        .set((
            dsl::state.eq(row.state.as_str()),
            dsl::approved_by.eq(row.approved_by.map(AccountId::get)),
            dsl::opens_at.eq(row.opens_at),
            dsl::ends_at.eq(row.ends_at),
        ))
        .execute(&mut **tx)?
        > 0)
}

/// Those that are open past their time.
///
/// # Errors
/// Database errors.
pub fn over(connection: &mut DbConn, now: Time) -> Result<Vec<EmergencyAccess>> {
    Ok(dsl::emergency_access
        .filter(dsl::state.eq(Access::Open.as_str()))
        .filter(dsl::ends_at.le(now))
        .select(EmergencyAccess::as_select())
        .load(connection)?)
}

/// Forgets what was asked before `before` and is over.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    let ended = dsl::emergency_access.filter(dsl::state.eq(Access::Ended.as_str()));
    Ok(diesel::delete(ended.filter(dsl::asked_at.lt(before))).execute(&mut **tx)?)
}
