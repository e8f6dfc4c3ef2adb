//! The checked client against a small peer on loopback.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use activitypub_federation::{config::FederationConfig, fetch::fetch_object_http};

use super::{
    testpeer::{Peer, Reply, Seen, activity, redirect, reply},
    *,
};
use crate::{
    gate::{self, GateRules, Refusal, RequestHead},
    origin::DevPeers,
    signing::{
        Scheme,
        testkeys::{now, private, public},
    },
};

const KEY_ID: &str = "https://oak.test/actor#main-key";
const DOCUMENT: &str = r#"{"id":"https://elm.test/u/1","type":"Person"}"#;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn key() -> SigningKey {
    private("oak", KEY_ID)
}

/// A client whose names are reached at these ports.
fn client(peers: &[(&str, u16)]) -> CheckedClient {
    let dev: Vec<String> = peers.iter().map(|(name, port)| format!("{name}=http://127.0.0.1:{port}")).collect();
    client_for(&dev.join(","), GuardedResolver::system())
}

fn client_for(dev: &str, resolver: GuardedResolver) -> CheckedClient {
    client_with(dev, resolver, Duration::from_secs(20))
}

fn client_with(dev: &str, resolver: GuardedResolver, deadline: Duration) -> CheckedClient {
    let remote = RemotePolicy::new(["oak.test"], DevPeers::parse(dev).unwrap());
    let mut config = ClientConfig::new("Hearth/test", remote);
    config.resolver = resolver;
    config.fetch_timeout = deadline;
    config.delivery_timeout = deadline;
    CheckedClient::new(config).unwrap()
}

/// What the peer's own gate, built like ours, says about a request it saw.
fn judged(seen: &Seen) -> Result<Scheme, Refusal> {
    let remote = RemotePolicy::new(["elm.test"], DevPeers::default());
    let rules = GateRules::new(remote, now());
    let headers: Vec<(&str, &[u8])> =
        seen.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let head = RequestHead { method: &seen.method, path_and_query: &seen.target, headers: &headers };
    let request = match seen.method.as_str() {
        "POST" => gate::read(&head, &seen.body, &rules)?,
        _ => gate::read_get(&head, &rules)?,
    };
    assert_eq!(request.key_id.as_str(), KEY_ID);
    request.verify(&public("oak"))?;
    Ok(request.scheme)
}

#[tokio::test]
async fn a_delivery_passes_a_gate_like_ours() {
    let peer = Peer::start(|seen| if judged(seen).is_ok() { reply(202, &[], b"") } else { reply(500, &[], b"") }).await;
    let client = client(&[("elm.test", peer.port)]);
    for scheme in [Scheme::Cavage, Scheme::Rfc9421] {
        let delivered =
            client.post_activity(&url("https://elm.test/inbox?a=b"), Bytes::from("{}"), &key(), scheme, now()).await;
        assert_eq!(delivered, Delivered { outcome: Delivery::Accepted, scheme });
    }
    let seen = peer.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].header("host"), Some("elm.test"));
    assert_eq!(seen[0].header("user-agent"), Some("Hearth/test"));
    assert_eq!((judged(&seen[0]), judged(&seen[1])), (Ok(Scheme::Cavage), Ok(Scheme::Rfc9421)));
}

#[tokio::test]
async fn after_400_or_401_the_other_scheme_is_tried_once() {
    for status in [400, 401] {
        for (first, understood) in [(Scheme::Cavage, Scheme::Rfc9421), (Scheme::Rfc9421, Scheme::Cavage)] {
            let peer = Peer::start(move |seen| {
                let status = if judged(seen) == Ok(understood) { 202 } else { status };
                reply(status, &[], b"")
            })
            .await;
            let client = client(&[("elm.test", peer.port)]);
            let delivered =
                client.post_activity(&url("https://elm.test/inbox"), Bytes::from("{}"), &key(), first, now()).await;
            assert_eq!(delivered, Delivered { outcome: Delivery::Accepted, scheme: understood });
            assert_eq!(peer.connections(), 2);
        }
    }
}

