//! The one place where the pages make status codes of what went wrong.
//!
//! Must never tell a stranger whether a members-only thing exists, nor put anything anybody wrote into a log.

use crate::views::problem::Problem;
use hearth_actions::ActionError;
use hearth_db::DbError;
use hearth_domain::{
    Denied,
    clock::Entropy,
    id::{BadId, InvitationId},
};

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// An action or a reading failed.
    #[error(transparent)]
    Action(#[from] ActionError),
    /// A template could not be filled.
    #[error("a page could not be made")]
    Render(#[from] askama::Error),
    /// What was sent has no form to go back to.
    #[error("what was sent can't be read")]
    Unreadable(&'static str),
    /// What was sent is larger than any form.
    #[error("what was sent is too large")]
    TooLarge,
    /// The form came from another site.
    #[error("the form came from another site")]
    NotOurForm,
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::Action(error.into())
    }
}
impl From<BadId> for Failure {
    fn from(_: BadId) -> Self {
        Self::Action(ActionError::NotFound)
    }
}
impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        Self::Action(denied.into())
    }
}

/// There is nothing here, or it is for members only.
pub(crate) const fn nothing() -> Failure {
    Failure::Action(ActionError::NotFound)
}

/// The page in place of the one that was asked for. Logs what is our fault, once, with a number that the page shows.
pub(crate) fn problem(failure: &Failure, signed_in: bool, entropy: &dyn Entropy) -> Problem {
    match failure {
        Failure::Unreadable(words) => Problem::NotUnderstood((*words).to_owned()),
        Failure::TooLarge => Problem::TooLarge,
        Failure::NotOurForm => Problem::FormRefused,
        Failure::Render(_) => broken("template", entropy),
        Failure::Action(error) => of_action(error, signed_in, entropy),
    }
}

fn of_action(error: &ActionError, signed_in: bool, entropy: &dyn Entropy) -> Problem {
    match error {
        ActionError::NotFound => Problem::NothingHere,
        ActionError::Denied(denied) if signed_in => Problem::NotAllowed(denied_words(*denied).to_owned()),
        ActionError::Denied(_) => Problem::NothingHere,
        ActionError::Gone => Problem::Gone,
        ActionError::TooOften { wait } => Problem::TooMany(crate::limits::wait_words(*wait)),
        ActionError::Invalid(problems) => {
            Problem::NotUnderstood(problems.first().map(|problem| problem.sentence.clone()).unwrap_or_default())
        }
        ActionError::Conflict(words) => Problem::NotUnderstood((*words).to_owned()),
        ActionError::Database(DbError::Unavailable(_)) => {
            tracing::warn!("A page was not shown: the database can't answer now");
            Problem::Away
        }
        ActionError::ShortOfRoom => Problem::NoRoom,
        ActionError::NoKeys | ActionError::NotSetUp => Problem::Away,
        ActionError::Database(_) => broken("database", entropy),
        ActionError::NotBelieved(_) | ActionError::Needs(_) => broken("action", entropy),
    }
}

fn broken(class: &'static str, entropy: &dyn Entropy) -> Problem {
    let reference = InvitationId::random(entropy).to_string();
    tracing::error!(%reference, class, "A page could not be shown");
    Problem::Broken(reference)
}

/// Why somebody may not, in a sentence for them.
pub(crate) const fn denied_words(denied: Denied) -> &'static str {
    match denied {
        Denied::SignIn => "Sign in first.",
        Denied::AccountNotActive => "This account can’t do that at the moment. Ask whoever runs this place.",
        Denied::MembersOnly => "Only members of the group can do that. You can ask to join on its page.",
        Denied::FacilitatorsOnly => "Only the people who look after the group can do that.",
        Denied::OwnersOnly => "Only owners of the group can do that.",
        Denied::HostsOnly => "Only hosts of the group can do that.",
        Denied::AuthorOnly => "Only the person who wrote it can do that.",
        Denied::KeepersOnly => "Only the people who run this place can do that.",
        Denied::InvitationOnly => "People come in with an invitation here.",
        Denied::LastOwner => "You are the only one who holds this group. Hand it to somebody else first.",
        Denied::NotAboveThem => "That person looks after the group too. An owner can change that first.",
        Denied::Locked => "This conversation takes no more replies.",
        Denied::Archived => "This group is archived. Everything stays to be read, and nothing can be added.",
        Denied::Paused => "You can read here. Writing waits until your pause is over; your notices say until when.",
        Denied::MeetupClosed => "This meetup takes no more answers: it is over, or it was cancelled.",
    }
}
