//! Tidiness: the invariants of `docs/ARCHITECTURE.md`, read off the source tree.
//!
//! Each module holds one rule: a `check` that lists what breaks it, a test that the tree is clean, and a test that a
//! planted violation is caught. The checks read text and never compile, run or change anything.

mod code;
mod dependencies;
mod documentation;
mod globals;
mod glossary;
mod length;
mod logging;
mod machine;
mod migrations;
mod sql;
mod tree;
mod writing;

/// Fails with one line per violation.
fn assert_clean(violations: &[String]) {
    assert!(violations.is_empty(), "{} violation(s):\n{}", violations.len(), violations.join("\n"));
}

/// Fails unless exactly the planted violations were found, in order, each named by a part of its line.
fn assert_caught(violations: &[String], expected: &[&str]) {
    assert_eq!(violations.len(), expected.len(), "found: {violations:#?}\nexpected: {expected:#?}");
    for (violation, part) in violations.iter().zip(expected) {
        assert!(violation.contains(part), "{violation:?} does not mention {part:?}");
    }
}
