//! The door to other servers: gate, signing, fetching, delivering, relaying.
