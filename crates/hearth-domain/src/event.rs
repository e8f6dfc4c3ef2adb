//! Meetups: civil time in a place's own zone, what is shown to whom, and bands.
//!
//! A meetup is at a wall-clock time in a zone; the instants are derived from that, so that "half past six" stays half
//! past six when the clocks change.

use crate::{
    audience::Visibility,
    text::{self, TextProblem},
};
use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

words! {
    /// Where a meetup happens.
    PlaceKind("kind of place") {
        /// At a place.
        InPerson = "in_person",
        /// In an online room.
        Online = "online",
        /// Both at once.
        Both = "both",
    }
}

words! {
    /// Where a meetup stands (FEP-8a8e, iCalendar STATUS).
    Status("meetup status") {
        /// Going to happen.
        Scheduled = "scheduled",
        /// Not certain yet.
        Tentative = "tentative",
        /// Called off; the page stays.
        Cancelled = "cancelled",
    }
}

words! {
    /// How people come (FEP-8a8e joinMode).
    JoinMode("way of joining") {
        /// Everybody who answers is coming.
        Free = "free",
        /// Hosts confirm.
        Restricted = "restricted",
        /// On another page.
        External = "external",
    }
}

/// Longest meetup.
pub const LONGEST: Duration = Duration::days(31);
/// Earliest and latest year of a meetup (threats CO-10).
pub const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// What is wrong with the times of a meetup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeProblem {
    /// Not a date and time.
    #[error("is not a date and a time")]
    Unreadable,
    /// No such zone in the IANA database.
    #[error("is not a time zone")]
    UnknownZone,
    /// The clocks go forward over this time.
    #[error("does not exist that night: the clocks go forward over it")]
    Skipped,
    /// Before the start, or at it.
    #[error("is not after the start")]
    EndBeforeStart,
    /// Over 31 days.
    #[error("is more than 31 days after the start")]
    TooLong,
    /// Outside 2000 to 2100.
    #[error("is too far away")]
    OutOfRange,
}

/// A civil time in a zone, and the instant it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CivilTime {
    /// The wall clock.
    pub civil: NaiveDateTime,
    /// The zone of the place.
    pub zone: Tz,
    /// The instant.
    pub instant: DateTime<Utc>,
}

impl CivilTime {
    /// The instant of a wall-clock time. Where the clocks go back and the time comes twice, the first one is meant.
    ///
    /// # Errors
    /// `Skipped` where the clocks go forward over the time, `OutOfRange`.
    pub fn new(civil: NaiveDateTime, zone: Tz) -> Result<Self, TimeProblem> {
        if !YEARS.contains(&chrono::Datelike::year(&civil)) {
            return Err(TimeProblem::OutOfRange);
        }
        let local = match zone.from_local_datetime(&civil) {
            LocalResult::Single(local) | LocalResult::Ambiguous(local, _) => local,
            LocalResult::None => return Err(TimeProblem::Skipped),
        };
        Ok(Self { civil, zone, instant: local.with_timezone(&Utc) })
    }

    /// Reads what date and time inputs send: `2026-03-10T18:30`, with or without seconds.
    ///
    /// # Errors
    /// `Unreadable`, and as [`CivilTime::new`].
    pub fn read(typed: &str, zone: Tz) -> Result<Self, TimeProblem> {
        let civil = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(typed.trim(), format).ok())
            .ok_or(TimeProblem::Unreadable)?;
        Self::new(civil, zone)
    }

    /// The civil time as it is stored: `2026-03-10T18:30`.
    #[must_use]
    pub fn stored(&self) -> String {
        self.civil.format("%Y-%m-%dT%H:%M").to_string()
    }
}

/// Reads an IANA zone name.
///
/// # Errors
/// `UnknownZone`.
pub fn zone(typed: &str) -> Result<Tz, TimeProblem> {
    typed.trim().parse().map_err(|_| TimeProblem::UnknownZone)
}

/// Checks that an end fits its start.
///
/// # Errors
/// `EndBeforeStart`, `TooLong`.
pub fn check_span(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<(), TimeProblem> {
    if end <= start {
        Err(TimeProblem::EndBeforeStart)
    } else if end - start > LONGEST {
        Err(TimeProblem::TooLong)
    } else {
        Ok(())
    }
}

/// What a host wrote about a meetup, checked and cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventDraft {
    /// Title.
    pub title: String,
    /// What happens, in Markdown; may be empty.
    pub source: String,
    /// Start.
    pub start: CivilTime,
    /// End.
    pub end: CivilTime,
    /// In person, online or both.
    pub place_kind: PlaceKind,
    /// The area everybody may know: "Northside, near the library".
    pub area: String,
    /// The exact address, for those who are coming.
    pub address: String,
    /// The online room, for those who are coming.
    pub link: String,
    /// Steps, toilets, quiet corner, sign language…
    pub access: String,
    /// Places; `None` for no limit.
    pub capacity: Option<u32>,
    /// Who may see it.
    pub visibility: Visibility,
    /// How people come.
    pub join_mode: JoinMode,
    /// Whether people wait for a place once it is full.
    pub waiting_list: bool,
    /// Whether only people of this server can answer.
    pub only_here: bool,
    /// Whether who announces it is named as its organiser.
    pub named: bool,
    /// Whether the exact address is published.
    pub address_public: bool,
    /// How many minutes before the start the room link is told; at once when nothing is set.
    pub link_lead: Option<i32>,
}

