//! Keys that were replaced: each signs the one activity that tells of its successor, as long as that is on its way.

use crate::{DbConn, Result, schema::replaced_keys::dsl};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::ActivityId;

row! {
    /// A replaced key.
    ReplacedKey in replaced_keys {
        /// The activity it signs.
        activity_id: ActivityId as i64,
        /// The private half, PKCS#8 PEM.
        private_pem: String,
    }
}

/// The replaced keys that sign these activities, in no order.
///
/// # Errors
/// Database errors.
pub fn of(connection: &mut DbConn, activities: &[ActivityId]) -> Result<Vec<ReplacedKey>> {
    let ids = activities.iter().map(|id| id.get());
    Ok(dsl::replaced_keys.filter(dsl::activity_id.eq_any(ids)).select(ReplacedKey::as_select()).load(connection)?)
}
