//! What a scenario found, in plain lines, and whether all that must be so was so.

/// The findings of one scenario. Each line is also printed as soon as it is known.
pub(super) struct Findings {
    name: &'static str,
    failed: bool,
}

impl Findings {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, failed: false }
    }

    /// A figure.
    pub(super) fn say(&self, what: &str, figure: impl std::fmt::Display) {
        println!("{} {what}: {figure}", self.name);
    }

    /// Something that must be so.
    pub(super) fn must(&mut self, what: &str, so: bool) {
        println!("{} {what}: {}", self.name, if so { "yes" } else { "NO" });
        self.failed |= !so;
    }

    /// Two things that must be equal.
    pub(super) fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: &T, wanted: &T) {
        let so = found == wanted;
        println!("{} {what}: {found:?}{}", self.name, if so { String::new() } else { format!(", NOT {wanted:?}") });
        self.failed |= !so;
    }

    /// A figure that must be at most so large.
    pub(super) fn most(&mut self, what: &str, found: f64, most: f64, unit: &str) {
        self.bound(what, found, most, unit, found <= most, "at most");
    }

    /// A figure that must be at least so large.
    pub(super) fn least(&mut self, what: &str, found: f64, least: f64, unit: &str) {
        self.bound(what, found, least, unit, found >= least, "at least");
    }

    fn bound(&mut self, what: &str, found: f64, bound: f64, unit: &str, so: bool, word: &str) {
        let verdict = if so { "" } else { " MISSED" };
        println!("{} {what}: {found:.2} {unit} ({word} {bound}){verdict}", self.name);
        self.failed |= !so;
    }

    /// Says how it ended: whether everything was as it must be.
    pub(super) fn end(self) -> bool {
        println!("{} {}", self.name, if self.failed { "FAIL" } else { "PASS" });
        !self.failed
    }
}
