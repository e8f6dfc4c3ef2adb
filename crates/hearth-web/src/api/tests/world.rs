//! A small server with a keeper, a member, somebody who waits and an outsider; one file because the good call of every
//! route stands in one table, with what it needs to be there.

use crate::{api, protect::FormSecret, state::WebState};
use actix_web::{
    App,
    body::BoxBody,
    dev::ServiceResponse,
    http::{Method, StatusCode, header::HeaderMap},
    test,
    web::{Bytes, Data},
};
use chrono::{DateTime, Utc};
use hearth_actions::{
    KeyMaker, KeyPair,
    network::{Finding, Network, NotFound},
    password::{Cost, Hasher},
    server, server_follow, session,
};
use hearth_db::{
    Db, DbUrl,
    tables::{
        actors,
        follows::{Follow, FollowState},
        hosts,
        images::Image,
        invites::Invite,
        memberships::Membership,
        network_meetups::{self, MeetupState, NetworkMeetup},
        rsvps,
    },
};
use hearth_domain::{
    address::{ApId, Lookup},
    clock::{Clock, Entropy, FixedClock},
    id::{AccountId, ActorId, FollowId, ImageId, InviteId},
    image::ImageState,
    membership::{Role, State},
    server::TakesMeetups,
};
use serde_json::{Value, json};
use std::{
    future::Future,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

pub(super) const NOW: &str = "2026-11-24T10:00:00Z";
pub(super) const PASSWORD: &str = "seven quiet herons";
/// Well formed, and nobody's.
pub(super) const UNKNOWN: &str = "7zzzzzzzzzzzz";

use tokio::sync::OnceCell;

/// Counts: every draw differs, and every run is the same.
struct Counter(AtomicU64);

impl Entropy for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        buffer.iter_mut().zip(number.to_le_bytes().iter().cycle()).for_each(|(byte, next)| *byte = *next);
    }
}

/// One key for everybody, or none.
pub(super) struct OneKey(pub bool);

impl KeyMaker for OneKey {
    fn make(&self) -> Option<KeyPair> {
        self.0.then(|| KeyPair { private_pem: "private".to_owned(), public_pem: "public".to_owned() })
    }
}

/// Nobody answers but one server, once it is known.
struct Silence(hearth_db::Db);

impl Network for Silence {
    fn find<'a>(&'a self, _: &'a Lookup) -> Finding<'a> {
        Box::pin(async { Err(NotFound::Unreachable) })
    }
    fn find_server<'a>(&'a self, _: &'a str) -> Finding<'a> {
        let known = self.0.read(|c| actors::by_ap_id(c, "https://new.example/relay")).unwrap();
        Box::pin(async { known.map(|actor| actor.id).ok_or(NotFound::Unreachable) })
    }
}

pub(super) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    /// The fields of a problem.
    pub fn fields(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect()
    }
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self
    }
    #[track_caller]
    pub fn is_problem(&self, what: &str) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{what}");
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16(), "{what}");
        for field in ["type", "title", "detail"] {
            assert!(json[field].as_str().is_some_and(|words| !words.is_empty()), "{what}: {field} in {json}");
        }
    }
}

/// Answers one request.
type Service = Box<dyn Fn(test::TestRequest) -> Pin<Box<dyn Future<Output = ServiceResponse<BoxBody>>>>>;

async fn served(state: WebState) -> Service {
    let app = App::new().app_data(Data::new(state)).configure(api::configure);
    let service = Rc::new(test::init_service(app).await);
    Box::new(move |request| {
        let service = service.clone();
        Box::pin(async move { test::call_service(&*service, request.to_request()).await.map_into_boxed_body() })
    })
}

/// A server that was just started.
pub(super) struct Fresh {
    pub state: WebState,
    pub clock: Arc<FixedClock>,
    pub code: String,
    service: OnceCell<Service>,
    _directory: tempfile::TempDir,
}

