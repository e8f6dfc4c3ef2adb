//! What a group decides about its own safety: whose posts a person reads first, word holds, the time in which reports
//! are answered, the ready texts of its facilitators; and closing the group for good.

use crate::{ActionError, App, Form, Result, log, log::Said, team};
use chrono::Duration;
use hearth_db::{
    DbConn, Tx,
    tables::{
        accounts,
        actors::Actor,
        group_care::{self, GroupCare},
        house_replies::{self, HouseReply},
        posts, seals,
    },
};
use hearth_domain::{
    Denied, care as rules,
    deed::{self, Deed},
    id::{AccountId, ActorId, HouseReplyId},
    log::Logged,
    membership::{Role, Standing},
    text,
};

/// What a facilitator types about the safety of a group.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct CareForm {
    /// How many first posts of somebody new a person looks at.
    pub first_posts: String,
    /// After how many hours the next one is asked about a report.
    pub answer_hours: String,
    /// Words at which a person looks first, one in a line.
    pub held_words: String,
}

fn number(form: &mut Form, field: &'static str, typed: &str, least: u32, most: u32, empty: u32) -> i32 {
    let typed = typed.trim();
    let read = if typed.is_empty() { Some(empty) } else { typed.parse().ok() };
    match read.filter(|read| (least..=most).contains(read)).and_then(|read| i32::try_from(read).ok()) {
        Some(read) => read,
        None => {
            form.problem(field, format!("Give a number from {least} to {most}."));
            0
        }
    }
}

/// Changes what waits for a person to look, and how long a report may wait.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Invalid`.
pub fn settle(app: &App, account: AccountId, group: ActorId, typed: &CareForm) -> Result<()> {
    let mut form = Form::default();
    let first_posts = number(&mut form, "first_posts", &typed.first_posts, 0, rules::MOST_FIRST_POSTS, 0);
    let hours = rules::ANSWER_HOURS;
    let answer_hours = number(&mut form, "answer_hours", &typed.answer_hours, 1, rules::MOST_ANSWER_HOURS, hours);
    let words = rules::word_list(&typed.held_words);
    if words.len() > rules::MOST_WORDS || words.iter().any(|word| word.chars().count() > rules::LONGEST_WORD) {
        form.problem("held_words", "The list can have 200 words or phrases of 60 characters each at most.");
    }
    form.finish()?;
    app.db.write(|tx| {
        let (group, own) = held(tx, account, group, Deed::ChangeGroup)?;
        let before = group_care::of_group(tx, group.id)?;
        let after = GroupCare { first_posts, answer_hours, held_words: words.join("\n"), ..before.clone() };
        if after == before {
            return Ok(());
        }
        group_care::put(tx, &after)?;
        log::write(app, tx, &group, Logged::CareChanged, Said { by: Some(own), ..Said::default() })
    })
}

/// A group that lives here and the persona by which this account may do this there.
pub(crate) fn held(
    connection: &mut DbConn,
    account: AccountId,
    group: ActorId,
    deed: Deed,
) -> Result<(Actor, ActorId)> {
    let (group, _) = crate::post::visible_group(connection, account, group)?;
    if !group.local {
        return Err(ActionError::NotFound);
    }
    let (persona, standing) = team::acting(connection, account, &group)?;
    deed::may(standing, deed)?;
    Ok((group, persona.id))
}

/// What a group decided, and its ready texts: for those who look after it.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn of_group(app: &App, account: AccountId, group: ActorId) -> Result<(GroupCare, Vec<HouseReply>)> {
    app.db.read(|c| {
        let (group, _) = held(c, account, group, Deed::ChangeGroup)?;
        Ok((group_care::of_group(c, group.id)?, house_replies::of_group(c, group.id)?))
    })
}

/// Adds a ready text.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`, `Invalid`, `Conflict` when there are thirty.
pub fn add_house_reply(app: &App, account: AccountId, group: ActorId, title: &str, body: &str) -> Result<()> {
    let mut form = Form::default();
    let title = form.line("reply_title", "A name for it", title, 2, 80);
    let body = form.paragraphs("reply_body", "The text", body, 3, text::SUMMARY_MAX);
    form.finish()?;
    app.db.write(|tx| {
        let (group, own) = held(tx, account, group, Deed::ChangeGroup)?;
        if house_replies::of_group(tx, group.id)?.len() >= rules::MOST_HOUSE_REPLIES {
            return Err(ActionError::Conflict("There are thirty already. Take one away first."));
        }
        let id = HouseReplyId::random(&*app.entropy);
        HouseReply { id, group_id: group.id, title: title.clone(), body: body.clone() }.insert(tx)?;
        log::write(app, tx, &group, Logged::CareChanged, Said { by: Some(own), ..Said::default() })
    })
}

