//! The server that is attacked, with everything on it that the attacks are about: a public group, one for members that
//! reaches partners, a person who holds both, and people elsewhere who are members, strangers, banned or blocked.

use super::wire::{Back, Kept};
use crate::{
    database::TestDatabase,
    world::{self, event_form, group_form, post_form, setup_form},
};
use anyhow::Context;
use chrono::Duration;
use hearth::{
    config::Config,
    server::{self, Parts, Running},
};
use hearth_actions::{App, event, group, persona, post, received, remote};
use hearth_activitypub::{Document, ReadOptions, inbound};
use hearth_db::{
    Kind,
    tables::{
        actors::{self, Actor},
        events::Event,
        follows::{Follow, FollowState},
        groups, hosts, memberships,
        posts::Post,
        rsvps,
    },
};
use hearth_domain::{
    address::ApId,
    group::{Settings, Template},
    id::{FollowId, RsvpId},
    membership::{Role, State},
    rsvp::Answer,
};
use hearth_federation::{Limits, resolver::GuardedResolver};
use serde_json::{Value, json};
use std::{io, path::Path, sync::Arc};

/// The public collection.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";
const BASE: &str = "https://hearth.test";
/// The names that lead to the peers of the runner.
const PEERS: [&str; 4] = ["peer.test", "evil.test", "victim.test", "blocked.test"];
/// How much the limits are raised: every row comes from one of four servers within a minute or two.
const MANY: u32 = 100_000;

/// The server with what stands on it.
pub struct Stage {
    /// The server.
    pub running: Running,
    /// The names it asked the name service for. None has an address.
    pub names: Kept<String>,
    /// The public group.
    pub calm: Actor,
    /// The group for members.
    pub circle: Actor,
    /// A conversation in the public group.
    pub root: Post,
    /// A conversation in the other.
    pub hidden_root: Post,
    /// A meetup of the public group.
    pub meetup: Event,
    /// A meetup of the other.
    pub hidden_meetup: Event,
    /// A member elsewhere.
    pub alice: Actor,
    /// Another person on the server of that member.
    pub bob: Actor,
    /// A stranger.
    pub mallory: Actor,
    /// The follow of the member elsewhere, by its id.
    pub known_follow: ApId,
    lou: Actor,
    // Dropped last: the server holds connections.
    _database: TestDatabase,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// Starts the server and puts everything in its place. `keys` holds the public keys of the people elsewhere.
    ///
    /// # Errors
    /// When something does not go as an ordinary day would.
    pub fn set(kind: Kind, back: &Back, keys: &Path) -> anyhow::Result<Self> {
        let (folder, database) = (tempfile::tempdir()?, TestDatabase::new(kind));
        let names = Kept::default();
        let running = start(&folder, &database, back, &names)?;
        let app = running.app.clone();
        let code = hearth_actions::server::new_setup_code(&app)?.context("it is set up already")?;
        let form = setup_form(&code);
        let form = hearth_actions::server::SetupForm {
            address: "hearth.test".into(),
            persona_name: "lou".into(),
            persona_display_name: "Lou".into(),
            ..form
        };
        let keeper = hearth_actions::server::set_up(&app, &form)?;
        let lou = persona::all(&app, keeper)?.into_iter().next().context("a persona")?;
        app.db.write(|tx| actors::put_on_network(tx, lou.id, app.now()))?;
        let calm = group::create(&app, keeper, &group_form("calm", lou.id, "open_community"))?;
        let circle = group::create(&app, keeper, &group_form("private_circle", lou.id, "open_community"))?;
        shut(&app, &circle)?;
        let date = (app.clock.now() + Duration::days(14)).format("%Y-%m-%d").to_string();
        let members = |mut form: event::EventForm| {
            form.visibility = "members".into();
            form
        };
        let meeting = event::EventForm { date, ..event_form(lou.id) };
        let root = post::publish(&app, keeper, calm.id, &post_form(lou.id, "Sleep", "Badly, mostly."))?;
        let hidden = post::PostForm { visibility: "members".into(), ..post_form(lou.id, "Between us", "Hush.") };
        let hidden_root = post::publish(&app, keeper, circle.id, &hidden)?;
        let meetup = event::announce(&app, keeper, calm.id, &meeting)?;
        let hidden_meetup = event::announce(&app, keeper, circle.id, &members(meeting))?;
        block_and_befriend(&app)?;
        let learn = |host: &str, name: &str| person(&app, keys, host, name);
        let (alice, bob) = (learn("peer.test", "alice")?, learn("peer.test", "bob")?);
        let (mallory, vera) = (learn("evil.test", "mallory")?, learn("victim.test", "vera")?);
        let suspended = learn("peer.test", "suspended")?;
        let known_follow = follow_id("https://peer.test/follows/1")?;
        let stage = Self {
            running,
            names,
            calm,
            circle,
            root,
            hidden_root,
            meetup,
            hidden_meetup,
            alice,
            bob,
            mallory,
            known_follow,
            lou,
            _database: database,
            _folder: folder,
        };
        stage.people(&vera, &suspended)?;
        Ok(stage)
    }

