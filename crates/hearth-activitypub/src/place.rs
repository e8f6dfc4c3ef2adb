//! Where a meetup happens, as one `Place` or `VirtualLocation` (profile 4.2).
//!
//! Must never write the address of the online room, and no street or coordinates unless the hosts chose to publish them.

use serde_json::{Value, json};
use url::Url;

use crate::write::put;

/// The area, which is all that strangers learn unless the hosts say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Area {
    /// "Northside, near the library".
    pub name: String,
    /// Town or quarter.
    pub locality: Option<String>,
    /// County or state.
    pub region: Option<String>,
    /// Country, in words.
    pub country: Option<String>,
}

/// The exact address, published by the hosts' choice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ExactAddress {
    /// Street and number.
    pub street: String,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Latitude and longitude in degrees (WGS 84).
    pub coordinates: Option<(f64, f64)>,
}

/// Where a meetup happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// In a room on the internet; its address is told to those who come, never here.
    Online,
    /// Somewhere in an area.
    Area(Area),
    /// At a published address.
    Exact(Area, ExactAddress),
}

/// `location` of an event. `event_page` stands in for the room of an online meetup.
pub fn location(place: &Place, event_page: &Url) -> Value {
    match place {
        Place::Online => json!({"type": "VirtualLocation", "name": "Online", "url": event_page}),
        Place::Area(area) => area_place(area),
        Place::Exact(area, exact) => {
            let mut place = area_place(area);
            let mut address = postal_address(area);
            put(&mut address, "streetAddress", Some(json!(exact.street)));
            put(&mut address, "postalCode", exact.postal_code.as_ref().map(|code| json!(code)));
            put(&mut place, "address", Some(address));
            if let Some((latitude, longitude)) = exact.coordinates {
                // f64 keeps its fraction part on the wire (`52.0`); Mobilizon ignores integers.
                put(&mut place, "latitude", Some(json!(latitude)));
                put(&mut place, "longitude", Some(json!(longitude)));
            }
            place
        }
    }
}

fn area_place(area: &Area) -> Value {
    json!({"type": "Place", "name": area.name, "address": postal_address(area)})
}

fn postal_address(area: &Area) -> Value {
    let mut address = json!({"type": "PostalAddress"});
    put(&mut address, "addressLocality", area.locality.as_ref().map(|text| json!(text)));
    put(&mut address, "addressRegion", area.region.as_ref().map(|text| json!(text)));
    put(&mut address, "addressCountry", area.country.as_ref().map(|text| json!(text)));
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn check(place: &Place, expected: &str) {
        let page = samples::url("https://h.example/e/01k");
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(location(place, &page), expected);
        // A coordinate keeps its fraction part, which comparing numbers does not show.
        assert_eq!(location(place, &page).to_string().contains("52.0"), expected.to_string().contains("52.0"));
    }

    #[test]
    fn places() {
        let area = Area { name: "By the library".into(), locality: Some("Northside".into()), ..Area::default() };
        check(&Place::Online, r#"{"name":"Online","type":"VirtualLocation","url":"https://h.example/e/01k"}"#);
        check(
            &Place::Area(area.clone()),
            r#"{"address":{"addressLocality":"Northside","type":"PostalAddress"},"name":"By the library","type":"Place"}"#,
        );
        let exact = ExactAddress { street: "1 Mill Lane".into(), postal_code: None, coordinates: Some((52.0, -1.5)) };
        check(
            &Place::Exact(area, exact),
            r#"{"address":{"addressLocality":"Northside","streetAddress":"1 Mill Lane","type":"PostalAddress"},"latitude":52.0,"longitude":-1.5,"name":"By the library","type":"Place"}"#,
        );
    }
}
