//! Bringing the schema up to date at start.

use crate::{
    connection::DbConn,
    error::{DbError, Result},
};
use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
/// One lock for all nodes on one PostgreSQL: two that start together must not both migrate.
const LOCK: &str = "SELECT pg_advisory_lock(4843727468)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(4843727468)";

/// Runs what is pending, each migration in its own transaction.
///
/// # Errors
/// `Migration`, and `NewerSchema` when the database knows migrations that this program does not.
pub fn run(connection: &mut DbConn) -> Result<()> {
    match connection {
        DbConn::Postgres(_) => {
            connection.batch_execute(LOCK)?;
            let result = pending(connection, POSTGRES);
            connection.batch_execute(UNLOCK)?;
            result
        }
        DbConn::Sqlite(_) => pending(connection, SQLITE),
    }
}

fn pending(connection: &mut DbConn, migrations: EmbeddedMigrations) -> Result<()> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| DbError::Migration(error.to_string());
    let known = diesel::migration::MigrationSource::<<DbConn as diesel::Connection>::Backend>::migrations(&migrations)
        .map_err(failed)?;
    let known: Vec<String> = known.iter().map(|migration| migration.name().version().to_string()).collect();
    let applied = connection.applied_migrations().map_err(failed)?;
    if applied.iter().any(|version| !known.contains(&version.to_string())) {
        return Err(DbError::NewerSchema);
    }
    for version in connection.run_pending_migrations(migrations).map_err(failed)? {
        tracing::info!(%version, "The database schema was brought up to date");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::{Connection, SqliteConnection};

    /// The same for PostgreSQL is in `tests/`.
    #[test]
    fn a_newer_schema_is_refused() {
        let mut connection = DbConn::Sqlite(SqliteConnection::establish(":memory:").unwrap());
        run(&mut connection).unwrap();
        run(&mut connection).unwrap();
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')";
        connection.batch_execute(newer).unwrap();
        assert!(matches!(run(&mut connection), Err(DbError::NewerSchema)));
    }
}
