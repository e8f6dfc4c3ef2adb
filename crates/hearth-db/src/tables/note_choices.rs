//! What a person wants to happen to what carries a content note. Nobody else ever reads it.

use crate::{DbConn, Result, Tx, schema::note_choices};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    id::{AccountId, ActorId},
    note,
};

row! {
    /// A choice for one topic in one group.
    NoteChoice in note_choices {
        /// The account.
        account_id: AccountId as i64,
        /// The group.
        group_id: ActorId as i64,
        /// The topic.
        topic: String,
        /// What happens to it.
        choice: note::NoteChoice as String,
    }
}

/// All choices of an account.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<NoteChoice>> {
    Ok(note_choices::table
        .filter(note_choices::account_id.eq(account.get()))
        .order((note_choices::group_id, note_choices::topic))
        .select(NoteChoice::as_select())
        .load(connection)?)
}

/// Forgets what an account chose in a group.
///
/// # Errors
/// Database errors.
pub fn clear(tx: &mut Tx<'_>, account: AccountId, group: ActorId) -> Result<()> {
    let own = note_choices::table.filter(note_choices::account_id.eq(account.get()));
    diesel::delete(own.filter(note_choices::group_id.eq(group.get()))).execute(&mut **tx)?;
    Ok(())
}
