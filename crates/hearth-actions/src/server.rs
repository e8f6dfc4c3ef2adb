//! Setting this server up, and what its keeper may change.

use crate::{ActionError, App, Form, Result, account, keys, markdown, persona, secret};
use hearth_activitypub::Addresses;
use hearth_db::{
    DbConn, Time, Tx,
    tables::{
        actors::{self, Actor, ActorKind},
        helplines::{self, Helpline},
        server::{self, Server},
        setup_codes::{self, SetupCode},
    },
};
use hearth_domain::{
    Denied,
    address::{ApId, canonical_host},
    id::{AccountId, ActorId, HelplineId},
    language,
    server::{FollowedBy, HelplineKind, SignUp},
};
use url::Url;

/// This server: its row, its actor, and where its addresses begin.
#[derive(Clone)]
pub struct Site {
    /// The row.
    pub row: Server,
    /// The server's own actor.
    pub actor: Actor,
    /// Builds every address of this server.
    pub at: Addresses,
}

impl Site {
    /// This server's name on the network.
    #[must_use]
    pub fn host(&self) -> String {
        self.at.host()
    }
}

/// This server.
///
/// # Errors
/// `NotSetUp`.
pub fn site(connection: &mut DbConn) -> Result<Site> {
    let (row, actor) = server::with_actor(connection)?.ok_or(ActionError::NotSetUp)?;
    let at = Addresses::new(row.origin.url().clone()).map_err(|_| ActionError::NotSetUp)?;
    Ok(Site { row, actor, at })
}

/// Prints-once code for the set-up; `None` when the server is set up. Codes of earlier starts stay good.
///
/// # Errors
/// Database errors.
pub fn new_setup_code(app: &App) -> Result<Option<String>> {
    let code = secret::code(&*app.entropy);
    app.db.write(|tx| {
        if server::get(tx)?.is_some() {
            return Ok(None);
        }
        SetupCode { code_hash: secret::hash_code(&code), created_at: app.now() }.insert(tx)?;
        Ok(Some(code.clone()))
    })
}

/// Whether this is a printed code.
///
/// # Errors
/// Database errors.
pub fn setup_code_is_good(app: &App, code: &str) -> Result<bool> {
    app.db.read(|c| Ok(setup_codes::known(c, &secret::hash_code(code))?))
}

/// What the keeper types into the first page.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub struct SetupForm {
    /// The one-time code.
    pub code: String,
    /// Name of the place.
    pub name: String,
    /// A few sentences about it.
    pub summary: String,
    /// The public address, `h.example`; ignored where it is fixed by the configuration.
    pub address: String,
    /// How the keepers are reached.
    pub contact: String,
    /// Time zone of the place.
    pub zone: String,
    /// BCP 47 tag of the language that people here write in. Empty: English.
    pub language: String,
    /// Where "Leave quickly" leads.
    pub exit_url: String,
    /// Who can open an account.
    pub sign_up: String,
    /// Whether only signed requests may read what is public here; what is left out stays.
    pub signed_readers: Option<bool>,
    /// The first helpline.
    pub helpline_name: String,
    /// What it is for.
    pub helpline_about: String,
    /// When it answers.
    pub helpline_hours: String,
    /// Its number.
    pub helpline_number: String,
    /// The keeper's private sign-in name.
    pub sign_in_name: String,
    /// The keeper's password.
    pub password: String,
    /// Address name of the keeper's first persona.
    pub persona_name: String,
    /// Shown name of the keeper's first persona.
    pub persona_display_name: String,
}

