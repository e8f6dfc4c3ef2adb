//! Reading calendar files (RFC 5545) that people export elsewhere, so that their meetups can be taken over.
//!
//! Pure: bytes in, events and plain sentences about what was left out. Everything is bounded and the work grows with
//! the file, not with what it claims. The libraries for this format (calcard, icalendar, ical) take whatever they can
//! make sense of and set no limits; here a doubtful event is left out and said so, because a wrong time makes somebody
//! stand before a closed door.
//!
//! Must never: guess a time zone, read attendees or organisers (who comes is nobody's business), fetch anything, or put
//! a repeat out into single dates.

mod event;
mod line;
mod problem;
mod rule;
#[cfg(test)]
mod tests;
mod time;
mod zone;

use chrono_tz::Tz;
use hearth_domain::text;
use std::collections::HashMap;

pub use self::{
    event::CalendarEvent,
    problem::FileProblem,
    rule::Rule,
    time::{Moment, key},
};
use self::{line::Line, problem::ordinal, zone::Zones};

/// Largest file, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// Most events read of one file.
pub const MAX_EVENTS: usize = 500;
/// Most dates of one repeated event (threats CO-10).
pub const MAX_REPEATS: u32 = 60;
/// Most dates on which a repeat does not happen.
pub const MAX_EXCEPTIONS: usize = 366;
/// Most categories kept of one event.
pub const MAX_CATEGORIES: usize = 16;
/// Most sentences about what was left out; the last one counts the others.
pub const MAX_PROBLEMS: usize = 100;
/// Deepest nesting. A calendar file needs three: calendar, event, alarm.
const MAX_NESTING: usize = 8;

/// What a file held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The events that could be read, in the order of the file.
    pub events: Vec<CalendarEvent>,
    /// Plain sentences about what was left out or changed, for the person who brought the file.
    pub problems: Vec<String>,
}

/// Reads a calendar file. `home` is the zone of times that name none, unless the calendar names its own.
///
/// # Errors
/// When it is no calendar file at all, too large, or its parts do not fit into each other.
pub fn read(bytes: &[u8], home: Tz) -> Result<Calendar, FileProblem> {
    if bytes.len() > MAX_BYTES {
        return Err(FileProblem::TooLarge);
    }
    let mut reader = Reader { home, ..Reader::default() };
    for (number, raw) in line::unfold(bytes) {
        let decoded = String::from_utf8_lossy(&raw);
        reader.garbled |= matches!(decoded, std::borrow::Cow::Owned(_));
        reader.take(number, line::parse(&decoded))?;
    }
    reader.finish()
}

/// A part of the file that was begun and not ended.
#[derive(Debug, PartialEq)]
enum Part {
    Calendar,
    Event,
    Zone,
    Other(String),
}

impl Part {
    fn of(name: &str, parent: Option<&Self>) -> Self {
        match (name, parent) {
            ("VCALENDAR", None) => Self::Calendar,
            ("VEVENT", Some(Self::Calendar)) => Self::Event,
            ("VTIMEZONE", Some(Self::Calendar)) => Self::Zone,
            _ => Self::Other(name.to_owned()),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Calendar => "VCALENDAR",
            Self::Event => "VEVENT",
            Self::Zone => "VTIMEZONE",
            Self::Other(name) => name,
        }
    }
}

#[derive(Default)]
struct Reader {
    home: Tz,
    open: Vec<Part>,
    /// The zone that times without one are in, as the open calendar says.
    calendar_zone: Option<Tz>,
    /// `TZID` and `X-LIC-LOCATION` of the open zone.
    zone_id: Option<String>,
    zone_place: Option<String>,
    /// Where the zones of the open calendar are, as it says itself.
    zone_places: HashMap<String, String>,
    /// The lines of the open event, and the events of the open calendar with their place in the file.
    lines: Vec<Line>,
    waiting: Vec<(usize, Vec<Line>)>,
    calendars: usize,
    seen: usize,
    others: usize,
    broken: Option<(usize, usize)>,
    garbled: bool,
    events: Vec<CalendarEvent>,
    /// Which of `events` an event is, by its UID and the date it replaces.
    places: HashMap<(String, Option<i64>), usize>,
    problems: Vec<String>,
}

impl Reader {
    fn take(&mut self, number: usize, line: Option<Line>) -> Result<(), FileProblem> {
        let Some(line) = line else {
            if self.calendars == 0 {
                return Err(FileProblem::NotACalendar);
            }
            let (_, count) = self.broken.get_or_insert((number, 0));
            *count += 1;
            return Ok(());
        };
        match line.name.as_str() {
            "BEGIN" => self.begin(line.value.trim().to_ascii_uppercase()),
            "END" => self.end(number, &line.value.trim().to_ascii_uppercase()),
            _ => self.property(line),
        }
    }

