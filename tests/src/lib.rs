//! What the tests share.

pub mod browser;
pub mod database;
pub mod fuzz;
pub mod network;
pub mod world;
