//! One connection type for both databases, and the pool of them.
//!
//! One connection writes, for one action after the other (`writers`), and several read. Functions here block:
//! call them from a blocking thread.

use crate::{
    error::{DbError, Result},
    metrics::DbMetrics,
    migrate,
    room::Room,
    transaction::Tx,
    writers::Writers,
};
use diesel::{
    Connection, ConnectionError, ConnectionResult, PgConnection, SqliteConnection,
    connection::SimpleConnection,
    r2d2::{self, R2D2Connection},
};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

pub use either::DbConn;

mod either {
    use diesel::{PgConnection, SqliteConnection};

    /// A connection to either database. All functions of this crate take it.
    #[derive(diesel::MultiConnection)]
    pub enum DbConn {
        /// PostgreSQL.
        Postgres(PgConnection),
        /// SQLite.
        Sqlite(SqliteConnection),
    }
}

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// PostgreSQL: several nodes may share it.
    Postgres,
    /// SQLite: one node, one file.
    Sqlite,
}

/// The address of a database: `sqlite:PATH` or `postgres://…`.
#[derive(Clone, PartialEq, Eq)]
pub struct DbUrl {
    kind: Kind,
    target: String,
}

impl std::str::FromStr for DbUrl {
    type Err = DbError;
    fn from_str(text: &str) -> Result<Self> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Ok(Self { kind: Kind::Postgres, target: text.to_owned() })
        } else if let Some(path) = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")) {
            Ok(Self { kind: Kind::Sqlite, target: path.to_owned() })
        } else {
            Err(DbError::BadUrl)
        }
    }
}

impl std::fmt::Debug for DbUrl {
    /// Shows the kind only: the address of a PostgreSQL database holds its password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DbUrl({:?})", self.kind)
    }
}

impl DbUrl {
    /// A SQLite file.
    #[must_use]
    pub fn file(path: &Path) -> Self {
        Self { kind: Kind::Sqlite, target: path.to_string_lossy().into_owned() }
    }

    /// Which database this names.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The file of a SQLite database.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self.kind {
            Kind::Sqlite => Some(Path::new(&self.target)),
            Kind::Postgres => None,
        }
    }

    /// Opens one connection. (`DbConn::establish` would try each database in turn, so that a PostgreSQL server that is
    /// away could leave an empty SQLite file named like its address.)
    pub(crate) fn connect(&self) -> ConnectionResult<DbConn> {
        match self.kind {
            Kind::Postgres => PgConnection::establish(&self.target).map(DbConn::Postgres),
            Kind::Sqlite => {
                let mut connection = SqliteConnection::establish(&self.target)?;
                connection.batch_execute(SQLITE_SETTINGS).map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(DbConn::Sqlite(connection))
            }
        }
    }
}

/// `busy_timeout` stands before `journal_mode`, since changing the mode may itself have to wait. FULL: what was
/// acknowledged survives a power cut. A log that grew beyond 32 MiB is cut back.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
     PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-4000; PRAGMA secure_delete=ON; \
     PRAGMA journal_size_limit=33554432;";

/// How long anybody waits for a connection. A database that is away is asked again at least every half of it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long while nobody got one lately: a page and an inbox read several times, and each would wait that long again.
const IMPATIENCE: Duration = Duration::from_millis(250);

pub(crate) struct Manager(DbUrl, Room);

impl r2d2::ManageConnection for Manager {
    type Connection = DbConn;
    type Error = r2d2::Error;
    fn connect(&self) -> Result<DbConn, r2d2::Error> {
        let mut connection = self.0.connect().map_err(r2d2::Error::ConnectionError)?;
        if let DbConn::Sqlite(sqlite) = &mut connection {
            self.1.watch(sqlite);
        }
        Ok(connection)
    }
    fn is_valid(&self, connection: &mut DbConn) -> Result<(), r2d2::Error> {
        connection.ping().map_err(r2d2::Error::QueryError)
    }
    fn has_broken(&self, connection: &mut DbConn) -> bool {
        std::thread::panicking() || connection.is_broken()
    }
}

pub(crate) type PooledDb = r2d2::PooledConnection<Manager>;

