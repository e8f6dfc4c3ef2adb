//! Which addresses may be asked.

use super::*;

fn policy(dev: &str) -> RemotePolicy {
    RemotePolicy::new(["oak.test", "127.0.0.1:8001"], DevPeers::parse(dev).unwrap())
}

const DEV: &str = "elm.test=http://127.0.0.1:8002, http://localhost:8536=http://127.0.0.1:8536";

#[test]
fn only_canonical_remote_addresses_pass() {
    use OriginError::*;
    let long = format!("https://elm.example/{}", "x".repeat(3_000));
    let table = [
        ("https://elm.example/u/1", Ok("https://elm.example/u/1")),
        ("https://ELM.Example:443/U", Ok("https://elm.example/U")),
        ("https://xn--bcher-kva.example/", Ok("https://xn--bcher-kva.example/")),
        ("https://wp.example/?author=1#main-key", Ok("https://wp.example/?author=1#main-key")),
        ("https://bücher.example/", Err(Malformed)),
        ("https://xn--a.example/", Err(Malformed)),
        ("https://xn--peer-.example/", Err(Malformed)),
        ("https://elm.example/a b", Err(Malformed)),
        ("https://elm.example\\u", Err(Malformed)),
        ("/u/1", Err(Malformed)),
        ("", Err(Malformed)),
        (long.as_str(), Err(Malformed)),
        ("https://elm..example/", Err(Name)),
        ("https:elm.example/u/1", Err(Malformed)),
        ("https:///elm.example/u/1", Err(Malformed)),
        ("javascript:alert(1)", Err(Scheme)),
        ("file:///etc/passwd", Err(Scheme)),
        ("data:text/plain,x", Err(Scheme)),
        ("http://elm.example/u/1", Err(Scheme)),
        ("https://user@elm.example/", Err(UserInfo)),
        ("https://:pw@elm.example/", Err(UserInfo)),
        ("https://elm.example:8443/", Err(Port)),
        ("https://127.0.0.1/", Err(IpLiteral)),
        ("https://8.8.8.8/", Err(IpLiteral)),
        ("https://0x7f.1/", Err(IpLiteral)),
        ("https://2130706433/", Err(IpLiteral)),
        ("https://[::1]/", Err(IpLiteral)),
        ("https://localhost/", Err(Name)),
        ("https://intranet/", Err(Name)),
        ("https://elm.example./", Err(Name)),
        ("https://a.localhost/", Err(Name)),
        ("https://printer.local/", Err(Name)),
        ("https://a_b.example/", Err(Name)),
        ("https://-a.example/", Err(Name)),
        ("https://oak.test/u/lou", Err(OwnHost)),
        ("https://OAK.test./u/lou", Err(OwnHost)),
        ("http://oak.test:8080/u/lou", Err(OwnHost)),
        ("http://127.0.0.1:8001/u/lou", Err(OwnHost)),
    ];
    let policy = policy("");
    for (text, expected) in table {
        let found = policy.parse(text).map(|url| url.to_string());
        assert_eq!(found, expected.map(str::to_owned), "{text}");
    }
}

#[test]
fn development_origins_are_accepted_only_as_literally_named() {
    let policy = policy(DEV);
    for (text, ok) in [
        ("https://elm.test/u/1", true),
        ("http://localhost:8536/c/meet", true),
        ("http://elm.test/u/1", false),
        ("https://elm.test:8002/u/1", false),
        ("http://localhost:8537/", false),
        ("http://localhost/", false),
        ("https://localhost:8536/", false),
        ("http://127.0.0.1:8536/", false),
        ("http://127.0.0.1:8002/", false),
        ("https://user@elm.test/", false),
        ("https://sub.elm.test/", true), // an ordinary public name; it simply does not resolve
    ] {
        assert_eq!(policy.parse(text).is_ok(), ok, "{text}");
    }
}

#[test]
fn a_development_origin_is_reached_where_the_map_says() {
    let policy = policy(DEV);
    let reach = |text: &str| policy.reach(&Url::parse(text).unwrap()).unwrap();
    let elm = reach("https://elm.test/x?y=1");
    assert_eq!(elm.url.as_str(), "http://127.0.0.1:8002/x?y=1");
    assert_eq!(elm.host.unwrap(), "elm.test");
    assert!(elm.dev);
    let lemmy = reach("http://localhost:8536/c/a");
    assert_eq!(
        (lemmy.url.as_str(), lemmy.host.unwrap().to_str().unwrap()),
        ("http://127.0.0.1:8536/c/a", "localhost:8536")
    );
    let other = reach("https://peer.example/x");
    assert_eq!((other.url.as_str(), other.host, other.dev), ("https://peer.example/x", None, false));
    assert!(policy.reach(&Url::parse("http://127.0.0.1:8002/x").unwrap()).is_err());
}

#[test]
fn unreadable_development_maps_are_refused() {
    for text in [
        "elm.test",
        "elm.test=",
        "elm.test=127.0.0.1",
        "elm.test=http://127.0.0.1:1/path",
        "elm.test=file:///x",
        "elm.test/x=http://127.0.0.1:1",
        "https://u@elm.test=http://127.0.0.1:1",
        "elm.test=http://127.0.0.1:1,https://elm.test=http://127.0.0.1:2",
    ] {
        assert_eq!(DevPeers::parse(text), Err(OriginError::DevPeers), "{text}");
    }
    assert!(DevPeers::parse(" , ").unwrap().is_empty());
}

#[test]
fn origins_are_scheme_host_and_port() {
    let same = |a: &str, b: &str| same_origin(&Url::parse(a).unwrap(), &Url::parse(b).unwrap());
    assert!(same("https://elm.example/a", "https://ELM.example:443/b#c"));
    assert!(!same("https://elm.example/a", "http://elm.example/a"));
    assert!(!same("https://elm.example/a", "https://elm.example:8443/a"));
    assert!(!same("https://elm.example/a", "https://elm.example.evil.test/a"));
    assert!(!same("data:a", "data:a"));
}
