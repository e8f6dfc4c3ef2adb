//! What a followed group, or one of its conversations, lists: read to know what was missed (profile 9.1). The same is
//! believed as if the group had relayed it: what its own server says, and nothing else. What is known already is not
//! asked for again; a later edit of it is taken over.
//!
//! Must never: tell anybody here of it as of something new, or take over what no group here holds.

use super::{Door, Evidence, Outcome, meetups, posts, proofs::Proven, refuse_blocked};
use crate::{
    ActionError, App, Result,
    error::Missing,
    server::{Site, site},
};
use hearth_activitypub::Document;
use hearth_db::{
    Tx,
    tables::{
        actors::Actor,
        events::{self, Event},
        follows,
        posts::{self as post_rows, Post},
    },
};
use url::Url;

/// Something that is listed.
pub(crate) struct Listed<'a> {
    /// Its id.
    pub id: &'a Url,
    /// The document, where the list holds it and lies on the server of that document.
    pub own_word: Option<&'a Document>,
    /// When the list says that it was changed, whoever says so.
    pub updated: Option<chrono::DateTime<chrono::Utc>>,
    /// Whether only answers are taken: from the list of a conversation.
    pub answers_only: bool,
}

/// What is known of something already.
enum Known {
    Post(Box<Post>),
    Event(Box<Event>),
}

/// Applies one thing of a list. `also` runs in the same transaction, with the document that was believed.
///
/// # Errors
/// `Needs` what must be fetched first; `NotBelieved`; database errors.
pub(crate) fn apply(
    app: &App,
    group: &Actor,
    listed: &Listed<'_>,
    evidence: &Evidence,
    also: impl Fn(&mut Tx<'_>, &Document, Outcome) -> Result<()>,
) -> Result<Outcome> {
    app.db.write(|tx| {
        let site: Site = site(tx)?;
        let host = refuse_blocked(tx, &group.host)?;
        if site.at.is_local(listed.id) {
            return Ok(Outcome::SeenBefore);
        }
        if !follows::anybody_here_follows(tx, group.id)? {
            return Ok(Outcome::Ignored("nobody here follows its group"));
        }
        let door = Door { app, site, signer: group, host, evidence, proven: Proven::default() };
        let known = known(tx, listed.id)?;
        if evidence.is_gone(listed.id) {
            return vanished(&door, tx, known.as_ref());
        }
        let Some(document) = listed.own_word.or_else(|| evidence.object(listed.id)) else {
            return match known {
                Some(known) if !is_news(&known, listed.updated) => Ok(Outcome::SeenBefore),
                _ => Err(ActionError::Needs(Missing::Object(listed.id.clone()))),
            };
        };
        let outcome = taken(&door, tx, listed, document, known)?;
        also(tx, document, outcome)?;
        Ok(outcome)
    })
}

fn known(tx: &mut Tx<'_>, id: &Url) -> Result<Option<Known>> {
    if let Some(post) = post_rows::by_ap_id(tx, id.as_str())? {
        return Ok(Some(Known::Post(Box::new(post))));
    }
    Ok(events::by_ap_id(tx, id.as_str())?.map(|event| Known::Event(Box::new(event))))
}

/// Whether something that is known here was changed after the last change that is known.
fn is_news(known: &Known, updated: Option<chrono::DateTime<chrono::Utc>>) -> bool {
    let (edited, deleted) = match known {
        Known::Post(post) => (post.edited_at, post.deleted_at),
        Known::Event(event) => (event.edited_at, event.deleted_at),
    };
    deleted.is_none() && updated.is_some_and(|at| edited.is_none_or(|before| at > before.utc()))
}

fn taken(
    door: &Door<'_>,
    tx: &mut Tx<'_>,
    listed: &Listed<'_>,
    document: &Document,
    known: Option<Known>,
) -> Result<Outcome> {
    match (document, known) {
        (Document::Post(post), Some(known @ Known::Post(_))) if is_news(&known, post.updated) => {
            posts::relayed_update(door, tx, post, door.signer)
        }
        (Document::Event(event), Some(known @ Known::Event(_))) if is_news(&known, event.updated) => {
            meetups::relayed(door, tx, event, door.signer)
        }
        (_, Some(_)) => Ok(Outcome::SeenBefore),
        (Document::Post(post), None) if listed.answers_only && post.in_reply_to.is_none() => {
            Ok(Outcome::Ignored("it answers nothing"))
        }
        (Document::Post(post), None) => posts::relayed(door, tx, post, door.signer),
        (Document::Event(event), None) => meetups::relayed(door, tx, event, door.signer),
        _ => Ok(Outcome::Ignored("this object has no meaning here")),
    }
}

/// Where it was written it is gone for good: so it is here.
fn vanished(door: &Door<'_>, tx: &mut Tx<'_>, known: Option<&Known>) -> Result<Outcome> {
    let now = door.app.now();
    match known {
        Some(Known::Post(post)) if !post.local && post.deleted_at.is_none() => post_rows::bury(tx, post.id, now)?,
        Some(Known::Event(event)) if !event.local && event.deleted_at.is_none() => events::bury(tx, event.id, now)?,
        _ => return Ok(Outcome::Ignored("it is gone")),
    }
    Ok(Outcome::Done)
}
