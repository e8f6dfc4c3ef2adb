//! Received activities that wait for something to be fetched. They were answered 202, so they are never dropped
//! without an answer: what keeps failing is parked, where the keeper can see it.

use crate::{DbConn, Result, Time, Tx, dialect, schema::incoming::dsl, tables::GIVEN_BACK};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::words::UnknownWord;

/// Where a received activity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncomingState {
    /// Waits for its time.
    Ready,
    /// A worker has it.
    Leased,
    /// Failed too often; the keeper may try it again.
    Parked,
}

impl IncomingState {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Leased => "leased",
            Self::Parked => "parked",
        }
    }
}
impl TryFrom<String> for IncomingState {
    type Error = UnknownWord;
    fn try_from(word: String) -> std::result::Result<Self, Self::Error> {
        [Self::Ready, Self::Leased, Self::Parked]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(UnknownWord { kind: "incoming state", word })
    }
}

/// A received activity.
#[derive(Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::incoming)]
pub struct Incoming {
    /// Number of the row, never shown.
    pub id: i64,
    /// Hash of the activity's id, as in `seen_activities`.
    pub id_hash: String,
    /// Whose signature it carried: verified before it was stored.
    pub signer_ap_id: String,
    /// The JSON as it came.
    pub body: String,
    /// Where it stands.
    #[diesel(deserialize_as = String)]
    pub state: IncomingState,
    /// How often it was tried, the present lease included.
    pub attempts: i32,
    /// When it is to be tried.
    pub due_at: Time,
    /// Until when a worker has it.
    pub lease_until: Option<Time>,
    /// What the last attempt came to, as a short class.
    pub last_result: Option<String>,
    /// When it came.
    pub created_at: Time,
}

/// Stores a received activity. `false` when it waits already.
///
/// # Errors
/// Database errors.
pub fn store(tx: &mut Tx<'_>, id_hash: &str, signer: &str, body: &str, now: Time) -> Result<bool> {
    dialect::insert_incoming(tx, id_hash, signer, body, now)
}

/// Leases due rows, oldest first.
///
/// # Errors
/// Database errors.
pub fn lease(tx: &mut Tx<'_>, now: Time, until: Time, most: i64) -> Result<Vec<Incoming>> {
    let ids = dialect::lease_incoming(tx, now, until, most)?;
    Ok(dsl::incoming.filter(dsl::id.eq_any(ids)).order(dsl::id).select(Incoming::as_select()).load(&mut **tx)?)
}

/// Removes a row: it took effect, or it was answered.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    diesel::delete(dsl::incoming.find(id)).execute(&mut **tx)?;
    Ok(())
}

/// Puts a row back, to be tried at `due_at`.
///
/// # Errors
/// Database errors.
pub fn retry_at(tx: &mut Tx<'_>, id: i64, due_at: Time, result: &str) -> Result<()> {
    set(tx, id, IncomingState::Ready, Some(due_at), result)
}

/// As [`crate::tables::deliveries::pull_in`], of what was received.
///
/// # Errors
/// Database errors.
pub fn pull_in(tx: &mut Tx<'_>, now: Time, latest: Time) -> Result<usize> {
    let waiting = dsl::incoming.filter(dsl::state.eq(IncomingState::Ready.as_str())).filter(dsl::due_at.gt(latest));
    let held = dsl::incoming.filter(dsl::state.eq(IncomingState::Leased.as_str())).filter(dsl::lease_until.gt(latest));
    Ok(diesel::update(waiting).set(dsl::due_at.eq(now)).execute(&mut **tx)?
        + diesel::update(held).set(dsl::lease_until.eq(now)).execute(&mut **tx)?)
}

/// Parks a row.
///
/// # Errors
/// Database errors.
pub fn park(tx: &mut Tx<'_>, id: i64, result: &str) -> Result<()> {
    set(tx, id, IncomingState::Parked, None, result)
}

fn set(tx: &mut Tx<'_>, id: i64, state: IncomingState, due_at: Option<Time>, result: &str) -> Result<()> {
    let row = dsl::incoming.find(id);
    diesel::update(row)
        .set((
            dsl::state.eq(state.as_str()),
            dsl::lease_until.eq(None::<Time>),
            dsl::last_result.eq(Some(result)),
            due_at.map(|at| dsl::due_at.eq(at)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Gives back what a worker of this process still has, at an orderly stop: rows with the number of the attempt, since
/// another may have taken one over.
///
/// # Errors
/// Database errors.
pub fn release(tx: &mut Tx<'_>, held: &[(i64, i32)]) -> Result<usize> {
    let mut released = 0;
    for (id, attempts) in held {
        let own = dsl::incoming
            .find(id)
            .filter(dsl::attempts.eq(attempts))
            .filter(dsl::state.eq(IncomingState::Leased.as_str()));
        released += diesel::update(own)
            .set((
                dsl::state.eq(IncomingState::Ready.as_str()),
                dsl::lease_until.eq(None::<Time>),
                dsl::last_result.eq(Some(GIVEN_BACK)),
            ))
            .execute(&mut **tx)?;
    }
    Ok(released)
}

/// How many rows wait for work.
///
/// # Errors
/// Database errors.
pub fn count_waiting(connection: &mut DbConn) -> Result<i64> {
    Ok(dsl::incoming.filter(dsl::state.ne("parked")).count().get_result(connection)?)
}

/// How many rows could be tried by `now`.
///
/// # Errors
/// Database errors.
pub fn count_due(connection: &mut DbConn, now: Time) -> Result<i64> {
    Ok(dsl::incoming.filter(dsl::state.eq("ready")).filter(dsl::due_at.le(now)).count().get_result(connection)?)
}

/// How many rows are parked.
///
/// # Errors
/// Database errors.
pub fn count_parked(connection: &mut DbConn) -> Result<i64> {
    Ok(dsl::incoming.filter(dsl::state.eq("parked")).count().get_result(connection)?)
}
