//! The reader of calendar files: its result is bounded, makes sense, and survives being written and read again.

use super::{Outcome, Random, Target, calendar_text};
use chrono::{Datelike, Duration};
use chrono_tz::Tz;
use hearth_actions::icalendar::{
    Calendar, CalendarEvent, MAX_CATEGORIES, MAX_EVENTS, MAX_EXCEPTIONS, MAX_PROBLEMS, MAX_REPEATS, Moment, key, read,
};
use hearth_domain::text;
use std::collections::BTreeSet;

/// The target.
pub struct Calendars;

const HOME: Tz = Tz::Europe__London;

const WORDS: &[&str] = &[
    "BEGIN:VCALENDAR\r\n",
    "END:VCALENDAR\r\n",
    "BEGIN:VEVENT\r\n",
    "END:VEVENT\r\n",
    "BEGIN:VALARM\n",
    "END:VALARM\n",
    "BEGIN:VTIMEZONE\n",
    "END:VTIMEZONE\n",
    "BEGIN:VTODO\n",
    "BEGIN:X\n",
    "DTSTART",
    "DTEND",
    "DURATION:",
    "UID:",
    "SUMMARY:",
    "DESCRIPTION:",
    "LOCATION:",
    "RRULE:FREQ=WEEKLY",
    "RDATE",
    "EXDATE",
    "EXRULE:FREQ=DAILY",
    "RECURRENCE-ID",
    "SEQUENCE:",
    "STATUS:CANCELLED",
    "CLASS:PRIVATE",
    "CATEGORIES:a,b",
    "URL:https://e.test/",
    "DTSTAMP:20260101T000000Z",
    "LAST-MODIFIED:",
    ";TZID=",
    ";TZID=\"",
    ";VALUE=DATE",
    ";VALUE=PERIOD",
    ";RANGE=THISANDFUTURE",
    "Europe/London",
    "America/New_York",
    "GMT Standard Time",
    "/x/Europe/Oslo",
    "X-LIC-LOCATION:Asia/Tokyo",
    "X-WR-TIMEZONE:Australia/Lord_Howe",
    "TZID:Town",
    "20260329T013000",
    "20261025T013000",
    "20260310",
    "T183000Z",
    "21001231T235959",
    "20000101",
    "PT1H",
    "P1D",
    "P1W",
    "-PT1H",
    ";COUNT=",
    ";UNTIL=20261231T000000Z",
    ";INTERVAL=",
    ";BYDAY=-1FR,2MO",
    ";BYMONTHDAY=31",
    "\r\n ",
    "\n\t",
    "\\n",
    "\\,",
    "\\;",
    "\\\\",
    ":",
    ";",
    ",",
    "=",
    "\"",
    "\r\n",
];

const DATES: &[&str] = &[
    "20260310", "20260329", "20261025", "20260228", "20240229", "20000101", "21001231", "19991231", "20260230", "2026",
    "",
];
const TIMES: &[&str] = &["T183000", "T013000", "T183000Z", "T000000Z", "T235960Z", "T240000", "", "T1830", "T013000Z"];
const ZONES: &[&str] = &[
    ";TZID=Europe/London",
    ";TZID=\"America/New_York\"",
    ";TZID=GMT Standard Time",
    ";TZID=Town",
    ";TZID=Nowhere",
    ";TZID=Australia/Lord_Howe",
    ";TZID=UTC",
    "",
    "",
    ";VALUE=DATE",
    ";VALUE=DATE-TIME",
];

