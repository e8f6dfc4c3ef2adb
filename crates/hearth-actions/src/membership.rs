//! Joining and leaving groups, and deciding who is let in. What goes between servers because of it is in
//! `membership_request`.

use crate::{
    ActionError, App, Form, Result, agreement, card, care, check_in, group,
    join_request::{self, JoinForm},
    log::{self, Said},
    membership_request as request,
    notice::{self, Told},
    notices, persona,
    post::{self, visible_group},
    recipients, role, seal,
    server::site,
};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        groups::{self, Group},
        handovers, held_posts,
        hosts::{self, Host},
        join_requests::{self, JoinAnswer},
        memberships::{self, Membership},
        posts, scheduled_posts,
    },
};
use hearth_domain::{
    Denied, audience,
    group::Reach,
    id::{AccountId, ActorId},
    join_request::{ANSWER_MAX, Outcome},
    log::Logged,
    membership::{Parting, Role, Standing, State},
    notice::Kind,
    permission,
    scheduled_post::Returned,
};

/// Posts that are removed one after the other before it is asked for more.
const PART: i64 = 100;

/// Joins a group under one of the account's personas, here or elsewhere. Joining twice changes nothing, but that a group
/// elsewhere that has not answered is asked again.
///
/// # Errors
/// `NotFound`, `Denied(InvitationOnly)`, `Conflict` when the group knows followers only, `Invalid` when the account is
/// known there by another name, or there is something to agree to.
pub fn join(app: &App, account: AccountId, group: ActorId, persona: ActorId) -> Result<State> {
    join_saying(app, account, group, persona, &JoinForm::default())
}

/// The same, with what the group asks of those who join.
///
/// # Errors
/// As [`join`].
pub fn join_saying(app: &App, account: AccountId, group: ActorId, persona: ActorId, typed: &JoinForm) -> Result<State> {
    app.db.write(|tx| join_in(app, tx, account, group, persona, typed))
}

/// Joins a group inside a larger action.
pub(crate) fn join_in(
    app: &App,
    tx: &mut Tx<'_>,
    account: AccountId,
    group: ActorId,
    persona: ActorId,
    typed: &JoinForm,
) -> Result<State> {
    let (actor, row) = seen_by(tx, Some(account), group)?;
    if !actor.local {
        let persona = persona::for_group(tx, account, group, persona)?;
        let present = memberships::get(tx, group, persona.id)?.filter(|present| present.state != State::Waiting);
        return match present {
            Some(present) => Ok(present.state.told()),
            None => request::ask(app, tx, &actor, &row, &persona, None),
        };
    }
    if let Some((known_as, state)) = join_request::told(tx, group, account)? {
        if known_as != persona {
            return Err(persona::known_by_another_name());
        }
        persona::own(tx, account, persona)?;
        if state == State::Active && !typed.agreed.is_empty() {
            let version = agreement::read_agreed(tx, group, &typed.agreed)?;
            agreement::note(app, tx, group, persona, version)?;
        }
        return Ok(state);
    }
    care::takes_more(tx, actor.id)?;
    let state = permission::may_join(row.settings())?;
    enter(app, tx, account, (&actor, &row), persona, typed, state)
}

/// A group that an account, or somebody who is not signed in, may see.
pub(crate) fn seen_by(connection: &mut DbConn, account: Option<AccountId>, group: ActorId) -> Result<(Actor, Group)> {
    let (actor, row) = groups::with_actor(connection, group)?
        .filter(|(actor, _)| actor.deleted_at.is_none())
        .ok_or(ActionError::NotFound)?;
    let standing = match account {
        Some(account) => group::standing(connection, account, group)?,
        None => Standing::Stranger,
    };
    if audience::group_is_shown(row.settings(), standing) { Ok((actor, row)) } else { Err(ActionError::NotFound) }
}

/// Comes into a group here, or into the line of those who wait, as somebody who is neither. What they agree to comes
/// first. Who is kept out is taken through all of it, and then waits for nobody.
pub(crate) fn enter(
    app: &App,
    tx: &mut Tx<'_>,
    account: AccountId,
    (actor, row): (&Actor, &Group),
    persona: ActorId,
    typed: &JoinForm,
    state: State,
) -> Result<State> {
    let group = row.actor_id;
    let out = memberships::of_account(tx, group, account)?.is_some_and(|own| own.state == State::Banned);
    let persona =
        if out { persona::own(tx, account, persona)? } else { persona::for_group(tx, account, group, persona)? };
    let version = agreement::read_agreed(tx, actor.id, &typed.agreed)?;
    let said = if state == State::Waiting { join_request::read(tx, group, typed)? } else { Vec::new() };
    if out {
        join_request::open(app, tx, account, group, persona.id, Vec::new())?;
        return Ok(State::Waiting);
    }
    let since = app.now();
    Membership { group_id: group, actor_id: persona.id, role: Role::Member, state, since }.insert(tx)?;
    agreement::note(app, tx, group, persona.id, version)?;
    if state == State::Waiting {
        join_request::open(app, tx, account, group, persona.id, said)?;
    }
    Ok(state)
}

