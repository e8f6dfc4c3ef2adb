//! The readings that pages and collections are made of. Each of what people wrote goes through [`visible`].

pub mod calendar;
pub mod conversation;
pub mod library;
pub mod outbox;
pub mod queue;
pub mod sizes;
pub mod visible;

use crate::tables::{actors::Actor, posts::Post};
use hearth_domain::id::PostId;

/// A post with its author.
#[derive(Clone)]
pub struct Authored {
    /// The post.
    pub post: Post,
    /// Who wrote it.
    pub author: Actor,
}

/// Where a list goes on: after the item with this time and id.
#[derive(Clone, Copy, Debug)]
pub struct After {
    /// Time of the last item that was shown.
    pub time: crate::Time,
    /// Its id.
    pub id: PostId,
}
