//! The SQL twin of `hearth_domain::audience`, for lists: which rows a reader may see.
//!
//! `includes` is for one row that is already loaded; the two macros are for queries. Every reading of posts and
//! meetups uses one of the three; a test goes through every setting and holds them together.

use crate::{
    DbConn, Result,
    tables::{groups::Group, memberships},
};
use hearth_domain::{
    audience::{self, Viewer, Visibility},
    id::{AccountId, ActorId},
    membership::{Role, Standing, State},
};

/// Who is reading: an account with the groups it is a member of, or nobody in particular.
#[derive(Debug, Clone, Default)]
pub struct Reader {
    standings: Vec<(ActorId, Standing)>,
}

impl Reader {
    /// Somebody who is not signed in.
    #[must_use]
    pub const fn anybody() -> Self {
        Self { standings: Vec::new() }
    }

    /// Whoever is a member of this group, and of no other: in whose place a server of members reads it.
    #[must_use]
    pub fn member(group: ActorId) -> Self {
        Self { standings: vec![(group, Standing::Member(Role::Member))] }
    }

    /// An account, with all its memberships.
    ///
    /// # Errors
    /// Database errors.
    pub fn account(connection: &mut DbConn, account: AccountId) -> Result<Self> {
        let rows = memberships::all_of_account(connection, account)?;
        Ok(Self { standings: rows.into_iter().map(|row| (row.group_id, Standing::of(row.role, row.state))).collect() })
    }

    /// What the reader is to a group. Retiring a persona does not end its memberships.
    #[must_use]
    pub fn standing(&self, group: ActorId) -> Standing {
        self.standings.iter().find(|(id, _)| *id == group).map_or(Standing::Stranger, |(_, standing)| *standing)
    }

    /// Groups of which the reader is a member.
    #[must_use]
    pub fn member_of(&self) -> Vec<ActorId> {
        self.standings.iter().filter(|(_, standing)| standing.is_member()).map(|(id, _)| *id).collect()
    }

    /// Whether the reader may see a thing of this group.
    #[must_use]
    pub fn includes(&self, group: &Group, visibility: Visibility) -> bool {
        audience::audience(group.settings(), visibility).includes(Viewer::Person(self.standing(group.actor_id)))
    }

    /// The numbers the macros bind.
    pub(crate) fn member_numbers(&self) -> Vec<i64> {
        self.standings.iter().filter(|(_, standing)| standing.is_member()).map(|(id, _)| id.get()).collect()
    }
}

/// Standing of a membership row, for callers that have one.
#[must_use]
pub const fn standing(state: State, role: Role) -> Standing {
    Standing::of(role, state)
}

/// A filter on a table with `group_id` and `visibility`: what `$reader` may see.
macro_rules! visible {
    ($table:ident, $reader:expr) => {{
        use crate::schema::{groups, $table};
        use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _};
        let public = groups::table.filter(groups::readable.eq("public")).select(groups::actor_id);
        $table::visibility
            .eq("public")
            .and($table::group_id.eq_any(public))
            .or($table::group_id.eq_any($reader.member_numbers()))
    }};
}
pub(crate) use visible;