#[tokio::test]
async fn each_status_has_its_consequence() {
    let again = |why| Delivery::Retry { after: None, why };
    let table = [
        (200, Delivery::Accepted, 1),
        (204, Delivery::Accepted, 1),
        (307, again(RetryReason::Redirect), 1),
        (400, Delivery::Refused(400), 2),
        (401, again(RetryReason::Status(401)), 2),
        (403, Delivery::Refused(403), 1),
        (404, again(RetryReason::Missing), 1),
        (405, Delivery::Refused(405), 1),
        (408, again(RetryReason::Status(408)), 1),
        (410, Delivery::Gone, 1),
        (413, Delivery::Refused(413), 1),
        (421, again(RetryReason::Status(421)), 1),
        (425, again(RetryReason::Status(425)), 1),
        (429, again(RetryReason::Status(429)), 1),
        (500, again(RetryReason::Status(500)), 1),
        (501, Delivery::Refused(501), 1),
        (503, again(RetryReason::Status(503)), 1),
    ];
    for (status, expected, knocks) in table {
        let peer = Peer::start(move |_| reply(status, &[("Location", "https://elm.test/other")], b"no")).await;
        let client = client(&[("elm.test", peer.port)]);
        let inbox = url("https://elm.test/inbox");
        let delivered = client.post_activity(&inbox, Bytes::from("{}"), &key(), Scheme::Cavage, now()).await;
        assert_eq!((delivered.outcome, peer.connections()), (expected, knocks), "{status}");
    }
}

#[tokio::test]
async fn retry_after_is_obeyed_up_to_twelve_hours() {
    for (text, seconds) in [
        ("120", Some(120)),
        ("Thu, 19 Nov 2026 00:01:00 GMT", Some(60)),
        ("Wed, 18 Nov 2026 00:00:00 GMT", None),
        ("99999999", Some(43_200)),
        ("soon", None),
    ] {
        let peer = Peer::start(move |_| reply(429, &[("Retry-After", text)], b"")).await;
        let client = client(&[("elm.test", peer.port)]);
        let inbox = url("https://elm.test/inbox");
        let delivered = client.post_activity(&inbox, Bytes::from("{}"), &key(), Scheme::Cavage, now()).await;
        let after = seconds.map(Duration::from_secs);
        assert_eq!(delivered.outcome, Delivery::Retry { after, why: RetryReason::Status(429) }, "{text}");
    }
}

#[tokio::test]
async fn a_signed_fetch_returns_the_document_under_its_real_name() {
    let peer = Peer::start(|seen| if judged(seen).is_ok() { activity(DOCUMENT) } else { reply(401, &[], b"") }).await;
    let client = client(&[("elm.test", peer.port)]);
    let fetched = client.get_activity(&url("https://elm.test/u/1#key"), Some(&key()), now()).await.unwrap();
    assert_eq!(fetched.final_url.as_str(), "https://elm.test/u/1");
    assert_eq!(fetched.bytes, DOCUMENT);
    let seen = peer.seen().remove(0);
    assert_eq!(seen.header("host"), Some("elm.test"));
    assert!(seen.header("accept").unwrap().starts_with("application/activity+json"));
}

#[tokio::test]
async fn after_401_the_query_is_left_out_of_the_signature_once() {
    let peer = Peer::start(|seen| {
        // A peer that signs over the path alone.
        let mut bare = seen.clone();
        bare.target = seen.target.split('?').next().unwrap().to_owned();
        if judged(&bare).is_ok() { activity(DOCUMENT) } else { reply(401, &[], b"") }
    })
    .await;
    let client = client(&[("elm.test", peer.port)]);
    assert!(client.get_activity(&url("https://elm.test/u/1?page=2"), Some(&key()), now()).await.is_ok());
    let targets: Vec<String> = peer.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(
        targets,
        ["/u/1?page=2", "/u/1?page=2"],
        "the request keeps its query, only the signature leaves it out"
    );
    let refused = client.get_activity(&url("https://elm.test/u/1?page=2"), None, now()).await;
    assert_eq!(refused.unwrap_err(), FetchError::Status(401));
    assert_eq!(peer.connections(), 3, "unsigned requests are not repeated");
}

