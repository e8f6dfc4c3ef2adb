//! A word to a member from those who look after the group, and pausing somebody: they read, and write again after some
//! days.
//!
//! Must never tell anybody else.

use crate::{
    ActionError, App, Form, Result,
    care::{self, Words},
    log::{self, Said},
    notice::{self, Told},
    post::standing_of,
    team,
};
use chrono::Duration;
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor},
        group_care,
        pauses::{self, Pause},
        personas,
    },
};
use hearth_domain::{
    care::MOST_PAUSE_DAYS,
    deed::{self, Deed},
    id::{AccountId, ActorId},
    log::Logged,
    notice::Kind,
};

/// The group, who does it, and about whom, where they may.
fn about(
    tx: &mut Tx<'_>,
    account: AccountId,
    group: ActorId,
    person: ActorId,
    deed: Deed,
) -> Result<(Actor, ActorId, Actor)> {
    let (group, own) = care::held(tx, account, group, deed)?;
    let person = actors::by_id(tx, person)?.filter(|actor| actor.deleted_at.is_none()).ok_or(ActionError::NotFound)?;
    if personas::owner(tx, person.id)? == Some(account) {
        return Err(ActionError::field("words", "That is you."));
    }
    let theirs = team::standing(tx, &group, person.ap_id.url())?;
    deed::may_decide_about(standing_of(tx, group.id, own)?, deed, theirs)?;
    Ok((group, own, person))
}

/// Tells somebody here that something was not right.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly, NotAboveThem)`, `Invalid`.
pub fn warn(app: &App, account: AccountId, group: ActorId, person: ActorId, words: &Words) -> Result<()> {
    app.db.write(|tx| {
        let (group, own, person) = about(tx, account, group, person, Deed::Warn)?;
        if !person.local {
            return Err(ActionError::field("words", "They live on another server, where we can’t leave them a word."));
        }
        let words = words.read(tx, group.id)?;
        notice::persona(app, tx, person.id, Told::of(Kind::Warned, group.id).words(&words))?;
        let said = Said { by: Some(own), about: Some(person.id), ..Said::default() };
        log::write(app, tx, &group, Logged::Warned, said)
    })
}

/// Pauses somebody for some days, with a kind word.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly, NotAboveThem)`, `Invalid`.
pub fn pause(app: &App, account: AccountId, group: ActorId, person: ActorId, days: &str, words: &Words) -> Result<()> {
    let mut form = Form::default();
    let days: Option<u32> = days.trim().parse().ok().filter(|days| (1..=MOST_PAUSE_DAYS).contains(days));
    if days.is_none() {
        form.problem("days", format!("Give a number of days from 1 to {MOST_PAUSE_DAYS}."));
    }
    form.finish()?;
    let days = days.unwrap_or(1);
    app.db.write(|tx| {
        let (group, own, person) = about(tx, account, group, person, Deed::Pause)?;
        let words = words.read(tx, group.id)?;
        let now = app.clock.now();
        let ends_at = (now + Duration::days(days.into())).into();
        // A group's row says that there may be pauses: without one nobody asks.
        let decided = group_care::of_group(tx, group.id)?;
        group_care::put(tx, &decided)?;
        pauses::put(tx, &Pause { group_id: group.id, actor_id: person.id, paused_at: now.into(), ends_at })?;
        notice::persona(app, tx, person.id, Told::of(Kind::Paused, group.id).words(&words))?;
        let said = Said { by: Some(own), about: Some(person.id), number: i32::try_from(days).ok(), ..Said::default() };
        log::write(app, tx, &group, Logged::Paused, said)
    })
}

/// Ends a pause early. Where there is none, nothing changes.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly, NotAboveThem)`.
pub fn end(app: &App, account: AccountId, group: ActorId, person: ActorId) -> Result<()> {
    app.db.write(|tx| {
        let (group, own, person) = about(tx, account, group, person, Deed::Pause)?;
        if !pauses::delete(tx, group.id, person.id)? {
            return Ok(());
        }
        let said = Said { by: Some(own), about: Some(person.id), ..Said::default() };
        log::write(app, tx, &group, Logged::PauseEnded, said)
    })
}

/// Who is paused in a group.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn of_group(app: &App, account: AccountId, group: ActorId) -> Result<Vec<(Pause, Actor)>> {
    app.db.read(|c| {
        let (group, _) = care::held(c, account, group, Deed::Pause)?;
        let mut list = Vec::new();
        for pause in pauses::of_group(c, group.id, app.now())? {
            if let Some(actor) = actors::by_id(c, pause.actor_id)? {
                list.push((pause, actor));
            }
        }
        Ok(list)
    })
}
