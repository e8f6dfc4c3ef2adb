//! Reading cleaned HTML twice, by ways that are not the sanitiser's: a scanner that knows only the allowed language, and
//! the tokens a browser would see. Must never let anything pass that is not on the lists here.

use html5ever::{
    buffer_queue::BufferQueue,
    tendril::StrTendril,
    tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer},
};
use std::{cell::RefCell, collections::BTreeSet};
use url::{ParseError, Url};

const ELEMENTS: [&str; 18] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "hr",
    "i",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "strong",
    "sub",
    "sup",
    "ul",
];
const REL: &str = "nofollow noopener noreferrer ugc";

/// What is in it, in a few words, or what may not be in it.
///
/// # Errors
/// What was found.
pub fn check(html: &str, relative_links: bool) -> Result<String, String> {
    let scanned = scan(html, relative_links)?;
    let tokens = tokens(html)?;
    if scanned != tokens {
        return Err(format!("a browser sees other tags than were written: {tokens:?} for {scanned:?}"));
    }
    let kinds: BTreeSet<&str> = scanned.iter().map(String::as_str).collect();
    Ok(kinds.into_iter().collect::<Vec<_>>().join(""))
}

/// The tags in order, `a` or `/a`, of text in the one form that the sanitiser writes.
fn scan(html: &str, relative_links: bool) -> Result<Vec<String>, String> {
    let (mut tags, mut open) = (Vec::new(), Vec::new());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>', '&', '\0']) {
        let (_, from) = rest.split_at(at);
        rest = match &from[..1] {
            "&" => ["&amp;", "&lt;", "&gt;", "&nbsp;"]
                .iter()
                .find_map(|entity| from.strip_prefix(entity))
                .ok_or_else(|| format!("a loose ampersand: {:.40}", from))?,
            "<" => {
                let (tag, after) = from[1..].split_once('>').ok_or("a tag without an end")?;
                if let Some(name) = tag.strip_prefix('/') {
                    if open.pop() != Some(name) {
                        return Err(format!("</{name:.40}> ends what is not open"));
                    }
                    tags.push(format!("/{name}"));
                } else {
                    let name = start_tag(tag, relative_links)?;
                    if !matches!(name, "br" | "hr") {
                        open.push(name);
                    }
                    tags.push(name.to_owned());
                }
                after
            }
            _ => return Err(format!("a loose character: {:.40}", from)),
        };
    }
    if open.is_empty() { Ok(tags) } else { Err(format!("never closed: {open:?}")) }
}

fn start_tag(tag: &str, relative_links: bool) -> Result<&str, String> {
    let (name, mut rest) = tag.split_at(tag.find(' ').unwrap_or(tag.len()));
    if !ELEMENTS.contains(&name) {
        return Err(format!("an element that is not allowed: {name:.40}"));
    }
    let mut attributes: Vec<(&str, String)> = Vec::new();
    while !rest.is_empty() {
        let (attribute, value) = rest[1..].split_once("=\"").ok_or_else(|| format!("no attribute: {rest:.40}"))?;
        let (value, after) = value.split_once('"').ok_or("an attribute without an end")?;
        let value = value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
        let value = value.replace("&nbsp;", "\u{a0}").replace("&amp;", "&");
        attributes.push((attribute, value));
        rest = after;
    }
    for (attribute, value) in &attributes {
        let fine = match (name, *attribute) {
            ("a", "href") => link_is_fine(value, relative_links),
            ("a", "rel") => value == REL,
            ("ol", "start") => true,
            _ => false,
        };
        if !fine {
            return Err(format!("an attribute that is not allowed: {name} {attribute:.40}={value:.80}"));
        }
    }
    let guarded = name != "a" || attributes.iter().any(|(attribute, _)| *attribute == "rel");
    if guarded { Ok(name) } else { Err("a link without rel".to_owned()) }
}

fn link_is_fine(value: &str, relative_links: bool) -> bool {
    match Url::parse(value) {
        Ok(url) => matches!(url.scheme(), "https" | "http" | "mailto" | "tel"),
        Err(ParseError::RelativeUrlWithoutBase) => relative_links,
        // A browser gives up on it, too: the scheme is all that can harm.
        Err(_) => value.trim_start().to_ascii_lowercase().starts_with("http"),
    }
}

/// The tags as the tokeniser of a browser sees them.
fn tokens(html: &str) -> Result<Vec<String>, String> {
    let sink = Sink::default();
    let tokenizer = Tokenizer::new(sink, html5ever::tokenizer::TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let Sink { tags, odd } = tokenizer.sink;
    match odd.into_inner() {
        Some(odd) => Err(odd),
        None => Ok(tags.into_inner()),
    }
}

#[derive(Default)]
struct Sink {
    tags: RefCell<Vec<String>>,
    odd: RefCell<Option<String>>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(Tag { kind, name, .. }) => {
                let slash = if kind == TagKind::EndTag { "/" } else { "" };
                self.tags.borrow_mut().push(format!("{slash}{name}"));
            }
            Token::CharacterTokens(_) | Token::EOFToken => {}
            Token::CommentToken(_) | Token::DoctypeToken(_) | Token::NullCharacterToken | Token::ParseError(_) => {
                self.odd.borrow_mut().get_or_insert(format!("a browser finds {token:?}"));
            }
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_allowed_passes_and_nothing_else() {
        let link = "<a href=\"https://e.test/?a&amp;b\" rel=\"nofollow noopener noreferrer ugc\">x</a>";
        for good in ["", "a &lt;b&gt; &amp;amp;", "<p>x<br></p>", "<ol start=\"3\"><li>x</li></ol>", link] {
            check(good, false).unwrap_or_else(|problem| panic!("{good}: {problem}"));
        }
        for bad in [
            "<script></script>",
            "<p onclick=\"x\"></p>",
            "<p>",
            "</p>",
            "<p></b>",
            "<p><b></p></b>",
            "a < b",
            "a > b",
            "a & b",
            "&copy;",
            "<!-- x -->",
            "<a href=\"https://e.test/\">x</a>",
            &link.replace("https", "javascript"),
            &link.replace("https://e.test", ""),
            &link.replace("ugc", "me"),
            "<p style=x></p>",
            "\0",
        ] {
            assert!(check(bad, false).is_err(), "{bad}");
        }
        assert!(check(&link.replace("https://e.test", ""), true).is_ok());
    }
}
