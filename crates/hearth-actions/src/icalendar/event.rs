//! One event of a calendar file: its lines in, its typed fields or a problem out.
//!
//! Must never read who organises it or who comes.

use super::{
    MAX_CATEGORIES, MAX_EXCEPTIONS, MAX_REPEATS,
    line::Line,
    problem::EventProblem,
    rule::{self, Rule},
    short,
    time::{self, Moment},
    zone::Zones,
};
use chrono::{DateTime, Utc};
use hearth_domain::{
    event::{Status, TimeProblem},
    text,
};
use url::Url;

/// Longest UID, in bytes (RFC 7986, 5.3).
const MAX_UID: usize = 255;
/// Longest address of a page, in bytes.
const MAX_URL: usize = 2048;
/// Longest category, in characters.
const MAX_CATEGORY: usize = 80;

/// An event as its file tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarEvent {
    /// What it is recognised by; the same for all dates of a repeat.
    pub uid: String,
    /// Which date of a repeat this replaces.
    pub recurrence_id: Option<Moment>,
    /// How often it was changed.
    pub sequence: u32,
    /// Whether it happens.
    pub status: Status,
    /// Whether its owner marked it as private or confidential.
    pub private: bool,
    /// The title; one line, may be empty.
    pub summary: String,
    /// What it is about; may be empty.
    pub description: String,
    /// Where; one line, may be empty.
    pub location: String,
    /// Its page; http or https.
    pub url: Option<Url>,
    /// Words it is filed under.
    pub categories: Vec<String>,
    /// When it starts.
    pub start: Moment,
    /// When it ends, after the start by at most 31 days; a day where the start is one.
    pub end: Option<Moment>,
    /// How it repeats.
    pub rule: Option<Rule>,
    /// Dates on which it happens besides; of the kind of the start.
    pub rdates: Vec<Moment>,
    /// Dates on which it does not happen; of the kind of the start.
    pub exdates: Vec<Moment>,
    /// When this was said.
    pub dtstamp: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub last_modified: Option<DateTime<Utc>>,
}

/// Whether a property means something here.
pub(super) fn is_read(name: &str) -> bool {
    const READ: [&str; 18] = [
        "CATEGORIES",
        "CLASS",
        "DESCRIPTION",
        "DTEND",
        "DTSTAMP",
        "DTSTART",
        "DURATION",
        "EXDATE",
        "EXRULE",
        "LAST-MODIFIED",
        "LOCATION",
        "RDATE",
        "RECURRENCE-ID",
        "RRULE",
        "SEQUENCE",
        "STATUS",
        "SUMMARY",
        "UID",
    ];
    READ.contains(&name) || name == "URL"
}

/// Reads an event. `notes` takes what was left out of one that could be read.
pub(super) fn read(
    lines: &[Line],
    zones: &Zones,
    notes: &mut Vec<EventProblem>,
) -> Result<CalendarEvent, EventProblem> {
    let event = Lines { lines, zones };
    let start_line = event.once("DTSTART", "start")?.ok_or(EventProblem::NoStart)?;
    let start = time::moment(&start_line.value, start_line, zones, "start")?;
    Ok(CalendarEvent {
        uid: event.uid()?,
        recurrence_id: event.recurrence_id()?,
        sequence: event.first("SEQUENCE").and_then(|line| line.value.trim().parse().ok()).unwrap_or(0),
        status: event.status()?,
        private: event.first("CLASS").is_some_and(|line| !line.value.trim().eq_ignore_ascii_case("PUBLIC")),
        summary: event.line("SUMMARY", "title", text::TITLE_MAX, notes),
        description: event.description(notes),
        location: event.line("LOCATION", "place", text::NOTE_MAX, notes),
        url: event.first("URL").and_then(|line| page(&line.value)),
        categories: event.categories(),
        end: event.end(&start)?,
        rule: event.rule(notes)?,
        rdates: event.rdates(&start, notes),
        exdates: event.exdates(&start, notes),
        start,
        dtstamp: event.first("DTSTAMP").and_then(time::stamp),
        last_modified: event.first("LAST-MODIFIED").and_then(time::stamp),
    })
}

struct Lines<'a> {
    lines: &'a [Line],
    zones: &'a Zones,
}

impl<'a> Lines<'a> {
    fn all(&self, name: &'static str) -> impl Iterator<Item = &'a Line> + use<'a> {
        self.lines.iter().filter(move |line| line.name == name)
    }

    fn first(&self, name: &'static str) -> Option<&'a Line> {
        self.all(name).next()
    }

    /// A property that decides something: two of a kind are never chosen from.
    fn once(&self, name: &'static str, what: &'static str) -> Result<Option<&'a Line>, EventProblem> {
        let mut found = self.all(name);
        let line = found.next();
        if found.next().is_some() { Err(EventProblem::Twice(what)) } else { Ok(line) }
    }

    fn uid(&self) -> Result<String, EventProblem> {
        let uid = self.once("UID", "identifier (UID)")?.map(|line| text::line(&line.text()));
        uid.filter(|uid| (1..=MAX_UID).contains(&uid.len())).ok_or(EventProblem::NoUid)
    }

