//! What the attacks are made on. `oak` is the server under attack. `elm` is a good neighbour whose keeper follows a group
//! on oak; `ash` is a stranger whose signatures are as valid as anybody's. Whatever comes, [`Stage::picture`] of oak has
//! to stay the same.

use chrono::{DateTime, Utc};
use hearth_actions::{event, post, post::PostForm};
use hearth_db::{
    Kind,
    tables::{
        actors::{self, Actor},
        events::{self, Event},
        follows, groups, memberships,
        posts::{self, Post},
        rsvps,
    },
    views::{conversation, outbox, visible::Reader},
};
use hearth_domain::{
    clock::Clock,
    group::{Reach, Readable},
    id::ActorId,
};
use hearth_federation::signing::{RequestTarget, SigningKey};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tests::{
    network::{TestNetwork, TestServer},
    world::{event_form, post_form},
};
use url::Url;

/// The public collection.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
/// A group that nobody is told about.
pub const HIDDEN: &str = "https://oak.test/g/circle";

/// Somebody who can sign.
pub struct Signer {
    pub id: String,
    pub key: SigningKey,
}

impl Signer {
    /// The keeper's persona of a server, which has an address from now on.
    pub fn of(server: &TestServer) -> Self {
        let app = server.app();
        app.db.write(|tx| actors::put_on_network(tx, server.persona, app.now())).expect("the database answers");
        let actor = server.actor(server.persona);
        let pem = actor.private_key_pem.expect("it lives there");
        let key_id = Url::parse(&actor.public_key_id).expect("an address");
        Self { id: actor.ap_id.to_string(), key: SigningKey::from_pem(&key_id, &pem).expect("a key") }
    }

    /// An address on the signer's own server.
    pub fn own(&self, rest: &str) -> String {
        let origin = Url::parse(&self.id).expect("an address").origin().ascii_serialization();
        format!("{origin}/made-up/{rest}")
    }

    /// The headers of a good delivery to oak.
    pub fn sign(&self, body: &[u8], now: DateTime<Utc>) -> HeaderMap {
        self.sign_for("https://oak.test/inbox", body, now)
    }

    pub fn sign_for(&self, inbox: &str, body: &[u8], now: DateTime<Utc>) -> HeaderMap {
        let inbox = Url::parse(inbox).expect("an address");
        self.key.sign_cavage(&Method::POST, &inbox, Some(body), RequestTarget::WithQuery, now).expect("signed")
    }
}

/// What stands on oak when the attacks begin.
pub struct Stage {
    pub net: TestNetwork,
    /// Keeper of elm: follows the group, and has written in it.
    pub friend: Signer,
    /// Keeper of ash: follows nothing.
    pub stranger: Signer,
    pub tea: Actor,
    pub circle: ActorId,
    pub root: Post,
    pub members_only: Post,
    pub meetup: Event,
    pub members_meetup: Event,
    pub hidden_post: Post,
    pub hidden_meetup: Event,
}

impl Stage {
    pub async fn set() -> Self {
        let net = TestNetwork::start(&[("oak", Kind::Sqlite), ("elm", Kind::Sqlite), ("ash", Kind::Sqlite)]).await;
        let (oak, elm) = (net.server("oak"), net.server("elm"));
        let (friend, stranger) = (Signer::of(elm), Signer::of(net.server("ash")));
        let tea = oak.group("tea");
        elm.follow("@tea@oak.test").await;
        net.settle().await;
        let for_members =
            |title: &str| PostForm { visibility: "members".into(), ..post_form(oak.persona, title, "Hush") };
        let root = oak.act(|app| post::publish(app, oak.keeper, tea.id, &post_form(oak.persona, "Sleep?", "Badly.")));
        let members_only = oak.act(|app| post::publish(app, oak.keeper, tea.id, &for_members("Only us")));
        let meetup = oak.act(|app| event::announce(app, oak.keeper, tea.id, &event_form(oak.persona)));
        let mut form = event_form(oak.persona);
        form.visibility = "members".into();
        let members_meetup = oak.act(|app| event::announce(app, oak.keeper, tea.id, &form));
        let circle = oak.group("circle").id;
        restrict(oak, circle, Readable::Members, Reach::Here);
        let hidden_post = oak.act(|app| post::publish(app, oak.keeper, circle, &for_members("Hush")));
        let hidden_meetup = oak.act(|app| event::announce(app, oak.keeper, circle, &form));
        net.settle().await;
        Self {
            friend,
            stranger,
            tea,
            circle,
            root,
            members_only,
            meetup,
            members_meetup,
            hidden_post,
            hidden_meetup,
            net,
        }
    }

    pub fn oak(&self) -> &TestServer {
        self.net.server("oak")
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.net.clock.now()
    }

