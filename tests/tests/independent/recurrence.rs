//! The dates of series over twenty years in ten zones, with clocks that go forward and back over them: as python-dateutil
//! has them.

use crate::witnesses;
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use hearth_domain::series::{Plan, Repeats, SeriesRule};
use serde_json::{Value, json};
use std::{fs, path::Path, process::Command};

/// Half an hour forward, over midnight, backwards in summer, never: each changes its clocks in another way.
const ZONES: [&str; 10] = [
    "Europe/London",
    "Europe/Dublin",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Pacific/Chatham",
];
/// Times at which clocks change somewhere, and one at which people meet.
const TIMES: [&str; 8] = ["00:00", "00:30", "01:30", "02:00", "02:15", "02:45", "03:30", "18:30"];
const BEGIN: &str = "2026-01-01";
const UNTIL: &str = "2045-12-31";
const CIVIL: &str = "%Y-%m-%dT%H:%M";

/// Always the same plans: each zone and time with each way of repeating, from days all over twenty years.
fn plans() -> Vec<Plan> {
    let begin: NaiveDate = BEGIN.parse().unwrap();
    let mut all = Vec::new();
    for (number, zone) in ZONES.into_iter().enumerate() {
        for (time, repeats) in
            TIMES.iter().enumerate().flat_map(|(time, _)| Repeats::ALL.iter().map(move |r| (time, *r)))
        {
            // Days lie seven weeks apart and a few more: every weekday and every part of the month comes.
            let days = (0..).map(|step| begin + Days::new(((number * 977 + time * 353 + step * 51) % 5_500) as u64));
            let (first, rule) =
                days.filter_map(|day| Some((day, SeriesRule::from_choice(repeats, day)?))).next().unwrap();
            let time: NaiveTime = TIMES[time].parse().unwrap();
            let until = Some(UNTIL.parse().unwrap());
            all.push(Plan { rule, first: first.and_time(time), zone: zone.parse().unwrap(), minutes: 90, until });
        }
    }
    all
}

/// Runs a script of theirs; nothing where their libraries could not be installed.
pub(crate) fn python(folder: &Path, script: &str, input: &Value) -> Option<Value> {
    let libraries = folder.join("python");
    if !libraries.exists() {
        println!("skipped: tests/run peers could not install the libraries for Python");
        return None;
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), input.to_string()).unwrap();
    let output = Command::new("python3")
        .env("PYTHONPATH", libraries)
        // The zones that were installed with them, not those of this machine.
        .env("PYTHONTZPATH", "")
        .arg(folder.join(script))
        .arg(file.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn theirs(folder: &Path, plans: &[Plan]) -> Option<Value> {
    let input: Vec<Value> = plans
        .iter()
        .map(|plan| {
            let first = plan.first.format(CIVIL).to_string();
            json!({"rule": plan.rule.to_string(), "first": first, "zone": plan.zone.name(), "until": UNTIL})
        })
        .collect();
    python(folder, "recurrence.py", &json!({ "plans": input }))
}

#[test]
fn dates_over_twenty_years_are_those_of_dateutil() {
    let Some(folder) = witnesses() else { return };
    let plans = plans();
    let Some(answer) = theirs(&folder, &plans) else { return };
    assert_eq!(answer["zones"], chrono_tz::IANA_TZDB_VERSION, "compare the same edition of the zones");
    let (mut moved, mut twice) = (0, 0);
    for (plan, theirs) in plans.iter().zip(answer["dates"].as_array().unwrap()) {
        let ours: Vec<NaiveDateTime> = plan.dates().collect();
        // Ten years of weeks are the most one series has.
        let theirs: Vec<&Value> = theirs.as_array().unwrap().iter().take(hearth_domain::series::MOST).collect();
        assert_eq!(ours.len(), theirs.len(), "{plan:?}");
        for (at, theirs) in ours.into_iter().zip(theirs) {
            let start = plan.on(at).unwrap().start;
            let pair = json!([at.format(CIVIL).to_string(), start.instant.format(CIVIL).to_string()]);
            assert_eq!(pair, *theirs, "{plan:?}");
            moved += usize::from(start.civil != at);
            let local = chrono::TimeZone::from_local_datetime(&plan.zone, &at);
            twice += usize::from(matches!(local, chrono::LocalResult::Ambiguous(..)));
        }
    }
    // Enough of them fell into an hour that the clocks skip, or have twice.
    assert!(moved > 20 && twice > 20, "{moved} {twice}");
}