impl Fresh {
    pub fn start() -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), 1, NOW.parse().unwrap(), None)
    }

    /// Another server with the same in its database.
    pub fn again(&self) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for file in std::fs::read_dir(self._directory.path()).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), directory.path().join(file.file_name())).unwrap();
        }
        // Far from what was drawn before.
        Self::in_folder(directory, 1 << 40, self.clock.now(), Some(self.code.clone()))
    }

    fn in_folder(directory: tempfile::TempDir, chance: u64, now: DateTime<Utc>, code: Option<String>) -> Self {
        let file = directory.path().join("hearth.db");
        let entropy = Arc::new(Counter(AtomicU64::new(chance)));
        let clock = Arc::new(FixedClock::at(now));
        let app = hearth_actions::App {
            db: Db::open(&DbUrl::file(&file), 2).unwrap(),
            clock: clock.clone(),
            passwords: Arc::new(Hasher::new(Cost::none(), &*entropy)),
            images: Arc::default(),
            entropy,
            keys: Arc::new(OneKey(true)),
            fixed_origin: None,
        };
        let code = code.unwrap_or_else(|| server::new_setup_code(&app).unwrap().unwrap());
        let network = Arc::new(Silence(app.db.clone()));
        let state = WebState {
            app,
            network,
            wake: Arc::new(|| ()),
            machine: Arc::new(Default::default),
            uploads: crate::upload::places(),
            forms: FormSecret::new([7; 32]),
            plain_http: true,
            source_url: "https://source.example/".to_owned(),
        };
        Self { state, clock, code, service: OnceCell::new(), _directory: directory }
    }

    /// Goes on with other parts.
    pub fn change(&mut self, change: impl FnOnce(&mut WebState)) {
        change(&mut self.state);
        self.service = OnceCell::new();
    }

    /// What is in the database: equal as long as nothing at all was written, but that something was tried.
    pub fn written(&self) -> String {
        self.state.app.db.read(|c| hearth_db::dialect::content(c, &["tries"])).unwrap()
    }

    pub async fn send(&self, request: test::TestRequest) -> Reply {
        let service = self.service.get_or_init(|| served(self.state.clone())).await;
        let answer = service(request).await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Reply { status, headers, body: test::read_body(answer).await }
    }

    pub async fn call(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> Reply {
        let mut request = request(method, path, token);
        if let Some(body) = body {
            request = request.set_json(body);
        }
        if (method, path) == ("post", "/images") {
            request = request.set_payload(picture());
        }
        self.send(request).await
    }

    pub async fn get(&self, path: &str, token: &str) -> Reply {
        self.call("get", path, token, None).await
    }

    pub fn set_up_body(&self) -> Value {
        json!({
            "code": self.code, "name": "Quiet Harbour", "summary": "Groups by the sea.", "address": "oak.example",
            "contact": "keepers@oak.example", "zone": "Europe/London", "exit_url": "", "sign_up": "open",
            "helpline_name": "Nightline", "helpline_about": "To talk.", "helpline_hours": "Always",
            "helpline_number": "116 123", "sign_in_name": "ada", "password": PASSWORD,
            "persona_name": "wren", "persona_display_name": "Wren",
        })
    }
}

/// A small picture, as it is sent.
pub(super) fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(8, 4, image::Rgb([200, 80, 40]));
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

pub(super) fn request(method: &str, path: &str, token: &str) -> test::TestRequest {
    let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
    let request = test::TestRequest::with_uri(&format!("/api/v1{path}")).method(method);
    if token.is_empty() { request } else { request.insert_header(("Authorization", format!("Bearer {token}"))) }
}

/// A server with people in it.
pub(super) struct World {
    pub fresh: Fresh,
    pub keeper: String,
    pub reads: String,
    pub member: String,
    pub outsider: String,
    pub persona: String,
    pub spare: String,
    pub member_persona: String,
    pub outsider_persona: String,
    pub waiting: String,
    pub session: String,
    pub token: String,
    pub group: String,
    pub post: String,
    pub secret_post: String,
    /// A quiet word of the member.
    pub quiet: String,
    pub event: String,
    pub secret_event: String,
    /// A report that nobody has looked at.
    pub report: String,
    /// Somebody who waits to be let in to the group.
    pub asks: String,
    pub elsewhere: Elsewhere,
}

impl std::ops::Deref for World {
    type Target = Fresh;
    fn deref(&self) -> &Fresh {
        &self.fresh
    }
}

fn id(json: &Value) -> String {
    json["id"].as_str().unwrap_or_else(|| panic!("no id in {json}")).to_owned()
}

pub(super) fn sign_up_body(name: &str) -> Value {
    json!({
        "sign_in_name": format!("{name} sign in").replace(' ', "-"), "password": PASSWORD, "persona_name": name,
        "persona_display_name": name, "hello": "Hello.", "invitation": "", "agree": true,
    })
}

pub(super) fn post_body(persona: &str, visibility: &str) -> Value {
    json!({
        "title": "How was the week?", "text": "Mine was *long*.", "content_note": "", "visibility": visibility,
        "persona": persona, "draft": "",
    })
}

