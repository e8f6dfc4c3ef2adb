//! Hearing of work that other nodes put into the queues: PostgreSQL tells all who listen. SQLite has one node.
//!
//! What is heard is only a hint: who misses it finds the work by looking, some seconds later.

use crate::{
    connection::{Db, DbUrl},
    dialect,
    error::{DbError, Result},
};
use std::{thread, time::Duration};

/// How often the connection is asked for news: one look at a socket.
const EVERY: Duration = Duration::from_millis(50);
/// Pause before a lost connection is made again.
const AGAIN: Duration = Duration::from_secs(2);

impl Db {
    /// Calls `heard` whenever a node has queued something, until `stopped` says so. Blocks its thread meanwhile; on
    /// SQLite it returns at once. A connection that is lost is made again.
    pub fn listen(&self, stopped: impl Fn() -> bool, heard: impl Fn()) {
        let Some(url) = self.shared_url() else { return };
        while !stopped() {
            if listen_once(url, &stopped, &heard).is_err() {
                tracing::debug!("the connection that hears of work was lost; it is made again");
            }
            // What was said meanwhile was not heard.
            heard();
            let mut waited = Duration::ZERO;
            while waited < AGAIN && !stopped() {
                thread::park_timeout(EVERY);
                waited += EVERY;
            }
        }
    }
}

fn listen_once(url: &DbUrl, stopped: &impl Fn() -> bool, heard: &impl Fn()) -> Result<()> {
    let mut connection = url.connect().map_err(|error| DbError::Unavailable(Box::new(error)))?;
    dialect::listen(&mut connection)?;
    while !stopped() {
        if dialect::news(&mut connection)? {
            heard();
        }
        thread::park_timeout(EVERY);
    }
    Ok(())
}
