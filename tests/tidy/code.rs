//! Just enough of Rust's lexical rules to tell code from comments and strings. Never a parser: it knows no grammar.

/// The text with comments and the insides of strings turned into spaces; line numbers stay.
pub fn bare(text: &str) -> String {
    blanked(text, false)
}

/// The text with comments turned into spaces; line numbers stay.
pub fn with_strings(text: &str) -> String {
    blanked(text, true)
}

/// The code without its test modules: everything from a `#[cfg(test)]` module's opening line to the brace that closes
/// it (which `cargo fmt` puts in the same column as `mod`) becomes empty lines.
pub fn outside_tests(code: &str) -> String {
    let mut kept = Vec::new();
    let mut closing: Option<String> = None;
    let mut marked = false;
    for line in code.lines() {
        if let Some(end) = &closing {
            if line == end {
                closing = None;
            }
            kept.push("");
            continue;
        }
        let bare = line.trim_start();
        if marked && bare.starts_with("mod ") && bare.ends_with('{') {
            closing = Some(format!("{}}}", &line[..line.len() - bare.len()]));
            kept.push("");
        } else {
            kept.push(line);
        }
        marked = bare == "#[cfg(test)]";
    }
    kept.join("\n")
}

/// The 1-based line numbers on which `needle` stands as a whole word (or path of words).
pub fn lines_naming(code: &str, needle: &str) -> Vec<usize> {
    code.lines().enumerate().filter(|(_, line)| names(line, needle)).map(|(index, _)| index + 1).collect()
}

/// Whether `needle` stands in the text with no letter, digit or `_` touching it at an end that is itself a word.
pub fn names(text: &str, needle: &str) -> bool {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let (opens, closes) = (word(needle.chars().next()), word(needle.chars().next_back()));
    text.match_indices(needle).any(|(at, _)| {
        let before = word(text[..at].chars().next_back());
        let after = word(text[at + needle.len()..].chars().next());
        !(opens && before || closes && after)
    })
}

fn blanked(text: &str, keep_strings: bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let (end, blank) = match token(&chars, at) {
            Token::Comment(end) => (end, true),
            Token::Text(end) => (end, !keep_strings),
            Token::Code => (at + 1, false),
        };
        out.extend(chars[at..end].iter().map(|&c| if blank && c != '\n' { ' ' } else { c }));
        at = end;
    }
    out
}

/// What begins at a position, with the position after its end.
enum Token {
    Comment(usize),
    Text(usize),
    Code,
}

fn token(chars: &[char], at: usize) -> Token {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => Token::Comment(position(chars, at, |c| c == '\n')),
        '/' if next == Some('*') => Token::Comment(block_comment_end(chars, at)),
        '"' => Token::Text(quoted_end(chars, at, '"')),
        '\'' if next == Some('\\') || chars.get(at + 2) == Some(&'\'') => Token::Text(quoted_end(chars, at, '\'')),
        'r' => raw_string_end(chars, at).map_or(Token::Code, Token::Text),
        _ => Token::Code,
    }
}

fn position(chars: &[char], from: usize, wanted: impl Fn(char) -> bool) -> usize {
    chars[from..].iter().position(|&c| wanted(c)).map_or(chars.len(), |offset| from + offset)
}

fn block_comment_end(chars: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0);
    while at + 1 < chars.len() {
        match (chars[at], chars[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    chars.len()
}

fn quoted_end(chars: &[char], from: usize, quote: char) -> usize {
    let mut at = from + 1;
    while at < chars.len() && chars[at] != quote {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// The end of `r"…"` or `r#"…"#`; nothing for an identifier that begins with r, or a raw identifier.
fn raw_string_end(chars: &[char], from: usize) -> Option<usize> {
    let before = from.checked_sub(1).map(|index| chars[index]);
    if before.is_some_and(|c| (c.is_alphanumeric() && c != 'b' && c != 'c') || c == '_') {
        return None;
    }
    let quote = position(chars, from + 1, |c| c != '#');
    let hashes = quote - from - 1;
    if chars.get(quote) != Some(&'"') {
        return None;
    }
    let mut at = quote + 1;
    while at < chars.len() {
        if chars[at] == '"' && chars[at + 1..].iter().take(hashes).filter(|&&c| c == '#').count() == hashes {
            return Some(at + 1 + hashes);
        }
        at += 1;
    }
    Some(chars.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_not_code() {
        let text = "a /* x /* y */ z */ b // c\n\"d \\\" e\" f r#\"g \" h\"# i 'j' '\\'' &'k l";
        assert_eq!(bare(text).split_whitespace().collect::<Vec<_>>(), ["a", "b", "f", "i", "&'k", "l"]);
        assert_eq!(bare(text).lines().count(), 2);
        assert!(with_strings(text).contains("g \" h") && !with_strings(text).contains("// c"));
    }

    #[test]
    fn words_are_whole() {
        assert!(names("use diesel::sql_query;", "diesel") && !names("fn diesel_free()", "diesel"));
        assert!(names("x.write(|tx|", ".write(") && !names("x.rewrite(y)", ".write("));
    }

    #[test]
    fn test_modules_are_left_out() {
        let code = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}";
        assert_eq!(outside_tests(code), "fn a() {}\n#[cfg(test)]\n\n\n\nfn c() {}");
    }
}
