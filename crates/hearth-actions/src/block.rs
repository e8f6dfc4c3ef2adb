//! Muting and blocking people. A mute is for oneself alone; a block is between two, here and across servers: from then on
//! neither sees what the other writes, nor answers it. Nobody is told.
//!
//! Must never: say anything about what was written without a name, for to hide it would say whose it is; keep from those
//! who look after a group what they have to look after; or put a persona on the network.

use crate::{
    ActionError, App, Result, persona,
    publish::{self, Outgoing},
    seal,
    server::site,
};
use hearth_activitypub::outbound;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        blocks::{self, Block},
        mutes::{self, Mute},
        personas,
        posts::Post,
    },
    views::visible::Reader,
};
use hearth_domain::{
    id::{AccountId, ActorId},
    permission,
};
use url::Url;

/// Whom one can mute or block: a person, here or elsewhere, who is not oneself.
fn person(connection: &mut DbConn, account: AccountId, id: ActorId) -> Result<Actor> {
    let fits = |actor: &Actor| {
        !matches!(actor.kind, ActorKind::Group | ActorKind::Application) && !seal::stands_for_others(actor)
    };
    let found = actors::by_id(connection, id)?.filter(fits).ok_or(ActionError::NotFound)?;
    if personas::owner(connection, id)? == Some(account) {
        return Err(ActionError::Conflict("That is you."));
    }
    Ok(found)
}

/// Hides what somebody writes from this account, or no longer.
///
/// # Errors
/// `NotFound`, `Conflict` for oneself.
pub fn mute(app: &App, account: AccountId, whom: ActorId, yes: bool) -> Result<()> {
    app.db.write(|tx| {
        crate::account::require_active(tx, account)?;
        let whom = person(tx, account, whom)?;
        mutes::delete(tx, account, whom.id)?;
        if yes {
            Mute { account_id: account, actor_id: whom.id, muted_at: app.now() }.insert(tx)?;
        }
        Ok(())
    })
}

/// Blocks somebody as one of one's personas, or no longer. Somebody elsewhere is blocked there too, if their server may
/// know of the persona at all.
///
/// # Errors
/// `NotFound`, `Conflict` for oneself.
pub fn block(app: &App, account: AccountId, by: ActorId, whom: ActorId, yes: bool) -> Result<()> {
    app.db.write(|tx| {
        let site = site(tx)?;
        let by = persona::own(tx, account, by)?;
        let whom = person(tx, account, whom)?;
        let (id, url) = publish::new_activity(app, &site);
        let written = |block: &Url| outbound::block(block, by.ap_id.url(), whom.ap_id.url());
        let (kind, body) = match (blocks::get(tx, by.id, whom.id)?, yes) {
            (None, true) => {
                let ap_id = url.to_string();
                Block { by_id: by.id, whom_id: whom.id, ap_id, blocked_at: app.now() }.insert(tx)?;
                ("Block", written(&url))
            }
            (Some(before), false) => {
                blocks::delete(tx, by.id, whom.id)?;
                let undone = Url::parse(&before.ap_id).map_err(|_| ActionError::NotFound)?;
                ("Undo", outbound::undo(&url, by.ap_id.url(), written(&undone)))
            }
            _ => return Ok(()),
        };
        if by.on_network_since.is_none() {
            return Ok(());
        }
        let object = whom.ap_id.as_str();
        Outgoing { id: (id, url), kind, signer: &by, object, body: body.to_string() }.send(app, tx, &whom)
    })
}

/// Somebody elsewhere blocks a person here. `false` when it is about nobody here.
pub(crate) fn received(app: &App, tx: &mut Tx<'_>, by: &Actor, id: Option<&Url>, whom: &Url) -> Result<bool> {
    let Some(whom) = person_here(tx, whom)? else { return Ok(false) };
    let Some(id) = id else { return Ok(false) };
    if blocks::get(tx, by.id, whom.id)?.is_none() && blocks::by_ap_id(tx, id.as_str())?.is_none() {
        Block { by_id: by.id, whom_id: whom.id, ap_id: id.to_string(), blocked_at: app.now() }.insert(tx)?;
    }
    Ok(true)
}

/// They take it back: by whom it was about, or by its id alone.
pub(crate) fn received_undo(tx: &mut Tx<'_>, by: &Actor, id: Option<&Url>, whom: Option<&Url>) -> Result<bool> {
    if let Some(whom) = whom {
        let Some(whom) = person_here(tx, whom)? else { return Ok(false) };
        return Ok(blocks::delete(tx, by.id, whom.id)? > 0);
    }
    let known = match id {
        Some(id) => blocks::by_ap_id(tx, id.as_str())?.filter(|known| known.by_id == by.id),
        None => None,
    };
    match known {
        Some(known) => Ok(blocks::delete(tx, by.id, known.whom_id)? > 0),
        None => Ok(false),
    }
}

fn person_here(tx: &mut Tx<'_>, id: &Url) -> Result<Option<Actor>> {
    let found = actors::by_ap_id(tx, id.as_str())?;
    Ok(found.filter(|actor| actor.local && actor.kind == ActorKind::Person && actor.on_network_since.is_some()))
}

/// Whether a block keeps a post from a reader: what was written after it, by one of the two. Those who look after the
/// group see everything.
///
/// # Errors
/// Database errors.
pub fn hides(connection: &mut DbConn, account: Option<AccountId>, reader: &Reader, post: &Post) -> Result<bool> {
    let Some(account) = account else { return Ok(false) };
    if permission::may_moderate(reader.standing(post.group_id)).is_ok() {
        return Ok(false);
    }
    let since = blocks::with_account(connection, account, post.author_id)?;
    Ok(since.is_some_and(|since| since <= post.created_at))
}

/// Whether an account would rather not hear of somebody: it muted them, or a block stands between the two.
pub(crate) fn is_unheard(connection: &mut DbConn, account: AccountId, whom: ActorId) -> Result<bool> {
    Ok(mutes::is_muted(connection, account, whom)? || blocks::with_account(connection, account, whom)?.is_some())
}

/// May this persona answer what that actor wrote? A refusal names no reason.
///
/// # Errors
/// `Conflict`.
pub(crate) fn may_answer(connection: &mut DbConn, writer: ActorId, author: ActorId) -> Result<()> {
    match blocks::between(connection, writer, author)? {
        Some(_) => Err(ActionError::Conflict("This can't take your reply at the moment.")),
        None => Ok(()),
    }
}
