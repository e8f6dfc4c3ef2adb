//! The figures, as a table to read or as rows for docs/measurements.md.

use super::Options;

/// What a figure should be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    /// At least.
    Least(f64),
    /// At most.
    Most(f64),
}

/// All figures of a run, in the order of measuring. Each section is also printed as soon as it is known.
pub(super) struct Report {
    markdown: bool,
    rows: Vec<Row>,
}

struct Row {
    section: String,
    figure: String,
    value: String,
    target: String,
}

impl Report {
    pub(super) fn new(options: &Options) -> Self {
        Self { markdown: options.markdown, rows: Vec::new() }
    }

    /// A figure in words.
    pub(super) fn say(&mut self, section: &str, figure: &str, value: impl Into<String>) {
        self.push(section, figure, value.into(), String::new());
    }

    /// A figure with two digits after the point where it is small, and none where it is large.
    pub(super) fn figure(&mut self, section: &str, figure: &str, value: f64, unit: &str) {
        self.push(section, figure, join(value, unit), String::new());
    }

    /// A figure with its target.
    pub(super) fn judge(&mut self, section: &str, figure: &str, value: f64, unit: &str, target: Target) {
        let (met, words) = match target {
            Target::Least(least) => (value >= least, format!("at least {}", join(least, unit))),
            Target::Most(most) => (value <= most, format!("at most {}", join(most, unit))),
        };
        let verdict = if met { "met" } else { "MISSED" };
        self.push(section, figure, join(value, unit), format!("{words}: {verdict}"));
    }

    fn push(&mut self, section: &str, figure: &str, value: String, target: String) {
        // To standard error at once: a long run shows what it has found so far.
        eprintln!("{section}: {figure}: {value}  {target}");
        self.rows.push(Row { section: section.to_owned(), figure: figure.to_owned(), value, target });
    }

    /// Prints everything.
    pub(super) fn print(&self) {
        if self.markdown {
            println!("| scenario | figure | value | target |\n|---|---|---|---|");
        }
        for Row { section, figure, value, target } in &self.rows {
            if self.markdown {
                println!("| {section} | {figure} | {value} | {target} |");
            } else {
                println!("{section:<24} {figure:<52} {value:>16}  {target}");
            }
        }
    }
}

fn join(value: f64, unit: &str) -> String {
    let number = match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    };
    if unit.is_empty() { number } else { format!("{number} {unit}") }
}
