//! `/g/{name}/notes`: what a reader wants shown, folded or left out; `/g/{name}/talk`: how a group holds its conversations.

use super::cards;
use crate::{
    answer::Answer,
    error::nothing,
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        notes::{NotesPage, TalkPage},
        parts::Choice,
        shell::Nav,
    },
};
use hearth_actions::talk::{self, RulesForm};
use hearth_domain::{note::NoteChoice, permission};

/// Before a topic, in the name of its field.
const TOPIC: &str = "topic-";

pub(crate) async fn show(visit: Visit) -> Answer {
    visit.show(|visit| page(visit, visit.part("name"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, Choose { name }).await
}

/// The reader's choices in a group, with what was typed.
pub(crate) fn page(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let account = visit.account()?;
    let (actor, _) = visit.read(|c| cards::find_group(visit, c, name))?;
    let choices = talk::choices(&visit.state.app, account, actor.id)?;
    let offer =
        |value: &str, words: &str| Choice { value: value.to_owned(), words: words.to_owned(), hint: String::new() };
    visit.page(&NotesPage {
        shell: visit.shell_again("Content notes", Nav::Groups, flaws.any(), flaws.notice.clone()),
        href: cards::group_href(&actor),
        name: actor.display_name,
        offers: vec![
            offer("", "Folded, I open it if I want"),
            offer(NoteChoice::Show.as_str(), "Always open"),
            offer(NoteChoice::Hide.as_str(), "Never show it to me"),
        ],
        topics: choices
            .into_iter()
            .map(|(topic, choice)| {
                let field = format!("{TOPIC}{topic}");
                let chosen = sent.or(&field, choice.map_or("", NoteChoice::as_str));
                (field, topic, chosen)
            })
            .collect(),
        errors: flaws.errors,
    })
}

struct Choose {
    name: String,
}

impl Form for Choose {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        page(visit, &self.name, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let chosen: Vec<(String, NoteChoice)> = sent
            .with_prefix(TOPIC)
            .into_iter()
            .filter_map(|(topic, value)| Some((topic, value.parse().ok()?)))
            .collect();
        talk::choose(&visit.state.app, visit.account()?, actor.id, &chosen)?;
        Ok(Answer::see(&format!("{}?said=saved", cards::group_href(&actor))))
    }
}

pub(crate) async fn show_talk(visit: Visit) -> Answer {
    visit.show(|visit| talk_page(visit, visit.part("name"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_talk(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, Change { name }).await
}

/// How a group holds its conversations, for who looks after it, with what was typed.
pub(crate) fn talk_page(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let account = visit.account()?;
    let (actor, _) = visit.read(|c| cards::find_group(visit, c, name))?;
    if !actor.local {
        return Err(nothing());
    }
    permission::may_moderate(visit.reader.standing(actor.id))?;
    let (_, rules) = visit.read(|c| Ok(talk::rules(c, Some(account), actor.id)?))?;
    let was_sent = !sent.get("token").is_empty();
    visit.page(&TalkPage {
        shell: visit.shell_again("How people talk here", Nav::Groups, flaws.any(), flaws.notice.clone()),
        href: cards::group_href(&actor),
        name: actor.display_name,
        notes: if was_sent { sent.text("notes") } else { rules.notes },
        unnamed: if was_sent { sent.get("unnamed") == "yes" } else { rules.unnamed },
        fades_after: if was_sent {
            sent.text("fades_after")
        } else {
            rules.fades_after.map(|days| days.to_string()).unwrap_or_default()
        },
        errors: flaws.errors,
    })
}

struct Change {
    name: String,
}

impl Form for Change {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        talk_page(visit, &self.name, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let typed = RulesForm {
            notes: sent.text("notes"),
            unnamed: sent.text("unnamed"),
            fades_after: sent.text("fades_after"),
        };
        talk::change(&visit.state.app, visit.account()?, actor.id, &typed)?;
        Ok(Answer::see(&format!("{}/care?said=saved", cards::group_href(&actor))))
    }
}
