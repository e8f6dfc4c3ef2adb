//! A form that may come with a picture: the same fields as any other, and one file.
//!
//! Must never: keep the name of a file, hold one for somebody who is not signed in, or lose what was typed because of a
//! file that can't be taken.

use crate::{
    sent::{Fault, MOST_BYTES, Sent},
    state::WebState,
    viewer::Visit,
};
use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{CONTENT_TYPE, HeaderMap},
    web,
};
use futures_util::StreamExt as _;
use hearth_domain::image::MOST_SENT;
use std::{
    future::{Ready, ready},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Semaphore, time::timeout};

/// The name of the field that holds the file.
pub(crate) const FILE: &str = "picture";
/// Files that are held while they come in, in the whole program: each may have [`MOST_SENT`] bytes.
pub const AT_ONCE: usize = 6;
/// How long somebody waits for their turn.
pub(crate) const TURN: Duration = Duration::from_secs(10);
/// How long a form may take to come in: the largest file at the pace of a slow telephone.
pub(crate) const LONGEST: Duration = Duration::from_secs(180);
/// A file that is too large is read and thrown away up to here, so that the browser hears what is said about it.
const MOST_THROWN_AWAY: usize = 64 * 1024 * 1024;

/// The places for files that come in.
#[must_use]
pub fn places() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(AT_ONCE))
}

/// A form that was not read yet.
pub(crate) struct Upload {
    headers: HeaderMap,
    payload: web::Payload,
    places: Option<Arc<Semaphore>>,
}

impl FromRequest for Upload {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let headers = request.headers().clone();
        let places = request.app_data::<web::Data<WebState>>().map(|state| state.uploads.clone());
        let payload = web::Payload::from_request(request, payload).into_inner();
        ready(payload.map(|payload| Self { headers, payload, places }))
    }
}

impl Upload {
    /// Reads the form, and its file where it comes from somebody who is signed in.
    pub(crate) async fn read(self, visit: &Visit) -> Sent {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("multipart/form-data") {
            return Sent::from_payload(self.payload, &self.headers).await;
        }
        let place = match &self.places {
            Some(places) if visit.me.is_some() => timeout(TURN, places.clone().acquire_owned()).await.ok(),
            _ => None,
        };
        let holds = matches!(place, Some(Ok(_)));
        let reading = read(Multipart::new(&self.headers, self.payload), holds);
        let mut sent = timeout(LONGEST, reading).await.unwrap_or_else(|_| Sent::failed(Fault::NotAForm));
        if sent.file.is_none() && sent.fault == Some(Fault::NoPlace) && visit.me.is_none() {
            // They are asked to sign in, with all that they typed.
            sent.fault = None;
        }
        sent
    }
}

async fn read(mut form: Multipart, holds: bool) -> Sent {
    let mut sent = Sent::default();
    let mut left = MOST_BYTES;
    while let Some(field) = form.next().await {
        let Ok(field) = field else { return Sent::failed(Fault::NotAForm) };
        let Some(name) = field.name().map(str::to_owned) else { return Sent::failed(Fault::NotAForm) };
        let most = if name == FILE { MOST_SENT } else { left };
        let keep = name != FILE || holds;
        let Ok(value) = value(field, most, keep).await else { return Sent::failed(Fault::NotAForm) };
        match (name == FILE, value) {
            (true, Value::All(bytes)) if !bytes.is_empty() => sent.file = Some(bytes),
            (true, Value::TooMuch) => sent.fault = Some(Fault::FileTooLarge),
            (true, Value::NotKept) => sent.fault = Some(Fault::NoPlace),
            (true, Value::All(_)) => {}
            (false, Value::All(bytes)) => {
                left = left.saturating_sub(bytes.len() + name.len());
                let (text, clean) = match String::from_utf8(bytes) {
                    Ok(text) => (text, true),
                    Err(error) => (String::from_utf8_lossy(error.as_bytes()).into_owned(), false),
                };
                sent.add(name, text, clean);
            }
            (false, _) => return Sent::failed(Fault::TooLarge),
        }
    }
    sent
}

/// What a field held.
enum Value {
    /// All of it.
    All(Vec<u8>),
    /// More than is taken.
    TooMuch,
    /// Something that was thrown away as it came.
    NotKept,
}

async fn value(mut field: Field, most: usize, keep: bool) -> Result<Value, MultipartError> {
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    while let Some(chunk) = field.next().await {
        let chunk = chunk?;
        length = length.saturating_add(chunk.len());
        if length > MOST_THROWN_AWAY {
            return Err(MultipartError::Incomplete);
        }
        if length > most {
            bytes = Vec::new();
        } else if keep {
            bytes.extend_from_slice(&chunk);
        }
    }
    Ok(match length {
        0 => Value::All(bytes),
        length if length > most => Value::TooMuch,
        _ if keep => Value::All(bytes),
        _ => Value::NotKept,
    })
}
