//! What the hosts of a meetup that was made here chose about answers, names and places.

use crate::{DbConn, Result, Time, Tx, schema::event_terms::dsl};
use diesel::{OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper};
use hearth_domain::id::EventId;

row! {
    /// What the hosts of a meetup chose.
    EventTerms in event_terms {
        /// The meetup.
        event_id: EventId as i64,
        /// Whether who announced it is named as its organiser.
        named: bool,
        /// Whether the exact address is published.
        address_public: bool,
        /// Whether people can wait for a place once it is full.
        waiting_list: bool,
        /// Whether only people of this server can answer.
        only_here: bool,
        /// How many minutes before the start the room link is told; at once when nothing is set.
        link_lead: Option<i32>,
        /// The start that was told before.
        previous_start: Option<Time>,
        /// Id of the server's own announcement of it.
        announce_ap_id: Option<String>,
    }
}

impl EventTerms {
    /// Where nothing was chosen, as for all meetups from elsewhere.
    #[must_use]
    pub const fn usual(event_id: EventId) -> Self {
        Self {
            event_id,
            named: false,
            address_public: false,
            waiting_list: false,
            only_here: false,
            link_lead: None,
            previous_start: None,
            announce_ap_id: None,
        }
    }
}

/// What was chosen about a meetup.
///
/// # Errors
/// Database errors.
pub fn get(connection: &mut DbConn, event: EventId) -> Result<EventTerms> {
    let row = dsl::event_terms.find(event.get()).select(EventTerms::as_select()).first(connection).optional()?;
    Ok(row.unwrap_or_else(|| EventTerms::usual(event)))
}

/// Writes down what is chosen.
///
/// # Errors
/// Database errors.
pub fn set(tx: &mut Tx<'_>, row: &EventTerms) -> Result<()> {
    diesel::delete(dsl::event_terms.find(row.event_id.get())).execute(&mut **tx)?;
    row.insert(tx)
}
