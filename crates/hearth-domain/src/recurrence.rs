//! What happens again and again: every week or every month, at a time of the clock in a place.
//!
//! The rule is kept as the text of an RFC 5545 RRULE. Only rules that fall in every month are taken, so that nothing is
//! ever left out because a month is short. It is a time of the clock that repeats: "half past six" stays half past six
//! when the clocks change.

use chrono::{
    DateTime, Datelike, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;
use std::{fmt, str::FromStr};

/// The days of the week as RFC 5545 spells them, from Monday.
pub const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Mon),
    ("TU", Weekday::Tue),
    ("WE", Weekday::Wed),
    ("TH", Weekday::Thu),
    ("FR", Weekday::Fri),
    ("SA", Weekday::Sat),
    ("SU", Weekday::Sun),
];

/// How many days are looked through for the next one: two months of 31 days, and one more on each side.
const LOOKED_THROUGH: u64 = 64;
/// The clocks have never gone forward by more than a day.
const LONGEST_GAP: chrono::Duration = chrono::Duration::hours(26);

/// The day of a month that has it whatever the month: from the 1st to the 28th, or the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthDay(Option<u8>);

impl MonthDay {
    /// The last day of the month.
    pub const LAST: Self = Self(None);

    /// A day by its number.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if matches!(number, 1..=28) { Some(Self(Some(number))) } else { None }
    }

    /// Its number; none for the last day.
    #[must_use]
    pub const fn number(self) -> Option<u8> {
        self.0
    }
}

/// Which of the four or five that a month has of a weekday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nth {
    /// The first.
    First,
    /// The second.
    Second,
    /// The third.
    Third,
    /// The fourth, which is not always the last.
    Fourth,
    /// The last.
    Last,
}

impl Nth {
    /// Each, with the number by which RFC 5545 knows it.
    pub const ALL: [(i8, Self); 5] =
        [(1, Self::First), (2, Self::Second), (3, Self::Third), (4, Self::Fourth), (-1, Self::Last)];

    /// Its number.
    #[must_use]
    pub const fn number(self) -> i8 {
        match self {
            Self::First => 1,
            Self::Second => 2,
            Self::Third => 3,
            Self::Fourth => 4,
            Self::Last => -1,
        }
    }
}

/// On which days. Its text is an RRULE: `FREQ=WEEKLY;BYDAY=TU`, `FREQ=MONTHLY;BYMONTHDAY=-1`, `FREQ=MONTHLY;BYDAY=2TU`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Every week on this day.
    Weekly(Weekday),
    /// Every month on this day.
    MonthlyDay(MonthDay),
    /// Every month on the first, second … or last such day.
    MonthlyWeekday(Nth, Weekday),
}

/// A text that is no rule, or one that is not offered here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a rule of every week or every month")]
pub struct UnknownRule;

impl Rule {
    /// Whether it falls on this day.
    #[must_use]
    pub fn falls_on(self, day: NaiveDate) -> bool {
        let is_last = |of_days| day.checked_add_days(Days::new(of_days)).is_none_or(|next| next.month() != day.month());
        match self {
            Self::Weekly(weekday) => day.weekday() == weekday,
            Self::MonthlyDay(chosen) => chosen.number().map_or_else(|| is_last(1), |number| day.day() == number.into()),
            Self::MonthlyWeekday(Nth::Last, weekday) => day.weekday() == weekday && is_last(7),
            Self::MonthlyWeekday(nth, weekday) => {
                day.weekday() == weekday && i64::from(day.day0() / 7) + 1 == i64::from(nth.number())
            }
        }
    }
}

fn weekday_text(weekday: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(_, one)| *one == weekday).map_or("MO", |(text, _)| text)
}

fn read_weekday(text: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(one, _)| *one == text).map(|(_, weekday)| *weekday)
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Weekly(weekday) => write!(f, "FREQ=WEEKLY;BYDAY={}", weekday_text(weekday)),
            Self::MonthlyDay(day) => match day.number() {
                Some(number) => write!(f, "FREQ=MONTHLY;BYMONTHDAY={number}"),
                None => f.write_str("FREQ=MONTHLY;BYMONTHDAY=-1"),
            },
            Self::MonthlyWeekday(nth, weekday) => {
                write!(f, "FREQ=MONTHLY;BYDAY={}{}", nth.number(), weekday_text(weekday))
            }
        }
    }
}

