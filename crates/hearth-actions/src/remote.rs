//! What is learned about actors and servers elsewhere. Nothing here fetches: it is handed what was fetched.

use crate::{ActionError, App, Result, account, catch_up, group, incident, markdown, server::site, team};
use chrono::{DateTime, Duration, Utc};
use hearth_activitypub::{
    inbound::{ActorDocument, ActorKind as Wire, Multikey},
    multikey, peer,
};
use hearth_db::{
    Time, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        aliases, deliveries,
        groups::{self, Group},
        hosts::{self, Host},
        proof_keys::{self, ProofKey},
    },
};
use hearth_domain::{
    address::{ApId, host_of},
    host::ASLEEP_AFTER,
    id::{AccountId, ActorId},
    text,
};
use url::Url;

/// Writes down an actor as its own server describes it now. The caller has checked that the document came from the
/// actor's own address.
///
/// # Errors
/// `NotBelieved` when it claims to live here, or has no inbox or key of its own origin.
pub fn learn(app: &App, document: &ActorDocument) -> Result<Actor> {
    app.db.write(|tx| learn_in(app, tx, document))
}

fn learn_in(app: &App, tx: &mut Tx<'_>, document: &ActorDocument) -> Result<Actor> {
    let site = site(tx)?;
    if site.at.is_local(&document.id) {
        return Err(ActionError::NotBelieved("it claims to live here"));
    }
    let now = app.now();
    let known = actors::by_ap_id(tx, document.id.as_str())?;
    let row = row(app, document, known.as_ref(), now)?;
    learn_identity(tx, document, known.as_ref())?;
    if let Some(known) = known.as_ref().filter(|known| is_old_news(known, &row)) {
        return Ok(known.clone());
    }
    let known_group = match &known {
        Some(known) => groups::by_id(tx, known.id)?,
        None => None,
    };
    let host = hosts::ensure(tx, &row.host)?;
    if host.signature_scheme.is_none() && document.implements.iter().any(|what| what == peer::RFC_9421) {
        hosts::update(tx, &Host { signature_scheme: Some(RFC_9421.to_owned()), ..host })?;
    }
    match known {
        Some(_) => actors::refresh(tx, &row)?,
        None => {
            row.insert(tx)?;
            learn_identity(tx, document, Some(&row))?;
        }
    }
    if row.kind == ActorKind::Group {
        let settings = group::settings_elsewhere(document.members_only, document.posting_restricted_to_mods);
        let group = Group {
            actor_id: row.id,
            readable: settings.readable,
            joining: settings.joining,
            reach: settings.reach,
            posting: settings.posting,
            rhythm: String::new(),
            guidelines: String::new(),
        };
        match known_group {
            Some(known) if known.settings() != settings => groups::update(tx, &group)?,
            Some(_) => {}
            None => group.insert(tx)?,
        }
    }
    if row.kind == ActorKind::Group {
        team::learn_addresses(tx, row.id, document)?;
    }
    Ok(row)
}

/// The stored word for a server that reads RFC 9421; the usual form of signature needs none.
pub const RFC_9421: &str = "rfc9421";

/// The Ed25519 key and the other addresses of an actor that is written down already; written where they changed.
fn learn_identity(tx: &mut Tx<'_>, document: &ActorDocument, known: Option<&Actor>) -> Result<()> {
    let Some(known) = known else { return Ok(()) };
    let own = |key: &&Multikey| {
        key.id.origin() == document.id.origin()
            && key.controller.as_ref().is_none_or(|controller| *controller == document.id)
            && multikey::decode(&key.multibase).is_some()
    };
    let key = document.multikeys.iter().find(own).map(|key| ProofKey {
        actor_id: known.id,
        key_id: key.id.to_string(),
        public_multibase: key.multibase.clone(),
        private_pem: None,
    });
    if key != proof_keys::of(tx, known.id)? {
        match key {
            Some(key) => proof_keys::put(tx, &key)?,
            None => drop(proof_keys::delete(tx, known.id)?),
        }
    }
    let aliases_now: Vec<String> = document.also_known_as.iter().map(ToString::to_string).collect();
    Ok(aliases::replace(tx, known.id, &aliases_now)?)
}