pub(super) fn event_body(persona: &str, visibility: &str) -> Value {
    json!({
        "title": "Tea on Tuesday", "text": "We sit and talk.", "date": "2026-12-01", "start": "18:30", "end": "20:00",
        "zone": "Europe/London", "place_kind": "both", "area": "Northside", "address": "4 Secret Street",
        "link": "https://room.example/secret", "access": "No steps.", "capacity": 5, "visibility": visibility,
        "persona": persona, "draft": "",
    })
}

async fn persona_of(fresh: &Fresh, token: &str) -> String {
    id(&fresh.get("/account/personas", token).await.is(200).json()["personas"][0])
}

impl World {
    pub async fn start() -> Self {
        let fresh = Fresh::start();
        let make = async |path: &str, token: &str, body: Value| {
            let reply = fresh.call("post", path, token, Some(&body)).await;
            assert!(reply.status.is_success(), "{path}: {}", String::from_utf8_lossy(&reply.body));
            reply.json()
        };
        let token_of = |json: &Value| json["token"].as_str().unwrap().to_owned();
        let keeper = token_of(&make("/setup", "", fresh.set_up_body()).await);
        let persona = persona_of(&fresh, &keeper).await;
        let spare = json!({"persona_name": "spare_name", "persona_display_name": "Spare"});
        let spare = id(&make("/account/personas", &keeper, spare).await);
        let reads = token_of(&make("/account/tokens", &keeper, json!({"label": "reads", "scope": "read"})).await);
        let token = id(&make("/account/tokens", &keeper, json!({"label": "other", "scope": "write"})).await);
        let member = token_of(&make("/accounts", "", sign_up_body("heron")).await);
        let member_persona = persona_of(&fresh, &member).await;
        let outsider = token_of(&make("/accounts", "", sign_up_body("plover")).await);
        let outsider_persona = persona_of(&fresh, &outsider).await;
        let group = id(&make("/groups", &keeper, group_body(&persona)).await);
        let choice = json!({"persona": member_persona});
        make(&format!("/groups/{group}/join"), &member, choice).await;
        let posts = format!("/groups/{group}/posts");
        let events = format!("/groups/{group}/events");
        let post = id(&make(&posts, &keeper, post_body(&persona, "public")).await);
        let secret_post = id(&make(&posts, &keeper, post_body(&persona, "members")).await);
        let hush = json!({"text": "May I ask something?"});
        let quiet = id(&make(&format!("/groups/{group}/quiet-words"), &member, hush).await);
        let event = id(&make(&events, &keeper, event_body(&persona, "public")).await);
        let secret_event = id(&make(&events, &keeper, event_body(&persona, "members")).await);
        let godwit = token_of(&make("/accounts", "", sign_up_body("godwit")).await);
        let asks = persona_of(&fresh, &godwit).await;
        let asked = Membership {
            group_id: group.parse().unwrap(),
            actor_id: asks.parse().unwrap(),
            role: Role::Member,
            state: State::Waiting,
            since: fresh.state.app.now(),
        };
        fresh.state.app.db.write(|tx| asked.insert(tx)).unwrap();
        fresh.call("patch", "/server", &keeper, Some(&json!({"sign_up": "approval"}))).await.is(200);
        make("/accounts", "", sign_up_body("dunlin")).await;
        let waiting = id(&fresh.get("/admin/accounts/waiting", &keeper).await.is(200).json()["waiting"][0]);
        fresh.call("patch", "/server", &keeper, Some(&json!({"sign_up": "open"}))).await.is(200);
        let away = fresh.state.app.db.write(|tx| {
            let row = hosts::ensure(tx, "elm.example")?;
            let next_try_at = Some(fresh.state.app.now());
            hosts::update(tx, &hosts::Host { failures: 7, next_try_at, ..row })
        });
        away.unwrap();
        let hurt = json!({"reason": "This hurts.", "persona": member_persona});
        fresh.call("post", &format!("/posts/{post}/report"), &member, Some(&hurt)).await.is(204);
        let report = id(&fresh.get("/admin/reports", &keeper).await.is(200).json()["reports"][0]);
        let account = hearth_actions::token::account_named(&fresh.state.app, "ada").unwrap();
        session::open(&fresh.state.app, account, "A browser").unwrap();
        let session = id(&fresh.get("/account/sessions", &keeper).await.is(200).json()["sessions"][0]);
        let elsewhere = Elsewhere::new(&fresh.state.app, account, &persona);
        Self {
            fresh,
            keeper,
            reads,
            member,
            outsider,
            persona,
            spare,
            member_persona,
            outsider_persona,
            waiting,
            session,
            token,
            group,
            post,
            secret_post,
            quiet,
            event,
            secret_event,
            report,
            asks,
            elsewhere,
        }
    }

