//! The real clock, the real randomness and the real maker of keys: made once, here, when the program starts.

use chrono::{DateTime, Utc};
use hearth_actions::{KeyMaker, KeyPair};
use hearth_domain::clock::{Clock, Entropy};

/// The clock of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the program reads the clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// The randomness of the operating system.
#[derive(Debug, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place where the program asks for random bytes")]
    fn fill(&self, buffer: &mut [u8]) {
        if getrandom::fill(buffer).is_err() {
            // Going on with bytes that can be guessed would give every session away.
            tracing::error!("The operating system gives no random bytes; stopping");
            std::process::abort();
        }
    }
}

/// Makes RSA-2048 keys.
#[derive(Debug, Clone, Copy)]
pub struct RsaKeyMaker;

impl KeyMaker for RsaKeyMaker {
    fn make(&self) -> Option<KeyPair> {
        let pair = hearth_federation::signing::generate_keypair().ok()?;
        Some(KeyPair { private_pem: pair.private_pem, public_pem: pair.public_pem })
    }
}
