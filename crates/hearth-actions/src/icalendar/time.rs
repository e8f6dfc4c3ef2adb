//! Dates, times and durations of calendar files (RFC 5545, 3.3.4 to 3.3.6).
//!
//! Must never move a time that does not exist, or give one a zone that it does not have.

use super::{line::Line, problem::EventProblem, zone::Zones};
use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Utc};
use hearth_domain::event::{CivilTime, LONGEST, TimeProblem, YEARS, check_span};

/// When something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A whole day, or as an end the day after the last.
    Day(NaiveDate),
    /// A wall-clock time in a zone.
    Civil(CivilTime),
    /// An instant, given in UTC.
    Utc(DateTime<Utc>),
}

impl Moment {
    /// The instant; `None` for a whole day, which begins at another one in every zone.
    #[must_use]
    pub fn instant(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Day(_) => None,
            Self::Civil(time) => Some(time.instant),
            Self::Utc(at) => Some(*at),
        }
    }

    /// Whether it is a whole day.
    #[must_use]
    pub fn is_day(&self) -> bool {
        matches!(self, Self::Day(_))
    }
}

/// A number that is equal for two moments that mean the same, to find one by.
#[must_use]
pub fn key(moment: &Moment) -> i64 {
    match moment {
        // Days lie far below any instant since 2000.
        Moment::Day(day) => i64::from(day.num_days_from_ce()),
        Moment::Civil(time) => time.instant.timestamp(),
        Moment::Utc(at) => at.timestamp(),
    }
}

/// Reads one of the values of a line; `what` names it in a sentence.
pub(super) fn moment(value: &str, line: &Line, zones: &Zones, what: &'static str) -> Result<Moment, EventProblem> {
    let problem = |problem| EventProblem::Time(what, problem);
    let unreadable = || problem(TimeProblem::Unreadable);
    let kind = line.parameter("VALUE").map(str::to_ascii_uppercase);
    let Some((date, time)) = value.trim().split_once(['T', 't']) else {
        let fits = matches!(kind.as_deref(), None | Some("DATE"));
        return if fits { date_of(value.trim()).map(Moment::Day).map_err(problem) } else { Err(unreadable()) };
    };
    if !matches!(kind.as_deref(), None | Some("DATE-TIME")) {
        return Err(unreadable());
    }
    let (time, utc) = time.strip_suffix(['Z', 'z']).map_or((time, false), |time| (time, true));
    let civil = civil(date_of(date).map_err(problem)?, time).ok_or_else(unreadable)?;
    if utc {
        return Ok(Moment::Utc(civil.and_utc()));
    }
    let zone = match line.parameter("TZID") {
        Some(id) => zones.find(id).ok_or_else(|| EventProblem::Zone(what, super::short(id, 60).0))?,
        None => zones.floating,
    };
    CivilTime::new(civil, zone).map(Moment::Civil).map_err(problem)
}

/// `20260310`.
fn date_of(text: &str) -> Result<NaiveDate, TimeProblem> {
    let numbers = || Some((number(text.get(..4)?, 4)?, number(text.get(4..6)?, 2)?, number(text.get(6..)?, 2)?));
    let (year, month, day) = numbers().ok_or(TimeProblem::Unreadable)?;
    let year = i32::try_from(year).map_err(|_| TimeProblem::Unreadable)?;
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(TimeProblem::Unreadable)?;
    if YEARS.contains(&year) { Ok(date) } else { Err(TimeProblem::OutOfRange) }
}

/// `183000`. A leap second is the second before it (RFC 5545, 3.3.12).
fn civil(date: NaiveDate, time: &str) -> Option<NaiveDateTime> {
    let (hour, minute) = (number(time.get(..2)?, 2)?, number(time.get(2..4)?, 2)?);
    let second = match number(time.get(4..)?, 2)? {
        60 => 59,
        second => second,
    };
    date.and_hms_opt(hour, minute, second)
}

/// Exactly so many digits.
fn number(text: &str, digits: usize) -> Option<u32> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// An instant that only informs: `None` when unreadable or absurd.
pub(super) fn stamp(line: &Line) -> Option<DateTime<Utc>> {
    let (date, time) = line.value.trim().strip_suffix('Z')?.split_once('T')?;
    civil(date_of(date).ok()?, time).map(|civil| civil.and_utc())
}

