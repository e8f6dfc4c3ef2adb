//! Searching a group.

use askama::Template;

use super::{
    FieldErrors, SafeHtml, filters,
    parts::{Pager, Person},
    shell::Shell,
};
use crate::words::When;

/// `/g/{name}/search`
#[derive(Debug, Clone, Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub group_href: String,
    /// The group's name.
    pub group_name: String,
    /// `q`: what is searched for.
    pub q: String,
    /// Whether anything was searched for.
    pub searched: bool,
    /// Whether something older was not looked through.
    pub more: bool,
    /// What was found, newest first.
    pub hits: Vec<SearchHit>,
    /// Where the search goes on.
    pub pager: Pager,
    /// What is wrong with what is searched for.
    pub errors: FieldErrors,
}

/// A post or reply that was found.
#[derive(Debug, Clone)]
pub struct SearchHit {
    /// Its id, for anchors.
    pub id: String,
    /// Its place.
    pub href: String,
    /// Its title, or that it is a reply.
    pub title: String,
    /// Who wrote it.
    pub author: Person,
    /// When.
    pub when: When,
    /// What to know before opening it.
    pub content_note: Option<String>,
    /// Whether it is shown open.
    pub note_open: bool,
    /// The first lines, sanitised.
    pub body: SafeHtml,
}
