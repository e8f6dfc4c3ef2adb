//! ActivityStreams documents as Hearth reads and writes them.
//!
//! Writing: plain structs in, [`serde_json::Value`] out, every address made by [`Addresses`]. Reading: bytes in, typed
//! documents out, see [`inbound`]. This crate must never do I/O, read the clock, touch the database, or process JSON-LD:
//! `@context` is written for others and ignored when read.

pub mod activity;
pub mod address;
pub mod canonical;
pub mod collection;
pub mod context;
pub mod event;
pub mod group;
pub mod inbound;
pub mod moderation;
pub mod multikey;
pub mod nodeinfo;
pub mod outbound;
pub mod peer;
pub mod persona;
pub mod place;
pub mod post;
pub mod proof;
pub mod tombstone;
pub mod webfinger;
mod write;

#[cfg(test)]
mod samples;

pub use activity::{Recipient, Verb};
pub use address::{Addresses, LocalId, Part};
pub use inbound::{Document, InboxActivity, ReadOptions, Refusal};
pub use write::{Image, Language, PublicKeys, RichText, wire_time};
