//! What people are told of in the app: answers, being let in, what was decided about what they wrote, reports they are
//! asked to look at, and what is soon.
//!
//! Must never show anything that its reader may not see at the moment of reading, nor tell one persona's news under
//! another's name. Must never hold a post's text.

use crate::{ActionError, App, Form, Result, account, block, seal};
use chrono::Timelike;
use hearth_db::{
    DbConn, Time, Tx,
    tables::{
        accounts,
        actors::{self, Actor},
        events::{self, Event},
        groups, held_posts, memberships,
        notices::{self, Notice},
        personas,
        posts::{self, Post},
        quiet_hours::{self, QuietHours},
        thread_choices,
    },
    views::visible::Reader,
};
use hearth_domain::{
    audience, care,
    id::{AccountId, ActorId, EventId, NoticeId, PostId},
    membership::{Role, State},
    notice::{Kind, ThreadChoice},
};
use url::Url;

/// Most notices that are shown together.
const MOST: i64 = 60;
/// So many unseen ones are looked at to know whether there are ten.
const MOST_COUNTED: i64 = 40;
/// Most people who are named in one post and told of it.
const MOST_NAMED: usize = 5;

/// What is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'a> {
    kind: Kind,
    group: Option<ActorId>,
    post: Option<PostId>,
    event: Option<EventId>,
    about: Option<ActorId>,
    words: &'a str,
    once: Option<&'a str>,
}

impl<'a> Told<'a> {
    /// Something in a group.
    pub(crate) const fn of(kind: Kind, group: ActorId) -> Self {
        Self { kind, group: Some(group), post: None, event: None, about: None, words: "", once: None }
    }

    /// Something that is the keepers'.
    pub(crate) const fn of_server(kind: Kind) -> Self {
        Self { kind, group: None, post: None, event: None, about: None, words: "", once: None }
    }

    pub(crate) const fn post(self, post: PostId) -> Self {
        Self { post: Some(post), ..self }
    }

    pub(crate) const fn event(self, event: EventId) -> Self {
        Self { event: Some(event), ..self }
    }

    pub(crate) const fn about(self, about: ActorId) -> Self {
        Self { about: Some(about), ..self }
    }

    /// With what a facilitator wrote to the reader.
    pub(crate) const fn words(self, words: &'a str) -> Self {
        Self { words, ..self }
    }

    /// Told once only under this name.
    pub(crate) const fn once(self, once: &'a str) -> Self {
        Self { once: Some(once), ..self }
    }
}

/// Tells the owner of a persona. Somebody elsewhere is told nothing.
pub(crate) fn persona(app: &App, tx: &mut Tx<'_>, persona: ActorId, told: Told<'_>) -> Result<()> {
    match personas::owner(tx, persona)? {
        Some(account) => store(app, tx, account, Some(persona), told),
        None => Ok(()),
    }
}

/// Tells all keepers.
pub(crate) fn keepers(app: &App, tx: &mut Tx<'_>, told: Told<'_>) -> Result<()> {
    for keeper in accounts::all(tx)?.into_iter().filter(|account| account.keeper) {
        store(app, tx, keeper.id, None, told)?;
    }
    Ok(())
}

/// Tells those who look after a group, but for one account.
pub(crate) fn team(app: &App, tx: &mut Tx<'_>, group: ActorId, but: Option<AccountId>, told: Told<'_>) -> Result<()> {
    members(app, tx, group, &[Role::Facilitator, Role::Owner], but, told)
}

/// Tells the members of a group with these roles, but for one account.
pub(crate) fn members(
    app: &App,
    tx: &mut Tx<'_>,
    group: ActorId,
    roles: &[Role],
    but: Option<AccountId>,
    told: Told<'_>,
) -> Result<()> {
    for (row, actor) in memberships::with_roles(tx, group, roles)? {
        if !actor.local || row.state != State::Active {
            continue;
        }
        match personas::owner(tx, actor.id)? {
            Some(account) if Some(account) != but => store(app, tx, account, Some(actor.id), told)?,
            _ => {}
        }
    }
    Ok(())
}

