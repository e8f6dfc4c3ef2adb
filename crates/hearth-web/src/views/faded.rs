//! What has faded of the reader's own.

use super::{SafeHtml, filters, parts::Pager, shell::Shell};
use askama::Template;

/// `/settings/faded`
#[derive(Debug, Clone, Template)]
#[template(path = "faded.html")]
pub struct FadedPage {
    /// The frame.
    pub shell: Shell,
    /// Newest first.
    pub posts: Vec<FadedEntry>,
    /// The pages of the list.
    pub pager: Pager,
}

/// A post or reply that has faded.
#[derive(Debug, Clone)]
pub struct FadedEntry {
    /// Its id.
    pub id: String,
    /// Its title, or "A reply".
    pub title: String,
    /// "Tea and talk, 3 March 2026, as Heron"
    pub words: String,
    /// What it is about; folds it.
    pub content_note: Option<String>,
    /// The text.
    pub html: SafeHtml,
}
