//! Another server of the network, scripted: it has a name, a key and documents of its own, reads what comes to it with
//! its own eyes, and sends what its software sends. It stands on loopback beside a [`crate::network::TestNetwork`].
//!
//! Must never: use Hearth's readers or its gate to judge what Hearth sent. Only the arithmetic of keys is shared.

use crate::world::{NOW, instant};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use hearth_federation::signing::{KeyPairPem, PublicKey, Scheme, SigningKey, generate_keypair};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, LazyLock, Mutex, MutexGuard},
};
use url::Url;

/// Everybody's collection.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// One key for all peers of a process: making one takes its time.
static KEY: LazyLock<KeyPairPem> = LazyLock::new(|| generate_keypair().expect("a key"));

/// A request that came to the peer.
#[derive(Debug, Clone)]
pub struct Received {
    /// `GET` or `POST`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Header names in lower case, and values.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// A parameter of a draft-cavage signature.
    fn parameter(&self, name: &str) -> Option<String> {
        let after = self.header("signature").split_once(&format!("{name}=\""))?.1;
        Some(after.split('"').next()?.to_owned())
    }
}

/// What the peer says to a request before it takes it: a status.
pub type Judge = fn(&ScriptedPeer, &Received) -> u16;

struct State {
    documents: BTreeMap<String, Value>,
    received: Vec<Received>,
    judge: Judge,
    neighbours: BTreeMap<String, u16>,
    next: u32,
    refused: usize,
}

/// The peer. Copies are the same one.
#[derive(Clone)]
pub struct ScriptedPeer {
    host: String,
    port: u16,
    state: Arc<Mutex<State>>,
}

/// An answer to the peer's own request.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: String,
    /// Body.
    pub body: Vec<u8>,
}

