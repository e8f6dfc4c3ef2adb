//! The files of the checkout, as (path, text) pairs. Never follows links and never looks at build output.

use std::fs;
use std::path::Path;

/// Folders that hold nothing a person wrote.
const SKIPPED: [&str; 3] = ["target", "hearth-data", "node_modules"];

/// Folders with a dot name that belong to the project.
const DOTTED: [&str; 2] = [".ci", ".config"];

/// One text file of the project.
pub struct Source {
    /// Path from the root of the checkout, with `/` between its parts.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// A file that exists only in a test of a rule.
    pub fn planted(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// The crate the file belongs to: the folder below `crates/`, or `tests`.
    pub fn crate_name(&self) -> &str {
        match self.path.strip_prefix("crates/") {
            Some(rest) => rest.split('/').next().unwrap_or(rest),
            None => self.path.split('/').next().unwrap_or(&self.path),
        }
    }

    /// The last part of the path.
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// Every text file of the project, in the order of their paths.
pub fn files() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the checkout");
    let mut found = Vec::new();
    collect(root, "", &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.iter().any(|file| file.path == "Cargo.toml"), "no project at {}", root.display());
    found
}

/// The Rust sources of the seven crates.
pub fn crate_sources() -> Vec<Source> {
    files().into_iter().filter(|file| file.path.starts_with("crates/") && file.path.ends_with(".rs")).collect()
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<Source>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("cannot read {}: {error}", folder.display()));
    for entry in entries {
        let entry = entry.expect("a folder entry");
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type().expect("a file type");
        if kind.is_dir() && !skipped(&name) {
            collect(&entry.path(), &format!("{prefix}{name}/"), found);
        } else if kind.is_file()
            && let Ok(text) = fs::read_to_string(entry.path())
        {
            found.push(Source { path: format!("{prefix}{name}"), text });
        }
    }
}

fn skipped(name: &str) -> bool {
    SKIPPED.contains(&name) || (name.starts_with('.') && !DOTTED.contains(&name))
}
