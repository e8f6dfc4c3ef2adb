//! The gate against hand-made requests and the hostile corpus.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use http::{HeaderMap, Method};

use super::*;
use crate::{
    origin::DevPeers,
    signing::{
        RequestTarget, sha256_base64,
        testkeys::{now, private, public},
    },
};

const KEY_ID: &str = "https://elm.test/u/alice#main-key";
const BODY: &[u8] = br#"{"type":"Create"}"#;
const DATE: &str = "Thu, 19 Nov 2026 00:00:00 GMT";
const COVERED: &str = "(request-target) host date digest";

fn rules() -> GateRules {
    GateRules::new(RemotePolicy::new(["oak.test"], DevPeers::default()), now())
}

/// A request that can be changed before and after signing.
#[derive(Clone)]
struct Request {
    method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    fn post() -> Self {
        let digest = format!("SHA-256={}", sha256_base64(BODY));
        let headers =
            [("Host", "oak.test"), ("Date", DATE), ("Content-Type", "application/activity+json"), ("Digest", &digest)];
        Self {
            method: "POST",
            target: "/inbox".to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
            body: BODY.to_vec(),
        }
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(field, _)| !field.eq_ignore_ascii_case(name));
        self.add(name, value)
    }

    fn add(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(field, _)| !field.eq_ignore_ascii_case(name));
        self
    }

    fn target(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    /// Signs as draft-cavage with Alice's key; `extra` goes in front of `headers=`.
    fn signed_with(self, covered: &str, extra: &str) -> Self {
        let value = |name: &str| {
            self.headers
                .iter()
                .find(|(field, _)| field.eq_ignore_ascii_case(name))
                .map_or("", |(_, value)| value.trim())
        };
        let parameter = |name: &str| {
            let at = extra.split(',').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
            at.unwrap_or("").trim_matches('"').to_owned()
        };
        let line = |name: &str| match name {
            "(request-target)" => format!("(request-target): {} {}", self.method.to_lowercase(), self.target),
            "(created)" => format!("(created): {}", parameter("created")),
            "(expires)" => format!("(expires): {}", parameter("expires")),
            _ => format!("{name}: {}", value(name)),
        };
        let text = covered.split(' ').map(line).collect::<Vec<_>>().join("\n");
        let signature = private("alice", KEY_ID).sign_bytes(text.as_bytes()).unwrap();
        let header = format!(r#"keyId="{KEY_ID}",{extra}headers="{covered}",signature="{signature}""#);
        self.set("Signature", &header)
    }

    fn signed(self) -> Self {
        self.signed_with(COVERED, r#"algorithm="rsa-sha256","#)
    }

    fn with_head<T>(&self, use_head: impl FnOnce(&RequestHead<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        use_head(&RequestHead { method: self.method, path_and_query: &self.target, headers: &headers })
    }

    /// What the gate says, with Alice's key.
    fn outcome(&self) -> Result<SignedRequest, Refusal> {
        let request = self.with_head(|head| read(head, &self.body, &rules()))?;
        assert_eq!(self.with_head(|head| check_head(head, &rules())), Ok(()), "the head alone must pass too");
        request.verify(&public("alice"))?;
        Ok(request)
    }
}

fn check(name: &str, request: &Request, expected: Result<(), Refusal>) {
    assert_eq!(request.outcome().map(drop), expected, "{name}");
}

#[test]
fn honest_requests_pass() {
    let request = Request::post().signed().outcome().unwrap();
    assert_eq!(request.key_id.as_str(), KEY_ID);
    assert_eq!((request.signed_at, request.scheme), (now(), Scheme::Cavage));

    let created = format!(r#"algorithm="hs2019",created={},expires="{}","#, now().timestamp(), now().timestamp() + 9);
    let sha512 = BASE64.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, BODY));
    let both = format!("sha-256={},SHA-512={sha512}", sha256_base64(BODY));
    let ld = r#"application/ld+json; profile="https://www.w3.org/ns/activitystreams"; charset=UTF-8"#;
    let table = [
        (
            "lemmy",
            Request::post().signed_with("(request-target) content-type date digest host", r#"algorithm="hs2019","#),
        ),
        ("no algorithm", Request::post().signed_with(COVERED, "")),
        ("created", Request::post().signed_with("(request-target) host (created) (expires) digest", &created)),
        ("created, bad date not covered", {
            Request::post().set("Date", "soon").signed_with("(request-target) host (created) digest", &created)
        }),
        ("two algorithms of digest", Request::post().set("Digest", &both).signed()),
        ("an unknown algorithm beside", {
            Request::post().set("Digest", &format!("md5=AAAA,SHA-256={}", sha256_base64(BODY))).signed()
        }),
        ("ld+json", Request::post().set("Content-Type", ld).signed()),
        ("50 minutes old", Request::post().set("Date", "Wed, 18 Nov 2026 23:10:00 GMT").signed()),
        ("4 minutes ahead", Request::post().set("Date", "Thu, 19 Nov 2026 00:04:00 GMT").signed()),
        ("upper-case host", Request::post().set("Host", "OAK.test").signed()),
        ("query", Request::post().target("/inbox?a=b").signed()),
        ("query added after signing", Request::post().signed().target("/inbox?a=b")),
        ("Authorization is not looked at", {
            Request::post()
                .signed()
                .add("Authorization", r#"Signature keyId="https://evil.test/u/m#k",signature="AA==""#)
        }),
        (
            "blanks around values",
            Request::post().set("Digest", &format!("  SHA-256={} ", sha256_base64(BODY))).signed(),
        ),
        ("other repeated headers", Request::post().signed().add("Via", "a").add("Via", "b")),
        ("length", Request::post().signed().add("Content-Length", "17")),
    ];
    for (name, request) in table {
        check(name, &request, Ok(()));
    }
}

#[test]
fn every_kind_of_flaw_is_refused() {
    use Refusal::*;
    let created = |text: &str| format!(r#"algorithm="hs2019",created={text},"#);
    let covered_created = "(request-target) host (created) digest";
    let good = Request::post().signed();
    let signature = good.headers.last().unwrap().1.clone();
    let expired = format!(r#"created={},expires={},"#, now().timestamp() - 60, now().timestamp() - 1);
    let five_hundred = format!("{COVERED}{}", (0..500).map(|n| format!(" x-{n}")).collect::<String>());
    let twice = format!("SHA-256={0},SHA-256={0}", sha256_base64(BODY));
    let other_body = sha256_base64(b"other");
    let twisted = format!("SHA-256={},SHA-512={}", sha256_base64(BODY), BASE64.encode([0; 64]));
    let swapped = |from: &str, to: &str| Request::post().set("Signature", &signature.replace(from, to));
    let table = [
        ("unsigned", Request::post(), NoSignature),
        ("only Authorization", Request::post().add("Authorization", &format!("Signature {signature}")), NoSignature),
        ("empty", Request::post().set("Signature", ""), MalformedSignature),
        ("garbage", Request::post().set("Signature", "garbage"), MalformedSignature),
        ("not base64", swapped("signature=\"", "signature=\"!"), MalformedSignature),
        ("escaped", swapped("elm.test", "elm\\.test"), MalformedSignature),
        (
            "a parameter twice",
            Request::post().set("Signature", &format!("{signature},keyId=\"x\"")),
            MalformedSignature,
        ),
        ("trailing comma", Request::post().set("Signature", &format!("{signature},")), MalformedSignature),
        ("64 KB", swapped("signature=\"", &format!("signature=\"{}", "QUFB".repeat(16_000))), HeadTooLarge),
        ("9 KB", swapped("signature=\"", &format!("signature=\"{}", "QUFB".repeat(2_200))), MalformedSignature),
        ("2 KB", swapped("signature=\"", &format!("signature=\"{}", "QUFB".repeat(500))), MalformedSignature),
        ("digest only", Request::post().signed_with("digest", ""), NotCovered),
        ("no headers parameter", swapped(&format!("headers=\"{COVERED}\","), ""), NotCovered),
        ("no target", Request::post().signed_with("host date digest", ""), NotCovered),
        ("no host", Request::post().signed_with("(request-target) date digest", ""), NotCovered),
        ("no date", Request::post().signed_with("(request-target) host digest", ""), NotCovered),
        ("no digest covered", Request::post().signed_with("(request-target) host date", ""), NotCovered),
        ("listed twice", Request::post().signed_with("(request-target) host date digest host", ""), MalformedSignature),
        (
            "listed but absent",
            Request::post().signed_with("(request-target) host date digest x-a", ""),
            MalformedSignature,
        ),
        (
            "unknown pseudo-header",
            Request::post().signed_with("(request-target) host date digest (x)", ""),
            MalformedSignature,
        ),
        (
            "upper-case name",
            Request::post().signed_with("(request-target) Host date digest host", ""),
            MalformedSignature,
        ),
        ("500 names", Request::post().signed_with(&five_hundred, ""), MalformedSignature),
        (
            "created u64::MAX",
            Request::post().signed_with(covered_created, &created("18446744073709551615")),
            MalformedSignature,
        ),
        (
            "created quoted u64::MAX",
            Request::post().signed_with(covered_created, &created("\"18446744073709551615\"")),
            MalformedSignature,
        ),
        (
            "created 13 digits",
            Request::post().signed_with(covered_created, &created("1795046400000")),
            MalformedSignature,
        ),
        ("created 12 digits", Request::post().signed_with(covered_created, &created("999999999999")), OutsideWindow),
        ("created negative", Request::post().signed_with(covered_created, &created("-1")), MalformedSignature),
        (
            "created fraction",
            Request::post().signed_with(covered_created, &created("1795046400.5")),
            MalformedSignature,
        ),
        ("created empty", Request::post().signed_with(covered_created, &created("")), MalformedSignature),
        (
            "uncovered created too long",
            Request::post().signed_with(COVERED, &created("18446744073709551615")),
            MalformedSignature,
        ),
        ("covered created missing", Request::post().signed_with(covered_created, ""), MalformedSignature),
        ("expired", Request::post().signed_with(COVERED, &expired), OutsideWindow),
        ("61 minutes old", Request::post().set("Date", "Wed, 18 Nov 2026 22:59:00 GMT").signed(), OutsideWindow),
        ("6 minutes ahead", Request::post().set("Date", "Thu, 19 Nov 2026 00:06:00 GMT").signed(), OutsideWindow),
        ("no date at all", Request::post().without("Date").signed(), BadDate),
        ("date that is none", Request::post().set("Date", "yesterday").signed(), BadDate),
        ("two Digest headers", good.clone().add("Digest", "SHA-256=AAAA"), RepeatedHeader),
        ("two Signature headers", good.clone().add("signature", "x"), RepeatedHeader),
        ("two Date headers", good.clone().add("date", DATE), RepeatedHeader),
        ("two Host headers", good.clone().add("host", "oak.test"), RepeatedHeader),
        ("two Content-Type headers", good.clone().add("content-type", "text/html"), RepeatedHeader),
        ("one algorithm twice", Request::post().set("Digest", &twice).signed(), BadDigest),
        (
            "digest of another body",
            Request::post().set("Digest", &format!("SHA-256={other_body}")).signed(),
            WrongDigest,
        ),
        ("one of two digests wrong", Request::post().set("Digest", &twisted).signed(), WrongDigest),
        ("digest missing", Request::post().without("Digest").signed(), BadDigest),
        ("weak digest only", Request::post().set("Digest", "MD5=AAAA").signed(), BadDigest),
        ("digest without value", Request::post().set("Digest", "SHA-256").signed(), BadDigest),
        ("another host", Request::post().set("Host", "other.example").signed(), WrongHost),
        ("a port", Request::post().set("Host", "oak.test:8443").signed(), WrongHost),
        ("no host header", Request::post().without("Host").signed(), MalformedRequest),
        (
            "host signed differs",
            Request::post().set("Host", "other.example").signed().set("Host", "oak.test"),
            WrongSignature,
        ),
        ("signed for another path", Request::post().target("/g/calm/inbox").signed().target("/inbox"), WrongSignature),
        ("signed with another query", Request::post().target("/inbox?a").signed().target("/inbox?b"), WrongSignature),
        ("absolute form", Request::post().target("http://evil.test/inbox").signed(), MalformedRequest),
        ("keyId no URL", swapped(KEY_ID, "alice"), BadKeyId),
        ("keyId file", swapped(KEY_ID, "file:///etc/passwd#main-key"), BadKeyId),
        ("keyId number", swapped(KEY_ID, "https://169.254.169.254/latest#main-key"), BadKeyId),
        ("keyId loopback", swapped(KEY_ID, "http://127.0.0.1:5432/#main-key"), BadKeyId),
        ("keyId ours", swapped(KEY_ID, "https://oak.test/u/lou#main-key"), BadKeyId),
        ("keyId 7 KB", swapped(KEY_ID, &format!("https://elm.test/{}", "k".repeat(7_000))), BadKeyId),
        ("algorithm none", Request::post().signed_with(COVERED, "algorithm=\"none\","), UnknownAlgorithm),
        ("HMAC", Request::post().signed_with(COVERED, "algorithm=\"hmac-sha256\","), UnknownAlgorithm),
        ("html", good.clone().set("Content-Type", "text/html"), WrongType),
        ("json", good.clone().set("Content-Type", "application/json"), WrongType),
        ("ld+json without profile", good.clone().set("Content-Type", "application/ld+json"), WrongType),
        ("no type", good.clone().without("Content-Type"), WrongType),
        ("gzip", good.clone().add("Content-Encoding", "gzip"), Encoded),
        ("identity", good.clone().add("Content-Encoding", "identity"), Encoded),
        ("declared 1 GB", good.clone().add("Content-Length", "1000000000"), TooLarge),
        ("declared beyond numbers", good.clone().add("Content-Length", "99999999999999999999999"), TooLarge),
        ("negative length", good.clone().add("Content-Length", "-1"), MalformedRequest),
        ("a body too large", Request { body: vec![b' '; 1024 * 1024 + 1], ..good.clone() }, TooLarge),
        ("a swapped body", Request { body: b"SWAPPED".to_vec(), ..good.clone() }, WrongDigest),
        ("another method", Request { method: "PUT", ..good.clone() }, MalformedRequest),
        (
            "signed as GET",
            Request { method: "POST", ..Request { method: "GET", ..Request::post() }.signed() },
            WrongSignature,
        ),
        ("101 headers", (0..101).fold(good.clone(), |request, n| request.add(&format!("x-{n}"), "")), HeadTooLarge),
        ("96 KB of headers", good.clone().add("x", &"x".repeat(96_000)), HeadTooLarge),
        ("control characters", good.clone().set("Host", "oak.test\u{1}"), MalformedRequest),
    ];
    for (name, request, expected) in table {
        check(name, &request, Err(expected));
    }
}

#[test]
fn a_key_of_another_does_not_verify() {
    let request = Request::post().signed().outcome().unwrap();
    assert_eq!(request.verify(&public("mallory")), Err(Refusal::WrongSignature));
}

/// A request as our own [`crate::signing::SigningKey`] makes it, as the receiving server sees it.
fn as_received(method: &'static str, target: &str, headers: &HeaderMap, body: &[u8]) -> Request {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
    Request { method, target: target.to_owned(), headers, body: body.to_vec() }
}

#[test]
fn what_we_sign_passes_our_own_gate_in_both_schemes() {
    let (key, url) = (private("alice", KEY_ID), Url::parse("https://oak.test/inbox?x=1").unwrap());
    for scheme in [Scheme::Cavage, Scheme::Rfc9421] {
        let headers = key.sign(scheme, &Method::POST, &url, Some(BODY), now()).unwrap();
        let request = as_received("POST", "/inbox?x=1", &headers, BODY);
        assert_eq!(request.outcome().unwrap().scheme, scheme);
        check("other body", &Request { body: b"x".to_vec(), ..request.clone() }, Err(Refusal::WrongDigest));
        check("other path", &request.clone().target("/other"), Err(Refusal::WrongSignature));

        let headers = key.sign(scheme, &Method::GET, &url, None, now()).unwrap();
        let get = as_received("GET", "/inbox?x=1", &headers, b"");
        let read = get.with_head(|head| read_get(head, &rules())).unwrap();
        assert_eq!(read.verify(&public("alice")), Ok(()));
        assert_eq!(read.key_id.as_str(), KEY_ID);
    }
}

#[test]
fn a_signed_get_needs_no_digest_and_may_leave_the_query_out() {
    let (key, url) = (private("alice", KEY_ID), Url::parse("https://oak.test/u/lou?page=1").unwrap());
    let headers = key.sign_cavage(&Method::GET, &url, None, RequestTarget::WithoutQuery, now()).unwrap();
    let get = as_received("GET", "/u/lou?page=1", &headers, b"");
    let verify = |request: &Request| {
        request.with_head(|head| read_get(head, &rules())).and_then(|read| read.verify(&public("alice")))
    };
    assert_eq!(verify(&get), Ok(()));
    let empty = format!("SHA-256={}", sha256_base64(b""));
    assert_eq!(verify(&get.clone().set("Digest", &empty)), Ok(()));
    let filled = format!("SHA-256={}", sha256_base64(b"x"));
    assert_eq!(verify(&get.clone().set("Digest", &filled)), Err(Refusal::WrongDigest));
    assert_eq!(verify(&get.clone().target("/u/sam?page=1")), Err(Refusal::WrongSignature));
    assert_eq!(verify(&Request { method: "POST", ..get.clone() }), Err(Refusal::MalformedRequest));
    assert_eq!(verify(&get.without("Signature")), Err(Refusal::NoSignature));
}

/// An RFC 9421 request with these components and parameters, properly signed.
fn rfc9421(components: &str, parameters: &str) -> Request {
    let request = Request::post().set("Content-Digest", &format!("sha-256=:{}:", sha256_base64(BODY)));
    let value = |name: &str| match name {
        "@method" => "POST".to_owned(),
        "@target-uri" => "https://oak.test/inbox".to_owned(),
        "@authority" => "oak.test".to_owned(),
        "@path" | "@request-target" => "/inbox".to_owned(),
        "@query" => "?".to_owned(),
        field => {
            let found = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
            found.map_or(String::new(), |(_, value)| value.clone())
        }
    };
    let params = format!("({components}){parameters}");
    let mut lines: Vec<String> = components
        .split(' ')
        .map(|item| item.trim_matches('"'))
        .map(|name| format!("\"{name}\": {}", value(name)))
        .collect();
    lines.push(format!("\"@signature-params\": {params}"));
    let signature = private("alice", KEY_ID).sign_bytes(lines.join("\n").as_bytes()).unwrap();
    request.set("Signature-Input", &format!("sig1={params}")).set("Signature", &format!("sig1=:{signature}:"))
}

#[test]
fn rfc9421_is_read_as_strictly() {
    use Refusal::*;
    let usual = r#""@method" "@target-uri" "content-digest""#;
    let at = |seconds: i64| format!(r#";created={};keyid="{KEY_ID}""#, now().timestamp() + seconds);
    let with = |extra: &str| format!("{}{extra}", at(0));
    let good = rfc9421(usual, &at(0));
    let table = [
        ("usual", good.clone(), Ok(())),
        (
            "fedify",
            rfc9421(
                r#""@method" "@target-uri" "@authority" "host" "date" "content-digest""#,
                &with(r#";alg="rsa-v1_5-sha256""#),
            ),
            Ok(()),
        ),
        ("path and authority", rfc9421(r#""@method" "@authority" "@path" "content-digest""#, &at(0)), Ok(())),
        ("expires", rfc9421(usual, &with(&format!(";expires={}", now().timestamp() + 1))), Ok(())),
        ("content-type only", rfc9421(r#""content-type""#, &at(0)), Err(NotCovered)),
        ("no method", rfc9421(r#""@target-uri" "content-digest""#, &at(0)), Err(NotCovered)),
        ("no target", rfc9421(r#""@method" "@authority" "content-digest""#, &at(0)), Err(NotCovered)),
        ("no authority", rfc9421(r#""@method" "@path" "content-digest""#, &at(0)), Err(NotCovered)),
        ("no digest", rfc9421(r#""@method" "@target-uri""#, &at(0)), Err(NotCovered)),
        ("no created", rfc9421(usual, &format!(r#";keyid="{KEY_ID}""#)), Err(NotCovered)),
        ("old", rfc9421(usual, &at(-3_601)), Err(OutsideWindow)),
        ("ahead", rfc9421(usual, &at(301)), Err(OutsideWindow)),
        ("expired", rfc9421(usual, &with(&format!(";expires={}", now().timestamp() - 1))), Err(OutsideWindow)),
        (
            "created overflow",
            rfc9421(usual, r#";created=18446744073709551615;keyid="https://elm.test/u""#),
            Err(MalformedSignature),
        ),
        ("expires overflow", rfc9421(usual, &with(";expires=18446744073709551615")), Err(MalformedSignature)),
        ("HMAC", rfc9421(usual, &with(r#";alg="hmac-sha256""#)), Err(UnknownAlgorithm)),
        ("a component twice", rfc9421(&format!(r#"{usual} "@method""#), &at(0)), Err(MalformedSignature)),
        ("a component with parameters", rfc9421(&format!(r#"{usual} "date";sf"#), &at(0)), Err(MalformedSignature)),
        ("an unknown derived component", rfc9421(&format!(r#"{usual} "@status""#), &at(0)), Err(MalformedSignature)),
        ("no keyid", rfc9421(usual, &format!(";created={}", now().timestamp())), Err(MalformedSignature)),
        ("own keyid", rfc9421(usual, &at(0).replace("elm.test", "oak.test")), Err(BadKeyId)),
        (
            "two labels",
            {
                let input = good.headers.iter().find(|(name, _)| name == "Signature-Input").unwrap().1.clone();
                good.clone().set("Signature-Input", &format!("{input}, sig2=()"))
            },
            Err(MalformedSignature),
        ),
        (
            "labels differ",
            {
                let value = good.headers.iter().find(|(name, _)| name == "Signature").unwrap().1.clone();
                good.clone().set("Signature", &value.replace("sig1", "sig2"))
            },
            Err(MalformedSignature),
        ),
        (
            "cavage signature beside",
            Request::post().signed().add("Signature-Input", &format!("sig1=({usual}){}", at(0))),
            Err(MalformedSignature),
        ),
        (
            "content digest of another body",
            { good.clone().set("Content-Digest", &format!("sha-256=:{}:", sha256_base64(b"x"))) },
            Err(WrongDigest),
        ),
        ("content digest gone", good.clone().without("Content-Digest"), Err(BadDigest)),
        (
            "content digest unwrapped",
            good.clone().set("Content-Digest", &format!("sha-256={}", sha256_base64(BODY))),
            Err(BadDigest),
        ),
        ("signed for another path", good.clone().target("/g/calm/inbox"), Err(WrongSignature)),
    ];
    for (name, request, expected) in table {
        check(name, &request, expected);
    }
}

#[test]
fn refusals_have_the_promised_statuses_and_give_nothing_away() {
    use Refusal::*;
    let all = [
        TooLarge,
        HeadTooLarge,
        MalformedRequest,
        RepeatedHeader,
        WrongHost,
        Encoded,
        WrongType,
        NoSignature,
        MalformedSignature,
        NotCovered,
        UnknownAlgorithm,
        BadKeyId,
        BadDate,
        OutsideWindow,
        BadDigest,
        WrongDigest,
        ForeignKey,
        KeyUnavailable,
        WrongSignature,
    ];
    let reasons: std::collections::HashSet<_> = all.iter().map(|refusal| refusal.reason()).collect();
    assert_eq!(reasons.len(), all.len());
    for refusal in all {
        assert!([400, 401, 413, 415, 421].contains(&refusal.status().as_u16()));
    }
    let about_keys = [UnknownAlgorithm, BadKeyId, ForeignKey, KeyUnavailable, WrongSignature];
    assert!(about_keys.iter().all(|refusal| refusal.to_string() == WrongSignature.to_string()));
    assert!(about_keys.iter().all(|refusal| refusal.status().as_u16() == 401));
}

#[test]
fn a_key_belongs_to_actors_of_its_origin() {
    let belongs = |key: &str, actor: &str| key_belongs_to(&Url::parse(key).unwrap(), &Url::parse(actor).unwrap());
    assert!(belongs(KEY_ID, "https://elm.test/u/alice"));
    assert!(belongs("https://elm.test/keys/7", "https://elm.test/?author=1"));
    assert!(!belongs(KEY_ID, "https://elm.test.evil.test/u/alice"));
    assert!(!belongs(KEY_ID, "http://elm.test/u/alice"));
    assert!(!belongs(KEY_ID, "https://elm.test:8443/u/alice"));
}

#[test]
fn only_two_media_types_are_activities() {
    let profile = r#"profile="https://www.w3.org/ns/activitystreams""#;
    for (text, expected) in [
        ("application/activity+json".to_owned(), true),
        ("Application/Activity+JSON; Charset=UTF-8".to_owned(), true),
        (format!("application/activity+json;{profile}"), true),
        (format!("application/ld+json; {profile}"), true),
        (format!("application/ld+json;charset=utf-8;{profile}"), true),
        (r#"application/ld+json; profile="https://a.example https://www.w3.org/ns/activitystreams""#.to_owned(), true),
        ("application/ld+json".to_owned(), false),
        ("application/ld+json; profile=\"https://www.w3.org/ns/activitystreams.evil\"".to_owned(), false),
        ("application/activity+json; charset=utf-16".to_owned(), false),
        ("application/activity+json; boundary=x".to_owned(), false),
        ("application/activity+json; charset=utf-8; charset=utf-8".to_owned(), false),
        ("application/activity+json, text/html".to_owned(), false),
        ("application/activity+json; ".to_owned(), true),
        ("application/activity+json; charset".to_owned(), false),
        ("application/json".to_owned(), false),
        (String::new(), false),
    ] {
        assert_eq!(media::is_activity(&text), expected, "{text}");
    }
    assert!(media::is_plain_json("application/jrd+json; charset=utf-8"));
    assert!(media::is_plain_json("application/json"));
    assert!(!media::is_plain_json("application/activity+json"));
    assert!(!media::is_plain_json("text/json"));
}
