//! Check-ins: a group's own prompt, that opens by itself every week or month. What opens is a post like any other, in the
//! name of whoever keeps it, and goes through the same action; a check-in itself never leaves this server.
//!
//! The words are the group's: who wrote them last keeps them, and they stay for the others when that person leaves.
//! Must never open one twice, nor in the name of somebody who may not begin a conversation there just then.

mod opening;

pub use opening::{OPEN, open_due};

use crate::{
    ActionError, App, Form, Result, block, care,
    log::{self, Said},
    markdown,
    notice::{self, Told},
    post::{self, Beginning, PostForm},
    scheduled_post::{read_clock, zone_of},
};
use chrono_tz::Tz;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        check_ins::{self, CheckIn},
        groups::{self, Group},
        personas,
        posts::{self, Post},
    },
    views::visible::Reader,
};
use hearth_domain::{
    Denied,
    audience::Visibility,
    check_in::{self as rules, Rest},
    deed::Deed,
    event,
    id::{AccountId, ActorId, CheckInId, PostId},
    log::Logged,
    notice::Kind,
    post::PostDraft,
    recurrence::{Recurrence, Rule},
};

/// What somebody types to set a check-in up.
#[derive(Debug, Clone, Default)]
pub struct CheckInForm {
    /// Title.
    pub title: String,
    /// The prompt, Markdown.
    pub text: String,
    /// What it is about, for people who would rather not read it unprepared.
    pub content_note: String,
    /// `public` or `members`.
    pub visibility: String,
    /// On which days: `FREQ=WEEKLY;BYDAY=TU`.
    pub rule: String,
    /// At which time, on the clock of the server's zone: `18:30`.
    pub time: String,
    /// Made with the form: the same form sent twice sets one up.
    pub draft: String,
}

/// What was typed, checked as far as the group need not be known.
struct Read {
    draft: PostDraft,
    again: Recurrence,
}

fn read(app: &App, typed: &CheckInForm) -> Result<Read> {
    let zone = app.db.read(zone_of)?;
    let mut form = Form::default();
    let CheckInForm { title, text, content_note, visibility, .. } = typed.clone();
    let words = PostForm { title, text, content_note, visibility, ..PostForm::default() };
    let draft = post::read_draft(&mut form, &words, true);
    let rule: Option<Rule> = form.keep("rule", typed.rule.parse(), |_| {
        "Choose every week and a weekday, or every month and a day that each month has.".to_owned()
    });
    let time = read_clock(&mut form, &typed.time);
    form.finish()?;
    let (Some(rule), Some(time)) = (rule, time) else { return Err(ActionError::NotFound) };
    Ok(Read { draft, again: Recurrence { rule, time, zone } })
}

/// When a check-in opens, on which clock.
///
/// # Errors
/// `Invalid` when its time can't be read.
pub fn recurrence(one: &CheckIn) -> Result<Recurrence> {
    let mut form = Form::default();
    let time = read_clock(&mut form, &one.civil_time);
    form.finish()?;
    let zone = event::zone(&one.zone).unwrap_or(Tz::UTC);
    Ok(Recurrence { rule: one.rule, time: time.unwrap_or_default(), zone })
}

fn next(app: &App, again: Recurrence) -> Result<hearth_db::Time> {
    let next = again.next_after(app.clock.now());
    next.map(Into::into).ok_or(ActionError::Conflict("The calendar ends before that."))
}

impl Read {
    /// These words and this time, in a check-in.
    fn put_into(self, one: CheckIn) -> CheckIn {
        CheckIn {
            title: self.draft.title.unwrap_or_default(),
            source: self.draft.source,
            content_note: self.draft.content_note,
            visibility: self.draft.visibility,
            rule: self.again.rule,
            civil_time: self.again.time.format("%H:%M").to_string(),
            zone: self.again.zone.name().to_owned(),
            ..one
        }
    }
}

