//! Breaking on purpose, at named points, in test builds only (feature `faults`); elsewhere this is nothing at all.
//!
//! `HEARTH_FAULT=point:kind:probability[,…]` says what happens where. Kinds: `kill` (the process ends there and then,
//! as by SIGKILL), `error` (the point fails), `wait` (it takes a second longer), `hang` (it never ends, once in a process).
//! `HEARTH_FAULT_LOG` names a file that gets one line for each fault, written before it happens. Every point stands in
//! [`POINTS`]. [`fill_disk`] lets a SQLite database grow no more.

use crate::error::Result;

/// All points. `reliability.md` R-01 visits every one.
pub const POINTS: [&str; 8] = [
    "db.begin",
    "db.commit.before",
    "db.commit.after",
    "inbox.answer",
    "delivery.record",
    "resolver.answer",
    "page.answer",
    "file.write",
];

/// Passes a point: nothing happens, or what was asked for.
///
/// # Errors
/// `Unavailable` where a fault of kind `error` was asked for.
#[cfg(not(feature = "faults"))]
#[inline]
pub const fn point(_name: &'static str) -> Result<()> {
    Ok(())
}

#[cfg(feature = "faults")]
pub(crate) use injected::most_pages;
#[cfg(feature = "faults")]
pub use injected::{fill_disk, point};

#[cfg(feature = "faults")]
mod injected {
    use super::{POINTS, Result};
    use crate::error::DbError;
    use std::{
        collections::HashMap,
        io::Write,
        sync::{
            LazyLock,
            atomic::{AtomicBool, AtomicU64, Ordering},
        },
        time::Duration,
    };

    #[derive(Clone, Copy)]
    enum Kind {
        Kill,
        Error,
        Wait,
        Hang,
    }

    #[derive(Debug, thiserror::Error)]
    #[error("a fault that was asked for")]
    struct Injected;

    static PLAN: LazyLock<HashMap<String, (Kind, f64)>> =
        LazyLock::new(|| std::env::var("HEARTH_FAULT").map(|text| read(&text)).unwrap_or_default());
    /// A simple generator is enough here: which visit fails only has to vary.
    static CHANCE: LazyLock<AtomicU64> = LazyLock::new(|| {
        let seed = std::env::var("HEARTH_FAULT_SEED").ok().and_then(|seed| seed.parse().ok());
        AtomicU64::new(seed.unwrap_or_else(|| u64::from(std::process::id())))
    });

    fn read(text: &str) -> HashMap<String, (Kind, f64)> {
        let mut plan = HashMap::new();
        for one in text.split(',').filter(|one| !one.is_empty()) {
            let mut parts = one.split(':');
            let (Some(point), Some(kind), Some(chance), None) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                tracing::error!("HEARTH_FAULT can't be read");
                continue;
            };
            let kind = match kind {
                "kill" => Kind::Kill,
                "error" => Kind::Error,
                "hang" => Kind::Hang,
                _ => Kind::Wait,
            };
            if !POINTS.contains(&point) {
                tracing::error!("HEARTH_FAULT names a point that does not exist");
            }
            plan.insert(point.to_owned(), (kind, chance.parse().unwrap_or(0.0)));
        }
        plan
    }

    fn chance() -> f64 {
        // SplitMix64.
        let mut x = CHANCE.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        f64::from(u32::try_from((x ^ (x >> 31)) >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }

    /// Passes a point: nothing happens, or what was asked for.
    ///
    /// # Errors
    /// `Unavailable` where a fault of kind `error` was asked for.
    pub fn point(name: &'static str) -> Result<()> {
        let Some((kind, probability)) = PLAN.get(name) else { return Ok(()) };
        if chance() >= *probability {
            return Ok(());
        }
        note(name);
        match kind {
            Kind::Kill => std::process::abort(),
            Kind::Error => Err(DbError::Unavailable(Box::new(Injected))),
            Kind::Wait => {
                std::thread::park_timeout(Duration::from_secs(1));
                Ok(())
            }
            Kind::Hang => {
                static HUNG: AtomicBool = AtomicBool::new(false);
                if !HUNG.swap(true, Ordering::Relaxed) {
                    loop {
                        std::thread::park();
                    }
                }
                Ok(())
            }
        }
    }

    /// Most pages of the SQLite database; 0: as many as it likes.
    static MOST_PAGES: AtomicU64 = AtomicU64::new(0);

    /// From now on a SQLite database of this process has this many pages at most, as on a full disk, until `None` gives
    /// the space back. Nothing happens on PostgreSQL.
    pub fn fill_disk(most_pages: Option<u64>) {
        MOST_PAGES.store(most_pages.unwrap_or(0), Ordering::Relaxed);
    }

    /// What [`fill_disk`] said, for whoever begins a transaction; `None` where it never was called.
    pub(crate) fn most_pages() -> Option<u64> {
        static TOLD: AtomicU64 = AtomicU64::new(0);
        let most = MOST_PAGES.load(Ordering::Relaxed);
        if most == 0 && TOLD.load(Ordering::Relaxed) == 0 {
            return None;
        }
        TOLD.store(1, Ordering::Relaxed);
        Some(if most == 0 { 1_000_000_000 } else { most })
    }

    fn note(name: &str) {
        let Some(path) = std::env::var_os("HEARTH_FAULT_LOG") else { return };
        if let Ok(mut file) = std::fs::OpenOptions::new().append(true).create(true).open(path) {
            let _ = writeln!(file, "{name}");
        }
    }
}
