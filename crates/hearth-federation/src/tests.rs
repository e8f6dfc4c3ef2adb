//! The whole door on one server, with fake peers on loopback. Journeys between two real servers are in `tests/`.

mod forgeries;
mod identity;
mod inbox;
mod journeys;
mod members;
mod outgoing;
mod probing;
mod readers;
mod reading;
mod repairing;
mod walking;
pub(crate) mod world;
