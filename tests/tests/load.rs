//! The load program works: every scenario runs to its end in small, everything arrives, and is in the database. What
//! the figures are is not looked at: they mean nothing in small.

use std::process::Command;

fn quick(database: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_load"))
        .args(["all", "--quick", "--markdown", "--database", database])
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn check(database: &str) {
    let report = quick(database);
    for figure in [
        "| outgoing 5x3 | deliveries (repeated) | 15 (0) |",
        "| outgoing 5x3 | share of the bare signatures |",
        "| fanout 30x1 | deliveries (repeated) | 30 (0) |",
        "| incoming, 1 senders | applied a second |",
        "| incoming, 4 senders | relayed a second |",
        "| slow peers, 10 followers | median ratio |",
        "| growth, 500 rows | filled: posts, activities, deliveries, seen | 501, 502, 500, 500 |",
        "| growth, 500 rows | incoming: empty over full |",
    ] {
        assert!(report.contains(figure), "{figure} is not in\n{report}");
    }
}

#[test]
fn every_load_runs_in_small_on_sqlite() {
    check("sqlite");
}

#[test]
fn every_load_runs_in_small_on_postgres() {
    if std::env::var_os(tests::database::POSTGRES).is_some() {
        check("postgres");
    }
}
