//! Accounts. They sign in, and are never shown or federated.

use crate::{DbConn, Result, Time, Tx, schema::accounts::dsl, tables::can_be_key};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{id::AccountId, server::AccountState};

row! {
    /// An account.
    Account in accounts {
        /// Id.
        id: AccountId as i64,
        /// The private name used to sign in, lower case. Never a persona's name.
        sign_in_name: String,
        /// Argon2id, in the PHC string format.
        password_hash: String,
        /// An e-mail address, if one was given.
        email: Option<String>,
        /// Whether this account keeps the server.
        keeper: bool,
        /// Where it stands.
        state: AccountState as String,
        /// What the person wrote when asking for an account; emptied once answered.
        hello: String,
        /// The persona name asked for, until the account is let in.
        wanted_name: String,
        /// The shown name asked for, until the account is let in.
        wanted_display_name: String,
        /// Whether page titles say nothing but the name of the place.
        discreet_titles: bool,
        /// `auto`, `light` or `dark`.
        theme: String,
        /// When it was opened.
        created_at: Time,
    }
}

/// One account.
///
/// # Errors
/// Database errors.
pub fn by_id(connection: &mut DbConn, id: AccountId) -> Result<Option<Account>> {
    Ok(dsl::accounts.find(id.get()).select(Account::as_select()).first(connection).optional()?)
}

/// The account with this sign-in name.
///
/// # Errors
/// Database errors.
pub fn by_sign_in_name(connection: &mut DbConn, name: &str) -> Result<Option<Account>> {
    if !can_be_key(name) {
        return Ok(None);
    }
    Ok(dsl::accounts.filter(dsl::sign_in_name.eq(name)).select(Account::as_select()).first(connection).optional()?)
}

/// All accounts in this state, oldest first.
///
/// # Errors
/// Database errors.
pub fn in_state(connection: &mut DbConn, state: AccountState) -> Result<Vec<Account>> {
    Ok(dsl::accounts
        .filter(dsl::state.eq(state.as_str()))
        .order((dsl::created_at, dsl::id))
        .select(Account::as_select())
        .load(connection)?)
}

/// All accounts, oldest first.
///
/// # Errors
/// Database errors.
pub fn all(connection: &mut DbConn) -> Result<Vec<Account>> {
    Ok(dsl::accounts.order((dsl::created_at, dsl::id)).select(Account::as_select()).load(connection)?)
}

/// How many accounts are active.
///
/// # Errors
/// Database errors.
pub fn count_active(connection: &mut DbConn) -> Result<i64> {
    Ok(dsl::accounts.filter(dsl::state.eq(AccountState::Active.as_str())).count().get_result(connection)?)
}

/// Sets the state; the words of a request are forgotten with it.
///
/// # Errors
/// Database errors.
pub fn set_state(tx: &mut Tx<'_>, id: AccountId, state: AccountState) -> Result<()> {
    diesel::update(dsl::accounts.find(id.get()))
        .set((
            dsl::state.eq(state.as_str()),
            dsl::hello.eq(""),
            dsl::wanted_name.eq(""),
            dsl::wanted_display_name.eq(""),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Sets the password.
///
/// # Errors
/// Database errors.
pub fn set_password(tx: &mut Tx<'_>, id: AccountId, password_hash: &str) -> Result<()> {
    diesel::update(dsl::accounts.find(id.get())).set(dsl::password_hash.eq(password_hash)).execute(&mut **tx)?;
    Ok(())
}

/// Sets how pages look for this account.
///
/// # Errors
/// Database errors.
pub fn set_reading(tx: &mut Tx<'_>, id: AccountId, theme: &str, discreet_titles: bool) -> Result<()> {
    diesel::update(dsl::accounts.find(id.get()))
        .set((dsl::theme.eq(theme), dsl::discreet_titles.eq(discreet_titles)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Removes an account that was never let in.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: AccountId) -> Result<()> {
    diesel::delete(dsl::accounts.find(id.get())).execute(&mut **tx)?;
    Ok(())
}
