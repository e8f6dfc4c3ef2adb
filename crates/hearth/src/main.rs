//! The `hearth` command.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    hearth::cli::run(hearth::cli::Cli::parse())
}
