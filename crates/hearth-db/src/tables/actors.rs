//! Actors: personas, groups and servers, here and elsewhere.

use crate::{DbConn, Result, Time, Tx, schema::actors::dsl, tables::can_be_key};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{address::ApId, id::ActorId, words::UnknownWord};

/// What an actor is (ActivityStreams 2.0 actor types).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActorKind {
    /// A persona, or a person elsewhere.
    Person,
    /// A group.
    Group,
    /// A server.
    Application,
    /// A program's account.
    Service,
    /// An organisation's account.
    Organization,
}

impl ActorKind {
    /// The ActivityStreams type.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "Person",
            Self::Group => "Group",
            Self::Application => "Application",
            Self::Service => "Service",
            Self::Organization => "Organization",
        }
    }
}
impl TryFrom<String> for ActorKind {
    type Error = UnknownWord;
    fn try_from(word: String) -> std::result::Result<Self, Self::Error> {
        [Self::Person, Self::Group, Self::Application, Self::Service, Self::Organization]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or(UnknownWord { kind: "actor type", word })
    }
}

row! {
    /// An actor.
    Actor in actors {
        /// Id.
        id: ActorId as i64,
        /// What it is.
        kind: ActorKind as String,
        /// Its id on the network.
        ap_id: ApId as String,
        /// Its server.
        host: String,
        /// Whether it lives here.
        local: bool,
        /// The name in its address (`preferredUsername`).
        name: String,
        /// The name that is shown.
        display_name: String,
        /// Words about it as typed, Markdown; empty for actors elsewhere.
        summary_source: String,
        /// Words about it, sanitised HTML.
        summary_html: String,
        /// Its page.
        url: String,
        /// Its inbox.
        inbox: String,
        /// Its server's inbox, where it has one.
        shared_inbox: Option<String>,
        /// Its outbox.
        outbox: Option<String>,
        /// Its followers collection.
        followers: Option<String>,
        /// Id of its key.
        public_key_id: String,
        /// Its public key, PEM.
        public_key_pem: String,
        /// Its private key, PKCS#8 PEM; only of actors that live here.
        private_key_pem: Option<String>,
        /// Whether following asks first (`manuallyApprovesFollowers`).
        approves_followers: bool,
        /// Whether it wants to be found.
        discoverable: bool,
        /// Since when it has an address on the network; a persona gets one with its first deed beyond this server.
        on_network_since: Option<Time>,
        /// When it was made, or first seen.
        created_at: Time,
        /// When it was changed, or last fetched with changes.
        updated_at: Time,
        /// When it was last fetched; never for actors that live here.
        fetched_at: Option<Time>,
        /// When it was deleted; the name stays taken.
        deleted_at: Option<Time>,
    }
}

impl Actor {
    /// Where its server takes activities for everybody, or else its own inbox.
    #[must_use]
    pub fn best_inbox(&self) -> &str {
        self.shared_inbox.as_deref().unwrap_or(&self.inbox)
    }
}

/// One actor.
///
/// # Errors
/// Database errors.
pub fn by_id(connection: &mut DbConn, id: ActorId) -> Result<Option<Actor>> {
    Ok(dsl::actors.find(id.get()).select(Actor::as_select()).first(connection).optional()?)
}

/// Several actors, in no order.
///
/// # Errors
/// Database errors.
pub fn by_ids(connection: &mut DbConn, ids: &[ActorId]) -> Result<Vec<Actor>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
    Ok(dsl::actors.filter(dsl::id.eq_any(ids)).select(Actor::as_select()).load(connection)?)
}

/// The actor with this id on the network.
///
/// # Errors
/// Database errors.
pub fn by_ap_id(connection: &mut DbConn, ap_id: &str) -> Result<Option<Actor>> {
    Ok(dsl::actors.filter(dsl::ap_id.eq(ap_id)).select(Actor::as_select()).first(connection).optional()?)
}

/// The actors of these addresses that live here and are there.
///
/// # Errors
/// Database errors.
pub fn local_by_ap_ids(connection: &mut DbConn, ap_ids: &[&str]) -> Result<Vec<Actor>> {
    Ok(dsl::actors
        .filter(dsl::ap_id.eq_any(ap_ids))
        .filter(dsl::local.eq(true))
        .filter(dsl::deleted_at.is_null())
        .order(dsl::id)
        .select(Actor::as_select())
        .load(connection)?)
}

/// The actor that lives here under this name, deleted ones too.
///
/// # Errors
/// Database errors.
pub fn local_by_name(connection: &mut DbConn, name: &str) -> Result<Option<Actor>> {
    if !can_be_key(name) {
        return Ok(None);
    }
    Ok(dsl::actors
        .filter(dsl::local.eq(true).and(dsl::name.eq(name)))
        .select(Actor::as_select())
        .first(connection)
        .optional()?)
}

