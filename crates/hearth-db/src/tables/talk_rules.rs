//! What a group chose for its conversations. Without a row: the usual.

use crate::{DbConn, Result, Tx, schema::talk_rules};
use diesel::{OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{id::ActorId, note::SUGGESTED};

row! {
    /// How conversations of a group are held.
    TalkRules in talk_rules {
        /// The group.
        group_id: ActorId as i64,
        /// Topics of content notes, one a line.
        notes: String,
        /// Whether members can write without their name.
        unnamed: bool,
        /// After how many days a conversation is gone for everybody; none: never.
        fades_after: Option<i32>,
    }
}

impl TalkRules {
    /// What holds where nobody chose.
    #[must_use]
    pub fn usual(group_id: ActorId) -> Self {
        Self { group_id, notes: SUGGESTED.join("\n"), unnamed: true, fades_after: None }
    }

    /// The topics of content notes.
    pub fn topics(&self) -> impl Iterator<Item = &str> {
        self.notes.lines().filter(|topic| !topic.is_empty())
    }
}

/// What a group chose, or the usual.
///
/// # Errors
/// Database errors.
pub fn of(connection: &mut DbConn, group: ActorId) -> Result<TalkRules> {
    let row = talk_rules::table.find(group.get()).select(TalkRules::as_select()).first(connection).optional()?;
    Ok(row.unwrap_or_else(|| TalkRules::usual(group)))
}

/// Puts what a group chose in place of what it chose before.
///
/// # Errors
/// Database errors.
pub fn put(tx: &mut Tx<'_>, row: &TalkRules) -> Result<()> {
    diesel::delete(talk_rules::table.find(row.group_id.get())).execute(&mut **tx)?;
    row.insert(tx)
}
