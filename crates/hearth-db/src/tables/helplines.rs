//! Helplines shown under "Get help".

use crate::{DbConn, Result, Tx, schema::helplines::dsl};
use diesel::{QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{id::HelplineId, server::HelplineKind};

row! {
    /// A helpline.
    Helpline in helplines {
        /// Id.
        id: HelplineId as i64,
        /// Order on the page, from 0.
        position: i32,
        /// Name.
        name: String,
        /// What it is for.
        about: String,
        /// When it answers.
        hours: String,
        /// Telephone or text message.
        kind: HelplineKind as String,
        /// The number as people write it.
        number: String,
        /// For whom it is, such as "Scotland"; empty: everybody who comes here.
        region: String,
    }
}

/// All, in their order.
///
/// # Errors
/// Database errors.
pub fn all(connection: &mut DbConn) -> Result<Vec<Helpline>> {
    Ok(dsl::helplines.order(dsl::position).select(Helpline::as_select()).load(connection)?)
}

/// Removes all, before the new list is written.
///
/// # Errors
/// Database errors.
pub fn clear(tx: &mut Tx<'_>) -> Result<()> {
    diesel::delete(dsl::helplines).execute(&mut **tx)?;
    Ok(())
}
