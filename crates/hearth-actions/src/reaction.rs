//! "I hear you": told to who wrote it, and to nobody else.
//!
//! Must never be announced by a group, or counted for anybody but the author.

use crate::{
    ActionError, App, Result, moderation, persona,
    publish::{self, Outgoing},
    secret,
    server::site,
};
use hearth_activitypub::outbound;
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor},
        groups, personas,
        posts::{self, Post},
        reactions::{self, Reaction},
    },
};
use hearth_domain::{
    audience::{self, Receivers},
    id::{AccountId, ActorId, PostId},
    permission,
};
use url::Url;

/// Says to the author of a post that one heard them, or takes it back. Doing so twice changes nothing.
///
/// # Errors
/// `NotFound`, `Gone`, `Denied`, `Conflict` for what one wrote oneself, `Invalid` when the account is known in the group
/// by another name.
pub fn hear(app: &App, account: AccountId, post: PostId, persona: ActorId, yes: bool) -> Result<Post> {
    app.db.write(|tx| {
        let site = site(tx)?;
        let post = moderation::find(tx, account, post)?;
        if post.deleted_at.is_some() {
            return Err(ActionError::Gone);
        }
        if personas::owner(tx, post.author_id)? == Some(account) {
            return Err(ActionError::Conflict("That is what you wrote yourself."));
        }
        let persona = persona::for_group(tx, account, post.group_id, persona)?;
        permission::may_take_part(crate::post::standing_of(tx, post.group_id, persona.id)?)?;
        let before = reactions::get(tx, post.id, persona.id)?;
        match (before, yes) {
            (None, true) => {
                let id = publish::new_activity(app, &site);
                let ap_id = id.1.to_string();
                Reaction { post_id: post.id, actor_id: persona.id, ap_id, heard_at: app.now() }.insert(tx)?;
                tell(app, tx, &post, &persona, id, None)?;
            }
            (Some(before), false) => {
                reactions::delete(tx, post.id, persona.id)?;
                let undone = Url::parse(&before.ap_id).map_err(|_| ActionError::NotFound)?;
                tell(app, tx, &post, &persona, publish::new_activity(app, &site), Some(&undone))?;
            }
            _ => {}
        }
        Ok(post)
    })
}

/// Tells the author's server, if what they wrote went over the network at all.
fn tell(
    app: &App,
    tx: &mut Tx<'_>,
    post: &Post,
    persona: &Actor,
    id: (hearth_domain::id::ActivityId, Url),
    undone: Option<&Url>,
) -> Result<()> {
    let row = groups::by_id(tx, post.group_id)?.ok_or(ActionError::NotFound)?;
    let author = actors::by_id(tx, post.author_id)?.ok_or(ActionError::NotFound)?;
    let public = audience::audience(row.settings(), post.visibility).receivers == Receivers::Followers;
    if author.local || !public {
        return Ok(());
    }
    actors::put_on_network(tx, persona.id, app.now())?;
    let like = |id: &Url| outbound::like(id, persona.ap_id.url(), author.ap_id.url(), post.ap_id.url());
    let (kind, body) = match undone {
        None => ("Like", like(&id.1)),
        Some(undone) => ("Undo", outbound::undo(&id.1, persona.ap_id.url(), like(undone))),
    };
    let object = post.ap_id.as_str();
    Outgoing { id, kind, signer: persona, object, body: body.to_string() }.send(app, tx, &author)
}

/// Somebody elsewhere heard something that was written here. `false` when it is of no concern here: only what is written
/// here has an author here who could be told.
pub(crate) fn received(app: &App, tx: &mut Tx<'_>, by: &Actor, activity: Option<&Url>, object: &Url) -> Result<bool> {
    let Some(post) = heard_here(tx, object)? else { return Ok(false) };
    if reactions::get(tx, post.id, by.id)?.is_some() {
        return Ok(true);
    }
    // Lists that a group relays in one go leave ids out.
    let named = activity.map(Url::to_string);
    let ap_id = named
        .unwrap_or_else(|| format!("#{}", secret::hash(&format!("{} {}", post.ap_id.as_str(), by.ap_id.as_str()))));
    if reactions::by_ap_id(tx, &ap_id)?.is_some() {
        return Ok(false);
    }
    Reaction { post_id: post.id, actor_id: by.id, ap_id, heard_at: app.now() }.insert(tx)?;
    Ok(true)
}

/// They take it back: by what it was about, or by its id alone.
pub(crate) fn received_undo(tx: &mut Tx<'_>, by: &Actor, activity: Option<&Url>, object: Option<&Url>) -> Result<bool> {
    if let Some(object) = object {
        return match posts::by_ap_id(tx, object.as_str())? {
            Some(post) => Ok(reactions::delete(tx, post.id, by.id)?),
            None => Ok(false),
        };
    }
    let known = match activity {
        Some(id) => reactions::by_ap_id(tx, id.as_str())?.filter(|known| known.actor_id == by.id),
        None => None,
    };
    match known {
        Some(known) => Ok(reactions::delete(tx, known.post_id, by.id)?),
        None => Ok(false),
    }
}

/// A post that was written here and is there for everybody.
fn heard_here(tx: &mut Tx<'_>, object: &Url) -> Result<Option<Post>> {
    let Some(post) = posts::by_ap_id(tx, object.as_str())?.filter(|post| post.local && post.deleted_at.is_none())
    else {
        return Ok(None);
    };
    let row = groups::by_id(tx, post.group_id)?.ok_or(ActionError::NotFound)?;
    let public = audience::audience(row.settings(), post.visibility).receivers == Receivers::Followers;
    Ok(Some(post).filter(|_| public))
}
