//! Making a group, and changing its words.

use super::cards;
use crate::{
    answer::Answer,
    error::Failure,
    protect::FormNonce,
    sent::Sent,
    submit::{Flaws, Form, submit},
    viewer::{Shown, Visit},
    views::{
        group::{NewGroupPage, NewGroupValues},
        parts::Choice,
        shell::Nav,
    },
};
use hearth_actions::group::{self, GroupForm};
use hearth_domain::{group::Template, permission};

/// The fields of the action, and what the page calls them.
const NAMES: [(&str, &str); 5] =
    [("name", "address"), ("display_name", "name"), ("about", "words"), ("template", "kind"), ("persona", "as")];

pub(crate) async fn new(visit: Visit) -> Answer {
    visit.show(|visit| new_form(visit, &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_new(visit: Visit, sent: Sent) -> Answer {
    submit(visit, sent, New).await
}

pub(crate) async fn edit(visit: Visit) -> Answer {
    visit.show(|visit| edit_form(visit, visit.part("name"), &Sent::default(), Flaws::none())).await
}

pub(crate) async fn take_edit(visit: Visit, sent: Sent) -> Answer {
    let name = visit.part("name").to_owned();
    submit(visit, sent, Edit { name }).await
}

fn kinds() -> Vec<Choice> {
    let kind = |template: Template, words: &str, hint: &str| Choice {
        value: template.as_str().to_owned(),
        words: words.to_owned(),
        hint: hint.to_owned(),
    };
    vec![
        kind(Template::OpenCommunity, "Open community", "Anyone can read. Anyone can join and write."),
        kind(
            Template::PublicNoticeboard,
            "Public noticeboard",
            "Anyone can read. Only those who look after it begin conversations.",
        ),
    ]
}

/// The form of a new group.
pub(crate) fn new_form(visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
    visit.me()?;
    let flaws = flaws.named(&NAMES);
    let personas = visit.read(|c| cards::personas(visit, c, None, sent.get("as")))?;
    visit.page(&NewGroupPage {
        shell: visit.shell_again("New group", Nav::Groups, flaws.any(), flaws.notice.clone()),
        domain: visit.site()?.host(),
        action: "/groups/new".to_owned(),
        back: "/groups".to_owned(),
        editing: false,
        kinds: kinds(),
        personas,
        values: NewGroupValues {
            name: sent.text("name"),
            address: sent.text("address"),
            words: sent.text("words"),
            kind: sent.or("kind", Template::OpenCommunity.as_str()),
            rhythm: sent.text("rhythm"),
            guidelines: sent.text("guidelines"),
        },
        errors: flaws.errors,
    })
}

/// The form of a group's words, for who looks after it.
pub(crate) fn edit_form(visit: &Visit, name: &str, sent: &Sent, flaws: Flaws) -> Shown {
    visit.me()?;
    let flaws = flaws.named(&NAMES);
    let (actor, row) = visit.read(|c| cards::find_group(visit, c, name))?;
    if !actor.local {
        return Err(crate::error::nothing());
    }
    permission::may_change_group(visit.reader.standing(actor.id))?;
    let href = cards::group_href(&actor);
    visit.page(&NewGroupPage {
        shell: visit.shell_again("Change the words", Nav::Groups, flaws.any(), flaws.notice.clone()),
        domain: String::new(),
        action: format!("{href}/edit"),
        back: href,
        editing: true,
        kinds: Vec::new(),
        personas: Vec::new(),
        values: NewGroupValues {
            name: sent.or("name", &actor.display_name),
            address: String::new(),
            words: sent.or("words", &actor.summary_source),
            kind: String::new(),
            rhythm: sent.or("rhythm", &row.rhythm),
            guidelines: sent.or("guidelines", &row.guidelines),
        },
        errors: flaws.errors,
    })
}

fn typed(sent: &Sent) -> GroupForm {
    GroupForm {
        name: sent.text("address"),
        display_name: sent.text("name"),
        about: sent.text("words"),
        rhythm: sent.text("rhythm"),
        guidelines: sent.text("guidelines"),
        template: sent.text("kind"),
        persona: sent.text("as"),
    }
}

struct New;

impl Form for New {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        new_form(visit, sent, flaws)
    }
    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Shown {
        let made = group::create(&visit.state.app, visit.account()?, &typed(sent))?;
        Ok(Answer::see(&format!("{}?said=made", cards::group_href(&made))))
    }
}

struct Edit {
    name: String,
}

impl Form for Edit {
    fn show(&self, visit: &Visit, sent: &Sent, flaws: Flaws) -> Shown {
        edit_form(visit, &self.name, sent, flaws)
    }
    fn act(&self, visit: &Visit, sent: &Sent, _: FormNonce) -> Result<Answer, Failure> {
        let (actor, _) = visit.read(|c| cards::find_group(visit, c, &self.name))?;
        group::describe(&visit.state.app, visit.account()?, actor.id, &typed(sent))?;
        Ok(Answer::see(&format!("{}?said=saved", cards::group_href(&actor))))
    }
}
