//! What every answer to a browser carries, and how a form proves that it came from one of our own pages.
//!
//! Must never trust a form by its cookie alone, and never say why a token was refused: all failures look the same.

use crate::{cookies, state::WebState};
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorServiceUnavailable,
    http::{
        StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
            STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    web,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hearth_db::fault;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The content security policy of every page but the one that follows from another server.
pub const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; \
     connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The policy of `/follow`, whose form is answered with a redirect to the visitor's own server.
pub const FOLLOW_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; \
     connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self' https:; base-uri 'none'; frame-ancestors 'none'";

/// Two years, on this host only: other names under the same domain are not ours to decide about.
const TWO_YEARS: HeaderValue = HeaderValue::from_static("max-age=63072000");

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Bytes of the nonce in a form token.
pub const NONCE_BYTES: usize = 16;

const MAC_BYTES: usize = 32;

/// SHA-256 works on blocks of 64 bytes; HMAC (RFC 2104) pads its key to one.
const BLOCK_BYTES: usize = 64;

/// Middleware for the whole server: adds the headers of [`add_headers`]. Needs `Data<WebState>`, which
/// [`crate::configure`] registers.
///
/// # Errors
/// Passes on what the inner service fails with.
pub async fn headers<B: MessageBody>(
    state: web::Data<WebState>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let https = state.is_https(host);
    let signed_in = request.cookie(cookies::session_name(https)).is_some();
    let mut response = next.call(request).await?;
    // What a form asked for is committed now, and nobody has heard of it.
    if response.status() == StatusCode::SEE_OTHER {
        fault::point("page.answer").map_err(ErrorServiceUnavailable)?;
    }
    add_headers(response.headers_mut(), signed_in, https);
    Ok(response)
}

/// Adds what an answer does not already carry: policy, referrer, type sniffing, framing, caching, indexing and, under
/// https only, HSTS. A page shown to someone signed in is never kept by the browser.
pub fn add_headers(headers: &mut HeaderMap, signed_in: bool, https: bool) {
    let cache = if signed_in { "no-store" } else { "private, no-cache" };
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), browsing-topics=()"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
        (CACHE_CONTROL, cache),
    ] {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    headers.append(VARY, HeaderValue::from_static("Cookie"));
    if https && !headers.contains_key(STRICT_TRANSPORT_SECURITY) {
        headers.insert(STRICT_TRANSPORT_SECURITY, TWO_YEARS);
    }
}

/// Whether a form's request comes from one of our own pages, as far as the browser tells.
///
/// Our referrer policy makes browsers send `Origin: null` with our own forms, so absent and `null` pass here; the token
/// decides. `Sec-Fetch-Site`, where a browser sends it, must say `same-origin` or `none`. Two of a header are refused.
/// `own_origins` are written as browsers do: `https://hearth.example`, no slash at the end.
#[must_use]
pub fn from_own_page(headers: &HeaderMap, own_origins: &[String]) -> bool {
    let site_fits =
        only(headers, &SEC_FETCH_SITE).is_ok_and(|site| matches!(site, None | Some(b"same-origin" | b"none")));
    let origin_fits = only(headers, &ORIGIN).is_ok_and(|origin| {
        origin.is_none_or(|origin| origin == b"null" || own_origins.iter().any(|own| own.as_bytes() == origin))
    });
    site_fits && origin_fits
}

/// The one value of a header, `None` where it is absent, and an error where it comes twice.
fn only<'headers>(headers: &'headers HeaderMap, name: &HeaderName) -> Result<Option<&'headers [u8]>, ()> {
    let mut values = headers.get_all(name);
    let first = values.next().map(HeaderValue::as_bytes);
    if values.next().is_some() { Err(()) } else { Ok(first) }
}

/// The secret that form tokens are made with: 32 random bytes, the same on every node and kept across restarts, so that
/// a page left open for a week can still be sent.
#[derive(Clone)]
pub struct FormSecret([u8; 32]);

impl FormSecret {
    /// Wraps 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for FormSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("FormSecret(…)")
    }
}

/// The nonce of a form that was sent: new for every page shown, so it also stops the same form being taken twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FormNonce(pub [u8; NONCE_BYTES]);

/// A form's token is missing, damaged, or was made for someone else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the form's token does not fit")]
pub struct WrongToken;

/// The token of one form, bound to `session` (the session's own secret, or a visitor's cookie before signing in).
///
/// `nonce` is 16 fresh random bytes for each page, which also keeps the token from being guessed through compression.
#[must_use]
pub fn form_token(secret: &FormSecret, session: &str, nonce: FormNonce) -> String {
    let mut token = Vec::with_capacity(NONCE_BYTES + MAC_BYTES);
    token.extend_from_slice(&nonce.0);
    token.extend_from_slice(&token_mac(secret, session, nonce));
    URL_SAFE_NO_PAD.encode(token)
}

