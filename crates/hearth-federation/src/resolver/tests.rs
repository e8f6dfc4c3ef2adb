//! Which IP addresses may be reached.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[test]
fn addresses_that_no_peer_lives_at_are_refused() {
    let refused = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.9",
        "192.0.0.170",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "192.175.48.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:8.8.8.8",
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "64:ff9b:1::8.8.8.8",
        "100::1",
        "100:0:0:1::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:3::1",
        "2001:4:112::1",
        "2001:10::1",
        "2001:20::1",
        "2001:30::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2620:4f:8000::1",
        "3fff::1",
        "3fff:fff::1",
        "4000::1",
        "5f00::1",
        "8000::1",
        "fc00::1",
        "fd00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ffff::1",
    ];
    for text in refused {
        assert!(!is_public(text.parse().unwrap()), "{text} must be refused");
    }
    let allowed = [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255",
        "169.255.0.1",
        "172.15.255.255",
        "172.32.0.1",
        "192.0.1.1",
        "192.167.255.255",
        "192.169.0.1",
        "198.17.255.255",
        "198.20.0.1",
        "203.0.112.255",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "2000::1",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2003::1",
        "2606:4700::1111",
        "2a00:1450::1",
        "3ffe::1",
    ];
    for text in allowed {
        assert!(is_public(text.parse().unwrap()), "{text} must be allowed");
    }
    assert!(refused.len() + allowed.len() >= 60);
}

fn stub(answers: &'static [&'static [&'static str]]) -> GuardedResolver {
    let calls = AtomicUsize::new(0);
    GuardedResolver::with_lookup(Arc::new(move |_| {
        let answer = answers[calls.fetch_add(1, Ordering::SeqCst) % answers.len()];
        Box::pin(async move { Ok(answer.iter().map(|text| text.parse().unwrap()).collect()) })
    }))
}

#[tokio::test]
async fn one_private_answer_spoils_the_name() {
    let public = stub(&[&["8.8.8.8", "::ffff:9.9.9.9"]]).addresses("elm.example").await.unwrap();
    assert_eq!(public, ["8.8.8.8".parse::<IpAddr>().unwrap(), "9.9.9.9".parse().unwrap()]);
    let mixed = stub(&[&["8.8.8.8", "10.0.0.1"]]).addresses("elm.example").await;
    assert_eq!(mixed, Err(ResolveError::NotPublic));
    assert_eq!(stub(&[&[]]).addresses("elm.example").await, Err(ResolveError::NotFound));
}

#[tokio::test]
async fn every_look_up_is_checked_again() {
    let rebinding = stub(&[&["8.8.8.8"], &["127.0.0.1"]]);
    assert!(rebinding.addresses("evil.example").await.is_ok());
    assert_eq!(rebinding.addresses("evil.example").await, Err(ResolveError::NotPublic));
}

#[tokio::test]
async fn only_exempt_names_may_be_private() {
    let resolver = stub(&[&["127.0.0.1"]]).exempting(["localhost"].into_iter());
    assert!(resolver.addresses("LOCALHOST.").await.is_ok());
    assert_eq!(resolver.addresses("elm.example").await, Err(ResolveError::NotPublic));
    assert_eq!(GuardedResolver::system().addresses("localhost").await, Err(ResolveError::NotPublic));
}
