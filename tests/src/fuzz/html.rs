//! The sanitiser for HTML of other servers, and Markdown as people here type it.
//!
//! What comes out must hold only what the allow-list names, stay the same when cleaned again, and be bounded.

use super::{Outcome, Random, Target, html_reading};
use hearth_actions::markdown;
use hearth_domain::text;

/// The most of a peer's HTML that is looked at.
const FOREIGN_MAX: usize = 64 * 1024;
/// How much longer than its input HTML may be: `<a>` becomes an element with a `rel`.
const GROWTH: usize = 20;

/// The target.
pub struct Html;

const WORDS: &[&str] = &[
    "<p>",
    "</p>",
    "<a href=\"https://e.test/\">",
    "</a>",
    "<a>",
    "<b>",
    "</b>",
    "<i>",
    "<br>",
    "<ul><li>",
    "</li>",
    "<ol start=3>",
    "<blockquote>",
    "<pre>",
    "<code>",
    "<table>",
    "<tr><td>",
    "<select>",
    "<option>",
    "<svg>",
    "<math>",
    "<mtext>",
    "<mglyph>",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "<title>",
    "<textarea>",
    "<xmp>",
    "<plaintext>",
    "<noscript>",
    "<template>",
    "<iframe>",
    "<form>",
    "<button>",
    "<h1>",
    "<font color=x>",
    "<img src=x onerror=y>",
    "<frameset>",
    "<body onload=x>",
    "<html>",
    "<foreignObject>",
    "<desc>",
    "<annotation-xml encoding=text/html>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<!doctype html>",
    "<?x",
    " href=javascript:alert(1)",
    " href=\"java\nscript:x\"",
    " href=&#106;avascript:x",
    " href=//e.test",
    " href=/local",
    " href=data:text/html,x",
    " href=mailto:a@b",
    " style=x",
    " onclick='x'",
    " class=\"",
    "&lt;",
    "&#x3c;script&#62;",
    "&amp;amp;",
    "&nbsp",
    "&#0;",
    "**",
    "_",
    "~~",
    "`",
    "```\n",
    "> ",
    "- ",
    "1. ",
    "# ",
    "\n\n",
    "  \n",
    "[x](y)",
    "![x](y \"t\")",
    "[a]: https://e.test\n",
    "[a]",
    "<https://e.test>",
    "\\",
    "***",
    "---\n",
    "|",
    "\t",
    "<a href='https://e.test' href=javascript:x>",
];

const SEEDS: &[&str] = &[
    "<p>Hello <b>you</b>, see <a href=\"https://e.test/?a=1&amp;b=2\" class=\"mention\">this</a><br>bye</p>",
    "<ul><li>one<li>two</ul><ol start=\"4\"><li><p>x</ol><pre><code>a &lt; b</code></pre><blockquote>q</blockquote>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<a href=x><table><a href=y>z</table>",
    "# Title\n\nHello **you**\n- one\n- two\n\n> quote\n\n`code` [link](https://e.test \"t\") ![pic](https://e.test/p.png)\n",
    "[a]: https://e.test/long\n\n[a] [b][a] ![a]\n\n| a | b |\n",
];

impl Target for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    fn generate(&self, random: &mut Random) -> Vec<u8> {
        if random.one_in(4) {
            return random.pick(SEEDS).as_bytes().to_vec();
        }
        let mut out = String::new();
        let pieces = 1 + random.small(60) * 3;
        for _ in 0..pieces {
            match random.below(12) {
                0 => out.push_str(random.pick(&["x", "words ", "é", "\u{202e}", "\u{0}", "&", "<", ">", "\"", "'"])),
                // Elements that a parser opens again in every paragraph, none like the other.
                1 if random.one_in(30) => many_unclosed(&mut out, random),
                2 if random.one_in(30) => out.push_str(&random.pick(WORDS).repeat(1 + random.below(2000))),
                3 | 4 => out.push_str(&element(random)),
                _ => out.push_str(random.pick(WORDS)),
            }
        }
        out.into_bytes()
    }

    fn check(&self, input: &[u8]) -> Result<Outcome, String> {
        let text = String::from_utf8_lossy(input);
        let foreign = markdown::foreign_html(&text);
        let seen = check_safe("HTML", &foreign, text.len().min(FOREIGN_MAX), false)?;
        check_plain(&foreign)?;
        let typed = text::cut(&text, text::BODY_MAX);
        let shown = markdown::html(&typed);
        let marked = check_safe("Markdown", &shown, typed.len(), true)?;
        check_plain(&shown)?;
        Ok(format!("{seen} {marked}"))
    }

    fn work(&self, input: &[u8]) {
        let text = String::from_utf8_lossy(input);
        drop(markdown::foreign_html(&text));
        drop(markdown::html(&text));
    }
}

fn check_safe(what: &str, html: &str, input: usize, typed_here: bool) -> Result<String, String> {
    if html.len() > GROWTH * input + 1024 {
        return Err(format!("{what}: {input} bytes became {}", html.len()));
    }
    let seen = html_reading::check(html, typed_here).map_err(|problem| format!("{what}: {problem}"))?;
    if !typed_here && html.len() <= FOREIGN_MAX {
        let again = markdown::foreign_html(html);
        if again != html {
            return Err(format!("{what}: cleaned again it is different: {:.200} and {:.200}", html, again));
        }
    }
    Ok(seen)
}

/// The words alone: one line, never longer than what they were in.
fn check_plain(html: &str) -> Result<(), String> {
    let plain = markdown::plain(html);
    if plain != text::line(&plain) {
        return Err("plain words are not one clean line".to_owned());
    }
    if plain.len() > html.len() { Err("plain words are longer than their HTML".to_owned()) } else { Ok(()) }
}

fn element(random: &mut Random) -> String {
    let name =
        random.pick(&["a", "p", "b", "em", "ol", "li", "div", "svg", "style", "x-y", "A", "table", "td", "hr", "pre"]);
    let attribute =
        random.pick(&["href", "HREF", "start", "style", "onclick", "rel", "xlink:href", "data-x", "target", "id"]);
    let value = random.pick(&[
        "https://e.test/a b",
        "javascript:x",
        "&#x6a;avascript:x",
        "7",
        "\"><script>",
        "x' y='",
        "tel:1",
        "vbscript:x",
    ]);
    let quote = random.pick(&["\"", "'", ""]);
    match random.below(4) {
        0 => format!("</{name}>"),
        1 => format!("<{name} {attribute}={quote}{value}{quote}/>"),
        2 => format!("<{name} {attribute}={quote}{value}{quote} {attribute}=z>"),
        _ => format!("<{name}\n{attribute}={quote}{value}{quote}>"),
    }
}

fn many_unclosed(out: &mut String, random: &mut Random) {
    let (name, block) =
        (random.pick(&["b", "i", "a", "code", "font"]), random.pick(&["<p>x", "<li>x", "<td>x", "<table>x"]));
    let many = 1 + random.below(400);
    (0..many).for_each(|number| out.push_str(&format!("<{name} x={number}>")));
    out.push_str(&block.repeat(many));
}