    fn begin(&mut self, name: String) -> Result<(), FileProblem> {
        if self.open.len() >= MAX_NESTING {
            return Err(FileProblem::TooDeep);
        }
        let part = Part::of(&name, self.open.last());
        match &part {
            Part::Calendar => self.calendars += 1,
            _ if self.open.is_empty() => return Err(FileProblem::NotACalendar),
            Part::Event => self.seen += 1,
            Part::Zone => (self.zone_id, self.zone_place) = (None, None),
            Part::Other(_) if self.open.len() == 1 => self.others += 1,
            Part::Other(_) => {}
        }
        self.open.push(part);
        Ok(())
    }

    fn end(&mut self, number: usize, name: &str) -> Result<(), FileProblem> {
        let part = self.open.pop().filter(|part| part.name() == name).ok_or(FileProblem::Damaged(number))?;
        match part {
            Part::Event if self.seen <= MAX_EVENTS => {
                let lines = std::mem::take(&mut self.lines);
                self.waiting.push((self.seen, lines));
            }
            Part::Zone => {
                if let (Some(id), Some(place)) = (self.zone_id.take(), self.zone_place.take()) {
                    self.zone_places.insert(id, place);
                }
            }
            Part::Calendar => self.settle(),
            _ => {}
        }
        Ok(())
    }

    fn property(&mut self, line: Line) -> Result<(), FileProblem> {
        match (self.open.last(), line.name.as_str()) {
            (None, _) if self.calendars == 0 => return Err(FileProblem::NotACalendar),
            (Some(Part::Calendar), "X-WR-TIMEZONE") => self.calendar_zone = zone::by_name(&line.value),
            (Some(Part::Zone), "TZID") => self.zone_id = Some(line.value),
            (Some(Part::Zone), "X-LIC-LOCATION") => self.zone_place = Some(line.value),
            (Some(Part::Event), name) if self.seen <= MAX_EVENTS && event::is_read(name) => self.lines.push(line),
            _ => {}
        }
        Ok(())
    }

    /// Reads the events of a calendar once it ends, because its zones may stand behind them.
    fn settle(&mut self) {
        let floating = self.calendar_zone.take().unwrap_or(self.home);
        let zones = Zones::new(floating, std::mem::take(&mut self.zone_places));
        for (place, lines) in std::mem::take(&mut self.waiting) {
            let mut notes = Vec::new();
            match event::read(&lines, &zones, &mut notes) {
                Ok(event) => self.keep(place, event),
                Err(problem) => notes.push(problem),
            }
            let sentences = notes.iter().map(|note| format!("The {} event {note}.", ordinal(place)));
            self.problems.extend(sentences);
        }
    }

    /// Of two versions of one event the newer counts, and of equal ones the later in the file.
    fn keep(&mut self, place: usize, event: CalendarEvent) {
        let id = (event.uid.clone(), event.recurrence_id.as_ref().map(key));
        let Some(other) = self.places.get(&id).and_then(|at| self.events.get_mut(*at)) else {
            self.places.insert(id, self.events.len());
            self.events.push(event);
            return;
        };
        self.problems.push(format!("The {} event stands in the file twice; the newer one was read.", ordinal(place)));
        if event.sequence >= other.sequence {
            *other = event;
        }
    }

    fn finish(mut self) -> Result<Calendar, FileProblem> {
        if self.calendars == 0 {
            return Err(FileProblem::NotACalendar);
        }
        if !self.open.is_empty() {
            self.lines.clear();
            self.settle();
            self.problems.push("The file breaks off; what was not complete was left out.".to_owned());
        }
        if self.seen > MAX_EVENTS {
            let more = self.seen - MAX_EVENTS;
            self.problems.push(format!("Only the first {MAX_EVENTS} events were read; {more} more were left out."));
        }
        if self.others > 0 {
            self.problems.push(format!("Entries that are no events were left out: {}.", self.others));
        }
        if let Some((first, count)) = self.broken {
            self.problems.push(format!("Lines that could not be read: {count}. The first is line {first}."));
        }
        if self.garbled {
            self.problems.push("Some letters could not be read, because the file is not in UTF-8.".to_owned());
        }
        let hidden = self.problems.len().saturating_sub(MAX_PROBLEMS - 1);
        if hidden > 1 {
            self.problems.truncate(MAX_PROBLEMS - 1);
            self.problems.push(format!("And {hidden} more."));
        }
        Ok(Calendar { events: self.events, problems: self.problems })
    }
}

/// One clean line of at most `max` characters, and whether something was cut off.
fn short(raw: &str, max: usize) -> (String, bool) {
    let whole = text::line(raw);
    let cut = text::line(&text::cut(&whole, max));
    let shorter = cut.len() < whole.len();
    (cut, shorter)
}
