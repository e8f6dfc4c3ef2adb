//! `/g/{name}/quiet`: quiet words between a member and those who look after a group; `/g/{name}/quiet/{id}`: one of them.

use super::{cards, thread};
use crate::{
    answer::Answer,
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        quiet::{Message, QuietListPage, QuietPage},
        shell::Nav,
    },
    words::When,
};
use hearth_actions::quiet_word::{self, Read, With};
use hearth_db::tables::{actors::Actor, posts::Post};
use hearth_domain::{id::QuietWordId, permission};

pub(crate) async fn list(visit: Visit) -> Answer {
    visit.show(|visit| list_page(visit, visit.part("name"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn begin(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, Begin { name }).await
}

fn title(post: &Post) -> String {
    post.title.clone().unwrap_or_else(|| "a reply".to_owned())
}

/// Whom a quiet word is with, in words.
fn with(read: &Read, group: &Actor) -> String {
    match (&read.with, &read.about) {
        (With::Team, Some(post)) => format!("Those who look after {}, about “{}”", group.display_name, title(post)),
        (With::Team, None) => format!("Those who look after {}", group.display_name),
        (With::Member(member), _) => member.display_name.clone(),
        (With::Unnamed(post), _) => format!("Whoever wrote “{}”", title(post)),
    }
}

/// All quiet words of the reader in a group, and a form to begin one, with what was typed.
pub(crate) fn list_page(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let account = visit.account()?;
    let (group, _) = visit.read(|c| cards::find_group(visit, c, name))?;
    let list = quiet_word::list(&visit.state.app, account, group.id)?;
    let href = cards::group_href(&group);
    let line = |read: &Read| {
        let when = When::written(read.changed_at.utc(), visit.zone(), visit.now).words;
        (format!("{href}/quiet/{}", read.id), with(read, &group), when)
    };
    visit.page(&QuietListPage {
        shell: visit.shell_again("A quiet word", Nav::Groups, flaws.any(), flaws.notice.clone()),
        words: list.iter().map(line).collect(),
        team: permission::may_moderate(visit.reader.standing(group.id)).is_ok(),
        name: group.display_name.clone(),
        href,
        text: sent.text("text"),
        errors: flaws.errors,
    })
}

struct Begin {
    name: String,
}

impl Form for Begin {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        list_page(visit, &self.name, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let (group, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        let word = quiet_word::ask(&visit.state.app, visit.account()?, group.id, sent.get("text"))?;
        Ok(Answer::see(&format!("{}/quiet/{word}?said=said", cards::group_href(&group))))
    }
}

pub(crate) async fn show(visit: Visit) -> Answer {
    let (name, id) = (visit.part("name").to_owned(), visit.part("id").to_owned());
    visit.show(move |visit| page(visit, &name, &id, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn answer(visit: Visit, sent: Sent) -> Answer {
    let (name, id) = (visit.part("name").to_owned(), visit.part("id").to_owned());
    submit(visit, sent, Say { name, id }).await
}

/// One quiet word, with what was typed.
pub(crate) fn page(visit: &Visit, name: &str, id: &str, sent: &Sent, flaws: Flaws) -> Shown {
    let account = visit.account()?;
    let (group, _) = visit.read(|c| cards::find_group(visit, c, name))?;
    let id: QuietWordId = id.parse()?;
    let read = quiet_word::read(&visit.state.app, account, id)?;
    let href = cards::group_href(&group);
    let team = !matches!(read.with, With::Team);
    let member = match &read.with {
        With::Team => "You".to_owned(),
        With::Member(member) => member.display_name.clone(),
        With::Unnamed(_) => cards::SOMEONE.to_owned(),
    };
    let message = |(author, body, at): &(Option<Actor>, String, hearth_db::Time)| Message {
        name: author.as_ref().map_or_else(|| member.clone(), |author| author.display_name.clone()),
        hue: author.as_ref().map_or(1, |author| cards::hue(author.id)),
        when: When::written(at.utc(), visit.zone(), visit.now),
        paragraphs: body.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect(),
    };
    let about = match (&read.with, &read.about) {
        (With::Unnamed(post), _) | (_, Some(post)) => thread::place_of(post),
        _ => None,
    };
    visit.page(&QuietPage {
        shell: visit.shell_again("A quiet word", Nav::Groups, flaws.any(), flaws.notice.clone()),
        with: with(&read, &group),
        about,
        team,
        messages: read.messages.iter().map(message).collect(),
        action: format!("{href}/quiet/{id}"),
        list: format!("{href}/quiet"),
        text: sent.text("text"),
        errors: flaws.errors,
    })
}

struct Say {
    name: String,
    id: String,
}

impl Form for Say {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        page(visit, &self.name, &self.id, sent, flaws)
    }

    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let word = quiet_word::answer(&visit.state.app, visit.account()?, self.id.parse()?, sent.get("text"))?;
        Ok(Answer::see(&format!("/g/{}/quiet/{word}?said=said", self.name)))
    }
}
