//! Posts that are written now and published later.
//!
//! Must never tell of one to anybody but its author.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer},
    created, done,
    image::{self, ImageBody, ImageDocument},
    ok,
    problem::ApiError,
    topic::TopicDocument,
    yes,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::{
    ActionError,
    post::PostForm,
    scheduled_post::{self as actions, ReadScheduled, ScheduleForm},
};
use hearth_domain::id::{ActorId, ScheduledPostId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A planned post. Only its author ever gets it.
#[derive(Serialize, ToSchema)]
pub(super) struct ScheduledDocument {
    /// Its own id: the post that comes of it has another one.
    id: String,
    /// The group.
    group: String,
    /// Id of the persona that writes.
    persona: String,
    /// Whether it is to stand without the persona's name.
    unnamed: bool,
    /// Title.
    title: String,
    /// The text, Markdown.
    text: String,
    /// What it is about, for people who would rather not read it unprepared.
    content_note: Option<String>,
    /// `public` or `members`.
    visibility: &'static str,
    /// Its pictures, in their order.
    images: Vec<ImageDocument>,
    /// Its topics, of the group's list.
    topics: Vec<TopicDocument>,
    /// The day on which it is published, on the clock of the zone.
    #[schema(example = "2026-03-10")]
    date: String,
    /// The time at which it is published.
    #[schema(example = "18:30")]
    time: String,
    /// The IANA zone of the clock: the server's when it was planned.
    zone: String,
    /// The instant of that.
    publish_at: DateTime<Utc>,
    /// Why it was not published when its time came: `not_allowed`, `paused`, `archived`, `agreement`, `too_much` or
    /// `changed`. None for what is still to be published.
    returned: Option<&'static str>,
}

impl From<ReadScheduled> for ScheduledDocument {
    fn from(read: ReadScheduled) -> Self {
        let post = read.post;
        let (date, time) = post.civil_time.split_once('T').unwrap_or_default();
        Self {
            id: post.id.to_string(),
            group: post.group_id.to_string(),
            persona: post.author_id.to_string(),
            unnamed: post.unnamed,
            date: date.to_owned(),
            time: time.to_owned(),
            title: post.title,
            text: post.source,
            content_note: post.content_note,
            visibility: post.visibility.as_str(),
            images: read.pictures.into_iter().map(Into::into).collect(),
            topics: read.topics.into_iter().map(Into::into).collect(),
            zone: post.zone,
            publish_at: post.publish_at.utc(),
            returned: post.returned.map(|why| why.as_str()),
        }
    }
}

/// Planned posts.
#[derive(Serialize, ToSchema)]
pub(super) struct ScheduledListDocument {
    /// The soonest first.
    scheduled: Vec<ScheduledDocument>,
}

/// What the caller planned, in all groups.
#[utoipa::path(get, path = "/account/scheduled", tag = "posts",
    responses((status = 200, description = "What is planned.", body = ScheduledListDocument)))]
pub(super) async fn list_scheduled(state: State, me: Holder) -> Answer {
    let list = state.run(move |app| actions::list(app, me.account.id, None)).await?;
    Ok(ok(ScheduledListDocument { scheduled: list.into_iter().map(Into::into).collect() }))
}

/// What the caller planned in a group.
#[utoipa::path(get, path = "/groups/{id}/scheduled", tag = "posts",
    responses((status = 200, description = "What is planned.", body = ScheduledListDocument)))]
pub(super) async fn list_scheduled_in_group(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: ActorId = body::id(&path)?;
    let list = state.run(move |app| actions::list(app, me.account.id, Some(id))).await?;
    Ok(ok(ScheduledListDocument { scheduled: list.into_iter().map(Into::into).collect() }))
}

/// A post for later.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ScheduleBody {
    /// Title, 3 to 200 characters.
    title: String,
    /// The text, Markdown, 20,000 characters at most.
    text: String,
    /// What it is about; 300 characters at most.
    content_note: String,
    /// `public` or `members`; `public` if left out.
    visibility: String,
    /// Id of the persona that writes.
    persona: String,
    /// Whether it stands without the persona's name.
    unnamed: bool,
    /// The day, on the clock of the server's zone, at most a year away.
    #[schema(example = "2026-03-10")]
    date: String,
    /// The time.
    #[schema(example = "18:30")]
    time: String,
    /// A random id of the caller's own making: the same one sent twice plans once.
    draft: String,
    /// Its pictures, four at most.
    images: Vec<ImageBody>,
    /// Ids of topics of the group's list, five at most.
    topics: Vec<String>,
}

impl From<ScheduleBody> for ScheduleForm {
    fn from(body: ScheduleBody) -> Self {
        let ScheduleBody { title, text, content_note, visibility, persona, unnamed, date, time, .. } = body;
        let (images, topics) = (Some(image::forms(body.images)), Some(body.topics));
        let (unnamed, draft) = (yes(unnamed), body.draft);
        let post = PostForm { title, text, content_note, visibility, persona, unnamed, draft, images, topics };
        Self { post, date, time }
    }
}

