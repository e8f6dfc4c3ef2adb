//! Attacks on the door to other servers: over real HTTP, with real signatures, against a server that must not move.

mod attacks;
mod banned;
mod hidden;
mod leaks;
mod reading;
mod requests;
mod stage;
mod unknown;
