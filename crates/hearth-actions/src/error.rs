//! Why an action was not done. Nothing was written then.

use crate::form::FieldProblem;
use hearth_db::DbError;
use hearth_domain::Denied;

/// Why an action was not done.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The server is not set up yet.
    #[error("this server is not set up yet")]
    NotSetUp,
    /// There is no such thing, or it is not for whoever asks: the two can't be told apart.
    #[error("there is nothing here, or it is only for members")]
    NotFound,
    /// It was there and is gone.
    #[error("this was removed")]
    Gone,
    /// A rule says no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// What was typed can't be taken; each problem names its field.
    #[error("some of what was typed can't be taken")]
    Invalid(Vec<FieldProblem>),
    /// It is there already, or changed meanwhile.
    #[error("{0}")]
    Conflict(&'static str),
    /// It was tried too often.
    #[error("it was tried too often")]
    TooOften {
        /// How long to wait.
        wait: chrono::Duration,
    },
    /// A received activity is not believed.
    #[error("{0}")]
    NotBelieved(&'static str),
    /// Something must be fetched from another server before this can be decided.
    #[error("something must be fetched first")]
    Needs(Missing),
    /// The system can't make keys.
    #[error("the system can't make keys now")]
    NoKeys,
    /// The disk is full: nothing that adds much is taken.
    #[error("there is no room for anything new")]
    ShortOfRoom,
    /// The database failed.
    #[error(transparent)]
    Database(DbError),
}

/// What must be fetched before a received activity can be decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// An actor.
    Actor(url::Url),
    /// A post, reply or meetup, from where it was written.
    Object(url::Url),
    /// Whether this is really gone where it was written.
    Absence(url::Url),
    /// Who stands in this list of a group's moderators.
    Moderators(url::Url),
    /// What this server runs.
    Software(String),
}

/// What actions return.
pub type Result<T, E = ActionError> = std::result::Result<T, E>;

impl From<DbError> for ActionError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Duplicate => Self::Conflict("it is there already"),
            other => Self::Database(other),
        }
    }
}

impl ActionError {
    /// One problem with one field.
    #[must_use]
    pub fn field(field: &'static str, sentence: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldProblem { field, sentence: sentence.into() }])
    }
}
