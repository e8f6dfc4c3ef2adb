//! Activities on their way to other servers: one row for each inbox, leased by a worker, kept until a final answer.

use crate::{
    DbConn, Result, Time, Tx, dialect,
    schema::deliveries::dsl,
    tables::{GIVEN_BACK, activities::Activity},
};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    id::{ActivityId, ActorId},
    words::UnknownWord,
};
use std::collections::HashMap;

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Waits for its time.
    Ready,
    /// A worker has it.
    Leased,
    /// The other server took it.
    Done,
    /// The other server refused it for good, or it grew too old.
    Dead,
}

impl DeliveryState {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Leased => "leased",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }
}
impl TryFrom<String> for DeliveryState {
    type Error = UnknownWord;
    fn try_from(word: String) -> std::result::Result<Self, Self::Error> {
        [Self::Ready, Self::Leased, Self::Done, Self::Dead]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(UnknownWord { kind: "delivery state", word })
    }
}

/// One activity on its way to one inbox.
#[derive(Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::deliveries)]
pub struct Delivery {
    /// Number of the row: order within this queue, never shown.
    pub id: i64,
    /// The activity.
    #[diesel(deserialize_as = i64)]
    pub activity_id: ActivityId,
    /// What it is about.
    pub object_ap_id: String,
    /// The receiving server.
    pub host: String,
    /// The receiving inbox.
    pub inbox: String,
    /// Where it stands.
    #[diesel(deserialize_as = String)]
    pub state: DeliveryState,
    /// How often it was tried, the present lease included.
    pub attempts: i32,
    /// When it is to be tried.
    pub due_at: Time,
    /// Until when a worker has it.
    pub lease_until: Option<Time>,
    /// What the last attempt came to, as a short class.
    pub last_result: Option<String>,
    /// When it was asked for.
    pub created_at: Time,
}

/// Asks for one delivery. The same activity goes to the same inbox once.
///
/// # Errors
/// Database errors.
pub fn enqueue(tx: &mut Tx<'_>, activity: &Activity, host: &str, inbox: &str, now: Time) -> Result<()> {
    dialect::insert_delivery(tx, activity.id, &activity.object_ap_id, host, inbox, now)
}

/// Which of the servers that follow somebody get something.
#[derive(Debug, Clone, Copy)]
pub enum To<'a> {
    /// All of them.
    All,
    /// All but this one: it came from there.
    AllBut(&'a str),
    /// This one: it was away.
    Only(&'a str),
}

/// Which software something is for, as NodeInfo names it.
#[derive(Debug, Clone, Copy)]
pub enum Software<'a> {
    /// All but these; unknown software too.
    AllBut(&'a [&'a str]),
    /// These and no other.
    Only(&'a [&'a str]),
}

impl Software<'_> {
    /// Whether a server is meant that runs this; `None` when it is not known what it runs.
    #[must_use]
    pub fn includes(&self, software: Option<&str>) -> bool {
        let stands_in = |list: &[&str]| software.is_some_and(|software| list.contains(&software));
        match self {
            Self::AllBut(list) => !stands_in(list),
            Self::Only(list) => stands_in(list),
        }
    }
}

/// Asks for one delivery to each server that follows `target` or has a member of it, once for each shared inbox.
/// Left out: blocked and sleeping servers, and servers that run one of `skip_software`.
///
/// # Errors
/// Database errors.
pub fn fan_out(
    tx: &mut Tx<'_>,
    activity: &Activity,
    target: ActorId,
    to: To<'_>,
    skip_software: &[&str],
    now: Time,
) -> Result<usize> {
    fan_out_to(tx, activity, target, to, Software::AllBut(skip_software), now)
}

/// As [`fan_out`], to servers that run this software.
///
/// # Errors
/// Database errors.
pub fn fan_out_to(
    tx: &mut Tx<'_>,
    activity: &Activity,
    target: ActorId,
    to: To<'_>,
    software: Software<'_>,
    now: Time,
) -> Result<usize> {
    dialect::fan_out(tx, activity, target, to, software, now)
}

