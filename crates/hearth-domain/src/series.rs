//! Meetups that come again: on which days, until when, and how far ahead they are announced.
//!
//! A series is a time of the clock in a place. Each of its dates becomes a meetup of its own, made ahead as far as other
//! servers are told of them. Must never make one date twice, nor lose one because the clocks change.

use crate::{
    event::CivilTime,
    recurrence::{MonthDay, Nth, Rule, UnknownRule, moment},
};
use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveDateTime, Utc, Weekday};
use chrono_tz::Tz;
use std::{fmt, str::FromStr};

/// How many dates ahead other servers are told of.
pub const AHEAD: usize = 8;
/// How long ahead other servers are told of a date.
pub const WINDOW: Duration = Duration::days(60);
/// The most dates of a series: some ten years of weeks.
pub const MOST: usize = 520;
/// The longest rule, every other month, has a date in each such span; a rule without one in it has ended.
const LONGEST_PAUSE: u64 = 100;

words! {
    /// How a meetup repeats, as it is chosen beside its first date, which says the day.
    Repeats("how often it happens") {
        /// Every week on the weekday of the first date.
        Weekly = "weekly",
        /// Every other week.
        Fortnightly = "fortnightly",
        /// Every month on the first, second, third or fourth such weekday.
        MonthlyWeekday = "monthly_weekday",
        /// Every month on the last such weekday.
        MonthlyLast = "monthly_last",
        /// Every month on the day with this number.
        MonthlyDay = "monthly_day",
    }
}

words! {
    /// Which dates of a series a change is about.
    Scope("which dates it is about") {
        /// The one date.
        This = "this",
        /// It and all that come after it.
        Later = "later",
        /// All that are still to come.
        All = "all",
    }
}

/// A rule of every week or month, or of every second, third … of them. Its text is an RFC 5545 RRULE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesRule {
    /// On which days.
    pub rule: Rule,
    /// Of how many weeks or months one counts: 1 for each.
    pub interval: u8,
}

impl SeriesRule {
    /// The rule that somebody means who chose this for a first date; none where not every month has that day.
    #[must_use]
    pub fn from_choice(choice: Repeats, first: NaiveDate) -> Option<Self> {
        let weekday = first.weekday();
        let nth = Nth::ALL.into_iter().find(|(number, _)| i64::from(*number) == i64::from(first.day0() / 7) + 1);
        let rule = match choice {
            Repeats::Weekly | Repeats::Fortnightly => Rule::Weekly(weekday),
            Repeats::MonthlyWeekday => Rule::MonthlyWeekday(nth?.1, weekday),
            Repeats::MonthlyLast => Rule::MonthlyWeekday(Nth::Last, weekday),
            Repeats::MonthlyDay => Rule::MonthlyDay(MonthDay::new(u8::try_from(first.day()).ok()?)?),
        };
        let interval = if choice == Repeats::Fortnightly { 2 } else { 1 };
        rule.falls_on(first).then_some(Self { rule, interval })
    }

    /// The same rule for another day: a series on Tuesdays goes on on Wednesdays. None where not every month has that day.
    #[must_use]
    pub fn moved_to(self, first: NaiveDate) -> Option<Self> {
        let choice = match self.rule {
            Rule::Weekly(_) if self.interval == 2 => Repeats::Fortnightly,
            Rule::Weekly(_) => Repeats::Weekly,
            Rule::MonthlyWeekday(Nth::Last, _) => Repeats::MonthlyLast,
            Rule::MonthlyWeekday(..) => Repeats::MonthlyWeekday,
            Rule::MonthlyDay(_) => Repeats::MonthlyDay,
        };
        Self::from_choice(choice, first)
    }

    /// Whether it falls on a day, counted from the first.
    fn falls_on(self, day: NaiveDate, first: NaiveDate) -> bool {
        let months = |date: NaiveDate| i64::from(date.year()) * 12 + i64::from(date.month0());
        let weeks = |date: NaiveDate| {
            date.week(Weekday::Mon)
                .checked_first_day()
                .map_or(0, |monday| monday.signed_duration_since(NaiveDate::default()).num_days().div_euclid(7))
        };
        let passed = match self.rule {
            Rule::Weekly(_) => weeks(day) - weeks(first),
            Rule::MonthlyDay(_) | Rule::MonthlyWeekday(..) => months(day) - months(first),
        };
        self.rule.falls_on(day) && passed.rem_euclid(i64::from(self.interval.max(1))) == 0
    }
}

impl fmt::Display for SeriesRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rule)?;
        if self.interval > 1 { write!(f, ";INTERVAL={}", self.interval) } else { Ok(()) }
    }
}

impl FromStr for SeriesRule {
    type Err = UnknownRule;

