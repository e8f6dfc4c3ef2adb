//! Databases of their own for tests: a SQLite file in a temporary folder, or a new database on the PostgreSQL server
//! that `HEARTH_TEST_POSTGRES` names. Both are gone when the test ends. Never touches a database it did not make.

use crate::keys;
use diesel::{
    Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, connection::SimpleConnection as _, sql_query,
    sql_types,
};
use hearth_db::{Db, DbUrl, Kind};
use std::{
    env, fs,
    hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// Names the PostgreSQL server for the tests: `postgres://…` of a role that may create databases.
pub const POSTGRES: &str = "HEARTH_TEST_POSTGRES";

/// A database that nobody else uses, with the present schema.
pub struct TestDatabase {
    /// The database.
    pub db: Db,
    /// Its address.
    pub url: DbUrl,
    /// Holds the SQLite file, and lends its random name to the PostgreSQL database.
    folder: TempDir,
    /// Where a PostgreSQL database is.
    address: Option<String>,
}

impl TestDatabase {
    /// Makes a database.
    ///
    /// # Panics
    /// When it can't be made; for PostgreSQL, with a sentence that says what to run.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::in_folder(&env::temp_dir()),
            Kind::Postgres => Self::on_postgres(&server()),
        }
    }

    /// Makes a SQLite database in a folder of its own in this one.
    ///
    /// # Panics
    /// When it can't be made.
    #[must_use]
    pub fn in_folder(parent: &Path) -> Self {
        let folder = folder_in(parent);
        let file = folder.path().join("hearth.db");
        if let Some(template) = prepared_file() {
            fs::copy(template, &file).expect("room for a database");
        }
        Self::open(DbUrl::file(&file), folder, None)
    }

    /// Makes a database on this PostgreSQL server.
    ///
    /// # Panics
    /// When it can't be made.
    #[must_use]
    pub fn on_postgres(server: &str) -> Self {
        let folder = new_folder();
        let name = database_name(&folder);
        let template = template_name();
        let copy = format!("CREATE DATABASE {name} TEMPLATE {template}");
        if run(server, &copy).is_err() {
            prepare(server, &template);
            run(server, &copy).unwrap_or_else(|problem| panic!("no new database: {problem}"));
        }
        let address = on_server(server, &name);
        Self::open(address.parse().expect("a PostgreSQL address"), folder, Some(address))
    }

    fn open(url: DbUrl, folder: TempDir, address: Option<String>) -> Self {
        let db = Db::open(&url, 8).expect("a new database opens");
        Self { db, url, folder, address }
    }

    /// Which database this is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.db.kind()
    }

    /// Its address as the settings file would have it.
    #[must_use]
    pub fn setting(&self) -> String {
        self.address.clone().unwrap_or_else(|| format!("sqlite:{}", self.folder.path().join("hearth.db").display()))
    }

    /// The one value that a query says, for what only PostgreSQL can be asked: `None` on SQLite.
    ///
    /// # Panics
    /// When it can't be asked.
    #[must_use]
    pub fn ask_postgres(&self, query: &str) -> Option<String> {
        self.address.as_ref().map(|address| ask(address, query).unwrap_or_else(|problem| panic!("{query}: {problem}")))
    }

    /// Runs a statement that only PostgreSQL is given. Returns whether this is PostgreSQL.
    ///
    /// # Panics
    /// When it can't be run.
    #[must_use]
    pub fn run_on_postgres(&self, statement: &str) -> bool {
        self.address.as_ref().is_some_and(|address| {
            run(address, statement).unwrap_or_else(|problem| panic!("{statement}: {problem}"));
            true
        })
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(address) = &self.address {
            let server = on_server(address, "postgres");
            // Where the server itself is gone, that is what the test has to say.
            if let Err(problem) = run(&server, &format!("DROP DATABASE {} WITH (FORCE)", database_name(&self.folder))) {
                eprintln!("a database is left: {problem}");
            }
        }
    }
}

/// Runs a test on SQLite, and on PostgreSQL where `HEARTH_TEST_POSTGRES` names one. A test of its own fails where
/// PostgreSQL must not be left out.
pub fn each_database(test: impl Fn(&TestDatabase)) {
    let postgres = env::var_os(POSTGRES).map(|_| Kind::Postgres);
    for kind in [Some(Kind::Sqlite), postgres].into_iter().flatten() {
        eprintln!("on {kind:?}:");
        test(&TestDatabase::new(kind));
    }
}

fn new_folder() -> TempDir {
    folder_in(&env::temp_dir())
}

