//! Posts that open by themselves every week or month: what they say, when, and in whose name.

use crate::{DbConn, Result, Time, Tx, column::Opt, schema::check_ins::dsl, tables::Sql as _};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{
    audience::Visibility,
    check_in::Rest,
    id::{ActorId, CheckInId, PostId},
    recurrence::Rule,
};

row! {
    /// A check-in.
    CheckIn in check_ins {
        /// Its own id: each post that comes of it has another one.
        id: CheckInId as i64,
        /// The group.
        group_id: ActorId as i64,
        /// In whose name it opens; none where they left or were erased.
        author_id: Option<ActorId> as Opt<ActorId>,
        /// Title.
        title: String,
        /// The text as typed.
        source: String,
        /// Its content note.
        content_note: Option<String>,
        /// Who can see what opens.
        visibility: Visibility as String,
        /// On which days.
        rule: Rule as String,
        /// At which time of the clock: `18:30`.
        civil_time: String,
        /// Of this IANA zone.
        zone: String,
        /// When it opens next, unless it rests.
        next_at: Time,
        /// Why it does not open at the moment.
        rest: Option<Rest> as Opt<Rest>,
        /// Since when.
        rests_since: Option<Time>,
        /// The post that came of it last.
        post_id: Option<PostId> as Opt<PostId>,
        /// When it was set up.
        created_at: Time,
    }
}

/// One.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, id: CheckInId) -> Result<Option<CheckIn>> {
    Ok(dsl::check_ins.find(id.get()).select(CheckIn::as_select()).first(connection).optional()?)
}

/// Those of a group, oldest first.
///
/// # Errors
/// Database errors.
pub fn of_group(connection: &mut DbConn, group: ActorId) -> Result<Vec<CheckIn>> {
    Ok(dsl::check_ins
        .filter(dsl::group_id.eq(group.get()))
        .order((dsl::created_at, dsl::id))
        .select(CheckIn::as_select())
        .load(connection)?)
}

/// Those that open in somebody's name.
///
/// # Errors
/// Database errors.
pub fn of_author(connection: &mut DbConn, author: ActorId) -> Result<Vec<CheckIn>> {
    let own = dsl::check_ins.filter(dsl::author_id.eq(Some(author.get())));
    Ok(own.order(dsl::id).select(CheckIn::as_select()).load(connection)?)
}

/// The one of which a post came, as long as no other did.
///
/// # Errors
/// Database errors.
pub fn of_post(connection: &mut DbConn, post: PostId) -> Result<Option<CheckIn>> {
    let of = dsl::check_ins.filter(dsl::post_id.eq(Some(post.get())));
    Ok(of.select(CheckIn::as_select()).first(connection).optional()?)
}

/// Those that are to open by now, soonest first.
///
/// # Errors
/// Database errors.
pub fn due(connection: &mut DbConn, now: Time, most: i64) -> Result<Vec<CheckIn>> {
    Ok(dsl::check_ins
        .filter(dsl::rests_since.is_null())
        .filter(dsl::next_at.le(now))
        .order((dsl::next_at, dsl::id))
        .limit(most)
        .select(CheckIn::as_select())
        .load(connection)?)
}

/// Writes what changed of one.
///
/// # Errors
/// Database errors.
pub fn update(tx: &mut Tx<'_>, row: &CheckIn) -> Result<()> {
    diesel::update(dsl::check_ins.find(row.id.get()))
        .set((
            dsl::author_id.eq(row.author_id.sql()),
            dsl::title.eq(&row.title),
            dsl::source.eq(&row.source),
            dsl::content_note.eq(&row.content_note),
            dsl::visibility.eq(row.visibility.sql()),
            dsl::rule.eq(row.rule.to_string()),
            dsl::civil_time.eq(&row.civil_time),
            dsl::zone.eq(&row.zone),
            dsl::next_at.eq(row.next_at),
            dsl::rest.eq(row.rest.sql()),
            dsl::rests_since.eq(row.rests_since),
            dsl::post_id.eq(row.post_id.sql()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Takes one away. `false` when it was not there.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, id: CheckInId) -> Result<bool> {
    Ok(diesel::delete(dsl::check_ins.find(id.get())).execute(&mut **tx)? > 0)
}

/// Takes those of a group away: it is erased.
///
/// # Errors
/// Database errors.
pub fn delete_all_in(tx: &mut Tx<'_>, group: ActorId) -> Result<usize> {
    Ok(diesel::delete(dsl::check_ins.filter(dsl::group_id.eq(group.get()))).execute(&mut **tx)?)
}
