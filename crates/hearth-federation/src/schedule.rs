//! When something that failed is tried again (reliability.md 3.5): soon at first, then ever more rarely.

use chrono::{DateTime, TimeDelta, Utc};
use hearth_domain::clock::Entropy;

/// Waits after the first failures, in seconds: 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, 8 h.
const STEPS: [i64; 8] = [30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800];
/// The wait after all others: 12 h.
const LAST: i64 = 43_200;

/// How old a delivery may grow before it is given up.
pub const OLDEST: TimeDelta = TimeDelta::days(7);

/// How long to wait after so many failures in a row (at least one), before chance is added.
#[must_use]
pub fn wait(failures: i32) -> TimeDelta {
    let step = usize::try_from(failures.saturating_sub(1)).unwrap_or(0);
    TimeDelta::seconds(STEPS.get(step).copied().unwrap_or(LAST))
}

/// A wait with up to a fifth more or less, so that servers that failed together do not come back together.
#[must_use]
pub fn jittered(wait: TimeDelta, entropy: &dyn Entropy) -> TimeDelta {
    let mut bytes = [0; 2];
    entropy.fill(&mut bytes);
    let chance = i64::from(u16::from_le_bytes(bytes));
    // From -1/5 to +1/5.
    let fifth = wait.num_milliseconds() / 5;
    wait + TimeDelta::milliseconds(fifth * (2 * chance - i64::from(u16::MAX)) / i64::from(u16::MAX))
}

/// When to try again after so many failures in a row.
#[must_use]
pub fn next(failures: i32, now: DateTime<Utc>, entropy: &dyn Entropy) -> DateTime<Utc> {
    now + jittered(wait(failures), entropy)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Always(u8);
    impl Entropy for Always {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    #[test]
    fn waits_grow_to_twelve_hours() {
        let minutes: Vec<f64> = (1..=10).map(|failures| wait(failures).num_seconds() as f64 / 60.0).collect();
        assert_eq!(minutes, [0.5, 2.0, 10.0, 30.0, 60.0, 120.0, 240.0, 480.0, 720.0, 720.0]);
        assert_eq!((wait(0), wait(-1), wait(i32::MAX)), (wait(1), wait(1), wait(9)));
    }

    #[test]
    fn chance_is_a_fifth_at_most() {
        let hour = TimeDelta::hours(1);
        assert_eq!(jittered(hour, &Always(0)), TimeDelta::minutes(48));
        assert_eq!(jittered(hour, &Always(255)), TimeDelta::minutes(72));
        let middle = jittered(hour, &Always(128)) - hour;
        assert!(middle.abs() < TimeDelta::seconds(10));
    }

    #[test]
    fn a_week_of_failures_is_a_few_dozen_attempts() {
        let mut at = TimeDelta::zero();
        let mut attempts = 1;
        while at <= OLDEST {
            at += wait(attempts);
            attempts += 1;
        }
        assert!(attempts < 30, "{attempts}");
    }
}
