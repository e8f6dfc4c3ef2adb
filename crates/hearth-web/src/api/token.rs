//! Bearer tokens of one's own account.

use super::{
    Answer, State,
    body::{self, Body},
    caller::{Holder, Writer},
    created, done, ok,
    problem::ApiError,
};
use actix_web::web;
use chrono::{DateTime, Utc};
use hearth_actions::{ActionError, token};
use hearth_db::tables::api_tokens::{self, ApiToken, Scope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A token, without what is secret about it.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenRowDocument {
    /// Id.
    id: String,
    /// What it is for.
    label: String,
    /// `read` or `write`.
    scope: &'static str,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<ApiToken> for TokenRowDocument {
    fn from(row: ApiToken) -> Self {
        let (id, scope) = (row.id.to_string(), row.scope.as_str());
        Self { id, label: row.label, scope, created_at: row.created_at.utc() }
    }
}

/// Tokens of an account.
#[derive(Serialize, ToSchema)]
pub(super) struct TokensDocument {
    /// The tokens, oldest first.
    tokens: Vec<TokenRowDocument>,
}

/// The tokens of this account.
#[utoipa::path(get, path = "/account/tokens", tag = "account",
    responses((status = 200, description = "The tokens.", body = TokensDocument)))]
pub(super) async fn list_tokens(state: State, me: Holder) -> Answer {
    let rows =
        state.run(move |app| app.db.read(|c| Ok::<_, ActionError>(api_tokens::of_account(c, me.account.id)?))).await?;
    Ok(ok(TokensDocument { tokens: rows.into_iter().map(Into::into).collect() }))
}

/// A new token.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TokenBody {
    /// What it is for, 1 to 80 characters.
    label: String,
    /// `read` or `write`.
    scope: String,
}

/// A token that was just made.
#[derive(Serialize, ToSchema)]
pub(super) struct NewTokenDocument {
    /// The token. It is shown this once.
    token: String,
    /// Id.
    id: String,
    /// What it is for.
    label: String,
    /// `read` or `write`.
    scope: &'static str,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// Makes a token for this account.
#[utoipa::path(post, path = "/account/tokens", tag = "account", request_body = TokenBody,
    responses((status = 201, description = "The token.", body = NewTokenDocument)))]
pub(super) async fn create_token(state: State, me: Writer, body: Body) -> Answer {
    let TokenBody { label, scope } = body.read().await?;
    let scope = Scope::try_from(scope).map_err(|_| ApiError::field("scope", "Choose read or write."))?;
    let (token, row) = state
        .run(move |app| {
            let token = token::create(app, me.id(), &label, scope)?;
            let (row, _) = token::check(app, &token)?.ok_or(ActionError::NotFound)?;
            Ok((token, row))
        })
        .await?;
    let TokenRowDocument { id, label, scope, created_at } = row.into();
    let path = format!("/account/tokens/{id}");
    Ok(created(&path, NewTokenDocument { token, id, label, scope, created_at }))
}

/// Takes a token back.
#[utoipa::path(delete, path = "/account/tokens/{id}", tag = "account",
    responses((status = 204, description = "Taken back.")))]
pub(super) async fn revoke_token(state: State, me: Writer, path: web::Path<String>, body: Body) -> Answer {
    body.nothing().await?;
    let token = body::id(&path)?;
    state.run(move |app| token::revoke(app, me.id(), token)).await?;
    Ok(done())
}
