//! Text as people write it (Markdown) and as it is shown (a small, safe HTML).
//!
//! Everything that becomes HTML passes through the allow-list here, also what other servers send. Text may hold
//! anything; HTML that leaves this module holds no script, no style, no class, no picture, no foreign scheme.

mod flat;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::collections::{HashMap, HashSet};

/// Longest HTML of a peer that is looked at, in bytes (threats CO-03).
const FOREIGN_MAX: usize = 64 * 1024;

/// HTML of what a person here typed.
#[must_use]
pub fn html(source: &str) -> String {
    let options = Options::ENABLE_STRIKETHROUGH;
    // Headings of a post would break the outline of the page; HTML and pictures are shown as the words they are.
    let events = Parser::new_ext(source, options).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Heading { .. }) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        Event::SoftBreak => Event::HardBreak,
        other => other,
    });
    let mut depth = 0_usize;
    let events = events.filter(|event| shallow(event, &mut depth));
    let mut out = String::with_capacity(source.len() * 3 / 2);
    pulldown_cmark::html::push_html(&mut out, events);
    sanitise(&out, UrlRelative::PassThrough)
}

/// Whether what begins or ends here is nested no deeper than people do: the work after it grows with the square of that.
fn shallow(event: &Event<'_>, depth: &mut usize) -> bool {
    match event {
        Event::Start(_) => *depth += 1,
        Event::End(_) => {
            *depth = depth.saturating_sub(1);
            return *depth < flat::MAX_NESTING;
        }
        _ => return true,
    }
    *depth <= flat::MAX_NESTING
}

/// Safe HTML of what another server sent as `media_type`: HTML unless it says otherwise (PeerTube writes Markdown).
#[must_use]
pub fn foreign(raw: &str, media_type: Option<&str>) -> String {
    match media_type {
        Some("text/markdown") => foreign_html(&html(raw)),
        Some("text/plain") => {
            let escaped = raw.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            foreign_html(&format!("<p>{}</p>", escaped.trim().replace('\n', "<br>")))
        }
        _ => foreign_html(raw),
    }
}

/// Safe HTML of what another server sent. A link without a server of its own would lead into this one: it leads nowhere.
#[must_use]
pub fn foreign_html(raw: &str) -> String {
    let mut end = raw.len().min(FOREIGN_MAX);
    while !raw.is_char_boundary(end) {
        end -= 1;
    }
    let html = sanitise(&flat::flat(raw.get(..end).unwrap_or_default(), ELEMENTS), UrlRelative::Deny);
    // No feed could carry these, and they may be written as entities too (threats CO-09).
    let html: String = html.chars().filter(|c| !is_unfit(*c)).collect();
    with_hosts(&html)
}

