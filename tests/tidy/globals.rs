//! Invariant 7: nobody reads the clock, makes ids or random numbers, or builds HTTP clients, except at start-up.
//!
//! Clippy enforces it through `.clippy.toml`; this checks that the list is complete and that each exception is in a file
//! named here. What clippy cannot see by path is looked for by name.

use crate::assert_clean;
use crate::code;
use crate::tree::{self, Source};

/// What `.clippy.toml` must forbid.
const FORBIDDEN: [&str; 7] = [
    "chrono::Local::now",
    "chrono::Utc::now",
    "getrandom::fill",
    "reqwest::Client::builder",
    "reqwest::Client::new",
    "std::thread::sleep",
    "std::time::SystemTime::now",
];

/// Sources of chance that come with some libraries.
const CHANCE: [&str; 4] = ["OsRng", "new_v4", "rand::random", "thread_rng"];

/// Where the exceptions are: the real clock, the one checked client, and the crate that starts everything.
const EXCEPTIONS: [&str; 3] =
    ["crates/hearth-domain/src/clock.rs", "crates/hearth-federation/src/client.rs", "crates/hearth/src/"];

fn check_settings(settings: &toml::Table) -> Vec<String> {
    let listed: Vec<&str> = settings
        .get("disallowed-methods")
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten()
        .filter(|entry| entry.get("reason").is_some_and(toml::Value::is_str))
        .filter_map(|entry| entry.get("path").and_then(toml::Value::as_str))
        .collect();
    let missing = FORBIDDEN.iter().filter(|path| !listed.contains(path));
    missing.map(|path| format!(".clippy.toml: {path} must be forbidden, with a reason")).collect()
}

fn check_code(files: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| !EXCEPTIONS.iter().any(|exception| file.path.starts_with(exception))) {
        let bare = code::outside_tests(&code::bare(&file.text));
        for line in code::lines_naming(&bare, "clippy::disallowed_methods") {
            violations.push(format!("{}:{line}: exceptions are made in {} only", file.path, EXCEPTIONS.join(", ")));
        }
        for name in CHANCE {
            for line in code::lines_naming(&bare, name) {
                violations.push(format!("{}:{line}: `{name}`: take random bytes as a parameter", file.path));
            }
        }
    }
    violations
}

#[test]
fn clippy_forbids_the_globals() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../.clippy.toml");
    let text = std::fs::read_to_string(path).expect(".clippy.toml at the root");
    assert_clean(&check_settings(&text.parse().expect("TOML")));
}

#[test]
fn exceptions_are_in_their_places() {
    assert_clean(&check_code(&tree::crate_sources()));
}

#[test]
fn planted_violations_are_caught() {
    let settings =
        "disallowed-methods = [{ path = \"chrono::Utc::now\" }, { path = \"getrandom::fill\", reason = \"x\" }]";
    let found = check_settings(&settings.parse().expect("TOML"));
    assert_eq!(found.len(), FORBIDDEN.len() - 1, "one entry is good, one lacks its reason, the others are absent");

    let text = "#[expect(clippy::disallowed_methods, reason = \"x\")]\nfn now() { OsRng.fill() }\n";
    let files = [
        Source::planted("crates/hearth-web/src/viewer.rs", text),
        Source::planted("crates/hearth/src/main.rs", text),
        Source::planted("crates/hearth-domain/src/clock.rs", text),
    ];
    crate::assert_caught(&check_code(&files), &["viewer.rs:1: exceptions", "viewer.rs:2: `OsRng`"]);
}
