//! FEDERATION.md says what the code does: its tables are compared with what is sent (the snapshots), what is acted on (the
//! sources of the actions) and which proposals the code names; the table of software is made from the code.

use std::{collections::BTreeSet, fs, path::Path};

use hearth_activitypub::peer::{READS_ACTIVITIES, READS_OBJECTS, THREADIVERSE};
use serde_json::Value;

const BEGIN: &str =
    "<!-- Made from the code: HEARTH_WRITE_DOCS=1 cargo nextest run -p tests --test federation_md -->\n";
const END: &str = "<!-- end -->\n";

type Words = BTreeSet<String>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn document() -> String {
    fs::read_to_string(root().join("FEDERATION.md")).unwrap()
}

/// The cells of the table under a heading, without its head.
fn table(document: &str, heading: &str) -> Vec<Vec<String>> {
    let below = document.split_once(&format!("### {heading}\n")).unwrap_or_else(|| panic!("no {heading}")).1;
    let section = below.split("\n#").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// The words in backticks, each without what stands in its braces.
fn named(cell: &str) -> Words {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.map(|word| word.split('{').next().unwrap().to_owned()).collect()
}

/// The files below a folder whose name ends so.
fn files(folder: &Path, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
    found
}

/// The JSON of the snapshots in a folder.
fn snapshots(folder: &str) -> Vec<Value> {
    let texts = files(&root().join(folder), ".snap");
    let found: Vec<Value> =
        texts.iter().filter_map(|text| serde_json::from_str(text.splitn(3, "---\n").nth(2)?).ok()).collect();
    assert!(!found.is_empty(), "no snapshots in {folder}");
    found
}

fn kind(value: &Value) -> Option<String> {
    value.get("type")?.as_str().map(str::to_owned)
}

/// The names behind `prefix` in a text.
fn names_after(text: &str, prefix: &str, fits: fn(char) -> bool) -> Words {
    text.split(prefix).skip(1).map(|rest| rest.chars().take_while(|c| fits(*c)).collect()).collect()
}

/// The production part of a source file.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap()
}

#[test]
fn the_table_of_activities_names_what_is_sent_and_acted_on() {
    let document = document();
    let rows = table(&document, "Activities");
    let listed = |column: usize| -> Words {
        let rows = rows.iter().filter(|row| row[column] != "—");
        rows.flat_map(|row| named(&row[0])).collect()
    };
    let sent: Words = snapshots("tests/tests/actions/snapshots").iter().filter_map(kind).collect();
    let written: Words = snapshots("crates/hearth-activitypub/src/snapshots").iter().filter_map(kind).collect();
    let missing: Vec<_> = sent.difference(&listed(1)).cloned().collect();
    assert!(missing.is_empty(), "sent, but FEDERATION.md does not say so: {missing:?}");
    let invented: Vec<_> = listed(1).difference(&written).cloned().collect();
    assert!(invented.is_empty(), "FEDERATION.md says it is sent, but nothing writes it: {invented:?}");

    let actions = root().join("crates/hearth-actions/src");
    let mut sources = files(&actions.join("received"), ".rs");
    sources.push(fs::read_to_string(actions.join("received.rs")).unwrap());
    let handled: Words = sources
        .iter()
        .flat_map(|source| names_after(without_tests(source), "ActivityKind::", char::is_alphanumeric))
        .collect();
    assert_eq!(listed(2), handled, "what is acted on (right) against the table (left)");
}

#[test]
fn the_table_of_objects_names_what_is_written() {
    let objects = ["Page", "Note", "Event", "Article", "Question", "Video", "Tombstone", "Place", "Document", "Audio"];
    let written: Words = snapshots("crates/hearth-activitypub/src/snapshots")
        .iter()
        .filter_map(kind)
        .filter(|kind| objects.contains(&&**kind))
        .collect();
    let listed: Words = table(&document(), "Objects").iter().flat_map(|row| named(&row[0])).collect();
    assert_eq!(listed, written);
}

#[test]
fn the_proposals_listed_are_those_the_code_names() {
    let document = document();
    let hexadecimal = |c: char| c.is_ascii_hexdigit();
    let listed = names_after(&document, "- [FEP-", hexadecimal);
    let sources = files(&root().join("crates"), ".rs").join("\n");
    let mut named = names_after(&sources, "FEP-", hexadecimal);
    // The one that is about this very file.
    named.insert("67ff".into());
    named.retain(|name| name.len() == 4);
    assert_eq!(listed, named, "FEDERATION.md (left) against what the code names (right)");
    for name in &listed {
        assert!(document.contains(&format!("/fep/{name}/fep-{name}.md")), "the address of FEP-{name}");
    }
}

#[test]
fn the_table_of_software_is_made_from_the_code() {
    let names = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let rest: Vec<&str> = READS_ACTIVITIES.iter().copied().filter(|name| !THREADIVERSE.contains(name)).collect();
    assert!(THREADIVERSE.iter().all(|name| READS_ACTIVITIES.contains(name)));
    let made = format!(
        "| software | gets |\n|---|---|\n| {} | activities; no meetup of a group, which it can't read |\n| {} | activities |\n| {} | ids |\n| any other | both |\n",
        names(THREADIVERSE),
        names(&rest),
        names(READS_OBJECTS)
    );
    let document = document();
    let (before, after) = document.split_once(BEGIN).expect("the beginning of the table");
    let (table, after) = after.split_once(END).expect("the end of the table");
    if std::env::var_os("HEARTH_WRITE_DOCS").is_some() {
        fs::write(root().join("FEDERATION.md"), format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(table, made, "run this test with HEARTH_WRITE_DOCS=1");
}
