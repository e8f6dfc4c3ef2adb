//! Putting activities into the delivery queue, in the transaction of what they announce.
//!
//! What may leave at all is decided by `hearth_domain::audience`; this module only ever sends what it is handed, to
//! the servers of a [`Circle`] or to one inbox.

use crate::{ActionError, App, Result, keys, recipients::Circle, server::Site};
use hearth_activitypub::{
    outbound::{self, Announcer},
    peer,
};
use hearth_db::{
    Tx,
    tables::{
        activities::Activity,
        actors::Actor,
        deliveries::{self, Software, To},
    },
};
use hearth_domain::{address::ApId, audience::Receivers, id::ActivityId};
use serde_json::Value;
use url::Url;

/// What happened to something that was written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Create,
    Update,
    Delete,
}

/// A new address for an activity.
pub(crate) fn new_activity(app: &App, site: &Site) -> (ActivityId, Url) {
    let id = ActivityId::random(&*app.entropy);
    (id, site.at.activity(&id.to_string()))
}

/// An activity that is ready to be stored.
pub(crate) struct Outgoing<'a> {
    /// Its id and address.
    pub id: (ActivityId, Url),
    /// Its type.
    pub kind: &'static str,
    /// Who signs it.
    pub signer: &'a Actor,
    /// What it is about.
    pub object: &'a str,
    /// The JSON.
    pub body: String,
}

impl Outgoing<'_> {
    /// `provable`: whether it is for everybody as far as is known here; whether it is addressed so, is looked at too.
    fn store(self, app: &App, tx: &mut Tx<'_>, provable: bool) -> Result<Activity> {
        let body = match provable {
            true => keys::prove(app, tx, self.signer, self.kind, self.body)?,
            false => self.body,
        };
        let row = Activity {
            id: self.id.0,
            ap_id: ApId::try_from(self.id.1).map_err(|_| ActionError::NotSetUp)?,
            actor_id: self.signer.id,
            kind: self.kind.to_owned(),
            object_ap_id: self.object.to_owned(),
            body,
            created_at: app.now(),
        };
        row.insert(tx)?;
        Ok(row)
    }

    /// Sends it to one actor.
    pub(crate) fn send(self, app: &App, tx: &mut Tx<'_>, receiver: &Actor) -> Result<()> {
        if receiver.local {
            return Ok(());
        }
        let row = self.store(app, tx, true)?;
        Ok(deliveries::enqueue(tx, &row, &receiver.host, &receiver.inbox, app.now())?)
    }

    /// Sends it to every server that is known here; `None` when there is none.
    pub(crate) fn tell_everybody(self, app: &App, tx: &mut Tx<'_>) -> Result<Option<ActivityId>> {
        let row = self.store(app, tx, true)?;
        let told = deliveries::tell_everybody(tx, &row, app.now())?;
        Ok((told > 0).then_some(row.id))
    }

    /// Sends it to these of the servers of a circle, but not to some software. Nothing is stored for a circle of nobody.
    fn fan_out(self, app: &App, tx: &mut Tx<'_>, circle: &Circle<'_>, to: To<'_>, skip: &[&str]) -> Result<()> {
        self.fan_out_to(app, tx, circle, to, Software::AllBut(skip), Also::default())
    }

    /// Sends it to these of the servers of a circle that run this software, and to some others, once to each. Nothing is
    /// stored for a circle of nobody.
    fn fan_out_to(
        self,
        app: &App,
        tx: &mut Tx<'_>,
        circle: &Circle<'_>,
        to: To<'_>,
        software: Software<'_>,
        also: Also<'_>,
    ) -> Result<()> {
        if !circle.leaves() {
            return Ok(());
        }
        let from = match to {
            To::AllBut(host) => host,
            To::All | To::Only(_) => "",
        };
        let one = also.one.filter(|one| circle.is_open() && !one.local && one.host != from);
        let group = Some(circle.group).filter(|_| circle.audience.receivers == Receivers::Followers);
        // The queue itself adds whoever follows or belongs to a group: there may be many, and nobody of them is left out.
        let inboxes = if group.is_some() { Vec::new() } else { circle.inboxes(tx, to, software)? };
        let followed: Vec<&Actor> = group.into_iter().chain(also.followers_of.filter(|_| circle.is_wide())).collect();
        if inboxes.is_empty() && followed.is_empty() && one.is_none() {
            return Ok(());
        }
        // What goes to partners only is not provable beyond them, though everybody there may read it.
        let row = self.store(app, tx, circle.is_wide())?;
        for actor in followed {
            deliveries::fan_out_to(tx, &row, actor.id, to, software, app.now())?;
        }
        for inbox in inboxes {
            deliveries::enqueue(tx, &row, &inbox.host, &inbox.inbox, app.now())?;
        }
        if let Some(one) = one {
            deliveries::enqueue(tx, &row, &one.host, one.best_inbox(), app.now())?;
        }
        Ok(())
    }
}

/// Who else gets something, beside the servers of its circle.
#[derive(Default, Clone, Copy)]
struct Also<'a> {
    /// The server of this actor, unless it came from there. What is for members goes nowhere else for its sake.
    one: Option<&'a Actor>,
    /// The servers that follow this actor, if it is for all followers.
    followers_of: Option<&'a Actor>,
}

