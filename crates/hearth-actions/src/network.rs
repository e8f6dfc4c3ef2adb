//! The one thing the pages ask of the network: finding somebody elsewhere. Implemented by `hearth-federation`, so that
//! the two doors never know each other.

use hearth_domain::{address::Lookup, id::ActorId};
use std::{future::Future, pin::Pin};

/// Why nobody was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotFound {
    /// Their server answered, and knows nobody of that name.
    #[error("nobody of that name was found there")]
    Unknown,
    /// Their server did not answer.
    #[error("their server did not answer")]
    Unreachable,
    /// Their server said no.
    #[error("their server said no")]
    Refused,
    /// What answered is nobody that can be followed, or breaks the rules.
    #[error("what is there can't be followed from here")]
    Unusable,
    /// The address is not one that may be asked.
    #[error("that is not an address on the network")]
    BadAddress,
}

/// What a lookup comes to.
pub type Finding<'a> = Pin<Box<dyn Future<Output = Result<ActorId, NotFound>> + Send + 'a>>;

/// Finds actors elsewhere.
pub trait Network: Send + Sync {
    /// Looks an actor up by handle or link, asks its server, and writes down what it says. Takes ten seconds at most.
    fn find<'a>(&'a self, lookup: &'a Lookup) -> Finding<'a>;

    /// Looks up the actor by which a server speaks for itself, by the server's name. Takes ten seconds at most.
    fn find_server<'a>(&'a self, host: &'a str) -> Finding<'a>;
}
