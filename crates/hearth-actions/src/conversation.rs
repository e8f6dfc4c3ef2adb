//! What somebody wants to hear of a conversation: whatever is said in it, nothing any more, or, as usual, what answers or
//! names them. Nobody else ever learns of it.

use crate::{ActionError, App, Result, account, block, moderation};
use hearth_db::{
    DbConn,
    tables::{
        posts::Thread,
        thread_choices::{self, ThreadChoice},
    },
    views::visible::Reader,
};
use hearth_domain::{
    id::{AccountId, PostId},
    notice,
};

/// The spelling of having chosen nothing.
pub const USUAL: &str = "usual";

/// The conversation that a post or reply is in, for somebody who may read it.
fn begun_by(connection: &mut DbConn, account: AccountId, post: PostId) -> Result<PostId> {
    account::require_active(connection, account)?;
    let found = moderation::find(connection, account, post)?;
    let reader = Reader::account(connection, account)?;
    if block::hides(connection, Some(account), &reader, &found)? {
        return Err(ActionError::NotFound);
    }
    match found.thread() {
        Thread::Post(_) if found.deleted_at.is_some() => Err(ActionError::Gone),
        Thread::Post(root) => Ok(root),
        Thread::Event(_) => Err(ActionError::Conflict("What is said about a meetup is told to its hosts.")),
    }
}

/// Chooses what to hear of the conversation that a post or reply is in: `follow`, `mute` or `usual`. Returns its first
/// post.
///
/// # Errors
/// `NotFound`, `Gone`, `Conflict` for what is said about a meetup, `Invalid`, `Denied` when the account may not act.
pub fn choose(app: &App, account: AccountId, post: PostId, choice: &str) -> Result<PostId> {
    let choice: Option<notice::ThreadChoice> = match choice {
        USUAL => None,
        word => {
            let unknown = |_| ActionError::field("choice", "Choose follow, mute or usual.");
            Some(word.parse().map_err(unknown)?)
        }
    };
    app.db.write(|tx| {
        let root = begun_by(tx, account, post)?;
        thread_choices::delete(tx, account, root)?;
        if let Some(choice) = choice {
            ThreadChoice { account_id: account, root_id: root, choice, chosen_at: app.now() }.insert(tx)?;
        }
        Ok(root)
    })
}

/// What an account chose for the conversation that a post or reply is in.
///
/// # Errors
/// As [`choose`].
pub fn choice(connection: &mut DbConn, account: AccountId, post: PostId) -> Result<Option<notice::ThreadChoice>> {
    let root = begun_by(connection, account, post)?;
    Ok(thread_choices::get(connection, account, root)?)
}
