//! Relays (profile 8.5): servers that pass on what is public. There is none unless the keeper adds one. A relay is told of
//! public meetups of groups that want to be found, by this server's own actor; what it names is only a hint to look
//! there.
//!
//! Must never: tell a relay of a post, or believe it anything.

use crate::{
    ActionError, App, Result, account,
    error::Missing,
    publish::{self, Outgoing},
    received::{Door, Evidence, Outcome, relayed_by_group},
    server::{Site, site},
};
use hearth_activitypub::{
    Document, InboxActivity,
    activity::Reach,
    inbound::{ActivityKind, Announced, PostDocument, Received},
    outbound::{self, Announcer},
};
use hearth_db::{
    DbConn, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        events::{self, Event},
        follows, groups, posts,
        relays::{self, Relay, RelayState, RelayStyle},
    },
};
use hearth_domain::id::{AccountId, ActorId};
use url::Url;

/// Most things that one Announce of a relay hints at.
const HINTS: usize = 5;

/// Asks a relay to pass things on. `keeper` is who wants it; none for whoever has the command line. Asking again changes
/// nothing but how it is asked.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`; `Conflict` when it is no actor elsewhere that could be a relay.
pub fn subscribe(app: &App, keeper: Option<AccountId>, relay: ActorId, style: RelayStyle) -> Result<()> {
    app.db.write(|tx| {
        allowed(tx, keeper)?;
        let relay =
            actors::by_id(tx, relay)?.filter(|actor| actor.deleted_at.is_none()).ok_or(ActionError::NotFound)?;
        if relay.local || !matches!(relay.kind, ActorKind::Application | ActorKind::Service) {
            return Err(ActionError::Conflict("that is no relay: a relay is a server or a bot elsewhere"));
        }
        let site = site(tx)?;
        let id = publish::new_activity(app, &site);
        let row = Relay {
            actor_id: relay.id,
            style,
            state: RelayState::Asked,
            follow_ap_id: id.1.to_string(),
            created_at: app.now(),
        };
        relays::delete(tx, relay.id)?;
        row.insert(tx)?;
        let body = asking(&row, &site, &relay, &id.1)?.to_string();
        Outgoing { id, kind: "Follow", signer: &site.actor, object: relay.ap_id.as_str(), body }.send(app, tx, &relay)
    })
}

/// The Follow that asks a relay.
fn asking(row: &Relay, site: &Site, relay: &Actor, id: &Url) -> Result<serde_json::Value> {
    Ok(match row.style {
        RelayStyle::Mastodon => outbound::follow_everything(id, &site.at.server()),
        RelayStyle::LitePub => outbound::follow(id, &site.at.server(), relay.ap_id.url()),
    })
}

/// Leaves a relay.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`.
pub fn unsubscribe(app: &App, keeper: Option<AccountId>, relay: ActorId) -> Result<()> {
    app.db.write(|tx| {
        allowed(tx, keeper)?;
        let row = relays::get(tx, relay)?.ok_or(ActionError::NotFound)?;
        let actor = actors::by_id(tx, relay)?.ok_or(ActionError::NotFound)?;
        relays::delete(tx, relay)?;
        let site = site(tx)?;
        let asked = Url::parse(&row.follow_ap_id).map_err(|_| ActionError::NotFound)?;
        let id = publish::new_activity(app, &site);
        let body = outbound::undo(&id.1, &site.at.server(), asking(&row, &site, &actor, &asked)?).to_string();
        Outgoing { id, kind: "Undo", signer: &site.actor, object: actor.ap_id.as_str(), body }.send(app, tx, &actor)
    })
}

fn allowed(connection: &mut DbConn, keeper: Option<AccountId>) -> Result<()> {
    keeper.map_or(Ok(()), |keeper| account::require_keeper(connection, keeper).map(drop))
}

/// All relays with their actors, the oldest first.
///
/// # Errors
/// Database errors.
pub fn all(connection: &mut DbConn) -> Result<Vec<(Actor, Relay)>> {
    let mut found = Vec::new();
    for row in relays::all(connection)? {
        if let Some(actor) = actors::by_id(connection, row.actor_id)? {
            found.push((actor, row));
        }
    }
    Ok(found)
}

/// A relay answered. `false` when it is none that was asked.
pub(crate) fn received_answer(tx: &mut Tx<'_>, by: &Actor, id: Option<&Url>, yes: bool) -> Result<bool> {
    let Some(row) = relays::get(tx, by.id)? else { return Ok(false) };
    // Some name the Follow by nothing but themselves; a name that is there must be right.
    if id.is_some_and(|id| id.as_str() != row.follow_ap_id) {
        return Ok(false);
    }
    relays::set_state(tx, by.id, if yes { RelayState::Accepted } else { RelayState::Refused })?;
    Ok(true)
}

/// Whether an actor is a relay that may follow this server back.
pub(crate) fn may_follow_back(connection: &mut DbConn, follower: &Actor) -> Result<bool> {
    Ok(relays::get(connection, follower.id)?.is_some_and(|row| row.style == RelayStyle::LitePub))
}

