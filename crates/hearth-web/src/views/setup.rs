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
    /// Time zones on offer.
    pub zones: Vec<Choice>,
    /// How new people come in.
    pub doors: Vec<Choice>,
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
    /// `zone`: the IANA name of the place's time zone.
    pub zone: String,
    /// `door`: how new people come in.
    pub door: String,
    /// The first helpline.
    pub line: SetupLine,
    /// `sign_in_name`: private, never shown.
    pub sign_in_name: String,
    /// `name`: the keeper's first persona.
    pub name: String,
}

/// The helpline being entered.
#[derive(Debug, Clone, Default)]
pub struct SetupLine {
    /// `line_name`
    pub name: String,
    /// `line_words`: what it is.
    pub words: String,
    /// `line_hours`: when it is open.
    pub hours: String,
    /// `line_reach`: a phone number.
    pub reach: String,
}
