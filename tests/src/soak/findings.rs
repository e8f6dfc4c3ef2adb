//! What a scenario found, in plain lines, and whether all that must be so was so.
//!
//! In the short form, which runs beside other work on whatever machine there is, time and memory are only said.

/// The findings of one scenario. Each line is also printed as soon as it is known.
pub(super) struct Findings {
    name: &'static str,
    short: bool,
    failed: bool,
}

/// Units of what depends on the machine.
const OF_THE_MACHINE: [&str; 4] = ["s", "ms", "a second", "MiB"];

impl Findings {
    pub(super) fn new(name: &'static str, short: bool) -> Self {
        Self { name, short, failed: false }
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
        let counts = !(self.short && OF_THE_MACHINE.contains(&unit));
        let verdict = match (so, counts) {
            (true, _) => "",
            (false, true) => " MISSED",
            (false, false) => " missed, which counts in the full form only",
        };
        println!("{} {what}: {found:.2} {unit} ({word} {bound}){verdict}", self.name);
        self.failed |= !so && counts;
    }

    /// Says how it ended: whether everything was as it must be.
    pub(super) fn end(self) -> bool {
        println!("{} {}", self.name, if self.failed { "FAIL" } else { "PASS" });
        !self.failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(short: bool, find: impl FnOnce(&mut Findings)) -> bool {
        let mut findings = Findings::new("R-00", short);
        find(&mut findings);
        findings.end()
    }

    #[test]
    fn what_must_be_so_decides() {
        assert!(passes(false, |_| {}));
        assert!(!passes(true, |findings| findings.must("so", false)));
        assert!(!passes(true, |findings| findings.same("two", &1, &2)));
        assert!(!passes(true, |findings| findings.most("attempts", 41.0, 40.0, "")));
        assert!(passes(false, |findings| findings.least("rate", 10.0, 10.0, "a second")));
    }

    #[test]
    fn a_slow_machine_fails_only_the_full_form() {
        assert!(passes(true, |findings| findings.most("start", 4.0, 3.0, "s")));
        assert!(!passes(false, |findings| findings.most("start", 4.0, 3.0, "s")));
        assert!(!passes(false, |findings| findings.most("start", f64::NAN, 3.0, "s")));
    }
}
