//! Quiet words between a member and those who look after a group.

use askama::Template;

use super::{FieldErrors, filters, shell::Shell};
use crate::words::When;

/// `/g/{name}/quiet`
#[derive(Debug, Clone, Template)]
#[template(path = "quiet_list.html")]
pub struct QuietListPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub href: String,
    /// The group's name.
    pub name: String,
    /// Address, whom each is with, and when something was last said.
    pub words: Vec<(String, String, String)>,
    /// Whether the reader looks after the group.
    pub team: bool,
    /// `text`: what was typed.
    pub text: String,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// `/g/{name}/quiet/{id}`
#[derive(Debug, Clone, Template)]
#[template(path = "quiet.html")]
pub struct QuietPage {
    /// The frame.
    pub shell: Shell,
    /// Whom it is with.
    pub with: String,
    /// What it is about, in its place.
    pub about: Option<String>,
    /// Whether the reader looks after the group.
    pub team: bool,
    /// What was said, in its order.
    pub messages: Vec<Message>,
    /// Where the form posts to.
    pub action: String,
    /// All of them.
    pub list: String,
    /// `text`: what was typed.
    pub text: String,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// Something that was said.
#[derive(Debug, Clone)]
pub struct Message {
    /// Who said it.
    pub name: String,
    /// The pebble's colour.
    pub hue: u8,
    /// When.
    pub when: When,
    /// The words.
    pub paragraphs: Vec<String>,
}
