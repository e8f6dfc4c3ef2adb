//! What a persona is to a group.

words! {
    /// A member's part in a group. Later ones include the powers of earlier ones.
    Role("role") {
        /// Reads and writes.
        Member = "member",
        /// Runs meetups.
        Host = "host",
        /// Holds the group: lets people in, looks after conversations.
        Facilitator = "facilitator",
        /// Answers for the group as a whole.
        Owner = "owner",
    }
}

words! {
    /// Where a membership stands. Leaving deletes the row: it leaves no trace.
    State("membership state") {
        /// Asked, not yet let in.
        Waiting = "waiting",
        /// A member.
        Active = "active",
        /// Kept out. What they ask is refused without a word about it.
        Banned = "banned",
    }
}

impl State {
    /// What the person is told: a ban looks like a request that waits.
    #[must_use]
    pub const fn told(self) -> Self {
        match self {
            Self::Banned => Self::Waiting,
            open => open,
        }
    }
}

words! {
    /// By which activity somebody of another server asked to be a member, and so which one the answer names.
    Asking("kind of request") {
        /// `Join` of the group.
        Join = "Join",
        /// `Follow` of a group that has no mere followers: all that Lemmy knows.
        Follow = "Follow",
    }
}

/// What somebody is to a group, as far as the rules care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Nobody in particular: not signed in, or no relation to the group.
    #[default]
    Stranger,
    /// Receives the public posts; neither reads more nor is counted as a member.
    Follower,
    /// Asked to join.
    Waiting,
    /// A member with this role.
    Member(Role),
    /// Kept out of the group.
    Banned,
}

impl Standing {
    /// The standing that a membership row gives.
    #[must_use]
    pub const fn of(role: Role, state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Active => Self::Member(role),
            State::Banned => Self::Banned,
        }
    }

    /// Whether this is a member, of any role.
    #[must_use]
    pub const fn is_member(self) -> bool {
        matches!(self, Self::Member(_))
    }

    /// Whether this person is kept out.
    #[must_use]
    pub const fn is_banned(self) -> bool {
        matches!(self, Self::Banned)
    }

    /// Whether this is a member with at least this role.
    #[must_use]
    pub fn at_least(self, role: Role) -> bool {
        matches!(self, Self::Member(own) if own >= role)
    }
}
