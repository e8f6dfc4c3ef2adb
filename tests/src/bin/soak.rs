//! Breaks a real server on purpose and says what became of it: `soak list`, `soak R-01`, `soak --help`. Figures go to
//! docs/measurements.md.

fn main() -> anyhow::Result<std::process::ExitCode> {
    tests::soak::main()
}
