//! One-time codes for the first set-up, kept as hashes.

use crate::{DbConn, Result, Time, Tx, schema::setup_codes::dsl};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::exists, select};

row! {
    /// A code that was printed at a start before the set-up.
    SetupCode in setup_codes {
        /// SHA-256 of the code, hexadecimal.
        code_hash: String,
        /// When it was printed.
        created_at: Time,
    }
}

/// Whether this is the hash of a printed code.
///
/// # Errors
/// Database errors.
pub fn known(connection: &mut DbConn, code_hash: &str) -> Result<bool> {
    Ok(select(exists(dsl::setup_codes.filter(dsl::code_hash.eq(code_hash)))).get_result(connection)?)
}

/// Forgets all codes.
///
/// # Errors
/// Database errors.
pub fn clear(tx: &mut Tx<'_>) -> Result<()> {
    diesel::delete(dsl::setup_codes).execute(&mut **tx)?;
    Ok(())
}
