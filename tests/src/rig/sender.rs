//! Sends prepared requests over connections that stay open, and reads of the answers only what must be read.

use anyhow::{Context, bail};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

/// What became of the requests.
#[derive(Debug)]
pub(crate) struct Sent {
    /// From the first request to the last answer.
    pub took: Duration,
    /// How long each took, shortest first.
    pub latencies: Vec<Duration>,
    /// How often each status was answered.
    pub statuses: BTreeMap<u16, usize>,
}

impl Sent {
    /// The time within which this share of the requests was answered, in milliseconds.
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        let place = (self.latencies.len() as f64 * share) as usize;
        let latency = self.latencies.get(place.min(self.latencies.len().saturating_sub(1)));
        latency.map_or(0.0, |latency| latency.as_secs_f64() * 1_000.0)
    }

    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    /// Fails unless every request was taken.
    pub(crate) fn all_accepted(&self) -> anyhow::Result<()> {
        match self.statuses.keys().find(|status| **status != 202) {
            Some(_) => bail!("not every activity was taken; answers by status: {:?}", self.statuses),
            None => Ok(()),
        }
    }
}

struct Work<'a> {
    requests: &'a [Vec<u8>],
    next: Cell<usize>,
    pace: Option<Duration>,
    began: Instant,
    latencies: RefCell<Vec<Duration>>,
    statuses: RefCell<BTreeMap<u16, usize>>,
}

/// Sends them over so many connections: each as soon as a connection is free, or with a pace at its own moment, however
/// long the answers before it take. Time that a request waits for a free connection past its moment counts as its own.
pub(crate) fn send(
    at: SocketAddr,
    requests: &[Vec<u8>],
    connections: usize,
    rate: Option<f64>,
) -> anyhow::Result<Sent> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut open = Vec::new();
        for _ in 0..connections {
            let stream = TcpStream::connect(at).await.context("the server does not listen")?;
            stream.set_nodelay(true)?;
            open.push(stream);
        }
        // The tasks live on this thread only, so that they cost no locks; what they share outlives them in an `Rc`.
        let work = Rc::new(Work {
            requests,
            next: Cell::new(0),
            pace: rate.map(|rate| Duration::from_secs_f64(1.0 / rate)),
            began: Instant::now(),
            latencies: RefCell::new(Vec::with_capacity(requests.len())),
            statuses: RefCell::default(),
        });
        let local = LocalSet::new();
        let sending = open.into_iter().map(|stream| send_over(stream, work.clone()));
        let sent: anyhow::Result<Vec<()>> = local.run_until(futures_util::future::try_join_all(sending)).await;
        sent?;
        let took = work.began.elapsed();
        let mut latencies = work.latencies.take();
        latencies.sort_unstable();
        Ok(Sent { took, latencies, statuses: work.statuses.take() })
    })
}

async fn send_over(mut stream: TcpStream, work: Rc<Work<'_>>) -> anyhow::Result<()> {
    let mut buffer = Vec::with_capacity(4 * 1_024);
    while let Some(request) = work.requests.get(work.next.replace(work.next.get() + 1)) {
        let place = u32::try_from(work.next.get() - 1)?;
        let mut since = Instant::now();
        if let Some(pace) = work.pace {
            let due = work.began + pace * place;
            if due > since {
                tokio::time::sleep_until(due.into()).await;
                since = Instant::now();
            } else {
                since = due;
            }
        }
        stream.write_all(request).await?;
        buffer.clear();
        let status = loop {
            if stream.read_buf(&mut buffer).await? == 0 {
                bail!("the server closed a connection");
            }
            if let Some(status) = whole_answer(&buffer)? {
                break status;
            }
        };
        work.latencies.borrow_mut().push(since.elapsed());
        *work.statuses.borrow_mut().entry(status).or_default() += 1;
    }
    Ok(())
}

/// The status, once the whole answer is there.
pub(crate) fn whole_answer(buffer: &[u8]) -> anyhow::Result<Option<u16>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&buffer[..end])?;
    let status = head.get(9..12).context("no HTTP answer")?.parse()?;
    let length = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.last().map_or(Ok(0), |(_, value)| value.trim().parse::<usize>())?;
    Ok((buffer.len() >= end + 4 + length).then_some(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_whole() {
        let answer = b"HTTP/1.1 429 Too Many\r\nContent-Length: 2\r\n\r\nno";
        assert_eq!(whole_answer(answer).unwrap(), Some(429));
        assert_eq!(whole_answer(&answer[..answer.len() - 1]).unwrap(), None);
        assert_eq!(whole_answer(b"HTTP/1.1 202 Accepted\r\ncontent").unwrap(), None);
        assert_eq!(whole_answer(b"HTTP/1.1 202 Accepted\r\n\r\n").unwrap(), Some(202));
    }

    #[test]
    fn percentiles() {
        let latencies: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        let sent = Sent { took: Duration::from_secs(2), latencies, statuses: BTreeMap::from([(202, 99), (503, 1)]) };
        assert_eq!((sent.percentile(0.5), sent.percentile(0.95), sent.percentile(1.0)), (51.0, 96.0, 100.0));
        assert_eq!(sent.rate(), 50.0);
        assert!(sent.all_accepted().unwrap_err().to_string().contains("503"));
    }
}