/// Checks a token against the session that sent it, in constant time, and gives its nonce.
///
/// # Errors
/// [`WrongToken`] for every kind of failure.
pub fn check_form_token(secret: &FormSecret, session: &str, token: &str) -> Result<FormNonce, WrongToken> {
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| WrongToken)?;
    let (nonce, mac) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(WrongToken)?;
    let nonce = FormNonce(*nonce);
    if bool::from(token_mac(secret, session, nonce).ct_eq(mac)) { Ok(nonce) } else { Err(WrongToken) }
}

fn token_mac(secret: &FormSecret, session: &str, nonce: FormNonce) -> [u8; MAC_BYTES] {
    hmac_sha256(&secret.0, &[b"hearth form token\0", &nonce.0, session.as_bytes()])
}

/// HMAC-SHA-256 (RFC 2104) over `parts` one after the other. Keys longer than a block are not needed here: they are cut.
fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; MAC_BYTES] {
    let padded = |pad: u8| {
        let mut block = [pad; BLOCK_BYTES];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let mut inner = Sha256::new_with_prefix(padded(0x36));
    for part in parts {
        inner.update(part);
    }
    Sha256::new_with_prefix(padded(0x5c)).chain_update(inner.finalize()).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test;

    const SECRET: FormSecret = FormSecret([7; 32]);
    const NONCE: FormNonce = FormNonce([9; NONCE_BYTES]);

    #[test]
    async fn hmac_agrees_with_rfc_4231() {
        let hex = |bytes: [u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let one = hmac_sha256(&[0x0b; 20], &[b"Hi ", b"There"]);
        assert_eq!(hex(one), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        let two = hmac_sha256(b"Jefe", &[b"what do ya want for nothing?"]);
        assert_eq!(hex(two), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[test]
    async fn a_token_fits_only_its_session_and_secret() {
        let token = form_token(&SECRET, "wren's session", NONCE);
        assert_eq!(check_form_token(&SECRET, "wren's session", &token), Ok(NONCE));
        assert_eq!(check_form_token(&SECRET, "another session", &token), Err(WrongToken));
        assert_eq!(check_form_token(&FormSecret([8; 32]), "wren's session", &token), Err(WrongToken));
        assert_ne!(token, form_token(&SECRET, "wren's session", FormNonce([1; NONCE_BYTES])));
    }

    #[test]
    async fn damaged_tokens_are_refused() {
        let token = form_token(&SECRET, "s", NONCE);
        let mut flipped = URL_SAFE_NO_PAD.decode(&token).unwrap();
        flipped[0] ^= 1;
        for bad in ["", "?", "AAAA", &token[..token.len() - 2], &format!("{token}AA"), &URL_SAFE_NO_PAD.encode(flipped)]
        {
            assert_eq!(check_form_token(&SECRET, "s", bad), Err(WrongToken), "{bad}");
        }
    }

    #[test]
    async fn only_our_own_pages_send_forms() {
        for (fits, given) in [
            (true, vec![]),
            (true, vec![("origin", "null")]),
            (true, vec![("origin", "https://oak.example")]),
            (true, vec![("origin", "null"), ("sec-fetch-site", "same-origin")]),
            (true, vec![("sec-fetch-site", "none")]),
            (false, vec![("origin", "https://evil.example")]),
            (false, vec![("origin", "https://oak.example.evil.example")]),
            (false, vec![("origin", "http://oak.example")]),
            (false, vec![("origin", "")]),
            (false, vec![("origin", "null"), ("sec-fetch-site", "cross-site")]),
            (false, vec![("origin", "https://oak.example"), ("sec-fetch-site", "same-site")]),
            (false, vec![("origin", "null"), ("origin", "https://evil.example")]),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in &given {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert_eq!(from_own_page(&headers, &["https://oak.example".to_owned()]), fits, "{given:?}");
        }
    }

    #[test]
    async fn what_a_handler_set_is_kept() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(FOLLOW_POLICY));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
        add_headers(&mut headers, true, true);
        assert_eq!(headers.get(CONTENT_SECURITY_POLICY).unwrap(), FOLLOW_POLICY);
        assert_eq!(headers.get(CACHE_CONTROL).unwrap(), "public, max-age=60");
        assert!(!FOLLOW_POLICY.contains('\n') && PAGE_POLICY.contains("frame-ancestors 'none'"));
    }
}
