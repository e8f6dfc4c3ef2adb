//! This server: what it is called, how it is set up, and who can be called for help.

use super::{
    Answer, State,
    body::Body,
    caller::{Visitor, Writer, count_network},
    created, ok,
    problem::{ApiError, Problem},
};
use actix_web::HttpRequest;
use hearth_actions::{
    server::{self, SetupForm, Site, site},
    token, tries,
};
use hearth_db::tables::{api_tokens::Scope, helplines::Helpline};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The label of the token that comes with a new account.
pub(super) const FIRST_TOKEN: &str = "Made with the account";

/// This server, as everybody may know it.
#[derive(Serialize, ToSchema)]
pub(super) struct ServerDocument {
    /// Name of the place.
    name: String,
    /// A few sentences about it, Markdown.
    summary: String,
    /// How its keepers are reached.
    contact: String,
    /// Its name on the network.
    #[schema(example = "groups.example.org")]
    address: String,
    /// Who can open an account: `open`, `approval`, `invitation` or `closed`.
    sign_up: &'static str,
    /// Where "Leave quickly" leads.
    exit_url: String,
    /// IANA zone of the place.
    #[schema(example = "Europe/London")]
    zone: String,
    /// BCP 47 tag of the language that people here write in.
    #[schema(example = "en")]
    language: String,
    /// Whether other servers must sign what they read (authorized fetch).
    signed_readers: bool,
    /// The version of Hearth.
    version: &'static str,
    /// Where the exact running source can be had (AGPL section 13).
    source_url: String,
}

fn document(site: &Site, source_url: &str) -> ServerDocument {
    ServerDocument {
        name: site.row.name.clone(),
        summary: site.row.summary.clone(),
        contact: site.row.contact.clone(),
        address: site.host(),
        sign_up: site.row.sign_up.as_str(),
        exit_url: site.row.exit_url.clone(),
        zone: site.row.zone.clone(),
        language: site.row.language.clone(),
        signed_readers: site.row.authorized_fetch,
        version: env!("CARGO_PKG_VERSION"),
        source_url: source_url.to_owned(),
    }
}

/// This server.
#[utoipa::path(get, path = "/server", tag = "server",
    responses((status = 200, description = "This server.", body = ServerDocument)))]
pub(super) async fn get_server(state: State, _: Visitor) -> Answer {
    let site = state.run(|app| app.db.read(site)).await?;
    Ok(ok(document(&site, &state.source_url)))
}

/// What a keeper may change about the place. What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ServerPatch {
    /// Name of the place, 2 to 80 characters.
    name: Option<String>,
    /// A few sentences about it, Markdown, 2,000 characters at most.
    summary: Option<String>,
    /// How the keepers are reached, 3 to 300 characters.
    contact: Option<String>,
    /// `open`, `approval`, `invitation` or `closed`.
    sign_up: Option<String>,
    /// Where "Leave quickly" leads; empty for the usual page.
    exit_url: Option<String>,
    /// IANA zone.
    zone: Option<String>,
    /// BCP 47 tag of the language that people here write in.
    language: Option<String>,
    /// Whether other servers must sign what they read, so that blocked ones read nothing.
    signed_readers: Option<bool>,
}

impl ServerPatch {
    fn over(self, site: &Site) -> Result<SetupForm, ApiError> {
        let Self { name, summary, contact, sign_up, exit_url, zone, language, signed_readers } = self;
        let texts = [&name, &summary, &contact, &sign_up, &exit_url, &zone, &language];
        if texts.iter().all(|field| field.is_none()) && signed_readers.is_none() {
            return Err(ApiError::NothingToDo);
        }
        let row = &site.row;
        Ok(SetupForm {
            name: name.unwrap_or_else(|| row.name.clone()),
            summary: summary.unwrap_or_else(|| row.summary.clone()),
            contact: contact.unwrap_or_else(|| row.contact.clone()),
            sign_up: sign_up.unwrap_or_else(|| row.sign_up.as_str().to_owned()),
            exit_url: exit_url.unwrap_or_else(|| row.exit_url.clone()),
            zone: zone.unwrap_or_else(|| row.zone.clone()),
            language: language.unwrap_or_else(|| row.language.clone()),
            signed_readers,
            ..SetupForm::default()
        })
    }
}

/// Changes the place. Keepers only.
#[utoipa::path(patch, path = "/server", tag = "server", request_body = ServerPatch,
    responses((status = 200, description = "The server as it is now.", body = ServerDocument)))]
