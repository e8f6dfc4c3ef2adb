//! `docs/GLOSSARY.md` names every table, so that the words of the pages, the code, the wire and the rows stay one set.

use std::collections::BTreeSet;

use crate::assert_clean;
use crate::tree::{self, Source};

/// Tables that are there after all migrations and that the glossary does not name in backquotes.
fn check(files: &[Source]) -> Vec<String> {
    let glossary = files.iter().find(|file| file.path == "docs/GLOSSARY.md").map_or("", |file| file.text.as_str());
    let mut migrations: Vec<&Source> =
        files.iter().filter(|file| file.path.starts_with("migrations/") && file.path.ends_with("/up.sql")).collect();
    migrations.sort_by(|one, other| one.path.cmp(&other.path));
    // The databases one after the other: what one creates, the other has created before.
    let mut tables = BTreeSet::new();
    migrations.iter().for_each(|file| follow(&file.text, &mut tables));
    let missing = tables.iter().filter(|table| !glossary.contains(&format!("`{table}`")));
    missing.map(|table| format!("docs/GLOSSARY.md: the table `{table}` is missing")).collect()
}

/// Follows `CREATE [VIRTUAL] TABLE [IF NOT EXISTS]`, `ALTER TABLE … RENAME TO …` and `DROP TABLE [IF EXISTS]`.
fn follow(sql: &str, tables: &mut BTreeSet<String>) {
    let lower = sql.to_lowercase();
    let code: String =
        lower.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join(" ");
    let words: Vec<&str> = code
        .split(|c: char| c.is_whitespace() || "(;".contains(c))
        .filter(|word| !word.is_empty())
        .map(|word| word.trim_matches('"'))
        .collect();
    for (at, _) in words.iter().enumerate().filter(|(_, word)| **word == "table") {
        let does = words[..at].iter().rev().find(|word| **word != "virtual");
        let mut after = words[at + 1..].iter().filter(|word| !["if", "not", "exists"].contains(word));
        match (does, after.next(), after.next(), after.next(), after.next()) {
            (Some(&"create"), Some(name), ..) => {
                tables.insert((*name).to_owned());
            }
            (Some(&"alter"), Some(old), Some(&"rename"), Some(&"to"), Some(new)) => {
                tables.remove(*old);
                tables.insert((*new).to_owned());
            }
            (Some(&"drop"), Some(name), ..) => {
                tables.remove(*name);
            }
            _ => {}
        }
    }
}

#[test]
fn the_glossary_names_every_table() {
    assert_clean(&check(&tree::files()));
}

#[test]
fn planted_violations_are_caught() {
    let sql = "CREATE TABLE posts (id TEXT);\n-- create table notes\ncreate virtual table IF NOT EXISTS post_search\n\
               USING fts5(x);\nDROP TABLE old;\nCREATE TABLE \"hosts\"(id TEXT);\n\
               CREATE TABLE cats (id TEXT); ALTER TABLE cats RENAME TO dogs;";
    let files = [
        Source::planted("migrations/sqlite/0001_spine/up.sql", sql),
        Source::planted("docs/GLOSSARY.md", "| post | `Post` | `Page` | `posts` |"),
    ];
    crate::assert_caught(&check(&files), &["`dogs` is missing", "`hosts` is missing", "`post_search` is missing"]);
}
