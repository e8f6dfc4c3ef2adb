//! Conversations that fade: after the time their group chose they are gone for everybody, here and where they were sent.
//! Who wrote something here under a name keeps a copy of their own words, which nobody else ever reads.
//!
//! Must never keep what was written without a name: the copy would say for good whose it was.

use crate::{ActionError, App, Result, account as accounts, moderation::Scene, server::site};
use chrono::Duration;
use hearth_activitypub::moderation as wire;
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor},
        faded_posts::{self, FadedPost},
        fadings::{self, Fading},
        groups, personas,
        posts::{self, Post},
        removals, seals, talk_rules, thread_choices,
    },
    views::After,
};
use hearth_domain::id::{AccountId, PostId};

/// Conversations that fade in one transaction.
const PART: i64 = 5;
/// What other servers are told about what they wrote themselves.
const REASON: &str = "Conversations in this group fade with time.";

/// A conversation begins in a group. Later changes of the group's mind are for later conversations.
pub(crate) fn begin(tx: &mut Tx<'_>, group: &Actor, post: &Post) -> Result<()> {
    if !group.local || !post.is_root() {
        return Ok(());
    }
    let Some(days) = talk_rules::of(tx, group.id)?.fades_after else { return Ok(()) };
    let fades_at = (post.created_at.utc() + Duration::days(days.into())).into();
    Ok(Fading { post_id: post.id, fades_at }.insert(tx)?)
}

/// Lets conversations go whose time has come. Returns how many. What is pinned stays for as long as it is.
///
/// # Errors
/// Database errors.
pub(crate) fn fade_due(app: &App, tx: &mut Tx<'_>) -> Result<usize> {
    let due = fadings::due(tx, app.now(), PART)?;
    for root in &due {
        for post in posts::of_thread(tx, posts::Thread::Post(*root))? {
            fade(app, tx, post)?;
        }
        fadings::delete(tx, *root)?;
        thread_choices::forget(tx, *root)?;
    }
    Ok(due.len())
}

/// Keeps the words for their author, who has them nowhere else.
fn keep(tx: &mut Tx<'_>, post: &Post) -> Result<()> {
    // What stands without a name is the group's notices' here, which is nobody's persona.
    if post.deleted_at.is_some() || personas::owner(tx, post.author_id)?.is_none() {
        return Ok(());
    }
    let group = actors::by_id(tx, post.group_id)?.ok_or(ActionError::NotFound)?;
    let kept = FadedPost {
        id: post.id,
        author_id: post.author_id,
        group_name: group.display_name,
        title: post.title.clone(),
        source: post.source.clone(),
        content_html: post.content_html.clone(),
        content_note: post.content_note.clone(),
        published_at: post.published_at,
    };
    Ok(kept.insert(tx)?)
}

/// What has faded of the account's own, newest first.
///
/// # Errors
/// `Denied` when the account may not act.
pub fn own(app: &App, account: AccountId, after: Option<After>, most: i64) -> Result<Vec<FadedPost>> {
    app.db.read(|c| {
        accounts::require_active(c, account)?;
        Ok(faded_posts::of_account(c, account, after, most)?)
    })
}

/// One of the account's own that has faded.
///
/// # Errors
/// `NotFound`, and `Denied` when the account may not act.
pub fn get(app: &App, account: AccountId, id: PostId) -> Result<FadedPost> {
    app.db.read(|c| {
        accounts::require_active(c, account)?;
        faded_posts::get(c, account, id)?.ok_or(ActionError::NotFound)
    })
}

/// Deletes the account's own copy of something that has faded: nothing of it is left then.
///
/// # Errors
/// `NotFound`, and `Denied` when the account may not act.
pub fn forget(app: &App, account: AccountId, id: PostId) -> Result<()> {
    app.db.write(|tx| {
        accounts::require_active(tx, account)?;
        if faded_posts::delete(tx, account, id)? { Ok(()) } else { Err(ActionError::NotFound) }
    })
}

fn fade(app: &App, tx: &mut Tx<'_>, post: Post) -> Result<()> {
    removals::delete(tx, post.id)?;
    seals::delete(tx, post.id)?;
    if post.local {
        keep(tx, &post)?;
        return crate::post::bury(app, tx, post).map(drop);
    }
    if post.deleted_at.is_some() {
        return Ok(());
    }
    let site = site(tx)?;
    let (group, row) = groups::with_actor(tx, post.group_id)?.ok_or(ActionError::NotFound)?;
    let author = actors::by_id(tx, post.author_id)?;
    posts::bury(tx, post.id, app.now())?;
    // The group says it itself: nobody in particular removed it.
    let scene = Scene::here(app, &site, &group, row.settings(), &group);
    let object = post.ap_id.url();
    scene.tell(tx, post.visibility, ("Delete", object), author.as_ref(), |deed| wire::remove(deed, object, REASON))
}
