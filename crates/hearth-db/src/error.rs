//! What can go wrong with a database.

use diesel::result::{DatabaseErrorKind, Error};

/// A failed connection, statement or migration. "Not found" is not an error: lookups return `Option`.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The address of the database is of no known kind.
    #[error("the database address must begin with sqlite: or postgres:")]
    BadUrl,
    /// A unique index refused the row: it is there already.
    #[error("the row is there already")]
    Duplicate,
    /// The database is busy, full, away or read-only: trying again later may help.
    #[error("the database can't answer now")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A statement failed.
    #[error("a statement failed")]
    Query(#[source] Error),
    /// A migration failed.
    #[error("a migration failed: {0}")]
    Migration(String),
    /// The database was written by a newer Hearth.
    #[error("the database was written by a newer version of Hearth; start that version, or restore a backup")]
    NewerSchema,
}

/// What database functions return.
pub type Result<T, E = DbError> = std::result::Result<T, E>;

impl From<Error> for DbError {
    fn from(error: Error) -> Self {
        match &error {
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Duplicate,
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::ReadOnlyTransaction, _)
            | Error::BrokenTransactionManager => Self::Unavailable(Box::new(error)),
            Error::DatabaseError(_, info) if passing(info.message()) => Self::Unavailable(Box::new(error)),
            _ => Self::Query(error),
        }
    }
}

/// Messages of SQLite and PostgreSQL for troubles that pass: locked, full, starting or stopping.
fn passing(message: &str) -> bool {
    [
        "database is locked",
        "canceling statement due to lock timeout",
        "disk is full",
        "disk I/O error",
        "the database system is",
        "No space left",
        "server closed the connection",
    ]
    .iter()
    .any(|known| message.contains(known))
}
