//! The actions on both databases: what people and servers may do, what becomes of it, and what is sent.

mod account;
mod answers;
mod companion;
mod event;
mod event_of_person;
mod follow;
mod group;
mod invite;
mod kept;
mod membership;
mod moderation;
mod persona;
mod post;
mod reaction;
mod received_posts;
mod received_refused;
mod received_relayed;
mod relay;
mod report;
mod room;
mod rsvp;
mod server;
mod server_follow;
mod session;
mod tries;
mod wire;