/// Asks for one delivery to each server that is known here and neither blocked nor asleep: for what an actor says
/// about itself.
///
/// # Errors
/// Database errors.
pub fn tell_everybody(tx: &mut Tx<'_>, activity: &Activity, now: Time) -> Result<usize> {
    dialect::tell_everybody(tx, activity, now)
}

/// What a worker may take at once.
#[derive(Debug, Clone, Copy)]
pub struct LeaseLimits {
    /// Until when the worker has it.
    pub until: Time,
    /// Most rows in all.
    pub most: i64,
}

/// Servers for which something is due and that may be asked now, by name, and whether they failed of late.
///
/// # Errors
/// Database errors.
pub fn hosts_with_work(connection: &mut DbConn, now: Time) -> Result<Vec<(String, bool)>> {
    dialect::hosts_with_work(connection, now)
}

/// Leases due rows of these servers, each with how many may be in flight for it: fair between them, and for one server
/// and object only the oldest that is not done. Oldest first.
///
/// # Errors
/// Database errors.
pub fn lease(tx: &mut Tx<'_>, hosts: &HashMap<String, i64>, now: Time, limits: LeaseLimits) -> Result<Vec<Delivery>> {
    let ids = dialect::lease_deliveries(tx, hosts, now, limits)?;
    Ok(dsl::deliveries.filter(dsl::id.eq_any(ids)).order(dsl::id).select(Delivery::as_select()).load(&mut **tx)?)
}

/// Records a final answer. `false` when the lease is another's by now: nothing is changed then.
///
/// # Errors
/// Database errors.
pub fn finish(tx: &mut Tx<'_>, row: &Delivery, state: DeliveryState, result: &str) -> Result<bool> {
    let done = diesel::update(mine(row.id, row.attempts))
        .set((dsl::state.eq(state.as_str()), dsl::lease_until.eq(None::<Time>), dsl::last_result.eq(Some(result))))
        .execute(&mut **tx)?;
    Ok(done == 1)
}

/// Records that these were taken.
///
/// # Errors
/// Database errors.
pub fn finish_all(tx: &mut Tx<'_>, ids: &[i64]) -> Result<usize> {
    let taken = dsl::deliveries.filter(dsl::id.eq_any(ids));
    Ok(diesel::update(taken)
        .set((
            dsl::state.eq(DeliveryState::Done.as_str()),
            dsl::lease_until.eq(None::<Time>),
            dsl::last_result.eq(Some("accepted")),
        ))
        .execute(&mut **tx)?)
}

/// Removes what still waits for a server: it fell asleep.
///
/// # Errors
/// Database errors.
pub fn drop_waiting(tx: &mut Tx<'_>, host: &str) -> Result<usize> {
    let waiting = dsl::deliveries.filter(dsl::host.eq(host)).filter(dsl::state.eq_any(["ready", "leased"]));
    Ok(diesel::delete(waiting).execute(&mut **tx)?)
}

/// Removes rows asked for before `done` that were taken, and before `dead` that were given up: up to `most` of each.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, done: Time, dead: Time, most: i64) -> Result<usize> {
    let mut removed = 0;
    for (before, state) in [(done, DeliveryState::Done), (dead, DeliveryState::Dead)] {
        let old = dsl::deliveries.filter(dsl::created_at.lt(before)).filter(dsl::state.eq(state.as_str()));
        let ids: Vec<i64> = old.select(dsl::id).limit(most).load(&mut **tx)?;
        removed += diesel::delete(dsl::deliveries.filter(dsl::id.eq_any(ids))).execute(&mut **tx)?;
    }
    Ok(removed)
}

/// Puts a row back, to be tried at `due_at`. `false` when the lease is another's by now: nothing is changed then.
///
/// # Errors
/// Database errors.
pub fn retry_at(tx: &mut Tx<'_>, row: &Delivery, due_at: Time, result: &str) -> Result<bool> {
    let done = diesel::update(mine(row.id, row.attempts))
        .set((
            dsl::state.eq(DeliveryState::Ready.as_str()),
            dsl::lease_until.eq(None::<Time>),
            dsl::due_at.eq(due_at),
            dsl::last_result.eq(Some(result)),
        ))
        .execute(&mut **tx)?;
    Ok(done == 1)
}