    /// Another server on which all is as it is here.
    pub fn again(&self) -> Self {
        let Self { keeper, reads, member, outsider, persona, spare, member_persona, outsider_persona, .. } = self;
        let Self { waiting, session, token, group, post, secret_post, quiet, event, .. } = self;
        let Self { secret_event, report, asks, elsewhere, .. } = self;
        Self {
            fresh: self.fresh.again(),
            keeper: keeper.clone(),
            reads: reads.clone(),
            member: member.clone(),
            outsider: outsider.clone(),
            persona: persona.clone(),
            spare: spare.clone(),
            member_persona: member_persona.clone(),
            outsider_persona: outsider_persona.clone(),
            waiting: waiting.clone(),
            session: session.clone(),
            token: token.clone(),
            group: group.clone(),
            post: post.clone(),
            secret_post: secret_post.clone(),
            quiet: quiet.clone(),
            event: event.clone(),
            secret_event: secret_event.clone(),
            report: report.clone(),
            asks: asks.clone(),
            elsewhere: elsewhere.clone(),
        }
    }

    /// A good call of a route: the token, the path and the body.
    pub fn sample(&self, method: &str, path: &str) -> (&str, String, Option<Value>) {
        let who = match path {
            "/groups/{id}/leave" | "/posts/{id}/hear" | "/account/invitations" => &self.member,
            // Who looks after a group has nobody to say something quietly to.
            "/groups/{id}/quiet-words" => &self.member,
            "/account/requests/{id}" => &self.outsider,
            _ => &self.keeper,
        };
        let made;
        let id = match path {
            _ if path.starts_with("/account/requests") => &self.group,
            _ if path.starts_with("/invitations") => {
                made = self.invitation(&self.group).0;
                &made
            }
            _ if path.starts_with("/account/sessions") => &self.session,
            _ if path.starts_with("/account/tokens") => &self.token,
            _ if path.starts_with("/account/personas") => &self.spare,
            _ if path.starts_with("/account/faded") => {
                made = self.faded();
                &made
            }
            _ if path.starts_with("/account/invites") => &self.elsewhere.invite,
            _ if path.starts_with("/admin/network/followed/") => &self.elsewhere.followed,
            _ if path.starts_with("/admin/network/followers/") => &self.elsewhere.follower,
            _ if path.starts_with("/admin") => &self.waiting,
            _ if path.starts_with("/groups") => &self.group,
            _ if path.starts_with("/reports") => &self.report,
            _ if path.starts_with("/people") => &self.member_persona,
            _ if path.starts_with("/quiet-words") => &self.quiet,
            _ if path.starts_with("/scheduled") => {
                made = self.scheduled_id();
                &made
            }
            _ if path.starts_with("/check-ins") => {
                made = self.check_in_id();
                &made
            }
            "/posts/{id}/quiet-word" => {
                made = self.member_post();
                &made
            }
            "/posts/{id}/card-request" if method == "post" => {
                made = self.member_post();
                &made
            }
            _ if path.starts_with("/images") => {
                made = self.image_id();
                &made
            }
            _ if path.starts_with("/cards") => {
                made = self.card();
                &made
            }
            _ if path.starts_with("/posts") => &self.post,
            _ => &self.event,
        };
        let body = self.body(method, path);
        let query = if path.ends_with("/lookup") { "?q=tea" } else { "" };
        (who, format!("{}{query}", path.replace("{id}", id)), body)
    }

