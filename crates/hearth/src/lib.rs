//! Hearth as a library, so that tests can run whole servers in one process.
