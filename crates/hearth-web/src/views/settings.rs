//! What a person decides about themselves: names, reading, discretion, password, devices.
//!
//! Must never be shown to anyone but the account's owner: it is the one place where names stand together.

use askama::Template;

use super::{
    FieldErrors, filters,
    parts::Choice,
    shell::{Shell, TextSize, Theme},
};

/// `/settings`: each part saves on its own.
#[derive(Debug, Clone, Template)]
#[template(path = "settings.html")]
pub struct SettingsPage {
    /// The frame.
    pub shell: Shell,
    /// The account's names.
    pub names: Vec<OwnName>,
    /// `theme`
    pub theme: Theme,
    /// `text_size`
    pub text_size: TextSize,
    /// `notes_open`: whether content notes are shown open.
    pub notes_open: bool,
    /// `discreet`: whether titles are discreet.
    pub discreet: bool,
    /// `exit_signs_out`: whether "Leave quickly" ends the session.
    pub exit_signs_out: bool,
    /// `exit`: where "Leave quickly" leads.
    pub exit: String,
    /// Pages that "Leave quickly" can lead to.
    pub exits: Vec<Choice>,
    /// Where the account is signed in.
    pub sessions: Vec<Session>,
    /// What is wrong with the part that was sent.
    pub errors: FieldErrors,
}

/// One of the account's own names.
#[derive(Debug, Clone)]
pub struct OwnName {
    /// The id forms send.
    pub id: String,
    /// The name.
    pub name: String,
    /// The pebble's colour, 1 to 8.
    pub hue: u8,
    /// Where it is used: "Tuesday Lamp, Night Owls". May be empty.
    pub used_in: String,
    /// Whether it was put away for good.
    pub retired: bool,
}

/// A device that is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    /// The id forms send.
    pub id: String,
    /// "Firefox on Android, used today".
    pub words: String,
    /// Whether it is this one.
    pub current: bool,
}

/// `/settings/names`.
#[derive(Debug, Clone, Template)]
#[template(path = "names.html")]
pub struct NamesPage {
    /// The frame.
    pub shell: Shell,
    /// The account's names.
    pub names: Vec<OwnName>,
    /// What was typed as the new `name`.
    pub new_name: String,
    /// What is wrong: `name` for a new one, `rename-{id}` for one that is there.
    pub errors: FieldErrors,
}