    fn from_str(text: &str) -> Result<Self, UnknownRule> {
        let text = text.trim();
        match text.rsplit_once(";INTERVAL=") {
            None => Ok(Self { rule: text.parse()?, interval: 1 }),
            Some((rule, "2")) => Ok(Self { rule: rule.parse()?, interval: 2 }),
            Some(_) => Err(UnknownRule),
        }
    }
}

impl TryFrom<String> for SeriesRule {
    type Error = UnknownRule;
    fn try_from(text: String) -> Result<Self, UnknownRule> {
        text.parse()
    }
}

/// When the meetups of a series are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// On which days.
    pub rule: SeriesRule,
    /// The first of them, on the clock.
    pub first: NaiveDateTime,
    /// On the clock of which place.
    pub zone: Tz,
    /// How long each lasts, in minutes.
    pub minutes: i32,
    /// The last day on which there may be one.
    pub until: Option<NaiveDate>,
}

/// One date of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// The time of the clock that the rule gives; it names this date among the others (RFC 5545 RECURRENCE-ID).
    pub recurrence_id: NaiveDateTime,
    /// When it begins. Where the clocks go forward over that time, as much later as they go.
    pub start: CivilTime,
    /// When it ends: each lasts as long as the first.
    pub end: CivilTime,
}

impl Plan {
    /// The times of the clock that the rule gives, soonest first.
    pub fn dates(self) -> impl Iterator<Item = NaiveDateTime> {
        let begin = self.first.date();
        let next = move |after: Option<NaiveDate>| {
            let from = after.map_or(Some(begin), |day| day.succ_opt())?;
            (0..LONGEST_PAUSE)
                .filter_map(|ahead| from.checked_add_days(Days::new(ahead)))
                .find(|day| self.rule.falls_on(*day, begin))
                .filter(|day| self.until.is_none_or(|until| *day <= until))
        };
        std::iter::successors(next(None), move |day| next(Some(*day)))
            .take(MOST)
            .map(move |day| day.and_time(self.first.time()))
    }

    /// The date with this number, from 0.
    #[must_use]
    pub fn occurrence(self, number: usize) -> Option<Occurrence> {
        self.dates().nth(number).and_then(|civil| self.on(civil))
    }

    /// The date that the rule gives this time of the clock, which is one of [`Plan::dates`].
    #[must_use]
    pub fn on(self, recurrence_id: NaiveDateTime) -> Option<Occurrence> {
        let on_the_clock = |instant: DateTime<Utc>| CivilTime {
            civil: instant.with_timezone(&self.zone).naive_local(),
            zone: self.zone,
            instant,
        };
        let start = moment(recurrence_id, self.zone)?;
        let end = start.checked_add_signed(Duration::minutes(self.minutes.into()))?;
        Some(Occurrence { recurrence_id, start: on_the_clock(start), end: on_the_clock(end) })
    }

