//! The topics of a group, for its cards and its conversations: its own list, and what was proposed for it with a card. Who
//! proposed one stands nowhere.

use crate::{
    DbConn, Result, Tx,
    schema::{card_marks, post_marks, topics},
};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{ActorId, TopicId};

row! {
    /// A topic.
    Topic in topics {
        /// Id.
        id: TopicId as i64,
        /// The group.
        group_id: ActorId as i64,
        /// Its name.
        name: String,
        /// Its place in the list.
        place: i32,
        /// Whether it is on the list; otherwise somebody proposed it, and only who looks after the group reads it.
        listed: bool,
    }
}

/// All of a group, those of its list in their order and then what was proposed.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId) -> Result<Vec<Topic>> {
    Ok(topics::table
        .filter(topics::group_id.eq(group.get()))
        .order((topics::listed.desc(), topics::place, topics::id))
        .select(Topic::as_select())
        .load(connection)?)
}

/// Gives a topic another name and place, and puts it on the list.
///
/// # Errors
/// Database errors.
pub fn list(tx: &mut Tx<'_>, id: TopicId, name: &str, place: i32) -> Result<()> {
    let now = (topics::name.eq(name), topics::place.eq(place), topics::listed.eq(true));
    diesel::update(topics::table.find(id.get())).set(now).execute(&mut **tx)?;
    Ok(())
}

/// Takes a topic away, also from its cards and conversations.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: TopicId) -> Result<()> {
    diesel::delete(card_marks::table.filter(card_marks::topic_id.eq(id.get()))).execute(&mut **tx)?;
    diesel::delete(post_marks::table.filter(post_marks::topic_id.eq(id.get()))).execute(&mut **tx)?;
    diesel::delete(topics::table.find(id.get())).execute(&mut **tx)?;
    Ok(())
}
