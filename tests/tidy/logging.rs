//! Invariant 8: no post text, name, address or token is ever formatted into a log.
//!
//! A lexical check of every `tracing` macro: its fields, the values in them and the `{…}` in its message. It sees names,
//! not types; `Private<T>` in `hearth-domain` is what keeps a value from printing itself.

use crate::assert_clean;
use crate::code;
use crate::tree::{self, Source};

const MACROS: [&str; 12] = [
    "trace!",
    "debug!",
    "info!",
    "warn!",
    "error!",
    "event!",
    "span!",
    "trace_span!",
    "debug_span!",
    "info_span!",
    "warn_span!",
    "error_span!",
];

/// A word that is one of these, or ends in `_` and one of these, names something private.
const PRIVATE: [&str; 14] = [
    "address", "answer", "bio", "body", "content", "email", "mail", "name", "password", "phrase", "summary", "text",
    "title", "token",
];

fn check(files: &[Source]) -> Vec<String> {
    let mut violations = Vec::new();
    for file in files {
        let commentless = code::outside_tests(&code::with_strings(&file.text));
        for (line, call) in calls(&commentless) {
            let words = words(&call);
            let named = words.iter().filter(|word| private(word));
            violations.extend(named.map(|word| format!("{}:{line}: a log line may never hold `{word}`", file.path)));
        }
        for (index, text) in commentless.lines().enumerate().filter(|(_, text)| opens_instrument(text)) {
            if !text.contains("skip_all") {
                let at = format!("{}:{}", file.path, index + 1);
                violations
                    .push(format!("{at}: `instrument` writes every argument down; add skip_all on the same line"));
            }
        }
    }
    violations
}

/// Whether a line begins the attribute of that name; ActivityStreams has a property of the same name.
fn opens_instrument(line: &str) -> bool {
    let attribute = line.trim_start();
    attribute.starts_with("#[instrument") || attribute.starts_with("#[tracing::instrument")
}

/// Each macro call with the number of its first line.
fn calls(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for name in MACROS {
        for (at, _) in code.match_indices(name) {
            let touched = code[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
            let arguments = &code[at + name.len()..];
            if !touched && arguments.starts_with(['(', '[', '{']) {
                found.push((code[..at].matches('\n').count() + 1, balanced(arguments)));
            }
        }
    }
    found.sort();
    found
}

/// From the opening bracket to the one that closes it.
fn balanced(text: &str) -> String {
    let bare = code::bare(text);
    let mut depth = 0_i32;
    let end = bare.chars().position(|c| {
        depth += i32::from(matches!(c, '(' | '[' | '{')) - i32::from(matches!(c, ')' | ']' | '}'));
        depth == 0
    });
    // Characters, not bytes: blanking keeps their number only.
    text.chars().take(end.map_or(usize::MAX, |end| end.saturating_add(1))).collect()
}

/// The identifiers of a call: those in its code, and those in the braces of its strings.
fn words(call: &str) -> Vec<String> {
    let outside = code::bare(call);
    let inside: String = call
        .split('{')
        .skip(1)
        .filter_map(|part| part.split(['}', ':']).next())
        .fold(String::new(), |all, placeholder| all + " " + placeholder);
    let all = outside + " " + &inside;
    let words = all.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn private(word: &str) -> bool {
    let ends = |private: &str| word.strip_suffix(private).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'));
    PRIVATE.iter().any(|private| ends(private))
}

#[test]
fn logs_hold_ids_only() {
    assert_clean(&check(&tree::crate_sources()));
}

#[test]
fn planted_violations_are_caught() {
    let text = "fn f() {\n    tracing::info!(post = %post.id, \"the text of a post was kept\");\n    \
                warn!(display_name = %x, \"no\");\n    debug!(\n        post = ?post.content(),\n    );\n    \
                info!(\"sent to {email:?}\");\n    // error!(token)\n    let body_length = 1;\n    \
                error!(body_length, content_type, \"(unbalanced\");\n}\n#[instrument(skip(db))]\nfn g() {}\n";
    let files = [Source::planted("crates/hearth-web/src/a.rs", text)];
    let expected = ["a.rs:3: a log line may never hold `display_name`", ":4: ", ":7: ", ":12: `instrument`"];
    crate::assert_caught(&check(&files), &expected);
}
