//! What people want to hear of a conversation. Nobody else ever reads it.

use crate::{DbConn, Result, Time, Tx, schema::thread_choices};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    id::{AccountId, PostId},
    notice,
};

row! {
    /// Somebody follows a conversation, or wants to hear nothing of it.
    ThreadChoice in thread_choices {
        /// Whose choice.
        account_id: AccountId as i64,
        /// The post that the conversation began with.
        root_id: PostId as i64,
        /// What they chose.
        choice: notice::ThreadChoice as String,
        /// Since when.
        chosen_at: Time,
    }
}

/// What an account chose.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, account: AccountId, root: PostId) -> Result<Option<notice::ThreadChoice>> {
    let found = thread_choices::table.find((account.get(), root.get())).select(ThreadChoice::as_select());
    Ok(found.first(connection).optional()?.map(|row| row.choice))
}

/// What was chosen for a conversation.
///
/// # Errors
/// Database errors.
pub fn of_thread(connection: &mut DbConn, root: PostId) -> Result<Vec<ThreadChoice>> {
    Ok(thread_choices::table
        .filter(thread_choices::root_id.eq(root.get()))
        .order(thread_choices::account_id)
        .select(ThreadChoice::as_select())
        .load(connection)?)
}

/// Takes a choice back.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, account: AccountId, root: PostId) -> Result<()> {
    diesel::delete(thread_choices::table.find((account.get(), root.get()))).execute(&mut **tx)?;
    Ok(())
}

/// Forgets what was chosen for a conversation that is gone.
///
/// # Errors
/// Database errors.
pub fn forget(tx: &mut Tx<'_>, root: PostId) -> Result<()> {
    diesel::delete(thread_choices::table.filter(thread_choices::root_id.eq(root.get()))).execute(&mut **tx)?;
    Ok(())
}
