//! A second opinion on JSON (RFC 8259): whether bytes are clean, by a parser that shares nothing with serde.

/// Why bytes are not clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// No JSON object, or none that says one thing.
    NotJson,
    /// A key twice.
    Duplicate,
    /// Nested deeper than allowed.
    Deep,
    /// Too many members in one object.
    Wide,
}

/// Whether the bytes are one object, each key once, nested at most `depth` deep, at most `members` in one object.
pub(super) fn check(bytes: &[u8], depth: usize, members: usize) -> Result<(), Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::NotJson)?;
    let mut parser = Parser { rest: text, depth, members };
    parser.blank();
    if !parser.rest.starts_with('{') {
        return Err(Fault::NotJson);
    }
    parser.value(0)?;
    parser.blank();
    if parser.rest.is_empty() { Ok(()) } else { Err(Fault::NotJson) }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    members: usize,
}

impl Parser<'_> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, text: &str) -> bool {
        let after = self.rest.strip_prefix(text);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn need(&mut self, text: &str) -> Result<(), Fault> {
        if self.take(text) { Ok(()) } else { Err(Fault::NotJson) }
    }

    fn value(&mut self, depth: usize) -> Result<(), Fault> {
        match self.rest.as_bytes().first() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.list(depth + 1),
            Some(b'"') => self.string().map(drop),
            Some(b't') => self.need("true"),
            Some(b'f') => self.need("false"),
            Some(b'n') => self.need("null"),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), Fault> {
        self.need("{")?;
        if depth > self.depth {
            return Err(Fault::Deep);
        }
        let mut keys = Vec::new();
        self.blank();
        if self.take("}") {
            return Ok(());
        }
        loop {
            self.blank();
            keys.push(self.string()?);
            self.blank();
            self.need(":")?;
            self.blank();
            self.value(depth)?;
            self.blank();
            if self.take("}") {
                break;
            }
            self.need(",")?;
        }
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        if keys.len() < count {
            Err(Fault::Duplicate)
        } else if count > self.members {
            Err(Fault::Wide)
        } else {
            Ok(())
        }
    }

    fn list(&mut self, depth: usize) -> Result<(), Fault> {
        self.need("[")?;
        if depth > self.depth {
            return Err(Fault::Deep);
        }
        self.blank();
        if self.take("]") {
            return Ok(());
        }
        loop {
            self.blank();
            self.value(depth)?;
            self.blank();
            if self.take("]") {
                return Ok(());
            }
            self.need(",")?;
        }
    }

    fn string(&mut self) -> Result<String, Fault> {
        self.need("\"")?;
        let mut units: Vec<u16> = Vec::new();
        loop {
            let letter = self.rest.chars().next().ok_or(Fault::NotJson)?;
            self.rest = &self.rest[letter.len_utf8()..];
            match letter {
                '"' => return String::from_utf16(&units).map_err(|_| Fault::NotJson),
                '\\' => units.push(self.escape()?),
                '\0'..='\u{1f}' => return Err(Fault::NotJson),
                letter => units.extend(letter.encode_utf16(&mut [0; 2]).iter()),
            }
        }
    }

    fn escape(&mut self) -> Result<u16, Fault> {
        let letter = self.rest.chars().next().ok_or(Fault::NotJson)?;
        self.rest = &self.rest[letter.len_utf8()..];
        Ok(match letter {
            '"' | '\\' | '/' => letter as u16,
            'b' => 8,
            'f' => 12,
            'n' => 10,
            'r' => 13,
            't' => 9,
            'u' => {
                let digits = self.rest.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
                let unit = u16::from_str_radix(digits.ok_or(Fault::NotJson)?, 16).map_err(|_| Fault::NotJson)?;
                self.rest = &self.rest[4..];
                unit
            }
            _ => return Err(Fault::NotJson),
        })
    }

    fn number(&mut self) -> Result<(), Fault> {
        let whole = self.rest;
        self.take("-");
        let zero = self.rest.starts_with('0');
        let digits = self.digits();
        if digits == 0 || (zero && digits > 1) || (self.take(".") && self.digits() == 0) {
            return Err(Fault::NotJson);
        }
        if self.take("e") || self.take("E") {
            if !self.take("-") {
                self.take("+");
            }
            if self.digits() == 0 {
                return Err(Fault::NotJson);
            }
        }
        let text = &whole[..whole.len() - self.rest.len()];
        if text.parse().is_ok_and(f64::is_finite) { Ok(()) } else { Err(Fault::NotJson) }
    }

    fn digits(&mut self) -> usize {
        let count = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        self.rest = &self.rest[count..];
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_or_not() {
        for (text, expected) in [
            (r#" {"a": [1, -0.5e+3, true, false, null, "x\u00e4\n\ud83d\ude00"], "b": {}, "c": []} "#, Ok(())),
            ("{}", Ok(())),
            (r#"{"a": 1, "a": 2}"#, Err(Fault::Duplicate)),
            (r#"{"a": 1, "\u0061": 2}"#, Err(Fault::Duplicate)),
            (r#"{"a": [[[]]]}"#, Err(Fault::Deep)),
            (r#"{"a": 1, "b": 2, "c": 3, "d": 4}"#, Err(Fault::Wide)),
            ("[]", Err(Fault::NotJson)),
            ("", Err(Fault::NotJson)),
            (r#"{"a": 01}"#, Err(Fault::NotJson)),
            (r#"{"a": 1.}"#, Err(Fault::NotJson)),
            (r#"{"a": 1e400}"#, Err(Fault::NotJson)),
            (r#"{"a": "\ud800"}"#, Err(Fault::NotJson)),
            ("{\"a\": \"\n\"}", Err(Fault::NotJson)),
            (r#"{"a": 1,}"#, Err(Fault::NotJson)),
            (r#"{"a" 1}"#, Err(Fault::NotJson)),
            ("{} {}", Err(Fault::NotJson)),
        ] {
            assert_eq!(check(text.as_bytes(), 3, 3), expected, "{text}");
        }
    }
}
