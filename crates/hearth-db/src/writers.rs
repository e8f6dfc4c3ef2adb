//! The line of writers, and group commit: actions that come together share one commit, and so one wait for the disk.
//!
//! Writers are served one after the other in the order of asking, on one connection, each in a savepoint of its own.
//! Whoever has written hands the open transaction to the next in line; the last one, or the one after whom the group is
//! full, commits for all. Nobody is told of success before that commit, and when it fails nobody's work stands. A
//! writer that comes alone commits at once: nobody ever waits for others to come.
//!
//! Must never: return a result before the commit it depends on, or let one action's failure undo another's work.

use crate::{
    connection::{DbConn, Pool, PooledDb},
    error::{DbError, Result},
    fault,
    metrics::DbMetrics,
    transaction::{self, Tx},
};
use diesel::{Connection, connection::TransactionManager};
use std::{
    any::Any,
    cell::RefCell,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    time::{Duration, Instant},
};

type Manager = <DbConn as Connection>::TransactionManager;

/// Most actions in one commit.
const MOST: usize = 64;
/// No action joins a group that is older than this.
const OLDEST: Duration = Duration::from_millis(20);
/// How long a writer waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// The writers of one database. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Writers(Arc<Inner>);

struct Inner {
    pool: Pool,
    line: Mutex<Line>,
    metrics: DbMetrics,
}

/// Who writes and who waits.
#[derive(Default)]
struct Line {
    busy: bool,
    waiting: VecDeque<(u64, SyncSender<Option<Open>>)>,
    tickets: u64,
}

/// A group's transaction while it is open: it belongs to the thread whose turn it is.
struct Open {
    connection: PooledDb,
    group: Arc<Group>,
    since: Instant,
    actions: usize,
    /// Whether anything is to be kept.
    good: bool,
    /// Whether the transaction itself is lost, with all that was done in it.
    broken: bool,
    /// Whether something was put into a queue that other nodes should know of.
    queued: bool,
}

/// What became of a group, for those who wait to hear of it.
#[derive(Default)]
struct Group {
    fate: Mutex<Option<bool>>,
    decided: Condvar,
}

/// Why a group's work does not stand.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("the transaction was lost with everything in it")]
    Commit,
    #[error("others are writing")]
    Busy,
}

impl From<Lost> for DbError {
    fn from(lost: Lost) -> Self {
        Self::Unavailable(Box::new(lost))
    }
}

thread_local! {
    /// The group that this thread commits as one ([`Writers::together`]), and whose it is.
    static TOGETHER: RefCell<Option<(usize, Open)>> = const { RefCell::new(None) };
}

impl Writers {
    pub(crate) fn new(pool: Pool, metrics: DbMetrics) -> Self {
        Self(Arc::new(Inner { pool, line: Mutex::default(), metrics }))
    }

    /// One action: all of it, or nothing.
    pub(crate) fn write<T, E: From<DbError>>(&self, writing: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        if let Some(mut open) = self.take_own() {
            let done = open.act(writing);
            self.give_back(open);
            return done.unwrap_or_else(|panic| resume_unwind(panic));
        }
        let mut open = self.turn()?;
        let done = open.act(writing);
        let group = open.group.clone();
        self.end_turn(open);
        let stands = group.wait();
        match done {
            Err(panic) => resume_unwind(panic),
            Ok(Ok(_)) if !stands => Err(DbError::from(Lost::Commit).into()),
            Ok(result) => result,
        }
    }

    /// Runs `work`, whose writes on this thread stand or fall together. `None` inside: no such thing is going on.
    pub(crate) fn together<T>(&self, work: impl FnOnce() -> T) -> Result<T> {
        if let Some(open) = self.take_own() {
            self.give_back(open);
            return Ok(work());
        }
        let open = self.turn()?;
        self.give_back(open);
        let done = catch_unwind(AssertUnwindSafe(work));
        // Nobody but this thread could have taken it.
        let Some(open) = self.take_own() else { return Err(Lost::Commit.into()) };
        let group = open.group.clone();
        self.end_turn(open);
        let stands = group.wait();
        match done {
            Err(panic) => resume_unwind(panic),
            Ok(value) if stands => Ok(value),
            Ok(_) => Err(Lost::Commit.into()),
        }
    }

    /// Reads what this thread has written in [`Writers::together`]. `Err` gives `reading` back: nothing is going on.
    pub(crate) fn read_own<T, F: FnOnce(&mut DbConn) -> T>(&self, reading: F) -> Result<T, F> {
        let Some(mut open) = self.take_own() else { return Err(reading) };
        let done = catch_unwind(AssertUnwindSafe(|| reading(&mut open.connection)));
        self.give_back(open);
        Ok(done.unwrap_or_else(|panic| resume_unwind(panic)))
    }

    fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    fn take_own(&self) -> Option<Open> {
        TOGETHER.with_borrow_mut(|own| own.take_if(|(whose, _)| *whose == self.address())).map(|(_, open)| open)
    }

    fn give_back(&self, open: Open) {
        TOGETHER.with_borrow_mut(|own| *own = Some((self.address(), open)));
    }

