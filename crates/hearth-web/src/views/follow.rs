//! Following a group of this server from another one.
//!
//! The handler must answer with `protect::FOLLOW_POLICY`, and must not keep what is typed.

use askama::Template;

use super::{FieldErrors, filters, parts::Door, shell::Shell};

/// `/follow?uri=`: four plain choices.
#[derive(Debug, Clone, Template)]
#[template(path = "follow.html")]
pub struct FollowPage {
    /// The frame.
    pub shell: Shell,
    /// The group's name.
    pub name: String,
    /// Its door.
    pub door: Door,
    /// Its page here.
    pub href: String,
    /// Its id on the network, sent along in the hidden field `uri`.
    pub uri: String,
    /// Its address to copy: `@tuesday-lamp@hearth.larkwater.example`.
    pub handle: String,
    /// Whether new people can ask to join here.
    pub can_join: bool,
    /// What was typed as `home`.
    pub home: String,
    /// What is wrong with it: the lookup failed, or it is no address.
    pub errors: FieldErrors,
}
