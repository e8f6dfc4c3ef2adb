//! Invitations to a group, as a link and as a printed card. Whoever has the code can use it, with an account or by
//! opening one; no e-mail address is needed.
//!
//! A code that is unknown, used up, too old or taken back is answered alike, and wrong ones are counted. Must never show
//! a group to who has no good code for it and may not see it otherwise, or a code a second time.

use crate::{
    ActionError, App, Form, Result,
    agreement::{self, Terms},
    join_request::{self, JoinForm},
    membership::{self, held},
    persona, secret, team, tries,
};
use hearth_db::{
    DbConn, Time, Tx,
    tables::{
        actors::{self, Actor},
        group_invitations::{self as invitations, GroupInvitation, InvitationPass},
        groups::{self, Group},
        memberships,
    },
};
use hearth_domain::{
    group_invitation::{LABEL_MAX, MOST_DAYS, MOST_USES, may_join_invited},
    id::{AccountId, ActorId, GroupInvitationId},
    join_request::Outcome,
    membership::State,
    text,
};

/// What those who look after a group type to make an invitation.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct InvitationForm {
    /// What they call it, for themselves. May be empty.
    pub label: String,
    /// How many people can use it.
    pub uses: String,
    /// For how many days it is good.
    pub days: String,
    /// `yes`: who shows it is let in at once.
    pub skips_approval: String,
}

/// Makes an invitation. Returns it with its code, which is shown once.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Invalid`.
pub fn make(
    app: &App,
    account: AccountId,
    group: ActorId,
    typed: &InvitationForm,
) -> Result<(GroupInvitation, String)> {
    let mut form = Form::default();
    let label = form.line("label", "A name for it", &typed.label, 0, LABEL_MAX);
    let uses = typed.uses.trim().parse().unwrap_or_default();
    if !(1..=MOST_USES).contains(&uses) {
        form.problem("uses", format!("An invitation can be for 1 to {MOST_USES} people."));
    }
    let days = typed.days.trim().parse().unwrap_or_default();
    if !(1..=MOST_DAYS).contains(&days) {
        form.problem("days", format!("An invitation can be good for 1 to {MOST_DAYS} days."));
    }
    form.finish()?;
    let code = secret::code(&*app.entropy);
    let now = app.clock.now();
    app.db.write(|tx| {
        held(tx, account, group)?;
        let (_, _, persona, _) = team::looked_after(tx, account, group)?;
        let row = GroupInvitation {
            id: GroupInvitationId::random(&*app.entropy),
            group_id: group,
            code_hash: secret::hash_code(&code),
            made_by: persona.id,
            label: label.clone(),
            skips_approval: typed.skips_approval == "yes",
            uses_left: uses,
            expires_at: (now + chrono::Duration::days(days)).into(),
            created_at: now.into(),
        };
        row.insert(tx)?;
        Ok((row, code))
    })
}

/// The invitations of a group that can still be used, each with who made it, newest first.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn all(app: &App, account: AccountId, group: ActorId) -> Result<Vec<(GroupInvitation, Actor)>> {
    app.db.read(|c| {
        held(c, account, group)?;
        let mut list = Vec::new();
        for row in invitations::usable(c, group, app.now())? {
            list.extend(actors::by_id(c, row.made_by)?.map(|maker| (row, maker)));
        }
        Ok(list)
    })
}

/// Takes an invitation back. Returns the group it was for.
///
/// # Errors
/// `NotFound`, also when it is of a group that the account does not look after.
pub fn revoke(app: &App, account: AccountId, id: GroupInvitationId) -> Result<ActorId> {
    app.db.write(|tx| {
        let row = invitations::by_id(tx, id)?.ok_or(ActionError::NotFound)?;
        // Whether there is such an invitation is for those alone who look after the group.
        held(tx, account, row.group_id).map_err(|error| match error {
            ActionError::Denied(_) => ActionError::NotFound,
            other => other,
        })?;
        invitations::revoke(tx, id)?;
        Ok(row.group_id)
    })
}

/// What a good code opens.
pub struct Offer {
    /// The group.
    pub group: Actor,
    /// Its settings and words.
    pub row: Group,
    /// What stands at its door.
    pub terms: Terms,
    /// What comes of using the code: in at once, or into the waiting room.
    pub leads_to: State,
    /// What the account is to the group already, as far as it is told.
    pub present: Option<State>,
    invitation: GroupInvitation,
}

