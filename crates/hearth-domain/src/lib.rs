//! The rules of the community.
//!
//! Everything here is pure: values in, values out. Nothing in this crate reads a clock, a file, a database or a
//! network, so that every rule can be tested as a table.

#[macro_use]
pub mod words;

pub mod address;
pub mod agreement;
pub mod audience;
pub mod card;
pub mod care;
pub mod check_in;
pub mod clock;
pub mod deed;
pub mod event;
pub mod group;
pub mod group_invitation;
pub mod host;
pub mod id;
pub mod image;
pub mod join_request;
pub mod language;
pub mod log;
pub mod membership;
pub mod note;
pub mod notice;
pub mod permission;
pub mod persona;
pub mod post;
pub mod recurrence;
pub mod report;
pub mod rsvp;
pub mod scheduled_post;
pub mod seal;
pub mod series;
pub mod server;
pub mod text;

pub use permission::Denied;