/// Takes a ready text away.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn delete_house_reply(app: &App, account: AccountId, group: ActorId, id: HouseReplyId) -> Result<()> {
    app.db.write(|tx| {
        let (group, own) = held(tx, account, group, Deed::ChangeGroup)?;
        if !house_replies::delete(tx, group.id, id)? {
            return Err(ActionError::NotFound);
        }
        log::write(app, tx, &group, Logged::CareChanged, Said { by: Some(own), ..Said::default() })
    })
}

/// What a facilitator says to somebody: a ready text of the group, own words, or both, one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(default)]
pub struct Words {
    /// The id of a ready text; may be empty.
    pub house_reply: String,
    /// Own words; may be empty where a ready text was chosen.
    pub words: String,
}

impl Words {
    /// The text, for somebody in this group.
    pub(crate) fn read(&self, connection: &mut DbConn, group: ActorId) -> Result<String> {
        let mut form = Form::default();
        let chosen = self.house_reply.trim();
        let ready = if chosen.is_empty() {
            None
        } else {
            let id = form.keep("house_reply", chosen.parse(), |_| "Choose a text from the list.".to_owned());
            let found = id.map(|id| house_replies::get(connection, id)).transpose()?.flatten();
            let found = found.filter(|reply| reply.group_id == group);
            if id.is_some() && found.is_none() {
                form.problem("house_reply", "Choose a text from the list.");
            }
            found
        };
        let least = if chosen.is_empty() { 3 } else { 0 };
        let own = form.paragraphs("words", "A kind word", &self.words, least, text::SUMMARY_MAX);
        form.finish()?;
        let parts = [ready.map(|reply| reply.body).unwrap_or_default(), own];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Ok(parts.join("\n\n"))
    }
}

/// Archives a group: everything stays to be read, and nothing is added; or opens it again.
///
/// # Errors
/// `NotFound`, `Denied(OwnersOnly)`.
pub fn archive(app: &App, account: AccountId, group: ActorId, archived: bool) -> Result<()> {
    app.db.write(|tx| {
        let (group, own) = held(tx, account, group, Deed::Archive)?;
        let before = group_care::of_group(tx, group.id)?;
        if before.archived_at.is_some() == archived {
            return Ok(());
        }
        let archived_at = archived.then(|| app.now());
        group_care::put(tx, &GroupCare { archived_at, ..before })?;
        let deed = if archived { Logged::Archived } else { Logged::Reopened };
        log::write(app, tx, &group, deed, Said { by: Some(own), ..Said::default() })
    })
}

/// Whether a group is archived.
///
/// # Errors
/// Database errors.
pub fn is_archived(connection: &mut DbConn, group: ActorId) -> Result<bool> {
    Ok(group_care::of_group(connection, group)?.archived_at.is_some())
}

/// Something can be added to this group.
pub(crate) fn takes_more(connection: &mut DbConn, group: ActorId) -> Result<()> {
    if is_archived(connection, group)? { Err(Denied::Archived.into()) } else { Ok(()) }
}

/// Somebody may write in this group now: it is not archived, and they are not paused. Returns what the group decided.
pub(crate) fn may_write(app: &App, connection: &mut DbConn, group: &Actor, author: ActorId) -> Result<GroupCare> {
    if !group.local {
        return Ok(GroupCare::first(group.id));
    }
    let (care, paused_until) = group_care::for_author(connection, group.id, author)?;
    if care.archived_at.is_some() {
        return Err(Denied::Archived.into());
    }
    if paused_until.is_some_and(|until| until > app.now()) {
        return Err(Denied::Paused.into());
    }
    Ok(care)
}

/// An account has not written too much in the last hour. Who looks after the group or its meetups may.
pub(crate) fn not_too_often(app: &App, connection: &mut DbConn, account: AccountId, standing: Standing) -> Result<()> {
    if standing.at_least(Role::Host) {
        return Ok(());
    }
    let now = app.clock.now();
    let opened = accounts::by_id(connection, account)?.map_or(now, |account| account.created_at.utc());
    let most = rules::posts_in_an_hour(now - opened);
    let since = (now - Duration::hours(1)).into();
    let written = posts::count_of_account(connection, account, since)?;
    if written + seals::count_of_account(connection, account, since)? >= most {
        return Err(ActionError::TooOften { wait: Duration::hours(1) });
    }
    Ok(())
}

/// A group is no more: what it decided goes with it.
pub(crate) fn forget(tx: &mut Tx<'_>, group: ActorId) -> Result<()> {
    for reply in house_replies::of_group(tx, group)? {
        house_replies::delete(tx, group, reply.id)?;
    }
    Ok(())
}