/// Plans a post in a group. When its time comes it is published as if it were written then.
#[utoipa::path(post, path = "/groups/{id}/scheduled", tag = "posts", request_body = ScheduleBody,
    responses((status = 201, description = "What is planned.", body = ScheduledDocument)))]
pub(super) async fn schedule_post(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let form = ScheduleForm::from(body.read::<ScheduleBody>().await?);
    body::draft::<ScheduledPostId>(&form.post.draft)?;
    let group = body::id(&path)?;
    let planned = state
        .act(move |app| {
            let planned = actions::plan(app, me.id(), group, &form)?;
            actions::get(app, me.id(), planned.id).map(ScheduledDocument::from)
        })
        .await?;
    Ok(created(&format!("/scheduled/{}", planned.id), planned))
}

/// One of the caller's own.
#[utoipa::path(get, path = "/scheduled/{id}", tag = "posts",
    responses((status = 200, description = "What is planned.", body = ScheduledDocument)))]
pub(super) async fn get_scheduled(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id = body::id(&path)?;
    let read = state.run(move |app| actions::get(app, me.account.id, id)).await?;
    Ok(ok(ScheduledDocument::from(read)))
}

/// A change of a planned post. What is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SchedulePatch {
    /// Title.
    title: Option<String>,
    /// The text, Markdown.
    text: Option<String>,
    /// What it is about; empty for no note.
    content_note: Option<String>,
    /// `public` or `members`.
    visibility: Option<String>,
    /// Id of the persona that writes.
    persona: Option<String>,
    /// Whether it stands without the persona's name.
    unnamed: Option<bool>,
    /// The day.
    #[schema(example = "2026-03-10")]
    date: Option<String>,
    /// The time.
    #[schema(example = "18:30")]
    time: Option<String>,
    /// Its pictures: those it is to have, each with its description. Others go.
    images: Option<Vec<ImageBody>>,
    /// Ids of the topics it is to have.
    topics: Option<Vec<String>>,
}

impl SchedulePatch {
    const fn is_empty(&self) -> bool {
        let words = self.title.is_none() && self.text.is_none() && self.content_note.is_none();
        let who = self.visibility.is_none() && self.persona.is_none() && self.unnamed.is_none();
        words && who && self.date.is_none() && self.time.is_none() && self.images.is_none() && self.topics.is_none()
    }

    fn over(self, before: ReadScheduled) -> ScheduleForm {
        let before = ScheduledDocument::from(before);
        let post = PostForm {
            title: self.title.unwrap_or(before.title),
            text: self.text.unwrap_or(before.text),
            content_note: self.content_note.or(before.content_note).unwrap_or_default(),
            visibility: self.visibility.unwrap_or_else(|| before.visibility.to_owned()),
            persona: self.persona.unwrap_or(before.persona),
            unnamed: yes(self.unnamed.unwrap_or(before.unnamed)),
            draft: String::new(),
            images: self.images.map(image::forms),
            topics: self.topics,
        };
        ScheduleForm { post, date: self.date.unwrap_or(before.date), time: self.time.unwrap_or(before.time) }
    }
}

/// Changes a planned post, or plans one anew that came back.
#[utoipa::path(patch, path = "/scheduled/{id}", tag = "posts", request_body = SchedulePatch,
    responses((status = 200, description = "What is planned now.", body = ScheduledDocument)))]
pub(super) async fn patch_scheduled(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let patch: SchedulePatch = body.read().await?;
    let id = body::id(&path)?;
    if patch.is_empty() {
        return Err(ApiError::NothingToDo);
    }
    let planned = state
        .act(move |app| {
            let form = patch.over(actions::get(app, me.id(), id)?);
            actions::change(app, me.id(), id, &form)?;
            actions::get(app, me.id(), id).map(ScheduledDocument::from)
        })
        .await?;
    Ok(ok(planned))
}

/// Takes a planned post back: its words go.
#[utoipa::path(delete, path = "/scheduled/{id}", tag = "posts",
    responses((status = 204, description = "Taken back.")))]
pub(super) async fn take_scheduled_back(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id = body::id(&path)?;
    state.act(move |app| actions::take_back(app, me.id(), id).map(drop)).await?;
    Ok(done())
}

/// What became of a planned post.
#[derive(Serialize, ToSchema)]
pub(super) struct PublishedDocument {
    /// Id of the post.
    post: String,
}

/// Publishes a planned post now. Where a person looks first, the id is known to `GET /posts/{id}` only afterwards.
#[utoipa::path(post, path = "/scheduled/{id}/publish", tag = "posts",
    responses((status = 201, description = "The post.", body = PublishedDocument)))]
pub(super) async fn publish_scheduled(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id = body::id(&path)?;
    let post =
        state.act(move |app| Ok::<_, ActionError>(actions::publish_now(app, me.id(), id)?.id.to_string())).await?;
    Ok(created(&format!("/posts/{post}"), PublishedDocument { post }))
}
