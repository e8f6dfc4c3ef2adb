//! Whole files as the usual programs export them, and what goes wrong in them.

use super::*;
use chrono::{NaiveDate, TimeZone, Utc};
use hearth_domain::event::{CivilTime, Status};

const LONDON: Tz = Tz::Europe__London;

fn good(file: &str) -> Calendar {
    read(file.as_bytes(), LONDON).unwrap_or_else(|problem| panic!("{problem}\n{file}"))
}

/// A calendar of one event with these lines besides its UID.
fn event_of(lines: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1@t.example\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n")
}

fn civil(text: &str, zone: Tz) -> Moment {
    Moment::Civil(CivilTime::read(text, zone).unwrap())
}

fn utc(text: &str) -> Moment {
    Moment::Utc(text.parse().unwrap())
}

fn day(year: i32, month: u32, day: u32) -> Moment {
    Moment::Day(NaiveDate::from_ymd_opt(year, month, day).unwrap())
}

#[test]
fn google() {
    let file = "BEGIN:VCALENDAR\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nVERSION:2.0\r\n\
        CALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\nX-WR-CALNAME:Northside carers\r\nX-WR-TIMEZONE:Europe/Dublin\r\n\
        BEGIN:VTIMEZONE\r\nTZID:Europe/Dublin\r\nX-LIC-LOCATION:Europe/Dublin\r\nBEGIN:DAYLIGHT\r\n\
        TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100\r\nTZNAME:GMT+1\r\nDTSTART:19700329T010000\r\n\
        RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n\
        BEGIN:VEVENT\r\nDTSTART;TZID=Europe/Dublin:20260707T183000\r\nDTEND;TZID=Europe/Dublin:20260707T200000\r\n\
        RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20261215T235959Z;BYDAY=TU\r\nEXDATE;TZID=Europe/Dublin:20260804T183000\r\n\
        DTSTAMP:20260601T090000Z\r\nUID:0tea@google.com\r\nCREATED:20260501T101010Z\r\n\
        ATTENDEE;CN=Kim;PARTSTAT=ACCEPTED:mailto:kim@t.example\r\nDESCRIPTION:Bring nothing\\, just come.\\n\\nStep-free\r\n  entrance.\r\n\
        LAST-MODIFIED:20260530T120000Z\r\nLOCATION:Library\\, 1 High St\r\nSEQUENCE:2\r\nSTATUS:CONFIRMED\r\n\
        SUMMARY:Tea & talk\r\nTRANSP:OPAQUE\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nDTSTART:20260808T090000\r\nUID:2@google.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let calendar = good(file);
    assert_eq!(calendar.problems, Vec::<String>::new());
    let [tea, floating] = &calendar.events[..] else { panic!("{calendar:?}") };
    let dublin = Tz::Europe__Dublin;
    assert_eq!((tea.uid.as_str(), tea.sequence, tea.status), ("0tea@google.com", 2, Status::Scheduled));
    assert_eq!((tea.summary.as_str(), tea.location.as_str()), ("Tea & talk", "Library, 1 High St"));
    assert_eq!(tea.description, "Bring nothing, just come.\n\nStep-free entrance.");
    assert_eq!((tea.start, tea.end), (civil("2026-07-07T18:30", dublin), Some(civil("2026-07-07T20:00", dublin))));
    let rule = tea.rule.as_ref().unwrap();
    assert_eq!((rule.text.as_str(), rule.at_most), ("FREQ=WEEKLY;WKST=MO;UNTIL=20261215T235959Z;BYDAY=TU", 60));
    assert_eq!(tea.exdates, [civil("2026-08-04T18:30", dublin)]);
    assert_eq!(tea.dtstamp, Utc.with_ymd_and_hms(2026, 6, 1, 9, 0, 0).single());
    assert_eq!(tea.last_modified, Utc.with_ymd_and_hms(2026, 5, 30, 12, 0, 0).single());
    assert_eq!(floating.start, civil("2026-08-08T09:00", dublin), "a time without a zone is in that of its calendar");
    assert!(!format!("{calendar:?}").contains("kim@"), "nobody's name is read");
}

