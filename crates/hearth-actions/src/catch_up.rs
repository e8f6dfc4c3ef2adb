//! Telling a server that was away for long how things stand now, instead of all it missed (reliability.md 3.6): of each
//! group that is followed there the latest conversations, what was changed in them, the meetups that are still to
//! come, and everything that was removed meanwhile, for a copy of it may still be shown there.

use crate::{
    App, Result, event, post,
    publish::{self, Relay, Relayed, What},
    recipients::{self, Circle},
    server::{Site, site},
};
use hearth_activitypub::outbound;
use hearth_db::{
    Time, Tx,
    tables::{
        actors::{self, Actor},
        deliveries::To,
        events, follows,
        groups::{self, Group},
        memberships,
        posts::{self, Post},
    },
};
use std::collections::BTreeSet;

/// Most posts of one group.
const POSTS: i64 = 50;

/// Queues what this server should know. Returns of how many things it is told.
pub(crate) fn send(app: &App, tx: &mut Tx<'_>, host: &str, since: Time) -> Result<usize> {
    let site = site(tx)?;
    let mut told = 0;
    let mut known: BTreeSet<_> = follows::groups_followed_from(tx, host)?.into_iter().collect();
    known.extend(memberships::groups_of_host(tx, host)?);
    for id in known {
        let Some((group, settings)) = groups::with_actor(tx, id)?.filter(|(actor, _)| actor.local) else { continue };
        told += of_group(app, tx, &site, &group, &settings, host, since)?;
    }
    Ok(told)
}

fn of_group(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    group: &Actor,
    settings: &Group,
    host: &str,
    since: Time,
) -> Result<usize> {
    let to = To::Only(host);
    let changed = posts::changed_since(tx, group.id, since, POSTS)?;
    let meetups = events::changed_since(tx, group.id, since, app.now())?;
    let facts = recipients::facts(tx, group.id, host)?;
    for row in &changed {
        if Circle::of(site, group, settings.settings(), row.visibility).audience.includes(facts.viewer()) {
            of_post(app, tx, site, group, settings, row, since, to)?;
        }
    }
    for row in &meetups {
        if !row.local {
            // A person's meetup in the group: it is fetched from where it lives.
            if row.deleted_at.is_none() {
                let circle = Circle::of(site, group, settings.settings(), row.visibility);
                publish::point_at(app, tx, site, &circle, row.ap_id.url(), to, &[])?;
            }
            continue;
        }
        let what = match row.deleted_at {
            Some(_) => What::Delete,
            None if row.created_at >= since => What::Create,
            None => What::Update,
        };
        event::tell(app, tx, row, group, settings, what, to)?;
    }
    Ok(changed.len() + meetups.len())
}

#[expect(clippy::too_many_arguments, reason = "one value each of what the documents need")]
fn of_post(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    group: &Actor,
    settings: &Group,
    row: &Post,
    since: Time,
    to: To<'_>,
) -> Result<()> {
    let object = row.ap_id.url().clone();
    let circle = Circle::of(site, group, settings.settings(), row.visibility);
    if row.deleted_at.is_some() {
        // The group's word: what was removed from it is removed, whoever wrote it.
        let id = publish::new_activity(app, site).1;
        let body = outbound::delete(&post::frame(&id, group.ap_id.url(), &circle), &object, None);
        let relay = Relay { circle: &circle, relayed: Relayed::Own(&body), object: &object, to, new_root: false };
        return publish::relay(app, tx, site, &relay);
    }
    let author = actors::by_id(tx, row.author_id)?.filter(|author| author.local);
    match author {
        Some(author) => {
            let what = if row.created_at >= since { What::Create } else { What::Update };
            post::announce(app, tx, site, row, group, settings, &author, what, to)
        }
        None if row.created_at >= since => publish::point_at(app, tx, site, &circle, &object, to, &[]),
        // An edit elsewhere can only be told by its author's server.
        None => Ok(()),
    }
}