/// Characters that XML has no place for.
const fn is_unfit(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Safe HTML in which every link whose words look like an address says where it really leads, if that is elsewhere
/// (threats CO-02).
fn with_hosts(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("<a ") {
        let (before, link) = rest.split_at(at);
        out.push_str(before);
        let (opening, inside) = link.split_at(end_of_tag(link));
        let (inside, after) = inside.split_at(inside.find("</a>").unwrap_or(inside.len()));
        out.push_str(opening);
        out.push_str(inside);
        if let Some(host) = host_of_link(opening) {
            let words = plain(inside).to_lowercase();
            if looks_like_address(&words) && !words.contains(&host) {
                out.push_str(" (");
                out.push_str(&host);
                out.push(')');
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where an opening tag ends. A `>` within a value is none.
fn end_of_tag(tag: &str) -> usize {
    let mut quoted = false;
    for (at, c) in tag.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at + 1,
            _ => {}
        }
    }
    tag.len()
}

fn host_of_link(opening: &str) -> Option<String> {
    let (_, value) = opening.split_once("href=\"")?;
    let address = value.split('"').next()?.replace("&amp;", "&");
    Some(url::Url::parse(&address).ok()?.host_str()?.to_owned())
}

/// Whether words name a place on the web: `https://…`, or a name with a dot such as `good.example`.
fn looks_like_address(words: &str) -> bool {
    let is_name = |word: &str| {
        let name = word.split(['/', '?', '#', ':']).next().unwrap_or_default();
        let last = name.rsplit_once('.').map(|(_, last)| last).unwrap_or_default();
        last.len() >= 2 && last.chars().all(char::is_alphabetic) && name.split('.').all(|label| !label.is_empty())
    };
    words.contains("://") || words.split_whitespace().any(is_name)
}

/// The words of safe HTML without its elements, for summaries.
#[must_use]
pub fn plain(html: &str) -> String {
    let spaced = html.replace("<br>", " ").replace("</p>", " ").replace("</li>", " ");
    let text = Builder::empty().clean(&spaced).to_string();
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    hearth_domain::text::line(&text)
}

/// All elements that are ever shown.
const ELEMENTS: &[&str] = &[
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

fn sanitise(html: &str, relative: UrlRelative<'_>) -> String {
    Builder::default()
        .tags(ELEMENTS.iter().copied().collect())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]))
        .generic_attributes(HashSet::new())
        .url_relative(relative)
        .url_schemes(HashSet::from(["https", "http", "mailto", "tel"]))
        .link_rel(Some("nofollow noopener noreferrer ugc"))
        .clean(html)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type() {
        for (source, expected) in [
            ("**calm** & _slow_", "<p><strong>calm</strong> &amp; <em>slow</em></p>\n"),
            ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
            ("# Big", "<p>Big</p>\n"),
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("[x](javascript:alert(1))", "<p><a rel=\"nofollow noopener noreferrer ugc\">x</a></p>\n"),
            (
                "![a cat](https://e.test/c.png)",
                "<p><a href=\"https://e.test/c.png\" rel=\"nofollow noopener noreferrer ugc\">a cat</a></p>\n",
            ),
        ] {
            assert_eq!(html(source), expected, "{source}");
        }
    }

    #[test]
    fn nesting_beyond_reason_is_left_out() {
        for nested in ["> ", "1. ", "> - ", "*a **b "] {
            let source = nested.repeat(20_000 / nested.len());
            let html = html(&format!("{source}word"));
            assert!(html.contains("word") && html.matches("<blockquote>").count() <= flat::MAX_NESTING, "{nested}");
        }
        assert!(html(&"> ".repeat(20)).matches("<blockquote>").count() == 20);
    }

    #[test]
    fn what_others_send() {
        for (raw, expected) in [
            ("<p onclick=x class=y style=z>hi<img src=//e.test/p.png></p>", "<p>hi</p>"),
            ("<svg><script>x</script></svg>ok", "ok"),
            ("<h1>t</h1><iframe src=x></iframe>", "t"),
            ("<a href=\"data:text/html,x\">l</a>", "<a rel=\"nofollow noopener noreferrer ugc\">l</a>"),
            (
                "<a href=\"/sign-out\">l</a><a href=\"//e.test/\">m</a>",
                "<a rel=\"nofollow noopener noreferrer ugc\">l</a><a rel=\"nofollow noopener noreferrer ugc\">m</a>",
            ),
            ("a&#1;b\u{1}c\u{FFFE}d\te\nf", "abcd\te\nf"),
            ("<a href=\"/settings\">l</a>", "<a rel=\"nofollow noopener noreferrer ugc\">l</a>"),
        ] {
            assert_eq!(foreign_html(raw), expected, "{raw}");
        }
        // Nesting beyond reason loses its tags; without that limit these take minutes.
        for nested in ["<ul><li>", "<blockquote><p>", "<b x=1><p>", "<a><table>"] {
            assert!(foreign_html(&nested.repeat(FOREIGN_MAX / nested.len())).len() <= 20 * FOREIGN_MAX);
        }
        let long = "ä".repeat(FOREIGN_MAX);
        assert!(foreign_html(&long).len() <= FOREIGN_MAX);
    }

    #[test]
    fn texts_of_other_kinds() {
        assert_eq!(
            foreign("**calm** [l](/settings)", Some("text/markdown")),
            foreign_html(&html("**calm** [l](/settings)"))
        );
        assert_eq!(foreign("**calm**", Some("text/markdown")), "<p><strong>calm</strong></p>\n");
        assert!(!foreign("[l](/settings)", Some("text/markdown")).contains("href"));
        assert_eq!(foreign("1 < 2 & <b>3\n4", Some("text/plain")), "<p>1 &lt; 2 &amp; &lt;b&gt;3<br>4</p>");
        assert_eq!(foreign("<b>x</b>", None), "<b>x</b>");
        assert_eq!(foreign("<b>x</b>", Some("text/html")), "<b>x</b>");
    }

    #[test]
    fn links_say_where_they_lead() {
        for (href, words, shown) in [
            ("https://e.test/x", "https://good.example/", "https://good.example/ (e.test)"),
            ("https://e.test/x", "<b>good.example</b>", "<b>good.example</b> (e.test)"),
            ("https://e.test/?a=1&amp;b=%3E", "www.good.example/page", "www.good.example/page (e.test)"),
            ("https://e.test/x", "https://e.test/x", "https://e.test/x"),
            ("https://e.test/x", "E.test", "E.test"),
            ("https://e.test/@wren", "@wren", "@wren"),
            ("https://e.test/", "my own page.", "my own page."),
            ("mailto:a@e.test", "a.good.example", "a.good.example"),
        ] {
            let link = |words: &str| format!("<a href=\"{href}\" rel=\"nofollow noopener noreferrer ugc\">{words}</a>");
            assert_eq!(
                foreign_html(&format!("<p><a href=\"{href}\">{words}</a> and so on</p>")),
                format!("<p>{} and so on</p>", link(shown))
            );
        }
    }

    #[test]
    fn plain_words() {
        assert_eq!(plain("<p>a &amp; b</p>\n<ul><li>c</li></ul>"), "a & b c");
    }
}