impl Target for Calendars {
    fn name(&self) -> &'static str {
        "calendar"
    }

    fn words(&self) -> &'static [&'static str] {
        WORDS
    }

    fn generate(&self, random: &mut Random) -> Vec<u8> {
        let end = if random.one_in(2) { "\r\n" } else { "\n" };
        let mut lines = vec!["BEGIN:VCALENDAR".to_owned(), "VERSION:2.0".to_owned()];
        if random.one_in(4) {
            lines.push(format!("X-WR-TIMEZONE:{}", random.pick(&["Europe/Paris", "Nowhere", "", "Asia/Kolkata"])));
        }
        if random.one_in(3) {
            let place = random.pick(&["Africa/Cairo", "Mars/Olympus", "Europe/Lisbon"]);
            lines.extend(["BEGIN:VTIMEZONE", "TZID:Town"].map(str::to_owned));
            lines.extend([format!("X-LIC-LOCATION:{place}"), "END:VTIMEZONE".to_owned()]);
        }
        let events = if random.one_in(200) { 520 } else { random.small(12) + 1 };
        (0..events).for_each(|number| event(&mut lines, number, random));
        if !random.one_in(20) {
            lines.push("END:VCALENDAR".to_owned());
        }
        let fold = random.one_in(2);
        let lines = lines.iter().map(|line| if fold { calendar_text::fold(line) } else { format!("{line}{end}") });
        lines.collect::<String>().into_bytes()
    }

    fn check(&self, input: &[u8]) -> Result<Outcome, String> {
        let calendar = match read(input, HOME) {
            Ok(calendar) => calendar,
            Err(problem) => return Ok(problem.to_string().chars().filter(|letter| !letter.is_ascii_digit()).collect()),
        };
        check_whole(&calendar)?;
        calendar.events.iter().try_for_each(check_event)?;
        check_again(&calendar)?;
        Ok(outcome(&calendar))
    }

    fn work(&self, input: &[u8]) {
        drop(read(input, HOME));
    }
}

fn event(lines: &mut Vec<String>, number: usize, random: &mut Random) {
    let zone = random.pick(ZONES);
    let mut moment = |name: &str| {
        let zone = if random.one_in(8) { random.pick(ZONES) } else { zone };
        let date = if random.one_in(5) { random.pick(DATES) } else { "20260310" };
        let time = if zone == ";VALUE=DATE" { "" } else { random.pick(TIMES) };
        format!("{name}{zone}:{date}{time}")
    };
    let (start, end, date, replaced) = (moment("DTSTART"), moment("DTEND"), moment("RDATE"), moment("RECURRENCE-ID"));
    lines.push("BEGIN:VEVENT".to_owned());
    let same = random.one_in(10);
    lines.push(format!("UID:{}@e.test", if same { 0 } else { number }));
    lines.push(start);
    let mut sometimes = |line: String, n: usize| {
        if random.one_in(n) {
            lines.push(line);
        }
    };
    sometimes(end, 3);
    sometimes("DURATION:PT90M".to_owned(), 4);
    sometimes("DURATION:P1DT1H".to_owned(), 9);
    sometimes(date.clone(), 4);
    sometimes(date.replace("RDATE", "EXDATE"), 4);
    sometimes(replaced, 6);
    sometimes("RRULE:FREQ=MONTHLY;BYDAY=2TU,-1FR;COUNT=12".to_owned(), 5);
    sometimes("RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20271231T235959Z;WKST=SU".to_owned(), 6);
    sometimes("RRULE:FREQ=DAILY".to_owned(), 9);
    sometimes("SUMMARY:Tea\\, talk; e\u{301} \u{202e}x\\nsecond line".to_owned(), 2);
    sometimes(format!("DESCRIPTION:{}", "a\\n\\\\ b\\; ".repeat(40)), 3);
    sometimes(format!("SUMMARY:{} {}", "x".repeat(199), "y".repeat(9)), 9);
    sometimes("LOCATION:Hall\u{0} 1 ".to_owned(), 3);
    sometimes("CATEGORIES:care,night\\, long,,care".to_owned(), 3);
    sometimes("URL:HTTPS://E.test/ä b?c=d,e;f".to_owned(), 3);
    sometimes("STATUS:tentative".to_owned(), 4);
    sometimes("CLASS:CONFIDENTIAL".to_owned(), 6);
    sometimes("SEQUENCE:3".to_owned(), 3);
    sometimes("DTSTAMP:20260101T101010Z".to_owned(), 2);
    sometimes("BEGIN:VALARM\r\nUID:x\r\nTRIGGER:-PT15M\r\nEND:VALARM".to_owned(), 6);
    lines.push("END:VEVENT".to_owned());
}

