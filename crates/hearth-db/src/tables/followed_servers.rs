//! Servers whose meetups this one shows, and how they are taken.

use crate::{DbConn, Result, Time, Tx, schema::followed_servers::dsl, tables::actors::Actor};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};
use hearth_domain::{id::ActorId, server::TakesMeetups};

row! {
    /// A server that this one follows.
    FollowedServer in followed_servers {
        /// Its own actor.
        actor_id: ActorId as i64,
        /// What is taken of its meetups.
        meetups: TakesMeetups as String,
        /// When the keeper began to follow it.
        created_at: Time,
    }
}

/// One followed server.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, actor: ActorId) -> Result<Option<FollowedServer>> {
    Ok(dsl::followed_servers.find(actor.get()).select(FollowedServer::as_select()).first(connection).optional()?)
}

/// The followed server of this name, if its meetups are taken.
///
/// # Errors
/// Database errors.
pub fn taken_from(connection: &mut DbConn, host: &str) -> Result<Option<FollowedServer>> {
    use crate::schema::actors;
    Ok(dsl::followed_servers
        .inner_join(actors::table.on(actors::id.eq(dsl::actor_id)))
        .filter(actors::host.eq(host).and(actors::deleted_at.is_null()))
        .filter(dsl::meetups.ne(TakesMeetups::Off.as_str()))
        .select(FollowedServer::as_select())
        .first(connection)
        .optional()?)
}

/// All followed servers with their actors, by name.
///
/// # Errors
/// Database errors.
pub fn all(connection: &mut DbConn) -> Result<Vec<(FollowedServer, Actor)>> {
    use crate::schema::actors;
    Ok(dsl::followed_servers
        .inner_join(actors::table.on(actors::id.eq(dsl::actor_id)))
        .order(actors::host)
        .select((FollowedServer::as_select(), Actor::as_select()))
        .load(connection)?)
}

/// Changes what is taken.
///
/// # Errors
/// Database errors.
pub fn set(tx: &mut Tx<'_>, actor: ActorId, meetups: TakesMeetups) -> Result<()> {
    diesel::update(dsl::followed_servers.find(actor.get()))
        .set(dsl::meetups.eq(meetups.as_str()))
        .execute(&mut **tx)?;
    Ok(())
}

/// Ends following, with what is kept of its meetups.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, actor: ActorId) -> Result<()> {
    use crate::schema::network_meetups;
    diesel::delete(network_meetups::table.filter(network_meetups::server_id.eq(actor.get()))).execute(&mut **tx)?;
    diesel::delete(dsl::followed_servers.find(actor.get())).execute(&mut **tx)?;
    Ok(())
}
