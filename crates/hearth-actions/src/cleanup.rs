//! Forgetting what is no longer needed. Safe to repeat, and to run on several nodes at once.

use crate::{App, Result, server_follow};
use chrono::Duration;
use hearth_db::tables::{
    activities, deliveries, delivery_hours, hosts, incidents, incoming, invites, seen_activities, sessions,
};

/// How long the ids of received activities are remembered (profile 5.3).
const SEEN: Duration = Duration::days(30);
/// How long what was delivered is kept: some servers look at an activity's own address.
const SENT: Duration = Duration::days(1);
/// How long deliveries that were given up are kept, for the keeper to see.
const GIVEN_UP: Duration = Duration::days(7);
/// How long the keeper can see how the server was doing.
const OPERATION: Duration = Duration::days(30);

/// Nothing is planned for later than this: the longest wait is twelve hours and a fifth, or what a server asked for.
const LATEST: Duration = Duration::hours(16);

/// Removes sessions that have ended, and what was received, delivered and put right long ago. What was planned while the
/// clock was far ahead is planned anew, or it would wait for years.
///
/// # Errors
/// Database errors.
pub fn forget(app: &App) -> Result<()> {
    let now = app.clock.now();
    app.db.write(|tx| {
        sessions::purge(tx, now.into())?;
        seen_activities::purge(tx, (now - SEEN).into())?;
        deliveries::purge(tx, (now - SENT).into(), (now - GIVEN_UP).into())?;
        activities::purge(tx, (now - SENT).into())?;
        incidents::purge(tx, (now - OPERATION).into())?;
        delivery_hours::purge(tx, (now - OPERATION).into())?;
        server_follow::tidy(app, tx)?;
        invites::purge(tx, (now - SEEN).into())?;
        let latest = (now + LATEST).into();
        deliveries::pull_in(tx, now.into(), latest)?;
        incoming::pull_in(tx, now.into(), latest)?;
        hosts::pull_in(tx, latest)?;
        Ok(())
    })
}