/// Whether an actor is what was written down less than an hour ago. Who only sends wrong signatures causes no writes.
fn is_old_news(known: &Actor, row: &Actor) -> bool {
    let times = Actor { updated_at: known.updated_at, fetched_at: known.fetched_at, ..row.clone() };
    let recent = |at: Time| row.updated_at.utc() - at.utc() < chrono::Duration::hours(1);
    times == *known && known.fetched_at.is_some_and(recent)
}

/// Why an actor would not be taken in, if so: whoever can't be written to or can't be checked by a key of its own.
#[must_use]
pub fn problem(document: &ActorDocument) -> Option<&'static str> {
    let own = |url: &Url| url.origin() == document.id.origin();
    let key = document
        .public_keys
        .iter()
        .any(|key| own(&key.id) && key.owner.as_ref().is_none_or(|owner| *owner == document.id));
    match document.inbox.as_ref() {
        None => Some("it has no inbox of its own"),
        Some(inbox) if !own(inbox) => Some("it has no inbox of its own"),
        Some(_) if !key => Some("it has no key of its own"),
        Some(_) => None,
    }
}

fn row(app: &App, document: &ActorDocument, known: Option<&Actor>, now: Time) -> Result<Actor> {
    let ap_id = ApId::try_from(document.id.clone()).map_err(|_| ActionError::NotBelieved("its id is not usable"))?;
    let own = |url: &Url| url.origin() == document.id.origin();
    if let Some(problem) = problem(document) {
        return Err(ActionError::NotBelieved(problem));
    }
    let inbox = document.inbox.as_ref().ok_or(ActionError::NotBelieved("it has no inbox of its own"))?;
    let key = document
        .public_keys
        .iter()
        .find(|key| own(&key.id) && key.owner.as_ref().is_none_or(|owner| *owner == document.id))
        .ok_or(ActionError::NotBelieved("it has no key of its own"))?;
    let name = text::cut(&text::line(document.preferred_username.as_deref().unwrap_or_default()), 128);
    let shown = document.name.as_deref().map(text::line).filter(|shown| !shown.is_empty());
    let string = |url: &Option<Url>| url.as_ref().filter(|url| own(url)).map(ToString::to_string);
    Ok(Actor {
        id: known.map_or_else(|| ActorId::random(&*app.entropy), |actor| actor.id),
        kind: kind(document.kind),
        host: ap_id.host(),
        local: false,
        display_name: text::cut(&shown.unwrap_or_else(|| name.clone()), 128),
        name,
        summary_source: String::new(),
        summary_html: document.summary.as_deref().map(markdown::foreign_html).unwrap_or_default(),
        url: document.url.as_ref().filter(|url| own(url)).unwrap_or(&document.id).to_string(),
        inbox: inbox.to_string(),
        shared_inbox: string(&document.shared_inbox),
        outbox: string(&document.outbox),
        followers: string(&document.followers),
        public_key_id: key.id.to_string(),
        public_key_pem: key.pem.clone(),
        private_key_pem: None,
        approves_followers: document.manually_approves_followers,
        discoverable: document.discoverable.unwrap_or(false),
        on_network_since: known.map_or(Some(now), |actor| actor.on_network_since),
        created_at: known.map_or(now, |actor| actor.created_at),
        updated_at: now,
        fetched_at: Some(now),
        deleted_at: None,
        ap_id,
    })
}

const fn kind(wire: Wire) -> ActorKind {
    match wire {
        Wire::Person => ActorKind::Person,
        Wire::Group => ActorKind::Group,
        Wire::Application => ActorKind::Application,
        Wire::Service => ActorKind::Service,
        Wire::Organization => ActorKind::Organization,
    }
}

/// A valid request came from a host: what waits for it is due at once.
///
/// # Errors
/// Database errors.
pub fn heard_from(app: &App, host: &str) -> Result<()> {
    let now = app.now();
    let known = app.db.read(|c| Ok::<_, ActionError>(hosts::get(c, host)?))?;
    // Most requests change nothing: only what is news is written.
    let recent = |at: Time| now.utc() - at.utc() < Duration::hours(1);
    if known.is_some_and(|row| is_well(&row) && row.last_heard_at.is_some_and(recent)) {
        return Ok(());
    }
    app.db.write(|tx| {
        let mut row = hosts::ensure(tx, host)?;
        row.last_heard_at = Some(now);
        is_there_again(app, tx, &mut row)?;
        Ok(hosts::update(tx, &row)?)
    })
}

