//! Bearer tokens of the JSON API, kept as hashes.

use crate::{DbConn, Result, Time, Tx, schema::api_tokens::dsl};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{AccountId, TokenId};

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Reading only.
    Read,
    /// Everything its account may do.
    Write,
}

impl Scope {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}
impl TryFrom<String> for Scope {
    type Error = hearth_domain::words::UnknownWord;
    fn try_from(word: String) -> std::result::Result<Self, Self::Error> {
        match word.as_str() {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            _ => Err(hearth_domain::words::UnknownWord { kind: "scope", word }),
        }
    }
}

row! {
    /// A bearer token.
    ApiToken in api_tokens {
        /// Id.
        id: TokenId as i64,
        /// Whose.
        account_id: AccountId as i64,
        /// SHA-256 of the token, hexadecimal.
        token_hash: String,
        /// What it is for, in its owner's words.
        label: String,
        /// What it may do.
        scope: Scope as String,
        /// When it was made.
        created_at: Time,
    }
}

/// The token with this hash.
///
/// # Errors
/// Database errors.
pub fn by_hash(connection: &mut DbConn, token_hash: &str) -> Result<Option<ApiToken>> {
    Ok(dsl::api_tokens
        .filter(dsl::token_hash.eq(token_hash))
        .select(ApiToken::as_select())
        .first(connection)
        .optional()?)
}

/// All of an account.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<ApiToken>> {
    Ok(dsl::api_tokens
        .filter(dsl::account_id.eq(account.get()))
        .order((dsl::created_at, dsl::id))
        .select(ApiToken::as_select())
        .load(connection)?)
}

/// Removes one token of an account. Returns how many went.
///
/// # Errors
/// Database errors.
pub fn revoke(tx: &mut Tx<'_>, account: AccountId, id: TokenId) -> Result<usize> {
    Ok(diesel::delete(dsl::api_tokens.find(id.get()).filter(dsl::account_id.eq(account.get()))).execute(&mut **tx)?)
}

/// Removes all tokens of an account.
///
/// # Errors
/// Database errors.
pub fn revoke_all(tx: &mut Tx<'_>, account: AccountId) -> Result<usize> {
    Ok(diesel::delete(dsl::api_tokens.filter(dsl::account_id.eq(account.get()))).execute(&mut **tx)?)
}
