//! Personas: the names under which an account's owner takes part. Nothing here ever links two of them.

use crate::{
    ActionError, App, Form, KeyPair, Result, account, keys, markdown,
    server::{Site, site},
};
use hearth_activitypub::Addresses;
use hearth_db::{
    DbConn, Time, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        follows, memberships,
        personas::{self, Persona},
        posts,
    },
};
use hearth_domain::{
    Denied,
    address::ApId,
    id::{AccountId, ActorId},
    persona::{NameProblem, person_name},
    text,
};

/// Most personas an account can use at once.
pub const MOST: usize = 12;

/// A checked name for a new persona.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The name in its address.
    pub name: String,
    /// The name that is shown.
    pub display_name: String,
}

/// Reads the two names of a new persona. The shown name may be left out.
pub fn read_wanted(form: &mut Form, name: &str, display_name: &str) -> Wanted {
    let checked = form.take("persona_name", person_name(name), name_sentence);
    let shown = form.line("persona_display_name", "A name", display_name, 0, text::NAME_MAX);
    let display_name = if shown.is_empty() { text::line(name) } else { shown };
    Wanted { name: checked, display_name }
}

/// A sentence about a name in an address.
#[must_use]
pub fn name_sentence(problem: NameProblem) -> String {
    match problem {
        NameProblem::TooShort => "A name needs at least 3 characters.".to_owned(),
        NameProblem::TooLong(max) => format!("A name can have {max} characters at most."),
        NameProblem::Characters => {
            "Use only letters a to z, numbers and _ here. The name that is shown can be anything.".to_owned()
        }
        NameProblem::Reserved => "That name is kept for this server. Choose another.".to_owned(),
    }
}

/// Names are shared by personas and groups, and never given twice.
pub(crate) fn ensure_name_is_free(connection: &mut DbConn, name: &str) -> Result<()> {
    if actors::local_by_name(connection, name)?.is_some() {
        return Err(ActionError::field("persona_name", "That name is taken here. Choose another."));
    }
    Ok(())
}

/// Adds a persona inside a larger action.
pub(crate) fn insert(
    app: &App,
    tx: &mut Tx<'_>,
    at: &Addresses,
    account: AccountId,
    wanted: &Wanted,
    pair: &KeyPair,
    now: Time,
) -> Result<ActorId> {
    ensure_name_is_free(tx, &wanted.name)?;
    let url = at.person(&wanted.name);
    let actor = Actor {
        id: ActorId::random(&*app.entropy),
        kind: ActorKind::Person,
        ap_id: ApId::try_from(url.clone()).map_err(|_| ActionError::NotSetUp)?,
        host: at.host(),
        local: true,
        name: wanted.name.clone(),
        display_name: wanted.display_name.clone(),
        summary_source: String::new(),
        summary_html: String::new(),
        url: url.to_string(),
        inbox: at.inbox(&url).into(),
        shared_inbox: Some(at.shared_inbox().into()),
        outbox: Some(at.outbox(&url).into()),
        followers: Some(at.followers(&url).into()),
        public_key_id: at.main_key(&url).into(),
        public_key_pem: pair.public_pem.clone(),
        private_key_pem: Some(pair.private_pem.clone()),
        approves_followers: true,
        discoverable: false,
        on_network_since: None,
        created_at: now,
        updated_at: now,
        fetched_at: None,
        deleted_at: None,
    };
    actor.insert(tx)?;
    keys::add(app, tx, at, &actor)?;
    Persona { actor_id: actor.id, account_id: account, retired_at: None }.insert(tx)?;
    Ok(actor.id)
}

/// Adds a persona to an account.
///
/// # Errors
/// `Denied`, `Invalid`.
pub fn create(app: &App, account: AccountId, name: &str, display_name: &str) -> Result<ActorId> {
    app.require_room()?;
    let mut form = Form::default();
    let wanted = read_wanted(&mut form, name, display_name);
    form.finish()?;
    let keys = app.key_pair()?;
    app.db.write(|tx| {
        account::require_active(tx, account)?;
        if personas::of_account(tx, account)?.len() >= MOST {
            return Err(ActionError::field(
                "persona_name",
                format!("You can have {MOST} names at once. Retire one first."),
            ));
        }
        let Site { at, .. } = site(tx)?;
        insert(app, tx, &at, account, &wanted, &keys, app.now())
    })
}

