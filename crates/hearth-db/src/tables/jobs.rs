//! When each job last ran, and which node has it. One row for each job, for all nodes on the database.

use crate::{DbConn, Result, Time, Tx, schema::jobs::dsl};
use chrono::TimeDelta;
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};

row! {
    /// A job.
    Job in jobs {
        /// Its name, as in docs/JOBS.md.
        name: String,
        /// Until when a node has it.
        leased_until: Option<Time>,
        /// When it last began.
        last_started: Option<Time>,
        /// When it last ended.
        last_finished: Option<Time>,
        /// What it came to then, as a short word.
        last_result: Option<String>,
        /// How often it began.
        runs: i64,
    }
}

impl Job {
    /// Whether it may begin: it did not begin after `started_by`, and nobody has it. What seems to have begun an hour
    /// from now or later was begun while the clock was ahead, and counts for nothing.
    #[must_use]
    pub fn is_due(&self, now: Time, started_by: Time) -> bool {
        self.last_started.is_none_or(|at| at <= started_by || at >= ahead(now))
            && self
                .leased_until
                .is_none_or(|until| until <= now || self.last_started.is_some_and(|at| at >= ahead(now)))
    }
}

/// From when on a time can't have been written down by a clock that was right; nodes differ by seconds.
fn ahead(now: Time) -> Time {
    (now.utc() + TimeDelta::hours(1)).into()
}

/// What came of asking for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is not due, or another node has it.
    Nothing,
    /// It is this node's now.
    Mine,
    /// It is this node's now, and whoever had it before did not finish.
    TakenOver,
}

/// One job.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, name: &str) -> Result<Option<Job>> {
    Ok(dsl::jobs.find(name).select(Job::as_select()).first(connection).optional()?)
}

/// All jobs, by name.
///
/// # Errors
/// Database errors.
pub fn all(connection: &mut DbConn) -> Result<Vec<Job>> {
    Ok(dsl::jobs.order(dsl::name).select(Job::as_select()).load(connection)?)
}

/// Takes a job that did not begin after `started_by` until `leased_until`. Of several nodes one gets it.
///
/// # Errors
/// Database errors.
pub fn claim(tx: &mut Tx<'_>, name: &str, now: Time, started_by: Time, leased_until: Time) -> Result<Claim> {
    let Some(before) = get(tx, name)? else {
        let job = Job { name: name.to_owned(), leased_until: Some(leased_until), ..first(now) };
        job.insert(tx)?;
        return Ok(Claim::Mine);
    };
    let free = dsl::leased_until.is_null().or(dsl::leased_until.le(now)).or(dsl::last_started.ge(ahead(now)));
    let due = dsl::last_started.is_null().or(dsl::last_started.le(started_by)).or(dsl::last_started.ge(ahead(now)));
    let taken = diesel::update(dsl::jobs.find(name).filter(free).filter(due))
        .set((dsl::leased_until.eq(leased_until), dsl::last_started.eq(now), dsl::runs.eq(dsl::runs + 1)))
        .execute(&mut **tx)?;
    Ok(match (taken, before.leased_until) {
        (0, _) => Claim::Nothing,
        (_, None) => Claim::Mine,
        (_, Some(_)) => Claim::TakenOver,
    })
}

/// Writes down that a job ended.
///
/// # Errors
/// Database errors.
pub fn finish(tx: &mut Tx<'_>, name: &str, now: Time, result: &str) -> Result<()> {
    diesel::update(dsl::jobs.find(name))
        .set((dsl::leased_until.eq(None::<Time>), dsl::last_finished.eq(now), dsl::last_result.eq(result)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Writes down that something short was done now, by whichever node.
///
/// # Errors
/// Database errors.
pub fn touch(tx: &mut Tx<'_>, name: &str, now: Time) -> Result<()> {
    let row = dsl::jobs.find(name);
    let done = (dsl::last_started.eq(now), dsl::last_finished.eq(now), dsl::runs.eq(dsl::runs + 1));
    if diesel::update(row).set(done).execute(&mut **tx)? == 0 {
        Job { name: name.to_owned(), last_finished: Some(now), ..first(now) }.insert(tx)?;
    }
    Ok(())
}

fn first(now: Time) -> Job {
    Job {
        name: String::new(),
        leased_until: None,
        last_started: Some(now),
        last_finished: None,
        last_result: None,
        runs: 1,
    }
}
