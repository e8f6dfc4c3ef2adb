//! No file holds anything about the machine it was written on: no path of a home or a workshop, no package mirror.

use crate::assert_clean;
use crate::tree::{self, Source};

/// Beginnings of paths that exist on one machine only, cut in two so that this file passes its own rule.
const PATHS: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/tmp/", "bash"), concat!("/ho", "me/")];

/// Hosts that a mirror stands in for; they belong in a person's own settings.
const REGISTRIES: [&str; 7] = [
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("registry.", "npmjs"),
    concat!("files.", "pythonhosted"),
    concat!("deb.", "debian.org"),
    concat!("arti", "factory"),
    concat!("sparse", "+http"),
];

/// The one address `Cargo.lock` may name.
const INDEX: &str = "registry+https://github.com/rust-lang/crates.io-index";

fn check(files: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files {
        for (index, line) in file.text.lines().enumerate() {
            let at = || format!("{}:{}", file.path, index + 1);
            let path = PATHS.iter().find(|path| starts_a_path(line, path));
            violations.extend(path.map(|path| format!("{}: a path of one machine: {path}", at())));
            let registry = REGISTRIES.iter().find(|host| line.contains(**host));
            violations.extend(registry.map(|host| format!("{}: a package registry: {host}", at())));
            if file.path == "Cargo.lock" && line.starts_with("source = ") && !line.contains(INDEX) {
                violations.push(format!("{}: packages come from crates.io only", at()));
            }
        }
    }
    violations
}

/// Whether the path stands at the beginning of a word, so that `https://host/home/` is none.
fn starts_a_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "./_-}".contains(c)))
}

#[test]
fn files_say_nothing_about_the_machine() {
    assert_clean(&check(&tree::files()));
}

#[test]
fn planted_violations_are_caught() {
    let (path, host) = (PATHS[0], REGISTRIES[0]);
    let text = format!("see {path}notes\nhttps://example.test{path}\nurl = \"https://{host}/\"\n");
    let lock = format!("source = \"{INDEX}\"\nsource = \"git+https://example.test/x\"\n");
    let files = [Source::planted("docs/a.md", &text), Source::planted("Cargo.lock", &lock)];
    crate::assert_caught(&check(&files), &["a.md:1: a path", "a.md:3: a package registry", "Cargo.lock:2"]);
}
