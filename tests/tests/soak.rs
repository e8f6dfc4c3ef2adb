//! The soak program works, and what it breaks heals: every scenario in its short form. What the figures are is looked at
//! only where they decide: docs/measurements.md has the full ones.

use std::process::Command;

fn short(scenario: &str, database: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_soak"))
        .args([scenario, "--short", "--database", database])
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    print!("{said}");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains(&format!("{scenario} PASS")), "it did not run");
}

macro_rules! on_sqlite {
    ($($test:ident $scenario:literal)*) => {$(
        #[test]
        fn $test() {
            short($scenario, "sqlite");
        }
    )*};
}

on_sqlite! {
    r01_and_r03_crashes "R-01"
    r02_everything_twice "R-02"
    r04_a_server_that_is_away "R-04"
    r05_no_names "R-05"
    r06_one_slow_server "R-06"
    r07_hostile_requests "R-07"
    r08_a_full_disk "R-08"
    r11_a_locked_database "R-11"
    r12_steady_load "R-12"
    r13_far_away "R-13"
    r14_a_large_database "R-14"
    r16_a_wide_fan_out "R-16"
    r17_many_deletes "R-17"
    r19_the_clock_jumps "R-19"
    r21_the_sending_stands_still "R-21"
}

#[test]
fn r09_two_nodes_on_postgres() {
    if std::env::var_os(tests::database::POSTGRES).is_some() {
        short("R-09", "postgres");
    }
}

#[test]
fn r11_postgres_is_away() {
    if std::env::var_os(tests::database::POSTGRES).is_some() {
        short("R-11", "postgres");
    }
}

#[test]
fn an_unknown_scenario_is_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_soak")).args(["R-99"]).output().expect("it starts");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("there is no scenario R-99"));
}