fn beginning(one: &CheckIn, author: ActorId) -> Beginning {
    let draft = PostDraft {
        title: Some(one.title.clone()),
        source: one.source.clone(),
        content_note: one.content_note.clone(),
        visibility: one.visibility,
        pictures: Vec::new(),
        topics: None,
    };
    Beginning { persona: author, draft, unnamed: false, keys: None }
}

/// Whether this check-in could open now in somebody's name; if so for whom it is.
fn could_open(
    app: &App,
    connection: &mut DbConn,
    account: AccountId,
    one: &CheckIn,
    author: ActorId,
) -> Result<Visibility> {
    let place = post::beginner(connection, account, one.group_id, author)?;
    Ok(post::may_begin(app, connection, account, &place, &beginning(one, author))?.0)
}

fn logged(app: &App, tx: &mut Tx<'_>, group: &Actor, deed: Logged, by: Option<ActorId>) -> Result<()> {
    log::write(app, tx, group, deed, Said { by, ..Said::default() })
}

/// Sets a check-in up. It opens in the name by which this account holds the group.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly, Archived, Paused)`, `Invalid`; `Conflict` when there are five.
pub fn set_up(app: &App, account: AccountId, group: ActorId, typed: &CheckInForm) -> Result<CheckIn> {
    app.require_room()?;
    app.db.read(|c| care::held(c, account, group, Deed::KeepCheckIns).map(drop))?;
    let read = read(app, typed)?;
    let id = typed.draft.parse().unwrap_or_else(|_| CheckInId::random(&*app.entropy));
    app.db.write(move |tx| {
        let (group, own) = care::held(tx, account, group, Deed::KeepCheckIns)?;
        if let Some(twin) = check_ins::get(tx, id)? {
            let same = twin.author_id == Some(own) && twin.group_id == group.id;
            return if same { Ok(twin) } else { Err(ActionError::Conflict("That was sent already.")) };
        }
        if check_ins::of_group(tx, group.id)?.len() >= rules::MOST {
            return Err(ActionError::Conflict("This group has five check-ins. End one first, or change it."));
        }
        let again = read.again;
        let mut one = read.put_into(CheckIn {
            id,
            group_id: group.id,
            author_id: Some(own),
            title: String::new(),
            source: String::new(),
            content_note: None,
            visibility: Visibility::Members,
            rule: again.rule,
            civil_time: String::new(),
            zone: String::new(),
            next_at: next(app, again)?,
            rest: None,
            rests_since: None,
            post_id: None,
            created_at: app.now(),
        });
        one.visibility = could_open(app, tx, account, &one, own)?;
        one.insert(tx)?;
        logged(app, tx, &group, Logged::CheckInSetUp, Some(own))?;
        Ok(one)
    })
}

/// One of a group that this account holds, with that group and the persona by which it does.
fn held(connection: &mut DbConn, account: AccountId, id: CheckInId) -> Result<(CheckIn, Actor, ActorId)> {
    crate::account::require_active(connection, account)?;
    let one = check_ins::get(connection, id)?.ok_or(ActionError::NotFound)?;
    match care::held(connection, account, one.group_id, Deed::KeepCheckIns) {
        Ok((group, own)) => Ok((one, group, own)),
        // Who does not hold the group does not learn that there is one by this number.
        Err(ActionError::Denied(_)) => Err(ActionError::NotFound),
        Err(other) => Err(other),
    }
}

/// Changes a check-in. Whoever does keeps it from now on: it never opens with somebody's words in another's name.
///
/// # Errors
/// `NotFound`, `Denied(Archived, Paused)`, `Invalid`.
pub fn change(app: &App, account: AccountId, id: CheckInId, typed: &CheckInForm) -> Result<CheckIn> {
    // Who does not hold the group learns nothing from what is said about the fields.
    app.db.read(|c| held(c, account, id).map(drop))?;
    let read = read(app, typed)?;
    app.db.write(move |tx| {
        let (before, group, own) = held(tx, account, id)?;
        let again = read.again;
        let same_time = recurrence(&before).is_ok_and(|before| before == again);
        // What is due and was not opened yet still opens; only another time begins anew.
        let next_at = if same_time && before.rest.is_none() { before.next_at } else { next(app, again)? };
        let after = read.put_into(CheckIn { author_id: Some(own), next_at, ..before });
        let visibility = could_open(app, tx, account, &after, own)?;
        // What rested for want of somebody to keep it goes on; what somebody paused stays so until they go on with it.
        let by_hand = after.rest == Some(Rest::ByHand);
        let after = CheckIn {
            visibility,
            rest: after.rest.filter(|_| by_hand),
            rests_since: after.rests_since.filter(|_| by_hand),
            ..after
        };
        check_ins::update(tx, &after)?;
        logged(app, tx, &group, Logged::CheckInChanged, Some(own))?;
        Ok(after)
    })
}

