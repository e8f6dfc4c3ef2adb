//! Everything people and servers can do.
//!
//! One function is one action, and one action is one transaction: it loads the facts, asks `hearth-domain` whether it
//! may, writes, and puts what other servers must learn into the delivery queue. Both doors (pages and other servers)
//! call the same functions. Nothing here knows of HTTP, and nothing here reaches the network.
//!
//! All functions block: call them from a blocking thread.

pub mod access;
pub mod account;
pub mod agreement;
pub mod ban;
pub mod block;
pub mod card;
pub mod care;
mod catch_up;
pub mod check_in;
pub mod cleanup;
pub mod conversation;
pub mod documents;
pub mod erase;
pub mod error;
pub mod event;
pub mod export;
pub mod fading;
pub mod follow;
pub mod form;
mod gate;
pub mod group;
pub mod group_invitation;
pub mod health;
pub mod helpline;
pub mod hold;
pub mod icalendar;
pub mod image;
pub mod incident;
pub mod invite;
pub mod job;
pub mod join_request;
pub mod keys;
pub mod log;
pub mod markdown;
pub mod membership;
mod membership_request;
pub mod moderation;
pub mod moving;
pub mod network;
pub mod notice;
pub mod notices;
pub mod password;
pub mod pause;
pub mod persona;
pub mod post;
mod publish;
pub mod queue;
pub mod quiet_word;
pub mod reaction;
pub mod received;
pub mod recipients;
pub mod relay;
pub mod reminder;
pub mod remote;
pub mod repair;
pub mod rephrase;
pub mod report;
pub mod role;
pub mod rsvp;
pub mod scheduled_post;
pub mod seal;
pub mod search;
pub mod secret;
pub mod server;
pub mod server_follow;
pub mod session;
pub mod synchronization;
pub mod talk;
pub mod team;
pub mod token;
pub mod topics;
pub mod tries;

pub use error::{ActionError, Result};
pub use form::{FieldProblem, Form};
pub use server::{Site, site};

use hearth_db::{Db, Time};
use hearth_domain::clock::{Clock, Entropy};
use std::sync::Arc;

/// The keys of an actor.
#[derive(Clone)]
pub struct KeyPair {
    /// PKCS#8 PEM.
    pub private_pem: String,
    /// SPKI PEM.
    pub public_pem: String,
}

/// Makes RSA-2048 keys. Slow (about a tenth of a second): never called inside a transaction.
pub trait KeyMaker: Send + Sync {
    /// A new pair; `None` when the system can't make one.
    fn make(&self) -> Option<KeyPair>;
}

/// What every action needs. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Maker of keys.
    pub keys: Arc<dyn KeyMaker>,
    /// Hashes passwords, two at a time.
    pub passwords: Arc<password::Hasher>,
    /// Makes pictures anew, one at a time.
    pub images: Arc<image::reencode::Reencoder>,
    /// The public address, where the keeper fixed it outside the database.
    pub fixed_origin: Option<hearth_domain::address::ApId>,
}

impl App {
    /// Now, as the database keeps it.
    #[must_use]
    pub fn now(&self) -> Time {
        self.clock.now().into()
    }

    /// For actions that add much. What removes something, or adds a line (signing in, leaving, an answer), is still done
    /// in the room that was set aside: it must never ask this.
    ///
    /// # Errors
    /// `ShortOfRoom`.
    pub(crate) fn require_room(&self) -> Result<()> {
        if self.db.room().is_short() { Err(ActionError::ShortOfRoom) } else { Ok(()) }
    }

    /// New keys.
    ///
    /// # Errors
    /// `NoKeys`.
    pub(crate) fn key_pair(&self) -> Result<KeyPair> {
        self.keys.make().ok_or(ActionError::NoKeys)
    }
}
