//! Cards: what helped, kept from a conversation with its author's consent, in the library of their group. The group asks,
//! its author answers, and a card outlives the post it was.
//!
//! Must never: make a card that its author did not agree to; tell who asked, who said no, or whose a card without a name
//! is; or keep anything that leads from such a card back to its post.

use crate::{
    ActionError, App, Form, Result, account as accounts, agreement, block, care,
    form::length_sentence,
    group, hold,
    log::{self, Said},
    markdown, moderation,
    notice::{self, Told},
    post::standing_of,
    seal,
};
use chrono::Duration;
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor},
        card_owners::{self, CardOwner},
        card_requests::{self, CardRequest},
        cards::{self, Card},
        groups, memberships, personas,
        posts::Post,
        topics::{self, Topic},
    },
    views::{
        library::{self, ReadCard},
        visible::Reader,
    },
};
use hearth_domain::{
    Denied,
    card::{self, Month, Naming},
    deed::{self, Deed},
    id::{AccountId, ActorId, CardId, PostId, TopicId},
    log::Logged,
    membership::{Parting, Role},
    notice::Kind,
    post::{content_note, source, title},
};
use std::collections::HashSet;

/// Most topics of one card.
const MOST_TOPICS: usize = 5;
/// Most proposed topics that wait in a group.
const MOST_PROPOSED: usize = 40;
/// Cards without a name that go since their owner left or was erased go within this time, each at a moment of its own:
/// all at once they would say that they belong together, and to whom.
const GOES_WITHIN: Duration = Duration::days(3);
/// Cards that go in one transaction.
const PART: i64 = 50;

/// What an author says about a card.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct CardForm {
    /// What it is called.
    pub title: String,
    /// The text, Markdown.
    pub text: String,
    /// What it is about, for people who would rather not read it unprepared.
    pub content_note: String,
    /// `named` or `unnamed`.
    pub naming: String,
    /// Ids of topics of the group's list.
    pub topics: Vec<String>,
    /// A topic that is not on the list, for those who look after the group to add.
    pub proposed: String,
    /// Made with the form: the same form sent twice makes one card.
    pub draft: String,
}

/// A post here that can become a card, for a member of its group.
struct Source {
    post: Post,
    group: Actor,
    /// The member who asks for it.
    member: ActorId,
}

impl Source {
    fn find(connection: &mut DbConn, account: AccountId, id: PostId) -> Result<Self> {
        accounts::require_active(connection, account)?;
        let post = moderation::find(connection, account, id)?;
        let reader = Reader::account(connection, account)?;
        if block::hides(connection, Some(account), &reader, &post)? {
            return Err(ActionError::NotFound);
        }
        if post.deleted_at.is_some() {
            return Err(ActionError::Gone);
        }
        let group = actors::by_id(connection, post.group_id)?.ok_or(ActionError::NotFound)?;
        if !group.local {
            return Err(ActionError::Conflict("This group lives on another server, and its library is there."));
        }
        if !post.local {
            return Err(ActionError::Conflict(
                "Its author lives on another server, where we can’t ask them. So it can’t become a card.",
            ));
        }
        deed::may(group::standing(connection, account, group.id)?, Deed::KeepCards)?;
        let own = memberships::of_account(connection, group.id, account)?.ok_or(Denied::MembersOnly)?;
        Ok(Self { post, group, member: own.actor_id })
    }

    /// Something may be added to the group by this member now. To say no, nobody needs that.
    fn may_add(&self, app: &App, connection: &mut DbConn) -> Result<()> {
        care::may_write(app, connection, &self.group, self.member).map(drop)
    }

    /// The persona whose words they are, where they are this account's own.
    fn owner(&self, connection: &mut DbConn, account: AccountId) -> Result<Option<ActorId>> {
        let persona = seal::persona_of(connection, &self.post)?;
        let own = personas::owner(connection, persona)? == Some(account);
        Ok(Some(persona).filter(|_| own))
    }
}

/// Has the group ask the author of a post whether it may be kept as a card. They are asked once, whoever asks for it and
/// whatever they said; what is answered here is always the same.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(MembersOnly)`; `Conflict` for an author who can't be asked, and for one's own.
pub fn ask(app: &App, account: AccountId, post: PostId) -> Result<()> {
    crate::tries::count(app, &[(crate::tries::CARD, &account.to_string())])?;
    app.db.write(|tx| {
        let found = Source::find(tx, account, post)?;
        found.may_add(app, tx)?;
        if found.owner(tx, account)?.is_some() {
            return Err(ActionError::Conflict("You wrote this yourself: you can keep it as a card at once."));
        }
        if card_requests::get(tx, post)?.is_some() {
            return Ok(());
        }
        CardRequest { post_id: post, answered: false }.insert(tx)?;
        let author = seal::persona_of(tx, &found.post)?;
        if standing_of(tx, found.group.id, author)?.is_member() {
            notice::persona(app, tx, author, Told::of(Kind::CardAsked, found.group.id).post(post))?;
        }
        Ok(())
    })
}

