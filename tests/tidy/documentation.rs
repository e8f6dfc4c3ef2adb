//! Invariant 9: everything says what it is for. The compiler asks for documentation of public items (`missing_docs`,
//! an error under `tests/run`); this checks that every module opens with `//!` and that no crate opts out.

use crate::assert_clean;
use crate::code;
use crate::tree::{self, Source};

fn check_modules(files: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        let opening =
            file.text.lines().find(|line| !line.trim().is_empty() && !line.starts_with("#!")).unwrap_or_default();
        if opening.trim_start_matches("//!").trim().is_empty() || !opening.starts_with("//!") {
            violations.push(format!("{}: a module opens with `//!`: what it is for, what it must never do", file.path));
        }
        if file.path.starts_with("crates/") {
            let silenced = code::lines_naming(&code::bare(&file.text), "missing_docs");
            let too_wide = silenced.iter().filter(|line| !stands_on_an_enum(&file.text, **line));
            violations.extend(too_wide.map(|line| format!("{}:{line}: missing_docs is not silenced", file.path)));
        }
    }
    violations
}

/// The one exception: an enum whose variants are terms of a specification, which its own documentation names.
fn stands_on_an_enum(text: &str, line: usize) -> bool {
    let below = text.lines().skip(line).find(|below| !below.starts_with("#[") && !below.starts_with("///"));
    below.is_some_and(|below| below.trim_start_matches("pub ").starts_with("enum "))
}

fn check_manifests(files: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("crates/") && file.file_name() == "Cargo.toml") {
        let manifest: toml::Table = file.text.parse().unwrap_or_else(|error| panic!("{}: {error}", file.path));
        let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        if inherits != Some(true) {
            violations.push(format!("{}: [lints] workspace = true is missing", file.path));
        }
    }
    let root = files.iter().find(|file| file.path == "Cargo.toml");
    let manifest: toml::Table = root.and_then(|file| file.text.parse().ok()).unwrap_or_default();
    let lint = |group: &str, name: &str| manifest.get("workspace")?.get("lints")?.get(group)?.get(name)?.as_str();
    if !matches!(lint("rust", "missing_docs"), Some("warn" | "deny")) || lint("rust", "unsafe_code") != Some("forbid") {
        violations.push("Cargo.toml: the workspace warns of missing_docs and forbids unsafe_code".to_owned());
    }
    violations
}

#[test]
fn modules_say_what_they_are_for() {
    assert_clean(&check_modules(&tree::files()));
}

#[test]
fn no_crate_opts_out_of_the_lints() {
    assert_clean(&check_manifests(&tree::files()));
}

#[test]
fn planted_violations_are_caught() {
    let files = [
        Source::planted("crates/hearth-web/src/good.rs", "\n//! Pages.\nmod x;\n"),
        Source::planted("crates/hearth-web/src/empty.rs", "//!\nmod x;\n"),
        Source::planted("crates/hearth-web/src/late.rs", "use x;\n//! Pages.\n"),
        Source::planted(
            "crates/hearth-web/src/terms.rs",
            "//! A.\n/// Terms.\n#[expect(missing_docs, reason = \"x\")]\npub enum Term {}\n",
        ),
        Source::planted("crates/hearth-web/src/quiet.rs", "//! A.\n#[expect(missing_docs, reason = \"x\")]\nmod x;\n"),
    ];
    crate::assert_caught(&check_modules(&files), &["empty.rs", "late.rs", "quiet.rs:2"]);
    let manifests = [
        Source::planted("Cargo.toml", "[workspace.lints.rust]\nmissing_docs = \"allow\"\nunsafe_code = \"forbid\"\n"),
        Source::planted("crates/hearth-web/Cargo.toml", "[package]\nname = \"hearth-web\"\n"),
    ];
    crate::assert_caught(&check_manifests(&manifests), &["hearth-web/Cargo.toml", "Cargo.toml: the workspace"]);
}
