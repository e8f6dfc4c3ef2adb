//! The front page for someone signed in: what is new since last time, with an end.

use askama::Template;

use super::{
    filters,
    parts::{EventCard, GroupLine, Pager, PostCard},
    shell::Shell,
};

/// `/` signed in.
#[derive(Debug, Clone, Template)]
#[template(path = "feed.html")]
pub struct FeedPage {
    /// The frame; its viewer is greeted by name.
    pub shell: Shell,
    /// One sentence under the greeting: "You’re up to date with everything before Friday." May be empty.
    pub lede: String,
    /// What waits for the reader among invitations and requests: "Somebody invites you." May be empty.
    pub waits_for: String,
    /// Conversations, newest first.
    pub posts: Vec<PostCard>,
    /// Meetups the reader said they come to.
    pub going: Vec<EventCard>,
    /// The next meetups of the reader's groups.
    pub coming_up: Vec<EventCard>,
    /// Groups the reader is a member of or follows.
    pub groups: Vec<GroupLine>,
    /// Older conversations.
    pub pager: Pager,
}