fn is_well(row: &Host) -> bool {
    row.failures == 0 && row.next_try_at.is_none() && row.failing_since.is_none() && row.asleep_since.is_none()
}

/// Notes that the host answers, and makes due what waits for it; one that slept is told how things stand now. `true`
/// when something became due.
///
/// # Errors
/// Database errors.
pub fn is_there_again(app: &App, tx: &mut Tx<'_>, row: &mut Host) -> Result<bool> {
    if is_well(row) {
        return Ok(false);
    }
    incident::came_back(tx, row, app.now())?;
    let woken = deliveries::wake(tx, &row.host, app.now())?;
    let slept = row.asleep_since.take().map(|asleep| row.failing_since.unwrap_or(asleep));
    row.failures = 0;
    row.next_try_at = None;
    row.failing_since = None;
    hosts::update(tx, row)?;
    let sent = match slept {
        Some(since) => catch_up::send(app, tx, &row.host, since)?,
        None => 0,
    };
    Ok(woken > 0 || sent > 0)
}

/// Whether a host has failed for so long that nothing is kept for it any more.
#[must_use]
pub fn falls_asleep(row: &Host, now: DateTime<Utc>) -> bool {
    row.asleep_since.is_none() && row.failing_since.is_some_and(|since| now - since.utc() >= ASLEEP_AFTER)
}

/// The keeper says that a server should be asked again now: what waits for it is due at once. That it had failed is not
/// forgotten: one delivery is tried first. One that sleeps is woken.
///
/// # Errors
/// `Denied(KeepersOnly)`, `NotFound`, `Conflict` when it is blocked.
pub fn try_again(app: &App, keeper: AccountId, host: &str) -> Result<()> {
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        let mut row = hosts::get(tx, host)?.ok_or(ActionError::NotFound)?;
        if row.blocked {
            return Err(ActionError::Conflict("that server is blocked here, so nothing is sent to it"));
        }
        if row.asleep_since.is_some() {
            is_there_again(app, tx, &mut row)?;
            return Ok(());
        }
        row.next_try_at = None;
        hosts::update(tx, &row)?;
        deliveries::wake(tx, host, app.now())?;
        Ok(())
    })
}

/// What a keeper says about another server. What is left out stays as it was.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trust {
    /// Whether it is a partner: groups that reach partners are open to it.
    pub partner: Option<bool>,
    /// Whether it may hold what is for members, whatever it runs (profile 7.3).
    pub may_hold_private: Option<bool>,
}

/// The keeper says how far another server is trusted. It need not be known yet. What it has already can't be taken back.
///
/// # Errors
/// `Denied(KeepersOnly)`, `Invalid` when that is no name of a server.
pub fn trust(app: &App, keeper: AccountId, host: &str, trust: Trust) -> Result<()> {
    let no_name = || ActionError::field("host", "Type the name of a server, for example groups.example.org.");
    let host = host.trim().to_ascii_lowercase();
    let own = Url::parse(&format!("https://{host}/")).ok().filter(|url| host_of(url) == host && url.path() == "/");
    own.ok_or_else(no_name)?;
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        if site(tx)?.host() == host {
            return Err(no_name());
        }
        let row = hosts::ensure(tx, &host)?;
        let partner = trust.partner.unwrap_or(row.partner);
        let may_hold_private = trust.may_hold_private.unwrap_or(row.may_hold_private);
        Ok(hosts::update(tx, &Host { partner, may_hold_private, ..row })?)
    })
}

/// What a server says it runs.
///
/// # Errors
/// Database errors.
pub fn learn_software(app: &App, host: &str, software: Option<(&str, &str)>) -> Result<()> {
    app.db.write(|tx| {
        let mut row = hosts::ensure(tx, host)?;
        row.checked_at = Some(app.now());
        if let Some((name, version)) = software {
            // Lists of software are compared as `,name,`: a name holds nothing that could break out of that.
            let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
            row.software = Some(name.to_lowercase().chars().filter(plain).take(40).collect());
            row.version = Some(text::cut(&text::line(version), 60));
        }
        Ok(hosts::update(tx, &row)?)
    })
}