    /// What the people elsewhere did before: joined, followed, answered, written.
    fn people(&self, vera: &Actor, suspended: &Actor) -> anyhow::Result<()> {
        let (app, alice) = (&self.running.app, &self.alice);
        let now = app.now();
        for group in [&self.calm, &self.circle] {
            let row = |actor: &Actor, state| memberships::Membership {
                group_id: group.id,
                actor_id: actor.id,
                role: Role::Member,
                state,
                since: now,
            };
            app.db.write(|tx| row(alice, State::Active).insert(tx))?;
            app.db.write(|tx| row(suspended, State::Banned).insert(tx))?;
        }
        self.receive(
            alice,
            &json!({"id": self.known_follow.as_str(), "type": "Follow", "object": self.calm.ap_id.as_str()}),
        )?;
        self.receive(
            alice,
            &json!({"id": "https://peer.test/joins/1", "type": "Join", "object": self.meetup.ap_id.as_str()}),
        )?;
        for writer in [alice, vera] {
            let note = format!("https://{}/notes/known", writer.host);
            let to = json!([PUBLIC, self.calm.ap_id.as_str()]);
            self.receive(
                writer,
                &json!({
                    "id": format!("{note}/create"), "type": "Create", "to": to,
                    "object": {"id": note, "type": "Note", "attributedTo": writer.ap_id.as_str(), "to": to,
                        "content": "<p>Known for a while.</p>", "inReplyTo": self.root.ap_id.as_str(),
                        "audience": self.calm.ap_id.as_str()},
                }),
            )?;
        }
        app.db.write(|tx| {
            rsvps::Rsvp {
                id: RsvpId::random(&*app.entropy),
                event_id: self.hidden_meetup.id,
                actor_id: alice.id,
                answer: Answer::Coming,
                note: String::new(),
                join_ap_id: "https://peer.test/joins/2".into(),
                instructions: String::new(),
                created_at: now,
                updated_at: now,
                place_in_line: None,
                told: String::new(),
            }
            .insert(tx)
        })?;
        let asked = Follow {
            id: FollowId::random(&*app.entropy),
            ap_id: follow_id(&format!("{BASE}/follows/1"))?,
            follower_id: self.lou.id,
            target_id: vera.id,
            state: FollowState::Asked,
            created_at: now,
        };
        Ok(app.db.write(|tx| asked.insert(tx))?)
    }

    /// Applies an activity as if it had come in with a good signature.
    fn receive(&self, signer: &Actor, activity: &Value) -> anyhow::Result<()> {
        let mut activity = activity.clone();
        activity["actor"] = signer.ap_id.as_str().into();
        let read = inbound::read_activity(activity.to_string().as_bytes(), ReadOptions::default());
        let read = read.map_err(|refusal| anyhow::anyhow!("{refusal}"))?;
        received::receive(&self.running.app, signer, &read, &received::Evidence::default())?;
        Ok(())
    }

    /// Does what is due until nothing is.
    ///
    /// # Errors
    /// When it does not come to rest.
    pub async fn settle(&self) -> anyhow::Result<()> {
        for _ in 0..50 {
            let federation = &self.running.federation;
            if federation.deliver_due().await? + federation.apply_incoming().await? == 0 {
                return Ok(());
            }
        }
        anyhow::bail!("the server does not come to rest")
    }

