//! `/admin/network`: servers whose meetups are shown here, servers that show ours, and meetups a keeper looks at first.

use askama::Template;

use super::{FieldErrors, filters, parts::Choice, shell::Shell};

/// `/admin/network`.
#[derive(Debug, Clone, Template)]
#[template(path = "admin_network.html")]
pub struct AdminNetworkPage {
    /// The frame.
    pub shell: Shell,
    /// Meetups that wait for a keeper, soonest first.
    pub waiting: Vec<WaitingMeetup>,
    /// Servers that are followed.
    pub followed: Vec<Followed>,
    /// Servers that follow this one, or ask to.
    pub followers: Vec<Follower>,
    /// Ways of taking meetups: the values of `meetups`.
    pub ways: Vec<Choice>,
    /// Whether servers may follow this one at once.
    pub anyone: bool,
    /// What was typed as `server`.
    pub server: String,
    /// The way that was chosen for it.
    pub way: String,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// A meetup that waits for a keeper.
#[derive(Debug, Clone)]
pub struct WaitingMeetup {
    /// Its id on the network, which the form sends.
    pub id: String,
    /// Its title.
    pub title: String,
    /// When, in words.
    pub when: String,
    /// Where, in words. May be empty.
    pub place: String,
    /// Its page on its own server.
    pub page: Option<String>,
    /// Its own server.
    pub host: String,
}

/// A server that is followed.
#[derive(Debug, Clone)]
pub struct Followed {
    /// The id forms send.
    pub id: String,
    /// Its name.
    pub host: String,
    /// Where the follow stands, in words.
    pub state: String,
    /// The way its meetups are taken: one of the values of `meetups`.
    pub way: String,
}

/// A server that follows this one, or asks to.
#[derive(Debug, Clone)]
pub struct Follower {
    /// The id forms send.
    pub id: String,
    /// `@relay@oak.example`.
    pub name: String,
    /// Whether it was let.
    pub accepted: bool,
}
