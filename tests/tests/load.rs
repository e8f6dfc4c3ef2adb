//! The load program works: every scenario runs to its end in small, everything arrives, and is in the database. What
//! the figures are is not looked at: they mean nothing in small.

use std::process::Command;

fn quick(scenario: &str, database: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_load"))
        .args([scenario, "--quick", "--markdown", "--database", database])
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn check(report: &str, figures: &[&str]) {
    for figure in figures {
        assert!(report.contains(figure), "{figure} is not in\n{report}");
    }
}

const INCOMING: [&str; 2] =
    ["| incoming, 1 senders | applied a second |", "| incoming, 4 senders | relayed a second |"];

#[test]
fn every_load_runs_in_small() {
    let report = quick("all", "sqlite");
    check(&report, &INCOMING);
    let figures = [
        "| outgoing 5x3 | deliveries (repeated) | 15 (0) |",
        "| outgoing 5x3 | share of the bare signatures |",
        "| fanout 30x1 | deliveries (repeated) | 30 (0) |",
        "| slow peers, 10 followers | median ratio |",
        "| growth, 100 rows | filled: posts, activities, deliveries, seen | 101, 102, 100, 100 |",
        "| growth, 100 rows | incoming: empty over full |",
        "| pages, 60 posts | conversation of 50, member: 95 % |",
        "| meetups, 51 dates in 3 groups | changing 48 dates of 6 series took |",
        "| meetups, 51 dates in 3 groups | /g/calendar_1/meetups.ics, visitor: 95 % |",
    ];
    check(&report, &figures);
}

#[test]
fn what_comes_in_is_measured_on_postgres_too() {
    if std::env::var_os(tests::database::POSTGRES).is_some() {
        check(&quick("incoming", "postgres"), &INCOMING);
    }
}