    fn body(&self, method: &str, path: &str) -> Option<Value> {
        let persona = &self.persona;
        let reply = json!({"text": "Yes.", "content_note": "", "visibility": "", "persona": persona, "draft": ""});
        Some(match (method, path) {
            ("patch", "/server") => json!({
                "name": "Harbour", "summary": "x", "contact": "at the door", "sign_up": "closed",
                "exit_url": "https://weather.example/", "zone": "Europe/Dublin", "signed_readers": true,
            }),
            ("post", "/setup") => self.set_up_body(),
            ("post", "/accounts") => sign_up_body("knot"),
            ("post", "/account/password") => json!({"old_password": PASSWORD, "password": "eight loud herons"}),
            ("patch", "/account/reading") => json!({"theme": "dark", "discreet_titles": false}),
            ("post", "/account/tokens") => json!({"label": "new", "scope": "write"}),
            ("post", "/account/personas") => json!({"persona_name": "avocet", "persona_display_name": "Avocet"}),
            ("patch", "/account/personas/{id}") => json!({"persona_display_name": "Curlew", "about": "Quiet."}),
            ("post", "/account/personas/{id}/erase") => json!({"name": "spare_name"}),
            ("post", "/groups/{id}/erase") => json!({"name": "tea_and_talk"}),
            ("put", "/account/personas/{id}/aliases" | "/groups/{id}/aliases") => {
                json!({"aliases": ["https://elm.example/u/wren"]})
            }
            ("post", "/account/personas/{id}/move" | "/groups/{id}/move") => json!({"to": "@wren@elm.example"}),
            ("post", "/admin/servers/try-again") => json!({"host": "elm.example"}),
            ("post", "/admin/servers/trust") => {
                json!({"host": "elm.example", "partner": true, "may_hold_private": true})
            }
            ("patch", "/groups/{id}/settings") => json!({"readable": "public", "joining": "approval"}),
            ("post", "/groups/{id}/waiting") => json!({"person": self.asks, "welcome": true}),
            ("put", "/groups/{id}/door") => json!({"agreement": "Be kind.", "questions": ["What brings you?"]}),
            ("post", "/groups/{id}/invitations") => json!({"label": "Library", "uses": 3, "days": 7}),
            ("post", "/groups/{id}/invites") => json!({"person": self.somebody_elsewhere()}),
            ("post", "/account/invitations") => {
                let mut second = group_body(persona);
                second["name"] = json!("by_card");
                let group = self.make_group(&second);
                json!({"code": self.invitation(&group).1, "persona": self.member_persona})
            }
            ("post" | "delete", "/account/requests/{id}") => {
                self.ask_the_outsider();
                if method == "delete" {
                    return None;
                }
                json!({"answers": [{"place": 0, "answer": "Tuesdays."}]})
            }
            ("post", "/groups/{id}/members/remove") => json!({"person": self.member_persona}),
            ("patch", "/admin/network") => json!({"followed_by": "anyone"}),
            ("post", "/admin/network/follow") => json!({"host": "new.example", "meetups": "review"}),
            ("patch", "/admin/network/followed/{id}") => json!({"meetups": "off"}),
            ("post", "/admin/network/followers/{id}" | "/account/invites/{id}") => json!({"yes": true}),
            ("post", "/admin/network/meetups") => json!({"meetup": MEETUP, "yes": false}),
            ("post", "/events/{id}/people/decide") => json!({"rsvp": self.rsvp_id(), "yes": false}),
            ("post", "/admin/invitations") => json!({"uses": 1, "days": 7}),
            ("post", "/groups") => {
                let mut body = group_body(persona);
                body["name"] = json!("second_group");
                body
            }
            ("patch", "/groups/{id}") => {
                json!({"display_name": "Tea", "about": "Tea.", "rhythm": "Weekly", "guidelines": "Be kind."})
            }
            ("post", "/groups/{id}/join" | "/groups/{id}/follow") => json!({"persona": persona}),
            ("post", "/groups/{id}/posts") => post_body(persona, "public"),
            ("post", "/groups/{id}/events") => event_body(persona, "public"),
            ("post", "/posts/{id}/replies" | "/events/{id}/replies") => reply,
            ("put", "/posts/{id}/conversation") => json!({"choice": "follow"}),
            ("patch", "/posts/{id}") => json!({"title": "Another title", "text": "Better.", "content_note": "rain"}),
            ("patch", "/events/{id}") => {
                let mut body = event_body(persona, "public");
                for field in ["visibility", "persona", "draft"] {
                    body.as_object_mut().unwrap().remove(field);
                }
                body
            }
            ("post", "/posts/{id}/moderate") => json!({"act": "remove", "reason": "It names somebody."}),
            ("post", "/posts/{id}/report") => json!({
                "reason": "This hurts.", "worried": true, "persona": persona, "named": false, "author_server": false,
            }),
            ("put", "/posts/{id}/hear") => json!({"heard": true, "persona": self.member_persona}),
            ("post", "/groups/{id}/ban") => {
                json!({"person": self.member_persona, "reason": "Unkind.", "days": 7, "remove_posts": true})
            }
            ("post", "/groups/{id}/let-in") => json!({"person": self.member_persona}),
            ("post", "/groups/{id}/team") => json!({"person": self.member_persona, "facilitator": true}),
            ("post", "/groups/{id}/quiet-words" | "/posts/{id}/quiet-word" | "/quiet-words/{id}") => {
                json!({"text": "May I ask something?"})
            }
            ("put", "/people/{id}/mute") => json!({"muted": true}),
            ("put", "/people/{id}/block") => json!({"blocked": true, "persona": persona}),
            ("post", "/posts/{id}/card") => json!({
                "title": "What helped", "text": "A walk.", "content_note": "", "named": false, "topics": [],
                "proposed": "Walks", "draft": "",
            }),
            ("patch", "/cards/{id}") => json!({"title": "What helped me"}),
            ("put", "/posts/{id}/topics") => json!({"topics": []}),
            ("put", "/groups/{id}/topics") => json!({"topics": [{"name": "Nights"}], "declined": []}),
            ("patch", "/groups/{id}/talk") => json!({"notes": ["buses"], "unnamed": false}),
            ("put", "/groups/{id}/notes") => json!({"choices": {"buses": "hide"}}),
            ("patch", "/groups/{id}/team") => json!({"shown": true}),
            ("post", "/posts/{id}/hide") => json!({"words": "Please leave the name out."}),
            ("post", "/reports/{id}/take") => json!({"mine": true}),
            ("put", "/groups/{id}/care") => {
                json!({"first_posts": 2, "answer_hours": 6, "held_words": ["cold turkey"]})
            }
            ("put", "/groups/{id}/archive") => json!({"archived": true}),
            ("post", "/groups/{id}/roles") => json!({"person": self.member_persona, "role": "host"}),
            ("post", "/groups/{id}/offer") => json!({"person": self.member_persona}),
            ("patch", "/groups/{id}/offer") => {
                self.offered();
                json!({"yes": false})
            }
            ("post", "/groups/{id}/warn") => {
                json!({"person": self.member_persona, "words": "Please be kind.", "pause_days": 3})
            }
            ("post", "/groups/{id}/held") => json!({"post": self.held_id(), "show": true}),
            ("post", "/groups/{id}/scheduled") => {
                json!({
                    "title": "A walk", "text": "By the sea.", "persona": persona, "date": "2026-12-24", "time": "18:30",
                })
            }
            ("post", "/groups/{id}/check-ins") => {
                self.check_in_id();
                json!({"title": "Hello", "text": "How are you?", "rule": "FREQ=WEEKLY;BYDAY=TU", "time": "18:30"})
            }
            ("patch", "/check-ins/{id}") => json!({"rule": "FREQ=MONTHLY;BYDAY=-1FR"}),
            ("put", "/check-ins/{id}/paused") => json!({"paused": true}),
            ("patch", "/scheduled/{id}") => json!({"title": "A longer walk"}),
            ("post", "/notices/seen") => json!({"until": "2099-01-01T00:00:00Z"}),
            ("put", "/notices/quiet") => json!({"from": 22, "until": 8}),
            ("post", "/admin/helplines") => {
                json!({
                    "helpline_name": "Day line", "helpline_number": "0800 765 432", "helpline_kind": "tel",
                    "helpline_region": "Northside",
                })
            }
            ("post", "/admin/access") => json!({"group": "tea_and_talk", "reason": "Nobody there answers us."}),
            ("patch", "/admin/access") => json!({"access": self.access_id(), "act": "end"}),
            ("post", "/reports/{id}/resolve") => json!({"note": "I wrote to them."}),
            ("put", "/events/{id}/rsvp") => json!({"answer": "coming", "note": "", "persona": persona}),
            _ => return None,
        })
    }
}