impl ScriptedPeer {
    /// Starts a peer that takes every request.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn start(host: &str, software: &str, version: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let state = State {
            documents: BTreeMap::new(),
            received: Vec::new(),
            judge: |_, _| 202,
            neighbours: BTreeMap::new(),
            next: 0,
            refused: 0,
        };
        let peer = Self { host: host.to_owned(), port, state: Arc::new(Mutex::new(state)) };
        let links = json!({"links": [{"rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": peer.id("/nodeinfo/2.1")}]});
        peer.serve("/.well-known/nodeinfo", links);
        let info = json!({"version": "2.1", "software": {"name": software, "version": version}, "protocols": ["activitypub"],
            "services": {"inbound": [], "outbound": []}, "openRegistrations": false, "usage": {"users": {}}, "metadata": {}});
        peer.serve("/nodeinfo/2.1", info);
        let served = peer.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let peer = served.clone();
                std::thread::spawn(move || peer.answer(stream));
            }
        });
        peer
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no peer panics")
    }

    /// Its name: `mas.test`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// How the development network finds it.
    #[must_use]
    pub fn entry(&self) -> String {
        format!("{}=http://127.0.0.1:{}", self.host, self.port)
    }

    /// An address of its own.
    #[must_use]
    pub fn id(&self, path: &str) -> String {
        format!("https://{}{path}", self.host)
    }

    /// Makes it know where another server of the network is.
    pub fn meets(&self, server: &crate::network::TestServer) {
        let port = server.local_url().port().expect("a port");
        self.state().neighbours.insert(server.host(), port);
    }

    /// From now on it judges what comes.
    pub fn judges(&self, judge: Judge) {
        self.state().judge = judge;
    }

    /// Serves a document at a path.
    pub fn serve(&self, path: &str, document: Value) {
        self.state().documents.insert(path.to_owned(), document);
    }

    /// Makes an actor, with WebFinger under its name, and serves it. `shared` says whether it names a shared inbox.
    pub fn actor(&self, kind: &str, path: &str, name: &str, shared: bool) -> Value {
        let id = self.id(path);
        let mut actor = json!({
            "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
            "id": id, "type": kind, "preferredUsername": name, "name": name, "inbox": format!("{id}/inbox"),
            "outbox": format!("{id}/outbox"), "followers": format!("{id}/followers"),
            "publicKey": {"id": format!("{id}#main-key"), "owner": id, "publicKeyPem": KEY.public_pem},
        });
        if shared {
            actor["endpoints"] = json!({"sharedInbox": self.id("/inbox")});
        }
        self.serve(path, actor.clone());
        let finger = json!({"subject": format!("acct:{name}@{}", self.host),
            "links": [{"rel": "self", "type": "application/activity+json", "href": id}]});
        self.serve(&format!("/.well-known/webfinger?resource=acct:{name}@{}", self.host), finger);
        actor
    }

    /// An id for a new activity of its own.
    #[must_use]
    pub fn new_id(&self) -> String {
        let mut state = self.state();
        state.next += 1;
        format!("https://{}/activities/{}", self.host, state.next)
    }

    /// Every activity that was taken at an inbox, with the inbox's path, in order.
    #[must_use]
    pub fn activities(&self) -> Vec<(String, Value)> {
        let posts = self.received().into_iter().filter(|request| request.method == "POST");
        posts.map(|request| (request.target.clone(), request.json())).collect()
    }

    /// Every request that was taken.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.state().received.clone()
    }

    /// How many requests its judge refused.
    #[must_use]
    pub fn refused(&self) -> usize {
        self.state().refused
    }

    /// Forgets what came.
    pub fn forget(&self) {
        let mut state = self.state();
        state.received.clear();
        state.refused = 0;
    }

    /// What came to inboxes since it last looked.
    #[must_use]
    pub fn news(&self) -> Vec<Value> {
        let news = self.activities().into_iter().map(|(_, activity)| activity).collect();
        self.forget();
        news
    }

    /// Sends an activity to the shared inbox of a server, signed by its actor with the key of this id.
    #[must_use]
    pub fn delivers_with(&self, server: &str, activity: &Value, key: &str) -> u16 {
        let url = format!("https://{server}/inbox").parse().expect("an address");
        let body = serde_json::to_vec(activity).expect("JSON");
        let headers = self.signed(key, &Method::POST, &url, Some(&body));
        self.send("POST", &url, &headers, &body).status
    }

    /// Sends an activity, signed with the main key of its actor.
    ///
    /// # Panics
    /// When the activity names no actor.
    #[must_use]
    pub fn delivers(&self, server: &str, activity: &Value) -> u16 {
        let actor = activity["actor"].as_str().expect("an actor");
        self.delivers_with(server, activity, &format!("{actor}#main-key"))
    }

    /// Asks another server for a document, signed by this key if any.
    ///
    /// # Panics
    /// When the address is none.
    #[must_use]
    pub fn asks(&self, url: &str, key: Option<&str>) -> Answer {
        let url: Url = url.parse().expect("an address");
        let headers = match key {
            Some(key) => self.signed(key, &Method::GET, &url, None),
            None => vec![("host".to_owned(), url.host_str().unwrap_or_default().to_owned())],
        };
        self.send("GET", &url, &headers, &[])
    }

    fn signed(&self, key: &str, method: &Method, url: &Url, body: Option<&[u8]>) -> Vec<(String, String)> {
        let key = SigningKey::from_pem(&key.parse().expect("a key id"), &KEY.private_pem).expect("a key");
        let headers = key.sign(Scheme::Cavage, method, url, body, instant(NOW)).expect("signed");
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().expect("text").to_owned())).collect()
    }

    fn send(&self, method: &str, url: &Url, headers: &[(String, String)], body: &[u8]) -> Answer {
        let port = self.state().neighbours[url.host_str().expect("a host")];
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut head = format!("{method} {}{query} HTTP/1.1\r\n", url.path());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("accept: application/activity+json\r\nconnection: close\r\n");
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        stream.write_all(&[head.as_bytes(), body].concat()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
        let field =
            |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned();
        Answer {
            status: head[9..12].parse().expect("a status"),
            content_type: field("content-type:"),
            body: answer[end + 4..].to_vec(),
        }
    }

    fn answer(&self, stream: TcpStream) {
        let Some((request, mut stream)) = read(stream) else { return };
        let judge = self.state().judge;
        let status = judge(self, &request);
        // A query may be written in more than one way.
        let target = request.target.replace("%3A", ":").replace("%40", "@");
        let document = self.state().documents.get(&target).cloned();
        let plain = target.starts_with("/.well-known/") || target.starts_with("/nodeinfo/");
        let media_type = if plain { "application/json" } else { "application/activity+json" };
        let (status, body) = match (&*request.method, document) {
            (_, _) if status >= 400 => (status, String::new()),
            ("GET" | "HEAD", Some(document)) => (200, document.to_string()),
            ("GET" | "HEAD", None) => (404, String::new()),
            _ => (status, String::new()),
        };
        if status < 400 {
            self.state().received.push(request);
        } else {
            self.state().refused += 1;
        }
        let head = format!(
            "HTTP/1.1 {status} -\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        // Who went away needs no answer.
        drop(stream.write_all(format!("{head}{body}").as_bytes()));
    }

    /// Checks a draft-cavage signature the way a strict server does: everything in `needed` is covered, the digest is
    /// that of the body, and the key is fetched from the actor that signs. Says who signed.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn signer(&self, request: &Received, needed: &[&str]) -> Result<String, &'static str> {
        let covered = request.parameter("headers").ok_or("no draft-cavage signature")?;
        let covered: Vec<&str> = covered.split(' ').collect();
        if !needed.iter().all(|name| covered.contains(name)) {
            return Err("something is not covered");
        }
        let digest = format!("SHA-256={}", BASE64.encode(Sha256::digest(&request.body)));
        if covered.contains(&"digest") && request.header("digest") != digest {
            return Err("another digest");
        }
        let line = |name: &&str| match *name {
            "(request-target)" => format!("{name}: {} {}", request.method.to_lowercase(), request.target),
            name => format!("{name}: {}", request.header(name)),
        };
        let text = covered.iter().map(line).collect::<Vec<_>>().join("\n");
        let key_id = request.parameter("keyId").ok_or("no key id")?;
        let actor = key_id.split('#').next().unwrap_or_default();
        let document: Value = serde_json::from_slice(&self.asks(actor, None).body).map_err(|_| "no actor")?;
        let pem = document["publicKey"]["publicKeyPem"].as_str().ok_or("no key")?;
        let key = PublicKey::from_pem(pem).map_err(|_| "an unreadable key")?;
        let signature =
            request.parameter("signature").and_then(|text| BASE64.decode(text).ok()).ok_or("no signature")?;
        if document["publicKey"]["id"] != key_id.as_str() || !key.verify(text.as_bytes(), &signature) {
            return Err("a wrong signature");
        }
        Ok(actor.to_owned())
    }
}

fn read(stream: TcpStream) -> Option<(Received, TcpStream)> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((Received { method, target, headers, body }, stream))
}