/// Whether the group asked for this post of the account's own, and was not answered.
///
/// # Errors
/// Database errors.
pub fn is_asked(connection: &mut DbConn, account: AccountId, post: &Post) -> Result<bool> {
    let open = card_requests::get(connection, post.id)?.is_some_and(|request| !request.answered);
    Ok(open && seal::writer(connection, post)? == Some(account))
}

/// The author would rather not. Nobody is told, and nobody is asked about it again.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied`, `Conflict`.
pub fn decline(app: &App, account: AccountId, post: PostId) -> Result<()> {
    app.db.write(|tx| {
        let found = Source::find(tx, account, post)?;
        found.owner(tx, account)?.ok_or(Denied::AuthorOnly)?;
        Ok(card_requests::answer(tx, post)?)
    })
}

/// The author keeps what they wrote as a card, asked or not.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied(AuthorOnly, MembersOnly)`, `Conflict`, `Invalid`.
pub fn keep(app: &App, account: AccountId, post: PostId, typed: &CardForm) -> Result<CardId> {
    app.require_room()?;
    crate::tries::count(app, &[(crate::tries::CARD, &account.to_string())])?;
    app.db.write(|tx| {
        let found = Source::find(tx, account, post)?;
        found.may_add(app, tx)?;
        let owner_id = found.owner(tx, account)?.ok_or(Denied::AuthorOnly)?;
        let Source { post, group, member } = &found;
        let standing = standing_of(tx, group.id, *member)?;
        agreement::require(tx, group, *member, standing)?;
        let never_named = owner_id != post.author_id;
        let id = typed.draft.parse().unwrap_or_else(|_| CardId::random(&*app.entropy));
        if let Some(twin) = card_owners::get(tx, id)? {
            let own = personas::owner(tx, twin.owner_id)? == Some(account);
            return if own { Ok(id) } else { Err(ActionError::Conflict("That was sent already.")) };
        }
        let mut form = Form::default();
        let words = Words::read(tx, &mut form, group.id, typed, never_named)?;
        let as_written = [post.title.as_deref(), Some(&*post.source), post.content_note.as_deref()];
        words.not_listed(tx, &mut form, (group.id, owner_id), as_written)?;
        form.finish()?;
        let card = words.card(id, group.id, owner_id, Month::of(app.clock.now()).number());
        card.insert(tx)?;
        CardOwner { card_id: id, owner_id, never_named, remove_at: None }.insert(tx)?;
        words.mark(app, tx, &card, &[])?;
        card_requests::answer(tx, post.id)?;
        Ok(id)
    })
}

/// What a card is to say.
struct Words {
    title: String,
    source: String,
    content_note: Option<String>,
    named: bool,
    topics: Vec<TopicId>,
    proposed: Option<String>,
}

impl Words {
    fn read(
        connection: &mut DbConn,
        form: &mut Form,
        group: ActorId,
        typed: &CardForm,
        never_named: bool,
    ) -> Result<Self> {
        let title = form.take("title", title(&typed.title), |p| length_sentence("A title", p));
        let source = form.take("text", source(&typed.text), |p| length_sentence("The text", p));
        let content_note =
            form.take("content_note", content_note(&typed.content_note), |p| length_sentence("A content note", p));
        let naming = form.word::<Naming>("named", "whether your name stands with it", &typed.naming);
        if never_named && naming == Some(Naming::Named) {
            form.problem("named", "You wrote this without your name, so the card has none either.");
        }
        let known = topics::of_group(connection, group)?;
        let mut topics: Vec<TopicId> = Vec::new();
        for typed in &typed.topics {
            match known.iter().find(|topic| topic.listed && topic.id.to_string() == *typed) {
                Some(topic) if !topics.contains(&topic.id) => topics.push(topic.id),
                Some(_) => {}
                None => {
                    form.problem("topics", "Choose topics of the group’s list.");
                    break;
                }
            }
        }
        let mut proposed = None;
        if !typed.proposed.trim().is_empty() {
            let name = form.take("proposed", card::topic(&typed.proposed), |p| length_sentence("A topic", p));
            match known.iter().find(|topic| card::same_topic(&topic.name, &name)) {
                Some(topic) if !topics.contains(&topic.id) => topics.push(topic.id),
                Some(_) => {}
                None if known.iter().filter(|topic| !topic.listed).count() >= MOST_PROPOSED => {
                    form.problem(
                        "proposed",
                        "Many proposed topics wait for a look already. Please leave this out for now.",
                    );
                }
                None => proposed = Some(name),
            }
        }
        if topics.len() + usize::from(proposed.is_some()) > MOST_TOPICS {
            form.problem("topics", format!("A card can have {MOST_TOPICS} topics at most."));
        }
        Ok(Self { title, source, content_note, named: naming == Some(Naming::Named), topics, proposed })
    }

