//! `hearth doctor`: what is wrong, what it means, what to do. In plain words, and without one private word. It says what
//! the keeper's page says, and looks through the whole database besides.

use crate::{
    ballast::{self, Ballast},
    cli::say,
    config::Config,
    machine, server,
};
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
            let ballast = Ballast::of(config)?;
            // Another program than the server asks: it sees what the server has on the disk.
            let short_of_room =
                ballast.as_ref().is_some_and(|ballast| !ballast.is_there() && !ballast.has_ample_room());
            let machine =
                Machine { disk: machine::disk(&config.data_dir), short_of_room, stuck_after, silent_workers: 0 };
            let away = |_| vec![Finding::new(Level::Broken, "The database does not answer.", "")];
            let mut findings = examine(&app, &machine).unwrap_or_else(away);
            findings.extend(ballast.filter(|ballast| ballast.is_there()).map(|_| set_aside()));
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

fn set_aside() -> Finding {
    let words = format!("{} are set aside for the day the disk is full.", health::bytes_words(ballast::BYTES));
    Finding::new(Level::Well, words, "")
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

    #[test]
    fn lines_say_what_to_do() {
        let finding = Finding::new(Level::Look, "The disk is nearly full: 740 MB is left.", "Make room.");
        assert_eq!(line(&finding), "look    The disk is nearly full: 740 MB is left. Make room.\n");
        let well = Finding::new(Level::Well, "The database holds together.", "");
        assert_eq!(line(&well), "well    The database holds together.\n");
    }
}
