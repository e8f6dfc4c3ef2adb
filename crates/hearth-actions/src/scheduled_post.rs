//! Posts that are written now and published at a chosen time. When it comes they go through the same action as a post
//! that is written then: where that would refuse, nothing appears, and the author has the text back.
//!
//! Must never show one to anybody but its author, nor let anything about it out before its time: no log, notice, count or
//! key is made, and the post that comes of it has an id of its own.

use crate::{
    ActionError, App, Form, Result, account, agreement, group, image, markdown, notice,
    notice::Told,
    notices,
    post::{self, Beginning, PostForm},
    server::site,
    topics,
};
use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        images::{self, Picture},
        personas, post_marks,
        posts::Post,
        scheduled_posts::{self, ScheduledPost},
        topics::Topic,
    },
    views::visible::Reader,
};
use hearth_domain::{
    audience,
    event::{self, CivilTime, TimeProblem},
    id::{AccountId, ActorId, PostId, ScheduledPostId},
    image::ImageState,
    notice::Kind,
    post::PostDraft,
    scheduled_post::{self as rules, Returned, TooSoonOrFar},
};

/// The job that publishes what is due.
pub const PUBLISH: &str = "publish planned";
/// Most that are published in one run.
const MOST_DUE: i64 = 200;

/// What a person types to plan a post.
#[derive(Debug, Clone, Default)]
pub struct ScheduleForm {
    /// The post.
    pub post: PostForm,
    /// The day: `2026-03-10`.
    pub date: String,
    /// The time on the clock of the server's zone: `18:30`.
    pub time: String,
}

/// What was typed, checked as far as the group need not be known.
struct Read {
    plan: Beginning,
    at: CivilTime,
}

fn read(app: &App, typed: &ScheduleForm) -> Result<Read> {
    let zone = app.db.read(zone_of)?;
    let mut form = Form::default();
    let draft = post::read_draft(&mut form, &typed.post, true);
    let persona = group::read_persona(&mut form, &typed.post.persona);
    let at = read_time(&mut form, app, typed, zone);
    form.finish()?;
    let (Some(persona), Some(at)) = (persona, at) else { return Err(ActionError::NotFound) };
    let unnamed = typed.post.unnamed == "yes";
    Ok(Read { plan: Beginning { persona, draft, unnamed, keys: None }, at })
}

/// The zone of this server.
pub(crate) fn zone_of(connection: &mut DbConn) -> Result<Tz> {
    Ok(event::zone(&site(connection)?.row.zone).unwrap_or(Tz::UTC))
}

fn read_time(form: &mut Form, app: &App, typed: &ScheduleForm, zone: Tz) -> Option<CivilTime> {
    let date = NaiveDate::parse_from_str(typed.date.trim(), "%Y-%m-%d");
    let date = form.keep("date", date, |_| "Choose a day, for example 2026-11-24.".to_owned());
    let time = read_clock(form, &typed.time);
    let (date, time) = (date?, time?);
    let at = form.keep("time", CivilTime::new(date.and_time(time), zone), |problem| match problem {
        TimeProblem::Skipped => "The clocks go forward over this time that night. Choose another time.".to_owned(),
        _ => "Choose a day within a year from now.".to_owned(),
    })?;
    form.keep("date", rules::may_be_planned(app.clock.now(), at.instant), |problem| match problem {
        TooSoonOrFar::Passed => "That time has passed. Choose one that is still to come.".to_owned(),
        TooSoonOrFar::TooFar => "Choose a day within a year from now.".to_owned(),
    })?;
    Some(at)
}

/// A time of the day.
pub(crate) fn read_clock(form: &mut Form, typed: &str) -> Option<NaiveTime> {
    let read = ["%H:%M", "%H:%M:%S"].iter().find_map(|format| NaiveTime::parse_from_str(typed.trim(), format).ok());
    form.keep("time", read.ok_or(()), |()| "Choose a time, for example 18:30.".to_owned())
}

fn row(app: &App, id: ScheduledPostId, group: ActorId, author: ActorId, unnamed: bool, read: Read) -> ScheduledPost {
    let Read { plan, at } = read;
    ScheduledPost {
        id,
        group_id: group,
        author_id: author,
        unnamed,
        title: plan.draft.title.unwrap_or_default(),
        source: plan.draft.source,
        content_note: plan.draft.content_note,
        visibility: plan.draft.visibility,
        civil_time: at.stored(),
        zone: at.zone.name().to_owned(),
        publish_at: at.instant.into(),
        returned: None,
        returned_at: None,
        created_at: app.now(),
    }
}

