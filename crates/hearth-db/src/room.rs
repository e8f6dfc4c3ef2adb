//! Whether the disk under a SQLite database has room: a write that fails for want of it is noticed on the connection
//! itself, whatever becomes of the error.
//!
//! Must never: decide what is refused meanwhile (the actions do), or know what is given up to make room.

use diesel::{
    SqliteConnection,
    connection::{Connection, Instrumentation, InstrumentationEvent, get_default_instrumentation},
    result::Error,
};
use std::{
    fmt,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// What is done at once when the room runs out.
type Release = Box<dyn Fn() + Send + Sync>;

/// The room that a database has to grow. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Room(Arc<Inner>);

#[derive(Default)]
struct Inner {
    short: AtomicBool,
    release: OnceLock<Release>,
}

impl Room {
    /// Whether a write failed for want of room, and nobody has said since that there is room again.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.0.short.load(Ordering::Relaxed)
    }

    /// Says what frees some room for what still has to be written. It is called on the thread whose write failed, in the
    /// middle of its transaction, and may not use the database. Only the first that is said counts.
    pub fn when_it_runs_out(&self, release: impl Fn() + Send + Sync + 'static) {
        let _ = self.0.release.set(Box::new(release));
    }

    /// There is no room. What was set aside is freed before anybody hears of it.
    pub fn ran_out(&self) {
        if let Some(release) = self.0.release.get() {
            release();
        }
        if !self.0.short.swap(true, Ordering::Relaxed) {
            tracing::error!("There is no room left on the disk; nothing new is taken until there is");
        }
    }

    /// There is room again.
    pub fn is_back(&self) {
        if self.0.short.swap(false, Ordering::Relaxed) {
            tracing::info!("There is room on the disk again");
        }
    }

    /// Notices on this connection when the room runs out.
    pub(crate) fn watch(&self, connection: &mut SqliteConnection) {
        connection.set_instrumentation(Watch { room: self.clone(), before: get_default_instrumentation() });
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Room({})", if self.is_short() { "short" } else { "enough" })
    }
}

/// Looks at how every statement ends. A connection has one that watches it, so this passes on what it hears.
struct Watch {
    room: Room,
    /// Who would watch otherwise: the tests that count statements.
    before: Option<Box<dyn Instrumentation>>,
}

impl Instrumentation for Watch {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::FinishQuery { error: Some(Error::DatabaseError(_, info)), .. } = &event
            && info.message().contains(FULL)
        {
            self.room.ran_out();
        }
        if let Some(before) = &mut self.before {
            before.on_connection_event(event);
        }
    }
}

/// What SQLite says when the disk, or what it may have of it, is full.
const FULL: &str = "disk is full";

#[cfg(test)]
mod tests {
    use crate::{Db, DbConn, DbError, DbUrl, dialect, tables::hosts};
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    fn fill(db: &Db, name: &str) -> Result<(), DbError> {
        db.write(|tx| (0..2_000).try_for_each(|number| hosts::ensure(tx, &format!("{name}{number}.test")).map(drop)))
    }

    /// The writers' one connection lets the database grow no more, or as it likes.
    fn limit(db: &Db, most: impl Fn(&mut DbConn) -> u64) {
        let limited: Result<(), DbError> = db.write(|tx| {
            let pages = most(tx);
            dialect::limit_pages(tx, pages)
        });
        limited.unwrap();
    }

    #[test]
    fn a_write_that_finds_no_room_is_noticed_and_frees_what_was_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&DbUrl::file(&folder.path().join("a.db")), 2).unwrap();
        let freed = Arc::new(AtomicUsize::new(0));
        let count = freed.clone();
        db.room().when_it_runs_out(move || {
            count.fetch_add(1, Ordering::Relaxed);
        });
        fill(&db, "before").unwrap();
        assert!(matches!(db.write(|_| Err::<(), _>(DbError::Duplicate)), Err(DbError::Duplicate)));
        assert!(!db.room().is_short(), "another failure is not about room");

        limit(&db, |tx| dialect::page_count(tx).unwrap());
        assert!(matches!(fill(&db, "during"), Err(DbError::Unavailable(_))));
        assert!(db.room().is_short());
        assert!(freed.load(Ordering::Relaxed) >= 1);
        let known: Result<_, DbError> = db.read(hosts::all);
        assert_eq!(known.unwrap().len(), 2_000, "nothing of it stands, and reading goes on");

        limit(&db, |_| 1_000_000);
        fill(&db, "after").unwrap();
        assert!(db.room().is_short(), "one write that finds room is not enough to go on");
        db.room().is_back();
        assert!(!db.room().is_short());
    }
}
