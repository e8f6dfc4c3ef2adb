//! Calendar files (RFC 5545): single meetups and those that come again, with the zones they need.
//!
//! A meetup that comes again is one entry with its rule; each of its dates that differs is told by the time that the rule
//! gives it (RECURRENCE-ID), and dates that are left out are named (EXDATE). Must never hold more than it is given.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::{OffsetComponents, OffsetName, Tz};
use hearth_domain::event::Status;
use std::collections::BTreeMap;

/// How often a program that subscribed may look again.
const REFRESH: &str = "PT6H";
/// Zones are written down for at most so many years after the first entry.
const YEARS: i32 = 12;

/// One entry of a calendar file.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// What it keeps for good; all dates of a meetup that comes again have the same.
    pub(crate) uid: String,
    /// When it was last changed.
    pub(crate) changed: DateTime<Utc>,
    /// When it is.
    pub(crate) times: Times,
    /// Title.
    pub(crate) title: String,
    /// Where; may be empty.
    pub(crate) place: String,
    /// Its page; may be empty.
    pub(crate) url: String,
    /// Where it stands.
    pub(crate) status: Status,
}

/// When an entry is.
#[derive(Debug, Clone)]
pub(crate) enum Times {
    /// Once, as instants.
    Once(DateTime<Utc>, DateTime<Utc>),
    /// Again and again, on the clock of a zone.
    Again {
        zone: Tz,
        first: NaiveDateTime,
        minutes: i32,
        /// RRULE, with its end.
        rule: String,
        /// Times that the rule gives and at which there is nothing.
        left_out: Vec<NaiveDateTime>,
    },
    /// One date of what comes again, as it is: the time that the rule gives it, start and end.
    Date { zone: Tz, recurrence_id: NaiveDateTime, start: DateTime<Utc>, end: DateTime<Utc> },
}

/// A calendar file. `name` is what programs show beside it; may be empty.
pub(crate) fn file(name: &str, entries: &[Entry]) -> String {
    let mut lines: Vec<String> =
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hearth//Hearth//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
            .map(str::to_owned)
            .into();
    if !name.is_empty() {
        lines.extend([format!("NAME:{}", escape(name)), format!("X-WR-CALNAME:{}", escape(name))]);
        lines.extend([format!("REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}"), format!("X-PUBLISHED-TTL:{REFRESH}")]);
    }
    let mut zones: BTreeMap<&str, (Tz, i32, i32)> = BTreeMap::new();
    for entry in entries {
        if let Times::Again { zone, first, .. } = &entry.times {
            let (from, to) = (first.year(), first.year() + YEARS);
            let known = zones.entry(zone.name()).or_insert((*zone, from, to));
            (known.1, known.2) = (known.1.min(from), known.2.max(to));
        }
    }
    for (zone, from, to) in zones.into_values() {
        lines.extend(timezone(zone, from, to));
    }
    for entry in entries {
        lines.extend(event(entry));
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| fold(line)).collect()
}

fn event(entry: &Entry) -> Vec<String> {
    let status = match entry.status {
        Status::Scheduled => "CONFIRMED",
        Status::Tentative => "TENTATIVE",
        Status::Cancelled => "CANCELLED",
    };
    let mut lines = vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", escape(&entry.uid)),
        format!("DTSTAMP:{}", instant(entry.changed)),
        format!("LAST-MODIFIED:{}", instant(entry.changed)),
    ];
    match &entry.times {
        Times::Once(start, end) => {
            lines.extend([format!("DTSTART:{}", instant(*start)), format!("DTEND:{}", instant(*end))]);
        }
        Times::Again { zone, first, minutes, rule, left_out } => {
            lines.push(format!("DTSTART;TZID={}:{}", zone.name(), civil(*first)));
            lines.extend([format!("DURATION:PT{minutes}M"), format!("RRULE:{rule}")]);
            let left_out: Vec<String> = left_out.iter().map(|at| civil(*at)).collect();
            if !left_out.is_empty() {
                lines.push(format!("EXDATE;TZID={}:{}", zone.name(), left_out.join(",")));
            }
        }
        Times::Date { zone, recurrence_id, start, end } => {
            lines.push(format!("RECURRENCE-ID;TZID={}:{}", zone.name(), civil(*recurrence_id)));
            lines.extend([format!("DTSTART:{}", instant(*start)), format!("DTEND:{}", instant(*end))]);
        }
    }
    lines.extend([format!("SUMMARY:{}", escape(&entry.title)), format!("STATUS:{status}")]);
    if !entry.place.is_empty() {
        lines.push(format!("LOCATION:{}", escape(&entry.place)));
    }
    if !entry.url.is_empty() {
        lines.push(format!("URL:{}", entry.url));
    }
    lines.push("END:VEVENT".to_owned());
    lines
}

