//! Writing without one's name (decision 13): the group's notices stand for who wrote, here and on the wire.
//!
//! Must never: let anything that is shown, sent or counted depend on who wrote, but for who wrote it themselves.

use crate::{ActionError, App, KeyPair, Result, notices, server::Site};
use chrono::Duration;
use hearth_activitypub::address::notices_name;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        groups::Group,
        held_posts, personas,
        posts::{self, Post, Thread},
        seals::{self, Seal},
        talk_rules,
        voices::{self, Voice},
    },
};
use hearth_domain::{
    id::{AccountId, ActorId, PostId},
    membership::Standing,
    seal::{self, NotUnnamed, Place, Spoken},
};
use std::collections::HashSet;

/// What an erased persona wrote without its name goes within this time, each post at a moment of its own: all at once they
/// would say that they belong together, and to whom.
const GOES_WITHIN: Duration = Duration::days(3);
/// Posts that go in one transaction.
const PART: i64 = 50;

/// Whether an actor stands for people who wrote without their name: the notices of a group, here or elsewhere.
#[must_use]
pub fn stands_for_others(actor: &Actor) -> bool {
    actor.kind == ActorKind::Service && notices::group_of(&actor.name).is_some()
}

/// The account that wrote a post here, whether under a name or without: for its own edits, limits and bans, and for
/// nothing that anybody else sees.
///
/// # Errors
/// Database errors.
pub(crate) fn writer(connection: &mut DbConn, post: &Post) -> Result<Option<AccountId>> {
    let persona = persona_of(connection, post)?;
    Ok(personas::owner(connection, persona)?)
}

/// The persona that wrote a post, whether under its name or without: to tell them something, and for nothing else.
pub(crate) fn persona_of(connection: &mut DbConn, post: &Post) -> Result<ActorId> {
    Ok(seals::author(connection, post.id)?.unwrap_or(post.author_id))
}

/// Whether a persona wrote a post, under its name or without.
pub(crate) fn is_by(connection: &mut DbConn, post: &Post, persona: ActorId) -> Result<bool> {
    Ok(post.author_id == persona || seals::author(connection, post.id)? == Some(persona))
}

/// What an account wrote without its name: for its own pages.
///
/// # Errors
/// Database errors.
pub fn own(connection: &mut DbConn, account: AccountId) -> Result<HashSet<PostId>> {
    Ok(seals::of_account(connection, account)?.into_iter().collect())
}

/// How an account has spoken in a conversation so far.
///
/// # Errors
/// Database errors.
pub fn spoken(connection: &mut DbConn, account: AccountId, thread: Thread) -> Result<Option<Spoken>> {
    if seals::in_thread(connection, account, thread)?.is_some() {
        return Ok(Some(Spoken::Unnamed));
    }
    if posts::spoke(connection, account, thread)? {
        return Ok(Some(Spoken::Named));
    }
    // What waits to be shown is said too.
    let waiting = held_posts::spoke(connection, account, thread)?;
    Ok(waiting.map(|unnamed| if unnamed { Spoken::Unnamed } else { Spoken::Named }))
}

/// Whether what an account writes now may go out without its name.
///
/// # Errors
/// Database errors.
pub fn may_be_unnamed(connection: &mut DbConn, group: &Actor, standing: Standing) -> Result<bool> {
    let place = place(connection, group)?;
    Ok(seal::is_unnamed(true, None, place, standing).is_ok())
}

fn place(connection: &mut DbConn, group: &Actor) -> Result<Place> {
    Ok(Place { local: group.local, allowed: talk_rules::of(connection, group.id)?.unnamed })
}

/// Decides whether a post goes out without a name.
///
/// # Errors
/// `Invalid` when it was asked for and can't be.
pub(crate) fn decide(
    connection: &mut DbConn,
    account: AccountId,
    group: &Actor,
    thread: Option<Thread>,
    standing: Standing,
    asked: bool,
) -> Result<bool> {
    let before = match thread {
        Some(thread) => spoken(connection, account, thread)?,
        None => None,
    };
    let place = place(connection, group)?;
    seal::is_unnamed(asked, before, place, standing).map_err(|why| ActionError::field("unnamed", sentence(why)))
}

const fn sentence(why: NotUnnamed) -> &'static str {
    match why {
        NotUnnamed::GroupElsewhere => {
            "This group lives on another server, which could not keep your name back. Post it under a name, or leave it."
        }
        NotUnnamed::MembersOnly => "Only members can write without their name here.",
        NotUnnamed::NotHere => "In this group people write under a name.",
        NotUnnamed::SpokeByName => {
            "You have spoken in this conversation under your name, and a sudden silence could give you away. Begin a new \
             conversation to write without it."
        }
    }
}

/// Keys for the notices of a group that may have to stand for this account, if it has none yet. Slow: never called inside
/// a transaction.
pub(crate) fn keys(app: &App, account: AccountId, group: ActorId) -> Result<Option<KeyPair>> {
    notices::keys_if(app, account, group, Standing::is_member)
}

/// The actor that stands for who writes without a name in a group.
pub(crate) fn stand_in(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    (group, row): (&Actor, &Group),
    keys: Option<&KeyPair>,
) -> Result<Actor> {
    notices::ensure(app, tx, site, (group, row), keys)?;
    actors::local_by_name(tx, &notices_name(&group.name))?.ok_or(ActionError::NotFound)
}

/// The actor that stands for who writes without a name in a group, once there is one.
pub(crate) fn stands_in(connection: &mut DbConn, group: ActorId) -> Result<Option<Actor>> {
    let Some(group) = actors::by_id(connection, group)? else { return Ok(None) };
    Ok(actors::local_by_name(connection, &notices_name(&group.name))?)
}

/// Seals a post that was just inserted. In a conversation a person always has the same voice.
pub(crate) fn put(tx: &mut Tx<'_>, account: AccountId, post: &Post, author: ActorId) -> Result<()> {
    let thread = post.thread();
    let before = match seals::in_thread(tx, account, thread)? {
        Some(before) => voices::get(tx, before)?,
        None => None,
    };
    let voice = match before {
        Some(voice) => voice,
        None => voices::next(tx, thread)?,
    };
    Seal { post_id: post.id, author_id: author, bury_at: None }.insert(tx)?;
    Ok(Voice { post_id: post.id, voice }.insert(tx)?)
}

/// The persona is erased: what it wrote without its name goes too, each at its own time.
pub(crate) fn bury_later(app: &App, tx: &mut Tx<'_>, persona: ActorId) -> Result<()> {
    for post in seals::of_author(tx, persona)? {
        let mut chance = [0; 4];
        app.entropy.fill(&mut chance);
        let seconds = GOES_WITHIN.num_seconds() * i64::from(u32::from_le_bytes(chance)) / i64::from(u32::MAX);
        seals::bury_at(tx, post, (app.clock.now() + Duration::seconds(seconds)).into())?;
    }
    Ok(())
}

/// Removes what erased personas wrote without their name, where its time has come. Returns how much.
///
/// # Errors
/// Database errors.
pub(crate) fn bury_due(app: &App, tx: &mut Tx<'_>) -> Result<usize> {
    let due = seals::due(tx, app.now(), PART)?;
    for post in &due {
        if let Some(post) = posts::by_id(tx, *post)? {
            crate::post::bury(app, tx, post)?;
        }
        seals::delete(tx, *post)?;
    }
    Ok(due.len())
}
