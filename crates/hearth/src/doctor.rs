//! `hearth doctor`: what is wrong, what it means, what to do. In plain words, and without one private word. It says what
//! the keeper's page says, and looks through the whole database besides.

use crate::{ballast::Ballast, cli::say, config::Config, machine, server};
use chrono::TimeDelta;
use hearth_actions::{
    App, Result,
    health::{self, Finding, Level, Machine},
};
use hearth_db::dialect;
use std::process::ExitCode;

/// Examines the server of these settings and prints what it finds. Ends with 1 when something is broken.
///
/// # Errors
/// Never: what fails is a finding.
pub fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let findings = match server::open(config, &server::Parts::system()) {
        Ok(app) => {
            let stuck_after = TimeDelta::seconds(config.stuck_after_seconds.into());
            let (short_of_room, aside) = Ballast::of(config)?.map_or((false, None), |ballast| of_ballast(&ballast));
            let machine =
                Machine { disk: machine::disk(&config.data_dir), short_of_room, stuck_after, silent_workers: 0 };
            let away = |_| vec![Finding::new(Level::Broken, "The database does not answer.", "")];
            let mut findings = examine(&app, &machine).unwrap_or_else(away);
            findings.extend(aside);
            findings
        }
        Err(error) => vec![Finding::new(Level::Broken, format!("{error:#}."), "")],
    };
    for finding in &findings {
        say(&line(finding));
    }
    let broken = findings.iter().any(|finding| finding.level == Level::Broken);
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Whether the server is short of room, and what it set aside. This is another program than the server: it goes by what
/// the server has on the disk.
fn of_ballast(ballast: &Ballast) -> (bool, Option<Finding>) {
    if ballast.is_there() {
        let words = format!("{} are set aside for the day the disk is full.", health::bytes_words(ballast.bytes()));
        return (false, Some(Finding::new(Level::Well, words, "")));
    }
    (!ballast.has_ample_room(), None)
}

fn line(finding: &Finding) -> String {
    let mark = match finding.level {
        Level::Well => "well   ",
        Level::Note => "note   ",
        Level::Look => "look   ",
        Level::Broken => "BROKEN ",
    };
    let space = if finding.advice.is_empty() { "" } else { " " };
    format!("{mark} {}{space}{}\n", finding.words, finding.advice)
}

/// Everything that can be examined through the database, the worst first.
///
/// # Errors
/// Database errors.
pub fn examine(app: &App, machine: &Machine) -> Result<Vec<Finding>> {
    let wrong = app.db.read(dialect::integrity)?;
    let whole = if wrong.is_empty() {
        Finding::new(Level::Well, "The database holds together.", "")
    } else {
        Finding::new(Level::Broken, "The database file is damaged.", "Stop Hearth and put back the last backup.")
    };
    let mut findings = health::findings(app, machine)?;
    findings.push(whole);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hearth_db::Room;

    #[test]
    fn a_disk_is_full_when_neither_the_ballast_is_there_nor_room_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let beside = |bytes| Ballast::beside(&folder.path().join("hearth.db"), bytes);
        // No disk has room for this one.
        assert_eq!(of_ballast(&beside(u64::MAX / 4)), (true, None));
        let small = beside(3_000_000);
        assert_eq!(of_ballast(&small), (false, None), "the server makes it when it starts");
        small.keep(&Room::default());
        let (short, aside) = of_ballast(&small);
        let words = "well    3 MB are set aside for the day the disk is full.\n";
        assert_eq!((short, aside.map(|finding| line(&finding))), (false, Some(words.to_owned())));
    }

    #[test]
    fn a_full_disk_comes_first_with_what_still_works_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data_dir: folder.path().join("data"), ..Config::default() };
        let app = server::open(&config, &server::Parts::system()).unwrap();
        let nothing = health::Disk { total: 1 << 30, free: 0 };
        let machine = Machine { disk: Some(nothing), short_of_room: true, ..Machine::default() };
        let said: String = examine(&app, &machine).unwrap().iter().map(line).collect();
        let first = "BROKEN  The disk is full. Nothing new is taken; deleting, signing in and out, leaving and moderating \
                     still work. Remove what is not needed, or move to a larger disk. Hearth then goes on by itself \
                     within a minute.\n";
        assert!(said.starts_with(first), "{said}");
        assert!(!said.contains("nearly full"), "it is said once: {said}");
        assert!(said.contains("well    The database holds together.\n"), "{said}");
        let nearly = Machine { short_of_room: false, ..machine };
        let said: String = examine(&app, &nearly).unwrap().iter().map(line).collect();
        assert!(said.starts_with("BROKEN  The disk is nearly full: 0 MB is left. "), "{said}");
    }

    #[test]
    fn lines_say_what_to_do() {
        let finding = Finding::new(Level::Look, "The disk is nearly full: 740 MB is left.", "Make room.");
        assert_eq!(line(&finding), "look    The disk is nearly full: 740 MB is left. Make room.\n");
        let well = Finding::new(Level::Well, "The database holds together.", "");
        assert_eq!(line(&well), "well    The database holds together.\n");
    }
}