impl FromStr for Rule {
    type Err = UnknownRule;

    /// Reads the text of a rule: its parts in any order, in any case, as RFC 5545 has it.
    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        let text = text.trim().to_ascii_uppercase();
        let (mut frequency, mut by_day, mut by_month_day) = (None, None, None);
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or(UnknownRule)?;
            let place = match name {
                "FREQ" => &mut frequency,
                "BYDAY" => &mut by_day,
                "BYMONTHDAY" => &mut by_month_day,
                _ => return Err(UnknownRule),
            };
            if place.replace(value).is_some() {
                return Err(UnknownRule);
            }
        }
        let rule = match (frequency, by_day, by_month_day) {
            (Some("WEEKLY"), Some(day), None) => read_weekday(day).map(Self::Weekly),
            (Some("MONTHLY"), Some(day), None) => read_nth(day),
            (Some("MONTHLY"), None, Some("-1")) => Some(Self::MonthlyDay(MonthDay::LAST)),
            (Some("MONTHLY"), None, Some(day)) => read_number(day).and_then(MonthDay::new).map(Self::MonthlyDay),
            _ => None,
        };
        rule.ok_or(UnknownRule)
    }
}

/// Digits alone: a sign would make two spellings of one rule.
fn read_number(text: &str) -> Option<u8> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `2TU`, `-1FR`
fn read_nth(text: &str) -> Option<Rule> {
    let (number, weekday) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let (_, nth) = Nth::ALL.into_iter().find(|(one, _)| one.to_string() == number)?;
    read_weekday(weekday).map(|weekday| Rule::MonthlyWeekday(nth, weekday))
}

impl TryFrom<String> for Rule {
    type Error = UnknownRule;
    fn try_from(text: String) -> Result<Self, UnknownRule> {
        text.parse()
    }
}

/// A rule, at a time of the clock in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recurrence {
    /// On which days.
    pub rule: Rule,
    /// At which time of those days.
    pub time: NaiveTime,
    /// On the clock of which place.
    pub zone: Tz,
}

impl Recurrence {
    /// The first moment after `after`. None only where the calendar itself ends.
    #[must_use]
    pub fn next_after(self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // A day earlier: where the clocks go forward over midnight, yesterday's time may come today.
        let first = after.with_timezone(&self.zone).date_naive().checked_sub_days(Days::new(1))?;
        (0..LOOKED_THROUGH)
            .filter_map(|ahead| first.checked_add_days(Days::new(ahead)))
            .filter(|day| self.rule.falls_on(*day))
            .filter_map(|day| moment(day.and_time(self.time), self.zone))
            .find(|moment| *moment > after)
    }
}

