//! Signing and verifying, ours and others'.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA512},
};
use rsa::{
    RsaPublicKey,
    pkcs1::EncodeRsaPublicKey,
    pkcs1v15::{Signature, VerifyingKey},
    pkcs8::DecodePublicKey,
    sha2::Sha256,
    signature::Verifier,
};

use super::{testkeys::*, *};

const KEY_ID: &str = "https://oak.test/u/lou#main-key";

/// A key below the limit, made for this test; its private half was thrown away.
const RSA_1024: &str = "-----BEGIN PUBLIC KEY-----\n\
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCv0Ea8Ey62Rgdx7JuJln7KVj2C\n\
5h7/ZnYUehggmnJvN2ocBl/Esxuz9V6z53Ml1N2dMnRwjlm+gGiyP95a28v6V3JC\n\
TbP9wpgYwlPFvfF9Af7xdN8UH5VXToKuqsJJ5UhZUHPoOcEPmbEirZEPiJBfFTWs\n\
KFU72FGgslT5xJ0OdQIDAQAB\n\
-----END PUBLIC KEY-----";

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).unwrap().to_str().unwrap()
}

/// Verifies with another implementation than the one that signed.
fn independent(text: &str, signature: &str) -> bool {
    let key = RsaPublicKey::from_public_key_pem(&pems("lou").public_pem).unwrap();
    let bytes = BASE64.decode(signature).unwrap();
    VerifyingKey::<Sha256>::new(key).verify(text.as_bytes(), &Signature::try_from(bytes.as_slice()).unwrap()).is_ok()
}

#[test]
fn a_cavage_post_has_the_profiles_headers_in_order() {
    let url = Url::parse("https://elm.test/inbox?x=1#frag").unwrap();
    let headers =
        private("lou", KEY_ID).sign_cavage(&Method::POST, &url, Some(b"{}"), RequestTarget::WithQuery, now()).unwrap();
    let digest = "SHA-256=RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=";
    assert_eq!(header(&headers, "digest"), digest);
    assert_eq!(header(&headers, "host"), "elm.test");
    assert_eq!(header(&headers, "date"), "Thu, 19 Nov 2026 00:00:00 GMT");
    assert_eq!(header(&headers, "content-type"), ACTIVITY_JSON);
    let (start, signature) = header(&headers, "signature").rsplit_once(",signature=").unwrap();
    assert_eq!(
        start,
        format!(r#"keyId="{KEY_ID}",algorithm="hs2019",headers="(request-target) host date digest content-type""#)
    );
    let text = format!(
        "(request-target): post /inbox?x=1\nhost: elm.test\ndate: Thu, 19 Nov 2026 00:00:00 GMT\n\
         digest: {digest}\ncontent-type: application/activity+json"
    );
    assert!(independent(&text, signature.trim_matches('"')));
    assert!(!independent(&format!("{text} "), signature.trim_matches('"')));
}

#[test]
fn a_cavage_get_can_leave_the_query_out() {
    let url = Url::parse("http://localhost:8536/u/a?page=1").unwrap();
    let key = private("lou", KEY_ID);
    for (target, path) in [(RequestTarget::WithQuery, "/u/a?page=1"), (RequestTarget::WithoutQuery, "/u/a")] {
        let headers = key.sign_cavage(&Method::GET, &url, None, target, now()).unwrap();
        assert!(headers.get("digest").is_none() && headers.get("content-type").is_none());
        let signature = header(&headers, "signature").rsplit_once("signature=").unwrap().1.trim_matches('"').to_owned();
        let text = format!("(request-target): get {path}\nhost: localhost:8536\ndate: Thu, 19 Nov 2026 00:00:00 GMT");
        assert!(independent(&text, &signature));
    }
}

#[test]
fn an_rfc9421_post_signs_method_target_and_digest() {
    let url = Url::parse("https://elm.test/inbox#f").unwrap();
    let headers = private("lou", KEY_ID).sign_rfc9421(&Method::POST, &url, Some(b"{}"), now()).unwrap();
    let params = format!(r#"("@method" "@target-uri" "content-digest");created=1795046400;keyid="{KEY_ID}""#);
    assert_eq!(header(&headers, "signature-input"), format!("sig1={params}"));
    let text = format!(
        "\"@method\": POST\n\"@target-uri\": https://elm.test/inbox\n\"content-digest\": {}\n\"@signature-params\": {params}",
        header(&headers, "content-digest")
    );
    let signature = header(&headers, "signature").strip_prefix("sig1=:").unwrap().strip_suffix(':').unwrap();
    assert!(independent(&text, signature));
}

#[test]
fn both_forms_of_rsa_public_key_are_read() {
    let signature = BASE64.decode(private("lou", KEY_ID).sign_bytes(b"text").unwrap()).unwrap();
    let spki = pems("lou").public_pem;
    let rsa = RsaPublicKey::from_public_key_pem(&spki).unwrap();
    let pkcs1 = rsa.to_pkcs1_pem(rsa::pkcs8::LineEnding::CRLF).unwrap();
    for pem in [spki.clone(), pkcs1, format!("\n {}\n\n", spki.trim()), spki.replace('\n', "\r\n")] {
        let key = PublicKey::from_pem(&pem).unwrap();
        assert!(key.verify(b"text", &signature));
        assert!(!key.verify(b"texT", &signature));
        assert!(!key.verify(b"text", &[]));
    }
    assert!(!public("other").verify(b"text", &signature));
}

#[test]
fn rsa_with_sha512_and_ed25519_verify() {
    let pems = pems("lou");
    let pair = KeyPair::from_pkcs8(&read_pem(&pems.private_pem).unwrap().1).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA512, &SystemRandom::new(), b"text", &mut signature).unwrap();
    assert!(PublicKey::from_pem(&pems.public_pem).unwrap().verify(b"text", &signature));

    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let mut der = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    der.extend_from_slice(pair.public_key().as_ref());
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64.encode(der));
    let key = PublicKey::from_pem(&pem).unwrap();
    assert!(key.verify(b"text", pair.sign(b"text").as_ref()));
    assert!(!key.verify(b"text", pair.sign(b"other").as_ref()));
}

