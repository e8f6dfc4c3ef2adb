//! `/g/{name}/cards`: the library of a group; its cards, one by one; its topics. And `/settings/cards`: the reader's own.
//!
//! Making a card and asking for one is in `keeping`.

use super::cards;
use crate::{
    answer::Answer,
    error::{Failure, nothing},
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        SafeHtml,
        library::{CardEntry, LibraryCardPage, LibraryPage, OwnCardLine, OwnCardsPage, TopicsPage},
        parts::{Choice, ConfirmPage, Pager},
        shell::{Link, Nav},
    },
    words::month_words,
};
use hearth_actions::{
    card::{self, OwnCard},
    form::length_sentence,
    topics::{self, TopicLine},
};
use hearth_db::{
    DbConn,
    tables::{actors::Actor, groups::Group, topics::Topic},
    views::library::{self, AfterCard, ReadCard, Wanted},
};
use hearth_domain::{
    card::{Month, search},
    deed::{self, Deed},
    id::{CardId, TopicId},
    note::Folding,
};
use std::collections::HashSet;

/// Cards on a page.
const PAGE: i64 = 20;
/// Before the id of a topic, in the name of its field.
pub(super) const TOPIC: &str = "topic-";
/// Before the id of a proposed topic.
const PROPOSED: &str = "proposed-";

/// A group here whose library the reader may see.
///
/// # Errors
/// `NotFound`.
fn open(visit: &Visit, connection: &mut DbConn, name: &str) -> Result<(Actor, Group), Failure> {
    let (actor, row) = cards::find_group(visit, connection, name)?;
    if actor.local && library::is_open(&visit.reader, &row) { Ok((actor, row)) } else { Err(nothing()) }
}

fn own_ids(visit: &Visit, connection: &mut DbConn) -> Result<HashSet<CardId>, Failure> {
    match &visit.me {
        Some(me) => Ok(card::own_ids(connection, me.account.id)?),
        None => Ok(HashSet::new()),
    }
}

fn href(group: &Actor) -> String {
    format!("{}/cards", cards::group_href(group))
}

fn read_after(typed: &str) -> Option<AfterCard> {
    let (month, id) = typed.split_once('-')?;
    Some(AfterCard { month: month.parse().ok()?, id: id.parse().ok()? })
}

/// An address of the library with what it is narrowed by.
fn address(href: &str, topic: Option<TopicId>, q: &str, after: Option<&ReadCard>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(topic) = topic {
        query.append_pair("topic", &topic.to_string());
    }
    if !q.is_empty() {
        query.append_pair("q", q);
    }
    if let Some(last) = after {
        query.append_pair("after", &format!("{}-{}", last.card.month, last.card.id));
    }
    let query = query.finish();
    if query.is_empty() { href.to_owned() } else { format!("{href}?{query}") }
}

pub(crate) async fn show(visit: Visit) -> Answer {
    visit.show(|visit| list_page(visit, visit.part("name"))).await
}

fn list_page(visit: &Visit, name: &str) -> Shown {
    let (q, mut errors) = (visit.query("q").trim(), Flaws::none().errors);
    let words = search(q);
    if let Err(problem) = &words {
        errors.add("q", length_sentence("What you search for", *problem));
    }
    let wrong = !errors.is_empty();
    let answer = visit.read(|c| {
        let (group, row) = open(visit, c, name)?;
        let topics = topics::listed(c, group.id)?;
        let topic = chosen(visit.query("topic"), &topics)?;
        let after = read_after(visit.query("after"));
        let mut found = match &words {
            Ok(words) => library::cards(c, &visit.reader, &row, Wanted { id: None, topic, words }, after, PAGE + 1)?,
            Err(_) => Vec::new(),
        };
        let most = usize::try_from(PAGE).unwrap_or_default();
        let more = found.len() > most;
        found.truncate(most);
        let href = href(&group);
        let link = |href: String, words: &str| Link { href, words: words.to_owned() };
        let pager = Pager {
            label: "Pages of cards".to_owned(),
            here: String::new(),
            newer: after.map(|_| link(address(&href, topic, q, None), "Newest")),
            older: found.last().filter(|_| more).map(|last| link(address(&href, topic, q, Some(last)), "Older")),
        };
        let own = own_ids(visit, c)?;
        let care = deed::may(visit.reader.standing(group.id), Deed::CareForCards).is_ok();
        visit.page(&LibraryPage {
            shell: visit.shell_again("What helped", Nav::Groups, wrong, None),
            group_href: cards::group_href(&group),
            group_name: group.display_name.clone(),
            door: cards::door(&group),
            topics: topics
                .iter()
                .map(|one| (address(&href, Some(one.id), "", None), one.name.clone(), topic == Some(one.id)))
                .collect(),
            topic: topic.map(|topic| topic.to_string()).unwrap_or_default(),
            q: q.to_owned(),
            cards: found.into_iter().filter_map(|one| listed(visit, &href, &own, one)).collect(),
            pager,
            topics_href: Some(format!("{}/topics", cards::group_href(&group))).filter(|_| care),
            errors: errors.clone(),
        })
    })?;
    Ok(if wrong { answer.status(422) } else { answer })
}