    /// Where the runner finds everything, by the names it uses.
    #[must_use]
    pub fn site(&self) -> Value {
        json!({
            "HOST": "hearth.test", "BASE": BASE, "SHARED_INBOX": "/inbox",
            "GROUP_INBOX": path(&self.calm.inbox), "PRIVATE_INBOX": path(&self.circle.inbox), "USER_INBOX": path(&self.lou.inbox),
            "GROUP_NAME": self.calm.name, "GROUP": self.calm.ap_id.as_str(), "PRIVATE_GROUP": self.circle.ap_id.as_str(),
            "USER": self.lou.ap_id.as_str(), "POST": self.root.ap_id.as_str(), "PRIVATE_POST": self.hidden_root.ap_id.as_str(),
            "EVENT": self.meetup.ap_id.as_str(), "PRIVATE_EVENT": self.hidden_meetup.ap_id.as_str(),
        })
    }
}

/// The path of an address.
#[must_use]
pub fn path(address: &str) -> String {
    url::Url::parse(address).map(|url| url.path().to_owned()).unwrap_or_default()
}

fn follow_id(text: &str) -> anyhow::Result<ApId> {
    ApId::try_from(url::Url::parse(text)?).map_err(|_| anyhow::anyhow!("{text} is no id"))
}

fn start(
    folder: &tempfile::TempDir,
    database: &TestDatabase,
    back: &Back,
    names: &Kept<String>,
) -> anyhow::Result<Running> {
    let peers: Vec<String> = PEERS.iter().map(|name| format!("{name}=http://{}", back.address)).collect();
    let config = Config {
        data_dir: folder.path().join("data"),
        database_url: database.setting(),
        address: BASE.into(),
        dev: true,
        dev_peers: peers.join(","),
        ..Config::default()
    };
    let names = names.clone();
    let resolver = GuardedResolver::with_lookup(Arc::new(move |name| {
        names.push(name);
        Box::pin(async { Err(io::Error::from(io::ErrorKind::NotFound)) })
    }));
    let limits = Limits { posts_per_minute: MANY, fetches_per_host: MANY, fetches: MANY, ..Limits::default() };
    let parts = Parts { workers: false, limits, resolver, ..Parts::system() };
    server::start_on(std::net::TcpListener::bind("127.0.0.1:0")?, &config, parts)
}

/// Gives a group settings that no page offers yet: for members, shared with partners.
fn shut(app: &App, group: &Actor) -> anyhow::Result<()> {
    let settings = Template::PrivateCircle.settings();
    app.db.write(|tx| {
        let Some(row) = groups::by_id(tx, group.id)? else { return Ok(()) };
        let Settings { readable, joining, reach, posting } = settings;
        groups::update(tx, &groups::Group { readable, joining, reach, posting, ..row })
    })?;
    Ok(())
}

fn block_and_befriend(app: &App) -> anyhow::Result<()> {
    app.db.write(|tx| {
        let blocked = hosts::ensure(tx, "blocked.test")?;
        hosts::update(tx, &hosts::Host { blocked: true, ..blocked })?;
        let partner = hosts::ensure(tx, "peer.test")?;
        hosts::update(tx, &hosts::Host { partner: true, ..partner })
    })?;
    Ok(())
}

/// Somebody elsewhere, as the runner's peers describe them.
fn person(app: &App, keys: &Path, host: &str, name: &str) -> anyhow::Result<Actor> {
    let key = keys.join(format!("{name}.pub.pem"));
    let pem = std::fs::read_to_string(&key).with_context(|| format!("the key of {name}"))?;
    let id = format!("https://{host}/users/{name}");
    let document = json!({
        "id": id, "type": "Person", "preferredUsername": name, "inbox": format!("{id}/inbox"),
        "outbox": format!("{id}/outbox"), "followers": format!("{id}/followers"),
        "endpoints": {"sharedInbox": format!("https://{host}/inbox")},
        "publicKey": {"id": format!("{id}#main-key"), "owner": id, "publicKeyPem": pem},
    });
    match world::read_document(&document) {
        Document::Actor(actor) => Ok(remote::learn(app, &actor)?),
        other => anyhow::bail!("{} is no actor", other.kind()),
    }
}
