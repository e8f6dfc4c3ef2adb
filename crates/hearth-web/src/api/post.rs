//! Conversations: lists of them, one of them, writing, replying, editing, removing.

use super::{
    Answer, State,
    body::{self, Body, Page},
    caller::{Holder, Own, Visitor, Writer},
    created, done, group,
    image::{self, ImageBody, ImageDocument},
    ok,
    persona::PersonDocument,
    problem::ApiError,
    topic::TopicDocument,
    yes,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::{
    ActionError, App, block,
    form::length_sentence,
    hold,
    post::{self, Answering, PostForm},
    seal, search,
};
use hearth_db::{
    DbConn,
    tables::{
        actors, groups, post_marks,
        posts::{self, Post},
        voices,
    },
    views::{After, Authored, conversation},
};
use hearth_domain::{
    Denied,
    card::search as search_words,
    id::{ActorId, PostId, TopicId},
    note::Folding,
};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use utoipa::{IntoParams, ToSchema};

/// Most replies in one answer.
const MOST_REPLIES: i64 = 500;

/// A post or a reply.
#[derive(Serialize, ToSchema)]
pub(super) struct PostDocument {
    /// Id.
    pub(super) id: String,
    /// The group it stands in.
    group: String,
    /// The post the conversation began with; none for that post itself and under a meetup.
    root: Option<String>,
    /// What it answers; none for a post and for a first reply to a meetup.
    in_reply_to: Option<String>,
    /// The meetup the conversation is about.
    event: Option<String>,
    /// Who wrote it; none once it was removed, and where it is without a name.
    author: Option<PersonDocument>,
    /// Whether it was written without a name: the group stands for whoever wrote it.
    unnamed: bool,
    /// Of what is without a name: which of those who speak so in the conversation, from 1 in the order in which they
    /// first spoke. None where another server does not tell.
    voice: Option<i32>,
    /// Whether the caller wrote it, and may change it.
    own: bool,
    /// Title, of a post.
    title: Option<String>,
    /// The text as typed, Markdown; none for posts from elsewhere.
    text: Option<String>,
    /// The text, HTML that is safe to show.
    text_html: String,
    /// What it is about, for people who would rather not read it unprepared.
    content_note: Option<String>,
    /// What its author chose: `public` or `members`.
    visibility: &'static str,
    /// Its page, where it was written.
    url: String,
    /// When it was published.
    published_at: DateTime<Utc>,
    /// When its author last changed it.
    edited_at: Option<DateTime<Utc>>,
    /// Whether it was removed: its words and its author are gone.
    removed: bool,
    /// Said of one's own, just sent: a person looks at it first. Until then it, or its new words, is shown to nobody.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    waiting: bool,
    /// Its pictures, in their order.
    pub(super) images: Vec<ImageDocument>,
    /// What the conversation is about, of the group's list; only of a post.
    topics: Vec<TopicDocument>,
    /// How many replies the caller may see; only in lists of posts.
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_count: Option<i64>,
}

/// Posts.
#[derive(Serialize, ToSchema)]
pub(super) struct PostsDocument {
    /// The posts, newest first.
    posts: Vec<PostDocument>,
    /// Where the list goes on, for `after`; none at its end.
    next: Option<String>,
}

/// A post with what was said below it.
#[derive(Serialize, ToSchema)]
pub(super) struct ConversationDocument {
    /// The post.
    #[serde(flatten)]
    post: PostDocument,
    /// Everything below it, oldest first; `in_reply_to` tells what answers what.
    replies: Vec<PostDocument>,
    /// Whether there are more replies than were given.
    more_replies: bool,
}

/// A post as the caller sees it.
pub(super) fn document(own: &Own, Authored { post, author }: Authored) -> PostDocument {
    let removed = post.deleted_at.is_some();
    let unnamed = seal::stands_for_others(&author);
    let id = |id: PostId| id.to_string();
    PostDocument {
        id: id(post.id),
        group: post.group_id.to_string(),
        root: post.root_id.map(id),
        in_reply_to: post.parent_id.map(id),
        event: post.event_id.map(|id| id.to_string()),
        own: !removed && own.wrote(&post),
        author: (!removed && !unnamed).then(|| author.into()),
        unnamed,
        voice: None,
        title: post.title,
        text: (post.local && !removed).then_some(post.source),
        text_html: post.content_html,
        content_note: post.content_note,
        visibility: post.visibility.as_str(),
        url: post.url,
        published_at: post.published_at.utc(),
        edited_at: post.edited_at.map(|time| time.utc()),
        removed,
        waiting: false,
        images: Vec::new(),
        topics: Vec::new(),
        reply_count: None,
    }
}

/// Adds what stands beside posts: their pictures and topics, and which of those who speak without a name each is.
pub(super) fn complete<'d>(
    connection: &mut DbConn,
    documents: impl Iterator<Item = &'d mut PostDocument>,
) -> Result<(), ActionError> {
    let mut documents: Vec<&mut PostDocument> = documents.collect();
    image::fill(connection, documents.iter_mut().map(|one| &mut **one))?;
    fill_topics(connection, &mut documents)?;
    voices(connection, documents.into_iter())
}