/// Sets the server up and makes the first keeper. Returns the keeper's account.
///
/// # Errors
/// `Denied(KeepersOnly)` with a wrong code, `Conflict` when it is set up already, `Invalid`.
pub fn set_up(app: &App, typed: &SetupForm) -> Result<AccountId> {
    if !setup_code_is_good(app, &typed.code)? {
        return Err(Denied::KeepersOnly.into());
    }
    let now = app.now();
    let mut form = Form::default();
    let place = read_place(&mut form, typed);
    let origin = app.fixed_origin.clone().or_else(|| read_origin(&mut form, &typed.address));
    let helpline = read_helpline(app, typed, &mut form);
    let credentials = account::read_credentials(&mut form, &typed.sign_in_name, &typed.password, &[&place.name]);
    let wanted = persona::read_wanted(&mut form, &typed.persona_name, &typed.persona_display_name);
    form.finish()?;
    let Some(origin) = origin else { return Err(address_problem()) };
    let at = Addresses::new(origin.url().clone()).map_err(|_| address_problem())?;
    let credentials = credentials.hash(app)?;
    let (server_keys, persona_keys) = (app.key_pair()?, app.key_pair()?);
    app.db.write(|tx| {
        if server::get(tx)?.is_some() {
            return Err(ActionError::Conflict("this server is set up already"));
        }
        let row = Server {
            id: 1,
            name: place.name.clone(),
            summary: place.summary.clone(),
            contact: place.contact.clone(),
            origin: origin.clone(),
            sign_up: place.sign_up,
            exit_url: place.exit_url.clone(),
            zone: place.zone.clone(),
            set_up_at: now,
            language: place.language.clone(),
            followed_by: FollowedBy::Asked,
            authorized_fetch: false,
        };
        row.insert(tx)?;
        insert_actor(app, tx, &at, &row, &server_keys)?;
        helpline.insert(tx)?;
        let account = account::insert(app, tx, &credentials, true, now)?;
        persona::insert(app, tx, &at, account, &wanted, &persona_keys, now)?;
        setup_codes::clear(tx)?;
        Ok(account)
    })
}

/// What may change after the set-up: all of [`SetupForm`] that is about the place.
struct Place {
    name: String,
    summary: String,
    contact: String,
    sign_up: SignUp,
    exit_url: String,
    zone: String,
    language: String,
}

fn read_place(form: &mut Form, typed: &SetupForm) -> Place {
    Place {
        name: form.line("name", "A name for this place", &typed.name, 2, 80),
        summary: form.paragraphs("summary", "The description", &typed.summary, 0, 2_000),
        contact: form.line("contact", "A way to reach you", &typed.contact, 3, 300),
        sign_up: form.word("sign_up", "who can join", &typed.sign_up).unwrap_or(SignUp::Approval),
        exit_url: read_exit_url(form, &typed.exit_url),
        zone: form.take("zone", hearth_domain::event::zone(&typed.zone).map(|zone| zone.name().to_owned()), |_| {
            "Choose a time zone from the list, for example Europe/London.".to_owned()
        }),
        language: match typed.language.trim() {
            "" => language::DEFAULT.to_owned(),
            tag => form.take("language", language::read(tag).ok_or(()), |()| {
                "Write the language as a short tag, for example en or de-CH.".to_owned()
            }),
        },
    }
}

/// Changes the place. Only keepers may. `typed` is read as at the set-up; code, address and first account are ignored.
///
/// # Errors
/// `Denied(KeepersOnly)`, `Invalid`.
pub fn update(app: &App, keeper: AccountId, typed: &SetupForm) -> Result<()> {
    let mut form = Form::default();
    let place = read_place(&mut form, typed);
    form.finish()?;
    app.db.write(|tx| {
        account::require_keeper(tx, keeper)?;
        let mut row = server::get(tx)?.ok_or(ActionError::NotSetUp)?;
        row.name = place.name;
        row.summary = place.summary;
        row.contact = place.contact;
        row.sign_up = place.sign_up;
        row.exit_url = place.exit_url;
        row.zone = place.zone;
        row.language = place.language;
        row.authorized_fetch = typed.signed_readers.unwrap_or(row.authorized_fetch);
        server::update(tx, &row)?;
        let actor = actors::server(tx)?.ok_or(ActionError::NotSetUp)?;
        actors::describe(tx, actor.id, &row.name, &row.summary, &markdown::html(&row.summary), app.now())?;
        Ok(())
    })
}

