//! Both databases have the same migrations: the same names, each with a way up and a way down.

use std::collections::BTreeSet;

use crate::assert_clean;
use crate::tree::{self, Source};

fn check(files: &[Source]) -> Vec<String> {
    let (sqlite, postgres) = (names(files, "migrations/sqlite/"), names(files, "migrations/postgres/"));
    let mut violations: Vec<String> = sqlite
        .symmetric_difference(&postgres)
        .map(|name| format!("migrations: {name} exists for one database only"))
        .collect();
    for name in sqlite.union(&postgres).filter(|name| !name.ends_with("/up.sql") && !name.ends_with("/down.sql")) {
        violations.push(format!("migrations: {name} is neither up.sql nor down.sql in a folder"));
    }
    let folders: BTreeSet<&str> =
        sqlite.iter().filter_map(|name| name.split_once('/')).map(|(folder, _)| folder).collect();
    for folder in folders {
        for file in ["up.sql", "down.sql"].iter().filter(|file| !sqlite.contains(&format!("{folder}/{file}"))) {
            violations.push(format!("migrations: {folder} has no {file}"));
        }
    }
    violations
}

fn names(files: &[Source], prefix: &str) -> BTreeSet<String> {
    files.iter().filter_map(|file| file.path.strip_prefix(prefix)).map(str::to_owned).collect()
}

#[test]
fn both_databases_have_the_same_migrations() {
    assert_clean(&check(&tree::files()));
}

#[test]
fn planted_violations_are_caught() {
    let files = [
        Source::planted("migrations/sqlite/0001_spine/up.sql", ""),
        Source::planted("migrations/sqlite/0001_spine/down.sql", ""),
        Source::planted("migrations/postgres/0001_spine/up.sql", ""),
        Source::planted("migrations/postgres/0001_spine/down.sql", ""),
        Source::planted("migrations/sqlite/0002_queue/up.sql", ""),
        Source::planted("migrations/postgres/0003_queue/up.sql", ""),
    ];
    let expected =
        ["0002_queue/up.sql exists for one", "0003_queue/up.sql exists for one", "0002_queue has no down.sql"];
    crate::assert_caught(&check(&files), &expected);
}
