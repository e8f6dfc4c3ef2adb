//! Invariants 1 to 4: who may depend on whom. Arrows point down only; each outside library has its one home.

use crate::assert_clean;
use crate::code;
use crate::tree::{self, Source};

/// What each crate may use of the others, from the bottom up. The tests use everything.
const LAYERS: [(&str, &[&str]); 7] = [
    ("hearth-domain", &[]),
    ("hearth-activitypub", &["hearth-domain"]),
    ("hearth-db", &["hearth-domain"]),
    ("hearth-actions", &["hearth-activitypub", "hearth-db", "hearth-domain"]),
    ("hearth-federation", &["hearth-actions", "hearth-activitypub", "hearth-db", "hearth-domain"]),
    ("hearth-web", &["hearth-actions", "hearth-activitypub", "hearth-db", "hearth-domain"]),
    (
        "hearth",
        &["hearth-actions", "hearth-activitypub", "hearth-db", "hearth-domain", "hearth-federation", "hearth-web"],
    ),
];

/// All that the rules may be built on: values and nothing that reads, writes, waits or serves.
const PURE: [&str; 10] = [
    "chrono",
    "chrono-tz",
    "icalendar",
    "idna",
    "rrule",
    "serde",
    "serde_json",
    "thiserror",
    "unicode-normalization",
    "url",
];

/// Libraries that only the crates beside them may depend on or name.
const HOMES: [(&str, &[&str]); 12] = [
    ("diesel", &["hearth-db"]),
    ("diesel_migrations", &["hearth-db"]),
    ("libsqlite3-sys", &["hearth-db"]),
    ("pq-sys", &["hearth-db"]),
    ("openssl-sys", &["hearth-db"]),
    ("activitypub_federation", &["hearth-federation"]),
    ("reqwest", &["hearth-federation"]),
    ("reqwest-middleware", &["hearth-federation"]),
    ("actix-web", &["hearth-federation", "hearth-web", "hearth"]),
    ("actix-http", &["hearth"]),
    ("actix-service", &["hearth"]),
    ("anyhow", &["hearth"]),
];

const TABLES: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];

/// Reads the manifests of the crates, not the one of `tests/`, which may use anything.
fn check_manifests(files: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("crates/") && file.file_name() == "Cargo.toml") {
        let manifest: toml::Table = file.text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.path));
        let Some((_, below)) = LAYERS.iter().find(|(name, _)| *name == file.crate_name()) else {
            violations.push(format!("{}: a crate that docs/ARCHITECTURE.md does not know", file.path));
            continue;
        };
        for (table, dependency, details) in dependencies(&manifest) {
            violations.extend(judge(file, below, table, &dependency));
            if details.get("workspace").and_then(toml::Value::as_bool) != Some(true) {
                violations.push(format!("{}: {dependency} must come from the workspace's list", file.path));
            }
        }
    }
    violations
}

fn dependencies(manifest: &toml::Table) -> Vec<(&'static str, String, toml::Table)> {
    let mut targets: Vec<&toml::Table> = vec![manifest];
    if let Some(toml::Value::Table(platforms)) = manifest.get("target") {
        targets.extend(platforms.values().filter_map(toml::Value::as_table));
    }
    let mut found = Vec::new();
    for (target, table) in targets.iter().flat_map(|target| TABLES.map(|table| (*target, table))) {
        for (name, value) in target.get(table).and_then(toml::Value::as_table).into_iter().flatten() {
            let details = value.as_table().cloned().unwrap_or_default();
            let package = details.get("package").and_then(toml::Value::as_str).unwrap_or(name).to_owned();
            found.push((table, package, details));
        }
    }
    found
}

fn judge(file: &Source, below: &[&str], table: &str, dependency: &str) -> Option<String> {
    let name = file.crate_name();
    let ours = LAYERS.iter().any(|(layer, _)| *layer == dependency);
    if ours && !below.contains(&dependency) {
        return Some(format!("{}: {name} must not depend on {dependency}: arrows point down only", file.path));
    }
    if name == "hearth-domain" && table != "dev-dependencies" && !PURE.contains(&dependency) {
        return Some(format!(
            "{}: the rules must not depend on {dependency}: not on the list of pure crates",
            file.path
        ));
    }
    let (_, homes) = HOMES.iter().find(|(library, _)| *library == dependency)?;
    (!homes.contains(&name)).then(|| format!("{}: {dependency} belongs in {} only", file.path, homes.join(", ")))
}

/// Reads the code itself, so that a re-export cannot carry a library out of its home.
fn check_code(files: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files {
        let bare = code::bare(&file.text);
        for (library, homes) in HOMES.iter().filter(|(_, homes)| !homes.contains(&file.crate_name())) {
            for line in code::lines_naming(&bare, &library.replace('-', "_")) {
                violations.push(format!("{}:{line}: {library} is named only in {}", file.path, homes.join(", ")));
            }
        }
    }
    violations
}

#[test]
fn manifests_point_down() {
    assert_clean(&check_manifests(&tree::files()));
}

#[test]
fn libraries_stay_at_home() {
    assert_clean(&check_code(&tree::crate_sources()));
}

#[test]
fn every_crate_is_in_the_picture() {
    let files = tree::files();
    for (name, _) in LAYERS {
        let manifest = format!("crates/{name}/Cargo.toml");
        assert!(files.iter().any(|file| file.path == manifest), "{manifest} is missing");
    }
}

#[test]
fn planted_violations_are_caught() {
    let domain = "[dependencies]\ntokio.workspace = true\nserde = \"1\"\nhearth-db.workspace = true\n";
    let web = "[target.'cfg(unix)'.dev-dependencies]\nsql = { package = \"diesel\", workspace = true }\n";
    let manifests = [
        Source::planted("crates/hearth-domain/Cargo.toml", domain),
        Source::planted("crates/hearth-web/Cargo.toml", web),
        Source::planted("crates/extra/Cargo.toml", ""),
    ];
    let expected = ["arrows point down", "serde must come", "depend on tokio", "diesel belongs", "does not know"];
    let mut found = check_manifests(&manifests);
    found.sort_by_key(|line| expected.iter().position(|part| line.contains(part)));
    crate::assert_caught(&found, &expected);

    let code = "//! diesel\nuse hearth_db::diesel::prelude::*;\nlet s = \"reqwest\";\nactix_web::web();\n";
    let sources = [Source::planted("crates/hearth-web/src/lib.rs", code)];
    crate::assert_caught(&check_code(&sources), &["lib.rs:2: diesel"]);
}
