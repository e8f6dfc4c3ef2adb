//! A server in a test: a database, a clock that stands still, chance that repeats itself, and short ways to make what
//! most tests begin with. Everything is made through the actions, never past them, but for settings that no page
//! offers yet.

use crate::{
    database::TestDatabase,
    keys::{self, SharedKeys},
    overheard,
};
use chrono::{DateTime, Utc};
use hearth_actions::{
    ActionError, App, Result, account,
    account::{SignUpForm, SignedUp},
    event::EventForm,
    group::{self, GroupForm},
    membership, password, persona,
    post::PostForm,
    received::{self, Evidence, Outcome},
    remote,
    rsvp::RsvpForm,
    server::{self, SetupForm},
};
use hearth_activitypub::{Document, ReadOptions, inbound};
use hearth_db::{
    DbConn, Time, Tx,
    tables::{
        activities,
        actors::{self, Actor},
        deliveries::{self, LeaseLimits},
        groups, hosts, memberships,
    },
};
use hearth_domain::{
    clock::{Clock, Entropy, FixedClock},
    group::Settings,
    id::{AccountId, ActorId},
    membership::{Role, State},
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// When tests happen.
pub const NOW: &str = "2026-11-24T10:00:00Z";
/// The name of the server under test.
pub const HOST: &str = "oak.test";
/// The password of every account.
pub const PASSWORD: &str = "a quiet evening";

/// Chance that is the same in every run (SplitMix64).
#[derive(Debug)]
pub struct Repeating(Mutex<u64>);

impl Repeating {
    /// Chance that begins at `seed`.
    #[must_use]
    pub const fn from_seed(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Entropy for Repeating {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.0.lock().expect("nobody panics here");
        for chunk in buffer.chunks_mut(8) {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = *state;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// What was put into the delivery queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The receiving server.
    pub host: String,
    /// The receiving inbox.
    pub inbox: String,
    /// The id on the network of who signs it.
    pub signer: String,
    /// The activity.
    pub body: Value,
}

/// A server in a test.
pub struct World {
    /// What actions need.
    pub app: App,
    /// The clock of `app`.
    pub clock: Arc<FixedClock>,
}

impl World {
    /// A server that is not set up yet.
    #[must_use]
    pub fn new(database: &TestDatabase) -> Self {
        overheard::listen();
        let clock = Arc::new(FixedClock::at(instant(NOW)));
        let entropy: Arc<dyn Entropy> = Arc::new(Repeating::from_seed(7));
        let app = App {
            db: database.db.clone(),
            clock: clock.clone(),
            keys: Arc::new(SharedKeys),
            passwords: Arc::new(password::Hasher::new(password::Cost::none(), &*entropy)),
            images: Arc::default(),
            entropy,
            fixed_origin: None,
        };
        Self { app, clock }
    }

    /// A server that is set up, with its keeper (sign-in name `keeper`, persona `rowan`).
    #[must_use]
    pub fn ready(database: &TestDatabase) -> (Self, AccountId) {
        let world = Self::new(database);
        let keeper = world.set_up();
        (world, keeper)
    }

    /// Sets the server up.
    pub fn set_up(&self) -> AccountId {
        let code = server::new_setup_code(&self.app).unwrap().expect("not set up yet");
        server::set_up(&self.app, &setup_form(&code)).unwrap()
    }

    /// An account with one persona. Both are called `name`.
    pub fn account(&self, name: &str) -> (AccountId, ActorId) {
        let account = account::create(&self.app, &sign_up_form(name), false).unwrap();
        (account, self.personas(account)[0].id)
    }

    /// The personas of an account, oldest first.
    #[must_use]
    pub fn personas(&self, account: AccountId) -> Vec<Actor> {
        persona::all(&self.app, account).unwrap()
    }

    /// A group that anybody reads, joins and writes in.
    pub fn group(&self, account: AccountId, owner: ActorId, name: &str) -> Actor {
        self.group_like(account, owner, name, "open_community")
    }

    /// A group by template.
    pub fn group_like(&self, account: AccountId, owner: ActorId, name: &str, template: &str) -> Actor {
        group::create(&self.app, account, &group_form(name, owner, template)).unwrap()
    }

    /// Gives a group settings, whatever it had: also those that no page would let it have.
    pub fn settle(&self, group: ActorId, settings: Settings) {
        self.write(|tx| {
            let mut row = groups::by_id(tx, group)?.expect("a group");
            (row.readable, row.joining) = (settings.readable, settings.joining);
            (row.reach, row.posting) = (settings.reach, settings.posting);
            groups::update(tx, &row)
        });
    }

    /// A new account with a persona that is a member with this role.
    pub fn member(&self, group: ActorId, name: &str, role: Role) -> (AccountId, ActorId) {
        let (account, persona) = self.account(name);
        let since = self.app.now();
        let row = memberships::Membership { group_id: group, actor_id: persona, role, state: State::Active, since };
        self.write(|tx| row.insert(tx));
        (account, persona)
    }

    /// Lets a persona join.
    pub fn join(&self, account: AccountId, group: ActorId, persona: ActorId) {
        membership::join(&self.app, account, group, persona).unwrap();
    }

    /// An actor elsewhere, as its server describes it.
    pub fn remote_actor(&self, kind: &str, id: &str) -> Actor {
        let origin = url::Url::parse(id).unwrap().origin().ascii_serialization();
        let name = id.rsplit('/').next().unwrap();
        let document = json!({
            "id": id, "type": kind, "preferredUsername": name, "name": name,
            "inbox": format!("{id}/inbox"), "outbox": format!("{id}/outbox"), "followers": format!("{id}/followers"),
            "endpoints": {"sharedInbox": format!("{origin}/inbox")},
            "publicKey": {"id": format!("{id}#main-key"), "owner": id, "publicKeyPem": keys::SHARED.public_pem},
        });
        match read_document(&document) {
            Document::Actor(actor) => remote::learn(&self.app, &actor).unwrap(),
            other => panic!("{} is no actor", other.kind()),
        }
    }

    /// Somebody elsewhere who follows a group here, as its server knows already.
    pub fn remote_follower(&self, group: &Actor, id: &str) -> Actor {
        let follower = self.remote_actor("Person", id);
        let follow = json!({"id": format!("{id}/follows/{}", group.name), "type": "Follow", "actor": id, "object": group.ap_id.as_str()});
        assert_eq!(self.receive(&follower, &follow).unwrap(), Outcome::Done);
        self.sent();
        follower
    }

    /// The keeper says how far a server is trusted.
    pub fn trust(&self, keeper: AccountId, host: &str, partner: bool, may_hold_private: bool) {
        let trust = remote::Trust { partner: Some(partner), may_hold_private: Some(may_hold_private) };
        remote::trust(&self.app, keeper, host, trust).unwrap();
    }

    /// Somebody elsewhere who is a member of a group here; their server runs Hearth.
    pub fn remote_member(&self, group: &Actor, id: &str) -> Actor {
        let person = self.remote_actor("Person", id);
        self.software(&person.host, "hearth");
        let (state, since) = (State::Active, self.app.now());
        let row = memberships::Membership { group_id: group.id, actor_id: person.id, role: Role::Member, state, since };
        self.write(|tx| row.insert(tx));
        person
    }

    /// What a server says it runs.
    pub fn software(&self, host: &str, software: &str) {
        remote::learn_software(&self.app, host, Some((software, "1.0"))).unwrap();
    }

    /// The keeper blocks a server.
    pub fn block(&self, host: &str) {
        self.write(|tx| {
            let row = hosts::ensure(tx, host)?;
            hosts::update(tx, &hosts::Host { blocked: true, ..row })
        });
    }

    /// Applies an activity with nothing fetched.
    ///
    /// # Errors
    /// As [`received::receive`].
    pub fn receive(&self, signer: &Actor, activity: &Value) -> Result<Outcome> {
        self.receive_with(signer, activity, &Evidence::default())
    }

    /// Applies an activity.
    ///
    /// # Errors
    /// As [`received::receive`].
    pub fn receive_with(&self, signer: &Actor, activity: &Value, evidence: &Evidence) -> Result<Outcome> {
        let activity = inbound::read_activity(activity.to_string().as_bytes(), ReadOptions::default()).unwrap();
        received::receive(&self.app, signer, &activity, evidence)
    }

    /// Empties the delivery queue as if every server took everything, and says what was in it, in the order of asking.
    /// What waits for a server that gets nothing stays.
    pub fn sent(&self) -> Vec<Sent> {
        let now = self.app.now();
        let until = (self.clock.now() + chrono::Duration::minutes(5)).into();
        let mut taken = Vec::new();
        loop {
            let limits = LeaseLimits { until, most: 1_000 };
            let leased = self.write(|tx| {
                let hosts =
                    deliveries::hosts_with_work(tx, now)?.into_iter().map(|(host, _fails)| (host, 1_000)).collect();
                deliveries::lease(tx, &hosts, now, limits)
            });
            if leased.is_empty() {
                break;
            }
            self.write(|tx| deliveries::finish_all(tx, &leased.iter().map(|row| row.id).collect::<Vec<_>>()));
            taken.extend(leased);
        }
        taken.sort_by_key(|row| row.id);
        taken
            .into_iter()
            .map(|row| {
                let activity = self.read(|c| activities::by_id(c, row.activity_id)).expect("an activity");
                Sent {
                    host: row.host,
                    inbox: row.inbox,
                    signer: self.read(|c| actors::by_id(c, activity.actor_id)).expect("a signer").ap_id.to_string(),
                    body: serde_json::from_str(&activity.body).expect("JSON"),
                }
            })
            .collect()
    }

    /// How many deliveries wait, for servers that get nothing too.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        self.read(deliveries::count_waiting)
    }

    /// Reads rows.
    pub fn read<T>(&self, reading: impl FnOnce(&mut DbConn) -> hearth_db::Result<T>) -> T {
        self.app.db.read(reading).unwrap()
    }

    /// Writes rows.
    pub fn write<T>(&self, writing: impl FnOnce(&mut Tx<'_>) -> hearth_db::Result<T>) -> T {
        self.app.db.write(writing).unwrap()
    }
}

/// An instant, from its RFC 3339 spelling.
#[must_use]
pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// An instant as the database keeps it.
#[must_use]
pub fn time(text: &str) -> Time {
    instant(text).into()
}

/// A document as another server would serve it.
#[must_use]
pub fn read_document(document: &Value) -> Document {
    inbound::read_document(document.to_string().as_bytes(), ReadOptions::default()).unwrap()
}

/// Evidence: these documents were fetched.
#[must_use]
pub fn fetched(documents: &[Value]) -> Evidence {
    Evidence { objects: documents.iter().map(read_document).collect(), ..Evidence::default() }
}

/// Evidence: this address answered 404 or 410.
#[must_use]
pub fn gone(id: &str) -> Evidence {
    Evidence { gone: vec![id.parse().expect("an address")], ..Evidence::default() }
}

/// What the keeper types at the set-up.
#[must_use]
pub fn setup_form(code: &str) -> SetupForm {
    SetupForm {
        signed_readers: None,
        code: code.into(),
        name: "Larkwater".into(),
        summary: "Groups for hard days.".into(),
        address: HOST.into(),
        contact: "hello@larkwater.example".into(),
        zone: "Europe/London".into(),
        language: String::new(),
        exit_url: String::new(),
        sign_up: "open".into(),
        helpline_name: "Night line".into(),
        helpline_about: String::new(),
        helpline_hours: String::new(),
        helpline_number: "0800 123 456".into(),
        sign_in_name: "keeper".into(),
        password: PASSWORD.into(),
        persona_name: "rowan".into(),
        persona_display_name: "Rowan".into(),
    }
}

/// What a person types to open an account.
#[must_use]
pub fn sign_up_form(name: &str) -> SignUpForm {
    SignUpForm {
        sign_in_name: format!("{name}-signs-in"),
        password: PASSWORD.into(),
        persona_name: name.into(),
        persona_display_name: String::new(),
        hello: String::new(),
        invitation: String::new(),
        agree: "yes".into(),
    }
}

/// What a person types to make a group.
#[must_use]
pub fn group_form(name: &str, owner: ActorId, template: &str) -> GroupForm {
    GroupForm {
        name: name.into(),
        display_name: "Tea and Talk".into(),
        about: "Peer support for **low mood**.".into(),
        rhythm: "Tuesdays, 7 pm".into(),
        guidelines: "Be kind.".into(),
        template: template.into(),
        persona: owner.to_string(),
        ..GroupForm::default()
    }
}

/// A post everybody may see.
#[must_use]
pub fn post_form(persona: ActorId, title: &str, text: &str) -> PostForm {
    PostForm { title: title.into(), text: text.into(), persona: persona.to_string(), ..PostForm::default() }
}

/// A meetup in person next Tuesday, with an address, a room link and twelve places.
#[must_use]
pub fn event_form(persona: ActorId) -> EventForm {
    EventForm {
        title: "Tuesday tea".into(),
        text: "Drop in, no need to talk.".into(),
        date: "2026-12-01".into(),
        start: "18:30".into(),
        end: "20:00".into(),
        zone: "Europe/London".into(),
        place_kind: "both".into(),
        area: "Northside, near the library".into(),
        address: "14 Mill Lane".into(),
        link: "https://rooms.example/secret-room".into(),
        access: "One step.".into(),
        capacity: "12".into(),
        visibility: "public".into(),
        persona: persona.to_string(),
        ..EventForm::default()
    }
}

/// An answer to a meetup.
#[must_use]
pub fn rsvp_form(persona: ActorId, answer: &str) -> RsvpForm {
    RsvpForm { answer: answer.into(), note: String::new(), persona: persona.to_string() }
}

/// The fields of a refused form, in their order.
///
/// # Panics
/// When the form was taken, or refused for another reason.
pub fn refused_fields<T>(result: Result<T>) -> Vec<&'static str> {
    match result {
        Err(ActionError::Invalid(problems)) => problems.into_iter().map(|problem| problem.field).collect(),
        Err(other) => panic!("refused otherwise: {other:?}"),
        Ok(_) => panic!("it was taken"),
    }
}

/// The account that a sign-up made.
///
/// # Panics
/// When a keeper looks first.
#[must_use]
pub fn active(signed_up: SignedUp) -> AccountId {
    match signed_up {
        SignedUp::Active(account) => account,
        SignedUp::Waiting => panic!("a keeper looks first"),
    }
}
