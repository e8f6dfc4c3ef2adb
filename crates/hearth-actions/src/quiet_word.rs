//! A quiet word between a member and those who look after a group; also through the seal of what was written without a
//! name. Nothing of it ever leaves this server, and ninety days after the last word it is gone.
//!
//! Must never: tell those who look after the group who is spoken to through a seal, or let anybody else see that there is
//! a quiet word at all.

use crate::{ActionError, App, Form, Result, group, post::visible_group, seal, team};
use hearth_db::{
    DbConn, Time, Tx,
    tables::{
        actors::{self, Actor},
        memberships, personas,
        posts::{self, Post},
        quiet_words::{self, QuietMessage, QuietWord},
        seals,
    },
};
use hearth_domain::{
    Denied,
    id::{AccountId, ActorId, PostId, QuietMessageId, QuietWordId},
    permission,
};

/// Longest message.
const MOST: usize = 4_000;
/// Most quiet words in a list.
const MOST_LISTED: i64 = 100;

/// Whom a quiet word is with, for who reads it.
#[derive(Clone)]
pub enum With {
    /// Those who look after the group.
    Team,
    /// A member.
    Member(Actor),
    /// Whoever wrote this without their name.
    Unnamed(Post),
}

/// A quiet word as one side reads it.
#[derive(Clone)]
pub struct Read {
    /// Its id.
    pub id: QuietWordId,
    /// Whom it is with.
    pub with: With,
    /// For who wrote it themselves: the post it is about.
    pub about: Option<Post>,
    /// What was said. Who of those who look after the group said it; none: the member.
    pub messages: Vec<(Option<Actor>, String, Time)>,
    /// When something was last said.
    pub changed_at: Time,
}

/// On which side an account stands.
enum Side {
    Member,
    Team(ActorId),
}

fn side(connection: &mut DbConn, account: AccountId, word: &QuietWord) -> Result<Side> {
    let (group, _) = visible_group(connection, account, word.group_id)?;
    let standing = group::standing(connection, account, group.id)?;
    let with = match (word.member_id, word.post_id) {
        (Some(member), _) => Some(member),
        (None, Some(post)) => seals::author(connection, post)?,
        (None, None) => None,
    };
    let own = match with {
        Some(persona) => personas::owner(connection, persona)? == Some(account),
        None => false,
    };
    if own && standing.is_member() {
        return Ok(Side::Member);
    }
    if permission::may_moderate(standing).is_err() {
        return Err(ActionError::NotFound);
    }
    Ok(Side::Team(team::acting(connection, account, &group)?.0.id))
}

fn words(text: &str) -> Result<String> {
    let mut form = Form::default();
    let words = form.paragraphs("text", "A message", text, 1, MOST);
    form.finish()?;
    Ok(words)
}

fn say(app: &App, tx: &mut Tx<'_>, word: &QuietWord, author: Option<ActorId>, body: String) -> Result<QuietWordId> {
    let now = app.now();
    let id = QuietMessageId::random(&*app.entropy);
    QuietMessage { id, quiet_word_id: word.id, author_id: author, body, said_at: now }.insert(tx)?;
    quiet_words::touch(tx, word.id, now)?;
    Ok(word.id)
}

fn begin(
    app: &App,
    tx: &mut Tx<'_>,
    group: ActorId,
    member: Option<ActorId>,
    post: Option<PostId>,
) -> Result<QuietWord> {
    let id = QuietWordId::random(&*app.entropy);
    let row = QuietWord { id, group_id: group, member_id: member, post_id: post, changed_at: app.now() };
    row.insert(tx)?;
    Ok(row)
}

/// A member says something to those who look after their group.
///
/// # Errors
/// `NotFound`, `Denied(MembersOnly)`, `Invalid`.
pub fn ask(app: &App, account: AccountId, group: ActorId, text: &str) -> Result<QuietWordId> {
    let body = words(text)?;
    app.db.write(|tx| {
        crate::account::require_active(tx, account)?;
        let (group, _) = visible_group(tx, account, group)?;
        let own = memberships::of_account(tx, group.id, account)?;
        let is_member = group::standing(tx, account, group.id)?.is_member();
        let own = own.filter(|_| is_member && group.local).ok_or(Denied::MembersOnly)?;
        let word = match quiet_words::with_member(tx, group.id, own.actor_id)? {
            Some(word) => word,
            None => begin(app, tx, group.id, Some(own.actor_id), None)?,
        };
        say(app, tx, &word, None, body)
    })
}