fn fill_topics(connection: &mut DbConn, documents: &mut [&mut PostDocument]) -> Result<(), ActionError> {
    let mut roots: Vec<(i64, &mut &mut PostDocument)> = documents
        .iter_mut()
        .filter(|one| !one.removed && one.title.is_some())
        .filter_map(|one| Some((one.id.parse::<PostId>().ok()?.get(), one)))
        .collect();
    let numbers: Vec<i64> = roots.iter().map(|(number, _)| *number).collect();
    let mut known = post_marks::of(connection, &numbers)?;
    for (number, document) in &mut roots {
        document.topics = known.remove(number).unwrap_or_default().into_iter().map(Into::into).collect();
    }
    Ok(())
}

/// Tells apart those who speak without a name.
fn voices<'d>(
    connection: &mut DbConn,
    documents: impl Iterator<Item = &'d mut PostDocument>,
) -> Result<(), ActionError> {
    let mut unnamed: Vec<(PostId, &mut PostDocument)> =
        documents.filter(|one| one.unnamed).filter_map(|one| Some((one.id.parse().ok()?, one))).collect();
    let ids: Vec<PostId> = unnamed.iter().map(|(id, _)| *id).collect();
    let known = voices::of(connection, &ids)?;
    for (id, document) in &mut unnamed {
        document.voice = known.get(id).copied();
    }
    Ok(())
}

/// Replies, and whether there are more of them. What the caller chose never to see is left out.
pub(super) fn replies(
    own: &Own,
    read: impl FnOnce(i64) -> Result<Vec<Authored>, ActionError>,
) -> Result<(Vec<PostDocument>, bool), ActionError> {
    let mut rows = read(MOST_REPLIES + 1)?;
    let most = usize::try_from(MOST_REPLIES).unwrap_or_default();
    let more = rows.len() > most;
    rows.truncate(most);
    rows.retain(|row| own.reader.folding(&row.post) != Folding::Hidden);
    Ok((rows.into_iter().map(|row| document(own, row)).collect(), more))
}

fn list(
    connection: &mut DbConn,
    own: &Own,
    groups: &[ActorId],
    about: Option<(ActorId, TopicId)>,
    (after, limit): (Option<After>, i64),
) -> Result<PostsDocument, ActionError> {
    let rows = match about {
        Some((group, topic)) => conversation::roots_about(connection, &own.reader, group, topic, after, limit + 1)?,
        None => conversation::roots(connection, &own.reader, groups, after, limit + 1)?,
    };
    let (mut rows, next) = body::cut(rows, limit);
    rows.retain(|row| own.reader.folding(&row.post) != Folding::Hidden);
    let ids: Vec<PostId> = rows.iter().map(|row| row.post.id).collect();
    let counts: HashMap<PostId, i64> = conversation::reply_counts(connection, &own.reader, &ids)?;
    let mut posts: Vec<PostDocument> = rows
        .into_iter()
        .map(|row| {
            let reply_count = Some(counts.get(&row.post.id).copied().unwrap_or_default());
            PostDocument { reply_count, ..document(own, row) }
        })
        .collect();
    complete(connection, posts.iter_mut())?;
    Ok(PostsDocument { posts, next })
}

/// How the posts of a group are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PostsQuery {
    /// Id of a topic of the group's list: only conversations about it.
    #[param(value_type = Option<String>)]
    topic: Option<String>,
    /// Words that must all appear, 100 characters at most: posts and replies that have them. Signed in only. An answer may
    /// be short or empty and still have a `next`: each looks through a part of the group.
    #[param(value_type = Option<String>)]
    q: Option<String>,
    /// Where the list goes on: `next` of the answer before.
    #[param(value_type = Option<String>)]
    after: Option<String>,
    /// How many items, 1 to 50; 20 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 50)]
    limit: Option<String>,
}

