//! Content lines (RFC 5545, 3.1): folded lines made whole, names, parameters, values.
//!
//! Must never look at a byte more than a few times, whatever the file holds.

/// Most parameters of one line.
const MAX_PARAMETERS: usize = 32;

/// `NAME;PARAMETER=value:value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// In upper case.
    pub(super) name: String,
    /// Names in upper case; quotes taken off.
    parameters: Vec<(String, String)>,
    /// As it stands in the file.
    pub(super) value: String,
}

impl Line {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value as TEXT (RFC 5545, 3.3.11).
    pub(super) fn text(&self) -> String {
        self.texts(None).into_iter().next().unwrap_or_default()
    }

    /// The value as a list of TEXT.
    pub(super) fn list(&self) -> Vec<String> {
        self.texts(Some(','))
    }

    fn texts(&self, separator: Option<char>) -> Vec<String> {
        let mut found = vec![String::new()];
        let mut letters = self.value.chars();
        while let Some(letter) = letters.next() {
            let letter = match letter {
                '\\' => match letters.next() {
                    Some('n' | 'N') => '\n',
                    Some(escaped) => escaped,
                    None => '\\',
                },
                letter if Some(letter) == separator => {
                    found.push(String::new());
                    continue;
                }
                letter => letter,
            };
            if let Some(last) = found.last_mut() {
                last.push(letter);
            }
        }
        found
    }
}

/// The whole lines with the number of the line each begins on. Lines end with CRLF or LF; one that begins with a blank
/// goes on from the one before, and may do so in the middle of a letter.
pub(super) fn unfold(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let pieces = bytes.split(|byte| *byte == b'\n').map(|piece| piece.strip_suffix(b"\r").unwrap_or(piece));
    let mut pieces = pieces.enumerate().filter(|(_, piece)| !piece.is_empty()).peekable();
    std::iter::from_fn(move || {
        let (index, first) = pieces.next()?;
        let mut whole = first.to_vec();
        while let Some((_, [b' ' | b'\t', rest @ ..])) = pieces.peek() {
            whole.extend_from_slice(rest);
            pieces.next();
        }
        Some((index + 1, whole))
    })
}

/// Reads one whole line; `None` when it is none.
pub(super) fn parse(text: &str) -> Option<Line> {
    let (name, mut rest) = text.split_at(text.find([';', ':'])?);
    let name = word(name)?;
    let mut parameters: Vec<(String, String)> = Vec::new();
    loop {
        if let Some(value) = rest.strip_prefix(':') {
            return Some(Line { name, parameters, value: value.to_owned() });
        }
        let (key, after) = rest.strip_prefix(';')?.split_once('=')?;
        let (key, (value, next)) = (word(key)?, parameter(after)?);
        if parameters.len() >= MAX_PARAMETERS || parameters.iter().any(|(other, _)| *other == key) {
            return None;
        }
        parameters.push((key, value));
        rest = next;
    }
}

/// One or more values of a parameter, and what follows them.
fn parameter(mut rest: &str) -> Option<(String, &str)> {
    let mut values = String::new();
    loop {
        let (value, next) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_at(rest.find([';', ':', ',', '"'])?),
        };
        values.push_str(value);
        let Some(more) = next.strip_prefix(',') else { return Some((values, next)) };
        values.push(',');
        rest = more;
    }
}

fn word(text: &str) -> Option<String> {
    let fine = !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    fine.then(|| text.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_lines_are_made_whole() {
        let whole = |text: &[u8]| -> Vec<(usize, String)> {
            unfold(text).map(|(number, line)| (number, String::from_utf8_lossy(&line).into_owned())).collect()
        };
        let line = |number, text: &str| (number, text.to_owned());
        assert_eq!(whole(b"A:1\r\nB:2\nC:3"), [line(1, "A:1"), line(2, "B:2"), line(3, "C:3")]);
        assert_eq!(whole(b"A:1\r\n 2\r\n\t3\r\n\r\nB:4"), [line(1, "A:123"), line(5, "B:4")]);
        assert_eq!(whole(b"A:\xc3\r\n \xa4"), [line(1, "A:\u{e4}")], "folded within a letter");
        assert_eq!(whole(b"\xef\xbb\xbfA:1\n"), [line(1, "A:1")]);
        assert_eq!(whole(b"A:1\n  two"), [line(1, "A:1 two")]);
        assert!(whole(b"\r\n\n\r\n").is_empty());
    }

    #[test]
    fn names_parameters_and_values() {
        for (text, expected) in [
            ("SUMMARY:Tea: hot", Some(("SUMMARY", None, "Tea: hot"))),
            ("dtstart;tzid=Europe/London:2026", Some(("DTSTART", Some("Europe/London"), "2026"))),
            ("DTSTART;TZID=\"a;b:c\";VALUE=DATE-TIME:x", Some(("DTSTART", Some("a;b:c"), "x"))),
            ("A;TZID=a,\"b\",c:x", Some(("A", Some("a,b,c"), "x"))),
            ("A;TZID=:x", Some(("A", Some(""), "x"))),
            ("A:", Some(("A", None, ""))),
            ("A", None),
            ("", None),
            (":x", None),
            ("A B:x", None),
            ("A;TZID:x", None),
            ("A;TZID=\"open:x", None),
            ("A;TZID=a\"b\":x", None),
            ("A;TZID=a;tzid=b:x", None),
            ("\u{e4}:x", None),
        ] {
            let line = parse(text);
            let got = line.as_ref().map(|line| (line.name.as_str(), line.parameter("TZID"), line.value.as_str()));
            assert_eq!(got, expected, "{text}");
        }
    }

    #[test]
    fn texts_are_unescaped() {
        for (raw, text, list) in [
            (r"a\, b\; c\\d\ne\Nf", "a, b; c\\d\ne\nf", vec!["a, b; c\\d\ne\nf"]),
            (r"a,b\,c,", "a,b,c,", vec!["a", "b,c", ""]),
            (r"end\", "end\\", vec!["end\\"]),
            (r"\x", "x", vec!["x"]),
            ("", "", vec![""]),
        ] {
            let line = parse(&format!("A:{raw}")).unwrap();
            assert_eq!(line.text(), text);
            assert_eq!(line.list(), list);
        }
    }
}