fn store(app: &App, tx: &mut Tx<'_>, account: AccountId, persona: Option<ActorId>, told: Told<'_>) -> Result<()> {
    let once = told.once.map(|once| format!("{once}:{account}"));
    if let Some(once) = &once
        && notices::was_told(tx, once)?
    {
        return Ok(());
    }
    let row = Notice {
        id: NoticeId::random(&*app.entropy),
        account_id: account,
        persona_id: persona,
        kind: told.kind,
        group_id: told.group,
        post_id: told.post,
        event_id: told.event,
        about_id: told.about,
        words: told.words.to_owned(),
        once,
        created_at: app.now(),
        seen_at: None,
    };
    Ok(row.insert(tx)?)
}

/// Tells whom a new post answers or names. The author's own other names are told nothing. `parent` is what it answers,
/// for a caller that has it.
pub(crate) fn written(app: &App, tx: &mut Tx<'_>, post: &Post, parent: Option<&Post>) -> Result<()> {
    let mut called = Vec::new();
    for name in named(&post.source) {
        called.extend(actors::local_by_name(tx, &name)?);
    }
    tell_of(app, tx, post, parent, called)
}

/// The same for what came from elsewhere: it names people by their addresses.
pub(crate) fn received<'a>(
    app: &App,
    tx: &mut Tx<'_>,
    post: &Post,
    parent: Option<&Post>,
    (here, mentions): (&Url, impl Iterator<Item = &'a Url>),
) -> Result<()> {
    let ours: Vec<&str> =
        mentions.filter(|url| url.origin() == here.origin()).map(Url::as_str).take(MOST_NAMED).collect();
    let called = if ours.is_empty() { Vec::new() } else { actors::local_by_ap_ids(tx, &ours)? };
    tell_of(app, tx, post, parent, called)
}

fn tell_of(app: &App, tx: &mut Tx<'_>, post: &Post, parent: Option<&Post>, called: Vec<Actor>) -> Result<()> {
    // Nobody elsewhere has an account here.
    let by = if post.local { seal::writer(tx, post)? } else { None };
    let choices = choices_for(tx, post)?;
    let chose = |owner: AccountId, choice| choices.iter().any(|row| row.account_id == owner && row.choice == choice);
    let mut told_already = Vec::new();
    let parent = match (parent, post.parent_id) {
        (Some(parent), _) => Some(parent.clone()),
        (None, Some(id)) => posts::by_id(tx, id)?,
        (None, None) => None,
    };
    if let Some(parent) = parent.filter(|parent| parent.local) {
        let author = seal::persona_of(tx, &parent)?;
        if let Some(owner) = personas::owner(tx, author)?.filter(|owner| Some(*owner) != by)
            && !chose(owner, ThreadChoice::Mute)
        {
            told_already.push(owner);
            let told = Told::of(Kind::Reply, post.group_id).post(post.id).about(post.author_id);
            store(app, tx, owner, Some(author), told)?;
        }
    }
    for actor in called {
        let member = memberships::get(tx, post.group_id, actor.id)?.is_some_and(|row| row.state == State::Active);
        let owner = personas::owner(tx, actor.id)?.filter(|owner| Some(*owner) != by && !told_already.contains(owner));
        // Who is no member is told nothing: a name is not a way to call somebody in.
        if let Some(owner) = owner.filter(|owner| member && !chose(*owner, ThreadChoice::Mute)) {
            told_already.push(owner);
            let told = Told::of(Kind::Mention, post.group_id).post(post.id).about(post.author_id);
            store(app, tx, owner, Some(actor.id), told)?;
        }
    }
    let follows =
        choices.iter().filter(|row| row.choice == ThreadChoice::Follow).map(|row| (row.account_id, row.root_id));
    for (owner, root) in follows.filter(|(owner, _)| Some(*owner) != by && !told_already.contains(owner)) {
        said(app, tx, post, owner, root)?;
    }
    Ok(())
}

/// What people here want to hear of the conversation that a reply is in. What begins one is in nobody's yet.
fn choices_for(connection: &mut DbConn, post: &Post) -> Result<Vec<thread_choices::ThreadChoice>> {
    match post.root_id.filter(|_| post.event_id.is_none()) {
        Some(root) => Ok(thread_choices::of_thread(connection, root)?),
        None => Ok(Vec::new()),
    }
}

