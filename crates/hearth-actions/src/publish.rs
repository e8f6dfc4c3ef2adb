//! Putting activities into the delivery queue, in the transaction of what they announce.
//!
//! What may leave at all is decided by `hearth_domain::audience`; this module only ever sends what it is handed, to
//! the servers that follow a group or to one inbox.

use crate::{ActionError, App, Result, keys, server::Site};
use hearth_activitypub::{
    activity::Reach,
    outbound::{self, Announcer},
    peer,
};
use hearth_db::{
    Tx,
    tables::{
        activities::Activity,
        actors::Actor,
        deliveries::{self, To},
    },
};
use hearth_domain::{address::ApId, id::ActivityId};
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
    fn store(self, app: &App, tx: &mut Tx<'_>) -> Result<Activity> {
        let body = keys::prove(app, tx, self.signer, self.kind, self.body)?;
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
        let row = self.store(app, tx)?;
        Ok(deliveries::enqueue(tx, &row, &receiver.host, &receiver.inbox, app.now())?)
    }

    /// Sends it to every server that is known here; `None` when there is none.
    pub(crate) fn tell_everybody(self, app: &App, tx: &mut Tx<'_>) -> Result<Option<ActivityId>> {
        let row = self.store(app, tx)?;
        let told = deliveries::tell_everybody(tx, &row, app.now())?;
        Ok((told > 0).then_some(row.id))
    }

    /// Sends it to these of the servers that follow `group`, but not to some software.
    fn fan_out(self, app: &App, tx: &mut Tx<'_>, group: &Actor, to: To<'_>, skip: &[&str]) -> Result<()> {
        let row = self.store(app, tx)?;
        deliveries::fan_out(tx, &row, group.id, to, skip, app.now())?;
        Ok(())
    }
}

/// What a group relays.
pub(crate) enum Relayed<'a> {
    /// An activity made here.
    Own(&'a Value),
    /// An activity as it came, byte for byte.
    Raw(&'a str),
}

/// What a group that lives here relays to the servers that follow it.
pub(crate) struct Relay<'a> {
    /// The group.
    pub group: &'a Actor,
    /// The activity.
    pub relayed: Relayed<'a>,
    /// What it is about.
    pub object: &'a Url,
    /// Which servers get it: never the one it came from.
    pub to: To<'a>,
    /// Whether a conversation begins with it: then it goes out in object form too.
    pub new_root: bool,
}

/// Has a group relay an activity to its followers, in activity form; a root that is new also in object form
/// (profile 5.2).
pub(crate) fn relay(app: &App, tx: &mut Tx<'_>, site: &Site, relay: &Relay<'_>) -> Result<()> {
    let Relay { group, relayed, object, to, new_root } = relay;
    let by = announcer(site, group);
    let now = app.clock.now();
    let id = new_activity(app, site);
    let body = match relayed {
        Relayed::Own(inner) => outbound::announce_activity(&id.1, &by, (*inner).clone(), now).to_string(),
        Relayed::Raw(inner) => outbound::announce_raw(&id.1, &by, inner, now)
            .map_err(|_| ActionError::NotBelieved("it can't be passed on"))?,
    };
    let activity = Outgoing { id, kind: "Announce", signer: group, object: object.as_str(), body };
    activity.fan_out(app, tx, group, *to, peer::READS_OBJECTS)?;
    if *new_root {
        point_at(app, tx, site, group, object, *to, peer::READS_ACTIVITIES)?;
    }
    Ok(())
}

/// Has a group name something to the servers that follow it, so that they fetch it from its own address.
pub(crate) fn point_at(
    app: &App,
    tx: &mut Tx<'_>,
    site: &Site,
    group: &Actor,
    object: &Url,
    to: To<'_>,
    skip: &[&str],
) -> Result<()> {
    let id = new_activity(app, site);
    let body = outbound::announce_object(&id.1, &announcer(site, group), object, app.clock.now()).to_string();
    let activity = Outgoing { id, kind: "Announce", signer: group, object: object.as_str(), body };
    activity.fan_out(app, tx, group, to, skip)
}

/// Sends an activity of the author straight to servers that read no relayed activities (Mastodon and its kin): they
/// learn of edits and removals only so.
pub(crate) fn directly(app: &App, tx: &mut Tx<'_>, group: &Actor, outgoing: Outgoing<'_>, to: To<'_>) -> Result<()> {
    outgoing.fan_out(app, tx, group, to, peer::READS_ACTIVITIES)
}

/// Sends an activity of the group itself to all its followers, whatever they run: about the group as an actor.
pub(crate) fn to_all_followers(app: &App, tx: &mut Tx<'_>, group: &Actor, outgoing: Outgoing<'_>) -> Result<()> {
    outgoing.fan_out(app, tx, group, To::All, &[])
}

/// Sends an activity of the group itself to its followers: meetups, which some servers can't take.
pub(crate) fn to_followers(
    app: &App,
    tx: &mut Tx<'_>,
    group: &Actor,
    outgoing: Outgoing<'_>,
    to: To<'_>,
) -> Result<()> {
    outgoing.fan_out(app, tx, group, to, peer::THREADIVERSE)
}

fn announcer(site: &Site, group: &Actor) -> Announcer {
    Announcer {
        actor: group.ap_id.url().clone(),
        followers: site.at.followers(group.ap_id.url()),
        reach: Reach::Public,
        group: Some(group.ap_id.url().clone()),
    }
}
