//! What can go wrong in this crate as a whole. The finer classes stand with what they are about.
//!
//! Must never: carry an address or text of another server, so that every error may be logged.

use crate::client::ClientError;
use hearth_actions::ActionError;

/// Why the door to other servers can't work now.
#[derive(Debug, thiserror::Error)]
pub enum FederationError {
    /// The server is not set up yet: it has no address and no keys.
    #[error("this server is not set up yet")]
    NotSetUp,
    /// The client for other servers can't be built.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// This server's own name or key can't be used.
    #[error("this server's own name or key can't be used")]
    OwnIdentity,
    /// An action failed, in practice because the database did.
    #[error(transparent)]
    Action(ActionError),
    /// The figures for Prometheus can't be made.
    #[error("the figures for Prometheus can't be made")]
    Metrics(#[from] prometheus::Error),
    /// A piece of work on the blocking pool panicked or was stopped.
    #[error("a piece of work was broken off")]
    BrokenOff,
}

impl From<ActionError> for FederationError {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::NotSetUp => Self::NotSetUp,
            other => Self::Action(other),
        }
    }
}

impl From<hearth_db::DbError> for FederationError {
    fn from(error: hearth_db::DbError) -> Self {
        Self::Action(error.into())
    }
}

impl FederationError {
    /// A stable word for a log or metric.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self {
            Self::NotSetUp => "not_set_up",
            Self::Client(_) => "client",
            Self::OwnIdentity => "own_identity",
            Self::Metrics(_) => "metrics",
            Self::Action(ActionError::Database(_)) => "database",
            Self::Action(_) => "action",
            Self::BrokenOff => "broken_off",
        }
    }
}
