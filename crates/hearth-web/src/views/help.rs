//! Where to get help, and the neutral page after leaving.
//!
//! The help page must work when the database does not: it takes nothing but the keeper's lines.

use askama::Template;

use super::{filters, parts::Helpline, shell::Shell};

/// `/help`.
#[derive(Debug, Clone, Template)]
#[template(path = "help.html")]
pub struct HelpPage {
    /// The frame.
    pub shell: Shell,
    /// The number of the emergency services, such as "112". May be empty.
    pub emergency: String,
    /// The keeper's lines, by region: those for everybody first, under no name.
    pub lines: Vec<(String, Vec<Helpline>)>,
}

/// What `/leave` shows where it cannot send the reader anywhere else. It names nothing.
#[derive(Debug, Clone, Template)]
#[template(path = "leave.html")]
pub struct LeavePage {
    /// BCP 47 language of the page.
    pub lang: String,
}
