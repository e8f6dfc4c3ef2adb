//! One schema, three times: the migrations of SQLite, those of PostgreSQL, and what diesel believes.

use hearth_db::{Db, DbError, Kind, dialect};
use std::env;
use tests::database::{POSTGRES, TestDatabase, each_database};

/// Columns as `schema.rs` of `hearth-db` declares them, in the spelling of `dialect::columns`.
fn declared() -> Vec<String> {
    let text = include_str!("../../../crates/hearth-db/src/schema.rs");
    let mut table = "";
    let mut columns = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            let word = match inner.unwrap_or(kind) {
                "BigInt" => "bigint",
                "Binary" => "bytea",
                "Bool" => "boolean",
                "Integer" => "integer",
                "Text" => "text",
                "Timestamp" => "timestamp",
                other => panic!("{other} is not among the types both databases share"),
            };
            columns.push(format!("{table}.{name} {word}{}", if inner.is_some() { " null" } else { "" }));
        } else if let Some((name, _)) = line.strip_suffix(" {").and_then(|line| line.split_once(" (")) {
            table = name;
        }
    }
    columns.sort();
    columns
}

#[test]
fn both_databases_are_what_diesel_believes() {
    let declared = declared();
    assert!(declared.len() > 150 && declared.contains(&"posts.title text null".to_owned()), "{declared:#?}");
    each_database(|database| {
        let mut found = database.db.read(dialect::columns).unwrap();
        found.sort();
        assert_eq!(found, declared);
    });
}

#[test]
fn opening_again_changes_nothing_and_finds_nothing_broken() {
    each_database(|database| {
        let again = Db::open(&database.url, 2).unwrap();
        assert_eq!(again.kind(), database.kind());
        assert_eq!(again.read(dialect::integrity).unwrap(), Vec::<String>::new());
    });
}

/// The same for SQLite is a test of `hearth-db` itself, which can write past the migrations.
#[test]
fn a_newer_schema_is_refused() {
    each_database(|database| {
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')";
        if database.run_on_postgres(newer) {
            assert!(matches!(Db::open(&database.url, 1), Err(DbError::NewerSchema)));
        }
    });
}

#[test]
fn two_nodes_that_start_together_migrate_once() {
    each_database(|database| {
        std::thread::scope(|scope| {
            let opening: Vec<_> = (0..4).map(|_| scope.spawn(|| Db::open(&database.url, 1).is_ok())).collect();
            assert!(opening.into_iter().all(|thread| thread.join().unwrap()));
        });
    });
}

/// Where PostgreSQL must not be left out, leaving it out is a failure.
#[test]
fn postgres_is_tested() {
    let required = ["CI", "HEARTH_REQUIRE_POSTGRES"].iter().any(|name| env::var_os(name).is_some());
    if required || env::var_os(POSTGRES).is_some() {
        assert_eq!(TestDatabase::new(Kind::Postgres).ask_postgres("SELECT 1").as_deref(), Some("1"));
    }
}
