//! Times, sizes and counts put into plain English for the pages.
//!
//! Everything here is pure: it must never read the clock, and never turn a small number of people into an exact one.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Timelike, Utc, Weekday};
use chrono_tz::Tz;
use hearth_domain::{
    card::Month,
    recurrence::{Nth, Recurrence, Rule},
    series::Plan,
};

/// A moment, ready to be shown: for machines, in words, and in the three parts of a date leaf.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct When {
    /// The instant for `<time datetime>`, in RFC 3339 and UTC.
    pub iso: String,
    /// The words to show: "Tuesday 10 March, 6.30 to 8 pm (UK time / Europe/London)", or "Yesterday, 9.04 pm".
    pub words: String,
    /// The short weekday of the date leaf: "Tue".
    pub day_name: String,
    /// The day of the month on the date leaf: "10".
    pub day_num: String,
    /// The short month on the date leaf: "Mar".
    pub month: String,
}

impl When {
    /// A meetup from `start` to `end` (if it is known), told in the civil time of `zone`.
    ///
    /// The year is named only where it is not the year of `now` in that zone.
    #[must_use]
    pub fn meeting(start: DateTime<Utc>, end: Option<DateTime<Utc>>, zone: Tz, now: DateTime<Utc>) -> Self {
        Self::leaf(start, zone, meeting_words(start, end, zone, now))
    }

    /// Only the clock times of a meetup, for cards whose date leaf already tells the day: "6.30 to 8 pm".
    #[must_use]
    pub fn hours(start: DateTime<Utc>, end: Option<DateTime<Utc>>, zone: Tz) -> Self {
        Self::leaf(start, zone, hours_words(start, end, zone))
    }