/// Pauses a check-in, or goes on with it. What would have opened meanwhile is not made up for.
///
/// # Errors
/// `NotFound`; `Conflict` when nobody keeps it who could go on.
pub fn pause(app: &App, account: AccountId, id: CheckInId, paused: bool) -> Result<()> {
    app.db.write(|tx| {
        let (before, group, own) = held(tx, account, id)?;
        if paused {
            if before.rest == Some(Rest::ByHand) {
                return Ok(());
            }
            let rests_since = before.rests_since.or_else(|| Some(app.now()));
            check_ins::update(tx, &CheckIn { rest: Some(Rest::ByHand), rests_since, ..before })?;
            return logged(app, tx, &group, Logged::CheckInPaused, Some(own));
        }
        if before.rest.is_none() {
            return Ok(());
        }
        const NOBODY: ActionError = ActionError::Conflict(
            "It can't open in the name of whoever kept it. Take it over, and it goes on in yours.",
        );
        let author = before.author_id.ok_or(NOBODY)?;
        let keeper = personas::owner(tx, author)?.ok_or(NOBODY)?;
        opening::may_open(app, tx, keeper, &before, author).map_err(|error| match error {
            // Whose own it is learns what stands in the way; of another's nothing is told.
            ActionError::Database(_) | ActionError::Denied(Denied::Archived) => error,
            _ if author != own => NOBODY,
            _ => error,
        })?;
        goes_on(app, tx, before)?;
        logged(app, tx, &group, Logged::CheckInResumed, Some(own))
    })
}

fn goes_on(app: &App, tx: &mut Tx<'_>, one: CheckIn) -> Result<()> {
    let next_at = if one.rest.is_some() { next(app, recurrence(&one)?)? } else { one.next_at };
    Ok(check_ins::update(tx, &CheckIn { next_at, rest: None, rests_since: None, ..one })?)
}

/// Keeps a check-in from now on, with its words as they are. It goes on, in the name by which this account holds the
/// group.
///
/// # Errors
/// `NotFound`, `Denied(Archived, Paused)`, `Conflict`.
pub fn take_over(app: &App, account: AccountId, id: CheckInId) -> Result<()> {
    app.db.write(|tx| {
        let (before, group, own) = held(tx, account, id)?;
        could_open(app, tx, account, &before, own)?;
        goes_on(app, tx, CheckIn { author_id: Some(own), ..before })?;
        logged(app, tx, &group, Logged::CheckInTakenOver, Some(own))
    })
}

/// Ends a check-in: its words go. What it opened stays.
///
/// # Errors
/// `NotFound`.
pub fn end(app: &App, account: AccountId, id: CheckInId) -> Result<()> {
    app.db.write(|tx| {
        let (one, group, own) = held(tx, account, id)?;
        check_ins::delete(tx, one.id)?;
        logged(app, tx, &group, Logged::CheckInEnded, Some(own))
    })
}

/// A check-in as those who hold the group read it.
pub struct ReadCheckIn {
    /// The check-in.
    pub check_in: CheckIn,
    /// How it will look, sanitised HTML.
    pub html: String,
    /// In whose name it opens, where there is somebody.
    pub author: Option<Actor>,
    /// Whether that is the reader.
    pub own: bool,
}

