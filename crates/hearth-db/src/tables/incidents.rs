//! What the server put right by itself, so that its keeper hears of it. Kept for a month.

use crate::{DbConn, Result, Time, Tx, schema::incidents::dsl};
use chrono::TimeDelta;
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::words::UnknownWord;

/// What was put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentKind {
    /// What waited for a server that had been away was sent when it came back.
    BacklogSent,
    /// A server had changed its signing key; the new one was fetched.
    KeyFetched,
    /// A worker had stopped, and was begun again.
    WorkerBegunAgain,
    /// A piece of work that somebody had taken and not finished was taken over.
    LeaseTakenOver,
}

impl IncidentKind {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BacklogSent => "backlog_sent",
            Self::KeyFetched => "key_fetched",
            Self::WorkerBegunAgain => "worker_begun_again",
            Self::LeaseTakenOver => "lease_taken_over",
        }
    }
}
impl TryFrom<String> for IncidentKind {
    type Error = UnknownWord;
    fn try_from(word: String) -> std::result::Result<Self, Self::Error> {
        [Self::BacklogSent, Self::KeyFetched, Self::WorkerBegunAgain, Self::LeaseTakenOver]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or(UnknownWord { kind: "incident kind", word })
    }
}

/// Something that was put right.
#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = crate::schema::incidents)]
pub struct Incident {
    /// Number of the row, never shown.
    pub id: i64,
    /// What it was.
    #[diesel(deserialize_as = String)]
    pub kind: IncidentKind,
    /// The server it was about.
    pub host: Option<String>,
    /// How many things it was about: announcements, keys, workers.
    pub count: i64,
    /// When, or when last.
    pub at: Time,
}

/// The same again within this time is one incident with a larger count.
const TOGETHER: TimeDelta = TimeDelta::hours(1);

/// Writes one down.
///
/// # Errors
/// Database errors.
pub fn note(tx: &mut Tx<'_>, kind: IncidentKind, host: Option<&str>, count: i64, now: Time) -> Result<()> {
    let recent = dsl::incidents
        .filter(dsl::kind.eq(kind.as_str()))
        .filter(dsl::at.ge(Time::from(now.utc() - TOGETHER)))
        .order(dsl::id.desc())
        .select(dsl::id);
    let known: Option<i64> = match host {
        Some(host) => recent.filter(dsl::host.eq(host)).first(&mut **tx).optional()?,
        None => recent.filter(dsl::host.is_null()).first(&mut **tx).optional()?,
    };
    match known {
        Some(id) => diesel::update(dsl::incidents.find(id))
            .set((dsl::count.eq(dsl::count + count), dsl::at.eq(now)))
            .execute(&mut **tx)?,
        None => diesel::insert_into(dsl::incidents)
            .values((dsl::kind.eq(kind.as_str()), dsl::host.eq(host), dsl::count.eq(count), dsl::at.eq(now)))
            .execute(&mut **tx)?,
    };
    Ok(())
}

/// The last ones, newest first.
///
/// # Errors
/// Database errors.
pub fn latest(connection: &mut DbConn, most: i64) -> Result<Vec<Incident>> {
    let newest = dsl::incidents.order((dsl::at.desc(), dsl::id.desc())).limit(most);
    Ok(newest.select(Incident::as_select()).load(connection)?)
}

/// Forgets what was before `before`.
///
/// # Errors
/// Database errors.
pub fn purge(tx: &mut Tx<'_>, before: Time) -> Result<usize> {
    Ok(diesel::delete(dsl::incidents.filter(dsl::at.lt(before))).execute(&mut **tx)?)
}
