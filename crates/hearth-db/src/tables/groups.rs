//! Groups: the four settings and what is particular to a group.

use crate::{
    DbConn, Result, Tx,
    schema::{actors, groups},
    tables::actors::Actor,
};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    group::{Joining, Posting, Reach, Readable, Settings},
    id::ActorId,
};

row! {
    /// A group, here or elsewhere.
    Group in groups {
        /// The actor.
        actor_id: ActorId as i64,
        /// Who can read.
        readable: Readable as String,
        /// Who can join.
        joining: Joining as String,
        /// How far it reaches.
        reach: Reach as String,
        /// Who can post.
        posting: Posting as String,
        /// When it usually meets, in words: "Tuesdays, 7 pm".
        rhythm: String,
        /// How people treat each other here, Markdown.
        guidelines: String,
    }
}

impl Group {
    /// The four settings together.
    #[must_use]
    pub const fn settings(&self) -> Settings {
        Settings { readable: self.readable, joining: self.joining, reach: self.reach, posting: self.posting }
    }
}

/// One group.
///
/// # Errors
/// Database errors.
pub fn by_id(connection: &mut DbConn, id: ActorId) -> Result<Option<Group>> {
    Ok(groups::table.find(id.get()).select(Group::as_select()).first(connection).optional()?)
}

/// A group with its actor.
///
/// # Errors
/// Database errors.
pub fn with_actor(connection: &mut DbConn, id: ActorId) -> Result<Option<(Actor, Group)>> {
    Ok(actors::table
        .inner_join(groups::table)
        .filter(actors::id.eq(id.get()))
        .select((Actor::as_select(), Group::as_select()))
        .first(connection)
        .optional()?)
}

/// Groups that live here and are not deleted, by name.
///
/// # Errors
/// Database errors.
pub fn local(connection: &mut DbConn) -> Result<Vec<(Actor, Group)>> {
    Ok(actors::table
        .inner_join(groups::table)
        .filter(actors::local.eq(true).and(actors::deleted_at.is_null()))
        .order((actors::display_name, actors::id))
        .select((Actor::as_select(), Group::as_select()))
        .load(connection)?)
}

/// Groups elsewhere that somebody here follows, by name.
///
/// # Errors
/// Database errors.
pub fn followed_elsewhere(connection: &mut DbConn) -> Result<Vec<(Actor, Group)>> {
    use crate::schema::follows;
    let followed = follows::table.filter(follows::state.eq("accepted")).select(follows::target_id);
    Ok(actors::table
        .inner_join(groups::table)
        .filter(actors::local.eq(false).and(actors::deleted_at.is_null()).and(actors::id.eq_any(followed)))
        .order((actors::display_name, actors::id))
        .select((Actor::as_select(), Group::as_select()))
        .load(connection)?)
}

/// Changes a group.
///
/// # Errors
/// Database errors.
pub fn update(tx: &mut Tx<'_>, row: &Group) -> Result<()> {
    diesel::update(groups::table.find(row.actor_id.get()))
        .set((
            groups::readable.eq(row.readable.as_str()),
            groups::joining.eq(row.joining.as_str()),
            groups::reach.eq(row.reach.as_str()),
            groups::posting.eq(row.posting.as_str()),
            groups::rhythm.eq(&row.rhythm),
            groups::guidelines.eq(&row.guidelines),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Keeps other transactions from deciding about the same group until this one ends. On PostgreSQL two owners who leave
/// at the same moment would each see the other still there; writing the row, with nothing changed, makes one wait.
///
/// # Errors
/// Database errors.
pub fn hold(tx: &mut Tx<'_>, id: ActorId) -> Result<()> {
    diesel::update(groups::table.find(id.get())).set(groups::rhythm.eq(groups::rhythm)).execute(&mut **tx)?;
    Ok(())
}
