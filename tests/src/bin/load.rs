//! Puts load on a real server and says how it did: `load outgoing`, `load --help`. Figures go to docs/measurements.md.

fn main() -> anyhow::Result<std::process::ExitCode> {
    tests::load::main()
}
