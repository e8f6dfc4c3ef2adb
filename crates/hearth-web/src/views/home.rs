//! The front page for someone signed out, and the page before there are any groups.

use askama::Template;

use super::{
    filters,
    parts::{EventCard, GroupCard, HelpBox},
    shell::Shell,
};

/// `/` signed out: what this place is, and the next thing one could go to.
#[derive(Debug, Clone, Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// The frame.
    pub shell: Shell,
    /// The keeper's headline: "Company for the harder days".
    pub headline: String,
    /// The keeper's sentence or two below it.
    pub words: String,
    /// Whether new people can ask to join.
    pub can_join: bool,
    /// The next three public meetups.
    pub coming_up: Vec<EventCard>,
    /// Public groups here.
    pub groups: Vec<GroupCard>,
    /// Groups of neighbours.
    pub neighbours: Vec<GroupCard>,
    /// The helpline panel.
    pub help: HelpBox,
}

/// `/` before there is any group: the way on for the keeper, a short hello for everyone else.
#[derive(Debug, Clone, Template)]
#[template(path = "first_run.html")]
pub struct FirstRunPage {
    /// The frame.
    pub shell: Shell,
    /// Whether the reader may make the first group.
    pub can_create_group: bool,
    /// Whether new people can ask to join.
    pub can_join: bool,
    /// The helpline panel.
    pub help: HelpBox,
}
