//! A small server with a few people, and a browser without JavaScript.

use crate::{protect, protect::FormSecret, state::WebState};
use actix_web::{
    App,
    cookie::Cookie,
    dev::ServiceResponse,
    http::{Method, header::LOCATION},
    middleware::from_fn,
    test::{self, TestRequest},
};
use hearth_actions::{
    KeyMaker, KeyPair, account, event, group,
    network::{Finding, Network, NotFound},
    password::{Cost, Hasher},
    persona, post, server,
};
use hearth_db::{Db, DbUrl};
use hearth_domain::{
    address::Lookup,
    clock::{Entropy, FixedClock},
    id::{AccountId, EventId, PostId},
};
use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

pub(super) const NOW: &str = "2026-03-10T12:00:00Z";
pub(super) const PASSWORD: &str = "a quiet evening";

/// Different bytes each time, the same in every run.
struct Counter(AtomicU64);
impl Entropy for Counter {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            let number = self.0.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            chunk.copy_from_slice(&number.to_le_bytes()[..chunk.len()]);
        }
    }
}

struct OneKey;
impl KeyMaker for OneKey {
    fn make(&self) -> Option<KeyPair> {
        Some(KeyPair { private_pem: "private".to_owned(), public_pem: "public".to_owned() })
    }
}

/// Every other server answers the same.
struct Same(NotFound);
impl Network for Same {
    fn find<'a>(&'a self, _: &'a Lookup) -> Finding<'a> {
        Box::pin(async { Err(self.0) })
    }
    fn find_server<'a>(&'a self, _: &'a str) -> Finding<'a> {
        Box::pin(async { Err(self.0) })
    }
}

pub(super) struct World {
    pub state: WebState,
    pub clock: Arc<FixedClock>,
    pub code: String,
    _folder: tempfile::TempDir,
}

/// What is there after [`World::settled`].
pub(super) struct Place {
    pub keeper: AccountId,
    pub wren: AccountId,
    pub open_post: PostId,
    pub members_post: PostId,
    pub reply: PostId,
    pub open_event: EventId,
    pub members_event: EventId,
}

impl World {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("hearth.db");
        let entropy = Arc::new(Counter(AtomicU64::new(1)));
        let clock = Arc::new(FixedClock::at(NOW.parse().unwrap()));
        let app = hearth_actions::App {
            db: Db::open(&DbUrl::file(&file), 2).unwrap(),
            clock: clock.clone(),
            passwords: Arc::new(Hasher::new(Cost::none(), &*entropy)),
            images: Arc::default(),
            entropy,
            keys: Arc::new(OneKey),
            fixed_origin: None,
        };
        let code = server::new_setup_code(&app).unwrap().unwrap();
        let state = WebState {
            app,
            network: Arc::new(Same(NotFound::Unreachable)),
            wake: Arc::new(|| ()),
            machine: Arc::new(Default::default),
            uploads: crate::upload::places(),
            forms: FormSecret::new([7; 32]),
            plain_http: false,
            source_url: "https://source.example/".to_owned(),
        };
        Self { state, clock, code, _folder: folder }
    }

    /// What is in the database: equal as long as nothing was written, but that something was tried.
    pub fn written(&self) -> String {
        self.state.app.db.read(|c| hearth_db::dialect::content(c, &["tries"])).unwrap()
    }

    fn set_up(&self) -> AccountId {
        let text = str::to_owned;
        let form = server::SetupForm {
            code: self.code.clone(),
            name: text("Larkwater Hearth"),
            summary: text("Run by a small charity."),
            address: text("oak.example"),
            contact: text("hello@oak.example"),
            zone: text("Europe/London"),
            sign_up: text("approval"),
            helpline_name: text("Harbour Line"),
            helpline_number: text("0800 123 456"),
            sign_in_name: text("heron.private"),
            password: text(PASSWORD),
            persona_name: text("heron"),
            persona_display_name: text("Heron"),
            ..server::SetupForm::default()
        };
        server::set_up(&self.state.app, &form).unwrap()
    }

    pub fn account(&self, name: &str) -> AccountId {
        let form = account::SignUpForm {
            sign_in_name: format!("{name}.private"),
            password: PASSWORD.to_owned(),
            persona_name: name.to_owned(),
            ..account::SignUpForm::default()
        };
        account::create(&self.state.app, &form, false).unwrap()
    }

    pub fn persona(&self, account: AccountId) -> String {
        persona::all(&self.state.app, account).unwrap()[0].id.to_string()
    }

    /// Set up, with a keeper (Heron), a stranger to every group (Wren), a group and something of everything in it.
    pub fn settled(&self) -> Place {
        let keeper = self.set_up();
        let wren = self.account("wren");
        let app = &self.state.app;
        let persona = self.persona(keeper);
        let text = str::to_owned;
        let form = group::GroupForm {
            name: text("tea"),
            display_name: text("Tea and talk"),
            about: text("For **anybody** who likes tea."),
            template: text("open_community"),
            persona: persona.clone(),
            ..group::GroupForm::default()
        };
        let tea = group::create(app, keeper, &form).unwrap();
        let write = |title: &str, visibility: &str| {
            let form = post::PostForm {
                title: text(title),
                text: text("Some words."),
                visibility: text(visibility),
                persona: persona.clone(),
                ..post::PostForm::default()
            };
            post::publish(app, keeper, tea.id, &form).unwrap().id
        };
        let (open_post, members_post) = (write("An open door", "public"), write("A shut door", "members"));
        let answer = post::PostForm { text: text("Come in."), persona: persona.clone(), ..post::PostForm::default() };
        let reply = post::reply(app, keeper, post::Answering::Post(open_post), &answer).unwrap().id;
        let announce = |title: &str, visibility: &str| {
            let form = event::EventForm {
                title: text(title),
                text: text("We talk."),
                date: text("2026-03-12"),
                start: text("18:30"),
                end: text("20:00"),
                zone: text("Europe/London"),
                place_kind: text("both"),
                area: text("Near the library"),
                address: text("4 Weavers Yard"),
                link: text("https://room.example/tea"),
                capacity: text("2"),
                visibility: text(visibility),
                persona: persona.clone(),
                ..event::EventForm::default()
            };
            event::announce(app, keeper, tea.id, &form).unwrap().id
        };
        let (open_event, members_event) = (announce("Tea time", "public"), announce("Quiet time", "members"));
        Place { keeper, wren, open_post, members_post, reply, open_event, members_event }
    }

    pub async fn serve(&self) -> Served {
        let app = App::new().wrap(from_fn(protect::headers)).configure(crate::configure(self.state.clone()));
        let service = Rc::new(test::init_service(app).await);
        Rc::new(move |request| {
            let service = service.clone();
            Box::pin(async move { test::call_service(&*service, request.to_request()).await.map_into_boxed_body() })
        })
    }
}