/// The actor of another server that is known under this handle; groups come first.
///
/// # Errors
/// Database errors.
pub fn remote_by_handle(connection: &mut DbConn, name: &str, host: &str) -> Result<Option<Actor>> {
    if !can_be_key(name) || !can_be_key(host) {
        return Ok(None);
    }
    Ok(dsl::actors
        .filter(dsl::local.eq(false).and(dsl::host.eq(host)).and(dsl::name.eq(name)))
        .order(dsl::kind)
        .select(Actor::as_select())
        .first(connection)
        .optional()?)
}

/// This server's own actor, once it is set up.
///
/// # Errors
/// Database errors.
pub fn server(connection: &mut DbConn) -> Result<Option<Actor>> {
    Ok(dsl::actors
        .filter(dsl::local.eq(true).and(dsl::kind.eq(ActorKind::Application.as_str())))
        .select(Actor::as_select())
        .first(connection)
        .optional()?)
}

/// Writes what was fetched about an actor elsewhere over what was known.
///
/// # Errors
/// Database errors.
pub fn refresh(tx: &mut Tx<'_>, row: &Actor) -> Result<()> {
    diesel::update(dsl::actors.find(row.id.get()).filter(dsl::local.eq(false)))
        .set((
            (
                dsl::kind.eq(row.kind.as_str()),
                dsl::name.eq(&row.name),
                dsl::display_name.eq(&row.display_name),
                dsl::summary_html.eq(&row.summary_html),
                dsl::url.eq(&row.url),
                dsl::inbox.eq(&row.inbox),
                dsl::shared_inbox.eq(&row.shared_inbox),
                dsl::outbox.eq(&row.outbox),
            ),
            (
                dsl::followers.eq(&row.followers),
                dsl::public_key_id.eq(&row.public_key_id),
                dsl::public_key_pem.eq(&row.public_key_pem),
                dsl::approves_followers.eq(row.approves_followers),
                dsl::discoverable.eq(row.discoverable),
                dsl::updated_at.eq(row.updated_at),
                dsl::fetched_at.eq(row.fetched_at),
                dsl::deleted_at.eq(row.deleted_at),
            ),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Changes how an actor that lives here is described.
///
/// # Errors
/// Database errors.
pub fn describe(tx: &mut Tx<'_>, id: ActorId, display_name: &str, source: &str, html: &str, now: Time) -> Result<()> {
    diesel::update(dsl::actors.find(id.get()))
        .set((
            dsl::display_name.eq(display_name),
            dsl::summary_source.eq(source),
            dsl::summary_html.eq(html),
            dsl::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Changes how an actor that lives here is found and followed.
///
/// # Errors
/// Database errors.
pub fn set_open(tx: &mut Tx<'_>, id: ActorId, approves_followers: bool, discoverable: bool, now: Time) -> Result<()> {
    diesel::update(dsl::actors.find(id.get()))
        .set((
            dsl::approves_followers.eq(approves_followers),
            dsl::discoverable.eq(discoverable),
            dsl::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Gives an actor that lives here another RSA key under the same id.
///
/// # Errors
/// Database errors.
pub fn set_keys(tx: &mut Tx<'_>, id: ActorId, public_pem: &str, private_pem: &str, now: Time) -> Result<()> {
    diesel::update(dsl::actors.find(id.get()).filter(dsl::local.eq(true)))
        .set((dsl::public_key_pem.eq(public_pem), dsl::private_key_pem.eq(Some(private_pem)), dsl::updated_at.eq(now)))
        .execute(&mut **tx)?;
    Ok(())
}

/// The actors that live here and are not deleted.
///
/// # Errors
/// Database errors.
pub fn all_local(connection: &mut DbConn) -> Result<Vec<Actor>> {
    Ok(dsl::actors
        .filter(dsl::local.eq(true).and(dsl::deleted_at.is_null()))
        .order(dsl::id)
        .select(Actor::as_select())
        .load(connection)?)
}

/// Gives an actor that lives here its address on the network, if it has none yet.
///
/// # Errors
/// Database errors.
pub fn put_on_network(tx: &mut Tx<'_>, id: ActorId, now: Time) -> Result<()> {
    diesel::update(dsl::actors.find(id.get()).filter(dsl::on_network_since.is_null()))
        .set(dsl::on_network_since.eq(Some(now)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Marks an actor as deleted and empties what described it. Its name stays taken.
///
/// # Errors
/// Database errors.
pub fn mark_deleted(tx: &mut Tx<'_>, id: ActorId, now: Time) -> Result<()> {
    diesel::update(dsl::actors.find(id.get()))
        .set((
            dsl::deleted_at.eq(Some(now)),
            dsl::display_name.eq(""),
            dsl::summary_source.eq(""),
            dsl::summary_html.eq(""),
        ))
        .execute(&mut **tx)?;
    Ok(())
}
