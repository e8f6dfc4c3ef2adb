//! `hearth doctor`: what is wrong, what it means, what to do. In plain words, and without one private word.

use crate::{cli::say, config::Config, server};
use hearth_actions::{App, Result};
use hearth_db::{
    dialect,
    tables::{accounts, deliveries, helplines, hosts, incoming, server as server_row},
};
use hearth_domain::server::AccountState;
use std::process::ExitCode;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Nothing to do.
    Well(String),
    /// Something the keeper may want to look at.
    Look(String),
    /// Something that is broken.
    Broken(String),
}

/// Examines the server of these settings and prints what it finds. Ends with 1 when something is broken.
///
/// # Errors
/// Never: what fails is a finding.
pub fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let findings = match server::open(config, &server::Parts::system()) {
        Ok(app) => examine(&app).unwrap_or_else(|_| vec![Finding::Broken("The database does not answer.".to_owned())]),
        Err(error) => vec![Finding::Broken(format!("{error:#}."))],
    };
    let mut broken = false;
    for finding in &findings {
        let (mark, words) = match finding {
            Finding::Well(words) => ("well   ", words),
            Finding::Look(words) => ("look   ", words),
            Finding::Broken(words) => ("BROKEN ", words),
        };
        broken |= matches!(finding, Finding::Broken(_));
        say(&format!("{mark} {words}\n"));
    }
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Everything that can be examined through the database.
///
/// # Errors
/// Database errors.
pub fn examine(app: &App) -> Result<Vec<Finding>> {
    app.db.read(|c| {
        let mut findings = Vec::new();
        let wrong = dialect::integrity(c)?;
        findings.push(if wrong.is_empty() {
            Finding::Well("The database holds together.".to_owned())
        } else {
            Finding::Broken("The database file is damaged. Stop Hearth and put back the last backup.".to_owned())
        });
        match server_row::get(c)? {
            None => findings
                .push(Finding::Look("The server is not set up yet. Start it and open the link it prints.".to_owned())),
            Some(row) => findings.push(Finding::Well(format!("The server is set up as {}.", row.origin.host()))),
        }
        if helplines::all(c)?.is_empty() {
            findings
                .push(Finding::Look("No helpline is set. \"Get help\" shows only the emergency number.".to_owned()));
        }
        let waiting = accounts::in_state(c, AccountState::Waiting)?.len();
        if waiting > 0 {
            findings.push(Finding::Look(format!("{waiting} people wait to be let in. Open People under Settings.")));
        }
        findings.push(deliveries_finding(app, c)?);
        let parked = incoming::count_parked(c)?;
        if parked > 0 {
            findings
                .push(Finding::Look(format!("{parked} messages from other servers could not be read. They are kept.")));
        }
        for host in hosts::all(c)?.into_iter().filter(|host| host.failures > 0) {
            findings
                .push(Finding::Look(format!("{} does not answer. What waits for it is kept for 7 days.", host.host)));
        }
        Ok(findings)
    })
}

fn deliveries_finding(app: &App, c: &mut hearth_db::DbConn) -> Result<Finding> {
    let waiting = deliveries::count_waiting(c)?;
    let Some(oldest) = deliveries::oldest_waiting(c)? else {
        return Ok(Finding::Well("Everything for other servers is delivered.".to_owned()));
    };
    let hours = (app.clock.now() - oldest.utc()).num_hours();
    let words = format!("{waiting} announcements wait for other servers, the oldest for {hours} hours.");
    Ok(if hours >= 1 { Finding::Look(words) } else { Finding::Well(words) })
}
