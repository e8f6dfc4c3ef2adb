//! Meetups that followed servers told of: what a keeper is to look at, and what was let through.

use crate::{DbConn, Result, Time, Tx, schema::network_meetups::dsl};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::{address::ApId, id::ActorId, words::UnknownWord};

/// Where a network meetup stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeetupState {
    /// A keeper is to look at it. It is shown to nobody else.
    Waiting,
    /// A keeper let it through; it is being fetched.
    Approved,
    /// It is in the calendar.
    Shown,
    /// A keeper said no.
    Refused,
}

impl MeetupState {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Shown => "shown",
            Self::Refused => "refused",
        }
    }
}
impl TryFrom<String> for MeetupState {
    type Error = UnknownWord;
    fn try_from(word: String) -> std::result::Result<Self, Self::Error> {
        [Self::Waiting, Self::Approved, Self::Shown, Self::Refused]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or(UnknownWord { kind: "state of a network meetup", word })
    }
}

row! {
    /// A meetup that a followed server told of.
    NetworkMeetup in network_meetups {
        /// The meetup's id on the network.
        ap_id: ApId as String,
        /// The server that told of it.
        server_id: ActorId as i64,
        /// Where it stands.
        state: MeetupState as String,
        /// Its title.
        title: String,
        /// Where it is, in words.
        place: String,
        /// Its page.
        url: String,
        /// When it starts.
        starts_at: Time,
        /// When it ends.
        ends_at: Time,
        /// Who told of it; empty once it is in the calendar.
        signer_ap_id: String,
        /// The id of what was told.
        activity_ap_id: String,
        /// What was told, as it came: it is read once more when a keeper says yes. Empty once it is in the calendar.
        activity: String,
        /// When it came.
        created_at: Time,
    }
}

/// One network meetup.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, ap_id: &str) -> Result<Option<NetworkMeetup>> {
    Ok(dsl::network_meetups.find(ap_id).select(NetworkMeetup::as_select()).first(connection).optional()?)
}

/// Those that a keeper is to look at, soonest first.
///
/// # Errors
/// Database errors.
pub fn waiting(connection: &mut DbConn, now: Time, most: i64) -> Result<Vec<NetworkMeetup>> {
    Ok(dsl::network_meetups
        .filter(dsl::state.eq(MeetupState::Waiting.as_str()))
        .filter(dsl::ends_at.gt(now))
        .order((dsl::starts_at, dsl::ap_id))
        .limit(most)
        .select(NetworkMeetup::as_select())
        .load(connection)?)
}

/// Writes a row over the one that is there, or adds it.
///
/// # Errors
/// Database errors.
pub fn set(tx: &mut Tx<'_>, row: &NetworkMeetup) -> Result<()> {
    diesel::delete(dsl::network_meetups.find(row.ap_id.as_str())).execute(&mut **tx)?;
    row.insert(tx)
}

/// Forgets one.
///
/// # Errors
/// Database errors.
pub fn delete(tx: &mut Tx<'_>, ap_id: &str) -> Result<()> {
    diesel::delete(dsl::network_meetups.find(ap_id)).execute(&mut **tx)?;
    Ok(())
}

/// Those that ended before `before`.
///
/// # Errors
/// Database errors.
pub fn ended(connection: &mut DbConn, before: Time, most: i64) -> Result<Vec<NetworkMeetup>> {
    Ok(dsl::network_meetups
        .filter(dsl::ends_at.lt(before))
        .limit(most)
        .select(NetworkMeetup::as_select())
        .load(connection)?)
}

/// All that one server told of.
///
/// # Errors
/// Database errors.
pub fn of_server(connection: &mut DbConn, server: ActorId) -> Result<Vec<NetworkMeetup>> {
    Ok(dsl::network_meetups
        .filter(dsl::server_id.eq(server.get()))
        .select(NetworkMeetup::as_select())
        .load(connection)?)
}
