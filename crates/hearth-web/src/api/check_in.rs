//! Posts of a group that open by themselves every week or month.
//!
//! Must never tell others than those who hold the group of what has not opened yet.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer},
    created, done, ok,
    problem::ApiError,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::check_in::{self as actions, CheckInForm, ReadCheckIn};
use hearth_db::tables::{check_ins::CheckIn, posts::Post};
use hearth_domain::id::{ActorId, CheckInId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A check-in, for those who hold the group.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckInDocument {
    /// Its own id: each post that comes of it has another one.
    id: String,
    /// The group.
    group: String,
    /// Id of the persona in whose name it opens; none where it left.
    persona: Option<String>,
    /// Whether that is the caller's.
    own: bool,
    /// Title.
    title: String,
    /// The prompt, Markdown.
    text: String,
    /// What it is about, for people who would rather not read it unprepared.
    content_note: Option<String>,
    /// `public` or `members`.
    visibility: &'static str,
    /// On which days, as an RFC 5545 RRULE.
    #[schema(example = "FREQ=WEEKLY;BYDAY=TU")]
    rule: String,
    /// At which time, on the clock of the zone.
    #[schema(example = "18:30")]
    time: String,
    /// The IANA zone of the clock: the server's when this was last changed.
    zone: String,
    /// When it opens next; none while it rests.
    next_at: Option<DateTime<Utc>>,
    /// Why it rests: `by_hand`, `author` where it can't open in that persona's name, or `agreement` where that persona
    /// is still to agree to what members agree to.
    rests: Option<&'static str>,
    /// Id of the post that came of it last.
    post: Option<String>,
}

impl From<ReadCheckIn> for CheckInDocument {
    fn from(read: ReadCheckIn) -> Self {
        let one = read.check_in;
        Self {
            id: one.id.to_string(),
            group: one.group_id.to_string(),
            persona: one.author_id.map(|id| id.to_string()),
            own: read.own,
            title: one.title,
            text: one.source,
            content_note: one.content_note,
            visibility: one.visibility.as_str(),
            rule: one.rule.to_string(),
            time: one.civil_time,
            zone: one.zone,
            next_at: one.rest.is_none().then(|| one.next_at.utc()),
            rests: one.rest.map(|why| why.as_str()),
            post: one.post_id.map(|id| id.to_string()),
        }
    }
}

/// The check-in that opened last, as everybody who may read it knows it.
#[derive(Serialize, ToSchema)]
pub(super) struct OpenCheckInDocument {
    /// Id of the post.
    post: String,
    /// On which days it opens by itself, as an RFC 5545 RRULE.
    #[schema(example = "FREQ=WEEKLY;BYDAY=TU")]
    rule: String,
    /// When the next one opens; none while it rests.
    next_at: Option<DateTime<Utc>>,
}

impl From<(CheckIn, Post)> for OpenCheckInDocument {
    fn from((one, post): (CheckIn, Post)) -> Self {
        let next_at = one.rest.is_none().then(|| one.next_at.utc());
        Self { post: post.id.to_string(), rule: one.rule.to_string(), next_at }
    }
}

/// Check-ins.
#[derive(Serialize, ToSchema)]
pub(super) struct CheckInsDocument {
    /// The oldest first.
    check_ins: Vec<CheckInDocument>,
}

/// The check-ins of a group. For those who hold it.
#[utoipa::path(get, path = "/groups/{id}/check-ins", tag = "posts",
    responses((status = 200, description = "The check-ins.", body = CheckInsDocument)))]
pub(super) async fn list_check_ins(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let group: ActorId = body::id(&path)?;
    let list = state.run(move |app| actions::list(app, me.account.id, group)).await?;
    Ok(ok(CheckInsDocument { check_ins: list.into_iter().map(Into::into).collect() }))
}

/// A check-in to set up.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CheckInBody {
    /// Title, 3 to 200 characters.
    title: String,
    /// The prompt, Markdown, 20,000 characters at most.
    text: String,
    /// What it is about; 300 characters at most.
    content_note: String,
    /// `public` or `members`; `public` if left out.
    visibility: String,
    /// On which days, as an RFC 5545 RRULE: every week on a weekday, every month on a day from 1 to 28 or the last (-1),
    /// or every month on the first to fourth or last (-1) of a weekday.
    #[schema(example = "FREQ=MONTHLY;BYDAY=-1FR")]
    rule: String,
    /// At which time, on the clock of the server's zone.
    #[schema(example = "18:30")]
    time: String,
    /// A random id of the caller's own making: the same one sent twice sets one up.
    draft: String,
}

impl From<CheckInBody> for CheckInForm {
    fn from(body: CheckInBody) -> Self {
        let CheckInBody { title, text, content_note, visibility, rule, time, draft } = body;
        Self { title, text, content_note, visibility, rule, time, draft }
    }
}