    /// Posts bytes with these headers to an inbox of oak.
    pub async fn post(&self, path: &str, headers: HeaderMap, body: Vec<u8>) -> StatusCode {
        #[expect(clippy::disallowed_methods, reason = "a test is a peer, not a part of Hearth")]
        let client = reqwest::Client::new();
        let url = self.oak().local_url().join(path).expect("an address");
        client.post(url).headers(headers).body(body).send().await.expect("an answer").status()
    }

    /// Delivers an activity as a well-behaved server would, and lets oak do what follows from it.
    pub async fn deliver(&self, signer: &Signer, activity: &Value) -> u16 {
        let body = activity.to_string().into_bytes();
        let status = self.post("/inbox", signer.sign(&body, self.now()), body).await;
        self.net.settle().await;
        status.as_u16()
    }

    /// Everything on oak that a stranger might want to move.
    pub fn picture(&self) -> Value {
        self.oak().read(|c| {
            let anybody = Reader::anybody();
            let mut words = Vec::new();
            for one in [&self.root, &self.members_only, &self.hidden_post] {
                let row = posts::by_id(c, one.id)?.expect("it is never gone");
                words.push(json!([row.content_html, row.title, row.author_id.to_string(), row.deleted_at.is_some()]));
            }
            let mut meetups = Vec::new();
            for one in [&self.meetup, &self.members_meetup, &self.hidden_meetup] {
                let row = events::by_id(c, one.id)?.expect("it is never gone");
                let people = rsvps::with_actors(c, row.id)?.into_iter();
                let people: Vec<String> =
                    people.map(|(rsvp, actor)| format!("{} {}", actor.ap_id, rsvp.answer.as_str())).collect();
                meetups.push(json!([row.title, row.area, row.deleted_at.is_some(), people]));
            }
            let mut here = Vec::new();
            for id in [self.tea.id, self.circle, self.oak().persona] {
                let actor = actors::by_id(c, id)?.expect("it is never gone");
                here.push(json!([actor.display_name, actor.public_key_pem, actor.inbox, actor.deleted_at.is_some()]));
            }
            let friend = actors::by_ap_id(c, &self.friend.id)?.expect("known");
            let follow = follows::between(c, friend.id, self.tea.id)?.map(|row| row.state.as_str());
            let settings =
                |group: Option<groups::Group>| group.map(|group| serde_json::to_value(group.settings()).ok());
            Ok(json!({
                "posts": words,
                "meetups": meetups,
                "actors": here,
                "friend": [friend.public_key_pem, friend.inbox, friend.display_name],
                "follow": follow,
                "followers": follows::count_followers(c, self.tea.id)?,
                "members": [memberships::count(c, self.tea.id)?, memberships::count(c, self.circle)?],
                "roots": [outbox::count(c, self.tea.id)?, outbox::count(c, self.circle)?],
                "replies": conversation::replies(c, &anybody, self.root.id, 100)?.len(),
                "settings": [settings(groups::by_id(c, self.tea.id)?), settings(groups::by_id(c, self.circle)?)],
            }))
        })
    }

    /// A note by `signer` in the group, as an activity.
    pub fn note(&self, signer: &Signer, name: &str, change: impl FnOnce(&mut Value)) -> Value {
        let mut activity = json!({
            "id": signer.own(&format!("act-{name}")), "type": "Create", "actor": signer.id,
            "to": [PUBLIC, self.tea.ap_id.as_str()],
            "object": {
                "id": signer.own(name), "type": "Note", "attributedTo": signer.id, "content": "<p>From afar</p>",
                "to": [PUBLIC, self.tea.ap_id.as_str()], "audience": self.tea.ap_id.as_str(),
                "inReplyTo": self.root.ap_id.as_str(), "published": "2026-11-24T09:59:00Z",
            },
        });
        change(&mut activity);
        activity
    }

    /// A plain activity about something.
    pub fn about(&self, signer: &Signer, name: &str, kind: &str, object: impl Into<Value>) -> Value {
        json!({"id": signer.own(name), "type": kind, "actor": signer.id, "to": [PUBLIC], "object": object.into()})
    }

    pub async fn finish(self) {
        self.net.finish().await;
    }
}

/// Gives a group settings that no page offers yet.
pub fn restrict(server: &TestServer, group: ActorId, readable: Readable, reach: Reach) {
    let app = server.app();
    app.db
        .write(|tx| {
            let row = groups::by_id(tx, group)?.expect("a group");
            let posting =
                if readable == Readable::Public { row.posting } else { hearth_domain::group::Posting::Members };
            groups::update(tx, &groups::Group { readable, reach, posting, ..row })
        })
        .expect("the database answers");
}
