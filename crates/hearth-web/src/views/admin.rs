//! For keepers: letting people in, and inviting them.

use askama::Template;

use super::{FieldErrors, filters, shell::Shell};

/// `/admin/people`.
#[derive(Debug, Clone, Template)]
#[template(path = "admin_people.html")]
pub struct AdminPeoplePage {
    /// The frame.
    pub shell: Shell,
    /// Who asked to join, oldest first.
    pub waiting: Vec<JoinRequest>,
    /// Invitations that can still be used.
    pub invitations: Vec<Invitation>,
    /// The address of an invitation that was just made, to copy; shown once.
    pub new_invitation: Option<String>,
    /// What was typed.
    pub values: InvitationValues,
    /// What is wrong with it.
    pub errors: FieldErrors,
}

/// Someone who asked to join.
#[derive(Debug, Clone)]
pub struct JoinRequest {
    /// The id forms send.
    pub id: String,
    /// The name they chose.
    pub name: String,
    /// What they wrote. May be empty.
    pub hello: String,
    /// When, in words.
    pub when: String,
}

/// An invitation that can still be used.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// "Once, until 3 December".
    pub words: String,
}

/// The form of a new invitation.
#[derive(Debug, Clone, Default)]
pub struct InvitationValues {
    /// `uses`: how often it can be used.
    pub uses: String,
    /// `days`: for how long.
    pub days: String,
}