/// What of a group is asked for.
enum Sought {
    All,
    About(TopicId),
    With(Vec<String>),
}

impl PostsQuery {
    fn read(self) -> Result<(Sought, (Option<After>, i64)), ApiError> {
        let words = search_words(self.q.as_deref().unwrap_or_default())
            .map_err(|problem| ActionError::field("q", length_sentence("What you search for", problem)))?;
        let sought = match self.topic {
            Some(_) if !words.is_empty() => {
                return Err(ApiError::field("topic", "Search for words, or ask for a topic."));
            }
            Some(topic) => Sought::About(body::id(&topic)?),
            None if words.is_empty() => Sought::All,
            None => Sought::With(words),
        };
        Ok((sought, Page::of(self.after, self.limit).read()?))
    }
}

/// Posts and replies of a group with these words.
fn found(
    connection: &mut DbConn,
    own: &Own,
    group: ActorId,
    words: &[String],
    (after, limit): (Option<After>, i64),
) -> Result<PostsDocument, ActionError> {
    if own.account.is_none() {
        return Err(Denied::SignIn.into());
    }
    let found =
        search::group(connection, &own.reader, group, words, after, usize::try_from(limit).unwrap_or_default())?;
    let mut posts: Vec<PostDocument> = found.hits.into_iter().map(|row| document(own, row)).collect();
    complete(connection, posts.iter_mut())?;
    Ok(PostsDocument { posts, next: found.next.map(body::cursor) })
}

/// Posts of a group that the caller may see.
#[utoipa::path(get, path = "/groups/{id}/posts", tag = "posts", params(PostsQuery),
    responses((status = 200, description = "The posts.", body = PostsDocument)))]
pub(super) async fn list_group_posts(
    state: State,
    visitor: Visitor,
    path: web::Path<String>,
    query: web::Query<PostsQuery>,
) -> Answer {
    let id = body::id(&path)?;
    let (sought, page) = query.into_inner().read()?;
    let posts = state
        .run(move |app| {
            app.db.read(|c| {
                let own = visitor.own(c)?;
                group::visible(c, &own, id)?;
                match &sought {
                    Sought::All => list(c, &own, &[id], None, page),
                    Sought::About(topic) => list(c, &own, &[id], Some((id, *topic)), page),
                    Sought::With(words) => found(c, &own, id, words, page),
                }
            })
        })
        .await?;
    Ok(ok(posts))
}

/// Posts of the groups that the caller is in or follows.
#[utoipa::path(get, path = "/feed", tag = "posts", params(Page),
    responses((status = 200, description = "The posts.", body = PostsDocument)))]
pub(super) async fn get_feed(state: State, me: Holder, page: web::Query<Page>) -> Answer {
    let page = page.read()?;
    let visitor = Visitor { account: Some(me.account.id) };
    let posts = state
        .run(move |app| {
            app.db.read(|c| {
                let own = visitor.own(c)?;
                list(c, &own, &own.feed_groups(), None, page)
            })
        })
        .await?;
    Ok(ok(posts))
}

/// A post the caller may see. Its author sees it always.
fn visible(connection: &mut DbConn, own: &Own, id: PostId) -> Result<Post, ActionError> {
    let post = posts::by_id(connection, id)?.ok_or(ActionError::NotFound)?;
    let group = groups::by_id(connection, post.group_id)?.ok_or(ActionError::NotFound)?;
    if !own.reader.includes(&group, post.visibility) && !own.wrote(&post) {
        return Err(ActionError::NotFound);
    }
    if block::hides(connection, own.account, &own.reader, &post)? {
        return Err(ActionError::NotFound);
    }
    if post.deleted_at.is_some() { Err(ActionError::Gone) } else { Ok(post) }
}

fn authored(connection: &mut DbConn, post: Post) -> Result<Authored, ActionError> {
    let author = actors::by_id(connection, post.author_id)?.ok_or(ActionError::NotFound)?;
    Ok(Authored { post, author })
}