    /// From when on the date with this number is announced: 60 days before, and once no more than seven others are ahead
    /// of it. None where the series has no such date.
    #[must_use]
    pub fn announced_from(self, number: usize) -> Option<DateTime<Utc>> {
        let early = self.occurrence(number)?.start.instant.checked_sub_signed(WINDOW)?;
        let before = number.checked_sub(AHEAD).and_then(|before| self.occurrence(before));
        Some(before.map_or(early, |before| early.max(before.start.instant)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn plan(rule: &str, first: &str, zone: &str) -> Plan {
        let first = NaiveDateTime::parse_from_str(first, "%Y-%m-%dT%H:%M").unwrap();
        Plan { rule: rule.parse().unwrap(), first, zone: zone.parse().unwrap(), minutes: 90, until: None }
    }

    #[test]
    fn a_choice_and_a_first_date_make_a_rule() {
        for (choice, first, expected) in [
            (Repeats::Weekly, "2026-11-24", Some("FREQ=WEEKLY;BYDAY=TU")),
            (Repeats::Fortnightly, "2026-11-24", Some("FREQ=WEEKLY;BYDAY=TU;INTERVAL=2")),
            (Repeats::MonthlyWeekday, "2026-11-24", Some("FREQ=MONTHLY;BYDAY=4TU")),
            (Repeats::MonthlyLast, "2026-11-24", Some("FREQ=MONTHLY;BYDAY=-1TU")),
            (Repeats::MonthlyLast, "2026-11-17", None),
            (Repeats::MonthlyWeekday, "2026-12-29", None),
            (Repeats::MonthlyDay, "2026-11-28", Some("FREQ=MONTHLY;BYMONTHDAY=28")),
            (Repeats::MonthlyDay, "2026-11-29", None),
        ] {
            let rule = SeriesRule::from_choice(choice, day(first));
            assert_eq!(rule.map(|rule| rule.to_string()).as_deref(), expected, "{choice:?} {first}");
            assert_eq!(rule.map(|rule| rule.to_string().parse()), rule.map(Ok), "it reads back");
        }
        for text in ["FREQ=WEEKLY;BYDAY=TU;INTERVAL=0", "FREQ=WEEKLY;BYDAY=TU;INTERVAL=", "FREQ=DAILY"] {
            assert_eq!(text.parse::<SeriesRule>(), Err(UnknownRule), "{text}");
        }
    }

    #[test]
    fn a_rule_moves_to_another_day() {
        for (rule, first, expected) in [
            ("FREQ=WEEKLY;BYDAY=TU", "2026-11-25", Some("FREQ=WEEKLY;BYDAY=WE")),
            ("FREQ=WEEKLY;BYDAY=TU;INTERVAL=2", "2026-11-26", Some("FREQ=WEEKLY;BYDAY=TH;INTERVAL=2")),
            ("FREQ=MONTHLY;BYDAY=4TU", "2026-11-04", Some("FREQ=MONTHLY;BYDAY=1WE")),
            ("FREQ=MONTHLY;BYDAY=-1TU", "2026-11-25", Some("FREQ=MONTHLY;BYDAY=-1WE")),
            ("FREQ=MONTHLY;BYDAY=-1TU", "2026-11-18", None),
            ("FREQ=MONTHLY;BYMONTHDAY=28", "2026-11-30", None),
        ] {
            let moved = rule.parse::<SeriesRule>().unwrap().moved_to(day(first));
            assert_eq!(moved.map(|rule| rule.to_string()).as_deref(), expected, "{rule} {first}");
        }
    }

    #[test]
    fn every_other_week_over_the_end_of_a_year_of_53_weeks() {
        let dates: Vec<_> = plan("FREQ=WEEKLY;BYDAY=TU;INTERVAL=2", "2026-12-15T18:30", "Europe/London")
            .dates()
            .take(4)
            .map(|civil| civil.date())
            .collect();
        assert_eq!(dates, ["2026-12-15", "2026-12-29", "2027-01-12", "2027-01-26"].map(day));
    }

    #[test]
    fn it_ends_on_the_last_day_and_never_goes_on_for_ever() {
        let weekly = plan("FREQ=WEEKLY;BYDAY=TU", "2026-11-24T18:30", "Europe/London");
        assert_eq!(Plan { until: Some(day("2026-12-08")), ..weekly }.dates().count(), 3, "the last day counts");
        assert_eq!(Plan { until: Some(day("2026-11-23")), ..weekly }.dates().count(), 0);
        assert_eq!(weekly.dates().count(), MOST);
    }

    #[test]
    fn the_time_of_the_clock_stays() {
        let weekly = plan("FREQ=WEEKLY;BYDAY=TU", "2027-03-23T18:30", "Europe/London");
        let starts: Vec<_> = (0..2).map(|n| weekly.occurrence(n).unwrap()).collect();
        assert_eq!(starts[0].start.instant.to_rfc3339(), "2027-03-23T18:30:00+00:00");
        assert_eq!(starts[1].start.instant.to_rfc3339(), "2027-03-30T17:30:00+00:00");
        assert_eq!(starts[1].start.stored(), "2027-03-30T18:30");
        // 1.30 is skipped on 28 March 2027: that night it is 2.30 to 4, and still the date of 1.30.
        let night = plan("FREQ=WEEKLY;BYDAY=SU", "2027-03-21T01:30", "Europe/London").occurrence(1).unwrap();
        assert_eq!((night.start.stored(), night.end.stored()), ("2027-03-28T02:30".into(), "2027-03-28T04:00".into()));
        assert_eq!(night.recurrence_id.to_string(), "2027-03-28 01:30:00");
    }

    #[test]
    fn sixty_days_and_eight_dates_ahead() {
        let weekly = plan("FREQ=WEEKLY;BYDAY=TU", "2026-11-24T18:30", "Europe/London");
        let from = |plan: Plan, number| plan.announced_from(number).unwrap().date_naive();
        assert_eq!(from(weekly, 7), day("2026-11-13"), "60 days before 12 January");
        assert_eq!(from(weekly, 8), day("2026-11-24"), "when the first begins, though 60 days before was earlier");
        let monthly = plan("FREQ=MONTHLY;BYDAY=4TU", "2026-11-24T18:30", "Europe/London");
        assert_eq!(from(monthly, 3), day("2026-12-25"), "60 days before 23 February");
        let over = Plan { until: Some(day("2026-12-01")), ..weekly };
        assert_eq!((over.announced_from(1).is_some(), over.announced_from(2)), (true, None));
    }
}
