//! `/e/{id}.ics`: one meetup as a calendar file (RFC 5545).
//!
//! Must never hold the address or the link unless the reader is coming, and says "Appointment" to who wants discreet
//! titles: calendars are seen by others.

use super::{cards, event};
use crate::{
    answer::Answer,
    viewer::{Shown, Visit},
};
use actix_web::http::header::CONTENT_DISPOSITION;
use chrono::{DateTime, Utc};
use hearth_actions::event::instructions;
use hearth_db::tables::{events::Event, rsvps};
use hearth_domain::{event::Status, id::EventId, rsvp::Answer as Answered};

pub(crate) async fn show(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let id: EventId = visit.part("id").parse()?;
            file(visit, id)
        })
        .await
}

fn file(visit: &Visit, id: EventId) -> Shown {
    let (event, told) = visit.read(|c| {
        let (event, ..) = event::find(visit, c, id)?;
        let own = match &visit.me {
            Some(me) => rsvps::of_account(c, id, me.account.id)?,
            None => None,
        };
        let told = match own.filter(|own| own.answer == Answered::Coming) {
            Some(_) if event.local => instructions(c, &event, visit.now)?,
            Some(own) => own.instructions,
            None => String::new(),
        };
        Ok((event, told))
    })?;
    let discreet = visit.me.as_ref().is_some_and(|me| me.account.discreet_titles);
    let body = calendar(&event, discreet, &told);
    Ok(Answer::file("text/calendar; charset=utf-8", body)
        .header(CONTENT_DISPOSITION, "attachment; filename=\"appointment.ics\""))
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

/// The file. `told` is the exact place, for somebody who is coming.
fn calendar(event: &Event, discreet: bool, told: &str) -> String {
    let changed = event.edited_at.unwrap_or(event.published_at).utc();
    let status = match event.status {
        Status::Scheduled => "CONFIRMED",
        Status::Tentative => "TENTATIVE",
        Status::Cancelled => "CANCELLED",
    };
    let title = if discreet { "Appointment" } else { event.title.as_str() };
    let place = if discreet && told.is_empty() { String::new() } else { location(event, discreet, told) };
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Hearth//Hearth//EN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", escape(&format!("{}@{}", event.id, event.ap_id.host()))),
        format!("DTSTAMP:{}", instant(changed)),
        format!("LAST-MODIFIED:{}", instant(changed)),
        format!("DTSTART:{}", instant(event.starts_at.utc())),
        format!("DTEND:{}", instant(event.ends_at.utc())),
        format!("SUMMARY:{}", escape(title)),
        format!("STATUS:{status}"),
    ];
    if !place.is_empty() {
        lines.push(format!("LOCATION:{}", escape(&place)));
    }
    if !discreet {
        lines.push(format!("URL:{}", event.ap_id));
    }
    lines.extend(["END:VEVENT".to_owned(), "END:VCALENDAR".to_owned()]);
    lines.iter().map(|line| fold(line)).collect()
}

fn location(event: &Event, discreet: bool, told: &str) -> String {
    let area = if discreet { String::new() } else { cards::place(event) };
    [area.as_str(), told].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
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
}