/// Everything in the conversation that is below `top`.
fn below(all: Vec<Authored>, top: PostId) -> Vec<Authored> {
    let mut inside = HashSet::from([top]);
    // Oldest first: an answer comes after what it answers. A peer's clock may say otherwise; then it stands further up.
    let mut is_below = |row: &Authored| {
        let below = row.post.parent_id.is_some_and(|parent| inside.contains(&parent));
        below && inside.insert(row.post.id)
    };
    all.into_iter().filter(|row| is_below(row)).collect()
}

fn conversation_of(connection: &mut DbConn, own: &Own, post: Post) -> Result<ConversationDocument, ActionError> {
    let (id, root, event) = (post.id, post.root_id, post.event_id);
    let reader = &own.reader;
    let (mut replies, more_replies) = replies(own, |most| {
        Ok(match (root, event) {
            (Some(root), _) => below(conversation::replies(connection, reader, root, most)?, id),
            (None, Some(event)) => below(conversation::about_event(connection, reader, event, most)?, id),
            (None, None) => conversation::replies(connection, reader, id, most)?,
        })
    })?;
    let mut post = document(own, authored(connection, post)?);
    complete(connection, replies.iter_mut().chain([&mut post]))?;
    Ok(ConversationDocument { post, replies, more_replies })
}

/// A post or reply, with everything below it.
#[utoipa::path(get, path = "/posts/{id}", tag = "posts",
    responses((status = 200, description = "The conversation.", body = ConversationDocument)))]
pub(super) async fn get_post(state: State, visitor: Visitor, path: web::Path<String>) -> Answer {
    let id = body::id(&path)?;
    let conversation = state
        .run(move |app| {
            app.db.read(|c| {
                let own = visitor.own(c)?;
                let post = visible(c, &own, id)?;
                conversation_of(c, &own, post)
            })
        })
        .await?;
    Ok(ok(conversation))
}

/// A new post.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PostBody {
    /// Title, 3 to 200 characters.
    title: String,
    /// The text, Markdown, 20,000 characters at most.
    text: String,
    /// What it is about, for people who would rather not read it unprepared; 300 characters at most.
    content_note: String,
    /// `public` or `members`; `public` if left out.
    visibility: String,
    /// Id of the persona that writes.
    persona: String,
    /// Whether it stands without the persona's name: the group stands for it, here and elsewhere. Who began so in a
    /// conversation goes on so, whatever is sent here.
    unnamed: bool,
    /// A random id of the caller's own making: the same one sent twice writes once.
    draft: String,
    /// Its pictures, four at most.
    images: Vec<ImageBody>,
    /// Ids of topics of the group's list, five at most.
    topics: Vec<String>,
}

/// A reply.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ReplyBody {
    /// The text, Markdown, 20,000 characters at most.
    text: String,
    /// What it is about, for people who would rather not read it unprepared; 300 characters at most.
    content_note: String,
    /// `public` or `members`, never wider than what is answered; as wide as possible if left out.
    visibility: String,
    /// Id of the persona that writes.
    persona: String,
    /// Whether it stands without the persona's name: the group stands for it, here and elsewhere. Who began so in a
    /// conversation goes on so, whatever is sent here.
    unnamed: bool,
    /// A random id of the caller's own making: the same one sent twice writes once.
    draft: String,
    /// Its pictures, four at most.
    images: Vec<ImageBody>,
}

impl From<ReplyBody> for PostForm {
    fn from(body: ReplyBody) -> Self {
        let ReplyBody { text, content_note, visibility, persona, unnamed, draft, images } = body;
        let images = Some(image::forms(images));
        let unnamed = yes(unnamed);
        Self { text, content_note, visibility, persona, unnamed, draft, images, ..Self::default() }
    }
}

fn written(app: &App, visitor: Visitor, post: Post) -> Result<PostDocument, ActionError> {
    app.db.read(|c| {
        let own = visitor.own(c)?;
        let waiting = hold::own_by_id(c, visitor.account.ok_or(ActionError::NotFound)?, post.id)?.is_some();
        let mut post = PostDocument { waiting, ..document(&own, authored(c, post)?) };
        complete(c, [&mut post].into_iter())?;
        Ok(post)
    })
}

/// Begins a conversation in a group.
#[utoipa::path(post, path = "/groups/{id}/posts", tag = "posts", request_body = PostBody,
    responses((status = 201, description = "The post.", body = PostDocument)))]
