//! `docs/GLOSSARY.md` names every table, so that the words of the pages, the code, the wire and the rows stay one set.

use std::collections::BTreeSet;

use crate::assert_clean;
use crate::tree::{self, Source};

/// Tables in the migrations that the glossary does not name in backquotes.
fn check(files: &[Source]) -> Vec<String> {
    let glossary = files.iter().find(|file| file.path == "docs/GLOSSARY.md").map_or("", |file| file.text.as_str());
    let migrations = files.iter().filter(|file| file.path.starts_with("migrations/") && file.path.ends_with("/up.sql"));
    let tables: BTreeSet<String> = migrations.flat_map(|file| tables(&file.text)).collect();
    let missing = tables.iter().filter(|table| !glossary.contains(&format!("`{table}`")));
    missing.map(|table| format!("docs/GLOSSARY.md: the table `{table}` is missing")).collect()
}

/// The names after `CREATE [VIRTUAL] TABLE [IF NOT EXISTS]`, in lower case.
fn tables(sql: &str) -> Vec<String> {
    let lower = sql.to_lowercase();
    let code: String =
        lower.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join(" ");
    let words: Vec<&str> =
        code.split(|c: char| c.is_whitespace() || "(;".contains(c)).filter(|w| !w.is_empty()).collect();
    let mut found = Vec::new();
    for (at, _) in words.iter().enumerate().filter(|(_, word)| **word == "table") {
        let creates = words[..at].iter().rev().find(|word| **word != "virtual") == Some(&"create");
        let name = words[at + 1..].iter().find(|word| !["if", "not", "exists"].contains(word));
        found.extend(name.filter(|_| creates).map(|name| name.trim_matches('"').to_owned()));
    }
    found
}

#[test]
fn the_glossary_names_every_table() {
    assert_clean(&check(&tree::files()));
}

#[test]
fn planted_violations_are_caught() {
    let sql = "CREATE TABLE posts (id TEXT);\n-- create table notes\ncreate virtual table IF NOT EXISTS post_search\n\
               USING fts5(x);\nDROP TABLE old;\nCREATE TABLE \"hosts\"(id TEXT);";
    let files = [
        Source::planted("migrations/sqlite/0001_spine/up.sql", sql),
        Source::planted("docs/GLOSSARY.md", "| post | `Post` | `Page` | `posts` |"),
    ];
    crate::assert_caught(&check(&files), &["`hosts` is missing", "`post_search` is missing"]);
}
