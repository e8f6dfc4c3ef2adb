//! The head of a request as a plain list of fields, so that the gate depends on no web framework.
//!
//! Must never: join or choose between repeated fields.

use super::Refusal;

/// Method, target and all header fields of a request, in the order they came.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    /// The method in upper case, as it came.
    pub method: &'a str,
    /// The request target **as it stood in the request line**. Give the whole text of an absolute-form target
    /// (`http://host/path`), not just its path: the gate refuses it, because its host is not the one checked.
    pub path_and_query: &'a str,
    /// Every field: name (any case) and raw value. A field that came twice stands here twice.
    pub headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> RequestHead<'a> {
    /// The one field of this name, without surrounding blanks; `None` when there is none.
    pub(super) fn one(&self, name: &str) -> Result<Option<&'a str>, Refusal> {
        let mut found = self.headers.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        let Some((_, value)) = found.next() else { return Ok(None) };
        if found.next().is_some() {
            return Err(Refusal::RepeatedHeader);
        }
        let text = std::str::from_utf8(value).map_err(|_| Refusal::MalformedRequest)?;
        let plain = text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        if plain { Ok(Some(text.trim_matches([' ', '\t']))) } else { Err(Refusal::MalformedRequest) }
    }

    /// Refuses a head that is larger than any honest one.
    pub(super) fn check_size(&self, max_fields: usize, max_bytes: usize) -> Result<(), Refusal> {
        let bytes: usize = self.headers.iter().map(|(name, value)| name.len().saturating_add(value.len())).sum();
        let total = bytes.saturating_add(self.path_and_query.len());
        if self.headers.len() > max_fields || total > max_bytes { Err(Refusal::HeadTooLarge) } else { Ok(()) }
    }
}
