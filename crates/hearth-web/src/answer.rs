//! What a page handler answers with: made on a blocking thread, turned into a response on the way out.
//!
//! Must never hold anything that borrows from the request.

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    cookie::Cookie,
    http::{
        StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION},
    },
};

/// An answer.
pub(crate) struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    cookies: Vec<Cookie<'static>>,
    body: Vec<u8>,
}

impl Answer {
    fn new(status: StatusCode, content_type: &'static str, body: String) -> Self {
        let headers = vec![(CONTENT_TYPE, HeaderValue::from_static(content_type))];
        Self { status, headers, cookies: Vec::new(), body: body.into_bytes() }
    }

    /// A page.
    pub(crate) fn html(body: String) -> Self {
        Self::new(StatusCode::OK, "text/html; charset=utf-8", body)
    }

    /// A file of another type.
    pub(crate) fn file(content_type: &'static str, body: String) -> Self {
        Self::new(StatusCode::OK, content_type, body)
    }

    /// A file of bytes.
    pub(crate) fn bytes(content_type: &'static str, body: Vec<u8>) -> Self {
        Self { body, ..Self::new(StatusCode::OK, content_type, String::new()) }
    }

    /// A file to keep, under this name.
    pub(crate) fn download(content_type: &'static str, name: &str, body: Vec<u8>) -> Self {
        let answer = Self { body, ..Self::new(StatusCode::OK, content_type, String::new()) };
        answer.header(CONTENT_DISPOSITION, &format!("attachment; filename=\"{name}\""))
    }

    /// 303 See Other.
    pub(crate) fn see(location: &str) -> Self {
        Self::new(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", String::new()).header(LOCATION, location)
    }

    /// 204, for what a browser asked for too early.
    pub(crate) fn nothing() -> Self {
        Self { status: StatusCode::NO_CONTENT, headers: Vec::new(), cookies: Vec::new(), body: Vec::new() }
    }

    /// With this status.
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self
    }

    /// With a header; a value that can't stand in a header is left out.
    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// With a cookie.
    pub(crate) fn cookie(mut self, cookie: Cookie<'static>) -> Self {
        self.cookies.push(cookie);
        self
    }

    /// As a response.
    pub(crate) fn into_response(self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        for header in self.headers {
            response.insert_header(header);
        }
        for cookie in self.cookies {
            response.cookie(cookie);
        }
        response.body(self.body)
    }
}

impl Responder for Answer {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.into_response()
    }
}
