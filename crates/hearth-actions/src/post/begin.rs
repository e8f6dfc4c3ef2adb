//! Beginning a conversation, for what is written now and for what was planned: one way, so that the same is asked of both.
//!
//! Must never be called before it is known whose form or plan it is.

use super::{Place, kept, speaker, standing_of, visible_group, write_here};
use crate::{App, Result, agreement, care, persona, seal, server::site};
use hearth_db::{
    DbConn, Tx,
    tables::{actors::Actor, groups::Group, posts::Post},
};
use hearth_domain::{
    audience::Visibility,
    id::{AccountId, ActorId, PostId},
    permission,
    post::PostDraft,
};

/// What begins a conversation, checked and cleaned.
pub(crate) struct Beginning {
    /// The persona that writes.
    pub persona: ActorId,
    /// Its words, and for whom.
    pub draft: PostDraft,
    /// Whether it is to stand without the name.
    pub unnamed: bool,
    /// Keys for the notices of the group, where they may be needed.
    pub keys: Option<crate::KeyPair>,
}

/// Where a conversation is to begin, and by whom.
pub(crate) struct Beginner {
    pub group: Actor,
    pub settings: Group,
    pub author: Actor,
}

/// A group that an account may see, and the persona by which it is known there.
pub(crate) fn beginner(
    connection: &mut DbConn,
    account: AccountId,
    group: ActorId,
    persona: ActorId,
) -> Result<Beginner> {
    let (group, settings) = visible_group(connection, account, group)?;
    let author = persona::for_group(connection, account, group.id, persona)?;
    Ok(Beginner { group, settings, author })
}

/// Whether a conversation may begin there now; if so for whom it is, and whether without the name.
pub(crate) fn may_begin(
    app: &App,
    connection: &mut DbConn,
    account: AccountId,
    place: &Beginner,
    plan: &Beginning,
) -> Result<(Visibility, bool)> {
    let Beginner { group, settings, author } = place;
    let standing = standing_of(connection, group.id, author.id)?;
    permission::may_post(settings.settings(), standing)?;
    care::may_write(app, connection, group, author.id)?;
    care::not_too_often(app, connection, account, standing)?;
    agreement::require(connection, group, author.id, standing)?;
    let visibility = kept(group, settings, standing, plan.draft.visibility)?;
    let unnamed = seal::decide(connection, account, group, None, standing, plan.unnamed)?;
    Ok((visibility, unnamed))
}

/// Begins a conversation inside a larger action.
pub(crate) fn begin(
    app: &App,
    tx: &mut Tx<'_>,
    account: AccountId,
    beginner: Beginner,
    plan: &Beginning,
    id: PostId,
) -> Result<Post> {
    let (visibility, unnamed) = may_begin(app, tx, account, &beginner, plan)?;
    let site = site(tx)?;
    let Beginner { group, settings, author } = beginner;
    let place = Place { group, settings, parent: None, root: None, event: None };
    let speaker = speaker(app, tx, &site, &place, (account, author), unnamed, plan.keys.as_ref())?;
    write_here(app, tx, &site, place, speaker, PostDraft { visibility, ..plan.draft.clone() }, id)
}
