//! The shared corpus of hostile requests against a real server: what stands on it, what each row may come to, and the
//! judge who looks after every row. `cargo run -p tests --bin corpus -- FOLDER` runs it; see `bin/corpus.rs`.
//!
//! Must never: need the shared folder to be built, or take a row for good that no rule here is about.

pub mod effect;
pub mod judge;
pub mod lane;
mod meetup;
pub mod picture;
pub mod rows;
pub mod stage;
pub mod wire;
