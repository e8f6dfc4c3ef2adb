//! Forgetting what is no longer needed. Safe to repeat, and to run on several nodes at once.

use crate::{App, Result, ban, server_follow};
use chrono::Duration;
use hearth_db::{
    Tx,
    tables::{
        activities, deliveries, delivery_hours, host_minutes, hosts, incidents, incoming, invites, removals, repairs,
        reports, seen_activities, sessions, tries,
    },
};

/// How long the ids of received activities are remembered (profile 5.3).
const SEEN: Duration = Duration::days(30);
/// How long what was delivered is kept: some servers look at an activity's own address.
const SENT: Duration = Duration::days(1);
/// How long deliveries that were given up are kept, for the keeper to see.
const GIVEN_UP: Duration = Duration::days(7);
/// How long the keeper can see how the server was doing.
const OPERATION: Duration = Duration::days(30);

/// How long tries are remembered; no rule looks back further.
const TRIED: Duration = Duration::hours(1);
/// How long it is remembered when something elsewhere was last read: longer than the longest pause between two readings.
const REPAIRED: Duration = Duration::days(3);
/// How long the words of what a moderator removed are kept, so that it can be undone.
const REMOVED: Duration = Duration::days(30);
/// How long a report is kept after somebody looked at it.
const REPORTED: Duration = Duration::days(90);

/// Rows that are removed in one transaction.
const PART: i64 = 500;

/// Nothing is planned for later than this: the longest wait is twelve hours and a fifth, or what a server asked for.
const LATEST: Duration = Duration::hours(16);

/// Removes sessions that have ended, bans that are over, and what was received, delivered, removed, reported and put right long ago. What was planned while the
/// clock was far ahead is planned anew, or it would wait for years.
///
/// # Errors
/// Database errors.
pub fn forget(app: &App) -> Result<()> {
    let now = app.clock.now();
    // The tables that grow with every post, in many small transactions: a million rows in one would keep everybody
    // else from writing, and leave a log as large as the rows.
    in_parts(app, |tx| Ok(seen_activities::purge(tx, (now - SEEN).into(), PART)?))?;
    in_parts(app, |tx| Ok(deliveries::purge(tx, (now - SENT).into(), (now - GIVEN_UP).into(), PART)?))?;
    in_parts(app, |tx| Ok(activities::purge(tx, (now - SENT).into(), PART)?))?;
    app.db.write(|tx| {
        sessions::purge(tx, now.into())?;
        incidents::purge(tx, (now - OPERATION).into())?;
        delivery_hours::purge(tx, (now - OPERATION).into())?;
        tries::purge(tx, (now - TRIED).into(), (now + TRIED).into())?;
        let minute = now.timestamp().div_euclid(60);
        host_minutes::purge(tx, minute - 2, minute + 2)?;
        repairs::purge(tx, (now - REPAIRED).into())?;
        removals::forget_words(tx, (now - REMOVED).into())?;
        reports::purge(tx, (now - REPORTED).into())?;
        ban::end_those_over(app, tx)?;
        server_follow::tidy(app, tx)?;
        invites::purge(tx, (now - SEEN).into())?;
        let latest = (now + LATEST).into();
        repairs::pull_in(tx, now.into(), latest)?;
        deliveries::pull_in(tx, now.into(), latest)?;
        incoming::pull_in(tx, now.into(), latest)?;
        hosts::pull_in(tx, latest)?;
        Ok(())
    })
}

/// Removes part after part, each in a transaction of its own, until nothing is left to remove.
fn in_parts(app: &App, remove: impl Fn(&mut Tx<'_>) -> Result<usize>) -> Result<()> {
    while app.db.write(&remove)? > 0 {}
    Ok(())
}