/// Leaves a group, without a trace, or takes a request back. Leaving a group one is not in changes nothing.
///
/// # Errors
/// `Denied(LastOwner)`.
pub fn leave(app: &App, account: AccountId, group: ActorId) -> Result<()> {
    app.db.write(|tx| {
        let own = may_leave(tx, account, group)?;
        let Some(own) = own.filter(|own| own.state != State::Banned) else {
            // Leaving must not be the way back in. What such a person asked is theirs to take back.
            join_requests::delete_of_account(tx, group, account)?;
            return Ok(());
        };
        let group = actors::by_id(tx, group)?.ok_or(ActionError::NotFound)?;
        if !group.local {
            request::leave(app, tx, &group, own.actor_id)?;
        } else if own.role == Role::Owner {
            role::owner_stays(tx, group.id, own.actor_id)?;
        }
        join_requests::delete_of_account(tx, group.id, account)?;
        memberships::delete(tx, group.id, own.actor_id)?;
        gone(app, tx, group.id, own.actor_id)?;
        // Also where anybody may write: who leaves does not go on speaking there.
        scheduled_posts::give_all_back(tx, own.actor_id, group.id, Returned::NotAllowed, app.now())?;
        Ok(())
    })
}

/// What somebody who is no member any more leaves undone goes with them.
fn gone(app: &App, tx: &mut Tx<'_>, group: ActorId, actor: ActorId) -> Result<()> {
    held_posts::delete_named_of(tx, actor, group)?;
    handovers::delete_all_of(tx, actor, Some(group))?;
    check_in::let_go(app, tx, actor, Some(group))
}

fn may_leave(connection: &mut DbConn, account: AccountId, group: ActorId) -> Result<Option<Membership>> {
    let own = memberships::of_account(connection, group, account)?;
    let owner = own.as_ref().is_some_and(|own| own.role == Role::Owner && own.state == State::Active);
    let local = actors::by_id(connection, group)?.is_some_and(|group| group.local);
    if owner && local && memberships::with_roles(connection, group, &[Role::Owner])?.len() == 1 {
        return Err(Denied::LastOwner.into());
    }
    Ok(own)
}

/// Whether what somebody wrote in a group can be left there without their name: only where no other server has it under
/// their name.
#[must_use]
pub const fn can_take_name_off(group: &Actor, row: &Group) -> bool {
    group.local && matches!(row.reach, Reach::Here)
}

/// Leaves a group, and says what becomes of what one wrote there, and of one's cards: it stays, it stays without one's
/// name, or it goes.
///
/// What goes, goes piece by piece, each an action by itself, before the membership ends: whoever is interrupted is still
/// a member, and can do it again.
///
/// # Errors
/// `Denied(LastOwner)`; `Conflict` when other servers have it under the person's name.
pub fn leave_with(app: &App, account: AccountId, group: ActorId, parting: Parting) -> Result<()> {
    let own = app.db.read(|c| may_leave(c, account, group))?;
    match (parting, &own) {
        (Parting::Removed, Some(own)) => loop {
            let left = app.db.read(|c| Ok::<_, ActionError>(posts::of_author(c, own.actor_id, Some(group), PART)?))?;
            if left.is_empty() {
                app.db.write(|tx| Ok::<_, ActionError>(scheduled_posts::delete_of(tx, own.actor_id, group)?))?;
                break;
            }
            for post in left {
                post::delete(app, account, post.id)?;
            }
        },
        (Parting::Unnamed, Some(own)) => take_name_off(app, group, own.actor_id)?,
        (Parting::Kept, _) | (_, None) => {}
    }
    if let Some(own) = own.filter(|_| parting != Parting::Kept) {
        app.db.write(|tx| card::part(app, tx, own.actor_id, Some(group), parting))?;
    }
    leave(app, account, group)
}

/// Puts the group's notices in the place of an author. Nobody, also no facilitator, learns afterwards who it was.
fn take_name_off(app: &App, group: ActorId, persona: ActorId) -> Result<()> {
    let keys = notices::keys_of(app, group)?;
    app.db.write(|tx| {
        let (actor, row) = groups::with_actor(tx, group)?.ok_or(ActionError::NotFound)?;
        if !can_take_name_off(&actor, &row) {
            return Err(ActionError::Conflict(
                "Other servers have what you wrote under your name. Let it stay as it is, or remove it.",
            ));
        }
        if posts::of_author(tx, persona, Some(group), 1)?.is_empty() {
            return Ok(());
        }
        let site = site(tx)?;
        let notices = seal::stand_in(app, tx, &site, (&actor, &row), keys.as_ref())?;
        posts::hand_over(tx, group, persona, notices.id)?;
        Ok(())
    })
}

