//! Sends prepared requests to one or several nodes and takes whatever comes: refusals, closed connections, no answer.

use crate::rig::sender::whole_answer;
use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
    time::{sleep_until, timeout},
};

/// No answer within this time is none.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of a request.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Outcome {
    /// The answer; 0 where there was none.
    pub status: u16,
    /// Whether the answer says when to come again.
    pub retry_after: bool,
    /// How long it took.
    pub took: Duration,
}

/// How to send.
#[derive(Clone, Copy)]
pub(super) struct How<'a> {
    /// Open connections, spread over the nodes.
    pub connections: usize,
    /// Requests a second in all.
    pub rate: Option<f64>,
    /// Ends early when it says so.
    pub stop: Option<&'a AtomicBool>,
}

impl How<'_> {
    /// As fast as so many connections can.
    pub(super) const fn over(connections: usize) -> Self {
        Self { connections, rate: None, stop: None }
    }
}

struct Work<'a> {
    requests: &'a [Vec<u8>],
    how: How<'a>,
    next: Cell<usize>,
    began: Instant,
    outcomes: RefCell<Vec<Outcome>>,
}

/// Sends all of them, and says what became of each.
pub(super) fn flood(nodes: &[SocketAddr], requests: &[Vec<u8>], how: How<'_>) -> anyhow::Result<Vec<Outcome>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let outcomes = RefCell::new(vec![Outcome::default(); requests.len()]);
    let work = Rc::new(Work { requests, how, next: Cell::new(0), began: Instant::now(), outcomes });
    runtime.block_on(async {
        let sending = nodes.iter().cycle().take(how.connections).map(|node| send_over(*node, work.clone()));
        LocalSet::new().run_until(futures_util::future::join_all(sending)).await;
    });
    Ok(work.outcomes.take())
}

/// Like [`flood`], and sends again what was turned away for the moment or got no answer, as another server would,
/// until all are taken or `times` are over. Returns the last outcome of each.
pub(super) fn insist(
    nodes: &[SocketAddr],
    requests: &[Vec<u8>],
    how: How<'_>,
    times: usize,
) -> anyhow::Result<Vec<Outcome>> {
    let mut outcomes = flood(nodes, requests, how)?;
    for _ in 1..times {
        let left: Vec<usize> = (0..requests.len()).filter(|place| !is_final(outcomes[*place].status)).collect();
        if left.is_empty() {
            break;
        }
        crate::rig::town::pause(500);
        let again: Vec<Vec<u8>> = left.iter().map(|place| requests[*place].clone()).collect();
        for (place, outcome) in left.into_iter().zip(flood(nodes, &again, how)?) {
            outcomes[place] = outcome;
        }
    }
    Ok(outcomes)
}

const fn is_final(status: u16) -> bool {
    !matches!(status, 0 | 429 | 500..)
}

async fn send_over(node: SocketAddr, work: Rc<Work<'_>>) {
    let mut stream = None;
    let mut buffer = Vec::new();
    loop {
        let place = work.next.replace(work.next.get() + 1);
        let Some(request) = work.requests.get(place) else { return };
        if let Some(rate) = work.how.rate {
            sleep_until((work.began + Duration::from_secs_f64(place as f64 / rate)).into()).await;
        }
        if work.how.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            return;
        }
        let began = Instant::now();
        let answered = timeout(PATIENCE, exchange(node, &mut stream, request, &mut buffer)).await;
        let (status, retry_after) = match answered {
            Ok(Ok(status)) => (status, says(&buffer, "retry-after:")),
            _ => (0, false),
        };
        if status == 0 || says(&buffer, "connection: close") {
            stream = None;
        }
        work.outcomes.borrow_mut()[place] = Outcome { status, retry_after, took: began.elapsed() };
    }
}

async fn exchange(
    node: SocketAddr,
    stream: &mut Option<TcpStream>,
    request: &[u8],
    buffer: &mut Vec<u8>,
) -> anyhow::Result<u16> {
    buffer.clear();
    let open = match stream {
        Some(open) => open,
        None => stream.insert(TcpStream::connect(node).await?),
    };
    open.set_nodelay(true)?;
    // Who refuses a large body answers before it has all come: the answer counts, not the broken pipe.
    let written = open.write_all(request).await;
    loop {
        if open.read_buf(buffer).await? == 0 {
            *stream = None;
            written?;
            return Ok(whole_answer(buffer)?.unwrap_or(0));
        }
        if let Some(status) = whole_answer(buffer)? {
            if written.is_err() {
                *stream = None;
            }
            return Ok(status);
        }
    }
}

fn says(answer: &[u8], header: &str) -> bool {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    head.lines().any(|line| line.starts_with(header))
}

/// The time within which this share of the answered ones was answered, in milliseconds.
pub(super) fn percentile(outcomes: &[Outcome], share: f64) -> f64 {
    let mut times: Vec<f64> =
        outcomes.iter().filter(|one| one.status > 0).map(|one| one.took.as_secs_f64() * 1_000.0).collect();
    times.sort_by(f64::total_cmp);
    let place = (times.len() as f64 * share) as usize;
    times.get(place.min(times.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_server_would_send_again() {
        assert_eq!(
            [0, 202, 400, 403, 404, 429, 500, 503].map(is_final),
            [false, true, true, true, true, false, false, false]
        );
    }

    #[test]
    fn headers_are_found_in_the_head_only() {
        assert!(says(b"HTTP/1.1 503 x\r\nRetry-After: 60\r\n\r\n", "retry-after:"));
        assert!(!says(b"HTTP/1.1 503 x\r\n\r\nretry-after: 60\r\n", "retry-after:"));
    }
}