/// The row while this lease of it lasts: each lease is another attempt.
#[diesel::dsl::auto_type]
fn mine(id: i64, attempts: i32) -> _ {
    dsl::deliveries.find(id).filter(dsl::state.eq("leased")).filter(dsl::attempts.eq(attempts))
}

/// Makes everything that waits for a host due: it has been heard from.
///
/// # Errors
/// Database errors.
pub fn wake(tx: &mut Tx<'_>, host: &str, now: Time) -> Result<usize> {
    let waiting = dsl::deliveries
        .filter(dsl::host.eq(host))
        .filter(dsl::state.eq(DeliveryState::Ready.as_str()))
        .filter(dsl::due_at.gt(now));
    Ok(diesel::update(waiting).set(dsl::due_at.eq(now)).execute(&mut **tx)?)
}

/// Makes due what would be due only after `latest`, where no schedule reaches: the clock was ahead when it was written
/// down, and was put right.
///
/// # Errors
/// Database errors.
pub fn pull_in(tx: &mut Tx<'_>, now: Time, latest: Time) -> Result<usize> {
    let waiting = dsl::deliveries.filter(dsl::state.eq(DeliveryState::Ready.as_str())).filter(dsl::due_at.gt(latest));
    let held =
        dsl::deliveries.filter(dsl::state.eq(DeliveryState::Leased.as_str())).filter(dsl::lease_until.gt(latest));
    Ok(diesel::update(waiting).set(dsl::due_at.eq(now)).execute(&mut **tx)?
        + diesel::update(held).set(dsl::lease_until.eq(now)).execute(&mut **tx)?)
}

/// Gives back what a worker of this process still has, at an orderly stop: rows with the number of the attempt. What
/// another took over meanwhile stays its own.
///
/// # Errors
/// Database errors.
pub fn release(tx: &mut Tx<'_>, held: &[(i64, i32)]) -> Result<usize> {
    let mut released = 0;
    for (id, attempts) in held {
        released += diesel::update(mine(*id, *attempts))
            .set((
                dsl::state.eq(DeliveryState::Ready.as_str()),
                dsl::lease_until.eq(None::<Time>),
                dsl::last_result.eq(Some(GIVEN_BACK)),
            ))
            .execute(&mut **tx)?;
    }
    Ok(released)
}

/// How many rows are neither done nor dead.
///
/// # Errors
/// Database errors.
pub fn count_waiting(connection: &mut DbConn) -> Result<i64> {
    Ok(dsl::deliveries.filter(dsl::state.eq_any(["ready", "leased"])).count().get_result(connection)?)
}

/// How many rows of a host are neither done nor dead.
///
/// # Errors
/// Database errors.
pub fn count_waiting_for(connection: &mut DbConn, host: &str) -> Result<i64> {
    let waiting = dsl::deliveries.filter(dsl::host.eq(host)).filter(dsl::state.eq_any(["ready", "leased"]));
    Ok(waiting.count().get_result(connection)?)
}

/// How many rows could be tried by `now`.
///
/// # Errors
/// Database errors.
pub fn count_due(connection: &mut DbConn, now: Time) -> Result<i64> {
    Ok(dsl::deliveries.filter(dsl::state.eq("ready")).filter(dsl::due_at.le(now)).count().get_result(connection)?)
}

/// When the oldest row that is neither done nor dead was asked for.
///
/// # Errors
/// Database errors.
pub fn oldest_waiting(connection: &mut DbConn) -> Result<Option<Time>> {
    use diesel::OptionalExtension;
    Ok(dsl::deliveries
        .filter(dsl::state.eq_any(["ready", "leased"]))
        .order(dsl::created_at)
        .select(dsl::created_at)
        .first(connection)
        .optional()?)
}

/// All rows of one host, for the doctor and for tests, oldest first.
///
/// # Errors
/// Database errors.
pub fn of_host(connection: &mut DbConn, host: &str) -> Result<Vec<Delivery>> {
    Ok(dsl::deliveries.filter(dsl::host.eq(host)).order(dsl::id).select(Delivery::as_select()).load(connection)?)
}
