//! `/p/{id}/card`: having the author of a post asked whether it may be a card, and their answer;
//! `/g/{name}/cards/{id}/edit`: changing a card of one's own.
//!
//! Must never show anybody whether an author was asked before, or what they said.

use super::{cards, library, post, report, thread};
use crate::{
    answer::Answer,
    error::{Failure, nothing},
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, draft, submit},
    viewer::{Shown, Visit},
    views::{
        library::{CardAskPage, CardFormPage, CardValues},
        parts::Choice,
        shell::Nav,
    },
};
use hearth_actions::{
    ActionError,
    card::{self, CardForm},
    seal, topics,
};
use hearth_db::{DbConn, tables::actors::Actor};
use hearth_domain::{
    Denied,
    card::Naming,
    deed::{self, Deed},
    id::{ActorId, CardId, PostId},
};

/// The fields of the action, and what the page calls them.
const NAMES: [(&str, &str); 3] = [("text", "body"), ("content_note", "note"), ("named", "naming")];
/// The fields in the order of the page.
const ORDER: [&str; 6] = ["title", "body", "note", "naming", "topics", "proposed"];

pub(crate) async fn ask(visit: Visit) -> Answer {
    let id = visit.part("id").to_owned();
    visit.show(move |visit| Keep { id }.show(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take(visit: Visit, sent: Sent) -> Answer {
    let id = visit.part("id").to_owned();
    submit(visit, sent, Keep { id }).await
}

/// The page again, with what was typed before signing in.
pub(crate) fn again(visit: &Visit, id: &str, sent: &Sent, flaws: Flaws) -> Shown {
    Keep { id: id.to_owned() }.show(visit, sent, flaws)
}

/// A post that may become a card.
struct Keep {
    id: String,
}

impl Keep {
    /// The post, for a member who may read it, and whether they wrote it.
    fn find(&self, visit: &Visit) -> Result<(thread::Found, bool), Failure> {
        let account = visit.account()?;
        let id: PostId = self.id.parse()?;
        visit.read(|c| {
            let found = thread::find(visit, c, id)?;
            if found.post.deleted_at.is_some() {
                return Err(ActionError::Gone.into());
            }
            deed::may(visit.reader.standing(found.group.id), Deed::KeepCards)?;
            let own = visit.is_mine(found.post.author_id) || seal::own(c, account)?.contains(&id);
            Ok((found, own))
        })
    }
}

impl Form for Keep {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        let (found, own) = self.find(visit)?;
        let (post, group) = (&found.post, &found.group);
        let action = format!("{}/card", report::href(post));
        let back = thread::place_of(post).unwrap_or_default();
        let refused = match (group.local, post.local) {
            (false, _) => "This group lives on another server, and its library is there.",
            (_, false) => "Its author lives on another server, where we can’t ask them. So it can’t become a card.",
            _ => "",
        };
        if !own || !refused.is_empty() {
            return visit.page(&CardAskPage {
                shell: visit.shell_again("Keep as a card", Nav::Groups, flaws.any(), flaws.notice.clone()),
                action,
                back,
                group_name: group.display_name.clone(),
                note: post.content_note.clone().unwrap_or_default(),
                body: cards::excerpt(&post.content_html),
                refused: refused.to_owned(),
            });
        }
        let account = visit.account()?;
        let values = CardValues {
            title: sent.or("title", post.title.as_deref().unwrap_or_default()),
            body: sent.or("body", &post.source),
            note: sent.or("note", post.content_note.as_deref().unwrap_or_default()),
            naming: sent.text("naming"),
            proposed: sent.text("proposed"),
        };
        let asked = visit.read(|c| Ok(card::is_asked(c, account, post)?))?;
        let never_named = !visit.is_mine(post.author_id);
        let back = (back, "Back to the conversation".to_owned());
        let ticked = ticked(sent);
        let page = FormPage { action, back, group, editing: false, asked, never_named, values, ticked };
        page.show(visit, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, nonce: FormNonce) -> Shown {
        let (app, account) = (&visit.state.app, visit.account()?);
        let (found, own) = self.find(visit)?;
        let back = thread::place_of(&found.post).ok_or_else(nothing)?;
        let said = |said: &str| match back.split_once('#') {
            Some((page, place)) => format!("{page}?said={said}#{place}"),
            None => format!("{back}?said={said}"),
        };
        match (sent.get("do"), own) {
            ("no", true) => {
                card::decline(app, account, found.post.id)?;
                Ok(Answer::see(&said("card-declined")))
            }
            ("keep", true) => {
                let made = card::keep(app, account, found.post.id, &typed(sent, Some(nonce)))?;
                Ok(Answer::see(&format!("{}/cards/{made}?said=card-kept", cards::group_href(&found.group))))
            }
            ("ask", false) => {
                card::ask(app, account, found.post.id)?;
                Ok(Answer::see(&said("card-asked")))
            }
            _ => Err(Failure::Unreadable("Press one of the buttons on the page.")),
        }
    }
}

/// The ids of the topics that were ticked.
fn ticked(sent: &Sent) -> Vec<String> {
    sent.with_prefix(library::TOPIC).into_iter().filter(|(_, value)| value == "yes").map(|(id, _)| id).collect()
}

fn typed(sent: &Sent, nonce: Option<FormNonce>) -> CardForm {
    let words = ["title", "body", "note", "naming"].map(|name| sent.get(name));
    let id = nonce.and_then(|nonce| CardId::try_from(draft(nonce, &words)).ok());
    CardForm {
        title: sent.text("title"),
        text: sent.text("body"),
        content_note: sent.text("note"),
        naming: sent.text("naming"),
        topics: ticked(sent),
        proposed: sent.text("proposed"),
        draft: id.map(|id| id.to_string()).unwrap_or_default(),
    }
}

/// The form of a card.
struct FormPage<'a> {
    action: String,
    back: (String, String),
    group: &'a Actor,
    editing: bool,
    asked: bool,
    never_named: bool,
    values: CardValues,
    /// Ids of topics.
    ticked: Vec<String>,
}

impl FormPage<'_> {
    fn show(self, visit: &Visit, flaws: Flaws) -> Shown {
        let flaws = flaws.named(&NAMES);
        let account = visit.account()?;
        let (topics, notes, name) = visit.read(|c| {
            let topics = topics::listed(c, self.group.id)?;
            Ok((topics, post::notes(c, self.group.id)?, own_name(c, account, self.group.id)?))
        })?;
        let choice = |naming: Naming, words: String, hint: &str| Choice {
            value: naming.as_str().to_owned(),
            words,
            hint: hint.to_owned(),
        };
        let unnamed = "No page leads from it to what you posted, and it shows the month alone. Who remembers your words \
                       may still guess; change them if that matters.";
        let mut namings = vec![choice(Naming::Unnamed, "Without a name".to_owned(), unnamed)];
        if !self.never_named {
            namings.push(choice(Naming::Named, format!("Under the name {name}"), "You can take the name off later."));
        }
        let title = if self.editing { "Change your card" } else { "Keep as a card" };
        visit.page(&CardFormPage {
            shell: visit.shell_again(title, Nav::Groups, flaws.any(), flaws.notice.clone()),
            action: self.action,
            back: self.back,
            group_name: self.group.display_name.clone(),
            editing: self.editing,
            asked: self.asked,
            namings,
            topics: topics
                .into_iter()
                .map(|topic| {
                    let id = topic.id.to_string();
                    (format!("{}{id}", library::TOPIC), topic.name, self.ticked.contains(&id))
                })
                .collect(),
            notes,
            values: self.values,
            errors: flaws.errors.in_order(&ORDER),
        })
    }
}

/// The name the reader has in a group.
fn own_name(connection: &mut DbConn, account: hearth_domain::id::AccountId, group: ActorId) -> Result<String, Failure> {
    match hearth_actions::persona::bound(connection, account, group)? {
        Some(persona) => super::group::name(connection, persona),
        None => Ok("you had".to_owned()),
    }
}

pub(crate) async fn edit(visit: Visit) -> Answer {
    visit.show(|visit| edit_form(visit, visit.part("name"), visit.part("id"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_edit(visit: Visit, sent: Sent) -> Answer {
    let (name, id) = (visit.part("name").to_owned(), visit.part("id").to_owned());
    submit(visit, sent, Edit { name, id }).await
}

/// The form of a card of the reader's own, with what was typed.
pub(crate) fn edit_form(visit: &Visit, name: &str, id: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let account = visit.account()?;
    let (one, group, never_named) = visit.read(|c| {
        let (one, group) = library::find(visit, c, name, id)?;
        let never_named = card::never_named(c, account, one.card.id)?.ok_or(Denied::AuthorOnly)?;
        Ok((one, group, never_named))
    })?;
    let naming = if one.author.is_some() { Naming::Named } else { Naming::Unnamed };
    let was_sent = !sent.get("token").is_empty();
    let had = one.topics.iter().map(|topic| topic.id.to_string()).collect();
    let page = FormPage {
        action: format!("{}/cards/{}/edit", cards::group_href(&group), one.card.id),
        back: (format!("{}/cards/{}", cards::group_href(&group), one.card.id), one.card.title.clone()),
        group: &group,
        editing: true,
        asked: false,
        never_named,
        values: CardValues {
            title: sent.or("title", &one.card.title),
            body: sent.or("body", &one.card.source),
            note: sent.or("note", one.card.content_note.as_deref().unwrap_or_default()),
            naming: sent.or("naming", naming.as_str()),
            proposed: sent.text("proposed"),
        },
        ticked: if was_sent { ticked(sent) } else { had },
    };
    page.show(visit, flaws)
}

struct Edit {
    name: String,
    id: String,
}

impl Form for Edit {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        edit_form(visit, &self.name, &self.id, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (one, group) = visit.read(|c| library::find(visit, c, &self.name, &self.id))?;
        card::change(&visit.state.app, visit.account()?, one.card.id, &typed(sent, None))?;
        Ok(Answer::see(&format!("{}/cards/{}?said=saved", cards::group_href(&group), one.card.id)))
    }
}
