//! Running targets side by side for a while: every core a stream of its own, every target the same share of the time.

use super::{Outcome, Random, Target, check, check_growth, mutate, shrink::shrink};
use std::{
    collections::BTreeMap,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

/// The most inputs kept to mutate, for each target and stream.
const POOL: usize = 256;
/// How long a target runs before the next one has its turn.
const SLICE: Duration = Duration::from_millis(250);
/// After how many inputs the growth of the work is tried once.
const GROWTH_EVERY: u64 = 512;
/// The largest input of which the growth is tried.
const GROWTH_INPUT: usize = 6 * 1024;
/// The most findings of one target; more would be the same one again.
const MAX_FINDINGS: usize = 5;

/// An input that fails.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What is wrong.
    pub problem: String,
    /// The input, made small.
    pub input: Vec<u8>,
}

/// What was done to one target.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Inputs checked.
    pub inputs: u64,
    /// How long, summed over all cores.
    pub time: Duration,
    /// How often each outcome came.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// What failed.
    pub findings: Vec<Finding>,
}

/// Runs the targets for a while and says what came of it, in their order.
#[must_use]
pub fn run(targets: &[&dyn Target], seed: u64, time: Duration, cores: usize) -> Vec<Report> {
    let reports = Mutex::new(vec![Report::default(); targets.len()]);
    let until = Instant::now() + time;
    thread::scope(|scope| {
        for core in 0..cores {
            let reports = &reports;
            thread::Builder::new()
                .name(format!("fuzz {core}"))
                .spawn_scoped(scope, move || stream(targets, seed, core as u64, until, reports))
                .expect("a thread");
        }
    });
    reports.into_inner().expect("no thread panicked")
}

fn stream(targets: &[&dyn Target], seed: u64, core: u64, until: Instant, reports: &Mutex<Vec<Report>>) {
    let mut streams: Vec<Stream> =
        targets.iter().enumerate().map(|(at, target)| Stream::new(*target, seed, core * 64 + at as u64)).collect();
    while Instant::now() < until {
        for (at, stream) in streams.iter_mut().enumerate() {
            let report = stream.slice(until.min(Instant::now() + SLICE));
            let reports = &mut reports.lock().expect("no thread panicked")[at];
            reports.inputs += report.inputs;
            reports.time += report.time;
            for (outcome, count) in report.outcomes {
                *reports.outcomes.entry(outcome).or_default() += count;
            }
            for finding in report.findings {
                let new = reports.findings.iter().all(|other| kind(&other.problem) != kind(&finding.problem));
                if new && reports.findings.len() < MAX_FINDINGS {
                    reports.findings.push(finding);
                }
            }
        }
    }
}

struct Stream<'a> {
    target: &'a dyn Target,
    random: Random,
    pool: Vec<Vec<u8>>,
    seen: BTreeMap<Outcome, u64>,
    inputs: u64,
    problems: Vec<String>,
}

impl<'a> Stream<'a> {
    fn new(target: &'a dyn Target, seed: u64, number: u64) -> Self {
        let random = Random::new(seed, number);
        Self { target, random, pool: Vec::new(), seen: BTreeMap::new(), inputs: 0, problems: Vec::new() }
    }

    fn slice(&mut self, until: Instant) -> Report {
        let start = Instant::now();
        let mut report = Report::default();
        while Instant::now() < until {
            let input = self.input();
            report.inputs += 1;
            self.inputs += 1;
            match check(self.target, &input) {
                Ok(outcome) => {
                    let tried = self.inputs.is_multiple_of(GROWTH_EVERY) && input.len() <= GROWTH_INPUT;
                    if tried && let Err(problem) = check_growth(self.target, &input) {
                        report.findings.push(Finding { problem, input: input.clone() });
                    }
                    self.keep(input, &outcome);
                    *report.outcomes.entry(outcome).or_default() += 1;
                }
                Err(problem) => report.findings.extend(self.finding(&input, problem)),
            }
        }
        report.time = start.elapsed();
        report
    }

    /// New from the grammar, or changed from one that led somewhere new.
    fn input(&mut self) -> Vec<u8> {
        let fresh = self.pool.len() < 8 || self.random.one_in(3);
        if fresh {
            return self.target.generate(&mut self.random);
        }
        let (one, other) = (self.random.below(self.pool.len()), self.random.below(self.pool.len()));
        if self.random.one_in(2)
            && let Some(varied) = self.target.vary(&self.pool[one], &mut self.random)
        {
            return varied;
        }
        mutate::mutate(&self.pool[one], &self.pool[other], self.target.words(), &mut self.random)
    }

    fn keep(&mut self, input: Vec<u8>, outcome: &str) {
        let count = self.seen.entry(outcome.to_owned()).or_default();
        *count += 1;
        if *count <= 4 || (count.is_power_of_two() && *count < 4096) {
            if self.pool.len() >= POOL {
                let place = self.random.below(POOL);
                self.pool[place] = input;
            } else {
                self.pool.push(input);
            }
        }
    }

    /// A problem in the same words as one before is counted as found, and not made small again.
    fn finding(&mut self, input: &[u8], problem: String) -> Option<Finding> {
        let kind = kind(&problem);
        if self.problems.contains(&kind) || self.problems.len() >= MAX_FINDINGS {
            return None;
        }
        self.problems.push(kind);
        let (input, problem) = shrink(self.target, input, problem);
        Some(Finding { problem, input })
    }
}

/// The same property fails with ever other words behind it.
fn kind(problem: &str) -> String {
    problem.chars().filter(|letter| !letter.is_ascii_digit()).take(50).collect()
}