#[test]
fn apple() {
    let file = "BEGIN:VCALENDAR\nMETHOD:PUBLISH\nVERSION:2.0\nX-WR-CALNAME:Walks\nPRODID:-//Apple Inc.//macOS 15.1//EN\n\
        X-APPLE-CALENDAR-COLOR:#1BADF8\nX-WR-TIMEZONE:Europe/London\nCALSCALE:GREGORIAN\n\
        BEGIN:VEVENT\nTRANSP:OPAQUE\nDTEND;VALUE=DATE:20260503\nX-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC\n\
        UID:6F0C9B1E-2F\nDTSTAMP:20260110T080000Z\n\
        X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-ADDRESS=\"Park; east gate\";X-APPLE-RADIUS=70;X-TITLE=Park:geo:51.5,-0.1\n\
        URL;VALUE=URI:https://walks.example/may\nSEQUENCE:1\nSUMMARY:Weekend away\nLAST-MODIFIED:20260110T075959Z\n\
        DTSTART;VALUE=DATE:20260501\nCREATED:20260109T080000Z\nBEGIN:VALARM\nUID:A1\nTRIGGER:-PT15M\n\
        DESCRIPTION:Not this\nACTION:DISPLAY\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n";
    let calendar = good(file);
    assert_eq!(calendar.problems, Vec::<String>::new());
    let [away] = &calendar.events[..] else { panic!("{calendar:?}") };
    assert_eq!((away.start, away.end), (day(2026, 5, 1), Some(day(2026, 5, 3))));
    assert_eq!((away.uid.as_str(), away.description.as_str()), ("6F0C9B1E-2F", ""), "an alarm is not the event");
    assert_eq!(away.url.as_ref().map(url::Url::as_str), Some("https://walks.example/may"));
}

#[test]
fn outlook() {
    let file = "BEGIN:VCALENDAR\r\nPRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN\r\nVERSION:2.0\r\n\
        METHOD:PUBLISH\r\nX-MS-OLK-FORCEINSPECTOROPEN:TRUE\r\n\
        BEGIN:VEVENT\r\nCATEGORIES:Carers,Health\\, wellbeing\r\nCLASS:PRIVATE\r\nDESCRIPTION:Ring the bell\\n \r\n\
        DTEND;TZID=\"GMT Standard Time\":20261025T031500\r\nDTSTAMP:20260601T090000Z\r\n\
        DTSTART;TZID=\"GMT Standard Time\":20261025T013000\r\nLOCATION:Hall\r\nPRIORITY:5\r\nSEQUENCE:0\r\n\
        SUMMARY;LANGUAGE=en-gb:Night\r\n\twatch\r\nTRANSP:OPAQUE\r\nUID:0400\r\n 0082\r\nX-ALT-DESC;FMTTYPE=text/html:<html></html>\r\n\
        END:VEVENT\r\n\
        BEGIN:VEVENT\r\nDTSTART;TZID=Customized Time Zone:20260101T100000\r\nUID:2\r\nEND:VEVENT\r\n\
        BEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\n\
        TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n";
    let calendar = good(file);
    assert_eq!(
        calendar.problems,
        ["The 2nd event cannot be read: its start is in a time zone that is not known here (Customized Time Zone)."]
    );
    let [night] = &calendar.events[..] else { panic!("{calendar:?}") };
    assert_eq!((night.start, night.end), (civil("2026-10-25T01:30", LONDON), Some(civil("2026-10-25T03:15", LONDON))));
    assert_eq!((night.uid.as_str(), night.summary.as_str(), night.private), ("04000082", "Nightwatch", true));
    assert_eq!(night.categories, ["Carers", "Health, wellbeing"]);
}

