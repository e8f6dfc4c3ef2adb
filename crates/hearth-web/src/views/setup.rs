//! The first run: from a one-time code to a place with a name, a helpline and a keeper.

use askama::Template;

use super::{FieldErrors, filters, parts::Choice, shell::Shell};

/// `/setup`: five short sections on one page.
#[derive(Debug, Clone, Template)]
#[template(path = "setup.html")]
pub struct SetupPage {
    /// The frame.
    pub shell: Shell,
    /// Pages that "Leave quickly" can lead to.
    pub exits: Vec<Choice>,
    /// What was typed (never the password).
    pub values: SetupValues,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// The fields of the set-up, but for the password.
#[derive(Debug, Clone, Default)]
pub struct SetupValues {
    /// `code`: printed where the server was started.
    pub code: String,
    /// `place`: the name of the place.
    pub place: String,
    /// `address`: the public address, set once.
    pub address: String,
    /// `run_by`: who runs it.
    pub run_by: String,
    /// `contact`: an e-mail address or a web page.
    pub contact: String,
    /// `exit`: where "Leave quickly" leads.
    pub exit: String,
    /// `line_name_1` … `line_reach_3`: three helplines, the first is required.
    pub lines: [SetupLine; 3],
    /// `sign_in_name`: private, never shown.
    pub sign_in_name: String,
    /// `name`: the keeper's first persona.
    pub name: String,
}

/// A helpline being entered.
#[derive(Debug, Clone, Default)]
pub struct SetupLine {
    /// `line_name_N`
    pub name: String,
    /// `line_words_N`: what it is and when it is open.
    pub words: String,
    /// `line_reach_N`: a phone number or a web address.
    pub reach: String,
}
