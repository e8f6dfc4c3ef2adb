//! The topics of conversations, of those that wait and of those that are planned: by their number, so that what waits has
//! the same marks once it is shown.
//!
//! Whoever reads marks asks for the post first: a mark is left behind until the server tidies up.

use crate::{
    DbConn, Result, Tx,
    schema::{held_posts, post_marks, posts, removals, scheduled_posts, topics},
    tables::topics::Topic,
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, QueryDsl, RunQueryDsl, SelectableHelper,
    dsl::{exists, not},
};
use hearth_domain::id::TopicId;
use std::collections::HashMap;

/// Most that lose their topics at a time.
const MOST_PURGED: i64 = 1000;

row! {
    /// A topic of a conversation.
    PostMark in post_marks {
        /// The number of the post, or of the planned post.
        belongs_to: i64,
        /// The topic.
        topic_id: TopicId as i64,
    }
}

/// Puts these topics in place of those it had.
///
/// # Errors
/// Database errors.
pub fn set(tx: &mut Tx<'_>, number: i64, topics: &[TopicId]) -> Result<()> {
    diesel::delete(post_marks::table.filter(post_marks::belongs_to.eq(number))).execute(&mut **tx)?;
    topics.iter().try_for_each(|topic| PostMark { belongs_to: number, topic_id: *topic }.insert(tx))
}

/// The topics of each of these that are on the group's list, in its order.
///
/// # Errors
/// Database errors.
pub fn of(connection: &mut DbConn, numbers: &[i64]) -> Result<HashMap<i64, Vec<Topic>>> {
    let rows: Vec<(i64, Topic)> = post_marks::table
        .inner_join(topics::table.on(topics::id.eq(post_marks::topic_id)))
        .filter(post_marks::belongs_to.eq_any(numbers))
        .filter(topics::listed.eq(true))
        .order((topics::place, topics::id))
        .select((post_marks::belongs_to, Topic::as_select()))
        .load(connection)?;
    let mut found: HashMap<i64, Vec<Topic>> = HashMap::new();
    for (number, topic) in rows {
        found.entry(number).or_default().push(topic);
    }
    Ok(found)
}

/// Forgets the topics of what has no words any more: it was removed for good, taken back or published.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>) -> Result<usize> {
    let number = post_marks::belongs_to;
    let there = posts::table.filter(posts::id.eq(number)).filter(posts::deleted_at.is_null());
    let withheld = removals::table.filter(removals::post_id.eq(number));
    let waits = held_posts::table.filter(held_posts::id.eq(number));
    let planned = scheduled_posts::table.filter(scheduled_posts::id.eq(number));
    let left = not(exists(there)).and(not(exists(withheld))).and(not(exists(waits))).and(not(exists(planned)));
    let gone: Vec<i64> = post_marks::table.filter(left).select(number).distinct().limit(MOST_PURGED).load(&mut **tx)?;
    Ok(diesel::delete(post_marks::table.filter(number.eq_any(gone))).execute(&mut **tx)?)
}
