//! Somebody with a browser: asks for pages and sends their forms, each over a connection of its own.

use anyhow::{Context, bail};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// A person, most often signed in.
#[derive(Clone)]
pub(super) struct Person {
    /// The session's token; empty without one.
    pub session: String,
}

/// A page, or what came instead.
#[derive(Debug)]
pub(super) struct Page {
    pub status: u16,
    /// Where an answer leads to.
    pub location: String,
    pub body: String,
}

impl Person {
    /// Asks for a page.
    pub(super) fn get(&self, at: SocketAddr, path: &str) -> anyhow::Result<Page> {
        self.ask(at, &format!("GET {path} HTTP/1.1\r\n"), "")
    }

    /// Opens the page at `show`, and sends the form of it that goes to `path` with these fields.
    pub(super) fn send(&self, at: SocketAddr, show: &str, path: &str, fields: &[(&str, &str)]) -> anyhow::Result<Page> {
        let page = self.get(at, show)?;
        if page.status != 200 {
            return Ok(page);
        }
        let token = page.body.split_once("name=\"token\" value=\"").and_then(|(_, rest)| rest.split('"').next());
        let token = token.context("a page without a form")?;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("token", token).extend_pairs(fields);
        self.ask(at, &format!("POST {path} HTTP/1.1\r\n"), &form.finish())
    }

    fn ask(&self, at: SocketAddr, line: &str, form: &str) -> anyhow::Result<Page> {
        let mut stream = TcpStream::connect(at)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut request = format!(
            "{line}Host: {}\r\nAccept: text/html\r\nCookie: hearth={}; hearth-form={}\r\nConnection: close\r\n",
            crate::world::HOST,
            self.session,
            // What the forms of somebody who is not signed in are bound to.
            "f".repeat(64)
        );
        if line.starts_with("POST") {
            request.push_str("Content-Type: application/x-www-form-urlencoded\r\n");
            request.push_str(&format!("Content-Length: {}\r\n", form.len()));
        }
        request.push_str("\r\n");
        request.push_str(form);
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        read_page(&String::from_utf8_lossy(&answer))
    }
}

fn read_page(answer: &str) -> anyhow::Result<Page> {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { bail!("no answer") };
    let status = head.get(9..12).context("no HTTP answer")?.parse()?;
    let header = |name: &str| {
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    if header("content-length").is_some_and(|length| length.parse() != Ok(body.len())) {
        bail!("only a part of the answer came");
    }
    Ok(Page { status, location: header("location").unwrap_or_default(), body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_whole() {
        let page = read_page("HTTP/1.1 303 See Other\r\nlocation: /p/1\r\ncontent-length: 0\r\n\r\n").unwrap();
        assert_eq!((page.status, page.location.as_str()), (303, "/p/1"));
        assert!(read_page("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").is_err());
        assert!(read_page("HTTP/1.1 200 OK\r\n").is_err());
    }
}
