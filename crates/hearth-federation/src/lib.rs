//! The door to other servers: gate, signing, fetching, delivering, relaying.

pub mod client;
pub mod gate;
pub mod origin;
pub mod resolver;
pub mod signing;
