//! Who follows whom.

use crate::{
    DbConn, Result, Time, Tx,
    schema::{follows::dsl, personas},
};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    address::ApId,
    id::{AccountId, ActorId, FollowId},
    words::UnknownWord,
};

/// Where a follow stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowState {
    /// Asked, not answered.
    Asked,
    /// Accepted.
    Accepted,
    /// The other side said no.
    Refused,
}

impl FollowState {
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
impl TryFrom<String> for FollowState {
    type Error = UnknownWord;
    fn try_from(word: String) -> std::result::Result<Self, Self::Error> {
        [Self::Asked, Self::Accepted, Self::Refused]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(UnknownWord { kind: "follow state", word })
    }
}

row! {
    /// One actor following another.
    Follow in follows {
        /// Id.
        id: FollowId as i64,
        /// Id of the Follow activity.
        ap_id: ApId as String,
        /// Who follows.
        follower_id: ActorId as i64,
        /// Who is followed.
        target_id: ActorId as i64,
        /// Where it stands.
        state: FollowState as String,
        /// When it was asked.
        created_at: Time,
    }
}

/// The follow between two actors.
///
/// # Errors
/// Database errors.
pub fn between(connection: &mut DbConn, follower: ActorId, target: ActorId) -> Result<Option<Follow>> {
    Ok(dsl::follows
        .filter(dsl::follower_id.eq(follower.get()).and(dsl::target_id.eq(target.get())))
        .select(Follow::as_select())
        .first(connection)
        .optional()?)
}

/// The follow with this activity id.
///
/// # Errors
/// Database errors.
pub fn by_ap_id(connection: &mut DbConn, ap_id: &str) -> Result<Option<Follow>> {
    Ok(dsl::follows.filter(dsl::ap_id.eq(ap_id)).select(Follow::as_select()).first(connection).optional()?)
}

/// All follows of an account's personas.
///
/// # Errors
/// Database errors.
pub fn of_account(connection: &mut DbConn, account: AccountId) -> Result<Vec<Follow>> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    Ok(dsl::follows
        .filter(dsl::follower_id.eq_any(own))
        .order((dsl::created_at, dsl::id))
        .select(Follow::as_select())
        .load(connection)?)
}

/// Whether anybody here follows this actor with its consent.
///
/// # Errors
/// Database errors.
pub fn anybody_here_follows(connection: &mut DbConn, target: ActorId) -> Result<bool> {
    use crate::schema::actors;
    let here = actors::table.filter(actors::local.eq(true)).select(actors::id);
    let count: i64 = dsl::follows
        .filter(dsl::target_id.eq(target.get()).and(dsl::state.eq(FollowState::Accepted.as_str())))
        .filter(dsl::follower_id.eq_any(here))
        .count()
        .get_result(connection)?;
    Ok(count > 0)
}

/// Follows by people here that this actor has not answered.
///
/// # Errors
/// Database errors.
pub fn asked_of(connection: &mut DbConn, target: ActorId) -> Result<Vec<Follow>> {
    use crate::schema::actors;
    let here = actors::table.filter(actors::local.eq(true)).select(actors::id);
    Ok(dsl::follows
        .filter(dsl::target_id.eq(target.get()).and(dsl::state.eq(FollowState::Asked.as_str())))
        .filter(dsl::follower_id.eq_any(here))
        .select(Follow::as_select())
        .load(connection)?)
}

/// The accepted follows of an actor by actors of other servers, with who follows.
///
/// # Errors
/// Database errors.
pub fn from_elsewhere(connection: &mut DbConn, target: ActorId) -> Result<Vec<(Follow, crate::tables::actors::Actor)>> {
    use crate::schema::{actors, follows};
    use diesel::JoinOnDsl;
    Ok(follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::target_id.eq(target.get()))
        .filter(follows::state.eq(FollowState::Accepted.as_str()))
        .filter(actors::local.eq(false))
        .filter(actors::deleted_at.is_null())
        .order((actors::host, follows::id))
        .select((Follow::as_select(), crate::tables::actors::Actor::as_select()))
        .load(connection)?)
}

/// Follows of this actor by people here, refused ones not.
///
/// # Errors
/// Database errors.
pub fn from_here(connection: &mut DbConn, target: ActorId) -> Result<Vec<Follow>> {
    use crate::schema::actors;
    let here = actors::table.filter(actors::local.eq(true)).select(actors::id);
    Ok(dsl::follows
        .filter(dsl::target_id.eq(target.get()).and(dsl::state.ne(FollowState::Refused.as_str())))
        .filter(dsl::follower_id.eq_any(here))
        .order(dsl::id)
        .select(Follow::as_select())
        .load(connection)?)
}

/// Ends every follow of an actor.
///
/// # Errors
/// Database errors.
pub fn delete_all_to(tx: &mut Tx<'_>, target: ActorId) -> Result<usize> {
    Ok(diesel::delete(dsl::follows.filter(dsl::target_id.eq(target.get()))).execute(&mut **tx)?)
}

