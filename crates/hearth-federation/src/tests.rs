//! The whole door on one server, with fake peers on loopback. Journeys between two real servers are in `tests/`.

mod inbox;
mod journeys;
mod outgoing;
mod reading;
mod repairing;
pub(crate) mod world;
