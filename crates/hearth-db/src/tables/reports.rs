//! Reports: somebody asks those who look after a group to look at something. Who asked is read by nobody.

use crate::{
    DbConn, Result, Time, Tx,
    column::Opt,
    schema::{actors, personas, posts, reported_posts, reports},
    tables::{actors::Actor, posts::Post},
};
use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
};
use hearth_domain::{
    id::{AccountId, ActorId, PostId, ReportId},
    report::State,
};

row! {
    /// A report.
    Report in reports {
        /// Id.
        id: ReportId as i64,
        /// The group whose facilitators it is for; none: it is the keepers'.
        group_id: Option<ActorId> as Opt<ActorId>,
        /// Whom it is about.
        about_id: ActorId as i64,
        /// Who asked: a persona here, or what signed it elsewhere. Shown to nobody.
        reporter_id: ActorId as i64,
        /// Why, in their words.
        reason: String,
        /// Whether they are worried about the person rather than about what was written.
        worried: bool,
        /// Where it stands.
        state: State as String,
        /// What was done about it.
        note: String,
        /// When it came.
        created_at: Time,
        /// When it was resolved.
        resolved_at: Option<Time>,
    }
}

row! {
    /// A post that a report is about.
    ReportedPost in reported_posts {
        /// The report.
        report_id: ReportId as i64,
        /// The post.
        post_id: PostId as i64,
    }
}

/// One report.
///
/// # Errors
/// Database errors.
pub fn by_id(connection: &mut DbConn, id: ReportId) -> Result<Option<Report>> {
    Ok(reports::table.find(id.get()).select(Report::as_select()).first(connection).optional()?)
}

/// Reports in this state, of a group or (none) the keepers', with whom they are about: worries first, then the oldest.
///
/// # Errors
/// Database errors.
pub fn list(connection: &mut DbConn, group: Option<ActorId>, state: State, most: i64) -> Result<Vec<(Report, Actor)>> {
    let query = reports::table
        .inner_join(actors::table.on(actors::id.eq(reports::about_id)))
        .filter(reports::state.eq(state.as_str()))
        .order((reports::worried.desc(), reports::created_at, reports::id))
        .limit(most)
        .select((Report::as_select(), Actor::as_select()))
        .into_boxed();
    let query = match group {
        Some(group) => query.filter(reports::group_id.eq(group.get())),
        None => query.filter(reports::group_id.is_null()),
    };
    Ok(query.load(connection)?)
}

/// The posts a report is about, removed ones too.
///
/// # Errors
/// Database errors.
pub fn posts_of(connection: &mut DbConn, report: ReportId) -> Result<Vec<Post>> {
    Ok(reported_posts::table
        .inner_join(posts::table.on(posts::id.eq(reported_posts::post_id)))
        .filter(reported_posts::report_id.eq(report.get()))
        .order(posts::published_at)
        .select(Post::as_select())
        .load(connection)?)
}

/// Whether the same was reported by the same before, in the same words, and nobody has looked yet.
///
/// # Errors
/// Database errors.
pub fn is_known(connection: &mut DbConn, new: &Report, posts: &[PostId]) -> Result<bool> {
    let same: Vec<Report> = reports::table
        .filter(reports::reporter_id.eq(new.reporter_id.get()).and(reports::about_id.eq(new.about_id.get())))
        .filter(reports::state.ne(State::Resolved.as_str()).and(reports::reason.eq(&new.reason)))
        .select(Report::as_select())
        .load(connection)?;
    for report in same.iter().filter(|report| report.group_id == new.group_id) {
        let before = posts_of(connection, report.id)?;
        if posts.iter().all(|id| before.iter().any(|post| post.id == *id)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many reports came from a server since then.
///
/// # Errors
/// Database errors.
pub fn count_from_host(connection: &mut DbConn, host: &str, since: Time) -> Result<i64> {
    let there = actors::table.filter(actors::host.eq(host)).select(actors::id);
    let recent = reports::table.filter(reports::created_at.ge(since)).filter(reports::reporter_id.eq_any(there));
    Ok(recent.count().get_result(connection)?)
}

/// How many reports an account made since then, through whichever persona.
///
/// # Errors
/// Database errors.
pub fn count_of_account(connection: &mut DbConn, account: AccountId, since: Time) -> Result<i64> {
    let own = personas::table.filter(personas::account_id.eq(account.get())).select(personas::actor_id);
    let recent = reports::table.filter(reports::created_at.ge(since)).filter(reports::reporter_id.eq_any(own));
    Ok(recent.count().get_result(connection)?)
}

/// Resolves a report.
///
/// # Errors
/// Database errors.
pub fn resolve(tx: &mut Tx<'_>, id: ReportId, note: &str, now: Time) -> Result<()> {
    diesel::update(reports::table.find(id.get()))
        .set((reports::state.eq(State::Resolved.as_str()), reports::note.eq(note), reports::resolved_at.eq(Some(now))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets what was resolved, or passed on to another server, before `before`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    let resolved = reports::table.filter(reports::resolved_at.lt(before));
    let gone = diesel::delete(resolved).execute(&mut **tx)?;
    let passed_on =
        reports::table.filter(reports::state.eq(State::PassedOn.as_str())).filter(reports::created_at.lt(before));
    Ok(gone + diesel::delete(passed_on).execute(&mut **tx)?)
}