/// The instant of a time of the clock (RFC 5545, 3.3.5). Where it comes twice, the first is meant; where the clocks go
/// forward over it, it is as much later as they go.
pub(crate) fn moment(civil: NaiveDateTime, zone: Tz) -> Option<DateTime<Utc>> {
    match zone.from_local_datetime(&civil) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
        LocalResult::None => {
            let before = zone.from_local_datetime(&civil.checked_sub_signed(LONGEST_GAP)?).earliest()?;
            Some(civil.checked_sub_offset(before.offset().fix())?.and_utc())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_back_as_they_are_written() {
        for text in [
            "FREQ=WEEKLY;BYDAY=MO",
            "FREQ=WEEKLY;BYDAY=SU",
            "FREQ=MONTHLY;BYMONTHDAY=1",
            "FREQ=MONTHLY;BYMONTHDAY=28",
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "FREQ=MONTHLY;BYDAY=1TU",
            "FREQ=MONTHLY;BYDAY=4SA",
            "FREQ=MONTHLY;BYDAY=-1FR",
        ] {
            assert_eq!(text.parse::<Rule>().map(|rule| rule.to_string()), Ok(text.to_owned()));
        }
        assert_eq!(" byday=tu;freq=weekly ".parse(), Ok(Rule::Weekly(Weekday::Tue)), "in any order and case");
    }

    #[test]
    fn what_is_not_offered_is_refused() {
        for text in [
            "",
            "FREQ=WEEKLY",
            "FREQ=DAILY",
            "FREQ=WEEKLY;BYDAY=",
            "FREQ=WEEKLY;BYDAY=MO,TU",
            "FREQ=WEEKLY;BYDAY=1MO",
            "FREQ=WEEKLY;BYDAY=MO;INTERVAL=2",
            "FREQ=WEEKLY;BYDAY=MO;BYDAY=TU",
            "FREQ=WEEKLY;BYMONTHDAY=1",
            "FREQ=MONTHLY;BYDAY=TU",
            "FREQ=MONTHLY;BYDAY=5TU",
            "FREQ=MONTHLY;BYDAY=-2TU",
            "FREQ=MONTHLY;BYDAY=0TU",
            "FREQ=MONTHLY;BYDAY=+1TU",
            "FREQ=MONTHLY;BYDAY=U",
            "FREQ=MONTHLY;BYDAY=1é",
            "FREQ=MONTHLY;BYMONTHDAY=0",
            "FREQ=MONTHLY;BYMONTHDAY=29",
            "FREQ=MONTHLY;BYMONTHDAY=+5",
            "FREQ=MONTHLY;BYMONTHDAY=-2",
            "FREQ=MONTHLY;BYMONTHDAY=300",
            "FREQ=MONTHLY;BYDAY=1TU;BYMONTHDAY=1",
            "FREQ=MONTHLY;",
            "every Tuesday",
        ] {
            assert_eq!(text.parse::<Rule>(), Err(UnknownRule), "{text}");
        }
    }

    /// The next three moments after each other.
    #[track_caller]
    fn check(rule: &str, time: &str, zone: &str, after: &str, expected: [&str; 3]) {
        let again = Recurrence {
            rule: rule.parse().unwrap(),
            time: NaiveTime::parse_from_str(time, "%H:%M").unwrap(),
            zone: zone.parse().unwrap(),
        };
        let mut at: DateTime<Utc> = after.parse().unwrap();
        for expected in expected {
            at = again.next_after(at).unwrap();
            assert_eq!(at.format("%Y-%m-%dT%H:%MZ").to_string(), expected, "{rule} {time} {zone} after {after}");
        }
    }

    #[test]
    fn weeks_and_months() {
        let london = "Europe/London";
        for (rule, after, expected) in [
            (
                "FREQ=WEEKLY;BYDAY=TU",
                "2026-11-24T18:29:59Z",
                ["2026-11-24T18:30Z", "2026-12-01T18:30Z", "2026-12-08T18:30Z"],
            ),
            // The moment itself is not after itself.
            (
                "FREQ=WEEKLY;BYDAY=TU",
                "2026-11-24T18:30:00Z",
                ["2026-12-01T18:30Z", "2026-12-08T18:30Z", "2026-12-15T18:30Z"],
            ),
            // Over the end of a year.
            (
                "FREQ=WEEKLY;BYDAY=TH",
                "2026-12-24T19:00:00Z",
                ["2026-12-31T18:30Z", "2027-01-07T18:30Z", "2027-01-14T18:30Z"],
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=28",
                "2026-12-28T18:30:00Z",
                ["2027-01-28T18:30Z", "2027-02-28T18:30Z", "2027-03-28T17:30Z"],
            ),
            // The last day of months of 31, 28, 31 and, in a leap year, 29 days.
            (
                "FREQ=MONTHLY;BYMONTHDAY=-1",
                "2027-01-01T00:00:00Z",
                ["2027-01-31T18:30Z", "2027-02-28T18:30Z", "2027-03-31T17:30Z"],
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=-1",
                "2028-02-01T00:00:00Z",
                ["2028-02-29T18:30Z", "2028-03-31T17:30Z", "2028-04-30T17:30Z"],
            ),
            // The first on the first and on the seventh.
            (
                "FREQ=MONTHLY;BYDAY=1TU",
                "2026-11-30T00:00:00Z",
                ["2026-12-01T18:30Z", "2027-01-05T18:30Z", "2027-02-02T18:30Z"],
            ),
            (
                "FREQ=MONTHLY;BYDAY=1TH",
                "2027-01-01T00:00:00Z",
                ["2027-01-07T18:30Z", "2027-02-04T18:30Z", "2027-03-04T18:30Z"],
            ),
            // December 2026 has five Tuesdays: the fourth is not the last.
            (
                "FREQ=MONTHLY;BYDAY=4TU",
                "2026-12-01T00:00:00Z",
                ["2026-12-22T18:30Z", "2027-01-26T18:30Z", "2027-02-23T18:30Z"],
            ),
            (
                "FREQ=MONTHLY;BYDAY=-1TU",
                "2026-12-01T00:00:00Z",
                ["2026-12-29T18:30Z", "2027-01-26T18:30Z", "2027-02-23T18:30Z"],
            ),
        ] {
            check(rule, "18:30", london, after, expected);
        }
    }

    #[test]
    fn the_clocks_change() {
        let sundays = "FREQ=WEEKLY;BYDAY=SU";
        // Half past six stays half past six, both ways.
        check(
            "FREQ=WEEKLY;BYDAY=TU",
            "18:30",
            "Europe/London",
            "2027-03-23T00:00:00Z",
            ["2027-03-23T18:30Z", "2027-03-30T17:30Z", "2027-04-06T17:30Z"],
        );
        check(
            "FREQ=WEEKLY;BYDAY=TU",
            "18:30",
            "America/New_York",
            "2026-10-27T00:00:00Z",
            ["2026-10-27T22:30Z", "2026-11-03T23:30Z", "2026-11-10T23:30Z"],
        );
        // 1.30 is skipped on 28 March 2027: it is 2.30 then, and 1.30 again a week later.
        check(
            sundays,
            "01:30",
            "Europe/London",
            "2027-03-27T00:00:00Z",
            ["2027-03-28T01:30Z", "2027-04-04T00:30Z", "2027-04-11T00:30Z"],
        );
        // 1.30 comes twice on 25 October 2026: the first is meant, and it is not said twice.
        check(
            sundays,
            "01:30",
            "Europe/London",
            "2026-10-24T00:00:00Z",
            ["2026-10-25T00:30Z", "2026-11-01T01:30Z", "2026-11-08T01:30Z"],
        );
        check(
            sundays,
            "01:30",
            "Europe/London",
            "2026-10-25T00:45:00Z",
            ["2026-11-01T01:30Z", "2026-11-08T01:30Z", "2026-11-15T01:30Z"],
        );
    }

    #[test]
    fn midnight_and_whole_days_are_skipped() {
        // In Beirut the clocks go forward over midnight: 0.00 on 28 March 2027 is 1.00.
        check(
            "FREQ=WEEKLY;BYDAY=SU",
            "00:00",
            "Asia/Beirut",
            "2027-03-27T00:00:00Z",
            ["2027-03-27T22:00Z", "2027-04-03T21:00Z", "2027-04-10T21:00Z"],
        );
        // 23.30 on a Saturday that ends at 23.59 before a gap stands as it is.
        check(
            "FREQ=WEEKLY;BYDAY=SA",
            "23:30",
            "Asia/Beirut",
            "2027-03-27T00:00:00Z",
            ["2027-03-27T21:30Z", "2027-04-03T20:30Z", "2027-04-10T20:30Z"],
        );
        // Samoa had no Friday 30 December 2011: a day later by the clock.
        check(
            "FREQ=WEEKLY;BYDAY=FR",
            "12:00",
            "Pacific/Apia",
            "2011-12-24T00:00:00Z",
            ["2011-12-30T22:00Z", "2012-01-05T22:00Z", "2012-01-12T22:00Z"],
        );
    }

    #[test]
    fn the_calendar_ends() {
        let again = Recurrence { rule: Rule::Weekly(Weekday::Mon), time: NaiveTime::MIN, zone: Tz::UTC };
        assert_eq!(again.next_after(DateTime::<Utc>::MAX_UTC), None);
    }
}