/// A folder with a random name of digits and the letters a to f: none of them spells by chance what is listened for in the
/// log (`overheard`), in which PostgreSQL names the database that is borrowing the name.
fn folder_in(parent: &Path) -> TempDir {
    let random = RandomState::new().hash_one(std::process::id());
    let name = format!("hearth_test_{random:016x}");
    tempfile::Builder::new().prefix(&name).rand_bytes(0).tempdir_in(parent).expect("a folder")
}

fn database_name(folder: &TempDir) -> String {
    let name = folder.path().file_name().expect("a name").to_string_lossy().to_lowercase();
    format!("{name}_{}", std::process::id())
}

fn server() -> String {
    env::var(POSTGRES).unwrap_or_else(|_| {
        panic!("{POSTGRES} names no PostgreSQL server: run `tests/run tests`, which starts one (package postgresql)")
    })
}

/// The name of an empty database with the present schema, for each state of the migrations: copying it takes a fraction of
/// the time that the migrations take.
fn template_name() -> String {
    format!("hearth_template_{:016x}", migrations("postgres"))
}

/// Makes the database that is copied, where nobody has yet.
fn prepare(server: &str, name: &str) {
    // Under another name until it is whole: two tests may come here at once, and then one of them is too late.
    let half = database_name(&new_folder());
    run(server, &format!("CREATE DATABASE {half}")).unwrap_or_else(|problem| panic!("no new database: {problem}"));
    let url = on_server(server, &half).parse().expect("a PostgreSQL address");
    drop(Db::open(&url, 1).expect("a new database opens"));
    // The connection is given back a moment after its owner has gone.
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{half}'");
    run(server, &end).unwrap_or_else(|problem| panic!("{end}: {problem}"));
    if run(server, &format!("ALTER DATABASE {half} RENAME TO {name}")).is_err() {
        let _ = run(server, &format!("DROP DATABASE {half} WITH (FORCE)"));
    }
}

/// An empty SQLite database with the present schema, made once for each state of the migrations and kept beside the
/// build output; `None` where nothing can be kept, and each test runs the migrations then.
#[expect(clippy::disallowed_methods, reason = "a file that somebody else's thread closes can't be waited for")]
fn prepared_file() -> Option<PathBuf> {
    let folder = keys::target()?.join("test-databases");
    let file = folder.join(format!("{:016x}.db", migrations("sqlite")));
    if file.is_file() {
        return Some(file);
    }
    fs::create_dir_all(&folder).ok()?;
    // Under another name until it is whole: two tests may come here at once.
    let making = folder_in(&folder);
    let (half, log) = (making.path().join("hearth.db"), making.path().join("hearth.db-wal"));
    drop(Db::open(&DbUrl::file(&half), 1).expect("a new database opens"));
    // Whoever closes it last moves the log into it, a moment after its owner has gone.
    let closed = (0..50).any(|_| {
        let closed = !log.exists();
        if !closed {
            thread::sleep(Duration::from_millis(20));
        }
        closed
    });
    (closed && fs::rename(&half, &file).is_ok()).then_some(file)
}

/// Says whether the migrations for a database are the same as before.
fn migrations(database: &str) -> u64 {
    let all = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations"));
    let mut files: Vec<_> = files_below(&all.join(database));
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        (file.file_name(), fs::read(&file).expect("a migration")).hash(&mut hasher);
    }
    hasher.finish()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the migrations").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// The address of a database on the server of another one.
fn on_server(server: &str, name: &str) -> String {
    let mut url = url::Url::parse(server).unwrap_or_else(|error| panic!("{POSTGRES} is no address: {error}"));
    url.set_path(name);
    url.into()
}

/// Runs statements on a connection of their own.
fn run(address: &str, statements: &str) -> Result<(), String> {
    let mut connection = PgConnection::establish(address).map_err(|error| error.to_string())?;
    connection.batch_execute(statements).map_err(|error| error.to_string())
}

fn ask(address: &str, query: &str) -> Result<String, String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = sql_types::Text)]
        answer: String,
    }
    let mut connection = PgConnection::establish(address).map_err(|error| error.to_string())?;
    let query = sql_query(format!("SELECT ({query})::text AS answer"));
    let row: Row = query.get_result(&mut connection).map_err(|error| error.to_string())?;
    Ok(row.answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_spell_nothing_and_differ() {
        let folders: Vec<TempDir> = (0..50).map(|_| folder_in(&env::temp_dir())).collect();
        let names: std::collections::BTreeSet<String> = folders.iter().map(database_name).collect();
        assert_eq!(names.len(), folders.len());
        for name in names {
            let random = name.strip_prefix("hearth_test_").unwrap();
            assert!(random.bytes().all(|byte| byte == b'_' || byte.is_ascii_hexdigit()), "{name}");
        }
    }
}
