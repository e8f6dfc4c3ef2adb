//! Keys and HTTP signatures: what proves to other servers that a request is ours, and theirs to us.
//!
//! Outgoing requests carry a draft-cavage-12 signature (profile 6.2); RFC 9421 is the second knock (6.4).
//! Private-key work is CPU work (about 0.25 ms per RSA-2048 signature): **callers run it on the blocking pool**.
//!
//! Must never: read the clock, print or log key material, tell *why* a signature is wrong, or reuse a signature.

mod cache;
mod public_key;
#[cfg(test)]
pub(crate) mod testkeys;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::SystemTime};

use aws_lc_rs::{digest, rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

pub use self::{cache::SigningKeys, public_key::PublicKey};

/// The media type of every document we send to an inbox.
pub const ACTIVITY_JSON: &str = "application/activity+json";

/// The largest PEM text that is looked at, in bytes. An RSA-8192 private key needs about 6,400.
const MAX_PEM: usize = 16 * 1024;

/// Why a key could not be used or a request could not be signed. Says nothing about the key itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningError {
    /// The private key is not a readable RSA key of at least 2048 bits (PKCS#8 or PKCS#1 PEM).
    #[error("this private key cannot be read")]
    PrivateKey,
    /// The public key is neither RSA (2048 to 8192 bits, SPKI or PKCS#1 PEM) nor Ed25519 (SPKI PEM).
    #[error("this public key cannot be read")]
    PublicKey,
    /// The cryptographic library refused to sign.
    #[error("the request could not be signed")]
    Failed,
    /// The URL or key id cannot stand in a header.
    #[error("the request cannot be put into headers")]
    Header,
    /// No new key pair could be made.
    #[error("a new key could not be made")]
    Generate,
}

/// How a request is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// draft-cavage-http-signatures-12: what every server in use understands.
    Cavage,
    /// RFC 9421, HTTP Message Signatures.
    Rfc9421,
}

/// Which form of `(request-target)` is signed. Some servers leave the query out (profile 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestTarget {
    /// Path and query, as the drafts say.
    WithQuery,
    /// The path alone, for the one retry after 401.
    WithoutQuery,
}

/// A new RSA-2048 key pair: PKCS#8 and SPKI PEM.
pub struct KeyPairPem {
    /// The private half. Belongs into the database and nowhere else.
    pub private_pem: String,
    /// The public half, as it stands in the actor's `publicKeyPem`.
    pub public_pem: String,
}

impl fmt::Debug for KeyPairPem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPairPem(…)")
    }
}

/// Makes an RSA-2048 key pair for a new actor. Takes around 0.1 s of CPU: call it on the blocking pool.
///
/// # Errors
/// [`SigningError::Generate`] when the library could not make one.
pub fn generate_keypair() -> Result<KeyPairPem, SigningError> {
    let pair = activitypub_federation::http_signatures::generate_actor_keypair().map_err(|_| SigningError::Generate)?;
    Ok(KeyPairPem { private_pem: pair.private_key, public_pem: pair.public_key })
}

/// An actor's private key, parsed once and cheap to clone.
#[derive(Clone)]
pub struct SigningKey(Arc<Inner>);

struct Inner {
    key_id: String,
    pair: KeyPair,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// Parses an RSA private key in PEM (PKCS#8 `PRIVATE KEY`, or PKCS#1 `RSA PRIVATE KEY`).
    /// `key_id` is the id the peers look the key up by, `{actor}#main-key`.
    ///
    /// # Errors
    /// [`SigningError::PrivateKey`] when it is not such a key.
    pub fn from_pem(key_id: &Url, pem: &str) -> Result<Self, SigningError> {
        let (label, der) = read_pem(pem).ok_or(SigningError::PrivateKey)?;
        let pair = match label {
            "PRIVATE KEY" => KeyPair::from_pkcs8(&der),
            "RSA PRIVATE KEY" => KeyPair::from_der(&der),
            _ => return Err(SigningError::PrivateKey),
        };
        let pair = pair.map_err(|_| SigningError::PrivateKey)?;
        Ok(Self(Arc::new(Inner { key_id: key_id.as_str().to_owned(), pair })))
    }

