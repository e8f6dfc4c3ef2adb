//! HTML of other servers made plain before it is sanitised: only known elements, each closed, none nested deep.
//!
//! A browser's tree builder, which the sanitiser uses, takes time with the square of the nesting, and what it makes of odd
//! nesting it reads differently the next time. What leaves this module it reads in one way, in linear time.
//! Must never be relied on for safety: elements and words pass here, and the sanitiser decides after it.

use html5ever::{
    buffer_queue::BufferQueue,
    tendril::StrTendril,
    tokenizer::{
        Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::{Rawtext, Rcdata, ScriptData},
    },
};
use std::cell::RefCell;

/// The deepest nesting that is kept; deeper elements lose their tags, not their words.
pub(super) const MAX_NESTING: usize = 32;

/// The same words in plain HTML of the elements named.
pub(super) fn flat(html: &str, elements: &'static [&'static str]) -> String {
    let state =
        RefCell::new(Flat { elements, out: String::with_capacity(html.len()), open: Vec::new(), hidden: false });
    let tokenizer = Tokenizer::new(Sink(state), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    // Scripts are what the tokeniser would stop for; they are never told to it as such.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut flat = tokenizer.sink.0.into_inner();
    flat.close_down_to(0);
    flat.out
}

struct Sink(RefCell<Flat>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut flat = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return flat.start(&tag),
            Token::TagToken(tag) => flat.end(&tag.name),
            Token::CharacterTokens(text) => flat.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

struct Flat {
    elements: &'static [&'static str],
    out: String,
    open: Vec<&'static str>,
    /// Inside an element whose text is not meant for people.
    hidden: bool,
}

impl Flat {
    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        match &*tag.name {
            "script" | "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                self.hidden = true;
                let kind = if &*tag.name == "script" { ScriptData } else { Rawtext };
                return TokenSinkResult::RawData(kind);
            }
            "title" | "textarea" => return TokenSinkResult::RawData(Rcdata),
            "plaintext" => return TokenSinkResult::Plaintext,
            _ => {}
        }
        if let Some(name) = self.elements.iter().find(|name| ***name == *tag.name) {
            self.element(name, tag);
        }
        TokenSinkResult::Continue
    }

    fn element(&mut self, name: &'static str, tag: &Tag) {
        self.close_for(name);
        let void = matches!(name, "br" | "hr");
        if self.open.len() >= MAX_NESTING && !void {
            return;
        }
        self.out.push('<');
        self.out.push_str(name);
        let wanted = match name {
            "a" => "href",
            "ol" => "start",
            _ => "",
        };
        if let Some(attribute) = tag.attrs.iter().find(|attribute| &*attribute.name.local == wanted) {
            self.out.push(' ');
            self.out.push_str(wanted);
            self.out.push_str("=\"");
            push_escaped(&mut self.out, &attribute.value);
            self.out.push('"');
        }
        self.out.push('>');
        if !void {
            self.open.push(name);
        }
    }

    /// Ends what cannot stand around the element: a paragraph around a block, an entry in another, a link in a link.
    fn close_for(&mut self, name: &str) {
        if matches!(name, "p" | "blockquote" | "ul" | "ol" | "li" | "pre" | "hr") {
            self.close("p");
        }
        if name == "a" {
            self.close("a");
        }
        let list = self.open.iter().rposition(|open| matches!(*open, "ul" | "ol")).unwrap_or(0);
        if name == "li"
            && let Some(at) = self.open.iter().rposition(|open| *open == "li").filter(|at| *at >= list)
        {
            self.close_down_to(at);
        }
    }

    fn end(&mut self, name: &str) {
        if std::mem::take(&mut self.hidden) {
            return;
        }
        self.close(name);
    }

    fn close(&mut self, name: &str) {
        if let Some(at) = self.open.iter().rposition(|open| *open == name) {
            self.close_down_to(at);
        }
    }

    fn close_down_to(&mut self, at: usize) {
        for name in self.open.drain(at.min(self.open.len())..).rev() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden {
            return;
        }
        // A parser takes a line break there for layout, once each time it reads it.
        let text = if self.out.ends_with("<pre>") { text.trim_start_matches('\n') } else { text };
        push_escaped(&mut self.out, text);
    }
}

fn push_escaped(out: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_nesting_becomes_plain() {
        const ELEMENTS: &[&str] = &["a", "b", "blockquote", "br", "hr", "li", "ol", "p", "pre", "ul"];
        for (html, expected) in [
            ("<p>one<p>two", "<p>one</p><p>two</p>"),
            ("<P CLASS=x>a<BR/>b</P>", "<p>a<br>b</p>"),
            ("<ul><li>a<li>b<ol start=2><li>c</ul>d", "<ul><li>a</li><li>b<ol start=\"2\"><li>c</li></ol></li></ul>d"),
            ("<a href=x><table><a href='y\"&amp;z'>t</table>", "<a href=\"x\"></a><a href=\"y&quot;&amp;z\">t</a>"),
            ("<b><p>x</b>y</p>", "<b><p>x</p></b>y"),
            ("<p>a<ul><li>b</ul>c", "<p>a</p><ul><li>b</li></ul>c"),
            ("<p>a<hr>b", "<p>a</p><hr>b"),
            ("<pre>\n\nx\n</pre>", "<pre>x\n</pre>"),
            ("a<style>b</p></style>c<script><!--d</script>e<title><b>f</title>", "ace&lt;b&gt;f"),
            ("<svg><style><a></style>x</svg><!-- y --><!doctype z>", "x"),
            ("</p></b>a &lt;b&gt; &amp;amp; \"c\"", "a &lt;b&gt; &amp;amp; &quot;c&quot;"),
            ("<b", ""),
            ("<iframe></p>x</iframe>y<plaintext>z</plaintext>", "yz&lt;/plaintext&gt;"),
        ] {
            assert_eq!(flat(html, ELEMENTS), expected, "{html}");
        }
        let deep = flat(&"<blockquote>".repeat(1000), ELEMENTS);
        assert_eq!(deep.matches("<blockquote>").count(), MAX_NESTING);
    }
}
