//! This program started again in another role, spoken to in lines of JSON, and what its process costs.

use anyhow::{Context, bail};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child as Process, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

/// A process in another role. It ends when this is dropped.
pub(super) struct Child {
    process: Process,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What a process has used.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    /// Processor time of all its threads.
    pub cpu: Duration,
    /// The most memory it held, in MiB.
    pub peak_mib: f64,
}

impl Child {
    /// Starts this program in a role, hands it its plan, and waits for its first answer.
    pub(super) fn start<A: DeserializeOwned>(role: &str, plan: &impl Serialize) -> anyhow::Result<(Self, A)> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg(role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("the process `{role}` does not start"))?;
        let questions = process.stdin.take().context("no standard input")?;
        let answers = BufReader::new(process.stdout.take().context("no standard output")?);
        let mut child = Self { process, questions, answers };
        let answer = child.ask(plan)?;
        Ok((child, answer))
    }

    /// Asks something and waits for the answer.
    pub(super) fn ask<A: DeserializeOwned>(&mut self, question: &impl Serialize) -> anyhow::Result<A> {
        serde_json::to_writer(&mut self.questions, question)?;
        self.questions.write_all(b"\n")?;
        self.questions.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("a process of the load program ended: see what it said above");
        }
        Ok(serde_json::from_str(&line)?)
    }

    /// What it has used so far.
    pub(super) fn usage(&self) -> anyhow::Result<Usage> {
        let process = self.process.id();
        let status = fs::read_to_string(format!("/proc/{process}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).context("no VmHWM")?;
        let kib: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
        Ok(Usage { cpu: cpu(&format!("/proc/{process}/stat"))?, peak_mib: kib / 1_024.0 })
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Processor time (user and system) from a `stat` of /proc: of a process, or of this thread with
/// `/proc/thread-self/stat`. Its unit is a hundredth of a second on every Linux this runs on.
pub(super) fn cpu(stat: &str) -> anyhow::Result<Duration> {
    let text = fs::read_to_string(stat).with_context(|| format!("{stat} can't be read"))?;
    // The name of the program stands in brackets and may hold spaces.
    let (_, fields) = text.rsplit_once(')').context("an odd stat")?;
    let ticks = |place: usize| -> anyhow::Result<u64> {
        Ok(fields.split_whitespace().nth(place).context("a short stat")?.parse()?)
    };
    Ok(Duration::from_millis(10 * (ticks(11)? + ticks(12)?)))
}

/// The other end: reads one line of JSON; `None` when the program that started us is gone.
pub(super) fn question<Q: DeserializeOwned>() -> anyhow::Result<Option<Q>> {
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&line)?))
}

/// The other end: answers with one line of JSON.
pub(super) fn answer(answer: &impl Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, answer)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}
