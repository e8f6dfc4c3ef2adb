//! Write transactions. [`Tx`] is the proof that one is open: every writing function asks for it.

use crate::{
    connection::DbConn,
    error::{DbError, Result},
};
use diesel::{
    Connection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    result::Error,
};
use std::ops::{Deref, DerefMut};

/// An open write transaction.
pub struct Tx<'a>(&'a mut DbConn);

impl Deref for Tx<'_> {
    type Target = DbConn;
    fn deref(&self) -> &DbConn {
        self.0
    }
}
impl DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut DbConn {
        self.0
    }
}

type Manager = <DbConn as Connection>::TransactionManager;

/// One writer at a time, over all nodes, as on SQLite: whatever an action reads is still so when it writes. (Under READ
/// COMMITTED alone, eight writers that read, add and write lost three of four additions.) It ends with the transaction.
const LOCK: &str = "SET LOCAL lock_timeout = '10s'; SELECT pg_advisory_xact_lock(4843727469)";

/// Runs `writing` in one transaction. The writer's lock is taken first (on SQLite `BEGIN IMMEDIATE`): with a plain
/// `BEGIN` two writers that both began by reading refuse each other.
pub(crate) fn run<T, E: From<DbError>>(
    connection: &mut DbConn,
    writing: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    begin(connection).map_err(DbError::from)?;
    match writing(&mut Tx(connection)) {
        Ok(value) => {
            Manager::commit_transaction(connection).map_err(DbError::from)?;
            Ok(value)
        }
        Err(error) => match Manager::rollback_transaction(connection) {
            Ok(()) | Err(Error::BrokenTransactionManager) => Err(error),
            Err(rollback) => Err(DbError::from(rollback).into()),
        },
    }
}

fn begin(connection: &mut DbConn) -> std::result::Result<(), Error> {
    match connection {
        DbConn::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
        DbConn::Postgres(postgres) => {
            AnsiTransactionManager::begin_transaction(postgres)?;
            let locked = postgres.batch_execute(LOCK);
            if locked.is_err() {
                AnsiTransactionManager::rollback_transaction(postgres)?;
            }
            locked
        }
    }
}
