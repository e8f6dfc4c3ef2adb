//! One run of the runner over some of the rows, on a server of its own with a judge of its own. Rows that hold a
//! connection open for many seconds run beside the others.
//!
//! Must never: write into the shared folder. The runner sees a folder of links, with a list of rows of its own.

use super::{
    judge::{self, Judge, Told},
    stage::Stage,
    wire::{Back, Front, Kept},
};
use anyhow::{Context, bail};
use hearth_db::Kind;
use serde_json::Value;
use std::{
    fs,
    net::{SocketAddr, TcpListener},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::atomic::AtomicUsize,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
};

/// Names the judge's address to the program that the runner calls.
pub const JUDGE: &str = "HEARTH_CORPUS_JUDGE";
/// Rows that may take longer than this, in milliseconds, have a lane of their own.
const LONG: u64 = 10_000;
/// The good request that the runner sends after every row: it looks it up in the list.
const GOOD: &str = "ok-01";

/// What every lane is made with.
pub struct Plan<'a> {
    /// The shared folder.
    pub folder: &'a Path,
    /// The database.
    pub kind: Kind,
    /// The beginning of the names of the rows to send.
    pub only: &'a str,
    /// Where to count panics.
    pub panics: &'static AtomicUsize,
}

/// One run.
pub struct Lane {
    /// Who judges it.
    pub judge: Judge,
    peers: SocketAddr,
    folder: TempDir,
    only: String,
    /// The files of its rows.
    files: Vec<String>,
}

/// The rows of the shared folder with this beginning: those that take long, or the others.
fn rows(plan: &Plan<'_>, long: bool) -> anyhow::Result<Vec<Value>> {
    let list = fs::read(plan.folder.join("corpus/index.json")).context("there is no list of rows")?;
    let rows: Vec<Value> = serde_json::from_slice(&list).context("the list of rows is no list")?;
    let wanted = |row: &Value| {
        let takes_long = row["max_ms"].as_u64().unwrap_or_default() > LONG;
        name(row).starts_with(GOOD) || (name(row).starts_with(plan.only) && takes_long == long)
    };
    Ok(rows.into_iter().filter(wanted).collect())
}

fn name(row: &Value) -> &str {
    row["file"].as_str().unwrap_or_default()
}

impl Lane {
    /// Sets up a lane; `None` when it has no rows. `long` says which rows it sends; only the lane of the short ones
    /// hears the log and measures memory.
    ///
    /// # Errors
    /// When the runner or the server can't be started.
    pub async fn set(plan: &Plan<'_>, long: bool, log: Kept<String>) -> anyhow::Result<Option<Self>> {
        let rows = rows(plan, long)?;
        let sent = rows.iter().map(name).filter(|file| file.starts_with(plan.only));
        let files: Vec<String> = sent.filter(|file| !(long && file.starts_with(GOOD))).map(str::to_owned).collect();
        if files.is_empty() {
            return Ok(None);
        }
        let folder = tempfile::tempdir()?;
        mirror(plan.folder, folder.path(), &rows)?;
        let made = runner(folder.path()).arg("--genkeys").status().await.context("python3 is missing")?;
        if !made.success() {
            bail!("the runner can make no keys: it needs the openssl command");
        }
        let peers = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let back = Back::start(peers).await?;
        let stage = Stage::set(plan.kind, &back, &keys(folder.path()))?;
        let front = Front::start(stage.running.listens_at).await?;
        let judge = Judge::new(stage, front, back, log, plan.panics, !long).await?;
        Ok(Some(Self { judge, peers, folder, only: plan.only.to_owned(), files }))
    }

    /// Sends the rows. Says for each what is wrong with it: nothing, or sentences.
    ///
    /// # Errors
    /// When the runner breaks off.
    pub async fn run(mut self) -> anyhow::Result<Vec<(String, Vec<String>)>> {
        let results = self.folder.path().join("results.json");
        let site = self.folder.path().join("site.json");
        fs::write(&site, self.judge.stage.site().to_string())?;
        let court = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let arguments = [
            ("--connect", self.judge.front.address.to_string()),
            ("--peers", self.peers.to_string()),
            ("--only", self.only.clone()),
            ("--site", site.display().to_string()),
            ("--out", results.display().to_string()),
            ("--after", std::env::current_exe()?.display().to_string()),
        ];
        let mut running = runner(self.folder.path())
            .args(arguments.iter().flat_map(|(name, value)| [*name, value.as_str()]))
            .env(JUDGE, court.local_addr()?.to_string())
            .kill_on_drop(true)
            .spawn()?;
        loop {
            tokio::select! {
                ended = running.wait() => { ended?; break; }
                Ok((mut stream, _)) = court.accept() => {
                    let mut told = Vec::new();
                    stream.read_to_end(&mut told).await?;
                    let told: Told = serde_json::from_slice(&told)?;
                    stream.write_all(self.judge.judge(&told).await.as_bytes()).await?;
                }
            }
        }
        let sent: Vec<Value> = serde_json::from_slice(&fs::read(&results).context("the runner broke off")?)?;
        let verdicts = self.files.iter().map(|file| (file.clone(), verdict(file, &sent, &self.judge))).collect();
        self.judge.stage.running.stop().await?;
        Ok(verdicts)
    }
}

/// What the runner and the judge have to say about a row.
fn verdict(file: &str, sent: &[Value], judge: &Judge) -> Vec<String> {
    let judged = judge.verdicts.iter().find(|(judged, _)| judged == file);
    let mut why = judged.map_or_else(|| vec!["it was not judged".into()], |(_, why)| why.clone());
    match sent.iter().find(|row| name(row) == file) {
        None => why.push("it was not sent".into()),
        Some(row) => {
            let said = row["why"].as_array().into_iter().flatten().filter_map(Value::as_str);
            why.extend(said.filter(|said| *said != "effect check failed").map(str::to_owned));
        }
    }
    why
}

/// A folder of links to what is in the shared one, with a list of these rows only.
fn mirror(shared: &Path, own: &Path, rows: &[Value]) -> anyhow::Result<()> {
    let shared = shared.canonicalize()?;
    fs::create_dir(own.join("corpus"))?;
    symlink(shared.join("run_corpus.py"), own.join("run_corpus.py"))?;
    for entry in fs::read_dir(shared.join("corpus"))? {
        let entry = entry?;
        if entry.file_name() != "index.json" {
            symlink(entry.path(), own.join("corpus").join(entry.file_name()))?;
        }
    }
    Ok(fs::write(own.join("corpus/index.json"), serde_json::to_vec(rows)?)?)
}

fn keys(folder: &Path) -> PathBuf {
    folder.join("keys")
}

fn runner(folder: &Path) -> Command {
    let mut command = Command::new("python3");
    command.arg("-B").arg(folder.join("run_corpus.py")).arg("--keys").arg(keys(folder));
    command
}

/// Asks the judge about the row that was just sent: whether it is good.
///
/// # Errors
/// When the judge does not answer, or the runner said too little.
pub async fn ask(address: &str, file: &str) -> anyhow::Result<bool> {
    let mut stream = tokio::net::TcpStream::connect(address).await.context("the judge is not there")?;
    stream.write_all(&serde_json::to_vec(&judge::told(file)?)?).await?;
    stream.shutdown().await?;
    let mut verdict = String::new();
    stream.read_to_string(&mut verdict).await?;
    Ok(verdict == judge::GOOD)
}
