//! Which time zone a calendar file means.
//!
//! Times follow the IANA database, never the rules that a file brings along: those are often of the year it was made.
//! Must never guess: a name that is not known is a problem.

use chrono_tz::Tz;
use std::collections::HashMap;

/// Longest name that is looked at, in bytes.
const MAX_NAME: usize = 128;

/// The zones of one calendar.
pub(super) struct Zones {
    /// The zone of times that name none.
    pub(super) floating: Tz,
    /// `X-LIC-LOCATION` by `TZID`.
    places: HashMap<String, String>,
}

impl Zones {
    pub(super) fn new(floating: Tz, places: HashMap<String, String>) -> Self {
        Self { floating, places }
    }

    /// The zone a time names: by the name itself, else by where the file says it is.
    pub(super) fn find(&self, id: &str) -> Option<Tz> {
        by_name(id).or_else(|| by_name(self.places.get(id)?))
    }
}

/// A zone by its IANA name, by its name on Windows, or by an IANA name behind the name of a program
/// (`/example.org/Europe/London`).
pub(super) fn by_name(name: &str) -> Option<Tz> {
    let name = name.trim();
    if name.len() > MAX_NAME {
        return None;
    }
    let on_windows = || WINDOWS.iter().find(|(known, _)| *known == name).map(|(_, zone)| *zone);
    let behind = || {
        let tails = name.match_indices('/').filter_map(|(at, _)| name.get(at + 1..));
        tails.filter(|tail| tail.contains('/')).find_map(|tail| tail.parse().ok())
    };
    name.parse().ok().or_else(on_windows).or_else(behind)
}