    fn recurrence_id(&self) -> Result<Option<Moment>, EventProblem> {
        let Some(line) = self.once("RECURRENCE-ID", "replaced date")? else { return Ok(None) };
        if line.parameter("RANGE").is_some() {
            return Err(EventProblem::ThisAndLater);
        }
        time::moment(&line.value, line, self.zones, "replaced date").map(Some)
    }

    fn status(&self) -> Result<Status, EventProblem> {
        let word = self.once("STATUS", "status")?.map(|line| line.value.trim().to_ascii_uppercase());
        Ok(match word.as_deref() {
            Some("CANCELLED" | "CANCELED") => Status::Cancelled,
            Some("TENTATIVE") => Status::Tentative,
            _ => Status::Scheduled,
        })
    }

    fn line(&self, name: &'static str, what: &'static str, max: usize, notes: &mut Vec<EventProblem>) -> String {
        let (line, cut) = short(&self.first(name).map(Line::text).unwrap_or_default(), max);
        if cut {
            notes.push(EventProblem::Cut(what));
        }
        line
    }

    fn description(&self, notes: &mut Vec<EventProblem>) -> String {
        let whole = text::paragraphs(&self.first("DESCRIPTION").map(Line::text).unwrap_or_default());
        let cut = text::paragraphs(&text::cut(&whole, text::BODY_MAX));
        if cut.len() < whole.len() {
            notes.push(EventProblem::Cut("description"));
        }
        cut
    }

    fn categories(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for category in self.all("CATEGORIES").flat_map(Line::list) {
            let (category, _) = short(&category, MAX_CATEGORY);
            if found.len() < MAX_CATEGORIES && !category.is_empty() && !found.contains(&category) {
                found.push(category);
            }
        }
        found
    }

    fn end(&self, start: &Moment) -> Result<Option<Moment>, EventProblem> {
        let problem = |problem| EventProblem::Time("duration", problem);
        let end = match (self.once("DTEND", "end")?, self.once("DURATION", "duration")?) {
            (Some(_), Some(_)) => return Err(EventProblem::TwoEnds),
            (Some(line), None) => time::moment(&line.value, line, self.zones, "end")?,
            (None, Some(line)) => {
                let length = time::length(&line.value).ok_or(problem(TimeProblem::Unreadable))?;
                time::later(start, &length).map_err(problem)?
            }
            (None, None) => return Ok(None),
        };
        time::end_after(start, end)
    }

    /// How it repeats. A rule that cannot be read leaves one date: nobody should come on a guessed one.
    fn rule(&self, notes: &mut Vec<EventProblem>) -> Result<Option<Rule>, EventProblem> {
        let Some(line) = self.once("RRULE", "repeat")? else { return Ok(None) };
        let read = rule::read(&line.value).filter(|_| self.first("EXRULE").is_none());
        match &read {
            Some((_, true)) => notes.push(EventProblem::ManyRepeats),
            Some(_) => {}
            None => notes.push(EventProblem::Rule),
        }
        Ok(read.map(|(rule, _)| rule))
    }

    /// The dates besides, and the dates that are none.
    fn rdates(&self, start: &Moment, notes: &mut Vec<EventProblem>) -> Vec<Moment> {
        let limit = usize::try_from(MAX_REPEATS).unwrap_or(usize::MAX);
        let (found, unreadable, beyond) = self.dates("RDATE", start, limit);
        notes.extend(unreadable.then_some(EventProblem::ExtraDates));
        notes.extend(beyond.then_some(EventProblem::ManyExtraDates));
        found
    }

    fn exdates(&self, start: &Moment, notes: &mut Vec<EventProblem>) -> Vec<Moment> {
        let (found, unreadable, beyond) = self.dates("EXDATE", start, MAX_EXCEPTIONS);
        notes.extend(unreadable.then_some(EventProblem::Exceptions));
        notes.extend(beyond.then_some(EventProblem::ManyExceptions));
        found
    }

    /// The dates of a kind, whether some could not be read, and whether there were more.
    fn dates(&self, name: &'static str, start: &Moment, limit: usize) -> (Vec<Moment>, bool, bool) {
        let (mut found, mut unreadable) = (Vec::new(), false);
        for (line, value) in self.all(name).flat_map(|line| line.value.split(',').map(move |value| (line, value))) {
            match time::moment(value, line, self.zones, "date") {
                Ok(_) if found.len() >= limit => return (found, unreadable, true),
                Ok(date) if date.is_day() == start.is_day() => found.push(date),
                _ => unreadable = true,
            }
        }
        (found, unreadable, false)
    }
}

/// The address of a page; `None` for anything else.
fn page(value: &str) -> Option<Url> {
    let value = value.trim();
    if value.len() > MAX_URL || value.chars().any(char::is_control) {
        return None;
    }
    let url = Url::parse(value).ok()?;
    let fine = matches!(url.scheme(), "https" | "http") && url.username().is_empty() && url.password().is_none();
    (fine && url.as_str().len() <= MAX_URL).then_some(url)
}
