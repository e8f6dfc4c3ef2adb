//! What the tests share.

pub mod browser;
pub mod corpus;
pub mod database;
pub mod fuzz;
pub mod keys;
pub mod load;
pub mod network;
pub mod overheard;
pub mod peer;
pub mod pictures;
mod rig;
pub mod soak;
pub mod world;
