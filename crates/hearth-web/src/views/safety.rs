//! A group as a safe place: what waits for a person to look, what a group decided about that, what was done; and what
//! people are told.
//!
//! Must never show a number over nine, or one person's waiting words to another who does not look after the group.

use askama::Template;

use super::{
    FieldErrors, SafeHtml, filters,
    parts::{Choice, Helpline, Person},
    shell::Shell,
};

/// Where an own post leads that is not shown to others: `/p/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "held.html")]
pub struct HeldPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub group_href: String,
    /// The group's name.
    pub group_name: String,
    /// "Waiting for a person to look".
    pub heading: String,
    /// What that means, and what happens next.
    pub words: String,
    /// What a facilitator wrote to the author.
    pub answer: String,
    /// The post's title.
    pub title: Option<String>,
    /// Its words, sanitised.
    pub html: SafeHtml,
    /// Where its author finds other words, where they were asked to.
    pub edit_href: Option<String>,
    /// Where it is taken back, and what the button says.
    pub take_back: (String, &'static str),
}

/// A post that waits for a person to look.
#[derive(Debug, Clone)]
pub struct HeldCard {
    /// The id forms send.
    pub id: String,
    /// Who wrote it.
    pub author: Person,
    /// When.
    pub when: String,
    /// Why it waits.
    pub cause: &'static str,
    /// Its content note, title or first words.
    pub summary: String,
    /// Its words, sanitised.
    pub html: SafeHtml,
}

/// Somebody who does not write for some days.
#[derive(Debug, Clone)]
pub struct PausedPerson {
    /// The id forms send.
    pub id: String,
    /// Their name.
    pub name: String,
    /// "Until 3 December."
    pub until: String,
}

/// `/g/{name}/safety`: what a group decides about its own safety, and what its owners decide about the group.
#[derive(Debug, Clone, Template)]
#[template(path = "safety.html")]
pub struct SafetyPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub href: String,
    /// The group's name.
    pub name: String,
    /// What is decided, or was typed.
    pub values: SafetyValues,
    /// The ready texts: the id forms send, what it is for, the text.
    pub replies: Vec<(String, String, String)>,
    /// Whether the reader owns the group.
    pub owner: bool,
    /// Whether it is archived.
    pub archived: bool,
    /// Whom it is offered to, where it is.
    pub offered: Option<String>,
    /// What is wrong with what was typed.
    pub errors: FieldErrors,
}

/// The fields of the forms about a group's safety.
#[derive(Debug, Clone, Default)]
pub struct SafetyValues {
    /// `first_posts`
    pub first_posts: String,
    /// `answer_hours`
    pub answer_hours: String,
    /// `held_words`
    pub held_words: String,
    /// `reply_title`
    pub reply_title: String,
    /// `reply_body`
    pub reply_body: String,
    /// `person`, whose role is changed.
    pub person: String,
    /// `owner`, to whom the group is offered.
    pub owner: String,
}

/// A log: of a group, or of the server.
#[derive(Debug, Clone, Template)]
#[template(path = "log.html")]
pub struct LogPage {
    /// The frame.
    pub shell: Shell,
    /// The page it belongs to, with its words; `None` for the keepers' log.
    pub back: Option<(String, String)>,
    /// Who reads it and what stands in it.
    pub lede: &'static str,
    /// When, and what was done by whom.
    pub lines: Vec<(String, String)>,
}

/// `/notices`.
#[derive(Debug, Clone, Template)]
#[template(path = "notices.html")]
pub struct NoticesPage {
    /// The frame.
    pub shell: Shell,
    /// What is new.
    pub new: Vec<NoticeLine>,
    /// What was seen before.
    pub seen: Vec<NoticeLine>,
    /// Up to when everything counts as seen once the button is pressed.
    pub until: String,
    /// Whether these are the reader's quiet hours, and something waits.
    pub quiet: bool,
    /// The hours of a day.
    pub hours: Vec<Choice>,
    /// `quiet_from`
    pub from: String,
    /// `quiet_until`
    pub to: String,
    /// What is wrong with what was typed.
    pub errors: FieldErrors,
}

/// One notice.
#[derive(Debug, Clone)]
pub struct NoticeLine {
    /// What happened, in one plain sentence.
    pub words: String,
    /// Where it leads; may be empty.
    pub href: String,
    /// When.
    pub when: String,
    /// What a facilitator wrote to the reader.
    pub letter: String,
}

/// `/admin/helplines`.
#[derive(Debug, Clone, Template)]
#[template(path = "admin_helplines.html")]
pub struct HelplinesPage {
    /// The frame.
    pub shell: Shell,
    /// The lines, with the ids that forms send.
    pub lines: Vec<(String, Helpline)>,
    /// How a line is reached.
    pub kinds: Vec<Choice>,
    /// What was typed.
    pub values: HelplineValues,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// The fields of a helpline.
#[derive(Debug, Clone, Default)]
pub struct HelplineValues {
    /// `helpline_name`
    pub name: String,
    /// `helpline_about`
    pub about: String,
    /// `helpline_hours`
    pub hours: String,
    /// `helpline_number`
    pub number: String,
    /// `helpline_kind`
    pub kind: String,
    /// `helpline_region`
    pub region: String,
}

/// `/admin/access`: reading a group in an emergency.
#[derive(Debug, Clone, Template)]
#[template(path = "admin_access.html")]
pub struct AccessPage {
    /// The frame.
    pub shell: Shell,
    /// What is asked for or open.
    pub list: Vec<AccessCard>,
    /// `group`, as typed.
    pub group: String,
    /// `reason`, as typed.
    pub reason: String,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// A keeper's access to a group.
#[derive(Debug, Clone)]
pub struct AccessCard {
    /// The id forms send.
    pub id: String,
    /// The group's name.
    pub group: String,
    /// The group's page.
    pub href: String,
    /// Why.
    pub reason: String,
    /// "Opens on Friday at 10.00 am", "Open until …".
    pub state: String,
    /// Whether the reader asked for it.
    pub mine: bool,
    /// Whether it is open now.
    pub open: bool,
    /// Whether the reader may open it now.
    pub can_open: bool,
    /// Whether the reader may agree to it.
    pub can_agree: bool,
}