fn must(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

fn check_whole(calendar: &Calendar) -> Result<(), String> {
    must(calendar.events.len() <= MAX_EVENTS, "too many events")?;
    must(calendar.problems.len() <= MAX_PROBLEMS, "too many problems")?;
    for problem in &calendar.problems {
        must(problem.len() <= 400 && problem.ends_with('.') && !problem.contains("  "), "a problem is no sentence")?;
        must(!problem.chars().any(char::is_control), "a problem holds control characters")?;
    }
    let ids: BTreeSet<_> =
        calendar.events.iter().map(|event| (&event.uid, event.recurrence_id.as_ref().map(key))).collect();
    must(ids.len() == calendar.events.len(), "two events are the same")
}

fn check_event(event: &CalendarEvent) -> Result<(), String> {
    let line = |value: &str, max: usize| *value == text::line(value) && value.chars().count() <= max;
    must(line(&event.uid, 255) && !event.uid.is_empty(), "the UID is no clean line")?;
    must(line(&event.summary, text::TITLE_MAX), "the title is no clean line")?;
    must(line(&event.location, text::NOTE_MAX), "the place is no clean line")?;
    must(event.description == text::paragraphs(&event.description), "the description is not clean")?;
    must(event.description.chars().count() <= text::BODY_MAX, "the description is too long")?;
    must(event.categories.len() <= MAX_CATEGORIES, "too many categories")?;
    must(event.categories.iter().all(|word| line(word, 80) && !word.is_empty()), "a category is no clean line")?;
    must(event.url.as_ref().is_none_or(|url| matches!(url.scheme(), "http" | "https")), "a URL of another scheme")?;
    must(event.rdates.len() as u32 <= MAX_REPEATS && event.exdates.len() <= MAX_EXCEPTIONS, "too many dates")?;
    must(event.rule.as_ref().is_none_or(|rule| (1..=MAX_REPEATS).contains(&rule.at_most)), "too many repeats")?;
    let dates = event.rdates.iter().chain(&event.exdates);
    must(dates.clone().all(|date| date.is_day() == event.start.is_day()), "a date of another kind than the start")?;
    let moments = dates.chain([&event.start]).chain(&event.end).chain(&event.recurrence_id);
    moments.into_iter().try_for_each(check_moment)?;
    let Some(end) = &event.end else { return Ok(()) };
    let length = match (&event.start, end) {
        (Moment::Day(start), Moment::Day(end)) => *end - *start,
        (start, end) => end.instant().zip(start.instant()).map(|(end, start)| end - start).ok_or("mixed kinds")?,
    };
    must(length > Duration::zero() && length <= Duration::days(31), "the end does not fit the start")
}

fn check_moment(moment: &Moment) -> Result<(), String> {
    let year = match moment {
        Moment::Day(day) => day.year(),
        Moment::Utc(at) => at.year(),
        Moment::Civil(time) => {
            let there = time.instant.with_timezone(&time.zone).naive_local();
            must(there == time.civil, "the instant is not that of the civil time")?;
            time.civil.year()
        }
    };
    must((2000..=2100).contains(&year), "a year far away")
}

/// What is written out and read again is the same, and needs no excuses except for endless repeats.
fn check_again(calendar: &Calendar) -> Result<(), String> {
    let written = calendar_text::write(calendar);
    let again = read(written.as_bytes(), Tz::Asia__Tokyo).map_err(|problem| format!("written again: {problem}"))?;
    for (before, after) in calendar.events.iter().zip(&again.events) {
        must(before == after, &format!("written again it is different: {before:?} and {after:?}"))?;
    }
    must(calendar.events.len() == again.events.len(), "written again there are fewer events")?;
    let excuse = again.problems.iter().find(|problem| !problem.contains("only 60 dates count"));
    excuse.map_or(Ok(()), |problem| Err(format!("written again: {problem}")))
}

fn outcome(calendar: &Calendar) -> Outcome {
    let mut kinds: BTreeSet<String> = calendar
        .problems
        .iter()
        .map(|problem| problem.chars().filter(|letter| letter.is_ascii_alphabetic()).rev().take(24).collect())
        .collect();
    for event in &calendar.events {
        let parts = [
            ("day", event.start.is_day()),
            ("end", event.end.is_some()),
            ("rule", event.rule.is_some()),
            ("replaces", event.recurrence_id.is_some()),
            ("dates", !event.rdates.is_empty() || !event.exdates.is_empty()),
        ];
        kinds.insert(parts.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect());
    }
    kinds.into_iter().take(6).collect::<Vec<_>>().join("+")
}
