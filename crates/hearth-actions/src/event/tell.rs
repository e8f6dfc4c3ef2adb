//! What other servers are told of a meetup that was made here (profile 4.3, 5.1, 8.2). The group itself speaks: to
//! servers that take events as an event, to the others as a post that stands for it; and the server names it to servers
//! that follow it.
//!
//! Must never send a meetup further than its audience, or one server both forms.

use crate::{
    ActionError, App, Result, documents,
    publish::{self, Outgoing, Relay, Relayed, What},
    recipients::Circle,
    relay,
    server::{Site, site},
};
use hearth_activitypub::{
    activity::{Frame, Reach, Recipient},
    outbound, peer,
};
use hearth_db::{
    Tx,
    tables::{
        actors::{self, Actor},
        deliveries::{Software, To},
        event_terms::{self, EventTerms},
        events::{self, Event},
        groups::Group,
        hosts,
    },
};
use hearth_domain::audience::{self, Receivers};
use serde_json::Value;
use url::Url;

/// Tells the servers that should know, as far as the meetup's audience goes.
pub(crate) fn tell(
    app: &App,
    tx: &mut Tx<'_>,
    event: &Event,
    group: &Actor,
    row: &Group,
    what: What,
    to: To<'_>,
) -> Result<()> {
    let site = site(tx)?;
    let circle = Circle::of(&site, group, row.settings(), event.visibility);
    if !circle.leaves() {
        return Ok(());
    }
    let telling = Telling { app, site: &site, event, group, circle: &circle, what, to };
    if !group.local {
        return telling.in_group_elsewhere(tx);
    }
    telling.as_event(tx)?;
    if circle.is_wide() {
        telling.as_post(tx)?;
        telling.by_server(tx)?;
        if what == What::Create && matches!(to, To::All) {
            relay::tell(app, tx, &site, event, group)?;
        }
    }
    Ok(())
}

struct Telling<'a> {
    app: &'a App,
    site: &'a Site,
    event: &'a Event,
    group: &'a Actor,
    circle: &'a Circle<'a>,
    what: What,
    to: To<'a>,
}