/// A server that answers requests.
pub(super) type Served = Rc<dyn Fn(TestRequest) -> Pin<Box<dyn Future<Output = ServiceResponse>>>>;

/// What a browser got.
pub(super) struct Got {
    pub status: u16,
    pub location: String,
    pub headers: BTreeMap<String, String>,
    pub html: String,
}

impl Got {
    /// The token of the page's forms.
    pub fn token(&self) -> String {
        value_of(&self.html, "token")
    }
}

/// The value of the first field of that name.
pub(super) fn value_of(html: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    html.split(&mark).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// A browser that keeps cookies and runs no script.
pub(super) struct Browser {
    app: Served,
    pub cookies: BTreeMap<String, String>,
    pub peer: &'static str,
    pub headers: Vec<(&'static str, String)>,
}

impl Browser {
    pub fn new(app: &Served) -> Self {
        Self { app: app.clone(), cookies: BTreeMap::new(), peer: "192.0.2.1:4000", headers: Vec::new() }
    }

    pub async fn signed_in(app: &Served, name: &str) -> Self {
        let mut browser = Self::new(app);
        let got = browser.sign_in(name, PASSWORD).await;
        assert_eq!(got.status, 303, "{}", got.html);
        browser
    }

    pub async fn sign_in(&mut self, name: &str, password: &str) -> Got {
        let token = self.get("/sign-in").await.token();
        let name = format!("{name}.private");
        self.post("/sign-in", &[("token", &token), ("sign_in_name", &name), ("password", password)]).await
    }

    pub async fn get(&mut self, path: &str) -> Got {
        self.ask(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Got {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.ask(Method::POST, path, Some(body.into_bytes())).await
    }

    pub async fn ask(&mut self, method: Method, path: &str, body: Option<Vec<u8>>) -> Got {
        self.ask_with(method, path, body, "application/x-www-form-urlencoded").await
    }

    /// With a body of this type; with none, of what the headers say.
    pub async fn ask_with(&mut self, method: Method, path: &str, body: Option<Vec<u8>>, kind: &str) -> Got {
        let (status, headers, location, bytes) = self.sent(method, path, body, kind).await;
        let html = String::from_utf8(bytes).unwrap();
        Got { status, location, headers, html }
    }

    /// The status, the headers and the bytes of a file.
    pub async fn ask_bytes(&mut self, path: &str) -> (u16, BTreeMap<String, String>, Vec<u8>) {
        let (status, headers, _, bytes) = self.sent(Method::GET, path, None, "").await;
        (status, headers, bytes)
    }

    async fn sent(
        &mut self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        kind: &str,
    ) -> (u16, BTreeMap<String, String>, String, Vec<u8>) {
        let mut request = TestRequest::with_uri(path).method(method).peer_addr(self.peer.parse().unwrap());
        for (name, value) in &self.cookies {
            request = request.cookie(Cookie::new(name.clone(), value.clone()));
        }
        for (name, value) in &self.headers {
            request = request.insert_header((*name, value.clone()));
        }
        if let Some(body) = body {
            if !kind.is_empty() {
                request = request.insert_header(("content-type", kind));
            }
            request = request.insert_header(("host", "oak.example")).set_payload(body);
        }
        let answer = (self.app)(request).await;
        for cookie in answer.response().cookies() {
            if cookie.max_age().is_some_and(|age| age.is_zero()) {
                self.cookies.remove(cookie.name());
            } else {
                self.cookies.insert(cookie.name().to_owned(), cookie.value().to_owned());
            }
        }
        let text = |value: &actix_web::http::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let location = answer.headers().get(LOCATION).map(text).unwrap_or_default();
        let status = answer.status().as_u16();
        (status, headers, location, test::read_body(answer).await.to_vec())
    }
}
