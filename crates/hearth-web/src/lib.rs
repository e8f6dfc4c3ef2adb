//! The door to people: pages and the JSON API.

pub mod protect;
pub mod state;
pub mod static_files;
pub mod views;
pub mod words;
