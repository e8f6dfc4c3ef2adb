//! What goes over the wire, seen from outside: a forwarder before the server that keeps every answer, one before the
//! peers that keeps every request, and listeners that nobody may ever reach.
//!
//! Must never change a byte that passes through.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// So much of an answer is kept.
const KEPT: usize = 1 << 20;
/// The ports that attacks aim at on this machine.
const AIMED_AT: [u16; 9] = [22, 80, 443, 5432, 6379, 8443, 9, 11211, 2375];

/// One connection to the server.
#[derive(Debug, Clone)]
pub struct Exchange {
    began: Instant,
    ended: Instant,
    /// What the server said.
    pub answer: Vec<u8>,
    /// Whether the server ended it.
    pub closed: bool,
}

impl Exchange {
    /// The status lines in the answer, in their order.
    #[must_use]
    pub fn statuses(&self) -> Vec<u16> {
        let text = String::from_utf8_lossy(&self.answer);
        let lines = text.split("HTTP/1.").skip(1).filter_map(|rest| rest.get(2..5));
        lines.filter_map(|digits| digits.parse().ok()).collect()
    }

    /// From the first byte to the last.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.ended.duration_since(self.began)
    }
}

/// A list that is filled while it is read.
#[derive(Debug)]
pub struct Kept<T>(Arc<Mutex<Vec<T>>>);

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Kept<T> {
    /// Adds something.
    pub fn push(&self, item: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(item);
    }

    /// Takes what was added since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<T> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The forwarder before the server.
#[derive(Debug)]
pub struct Front {
    /// Where it listens.
    pub address: SocketAddr,
    exchanges: Kept<Arc<Mutex<Exchange>>>,
}

impl Front {
    /// Starts one.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(server: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let front = Self { address: listener.local_addr()?, exchanges: Kept::default() };
        let exchanges = front.exchanges.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let now = Instant::now();
                let exchange = Exchange { began: now, ended: now, answer: Vec::new(), closed: false };
                let exchange = Arc::new(Mutex::new(exchange));
                exchanges.push(exchange.clone());
                tokio::spawn(pass(client, server, exchange));
            }
        });
        Ok(front)
    }

    /// The exchanges since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<Exchange> {
        let taken = self.exchanges.take();
        taken.iter().map(|one| one.lock().unwrap_or_else(PoisonError::into_inner).clone()).collect()
    }
}

async fn pass(client: TcpStream, server: SocketAddr, exchange: Arc<Mutex<Exchange>>) {
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let up = tokio::spawn(async move {
        let _ = copy(&mut from_client, &mut to_server).await;
        let _ = to_server.shutdown().await;
    });
    answer(from_server, to_client, &exchange).await;
    up.abort();
}

async fn answer(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, exchange: &Mutex<Exchange>) {
    let mut buffer = vec![0; 65_536];
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        {
            let mut exchange = exchange.lock().unwrap_or_else(PoisonError::into_inner);
            exchange.ended = Instant::now();
            exchange.closed = read == 0;
            if exchange.answer.len() < KEPT {
                exchange.answer.extend_from_slice(&buffer[..read]);
            }
        }
        if read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            let _ = to.shutdown().await;
            return;
        }
    }
}

/// One request of the server to a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Method.
    pub method: String,
    /// The name it was meant for.
    pub host: String,
    /// Path.
    pub path: String,
}

/// The forwarder before the peers. Each connection carries one request: the peers speak HTTP/1.0.
#[derive(Debug)]
pub struct Back {
    /// Where it listens.
    pub address: SocketAddr,
    asked: Kept<Asked>,
}

impl Back {
    /// Starts one.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(peers: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let back = Self { address: listener.local_addr()?, asked: Kept::default() };
        let asked = back.asked.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(ask(client, peers, asked.clone()));
            }
        });
        Ok(back)
    }

    /// The requests since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<Asked> {
        self.asked.take()
    }
}

async fn ask(mut client: TcpStream, peers: SocketAddr, asked: Kept<Asked>) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut buffer = vec![0; 16_384];
    while !head.windows(4).any(|part| part == b"\r\n\r\n") && head.len() < KEPT {
        let read = client.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        head.extend_from_slice(&buffer[..read]);
    }
    let text = String::from_utf8_lossy(&head);
    let mut words = text.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let host = text.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("host:").map(str::to_owned));
    let host = host.unwrap_or_default().trim().to_owned();
    asked.push(Asked { method: method.to_owned(), host, path: path.to_owned() });
    // While everything is put in its place the runner's peers are not there yet; what is sent to them then is taken.
    let Ok(mut peer) = TcpStream::connect(peers).await else {
        return client.write_all(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    };
    peer.write_all(&head).await?;
    tokio::io::copy_bidirectional(&mut client, &mut peer).await.map(drop)
}

/// Listeners on this machine's own ports that nobody may reach.
#[derive(Debug, Default)]
pub struct Traps {
    /// The ports that could be watched; others are taken, or not ours to take.
    pub ports: Vec<u16>,
    sprung: Kept<u16>,
}

impl Traps {
    /// Watches the ports that attacks aim at, as far as they are free.
    pub async fn set() -> Self {
        let mut traps = Self::default();
        for port in AIMED_AT {
            let Ok(listener) = TcpListener::bind(("127.0.0.1", port)).await else { continue };
            traps.ports.push(port);
            let sprung = traps.sprung.clone();
            tokio::spawn(async move {
                while listener.accept().await.is_ok() {
                    sprung.push(port);
                }
            });
        }
        traps
    }

    /// The ports that were reached since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<u16> {
        self.sprung.take()
    }
}
