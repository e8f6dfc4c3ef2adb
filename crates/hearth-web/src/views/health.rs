//! For keepers: how the server is doing.
//!
//! Must never hold a name of a person or a group.

use askama::Template;

use super::{filters, shell::Shell};

/// `/admin`.
#[derive(Debug, Clone, Template)]
#[template(path = "admin_health.html")]
pub struct HealthPage {
    /// The frame.
    pub shell: Shell,
    /// What is wrong, the worst first; empty when everything works.
    pub problems: Vec<Problem>,
    /// What was put right last, as a sentence; may be empty.
    pub lately: String,
    /// What the keeper should know, though nothing is wrong.
    pub notes: Vec<String>,
    /// The numbers.
    pub stats: Vec<Stat>,
    /// The last 24 hours.
    pub hours: Vec<Hour>,
    /// What went out in them.
    pub delivered: Bars,
    /// What waited in them.
    pub waiting: Line,
    /// Other servers.
    pub servers: Vec<Server>,
    /// How many more there are.
    pub more_servers: usize,
    /// What was put right, newest first.
    pub incidents: Vec<Incident>,
}

/// Something that is wrong, and the one thing to do.
#[derive(Debug, Clone)]
pub struct Problem {
    /// "northside.example has not answered since Tuesday; 3 announcements are waiting."
    pub words: String,
    /// What to do.
    pub advice: String,
    /// The server that can be tried again now.
    pub host: Option<String>,
    /// Whether it is broken, and does not pass by itself.
    pub broken: bool,
}

/// One number.
#[derive(Debug, Clone)]
pub struct Stat {
    /// What it counts.
    pub label: &'static str,
    /// The number.
    pub value: String,
    /// What else there is to say; may be empty.
    pub more: String,
}

/// One hour of the table.
#[derive(Debug, Clone)]
pub struct Hour {
    /// "Today, 4 am".
    pub when: String,
    /// What was taken.
    pub delivered: i64,
    /// What failed.
    pub failed: i64,
    /// The most that waited at once.
    pub waiting: i64,
}

/// Lines of a chart with their numbers, from the bottom.
#[derive(Debug, Clone, Default)]
pub struct Scale {
    /// Height in the drawing, and the number.
    pub lines: Vec<(i64, i64)>,
    /// Place in the drawing, and the time.
    pub times: Vec<(i64, String)>,
}

/// What went out, as bars.
#[derive(Debug, Clone, Default)]
pub struct Bars {
    /// What it shows, for those who don't see it.
    pub words: String,
    /// Lines and times.
    pub scale: Scale,
    /// Place, top and height of what was taken.
    pub taken: Vec<(i64, i64, i64)>,
    /// The same of what failed, above it.
    pub failed: Vec<(i64, i64, i64)>,
}

/// What waited, as a line.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// What it shows, for those who don't see it.
    pub words: String,
    /// Lines and times.
    pub scale: Scale,
    /// The points of the line, as SVG has them.
    pub points: String,
}

/// Another server in the table.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its name.
    pub host: String,
    /// What it runs; may be empty.
    pub software: String,
    /// How it is doing.
    pub state: State,
    /// When it last gave a sign of life, in words.
    pub heard: String,
    /// How many announcements wait for it.
    pub waiting: i64,
    /// How many it took this week.
    pub delivered: i64,
}

/// How another server is doing.
#[derive(Debug, Clone)]
pub struct State {
    /// "Not answering since Tuesday".
    pub words: String,
    /// The class of the label.
    pub class: &'static str,
    /// Its icon.
    pub icon: &'static str,
}

/// Something that was put right.
#[derive(Debug, Clone)]
pub struct Incident {
    /// "Kept and sent 38 announcements".
    pub lead: String,
    /// The server it was about, if any.
    pub host: Option<String>,
    /// "after it had been away.", or the end of the sentence.
    pub rest: &'static str,
    /// When.
    pub when: String,
}

/// `/admin/servers/{host}`.
#[derive(Debug, Clone, Template)]
#[template(path = "admin_server.html")]
pub struct ServerPage {
    /// The frame.
    pub shell: Shell,
    /// Its name.
    pub host: String,
    /// How it is doing.
    pub state: State,
    /// What is known, as pairs of a name and words.
    pub facts: Vec<(&'static str, String)>,
    /// Whether it can be tried again now.
    pub can_try: bool,
    /// Whether it is a partner.
    pub partner: bool,
    /// Whether it may hold what is for members, whatever it runs.
    pub may_hold_private: bool,
}
