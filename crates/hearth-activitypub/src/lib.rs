//! ActivityStreams documents as Hearth reads and writes them.