pub(super) async fn create_post(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let PostBody { title, text, content_note, visibility, persona, unnamed, draft, images, topics } =
        body.read().await?;
    let (images, topics) = (Some(image::forms(images)), Some(topics));
    body::draft::<PostId>(&draft)?;
    let unnamed = yes(unnamed);
    let form = PostForm { title, text, content_note, visibility, persona, unnamed, draft, images, topics };
    let group = body::id(&path)?;
    let post = state
        .act(move |app| {
            let post = post::publish(app, me.id(), group, &form)?;
            written(app, me.visitor(), post)
        })
        .await?;
    Ok(created(&format!("/posts/{}", post.id), post))
}

async fn reply(state: State, me: Writer, to: Answering, body: Body) -> Answer {
    let form = PostForm::from(body.read::<ReplyBody>().await?);
    body::draft::<PostId>(&form.draft)?;
    let post = state
        .act(move |app| {
            let post = post::reply(app, me.id(), to, &form)?;
            written(app, me.visitor(), post)
        })
        .await?;
    Ok(created(&format!("/posts/{}", post.id), post))
}

/// Answers a post or a reply.
#[utoipa::path(post, path = "/posts/{id}/replies", tag = "posts", request_body = ReplyBody,
    responses((status = 201, description = "The reply.", body = PostDocument)))]
pub(super) async fn reply_to_post(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let to = Answering::Post(body::id(&path)?);
    reply(state, me, to, body).await
}

/// Says something about a meetup.
#[utoipa::path(post, path = "/events/{id}/replies", tag = "events", request_body = ReplyBody,
    responses((status = 201, description = "The reply.", body = PostDocument)))]
pub(super) async fn reply_to_event(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let to = Answering::Event(body::id(&path)?);
    reply(state, me, to, body).await
}

/// A change of a post or reply. What is left out stays, and so does who may see it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PostPatch {
    /// Title, of a post.
    title: Option<String>,
    /// The text, Markdown.
    text: Option<String>,
    /// What it is about; empty for no note.
    content_note: Option<String>,
    /// Its pictures: those it is to have, each with its description. Others go.
    images: Option<Vec<ImageBody>>,
    /// Ids of the topics it is to have, of a post.
    topics: Option<Vec<String>>,
}

impl PostPatch {
    const fn is_empty(&self) -> bool {
        let words = self.title.is_none() && self.text.is_none() && self.content_note.is_none();
        words && self.images.is_none() && self.topics.is_none()
    }

    fn over(self, post: Post) -> Result<PostForm, ActionError> {
        if self.title.is_some() && !post.is_root() {
            return Err(ActionError::field("title", "A reply has no title. Leave it out."));
        }
        if self.topics.is_some() && !post.is_root() {
            return Err(ActionError::field("topics", "A reply has the topics of its conversation. Leave them out."));
        }
        Ok(PostForm {
            title: self.title.or(post.title).unwrap_or_default(),
            text: self.text.unwrap_or(post.source),
            content_note: self.content_note.or(post.content_note).unwrap_or_default(),
            images: self.images.map(image::forms),
            topics: self.topics,
            ..PostForm::default()
        })
    }
}

/// Changes the words of a post or reply. Its author only.
#[utoipa::path(patch, path = "/posts/{id}", tag = "posts", request_body = PostPatch,
    responses((status = 200, description = "The post as it is now.", body = PostDocument)))]
pub(super) async fn patch_post(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let patch: PostPatch = body.read().await?;
    let id = body::id(&path)?;
    if patch.is_empty() {
        return Err(ApiError::NothingToDo);
    }
    let post = state
        .act(move |app| {
            // Who may not change it learns nothing from what is said about the fields.
            let before = app.db.read(|c| {
                let own = me.visitor().own(c)?;
                let before = visible(c, &own, id)?;
                if own.wrote(&before) { Ok(before) } else { Err(ActionError::from(Denied::AuthorOnly)) }
            })?;
            let form = patch.over(before)?;
            let post = post::edit(app, me.id(), id, &form)?;
            written(app, me.visitor(), post)
        })
        .await?;
    Ok(ok(post))
}

/// Removes a post or reply of one's own: the words go.
#[utoipa::path(delete, path = "/posts/{id}", tag = "posts", responses((status = 204, description = "Removed.")))]
pub(super) async fn delete_post(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id = body::id(&path)?;
    state.act(move |app| post::delete(app, me.id(), id)).await?;
    Ok(done())
}