/// Somebody who waits to be let in.
pub struct Waiting {
    /// The request.
    pub membership: Membership,
    /// Who asks.
    pub person: Actor,
    /// Their server, for somebody who lives elsewhere.
    pub host: Option<Host>,
    /// What they were asked and answered. People of other servers are not asked.
    pub answers: Vec<JoinAnswer>,
}

/// A group here that this account looks after.
pub(crate) fn held(connection: &mut DbConn, account: AccountId, group: ActorId) -> Result<(Actor, Group)> {
    let (actor, row) = visible_group(connection, account, group)?;
    if !actor.local {
        return Err(ActionError::NotFound);
    }
    permission::may_let_in(group::standing(connection, account, group)?)?;
    Ok((actor, row))
}

/// Who waits to be let in to a group, longest first.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn waiting(app: &App, account: AccountId, group: ActorId) -> Result<Vec<Waiting>> {
    app.db.read(|c| {
        held(c, account, group)?;
        let mut people = Vec::new();
        for (membership, person) in memberships::waiting(c, group)? {
            let host = if person.local { None } else { hosts::get(c, &person.host)? };
            let answers = join_requests::answers(c, group, person.id)?;
            people.push(Waiting { membership, person, host, answers });
        }
        Ok(people)
    })
}

/// Lets somebody in who waits, or says that this is not the group for them. No reason is given to anybody, and of what
/// somebody answered who is not let in nothing is kept.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Conflict` when their server may not hold what is said in the group.
pub fn answer(app: &App, account: AccountId, group: ActorId, person: ActorId, welcome: bool) -> Result<()> {
    answer_kindly(app, account, group, person, welcome, "")
}

/// The same, with a kind word for somebody here who is not let in. It is shown to them until they put it away, for 30
/// days at most.
///
/// # Errors
/// As [`answer`], `Invalid`.
pub fn answer_kindly(
    app: &App,
    account: AccountId,
    group: ActorId,
    person: ActorId,
    welcome: bool,
    word: &str,
) -> Result<()> {
    let mut form = Form::default();
    let word = form.paragraphs("word", "What you say to them", word, 0, ANSWER_MAX);
    form.finish()?;
    app.db.write(|tx| {
        let (actor, row) = held(tx, account, group)?;
        let by = memberships::of_account(tx, group, account)?.map(|own| own.actor_id);
        let said = Said { by, about: Some(person), ..Said::default() };
        let asked = memberships::get(tx, group, person)?.filter(|row| row.state == State::Waiting);
        asked.ok_or(ActionError::NotFound)?;
        let person = actors::by_id(tx, person)?.ok_or(ActionError::NotFound)?;
        let site = site(tx)?;
        if welcome {
            if !person.local && !may_be_member(tx, &row, &person)? {
                return Err(ActionError::Conflict(
                    "Their server may not hold what is said in this group. A keeper can change that.",
                ));
            }
            memberships::set_state(tx, group, person.id, State::Active, app.now())?;
            notice::persona(app, tx, person.id, Told::of(Kind::LetIn, group))?;
            log::write(app, tx, &actor, Logged::LetIn, said)?;
            join_request::decided(app, tx, group, &person, Outcome::Welcomed, "")?;
            request::answer(app, tx, &site, &actor, &person, true)
        } else {
            request::answer(app, tx, &site, &actor, &person, false)?;
            // Of who is not let in nothing is kept, not even that.
            log::write(app, tx, &actor, Logged::TurnedAway, Said { about: None, ..said })?;
            memberships::delete(tx, group, person.id)?;
            join_request::decided(app, tx, group, &person, Outcome::NotHere, &word)
        }
    })
}

/// Whether somebody of another server may be a member of a group here, by what is known of that server.
pub(crate) fn may_be_member(connection: &mut DbConn, group: &Group, person: &Actor) -> Result<bool> {
    let host = hosts::get(connection, &person.host)?.filter(|host| !host.blocked);
    Ok(host.is_some_and(|host| {
        permission::may_ask_from_elsewhere(group.settings(), host.partner, recipients::may_hold(&host))
    }))
}

/// Ends somebody's membership. They are told that it ended, and not why.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn remove(app: &App, account: AccountId, group: ActorId, person: ActorId) -> Result<()> {
    app.db.write(|tx| {
        let (actor, _) = held(tx, account, group)?;
        let present = memberships::get(tx, group, person)?.filter(|row| row.state == State::Active);
        let present = present.ok_or(ActionError::NotFound)?;
        permission::may_remove(group::standing(tx, account, group)?, present.role)?;
        let person = actors::by_id(tx, person)?.ok_or(ActionError::NotFound)?;
        let by = memberships::of_account(tx, group, account)?.map(|own| own.actor_id);
        let said = Said { by, about: Some(person.id), ..Said::default() };
        log::write(app, tx, &actor, Logged::MemberRemoved, said)?;
        gone(app, tx, group, person.id)?;
        request::remove(app, tx, &actor, &person)
    })
}