    /// Refuses words that a person looks at first in this group, for a card can't wait. What was looked at as a post, and
    /// what is written by name by who looks after meetups or the group, is taken.
    fn not_listed(
        &self,
        connection: &mut DbConn,
        form: &mut Form,
        (group, owner): (ActorId, ActorId),
        looked_at: [Option<&str>; 3],
    ) -> Result<()> {
        let trusted = self.named && standing_of(connection, group, owner)?.at_least(Role::Host);
        let now = [Some(&*self.title), Some(&*self.source), self.content_note.as_deref()];
        let new = now.into_iter().zip(looked_at).filter(|(now, before)| now != before);
        let mut new: Vec<&str> = new.filter_map(|(now, _)| now).collect();
        new.extend(self.proposed.as_deref());
        let text = new.join("\n\n");
        if !trusted && hold::has_listed_word(connection, group, &text)? {
            form.problem(
                "text",
                "Somebody looks first at some of these words in this group, and a card can’t wait for that. Leave the \
                 text as you posted it, or use other words.",
            );
        }
        Ok(())
    }

    fn card(&self, id: CardId, group_id: ActorId, owner: ActorId, month: i32) -> Card {
        Card {
            id,
            group_id,
            author_id: Some(owner).filter(|_| self.named),
            title: self.title.clone(),
            source: self.source.clone(),
            content_html: markdown::html(&self.source),
            content_note: self.content_note.clone(),
            searched: card::searched(&self.title, &self.source),
            month,
        }
    }

    /// Puts the topics on a card; `also` are those it keeps that are not on the list.
    fn mark(&self, app: &App, tx: &mut Tx<'_>, card: &Card, also: &[TopicId]) -> Result<()> {
        let mut topics = self.topics.clone();
        topics.extend(also.iter().filter(|id| !self.topics.contains(id)));
        if let Some(name) = &self.proposed {
            let id = TopicId::random(&*app.entropy);
            Topic { id, group_id: card.group_id, name: name.clone(), place: 0, listed: false }.insert(tx)?;
            topics.push(id);
        }
        Ok(cards::mark(tx, card.id, &topics)?)
    }
}

/// A card that an account may read, with its group.
fn readable(connection: &mut DbConn, account: AccountId, id: CardId) -> Result<(ReadCard, Actor)> {
    accounts::require_active(connection, account)?;
    let reader = Reader::account(connection, account)?;
    let (card, group, _) = library::card(connection, &reader, id)?.ok_or(ActionError::NotFound)?;
    Ok((card, group))
}

/// Whose a card is, where it is this account's own.
fn owned(connection: &mut DbConn, account: AccountId, id: CardId) -> Result<Option<CardOwner>> {
    let Some(owner) = card_owners::get(connection, id)? else { return Ok(None) };
    let own = personas::owner(connection, owner.owner_id)? == Some(account);
    Ok(Some(owner).filter(|owner| own && owner.remove_at.is_none()))
}

/// The cards of an account's own, with or without a name: for its own pages, and for nothing that anybody else sees.
///
/// # Errors
/// Database errors.
pub fn own_ids(connection: &mut DbConn, account: AccountId) -> Result<HashSet<CardId>> {
    Ok(card_owners::of_account(connection, account)?.into_iter().collect())
}

/// For the owner of a card: whether it can never have a name. `None`: it is not theirs.
///
/// # Errors
/// Database errors.
pub fn never_named(connection: &mut DbConn, account: AccountId, id: CardId) -> Result<Option<bool>> {
    Ok(owned(connection, account, id)?.map(|owner| owner.never_named))
}

/// Changes the words, name and topics of a card of one's own.
///
/// # Errors
/// `NotFound`, `Denied(AuthorOnly)`, `Invalid`.
pub fn change(app: &App, account: AccountId, id: CardId, typed: &CardForm) -> Result<()> {
    app.db.write(|tx| {
        let (ReadCard { card: before, .. }, group) = readable(tx, account, id)?;
        let owner = owned(tx, account, id)?.ok_or(Denied::AuthorOnly)?;
        care::may_write(app, tx, &group, owner.owner_id)?;
        let mut form = Form::default();
        let words = Words::read(tx, &mut form, group.id, typed, owner.never_named)?;
        let as_it_was = [Some(&*before.title), Some(&*before.source), before.content_note.as_deref()];
        words.not_listed(tx, &mut form, (group.id, owner.owner_id), as_it_was)?;
        form.finish()?;
        let after = words.card(id, group.id, owner.owner_id, before.month);
        cards::change(tx, &after)?;
        let listed: Vec<TopicId> =
            topics::of_group(tx, group.id)?.iter().filter(|topic| topic.listed).map(|topic| topic.id).collect();
        let marks = cards::marks(tx, &[id])?.into_iter().map(|mark| mark.topic_id);
        let proposed: Vec<TopicId> = marks.filter(|topic| !listed.contains(topic)).collect();
        words.mark(app, tx, &after, &proposed)?;
        // That a name was taken off says whose it was: what the log names is what is shown now.
        by_author(app, tx, &group, Logged::CardChanged, after.author_id)
    })
}