/// Tells somebody who follows a conversation that something was said in it: once until they have looked, and nothing of
/// what they may not read or would rather not hear of.
fn said(app: &App, tx: &mut Tx<'_>, post: &Post, owner: AccountId, root: PostId) -> Result<()> {
    if notices::is_unseen(tx, owner, Kind::Said, root)? || block::is_unheard(tx, owner, post.author_id)? {
        return Ok(());
    }
    let row = groups::by_id(tx, post.group_id)?.ok_or(ActionError::NotFound)?;
    if !Reader::account(tx, owner)?.includes(&row, post.visibility) {
        return Ok(());
    }
    let own = memberships::of_account(tx, post.group_id, owner)?.map(|row| row.actor_id);
    store(app, tx, owner, own, Told::of(Kind::Said, post.group_id).post(root))
}

/// The names after an `@` in a text, each once.
fn named(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in text.split('@').skip(1) {
        let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let name = name.to_lowercase();
        if name.len() >= 3 && !names.contains(&name) && names.len() < MOST_NAMED {
            names.push(name);
        }
    }
    names
}

/// A notice with what it is about, as far as its reader may see it now.
pub struct ReadNotice {
    /// The notice.
    pub notice: Notice,
    /// The group.
    pub group: Option<Actor>,
    /// The post, where it is shown.
    pub post: Option<Post>,
    /// The meetup.
    pub event: Option<Event>,
    /// Who did it, or whom it is about.
    pub about: Option<Actor>,
}

/// An account's notices that it may still see, newest first.
///
/// # Errors
/// `Denied` when the account may not act.
pub fn list(app: &App, account: AccountId) -> Result<Vec<ReadNotice>> {
    app.db.read(|c| {
        let keeper = account::require_active(c, account)?.keeper;
        let reader = Reader::account(c, account)?;
        let mut read = Vec::new();
        for notice in notices::of_account(c, account, MOST)? {
            read.extend(seen_by(c, &reader, keeper, notice)?);
        }
        Ok(read)
    })
}

/// How many unseen notices are shown to an account at this hour of its day: ten or more are ten. In quiet hours only
/// worries count.
///
/// # Errors
/// Database errors.
pub fn count(connection: &mut DbConn, reader: &Reader, account: AccountId, keeper: bool, hour: u32) -> Result<usize> {
    let unseen = notices::unseen(connection, account, MOST_COUNTED)?;
    if unseen.is_empty() {
        return Ok(0);
    }
    let quiet = is_quiet(connection, account, hour)?;
    let mut count = 0;
    for notice in unseen {
        if quiet && !notice.kind.breaks_quiet() {
            continue;
        }
        count += usize::from(seen_by(connection, reader, keeper, notice)?.is_some());
        if count > 9 {
            break;
        }
    }
    Ok(count)
}

