//! Invariant 6: only actions write. `Db::write` is the one way to write, so nobody else may call a `.write(…)` with
//! arguments; a lock's `.write()` has none, and `std::io` has `write_all`.

use crate::assert_clean;
use crate::code;
use crate::tree::{self, Source};

/// Crates that write: the one that defines writing and the one that does it.
const WRITERS: [&str; 2] = ["hearth-actions", "hearth-db"];

/// Files of `hearth-federation/src` that write the queues: what came in, what goes out, and how each server answers.
const QUEUES: [&str; 2] = ["delivery.rs", "incoming.rs"];

fn check(files: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| !allowed(file)) {
        let bare = code::outside_tests(&code::bare(&file.text));
        let writes = bare.match_indices(".write(").filter(|(at, mark)| !bare[at + mark.len()..].starts_with(')'));
        for (at, _) in writes {
            let line = bare[..at].matches('\n').count() + 1;
            violations.push(format!("{}:{line}: only hearth-actions writes; call an action", file.path));
        }
    }
    violations
}

fn allowed(file: &Source) -> bool {
    let queue = file.path.strip_prefix("crates/hearth-federation/src/").is_some_and(|inner| QUEUES.contains(&inner));
    let test = file.path.contains("/tests/") || file.path.ends_with("/tests.rs");
    queue || test || WRITERS.contains(&file.crate_name())
}

#[test]
fn only_actions_write() {
    assert_clean(&check(&tree::crate_sources()));
}

#[test]
fn planted_violations_are_caught() {
    let text = "lock.write().push(1);\ndb.write(|tx| insert(tx))?;\ndb.write(\n    store,\n)?;\n";
    let files = [
        Source::planted("crates/hearth-web/src/pages/post.rs", text),
        Source::planted("crates/hearth-federation/src/delivery.rs", text),
        Source::planted("crates/hearth-federation/src/gate.rs", "//! db.write(x)\n"),
        Source::planted("crates/hearth-actions/src/post.rs", text),
    ];
    crate::assert_caught(&check(&files), &["pages/post.rs:2", "pages/post.rs:3"]);
}
