//! One's own account. Nobody else ever sees anything of it.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer, count_account, count_network},
    created, done, ok,
    problem::ApiError,
    server::FIRST_TOKEN,
};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use hearth_actions::{
    account::{self, SignUpForm, SignedUp},
    session, token, tries,
};
use hearth_db::tables::api_tokens::Scope;
use hearth_domain::id::SessionId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a person sends to open an account.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SignUpBody {
    /// Private name for signing in. Never shown to anybody.
    sign_in_name: String,
    /// Password, at least 10 characters.
    password: String,
    /// Address name of the first persona: letters a to z, numbers and _.
    persona_name: String,
    /// Shown name of the first persona.
    persona_display_name: String,
    /// A few words to the keepers, where they let people in.
    hello: String,
    /// Code of an invitation, where one is needed.
    invitation: String,
    /// Whether the person agrees with how people treat each other here. It must be true.
    agree: bool,
}

/// What became of a sign-up.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedUpDocument {
    /// `active`, or `waiting` until a keeper has looked.
    state: &'static str,
    /// A token that may write, shown this once; none while the account waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

/// Opens an account, by the rule the keeper chose.
#[utoipa::path(post, path = "/accounts", tag = "account", request_body = SignUpBody,
    responses((status = 201, description = "The account can be used.", body = SignedUpDocument),
        (status = 202, description = "A keeper looks first.", body = SignedUpDocument)))]
pub(super) async fn sign_up(state: State, request: HttpRequest, body: Body) -> Answer {
    let body: SignUpBody = body.read().await?;
    count_network(&state, &request, tries::JOIN).await?;
    let form = SignUpForm {
        sign_in_name: body.sign_in_name,
        password: body.password,
        persona_name: body.persona_name,
        persona_display_name: body.persona_display_name,
        hello: body.hello,
        invitation: body.invitation,
        agree: if body.agree { "yes" } else { "" }.to_owned(),
    };
    let token = state
        .run(move |app| match account::sign_up(app, &form)? {
            SignedUp::Active(account) => token::create(app, account, FIRST_TOKEN, Scope::Write).map(Some),
            SignedUp::Waiting => Ok(None),
        })
        .await?;
    Ok(match token {
        Some(_) => created("/account", SignedUpDocument { state: "active", token }),
        None => HttpResponse::Accepted().json(SignedUpDocument { state: "waiting", token }),
    })
}

/// One's own account.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountDocument {
    /// The private name used to sign in.
    sign_in_name: String,
    /// Whether this account keeps the server.
    keeper: bool,
    /// What this token may do: `read` or `write`.
    scope: &'static str,
    /// When it was opened.
    created_at: DateTime<Utc>,
}

/// One's own account.
#[utoipa::path(get, path = "/account", tag = "account",
    responses((status = 200, description = "The account.", body = AccountDocument)))]
pub(super) async fn get_account(me: Holder) -> Answer {
    Ok(ok(AccountDocument {
        sign_in_name: me.account.sign_in_name,
        keeper: me.account.keeper,
        scope: me.token.scope.as_str(),
        created_at: me.account.created_at.utc(),
    }))
}

/// A change of password.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PasswordBody {
    /// The present password.
    old_password: String,
    /// The new one, at least 10 characters.
    password: String,
}

/// Changes the password.
///
/// Every device is signed out and every token is taken back, the one that is used here too.
#[utoipa::path(post, path = "/account/password", tag = "account", request_body = PasswordBody,
    responses((status = 204, description = "Changed.")))]
pub(super) async fn change_password(state: State, me: Writer, body: Body) -> Answer {
    let body: PasswordBody = body.read().await?;
    count_account(&state, me.id(), tries::SIGN_IN).await?;
    state
        .run(move |app| {
            // No session is kept: a token has none, and an id that nobody has keeps none.
            let none = SessionId::random(&*app.entropy);
            account::change_password(app, me.id(), none, &body.old_password, &body.password)
        })
        .await?;
    Ok(done())
}

/// How pages look for this account.
#[derive(Serialize, ToSchema)]
pub(super) struct ReadingDocument {
    /// `auto`, `light` or `dark`.
    theme: String,
    /// Whether page titles say nothing but the name of the place.
    discreet_titles: bool,
}

/// How pages look for this account.
#[utoipa::path(get, path = "/account/reading", tag = "account",
    responses((status = 200, description = "The settings.", body = ReadingDocument)))]
pub(super) async fn get_reading(me: Holder) -> Answer {
    Ok(ok(ReadingDocument { theme: me.account.theme, discreet_titles: me.account.discreet_titles }))
}

/// A change of how pages look. What is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadingPatch {
    /// `auto`, `light` or `dark`.
    theme: Option<String>,
    /// Whether page titles say nothing but the name of the place.
    discreet_titles: Option<bool>,
}

/// Changes how pages look for this account.
#[utoipa::path(patch, path = "/account/reading", tag = "account", request_body = ReadingPatch,
    responses((status = 200, description = "The settings as they are now.", body = ReadingDocument)))]
pub(super) async fn patch_reading(state: State, me: Writer, body: Body) -> Answer {
    let patch: ReadingPatch = body.read().await?;
    if patch.theme.is_none() && patch.discreet_titles.is_none() {
        return Err(ApiError::NothingToDo);
    }
    let theme = patch.theme.unwrap_or_else(|| me.0.theme.clone());
    let discreet_titles = patch.discreet_titles.unwrap_or(me.0.discreet_titles);
    let reading = ReadingDocument { theme: theme.clone(), discreet_titles };
    state.run(move |app| account::set_reading(app, me.id(), &theme, discreet_titles)).await?;
    Ok(ok(reading))
}

/// A device that is signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionDocument {
    /// Id.
    id: String,
    /// A few words about the device.
    device: String,
    /// When it signed in.
    created_at: DateTime<Utc>,
    /// When it was last used, to the hour.
    used_at: DateTime<Utc>,
    /// When it ends unless used.
    expires_at: DateTime<Utc>,
}

/// Devices that are signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionsDocument {
    /// The devices, newest first.
    sessions: Vec<SessionDocument>,
}

/// Devices that are signed in with cookies. Tokens are not among them.
#[utoipa::path(get, path = "/account/sessions", tag = "account",
    responses((status = 200, description = "The devices.", body = SessionsDocument)))]
pub(super) async fn list_sessions(state: State, me: Holder) -> Answer {
    let rows = state.run(move |app| session::of_account(app, me.account.id)).await?;
    let sessions = rows
        .into_iter()
        .map(|row| SessionDocument {
            id: row.id.to_string(),
            device: row.device,
            created_at: row.created_at.utc(),
            used_at: row.used_at.utc(),
            expires_at: row.expires_at.utc(),
        })
        .collect();
    Ok(ok(SessionsDocument { sessions }))
}

/// Signs one device out.
#[utoipa::path(delete, path = "/account/sessions/{id}", tag = "account",
    responses((status = 204, description = "Signed out.")))]
pub(super) async fn end_session(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let session = body::id(&path)?;
    state.run(move |app| session::end(app, me.id(), session)).await?;
    Ok(done())
}