/// Connections that are lent out.
#[derive(Clone)]
pub(crate) struct Pool {
    connections: r2d2::Pool<Manager>,
    /// Whether the last who asked got none.
    away: Arc<AtomicBool>,
}

impl Pool {
    /// A connection, as soon as one is free.
    ///
    /// # Errors
    /// `Unavailable` when none is free in time.
    pub(crate) fn get(&self) -> Result<PooledDb> {
        let patience = if self.away.load(Ordering::Relaxed) { IMPATIENCE } else { PATIENCE };
        let got = self.connections.get_timeout(patience);
        self.away.store(got.is_err(), Ordering::Relaxed);
        got.map_err(|error| DbError::Unavailable(Box::new(error)))
    }
}

/// The database of this server. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    readers: Pool,
    pub(crate) writers: Writers,
    metrics: DbMetrics,
    room: Room,
    url: DbUrl,
}

impl Db {
    /// Opens the database, brings its schema up to date, and keeps up to `size` connections.
    ///
    /// # Errors
    /// `Unavailable` when it can't be reached, `Migration`, `NewerSchema`.
    pub fn open(url: &DbUrl, size: u32) -> Result<Self> {
        migrate::run(&mut url.connect().map_err(|error| DbError::Unavailable(Box::new(error)))?)?;
        let metrics = DbMetrics::new()?;
        let room = Room::default();
        let writers = Writers::new(pool(url, 1, &room)?, metrics.clone());
        Ok(Self { readers: pool(url, size, &room)?, writers, metrics, room, url: url.clone() })
    }

    /// What was measured.
    #[must_use]
    pub const fn metrics(&self) -> &DbMetrics {
        &self.metrics
    }

    /// Whether there is room for more. Only SQLite says so: how a PostgreSQL server is doing is seen there.
    #[must_use]
    pub const fn room(&self) -> &Room {
        &self.room
    }

    /// Which database this is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.url.kind
    }

    /// The address of a database that other nodes may share.
    pub(crate) const fn shared_url(&self) -> Option<&DbUrl> {
        match self.url.kind {
            Kind::Postgres => Some(&self.url),
            Kind::Sqlite => None,
        }
    }

    /// Reads. Several statements see one state of the database only where the caller asks for that with one statement.
    ///
    /// # Errors
    /// `Unavailable` when no connection is free within five seconds; what `reading` returns.
    pub fn read<T, E: From<DbError>>(&self, reading: impl FnOnce(&mut DbConn) -> Result<T, E>) -> Result<T, E> {
        let reading = match self.writers.read_own(reading) {
            Ok(read) => return read,
            Err(reading) => reading,
        };
        let mut connection = self.readers.get()?;
        reading(&mut connection)
    }

    /// Writes: all of `writing`, or nothing. It is committed when this returns `Ok`, together with what others wrote at
    /// the same time. Its closure is synchronous, so that no network call can happen inside.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub fn write<T, E: From<DbError>>(&self, writing: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.writers.write(writing)
    }

    /// Runs `work`, whose writes (each still all or nothing) share one commit at its end; what it reads holds what it
    /// wrote. For a worker that does many small things: it waits for the disk once. Tell nobody of anything inside
    /// before this has returned.
    ///
    /// # Errors
    /// `Unavailable`: nothing that was written inside stands.
    pub fn together<T>(&self, work: impl FnOnce() -> T) -> Result<T> {
        self.writers.together(work)
    }
}

fn pool(url: &DbUrl, size: u32, room: &Room) -> Result<Pool> {
    let connections = r2d2::Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .connection_timeout(PATIENCE)
        .test_on_check_out(url.kind == Kind::Postgres)
        .build(Manager(url.clone(), room.clone()))
        .map_err(|error| DbError::Unavailable(Box::new(error)))?;
    Ok(Pool { connections, away: Arc::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, kind) in [
            ("sqlite:a.db", Some(Kind::Sqlite)),
            ("sqlite:///var/a.db", Some(Kind::Sqlite)),
            ("postgres://u:p@h/d", Some(Kind::Postgres)),
            ("mysql://h", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<DbUrl>().ok().map(|url| url.kind()), kind, "{text}");
        }
        assert_eq!(format!("{:?}", "postgres://u:secret@h/d".parse::<DbUrl>().unwrap()), "DbUrl(Postgres)");
    }
}
