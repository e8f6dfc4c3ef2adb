//! What this server would make of something elsewhere, said in plain words: what it understands, what it would refuse
//! and why, what it would send there and in which form, and why something may not arrive.
//!
//! It asks as this server does, signed by its own actor, and reads by the same rules. Must never write anything down, or
//! ask a blocked server.

mod words;

use crate::{Federation, client::FetchError, ready::Ready};
use hearth_actions::{ActionError, network::NotFound, remote};
use hearth_activitypub::{
    Document,
    inbound::{self, ActorDocument, ActorKind},
    peer::Software,
};
use hearth_db::tables::{
    deliveries, follows,
    hosts::{self, Host},
};
use hearth_domain::address::{Handle, Lookup, host_of};
use serde::Serialize;
use url::Url;

/// One thing that is understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// What it is about, as `Title`.
    pub about: &'static str,
    /// What it says.
    pub words: String,
}

/// What came of looking at something elsewhere. Every text is a plain sentence or a few words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Probe {
    /// The address it was found at.
    pub found: Option<String>,
    /// Whether it is something that means anything here.
    pub understood: bool,
    /// What is understood of it.
    pub facts: Vec<Fact>,
    /// What would be refused, and why.
    pub refused: Vec<String>,
    /// What would be sent there, and in which form.
    pub sent: Vec<String>,
    /// Why something may not arrive there, or from there.
    pub trouble: Vec<String>,
}

impl Probe {
    fn fact(&mut self, about: &'static str, words: impl Into<String>) {
        let words = words.into();
        if !words.is_empty() {
            self.facts.push(Fact { about, words });
        }
    }

    fn refuse(&mut self, why: impl Into<String>) {
        self.refused.push(why.into());
    }
}

/// What is written down here about a server.
#[derive(Default)]
struct Known {
    row: Option<Host>,
    followed: usize,
    waiting: usize,
    last_error: Option<String>,
}

impl Federation {
    /// Looks at something elsewhere. Never fails: what goes wrong is part of what is said.
    pub async fn probe(&self, lookup: &Lookup) -> Probe {
        let mut probe = Probe::default();
        let ready = match self.ready().await {
            Ok(ready) => ready,
            Err(error) => {
                probe.refuse(format!("Nothing can be asked yet: {error}."));
                return probe;
            }
        };
        let host = match lookup {
            Lookup::Handle(handle) => handle.host.clone(),
            Lookup::Link(link) => link.host(),
            Lookup::Words(_) => {
                probe.refuse("That is neither a name such as @tea@h.example nor a link that begins with https://.");
                return probe;
            }
        };
        if ready.policy.own_hosts().contains(&host) {
            probe.refuse("That lives on this server itself, so nothing has to be asked.");
            return probe;
        }
        let known = self.known_of(&host).await;
        let blocked = known.row.as_ref().is_some_and(|row| row.blocked);
        words::trouble(&mut probe, &host, &known, self.now());
        if blocked {
            return probe;
        }
        let address = match lookup {
            Lookup::Handle(handle) => self.named_by(ready, handle, &mut probe).await,
            Lookup::Link(link) => Some(link.url().clone()),
            Lookup::Words(_) => None,
        };
        if let Some(address) = address {
            self.look(ready, &address, &mut probe).await;
        }
        let software = self.software(ready, &host, known.row.as_ref(), &mut probe).await;
        words::sent(&mut probe, &software, known.row.as_ref(), known.followed);
        probe
    }

    /// The actor that a server names for a handle.
    async fn named_by(&self, ready: &Ready, handle: &Handle, probe: &mut Probe) -> Option<Url> {
        match self.web_finger(ready, &handle.name, &handle.host).await {
            Ok(found) => {
                let actor = found.actor().cloned();
                if actor.is_none() {
                    probe.refuse(
                        "Its WebFinger answer names no actor, or more than one: it can't be found by its name.",
                    );
                }
                actor
            }
            Err(NotFound::Unknown) => {
                probe.refuse("Its server knows nobody of that name.");
                None
            }
            Err(why) => {
                probe.refuse(format!("It can't be found by its name: {why}."));
                None
            }
        }
    }

    /// Fetches and reads one document, at its own address in the end.
    async fn look(&self, ready: &Ready, address: &Url, probe: &mut Probe) {
        let mut address = address.clone();
        for again in [true, false] {
            let document = match self.read_one(ready, &address).await {
                Ok(document) => document,
                Err(why) => return probe.refuse(why),
            };
            let own = id_of(&document).cloned();
            match own {
                Some(own) if own != address && again && host_of(&own) == host_of(&address) => address = own,
                Some(own) if own != address => {
                    return probe.refuse(format!(
                        "The document says that its id is {own}, which is not where it was found. It is not believed."
                    ));
                }
                _ => {
                    probe.found = Some(address.to_string());
                    return self.tell(ready, &document, probe).await;
                }
            }
        }
    }

