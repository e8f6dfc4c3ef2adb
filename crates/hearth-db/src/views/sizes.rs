//! How many rows the tables hold that grow with use, for keepers and measurements. Counts only, of everything alike.

use crate::{DbConn, Result, schema};
use diesel::{QueryDsl, RunQueryDsl};

/// Rows of the tables that grow with use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Posts and replies, removed ones too.
    pub posts: i64,
    /// Activities sent from here.
    pub activities: i64,
    /// Deliveries, in whatever state.
    pub deliveries: i64,
    /// Received activities that wait.
    pub incoming: i64,
    /// Ids of activities that took effect.
    pub seen_activities: i64,
}

/// Counts them. Reads every one of these tables from end to end.
///
/// # Errors
/// Database errors.
pub fn sizes(connection: &mut DbConn) -> Result<Sizes> {
    Ok(Sizes {
        posts: schema::posts::table.count().get_result(connection)?,
        activities: schema::activities::table.count().get_result(connection)?,
        deliveries: schema::deliveries::table.count().get_result(connection)?,
        incoming: schema::incoming::table.count().get_result(connection)?,
        seen_activities: schema::seen_activities::table.count().get_result(connection)?,
    })
}
