//! A server with a group, in a temporary folder, and ways to talk to it as another server would.

use std::sync::{Arc, Mutex};

use actix_web::{
    App as ActixApp, HttpResponse,
    body::MessageBody,
    http::StatusCode,
    test::{TestRequest, call_service, init_service},
    web,
};
use chrono::{DateTime, Utc};
use hearth_actions::{
    App, KeyMaker, KeyPair, event,
    event::EventForm,
    group::{self, GroupForm},
    password::{Cost, Hasher},
    persona, post,
    post::PostForm,
    remote,
    server::{self, SetupForm},
};
use hearth_activitypub::{Document, ReadOptions, inbound};
use hearth_db::{
    Db, DbConn, DbUrl, Tx,
    tables::{
        actors::{self, Actor},
        deliveries::{self, Delivery},
        events::Event,
        groups,
        posts::Post,
    },
};
use hearth_domain::{
    clock::{Clock, Entropy, FixedClock},
    group::Template,
    id::{AccountId, ActorId},
};
use http::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use crate::{
    Federation, FederationSettings, Limits,
    origin::DevPeers,
    signing::{
        Scheme,
        testkeys::{now, pems, private},
    },
};

pub(crate) const ACTIVITY: &str = "application/activity+json";

/// Chance that repeats itself (SplitMix64).
struct Repeating(Mutex<u64>);

impl Entropy for Repeating {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.0.lock().unwrap();
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

struct SharedKey;

impl KeyMaker for SharedKey {
    fn make(&self) -> Option<KeyPair> {
        let pair = pems("oak");
        Some(KeyPair { private_pem: pair.private_pem, public_pem: pair.public_pem })
    }
}

/// `oak.test`.
pub(crate) struct World {
    pub door: Federation,
    pub app: App,
    pub clock: Arc<FixedClock>,
    pub keeper: AccountId,
    pub rowan: ActorId,
    _folder: TempDir,
}

/// An answer as bytes.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub media_type: String,
    pub vary: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl World {
    /// A server that is not set up, which reaches these names at these ports of this machine.
    pub fn bare(peers: &[(&str, u16)], limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&DbUrl::file(&folder.path().join("hearth.db")), 4).unwrap();
        let clock = Arc::new(FixedClock::at(now()));
        let entropy: Arc<dyn Entropy> = Arc::new(Repeating(Mutex::new(7)));
        let passwords = Arc::new(Hasher::new(Cost::none(), &*entropy));
        let (keys, images) = (Arc::new(SharedKey), Arc::default());
        let app = App { db, clock: clock.clone(), entropy, keys, passwords, images, fixed_origin: None };
        let peers: Vec<String> = peers.iter().map(|(name, port)| format!("{name}=http://127.0.0.1:{port}")).collect();
        let settings = FederationSettings {
            user_agent: "Hearth/test".into(),
            dev_peers: DevPeers::parse(&peers.join(",")).unwrap(),
            resolver: crate::resolver::GuardedResolver::system(),
            source_url: "https://source.example/hearth".into(),
        };
        let limits = Limits { repair_pause: std::time::Duration::ZERO, ..limits };
        let door = Federation::with_limits(app.clone(), settings, limits).unwrap();
        let zero = 0_i64;
        let (keeper, rowan) = (zero.try_into().unwrap(), zero.try_into().unwrap());
        Self { door, app, clock, keeper, rowan, _folder: folder }
    }

    pub fn with(peers: &[(&str, u16)], limits: Limits) -> Self {
        let mut world = Self::bare(peers, limits);
        let code = server::new_setup_code(&world.app).unwrap().unwrap();
        world.keeper = server::set_up(&world.app, &setup_form(&code)).unwrap();
        world.rowan = persona::all(&world.app, world.keeper).unwrap()[0].id;
        world
    }

    pub fn new(peers: &[(&str, u16)]) -> Self {
        Self::with(peers, Limits::default())
    }

    pub fn group(&self, name: &str, template: &str) -> Actor {
        let form = GroupForm {
            name: name.into(),
            display_name: "Tea and Talk".into(),
            about: "Peer support.".into(),
            template: "open_community".into(),
            persona: self.rowan.to_string(),
            ..GroupForm::default()
        };
        let made = group::create(&self.app, self.keeper, &form).unwrap();
        // Some settings are offered by no page yet.
        let settings = Template::try_from(template.to_owned()).unwrap().settings();
        self.write(|tx| {
            let mut row = groups::by_id(tx, made.id)?.unwrap();
            (row.readable, row.joining) = (settings.readable, settings.joining);
            (row.reach, row.posting) = (settings.reach, settings.posting);
            groups::update(tx, &row)
        });
        made
    }

    pub fn post(&self, group: &Actor, title: &str, visibility: &str) -> Post {
        post::publish(&self.app, self.keeper, group.id, &self.words(title, visibility)).unwrap()
    }

    pub fn reply(&self, to: post::Answering) -> Post {
        post::reply(&self.app, self.keeper, to, &self.words("", "public")).unwrap()
    }

    fn words(&self, title: &str, visibility: &str) -> PostForm {
        PostForm {
            title: title.into(),
            text: "Warm milk.".into(),
            visibility: visibility.into(),
            persona: self.rowan.to_string(),
            ..PostForm::default()
        }
    }

