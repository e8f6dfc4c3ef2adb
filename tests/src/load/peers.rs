//! The other servers, as cheap as they can be: one thread, one task for each connection, one fixed answer.
//!
//! A port stands for a server, or for several where there are more servers than ports. It takes everything at once,
//! takes everything after a pause, answers one byte a second, or never answers. What the good ones got is counted.

use super::child;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
    process::ExitCode,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// How many servers of which kind.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Plan {
    /// Take everything, after `delay`.
    pub good: usize,
    /// Answer one byte a second.
    pub slow: usize,
    /// Take connections and never answer.
    pub silent: usize,
    /// Refuse connections.
    pub closed: usize,
    /// Milliseconds until a good one answers.
    pub delay: u64,
}

/// Their ports.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Ports {
    pub good: Vec<u16>,
    pub slow: Vec<u16>,
    pub silent: Vec<u16>,
    pub closed: Vec<u16>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Question {
    /// Forget what came so far; times count from now.
    Reset,
    /// How much came since then.
    Progress,
    /// The same with the times.
    Arrivals,
}

/// What came to the good ones.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Arrived {
    /// Deliveries.
    pub deliveries: usize,
    /// Different ones: by receiving server and id of the activity.
    pub distinct: usize,
    /// Milliseconds from the reset to the last one.
    pub last_ms: f64,
    /// Until half of them had come.
    pub p50_ms: f64,
    /// Until 95 % of them had come.
    pub p95_ms: f64,
}

struct Book {
    since: Instant,
    arrivals: Vec<Duration>,
    distinct: HashSet<u64>,
}

impl Book {
    fn new() -> Self {
        Self { since: Instant::now(), arrivals: Vec::new(), distinct: HashSet::new() }
    }

    fn arrived(&self, with_times: bool) -> Arrived {
        let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1_000.0);
        let mut arrived = Arrived {
            deliveries: self.arrivals.len(),
            distinct: self.distinct.len(),
            last_ms: ms(self.arrivals.last()),
            ..Arrived::default()
        };
        if with_times {
            // They were noted in the order of coming.
            arrived.p50_ms = ms(self.arrivals.get(self.arrivals.len() / 2));
            arrived.p95_ms = ms(self.arrivals.get(self.arrivals.len() * 95 / 100));
        }
        arrived
    }
}

/// The role: opens the ports, then answers questions until nobody asks any more.
pub(super) fn serve() -> anyhow::Result<ExitCode> {
    let Some(plan) = child::question::<Plan>()? else { return Ok(ExitCode::FAILURE) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let book = Arc::new(Mutex::new(Book::new()));
    let (ports, closed) = runtime.block_on(open(plan, &book))?;
    child::answer(&ports)?;
    let asked = book.clone();
    let end = std::thread::spawn(move || answer_questions(&asked));
    runtime.block_on(async move {
        while !end.is_finished() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    drop(closed);
    Ok(ExitCode::SUCCESS)
}

fn answer_questions(book: &Mutex<Book>) -> anyhow::Result<()> {
    while let Some(question) = child::question::<Question>()? {
        let mut book = book.lock().expect("nobody panics here");
        if matches!(question, Question::Reset) {
            *book = Book::new();
        }
        let arrived = book.arrived(matches!(question, Question::Arrivals));
        drop(book);
        child::answer(&arrived)?;
    }
    Ok(())
}

/// Opens the ports. The sockets behind the closed ones are bound and never listen, so that nobody else gets the number.
async fn open(plan: Plan, book: &Arc<Mutex<Book>>) -> anyhow::Result<(Ports, Vec<tokio::net::TcpSocket>)> {
    let mut ports = Ports::default();
    for _ in 0..plan.good {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        ports.good.push(listener.local_addr()?.port());
        let (book, delay) = (book.clone(), Duration::from_millis(plan.delay));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take_all(stream, book.clone(), delay));
            }
        });
    }
    for _ in 0..plan.slow {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        ports.slow.push(listener.local_addr()?.port());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(trickle(stream));
            }
        });
    }
    for _ in 0..plan.silent {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        ports.silent.push(listener.local_addr()?.port());
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                held.push(stream);
            }
        });
    }
    let mut closed = Vec::new();
    for _ in 0..plan.closed {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind("127.0.0.1:0".parse()?)?;
        ports.closed.push(socket.local_addr()?.port());
        closed.push(socket);
    }
    Ok((ports, closed))
}

const ACCEPTED: &[u8] = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
const NOT_FOUND: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";

async fn take_all(mut stream: TcpStream, book: Arc<Mutex<Book>>, delay: Duration) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(8 * 1_024);
    loop {
        while let Some((whole, delivery)) = first_request(&buffer) {
            buffer.drain(..whole);
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            if let Some(delivery) = delivery {
                let mut book = book.lock().expect("nobody panics here");
                let at = book.since.elapsed();
                book.arrivals.push(at);
                book.distinct.insert(delivery);
            }
            stream.write_all(if delivery.is_some() { ACCEPTED } else { NOT_FOUND }).await?;
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
}

/// The length of the first whole request, and what tells this delivery from others; none for what delivers nothing.
fn first_request(buffer: &[u8]) -> Option<(usize, Option<u64>)> {
    let head_end = buffer.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&buffer[..head_end]).ok()?;
    let (mut host, mut length) = ("", 0);
    for line in head.split("\r\n").skip(1) {
        let Some((name, value)) = line.split_once(':') else { continue };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        } else if name.eq_ignore_ascii_case("host") {
            host = value.trim();
        }
    }
    let body = buffer.get(head_end..head_end + length)?;
    let delivery = head.starts_with("POST ").then(|| {
        let mut hasher = DefaultHasher::new();
        (host, activity_id(body)).hash(&mut hasher);
        hasher.finish()
    });
    Some((head_end + length, delivery))
}

/// The address of an activity of the server under load.
fn activity_id(body: &[u8]) -> &str {
    const BEGINS: &str = "/a/";
    let text = std::str::from_utf8(body).unwrap_or_default();
    let own = format!("https://{}{BEGINS}", super::town::HOST);
    let from = text.find(&own).map(|at| &text[at + own.len()..]).unwrap_or_default();
    from.split('"').next().unwrap_or_default()
}

/// Answers rightly, one byte a second.
async fn trickle(mut stream: TcpStream) -> std::io::Result<()> {
    let mut buffer = Vec::new();
    while first_request(&buffer).is_none() {
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
    for byte in ACCEPTED {
        stream.write_all(&[*byte]).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart() {
        let request = |host: &str, id: &str| {
            let body = format!(r#"{{"@context":[],"id":"https://oak.test/a/{id}","type":"Announce"}}"#);
            format!("POST /inbox HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
        };
        let one = request("f1.test", "a");
        let (length, first) = first_request(&one).unwrap();
        assert_eq!(length, one.len());
        assert!(first_request(&one[..one.len() - 1]).is_none(), "not all of it is there");
        let followed = [one.clone(), one.clone()].concat();
        assert_eq!(first_request(&followed).unwrap(), (length, first));
        assert_ne!(first_request(&request("f2.test", "a")).unwrap().1, first);
        assert_ne!(first_request(&request("f1.test", "b")).unwrap().1, first);
        assert_eq!(first_request(b"GET /u/a HTTP/1.1\r\nhost: f1.test\r\n\r\n").unwrap().1, None);
    }
}
