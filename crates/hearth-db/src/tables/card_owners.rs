//! Whose a card is, also where it stands without a name.
//!
//! The only place that knows. Must never be read together with anything that is shown: `views` do not name this table,
//! and a test sees to that. Nothing here tells anybody about anyone but themselves.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{card_owners, cards, personas},
};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::{AccountId, ActorId, CardId};

row! {
    /// Whose a card is.
    CardOwner in card_owners {
        /// The card.
        card_id: CardId as i64,
        /// The persona whose words it holds.
        owner_id: ActorId as i64,
        /// Whether it comes from what was written without a name, and can never have one.
        never_named: bool,
        /// When it is to go, for its owner was erased or left.
        remove_at: Option<Time>,
    }
}

/// Whose a card is.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, card: CardId) -> Result<Option<CardOwner>> {
    Ok(card_owners::table.find(card.get()).select(CardOwner::as_select()).first(connection).optional()?)
}

fn ids(rows: Vec<CardOwner>) -> Vec<CardId> {
    rows.into_iter().map(|row| row.card_id).collect()
}

/// The cards of an account that are not to go.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<CardId>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    let rows = card_owners::table.filter(card_owners::owner_id.eq_any(own)).filter(card_owners::remove_at.is_null());
    Ok(ids(rows.select(CardOwner::as_select()).load(connection)?))
}

/// The cards without a name of a persona that are not to go yet: of one group, or of all.
///
/// # Errors
/// Database errors.
pub fn unnamed_of(connection: &mut DbConn, owner: ActorId, group: Option<ActorId>) -> Result<Vec<CardId>> {
    let unnamed = cards::table.filter(cards::author_id.is_null());
    let rows =
        card_owners::table.filter(card_owners::owner_id.eq(owner.get())).filter(card_owners::remove_at.is_null());
    let rows: Vec<CardOwner> = match group {
        Some(group) => {
            let there = unnamed.filter(cards::group_id.eq(group.get())).select(cards::id);
            rows.filter(card_owners::card_id.eq_any(there)).select(CardOwner::as_select()).load(connection)?
        }
        None => {
            let there = unnamed.select(cards::id);
            rows.filter(card_owners::card_id.eq_any(there)).select(CardOwner::as_select()).load(connection)?
        }
    };
    Ok(ids(rows))
}

/// Says when a card is to go.
///
/// # Errors
/// Database errors.
pub fn remove_at(tx: &mut Tx<'_>, card: CardId, at: Time) -> Result<()> {
    diesel::update(card_owners::table.find(card.get())).set(card_owners::remove_at.eq(Some(at))).execute(&mut **tx)?;
    Ok(())
}

/// Cards whose time has come.
///
/// # Errors
/// Database errors.
pub fn due(connection: &mut DbConn, now: Time, most: i64) -> Result<Vec<CardId>> {
    let rows = card_owners::table
        .filter(card_owners::remove_at.le(now))
        .order((card_owners::remove_at, card_owners::card_id))
        .limit(most);
    Ok(ids(rows.select(CardOwner::as_select()).load(connection)?))
}

/// Nobody owns the cards of a persona any more that stay: it is erased.
///
/// # Errors
/// Database errors.
pub fn forget(tx: &mut Tx<'_>, owner: ActorId) -> Result<()> {
    let staying = card_owners::table.filter(card_owners::owner_id.eq(owner.get()));
    diesel::delete(staying.filter(card_owners::remove_at.is_null())).execute(&mut **tx)?;
    Ok(())
}