/// Writes down what the author of a card did.
fn by_author(app: &App, tx: &mut Tx<'_>, group: &Actor, deed: Logged, author: Option<ActorId>) -> Result<()> {
    match author {
        Some(_) => log::write(app, tx, group, deed, Said { by: author, ..Said::default() }),
        None => log::without_name(app, tx, group, deed),
    }
}

/// Takes a card away: its author takes it back, wherever they are by now, or somebody who looks after the group removes
/// it. Then its author is told.
///
/// # Errors
/// `NotFound`, `Denied(FacilitatorsOnly)`.
pub fn remove(app: &App, account: AccountId, id: CardId) -> Result<()> {
    app.db.write(|tx| {
        accounts::require_active(tx, account)?;
        if owned(tx, account, id)?.is_some() {
            let card = cards::by_id(tx, id)?.ok_or(ActionError::NotFound)?;
            let group = actors::by_id(tx, card.group_id)?.ok_or(ActionError::NotFound)?;
            by_author(app, tx, &group, Logged::CardTakenBack, card.author_id)?;
            return Ok(cards::delete(tx, id)?);
        }
        let (_, group) = readable(tx, account, id)?;
        let standing = group::standing(tx, account, group.id)?;
        deed::may(standing, Deed::CareForCards)?;
        let by = memberships::of_account(tx, group.id, account)?.map(|own| own.actor_id);
        log::write(app, tx, &group, Logged::CardRemoved, Said { by, ..Said::default() })?;
        if let Some(owner) = card_owners::get(tx, id)?.filter(|owner| owner.remove_at.is_none()) {
            notice::persona(app, tx, owner.owner_id, Told::of(Kind::Withheld, group.id))?;
        }
        Ok(cards::delete(tx, id)?)
    })
}

/// A card of an account's own, in whatever group.
pub struct OwnCard {
    /// The card.
    pub card: ReadCard,
    /// Its group.
    pub group: Actor,
    /// Whether the account can still read it there.
    pub readable: bool,
}

/// All cards of an account's own, the newest month first.
///
/// # Errors
/// `Denied` when the account may not act.
pub fn own(app: &App, account: AccountId) -> Result<Vec<OwnCard>> {
    app.db.read(|c| {
        accounts::require_active(c, account)?;
        let reader = Reader::account(c, account)?;
        let ids = card_owners::of_account(c, account)?;
        let mut list = Vec::new();
        for card in cards::by_ids(c, &ids)? {
            let Some((group, row)) = groups::with_actor(c, card.group_id)? else { continue };
            let readable = library::is_open(&reader, &row);
            let card = library::with_all(c, group.id, vec![card])?.into_iter().next();
            list.extend(card.map(|card| OwnCard { card, group, readable }));
        }
        Ok(list)
    })
}

/// What becomes of the cards of somebody who leaves a group, or whose persona is erased. Without a name they are not taken
/// away at once, for that would say whose they were.
pub(crate) fn part(
    app: &App,
    tx: &mut Tx<'_>,
    persona: ActorId,
    group: Option<ActorId>,
    parting: Parting,
) -> Result<()> {
    match parting {
        Parting::Kept => Ok(()),
        Parting::Unnamed => Ok(cards::take_name_off(tx, persona, group)?),
        Parting::Removed => {
            for card in card_owners::unnamed_of(tx, persona, group)? {
                let mut chance = [0; 4];
                app.entropy.fill(&mut chance);
                let seconds = GOES_WITHIN.num_seconds() * i64::from(u32::from_le_bytes(chance)) / i64::from(u32::MAX);
                card_owners::remove_at(tx, card, (app.clock.now() + Duration::seconds(seconds)).into())?;
            }
            Ok(cards::delete_named_of(tx, persona, group)?)
        }
    }
}

/// Removes cards whose time has come. Returns how many.
pub(crate) fn remove_due(app: &App, tx: &mut Tx<'_>) -> Result<usize> {
    let due = card_owners::due(tx, app.now(), PART)?;
    for card in &due {
        cards::delete(tx, *card)?;
    }
    Ok(due.len())
}
