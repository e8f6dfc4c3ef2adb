//! Opening what is due: in one transaction with planning the next time, so that it opens once, whatever is switched off
//! and however many nodes there are.

use super::{beginning, care, check_ins, could_open, next, recurrence, rests};
use crate::{ActionError, App, Result, agreement, post};
use hearth_db::{
    DbConn, Tx,
    tables::{check_ins::CheckIn, moves, personas},
};
use hearth_domain::{
    Denied,
    audience::Visibility,
    check_in::Rest,
    deed::Deed,
    id::{AccountId, ActorId, CheckInId, PostId},
};

/// The job that opens what is due.
pub const OPEN: &str = "open check-ins";
/// Most that are opened in one run.
const MOST_DUE: i64 = 200;

/// Opens what is due: of the times that passed while the server was off, the last alone. What can't open in the name of
/// whoever keeps it rests, and the others are told; what fails otherwise is tried again.
///
/// # Errors
/// Database errors.
pub fn open_due(app: &App) -> Result<()> {
    if app.require_room().is_err() {
        return Ok(());
    }
    let due = app.db.read(|c| Ok::<_, ActionError>(check_ins::due(c, app.now(), MOST_DUE)?))?;
    let mut failed = None;
    for one in due {
        if let Err(error) = open_one(app, one.id) {
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), Err)
}

/// One that is still due, as it is now: somebody may have changed, paused or opened it a moment ago.
fn still_due(app: &App, connection: &mut DbConn, id: CheckInId) -> Result<Option<CheckIn>> {
    let one = check_ins::get(connection, id)?;
    Ok(one.filter(|one| one.rest.is_none() && one.next_at <= app.now()))
}

fn open_one(app: &App, id: CheckInId) -> Result<()> {
    let opened = app.db.write(|tx| match still_due(app, tx, id)? {
        Some(one) => open(app, tx, one),
        None => Ok(()),
    });
    let Err(error) = opened else { return Ok(()) };
    app.db.write(|tx| match still_due(app, tx, id)? {
        Some(one) => {
            let why = why(tx, &one, error)?;
            rests(app, tx, one, why).map(drop)
        }
        None => Ok(()),
    })
}

fn open(app: &App, tx: &mut Tx<'_>, one: CheckIn) -> Result<()> {
    let next_at = next(app, recurrence(&one)?)?;
    // Nothing is added to what is archived, or has moved away: this time is left out.
    if care::is_archived(tx, one.group_id)? || moves::of(tx, one.group_id)?.is_some() {
        return Ok(check_ins::update(tx, &CheckIn { next_at, ..one })?);
    }
    let author = one.author_id.ok_or(Denied::FacilitatorsOnly)?;
    let account = personas::owner(tx, author)?.ok_or(Denied::FacilitatorsOnly)?;
    may_open(app, tx, account, &one, author)?;
    let place = post::beginner(tx, account, one.group_id, author)?;
    let begun = post::begin(app, tx, account, place, &beginning(&one, author), PostId::random(&*app.entropy))?;
    Ok(check_ins::update(tx, &CheckIn { next_at, post_id: Some(begun.id), ..one })?)
}

/// Whether it may open in this name now: it is of somebody who holds the group, and may begin a conversation there.
pub(super) fn may_open(
    app: &App,
    connection: &mut DbConn,
    account: AccountId,
    one: &CheckIn,
    author: ActorId,
) -> Result<Visibility> {
    let (_, own) = care::held(connection, account, one.group_id, Deed::KeepCheckIns)?;
    if own != author {
        return Err(Denied::FacilitatorsOnly.into());
    }
    could_open(app, connection, account, one, author)
}

/// Why it can't open, where trying again would not help; otherwise what failed.
fn why(connection: &mut DbConn, one: &CheckIn, error: ActionError) -> Result<Rest> {
    match error {
        ActionError::Conflict(_) => {
            let account = one.author_id.map(|author| personas::owner(connection, author)).transpose()?.flatten();
            let asked = match account {
                Some(account) => agreement::outstanding(connection, one.group_id, account)?.is_some(),
                None => false,
            };
            Ok(if asked { Rest::Agreement } else { Rest::Author })
        }
        ActionError::Denied(_) | ActionError::NotFound | ActionError::Gone | ActionError::Invalid(_) => {
            Ok(Rest::Author)
        }
        other => Err(other),
    }
}