impl Telling<'_> {
    /// As an event, by the group, to the servers of its circle; what is for all followers also to those of this server.
    fn as_event(&self, tx: &mut Tx<'_>) -> Result<()> {
        let (group, event) = (self.group.ap_id.url(), self.event.ap_id.url());
        self.show_organizer(tx)?;
        let document = documents::event(tx, self.site, self.event)?;
        let id = publish::new_activity(self.app, self.site);
        let (to, cc) = match &self.circle.reach {
            Reach::Public => (vec![Recipient::Public], vec![Recipient::Id(self.site.at.followers(group))]),
            Reach::Limited(readers) => (vec![Recipient::Id(readers.clone())], Vec::new()),
        };
        let (kind, body) = self.activity(&id.1, group, event, document, (to, cc));
        let outgoing = Outgoing { id, kind, signer: self.group, object: event.as_str(), body: body.to_string() };
        let also = Some(&self.site.actor).filter(|_| self.group.discoverable);
        publish::by_group(self.app, tx, self.circle, outgoing, self.to, also)
    }

    /// Who is named as the organiser needs an address, unless nobody elsewhere reads it.
    fn show_organizer(&self, tx: &mut Tx<'_>) -> Result<()> {
        let Some(author) = self.event.author_id else { return Ok(()) };
        let named = event_terms::get(tx, self.event.id)?.named;
        if named && (self.circle.is_open() || !self.circle.inboxes(tx, self.to, Software::AllBut(&[]))?.is_empty()) {
            actors::put_on_network(tx, author, self.app.now())?;
        }
        Ok(())
    }

    /// As a post that stands for it, relayed by the group to servers that take no events.
    fn as_post(&self, tx: &mut Tx<'_>) -> Result<()> {
        let Some(document) = documents::companion(tx, self.site, self.event)? else { return Ok(()) };
        let Some(object) = self.event.companion_ap_id.as_deref().and_then(|id| Url::parse(id).ok()) else {
            return Ok(());
        };
        let author = documents::companion_author(tx, self.site, self.event, self.group)?;
        if let Some(author) = actors::by_ap_id(tx, author.as_str())? {
            actors::put_on_network(tx, author.id, self.app.now())?;
        }
        let id = publish::new_activity(self.app, self.site).1;
        let to = vec![Recipient::Id(self.group.ap_id.url().clone()), Recipient::Public];
        let (_, body) = self.activity(&id, &author, &object, document, (to, Vec::new()));
        let (circle, to) = (self.circle, self.to);
        let relay = Relay { circle, relayed: Relayed::Own(&body), object: &object, to, new_root: false };
        publish::relay_to(self.app, tx, self.site, &relay, Software::Only(peer::THREADIVERSE))
    }

    /// By name, by this server, once; taken back when the meetup is removed.
    fn by_server(&self, tx: &mut Tx<'_>) -> Result<()> {
        let terms = event_terms::get(tx, self.event.id)?;
        let (me, now) = (&self.site.actor, self.app.clock.now());
        let id = publish::new_activity(self.app, self.site);
        let (kind, body) = match (self.what, &terms.announce_ap_id) {
            (What::Create | What::Update, None) if self.group.discoverable => {
                let body = self.announced(&id.1, now);
                event_terms::set(tx, &EventTerms { announce_ap_id: Some(id.1.to_string()), ..terms })?;
                ("Announce", body)
            }
            (What::Delete, Some(announced)) => {
                let announced = Url::parse(announced).map_err(|_| ActionError::NotSetUp)?;
                let undone = self.announced(&announced, self.event.published_at.utc());
                event_terms::set(tx, &EventTerms { announce_ap_id: None, ..terms.clone() })?;
                ("Undo", outbound::undo(&id.1, me.ap_id.url(), undone))
            }
            _ => return Ok(()),
        };
        let object = self.event.ap_id.as_str();
        let outgoing = Outgoing { id, kind, signer: me, object, body: body.to_string() };
        publish::by_server(self.app, tx, outgoing, self.to)
    }

    fn announced(&self, id: &Url, at: chrono::DateTime<chrono::Utc>) -> Value {
        let (group, event) = (self.group.ap_id.url(), self.event.ap_id.url());
        outbound::announce_meetup(
            id,
            &self.site.at.server(),
            &self.site.at.followers(&self.site.at.server()),
            group,
            event,
            at,
        )
    }

    /// A person's meetup in a group on another server: as an event where that server takes a person's events, else as a
    /// post (profile 4.5).
    fn in_group_elsewhere(&self, tx: &mut Tx<'_>) -> Result<()> {
        let author = match self.event.author_id {
            Some(author) => actors::by_id(tx, author)?.filter(|author| author.local).ok_or(ActionError::NotFound)?,
            None => return Ok(()),
        };
        let software = hosts::get(tx, &self.group.host)?.and_then(|host| host.software).unwrap_or_default();
        let document = if peer::Software::new(&software, "").takes_posts_only() {
            documents::companion(tx, self.site, self.event)?.ok_or(ActionError::NotFound)?
        } else {
            documents::event(tx, self.site, self.event)?
        };
        let object = document.get("id").and_then(Value::as_str).and_then(|id| Url::parse(id).ok());
        let object = object.ok_or(ActionError::NotSetUp)?;
        actors::put_on_network(tx, author.id, self.app.now())?;
        let id = publish::new_activity(self.app, self.site);
        let readers = match &self.circle.reach {
            Reach::Public => Recipient::Public,
            Reach::Limited(readers) => Recipient::Id(readers.clone()),
        };
        let to = vec![Recipient::Id(self.group.ap_id.url().clone()), readers];
        let (kind, body) = self.activity(&id.1, author.ap_id.url(), &object, document, (to, Vec::new()));
        let outgoing = Outgoing { id, kind, signer: &author, object: object.as_str(), body: body.to_string() };
        outgoing.send(self.app, tx, self.group)
    }

    fn activity(
        &self,
        id: &Url,
        actor: &Url,
        object: &Url,
        document: Value,
        (to, cc): (Vec<Recipient>, Vec<Recipient>),
    ) -> (&'static str, Value) {
        let now = self.app.clock.now();
        match self.what {
            What::Create => ("Create", outbound::create(id, actor, document, now)),
            What::Update => ("Update", outbound::update(id, actor, document, now)),
            What::Delete => {
                let audience = Some(self.group.ap_id.url().clone());
                let frame = Frame { id: id.clone(), actor: actor.clone(), to, cc, audience, published: None };
                ("Delete", outbound::delete(&frame, object, None))
            }
        }
    }
}

/// Gives a meetup the post that stands for it, if its audience has servers that may need one and it has none yet. `true`
/// when it is new.
pub(crate) fn give_companion(app: &App, tx: &mut Tx<'_>, site: &Site, event: &mut Event, row: &Group) -> Result<bool> {
    let wanted = audience::audience(row.settings(), event.visibility).receivers == Receivers::Followers;
    if !wanted || event.companion_ap_id.is_some() {
        return Ok(false);
    }
    let id = hearth_domain::id::PostId::random(&*app.entropy);
    let url = site.at.post(&id.to_string()).to_string();
    events::set_companion(tx, event.id, &url)?;
    event.companion_ap_id = Some(url);
    Ok(true)
}
