//! Bearer tokens of the JSON API.

use crate::{ActionError, App, Form, Result, account, secret};
use hearth_db::tables::{
    accounts::{self, Account},
    api_tokens::{self, ApiToken, Scope},
};
use hearth_domain::{
    id::{AccountId, TokenId},
    server::AccountState,
};

/// Makes a token for an account. Returns it; it is shown once.
///
/// # Errors
/// `Denied(AccountNotActive)`, `Invalid`.
pub fn create(app: &App, account: AccountId, label: &str, scope: Scope) -> Result<String> {
    let mut form = Form::default();
    let label = form.line("label", "A label", label, 1, 80);
    form.finish()?;
    let token = secret::token(&*app.entropy);
    app.db.write(|tx| {
        account::require_active(tx, account)?;
        let row = ApiToken {
            id: TokenId::random(&*app.entropy),
            account_id: account,
            token_hash: secret::hash(&token),
            label,
            scope,
            created_at: app.now(),
        };
        row.insert(tx)?;
        Ok(token)
    })
}

/// The account with this sign-in name, for the command line.
///
/// # Errors
/// `NotFound`.
pub fn account_named(app: &App, sign_in_name: &str) -> Result<AccountId> {
    let name = sign_in_name.trim().to_lowercase();
    let row = app.db.read(|c| Ok::<_, ActionError>(accounts::by_sign_in_name(c, &name)?))?;
    row.map(|row| row.id).ok_or(ActionError::NotFound)
}

/// Who a token belongs to, if its account may act.
///
/// # Errors
/// Database errors.
pub fn check(app: &App, token: &str) -> Result<Option<(ApiToken, Account)>> {
    if token.len() != 64 {
        return Ok(None);
    }
    app.db.read(|c| {
        let Some(token) = api_tokens::by_hash(c, &secret::hash(token))? else { return Ok(None) };
        let account = accounts::by_id(c, token.account_id)?.filter(|row| row.state == AccountState::Active);
        Ok(account.map(|account| (token, account)))
    })
}

/// Takes a token back.
///
/// # Errors
/// `NotFound` when it is not a token of this account.
pub fn revoke(app: &App, account: AccountId, token: TokenId) -> Result<()> {
    match app.db.write(|tx| Ok::<_, ActionError>(api_tokens::revoke(tx, account, token)?))? {
        0 => Err(ActionError::NotFound),
        _ => Ok(()),
    }
}