impl EventDraft {
    /// What another meetup says once the change from `before` to `after` is made to it as well: what did not change stays
    /// the other's own, and so do its times and who may see it.
    #[must_use]
    pub fn changed_alike(before: &Self, after: &Self, other: Self) -> Self {
        fn pick<T: PartialEq + Clone>(before: &T, after: &T, own: T) -> T {
            if before == after { own } else { after.clone() }
        }
        Self {
            title: pick(&before.title, &after.title, other.title),
            source: pick(&before.source, &after.source, other.source),
            start: other.start,
            end: other.end,
            place_kind: pick(&before.place_kind, &after.place_kind, other.place_kind),
            area: pick(&before.area, &after.area, other.area),
            address: pick(&before.address, &after.address, other.address),
            link: pick(&before.link, &after.link, other.link),
            access: pick(&before.access, &after.access, other.access),
            capacity: pick(&before.capacity, &after.capacity, other.capacity),
            visibility: other.visibility,
            join_mode: pick(&before.join_mode, &after.join_mode, other.join_mode),
            waiting_list: pick(&before.waiting_list, &after.waiting_list, other.waiting_list),
            only_here: pick(&before.only_here, &after.only_here, other.only_here),
            named: pick(&before.named, &after.named, other.named),
            address_public: pick(&before.address_public, &after.address_public, other.address_public),
            link_lead: pick(&before.link_lead, &after.link_lead, other.link_lead),
        }
    }
}

/// Most places a meetup can have.
pub const CAPACITY_MAX: u32 = 10_000;

/// Checks a number of places; nothing typed means no limit.
///
/// # Errors
/// The text itself when it is not a whole number from 1 to 10,000.
pub fn capacity(typed: &str) -> Result<Option<u32>, TextProblem> {
    let typed = text::line(typed);
    if typed.is_empty() {
        return Ok(None);
    }
    match typed.parse() {
        Ok(places @ 1..=CAPACITY_MAX) => Ok(Some(places)),
        _ => Err(TextProblem::TooLong(5)),
    }
}

/// The longest time before the start at which a room link can be told.
pub const LEAD_MAX: i32 = 7 * 24 * 60;

/// Checks how many minutes before the start a room link is told; nothing typed means at once.
///
/// # Errors
/// The text itself when it is not a whole number of minutes of at most a week.
pub fn link_lead(typed: &str) -> Result<Option<i32>, TextProblem> {
    let typed = text::line(typed);
    if typed.is_empty() {
        return Ok(None);
    }
    match typed.parse() {
        Ok(minutes @ 0..=LEAD_MAX) => Ok(Some(minutes)),
        _ => Err(TextProblem::TooLong(5)),
    }
}

/// Whether a room link may be told by now to those who come.
#[must_use]
pub fn link_is_told(lead: Option<i32>, start: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    lead.is_none_or(|minutes| now >= start - Duration::minutes(minutes.into()))
}

/// Whether a meetup still takes answers.
#[must_use]
pub fn takes_answers(status: Status, end: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    status != Status::Cancelled && now < end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(civil: &str, zone_name: &str, expected: Result<&str, TimeProblem>) {
        let got = zone(zone_name).and_then(|z| CivilTime::read(civil, z));
        assert_eq!(got.map(|t| t.instant.to_rfc3339()), expected.map(str::to_owned), "{civil} {zone_name}");
    }

    #[test]
    fn civil_times_become_instants() {
        check("2026-03-10T18:30", "Europe/London", Ok("2026-03-10T18:30:00+00:00"));
        check("2026-07-10T18:30", "Europe/London", Ok("2026-07-10T17:30:00+00:00"));
        check("2026-07-10T18:30", "America/New_York", Ok("2026-07-10T22:30:00+00:00"));
        check("2026-03-29T01:30", "Europe/London", Err(TimeProblem::Skipped));
        check("2026-10-25T01:30", "Europe/London", Ok("2026-10-25T00:30:00+00:00"));
        check("2026-13-10T18:30", "Europe/London", Err(TimeProblem::Unreadable));
        check("1999-12-31T18:30", "Europe/London", Err(TimeProblem::OutOfRange));
        check("2026-03-10T18:30", "Mars/Olympus", Err(TimeProblem::UnknownZone));
    }

    #[test]
    fn room_links_are_told_in_time() {
        let start: DateTime<Utc> = "2026-03-10T18:30:00Z".parse().unwrap();
        for (lead, now, told) in [
            (None, "2026-01-01T00:00:00Z", true),
            (Some(30), "2026-03-10T17:59:59Z", false),
            (Some(30), "2026-03-10T18:00:00Z", true),
            (Some(0), "2026-03-10T18:29:59Z", false),
            (Some(0), "2026-03-10T18:30:00Z", true),
        ] {
            assert_eq!(link_is_told(lead, start, now.parse().unwrap()), told, "{lead:?} {now}");
        }
        for (typed, expected) in
            [("", Ok(None)), (" 30 ", Ok(Some(30))), ("0", Ok(Some(0))), ("10080", Ok(Some(LEAD_MAX)))]
        {
            assert_eq!(link_lead(typed), expected, "{typed}");
        }
        for typed in ["-1", "10081", "soon", "1.5"] {
            assert!(link_lead(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn spans() {
        let start: DateTime<Utc> = "2026-03-10T18:30:00Z".parse().unwrap();
        assert_eq!(check_span(start, start), Err(TimeProblem::EndBeforeStart));
        assert_eq!(check_span(start, start + Duration::hours(2)), Ok(()));
        assert_eq!(check_span(start, start + Duration::days(32)), Err(TimeProblem::TooLong));
    }
}