/// The topic that is asked for. One that is not on the list answers like one that is nowhere.
fn chosen(typed: &str, topics: &[Topic]) -> Result<Option<TopicId>, Failure> {
    if typed.is_empty() {
        return Ok(None);
    }
    let id: TopicId = typed.parse()?;
    if topics.iter().any(|topic| topic.id == id) { Ok(Some(id)) } else { Err(nothing()) }
}

/// A card in a list; none where the reader chose never to see what it is about.
fn listed(visit: &Visit, href: &str, own: &HashSet<CardId>, one: ReadCard) -> Option<CardEntry> {
    let hidden = visit.reader.folding_in(one.card.group_id, one.card.content_note.as_deref()) == Folding::Hidden;
    let own = own.contains(&one.card.id);
    if hidden && !own {
        return None;
    }
    let body = cards::excerpt(&one.card.content_html);
    Some(CardEntry { body, ..entry(visit, href, own, one) })
}

fn entry(visit: &Visit, href: &str, own: bool, one: ReadCard) -> CardEntry {
    let folding = visit.reader.folding_in(one.card.group_id, one.card.content_note.as_deref());
    CardEntry {
        id: one.card.id.to_string(),
        href: format!("{href}/{}", one.card.id),
        title: one.card.title,
        author: one.author.as_ref().map(|author| cards::person(visit, author)),
        month: month_words(Month::from(one.card.month)),
        topics: one.topics.into_iter().map(|topic| topic.name).collect(),
        content_note: one.card.content_note,
        note_open: visit.asked.reading.notes_open || folding == Folding::Open,
        body: SafeHtml(one.card.content_html),
        own,
    }
}

/// A card of this group that the reader may see.
///
/// # Errors
/// `NotFound`, whether it is elsewhere, for others, or nowhere.
pub(super) fn find(visit: &Visit, connection: &mut DbConn, name: &str, id: &str) -> Result<(ReadCard, Actor), Failure> {
    let (group, row) = open(visit, connection, name)?;
    let wanted = Wanted { id: Some(id.parse()?), ..Wanted::default() };
    let found = library::cards(connection, &visit.reader, &row, wanted, None, 1)?;
    Ok((found.into_iter().next().ok_or_else(nothing)?, group))
}

pub(crate) async fn card(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            visit.read(|c| {
                let (one, group) = find(visit, c, visit.part("name"), visit.part("id"))?;
                let (id, href) = (one.card.id, href(&group));
                let own = own_ids(visit, c)?.contains(&id);
                let care = deed::may(visit.reader.standing(group.id), Deed::CareForCards).is_ok();
                visit.page(&LibraryCardPage {
                    shell: visit.shell(&one.card.title, Nav::Groups),
                    edit_href: Some(format!("{href}/{id}/edit")).filter(|_| own),
                    take_back_href: Some(format!("/settings/cards/{id}")).filter(|_| own),
                    remove_href: Some(format!("{href}/{id}/remove")).filter(|_| care && !own),
                    card: entry(visit, &href, own, one),
                    back: href,
                })
            })
        })
        .await
}

// Taking away

