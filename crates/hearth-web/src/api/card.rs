//! The library of a group: what helped, kept from a conversation with its author's consent.
//!
//! Must never tell who asked for a card, what an author said, which post a card was, or whose it is without a name.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Own, Visitor, Writer},
    created, done, group, ok,
    persona::PersonDocument,
    problem::ApiError,
    topic::TopicDocument,
};
use actix_web::web;
use hearth_actions::{
    ActionError, App,
    card::{self, CardForm, OwnCard},
    form::length_sentence,
    topics,
};
use hearth_db::views::{
    library::{self, AfterCard, ReadCard, Wanted},
    visible::Reader,
};
use hearth_domain::{
    card::{Month, Naming, search},
    id::{AccountId, ActorId, CardId, PostId, TopicId},
    note::Folding,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A card.
#[derive(Serialize, ToSchema)]
pub(super) struct CardDocument {
    /// Id.
    id: String,
    /// The group in whose library it is.
    group: String,
    /// Whose name it stands under; none for a card without a name.
    author: Option<PersonDocument>,
    /// What it is called.
    title: String,
    /// The text as typed, Markdown.
    text: String,
    /// The text, HTML that is safe to show.
    text_html: String,
    /// What it is about, for people who would rather not read it unprepared.
    content_note: Option<String>,
    /// The month in which it was kept. Nothing finer is known.
    #[schema(example = "2026-11")]
    month: String,
    /// Its topics.
    topics: Vec<TopicDocument>,
    /// Whether it is the caller's own, and can be changed and taken back. Nobody else is told.
    own: bool,
}

fn document(one: ReadCard, own: bool) -> CardDocument {
    let ReadCard { card, author, topics } = one;
    CardDocument {
        id: card.id.to_string(),
        group: card.group_id.to_string(),
        author: author.map(Into::into),
        title: card.title,
        text: card.source,
        text_html: card.content_html,
        content_note: card.content_note,
        month: Month::from(card.month).to_string(),
        topics: topics.into_iter().map(Into::into).collect(),
        own,
    }
}

/// Cards.
#[derive(Serialize, ToSchema)]
pub(super) struct CardsDocument {
    /// The cards, newest month first.
    cards: Vec<CardDocument>,
    /// Where the list goes on, for `after`; none at its end.
    next: Option<String>,
}

/// How cards are asked for.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CardsQuery {
    /// Id of a topic: only its cards.
    #[param(value_type = Option<String>)]
    topic: Option<String>,
    /// Words that must all appear, 100 characters at most.
    #[param(value_type = Option<String>)]
    q: Option<String>,
    /// Where the list goes on: `next` of the answer before.
    #[param(value_type = Option<String>)]
    after: Option<String>,
    /// How many items, 1 to 50; 20 if left out.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 50)]
    limit: Option<String>,
}

/// A [`CardsQuery`] that was read.
struct Asked {
    topic: Option<TopicId>,
    words: Vec<String>,
    after: Option<AfterCard>,
    limit: i64,
}

impl CardsQuery {
    fn read(self) -> Result<Asked, ApiError> {
        let after = match &self.after {
            None => None,
            Some(after) => {
                let read = after
                    .split_once('-')
                    .and_then(|(month, id)| Some(AfterCard { month: month.parse().ok()?, id: id.parse().ok()? }));
                Some(read.ok_or_else(|| ApiError::field("after", "Send `next` as it came."))?)
            }
        };
        let words = search(self.q.as_deref().unwrap_or_default())
            .map_err(|problem| ActionError::field("q", length_sentence("What you search for", problem)))?;
        let topic = self.topic.as_deref().map(body::id).transpose()?;
        Ok(Asked { topic, words, after, limit: body::read_limit(self.limit.as_deref())? })
    }
}

/// The cards of a group, for its members. What they chose never to see is left out.
#[utoipa::path(get, path = "/groups/{id}/cards", tag = "cards", params(CardsQuery),
    responses((status = 200, description = "The cards.", body = CardsDocument)))]
