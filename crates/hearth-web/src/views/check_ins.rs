//! A group's check-ins, for those who hold it, and the lines about one that everybody reads.

use askama::Template;

use super::{FieldErrors, SafeHtml, filters, parts::Choice, shell::Shell, thread::PostValues};

/// `/g/{name}/check-ins`
#[derive(Debug, Clone, Template)]
#[template(path = "check_ins.html")]
pub struct CheckInsPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page and name.
    pub group: (String, String),
    /// Where another one is set up; `None` where there are as many as can be.
    pub new_href: Option<String>,
    /// The zone of the clock: "UK time / Europe/London".
    pub zone: String,
    /// The check-ins, oldest first.
    pub list: Vec<CheckInCard>,
}

/// A check-in, as those who hold the group see it.
#[derive(Debug, Clone)]
pub struct CheckInCard {
    /// Its id.
    pub id: String,
    /// Its form.
    pub href: String,
    /// Its title.
    pub title: String,
    /// "every Tuesday at 6.30 pm"
    pub again: String,
    /// When it opens next: "Tuesday 1 December, 6.30 pm (UK time / Europe/London)". Empty while it rests.
    pub next: String,
    /// In whose name it opens: "It opens in your name."
    pub author: String,
    /// Whether that is the reader's.
    pub own: bool,
    /// Why it rests; empty where it does not.
    pub rests: String,
    /// What it opened last, where that is still there.
    pub newest: Option<String>,
    /// Its content note.
    pub content_note: Option<String>,
    /// Its words, sanitised.
    pub html: SafeHtml,
}

/// `/g/{name}/check-ins/new` and `/g/{name}/check-ins/{id}`
#[derive(Debug, Clone, Template)]
#[template(path = "check_in_form.html")]
pub struct CheckInFormPage {
    /// The frame.
    pub shell: Shell,
    /// The check-ins of the group.
    pub back: String,
    /// Where the form posts to.
    pub action: String,
    /// Whether it is there already.
    pub editing: bool,
    /// The name in which it is to open.
    pub author: String,
    /// What the group suggests for content notes.
    pub topics: Vec<String>,
    /// Who can see it: the values of `see`.
    pub audiences: Vec<Choice>,
    /// The zone of the clock: "UK time / Europe/London".
    pub zone: String,
    /// What was typed.
    pub values: PostValues,
    /// When it opens.
    pub times: CheckInTimes,
    /// What was typed, as it will look.
    pub preview: Option<SafeHtml>,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// When a check-in opens, as the form has it.
#[derive(Debug, Clone, Default)]
pub struct CheckInTimes {
    /// `every`: how often.
    pub every: String,
    /// What can be chosen for it.
    pub frequencies: Vec<Choice>,
    /// `weekday`
    pub weekday: String,
    /// What can be chosen for it.
    pub weekdays: Vec<Choice>,
    /// `day` of the month.
    pub day: String,
    /// What can be chosen for it.
    pub days: Vec<Choice>,
    /// `time`
    pub time: String,
}

/// What a group's page says of the check-in that opened last.
#[derive(Debug, Clone)]
pub struct OpenCheckIn {
    /// "This week’s check-in"
    pub words: &'static str,
    /// Its title.
    pub title: String,
    /// Its conversation.
    pub href: String,
}
