//! Pages for when something does not work: what happened, then what can be done.
//!
//! The page for "nothing here" and for "not for you" is one and the same, byte for byte.

use askama::Template;

use super::{filters, parts::HelpBox, shell::Shell};

/// A page in place of the one that was asked for.
#[derive(Debug, Clone, Template)]
#[template(path = "problem.html")]
pub struct ProblemPage {
    /// The frame; [`ProblemPage::new`] sets its title.
    pub shell: Shell,
    /// What went wrong.
    pub problem: Problem,
    /// The helpline panel.
    pub help: HelpBox,
}

impl ProblemPage {
    /// The page for `problem`, titled with its heading.
    #[must_use]
    pub fn new(mut shell: Shell, problem: Problem, help: HelpBox) -> Self {
        problem.heading().clone_into(&mut shell.title);
        Self { shell, problem, help }
    }
}

/// What went wrong, as people are told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// 404: nothing there, or only for members.
    NothingHere,
    /// 410: it was there, and was removed.
    Gone,
    /// 403: the form did not come from one of our pages, or the session ended.
    FormRefused,
    /// 403: the reader is signed in and may not do this; a sentence that says why.
    NotAllowed(String),
    /// 422: what was sent makes no sense and has no form to go back to; a sentence.
    NotUnderstood(String),
    /// 413: larger than any form of ours; nothing of it was kept.
    TooLarge,
    /// 429: too many tries; when to come back: "in about a minute".
    TooMany(String),
    /// 500: our fault; the reference number for the keeper.
    Broken(String),
    /// 507: the disk is full.
    NoRoom,
    /// 503: stopping, starting or overloaded.
    Away,
}

impl Problem {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::NothingHere => 404,
            Self::Gone => 410,
            Self::FormRefused | Self::NotAllowed(_) => 403,
            Self::NotUnderstood(_) => 422,
            Self::TooLarge => 413,
            Self::TooMany(_) => 429,
            Self::Broken(_) => 500,
            Self::NoRoom => 507,
            Self::Away => 503,
        }
    }

    /// The heading.
    #[must_use]
    pub fn heading(&self) -> &'static str {
        match self {
            Self::NothingHere => "Nothing here, or only for members",
            Self::Gone => "This was removed",
            Self::FormRefused => "That form could not be sent",
            Self::NotAllowed(_) => "That isn’t possible here",
            Self::NotUnderstood(_) => "We couldn’t make sense of that",
            Self::TooLarge => "That is too much for one form",
            Self::TooMany(_) => "Let’s wait a minute",
            Self::Broken(_) => "Something went wrong on our side",
            Self::NoRoom => "There is no room for this at the moment",
            Self::Away => "Back in a moment",
        }
    }
}
