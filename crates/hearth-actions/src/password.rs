//! Passwords: Argon2id, two at a time, the same work whether the account exists or not.

use crate::gate::Gate;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use hearth_domain::clock::Entropy;
use std::sync::Arc;

/// Most passwords hashed at once: each takes 19 MiB (threats AC-11).
const AT_ONCE: usize = 2;

/// Hashes and checks passwords with Argon2id (19 MiB, 2 passes, 1 lane; OWASP).
#[derive(Debug)]
pub struct Hasher {
    gate: Arc<Gate>,
    /// Checked when there is no account, so that the answer takes as long.
    decoy: String,
}

impl Hasher {
    /// A hasher with a decoy of its own.
    #[must_use]
    pub fn new(entropy: &dyn Entropy) -> Self {
        let hasher = Self { gate: Gate::new(AT_ONCE), decoy: String::new() };
        let decoy = hasher.hash(&crate::secret::token(entropy), entropy).unwrap_or_default();
        Self { decoy, ..hasher }
    }

    /// The hash to keep, in the PHC string format. `None` only if the system lacks the memory.
    #[must_use]
    pub fn hash(&self, password: &str, entropy: &dyn Entropy) -> Option<String> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let _inside = self.gate.enter();
        let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).ok();
        hash.map(|hash: argon2::password_hash::phc::PasswordHash| hash.to_string())
    }

    /// Whether this is the password of the hash. Without a hash the decoy is checked and the answer is no.
    #[must_use]
    pub fn verify(&self, password: &str, hash: Option<&str>) -> bool {
        let _inside = self.gate.enter();
        let against = hash.unwrap_or(&self.decoy);
        let right = argon2::password_hash::phc::PasswordHash::new(against)
            .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok());
        right && hash.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(7);
        }
    }

    #[test]
    fn only_the_right_password_of_a_real_account_passes() {
        let hasher = Hasher::new(&Fixed);
        let hash = hasher.hash("a quiet evening", &Fixed).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify("a quiet evening", Some(&hash)));
        assert!(!hasher.verify("a loud evening", Some(&hash)));
        assert!(!hasher.verify("a quiet evening", None));
        assert!(!hasher.verify("a quiet evening", Some("not a hash")));
    }
}
