//! Who asks, and what every page needs to know about them and about this place.
//!
//! A [`Visit`] is loaded once for each request, on a blocking thread. Must never be kept beyond its request, and never
//! hands out anything about an account to anybody but its owner.

use crate::{
    answer::Answer,
    cookies::{self, Reading},
    error::{Failure, problem},
    limits,
    protect::{self, FormNonce, NONCE_BYTES},
    state::WebState,
    views::{
        parts::{HelpBox, Helpline, Notice},
        problem::ProblemPage,
        shell::{Link, Nav, Shell, Theme, Viewer},
    },
};
use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    error::InternalError,
    http::header::{HOST, USER_AGENT},
    web,
};
use askama::Template;
use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use hearth_actions::{ActionError, App, Site, notice, server, session};
use hearth_db::{
    DbConn,
    tables::{
        accounts::{self, Account},
        actors::Actor,
        helplines, personas,
        sessions::Session,
    },
    views::visible::Reader,
};
use hearth_domain::{
    id::{AccountId, ActorId},
    server::{AccountState, HelplineKind, SignUp},
};
use std::{future::Future, pin::Pin};

/// What a page handler comes to, before failures become pages.
pub(crate) type Shown = Result<Answer, Failure>;

/// The person who is signed in.
pub(crate) struct Me {
    /// The device.
    pub(crate) session: Session,
    /// The account.
    pub(crate) account: Account,
    /// The names it uses, oldest first.
    pub(crate) personas: Vec<Actor>,
    /// How many people wait for a keeper's answer; 0 for everybody else.
    waiting: u32,
    /// How many notices are new to them; ten or more are ten.
    notices: usize,
}

/// What the request said.
#[derive(Clone)]
pub(crate) struct Asked {
    /// Path and query, to come back to.
    pub(crate) address: String,
    query: Vec<(String, String)>,
    parts: Vec<(String, String)>,
    /// How pages look on this device.
    pub(crate) reading: Reading,
    session: Option<String>,
    form: Option<String>,
    /// The network that asks, for limits only.
    pub(crate) network: String,
    /// "Firefox on Android".
    pub(crate) device: String,
    /// Whether the browser only fetches ahead.
    pub(crate) ahead: bool,
    /// Whether cookies go over https only.
    https: bool,
    headers: actix_web::http::header::HeaderMap,
}

/// One request of a person.
pub(crate) struct Visit {
    /// What all handlers share.
    pub(crate) state: WebState,
    /// When it was asked.
    pub(crate) now: DateTime<Utc>,
    /// This place, once it is set up.
    pub(crate) site: Option<Site>,
    /// The helplines.
    pub(crate) lines: Vec<Helpline>,
    /// Who asks.
    pub(crate) me: Option<Me>,
    /// What they may read.
    pub(crate) reader: Reader,
    /// What the request said.
    pub(crate) asked: Asked,
    /// What tokens of forms are bound to.
    binding: String,
}

#[derive(Default)]
struct Facts {
    site: Option<Site>,
    lines: Vec<Helpline>,
    me: Option<Me>,
    reader: Reader,
}

impl Asked {
    fn read(request: &HttpRequest, https: bool) -> Self {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let cookie = |name: &str| request.cookie(name).map(|cookie| cookie.value().to_owned());
        let pairs = |text: &str| url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let ahead = [header("sec-purpose"), header("purpose"), header("x-moz")];
        Self {
            address: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
            query: pairs(request.query_string()),
            parts: request.match_info().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            reading: cookie(cookies::READING).map(|value| Reading::read(&value)).unwrap_or_default(),
            session: cookie(cookies::session_name(https)).filter(|token| token.len() == 64),
            form: cookie(cookies::form_name(https)).filter(|value| value.len() == 64),
            network: limits::network(request.peer_addr().map(|peer| peer.ip()), last(request, "x-forwarded-for")),
            device: device_words(agent),
            ahead: ahead.iter().flatten().any(|value| value.contains("prefetch") || value.contains("prerender")),
            https,
            headers: request.headers().clone(),
        }
    }
}