    async fn read_one(&self, ready: &Ready, address: &Url) -> Result<Document, String> {
        let key = ready.client.instance_key();
        let fetched = ready.client.get_activity(address, key.as_ref(), self.now()).await;
        let fetched = fetched.map_err(|error| words::fetch(error).to_owned())?;
        let read = inbound::read_document(&fetched.bytes, ready.options);
        let document = read.map_err(|refusal| format!("It can't be read: {refusal}."))?;
        if id_of(&document).is_none() && fetched.final_url != *address {
            return Err("It leads somewhere else, and what is there has no id.".to_owned());
        }
        Ok(document)
    }

    async fn tell(&self, ready: &Ready, document: &Document, probe: &mut Probe) {
        match document {
            Document::Actor(actor) => {
                probe.understood = true;
                words::actor(probe, actor);
                if let Some(problem) = remote::problem(actor) {
                    probe.refuse(format!("This actor would not be taken in: {problem}."));
                }
            }
            Document::Post(post) => {
                probe.understood = true;
                let author = self.who(ready, post.attributed_to.as_ref()).await;
                let group = self.group_of(ready, [&post.audience, &post.attributed_group]).await;
                words::post(probe, post, author.as_deref(), group.as_deref());
            }
            Document::Event(event) => {
                probe.understood = true;
                let owner = self.who(ready, event.attributed_to.as_ref()).await;
                words::event(probe, event, owner.as_deref(), self.now());
            }
            Document::Tombstone(_) => {
                probe.understood = true;
                probe.fact("Type", "what is left of something that was removed (Tombstone)");
            }
            other => probe.refuse(format!("It is of a kind ({}) that means nothing by itself here.", other.kind())),
        }
    }

    async fn who(&self, ready: &Ready, id: Option<&Url>) -> Option<Box<ActorDocument>> {
        match self.read_one(ready, id?).await {
            Ok(Document::Actor(actor)) => Some(actor),
            _ => None,
        }
    }

    async fn group_of(&self, ready: &Ready, named: [&Option<Url>; 2]) -> Option<Box<ActorDocument>> {
        for id in named.into_iter().flatten() {
            if let Some(actor) = self.who(ready, Some(id)).await
                && actor.kind == ActorKind::Group
            {
                return Some(actor);
            }
        }
        None
    }

    /// What a server runs: as it says now, or else as it said last.
    async fn software(&self, ready: &Ready, host: &str, row: Option<&Host>, probe: &mut Probe) -> Software {
        let (said, when) = match self.node_info(ready, host).await {
            Ok(info) => (info.software, ""),
            Err(_) => {
                let name = row.and_then(|row| row.software.clone()).unwrap_or_default();
                let version = row.and_then(|row| row.version.clone()).unwrap_or_default();
                (Software::new(&name, &version), ", as it said before; its NodeInfo can't be read now")
            }
        };
        let words = match said.name() {
            "" => "unknown: its NodeInfo can't be read".to_owned(),
            name => format!("{name} {}{when}", said.version()).trim().to_owned(),
        };
        probe.fact("Software", words);
        said
    }

    async fn known_of(&self, host: &str) -> Known {
        let host = host.to_owned();
        let known = self.blocking(move |app| {
            app.db.read(|c| {
                let waiting = deliveries::of_host(c, &host)?;
                let failed = |row: &&deliveries::Delivery| row.state != deliveries::DeliveryState::Done;
                Ok::<_, ActionError>(Known {
                    row: hosts::get(c, &host)?,
                    followed: follows::groups_followed_from(c, &host)?.len(),
                    waiting: waiting.iter().filter(|row| row.state == deliveries::DeliveryState::Ready).count(),
                    last_error: waiting.iter().rev().filter(failed).find_map(|row| row.last_result.clone()),
                })
            })
        });
        known.await.unwrap_or_default()
    }
}

fn id_of(document: &Document) -> Option<&Url> {
    match document {
        Document::Actor(actor) => Some(&actor.id),
        Document::Post(post) => Some(&post.id),
        Document::Event(event) => Some(&event.id),
        Document::Tombstone(tombstone) => Some(&tombstone.id),
        Document::Collection(collection) => collection.id.as_ref(),
        _ => None,
    }
}