/// What a group relays.
pub(crate) enum Relayed<'a> {
    /// An activity made here.
    Own(&'a Value),
    /// An activity as it came, byte for byte.
    Raw(&'a str),
}

/// What a group that lives here relays to the servers of a circle of its.
pub(crate) struct Relay<'a> {
    /// The circle.
    pub circle: &'a Circle<'a>,
    /// The activity.
    pub relayed: Relayed<'a>,
    /// What it is about.
    pub object: &'a Url,
    /// Which servers get it: never the one it came from.
    pub to: To<'a>,
    /// Whether a conversation begins with it: then it goes out in object form too.
    pub new_root: bool,
}

/// Has a group relay an activity to the servers of a circle, in activity form; a root that is new and open to everybody
/// also in object form (profile 5.2). What is for members goes out in activity form only (profile 7.2).
pub(crate) fn relay(app: &App, tx: &mut Tx<'_>, site: &Site, relay: &Relay<'_>) -> Result<()> {
    relay_also(app, tx, site, relay, None)
}

/// As [`relay`], and to the server of `also`, whether or not it follows the group.
pub(crate) fn relay_also(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    relay: &Relay<'_>,
    also: Option<&Actor>,
) -> Result<()> {
    let also = Also { one: also, ..Also::default() };
    in_activity_form(app, tx, site, relay, Software::AllBut(peer::READS_OBJECTS), also)?;
    if relay.new_root {
        point_at(app, tx, site, relay.circle, relay.object, relay.to, peer::READS_ACTIVITIES)?;
    }
    Ok(())
}

/// Has a group relay an activity, in activity form only, to those servers of a circle that run this software.
pub(crate) fn relay_to(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    relay: &Relay<'_>,
    software: Software<'_>,
) -> Result<()> {
    in_activity_form(app, tx, site, relay, software, Also::default())
}

fn in_activity_form(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    relay: &Relay<'_>,
    software: Software<'_>,
    also: Also<'_>,
) -> Result<()> {
    let Relay { circle, relayed, object, to, .. } = relay;
    let by = announcer(site, circle);
    let now = app.clock.now();
    let id = new_activity(app, site);
    let body = match relayed {
        Relayed::Own(inner) => outbound::announce_activity(&id.1, &by, (*inner).clone(), now).to_string(),
        Relayed::Raw(inner) => outbound::announce_raw(&id.1, &by, inner, now)
            .map_err(|_| ActionError::NotBelieved("it can't be passed on"))?,
    };
    let activity = Outgoing { id, kind: "Announce", signer: circle.group, object: object.as_str(), body };
    activity.fan_out_to(app, tx, circle, *to, software, also)
}

/// Has a group name something open to everybody to the servers of a circle, so that they fetch it from its own address.
pub(crate) fn point_at(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    circle: &Circle<'_>,
    object: &Url,
    to: To<'_>,
    skip: &[&str],
) -> Result<()> {
    if !circle.is_open() {
        return Ok(());
    }
    let id = new_activity(app, site);
    let body = outbound::announce_object(&id.1, &announcer(site, circle), object, app.clock.now()).to_string();
    let activity = Outgoing { id, kind: "Announce", signer: circle.group, object: object.as_str(), body };
    activity.fan_out(app, tx, circle, to, skip)
}

/// Sends an activity of the author straight to servers that read no relayed activities (Mastodon and its kin): they
/// learn of edits and removals only so. They get nothing that is for members, and so hear nothing of it either.
pub(crate) fn directly(
    app: &App,
    tx: &mut Tx<'_>,
    circle: &Circle<'_>,
    outgoing: Outgoing<'_>,
    to: To<'_>,
) -> Result<()> {
    if circle.is_open() { outgoing.fan_out(app, tx, circle, to, peer::READS_ACTIVITIES) } else { Ok(()) }
}

/// Sends an activity of the group itself to the servers of a circle: meetups, which some servers can't take. What is for
/// all followers goes to the followers of `also` too, once to each server.
pub(crate) fn by_group(
    app: &App,
    tx: &mut Tx<'_>,
    circle: &Circle<'_>,
    outgoing: Outgoing<'_>,
    to: To<'_>,
    also: Option<&Actor>,
) -> Result<()> {
    let also = Also { followers_of: also, ..Also::default() };
    outgoing.fan_out_to(app, tx, circle, to, Software::AllBut(peer::THREADIVERSE), also)
}

/// Sends an activity of this server about a meetup to the servers that follow it, but not to those that can't take it.
pub(crate) fn by_server(app: &App, tx: &mut Tx<'_>, outgoing: Outgoing<'_>, to: To<'_>) -> Result<()> {
    let server = outgoing.signer.id;
    let row = outgoing.store(app, tx, true)?;
    deliveries::fan_out_to(tx, &row, server, to, Software::AllBut(peer::THREADIVERSE), app.now())?;
    Ok(())
}

/// Sends an activity of the group itself to every server of a circle.
pub(crate) fn to_all(app: &App, tx: &mut Tx<'_>, circle: &Circle<'_>, outgoing: Outgoing<'_>) -> Result<()> {
    outgoing.fan_out(app, tx, circle, To::All, &[])
}

fn announcer(site: &Site, circle: &Circle<'_>) -> Announcer {
    let group = circle.group.ap_id.url();
    Announcer {
        actor: group.clone(),
        followers: site.at.followers(group),
        reach: circle.reach.clone(),
        group: Some(group.clone()),
    }
}