    /// When something was written, seen from `now`: "Today, 9.04 pm", "Yesterday, …", "Friday, …", "6 March, …".
    #[must_use]
    pub fn written(at: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> Self {
        Self::leaf(at, zone, written_words(at, zone, now))
    }

    fn leaf(at: DateTime<Utc>, zone: Tz, words: String) -> Self {
        let local = at.with_timezone(&zone);
        Self {
            iso: at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            words,
            day_name: local.format("%a").to_string(),
            day_num: local.day().to_string(),
            month: local.format("%b").to_string(),
        }
    }
}

/// "Tuesday 10 March, 6.30 to 8 pm (UK time / Europe/London)", with the year where it is not the year of `now`.
#[must_use]
pub fn meeting_words(start: DateTime<Utc>, end: Option<DateTime<Utc>>, zone: Tz, now: DateTime<Utc>) -> String {
    let this_year = now.with_timezone(&zone).year();
    let from = start.with_timezone(&zone);
    let place = zone_words(zone);
    let later_day = end.map(|end| end.with_timezone(&zone)).filter(|end| end.date_naive() != from.date_naive());
    match later_day {
        Some(until) => format!(
            "{}, {} to {}, {} ({place})",
            day_words(&from, this_year),
            clock_words(from.time()),
            day_words(&until, this_year),
            clock_words(until.time()),
        ),
        None => format!("{}, {} ({place})", day_words(&from, this_year), hours_words(start, end, zone)),
    }
}

/// The clock times alone: "6.30 to 8 pm", "10.30 am to noon", or "7 pm" where no end is known.
#[must_use]
pub fn hours_words(start: DateTime<Utc>, end: Option<DateTime<Utc>>, zone: Tz) -> String {
    let from = start.with_timezone(&zone).time();
    let Some(until) = end.map(|end| end.with_timezone(&zone).time()) else {
        return clock_words(from);
    };
    let plain = |time: NaiveTime| !matches!((time.hour(), time.minute()), (0 | 12, 0));
    if plain(from) && plain(until) && (from.hour() < 12) == (until.hour() < 12) && from <= until {
        let short = clock_words(from);
        let short = short.trim_end_matches(" am").trim_end_matches(" pm");
        return format!("{short} to {}", clock_words(until));
    }
    format!("{} to {}", clock_words(from), clock_words(until))
}

/// A day in full, for the headings of lists: "Tuesday 10 March", with the year where it is not the year of `now`.
#[must_use]
pub fn date_words(at: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> String {
    day_words(&at.with_timezone(&zone), now.with_timezone(&zone).year())
}

/// A month: "November 2026".
#[must_use]
pub fn month_words(month: Month) -> String {
    let first = u32::try_from(month.month()).ok().and_then(|number| NaiveDate::from_ymd_opt(month.year(), number, 1));
    first.map(|first| first.format("%B %Y").to_string()).unwrap_or_default()
}

/// When something happens again and again: "every Tuesday at 6.30 pm", "every month on the last Friday at noon".
#[must_use]
pub fn again_words(again: Recurrence) -> String {
    let clock = clock_words(again.time);
    match again.rule {
        Rule::Weekly(weekday) => format!("every {} at {clock}", weekday_words(weekday)),
        Rule::MonthlyDay(day) => match day.number() {
            Some(number) => format!("every month on the {} at {clock}", ordinal(number)),
            None => format!("every month on the last day at {clock}"),
        },
        Rule::MonthlyWeekday(nth, weekday) => {
            format!("every month on the {} {} at {clock}", nth_words(nth), weekday_words(weekday))
        }
    }
}

/// How a meetup repeats: "Every Tuesday at 6.30 pm, until Tuesday 1 December 2026." "Every second Tuesday at noon."
#[must_use]
pub fn series_words(plan: Plan) -> String {
    let again = again_words(Recurrence { rule: plan.rule.rule, time: plan.first.time(), zone: plan.zone });
    let again = if plan.rule.interval == 2 { again.replacen("every", "every second", 1) } else { again };
    let again = again.replacen("every", "Every", 1);
    match plan.until {
        Some(until) => format!("{again}, until {}.", until.format("%-d %B %Y")),
        None => format!("{again}."),
    }
}

/// "1st", "22nd", "28th"
fn ordinal(number: u8) -> String {
    let end = match number {
        1 | 21 | 31 => "st",
        2 | 22 => "nd",
        3 | 23 => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

/// "first"
#[must_use]
pub const fn nth_words(nth: Nth) -> &'static str {
    match nth {
        Nth::First => "first",
        Nth::Second => "second",
        Nth::Third => "third",
        Nth::Fourth => "fourth",
        Nth::Last => "last",
    }
}

/// "Tuesday"
#[must_use]
pub const fn weekday_words(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// The zone's everyday name and its IANA name: "UK time / Europe/London".
#[must_use]
pub fn zone_words(zone: Tz) -> String {
    let name = zone.name();
    let everyday = match name {
        "UTC" | "Etc/UTC" => return "UTC".to_owned(),
        "Europe/London" => "UK".to_owned(),
        "Europe/Dublin" => "Irish".to_owned(),
        _ => name.rsplit('/').next().unwrap_or(name).replace('_', " "),
    };
    format!("{everyday} time / {name}")
}

/// How many people, as a band: exact numbers of people are never shown.
#[must_use]
pub fn size_band(people: u64) -> String {
    match people {
        0 => "nobody yet".to_owned(),
        1..=4 => "a few people".to_owned(),
        5..=19 => "under 20 people".to_owned(),
        20..=99 => format!("about {} people", (people + 5) / 10 * 10),
        100..=949 => format!("about {} people", (people + 50) / 100 * 100),
        _ => "about a thousand people or more".to_owned(),
    }
}

/// How many places are left at a meetup, as a band; `None` where there is no limit.
#[must_use]
pub fn places_words(left: Option<u64>) -> &'static str {
    match left {
        None => "Open to all",
        Some(0) => "Full",
        Some(1..=3) => "A few places left",
        Some(_) => "Places left",
    }
}

/// A count with its noun in the right number: "1 reply", "9 replies".
#[must_use]
pub fn count_words(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn written_words(at: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> String {
    let local = at.with_timezone(&zone);
    let today = now.with_timezone(&zone);
    let clock = clock_words(local.time());
    let days = (today.date_naive() - local.date_naive()).num_days();
    let day = match days {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        2..=6 => local.format("%A").to_string(),
        _ if local.year() == today.year() => local.format("%-d %B").to_string(),
        _ => local.format("%-d %B %Y").to_string(),
    };
    format!("{day}, {clock}")
}

fn day_words(local: &DateTime<Tz>, this_year: i32) -> String {
    let pattern = if local.year() == this_year { "%A %-d %B" } else { "%A %-d %B %Y" };
    local.format(pattern).to_string()
}

/// "6.30 pm", "8 pm", "noon", "midnight".
fn clock_words(time: NaiveTime) -> String {
    let (afternoon, hour) = time.hour12();
    match (time.hour(), time.minute()) {
        (0, 0) => "midnight".to_owned(),
        (12, 0) => "noon".to_owned(),
        (_, minute) => {
            let half = if afternoon { "pm" } else { "am" };
            if minute == 0 { format!("{hour} {half}") } else { format!("{hour}.{minute:02} {half}") }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn what_happens_again() {
        for (rule, time, words) in [
            ("FREQ=WEEKLY;BYDAY=TU", "18:30", "every Tuesday at 6.30 pm"),
            ("FREQ=MONTHLY;BYMONTHDAY=22", "12:00", "every month on the 22nd at noon"),
            ("FREQ=MONTHLY;BYMONTHDAY=11", "09:00", "every month on the 11th at 9 am"),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", "00:00", "every month on the last day at midnight"),
            ("FREQ=MONTHLY;BYDAY=-1FR", "20:05", "every month on the last Friday at 8.05 pm"),
        ] {
            let time = NaiveTime::parse_from_str(time, "%H:%M").unwrap();
            let again = Recurrence { rule: rule.parse().unwrap(), time, zone: Tz::UTC };
            assert_eq!(again_words(again), words);
        }
    }

    #[test]
    fn meetings_read_as_people_say_them() {
        let now = utc("2026-03-01T12:00:00Z");
        for (start, end, zone, words) in [
            (
                "2026-03-10T18:30:00Z",
                "2026-03-10T20:00:00Z",
                "Europe/London",
                "Tuesday 10 March, 6.30 to 8 pm (UK time / Europe/London)",
            ),
            (
                "2026-03-31T18:30:00Z",
                "2026-03-31T20:00:00Z",
                "Europe/London",
                "Tuesday 31 March, 7.30 to 9 pm (UK time / Europe/London)",
            ),
            (
                "2026-03-12T10:30:00Z",
                "2026-03-12T12:00:00Z",
                "Europe/London",
                "Thursday 12 March, 10.30 am to noon (UK time / Europe/London)",
            ),
            (
                "2026-03-12T11:00:00Z",
                "2026-03-12T13:15:00Z",
                "Europe/London",
                "Thursday 12 March, 11 am to 1.15 pm (UK time / Europe/London)",
            ),
            (
                "2026-03-12T22:00:00Z",
                "2026-03-13T01:00:00Z",
                "Europe/London",
                "Thursday 12 March, 10 pm to Friday 13 March, 1 am (UK time / Europe/London)",
            ),
            ("2026-03-12T22:00:00Z", "", "Europe/London", "Thursday 12 March, 10 pm (UK time / Europe/London)"),
            (
                "2027-01-05T00:00:00Z",
                "2027-01-05T00:45:00Z",
                "UTC",
                "Tuesday 5 January 2027, midnight to 12.45 am (UTC)",
            ),
            (
                "2026-07-01T00:30:00Z",
                "2026-07-01T02:30:00Z",
                "America/New_York",
                "Tuesday 30 June, 8.30 to 10.30 pm (New York time / America/New_York)",
            ),
            (
                "2026-07-01T09:05:00Z",
                "2026-07-01T10:00:00Z",
                "Europe/Dublin",
                "Wednesday 1 July, 10.05 to 11 am (Irish time / Europe/Dublin)",
            ),
        ] {
            let end = (!end.is_empty()).then(|| utc(end));
            assert_eq!(meeting_words(utc(start), end, zone.parse().unwrap(), now), words);
        }
    }

    #[test]
    fn a_leaf_shows_the_day_where_the_meetup_is() {
        let when = When::hours(utc("2026-07-01T00:30:00Z"), None, "America/New_York".parse().unwrap());
        assert_eq!((when.day_name.as_str(), when.day_num.as_str(), when.month.as_str()), ("Tue", "30", "Jun"));
        assert_eq!((when.iso.as_str(), when.words.as_str()), ("2026-07-01T00:30:00Z", "8.30 pm"));
    }

    #[test]
    fn what_was_written_is_dated_from_now() {
        let now = utc("2026-03-10T12:00:00Z");
        for (at, words) in [
            ("2026-03-10T09:04:00Z", "Today, 9.04 am"),
            ("2026-03-09T23:59:00Z", "Yesterday, 11.59 pm"),
            ("2026-03-06T21:00:00Z", "Friday, 9 pm"),
            ("2026-03-03T21:00:00Z", "3 March, 9 pm"),
            ("2025-12-31T12:00:00Z", "31 December 2025, noon"),
            ("2026-03-11T12:00:00Z", "11 March, noon"),
        ] {
            assert_eq!(When::written(utc(at), Tz::Europe__London, now).words, words, "{at}");
        }
    }

    #[test]
    fn numbers_of_people_are_bands() {
        for (people, words) in [
            (0, "nobody yet"),
            (1, "a few people"),
            (4, "a few people"),
            (5, "under 20 people"),
            (19, "under 20 people"),
            (20, "about 20 people"),
            (44, "about 40 people"),
            (96, "about 100 people"),
            (100, "about 100 people"),
            (349, "about 300 people"),
            (949, "about 900 people"),
            (950, "about a thousand people or more"),
            (u64::MAX, "about a thousand people or more"),
        ] {
            assert_eq!(size_band(people), words, "{people}");
        }
    }

    #[test]
    fn places_are_bands() {
        for (left, words) in [
            (None, "Open to all"),
            (Some(0), "Full"),
            (Some(1), "A few places left"),
            (Some(3), "A few places left"),
            (Some(4), "Places left"),
            (Some(400), "Places left"),
        ] {
            assert_eq!(places_words(left), words, "{left:?}");
        }
    }

    #[test]
    fn one_is_one() {
        assert_eq!(count_words(1, "reply", "replies"), "1 reply");
        assert_eq!(count_words(0, "reply", "replies"), "0 replies");
    }
}
