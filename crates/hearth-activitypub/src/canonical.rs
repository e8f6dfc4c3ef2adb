//! The canonical form of JSON (RFC 8785, JCS), over which integrity proofs are made.
//!
//! Own code, because the crates that do it start from `serde_json::Value`, whose numbers may be off in the last digit
//! unless the whole program reads them more slowly: another server would then write another number. Here every number
//! is read from its own text.
//!
//! Must never accept what can be read in two ways (a key twice, a number beyond an IEEE double), nor repair it.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashSet, fmt};

use crate::inbound::MAX_NESTING;

/// The text has no canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this has no canonical form")]
pub struct NotCanonical;

impl From<serde_json::Error> for NotCanonical {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

/// The members of an object in the order they came, each with its exact text.
pub(crate) struct Members<'a>(pub Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Members<'a> {
    /// Reads an object.
    pub(crate) fn read(text: &'a str) -> Result<Self, NotCanonical> {
        Ok(serde_json::from_str(text)?)
    }

    /// The exact text of a member.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, text)| *text)
    }

    /// Takes a member out.
    pub(crate) fn take(&mut self, name: &str) -> Option<&'a str> {
        let at = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(at).1)
    }

    /// The canonical form of the object.
    pub(crate) fn canonical(self) -> Result<String, NotCanonical> {
        let mut out = String::new();
        object(self, &mut out, 0)?;
        Ok(out)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Vec<(Cow<'de, str>, &'de str)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Self::Value = Vec::new();
                let mut names = HashSet::new();
                while let Some(Key(name)) = map.next_key::<Key<'de>>()? {
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom("a key twice"));
                    }
                    members.push((name, map.next_value::<&'de RawValue>()?.get()));
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Reader).map(Members)
    }
}

/// A key: borrowed where nothing is escaped in it.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// The canonical form of a JSON text.
///
/// # Errors
/// [`NotCanonical`].
pub fn canonical(text: &str) -> Result<String, NotCanonical> {
    let whole: &RawValue = serde_json::from_str(text)?;
    let mut out = String::with_capacity(text.len());
    value(whole.get(), &mut out, 0)?;
    Ok(out)
}

fn value(text: &str, out: &mut String, depth: usize) -> Result<(), NotCanonical> {
    // A proof may stand one level deeper than what it is about.
    if depth > MAX_NESTING + 1 {
        return Err(NotCanonical);
    }
    match text.as_bytes().first() {
        Some(b'{') => object(Members::read(text)?, out, depth),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            out.push('[');
            for (at, item) in items.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                value(item.get(), out, depth + 1)?;
            }
            out.push(']');
            Ok(())
        }
        Some(b'"') => string(&serde_json::from_str::<Cow<'_, str>>(text)?, out),
        Some(b't' | b'f' | b'n') => {
            out.push_str(text);
            Ok(())
        }
        _ => number(text, out),
    }
}

/// Members in the order of their names as UTF-16 (RFC 8785, section 3.2.3).
fn object(mut members: Members<'_>, out: &mut String, depth: usize) -> Result<(), NotCanonical> {
    members.0.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push('{');
    for (at, (name, text)) in members.0.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        string(&name, out)?;
        out.push(':');
        value(text, out, depth + 1)?;
    }
    out.push('}');
    Ok(())
}

/// `serde_json` escapes exactly what RFC 8785, section 3.2.2.2 asks for, and in the same way.
fn string(text: &str, out: &mut String) -> Result<(), NotCanonical> {
    out.push_str(&serde_json::to_string(text)?);
    Ok(())
}

/// A number as ECMAScript writes it (`Number::toString`). Rust finds the same shortest digits, but for ties.
fn number(text: &str, out: &mut String) -> Result<(), NotCanonical> {
    let number: f64 = text.parse().map_err(|_| NotCanonical)?;
    if !number.is_finite() {
        return Err(NotCanonical);
    }
    if number == 0.0 {
        out.push('0');
        return Ok(());
    }
    let shortest = format!("{:e}", number.abs());
    let (digits, exponent) = shortest.split_once('e').ok_or(NotCanonical)?;
    let digits = even(number.abs(), plain(digits));
    let point = exponent.parse::<i32>().map_err(|_| NotCanonical)? + 1;
    if number < 0.0 {
        out.push('-');
    }
    layout(&digits, point, out);
    Ok(())
}

fn plain(mantissa: &str) -> String {
    mantissa.chars().filter(|c| *c != '.').collect()
}

