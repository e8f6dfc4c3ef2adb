//! The one row about this server. No row: not set up yet.

use super::actors::{Actor, ActorKind};
use crate::{
    DbConn, Result, Time, Tx,
    schema::{actors, server::dsl},
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};
use hearth_domain::{
    address::ApId,
    server::{FollowedBy, SignUp},
};

row! {
    /// This server as its keeper set it up.
    Server in server {
        /// Always 1.
        id: i32,
        /// Name of the place.
        name: String,
        /// A few sentences about it, Markdown.
        summary: String,
        /// How its keepers are reached, as they wrote it.
        contact: String,
        /// `https://h.example/`: where every id of this server begins.
        origin: ApId as String,
        /// Who can open an account.
        sign_up: SignUp as String,
        /// Where "Leave quickly" leads.
        exit_url: String,
        /// IANA zone of the place.
        zone: String,
        /// When it was set up.
        set_up_at: Time,
        /// BCP 47 tag of the language that people here write in.
        language: String,
        /// How other servers get to follow it.
        followed_by: FollowedBy as String,
        /// Whether only signed requests may read what is public here.
        authorized_fetch: bool,
    }
}

/// The row, once the server is set up.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn) -> Result<Option<Server>> {
    Ok(dsl::server.select(Server::as_select()).first(connection).optional()?)
}

/// The row and this server's own actor, once the server is set up.
///
/// # Errors
/// Database errors.
pub fn with_actor(connection: &mut DbConn) -> Result<Option<(Server, Actor)>> {
    let own = actors::local.eq(true).and(actors::kind.eq(ActorKind::Application.as_str()));
    Ok(dsl::server
        .inner_join(actors::table.on(own))
        .select((Server::as_select(), Actor::as_select()))
        .first(connection)
        .optional()?)
}

/// Changes what the keeper may change after the set-up.
///
/// # Errors
/// Database errors.
pub fn update(tx: &mut Tx<'_>, row: &Server) -> Result<()> {
    diesel::update(dsl::server)
        .set((
            dsl::name.eq(&row.name),
            dsl::summary.eq(&row.summary),
            dsl::contact.eq(&row.contact),
            dsl::sign_up.eq(row.sign_up.as_str()),
            dsl::exit_url.eq(&row.exit_url),
            dsl::zone.eq(&row.zone),
            dsl::language.eq(&row.language),
            dsl::authorized_fetch.eq(row.authorized_fetch),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Changes how other servers get to follow this one.
///
/// # Errors
/// Database errors.
pub fn set_followed_by(tx: &mut Tx<'_>, rule: FollowedBy) -> Result<()> {
    diesel::update(dsl::server).set(dsl::followed_by.eq(rule.as_str())).execute(&mut **tx)?;
    Ok(())
}