    /// Waits for this thread's turn: an open group to join, or a new one.
    fn turn(&self) -> Result<Open> {
        let joined = match self.stand_in_line() {
            None => None,
            Some((ticket, receiver)) => self.wait_in_line(ticket, &receiver)?,
        };
        if let Some(open) = joined {
            return Ok(open);
        }
        self.begin().inspect_err(|_| self.turn_away())
    }

    /// `None`: the turn is this thread's already.
    fn stand_in_line(&self) -> Option<(u64, Receiver<Option<Open>>)> {
        let mut line = self.line();
        if !line.busy {
            line.busy = true;
            return None;
        }
        let (sender, receiver) = sync_channel(1);
        let ticket = line.tickets;
        line.tickets = ticket.wrapping_add(1);
        line.waiting.push_back((ticket, sender));
        Some((ticket, receiver))
    }

    fn wait_in_line(&self, ticket: u64, receiver: &Receiver<Option<Open>>) -> Result<Option<Open>> {
        match receiver.recv_timeout(PATIENCE) {
            Ok(turn) => Ok(turn),
            Err(RecvTimeoutError::Disconnected) => Err(Lost::Busy.into()),
            Err(RecvTimeoutError::Timeout) => {
                let mut line = self.line();
                let before = line.waiting.len();
                line.waiting.retain(|(waits, _)| *waits != ticket);
                if line.waiting.len() < before {
                    return Err(Lost::Busy.into());
                }
                drop(line);
                // It was called at this very moment: what is being handed over must not be lost.
                receiver.recv().map_err(|_| Lost::Busy.into())
            }
        }
    }

    fn begin(&self) -> Result<Open> {
        let mut connection = self.0.pool.get()?;
        transaction::begin(&mut connection)?;
        Ok(Open {
            connection,
            group: Arc::default(),
            since: Instant::now(),
            actions: 0,
            good: false,
            broken: false,
            queued: false,
        })
    }

    /// Hands the open group to the next in line, or ends it.
    fn end_turn(&self, open: Open) {
        if !open.broken && open.actions < MOST && open.since.elapsed() < OLDEST {
            let next = self.line().waiting.pop_front();
            match next {
                Some((_, sender)) => {
                    // A writer leaves the line before it stops listening: this always arrives.
                    if let Err(lost) = sender.send(Some(open))
                        && let Some(open) = lost.0
                    {
                        self.end(open);
                    }
                    return;
                }
                None => return self.end(open),
            }
        }
        self.end(open);
    }

    fn end(&self, open: Open) {
        let group = open.group.clone();
        let stands = self.commit(open);
        group.decide(stands);
        self.pass();
    }

    /// Commits for all. `false` when nothing of it stands.
    fn commit(&self, mut open: Open) -> bool {
        if open.broken {
            // The connection goes back with a transaction that nobody ends: the pool throws it away.
            tracing::warn!(actions = open.actions, "a database transaction was lost; nothing of it was acknowledged");
            return false;
        }
        if !open.good {
            return Manager::rollback_transaction(&mut *open.connection).is_ok();
        }
        let began = Instant::now();
        let result = fault::point("db.commit.before")
            .and_then(|()| transaction::commit(&mut open.connection, open.queued))
            .and_then(|()| fault::point("db.commit.after"));
        match result {
            Ok(()) => {
                self.0.metrics.committed(began.elapsed(), open.actions);
                true
            }
            Err(error) => {
                tracing::warn!(%error, actions = open.actions, "a commit failed; nothing of it was acknowledged");
                false
            }
        }
    }

    /// Nobody can write now: all who wait hear it at once, instead of trying the same for seconds one after the other.
    fn turn_away(&self) {
        let mut line = self.line();
        line.waiting.clear();
        line.busy = false;
    }

    /// Lets the next in line begin anew.
    fn pass(&self) {
        loop {
            let mut line = self.line();
            let Some((_, sender)) = line.waiting.pop_front() else {
                line.busy = false;
                return;
            };
            drop(line);
            if sender.send(None).is_ok() {
                return;
            }
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// One action in a savepoint of its own.
    fn act<T, E: From<DbError>>(
        &mut self,
        writing: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
    ) -> Result<Result<T, E>, Box<dyn Any + Send>> {
        self.actions += 1;
        if let Err(error) = transaction::savepoint(&mut self.connection) {
            self.broken = true;
            return Ok(Err(error.into()));
        }
        let done = catch_unwind(AssertUnwindSafe(|| writing(&mut Tx::new(&mut self.connection, &mut self.queued))));
        let keep = matches!(done, Ok(Ok(_)));
        let closed =
            if keep { transaction::release(&mut self.connection) } else { transaction::undo(&mut self.connection) };
        match closed {
            Ok(()) => self.good |= keep,
            // A full disk, for one, ends the whole transaction.
            Err(error) => {
                self.broken = true;
                if keep {
                    return Ok(Err(error.into()));
                }
            }
        }
        done
    }
}

impl Group {
    fn decide(&self, stands: bool) {
        *self.fate.lock().unwrap_or_else(PoisonError::into_inner) = Some(stands);
        self.decided.notify_all();
    }

    fn wait(&self) -> bool {
        let mut fate = self.fate.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match *fate {
                Some(stands) => return stands,
                None => fate = self.decided.wait(fate).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

#[cfg(test)]
#[path = "writers/tests.rs"]
mod tests;