impl World {
    fn accounts(&self) -> (AccountId, AccountId) {
        let app = &self.fresh.state.app;
        let named = |name: &str| hearth_actions::token::account_named(app, name).unwrap();
        (named("ada"), named("heron-sign-in"))
    }

    /// Offers the group to a member; made when it is wanted.
    fn offered(&self) {
        let (group, member) = (self.group.parse().unwrap(), self.member_persona.parse().unwrap());
        hearth_actions::role::offer(&self.fresh.state.app, self.accounts().0, group, member).unwrap();
    }

    /// A post of the member that waits for a look; made when it is wanted.
    fn held_id(&self) -> String {
        let (app, (keeper, member)) = (&self.fresh.state.app, self.accounts());
        let group = self.group.parse().unwrap();
        let words = hearth_actions::care::CareForm { held_words: "nettles".to_owned(), ..Default::default() };
        hearth_actions::care::settle(app, keeper, group, &words).unwrap();
        let form = hearth_actions::post::PostForm {
            title: "A walk".to_owned(),
            text: "Through nettles.".to_owned(),
            persona: self.member_persona.clone(),
            ..Default::default()
        };
        hearth_actions::post::publish(app, member, group, &form).unwrap().id.to_string()
    }

    /// What the keeper planned; made when it is wanted.
    pub fn scheduled_id(&self) -> String {
        let (app, (keeper, _)) = (&self.fresh.state.app, self.accounts());
        let post = hearth_actions::post::PostForm {
            title: "A walk".to_owned(),
            text: "By the sea.".to_owned(),
            persona: self.persona.clone(),
            ..Default::default()
        };
        let (date, time) = ("2026-12-24".to_owned(), "18:30".to_owned());
        let form = hearth_actions::scheduled_post::ScheduleForm { post, date, time };
        hearth_actions::scheduled_post::plan(app, keeper, self.group.parse().unwrap(), &form).unwrap().id.to_string()
    }

