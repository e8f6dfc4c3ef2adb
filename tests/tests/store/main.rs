//! The store on both databases: what SQLite does, PostgreSQL does, and the program believes neither without a test.

mod deliveries;
mod fan_out;
mod incoming;
mod operations;
mod schema;
mod signing_in;
mod transactions;
mod values;
mod visible;
