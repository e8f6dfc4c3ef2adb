//! Panics are counted and logged by where they happened.
//!
//! Must never log what a panic says: it may hold a text or a name.

use std::{
    panic::{self, PanicHookInfo},
    sync::atomic::{AtomicU64, Ordering},
};

/// There is one hook for the whole process, so there is one count.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// How often something panicked since the start.
#[must_use]
pub fn count() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// Counts and logs panics from now on, in place of printing them.
pub fn watch() {
    panic::set_hook(Box::new(note));
}

fn note(panic: &PanicHookInfo<'_>) {
    PANICS.fetch_add(1, Ordering::Relaxed);
    let (file, line) = panic.location().map_or(("", 0), |at| (tail(at.file()), at.line()));
    let class = if panic.payload().is::<&str>() { "fixed words" } else { "formatted words" };
    tracing::error!(file, line, class, "something panicked; the server goes on");
}

/// The last three parts of a path: enough to find the line, nothing about whose machine it was built on.
fn tail(path: &str) -> &str {
    path.rmatch_indices('/').nth(2).and_then(|(at, _)| path.get(at + 1..)).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_short() {
        for (path, short) in [
            ("crates/hearth/src/main.rs", "hearth/src/main.rs"),
            ("/somewhere/else/diesel-2.3.14/src/connection/mod.rs", "src/connection/mod.rs"),
            ("main.rs", "main.rs"),
        ] {
            assert_eq!(tail(path), short);
        }
    }

    #[test]
    fn panics_are_counted() {
        let before = panic::take_hook();
        watch();
        let count_before = count();
        assert!(panic::catch_unwind(|| panic!("secret {}", 1)).is_err());
        panic::set_hook(before);
        assert!(count() > count_before);
    }
}
