//! Sends the shared corpus of hostile requests to a real server and checks the status and the effect of every row:
//! `corpus FOLDER [--only BEGINNING] [--database sqlite|postgres]`, where FOLDER holds `run_corpus.py` and `corpus/`.
//! PostgreSQL is the one that `HEARTH_TEST_POSTGRES` names.
//!
//! The runner calls this program again after every row; then it only asks the first one, which is the judge.

use anyhow::{Context, bail};
use hearth_db::Kind;
use std::{
    io::Write,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
};
use tests::corpus::{
    judge::{self, Judge, Told},
    stage::Stage,
    wire::{Back, Front, Kept},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
};

/// Names the judge's address to the program that the runner calls.
const JUDGE: &str = "HEARTH_CORPUS_JUDGE";
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
    match std::env::var(JUDGE) {
        Ok(address) => ask(&address, &words.next().context("a file name")?).await,
        Err(_) => run(&Options::read(words)?).await,
    }
}

/// Asks the judge about the row that was just sent.
async fn ask(address: &str, file: &str) -> anyhow::Result<ExitCode> {
    let mut stream = tokio::net::TcpStream::connect(address).await.context("the judge is not there")?;
    stream.write_all(&serde_json::to_vec(&judge::told(file)?)?).await?;
    stream.shutdown().await?;
    let mut verdict = String::new();
    stream.read_to_string(&mut verdict).await?;
    Ok(if verdict == "good" { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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

async fn run(options: &Options) -> anyhow::Result<ExitCode> {
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
    let folder = tempfile::tempdir()?;
    let keys = folder.path().join("keys");
    let made = runner(&options.folder, &keys).arg("--genkeys").status().await?;
    if !made.success() {
        bail!("the runner can make no keys: it needs python3 and the openssl command");
    }
    let peers = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let back = Back::start(peers).await?;
    let stage = Stage::set(options.kind, &back, &keys)?;
    let front = Front::start(stage.running.listens_at).await?;
    let judge = Judge::new(stage, front, back, log, &PANICS).await?;
    attack(options, judge, peers, folder.path()).await
}

fn runner(folder: &Path, keys: &Path) -> Command {
    let mut command = Command::new("python3");
    command.arg("-B").arg(folder.join("run_corpus.py")).arg("--keys").arg(keys);
    command
}

async fn attack(options: &Options, mut judge: Judge, peers: SocketAddr, folder: &Path) -> anyhow::Result<ExitCode> {
    let began = std::time::Instant::now();
    let before = judge::memory("VmRSS:").unwrap_or_default();
    let site = folder.join("site.json");
    std::fs::write(&site, judge.stage.site().to_string())?;
    let court = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!(
        "on {:?}; limits per host are raised, and every name but four has no address; watched ports: {:?}",
        options.kind, judge.traps.ports
    );
    let results = folder.join("results.json");
    let arguments = [
        ("--connect", judge.front.address.to_string()),
        ("--peers", peers.to_string()),
        ("--only", options.only.clone()),
        ("--site", site.display().to_string()),
        ("--out", results.display().to_string()),
        ("--after", std::env::current_exe()?.display().to_string()),
    ];
    let mut running = runner(&options.folder, &folder.join("keys"))
        .args(arguments.iter().flat_map(|(name, value)| [*name, value.as_str()]))
        .env(JUDGE, court.local_addr()?.to_string())
        .kill_on_drop(true)
        .spawn()?;
    let ended = loop {
        tokio::select! {
            ended = running.wait() => break ended?,
            Ok((mut stream, _)) = court.accept() => {
                let mut told = Vec::new();
                stream.read_to_end(&mut told).await?;
                let told: Told = serde_json::from_slice(&told)?;
                let problems = judge.judge(&told).await.unwrap_or_else(|error| vec![format!("it cannot be judged: {error:#}")]);
                let verdict = if problems.is_empty() { "good".to_owned() } else { problems.join("; ") };
                stream.write_all(verdict.as_bytes()).await?;
            }
        }
    };
    let rows: Vec<serde_json::Value> =
        serde_json::from_slice(&std::fs::read(&results).context("the runner broke off")?)?;
    let failed = summary(&rows, &judge);
    println!(
        "memory: {before} KiB before, {} KiB after; {} s",
        judge::memory("VmRSS:").unwrap_or_default(),
        began.elapsed().as_secs()
    );
    let good = failed == 0 && ended.success() && PANICS.load(Ordering::Relaxed) == 0 && !rows.is_empty();
    judge.stage.running.stop().await?;
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Prints what failed and why; says how many rows did.
fn summary(rows: &[serde_json::Value], judge: &Judge) -> usize {
    let mut failed = 0;
    for row in rows {
        let file = row["file"].as_str().unwrap_or_default();
        let verdict = judge.verdicts.iter().find(|(judged, _)| judged == file);
        let mut why: Vec<String> = verdict.map_or_else(|| vec!["it was not judged".into()], |(_, why)| why.clone());
        let status = row["why"].as_array().into_iter().flatten().filter_map(|why| why.as_str());
        why.extend(status.filter(|why| *why != "effect check failed").map(str::to_owned));
        if !why.is_empty() {
            failed += 1;
            println!("FAILED {file}: {}", why.join("; "));
        }
    }
    println!("{} rows, {} as expected, {} panics", rows.len(), rows.len() - failed, PANICS.load(Ordering::Relaxed));
    failed
}