#[tokio::test]
async fn answers_that_are_no_document_are_told_apart() {
    use FetchError::*;
    let json = [("Content-Type", "application/activity+json")];
    type Row = (u16, &'static [(&'static str, &'static str)], FetchError, bool);
    let table: [Row; 9] = [
        (404, &[], NotFound, false),
        (410, &[], Gone, false),
        (403, &[], Status(403), false),
        (500, &[], Status(500), true),
        (304, &[], Status(304), false),
        (200, &[], WrongType, false),
        (200, &[("Content-Type", "text/plain")], WrongType, false),
        (200, &[("Content-Type", "application/json")], WrongType, false),
        (200, &[("Content-Type", "application/ld+json")], WrongType, false),
    ];
    for (status, headers, expected, temporary) in table {
        let peer = Peer::start(move |_| reply(status, headers, DOCUMENT.as_bytes())).await;
        let error = client(&[("elm.test", peer.port)]).get_activity(&url("https://elm.test/u/1"), None, now()).await;
        assert_eq!(error.as_ref().unwrap_err(), &expected, "{status} {headers:?}");
        assert_eq!(error.unwrap_err().is_temporary(), temporary);
    }
    let peer = Peer::start(move |_| reply(200, &json, DOCUMENT.as_bytes())).await;
    let client = client(&[("elm.test", peer.port)]);
    assert_eq!(client.get_json(&url("https://elm.test/.well-known/webfinger"), now()).await.unwrap_err(), WrongType);
}

#[tokio::test]
async fn redirects_are_followed_only_where_they_may_lead() {
    let trap = Peer::start(|_| activity(DOCUMENT)).await;
    let trap_url = format!("http://127.0.0.1:{}/", trap.port);
    let elm = Peer::start(move |seen| match seen.target.as_str() {
        "/same" => redirect("/u/1"),
        "/other" => redirect("https://ash.test/u/1"),
        "/down" => redirect("http://elm.test/u/1"),
        "/down-dev" => redirect("http://localhost:8536/u/1"),
        "/literal" => redirect(&trap_url),
        "/metadata" => redirect("https://169.254.169.254/latest"),
        "/file" => redirect("file:///etc/passwd"),
        "/relative" => redirect("//10.0.0.1/x"),
        "/own" => redirect("https://oak.test/actor"),
        "/loop" => redirect("/loop#again"),
        "/nowhere" => reply(302, &[], b""),
        text if text.starts_with("/hop") => {
            redirect(&format!("/hop{}", text.trim_start_matches("/hop").parse::<u32>().unwrap() + 1))
        }
        "/u/1" if judged(seen).is_ok() || seen.header("signature").is_none() => activity(DOCUMENT),
        _ => reply(401, &[], b""),
    })
    .await;
    let ash = Peer::start(|seen| {
        assert!(seen.header("signature").is_none());
        reply(200, &[("Content-Type", "application/jrd+json")], b"{}")
    })
    .await;
    let dev = format!(
        "elm.test=http://127.0.0.1:{},ash.test=http://127.0.0.1:{},http://localhost:8536=http://127.0.0.1:{}",
        elm.port, ash.port, trap.port
    );
    let client = client_for(&dev, GuardedResolver::system());
    let signed = async |path: &str| {
        let result = client.get_activity(&url(&format!("https://elm.test{path}")), Some(&key()), now()).await;
        result.map(|fetched| fetched.final_url.to_string())
    };
    assert_eq!(signed("/same").await.as_deref(), Ok("https://elm.test/u/1"));
    for path in
        ["/other", "/down", "/down-dev", "/literal", "/metadata", "/file", "/relative", "/own", "/loop", "/nowhere"]
    {
        assert_eq!(signed(path).await, Err(FetchError::Redirect), "{path}");
    }
    assert_eq!(ash.connections(), 0, "a signed request does not follow to another host");

    let before = elm.connections();
    assert_eq!(signed("/hop0").await, Err(FetchError::Redirect));
    assert_eq!(elm.connections() - before, 4, "the first request and three redirects");

    let unsigned = async |path: &str| client.get_json(&url(&format!("https://elm.test{path}")), now()).await;
    assert_eq!(unsigned("/other").await.unwrap().final_url.as_str(), "https://ash.test/u/1");
    for (path, expected) in [
        ("/down", FetchError::Redirect),
        ("/down-dev", FetchError::Redirect),
        ("/literal", FetchError::Redirect),
        ("/file", FetchError::Redirect),
        ("/metadata", FetchError::Address(OriginError::IpLiteral)),
        ("/relative", FetchError::Address(OriginError::IpLiteral)),
        ("/own", FetchError::Address(OriginError::OwnHost)),
    ] {
        assert_eq!(unsigned(path).await.unwrap_err(), expected, "{path}");
    }
    assert_eq!(trap.connections(), 0);
}

#[tokio::test]
async fn addresses_that_are_not_acceptable_are_never_connected_to() {
    let trap = Peer::start(|_| activity(DOCUMENT)).await;
    let client = client(&[("elm.test", trap.port)]);
    for (text, expected) in [
        (format!("http://127.0.0.1:{}/u/1", trap.port), OriginError::Scheme),
        (format!("https://127.0.0.1:{}/u/1", trap.port), OriginError::IpLiteral),
        (format!("https://[::1]:{}/u/1", trap.port), OriginError::IpLiteral),
        (format!("http://localhost:{}/u/1", trap.port), OriginError::Scheme),
        (format!("https://localhost:{}/u/1", trap.port), OriginError::Name),
        (format!("http://elm.test:{}/u/1", trap.port), OriginError::Scheme),
        ("http://elm.test/u/1".to_owned(), OriginError::Scheme),
        ("https://user@elm.test/u/1".to_owned(), OriginError::UserInfo),
        ("https://oak.test/u/1".to_owned(), OriginError::OwnHost),
    ] {
        let fetched = client.get_activity(&url(&text), Some(&key()), now()).await;
        assert_eq!(fetched.unwrap_err(), FetchError::Address(expected), "{text}");
        let delivered = client.post_activity(&url(&text), Bytes::new(), &key(), Scheme::Cavage, now()).await;
        assert_eq!(delivered.outcome, Delivery::Forbidden(expected), "{text}");
    }
    assert_eq!(trap.connections(), 0);
}

/// A name service that answers every name with these addresses.
fn answering(addresses: &'static [&'static str]) -> GuardedResolver {
    GuardedResolver::with_lookup(Arc::new(move |_| {
        Box::pin(async move { Ok(addresses.iter().map(|text| text.parse().unwrap()).collect()) })
    }))
}

