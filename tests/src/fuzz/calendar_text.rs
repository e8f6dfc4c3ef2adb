//! Writing what was read of a calendar file, so that it can be read again. Written from RFC 5545 alone: shares nothing with
//! the reader.

use chrono::{DateTime, Utc};
use hearth_actions::icalendar::{Calendar, CalendarEvent, Moment};
use hearth_domain::event::Status;

/// A whole calendar.
pub(super) fn write(calendar: &Calendar) -> String {
    let mut lines = vec!["BEGIN:VCALENDAR".to_owned(), "VERSION:2.0".to_owned()];
    for event in &calendar.events {
        lines.push("BEGIN:VEVENT".to_owned());
        lines.extend(properties(event));
        lines.push("END:VEVENT".to_owned());
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| fold(line)).collect()
}

fn properties(event: &CalendarEvent) -> Vec<String> {
    let status = match event.status {
        Status::Scheduled => "CONFIRMED",
        Status::Tentative => "TENTATIVE",
        Status::Cancelled => "CANCELLED",
    };
    let mut lines = vec![
        format!("UID:{}", text(&event.uid)),
        format!("STATUS:{status}"),
        format!("CLASS:{}", if event.private { "PRIVATE" } else { "PUBLIC" }),
        format!("SEQUENCE:{}", event.sequence),
        format!("SUMMARY:{}", text(&event.summary)),
        format!("DESCRIPTION:{}", text(&event.description)),
        format!("LOCATION:{}", text(&event.location)),
        format!("CATEGORIES:{}", event.categories.iter().map(|word| text(word)).collect::<Vec<_>>().join(",")),
        moment("DTSTART", &event.start),
    ];
    lines.extend(event.end.as_ref().map(|end| moment("DTEND", end)));
    lines.extend(event.recurrence_id.as_ref().map(|date| moment("RECURRENCE-ID", date)));
    lines.extend(event.rdates.iter().map(|date| moment("RDATE", date)));
    lines.extend(event.exdates.iter().map(|date| moment("EXDATE", date)));
    lines.extend(event.rule.as_ref().map(|rule| format!("RRULE:{}", rule.text)));
    lines.extend(event.url.as_ref().map(|url| format!("URL:{url}")));
    lines.extend(event.dtstamp.map(|at| format!("DTSTAMP:{}", instant(at))));
    lines.extend(event.last_modified.map(|at| format!("LAST-MODIFIED:{}", instant(at))));
    lines
}

fn moment(name: &str, moment: &Moment) -> String {
    match moment {
        Moment::Day(day) => format!("{name};VALUE=DATE:{}", day.format("%Y%m%d")),
        Moment::Civil(time) => format!("{name};TZID={}:{}", time.zone.name(), time.civil.format("%Y%m%dT%H%M%S")),
        Moment::Utc(at) => format!("{name}:{}", instant(*at)),
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn text(plain: &str) -> String {
    let mut out = String::new();
    for letter in plain.chars() {
        match letter {
            '\\' | ';' | ',' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            letter => out.push(letter),
        }
    }
    out
}

/// A line in pieces of at most 75 octets, which may part a letter but here never do.
pub(super) fn fold(line: &str) -> String {
    let mut out = String::new();
    let mut octets = 0;
    for letter in line.chars() {
        octets += letter.len_utf8();
        if octets > 75 {
            out.push_str("\r\n ");
            octets = 1 + letter.len_utf8();
        }
        out.push(letter);
    }
    out + "\r\n"
}
