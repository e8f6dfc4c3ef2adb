//! Invariant 5: raw SQL, and asking which database is behind a connection, only where the two databases are told apart.

use crate::assert_clean;
use crate::code;
use crate::tree::{self, Source};

/// Files of `hearth-db/src` that may: two hold what differs, the others make and prepare the connection itself.
const ALLOWED: [&str; 5] = ["connection.rs", "dialect.rs", "migrate.rs", "search.rs", "transaction.rs"];

const MARKS: [&str; 6] =
    ["sql_query", "batch_execute", "sql::<", "DbConn::Sqlite", "DbConn::Postgres", "embed_migrations"];

fn check(files: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| !allowed(file)) {
        let bare = code::outside_tests(&code::bare(&file.text));
        for mark in MARKS {
            for line in code::lines_naming(&bare, mark) {
                violations.push(format!(
                    "{}:{line}: `{mark}` belongs in hearth-db/src/{{dialect,search}}.rs, behind a function with a name",
                    file.path
                ));
            }
        }
    }
    violations
}

fn allowed(file: &Source) -> bool {
    let inner = file.path.strip_prefix("crates/hearth-db/src/");
    inner.is_some_and(|inner| ALLOWED.contains(&inner))
}

#[test]
fn raw_sql_is_in_its_place() {
    assert_clean(&check(&tree::crate_sources()));
}

#[test]
fn planted_violations_are_caught() {
    let text = "use diesel::sql_query;\nmatch c { DbConn::Sqlite(s) => s.batch_execute(\"x\") }\n";
    let files = [
        Source::planted("crates/hearth-db/src/dialect.rs", text),
        Source::planted("crates/hearth-db/src/tables/dialect.rs", text),
        Source::planted(
            "crates/hearth-db/src/tables/post.rs",
            "//! sql_query\n#[cfg(test)]\nmod tests {\n    sql_query\n}\n",
        ),
    ];
    let expected = ["tables/dialect.rs:1: `sql_query`", ":2: `batch_execute`", ":2: `DbConn::Sqlite`"];
    crate::assert_caught(&check(&files), &expected);
}
