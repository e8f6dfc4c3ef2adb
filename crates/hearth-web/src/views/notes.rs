//! Content notes as a reader wants them, and how a group holds its conversations.

use askama::Template;

use super::{FieldErrors, filters, parts::Choice, shell::Shell};

/// `/g/{name}/notes`
#[derive(Debug, Clone, Template)]
#[template(path = "notes.html")]
pub struct NotesPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub href: String,
    /// The group's name.
    pub name: String,
    /// What can happen to a topic.
    pub offers: Vec<Choice>,
    /// Field, topic and what was chosen for it.
    pub topics: Vec<(String, String, String)>,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// `/g/{name}/talk`
#[derive(Debug, Clone, Template)]
#[template(path = "talk.html")]
pub struct TalkPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub href: String,
    /// The group's name.
    pub name: String,
    /// `notes`: topics, one a line.
    pub notes: String,
    /// `unnamed`
    pub unnamed: bool,
    /// `fades_after`: days; may be empty.
    pub fades_after: String,
    /// What is wrong with it.
    pub errors: FieldErrors,
}