/// How many accepted followers an actor has.
///
/// # Errors
/// Database errors.
pub fn count_followers(connection: &mut DbConn, target: ActorId) -> Result<i64> {
    Ok(dsl::follows
        .filter(dsl::target_id.eq(target.get()).and(dsl::state.eq(FollowState::Accepted.as_str())))
        .count()
        .get_result(connection)?)
}

/// Sets where a follow stands.
///
/// # Errors
/// Database errors.
pub fn set_state(tx: &mut Tx<'_>, id: FollowId, state: FollowState) -> Result<()> {
    diesel::update(dsl::follows.find(id.get())).set(dsl::state.eq(state.as_str())).execute(&mut **tx)?;
    Ok(())
}

/// A repeated Follow carries a new id: the newest is what an Accept must name.
///
/// # Errors
/// Database errors.
pub fn set_ap_id(tx: &mut Tx<'_>, id: FollowId, ap_id: &ApId) -> Result<()> {
    diesel::update(dsl::follows.find(id.get())).set(dsl::ap_id.eq(ap_id.as_str())).execute(&mut **tx)?;
    Ok(())
}

/// Ends everything an actor follows.
///
/// # Errors
/// Database errors.
pub fn delete_all_of(tx: &mut Tx<'_>, follower: ActorId) -> Result<usize> {
    Ok(diesel::delete(dsl::follows.filter(dsl::follower_id.eq(follower.get()))).execute(&mut **tx)?)
}

/// Ends a follow.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: FollowId) -> Result<()> {
    diesel::delete(dsl::follows.find(id.get())).execute(&mut **tx)?;
    Ok(())
}

/// Groups here that somebody at this server follows.
///
/// # Errors
/// Database errors.
pub fn groups_followed_from(connection: &mut DbConn, host: &str) -> Result<Vec<ActorId>> {
    use crate::schema::actors;
    let there = actors::table.filter(actors::host.eq(host)).filter(actors::deleted_at.is_null()).select(actors::id);
    let ids: Vec<i64> = dsl::follows
        .filter(dsl::follower_id.eq_any(there))
        .filter(dsl::state.eq(FollowState::Accepted.as_str()))
        .select(dsl::target_id)
        .distinct()
        .load(connection)?;
    Ok(ids.into_iter().filter_map(|id| ActorId::try_from(id).ok()).collect())
}

/// Actors elsewhere that somebody here follows with their consent.
///
/// # Errors
/// Database errors.
pub fn followed_elsewhere(connection: &mut DbConn) -> Result<Vec<ActorId>> {
    use crate::schema::actors;
    let here = actors::table.filter(actors::local.eq(true)).select(actors::id);
    let elsewhere =
        actors::table.filter(actors::local.eq(false)).filter(actors::deleted_at.is_null()).select(actors::id);
    let ids: Vec<i64> = dsl::follows
        .filter(dsl::state.eq(FollowState::Accepted.as_str()))
        .filter(dsl::follower_id.eq_any(here))
        .filter(dsl::target_id.eq_any(elsewhere))
        .select(dsl::target_id)
        .distinct()
        .load(connection)?;
    Ok(ids.into_iter().filter_map(|id| ActorId::try_from(id).ok()).collect())
}

/// Who elsewhere follows something here through this inbox, at most `most`.
///
/// # Errors
/// Database errors.
pub fn followers_by_inbox(connection: &mut DbConn, inbox: &str, most: i64) -> Result<Vec<ActorId>> {
    use crate::schema::actors;
    let there = actors::table
        .filter(actors::local.eq(false))
        .filter(actors::deleted_at.is_null())
        .filter(actors::shared_inbox.eq(inbox).or(actors::shared_inbox.is_null().and(actors::inbox.eq(inbox))))
        .select(actors::id);
    let ids: Vec<i64> = dsl::follows
        .filter(dsl::follower_id.eq_any(there))
        .select(dsl::follower_id)
        .distinct()
        .limit(most)
        .load(connection)?;
    Ok(ids.into_iter().filter_map(|id| ActorId::try_from(id).ok()).collect())
}

/// Everybody elsewhere who follows an actor or asks to, by server.
///
/// # Errors
/// Database errors.
pub fn followers_of(
    connection: &mut DbConn,
    target: ActorId,
) -> Result<Vec<(crate::tables::actors::Actor, FollowState)>> {
    use crate::{schema::actors, tables::actors::Actor};
    use diesel::JoinOnDsl;
    let rows: Vec<(Actor, Follow)> = dsl::follows
        .inner_join(actors::table.on(actors::id.eq(dsl::follower_id)))
        .filter(dsl::target_id.eq(target.get()).and(actors::deleted_at.is_null()))
        .order((actors::host, dsl::created_at, dsl::id))
        .select((Actor::as_select(), Follow::as_select()))
        .load(connection)?;
    Ok(rows.into_iter().map(|(actor, follow)| (actor, follow.state)).collect())
}
