//! Asking somebody to look, and looking after a group: what was reported, removed, and who is kept out.
//!
//! Must never show who asked, or how many did.

use askama::Template;

use super::{
    FieldErrors, SafeHtml, filters,
    parts::{Choice, Helpline, Person, PersonaOption},
    safety::{HeldCard, PausedPerson},
    shell::Shell,
};

/// `/p/{id}/report`: asking those who look after the group to look.
#[derive(Debug, Clone, Template)]
#[template(path = "report.html")]
pub struct ReportPage {
    /// The frame.
    pub shell: Shell,
    /// Where the form posts to.
    pub action: String,
    /// Where "No, go back" leads.
    pub back: String,
    /// Who wrote it.
    pub author: String,
    /// The group's name.
    pub group_name: String,
    /// The domain of the group's server, if it is not this one.
    pub group_host: Option<String>,
    /// The domain of the author's server, if it is neither this one nor the group's.
    pub author_host: Option<String>,
    /// What it can be about.
    pub kinds: Vec<Choice>,
    /// When somebody is likely to look: "within 12 hours".
    pub when: String,
    /// Whether whoever runs this place reads it, since it is about somebody who looks after the group.
    pub for_keepers: bool,
    /// The helplines.
    pub lines: Vec<Helpline>,
    /// The names it can be asked under.
    pub personas: Vec<PersonaOption>,
    /// What was typed.
    pub values: ReportValues,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// The fields of a report.
#[derive(Debug, Clone, Default)]
pub struct ReportValues {
    /// `reason`
    pub reason: String,
    /// `kind`
    pub kind: String,
    /// `named`
    pub named: bool,
    /// `author_server`
    pub author_server: bool,
}

/// `/p/{id}/care`: what somebody who looks after the group can do about a post.
#[derive(Debug, Clone, Template)]
#[template(path = "care.html")]
pub struct CarePage {
    /// The frame.
    pub shell: Shell,
    /// Where the forms post to.
    pub action: String,
    /// Where the post is.
    pub back: String,
    /// The group's own page of this kind.
    pub group_care: String,
    /// The group's name.
    pub group_name: String,
    /// Who wrote it.
    pub author: Person,
    /// Why it was removed, where somebody removed it.
    pub removed: Option<String>,
    /// Whether it is there, and so can be removed.
    pub there: bool,
    /// Whether it takes replies; `None` where it is gone.
    pub closed: bool,
    /// The group's topics, for what begins a conversation here: field, name, and whether it is ticked.
    pub topics: Vec<(String, String, bool)>,
    /// Whether it is pinned; `None` where it can't be.
    pub pinned: Option<bool>,
    /// Whether its author can be kept out; they are, where this is `Some(true)`.
    pub kept_out: Option<bool>,
    /// Whether who wrote it can be written to.
    pub can_write: bool,
    /// Whether the group lives here, and its post can be hidden and its author spoken to.
    pub here: bool,
    /// Whether it was written here, so that its author can be asked.
    pub author_here: bool,
    /// Whether its author is a member whose membership can be ended.
    pub member: bool,
    /// The group's ready texts.
    pub replies: Vec<Choice>,
    /// What was typed.
    pub values: CareValues,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// The fields of the forms about a post.
#[derive(Debug, Clone, Default)]
pub struct CareValues {
    /// `text`: a quiet word to who wrote it.
    pub text: String,
    /// `reason`, for removing.
    pub reason: String,
    /// `why`, for keeping out.
    pub why: String,
    /// `days`
    pub days: String,
    /// `remove_posts`
    pub remove_posts: bool,
    /// `house_reply`
    pub house_reply: String,
    /// `words`
    pub words: String,
    /// `pause_days`
    pub pause_days: String,
}

/// `/g/{name}/care`: everything there is to look after in a group.
#[derive(Debug, Clone, Template)]
#[template(path = "group_care.html")]
pub struct GroupCarePage {
    /// The frame.
    pub shell: Shell,
    /// The group's page.
    pub href: String,
    /// The group's name.
    pub name: String,
    /// What somebody should look at, worries first.
    pub reports: Vec<ReportCard>,
    /// What somebody has looked at.
    pub resolved: Vec<ReportCard>,
    /// What waits for a person to look.
    pub held: Vec<HeldCard>,
    /// The group's ready texts.
    pub replies: Vec<Choice>,
    /// Who does not write for some days.
    pub paused: Vec<PausedPerson>,
    /// What was removed: where it can be brought back, and "What helps you sleep? Removed on Friday: …".
    pub removed: Vec<(String, String)>,
    /// Who is kept out.
    pub out: Vec<KeptOut>,
    /// Who looks after it; empty for a group of another server.
    pub team: Vec<Helper>,
    /// Whether the reader may say who does.
    pub owner: bool,
    /// Whether other servers are shown who does.
    pub shown: bool,
    /// `person`: the name that was typed.
    pub person: String,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// `/admin/reports`: what is for keepers.
#[derive(Debug, Clone, Template)]
#[template(path = "admin_reports.html")]
pub struct KeeperReportsPage {
    /// The frame.
    pub shell: Shell,
    /// What somebody should look at.
    pub reports: Vec<ReportCard>,
    /// What somebody has looked at.
    pub resolved: Vec<ReportCard>,
}

/// A report.
#[derive(Debug, Clone)]
pub struct ReportCard {
    /// The id forms send.
    pub id: String,
    /// Whether it jumps the queue.
    pub worried: bool,
    /// What is the matter, in the words of who asked.
    pub reason: String,
    /// Whom it is about.
    pub about: Person,
    /// The domain of the server it came from, if it was not this one.
    pub from: Option<String>,
    /// When.
    pub when: String,
    /// What it is about, folded: its title or first words, its text, and where it can be looked after.
    pub posts: Vec<(String, SafeHtml, String)>,
    /// What was done.
    pub note: String,
    /// What it is about, in words.
    pub kind: &'static str,
    /// Who has it: "You have this", "Otter has this"; empty: nobody.
    pub taken: String,
    /// Whether the reader has it.
    pub mine: bool,
    /// Said in place of posts that are for members, to a keeper.
    pub kept_back: bool,
}

/// Somebody who is kept out of a group.
#[derive(Debug, Clone)]
pub struct KeptOut {
    /// The id forms send.
    pub id: String,
    /// Who.
    pub person: Person,
    /// "Until 3 December", or empty.
    pub until: String,
    /// Why.
    pub reason: String,
}

/// Somebody who looks after a group.
#[derive(Debug, Clone)]
pub struct Helper {
    /// The id forms send.
    pub id: String,
    /// Who.
    pub person: Person,
    /// Whether that can be ended here.
    pub can_end: bool,
}
