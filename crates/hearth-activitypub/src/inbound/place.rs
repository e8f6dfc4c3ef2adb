//! Where a meetup happens, as other servers tell it: a string, a `Place`, a `VirtualLocation`, or a list of them.

use serde_json::Value;
use url::Url;

use super::shape;
use super::strict::Object;
use super::text;
use super::{MAX_SUMMARY, MAX_TITLE};

/// The most places read of one meetup.
const MAX_PLACES: usize = 8;

/// A place. Every text is one line.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlaceDocument {
    /// True for a place on the internet.
    pub is_virtual: bool,
    /// What it is called.
    pub name: Option<String>,
    /// The address in one line, when it came so.
    pub address: Option<String>,
    /// Street and number.
    pub street: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Town or quarter.
    pub locality: Option<String>,
    /// County or state.
    pub region: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Its web page, or where to take part.
    pub url: Option<Url>,
    /// Latitude and longitude in degrees, both within range.
    pub coordinates: Option<(f64, f64)>,
}

pub(crate) fn read_all(object: &Object) -> Vec<PlaceDocument> {
    shape::list(object, "location").iter().filter_map(read).take(MAX_PLACES).collect()
}

fn read(value: &Value) -> Option<PlaceDocument> {
    match value {
        Value::String(name) => Some(PlaceDocument { name: short(name), ..PlaceDocument::default() }),
        Value::Object(object) => Some(read_object(object)),
        _ => None,
    }
}

fn read_object(object: &Object) -> PlaceDocument {
    let address = object.get("address");
    let is_virtual = |object: &Object| shape::types(object).contains(&"VirtualLocation");
    let mut place = PlaceDocument {
        is_virtual: is_virtual(object),
        name: shape::natural_text(object, "name").and_then(short),
        url: shape::page_url(object),
        coordinates: coordinates(object),
        ..PlaceDocument::default()
    };
    match address {
        Some(Value::String(line)) => {
            place.address = Some(text::line(line, MAX_SUMMARY)).filter(|line| !line.is_empty())
        }
        Some(Value::Object(parts)) => {
            let part = |key| shape::string(parts, key).and_then(short);
            place.is_virtual |= is_virtual(parts);
            place.url = place.url.or_else(|| shape::page_url(parts));
            place.street = part("streetAddress");
            place.postal_code = part("postalCode");
            place.locality = part("addressLocality");
            place.region = part("addressRegion");
            place.country = part("addressCountry");
        }
        _ => {}
    }
    place
}

fn short(text: &str) -> Option<String> {
    Some(text::line(text, MAX_TITLE)).filter(|line| !line.is_empty())
}

fn coordinates(object: &Object) -> Option<(f64, f64)> {
    let degrees = |key, limit: f64| object.get(key)?.as_f64().filter(|degrees| degrees.abs() <= limit);
    Some((degrees("latitude", 90.0)?, degrees("longitude", 180.0)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(location: &str) -> Vec<PlaceDocument> {
        read_all(&serde_json::from_str(&format!(r#"{{"location": {location}}}"#)).unwrap())
    }

    #[test]
    fn strings_objects_and_lists() {
        assert_eq!(check("null"), []);
        assert_eq!(check("7"), []);
        assert_eq!(check(r#""The hall""#)[0].name.as_deref(), Some("The hall"));
        assert_eq!(check(r#"{"name": "Hall", "address": "1 High St"}"#)[0].address.as_deref(), Some("1 High St"));
        let both =
            check(r#"[{"type": "Place", "name": "Hall"}, {"type": "VirtualLocation", "url": "https://x.example/r"}]"#);
        assert_eq!(both.iter().map(|place| place.is_virtual).collect::<Vec<_>>(), [false, true]);
        let postal = check(r#"{"type": "Place", "address": {"streetAddress": "1 High St", "addressLocality": "Ham"}}"#);
        assert_eq!((postal[0].street.as_deref(), postal[0].locality.as_deref()), (Some("1 High St"), Some("Ham")));
        assert!(check(r#"{"type": "Place", "address": {"type": "VirtualLocation"}}"#)[0].is_virtual);
    }

    #[test]
    fn links_are_web_addresses_or_nothing() {
        assert_eq!(check(r#"{"type": "VirtualLocation", "url": "javascript:alert(1)"}"#)[0].url, None);
    }

    #[test]
    fn coordinates_are_on_this_planet() {
        let read = |members: &str| check(&format!("{{{members}}}"))[0].coordinates;
        assert_eq!(read(r#""latitude": 52, "longitude": -1.5"#), Some((52.0, -1.5)));
        assert_eq!(read(r#""latitude": 91, "longitude": 0"#), None);
        assert_eq!(read(r#""latitude": "52", "longitude": "0""#), None);
        assert_eq!(read(r#""latitude": 52"#), None);
    }
}