/// The clocks of a zone in these years (RFC 5545, 3.6.5): how they stand on the first day, and each change.
fn timezone(zone: Tz, from: i32, to: i32) -> Vec<String> {
    let mut lines = vec!["BEGIN:VTIMEZONE".to_owned(), format!("TZID:{}", zone.name())];
    let day = |year| NaiveDate::from_ymd_opt(year, 1, 1).map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
    let (Some(mut at), Some(end)) = (day(from), day(to)) else { return Vec::new() };
    lines.extend(clocks(zone, at, offset(zone, at)));
    while at < end {
        let next = at + Duration::days(1);
        let before = offset(zone, at);
        if offset(zone, next) != before {
            lines.extend(clocks(zone, change(zone, at, next), before));
        }
        at = next;
    }
    lines.push("END:VTIMEZONE".to_owned());
    lines
}

/// When the clocks change between two instants, between which they do once.
fn change(zone: Tz, mut before: DateTime<Utc>, mut after: DateTime<Utc>) -> DateTime<Utc> {
    let from = offset(zone, before);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + (after - before) / 2;
        let middle = middle - TimeDelta::nanoseconds(i64::from(middle.timestamp_subsec_nanos()));
        if offset(zone, middle) == from { before = middle } else { after = middle }
    }
    after
}

fn offset(zone: Tz, at: DateTime<Utc>) -> TimeDelta {
    TimeDelta::seconds(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc().into())
}

/// How the clocks stand from then on, having stood at `before` until then.
fn clocks(zone: Tz, at: DateTime<Utc>, before: TimeDelta) -> [String; 6] {
    let now = zone.offset_from_utc_datetime(&at.naive_utc());
    let kind = if now.dst_offset().is_zero() { "STANDARD" } else { "DAYLIGHT" };
    [
        format!("BEGIN:{kind}"),
        format!("DTSTART:{}", civil(at.naive_utc() + before)),
        format!("TZOFFSETFROM:{}", offset_words(before)),
        format!("TZOFFSETTO:{}", offset_words(offset(zone, at))),
        format!("TZNAME:{}", escape(now.abbreviation().unwrap_or("LMT"))),
        format!("END:{kind}"),
    ]
}

/// "+0530"
fn offset_words(offset: TimeDelta) -> String {
    let (sign, minutes) =
        if offset < TimeDelta::zero() { ('-', -offset.num_minutes()) } else { ('+', offset.num_minutes()) };
    format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
}

/// An instant as this format has it, in UTC.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn civil(at: NaiveDateTime) -> String {
    at.format("%Y%m%dT%H%M%S").to_string()
}

/// TEXT as in RFC 5545, 3.3.11.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\r', "").replace('\n', "\\n")
}

/// A line of at most 75 octets, going on after a line break and a space (RFC 5545, 3.1).
fn fold(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut octets = 0;
    for letter in line.chars() {
        if octets + letter.len_utf8() > 75 {
            out.push_str("\r\n ");
            octets = 1;
        }
        octets += letter.len_utf8();
        out.push(letter);
    }
    out.push_str("\r\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_and_texts_escaped() {
        assert_eq!(escape("a, b; c\\\nd"), "a\\, b\\; c\\\\\\nd");
        let folded = fold(&format!("SUMMARY:{}", "é".repeat(80)));
        assert!(folded.split("\r\n").all(|line| line.len() <= 75));
        assert_eq!(folded.replace("\r\n ", "").trim_end(), format!("SUMMARY:{}", "é".repeat(80)));
    }

    #[test]
    fn zones_say_when_their_clocks_change() {
        let london = timezone(Tz::Europe__London, 2026, 2027);
        let expected = [
            "BEGIN:VTIMEZONE",
            "TZID:Europe/London",
            "BEGIN:STANDARD",
            "DTSTART:20260101T000000",
            "TZOFFSETFROM:+0000",
            "TZOFFSETTO:+0000",
            "TZNAME:GMT",
            "END:STANDARD",
            "BEGIN:DAYLIGHT",
            "DTSTART:20260329T010000",
            "TZOFFSETFROM:+0000",
            "TZOFFSETTO:+0100",
            "TZNAME:BST",
            "END:DAYLIGHT",
            "BEGIN:STANDARD",
            "DTSTART:20261025T020000",
            "TZOFFSETFROM:+0100",
            "TZOFFSETTO:+0000",
            "TZNAME:GMT",
            "END:STANDARD",
            "END:VTIMEZONE",
        ];
        assert_eq!(london, expected);
        let newfoundland = timezone(Tz::America__St_Johns, 2026, 2027);
        assert!(newfoundland.contains(&"TZOFFSETTO:-0330".to_owned()), "{newfoundland:?}");
    }
}