fn shown(connection: &mut DbConn, own: ActorId, one: CheckIn) -> Result<ReadCheckIn> {
    let author = one.author_id.map(|author| actors::by_id(connection, author)).transpose()?.flatten();
    let (html, own) = (markdown::html(&one.source), one.author_id == Some(own));
    Ok(ReadCheckIn { html, author, own, check_in: one })
}

/// The persona in whose name this account would keep check-ins of a group.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn keeper(app: &App, account: AccountId, group: ActorId) -> Result<Actor> {
    app.db.read(|c| {
        let (_, own) = care::held(c, account, group, Deed::KeepCheckIns)?;
        actors::by_id(c, own)?.ok_or(ActionError::NotFound)
    })
}

/// The check-ins of a group, oldest first.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn list(app: &App, account: AccountId, group: ActorId) -> Result<Vec<ReadCheckIn>> {
    app.db.read(|c| {
        let (group, own) = care::held(c, account, group, Deed::KeepCheckIns)?;
        let all = check_ins::of_group(c, group.id)?;
        all.into_iter().map(|one| shown(c, own, one)).collect()
    })
}

/// One of a group that this account holds; for everybody else there is nothing.
///
/// # Errors
/// `NotFound`.
pub fn get(app: &App, account: AccountId, id: CheckInId) -> Result<ReadCheckIn> {
    app.db.read(|c| {
        let (one, _, own) = held(c, account, id)?;
        shown(c, own, one)
    })
}

/// What was opened last in a group, as far as this reader may see it, with the check-in it came of.
///
/// # Errors
/// Database errors.
pub fn newest(
    connection: &mut DbConn,
    account: Option<AccountId>,
    reader: &Reader,
    group: &Group,
) -> Result<Option<(CheckIn, Post)>> {
    let mut newest: Option<(CheckIn, Post)> = None;
    for one in check_ins::of_group(connection, group.actor_id)? {
        let Some(post) = one.post_id.map(|id| posts::by_id(connection, id)).transpose()?.flatten() else { continue };
        let shown = post.deleted_at.is_none()
            && reader.includes(group, post.visibility)
            && !block::hides(connection, account, reader, &post)?;
        if shown && newest.as_ref().is_none_or(|(_, before)| before.published_at < post.published_at) {
            newest = Some((one, post));
        }
    }
    Ok(newest)
}

/// The check-in that a post came of, as long as it did not open anew. For whoever may read the post.
///
/// # Errors
/// Database errors.
pub fn of_post(connection: &mut DbConn, post: PostId) -> Result<Option<CheckIn>> {
    Ok(check_ins::of_post(connection, post)?)
}

/// Lets a check-in rest until somebody takes it over, and tells the others who hold the group.
fn rests(app: &App, tx: &mut Tx<'_>, one: CheckIn, why: Rest) -> Result<CheckIn> {
    if one.rest.is_some() {
        return Ok(one);
    }
    let after = CheckIn { rest: Some(why), rests_since: Some(app.now()), ..one };
    check_ins::update(tx, &after)?;
    let (group, _) = groups::with_actor(tx, after.group_id)?.ok_or(ActionError::NotFound)?;
    // Who has yet to agree is told too: they can. Of whoever else it was, nobody is told more than that it rests.
    let but = match after.author_id.filter(|_| why != Rest::Agreement) {
        Some(author) => personas::owner(tx, author)?,
        None => None,
    };
    notice::team(app, tx, group.id, but, Told::of(Kind::CheckInRests, group.id))?;
    logged(app, tx, &group, Logged::CheckInPaused, None)?;
    Ok(after)
}

/// Somebody leaves a group, or is erased (then of all groups): their name is taken off its check-ins, which rest until
/// somebody else takes them over. The prompts are the group's.
pub(crate) fn let_go(app: &App, tx: &mut Tx<'_>, author: ActorId, group: Option<ActorId>) -> Result<()> {
    for one in check_ins::of_author(tx, author)? {
        if group.is_none_or(|group| group == one.group_id) {
            let rested = rests(app, tx, one, Rest::Author)?;
            check_ins::update(tx, &CheckIn { author_id: None, ..rested })?;
        }
    }
    Ok(())
}
