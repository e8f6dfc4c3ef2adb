//! Joining and leaving a group that lives here.

use crate::{ActionError, App, Result, persona};
use hearth_db::tables::{
    groups,
    memberships::{self, Membership},
};
use hearth_domain::{
    Denied,
    id::{AccountId, ActorId},
    membership::{Role, State},
    permission,
};

/// Joins a group under one of the account's personas. Joining twice changes nothing.
///
/// # Errors
/// `NotFound`, `Denied(InvitationOnly)`, `Invalid` when the account is known there by another name.
pub fn join(app: &App, account: AccountId, group: ActorId, persona: ActorId) -> Result<State> {
    app.db.write(|tx| {
        let (_, row) = groups::with_actor(tx, group)?
            .filter(|(actor, _)| actor.local && actor.deleted_at.is_none())
            .ok_or(ActionError::NotFound)?;
        let persona = persona::for_group(tx, account, group, persona)?;
        if let Some(present) = memberships::get(tx, group, persona.id)? {
            return Ok(present.state.told());
        }
        let state = permission::may_join(row.settings())?;
        let joined = Membership { group_id: group, actor_id: persona.id, role: Role::Member, state, since: app.now() };
        joined.insert(tx)?;
        Ok(state)
    })
}

/// Leaves a group, without a trace. Leaving a group one is not in changes nothing.
///
/// # Errors
/// `Denied(LastOwner)`.
pub fn leave(app: &App, account: AccountId, group: ActorId) -> Result<()> {
    app.db.write(|tx| {
        let Some(own) = memberships::of_account(tx, group, account)? else { return Ok(()) };
        if own.state == State::Banned {
            // Leaving must not be the way back in.
            return Ok(());
        }
        if own.role == Role::Owner && memberships::with_roles(tx, group, &[Role::Owner])?.len() == 1 {
            return Err(Denied::LastOwner.into());
        }
        memberships::delete(tx, group, own.actor_id)?;
        Ok(())
    })
}