pub(super) async fn list_cards(
    state: State,
    me: Holder,
    path: web::Path<String>,
    query: web::Query<CardsQuery>,
) -> Answer {
    let id: ActorId = body::id(&path)?;
    let asked = query.into_inner().read()?;
    let list = state.run(move |app| read_list(app, &me, id, &asked)).await?;
    Ok(ok(list))
}

fn read_list(app: &App, me: &Holder, id: ActorId, asked: &Asked) -> Result<CardsDocument, ActionError> {
    app.db.read(|c| {
        let own: Own = Visitor { account: Some(me.account.id) }.own(c)?;
        let (actor, row) = group::visible(c, &own, id)?;
        if !actor.local || !library::is_open(&own.reader, &row) {
            return Err(ActionError::NotFound);
        }
        let topics = topics::listed(c, id)?;
        if asked.topic.is_some_and(|wanted| !topics.iter().any(|topic| topic.id == wanted)) {
            return Err(ActionError::NotFound);
        }
        let wanted = Wanted { id: None, topic: asked.topic, words: &asked.words };
        let mut found = library::cards(c, &own.reader, &row, wanted, asked.after, asked.limit + 1)?;
        let limit = usize::try_from(asked.limit).unwrap_or_default();
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|last| format!("{}-{}", last.card.month, last.card.id));
        let mine = card::own_ids(c, me.account.id)?;
        found.retain(|one| {
            let folding = own.reader.folding_in(id, one.card.content_note.as_deref());
            folding != Folding::Hidden || mine.contains(&one.card.id)
        });
        let cards = found.into_iter().map(|one| {
            let own = mine.contains(&one.card.id);
            document(one, own)
        });
        Ok(CardsDocument { cards: cards.collect(), next })
    })
}

fn read_one(app: &App, account: AccountId, id: CardId) -> Result<CardDocument, ActionError> {
    app.db.read(|c| {
        let reader = Reader::looking(c, account)?;
        let (one, ..) = library::card(c, &reader, id)?.ok_or(ActionError::NotFound)?;
        let own = card::own_ids(c, account)?.contains(&id);
        Ok(document(one, own))
    })
}

/// One card.
#[utoipa::path(get, path = "/cards/{id}", tag = "cards",
    responses((status = 200, description = "The card.", body = CardDocument)))]
pub(super) async fn get_card(state: State, me: Holder, path: web::Path<String>) -> Answer {
    let id: CardId = body::id(&path)?;
    let card = state.run(move |app| read_one(app, me.account.id, id)).await?;
    Ok(ok(card))
}

/// The caller's own cards, in whatever group, newest month first.
#[utoipa::path(get, path = "/account/cards", tag = "cards",
    responses((status = 200, description = "All of them, with their words.", body = CardsDocument)))]
pub(super) async fn list_own_cards(state: State, me: Holder) -> Answer {
    let own = state.run(move |app| card::own(app, me.account.id)).await?;
    let cards = own.into_iter().map(|OwnCard { card, .. }| document(card, true)).collect();
    Ok(ok(CardsDocument { cards, next: None }))
}

/// Has the group ask the author of a post or reply whether it may be kept as a card. They are asked once, whoever asks and
/// whatever they say, and the answer to this is always the same.
#[utoipa::path(post, path = "/posts/{id}/card-request", tag = "cards",
    responses((status = 204, description = "They are asked, if they were not before.")))]
pub(super) async fn ask_for_card(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id: PostId = body::id(&path)?;
    state.act(move |app| card::ask(app, me.id(), id)).await?;
    Ok(done())
}

/// The author would rather not. Nobody is told, and they are not asked about it again.
#[utoipa::path(delete, path = "/posts/{id}/card-request", tag = "cards",
    responses((status = 204, description = "Done.")))]
pub(super) async fn decline_card(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id: PostId = body::id(&path)?;
    state.act(move |app| card::decline(app, me.id(), id)).await?;
    Ok(done())
}

