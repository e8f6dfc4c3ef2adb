//! Relays: servers that pass on what is public, in both directions. Off unless the keeper adds one.

use crate::{DbConn, Result, Time, Tx, schema::relays::dsl};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{id::ActorId, words::UnknownWord};

/// How a relay is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayStyle {
    /// A Follow of everything public.
    Mastodon,
    /// A Follow of the relay, which follows back.
    LitePub,
}

impl RelayStyle {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mastodon => "mastodon",
            Self::LitePub => "litepub",
        }
    }
}
impl TryFrom<String> for RelayStyle {
    type Error = UnknownWord;
    fn try_from(word: String) -> std::result::Result<Self, Self::Error> {
        [Self::Mastodon, Self::LitePub]
            .into_iter()
            .find(|style| style.as_str() == word)
            .ok_or(UnknownWord { kind: "relay style", word })
    }
}

/// Where a relay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayState {
    /// Asked, not answered.
    Asked,
    /// It passes things on.
    Accepted,
    /// It said no.
    Refused,
}

impl RelayState {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }
}
impl TryFrom<String> for RelayState {
    type Error = UnknownWord;
    fn try_from(word: String) -> std::result::Result<Self, Self::Error> {
        [Self::Asked, Self::Accepted, Self::Refused]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(UnknownWord { kind: "relay state", word })
    }
}

row! {
    /// A relay.
    Relay in relays {
        /// Its actor.
        actor_id: ActorId as i64,
        /// How it was asked.
        style: RelayStyle as String,
        /// Where it stands.
        state: RelayState as String,
        /// Id of the Follow that asked it.
        follow_ap_id: String,
        /// When it was asked.
        created_at: Time,
    }
}

/// The relay that is this actor.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, actor: ActorId) -> Result<Option<Relay>> {
    Ok(dsl::relays.find(actor.get()).select(Relay::as_select()).first(connection).optional()?)
}

/// All relays, the oldest first.
///
/// # Errors
/// Database errors.
pub fn all(connection: &mut DbConn) -> Result<Vec<Relay>> {
    Ok(dsl::relays.order((dsl::created_at, dsl::actor_id)).select(Relay::as_select()).load(connection)?)
}

/// Sets where a relay stands.
///
/// # Errors
/// Database errors.
pub fn set_state(tx: &mut Tx<'_>, actor: ActorId, state: RelayState) -> Result<()> {
    diesel::update(dsl::relays.find(actor.get())).set(dsl::state.eq(state.as_str())).execute(&mut **tx)?;
    Ok(())
}

/// Forgets a relay.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, actor: ActorId) -> Result<()> {
    diesel::delete(dsl::relays.find(actor.get())).execute(&mut **tx)?;
    Ok(())
}
