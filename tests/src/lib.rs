//! What the tests share.

pub mod browser;
pub mod corpus;
pub mod database;
pub mod network;
pub mod world;
