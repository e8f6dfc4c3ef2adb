//! What a signature covers, by a reading of the two standards that is not the gate's: draft-cavage-12 and RFC 9421.
//!
//! Reads loosely; the gate has to be the strict one. Used to sign what a mutated header asks for, and to look up what an
//! accepted signature covered.

use hearth_federation::gate::RequestHead;

/// A request as it stands on the wire.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

/// What a signature says it signs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Covered {
    pub(super) rfc9421: bool,
    pub(super) names: Vec<String>,
    pub(super) key_id: String,
    pub(super) created: Option<String>,
    pub(super) text: Vec<u8>,
}

impl Request {
    /// `METHOD target`, header lines, an empty line, the body. Always something, whatever the bytes.
    pub(super) fn read(input: &[u8]) -> Self {
        let end = input.windows(2).position(|pair| pair == b"\n\n");
        let (head, body) = end.map_or((input, &b""[..]), |at| (&input[..at], &input[at + 2..]));
        let mut lines = head.split(|byte| *byte == b'\n');
        let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let (method, target) = first.split_once(' ').unwrap_or((&first, ""));
        let header = |line: &[u8]| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let value = line[colon + 1..].strip_prefix(b" ").unwrap_or(&line[colon + 1..]);
            Some((String::from_utf8_lossy(&line[..colon]).into_owned(), value.to_vec()))
        };
        let headers = lines.filter_map(header).collect();
        Self { method: method.to_owned(), target: target.to_owned(), headers, body: body.to_vec() }
    }

    /// Gives the request to the gate.
    pub(super) fn with_head<T>(&self, work: impl FnOnce(&RequestHead<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        work(&RequestHead { method: &self.method, path_and_query: &self.target, headers: &headers })
    }

    pub(super) fn count(&self, name: &str) -> usize {
        self.headers.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name)).count()
    }

    /// The value of a field, several joined, as both standards say.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let fields = self.headers.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        let values: Vec<String> =
            fields.map(|(_, value)| String::from_utf8_lossy(value).trim_matches([' ', '\t']).to_owned()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    pub(super) fn replace(&mut self, placeholder: &str, text: &str) {
        for (_, value) in &mut self.headers {
            if let Some(at) = value.windows(placeholder.len()).position(|part| part == placeholder.as_bytes()) {
                value.splice(at..at + placeholder.len(), text.bytes());
            }
        }
    }

    /// What its signature says it covers; `None` where that cannot be read even loosely.
    pub(super) fn covered(&self) -> Option<Covered> {
        match self.value("signature-input") {
            Some(input) => self.rfc9421(&input),
            None => self.cavage(&self.value("signature")?),
        }
    }

    fn cavage(&self, header: &str) -> Option<Covered> {
        let parameters = parameters(header, ',');
        let get = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let names: Vec<String> =
            get("headers").unwrap_or_else(|| "date".to_owned()).split(' ').map(str::to_owned).collect();
        let line = |name: &String| {
            let value = match name.as_str() {
                "(request-target)" => format!("{} {}", self.method.to_ascii_lowercase(), self.target),
                "(created)" => get("created")?,
                "(expires)" => get("expires")?,
                name => self.value(name)?,
            };
            Some(format!("{name}: {value}"))
        };
        let lines: Option<Vec<String>> = names.iter().map(line).collect();
        let text = lines?.join("\n").into_bytes();
        let created = get("created").filter(|_| names.iter().any(|name| name == "(created)"));
        Some(Covered { rfc9421: false, names, key_id: get("keyId")?, created, text })
    }

    fn rfc9421(&self, input: &str) -> Option<Covered> {
        let (_, value) = input.split_once('=')?;
        let (list, rest) = value.strip_prefix('(')?.split_once(')')?;
        let names: Vec<String> = list.split(' ').map(|name| name.trim_matches('"').to_owned()).collect();
        let parameters = parameters(rest.trim_start_matches(';'), ';');
        let get = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let host = self.value("host").unwrap_or_default().to_ascii_lowercase();
        let (path, query) = self.target.split_once('?').unwrap_or((&self.target, ""));
        let line = |name: &String| {
            let value = match name.as_str() {
                "@method" => self.method.clone(),
                "@authority" => host.clone(),
                "@scheme" => "https".to_owned(),
                "@target-uri" => format!("https://{host}{}", self.target),
                "@request-target" => self.target.clone(),
                "@path" => path.to_owned(),
                "@query" => format!("?{query}"),
                name => self.value(name)?,
            };
            Some(format!("\"{name}\": {value}"))
        };
        let mut lines = names.iter().map(line).collect::<Option<Vec<String>>>()?;
        lines.push(format!("\"@signature-params\": {value}"));
        let text = lines.join("\n").into_bytes();
        Some(Covered { rfc9421: true, names, key_id: get("keyid")?, created: get("created"), text })
    }
}

impl Covered {
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|covered| covered == name)
    }

    /// Whether the whole target is covered, query and all.
    pub(super) fn whole_target(&self) -> bool {
        let pair = self.has("@path") && self.has("@query");
        pair || ["(request-target)", "@request-target", "@target-uri"].iter().any(|name| self.has(name))
    }
}

/// `name="value"` or `name=value` between separators that stand outside quotes.
fn parameters(text: &str, separator: char) -> Vec<(String, String)> {
    let mut quoted = false;
    let parts = text.split(|letter| {
        quoted ^= letter == '"';
        letter == separator && !quoted
    });
    let pair = |part: &str| {
        let (name, value) = part.split_once('=')?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    parts.filter_map(pair).collect()
}
