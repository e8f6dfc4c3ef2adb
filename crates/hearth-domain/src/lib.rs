//! The rules of the community.
//!
//! Everything here is pure: values in, values out. Nothing in this crate reads a clock, a file, a database or a
//! network, so that every rule can be tested as a table.

#[macro_use]
pub mod words;

pub mod address;
pub mod audience;
pub mod clock;
pub mod event;
pub mod group;
pub mod host;
pub mod id;
pub mod language;
pub mod membership;
pub mod permission;
pub mod persona;
pub mod post;
pub mod report;
pub mod rsvp;
pub mod server;
pub mod text;

pub use permission::Denied;
