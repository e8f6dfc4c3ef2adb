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
        group::{NewGroupPage, NewGroupValues, SettingChoice},
        parts::Choice,
        shell::Nav,
    },
};
use hearth_actions::group::{self, GroupForm};
use hearth_domain::{
    group::{Joining, Posting, Reach, Readable, Settings, Template},
    permission,
};

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

/// One of the offers of a form, with what it means.
fn offer(value: &str, words: &str, hint: &str) -> Choice {
    Choice { value: value.to_owned(), words: words.to_owned(), hint: hint.to_owned() }
}

/// What the form calls the choice to set each thing by itself.
const OWN: &str = "own";

fn kinds() -> Vec<Choice> {
    let kind = |template: Template, words: &str, hint: &str| offer(template.as_str(), words, hint);
    vec![
        kind(Template::OpenCommunity, "Open community", "Anyone can read. Anyone can join and write."),
        kind(
            Template::PeerSupportCircle,
            "Peer-support circle",
            "Only members can read and write. You let people in. Nothing ever leaves this server.",
        ),
        kind(
            Template::PublicNoticeboard,
            "Public noticeboard",
            "Anyone can read. Only those who look after it begin conversations.",
        ),
        kind(
            Template::PrivateCircle,
            "Private circle across partners",
            "Only members can read and write, here and on partner servers. You let people in.",
        ),
        offer(OWN, "Something else", "Choose each of the four below."),
    ]
}

/// The four settings, each with its offers. `chosen` is what was sent, or what holds now.
fn settings_choices(sent: &Sent, now: Option<Settings>) -> Vec<SettingChoice> {
    let setting = |name: &str, legend: &str, now: Option<&'static str>, offers: Vec<Choice>| SettingChoice {
        name: name.to_owned(),
        legend: legend.to_owned(),
        value: sent.or(name, now.unwrap_or_default()),
        offers,
    };
    vec![
        setting(
            "readable",
            "Who can read it",
            now.map(|now| now.readable.as_str()),
            vec![
                offer(Readable::Public.as_str(), "Anyone", "Who writes can still keep a post to members."),
                offer(Readable::Members.as_str(), "Members", "Others see its name, what it is for and how to join."),
                offer(
                    Readable::Hidden.as_str(),
                    "Members, and nobody else knows of it",
                    "Its address is made of random letters.",
                ),
            ],
        ),
        setting(
            "joining",
            "Who can join",
            now.map(|now| now.joining.as_str()),
            vec![
                offer(Joining::Open.as_str(), "Anyone, at once", ""),
                offer(Joining::Approval.as_str(), "Whoever a facilitator lets in", ""),
                offer(Joining::Invitation.as_str(), "Only who is invited", ""),
            ],
        ),
        setting(
            "reach",
            "How far it reaches",
            now.map(|now| now.reach.as_str()),
            vec![
                offer(
                    Reach::Network.as_str(),
                    "The whole network",
                    "People on other servers can take part. What their servers got stays there, also when they leave.",
                ),
                offer(Reach::Partners.as_str(), "Partner servers", "Only servers that the keeper of this one trusts."),
                offer(Reach::Here.as_str(), "This server", "Nothing ever leaves it."),
            ],
        ),
        setting(
            "posting",
            "Who can begin a conversation",
            now.map(|now| now.posting.as_str()),
            vec![
                offer(Posting::Anyone.as_str(), "Anyone who can read it", "Also people on other servers."),
                offer(Posting::Members.as_str(), "Members", ""),
                offer(Posting::Facilitators.as_str(), "Those who look after it", "Members can still answer."),
            ],
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
        settings: settings_choices(sent, None),
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
        settings: settings_choices(sent, Some(row.settings())),
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
    let kind = sent.text("kind");
    // The four count where a new group is made of them, and where the group is there already.
    let own = kind == OWN || kind.is_empty();
    let setting = |name: &str| if own { sent.text(name) } else { String::new() };
    GroupForm {
        readable: setting("readable"),
        joining: setting("joining"),
        reach: setting("reach"),
        posting: setting("posting"),
        name: sent.text("address"),
        display_name: sent.text("name"),
        about: sent.text("words"),
        rhythm: sent.text("rhythm"),
        guidelines: sent.text("guidelines"),
        template: if own { String::new() } else { kind },
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
        let (app, account, typed) = (&visit.state.app, visit.account()?, typed(sent));
        // The settings first: what they refuse is shown with everything that was typed.
        group::settle(app, account, actor.id, &typed)?;
        group::describe(app, account, actor.id, &typed)?;
        Ok(Answer::see(&format!("{}?said=saved", cards::group_href(&actor))))
    }
}