/// Somebody who looks after a group writes to whoever wrote a post in it: by name where it has one, through the seal where
/// it has none. The one who writes never learns who that is.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Conflict` for somebody elsewhere or who is no member any more, `Invalid`.
pub fn write_to_author(app: &App, account: AccountId, post: PostId, text: &str) -> Result<QuietWordId> {
    let body = words(text)?;
    app.db.write(|tx| {
        let post = crate::moderation::find(tx, account, post)?;
        let (group, _, persona, _) = team::looked_after(tx, account, post.group_id)?;
        let author = actors::by_id(tx, post.author_id)?.ok_or(ActionError::NotFound)?;
        if !group.local || !post.local {
            return Err(ActionError::Conflict("A quiet word stays on this server, and they are on another."));
        }
        if seal::writer(tx, &post)? == Some(account) {
            return Err(ActionError::Conflict("You wrote this yourself."));
        }
        let word = if seal::stands_for_others(&author) {
            match quiet_words::about(tx, post.id)? {
                Some(word) => word,
                None => begin(app, tx, group.id, None, Some(post.id))?,
            }
        } else {
            if !crate::post::standing_of(tx, group.id, author.id)?.is_member() {
                return Err(ActionError::Conflict("They are no member of the group any more."));
            }
            match quiet_words::with_member(tx, group.id, author.id)? {
                Some(word) => word,
                None => begin(app, tx, group.id, Some(author.id), None)?,
            }
        };
        say(app, tx, &word, Some(persona.id), body)
    })
}

/// Says something in a quiet word that was begun.
///
/// # Errors
/// `NotFound`, `Invalid`.
pub fn answer(app: &App, account: AccountId, word: QuietWordId, text: &str) -> Result<QuietWordId> {
    let body = words(text)?;
    app.db.write(|tx| {
        crate::account::require_active(tx, account)?;
        let word = quiet_words::by_id(tx, word)?.ok_or(ActionError::NotFound)?;
        let author = match side(tx, account, &word)? {
            Side::Member => None,
            Side::Team(persona) => Some(persona),
        };
        say(app, tx, &word, author, body)
    })
}

/// Reads a quiet word.
///
/// # Errors
/// `NotFound`.
pub fn read(app: &App, account: AccountId, word: QuietWordId) -> Result<Read> {
    app.db.read(|c| {
        let word = quiet_words::by_id(c, word)?.ok_or(ActionError::NotFound)?;
        let side = side(c, account, &word)?;
        read_as(c, &word, &side)
    })
}

fn read_as(connection: &mut DbConn, word: &QuietWord, side: &Side) -> Result<Read> {
    let post = match word.post_id {
        Some(post) => posts::by_id(connection, post)?,
        None => None,
    };
    let member = match word.member_id {
        Some(member) => actors::by_id(connection, member)?,
        None => None,
    };
    let (with, about) = match (side, member, post) {
        (Side::Member, _, post) => (With::Team, post),
        (Side::Team(_), Some(member), _) => (With::Member(member), None),
        (Side::Team(_), None, Some(post)) => (With::Unnamed(post), None),
        (Side::Team(_), None, None) => return Err(ActionError::NotFound),
    };
    let mut messages = Vec::new();
    for message in quiet_words::messages(connection, word.id)? {
        let author = match message.author_id {
            Some(author) => actors::by_id(connection, author)?,
            None => None,
        };
        messages.push((author, message.body, message.said_at));
    }
    Ok(Read { id: word.id, with, about, messages, changed_at: word.changed_at })
}

/// The quiet words of a group that this account is a part of, the latest first: one's own, and for those who look after
/// the group all of them.
///
/// # Errors
/// `NotFound`, `Denied(MembersOnly)`.
pub fn list(app: &App, account: AccountId, group: ActorId) -> Result<Vec<Read>> {
    app.db.read(|c| {
        let (group, _) = visible_group(c, account, group)?;
        if !group.local || !group::standing(c, account, group.id)?.is_member() {
            return Err(Denied::MembersOnly.into());
        }
        let words = if permission::may_moderate(group::standing(c, account, group.id)?).is_ok() {
            quiet_words::of_group(c, group.id, MOST_LISTED)?
        } else {
            own(c, account, group.id)?
        };
        let mut list = Vec::new();
        for word in words {
            let side = side(c, account, &word)?;
            list.push(read_as(c, &word, &side)?);
        }
        Ok(list)
    })
}

/// Those that a member of a group is a part of: under their name, and for what they wrote without it.
fn own(connection: &mut DbConn, account: AccountId, group: ActorId) -> Result<Vec<QuietWord>> {
    let mut words = Vec::new();
    if let Some(membership) = memberships::of_account(connection, group, account)? {
        words.extend(quiet_words::with_member(connection, group, membership.actor_id)?);
    }
    for post in seals::of_account(connection, account)? {
        words.extend(quiet_words::about(connection, post)?.filter(|word| word.group_id == group));
    }
    words.sort_by_key(|word| std::cmp::Reverse(word.changed_at));
    Ok(words)
}
