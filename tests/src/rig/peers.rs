//! The other servers, as cheap as they can be: one thread, one task for each connection, one fixed answer.
//!
//! A port stands for a server, or for several where there are more servers than ports. It takes everything at once,
//! takes everything after a pause, answers one byte a second, or never answers. What the good ones got is counted.

use super::child;
use hearth::system::SystemClock;
use hearth_domain::clock::Clock;
use serde::{Deserialize, Serialize};
use serde_json::Value;
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
pub(crate) struct Plan {
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
    /// Good ones that answer after `late_delay` milliseconds.
    pub late: usize,
    /// How late these are.
    pub late_delay: u64,
    /// Whether it is kept what each delivery said, for [`Question::Seen`].
    pub keep: bool,
}

/// Their ports.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Ports {
    pub good: Vec<u16>,
    pub slow: Vec<u16>,
    pub silent: Vec<u16>,
    pub closed: Vec<u16>,
    pub late: Vec<u16>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Question {
    /// Forget what came so far; times count from now.
    Reset,
    /// How much came since then.
    Progress,
    /// The same with the times.
    Arrivals,
    /// What each delivery said, if that is kept: an array of [`Seen`].
    Seen,
    /// From now on the good ones refuse (or take) everything.
    Down(bool),
    /// The server under test was started again: what comes from now on is of its next life.
    NextLife,
}

/// One delivery to a good one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// The receiving server.
    pub host: String,
    /// The activity's id.
    pub activity: String,
    /// The word of its innermost activity: `Create`, `Update`.
    pub kind: String,
    /// The id of what that is about.
    pub object: String,
    /// In which life of the server under test it came.
    pub life: u32,
    /// When, in milliseconds of the machine's clock.
    pub at_ms: i64,
}

/// What came to the good ones.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Arrived {
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
    /// Requests that deliver nothing: documents that were asked for.
    pub fetches: usize,
    /// Connections and requests that were refused while they were down.
    pub refused: usize,
}

struct Book {
    since: Instant,
    arrivals: Vec<Duration>,
    distinct: HashSet<u64>,
    fetches: usize,
    refused: usize,
    /// What each said, if that is kept.
    seen: Option<Vec<Seen>>,
    life: u32,
    down: bool,
}

impl Book {
    fn new(keep: bool) -> Self {
        Self {
            since: Instant::now(),
            arrivals: Vec::new(),
            distinct: HashSet::new(),
            fetches: 0,
            refused: 0,
            seen: keep.then(Vec::new),
            life: 0,
            down: false,
        }
    }

    /// Counts what is refused while they are down.
    fn refuses(&mut self) -> bool {
        self.refused += usize::from(self.down);
        self.down
    }

    fn note(&mut self, delivery: u64, request: &[u8]) {
        self.arrivals.push(self.since.elapsed());
        self.distinct.insert(delivery);
        let life = self.life;
        if let Some(seen) = &mut self.seen {
            seen.extend(read_delivery(request, life));
        }
    }