fn address_problem() -> ActionError {
    ActionError::field("address", ADDRESS_SENTENCE)
}

const ADDRESS_SENTENCE: &str = "Type the name under which people will reach this server, for example groups.example.org. It can't be changed later.";

/// The public address, as `h.example` or `https://h.example`.
fn read_origin(form: &mut Form, typed: &str) -> Option<ApId> {
    let bare = typed.trim().trim_end_matches('/');
    let bare = bare.strip_prefix("https://").unwrap_or(bare);
    let origin = canonical_host(bare)
        .filter(|host| host.contains('.') && !host.contains(':'))
        .and_then(|host| format!("https://{host}/").parse().ok());
    if origin.is_none() {
        form.problem("address", ADDRESS_SENTENCE);
    }
    origin
}

/// Where "Leave quickly" leads: an everyday page that gives nothing away.
pub const DEFAULT_EXIT: &str = "https://www.bbc.co.uk/weather";

fn read_exit_url(form: &mut Form, typed: &str) -> String {
    let typed = typed.trim();
    if typed.is_empty() {
        return DEFAULT_EXIT.to_owned();
    }
    match Url::parse(typed) {
        Ok(url) if url.scheme() == "https" && url.has_host() && typed.len() <= 300 => url.into(),
        _ => {
            form.problem(
                "exit_url",
                "Type a web address that begins with https://, of a page anybody might have open.",
            );
            String::new()
        }
    }
}

fn read_helpline(app: &App, typed: &SetupForm, form: &mut Form) -> Helpline {
    let number = form.line("helpline_number", "A number", &typed.helpline_number, 3, 30);
    if !number.is_empty() && !number.chars().all(|c| c.is_ascii_digit() || " +-()".contains(c)) {
        form.problem("helpline_number", "Type the number with digits, spaces and +.");
    }
    Helpline {
        id: HelplineId::random(&*app.entropy),
        position: 0,
        name: form.line("helpline_name", "The name of a helpline", &typed.helpline_name, 2, 80),
        about: form.line("helpline_about", "What it is for", &typed.helpline_about, 0, 200),
        hours: form.line("helpline_hours", "When it answers", &typed.helpline_hours, 0, 80),
        kind: HelplineKind::Tel,
        number,
    }
}

/// The server's own actor: it signs what the server fetches.
fn insert_actor(app: &App, tx: &mut Tx<'_>, at: &Addresses, row: &Server, pair: &crate::KeyPair) -> Result<()> {
    let id = at.server();
    let now: Time = row.set_up_at;
    let actor = Actor {
        id: ActorId::random(&*app.entropy),
        kind: ActorKind::Application,
        ap_id: row.origin.clone(),
        host: at.host(),
        local: true,
        name: hearth_activitypub::persona::SERVER_NAME.to_owned(),
        display_name: row.name.clone(),
        summary_source: row.summary.clone(),
        summary_html: markdown::html(&row.summary),
        url: at.page("about").into(),
        inbox: at.shared_inbox().into(),
        shared_inbox: Some(at.shared_inbox().into()),
        outbox: Some(at.outbox(&id).into()),
        followers: Some(at.followers(&id).into()),
        public_key_id: at.main_key(&id).into(),
        public_key_pem: pair.public_pem.clone(),
        private_key_pem: Some(pair.private_pem.clone()),
        approves_followers: true,
        discoverable: true,
        on_network_since: Some(now),
        created_at: now,
        updated_at: now,
        fetched_at: None,
        deleted_at: None,
    };
    actor.insert(tx)?;
    keys::add(app, tx, at, &actor)
}

/// Helplines, for every page that shows them.
///
/// # Errors
/// Database errors.
pub fn helplines(connection: &mut DbConn) -> Result<Vec<Helpline>> {
    Ok(helplines::all(connection)?)
}
