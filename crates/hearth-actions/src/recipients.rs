//! Which servers get what a group keeps to itself, and which may read it (profile 7.3, 7.4). The audience function
//! decides; here are the facts it is asked about.
//!
//! Must never let software have what is for members that is not known to keep it so, unless a keeper named the server.

use crate::{Result, documents, server::Site};
use hearth_activitypub::{activity::Reach, peer::Software};
use hearth_db::{
    DbConn,
    tables::{
        actors::Actor,
        deliveries::{Software as Wanted, To},
        follows,
        hosts::{self, Host},
        memberships,
    },
};
use hearth_domain::{
    audience::{self, Audience, Receivers, ServerFacts, Visibility},
    group::Settings,
    id::ActorId,
};
use std::collections::BTreeMap;

/// Where a thing of a group goes, and how it is addressed.
pub(crate) struct Circle<'a> {
    /// The group.
    pub group: &'a Actor,
    /// What the audience function says.
    pub audience: Audience,
    /// Whom it is addressed to.
    pub reach: Reach,
}

impl<'a> Circle<'a> {
    /// The circle of a thing with this visibility.
    pub(crate) fn of(site: &Site, group: &'a Actor, settings: Settings, visibility: Visibility) -> Self {
        Self {
            group,
            audience: audience::audience(settings, visibility),
            reach: documents::reach(site, group, settings, visibility),
        }
    }

    /// Whether everybody may read it.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.reach, Reach::Public)
    }

    /// Whether it goes to the servers of all followers, of which anybody may be one.
    pub(crate) const fn is_wide(&self) -> bool {
        self.is_open() && matches!(self.audience.receivers, Receivers::Followers)
    }

    /// Whether any server may get it.
    pub(crate) const fn leaves(&self) -> bool {
        !matches!(self.audience.receivers, Receivers::Nobody)
    }

    /// The inboxes of the servers that get it and run this software, each once. Members have what everybody has too.
    /// Left out are the servers
    /// of all followers, of which there may be many: the queue adds those by itself.
    pub(crate) fn inboxes(&self, connection: &mut DbConn, to: To<'_>, software: Wanted<'_>) -> Result<Vec<Inbox>> {
        let group = self.group.id;
        let mut people: Vec<Actor> = match self.audience.receivers {
            Receivers::Nobody => Vec::new(),
            _ => memberships::elsewhere(connection, group)?.into_iter().map(|(_, actor)| actor).collect(),
        };
        if self.audience.receivers == Receivers::PartnersFollowing {
            people.extend(follows::from_elsewhere(connection, group)?.into_iter().map(|(_, actor)| actor));
        }
        let wanted = |host: &str| match to {
            To::All => true,
            To::AllBut(other) => host != other,
            To::Only(one) => host == one,
        };
        let mut inboxes: BTreeMap<String, String> = BTreeMap::new();
        for person in people.iter().filter(|person| wanted(&person.host)) {
            inboxes.entry(person.best_inbox().to_owned()).or_insert_with(|| person.host.clone());
        }
        let mut found = Vec::new();
        for (inbox, host) in inboxes {
            let Some(row) = hosts::get(connection, &host)? else { continue };
            let skipped = !software.includes(row.software.as_deref());
            let facts = ServerFacts { has_member: may_hold(&row), is_partner: row.partner };
            if !row.blocked && row.asleep_since.is_none() && !skipped && self.audience.includes(facts.viewer()) {
                found.push(Inbox { host, inbox });
            }
        }
        Ok(found)
    }
}

/// Where a server takes deliveries.
pub(crate) struct Inbox {
    /// The server.
    pub host: String,
    /// Its inbox.
    pub inbox: String,
}

/// Whether a server may hold what is for members: by what it runs, or because a keeper says so (profile 7.3).
#[must_use]
pub fn may_hold(host: &Host) -> bool {
    !host.blocked && (host.may_hold_private || software(host).may_hold_members_only())
}

/// What a server runs, as far as is known.
#[must_use]
pub fn software(host: &Host) -> Software {
    match &host.software {
        Some(name) => Software::new(name, host.version.as_deref().unwrap_or_default()),
        None => Software::unknown(),
    }
}

/// What is known of a server with regard to a group here, for a request that the server signed.
///
/// # Errors
/// Database errors.
pub fn facts(connection: &mut DbConn, group: ActorId, host: &str) -> Result<ServerFacts> {
    let row = hosts::get(connection, host)?;
    facts_of(connection, group, host, row.as_ref())
}

/// As [`facts`], of a server whose row is read already.
///
/// # Errors
/// Database errors.
pub(crate) fn facts_of(connection: &mut DbConn, group: ActorId, host: &str, row: Option<&Host>) -> Result<ServerFacts> {
    // The same is asked of the database for every server, known or not: how long it takes tells nothing.
    let has_member = !memberships::on_host(connection, group, host)?.is_empty();
    Ok(match row.filter(|row| !row.blocked) {
        Some(row) => ServerFacts { has_member: has_member && may_hold(row), is_partner: row.partner },
        None => ServerFacts::default(),
    })
}
