//! Coming in: joining, waiting to be let in, signing in; and the page of a name.
//!
//! Must never say which part of a sign-in was wrong, nor connect one name with another.

use askama::Template;

use super::{FieldErrors, SafeHtml, filters, parts::HelpBox, shell::Shell};

/// `/join`.
#[derive(Debug, Clone, Template)]
#[template(path = "join.html")]
pub struct JoinPage {
    /// The frame.
    pub shell: Shell,
    /// How new people come in.
    pub door: JoinDoor,
    /// What was typed (never the password).
    pub values: JoinPageValues,
    /// What is wrong with it.
    pub errors: FieldErrors,
    /// Names that are free, where the one that was typed is not.
    pub free_names: Vec<String>,
}

/// How new people come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinDoor {
    /// At once.
    Open,
    /// The keeper reads each request.
    Approval,
    /// With an invitation code.
    Invitation,
    /// Not at the moment.
    Closed,
}

/// The fields of `/join`, but for the password.
#[derive(Debug, Clone, Default)]
pub struct JoinPageValues {
    /// `invitation`: the code on the card.
    pub invitation: String,
    /// `name`: the first persona's.
    pub name: String,
    /// `sign_in_name`: private, never shown.
    pub sign_in_name: String,
    /// `hello`: to whoever reads the request.
    pub hello: String,
    /// `agree` was ticked.
    pub agree: bool,
}

/// After asking to join, until someone has let the person in.
#[derive(Debug, Clone, Template)]
#[template(path = "join_waiting.html")]
pub struct JoinWaitingPage {
    /// The frame.
    pub shell: Shell,
    /// The name they asked under.
    pub name: String,
    /// The helpline panel.
    pub help: HelpBox,
}

/// `/sign-in`.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// The frame.
    pub shell: Shell,
    /// What was typed as `sign_in_name`.
    pub sign_in_name: String,
    /// Where to go afterwards, sent along as `next`: a local path that the handler checked. May be empty.
    pub next: String,
    /// What was typed before signing in was asked for, carried along as `kept.NAME`; its form's address is `kept_for`.
    pub kept: Vec<(String, String)>,
    /// The address of the form that `kept` is for. May be empty.
    pub kept_for: String,
    /// What is wrong: one sentence for every kind of wrong pair, under `sign_in_name`.
    pub errors: FieldErrors,
    /// Whether new people can ask to join.
    pub can_join: bool,
}

/// `/u/{name}`: a name, a pebble and words about oneself; nothing else.
#[derive(Debug, Clone, Template)]
#[template(path = "person.html")]
pub struct PersonPage {
    /// The frame.
    pub shell: Shell,
    /// The name.
    pub name: String,
    /// The pebble's colour, 1 to 8.
    pub hue: u8,
    /// The address on the network, once the persona has one.
    pub handle: Option<String>,
    /// The domain of their server, if it is not this one.
    pub from: Option<String>,
    /// Words about oneself, sanitised; `None` where the person keeps the page quiet.
    pub words: Option<SafeHtml>,
    /// Whether it is one of the reader's own names.
    pub you: bool,
}
