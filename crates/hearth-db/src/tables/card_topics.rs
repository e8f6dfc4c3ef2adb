//! The topics of the cards of a group: its own list, and what was proposed for it. Who proposed one stands nowhere.

use crate::{
    DbConn, Result, Tx,
    schema::{card_marks, card_topics},
};
use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{ActorId, CardTopicId};

row! {
    /// A topic.
    CardTopic in card_topics {
        /// Id.
        id: CardTopicId as i64,
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
pub fn of_group(connection: &mut DbConn, group: ActorId) -> Result<Vec<CardTopic>> {
    Ok(card_topics::table
        .filter(card_topics::group_id.eq(group.get()))
        .order((card_topics::listed.desc(), card_topics::place, card_topics::id))
        .select(CardTopic::as_select())
        .load(connection)?)
}

/// Gives a topic another name and place, and puts it on the list.
///
/// # Errors
/// Database errors.
pub fn list(tx: &mut Tx<'_>, id: CardTopicId, name: &str, place: i32) -> Result<()> {
    let now = (card_topics::name.eq(name), card_topics::place.eq(place), card_topics::listed.eq(true));
    diesel::update(card_topics::table.find(id.get())).set(now).execute(&mut **tx)?;
    Ok(())
}

/// Takes a topic away, also from its cards.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: CardTopicId) -> Result<()> {
    diesel::delete(card_marks::table.filter(card_marks::topic_id.eq(id.get()))).execute(&mut **tx)?;
    diesel::delete(card_topics::table.find(id.get())).execute(&mut **tx)?;
    Ok(())
}