/// The notice, where its reader may see what it is about.
fn seen_by(connection: &mut DbConn, reader: &Reader, keeper: bool, notice: Notice) -> Result<Option<ReadNotice>> {
    let about = notice.about_id.map(|id| actors::by_id(connection, id)).transpose()?.flatten();
    let mut read = ReadNotice { notice, group: None, post: None, event: None, about };
    let Some(group) = read.notice.group_id else { return Ok(Some(read).filter(|_| keeper)) };
    let Some((group, row)) = groups::with_actor(connection, group)?.filter(|(actor, _)| actor.deleted_at.is_none())
    else {
        return Ok(Some(read).filter(|read| read.notice.kind.is_own()));
    };
    let standing = reader.standing(group.id);
    let kind = read.notice.kind;
    if kind.is_for_care() && !standing.at_least(Role::Facilitator) && !(keeper && kind == Kind::Unanswered) {
        return Ok(None);
    }
    if !kind.is_for_care() && !audience::group_is_shown(row.settings(), standing) {
        return Ok(Some(read).filter(|_| kind.is_own()));
    }
    if matches!(kind, Kind::Reply | Kind::Mention)
        && let Some(about) = read.notice.about_id
        && block::is_unheard(connection, read.notice.account_id, about)?
    {
        return Ok(None);
    }
    if let Some(id) = read.notice.post_id {
        let post = posts::by_id(connection, id)?;
        let own = |author: ActorId| read.notice.persona_id == Some(author);
        let author = post.as_ref().map(|post| seal::persona_of(connection, post)).transpose()?;
        let visible = match &post {
            Some(post) if post.deleted_at.is_none() => reader.includes(&row, post.visibility),
            // Gone for others, but the reader's own, or the reader looks after it.
            Some(_) => {
                kind.is_for_care()
                    || (author.is_some_and(own)
                        && !matches!(kind, Kind::Reply | Kind::Mention | Kind::Said | Kind::CardAsked))
            }
            None => held_posts::get(connection, id)?.is_some_and(|held| kind == Kind::Held || own(held.author_id)),
        };
        if !visible && kind != Kind::Unanswered {
            return Ok(None);
        }
        read.post = post.filter(|post| reader.includes(&row, post.visibility));
    }
    if let Some(id) = read.notice.event_id {
        match events::by_id(connection, id)? {
            Some(event) if event.deleted_at.is_none() && reader.includes(&row, event.visibility) => {
                read.event = Some(event);
            }
            _ => return Ok(None),
        }
    }
    read.group = Some(group);
    Ok(Some(read))
}

/// Says that everything that came until then is seen.
///
/// # Errors
/// `Denied` when the account may not act.
pub fn mark_seen(app: &App, account: AccountId, until: Time) -> Result<()> {
    app.db.write(|tx| {
        account::require_active(tx, account)?;
        notices::mark_seen(tx, account, until, app.now())?;
        Ok(())
    })
}

/// Whether this hour lies in an account's quiet hours.
///
/// # Errors
/// Database errors.
pub fn is_quiet(connection: &mut DbConn, account: AccountId, hour: u32) -> Result<bool> {
    let row = quiet_hours::get(connection, account)?;
    let hours = row.and_then(|row| Some((u32::try_from(row.from_hour).ok()?, u32::try_from(row.until_hour).ok()?)));
    Ok(hours.is_some_and(|(from, until)| care::is_quiet(from, until, hour)))
}

/// The hour of the day in a time zone.
#[must_use]
pub fn hour_in(zone: chrono_tz::Tz, now: chrono::DateTime<chrono::Utc>) -> u32 {
    now.with_timezone(&zone).hour()
}

/// When an account would rather not be told anything; empty fields end it.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct QuietForm {
    /// The hour quiet begins, 0 to 23.
    pub from: String,
    /// The hour it ends.
    pub until: String,
}

/// Sets the quiet hours of an account.
///
/// # Errors
/// `Invalid`, `Denied` when the account may not act.
pub fn set_quiet(app: &App, account: AccountId, typed: &QuietForm) -> Result<()> {
    let mut form = Form::default();
    let mut hour = |field: &'static str, typed: &str| -> Option<i32> {
        let typed = typed.trim();
        if typed.is_empty() {
            return None;
        }
        let read = typed.parse().ok().filter(|hour| (0..24).contains(hour));
        if read.is_none() {
            form.problem(field, "Choose an hour from the list.");
        }
        read
    };
    let (from, until) = (hour("quiet_from", &typed.from), hour("quiet_until", &typed.until));
    if from.is_some() != until.is_some() {
        form.problem("quiet_until", "Choose both hours, or none.");
    }
    form.finish()?;
    app.db.write(|tx| {
        account::require_active(tx, account)?;
        match (from, until) {
            (Some(from_hour), Some(until_hour)) if from_hour != until_hour => {
                Ok::<_, ActionError>(quiet_hours::put(tx, &QuietHours { account_id: account, from_hour, until_hour })?)
            }
            _ => Ok(quiet_hours::delete(tx, account)?),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_text() {
        assert_eq!(named("Thanks @wren, and @Otter! a@b.example @wren"), ["wren", "otter"]);
        assert_eq!(named("@a @b @c @dd @eee @fff @ggg @hhh @iii @jjj"), ["eee", "fff", "ggg", "hhh", "iii"]);
        assert!(named("no names").is_empty());
    }
}