/// What Windows and Outlook call zones, and the zone each means where nothing else is known.
const WINDOWS: [(&str, Tz); 86] = [
    ("AUS Central Standard Time", Tz::Australia__Darwin),
    ("AUS Eastern Standard Time", Tz::Australia__Sydney),
    ("Afghanistan Standard Time", Tz::Asia__Kabul),
    ("Alaskan Standard Time", Tz::America__Anchorage),
    ("Arab Standard Time", Tz::Asia__Riyadh),
    ("Arabian Standard Time", Tz::Asia__Dubai),
    ("Arabic Standard Time", Tz::Asia__Baghdad),
    ("Argentina Standard Time", Tz::America__Argentina__Buenos_Aires),
    ("Atlantic Standard Time", Tz::America__Halifax),
    ("Azerbaijan Standard Time", Tz::Asia__Baku),
    ("Azores Standard Time", Tz::Atlantic__Azores),
    ("Bangladesh Standard Time", Tz::Asia__Dhaka),
    ("Belarus Standard Time", Tz::Europe__Minsk),
    ("Canada Central Standard Time", Tz::America__Regina),
    ("Cape Verde Standard Time", Tz::Atlantic__Cape_Verde),
    ("Caucasus Standard Time", Tz::Asia__Yerevan),
    ("Cen. Australia Standard Time", Tz::Australia__Adelaide),
    ("Central America Standard Time", Tz::America__Guatemala),
    ("Central Asia Standard Time", Tz::Asia__Bishkek),
    ("Central Brazilian Standard Time", Tz::America__Cuiaba),
    ("Central Europe Standard Time", Tz::Europe__Budapest),
    ("Central European Standard Time", Tz::Europe__Warsaw),
    ("Central Pacific Standard Time", Tz::Pacific__Guadalcanal),
    ("Central Standard Time", Tz::America__Chicago),
    ("Central Standard Time (Mexico)", Tz::America__Mexico_City),
    ("China Standard Time", Tz::Asia__Shanghai),
    ("E. Africa Standard Time", Tz::Africa__Nairobi),
    ("E. Australia Standard Time", Tz::Australia__Brisbane),
    ("E. Europe Standard Time", Tz::Europe__Chisinau),
    ("E. South America Standard Time", Tz::America__Sao_Paulo),
    ("Eastern Standard Time", Tz::America__New_York),
    ("Egypt Standard Time", Tz::Africa__Cairo),
    ("FLE Standard Time", Tz::Europe__Kyiv),
    ("Fiji Standard Time", Tz::Pacific__Fiji),
    ("GMT Standard Time", Tz::Europe__London),
    ("GTB Standard Time", Tz::Europe__Bucharest),
    ("Georgian Standard Time", Tz::Asia__Tbilisi),
    ("Greenland Standard Time", Tz::America__Nuuk),
    ("Greenwich Standard Time", Tz::Atlantic__Reykjavik),
    ("Hawaiian Standard Time", Tz::Pacific__Honolulu),
    ("India Standard Time", Tz::Asia__Kolkata),
    ("Iran Standard Time", Tz::Asia__Tehran),
    ("Israel Standard Time", Tz::Asia__Jerusalem),
    ("Jordan Standard Time", Tz::Asia__Amman),
    ("Kaliningrad Standard Time", Tz::Europe__Kaliningrad),
    ("Korea Standard Time", Tz::Asia__Seoul),
    ("Libya Standard Time", Tz::Africa__Tripoli),
    ("Mauritius Standard Time", Tz::Indian__Mauritius),
    ("Middle East Standard Time", Tz::Asia__Beirut),
    ("Montevideo Standard Time", Tz::America__Montevideo),
    ("Morocco Standard Time", Tz::Africa__Casablanca),
    ("Mountain Standard Time", Tz::America__Denver),
    ("Mountain Standard Time (Mexico)", Tz::America__Mazatlan),
    ("Myanmar Standard Time", Tz::Asia__Yangon),
    ("Namibia Standard Time", Tz::Africa__Windhoek),
    ("Nepal Standard Time", Tz::Asia__Kathmandu),
    ("New Zealand Standard Time", Tz::Pacific__Auckland),
    ("Newfoundland Standard Time", Tz::America__St_Johns),
    ("Pacific SA Standard Time", Tz::America__Santiago),
    ("Pacific Standard Time", Tz::America__Los_Angeles),
    ("Pacific Standard Time (Mexico)", Tz::America__Tijuana),
    ("Pakistan Standard Time", Tz::Asia__Karachi),
    ("Paraguay Standard Time", Tz::America__Asuncion),
    ("Romance Standard Time", Tz::Europe__Paris),
    ("Russian Standard Time", Tz::Europe__Moscow),
    ("SA Eastern Standard Time", Tz::America__Cayenne),
    ("SA Pacific Standard Time", Tz::America__Bogota),
    ("SA Western Standard Time", Tz::America__La_Paz),
    ("SE Asia Standard Time", Tz::Asia__Bangkok),
    ("Samoa Standard Time", Tz::Pacific__Apia),
    ("Singapore Standard Time", Tz::Asia__Singapore),
    ("South Africa Standard Time", Tz::Africa__Johannesburg),
    ("Sri Lanka Standard Time", Tz::Asia__Colombo),
    ("Syria Standard Time", Tz::Asia__Damascus),
    ("Taipei Standard Time", Tz::Asia__Taipei),
    ("Tasmania Standard Time", Tz::Australia__Hobart),
    ("Tokyo Standard Time", Tz::Asia__Tokyo),
    ("Turkey Standard Time", Tz::Europe__Istanbul),
    ("US Eastern Standard Time", Tz::America__Indiana__Indianapolis),
    ("US Mountain Standard Time", Tz::America__Phoenix),
    ("Venezuela Standard Time", Tz::America__Caracas),
    ("W. Australia Standard Time", Tz::Australia__Perth),
    ("W. Central Africa Standard Time", Tz::Africa__Lagos),
    ("W. Europe Standard Time", Tz::Europe__Berlin),
    ("West Asia Standard Time", Tz::Asia__Tashkent),
    ("tzone://Microsoft/Utc", Tz::Etc__UTC),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_or_not() {
        let places = HashMap::from([
            ("Our town".to_owned(), "Europe/Lisbon".to_owned()),
            ("Nowhere".to_owned(), "Mars/Olympus".to_owned()),
        ]);
        let zones = Zones::new(Tz::UTC, places);
        for (name, expected) in [
            ("Europe/London", Some(Tz::Europe__London)),
            (" America/Argentina/Ushuaia ", Some(Tz::America__Argentina__Ushuaia)),
            ("GMT Standard Time", Some(Tz::Europe__London)),
            ("W. Europe Standard Time", Some(Tz::Europe__Berlin)),
            ("/freeassociation.sourceforge.net/Europe/London", Some(Tz::Europe__London)),
            ("/example.org/20260101_1/America/Indiana/Knox", Some(Tz::America__Indiana__Knox)),
            ("Our town", Some(Tz::Europe__Lisbon)),
            ("UTC", Some(Tz::UTC)),
            ("Nowhere", None),
            ("London", None),
            ("/x/London", None),
            ("Customized Time Zone", None),
            ("", None),
        ] {
            assert_eq!(zones.find(name), expected, "{name}");
        }
        assert_eq!(zones.find(&format!("/{}/Europe/London", "x".repeat(200))), None);
    }

    #[test]
    fn names_on_windows_stand_once_and_in_order() {
        assert!(WINDOWS.is_sorted_by(|(a, _), (b, _)| a < b));
    }
}