#[test]
fn nextcloud() {
    let file = "BEGIN:VCALENDAR\r\nCALSCALE:GREGORIAN\r\nVERSION:2.0\r\nPRODID:-//IDN nextcloud.com//Calendar app 5.0//EN\r\n\
        BEGIN:VEVENT\r\nCREATED:20260101T000000Z\r\nDTSTAMP:20260102T000000Z\r\nLAST-MODIFIED:20260102T000000Z\r\nSEQUENCE:3\r\n\
        UID:c0ffee\r\nDTSTART;TZID=Europe/Berlin:20260401T190000\r\nDURATION:PT1H30M\r\nSTATUS:TENTATIVE\r\n\
        SUMMARY:Offener Abend für alle\r\nRRULE:FREQ=MONTHLY;BYDAY=1WE;COUNT=12\r\nRDATE;TZID=Europe/Berlin:20260415T190000,20260422T190000\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nUID:c0ffee\r\nSEQUENCE:4\r\nRECURRENCE-ID;TZID=Europe/Berlin:20260506T190000\r\n\
        DTSTART;TZID=Europe/Berlin:20260507T190000\r\nDTEND;TZID=Europe/Berlin:20260507T203000\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n\
        BEGIN:VTODO\r\nUID:todo\r\nSUMMARY:Book the room\r\nEND:VTODO\r\n\
        BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\nEND:VCALENDAR";
    let calendar = good(file);
    assert_eq!(calendar.problems, ["Entries that are no events were left out: 1."]);
    let [all, one] = &calendar.events[..] else { panic!("{calendar:?}") };
    let berlin = Tz::Europe__Berlin;
    assert_eq!((all.summary.as_str(), all.status), ("Offener Abend für alle", Status::Tentative));
    assert_eq!(all.end, Some(civil("2026-04-01T20:30", berlin)));
    assert_eq!(all.rule.as_ref().map(|rule| rule.at_most), Some(12));
    assert_eq!(all.rdates.len(), 2);
    assert_eq!((one.recurrence_id, one.status), (Some(civil("2026-05-06T19:00", berlin)), Status::Cancelled));
}

#[test]
fn meetup() {
    let file = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Meetup//Meetup Calendar 1.0//EN\nMETHOD:PUBLISH\n\
        BEGIN:VEVENT\nDTSTAMP:20260901T000000Z\nDTSTART;TZID=America/New_York:20260915T180000\n\
        DTEND;TZID=America/New_York:20260915T200000\nSTATUS:CONFIRMED\nSUMMARY:Newcomers' evening\nCLASS:PUBLIC\n\
        DESCRIPTION:Quiet Corner\\nTuesday\nGEO:40.7;-74.0\nURL:https://meetup.example/quiet/events/1/\nUID:event_1@meetup.example\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:event_2@meetup.example\nDTSTART:20260920T220000Z\nDTEND:20260920T233000Z\n\
        URL:javascript:alert(1)\nEND:VEVENT\nEND:VCALENDAR\n";
    let calendar = good(file);
    assert_eq!(calendar.problems, Vec::<String>::new());
    let [first, second] = &calendar.events[..] else { panic!("{calendar:?}") };
    assert_eq!(first.start.instant().unwrap().to_rfc3339(), "2026-09-15T22:00:00+00:00");
    assert!(!first.private);
    assert_eq!((second.start, second.end), (utc("2026-09-20T22:00:00Z"), Some(utc("2026-09-20T23:30:00Z"))));
    assert_eq!(second.url, None);
}

