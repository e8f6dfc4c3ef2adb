//! A form as it was sent.
//!
//! Read strictly and kept as it was typed: what is wrong with it is told by the page that shows it again. Must never
//! read more than a form can hold.

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_TYPE, HeaderMap, HeaderValue},
    web,
};
use std::{convert::Infallible, future::Future, pin::Pin};

/// Most bytes of a form: the longest post is 20,000 characters, which may take nine bytes each on their way.
pub(crate) const MOST_BYTES: usize = 256 * 1024;
/// Most fields of a form.
const MOST_FIELDS: usize = 100;

/// Why a form can't be taken, whatever is in its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Larger than [`MOST_BYTES`]; nothing of it was kept.
    TooLarge,
    /// Not of the type that our pages send.
    NotAForm,
    /// Some of it is no UTF-8 or no percent encoding; what could be read was kept.
    Garbled,
    /// Its file is larger than a picture may be; everything else was kept.
    FileTooLarge,
    /// There was no place to hold its file; everything else was kept.
    NoPlace,
}

/// A form as it was sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    fields: Vec<(String, String)>,
    /// The file that came with it.
    pub(crate) file: Option<Vec<u8>>,
    /// What is wrong with it as a whole.
    pub(crate) fault: Option<Fault>,
}

impl Sent {
    /// A form with these fields.
    pub(crate) fn of(fields: Vec<(String, String)>) -> Self {
        Self { fields, ..Self::default() }
    }

    /// A field, empty where it was not sent. Of a field that was sent twice the first counts.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str())
    }

    /// A field as an owned text.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).to_owned()
    }

    /// The field, or `fallback` where it was not sent at all.
    pub(crate) fn or(&self, name: &str, fallback: &str) -> String {
        self.fields.iter().find(|(field, _)| field == name).map_or(fallback, |(_, value)| value.as_str()).to_owned()
    }

    /// All fields but for tokens and passwords: what may be carried through the sign-in page.
    pub(crate) fn to_keep(&self) -> Vec<(String, String)> {
        let kept = |name: &str| !matches!(name, "token" | "password" | "new_password");
        self.fields.iter().filter(|(name, _)| kept(name)).cloned().collect()
    }

    /// The fields whose name begins with `prefix`, without it.
    pub(crate) fn with_prefix(&self, prefix: &str) -> Vec<(String, String)> {
        let strip = |(name, value): &(String, String)| Some((name.strip_prefix(prefix)?.to_owned(), value.clone()));
        self.fields.iter().filter_map(strip).collect()
    }

    /// Adds a field; `clean`: it was written rightly.
    pub(crate) fn add(&mut self, name: String, value: String, clean: bool) {
        if !clean || self.fields.len() >= MOST_FIELDS {
            self.fault = Some(Fault::Garbled);
        }
        if self.fields.len() < MOST_FIELDS {
            self.fields.push((name, value));
        }
    }

    /// Adds all fields of another form.
    pub(crate) fn also(&mut self, other: &Self) {
        self.fields.extend(other.fields.iter().cloned());
    }

    /// Takes a field out.
    pub(crate) fn remove(&mut self, name: &str) {
        self.fields.retain(|(field, _)| field != name);
    }

    /// Every value of a field that can be there more than once.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Reads `application/x-www-form-urlencoded`.
    pub(crate) fn read(body: &[u8]) -> Self {
        let mut sent = Self::default();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            let (name, clean_name) = decode(parts.next().unwrap_or_default());
            let (value, clean_value) = decode(parts.next().unwrap_or_default());
            sent.add(name, value, clean_name && clean_value);
        }
        sent
    }

    /// Reads a body that holds no file.
    pub(crate) async fn from_payload(payload: web::Payload, headers: &HeaderMap) -> Self {
        let is_form = is_form(headers.get(CONTENT_TYPE));
        match payload.to_bytes_limited(MOST_BYTES).await {
            Err(_) => Self::failed(Fault::TooLarge),
            Ok(Err(_)) => Self::failed(Fault::NotAForm),
            Ok(Ok(body)) if body.is_empty() => Self::default(),
            Ok(Ok(_)) if !is_form => Self::failed(Fault::NotAForm),
            Ok(Ok(body)) => Self::read(&body),
        }
    }

    /// Nothing but what is wrong with it.
    pub(crate) fn failed(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }
}

/// The text, and whether it was written rightly.
fn decode(raw: &[u8]) -> (String, bool) {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut clean = true;
    let mut rest = raw.iter().copied();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                match (ahead.next().and_then(digit), ahead.next().and_then(digit)) {
                    (Some(high), Some(low)) => {
                        bytes.push(high * 16 + low);
                        rest = ahead;
                    }
                    _ => {
                        bytes.push(byte);
                        clean = false;
                    }
                }
            }
            other => bytes.push(other),
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => (text, clean),
        Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), false),
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn is_form(content_type: Option<&HeaderValue>) -> bool {
    let essence = content_type.and_then(|value| value.to_str().ok()).and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

impl FromRequest for Sent {
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Infallible>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers().clone();
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            let Ok(payload) = payload.await else { return Ok(Self::failed(Fault::NotAForm)) };
            Ok(Self::from_payload(payload, &headers).await)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_strictly_and_kept() {
        for (body, value, fault) in [
            ("a=1+2%20%26%C3%A9", "1 2 &é", None),
            ("a=", "", None),
            ("b=2", "", None),
            ("a=one&a=two", "one", None),
            ("a=x=y", "x=y", None),
            ("a=50%", "50%", Some(Fault::Garbled)),
            ("a=%zz%4", "%zz%4", Some(Fault::Garbled)),
            ("a=caf%E9", "caf\u{fffd}", Some(Fault::Garbled)),
        ] {
            let sent = Sent::read(body.as_bytes());
            assert_eq!((sent.get("a"), sent.fault), (value, fault), "{body}");
        }
        assert_eq!(Sent::read(&b"x=1&".repeat(MOST_FIELDS + 1)).fault, Some(Fault::Garbled));
    }

    #[test]
    fn passwords_are_never_carried_along() {
        let sent = Sent::read(b"token=t&password=p&body=words");
        assert_eq!(sent.to_keep(), [("body".to_owned(), "words".to_owned())]);
    }
}