pub(crate) async fn ask_remove(visit: Visit) -> Answer {
    let form = Remove { name: Some(visit.part("name").to_owned()), id: visit.part("id").to_owned() };
    visit.show(move |visit| form.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn remove(visit: Visit, sent: Sent) -> Answer {
    let form = Remove { name: Some(visit.part("name").to_owned()), id: visit.part("id").to_owned() };
    submit(visit, sent, form).await
}

pub(crate) async fn ask_take_back(visit: Visit) -> Answer {
    let form = Remove { name: None, id: visit.part("id").to_owned() };
    visit.show(move |visit| form.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_back(visit: Visit, sent: Sent) -> Answer {
    let form = Remove { name: None, id: visit.part("id").to_owned() };
    submit(visit, sent, form).await
}

/// Taking back one's own card, or, with the name of its group, removing one there.
struct Remove {
    name: Option<String>,
    id: String,
}

impl Remove {
    /// Makes sure that it is the reader's to take away, and says what it is called.
    fn title(&self, visit: &Visit) -> Result<String, Failure> {
        let account = visit.account()?;
        let id: CardId = self.id.parse()?;
        let Some(name) = &self.name else {
            let own = card::own(&visit.state.app, account)?;
            return own
                .into_iter()
                .map(|one| one.card.card)
                .find(|card| card.id == id)
                .map(|card| card.title)
                .ok_or_else(nothing);
        };
        visit.read(|c| {
            let (one, group) = find(visit, c, name, &self.id)?;
            deed::may(visit.reader.standing(group.id), Deed::CareForCards)?;
            Ok(one.card.title)
        })
    }
}

impl Form for Remove {
    fn show(&self, visit: &Visit, _: &Sent, flaws: Flaws) -> Shown {
        let title = self.title(visit)?;
        let (heading, words, action, back) = match &self.name {
            None => (
                format!("Take back “{title}”?"),
                "It goes from the library at once, and its words with it. Nobody is told that it was you.",
                format!("/settings/cards/{}", self.id),
                "/settings/cards".to_owned(),
            ),
            Some(name) => (
                format!("Remove “{title}”?"),
                "It goes from the library at once, and its words with it. Whoever wrote it is told that it is gone.",
                format!("/g/{name}/cards/{}/remove", self.id),
                format!("/g/{name}/cards/{}", self.id),
            ),
        };
        visit.page(&ConfirmPage {
            shell: visit.shell_again("Take a card away", Nav::Groups, flaws.any(), flaws.notice),
            question: heading,
            words: words.to_owned(),
            action,
            button: if self.name.is_none() { "Take it back" } else { "Remove it" }.to_owned(),
            back,
        })
    }

    fn act(&self, visit: &Visit, _: &Sent, _: FormNonce) -> Shown {
        self.title(visit)?;
        card::remove(&visit.state.app, visit.account()?, self.id.parse()?)?;
        Ok(Answer::see(&match &self.name {
            None => "/settings/cards?said=taken-back".to_owned(),
            Some(name) => format!("/g/{name}/cards?said=card-gone"),
        }))
    }
}

pub(crate) async fn own(visit: Visit) -> Answer {
    visit
        .show(|visit| {
            let account = visit.account()?;
            let line = |OwnCard { card, group, readable }: OwnCard| {
                let naming = if card.author.is_some() { "under your name" } else { "without your name" };
                let month = month_words(Month::from(card.card.month));
                OwnCardLine {
                    href: Some(format!("{}/{}", href(&group), card.card.id)).filter(|_| readable),
                    words: format!("{}, {month}, {naming}", group.display_name),
                    take_back_href: format!("/settings/cards/{}", card.card.id),
                    title: card.card.title,
                }
            };
            let cards = card::own(&visit.state.app, account)?.into_iter().map(line).collect();
            visit.page(&OwnCardsPage { shell: visit.shell("Your cards", Nav::Elsewhere), cards })
        })
        .await
}

// Topics

pub(crate) async fn topics(visit: Visit) -> Answer {
    visit.show(|visit| topics_page(visit, visit.part("name"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_topics(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, Topics { name }).await
}

/// The topics of a group, for who looks after it, with what was typed.
pub(crate) fn topics_page(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let account = visit.account()?;
    let (group, _) = visit.read(|c| open(visit, c, name))?;
    let (list, proposed): (Vec<Topic>, Vec<Topic>) =
        topics::all(&visit.state.app, account, group.id)?.into_iter().partition(|topic| topic.listed);
    let offer =
        |value: &str, words: &str| Choice { value: value.to_owned(), words: words.to_owned(), hint: String::new() };
    let field = |prefix: &str, topic: &Topic| format!("{prefix}{}", topic.id);
    visit.page(&TopicsPage {
        shell: visit.shell_again("Topics", Nav::Groups, flaws.any(), flaws.notice.clone()),
        href: cards::group_href(&group),
        group_name: group.display_name.clone(),
        list: list
            .into_iter()
            .map(|topic| {
                let field = field(TOPIC, &topic);
                let typed = sent.or(&field, &topic.name);
                (field, topic.name, typed)
            })
            .collect(),
        proposed: proposed
            .into_iter()
            .map(|topic| {
                let field = field(PROPOSED, &topic);
                let chosen = sent.text(&field);
                (field, topic.name, chosen)
            })
            .collect(),
        offers: vec![offer("", "Decide later"), offer("add", "Add it to the list"), offer("decline", "Leave it out")],
        topics: sent.text("topics"),
        errors: flaws.errors,
    })
}

struct Topics {
    name: String,
}

impl Form for Topics {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        topics_page(visit, &self.name, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (app, account) = (&visit.state.app, visit.account()?);
        let (group, _) = visit.read(|c| open(visit, c, &self.name))?;
        let known = topics::all(app, account, group.id)?;
        let typed = |topic: &&Topic| {
            let (prefix, proposed) = if topic.listed { (TOPIC, false) } else { (PROPOSED, true) };
            (sent.text(&format!("{prefix}{}", topic.id)), proposed)
        };
        let mut list = Vec::new();
        let mut declined = Vec::new();
        for topic in &known {
            match typed(&topic) {
                (choice, true) if choice == "add" => {
                    list.push(TopicLine { id: Some(topic.id), name: topic.name.clone() })
                }
                (choice, true) if choice == "decline" => declined.push(topic.id),
                (name, false) if !name.trim().is_empty() => list.push(TopicLine { id: Some(topic.id), name }),
                _ => {}
            }
        }
        let new = sent.get("topics").lines().filter(|line| !line.trim().is_empty());
        list.extend(new.map(|name| TopicLine { id: None, name: name.to_owned() }));
        topics::set(app, account, group.id, &list, &declined)?;
        Ok(Answer::see(&format!("{}?said=saved", cards::group_href(&group))))
    }
}