#[test]
fn what_is_left_out_is_said() {
    let start = "DTSTART:20260310T183000Z";
    for (lines, expected) in [
        ("SUMMARY:x".to_owned(), Some("has no start")),
        (format!("{start}\n{start}"), Some("names its start twice")),
        (format!("{start}\nUID:2"), Some("names its identifier (UID) twice")),
        ("DTSTART:soon".to_owned(), Some("cannot be read: its start is not a date and a time")),
        ("DTSTART:20260230".to_owned(), Some("cannot be read: its start is not a date and a time")),
        ("DTSTART:2026031\u{e4}".to_owned(), Some("cannot be read: its start is not a date and a time")),
        ("DTSTART;VALUE=DATE:20260310T100000".to_owned(), Some("cannot be read: its start is not a date and a time")),
        ("DTSTART:19991231T235959Z".to_owned(), Some("cannot be read: its start is too far away")),
        ("DTSTART:99991231".to_owned(), Some("cannot be read: its start is too far away")),
        (
            "DTSTART;TZID=Europe/London:20260329T013000".to_owned(),
            Some("cannot be read: its start does not exist that night: the clocks go forward over it"),
        ),
        (
            "DTSTART;TZID=Mars/Olympus\u{202e}:20260310T100000".to_owned(),
            Some("cannot be read: its start is in a time zone that is not known here (Mars/Olympus)"),
        ),
        (format!("{start}\nDTEND:20260310T100000Z"), Some("cannot be read: its end is not after the start")),
        (
            format!("{start}\nDTEND:20260510T100000Z"),
            Some("cannot be read: its end is more than 31 days after the start"),
        ),
        (
            format!("{start}\nDTEND;VALUE=DATE:20260311"),
            Some("starts at a time and ends on a whole day, or the other way round"),
        ),
        (format!("{start}\nDTEND:20260310T193000Z\nDURATION:PT1H"), Some("has an end and a duration")),
        (format!("{start}\nDURATION:1 hour"), Some("cannot be read: its duration is not a date and a time")),
        (format!("{start}\nDURATION:P999999W"), Some("cannot be read: its duration is too far away")),
        (
            format!("{start}\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260310T183000Z"),
            Some("changes all later dates of a repeat, which cannot be read here"),
        ),
    ] {
        let calendar = good(&event_of(&lines));
        let sentences: Vec<String> = expected.iter().map(|what| format!("The 1st event {what}.")).collect();
        assert_eq!((calendar.events.len(), calendar.problems), (0, sentences), "{lines}");
    }
}

#[test]
fn what_is_changed_is_said() {
    let start = "DTSTART:20260310T183000Z";
    let dates = |count: usize| vec!["20260311T183000Z"; count].join(",");
    for (lines, expected) in [
        (format!("{start}\nRRULE:FREQ=WEEKLY"), "repeats more than 60 times or without end; only 60 dates count"),
        (
            format!("{start}\nRRULE:FREQ=SECONDLY"),
            "repeats in a way that cannot be read here; only its first date was read",
        ),
        (format!("{start}\nRDATE:{}", dates(61)), "has more than 60 extra dates; the others were left out"),
        (format!("{start}\nRDATE;VALUE=DATE:20260311"), "has extra dates that cannot be read; they were left out"),
        (
            format!("{start}\nEXDATE:yesterday"),
            "names dates on which it does not happen that cannot be read; please check its dates",
        ),
        (
            format!("{start}\nEXDATE:{}", dates(367)),
            "names more than 366 dates on which it does not happen; please check its dates",
        ),
        (format!("{start}\nSUMMARY:{}", "x".repeat(201)), "has a title that is too long; the rest was left out"),
        (
            format!("{start}\nDESCRIPTION:{}", "x".repeat(20_001)),
            "has a description that is too long; the rest was left out",
        ),
    ] {
        let calendar = good(&event_of(&lines));
        assert_eq!(calendar.problems, [format!("The 1st event {expected}.")]);
        let [event] = &calendar.events[..] else { panic!("{lines}") };
        assert!(event.rdates.len() <= 60 && event.exdates.len() <= 366 && event.summary.len() <= 200);
    }
}

#[test]
fn durations_follow_the_calendar_and_the_clock() {
    for (start, duration, expected) in [
        ("20260328T183000", "P1D", Some(civil("2026-03-29T18:30", LONDON))),
        ("20260328T183000", "PT24H", Some(civil("2026-03-29T19:30", LONDON))),
        ("20261025T003000", "PT1H30M", Some(utc("2026-10-25T01:00:00Z"))),
        ("20260328T183000", "+P0DT45M", Some(civil("2026-03-28T19:15", LONDON))),
        ("20260328T183000", "PT0S", None),
        ("20260328", "P1W", Some(day(2026, 4, 4))),
        ("20260328", "P1D", Some(day(2026, 3, 29))),
    ] {
        let calendar = good(&event_of(&format!("DTSTART:{start}\nDURATION:{duration}")));
        assert_eq!(calendar.problems, Vec::<String>::new());
        assert_eq!(calendar.events[0].end, expected, "{start} {duration}");
    }
    for bad in ["", "P", "PT", "P1H", "PT1D", "-PT1H", "PT1H1H", "P1D2W", "PT1234567S", "P-1D", "P\u{e4}D", "1D"] {
        assert_eq!(time::length(bad), None, "{bad}");
    }
}

