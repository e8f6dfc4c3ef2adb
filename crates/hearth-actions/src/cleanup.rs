//! Forgetting what is no longer needed. Safe to repeat, and to run on several nodes at once.

use crate::{App, Result, ban, card, fading, seal, server_follow};
use chrono::Duration;
use hearth_db::{
    Tx,
    tables::{
        activities, audit_log, card_requests, deliveries, delivery_hours, emergency_access, group_invitations,
        group_log, held_posts, host_minutes, hosts, images, incidents, incoming, invites, join_requests, notices,
        pauses, post_marks, quiet_words, removals, repairs, reports, scheduled_posts, seals, seen_activities,
        sent_invites, sessions, tries,
    },
};
use hearth_domain::{image, join_request::KEPT_DAYS, report::Withheld, scheduled_post::KEPT_DAYS as KEPT_RETURNED};

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
/// How long the words of what is hidden are kept, for its author to find others.
const HIDDEN: Duration = Duration::days(90);
/// How long people can read what they were told.
const NOTICED: Duration = Duration::days(90);
/// How long the logs say what was done.
const LOGGED: Duration = Duration::days(365);
/// How long a report is kept after somebody looked at it.
const REPORTED: Duration = Duration::days(90);
/// How long a quiet word is kept after the last thing said in it.
const QUIET: Duration = Duration::days(90);

/// Rows that are removed in one transaction.
const PART: i64 = 500;

/// Nothing is planned for later than this: the longest wait is twelve hours and a fifth, or what a server asked for.
const LATEST: Duration = Duration::hours(16);

/// Removes sessions that have ended, bans and invitations that are over, what people answered who were let in long ago,
/// and what was received, delivered, removed, reported and put right long ago. What was planned while the clock was far
/// ahead is planned anew, or it would wait for years.
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
    in_parts(app, |tx| seal::bury_due(app, tx))?;
    in_parts(app, |tx| card::remove_due(app, tx))?;
    in_parts(app, |tx| fading::fade_due(app, tx))?;
    app.db.write(|tx| {
        sessions::purge(tx, now.into())?;
        incidents::purge(tx, (now - OPERATION).into())?;
        delivery_hours::purge(tx, (now - OPERATION).into())?;
        tries::purge(tx, (now - TRIED).into(), (now + TRIED).into())?;
        let minute = now.timestamp().div_euclid(60);
        host_minutes::purge(tx, minute - 2, minute + 2)?;
        repairs::purge(tx, (now - REPAIRED).into())?;
        seals::forget(tx, (now - REMOVED).into())?;
        quiet_words::purge(tx, (now - QUIET).into())?;
        removals::forget_words(tx, &[Withheld::Removed], (now - REMOVED).into())?;
        removals::forget_words(tx, &[Withheld::Hidden, Withheld::Rephrase], (now - HIDDEN).into())?;
        held_posts::purge(tx, (now - REMOVED).into())?;
        images::purge(tx, (now - image::WAITS).into())?;
        scheduled_posts::purge(tx, (now - Duration::days(KEPT_RETURNED)).into())?;
        post_marks::purge(tx)?;
        card_requests::purge(tx)?;
        pauses::purge(tx, now.into())?;
        notices::purge(tx, (now - NOTICED).into())?;
        group_log::purge(tx, (now - LOGGED).into())?;
        audit_log::purge(tx, (now - LOGGED).into())?;
        emergency_access::purge(tx, (now - LOGGED).into())?;
        reports::purge(tx, (now - REPORTED).into())?;
        ban::end_those_over(app, tx)?;
        server_follow::tidy(app, tx)?;
        invites::purge(tx, (now - SEEN).into())?;
        sent_invites::purge(tx, (now - SEEN).into())?;
        join_requests::purge(tx, (now - Duration::days(KEPT_DAYS)).into())?;
        group_invitations::purge(tx, now.into())?;
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
