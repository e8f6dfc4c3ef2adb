//! Rows and SQL on SQLite and PostgreSQL.
//!
//! `tables` holds one file for each table: its row, and the few statements that touch it. `views` holds the readings
//! that pages and collections are made of. Nothing here decides anything: rules live in `hearth-domain`, and only
//! `hearth-actions` (and the queues of `hearth-federation`) write.

mod bell;
pub mod column;
pub mod connection;
pub mod dialect;
pub mod error;
pub mod fault;
pub mod metrics;
pub mod migrate;
pub mod room;
mod schema;
mod statement;
#[cfg(feature = "faults")]
pub mod statements;
pub mod tables;
pub mod transaction;
pub mod views;
mod writers;

pub use column::Time;
pub use connection::{Db, DbConn, DbUrl, Kind};
pub use error::{DbError, Result};
pub use room::Room;
pub use transaction::Tx;
