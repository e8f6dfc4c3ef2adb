//! Conversations that fade: after the time their group chose they are gone for everybody, here and where they were sent.

use crate::{ActionError, App, Result, moderation::Scene, server::site};
use chrono::Duration;
use hearth_activitypub::moderation as wire;
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor},
        fadings::{self, Fading},
        groups,
        posts::{self, Post},
        removals, seals, talk_rules, thread_choices,
    },
};

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

fn fade(app: &App, tx: &mut Tx<'_>, post: Post) -> Result<()> {
    removals::delete(tx, post.id)?;
    seals::delete(tx, post.id)?;
    if post.local {
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