/// Whether `until` of a repeat can be read.
pub(super) fn is_until(text: &str) -> bool {
    match text.split_once('T') {
        None => date_of(text).is_ok(),
        Some((date, time)) => {
            let time = time.strip_suffix('Z').unwrap_or(time);
            date_of(date).ok().and_then(|date| civil(date, time)).is_some()
        }
    }
}

/// A length of time: days follow the calendar, hours the clock (RFC 5545, 3.3.6).
#[derive(Debug, PartialEq)]
pub(super) struct Length {
    days: Duration,
    exact: Duration,
}

/// `P1DT2H30M`, `P2W`, `PT45M`.
pub(super) fn length(text: &str) -> Option<Length> {
    let text = text.trim().to_ascii_uppercase();
    let text = text.strip_prefix('+').unwrap_or(&text).strip_prefix('P')?;
    let (days, clock) = text.split_once('T').map_or((text, None), |(days, clock)| (days, Some(clock)));
    let [weeks, days] = amounts(days, ['W', 'D'])?;
    let [hours, minutes, seconds] = match clock {
        Some("") => return None,
        Some(clock) => amounts(clock, ['H', 'M', 'S'])?,
        None if text.is_empty() => return None,
        None => [0; 3],
    };
    let exact = Duration::hours(hours) + Duration::minutes(minutes) + Duration::seconds(seconds);
    Some(Length { days: Duration::weeks(weeks) + Duration::days(days), exact })
}

/// Up to six digits before each unit, in the order of the units; a unit may be missing.
fn amounts<const N: usize>(mut text: &str, units: [char; N]) -> Option<[i64; N]> {
    let mut found = [0; N];
    for (slot, unit) in found.iter_mut().zip(units) {
        let Some((digits, rest)) = text.split_once(unit) else { continue };
        if !(1..=6).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *slot = digits.parse().ok()?;
        text = rest;
    }
    text.is_empty().then_some(found)
}

/// The moment that is so much later.
pub(super) fn later(start: &Moment, length: &Length) -> Result<Moment, TimeProblem> {
    let beyond = || TimeProblem::OutOfRange;
    match start {
        Moment::Day(day) if length.exact.is_zero() => {
            let day = day.checked_add_signed(length.days).ok_or_else(beyond)?;
            if YEARS.contains(&day.year()) { Ok(Moment::Day(day)) } else { Err(TimeProblem::OutOfRange) }
        }
        Moment::Day(_) => Err(TimeProblem::Unreadable),
        Moment::Utc(at) => {
            let at = at.checked_add_signed(length.days + length.exact).ok_or_else(beyond)?;
            if YEARS.contains(&at.year()) { Ok(Moment::Utc(at)) } else { Err(TimeProblem::OutOfRange) }
        }
        Moment::Civil(time) => {
            let civil = time.civil.checked_add_signed(length.days).ok_or_else(beyond)?;
            let day = if length.days.is_zero() { *time } else { CivilTime::new(civil, time.zone)? };
            let instant = day.instant.checked_add_signed(length.exact).ok_or_else(beyond)?;
            let end = CivilTime::new(instant.with_timezone(&time.zone).naive_local(), time.zone)?;
            // In the hour that comes twice only the instant says which one is meant.
            Ok(if end.instant == instant { Moment::Civil(end) } else { Moment::Utc(instant) })
        }
    }
}

/// Checks an end against its start; an end at the start is none.
pub(super) fn end_after(start: &Moment, end: Moment) -> Result<Option<Moment>, EventProblem> {
    let problem = |problem| EventProblem::Time("end", problem);
    match (start, &end) {
        (Moment::Day(first), Moment::Day(last)) if first == last => Ok(None),
        (Moment::Day(first), Moment::Day(last)) if last < first => Err(problem(TimeProblem::EndBeforeStart)),
        (Moment::Day(first), Moment::Day(last)) if *last - *first > LONGEST => Err(problem(TimeProblem::TooLong)),
        (Moment::Day(_), Moment::Day(_)) => Ok(Some(end)),
        _ => match (start.instant(), end.instant()) {
            (Some(from), Some(to)) if from == to => Ok(None),
            (Some(from), Some(to)) => check_span(from, to).map(|()| Some(end)).map_err(problem),
            _ => Err(EventProblem::Mixed),
        },
    }
}