/// Plans a post in a group for later. Who may not begin a conversation there now can't plan one either.
///
/// # Errors
/// `NotFound`, `Denied`, `Invalid`; `Conflict` when twenty are planned there.
pub fn plan(app: &App, account: AccountId, group: ActorId, typed: &ScheduleForm) -> Result<ScheduledPost> {
    app.require_room()?;
    let mut read = read(app, typed)?;
    let id = typed.post.draft.parse().unwrap_or_else(|_| ScheduledPostId::random(&*app.entropy));
    app.db.write(move |tx| {
        let place = post::beginner(tx, account, group, read.plan.persona)?;
        if let Some(twin) = scheduled_posts::get(tx, id)? {
            let own = twin.author_id == place.author.id;
            return if own { Ok(twin) } else { Err(ActionError::Conflict("That was sent already.")) };
        }
        let (visibility, unnamed) = post::may_begin(app, tx, account, &place, &read.plan)?;
        let own = scheduled_posts::of_account(tx, account)?;
        if own.iter().filter(|one| one.group_id == group).count() >= rules::MOST {
            return Err(ActionError::Conflict(
                "You have twenty planned in this group. Take one back first, or publish it.",
            ));
        }
        read.plan.draft.visibility = visibility;
        let pictures = std::mem::take(&mut read.plan.draft.pictures);
        let chosen = read.plan.draft.topics.take().unwrap_or_default();
        let row = row(app, id, group, place.author.id, unnamed, read);
        row.insert(tx)?;
        image::put(app, tx, account, &pictures, (ImageState::Planned, id.get()), None)?;
        topics::mark(tx, group, id.get(), &chosen)?;
        Ok(row)
    })
}

/// One of an account's own.
fn own(connection: &mut DbConn, account: AccountId, id: ScheduledPostId) -> Result<ScheduledPost> {
    account::require_active(connection, account)?;
    let one = scheduled_posts::get(connection, id)?.ok_or(ActionError::NotFound)?;
    if personas::owner(connection, one.author_id)? == Some(account) { Ok(one) } else { Err(ActionError::NotFound) }
}

/// Changes a planned post, or plans one anew that came back.
///
/// # Errors
/// `NotFound` also when it was published meanwhile; `Denied`, `Invalid`.
pub fn change(app: &App, account: AccountId, id: ScheduledPostId, typed: &ScheduleForm) -> Result<ScheduledPost> {
    // Who does not have it learns nothing from what is said about the fields.
    app.db.read(|c| own(c, account, id).map(drop))?;
    let mut read = read(app, typed)?;
    app.db.write(move |tx| {
        let before = own(tx, account, id)?;
        let place = post::beginner(tx, account, before.group_id, read.plan.persona)?;
        let (visibility, unnamed) = post::may_begin(app, tx, account, &place, &read.plan)?;
        read.plan.draft.visibility = visibility;
        let pictures = std::mem::take(&mut read.plan.draft.pictures);
        let chosen = read.plan.draft.topics.take();
        let after = row(app, id, before.group_id, place.author.id, unnamed, read);
        scheduled_posts::delete(tx, id)?;
        let after = ScheduledPost { created_at: before.created_at, ..after };
        after.insert(tx)?;
        if typed.post.images.is_some() {
            image::put(app, tx, account, &pictures, (ImageState::Planned, id.get()), None)?;
        }
        if let Some(chosen) = chosen {
            topics::mark(tx, after.group_id, id.get(), &chosen)?;
        }
        Ok(after)
    })
}

/// Takes a planned post back: its words go.
///
/// # Errors
/// `NotFound`.
pub fn take_back(app: &App, account: AccountId, id: ScheduledPostId) -> Result<ScheduledPost> {
    app.db.write(|tx| {
        let one = own(tx, account, id)?;
        scheduled_posts::delete(tx, id)?;
        images::delete_of(tx, ImageState::Planned, id.get())?;
        Ok(one)
    })
}

/// Publishes a planned post now.
///
/// # Errors
/// As [`post::publish`]; then it stays planned.
pub fn publish_now(app: &App, account: AccountId, id: ScheduledPostId) -> Result<Post> {
    app.require_room()?;
    let one = app.db.read(|c| own(c, account, id))?;
    let keys = keys(app, &one)?;
    app.db.write(|tx| {
        let one = own(tx, account, id)?;
        scheduled_posts::delete(tx, id)?;
        publish(app, tx, account, one, keys)
    })
}

/// Keys for the notices of the group, where they are to stand for its author. Made now and not when it was planned: that
/// they are there would say that somebody plans something.
fn keys(app: &App, one: &ScheduledPost) -> Result<Option<crate::KeyPair>> {
    if one.unnamed { notices::keys_of(app, one.group_id) } else { Ok(None) }
}

fn publish(
    app: &App,
    tx: &mut Tx<'_>,
    account: AccountId,
    one: ScheduledPost,
    keys: Option<crate::KeyPair>,
) -> Result<Post> {
    // In its author's hands again, as if the pictures had been sent just now.
    let pictures = image::drafts(tx, ImageState::Planned, one.id.get())?;
    images::give_back(tx, one.id.get(), account)?;
    let draft = PostDraft {
        title: Some(one.title),
        source: one.source,
        content_note: one.content_note,
        visibility: one.visibility,
        pictures,
        topics: Some(topics::chosen(tx, one.id.get())?),
    };
    let plan = Beginning { persona: one.author_id, draft, unnamed: one.unnamed, keys };
    let place = post::beginner(tx, account, one.group_id, one.author_id)?;
    post::begin(app, tx, account, place, &plan, PostId::random(&*app.entropy))
}

