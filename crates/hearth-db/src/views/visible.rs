//! The SQL twin of `hearth_domain::audience`, for lists: which rows a reader may see.
//!
//! `includes` is for one row that is already loaded; the two macros are for queries. Every reading of posts and
//! meetups uses one of the three; a test goes through every setting and holds them together.

use crate::{
    DbConn, Result,
    tables::{
        emergency_access,
        groups::Group,
        memberships,
        note_choices::{self, NoteChoice},
        posts::Post,
    },
};
use hearth_domain::{
    audience::{self, Viewer, Visibility},
    id::{AccountId, ActorId},
    membership::{Role, Standing, State},
    note::{self, Folding},
};

/// Who is reading: an account with the groups it is a member of, or nobody in particular.
#[derive(Clone, Default)]
pub struct Reader {
    standings: Vec<(ActorId, Standing)>,
    notes: Vec<NoteChoice>,
    account: Option<AccountId>,
}

impl Reader {
    /// Somebody who is not signed in.
    #[must_use]
    pub const fn anybody() -> Self {
        Self { standings: Vec::new(), notes: Vec::new(), account: None }
    }

    /// Whoever is a member of this group, and of no other: in whose place a server of members reads it.
    #[must_use]
    pub fn member(group: ActorId) -> Self {
        Self { standings: vec![(group, Standing::Member(Role::Member))], notes: Vec::new(), account: None }
    }

    /// An account, with all its memberships.
    ///
    /// # Errors
    /// Database errors.
    pub fn account(connection: &mut DbConn, account: AccountId) -> Result<Self> {
        let mut rows = memberships::all_of_account(connection, account)?;
        // That one persona is kept out of a group holds for the account: it counts first.
        rows.sort_by_key(|row| row.state != State::Banned);
        Ok(Self {
            standings: rows.into_iter().map(|row| (row.group_id, Standing::of(row.role, row.state))).collect(),
            notes: note_choices::of_account(connection, account)?,
            account: Some(account),
        })
    }

    /// An account that looks at a page: with all its memberships, and what a keeper reads in an emergency. For showing
    /// only: no action asks this reader, so that such a keeper can do nothing there.
    ///
    /// # Errors
    /// Database errors.
    pub fn looking(connection: &mut DbConn, account: AccountId) -> Result<Self> {
        let mut reader = Self::account(connection, account)?;
        for group in emergency_access::open_to(connection, account)? {
            if !reader.standing(group).is_member() {
                reader.standings.retain(|(id, _)| *id != group);
                reader.standings.push((group, Standing::Member(Role::Member)));
            }
        }
        Ok(reader)
    }

    /// What the reader is to a group. Retiring a persona does not end its memberships.
    #[must_use]
    pub fn standing(&self, group: ActorId) -> Standing {
        self.standings.iter().find(|(id, _)| *id == group).map_or(Standing::Stranger, |(_, standing)| *standing)
    }

    /// Groups of which the reader is a member.
    #[must_use]
    pub fn member_of(&self) -> Vec<ActorId> {
        self.standings.iter().map(|(id, _)| *id).filter(|id| self.standing(*id).is_member()).collect()
    }

    /// Whether the reader may see a thing of this group.
    #[must_use]
    pub fn includes(&self, group: &Group, visibility: Visibility) -> bool {
        audience::audience(group.settings(), visibility).includes(Viewer::Person(self.standing(group.actor_id)))
    }

    /// How the reader wants to be shown something that they may see. Taste, not permission: it opens nothing.
    #[must_use]
    pub fn folding(&self, post: &Post) -> Folding {
        self.folding_in(post.group_id, post.content_note.as_deref())
    }

    /// How the reader wants to be shown something of a group with this content note.
    #[must_use]
    pub fn folding_in(&self, group: ActorId, note: Option<&str>) -> Folding {
        let chosen = self.notes.iter().filter(|choice| choice.group_id == group);
        note::folding(note, chosen.map(|choice| (choice.topic.as_str(), choice.choice)))
    }

    /// The account, for what it muted and blocks; no id is negative.
    pub(crate) fn account_number(&self) -> i64 {
        self.account.map_or(-1, AccountId::get)
    }

    /// The groups that the reader looks after.
    pub(crate) fn cared_numbers(&self) -> Vec<i64> {
        let cared = self.standings.iter().filter(|(_, standing)| standing.at_least(Role::Facilitator));
        cared.map(|(id, _)| id.get()).collect()
    }

    /// The numbers the macros bind.
    pub(crate) fn member_numbers(&self) -> Vec<i64> {
        self.member_of().into_iter().map(ActorId::get).collect()
    }
}

/// A filter on posts: what `$reader` may see and wants to. Whom they muted is left out, and on both sides of a block what
/// was written after it; but those who look after a group see everything in it. Taste, never permission: it opens nothing.
macro_rules! wanted {
    ($reader:expr) => {{
        use crate::schema::{blocks, mutes, personas, posts};
        use diesel::{
            BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _,
            dsl::{exists, not},
        };
        let account = $reader.account_number();
        let own = || personas::table.filter(personas::account_id.eq(account)).select(personas::actor_id);
        let muted = mutes::table.filter(mutes::account_id.eq(account)).select(mutes::actor_id);
        let since = || blocks::table.filter(blocks::blocked_at.le(posts::created_at));
        let by_author = since().filter(blocks::by_id.eq(posts::author_id)).filter(blocks::whom_id.eq_any(own()));
        let of_author = since().filter(blocks::whom_id.eq(posts::author_id)).filter(blocks::by_id.eq_any(own()));
        posts::author_id
            .ne_all(muted)
            .and(posts::group_id.eq_any($reader.cared_numbers()).or(not(exists(by_author)).and(not(exists(of_author)))))
    }};
}
pub(crate) use wanted;

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