#[tokio::test]
async fn names_into_private_networks_are_refused_at_the_moment_of_connecting() {
    for addresses in [&["127.0.0.1"] as &[_], &["8.8.8.8", "10.0.0.1"], &["::ffff:127.0.0.1"], &["64:ff9b::7f00:1"]] {
        // The development map of another name changes nothing for this one.
        for dev in ["", "elm.test=http://127.0.0.1:9"] {
            let client = client_for(dev, answering(addresses));
            let fetched = client.get_activity(&url("https://evil.example/u/1"), None, now()).await;
            assert_eq!(fetched.unwrap_err(), FetchError::Trouble(Trouble::PrivateAddress), "{addresses:?}");
        }
    }
    let client = client_for("", answering(&[]));
    let inbox = url("https://gone.example/inbox");
    let delivered = client.post_activity(&inbox, Bytes::new(), &key(), Scheme::Cavage, now()).await;
    let why = RetryReason::Trouble(Trouble::Dns);
    assert_eq!(delivered.outcome, Delivery::Retry { after: None, why }, "a DNS outage loses nothing");
}

#[tokio::test]
async fn a_development_target_may_be_a_private_name() {
    let peer = Peer::start(|_| activity(DOCUMENT)).await;
    let client = client_for(&format!("elm.test=http://localhost:{}", peer.port), answering(&["127.0.0.1"]));
    assert!(client.get_activity(&url("https://elm.test/u/1"), None, now()).await.is_ok());
}

#[tokio::test]
async fn network_trouble_is_classified() {
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let plain =
        Peer::start(|_| Reply { bytes: b"this is no TLS and no HTTP at all\r\n\r\n".to_vec(), drip: None }).await;
    let raw = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let raw_port = raw.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = raw.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 no TLS here\r\n\r\n").await;
        }
    });
    for (base, expected) in [
        (format!("http://127.0.0.1:{closed}"), Trouble::Connect),
        (format!("http://127.0.0.1:{}", plain.port), Trouble::Broken),
        (format!("https://127.0.0.1:{raw_port}"), Trouble::Tls),
    ] {
        let client = client_for(&format!("elm.test={base}"), GuardedResolver::system());
        let fetched = client.get_activity(&url("https://elm.test/u/1"), None, now()).await;
        assert_eq!(fetched.unwrap_err(), FetchError::Trouble(expected));
    }
}

