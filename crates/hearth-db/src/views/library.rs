//! The library of a group: its cards for one reader.
//!
//! Must never know which post a card was, or whose it is without a name.

use super::visible::Reader;
use crate::{
    DbConn, Result,
    schema::{blocks, card_marks, cards, mutes, personas},
    tables::{
        actors::{self, Actor},
        cards::{self as rows, Card},
        groups::{self, Group},
        topics::{self, Topic},
    },
};
use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, NullableExpressionMethods, QueryDsl,
    RunQueryDsl, SelectableHelper, TextExpressionMethods,
};
use hearth_domain::{
    audience::Visibility,
    id::{ActorId, CardId, TopicId},
    membership::Role,
};

/// A card with what stands around it.
#[derive(Clone)]
pub struct ReadCard {
    /// The card.
    pub card: Card,
    /// Whose name it stands under, if under one.
    pub author: Option<Actor>,
    /// Its topics, as far as they are on the group's list.
    pub topics: Vec<Topic>,
}

/// Which cards are wanted.
#[derive(Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// This one alone.
    pub id: Option<CardId>,
    /// Those with this topic.
    pub topic: Option<TopicId>,
    /// Those in which each of these appears.
    pub words: &'a [String],
}

/// Where a list of cards goes on: after the one of this month with this id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AfterCard {
    /// The month of the last card that was shown.
    pub month: i32,
    /// Its id.
    pub id: CardId,
}

/// Whether a reader may see the cards of a group: whoever reads what is kept to its members.
#[must_use]
pub fn is_open(reader: &Reader, group: &Group) -> bool {
    reader.includes(group, Visibility::Members)
}

/// A part of a text in which each character stands for itself.
fn pattern(word: &str) -> String {
    let mut out = String::from("%");
    for letter in word.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('%');
    out
}

/// The cards of a group that the reader may see and wants to: the newest month first, and within a month in no order that
/// means anything. Whom they muted is left out, and on both sides of a block the other.
///
/// # Errors
/// Database errors.
pub fn cards(
    connection: &mut DbConn,
    reader: &Reader,
    group: &Group,
    wanted: Wanted<'_>,
    after: Option<AfterCard>,
    most: i64,
) -> Result<Vec<ReadCard>> {
    if !is_open(reader, group) {
        return Ok(Vec::new());
    }
    let account = reader.account_number();
    let muted = mutes::table.filter(mutes::account_id.eq(account)).select(mutes::actor_id.nullable());
    let mut query = cards::table
        .filter(cards::group_id.eq(group.actor_id.get()))
        .filter(cards::author_id.is_null().or(cards::author_id.ne_all(muted)))
        .order((cards::month.desc(), cards::id.desc()))
        .limit(most)
        .select(Card::as_select())
        .into_boxed();
    if !reader.standing(group.actor_id).at_least(Role::Facilitator) {
        let own = || personas::table.filter(personas::account_id.eq(account)).select(personas::actor_id);
        let blocked = blocks::table.filter(blocks::by_id.eq_any(own())).select(blocks::whom_id.nullable());
        let blocking = blocks::table.filter(blocks::whom_id.eq_any(own())).select(blocks::by_id.nullable());
        let neither = cards::author_id.ne_all(blocked).and(cards::author_id.ne_all(blocking));
        query = query.filter(cards::author_id.is_null().or(neither));
    }
    if let Some(id) = wanted.id {
        query = query.filter(cards::id.eq(id.get()));
    }
    if let Some(topic) = wanted.topic {
        let marked = card_marks::table.filter(card_marks::topic_id.eq(topic.get())).select(card_marks::card_id);
        query = query.filter(cards::id.eq_any(marked));
    }
    for word in wanted.words {
        query = query.filter(cards::searched.like(pattern(word)).escape('\\'));
    }
    if let Some(after) = after {
        let same = cards::month.eq(after.month).and(cards::id.lt(after.id.get()));
        query = query.filter(cards::month.lt(after.month).or(same));
    }
    let found: Vec<Card> = query.load(connection)?;
    with_all(connection, group.actor_id, found)
}

/// One card, for who may see it, with its group.
///
/// # Errors
/// Database errors.
pub fn card(connection: &mut DbConn, reader: &Reader, id: CardId) -> Result<Option<(ReadCard, Actor, Group)>> {
    let Some(row) = rows::by_id(connection, id)? else { return Ok(None) };
    let Some((actor, group)) = groups::with_actor(connection, row.group_id)? else { return Ok(None) };
    let found = cards(connection, reader, &group, Wanted { id: Some(id), ..Wanted::default() }, None, 1)?;
    Ok(found.into_iter().next().map(|card| (card, actor, group)))
}

/// Cards with names and topics, for who may see them.
///
/// # Errors
/// Database errors.
pub fn with_all(connection: &mut DbConn, group: ActorId, found: Vec<Card>) -> Result<Vec<ReadCard>> {
    let ids: Vec<CardId> = found.iter().map(|card| card.id).collect();
    let marks = rows::marks(connection, &ids)?;
    let topics = topics::of_group(connection, group)?;
    let authors: Vec<ActorId> = found.iter().filter_map(|card| card.author_id).collect();
    let authors = actors::by_ids(connection, &authors)?;
    let read = |card: Card| {
        let has = |topic: &Topic| marks.iter().any(|mark| mark.card_id == card.id && mark.topic_id == topic.id);
        let author = authors.iter().find(|author| Some(author.id) == card.author_id).cloned();
        let topics = topics.iter().filter(|topic| topic.listed && has(topic)).cloned().collect();
        ReadCard { author, topics, card }
    };
    Ok(found.into_iter().map(read).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_stands_for_itself() {
        for (word, expected) in [("tea", "%tea%"), ("50%", "%50\\%%"), ("a_b", "%a\\_b%"), ("\\", "%\\\\%")] {
            assert_eq!(pattern(word), expected);
        }
    }
}
