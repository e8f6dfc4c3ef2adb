//! The strict first step of all reading: bytes to a JSON object, once.
//!
//! Refuses what two parsers could understand differently. Security facts come from this parse alone; the raw slices below
//! only keep bytes for relaying.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::refusal::Refusal;
use super::{MAX_BYTES, MAX_CONTEXTS, MAX_MEMBERS, MAX_NESTING};

/// A JSON object as read.
pub(crate) type Object = Map<String, Value>;

/// The text and the object it holds.
pub(crate) fn parse(bytes: &[u8]) -> Result<(&str, Object), Refusal> {
    if bytes.len() > MAX_BYTES {
        return Err(Refusal::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refusal::NotJson)?;
    let why = Cell::new(None);
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Strict { depth: 0, why: &why }.deserialize(&mut json).and_then(|value| json.end().map(|()| value));
    let object = match value {
        Ok(Value::Object(object)) => object,
        Ok(_) => return Err(Refusal::NotAnObject),
        Err(_) => return Err(why.take().unwrap_or(Refusal::NotJson)),
    };
    let contexts = object.get("@context").and_then(Value::as_array).map_or(0, Vec::len);
    if contexts > MAX_CONTEXTS { Err(Refusal::TooMany("@context")) } else { Ok((text, object)) }
}

/// The exact text of what stands under `key`: one slice, or one for each element of a list.
pub(crate) fn raw_parts<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let members: BTreeMap<String, &'a RawValue> = serde_json::from_str(text).unwrap_or_default();
    members.get(key).map(|raw| list_texts(raw.get())).unwrap_or_default()
}

/// The exact text of each element of a list, or of what is no list.
pub(crate) fn list_texts(member: &str) -> Vec<&str> {
    match serde_json::from_str::<Vec<&RawValue>>(member) {
        Ok(list) => list.into_iter().map(RawValue::get).collect(),
        Err(_) => vec![member],
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    /// Says more than serde's error can carry.
    why: &'a Cell<Option<Refusal>>,
}

impl Strict<'_> {
    fn refuse<E: serde::de::Error>(self, refusal: Refusal) -> E {
        self.why.set(Some(refusal));
        E::custom("refused")
    }

    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth + 1;
        if depth > MAX_NESTING { Err(self.refuse(Refusal::TooDeep)) } else { Ok(Self { depth, ..self }) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(self.refuse(Refusal::duplicate_key(&key)));
            }
            if object.len() >= MAX_MEMBERS {
                return Err(self.refuse(Refusal::TooMany("one object")));
            }
            object.insert(key, members.next_value_seed(inner)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(document: &[u8], expected: Result<(), Refusal>) {
        assert_eq!(parse(document).map(|_| ()), expected, "{}", String::from_utf8_lossy(document));
    }

    #[test]
    fn only_clean_json_objects_pass() {
        check(br#"{"a": {"b": [1, -2, 2.5, null, true, "x"]}, "b": {}}"#, Ok(()));
        check(b"", Err(Refusal::NotJson));
        check(b"  ", Err(Refusal::NotJson));
        check(b"<p>", Err(Refusal::NotJson));
        check(br#"{"a": 1"#, Err(Refusal::NotJson));
        check(br#"{"a": 1} {}"#, Err(Refusal::NotJson));
        check(b"\xef\xbb\xbf{}", Err(Refusal::NotJson));
        check(b"{\"a\": \"\xff\"}", Err(Refusal::NotJson));
        check(br#"{"a": "\ud800"}"#, Err(Refusal::NotJson));
        check(br#"{"a": NaN}"#, Err(Refusal::NotJson));
        check(br#"{"a": 1e400}"#, Err(Refusal::NotJson));
        check(b"{/* */}", Err(Refusal::NotJson));
        check(b"[{}]", Err(Refusal::NotAnObject));
        check(b"\"text\"", Err(Refusal::NotAnObject));
        check(b"null", Err(Refusal::NotAnObject));
    }

    #[test]
    fn no_key_stands_twice_anywhere() {
        check(br#"{"id": 1, "id": 2}"#, Err(Refusal::DuplicateKey("id".into())));
        check(br#"{"actor": 1, "\u0061ctor": 2}"#, Err(Refusal::DuplicateKey("actor".into())));
        check(br#"{"a": [{"b": {"c": 1, "c": 1}}]}"#, Err(Refusal::DuplicateKey("c".into())));
        check(br#"{"actor": 1, "Actor": 2}"#, Ok(()));
    }

    #[test]
    fn sizes_are_limited() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        check(nested(MAX_NESTING - 1).as_bytes(), Ok(()));
        check(nested(MAX_NESTING).as_bytes(), Err(Refusal::TooDeep));
        check(nested(200_000).as_bytes(), Err(Refusal::TooDeep));
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_BYTES));
        check(long.as_bytes(), Err(Refusal::TooLarge));
        let wide: Vec<String> = (0..=MAX_MEMBERS).map(|n| format!("\"k{n}\":1")).collect();
        check(format!("{{{}}}", wide.join(",")).as_bytes(), Err(Refusal::TooMany("one object")));
        let contexts = format!("{{\"@context\":[{}1]}}", "1,".repeat(16));
        check(contexts.as_bytes(), Err(Refusal::TooMany("@context")));
    }

    #[test]
    fn what_is_said_about_a_key_is_short() {
        let key = "k".repeat(500);
        let document = format!("{{\"{key}\": 1, \"{key}\": 2}}");
        check(document.as_bytes(), Err(Refusal::DuplicateKey("k".repeat(40))));
    }

    #[test]
    fn raw_parts_are_the_very_bytes() {
        let text = r#"{"a": 1, "object" : {"b":  1.50 } , "list": [ "x" , {"c":1 } ]}"#;
        assert_eq!(raw_parts(text, "object"), [r#"{"b":  1.50 }"#]);
        assert_eq!(raw_parts(text, "list"), [r#""x""#, r#"{"c":1 }"#]);
        assert!(raw_parts(text, "missing").is_empty());
    }
}
