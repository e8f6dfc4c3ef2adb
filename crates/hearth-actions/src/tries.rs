//! How often something may be tried: signing in, joining, setting up (threats AC-02); and what nodes on one database
//! count together for each other server.
//!
//! Counted in the database, so that several nodes share one limit and a restart forgives nothing. Who tried is kept as
//! a hash, and forgotten within two hours. Must never reach a log or a page.

use crate::{ActionError, App, Result, secret};
use chrono::{DateTime, Duration, Utc};
use hearth_db::{
    DbConn,
    tables::{host_minutes, tries},
};

/// A rule: how many tries in how long.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// What is tried; keeps the counts of different things apart.
    pub what: &'static str,
    /// Tries that are let through.
    pub tries: usize,
    /// The time they are counted over: an hour at most, for then they are forgotten.
    pub within: Duration,
}

/// Signing in, for one network.
pub const SIGN_IN: Rule = Rule { what: "sign-in", tries: 10, within: Duration::minutes(5) };
/// Signing in, for one sign-in name.
pub const SIGN_IN_NAME: Rule = Rule { what: "sign-in name", tries: 25, within: Duration::hours(1) };
/// Asking for an account, for one network.
pub const JOIN: Rule = Rule { what: "join", tries: 20, within: Duration::hours(1) };
/// Trying a set-up code, for one network.
pub const SET_UP: Rule = Rule { what: "set-up", tries: 20, within: Duration::minutes(15) };
/// Trying codes of invitations that open nothing, for one network.
pub const INVITATION: Rule = Rule { what: "invitation", tries: 30, within: Duration::hours(1) };
/// Asking for cards and keeping them, for one account.
pub const CARD: Rule = Rule { what: "card", tries: 40, within: Duration::hours(1) };
/// Sending pictures, for one account.
pub const PICTURE: Rule = Rule { what: "picture", tries: 60, within: Duration::hours(1) };
/// Asking other servers, for one account.
pub const LOOK_UP: Rule = Rule { what: "look-up", tries: 60, within: Duration::minutes(10) };

/// Refuses when it was tried too often, and counts nothing.
///
/// # Errors
/// `TooOften`; database errors.
pub fn refuse(app: &App, tried: &[(Rule, &str)]) -> Result<()> {
    let now = app.clock.now();
    app.db.read(|c| tried.iter().try_for_each(|(rule, who)| check(c, *rule, &hashed(*rule, who), now)))
}

fn hashed(rule: Rule, who: &str) -> String {
    secret::activity_hash(&format!("{}\n{who}", rule.what))
}

fn check(connection: &mut DbConn, rule: Rule, who: &str, now: DateTime<Utc>) -> Result<()> {
    let times = tries::since(connection, rule.what, who, (now - rule.within).into(), rule.tries)?;
    match times.first().filter(|_| times.len() >= rule.tries) {
        Some(first) => {
            // A time after now was written while the clock was ahead.
            let wait = first.utc() + rule.within - now;
            Err(ActionError::TooOften { wait: wait.clamp(Duration::seconds(1), rule.within) })
        }
        None => Ok(()),
    }
}

/// Counts a try, by each of these rules and who it is by that rule: a network, an account, a name.
///
/// # Errors
/// `TooOften` when one of them says so; nothing is counted then. Database errors.
pub fn count(app: &App, tried: &[(Rule, &str)]) -> Result<()> {
    let now = app.clock.now();
    app.db.write(|tx| {
        let tried: Vec<_> = tried.iter().map(|(rule, who)| (*rule, hashed(*rule, who))).collect();
        for (rule, who) in &tried {
            check(tx, *rule, who, now)?;
        }
        for (rule, who) in &tried {
            tries::add(tx, rule.what, who, now.into())?;
        }
        Ok(())
    })
}

/// Adds what this node counted for hosts (`""`: for all of them) in a minute since 1970, and says what all nodes have
/// counted of each, in the same order.
///
/// # Errors
/// Database errors.
pub fn share(app: &App, what: &str, minute: i64, counted: &[(String, i64)]) -> Result<Vec<i64>> {
    app.db
        .write(|tx| counted.iter().map(|(host, more)| Ok(host_minutes::add(tx, what, host, minute, *more)?)).collect())
}
