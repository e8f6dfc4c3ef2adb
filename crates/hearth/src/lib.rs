//! Hearth as a library: settings, one running server, the command line. Tests run whole servers in one process with it.
//!
//! Nothing about the community is decided here.

pub mod ballast;
pub mod cli;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod health;
mod http;
pub mod jobs;
pub mod logging;
pub mod machine;
pub mod metrics;
pub mod network;
pub mod panics;
pub mod server;
pub mod system;