/// Tells every relay of a meetup that is new, public, and of a group that wants to be found.
pub(crate) fn tell(app: &App, tx: &mut Tx<'_>, site: &Site, event: &Event, group: &Actor) -> Result<()> {
    if !group.discoverable {
        return Ok(());
    }
    for row in relays::all(tx)?.into_iter().filter(|row| row.state == RelayState::Accepted) {
        let Some(relay) = actors::by_id(tx, row.actor_id)?.filter(|actor| actor.deleted_at.is_none()) else { continue };
        let server = site.at.server();
        let by = Announcer { followers: site.at.followers(&server), actor: server, reach: Reach::Public, group: None };
        let id = publish::new_activity(app, site);
        let body = outbound::announce_object(&id.1, &by, event.ap_id.url(), app.clock.now()).to_string();
        let outgoing = Outgoing { id, kind: "Announce", signer: &site.actor, object: event.ap_id.as_str(), body };
        outgoing.send(app, tx, &relay)?;
    }
    Ok(())
}

/// What a relay names is looked at where it lives, and taken only where somebody here follows its group. `None` when
/// the signer is no relay.
pub(crate) fn hinted(door: &Door<'_>, tx: &mut Tx<'_>, announced: &[Announced]) -> Result<Option<Outcome>> {
    if !relays::get(tx, door.signer.id)?.is_some_and(|row| row.state == RelayState::Accepted) {
        return Ok(None);
    }
    let mut outcome = Outcome::Ignored("it holds nothing");
    for id in announced.iter().filter_map(named).take(HINTS) {
        outcome = hint(door, tx, id)?;
    }
    Ok(Some(outcome))
}

/// What an activity comes to that was signed by another than its actor: the relay whose key it is, and the object it is
/// about. `None` when the key is that of no relay which answered, or there is nothing to look at.
///
/// # Errors
/// Database errors.
pub fn forwarded(connection: &mut DbConn, key_id: &Url, activity: &InboxActivity) -> Result<Option<(Url, Url)>> {
    let Some(object) = inner_id(activity) else { return Ok(None) };
    for row in relays::all(connection)?.into_iter().filter(|row| row.state == RelayState::Accepted) {
        let relay = actors::by_id(connection, row.actor_id)?.filter(|actor| actor.deleted_at.is_none());
        if let Some(relay) = relay.filter(|relay| relay.public_key_id == key_id.as_str()) {
            return Ok(Some((relay.ap_id.url().clone(), object.clone())));
        }
    }
    Ok(None)
}

fn named(announced: &Announced) -> Option<&Url> {
    match announced {
        Announced::Id(id) => Some(id),
        Announced::Object(document) => id_of(document),
        Announced::Activity(inner) => inner_id(inner),
    }
}

fn inner_id(inner: &InboxActivity) -> Option<&Url> {
    match &inner.kind {
        ActivityKind::Create { object } | ActivityKind::Update { object } => match object {
            Received::Id(id) => Some(id),
            Received::Document(document) => id_of(document),
        },
        _ => None,
    }
}

fn id_of(document: &Document) -> Option<&Url> {
    match document {
        Document::Post(post) => Some(&post.id),
        Document::Event(event) => Some(&event.id),
        _ => None,
    }
}

fn hint(door: &Door<'_>, tx: &mut Tx<'_>, id: &Url) -> Result<Outcome> {
    let known = posts::by_ap_id(tx, id.as_str())?.is_some() || events::by_ap_id(tx, id.as_str())?.is_some();
    if known || door.site.at.is_local(id) {
        return Ok(Outcome::SeenBefore);
    }
    let evidence: &Evidence = door.evidence;
    if evidence.is_gone(id) {
        return Ok(Outcome::Ignored("it is gone"));
    }
    let Some(document) = evidence.object(id) else { return Err(ActionError::Needs(Missing::Object(id.clone()))) };
    match group_of(tx, document)? {
        Some(group) => relayed_by_group(door, tx, document, &group),
        None => Ok(Outcome::Ignored("nobody here follows its group")),
    }
}

/// The group that a fetched thing stands in, if its own server says so and somebody here follows it.
fn group_of(connection: &mut DbConn, document: &Document) -> Result<Option<Actor>> {
    let named = match document {
        Document::Event(event) => event.attributed_to.clone(),
        Document::Post(post) => match answered_group(connection, post)? {
            Some(group) => return followed(connection, group),
            None => post.audience.clone().filter(|group| group.origin() == post.id.origin()),
        },
        _ => None,
    };
    match named {
        Some(id) => match actors::by_ap_id(connection, id.as_str())? {
            Some(group) => followed(connection, group),
            None => Ok(None),
        },
        None => Ok(None),
    }
}

fn answered_group(connection: &mut DbConn, post: &PostDocument) -> Result<Option<Actor>> {
    let Some(parent) = &post.in_reply_to else { return Ok(None) };
    match posts::by_ap_id(connection, parent.as_str())? {
        Some(parent) => Ok(actors::by_id(connection, parent.group_id)?),
        None => Ok(None),
    }
}

fn followed(connection: &mut DbConn, group: Actor) -> Result<Option<Actor>> {
    let there = !group.local && group.kind == ActorKind::Group && groups::by_id(connection, group.id)?.is_some();
    Ok((there && follows::anybody_here_follows(connection, group.id)?).then_some(group))
}
