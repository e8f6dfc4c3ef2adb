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
pub(crate) struct Child {
    process: Process,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What a process has used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Processor time of all its threads.
    pub cpu: Duration,
    /// The most memory it held, in MiB.
    pub peak_mib: f64,
}

impl Child {
    /// Starts this program in a role, hands it its plan, and waits for its first answer.
    pub(crate) fn start<A: DeserializeOwned>(role: &str, plan: &impl Serialize) -> anyhow::Result<(Self, A)> {
        Self::start_with(role, plan, |_| {})
    }

    /// The same, with more said about the process: variables, where its messages go.
    pub(crate) fn start_with<A: DeserializeOwned>(
        role: &str,
        plan: &impl Serialize,
        more: impl FnOnce(&mut Command),
    ) -> anyhow::Result<(Self, A)> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(role).stdin(Stdio::piped()).stdout(Stdio::piped());
        more(&mut command);
        let mut process = command.spawn().with_context(|| format!("the process `{role}` does not start"))?;
        let questions = process.stdin.take().context("no standard input")?;
        let answers = BufReader::new(process.stdout.take().context("no standard output")?);
        let mut child = Self { process, questions, answers };
        let answer = child.ask(plan)?;
        Ok((child, answer))
    }

    /// Asks something and waits for the answer.
    pub(crate) fn ask<A: DeserializeOwned>(&mut self, question: &impl Serialize) -> anyhow::Result<A> {
        serde_json::to_writer(&mut self.questions, question)?;
        self.questions.write_all(b"\n")?;
        self.questions.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("the process that was asked has ended");
        }
        Ok(serde_json::from_str(&line)?)
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }

    /// Sends it a signal by name: `STOP`, `CONT`.
    pub(crate) fn signal(&self, name: &str) -> anyhow::Result<()> {
        let status = Command::new("kill").args([&format!("-{name}"), &self.process.id().to_string()]).status()?;
        if status.success() { Ok(()) } else { bail!("the process took no signal {name}") }
    }

    /// How many threads it has.
    pub(crate) fn threads(&self) -> anyhow::Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/task", self.process.id()))?.count())
    }

    /// The memory it holds now, in MiB.
    pub(crate) fn resident_mib(&self) -> anyhow::Result<f64> {
        self.memory("VmRSS:")
    }

    fn memory(&self, field: &str) -> anyhow::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find(|line| line.starts_with(field)).context("no such field")?;
        let kib: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
        Ok(kib / 1_024.0)
    }

    /// What it has used so far.
    pub(crate) fn usage(&self) -> anyhow::Result<Usage> {
        Ok(Usage { cpu: cpu(&format!("/proc/{}/stat", self.process.id()))?, peak_mib: self.memory("VmHWM:")? })
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
pub(crate) fn cpu(stat: &str) -> anyhow::Result<Duration> {
    let text = fs::read_to_string(stat).with_context(|| format!("{stat} can't be read"))?;
    // The name of the program stands in brackets and may hold spaces.
    let (_, fields) = text.rsplit_once(')').context("an odd stat")?;
    let ticks = |place: usize| -> anyhow::Result<u64> {
        Ok(fields.split_whitespace().nth(place).context("a short stat")?.parse()?)
    };
    Ok(Duration::from_millis(10 * (ticks(11)? + ticks(12)?)))
}

/// The other end: reads one line of JSON; `None` when the program that started us is gone.
pub(crate) fn question<Q: DeserializeOwned>() -> anyhow::Result<Option<Q>> {
    let mut line = String::new();
    if std::io::stdin().lock().read_line(&mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&line)?))
}

/// The other end: answers with one line of JSON.
pub(crate) fn answer(answer: &impl Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, answer)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}