    pub fn meetup(&self, group: &Actor) -> Event {
        let form = EventForm {
            title: "Tuesday tea".into(),
            date: "2026-12-01".into(),
            start: "18:30".into(),
            end: "20:00".into(),
            zone: "Europe/London".into(),
            place_kind: "both".into(),
            area: "Northside".into(),
            address: "14 Mill Lane".into(),
            link: "https://rooms.example/secret-room".into(),
            capacity: "12".into(),
            visibility: "public".into(),
            persona: self.rowan.to_string(),
            ..EventForm::default()
        };
        event::announce(&self.app, self.keeper, group.id, &form).unwrap()
    }

    /// An actor elsewhere that is known already, with the key of this name.
    pub fn known(&self, kind: &str, id: &str, key: &str) -> Actor {
        let document = actor(kind, id, key);
        match inbound::read_document(document.to_string().as_bytes(), ReadOptions::default()).unwrap() {
            Document::Actor(actor) => remote::learn(&self.app, &actor).unwrap(),
            other => panic!("{} is no actor", other.kind()),
        }
    }

    pub fn actor(&self, id: &str) -> Option<Actor> {
        self.read(|c| actors::by_ap_id(c, id))
    }

    pub fn deliveries(&self, host: &str) -> Vec<Delivery> {
        self.read(|c| deliveries::of_host(c, host))
    }

    pub fn read<T>(&self, reading: impl FnOnce(&mut DbConn) -> hearth_db::Result<T>) -> T {
        self.app.db.read(reading).unwrap()
    }

    pub fn write<T>(&self, writing: impl FnOnce(&mut Tx<'_>) -> hearth_db::Result<T>) -> T {
        self.app.db.write(writing).unwrap()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Posts an activity to the shared inbox, signed with the key `key` under the main key id of its actor.
    pub async fn deliver(&self, activity: &Value, key: &str) -> StatusCode {
        let actor = activity["actor"].as_str().unwrap();
        let request = self.signed("/inbox", &activity.to_string(), key, &format!("{actor}#main-key"));
        self.call(request).await.status
    }

    /// A signed POST.
    pub fn signed(&self, path: &str, body: &str, key: &str, key_id: &str) -> TestRequest {
        let url = Url::parse("https://oak.test").unwrap().join(path).unwrap();
        let headers =
            private(key, key_id).sign(Scheme::Cavage, &Method::POST, &url, Some(body.as_bytes()), self.now()).unwrap();
        let mut request = TestRequest::post().uri(path).set_payload(body.to_owned());
        for (name, value) in &headers {
            request = request.insert_header((name.as_str(), value.to_str().unwrap()));
        }
        request
    }

    /// A GET with this `Accept`; empty for none.
    pub async fn get(&self, path: &str, accept: &str) -> Answer {
        let request = TestRequest::get().uri(path);
        self.call(if accept.is_empty() { request } else { request.insert_header(("accept", accept)) }).await
    }

    /// Calls the door, with a page at every address behind it.
    pub async fn call(&self, request: TestRequest) -> Answer {
        let page = web::to(|| async { HttpResponse::Ok().content_type("text/html").body("a page") });
        let service = ActixApp::new().configure(self.door.configure()).default_service(page);
        let service = init_service(service).await;
        let response = call_service(&service, request.to_request()).await;
        let header = |name: &str| {
            let value = response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
            value.unwrap_or_default()
        };
        let (status, media_type, vary) = (response.status(), header("content-type"), header("vary"));
        let body = response.into_body().try_into_bytes().map(|bytes| bytes.to_vec()).unwrap_or_default();
        Answer { status, media_type, vary, body }
    }
}

/// An actor as its own server serves it.
pub(crate) fn actor(kind: &str, id: &str, key: &str) -> Value {
    let origin = Url::parse(id).unwrap().origin().ascii_serialization();
    json!({
        "id": id, "type": kind, "preferredUsername": id.rsplit('/').next().unwrap(),
        "inbox": format!("{id}/inbox"), "outbox": format!("{id}/outbox"), "followers": format!("{id}/followers"),
        "endpoints": {"sharedInbox": format!("{origin}/inbox")},
        "publicKey": {"id": format!("{id}#main-key"), "owner": id, "publicKeyPem": pems(key).public_pem},
    })
}

pub(crate) fn follow(number: u32, by: &str, target: &str) -> Value {
    json!({"id": format!("{by}/follows/{number}"), "type": "Follow", "actor": by, "object": target})
}

fn setup_form(code: &str) -> SetupForm {
    SetupForm {
        code: code.into(),
        name: "Larkwater".into(),
        summary: "Groups for hard days.".into(),
        address: "oak.test".into(),
        contact: "hello@larkwater.example".into(),
        zone: "Europe/London".into(),
        sign_up: "open".into(),
        helpline_name: "Night line".into(),
        helpline_number: "0800 123 456".into(),
        sign_in_name: "keeper".into(),
        password: "a quiet evening".into(),
        persona_name: "rowan".into(),
        persona_display_name: "Rowan".into(),
        ..SetupForm::default()
    }
}