#[test]
fn unusable_keys_are_refused() {
    let spki = pems("lou").public_pem;
    let private = pems("lou").private_pem;
    let long = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----", "A".repeat(20_000));
    let refused = [
        "",
        "key",
        RSA_1024,
        &private,
        &spki.replace("PUBLIC", "PRIVATE"),
        &spki.replace("END PUBLIC", "END RSA PUBLIC"),
        &spki.replace("MII", "!!!"),
        &long,
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    ];
    for pem in refused {
        assert_eq!(PublicKey::from_pem(pem).unwrap_err(), SigningError::PublicKey, "{}", &pem[..pem.len().min(40)]);
    }
    let id = Url::parse(KEY_ID).unwrap();
    assert_eq!(SigningKey::from_pem(&id, &spki).unwrap_err(), SigningError::PrivateKey);
    assert!(!format!("{:?}", SigningKey::from_pem(&id, &private)).contains("MII"));
}

#[test]
fn times_outside_http_are_an_error_and_no_panic() {
    let url = Url::parse("https://elm.test/inbox").unwrap();
    for seconds in [-1, 253_402_300_800] {
        let at = DateTime::from_timestamp(seconds, 0).unwrap();
        let result = private("lou", KEY_ID).sign(Scheme::Cavage, &Method::GET, &url, None, at);
        assert_eq!(result.unwrap_err(), SigningError::Header);
    }
}

#[test]
fn the_cache_is_bounded_and_notices_rotation() {
    let cache = SigningKeys::new(2);
    let id = |n: u8| Url::parse(&format!("https://oak.test/u/{n}#main-key")).unwrap();
    let (old, new) = (pems("lou").private_pem, pems("other").private_pem);
    let first = cache.get(&id(1), &old).unwrap();
    assert!(Arc::ptr_eq(&first.0, &cache.get(&id(1), &old).unwrap().0), "parsed once");
    let rotated = cache.get(&id(1), &new).unwrap();
    assert!(public("other").verify(b"t", &BASE64.decode(rotated.sign_bytes(b"t").unwrap()).unwrap()));
    assert!(cache.get(&id(2), "no key").is_err());
    cache.get(&id(2), &old).unwrap();
    cache.get(&id(3), &old).unwrap();
    assert!(!Arc::ptr_eq(&rotated.0, &cache.get(&id(1), &new).unwrap().0), "the oldest made room");
    cache.forget(&id(1));
    assert_eq!(cache.get(&id(1), &new).unwrap().key_id(), "https://oak.test/u/1#main-key");
}
