//! What somebody has written to be published later.
//!
//! Must never be shown to anybody but them.

use askama::Template;

use super::{SafeHtml, filters, shell::Shell};

/// `/planned` and `/g/{name}/planned`.
#[derive(Debug, Clone, Template)]
#[template(path = "planned.html")]
pub struct PlannedPage {
    /// The frame.
    pub shell: Shell,
    /// The group's page and name, where it is of one group.
    pub group: Option<(String, String)>,
    /// Where something new is written; `None` where the reader may not, or it is of all groups.
    pub new_href: Option<String>,
    /// The zone of the clock: "UK time / Europe/London".
    pub zone: String,
    /// For how many days is kept what came back.
    pub kept_days: i64,
    /// What was not published and came back.
    pub returned: Vec<PlannedPost>,
    /// What is to be published, soonest first.
    pub planned: Vec<PlannedPost>,
}

/// A planned post.
#[derive(Debug, Clone)]
pub struct PlannedPost {
    /// Its address here.
    pub href: String,
    /// Unique on the page, for the heading's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// When it is to be published: "Tuesday 10 March, 6.30 pm (UK time / Europe/London)".
    pub when: String,
    /// Where: the group's page and name, where the reader is still shown it.
    pub group: Option<(String, String)>,
    /// Under which name; "without your name".
    pub speaks_as: String,
    /// Its content note.
    pub content_note: Option<String>,
    /// Its words, sanitised.
    pub html: SafeHtml,
    /// Why it came back; empty where it did not.
    pub why: &'static str,
}