/// A gzip stream of `length` zero bytes: fixed Huffman codes (RFC 1951, 3.2.6), a run of 258 for every 13 bits.
fn gzip_of_zeros(length: usize) -> Vec<u8> {
    let mut bits = vec![1u8, 1, 0];
    let mut code = |value: u16, width: u16| bits.extend((0..width).rev().map(|at| u8::from(value >> at & 1 == 1)));
    code(0b0011_0000, 8);
    for _ in 0..length / 258 {
        code(0b1100_0101, 8);
        code(0, 5);
    }
    code(0, 7);
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    out.extend(bits.chunks(8).map(|byte| byte.iter().enumerate().fold(0, |sum, (at, bit)| sum | bit << at)));
    out.extend([0; 8]);
    out
}

#[tokio::test]
async fn bodies_are_counted_after_decompression() {
    let bomb = gzip_of_zeros(64 * 1024 * 1024);
    assert!(bomb.len() < 512 * 1024, "the compressed size alone would pass");
    let peer = Peer::start(move |seen| match seen.target.as_str() {
        "/bomb" => reply(200, &[("Content-Type", "application/activity+json"), ("Content-Encoding", "gzip")], &bomb),
        "/announced" => activity(&" ".repeat(1024 * 1024 + 1)),
        "/streamed" => {
            let head = b"HTTP/1.1 200 X\r\nContent-Type: application/activity+json\r\nConnection: close\r\n\r\n";
            Reply { bytes: [head.as_slice(), &vec![b' '; 1024 * 1024 + 1]].concat(), drip: None }
        }
        "/largest" => activity(&" ".repeat(1024 * 1024)),
        "/json" => reply(200, &[("Content-Type", "application/json")], &vec![b' '; 64 * 1024 + 1]),
        _ => reply(404, &[], b""),
    })
    .await;
    let client = client(&[("elm.test", peer.port)]);
    let get = async |path: &str| client.get_activity(&url(&format!("https://elm.test{path}")), None, now()).await;
    for path in ["/bomb", "/announced", "/streamed"] {
        assert_eq!(get(path).await.unwrap_err(), FetchError::TooLarge, "{path}");
    }
    assert_eq!(get("/largest").await.unwrap().bytes.len(), 1024 * 1024);
    assert_eq!(client.get_json(&url("https://elm.test/json"), now()).await.unwrap_err(), FetchError::TooLarge);
}

#[tokio::test]
async fn slow_answers_end_at_the_deadline() {
    let peer = Peer::start(|_| Reply { drip: Some(Duration::from_millis(50)), ..activity(DOCUMENT) }).await;
    let dev = format!("elm.test=http://127.0.0.1:{}", peer.port);
    let client = client_with(&dev, GuardedResolver::system(), Duration::from_millis(700));
    let key = key();
    let start = Instant::now();
    let fetched = client.get_activity(&url("https://elm.test/u/1"), None, now()).await;
    assert_eq!(fetched.unwrap_err(), FetchError::Trouble(Trouble::Timeout));
    let inbox = url("https://elm.test/inbox");
    let delivered = client.post_activity(&inbox, Bytes::new(), &key, Scheme::Cavage, now()).await;
    let why = RetryReason::Trouble(Trouble::Timeout);
    assert_eq!(delivered.outcome, Delivery::Retry { after: None, why });
    assert!(start.elapsed() < Duration::from_secs(6), "a whole answer would take seven seconds each");
}

/// The library as the next layer will use it, in the development network.
async fn library(client: &CheckedClient) -> FederationConfig<()> {
    let mut builder = FederationConfig::builder();
    builder.domain("oak.test").app_data(());
    client.configure_library(&mut builder, Arc::new(now)).build().await.unwrap()
}

