//! A file of more than 600 lines is split by noun, or its opening says "one file because" and why.

use crate::assert_clean;
use crate::tree::{self, Source};

const LIMIT: usize = 600;

fn check(files: &[Source]) -> Vec<String> {
    let long = files.iter().filter(|file| file.path.ends_with(".rs") && file.text.lines().count() > LIMIT);
    let silent = long.filter(|file| !opening(&file.text).contains("one file because "));
    silent.map(|file| format!("{}: {} lines; split it or say why not", file.path, file.text.lines().count())).collect()
}

/// The `//!` lines of a file as one line of text.
fn opening(text: &str) -> String {
    text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).collect::<Vec<_>>().join(" ")
}

#[test]
fn files_are_short_or_say_why() {
    assert_clean(&check(&tree::files()));
}

#[test]
fn planted_violations_are_caught() {
    let body = "\n".repeat(LIMIT);
    let files = [
        Source::planted("crates/hearth/src/a.rs", &format!("//! A.\n{body}")),
        Source::planted("crates/hearth/src/b.rs", &format!("//! B: one file\n//! because it is a table.\n{body}")),
        Source::planted("crates/hearth/src/c.rs", &format!("//! C.\n// one file because I say so\n{body}")),
        Source::planted("crates/hearth/src/d.rs", &body),
    ];
    crate::assert_caught(&check(&files), &["a.rs: 601 lines", "c.rs: 602 lines"]);
}