#[test]
fn of_two_versions_the_newer_counts() {
    let event = |sequence: u32, title: &str| {
        format!("BEGIN:VEVENT\nUID:1\nDTSTART:20260310T183000Z\nSEQUENCE:{sequence}\nSUMMARY:{title}\nEND:VEVENT\n")
    };
    for (first, second, kept) in [(2, 1, "a"), (1, 2, "b"), (1, 1, "b")] {
        let file = format!("BEGIN:VCALENDAR\n{}{}END:VCALENDAR\n", event(first, "a"), event(second, "b"));
        let calendar = good(&file);
        assert_eq!(calendar.problems, ["The 2nd event stands in the file twice; the newer one was read."]);
        assert_eq!((calendar.events.len(), calendar.events[0].summary.as_str()), (1, kept));
    }
}

#[test]
fn what_is_no_calendar_is_refused() {
    let nested = format!("BEGIN:VCALENDAR\n{}", "BEGIN:X\n".repeat(10_000));
    for (file, expected) in [
        ("", FileProblem::NotACalendar),
        ("hello", FileProblem::NotACalendar),
        ("<html>:</html>", FileProblem::NotACalendar),
        ("BEGIN:VEVENT\nEND:VEVENT\n", FileProblem::NotACalendar),
        ("BEGIN:VCARD\nEND:VCARD\n", FileProblem::NotACalendar),
        ("BEGIN:VCALENDAR\nEND:VEVENT\n", FileProblem::Damaged(2)),
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR\n", FileProblem::Damaged(3)),
        (nested.as_str(), FileProblem::TooDeep),
    ] {
        assert_eq!(read(file.as_bytes(), LONDON), Err(expected), "{file:.40}");
    }
    assert_eq!(read(&vec![b' '; MAX_BYTES + 1], LONDON), Err(FileProblem::TooLarge));
    assert_eq!(read(b"B\0E\0G\0I\0N\0:\0", LONDON), Err(FileProblem::NotACalendar));
}

#[test]
fn damage_is_said_and_the_rest_is_read() {
    let start = "DTSTART:20260310T183000Z";
    let cut = event_of(start).replace("END:VEVENT\nEND:VCALENDAR\n", "END:VEVENT\nBEGIN:VEVENT\nUID:2\nDTST");
    let calendar = good(&cut);
    assert_eq!(calendar.events.len(), 1);
    assert_eq!(
        calendar.problems,
        [
            "The file breaks off; what was not complete was left out.",
            "Lines that could not be read: 1. The first is line 9.",
        ]
    );
    let calendar = read(event_of(&format!("{start}\nSUMMARY:T\0e\u{7}a~")).replace('~', "\u{1}").as_bytes(), LONDON);
    assert_eq!(calendar.unwrap().events[0].summary, "Tea");
    let mut latin1 = event_of(&format!("{start}\nSUMMARY:Caf#")).into_bytes();
    latin1.iter_mut().filter(|byte| **byte == b'#').for_each(|byte| *byte = 0xE9);
    let calendar = read(&latin1, LONDON).unwrap();
    assert_eq!(calendar.problems, ["Some letters could not be read, because the file is not in UTF-8."]);
}

#[test]
fn files_are_bounded() {
    let many: String =
        (0..=MAX_EVENTS).map(|n| format!("BEGIN:VEVENT\nUID:{n}\nDTSTART:20260310\nEND:VEVENT\n")).collect();
    let calendar = good(&format!("BEGIN:VCALENDAR\n{many}END:VCALENDAR\n"));
    assert_eq!(calendar.events.len(), MAX_EVENTS);
    assert_eq!(calendar.problems, ["Only the first 500 events were read; 1 more were left out."]);
    let bad = "BEGIN:VEVENT\nEND:VEVENT\n".repeat(200);
    let calendar = good(&format!("BEGIN:VCALENDAR\n{bad}END:VCALENDAR\n"));
    assert_eq!(calendar.problems.len(), MAX_PROBLEMS);
    assert_eq!(calendar.problems.last().map(String::as_str), Some("And 101 more."));
}