#[tokio::test]
async fn the_library_fetches_through_this_client() {
    let peer = Peer::start(|seen| match (judged(seen), seen.target.as_str()) {
        (Err(_), _) => reply(401, &[], b""),
        (_, "/u/1") => reply(
            200,
            &[
                ("Content-Type", r#"application/ld+json;profile="https://www.w3.org/ns/activitystreams""#),
                ("Location", "/x"),
            ],
            DOCUMENT.as_bytes(),
        ),
        (_, "/moved") => redirect("/u/1"),
        (_, "/gone") => reply(410, &[], b""),
        (_, "/missing") => reply(404, &[("Content-Type", "application/activity+json")], DOCUMENT.as_bytes()),
        (_, "/forged") => activity(r#"{"id":"https://victim.test/u/1"}"#),
        (_, "/other-id") => activity(DOCUMENT),
        (_, "/text") => reply(200, &[("Content-Type", "text/plain")], DOCUMENT.as_bytes()),
        _ => activity(&" ".repeat(1024 * 1024 + 1)),
    })
    .await;
    let client = client(&[("elm.test", peer.port)]);
    client.set_instance_key(key());
    let config = library(&client).await;
    let fetch = async |text: &str| {
        let data = config.to_request_data();
        fetch_object_http::<_, serde_json::Value>(&url(text), &data).await.map(|found| found.url.to_string())
    };
    for path in ["/u/1", "/moved", "/other-id"] {
        assert_eq!(
            fetch(&format!("https://elm.test{path}")).await.ok().as_deref(),
            Some("https://elm.test/u/1"),
            "{path}"
        );
    }
    for (path, expected) in [
        ("/gone", FetchError::Gone),
        ("/missing", FetchError::NotFound),
        ("/text", FetchError::WrongType),
        ("/huge", FetchError::TooLarge),
    ] {
        let error = fetch(&format!("https://elm.test{path}")).await.unwrap_err();
        assert_eq!(fetch_error(&error), Some(expected), "{path}");
    }
    assert!(fetch("https://elm.test/forged").await.is_err());
    let before = peer.connections();
    for text in [
        "http://elm.test/u/1",
        "https://elm.test:8443/u/1",
        "https://127.0.0.1/",
        "http://localhost/",
        "https://oak.test/actor",
    ] {
        assert!(fetch(text).await.is_err(), "{text}");
    }
    assert_eq!(peer.connections(), before);
}

#[test]
fn the_dangerous_variable_stops_the_start() {
    assert_eq!(refuse_dangerous(|_| None), Ok(()));
    let set = |name: &str| (name == DANGEROUS_VARIABLE).then(OsString::new);
    assert_eq!(refuse_dangerous(set), Err(ClientError::DangerousEnvironment), "even when it is empty");
}

#[test]
fn budgets_run_out() {
    let budget = FetchBudget::default();
    let shared = budget.clone();
    for _ in 0..10 {
        budget.take().unwrap();
        shared.take().unwrap();
    }
    assert_eq!((budget.take(), shared.left()), (Err(BudgetSpent), 0));

    let rates = FetchRates::new(2, 3);
    let later = now() + chrono::TimeDelta::seconds(60);
    assert!(rates.take("elm.test", now()).is_ok() && rates.take("elm.test", now()).is_ok());
    assert!(rates.take("elm.test", now()).is_err(), "per host");
    assert!(rates.take("ash.test", now()).is_ok());
    assert!(rates.take("yew.test", now()).is_err(), "overall");
    assert!(rates.take("elm.test", later).is_ok(), "the next minute");

    // Two nodes tell one another what they counted: together they take what one may take.
    let (one, other) = (FetchRates::new(4, 40), FetchRates::new(4, 40));
    let mut told = std::collections::BTreeMap::<String, i64>::new();
    let mut exchange = |rates: &FetchRates| {
        let Some(untold) = rates.untold() else { return };
        for (host, more) in &untold.counts {
            *told.entry(host.clone()).or_default() += more;
        }
        rates.learn(untold.minute, untold.counts.iter().map(|(host, _)| (host.as_str(), told[host])));
    };
    for rates in [&one, &other, &other] {
        assert!(rates.take("elm.test", now()).is_ok());
        exchange(rates);
    }
    assert!(one.untold().is_none(), "nothing is told twice");
    assert!(one.take("elm.test", now()).is_ok());
    exchange(&one);
    assert!(one.take("elm.test", now()).is_err(), "four, on both");
    assert!(other.take("elm.test", now()).is_ok(), "not told yet");
    exchange(&other);
    assert!(other.take("elm.test", now()).is_err());
    assert!(one.take("elm.test", later).is_ok());
    let wide = FetchRates::new(80, 800);
    assert!(wide.take("elm.test", now()).is_ok());
    assert!(wide.untold().is_none(), "far from the limit, nobody is told");

    let rates = FetchRates::new(2, u32::MAX);
    let kept = AtomicUsize::new(0);
    for n in 0..10_100 {
        if rates.take(&format!("host-{n}.test"), now()).is_ok() {
            kept.fetch_add(1, Ordering::SeqCst);
        }
    }
    assert_eq!(kept.into_inner(), 10_000, "no more hosts are remembered than that");
}
