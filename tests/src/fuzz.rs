//! A fuzz harness for what reads bytes of strangers: the gate, the JSON reader, the HTML sanitiser, the calendar reader.
//!
//! Each target makes inputs from a grammar of its own, mutates those that led somewhere new, and checks properties, not
//! only that nothing panics. What fails is made small and written to `tests/fuzz/regressions/<target>/`, where a normal
//! test plays it again. Everything follows from the seed, except which inputs a slice of time reaches.
//! Must never need anything outside the process.

pub mod calendar;
mod calendar_text;
pub mod document;
mod document_grammar;
mod document_text;
pub mod gate;
mod gate_reference;
pub mod html;
pub(crate) mod html_reading;
mod json;
pub mod mutate;
pub mod random;
pub mod regressions;
mod runner;
mod shrink;

pub use random::Random;
pub use runner::{Finding, Report, run};

use std::{
    cell::Cell,
    fs,
    panic::{self, AssertUnwindSafe},
    sync::Once,
    time::Duration,
};

/// The longest that one input may keep a processor busy, in a build without optimisation.
pub const CPU_LIMIT: Duration = Duration::from_secs(3);

/// What one input led to: a word or two. Inputs with a new one are kept and mutated further.
pub type Outcome = String;

/// Something that reads bytes of strangers, and what must be true of it.
pub trait Target: Sync {
    /// Its name on the command line and in the folder of regressions.
    fn name(&self) -> &'static str;
    /// A new input.
    fn generate(&self, random: &mut Random) -> Vec<u8>;
    /// An input changed in a way that keeps its form; `None` where there is no such way.
    fn vary(&self, _input: &[u8], _random: &mut Random) -> Option<Vec<u8>> {
        None
    }
    /// Words that mean something to it.
    fn words(&self) -> &'static [&'static str];
    /// Checks every property that does not depend on the clock.
    ///
    /// # Errors
    /// The property that does not hold.
    fn check(&self, input: &[u8]) -> Result<Outcome, String>;
    /// The work whose time must grow no faster than the input, where that can be tried by repeating it.
    fn work(&self, _input: &[u8]) {}
}

/// All targets.
pub const TARGETS: [&dyn Target; 4] = [&gate::Gate, &document::Documents, &html::Html, &calendar::Calendars];

/// Runs a check: a panic is a failure like any other, and so is one that takes far too long.
///
/// # Errors
/// What is wrong, in a sentence.
pub fn check(target: &dyn Target, input: &[u8]) -> Result<Outcome, String> {
    quiet_panics();
    let start = cpu_time();
    SILENT.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(|| target.check(input)));
    SILENT.set(false);
    let took = cpu_time().saturating_sub(start);
    match result {
        Err(payload) => Err(format!("panicked: {}", words_of(payload.as_ref()))),
        Ok(Ok(_)) if took > CPU_LIMIT => Err(format!("took {} ms", took.as_millis())),
        Ok(result) => result,
    }
}

/// Whether the work grows faster than the input: eight times the input may take 24 times as long, and a little. Tried three
/// times, for what else the machine does shows in a time.
///
/// # Errors
/// Both times.
pub fn check_growth(target: &dyn Target, input: &[u8]) -> Result<(), String> {
    let time = |input: &[u8]| {
        let start = cpu_time();
        target.work(input);
        cpu_time().saturating_sub(start)
    };
    let many = input.repeat(8);
    let mut result = Ok(());
    for _ in 0..3 {
        let (once, often) = (time(input), time(&many));
        if often <= once * 24 + Duration::from_millis(100) {
            return Ok(());
        }
        let (once, often) = (once.as_micros(), often.as_micros());
        result = Err(format!("eight times the input takes longer than 24 times as long: {often} µs for {once} µs"));
    }
    result
}

/// How long this thread kept a processor busy; the clock cannot tell, as others use the machine too. Always zero where
/// the system does not say.
fn cpu_time() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

thread_local! {
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Panics inside a check are reported as findings, once, not while an input is being made small.
fn quiet_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !SILENT.get() {
                usual(info);
            }
        }));
    });
}

fn words_of(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no words".to_owned())
}