/// What is kept.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CardBody {
    /// What it is called, 3 to 200 characters.
    title: String,
    /// The text, Markdown, 20,000 characters at most. It need not be what was posted.
    text: String,
    /// What it is about, for people who would rather not read it unprepared; 300 characters at most.
    content_note: String,
    /// Whether it stands under the name of its author. What was written without a name can't.
    #[schema(required)]
    named: Option<bool>,
    /// Ids of topics of the group's list, 5 at most.
    topics: Vec<String>,
    /// A topic that is not on the list, 60 characters at most: those who look after the group see it, and not whose it is.
    proposed: String,
    /// A random id of the caller's own making: the same one sent twice keeps once.
    draft: String,
}

fn naming(named: bool) -> String {
    if named { Naming::Named } else { Naming::Unnamed }.as_str().to_owned()
}

/// The author of a post or reply keeps it as a card, asked or not.
#[utoipa::path(post, path = "/posts/{id}/card", tag = "cards", request_body = CardBody,
    responses((status = 201, description = "The card.", body = CardDocument)))]
pub(super) async fn keep_card(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let CardBody { title, text, content_note, named, topics, proposed, draft } = body.read().await?;
    body::draft::<CardId>(&draft)?;
    let naming = naming(body::required("named", named)?);
    let form = CardForm { title, text, content_note, naming, topics, proposed, draft };
    let id: PostId = body::id(&path)?;
    let card = state
        .act(move |app| {
            let card = card::keep(app, me.id(), id, &form)?;
            read_one(app, me.id(), card)
        })
        .await?;
    Ok(created(&format!("/cards/{}", card.id), card))
}

/// A change of a card. What is left out stays.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CardPatch {
    /// What it is called.
    title: Option<String>,
    /// The text, Markdown.
    text: Option<String>,
    /// What it is about; empty for no note.
    content_note: Option<String>,
    /// Whether it stands under the name of its author.
    named: Option<bool>,
    /// Ids of topics of the group's list.
    topics: Option<Vec<String>>,
    /// A topic that is not on the list.
    proposed: Option<String>,
}

impl CardPatch {
    const fn is_empty(&self) -> bool {
        self.title.is_none()
            && self.text.is_none()
            && self.content_note.is_none()
            && self.named.is_none()
            && self.topics.is_none()
            && self.proposed.is_none()
    }

    fn over(self, before: CardDocument) -> CardForm {
        CardForm {
            title: self.title.unwrap_or(before.title),
            text: self.text.unwrap_or(before.text),
            content_note: self.content_note.or(before.content_note).unwrap_or_default(),
            naming: naming(self.named.unwrap_or(before.author.is_some())),
            topics: self.topics.unwrap_or_else(|| before.topics.into_iter().map(|topic| topic.id).collect()),
            proposed: self.proposed.unwrap_or_default(),
            draft: String::new(),
        }
    }
}

/// Changes a card of the caller's own.
#[utoipa::path(patch, path = "/cards/{id}", tag = "cards", request_body = CardPatch,
    responses((status = 200, description = "The card as it is now.", body = CardDocument)))]
pub(super) async fn patch_card(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    let patch: CardPatch = body.read().await?;
    let id: CardId = body::id(&path)?;
    if patch.is_empty() {
        return Err(ApiError::NothingToDo);
    }
    let card = state
        .act(move |app| {
            let before = read_one(app, me.id(), id)?;
            card::change(app, me.id(), id, &patch.over(before))?;
            read_one(app, me.id(), id)
        })
        .await?;
    Ok(ok(card))
}

/// Takes a card of the caller's own back, also after leaving its group; or removes one from a group that the caller looks
/// after.
#[utoipa::path(delete, path = "/cards/{id}", tag = "cards", responses((status = 204, description = "Gone.")))]
pub(super) async fn delete_card(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let id: CardId = body::id(&path)?;
    state.act(move |app| card::remove(app, me.id(), id)).await?;
    Ok(done())
}
