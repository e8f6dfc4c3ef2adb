//! Requests that no client library would send: bytes on a socket.

use crate::stage::Stage;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// What the server says to a head whose body is not sent. It must say something within a few seconds.
async fn said_to(stage: &Stage, head: &str) -> String {
    let url = stage.oak().local_url();
    let mut stream = TcpStream::connect(("127.0.0.1", url.port().expect("a port"))).await.expect("it listens");
    stream.write_all(head.replace('\n', "\r\n").as_bytes()).await.expect("sent");
    let mut said = vec![0; 4_096];
    let length = timeout(Duration::from_secs(5), stream.read(&mut said)).await.expect("an answer in time");
    String::from_utf8_lossy(&said[..length.expect("read")]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_no_door_takes_is_refused_before_it_is_sent() {
    let stage = Stage::set().await;
    for path in ["/inbox", "/g/tea/inbox", "/sign-in", "/api/v1/groups", "/nowhere"] {
        for length in ["1048577", "999999999", "99999999999999999999"] {
            let head = format!(
                "POST {path} HTTP/1.1\nHost: oak.test\nContent-Type: application/activity+json\nContent-Length: {length}\nExpect: 100-continue\n\n"
            );
            let said = said_to(&stage, &head).await;
            assert!(said.starts_with("HTTP/1.1 4"), "{path} {length}: {said}");
        }
    }
    let head = "POST /inbox HTTP/1.1\nHost: oak.test\nContent-Length: 1000\nExpect: 100-continue\n\n";
    assert!(said_to(&stage, head).await.starts_with("HTTP/1.1 100 "), "a body of usual size may be sent");
    assert_eq!(stage.oak().page("/healthz").await.status, 200);
    stage.finish().await;
}
