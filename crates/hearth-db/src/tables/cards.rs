//! The cards in the libraries of groups. Which post a card was stands nowhere, and of its time only the month.

use crate::{
    DbConn, Result, Tx,
    column::Opt,
    schema::{card_marks, card_owners, cards},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{ActorId, CardId, TopicId};

row! {
    /// A card.
    Card in cards {
        /// Id.
        id: CardId as i64,
        /// The group in whose library it is.
        group_id: ActorId as i64,
        /// The name it stands under; none for a card without a name.
        author_id: Option<ActorId> as Opt<ActorId>,
        /// What it is called.
        title: String,
        /// The text, Markdown.
        source: String,
        /// The text, HTML that is safe to show.
        content_html: String,
        /// What it is about, for people who would rather not read it unprepared.
        content_note: Option<String>,
        /// Title and text as they are searched.
        searched: String,
        /// The month in which it was kept.
        month: i32,
    }
}

row! {
    /// A topic of a card.
    CardMark in card_marks {
        /// The card.
        card_id: CardId as i64,
        /// The topic.
        topic_id: TopicId as i64,
    }
}

/// One card. Whoever shows it asks who may see it.
///
/// # Errors
/// Database errors.
pub fn by_id(connection: &mut DbConn, id: CardId) -> Result<Option<Card>> {
    Ok(cards::table.find(id.get()).select(Card::as_select()).first(connection).optional()?)
}

/// These cards, the newest month first.
///
/// # Errors
/// Database errors.
pub fn by_ids(connection: &mut DbConn, ids: &[CardId]) -> Result<Vec<Card>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    Ok(cards::table
        .filter(cards::id.eq_any(ids))
        .order((cards::month.desc(), cards::id.desc()))
        .select(Card::as_select())
        .load(connection)?)
}

/// Gives a card other words and another name, or none.
///
/// # Errors
/// Database errors.
pub fn change(tx: &mut Tx<'_>, row: &Card) -> Result<()> {
    let words = (
        cards::author_id.eq(row.author_id.map(ActorId::get)),
        cards::title.eq(&row.title),
        cards::source.eq(&row.source),
        cards::content_html.eq(&row.content_html),
        cards::content_note.eq(&row.content_note),
        cards::searched.eq(&row.searched),
    );
    diesel::update(cards::table.find(row.id.get())).set(words).execute(&mut **tx)?;
    Ok(())
}

/// Puts these topics in place of those a card had.
///
/// # Errors
/// Database errors.
pub fn mark(tx: &mut Tx<'_>, card: CardId, topics: &[TopicId]) -> Result<()> {
    diesel::delete(card_marks::table.filter(card_marks::card_id.eq(card.get()))).execute(&mut **tx)?;
    topics.iter().try_for_each(|topic| CardMark { card_id: card, topic_id: *topic }.insert(tx))
}

/// The topics of these cards.
///
/// # Errors
/// Database errors.
pub fn marks(connection: &mut DbConn, of: &[CardId]) -> Result<Vec<CardMark>> {
    let ids: Vec<i64> = of.iter().map(|id| id.get()).collect();
    Ok(card_marks::table
        .filter(card_marks::card_id.eq_any(ids))
        .order((card_marks::card_id, card_marks::topic_id))
        .select(CardMark::as_select())
        .load(connection)?)
}

/// Takes the name off the cards of a persona: of one group, or of all.
///
/// # Errors
/// Database errors.
pub fn take_name_off(tx: &mut Tx<'_>, author: ActorId, group: Option<ActorId>) -> Result<()> {
    let none = cards::author_id.eq(None::<i64>);
    let named = cards::table.filter(cards::author_id.eq(author.get()));
    match group {
        Some(group) => diesel::update(named.filter(cards::group_id.eq(group.get()))).set(none).execute(&mut **tx)?,
        None => diesel::update(named).set(none).execute(&mut **tx)?,
    };
    Ok(())
}

/// Takes a card away, with whose it was.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: CardId) -> Result<()> {
    delete_these(tx, vec![id.get()])
}

/// Takes away all cards of a group.
///
/// # Errors
/// Database errors.
pub fn delete_all_in(tx: &mut Tx<'_>, group: ActorId) -> Result<()> {
    let ids: Vec<i64> = cards::table.filter(cards::group_id.eq(group.get())).select(cards::id).load(&mut **tx)?;
    delete_these(tx, ids)
}

/// Takes away the cards that stand under this name: in one group, or in all.
///
/// # Errors
/// Database errors.
pub fn delete_named_of(tx: &mut Tx<'_>, author: ActorId, group: Option<ActorId>) -> Result<()> {
    let named = cards::table.filter(cards::author_id.eq(author.get()));
    let rows: Vec<(i64, i64)> = named.select((cards::id, cards::group_id)).load(&mut **tx)?;
    let ids = rows.into_iter().filter(|(_, of)| group.is_none_or(|group| group.get() == *of)).map(|(id, _)| id);
    delete_these(tx, ids.collect())
}

fn delete_these(tx: &mut Tx<'_>, ids: Vec<i64>) -> Result<()> {
    // In parts: a statement takes so many values, and no more.
    for part in ids.chunks(500) {
        diesel::delete(card_marks::table.filter(card_marks::card_id.eq_any(part))).execute(&mut **tx)?;
        diesel::delete(card_owners::table.filter(card_owners::card_id.eq_any(part))).execute(&mut **tx)?;
        diesel::delete(cards::table.filter(cards::id.eq_any(part))).execute(&mut **tx)?;
    }
    Ok(())
}