pub(super) async fn patch_server(state: State, me: Writer, body: Body) -> Answer {
    let patch: ServerPatch = body.read().await?;
    let site_before = state.run(|app| app.db.read(site)).await?;
    let form = patch.over(&site_before)?;
    let site = state
        .act(move |app| {
            server::update(app, me.id(), &form)?;
            app.db.read(site)
        })
        .await?;
    Ok(ok(document(&site, &state.source_url)))
}

/// What the first keeper sends.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SetupBody {
    /// The one-time code that the server printed when it was started.
    code: String,
    /// Name of the place, 2 to 80 characters.
    name: String,
    /// A few sentences about it, Markdown, 2,000 characters at most.
    summary: String,
    /// The public address; ignored where it is fixed by the configuration. Can't be changed later.
    #[schema(example = "groups.example.org")]
    address: String,
    /// How the keepers are reached, 3 to 300 characters.
    contact: String,
    /// IANA zone.
    zone: String,
    /// Where "Leave quickly" leads; empty for the usual page.
    exit_url: String,
    /// Who can open an account: `open`, `approval`, `invitation` or `closed`.
    sign_up: String,
    /// The first helpline.
    helpline_name: String,
    /// What it is for.
    helpline_about: String,
    /// When it answers.
    helpline_hours: String,
    /// Its number.
    helpline_number: String,
    /// The keeper's private sign-in name.
    sign_in_name: String,
    /// The keeper's password, at least 10 characters.
    password: String,
    /// Address name of the keeper's first persona.
    persona_name: String,
    /// Shown name of the keeper's first persona.
    persona_display_name: String,
}

impl From<SetupBody> for SetupForm {
    fn from(body: SetupBody) -> Self {
        Self {
            code: body.code,
            name: body.name,
            summary: body.summary,
            address: body.address,
            contact: body.contact,
            zone: body.zone,
            language: String::new(),
            exit_url: body.exit_url,
            signed_readers: None,
            sign_up: body.sign_up,
            helpline_name: body.helpline_name,
            helpline_about: body.helpline_about,
            helpline_hours: body.helpline_hours,
            helpline_number: body.helpline_number,
            sign_in_name: body.sign_in_name,
            password: body.password,
            persona_name: body.persona_name,
            persona_display_name: body.persona_display_name,
        }
    }
}

/// A token of a new account.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenDocument {
    /// The token, which may write. It is shown this once.
    token: String,
}

/// Sets the server up and makes the first keeper.
///
/// A wrong code, and any call after the set-up, answers 403.
#[utoipa::path(post, path = "/setup", tag = "server", request_body = SetupBody,
    responses((status = 201, description = "Set up.", body = TokenDocument),
        (status = 403,
            description = "The code is not the one that was printed.", body = Problem,
            content_type = "application/problem+json")))]
pub(super) async fn set_up(state: State, request: HttpRequest, body: Body) -> Answer {
    let form = SetupForm::from(body.read::<SetupBody>().await?);
    count_network(&state, &request, tries::SET_UP).await?;
    let token = state
        .act(move |app| {
            let account = server::set_up(app, &form)?;
            token::create(app, account, FIRST_TOKEN, Scope::Write)
        })
        .await?;
    Ok(created("/account", TokenDocument { token }))
}

/// A helpline.
#[derive(Serialize, ToSchema)]
pub(super) struct HelplineDocument {
    /// Name.
    name: String,
    /// What it is for.
    about: String,
    /// When it answers.
    hours: String,
    /// How it is reached: `tel` or `sms`.
    kind: &'static str,
    /// The number as people write it.
    number: String,
}

/// Helplines, in the order in which they are shown.
#[derive(Serialize, ToSchema)]
pub(super) struct HelplinesDocument {
    /// The helplines.
    helplines: Vec<HelplineDocument>,
}

impl From<Helpline> for HelplineDocument {
    fn from(row: Helpline) -> Self {
        let kind = row.kind.as_str();
        Self { name: row.name, about: row.about, hours: row.hours, kind, number: row.number }
    }
}

/// People to call or write to right now.
#[utoipa::path(get, path = "/help", tag = "server",
    responses((status = 200, description = "Helplines.", body = HelplinesDocument)))]
pub(super) async fn get_help(state: State, _: Visitor) -> Answer {
    let rows = state.run(|app| app.db.read(server::helplines)).await?;
    Ok(ok(HelplinesDocument { helplines: rows.into_iter().map(Into::into).collect() }))
}