/// Changes the shown name and the words about a persona.
///
/// # Errors
/// `NotFound` when it is not a persona of this account, `Invalid`.
pub fn describe(app: &App, account: AccountId, persona: ActorId, display_name: &str, about: &str) -> Result<()> {
    let mut form = Form::default();
    let display_name = form.line("persona_display_name", "A name", display_name, 1, text::NAME_MAX);
    let about = form.paragraphs("about", "What you write about yourself", about, 0, text::SUMMARY_MAX);
    form.finish()?;
    app.db.write(|tx| {
        own(tx, account, persona)?;
        Ok(actors::describe(tx, persona, &display_name, &about, &markdown::html(&about), app.now())?)
    })
}

/// Retires a persona: it is no longer offered, its name stays taken, what it wrote stays.
///
/// # Errors
/// `NotFound`, `Conflict` when it is the last one or still belongs to groups.
pub fn retire(app: &App, account: AccountId, persona: ActorId) -> Result<()> {
    app.db.write(|tx| {
        own(tx, account, persona)?;
        if personas::of_account(tx, account)?.len() == 1 {
            return Err(ActionError::Conflict("You need one name at least. Add another before you retire this one."));
        }
        let member = memberships::all_of_account(tx, account)?.iter().any(|row| row.actor_id == persona);
        let follows = follows::of_account(tx, account)?.iter().any(|row| row.follower_id == persona);
        if member || follows {
            return Err(ActionError::Conflict("This name still belongs to groups. Leave them first."));
        }
        personas::retire(tx, account, persona, app.now())?;
        Ok(())
    })
}

/// A persona of this account.
///
/// # Errors
/// `NotFound` when it is not; `Denied` when the account may not act.
pub fn own(connection: &mut DbConn, account: AccountId, persona: ActorId) -> Result<Actor> {
    account::require_active(connection, account)?;
    personas::of_account(connection, account)?
        .into_iter()
        .find(|actor| actor.id == persona)
        .ok_or(ActionError::NotFound)
}

/// The persona this account acts as in a group: the one it joined, follows or wrote with, and until then any of its own.
/// One group sees one persona of an account.
///
/// # Errors
/// `NotFound` when `asked` is not of this account; `Invalid` when another persona belongs to this group.
pub fn for_group(connection: &mut DbConn, account: AccountId, group: ActorId, asked: ActorId) -> Result<Actor> {
    let persona = own(connection, account, asked)?;
    match bound(connection, account, group)? {
        Some(bound) if bound != asked => Err(known_by_another_name()),
        _ => Ok(persona),
    }
}

/// One group sees one persona of an account.
pub(crate) fn known_by_another_name() -> ActionError {
    ActionError::field(
        "persona",
        "You are known in this group by another name. Choose that one, so that nobody can link the two.",
    )
}

/// The persona by which an account is known in a group.
///
/// # Errors
/// Database errors.
pub fn bound(connection: &mut DbConn, account: AccountId, group: ActorId) -> Result<Option<ActorId>> {
    if let Some(membership) = memberships::of_account(connection, group, account)? {
        return Ok(Some(membership.actor_id));
    }
    let follow = follows::of_account(connection, account)?.into_iter().find(|row| row.target_id == group);
    match follow {
        Some(follow) => Ok(Some(follow.follower_id)),
        None => Ok(posts::persona_in(connection, group, account)?),
    }
}

/// The personas of an account.
///
/// # Errors
/// `Denied` when the account may not act.
pub fn all(app: &App, account: AccountId) -> Result<Vec<Actor>> {
    app.db.read(|c| {
        account::require_active(c, account).map_err(|error| match error {
            ActionError::Denied(Denied::SignIn) => ActionError::NotFound,
            other => other,
        })?;
        Ok(personas::of_account(c, account)?)
    })
}
