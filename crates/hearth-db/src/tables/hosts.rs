//! What is known about other servers.

use crate::{DbConn, Result, Time, Tx, schema::hosts::dsl, tables::can_be_key};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::host::HostState;

row! {
    /// Another server.
    Host in hosts {
        /// Its name.
        host: String,
        /// What it runs, as its NodeInfo says, lower case.
        software: Option<String>,
        /// The version.
        version: Option<String>,
        /// When its NodeInfo was last asked for.
        checked_at: Option<Time>,
        /// Whether the keeper blocked it.
        blocked: bool,
        /// Whether the keeper trusts it as a partner.
        partner: bool,
        /// Deliveries that failed in a row.
        failures: i32,
        /// Until when it is left alone.
        next_try_at: Option<Time>,
        /// When it last took a delivery.
        last_ok_at: Option<Time>,
        /// When a valid request last came from it.
        last_heard_at: Option<Time>,
        /// Since when it has not taken a delivery, while it fails.
        failing_since: Option<Time>,
        /// Since when nothing is kept for it: it failed for a week. It wakes when it is heard from.
        asleep_since: Option<Time>,
        /// The signature it takes where that is not the usual one.
        signature_scheme: Option<String>,
        /// Whether the keeper lets it hold what is for members, whatever it runs.
        may_hold_private: bool,
    }
}

impl Host {
    /// A server about which nothing is known yet.
    #[must_use]
    pub const fn unknown(host: String) -> Self {
        Self {
            host,
            software: None,
            version: None,
            checked_at: None,
            blocked: false,
            partner: false,
            failures: 0,
            next_try_at: None,
            last_ok_at: None,
            last_heard_at: None,
            failing_since: None,
            asleep_since: None,
            signature_scheme: None,
            may_hold_private: false,
        }
    }

    /// When it last gave a sign of life.
    #[must_use]
    pub fn last_sign(&self) -> Option<Time> {
        self.last_ok_at.max(self.last_heard_at)
    }

    /// How it is doing.
    #[must_use]
    pub const fn state(&self) -> HostState {
        HostState::of(self.blocked, self.asleep_since.is_some(), self.failures)
    }
}

/// One server.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, host: &str) -> Result<Option<Host>> {
    if !can_be_key(host) {
        return Ok(None);
    }
    Ok(dsl::hosts.find(host).select(Host::as_select()).first(connection).optional()?)
}

/// Those of these servers that are known.
///
/// # Errors
/// Database errors.
pub fn all_of(connection: &mut DbConn, names: &[&str]) -> Result<Vec<Host>> {
    Ok(dsl::hosts.filter(dsl::host.eq_any(names)).select(Host::as_select()).load(connection)?)
}

/// All servers, by name.
///
/// # Errors
/// Database errors.
pub fn all(connection: &mut DbConn) -> Result<Vec<Host>> {
    Ok(dsl::hosts.order(dsl::host).select(Host::as_select()).load(connection)?)
}

/// Servers whose NodeInfo was not asked for since `before`.
///
/// # Errors
/// Database errors.
pub fn unchecked(connection: &mut DbConn, before: Time, most: i64) -> Result<Vec<Host>> {
    use diesel::BoolExpressionMethods;
    Ok(dsl::hosts
        .filter(dsl::checked_at.is_null().or(dsl::checked_at.lt(before)))
        .filter(dsl::blocked.eq(false))
        .order(dsl::host)
        .limit(most)
        .select(Host::as_select())
        .load(connection)?)
}

/// Makes sure there is a row.
///
/// # Errors
/// Database errors.
pub fn ensure(tx: &mut Tx<'_>, host: &str) -> Result<Host> {
    if let Some(row) = get(tx, host)? {
        return Ok(row);
    }
    let row = Host::unknown(host.to_owned());
    crate::dialect::insert_host_if_new(tx, host)?;
    Ok(get(tx, host)?.unwrap_or(row))
}

/// Leaves no host alone until after `latest`, where no schedule reaches: the clock was ahead and was put right.
///
/// # Errors
/// Database errors.
pub fn pull_in(tx: &mut Tx<'_>, latest: Time) -> Result<usize> {
    let left_alone = dsl::hosts.filter(dsl::next_try_at.gt(latest));
    Ok(diesel::update(left_alone).set(dsl::next_try_at.eq(None::<Time>)).execute(&mut **tx)?)
}

/// Writes a row over the one that is there.
///
/// # Errors
/// Database errors.
pub fn update(tx: &mut Tx<'_>, row: &Host) -> Result<()> {
    diesel::update(dsl::hosts.find(&row.host))
        .set((
            dsl::software.eq(&row.software),
            dsl::version.eq(&row.version),
            dsl::checked_at.eq(row.checked_at),
            dsl::blocked.eq(row.blocked),
            dsl::partner.eq(row.partner),
            dsl::failures.eq(row.failures),
            dsl::next_try_at.eq(row.next_try_at),
            dsl::last_ok_at.eq(row.last_ok_at),
            dsl::last_heard_at.eq(row.last_heard_at),
            dsl::failing_since.eq(row.failing_since),
            dsl::asleep_since.eq(row.asleep_since),
            dsl::signature_scheme.eq(&row.signature_scheme),
            dsl::may_hold_private.eq(row.may_hold_private),
        ))
        .execute(&mut **tx)?;
    Ok(())
}
