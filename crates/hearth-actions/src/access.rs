//! Keepers reading a group they are not in, when there is no other way. It needs the word of a second keeper or a day's
//! delay, is written down, ends by itself, and the group is told at the moment it begins.
//!
//! Must never let anybody read before it is open, and never more than members read.

use crate::{
    ActionError, App, Form, Result, account, log,
    notice::{self, Told},
};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        emergency_access::{self, EmergencyAccess},
        groups,
    },
};
use hearth_domain::{
    care::{ACCESS_DELAY, ACCESS_LASTS, Access},
    id::{AccessId, AccountId, ActorId},
    log::Logged,
    membership::Role,
    notice::Kind,
    text,
};

/// A keeper asks to read a group that lives here, by its name in its address, and says why. The group will read that.
///
/// # Errors
/// `Denied(KeepersOnly)`, `Invalid`, `Conflict` when it is asked for already.
pub fn ask(app: &App, keeper: AccountId, group: &str, reason: &str) -> Result<()> {
    let mut form = Form::default();
    let reason = form.line("reason", "A reason", reason, 10, text::REASON_MAX);
    form.finish()?;
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        let name = group.trim().trim_start_matches('@').to_lowercase();
        let found = actors::local_by_name(tx, &name)?.filter(|actor| actor.deleted_at.is_none());
        let group = found.map(|actor| groups::with_actor(tx, actor.id)).transpose()?.flatten();
        let (group, _) = group.ok_or_else(|| ActionError::field("group", "There is no group of that name here."))?;
        let asked = emergency_access::current(tx)?;
        if asked.iter().any(|one| one.group_id == group.id && one.account_id == keeper) {
            return Err(ActionError::Conflict("You asked for this already."));
        }
        let now = app.clock.now();
        let row = EmergencyAccess {
            id: AccessId::random(&*app.entropy),
            group_id: group.id,
            account_id: keeper,
            reason: reason.clone(),
            state: Access::Asked,
            approved_by: None,
            asked_at: now.into(),
            opens_at: (now + ACCESS_DELAY).into(),
            ends_at: None,
        };
        row.insert(tx)?;
        log::by_keeper(app, tx, &group, Logged::AccessAsked, keeper)
    })
}

fn found(tx: &mut Tx<'_>, id: AccessId, state: Access) -> Result<(EmergencyAccess, Actor)> {
    let row = emergency_access::get(tx, id)?.filter(|row| row.state == state).ok_or(ActionError::NotFound)?;
    let group = actors::by_id(tx, row.group_id)?.filter(|actor| actor.deleted_at.is_none());
    Ok((row, group.ok_or(ActionError::NotFound)?))
}

/// A second keeper agrees: it may be opened at once.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`, `Conflict` for who asked.
pub fn approve(app: &App, keeper: AccountId, id: AccessId) -> Result<()> {
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        let (row, group) = found(tx, id, Access::Asked)?;
        if row.account_id == keeper {
            return Err(ActionError::Conflict("It takes another keeper to agree, or a day."));
        }
        let agreed = EmergencyAccess { approved_by: Some(keeper), opens_at: app.now(), ..row };
        emergency_access::update(tx, Access::Asked, &agreed)?;
        log::by_keeper(app, tx, &group, Logged::AccessApproved, keeper)
    })
}

/// Begins to read, for a day. Every member of the group is told now.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`, `Conflict` before its time.
pub fn open(app: &App, keeper: AccountId, id: AccessId) -> Result<ActorId> {
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        let (row, group) = found(tx, id, Access::Asked)?;
        if row.account_id != keeper {
            return Err(ActionError::NotFound);
        }
        let now = app.clock.now();
        if now < row.opens_at.utc() {
            return Err(ActionError::Conflict(
                "It opens when a second keeper agrees, or a day after it was asked for.",
            ));
        }
        let words = row.reason.clone();
        let open = EmergencyAccess { state: Access::Open, ends_at: Some((now + ACCESS_LASTS).into()), ..row };
        if !emergency_access::update(tx, Access::Asked, &open)? {
            return Err(ActionError::NotFound);
        }
        notice::members(app, tx, group.id, Role::ALL, None, Told::of(Kind::Access, group.id).words(&words))?;
        log::by_keeper(app, tx, &group, Logged::AccessOpened, keeper)?;
        Ok(group.id)
    })
}

/// Ends what is asked for or open: by the keeper who asked, or another one.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`.
pub fn end(app: &App, keeper: AccountId, id: AccessId) -> Result<()> {
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        let row = emergency_access::get(tx, id)?.filter(|row| row.state != Access::Ended);
        let row = row.ok_or(ActionError::NotFound)?;
        ended(app, tx, row, Some(keeper))
    })
}

fn ended(app: &App, tx: &mut Tx<'_>, row: EmergencyAccess, keeper: Option<AccountId>) -> Result<()> {
    let before = row.state;
    let over = EmergencyAccess { state: Access::Ended, ..row };
    if !emergency_access::update(tx, before, &over)? {
        return Ok(());
    }
    let Some(group) = actors::by_id(tx, over.group_id)? else { return Ok(()) };
    log::by_keeper(app, tx, &group, Logged::AccessEnded, keeper.unwrap_or(over.account_id))
}

/// Ends those whose day is over.
///
/// # Errors
/// Database errors.
pub fn end_those_over(app: &App) -> Result<()> {
    for row in app.db.read(|c| Ok::<_, ActionError>(emergency_access::over(c, app.now())?))? {
        app.db.write(|tx| ended(app, tx, row.clone(), None))?;
    }
    Ok(())
}

/// What is asked for or open, with the group. Keepers only.
///
/// # Errors
/// `Denied(KeepersOnly)`.
pub fn current(app: &App, keeper: AccountId) -> Result<Vec<(EmergencyAccess, Actor)>> {
    app.db.read(|c| {
        account::require_keeper(c, keeper)?;
        let mut list = Vec::new();
        for row in emergency_access::current(c)? {
            if let Some(group) = actors::by_id(c, row.group_id)? {
                list.push((row, group));
            }
        }
        Ok(list)
    })
}

/// Whether a keeper reads this group now: its members see that on its page.
///
/// # Errors
/// Database errors.
pub fn is_open(connection: &mut DbConn, group: ActorId) -> Result<bool> {
    Ok(emergency_access::is_open(connection, group)?)
}