    fn arrived(&self, with_times: bool) -> Arrived {
        let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1_000.0);
        let mut arrived = Arrived {
            deliveries: self.arrivals.len(),
            distinct: self.distinct.len(),
            fetches: self.fetches,
            refused: self.refused,
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
pub(crate) fn serve() -> anyhow::Result<ExitCode> {
    let Some(plan) = child::question::<Plan>()? else { return Ok(ExitCode::FAILURE) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let book = Arc::new(Mutex::new(Book::new(plan.keep)));
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
        match question {
            Question::Reset => *book = Book { life: book.life, down: book.down, ..Book::new(book.seen.is_some()) },
            Question::Down(down) => book.down = down,
            Question::NextLife => book.life += 1,
            Question::Seen => {
                let seen = book.seen.clone();
                drop(book);
                child::answer(&seen)?;
                continue;
            }
            Question::Progress | Question::Arrivals => {}
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
    for number in 0..plan.good + plan.late {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let late = number >= plan.good;
        let (which, delay) = if late { (&mut ports.late, plan.late_delay) } else { (&mut ports.good, plan.delay) };
        which.push(listener.local_addr()?.port());
        let (book, delay) = (book.clone(), Duration::from_millis(delay));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if !book.lock().expect("nobody panics here").refuses() {
                    tokio::spawn(take_all(stream, book.clone(), delay));
                }
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
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            {
                let mut book = book.lock().expect("nobody panics here");
                if book.refuses() {
                    return Ok(());
                }
                match delivery {
                    Some(delivery) => book.note(delivery, &buffer[..whole]),
                    None => book.fetches += 1,
                }
            }
            let asked = if delivery.is_some() { None } else { asked_post(&buffer[..whole]) };
            buffer.drain(..whole);
            match asked {
                Some(post) => stream.write_all(&post).await?,
                None => stream.write_all(if delivery.is_some() { ACCEPTED } else { NOT_FOUND }).await?,
            }
        }
        if stream.read_buf(&mut buffer).await? == 0 {
            return Ok(());
        }
    }
}

/// The path of posts that nobody was told of: whoever wants to know one has to ask for it.
const ASKED: &str = "/asked/";

/// The id of such a post, by the first person of its server.
pub(crate) fn asked_id(host: &str, name: &str) -> String {
    format!("https://{host}{ASKED}{name}")
}

/// The answer to who asks for one; `None` where something else is asked for.
fn asked_post(request: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(request).ok()?;
    let path = text.strip_prefix("GET ")?.split(' ').next().filter(|path| path.starts_with(ASKED))?;
    let mut lines = text.split("\r\n").filter_map(|line| line.split_once(": "));
    let host = lines.find(|(name, _)| name.eq_ignore_ascii_case("host"))?.1;
    let group = format!("https://{}/g/tea", super::town::HOST);
    let public = "https://www.w3.org/ns/activitystreams#Public";
    let post = serde_json::json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": format!("https://{host}{path}"), "type": "Page",
        "attributedTo": format!("https://{host}/u/p0"), "to": [public, group], "cc": [], "audience": group,
        "name": "A question", "content": "<p>Who has a kettle?</p>", "mediaType": "text/html",
        "published": "2026-11-01T10:00:00Z",
    });
    let body = post.to_string();
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/activity+json\r\ncontent-length: {}\r\n\r\n", body.len());
    Some([head.into_bytes(), body.into_bytes()].concat())
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

/// What a delivery says.
fn read_delivery(request: &[u8], life: u32) -> Option<Seen> {
    let end = request.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&request[..end]).ok()?;
    let host = head
        .split("\r\n")
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("host"))?
        .1;
    let body: Value = serde_json::from_slice(&request[end + 4..]).ok()?;
    let mut inner = &body;
    while inner["object"]["object"] != Value::Null {
        inner = &inner["object"];
    }
    let about = inner["object"].as_str().or_else(|| inner["object"]["id"].as_str());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Some(Seen {
        host: host.to_owned(),
        activity: text(&body["id"]),
        kind: text(&inner["type"]),
        object: about.unwrap_or_default().to_owned(),
        life,
        at_ms: SystemClock.now().timestamp_millis(),
    })
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
    fn the_innermost_activity_counts() {
        let body = serde_json::json!({
            "id": "https://oak.test/a/1", "type": "Announce",
            "object": {"id": "https://oak.test/a/2", "type": "Update", "object": {"id": "https://oak.test/p/3", "type": "Page"}},
        });
        let seen = read_delivery(format!("POST / HTTP/1.1\r\nhost: f1.test\r\n\r\n{body}").as_bytes(), 0).unwrap();
        assert_eq!((seen.kind.as_str(), seen.object.as_str()), ("Update", "https://oak.test/p/3"));
    }

    #[test]
    fn a_post_is_had_by_asking_for_it() {
        let ask = |path: &str| asked_post(format!("GET {path} HTTP/1.1\r\nHost: m1.test\r\n\r\n").as_bytes());
        let id = asked_id("m1.test", "r1-5");
        let answer = String::from_utf8(ask(id.strip_prefix("https://m1.test").unwrap()).unwrap()).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains(&format!("\"id\":\"{id}\"")), "{answer}");
        assert_eq!(ask("/u/p0"), None);
    }

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
        let seen = read_delivery(&one, 3).unwrap();
        assert_eq!((seen.host.as_str(), seen.activity.as_str(), seen.life), ("f1.test", "https://oak.test/a/a", 3));
        assert_eq!(first_request(b"GET /u/a HTTP/1.1\r\nhost: f1.test\r\n\r\n").unwrap().1, None);
    }
}
