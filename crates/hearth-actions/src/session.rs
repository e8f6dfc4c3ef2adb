//! Signing in and out. The cookie holds a token; the database holds its hash.

use crate::{ActionError, App, Result, secret};
use chrono::Duration;
use hearth_db::tables::{
    accounts::{self, Account},
    sessions::{self, Session},
};
use hearth_domain::{
    id::{AccountId, SessionId},
    server::{AccountState, PASSWORD_MAX},
    text,
};

/// How long a session lasts without being used.
pub const LASTS: Duration = Duration::days(30);
/// A use within this time is not written down again.
const RENEW_AFTER: Duration = Duration::hours(1);

/// Why signing in failed: one answer for a wrong name and a wrong password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// Wrong name or password.
    Wrong,
    /// Right, but a keeper has not let this account in yet.
    Waiting,
    /// Right, but the account is suspended.
    Suspended,
}

/// Signs in. The same work is done whether or not the name exists. Returns the token for the cookie.
///
/// # Errors
/// Database errors; the inner result says why signing in failed.
pub fn sign_in(app: &App, name: &str, password: &str, device: &str) -> Result<std::result::Result<String, SignIn>> {
    let name = text::line(name).to_lowercase();
    let row = app.db.read(|c| Ok::<_, ActionError>(accounts::by_sign_in_name(c, &name)?))?;
    let hash = row.as_ref().map(|row| row.password_hash.as_str());
    let right = password.len() <= PASSWORD_MAX && app.passwords.verify(password, hash);
    match row.filter(|_| right) {
        None => Ok(Err(SignIn::Wrong)),
        Some(row) => match row.state {
            AccountState::Waiting => Ok(Err(SignIn::Waiting)),
            AccountState::Suspended => Ok(Err(SignIn::Suspended)),
            AccountState::Active => open(app, row.id, device).map(Ok),
        },
    }
}

/// Opens a session for an account that was just made or checked. Returns the token for the cookie.
///
/// # Errors
/// Database errors.
pub fn open(app: &App, account: AccountId, device: &str) -> Result<String> {
    let token = secret::token(&*app.entropy);
    let now = app.clock.now();
    let row = Session {
        id: SessionId::random(&*app.entropy),
        account_id: account,
        token_hash: secret::hash(&token),
        device: text::cut(&text::line(device), 80),
        created_at: now.into(),
        used_at: now.into(),
        expires_at: (now + LASTS).into(),
    };
    app.db.write(|tx| Ok::<_, ActionError>(row.insert(tx)?))?;
    Ok(token)
}

/// Who a token belongs to, if its session lasts and its account may act.
///
/// # Errors
/// Database errors.
pub fn check(app: &App, token: &str) -> Result<Option<(Session, Account)>> {
    if token.len() != 64 {
        return Ok(None);
    }
    let now = app.clock.now();
    let found = app.db.read(|c| {
        let Some(session) = sessions::by_token(c, &secret::hash(token), now.into())? else { return Ok(None) };
        let account = accounts::by_id(c, session.account_id)?.filter(|row| row.state == AccountState::Active);
        Ok::<_, ActionError>(account.map(|account| (session, account)))
    })?;
    let used = found.as_ref().map(|(session, _)| (session.id, session.used_at.utc()));
    if let Some((session, _)) = used.filter(|(_, used_at)| now - *used_at > RENEW_AFTER) {
        app.db.write(|tx| Ok::<_, ActionError>(sessions::renew(tx, session, now.into(), (now + LASTS).into())?))?;
    }
    Ok(found)
}

/// Signs one device of an account out.
///
/// # Errors
/// `NotFound` when it is not a device of this account.
pub fn end(app: &App, account: AccountId, session: SessionId) -> Result<()> {
    match app.db.write(|tx| Ok::<_, ActionError>(sessions::end(tx, account, session)?))? {
        0 => Err(ActionError::NotFound),
        _ => Ok(()),
    }
}

/// All devices of an account.
///
/// # Errors
/// Database errors.
pub fn of_account(app: &App, account: AccountId) -> Result<Vec<Session>> {
    app.db.read(|c| Ok(sessions::of_account(c, account)?))
}
