//! Runs the fuzz harness: `fuzz [--seconds 60] [--seed N] [--cores N] [TARGET..]`. Ends with 1 when something failed; the
//! input is then in `tests/fuzz/regressions/<target>/`.

use anyhow::{Context, bail};
use std::{
    hash::{BuildHasher, Hasher, RandomState},
    process::ExitCode,
    thread,
    time::Duration,
};
use tests::fuzz::{self, Report, TARGETS, Target, regressions};

struct Wanted {
    time: Duration,
    seed: u64,
    cores: usize,
    targets: Vec<&'static dyn Target>,
}

fn main() -> anyhow::Result<ExitCode> {
    let wanted = wanted(std::env::args().skip(1))?;
    println!("fuzz: {} s on {} cores, seed {}", wanted.time.as_secs(), wanted.cores, wanted.seed);
    let reports = fuzz::run(&wanted.targets, wanted.seed, wanted.time, wanted.cores);
    let mut failed = false;
    for (target, report) in wanted.targets.iter().zip(&reports) {
        show(*target, report)?;
        failed |= !report.findings.is_empty();
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn wanted(mut arguments: impl Iterator<Item = String>) -> anyhow::Result<Wanted> {
    let mut wanted = Wanted {
        time: Duration::from_secs(60),
        seed: RandomState::new().build_hasher().finish(),
        cores: thread::available_parallelism().map_or(1, usize::from),
        targets: Vec::new(),
    };
    while let Some(argument) = arguments.next() {
        let mut number = || -> anyhow::Result<u64> {
            let text = arguments.next().with_context(|| format!("{argument} needs a number"))?;
            text.parse().with_context(|| format!("{text} is no number"))
        };
        match argument.as_str() {
            "--seconds" => wanted.time = Duration::from_secs(number()?),
            "--seed" => wanted.seed = number()?,
            "--cores" => wanted.cores = usize::try_from(number()?)?.max(1),
            name => match TARGETS.iter().find(|target| target.name() == name) {
                Some(target) => wanted.targets.push(*target),
                None => bail!("no target is called {name}; there are: {}", TARGETS.map(Target::name).join(", ")),
            },
        }
    }
    if wanted.targets.is_empty() {
        wanted.targets = TARGETS.to_vec();
    }
    Ok(wanted)
}

fn show(target: &dyn Target, report: &Report) -> anyhow::Result<()> {
    let rate = report.inputs as f64 / report.time.as_secs_f64().max(0.001);
    let (name, inputs, kinds) = (target.name(), report.inputs, report.outcomes.len());
    println!("{name:<10} {inputs:>9} inputs  {rate:>7.0} a second and core  {kinds:>5} outcomes");
    if std::env::var_os("HEARTH_FUZZ_OUTCOMES").is_some() {
        let mut outcomes: Vec<_> = report.outcomes.iter().collect();
        outcomes.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        outcomes.iter().take(25).for_each(|(outcome, count)| println!("    {count:>9}  {outcome:.100}"));
    }
    for finding in &report.findings {
        let path = regressions::save(target, &finding.input).context("the input cannot be written")?;
        println!("{name}: FAILED: {}", finding.problem);
        println!("    {}", finding.input.escape_ascii());
        println!("    kept in {}", path.display());
    }
    Ok(())
}
