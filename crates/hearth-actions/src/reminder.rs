//! Reminding people of the meetups they go to, a day before, in the app.
//!
//! Must never remind twice, nor of a meetup that was called off.

use crate::{
    ActionError, App, Result,
    notice::{self, Told},
};
use chrono::Duration;
use hearth_db::tables::{events, rsvps};
use hearth_domain::{event::Status, notice::Kind, rsvp::Answer};

/// The job that reminds people.
pub const REMIND: &str = "remind";
/// How often it runs.
pub const EVERY_TEN_MINUTES: Duration = Duration::minutes(10);
/// How long before a meetup people are reminded.
const BEFORE: Duration = Duration::hours(24);
/// Most meetups in one run; the soonest.
const MOST: i64 = 500;

/// Reminds who is coming to what begins within a day.
///
/// # Errors
/// Database errors.
pub fn remind(app: &App) -> Result<()> {
    let now = app.clock.now();
    let soon = app.db.read(|c| Ok::<_, ActionError>(events::soon(c, now.into(), (now + BEFORE).into(), MOST)?))?;
    for event in soon.into_iter().filter(|event| event.status != Status::Cancelled) {
        app.db.write(|tx| {
            for (rsvp, actor) in rsvps::with_actors(tx, event.id)? {
                if rsvp.answer != Answer::Coming || !actor.local {
                    continue;
                }
                // A meetup that is moved to another day is soon once more.
                let once = format!("soon:{}:{}", event.id, event.starts_at.utc().timestamp());
                let told = Told::of(Kind::Reminder, event.group_id).event(event.id).once(&once);
                notice::persona(app, tx, actor.id, told)?;
            }
            Ok::<_, ActionError>(())
        })?;
    }
    Ok(())
}
