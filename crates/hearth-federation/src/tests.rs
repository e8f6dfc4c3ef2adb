//! The whole door on one server, with fake peers on loopback. Journeys between two real servers are in `tests/`.

mod forgeries;
mod identity;
mod inbox;
mod journeys;
mod outgoing;
mod readers;
mod reading;
pub(crate) mod world;
