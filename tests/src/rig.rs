//! What the load and the soak program are built from: this program started again in other roles, as a real server on a
//! database of its own and as the other servers of its network, and requests that people elsewhere have signed.
//!
//! Must never: reach anything but loopback.

pub(crate) mod child;
pub(crate) mod peers;
pub(crate) mod requests;
pub(crate) mod sender;
pub(crate) mod served;
pub(crate) mod town;