/// The last of the headers of that name: the one our own proxy wrote.
fn last<'request>(request: &'request HttpRequest, name: &str) -> Option<&'request str> {
    request.headers().get_all(name).last().and_then(|value| value.to_str().ok())
}

/// A few words on a browser, for the list of one's own devices.
fn device_words(agent: &str) -> String {
    let known =
        |table: &[(&str, &'static str)]| table.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, words)| *words);
    let browser = known(&[
        ("Firefox", "Firefox"),
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = known(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "A browser".to_owned(),
    }
}

impl Facts {
    fn load(app: &App, token: Option<&str>) -> Result<Self, ActionError> {
        let signed_in = match token {
            Some(token) => session::check(app, token)?,
            None => None,
        };
        app.db.read(|c| {
            let site = match server::site(c) {
                Ok(site) => Some(site),
                Err(ActionError::NotSetUp) => None,
                Err(other) => return Err(other),
            };
            let lines = helplines::all(c)?.into_iter().map(helpline).collect();
            let Some((session, account)) = signed_in else { return Ok(Self { site, lines, ..Self::default() }) };
            let reader = Reader::looking(c, account.id)?;
            let personas = personas::of_account(c, account.id)?;
            let waiting = if account.keeper { accounts::in_state(c, AccountState::Waiting)?.len() } else { 0 };
            let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
            let zone = site.as_ref().and_then(|site| site.row.zone.parse().ok()).unwrap_or(Tz::UTC);
            let hour = notice::hour_in(zone, app.clock.now());
            let notices = notice::count(c, &reader, account.id, account.keeper, hour)?;
            Ok(Self { site, lines, me: Some(Me { session, account, personas, waiting, notices }), reader })
        })
    }
}

pub(crate) fn helpline(row: helplines::Helpline) -> Helpline {
    let digits: String = row.number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let scheme = match row.kind {
        HelplineKind::Tel => "tel",
        HelplineKind::Sms => "sms",
    };
    let words = [row.about.as_str(), row.hours.as_str()].into_iter().filter(|part| !part.is_empty());
    let words = words.map(|part| part.trim_end_matches('.')).collect::<Vec<_>>().join(". ");
    let words = if words.is_empty() { words } else { words + "." };
    Helpline { name: row.name, words, label: row.number, href: format!("{scheme}:{digits}"), region: row.region }
}

impl Visit {
    async fn load(state: WebState, asked: Asked) -> (Self, Option<Failure>) {
        let token = asked.session.clone();
        let loaded = state.run(move |app| Facts::load(app, token.as_deref())).await;
        let (facts, failure) = match loaded {
            Ok(facts) => (facts, None),
            Err(error) => (Facts::default(), Some(Failure::from(error))),
        };
        let binding = match (&asked.session, &asked.form) {
            (Some(token), _) if facts.me.is_some() => token.clone(),
            (_, Some(value)) => value.clone(),
            _ => hearth_actions::secret::token(&*state.app.entropy),
        };
        let now = state.app.clock.now();
        let Facts { site, lines, me, reader } = facts;
        (Self { state, now, site, lines, me, reader, asked, binding }, failure)
    }

    /// The same request, after signing in with this token.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) fn again(&self, token: &str) -> Result<Self, Failure> {
        let Facts { site, lines, me, reader } = Facts::load(&self.state.app, Some(token))?;
        let (state, asked) = (self.state.clone(), self.asked.clone());
        Ok(Self { state, now: self.now, site, lines, me, reader, asked, binding: token.to_owned() })
    }

    /// The same request, with what changed since it came.
    ///
    /// # Errors
    /// Database errors.
    pub(crate) fn again_same(&self) -> Result<Self, Failure> {
        self.again(&self.binding)
    }

    /// Whether cookies go over https only.
    pub(crate) const fn https(&self) -> bool {
        self.asked.https
    }

    /// A part of the path, empty where the route has none of that name.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.asked.parts.iter().find(|(part, _)| part == name).map_or("", |(_, value)| value.as_str())
    }

    /// A part of the query, empty where it is not there.
    pub(crate) fn query(&self, name: &str) -> &str {
        self.asked.query.iter().find(|(part, _)| part == name).map_or("", |(_, value)| value.as_str())
    }

    /// Who asks.
    ///
    /// # Errors
    /// `Denied(SignIn)`.
    pub(crate) fn me(&self) -> Result<&Me, Failure> {
        self.me.as_ref().ok_or_else(|| hearth_domain::Denied::SignIn.into())
    }

    /// The account that asks.
    ///
    /// # Errors
    /// `Denied(SignIn)`.
    pub(crate) fn account(&self) -> Result<AccountId, Failure> {
        Ok(self.me()?.account.id)
    }

    /// Whether this is one of the reader's own names.
    pub(crate) fn is_mine(&self, actor: ActorId) -> bool {
        self.me.as_ref().is_some_and(|me| me.personas.iter().any(|persona| persona.id == actor))
    }

    /// This place.
    ///
    /// # Errors
    /// `NotSetUp`.
    pub(crate) fn site(&self) -> Result<&Site, Failure> {
        self.site.as_ref().ok_or(Failure::Action(ActionError::NotSetUp))
    }

    /// The zone of this place.
    pub(crate) fn zone(&self) -> Tz {
        self.site.as_ref().and_then(|site| site.row.zone.parse().ok()).unwrap_or(Tz::UTC)
    }

    /// Whether people can open an account, or ask for one.
    pub(crate) fn can_join(&self) -> bool {
        self.site.as_ref().is_some_and(|site| site.row.sign_up != SignUp::Closed)
    }

    /// Reads from the database.
    ///
    /// # Errors
    /// What `reading` returns.
    pub(crate) fn read<T>(&self, reading: impl FnOnce(&mut DbConn) -> Result<T, Failure>) -> Result<T, Failure> {
        self.state.app.db.read(reading)
    }

    /// Whether the request comes from one of our own pages, as far as the browser tells.
    pub(crate) fn is_from_own_page(&self) -> bool {
        let host = self.asked.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let scheme = if self.https() { "https" } else { "http" };
        let mut own = vec![format!("{scheme}://{host}")];
        own.extend(self.site.as_ref().map(|site| site.row.origin.url().origin().ascii_serialization()));
        protect::from_own_page(&self.asked.headers, &own)
    }

    fn nonce(&self) -> FormNonce {
        let mut bytes = [0; NONCE_BYTES];
        self.state.app.entropy.fill(&mut bytes);
        FormNonce(bytes)
    }

    /// Checks the token of a form.
    pub(crate) fn check_token(&self, token: &str) -> Result<FormNonce, protect::WrongToken> {
        protect::check_form_token(&self.state.forms, &self.binding, token)
    }

    /// The frame of a page.
    pub(crate) fn shell(&self, title: &str, nav: Nav) -> Shell {
        let account = self.me.as_ref().map(|me| &me.account);
        Shell {
            title: title.to_owned(),
            discreet: account.is_none_or(|account| account.discreet_titles),
            has_errors: false,
            place: self.site.as_ref().map_or_else(|| "Hearth".to_owned(), |site| site.row.name.clone()),
            run_by: self.site.as_ref().map(|site| site.row.summary.clone()).unwrap_or_default(),
            accent: 2,
            viewer: self.me.as_ref().map(viewer),
            nav,
            theme: match account.map(|account| account.theme.as_str()) {
                Some("light") => Theme::Light,
                Some("dark") => Theme::Dark,
                _ => Theme::Device,
            },
            text_size: self.asked.reading.text_size,
            notice: crate::said::notice(self.query("said")),
            token: protect::form_token(&self.state.forms, &self.binding, self.nonce()),
            source_url: self.state.source_url.clone(),
            about_links: vec![
                Link { href: "/about".to_owned(), words: "Who runs this".to_owned() },
                Link { href: "/privacy".to_owned(), words: "What we keep, and why".to_owned() },
            ],
            lang: "en".to_owned(),
            right_to_left: false,
            refresh_seconds: None,
        }
    }

    /// The frame of a page whose form was sent and is shown again.
    pub(crate) fn shell_again(&self, title: &str, nav: Nav, has_errors: bool, notice: Option<Notice>) -> Shell {
        let shell = self.shell(title, nav);
        let notice = notice.or_else(|| shell.notice.clone());
        Shell { has_errors, notice, ..shell }
    }

    /// The short helpline panel.
    pub(crate) fn help_box(&self) -> HelpBox {
        HelpBox { line: self.lines.first().cloned() }
    }

    /// A page. A visitor gets the cookie that the tokens of forms are bound to, if the page has one.
    ///
    /// # Errors
    /// `Render`.
    pub(crate) fn page(&self, page: &impl Template) -> Shown {
        let html = page.render()?;
        let new_visitor = self.me.is_none() && self.asked.form.as_ref() != Some(&self.binding);
        let needs_cookie = new_visitor && html.contains("name=\"token\"");
        let answer = Answer::html(html);
        Ok(if needs_cookie { answer.cookie(cookies::form(&self.binding, self.https())) } else { answer })
    }

    /// The answer, or the page that says why there is none.
    pub(crate) fn settle(&self, shown: Shown) -> Answer {
        let answer = shown.unwrap_or_else(|failure| self.problem(&failure));
        match (&self.asked.session, &self.me) {
            // The session was renewed: so is its cookie.
            (Some(token), Some(me)) if self.now - me.session.used_at.utc() > Duration::hours(1) => {
                answer.cookie(cookies::session(token, self.https()))
            }
            _ => answer,
        }
    }

    /// The page that says what went wrong.
    pub(crate) fn problem(&self, failure: &Failure) -> Answer {
        match failure {
            Failure::Action(ActionError::NotSetUp) => return Answer::see("/setup"),
            Failure::Action(ActionError::Denied(hearth_domain::Denied::SignIn)) => {
                return Answer::see(&crate::pages::account::sign_in_address(&self.asked.address));
            }
            _ => {}
        }
        let problem = problem(failure, self.me.is_some(), &*self.state.app.entropy);
        let status = problem.status();
        let page = ProblemPage::new(self.shell("", Nav::Elsewhere), problem, self.help_box());
        Answer::html(page.render().unwrap_or_default()).status(status)
    }

    /// Makes a page on a blocking thread.
    pub(crate) async fn show(self, making: impl FnOnce(&Self) -> Shown + Send + 'static) -> Answer {
        let shown = web::block(move || {
            let shown = making(&self);
            self.settle(shown)
        });
        shown.await.unwrap_or_else(|_| Answer::html(String::new()).status(503))
    }
}

fn viewer(me: &Me) -> Viewer {
    let persona = me.personas.first();
    Viewer {
        name: persona.map(|persona| persona.display_name.clone()).unwrap_or_default(),
        hue: persona.map_or(1, |persona| crate::pages::cards::hue(persona.id)),
        keeper: me.account.keeper,
        waiting_to_join: me.waiting,
        notices: hearth_domain::notice::number(me.notices),
    }
}

impl FromRequest for Visit {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visit = Anyway::from_request(request, payload);
        Box::pin(async move {
            match visit.await? {
                Anyway(visit, None) => Ok(visit),
                Anyway(visit, Some(failure)) => {
                    Err(InternalError::from_response("", visit.problem(&failure).into_response()).into())
                }
            }
        })
    }
}

/// A visit that goes on when the database does not answer: the help page and the way out.
pub(crate) struct Anyway(pub(crate) Visit, pub(crate) Option<Failure>);

impl FromRequest for Anyway {
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Self::Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<WebState>>().map(|state| state.get_ref().clone());
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let asked = state.as_ref().map(|state| Asked::read(request, state.is_https(host)));
        Box::pin(async move {
            let (Some(state), Some(asked)) = (state, asked) else {
                return Err(actix_web::error::ErrorInternalServerError("the pages are not configured"));
            };
            let (visit, failure) = Visit::load(state, asked).await;
            Ok(Self(visit, failure))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_in_words() {
        for (agent, words) in [
            ("Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Safari/604", "Safari on iPhone"),
            ("curl/8", "A browser"),
        ] {
            assert_eq!(device_words(agent), words);
        }
    }
}
