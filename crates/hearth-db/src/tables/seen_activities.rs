//! Activities that took effect, so that they do so once. Kept 30 days, as hashes.

use crate::{DbConn, Result, Time, Tx, dialect, schema::seen_activities::dsl};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, dsl::exists, select};

row! {
    /// An activity that took effect.
    SeenActivity in seen_activities {
        /// First half of the SHA-256 of its id, hexadecimal.
        id_hash: String,
        /// When.
        seen_at: Time,
    }
}

/// Notes that it takes effect now. `false` when it did already.
///
/// # Errors
/// Database errors.
pub fn note(tx: &mut Tx<'_>, row: &SeenActivity) -> Result<bool> {
    dialect::note_activity(tx, &row.id_hash, row.seen_at)
}

/// Whether it took effect already.
///
/// # Errors
/// Database errors.
pub fn seen(connection: &mut DbConn, id_hash: &str) -> Result<bool> {
    Ok(select(exists(dsl::seen_activities.filter(dsl::id_hash.eq(id_hash)))).get_result(connection)?)
}

/// Forgets what was seen before `before`: up to `most`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<usize> {
    let old = dsl::seen_activities.filter(dsl::seen_at.lt(before)).select(dsl::id_hash).limit(most);
    let hashes: Vec<String> = old.load(&mut **tx)?;
    Ok(diesel::delete(dsl::seen_activities.filter(dsl::id_hash.eq_any(hashes))).execute(&mut **tx)?)
}

/// Forgets one, so that it can take effect once more.
///
/// # Errors
/// Database errors.
pub fn forget(tx: &mut Tx<'_>, id_hash: &str) -> Result<()> {
    diesel::delete(dsl::seen_activities.filter(dsl::id_hash.eq(id_hash))).execute(&mut **tx)?;
    Ok(())
}