/// Of two equally short and equally near numbers ECMAScript takes the even one, Rust the larger one.
fn even(number: f64, digits: String) -> String {
    let Some(lower) = digits.chars().last().and_then(|last| last.to_digit(10)).filter(|last| last % 2 == 1) else {
        return digits;
    };
    let halfway = |places: usize| {
        let exact = format!("{number:.places$e}");
        let exact = exact.split_once('e').map(|(mantissa, _)| plain(mantissa)).unwrap_or_default();
        let rest = digits.get(..digits.len().saturating_sub(1)).unwrap_or_default();
        let candidate = format!("{rest}{}", lower.saturating_sub(1));
        (exact.trim_end_matches('0') == format!("{candidate}5")).then_some(candidate)
    };
    // No double has more digits than that; one more than the shortest is enough to rule most numbers out.
    halfway(digits.len()).and_then(|_| halfway(800)).unwrap_or(digits)
}

/// Writes `0.digits × 10^point`.
fn layout(digits: &str, point: i32, out: &mut String) {
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |many: i32| "0".repeat(usize::try_from(many).unwrap_or(0));
    let (whole, fraction) = digits.split_at_checked(usize::try_from(point).unwrap_or(0)).unwrap_or((digits, ""));
    if count <= point && point <= 21 {
        out.push_str(digits);
        out.push_str(&zeros(point - count));
    } else if 0 < point && point <= 21 {
        out.push_str(&format!("{whole}.{fraction}"));
    } else if -6 < point && point <= 0 {
        out.push_str(&format!("0.{}{digits}", zeros(-point)));
    } else {
        let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
        let dot = if rest.is_empty() { "" } else { "." };
        let sign = if point > 0 { "+" } else { "-" };
        out.push_str(&format!("{first}{dot}{rest}e{sign}{}", (point - 1).abs()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(canonical(text).as_deref(), Ok(expected), "{text}");
        assert_eq!(canonical(expected).as_deref(), Ok(expected), "the canonical form is its own");
    }

    #[test]
    fn the_sample_of_the_rfc() {
        check(
            r#"{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
                "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
                "literals": [null, true, false]}"#,
            r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#,
        );
    }

    #[test]
    fn names_are_sorted_as_utf_16() {
        check(
            r#"{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}"#,
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\u{fb33}\":3}",
        );
        check(r#" { "b" : { "z" : [ ] , "a" : { } } , "a" : "" } "#, r#"{"a":"","b":{"a":{},"z":[]}}"#);
    }

    /// RFC 8785, appendix B: the bits of a double, and how it is written.
    #[test]
    fn the_numbers_of_the_rfc() {
        let check = |bits: u64, expected: &str| {
            let number = f64::from_bits(bits);
            assert_eq!(canonical(&format!("{number:e}")).as_deref(), Ok(expected), "{bits:016x}");
        };
        check(0x0000_0000_0000_0000, "0");
        check(0x8000_0000_0000_0000, "0");
        check(0x0000_0000_0000_0001, "5e-324");
        check(0x8000_0000_0000_0001, "-5e-324");
        check(0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308");
        check(0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308");
        check(0x4340_0000_0000_0000, "9007199254740992");
        check(0xc340_0000_0000_0000, "-9007199254740992");
        check(0x4430_0000_0000_0000, "295147905179352830000");
        check(0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22");
        check(0x44b5_2d02_c7e1_4af6, "1e+23");
        check(0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23");
        check(0x444b_1ae4_d6e2_ef4e, "999999999999999700000");
        check(0x444b_1ae4_d6e2_ef4f, "999999999999999900000");
        check(0x444b_1ae4_d6e2_ef50, "1e+21");
        check(0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7");
        check(0x3eb0_c6f7_a0b5_ed8d, "0.000001");
        check(0x41b3_de43_5555_5553, "333333333.3333332");
        check(0x41b3_de43_5555_5554, "333333333.33333325");
        check(0x41b3_de43_5555_5555, "333333333.3333333");
        check(0x41b3_de43_5555_5556, "333333333.3333334");
        check(0x41b3_de43_5555_5557, "333333333.33333343");
        check(0xbecb_f647_612f_3696, "-0.0000033333333333333333");
        check(0x4314_3ff3_c1cb_0959, "1424953923781206.2");
    }

    #[test]
    fn every_digit_of_a_number_counts() {
        check("25.273962", "25.273962");
        check("-71.184902", "-71.184902");
        check("9007199254740993", "9007199254740992");
        check("-0.0", "0");
    }

    #[test]
    fn what_has_two_readings_has_no_canonical_form() {
        for text in [r#"{"a":1,"a":2}"#, r#"{"a":1,"\u0061":2}"#, "1e400", r#""\ud800""#, "", "{", "[1,]", "01", "NaN"]
        {
            assert_eq!(canonical(text), Err(NotCanonical), "{text}");
        }
        assert_eq!(canonical(&"[".repeat(200)), Err(NotCanonical));
        assert_eq!(canonical(&format!("{}{}", "[".repeat(60), "]".repeat(60))), Err(NotCanonical));
    }
}
