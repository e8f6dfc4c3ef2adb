//! Sends the shared corpus of hostile requests to a real server and checks the status and the effect of every row:
//! `corpus FOLDER [--only BEGINNING] [--database sqlite|postgres]`, where FOLDER holds `run_corpus.py` and `corpus/`.
//! PostgreSQL is the one that `HEARTH_TEST_POSTGRES` names.
//!
//! The runner calls this program again after every row; then it only asks the first one, which is the judge.

use anyhow::{Context, bail};
use hearth_db::Kind;
use std::{
    io::Write,
    path::PathBuf,
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};
use tests::corpus::{
    judge,
    lane::{self, Lane, Plan},
    wire::Kept,
};

const USAGE: &str = "usage: corpus FOLDER [--only BEGINNING] [--database sqlite|postgres]";

static PANICS: AtomicUsize = AtomicUsize::new(0);

struct Options {
    folder: PathBuf,
    only: String,
    kind: Kind,
}

impl Options {
    fn read(mut words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self { folder: words.next().context(USAGE)?.into(), only: String::new(), kind: Kind::Sqlite };
        while let Some(word) = words.next() {
            let value = words.next().context(USAGE)?;
            match (word.as_str(), value.as_str()) {
                ("--only", _) => options.only = value,
                ("--database", "sqlite") => options.kind = Kind::Sqlite,
                ("--database", "postgres") => options.kind = Kind::Postgres,
                _ => bail!(USAGE),
            }
        }
        if !options.folder.join("run_corpus.py").is_file() {
            bail!("there is no run_corpus.py in {}", options.folder.display());
        }
        Ok(options)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let mut words = std::env::args().skip(1);
    let good = match std::env::var(lane::JUDGE) {
        Ok(address) => lane::ask(&address, &words.next().context("a file name")?).await?,
        Err(_) => run(&Options::read(words)?).await?,
    };
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Every line of the log, to be judged.
struct Lines(Kept<String>);

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.push(String::from_utf8_lossy(line).into_owned());
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn run(options: &Options) -> anyhow::Result<bool> {
    let began = Instant::now();
    let said = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        said(panic);
    }));
    let log: Kept<String> = Kept::default();
    let lines = log.clone();
    tracing_subscriber::fmt()
        .with_env_filter(hearth::logging::filter("debug"))
        .with_writer(move || Lines(lines.clone()))
        .with_ansi(false)
        .init();
    let plan = Plan { folder: &options.folder, kind: options.kind, only: &options.only, panics: &PANICS };
    let (short, long) = (Lane::set(&plan, false, log).await?, Lane::set(&plan, true, Kept::default()).await?);
    println!("on {:?}; the limits per host are raised, and all names but four have no address", options.kind);
    if let Some(lane) = &short {
        println!("ports of this machine that are watched: {:?}", lane.judge.traps.ports);
    }
    let before = judge::memory("VmRSS:").unwrap_or_default();
    let (short, long) = tokio::join!(all(short), all(long));
    let rows = [short?, long?].concat();
    for (file, why) in rows.iter().filter(|(_, why)| !why.is_empty()) {
        println!("FAILED {file}: {}", why.join("; "));
    }
    let good = rows.iter().filter(|(_, why)| why.is_empty()).count();
    let panics = PANICS.load(Ordering::Relaxed);
    println!("{} rows, {good} as expected in status and effect, {panics} panics", rows.len());
    let after = judge::memory("VmRSS:").unwrap_or_default();
    println!("memory: {before} KiB before, {after} KiB after; {} s in all", began.elapsed().as_secs());
    Ok(good == rows.len() && good > 0 && panics == 0)
}

/// What is wrong with each row of a lane.
async fn all(lane: Option<Lane>) -> anyhow::Result<Vec<(String, Vec<String>)>> {
    match lane {
        Some(lane) => lane.run().await,
        None => Ok(Vec::new()),
    }
}
