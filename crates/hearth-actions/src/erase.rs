//! Erasing a persona or a group that lives here: what it said becomes tombstones, what it took part in ends, and every
//! server that knows of it is told (profile 5.1). Its name stays taken, and its address answers 410.
//!
//! Must never: link the erased persona to another one, or be the way out of a ban.

use crate::{
    ActionError, App, Result, account, card, care, check_in, documents, persona,
    publish::{self, Outgoing},
    recipients::Circle,
    role, rsvp, seal,
    server::{Site, site},
};
use hearth_activitypub::{activity::Reach, outbound};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        bans, blocks, card_owners, cards as card_rows, check_ins, event_series, events, faded_posts, follows,
        group_invitations, groups, handovers, held_posts, join_requests, memberships, mutes, notices, personas, posts,
        quiet_words, reactions, removals, scheduled_posts, sent_invites, teams, topics,
    },
};
use hearth_domain::{
    Denied,
    audience::Visibility,
    id::{AccountId, ActorId},
    membership::{Parting, Role, State},
};

/// Erases one of an account's personas, with everything it wrote and its cards.
///
/// # Errors
/// `NotFound` when it is not a persona of this account; `Conflict` when it is the last one; `Denied(LastOwner)` when a
/// group would be left without an owner.
pub fn persona(app: &App, account: AccountId, persona: ActorId) -> Result<()> {
    persona_with(app, account, persona, Parting::Removed)
}

/// The same, and says what becomes of its cards: they go, or stay without its name and are nobody's. Under the name of
/// who is erased nothing stays.
///
/// # Errors
/// As [`persona()`].
pub fn persona_with(app: &App, account: AccountId, persona: ActorId, cards: Parting) -> Result<()> {
    let cards = if cards == Parting::Kept { Parting::Unnamed } else { cards };
    app.db.write(|tx| {
        let actor = persona::own(tx, account, persona)?;
        if personas::of_account(tx, account)?.len() == 1 {
            return Err(ActionError::Conflict("You need one name at least. Add another before you erase this one."));
        }
        for row in memberships::all_of(tx, persona)? {
            if row.role == Role::Owner {
                role::owner_stays(tx, row.group_id, persona)?;
            }
        }
        tell(app, tx, &actor)?;
        card::part(app, tx, actor.id, None, cards)?;
        if cards == Parting::Unnamed {
            card_owners::forget(tx, actor.id)?;
        }
        everything_of(app, tx, &actor)?;
        seal::bury_later(app, tx, actor.id)?;
        personas::retire(tx, account, persona, app.now())?;
        Ok(())
    })
}

/// Erases a group with all its conversations and meetups. Only its owners may.
///
/// # Errors
/// `NotFound`, `Denied(OwnersOnly)`.
pub fn group(app: &App, account: AccountId, group: ActorId) -> Result<()> {
    app.db.write(|tx| {
        let actor = owned(tx, account, group)?;
        tell(app, tx, &actor)?;
        bans::delete_all_in(tx, group)?;
        memberships::delete_all_in(tx, group)?;
        everything_of(app, tx, &actor)
    })
}

/// Whether this account may erase this group.
///
/// # Errors
/// As [`group`].
pub fn may_erase_group(app: &App, account: AccountId, group: ActorId) -> Result<()> {
    app.db.read(|c| owned(c, account, group).map(drop))
}

/// A group that lives here and that this account owns.
pub(crate) fn owned(connection: &mut DbConn, account: AccountId, group: ActorId) -> Result<Actor> {
    account::require_active(connection, account)?;
    let (actor, _) = groups::with_actor(connection, group)?
        .filter(|(actor, _)| actor.local && actor.deleted_at.is_none())
        .ok_or(ActionError::NotFound)?;
    let own = memberships::of_account(connection, group, account)?;
    let owns = own.is_some_and(|row| row.state == State::Active && row.role == Role::Owner);
    if owns { Ok(actor) } else { Err(Denied::OwnersOnly.into()) }
}

/// Tells the servers that know of the actor: every one of what is open to all, and of a group that is not those that
/// get what it keeps to itself.
fn tell(app: &App, tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
    let site = site(tx)?;
    if actor.kind != ActorKind::Group {
        if actor.on_network_since.is_none() {
            return Ok(());
        }
        return delete(app, &site, actor, &Reach::Public).tell_everybody(app, tx).map(drop);
    }
    let settings = groups::by_id(tx, actor.id)?.ok_or(ActionError::NotFound)?.settings();
    let circle = Circle::of(&site, actor, settings, Visibility::Public);
    let delete = delete(app, &site, actor, &circle.reach);
    if settings.is_wide_open() {
        delete.tell_everybody(app, tx).map(drop)
    } else {
        publish::to_all(app, tx, &circle, delete)
    }
}

fn delete<'a>(app: &App, site: &Site, actor: &'a Actor, reach: &Reach) -> Outgoing<'a> {
    let id = publish::new_activity(app, site);
    let followers = documents::followers(site, actor);
    let body = outbound::delete_actor(&id.1, actor.ap_id.url(), &followers, reach).to_string();
    Outgoing { id, kind: "Delete", signer: actor, object: actor.ap_id.as_str(), body }
}

/// What an actor said becomes tombstones and what it took part in ends, here and for actors elsewhere alike. That it is
/// kept out of a group stays, and so do the reports that name it: others decide about those.
pub(crate) fn everything_of(app: &App, tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
    let now = app.now();
    if actor.kind == ActorKind::Group {
        posts::bury_all_in(tx, actor.id, now)?;
        held_posts::delete_all_in(tx, actor.id)?;
        handovers::delete(tx, actor.id)?;
        care::forget(tx, actor.id)?;
        check_ins::delete_all_in(tx, actor.id)?;
        event_series::delete_all_in(tx, actor.id)?;
        removals::delete_all_in(tx, actor.id)?;
        events::bury_all_in(tx, actor.id, now)?;
        card_rows::delete_all_in(tx, actor.id)?;
        for topic in topics::of_group(tx, actor.id)? {
            topics::delete(tx, topic.id)?;
        }
    }
    posts::bury_all_of(tx, actor.id, now)?;
    held_posts::delete_all_of(tx, actor.id)?;
    scheduled_posts::delete_all_of(tx, actor.id)?;
    check_in::let_go(app, tx, actor.id, None)?;
    event_series::let_go(tx, actor.id)?;
    faded_posts::delete_all_of(tx, actor.id)?;
    handovers::delete_all_of(tx, actor.id, None)?;
    notices::delete_all_of(tx, actor.id)?;
    removals::delete_all_of(tx, actor.id)?;
    reactions::delete_all_of(tx, actor.id)?;
    blocks::forget(tx, actor.id)?;
    mutes::forget(tx, actor.id)?;
    quiet_words::forget(tx, actor.id)?;
    rsvp::free_places_of(app, tx, actor.id)?;
    memberships::delete_all_of(tx, actor.id)?;
    join_requests::delete_all_about(tx, actor.id)?;
    sent_invites::delete_all_about(tx, actor.id)?;
    group_invitations::revoke_all_of(tx, actor.id)?;
    teams::forget(tx, actor.id, actor.ap_id.as_str())?;
    follows::delete_all_of(tx, actor.id)?;
    follows::delete_all_to(tx, actor.id)?;
    actors::mark_deleted(tx, actor.id, now)?;
    Ok(())
}
