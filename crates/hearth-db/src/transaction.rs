//! Write transactions. [`Tx`] is the proof that one is open: every writing function asks for it.

use crate::{
    connection::DbConn,
    error::{DbError, Result},
    statement::Statement,
};
use diesel::{
    Connection, RunQueryDsl,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    result::Error,
};
use std::ops::{Deref, DerefMut};

/// An open write transaction.
pub struct Tx<'a> {
    connection: &'a mut DbConn,
    queued: &'a mut bool,
}

impl<'a> Tx<'a> {
    pub(crate) const fn new(connection: &'a mut DbConn, queued: &'a mut bool) -> Self {
        Self { connection, queued }
    }

    /// Something was put into a queue: other nodes are told when it is committed.
    pub(crate) const fn queued(&mut self) {
        *self.queued = true;
    }
}

impl Deref for Tx<'_> {
    type Target = DbConn;
    fn deref(&self) -> &DbConn {
        self.connection
    }
}
impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut DbConn {
        self.connection
    }
}

/// How PostgreSQL tells all nodes that there is work, and how they listen ([`crate::bell`]).
const NOTIFY: &str = "NOTIFY hearth_work";
pub(crate) const LISTEN: &str = "LISTEN hearth_work";

/// One writer at a time, over all nodes, as on SQLite: whatever an action reads is still so when it writes. (Under READ
/// COMMITTED alone, eight writers that read, add and write lost three of four additions.) It ends with the transaction.
/// A node that stands still in the middle of one loses it after ten seconds, so that it can't hold up the others.
const LOCK: &str = "SET LOCAL lock_timeout = '10s'; SET LOCAL idle_in_transaction_session_timeout = '10s'; \
     SELECT pg_advisory_xact_lock(4843727469)";

/// Begins a transaction. The writer's lock is taken first (on SQLite `BEGIN IMMEDIATE`): with a plain `BEGIN` two
/// writers that both began by reading refuse each other.
pub(crate) fn begin(connection: &mut DbConn) -> Result<()> {
    crate::fault::point("db.begin")?;
    #[cfg(feature = "faults")]
    if let Some(most) = crate::fault::most_pages() {
        crate::dialect::limit_pages(connection, most)?;
    }
    match connection {
        DbConn::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")?,
        DbConn::Postgres(postgres) => {
            AnsiTransactionManager::begin_transaction(postgres)?;
            if let Err(error) = postgres.batch_execute(LOCK) {
                AnsiTransactionManager::rollback_transaction(postgres)?;
                return Err(error.into());
            }
        }
    }
    Ok(())
}

/// Commits. Where several nodes share the database they hear that something was queued, with the commit itself.
pub(crate) fn commit(connection: &mut DbConn, queued: bool) -> Result<()> {
    if queued && let DbConn::Postgres(postgres) = connection {
        postgres.batch_execute(NOTIFY)?;
    }
    let result: std::result::Result<(), Error> =
        <DbConn as Connection>::TransactionManager::commit_transaction(connection);
    result.map_err(DbError::from)
}

/// What stands between two actions that share a transaction. On SQLite these are statements that are kept.
pub(crate) fn savepoint(connection: &mut DbConn) -> Result<()> {
    run(connection, "SAVEPOINT action")
}

/// Keeps what was done since the savepoint.
pub(crate) fn release(connection: &mut DbConn) -> Result<()> {
    run(connection, "RELEASE SAVEPOINT action")
}

/// Undoes what was done since the savepoint.
pub(crate) fn undo(connection: &mut DbConn) -> Result<()> {
    run(connection, "ROLLBACK TO SAVEPOINT action")?;
    release(connection)
}

fn run(connection: &mut DbConn, sql: &'static str) -> Result<()> {
    match connection {
        // What was prepared could not be run in a transaction in which something failed.
        DbConn::Postgres(postgres) => postgres.batch_execute(sql)?,
        DbConn::Sqlite(_) => {
            Statement::new(sql).execute(connection)?;
        }
    }
    Ok(())
}