    /// A check-in of the group; made when it is wanted. A group has five at most: the others end.
    pub fn check_in_id(&self) -> String {
        use hearth_actions::check_in::{self, CheckInForm};
        let (app, (keeper, _), group) = (&self.fresh.state.app, self.accounts(), self.group.parse().unwrap());
        for more in check_in::list(app, keeper, group).unwrap().iter().skip(1) {
            check_in::end(app, keeper, more.check_in.id).unwrap();
        }
        if let Some(one) = check_in::list(app, keeper, group).unwrap().first() {
            return one.check_in.id.to_string();
        }
        let form = CheckInForm {
            title: "Hello".to_owned(),
            text: "How are you?".to_owned(),
            rule: "FREQ=WEEKLY;BYDAY=TU".to_owned(),
            time: "18:30".to_owned(),
            ..CheckInForm::default()
        };
        check_in::set_up(app, keeper, group, &form).unwrap().id.to_string()
    }

    /// What the keeper wrote in a conversation that has faded; made when it is wanted.
    fn faded(&self) -> String {
        let app = &self.fresh.state.app;
        let faded = hearth_db::tables::faded_posts::FadedPost {
            id: hearth_domain::id::PostId::random(&*app.entropy),
            author_id: self.persona.parse().unwrap(),
            group_name: "Tea".to_owned(),
            title: None,
            source: "Like rain.".to_owned(),
            content_html: "<p>Like rain.</p>".to_owned(),
            content_note: None,
            published_at: app.now(),
        };
        app.db.write(|tx| faded.insert(tx)).unwrap();
        faded.id.to_string()
    }

    /// A picture of the open post; made when it is wanted.
    fn image_id(&self) -> String {
        let app = &self.fresh.state.app;
        let row = Image {
            id: ImageId::random(&*app.entropy),
            state: ImageState::Shown,
            belongs_to: Some(self.post.parse::<hearth_domain::id::PostId>().unwrap().get()),
            account_id: None,
            position: 0,
            media_type: "image/png".to_owned(),
            width: 8,
            height: 4,
            description: "Orange".to_owned(),
            url: None,
            created_at: app.now(),
            bytes: picture(),
        };
        app.db.write(|tx| row.insert(tx)).unwrap();
        row.id.to_string()
    }

    /// What the member wrote; made when it is wanted.
    fn member_post(&self) -> String {
        let (app, (_, member)) = (&self.fresh.state.app, self.accounts());
        let form = hearth_actions::post::PostForm {
            title: "A walk".to_owned(),
            text: "By the sea.".to_owned(),
            persona: self.member_persona.clone(),
            ..Default::default()
        };
        hearth_actions::post::publish(app, member, self.group.parse().unwrap(), &form).unwrap().id.to_string()
    }

    /// A card of the keeper, without a name; made when it is wanted.
    pub fn card(&self) -> String {
        let (app, (keeper, _)) = (&self.fresh.state.app, self.accounts());
        let form = hearth_actions::card::CardForm {
            title: "A week".to_owned(),
            text: "It passes.".to_owned(),
            naming: "unnamed".to_owned(),
            ..Default::default()
        };
        hearth_actions::card::keep(app, keeper, self.post.parse().unwrap(), &form).unwrap().to_string()
    }

