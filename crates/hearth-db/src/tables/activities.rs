//! Activities this server sent, as the bytes that are sent. Purged some days after they were delivered.

use crate::{DbConn, Result, Time, Tx, schema::activities::dsl};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    address::ApId,
    id::{ActivityId, ActorId},
};

row! {
    /// An activity on its way out.
    Activity in activities {
        /// Id.
        id: ActivityId as i64,
        /// Its id on the network.
        ap_id: ApId as String,
        /// Who signs it.
        actor_id: ActorId as i64,
        /// Its type.
        kind: String,
        /// What it is about: activities about the same object are delivered in order.
        object_ap_id: String,
        /// The JSON, exactly as sent.
        body: String,
        /// When it was made.
        created_at: Time,
    }
}

/// One activity.
///
/// # Errors
/// Database errors.
pub fn by_id(connection: &mut DbConn, id: ActivityId) -> Result<Option<Activity>> {
    Ok(dsl::activities.find(id.get()).select(Activity::as_select()).first(connection).optional()?)
}

/// Several activities, in no order.
///
/// # Errors
/// Database errors.
pub fn by_ids(connection: &mut DbConn, ids: &[ActivityId]) -> Result<Vec<Activity>> {
    let ids = ids.iter().map(|id| id.get());
    Ok(dsl::activities.filter(dsl::id.eq_any(ids)).select(Activity::as_select()).load(connection)?)
}

/// Removes activities older than `before` whose deliveries are all done: up to `most`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<usize> {
    use crate::schema::deliveries;
    use diesel::dsl::{exists, not};
    let not_done = deliveries::table.filter(deliveries::activity_id.eq(dsl::id)).filter(deliveries::state.ne("done"));
    let old = dsl::activities.filter(dsl::created_at.lt(before)).filter(not(exists(not_done)));
    let ids: Vec<i64> = old.select(dsl::id).limit(most).load(&mut **tx)?;
    Ok(diesel::delete(dsl::activities.filter(dsl::id.eq_any(ids))).execute(&mut **tx)?)
}

/// Empties the JSON of an activity that no delivery waits for any more; its row stays. For what may not be kept.
///
/// # Errors
/// Database errors.
pub fn forget(tx: &mut Tx<'_>, id: ActivityId) -> Result<usize> {
    use crate::schema::deliveries;
    use diesel::dsl::{exists, not};
    let waiting = deliveries::table
        .filter(deliveries::activity_id.eq(id.get()))
        .filter(deliveries::state.eq_any(["ready", "leased"]));
    let done = dsl::activities.find(id.get()).filter(not(exists(waiting)));
    Ok(diesel::update(done).set(dsl::body.eq("")).execute(&mut **tx)?)
}
