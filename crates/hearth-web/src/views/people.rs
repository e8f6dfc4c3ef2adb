//! Whom a reader doesn't want to read, and what they wrote themselves before they changed it.

use askama::Template;

use super::{SafeHtml, filters, parts::Person, shell::Shell};

/// `/p/{id}/person`
#[derive(Debug, Clone, Template)]
#[template(path = "person_choice.html")]
pub struct PersonChoicePage {
    /// The frame.
    pub shell: Shell,
    /// Where the forms post to.
    pub action: String,
    /// The post in its place.
    pub back: String,
    /// Who wrote it.
    pub person: Person,
    /// Whether the reader muted them.
    pub muted: bool,
    /// Whether the reader blocks them.
    pub blocked: bool,
}

/// `/settings/people`
#[derive(Debug, Clone, Template)]
#[template(path = "people.html")]
pub struct PeoplePage {
    /// The frame.
    pub shell: Shell,
    /// Those the reader muted, by id.
    pub muted: Vec<(String, Person)>,
    /// Those the reader blocks: id, id of the name that blocks them, and who they are.
    pub blocked: Vec<(String, String, Person)>,
}

/// `/p/{id}/history`
#[derive(Debug, Clone, Template)]
#[template(path = "history.html")]
pub struct HistoryPage {
    /// The frame.
    pub shell: Shell,
    /// The post in its place.
    pub back: String,
    /// Earlier versions, the latest first.
    pub versions: Vec<Version>,
}

/// What a post was.
#[derive(Debug, Clone)]
pub struct Version {
    /// When it was changed.
    pub until: String,
    /// Its title; empty for a reply.
    pub title: String,
    /// Its content note; may be empty.
    pub note: String,
    /// Its text.
    pub body: SafeHtml,
    /// What its pictures showed.
    pub pictures: Vec<String>,
}