    /// What a keeper asked for; made when it is wanted.
    fn access_id(&self) -> String {
        let (app, (keeper, _)) = (&self.fresh.state.app, self.accounts());
        hearth_actions::access::ask(app, keeper, "tea_and_talk", "Nobody there answers us.").unwrap();
        hearth_actions::access::current(app, keeper).unwrap()[0].0.id.to_string()
    }

    /// Somebody who comes to the meetup; made when it is wanted.
    fn rsvp_id(&self) -> String {
        let (app, event) = (&self.fresh.state.app, self.event.parse().unwrap());
        let member = hearth_actions::token::account_named(app, "heron-sign-in").unwrap();
        let form = hearth_actions::rsvp::RsvpForm {
            answer: "coming".to_owned(),
            note: String::new(),
            persona: self.member_persona.clone(),
        };
        hearth_actions::rsvp::answer(app, member, event, &form).unwrap();
        app.db.read(|c| rsvps::of_account(c, event, member)).unwrap().unwrap().id.to_string()
    }
}

/// A meetup of another server that waits for a keeper.
const MEETUP: &str = "https://walks.example/e/1";

/// Other servers, and what came from them.
#[derive(Clone)]
pub(super) struct Elsewhere {
    /// A server that is followed.
    pub followed: String,
    /// A server that asks to follow.
    pub follower: String,
    /// An invitation to the keeper's persona.
    pub invite: String,
}

impl Elsewhere {
    fn new(app: &hearth_actions::App, keeper: AccountId, persona: &str) -> Self {
        let (followed, follower) = (learn(app, 1_000_071, "walks.example"), learn(app, 1_000_072, "tea.example"));
        learn(app, 1_000_073, "new.example");
        server_follow::follow(app, keeper, followed.id, TakesMeetups::Review).unwrap();
        let site = app.db.read(hearth_actions::site).unwrap();
        let ap_id = |text: &str| text.parse::<ApId>().unwrap();
        let invite = Invite {
            id: InviteId::try_from(1_000_077).unwrap(),
            ap_id: ap_id("https://walks.example/i/1"),
            inviter_id: followed.id,
            invitee_id: persona.parse().unwrap(),
            object_ap_id: ap_id(MEETUP),
            created_at: app.now(),
        };
        let asked = Follow {
            id: FollowId::try_from(1_000_077).unwrap(),
            ap_id: ap_id("https://tea.example/f/1"),
            follower_id: follower.id,
            target_id: site.actor.id,
            state: FollowState::Asked,
            created_at: app.now(),
        };
        let meetup = NetworkMeetup {
            ap_id: ap_id(MEETUP),
            server_id: followed.id,
            state: MeetupState::Waiting,
            title: "A walk".to_owned(),
            place: "Riverside".to_owned(),
            url: MEETUP.to_owned(),
            starts_at: app.now(),
            ends_at: (app.clock.now() + chrono::Duration::hours(2)).into(),
            signer_ap_id: followed.ap_id.to_string(),
            activity_ap_id: "https://walks.example/a/1".to_owned(),
            activity: "{}".to_owned(),
            created_at: app.now(),
        };
        let inserted = app.db.write(|tx| {
            invite.insert(tx)?;
            asked.insert(tx)?;
            network_meetups::set(tx, &meetup)
        });
        inserted.unwrap();
        let (followed, follower) = (followed.id.to_string(), follower.id.to_string());
        Self { followed, follower, invite: invite.id.to_string() }
    }
}

/// The actor by which a server speaks for itself.
fn learn(app: &hearth_actions::App, number: i64, host: &str) -> actors::Actor {
    let own = app.db.read(hearth_actions::site).unwrap().actor;
    let id = format!("https://{host}/relay");
    let row = actors::Actor {
        id: ActorId::try_from(number).unwrap(),
        ap_id: id.parse().unwrap(),
        host: host.to_owned(),
        local: false,
        inbox: format!("{id}/inbox"),
        shared_inbox: None,
        public_key_id: format!("{id}#main-key"),
        private_key_pem: None,
        ..own
    };
    app.db.write(|tx| row.insert(tx)).unwrap();
    row
}

pub(super) fn group_body(persona: &str) -> Value {
    json!({
        "name": "tea_and_talk", "display_name": "Tea and talk", "about": "Tea, and talk.", "rhythm": "Tuesdays",
        "guidelines": "Listen.", "template": "open_community", "persona": persona,
    })
}