/// What a code opens. `network`: who tries, for wrong codes are counted.
///
/// # Errors
/// `NotFound` for every code that opens nothing; `TooOften`.
pub fn look(app: &App, network: &str, account: Option<AccountId>, code: &str) -> Result<Offer> {
    guarded(app, network, || app.db.read(|c| opened(c, account, code, app.now())))
}

fn guarded<T>(app: &App, network: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
    let who = [(tries::INVITATION, network)];
    tries::refuse(app, &who)?;
    let done = act();
    if matches!(done, Err(ActionError::NotFound)) {
        tries::count(app, &who)?;
    }
    done
}

fn opened(connection: &mut DbConn, account: Option<AccountId>, code: &str, now: Time) -> Result<Offer> {
    let found = invitations::by_code(connection, &secret::hash_code(code), now)?;
    let invitation = found.ok_or(ActionError::NotFound)?;
    let may_pass = match account {
        Some(account) => invitations::has_pass(connection, invitation.id, account)?,
        None => false,
    };
    let (group, row) = groups::with_actor(connection, invitation.group_id)?
        .filter(|(actor, _)| actor.local && actor.deleted_at.is_none())
        .filter(|_| invitation.uses_left > 0 || may_pass)
        .ok_or(ActionError::NotFound)?;
    let present = match account {
        Some(account) => join_request::told(connection, group.id, account)?.map(|(_, state)| state),
        None => None,
    };
    Ok(Offer {
        terms: agreement::terms(connection, group.id)?,
        leads_to: may_join_invited(row.settings(), invitation.skips_approval),
        present,
        group,
        row,
        invitation,
    })
}

/// Uses a code: joins its group, or the line of those who wait to be let in. Somebody who is a member uses nothing up.
///
/// # Errors
/// `NotFound` for every code that opens nothing; `TooOften`, `Invalid`.
pub fn accept(
    app: &App,
    network: &str,
    account: AccountId,
    code: &str,
    persona: ActorId,
    typed: &JoinForm,
) -> Result<(Actor, State)> {
    guarded(app, network, || {
        app.db.write(|tx| {
            let offer = opened(tx, Some(account), code, app.now())?;
            let state = use_offer(app, tx, account, persona, typed, &offer)?;
            Ok((offer.group, state))
        })
    })
}

fn use_offer(
    app: &App,
    tx: &mut Tx<'_>,
    account: AccountId,
    persona: ActorId,
    typed: &JoinForm,
    offer: &Offer,
) -> Result<State> {
    let present = memberships::of_account(tx, offer.group.id, account)?;
    match present {
        Some(own) if own.state == State::Active => return Ok(State::Active),
        Some(own) if own.state == State::Waiting => {
            if offer.leads_to == State::Waiting {
                return Ok(State::Waiting);
            }
            let person = persona::for_group(tx, account, offer.group.id, persona)?;
            let version = agreement::read_agreed(tx, offer.group.id, &typed.agreed)?;
            memberships::set_state(tx, offer.group.id, own.actor_id, State::Active, app.now())?;
            agreement::note(app, tx, offer.group.id, own.actor_id, version)?;
            join_request::decided(app, tx, offer.group.id, &person, Outcome::Welcomed, "")?;
        }
        // Who is kept out learns nothing of it, and uses nothing up.
        Some(_) => {
            return membership::enter(app, tx, account, (&offer.group, &offer.row), persona, typed, offer.leads_to);
        }
        None => {
            membership::enter(app, tx, account, (&offer.group, &offer.row), persona, typed, offer.leads_to)?;
        }
    }
    let id = offer.invitation.id;
    if invitations::use_pass(tx, id, account)? || invitations::redeem(tx, id, app.now())? {
        Ok(offer.leads_to)
    } else {
        Err(ActionError::NotFound)
    }
}

/// Uses a code once to open an account by it. `None` when it opens nothing.
pub(crate) fn redeem(tx: &mut Tx<'_>, code_hash: &str, now: Time) -> Result<Option<GroupInvitationId>> {
    let Some(row) = invitations::by_code(tx, code_hash, now)? else { return Ok(None) };
    Ok(invitations::redeem(tx, row.id, now)?.then_some(row.id))
}

/// Lets the new account into the group without using the code again.
pub(crate) fn pass(tx: &mut Tx<'_>, invitation: GroupInvitationId, account: AccountId) -> Result<()> {
    Ok(InvitationPass { invitation_id: invitation, account_id: account }.insert(tx)?)
}

/// A code as it stands in an address: letters and digits only, small.
#[must_use]
pub fn plain_code(typed: &str) -> String {
    let kept: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    text::cut(&kept.to_ascii_lowercase(), 40)
}