/// Sets a check-in up. It opens by itself, in the name of the caller's persona in the group. A group has five at most.
#[utoipa::path(post, path = "/groups/{id}/check-ins", tag = "posts", request_body = CheckInBody,
    responses((status = 201, description = "The check-in.", body = CheckInDocument)))]
pub(super) async fn set_up_check_in(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let form = CheckInForm::from(body.read::<CheckInBody>().await?);
    body::draft::<CheckInId>(&form.draft)?;
    let group: ActorId = body::id(&path)?;
    let made = state
        .act(move |app| {
            let made = actions::set_up(app, me.id(), group, &form)?;
            actions::get(app, me.id(), made.id).map(CheckInDocument::from)
        })
        .await?;
    Ok(created(&format!("/check-ins/{}", made.id), made))
}

/// One of a group that the caller holds.
#[utoipa::path(get, path = "/check-ins/{id}", tag = "posts",
    responses((status = 200, description = "The check-in.", body = CheckInDocument)))]
pub(super) async fn get_check_in(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: CheckInId = body::id(&path)?;
    let read = state.run(move |app| actions::get(app, me.account.id, id)).await?;
    Ok(ok(CheckInDocument::from(read)))
}

/// A change of a check-in. What is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CheckInPatch {
    /// Title.
    title: Option<String>,
    /// The prompt, Markdown.
    text: Option<String>,
    /// What it is about; empty for no note.
    content_note: Option<String>,
    /// `public` or `members`.
    visibility: Option<String>,
    /// On which days.
    #[schema(example = "FREQ=WEEKLY;BYDAY=TU")]
    rule: Option<String>,
    /// At which time.
    #[schema(example = "18:30")]
    time: Option<String>,
}

impl CheckInPatch {
    const fn is_empty(&self) -> bool {
        let words = self.title.is_none() && self.text.is_none() && self.content_note.is_none();
        words && self.visibility.is_none() && self.rule.is_none() && self.time.is_none()
    }

    fn over(self, before: CheckInDocument) -> CheckInForm {
        CheckInForm {
            title: self.title.unwrap_or(before.title),
            text: self.text.unwrap_or(before.text),
            content_note: self.content_note.or(before.content_note).unwrap_or_default(),
            visibility: self.visibility.unwrap_or_else(|| before.visibility.to_owned()),
            rule: self.rule.unwrap_or(before.rule),
            time: self.time.unwrap_or(before.time),
            draft: String::new(),
        }
    }
}

/// Changes a check-in. From then on it opens in the name of the caller's persona in the group.
#[utoipa::path(patch, path = "/check-ins/{id}", tag = "posts", request_body = CheckInPatch,
    responses((status = 200, description = "The check-in as it is now.", body = CheckInDocument)))]
pub(super) async fn patch_check_in(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let patch: CheckInPatch = body.read().await?;
    let id: CheckInId = body::id(&path)?;
    if patch.is_empty() {
        return Err(ApiError::NothingToDo);
    }
    let changed = state
        .act(move |app| {
            let form = patch.over(actions::get(app, me.id(), id)?.into());
            actions::change(app, me.id(), id, &form)?;
            actions::get(app, me.id(), id).map(CheckInDocument::from)
        })
        .await?;
    Ok(ok(changed))
}

/// Whether a check-in is paused.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PausedBody {
    /// Whether it rests from now on.
    #[schema(required)]
    paused: Option<bool>,
}

/// Pauses a check-in, or goes on with it. What would have opened meanwhile is not made up for.
#[utoipa::path(put, path = "/check-ins/{id}/paused", tag = "posts", request_body = PausedBody,
    responses((status = 204, description = "Done.")))]
pub(super) async fn put_paused(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let body: PausedBody = body.read().await?;
    let id: CheckInId = body::id(&path)?;
    let paused = body::required("paused", body.paused)?;
    state.act(move |app| actions::pause(app, me.id(), id, paused)).await?;
    Ok(done())
}

/// Takes a check-in over: it goes on with its words as they are, in the name of the caller's persona in the group.
#[utoipa::path(post, path = "/check-ins/{id}/take-over", tag = "posts",
    responses((status = 204, description = "Done.")))]
pub(super) async fn take_check_in_over(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id: CheckInId = body::id(&path)?;
    state.act(move |app| actions::take_over(app, me.id(), id)).await?;
    Ok(done())
}

/// Ends a check-in: its words go. What it opened stays.
#[utoipa::path(delete, path = "/check-ins/{id}", tag = "posts",
    responses((status = 204, description = "Ended.")))]
pub(super) async fn end_check_in(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id: CheckInId = body::id(&path)?;
    state.act(move |app| actions::end(app, me.id(), id)).await?;
    Ok(done())
}
