//! Measures the release binary: how soon it answers its first page on an empty folder, and how much memory it holds
//! when idle. `measure PATH_OF_HEARTH`; ends with 1 when a limit is passed. Figures go to docs/measurements.md.

use anyhow::{Context, bail};
use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

/// First page within this time of the start (issue 1, R-14).
const START_LIMIT: Duration = Duration::from_secs(1);
/// Resident memory when idle, in KiB.
const IDLE_LIMIT: u64 = 40 * 1_024;
/// How often each is measured; the median counts.
const ROUNDS: usize = 5;

struct Figures {
    first_page: Duration,
    idle_kib: u64,
}

fn main() -> anyhow::Result<ExitCode> {
    let binary = std::env::args().nth(1).context("usage: measure PATH_OF_HEARTH")?;
    let size = fs::metadata(&binary).with_context(|| format!("{binary} is not there"))?.len();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(measure(&binary)?);
    }
    rounds.sort_by_key(|figures| figures.first_page);
    let first_page = rounds[ROUNDS / 2].first_page;
    rounds.sort_by_key(|figures| figures.idle_kib);
    let idle = rounds[ROUNDS / 2].idle_kib;
    println!("binary            {:.1} MiB", size as f64 / 1_048_576.0);
    println!(
        "first page after  {} ms (median of {ROUNDS}; limit {} ms)",
        first_page.as_millis(),
        START_LIMIT.as_millis()
    );
    println!(
        "idle, resident    {:.1} MiB (median of {ROUNDS}; limit {} MiB)",
        idle as f64 / 1_024.0,
        IDLE_LIMIT / 1_024
    );
    Ok(if first_page < START_LIMIT && idle < IDLE_LIMIT { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure(binary: &str) -> anyhow::Result<Figures> {
    let folder = tempfile::tempdir()?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let started = Instant::now();
    let mut server = Server(
        Command::new(binary)
            .env("HEARTH_DATA_DIR", folder.path().join("data"))
            .env("HEARTH_LISTEN", address.to_string())
            .stdout(Stdio::null())
            .spawn()
            .context("hearth does not start")?,
    );
    while !answers(address) {
        if started.elapsed() > Duration::from_secs(20) {
            bail!("no page within 20 seconds");
        }
        if let Some(status) = server.0.try_wait()? {
            bail!("hearth ended with {status}");
        }
    }
    let first_page = started.elapsed();
    // Idle means: the start is over, a few pages were served, nothing happens.
    for _ in 0..20 {
        answers(address);
    }
    pause(Duration::from_secs(2));
    Ok(Figures { first_page, idle_kib: resident_kib(server.0.id())? })
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether the first page, which leads to the set-up, is answered.
fn answers(address: SocketAddr) -> bool {
    let asked = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET /setup HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    asked().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200") && answer.contains("<h1"))
}

#[expect(clippy::disallowed_methods, reason = "idle memory is measured after a time of doing nothing")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

fn resident_kib(process: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).context("no VmRSS")?;
    Ok(line.split_whitespace().nth(1).context("no figure")?.parse()?)
}