    /// The id under which peers find the public half.
    pub fn key_id(&self) -> &str {
        &self.0.key_id
    }

    /// Signs one request with the scheme asked for. The headers hold everything the signature covers,
    /// `host` included. `body` is `None` for GET.
    ///
    /// # Errors
    /// [`SigningError::Header`] for a URL without a host, [`SigningError::Failed`] when signing fails.
    pub fn sign(
        &self,
        scheme: Scheme,
        method: &Method,
        url: &Url,
        body: Option<&[u8]>,
        now: DateTime<Utc>,
    ) -> Result<HeaderMap, SigningError> {
        self.sign_with(scheme, method, url, body, None, now)
    }

    /// The same with one header more that the signature covers.
    ///
    /// # Errors
    /// As [`SigningKey::sign`].
    pub fn sign_with(
        &self,
        scheme: Scheme,
        method: &Method,
        url: &Url,
        body: Option<&[u8]>,
        more: Option<(&'static str, &str)>,
        now: DateTime<Utc>,
    ) -> Result<HeaderMap, SigningError> {
        match scheme {
            Scheme::Cavage => self.cavage(method, url, body, RequestTarget::WithQuery, more, now),
            Scheme::Rfc9421 => self.rfc9421(method, url, body, more, now),
        }
    }

    /// A draft-cavage-12 signature, exactly as profile 6.2: GET `(request-target) host date`, with a body
    /// also `digest content-type`; `hs2019` meaning RSASSA-PKCS1-v1_5 with SHA-256; never `(created)`.
    ///
    /// # Errors
    /// As [`SigningKey::sign`].
    pub fn sign_cavage(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&[u8]>,
        target: RequestTarget,
        now: DateTime<Utc>,
    ) -> Result<HeaderMap, SigningError> {
        self.cavage(method, url, body, target, None, now)
    }

    fn cavage(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&[u8]>,
        target: RequestTarget,
        more: Option<(&'static str, &str)>,
        now: DateTime<Utc>,
    ) -> Result<HeaderMap, SigningError> {
        let mut parts = vec![
            ("(request-target)", format!("{} {}", method.as_str().to_ascii_lowercase(), request_target(url, target))),
            ("host", authority(url)?),
            ("date", http_date(now)?),
        ];
        if let Some(body) = body {
            parts.push(("digest", format!("SHA-256={}", sha256_base64(body))));
            parts.push(("content-type", ACTIVITY_JSON.to_owned()));
        }
        parts.extend(more.map(|(name, value)| (name, value.to_owned())));
        let text = parts.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n");
        let names = parts.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ");
        let signature = self.sign_bytes(text.as_bytes())?;
        let mut headers = HeaderMap::new();
        for (name, value) in parts.into_iter().skip(1) {
            put(&mut headers, name, &value)?;
        }
        let value = format!(
            r#"keyId="{}",algorithm="hs2019",headers="{names}",signature="{signature}""#,
            quotable(&self.0.key_id)?
        );
        put(&mut headers, "signature", &value)?;
        Ok(headers)
    }

    /// An RFC 9421 signature (profile 6.4): `@method @target-uri`, with a body also `content-digest`;
    /// parameters `created` and `keyid`.
    ///
    /// # Errors
    /// As [`SigningKey::sign`].
    pub fn sign_rfc9421(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&[u8]>,
        now: DateTime<Utc>,
    ) -> Result<HeaderMap, SigningError> {
        self.rfc9421(method, url, body, None, now)
    }

    fn rfc9421(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&[u8]>,
        more: Option<(&'static str, &str)>,
        now: DateTime<Utc>,
    ) -> Result<HeaderMap, SigningError> {
        let mut headers = HeaderMap::new();
        put(&mut headers, "host", &authority(url)?)?;
        put(&mut headers, "date", &http_date(now)?)?;
        let mut uri = url.clone();
        uri.set_fragment(None);
        let mut lines = vec![format!("\"@method\": {}", method.as_str()), format!("\"@target-uri\": {uri}")];
        let mut covered = String::from(r#""@method" "@target-uri""#);
        if let Some(body) = body {
            let digest = format!("sha-256=:{}:", sha256_base64(body));
            lines.push(format!("\"content-digest\": {digest}"));
            covered.push_str(r#" "content-digest""#);
            put(&mut headers, "content-digest", &digest)?;
            put(&mut headers, "content-type", ACTIVITY_JSON)?;
        }
        if let Some((name, value)) = more {
            lines.push(format!("\"{name}\": {value}"));
            covered.push_str(&format!(" \"{name}\""));
            put(&mut headers, name, value)?;
        }
        let params = format!(r#"({covered});created={};keyid="{}""#, now.timestamp(), quotable(&self.0.key_id)?);
        lines.push(format!("\"@signature-params\": {params}"));
        let signature = self.sign_bytes(lines.join("\n").as_bytes())?;
        put(&mut headers, "signature-input", &format!("sig1={params}"))?;
        put(&mut headers, "signature", &format!("sig1=:{signature}:"))?;
        Ok(headers)
    }

    /// The base64 of an RSA-SHA256 signature over `text`.
    pub(crate) fn sign_bytes(&self, text: &[u8]) -> Result<String, SigningError> {
        let mut signature = vec![0; self.0.pair.public_modulus_len()];
        self.0
            .pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature)
            .map_err(|_| SigningError::Failed)?;
        Ok(BASE64.encode(signature))
    }
}

/// The base64 of the SHA-256 of `body`, as it stands in `Digest` and `Content-Digest`.
pub(crate) fn sha256_base64(body: &[u8]) -> String {
    BASE64.encode(digest::digest(&digest::SHA256, body))
}

/// The `Host` of a URL: its name, with the port where it is not the default one.
pub(crate) fn authority(url: &Url) -> Result<String, SigningError> {
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SigningError::Header)?;
    Ok(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

fn request_target(url: &Url, target: RequestTarget) -> String {
    match (url.query(), target) {
        (Some(query), RequestTarget::WithQuery) => format!("{}?{query}", url.path()),
        _ => url.path().to_owned(),
    }
}

/// `now` as an IMF-fixdate. `httpdate` panics outside the years 1970 to 9999, so those are refused first.
fn http_date(now: DateTime<Utc>) -> Result<String, SigningError> {
    const LAST_SECOND: i64 = 253_402_300_799;
    if !(0..=LAST_SECOND).contains(&now.timestamp()) {
        return Err(SigningError::Header);
    }
    Ok(httpdate::fmt_http_date(SystemTime::from(now)))
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), SigningError> {
    let value = HeaderValue::from_str(value).map_err(|_| SigningError::Header)?;
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}

/// A key id that can stand between quotes without escaping. `Url` already escapes these; this makes it sure.
fn quotable(key_id: &str) -> Result<&str, SigningError> {
    if key_id.contains(['"', '\\']) { Err(SigningError::Header) } else { Ok(key_id) }
}

/// Reads one PEM block: its label and bytes. `None` when it is too long, not closed by its own label, or no base64.
fn read_pem(pem: &str) -> Option<(&str, Vec<u8>)> {
    if pem.len() > MAX_PEM {
        return None;
    }
    let (label, rest) = pem.trim().strip_prefix("-----BEGIN ")?.split_once("-----")?;
    let body = rest.strip_suffix(&format!("-----END {label}-----"))?;
    let base64: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(base64).ok().map(|der| (label, der))
}