/// Publishes what is due. What can't be published goes back to its author; what fails otherwise is tried again.
///
/// # Errors
/// Database errors.
pub fn publish_due(app: &App) -> Result<()> {
    if app.require_room().is_err() {
        return Ok(());
    }
    let due = app.db.read(|c| Ok::<_, ActionError>(scheduled_posts::due(c, app.now(), MOST_DUE)?))?;
    let mut failed = None;
    for one in due {
        if let Err(error) = publish_one(app, one.id) {
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), Err)
}

fn publish_one(app: &App, id: ScheduledPostId) -> Result<()> {
    let read = app.db.read(|c| {
        let Some(one) = scheduled_posts::get(c, id)? else { return Ok(None) };
        let owner = personas::owner(c, one.author_id)?;
        Ok::<_, ActionError>(owner.map(|owner| (one, owner)))
    })?;
    let Some((one, account)) = read else { return Ok(()) };
    let keys = keys(app, &one)?;
    let published = app.db.write(|tx| {
        // As it is now: its author may have changed it a moment ago.
        let Some(one) = scheduled_posts::get(tx, id)? else { return Ok(()) };
        if !scheduled_posts::take_due(tx, &one, app.now())? {
            return Ok(());
        }
        publish(app, tx, account, one, keys).map(drop)
    });
    let Err(error) = published else { return Ok(()) };
    app.db.write(|tx| {
        let why = why(tx, account, &one, error)?;
        if scheduled_posts::give_back(tx, &one, why, app.now())? {
            notice::persona(app, tx, one.author_id, Told::of(Kind::Returned, one.group_id).words(why.sentence()))?;
        }
        Ok(())
    })
}

/// Why it can't be published, where trying again would not help; otherwise what failed.
fn why(connection: &mut DbConn, account: AccountId, one: &ScheduledPost, error: ActionError) -> Result<Returned> {
    Ok(match error {
        ActionError::Denied(denied) => Returned::of(denied),
        ActionError::NotFound | ActionError::Gone => Returned::NotAllowed,
        ActionError::TooOften { .. } => Returned::TooMuch,
        ActionError::Conflict(_) if agreement::outstanding(connection, one.group_id, account)?.is_some() => {
            Returned::Agreement
        }
        ActionError::Conflict(_) => Returned::TooMuch,
        ActionError::Invalid(_) => Returned::Changed,
        other => return Err(other),
    })
}

/// A planned post as its author reads it.
pub struct ReadScheduled {
    /// What is planned.
    pub post: ScheduledPost,
    /// How it will look, sanitised HTML.
    pub html: String,
    /// The group, where its author is still shown it.
    pub group: Option<Actor>,
    /// Under which name.
    pub author: Actor,
    /// Its pictures.
    pub pictures: Vec<Picture>,
    /// Its topics.
    pub topics: Vec<Topic>,
}

fn shown(connection: &mut DbConn, reader: &Reader, post: ScheduledPost) -> Result<Option<ReadScheduled>> {
    let Some(author) = actors::by_id(connection, post.author_id)? else { return Ok(None) };
    let group = hearth_db::tables::groups::with_actor(connection, post.group_id)?;
    let group = group.filter(|(actor, row)| {
        actor.deleted_at.is_none() && audience::group_is_shown(row.settings(), reader.standing(actor.id))
    });
    let html = markdown::html(&post.source);
    let pictures = images::of(connection, ImageState::Planned, post.id.get())?;
    let topics = post_marks::of(connection, &[post.id.get()])?.remove(&post.id.get()).unwrap_or_default();
    Ok(Some(ReadScheduled { html, pictures, topics, group: group.map(|(actor, _)| actor), author, post }))
}

/// What an account has planned: everywhere, or in one group; soonest first.
///
/// # Errors
/// `Denied` when the account may not act.
pub fn list(app: &App, account: AccountId, group: Option<ActorId>) -> Result<Vec<ReadScheduled>> {
    app.db.read(|c| {
        account::require_active(c, account)?;
        let reader = Reader::account(c, account)?;
        let mut read = Vec::new();
        for post in scheduled_posts::of_account(c, account)? {
            if group.is_none_or(|group| group == post.group_id) {
                read.extend(shown(c, &reader, post)?);
            }
        }
        Ok(read)
    })
}

/// One of an account's own; for everybody else there is nothing.
///
/// # Errors
/// `NotFound`.
pub fn get(app: &App, account: AccountId, id: ScheduledPostId) -> Result<ReadScheduled> {
    app.db.read(|c| {
        let post = own(c, account, id)?;
        let reader = Reader::account(c, account)?;
        shown(c, &reader, post)?.ok_or(ActionError::NotFound)
    })
}
