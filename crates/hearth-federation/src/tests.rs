//! The whole door on one server, with fake peers on loopback. Journeys between two real servers are in `tests/`.

mod inbox;
mod journeys;
mod members;
mod outgoing;
mod probing;
mod reading;
mod repairing;
mod walking;
pub(crate) mod world;
