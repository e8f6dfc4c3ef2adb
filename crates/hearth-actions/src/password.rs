//! Passwords: Argon2id, two at a time, the same work whether the account exists or not.

use crate::gate::Gate;
use argon2::{Argon2, Params, PasswordHasher, PasswordVerifier};
use hearth_domain::clock::Entropy;
use std::sync::Arc;

/// Most passwords hashed at once: each takes 19 MiB (threats AC-11).
const AT_ONCE: usize = 2;

/// How much work one hash is.
#[derive(Debug, Clone, Default)]
pub struct Cost(Params);

impl Cost {
    /// Next to none, and so no protection: for tests, which make hundreds of accounts. Everything else takes the default,
    /// which is 19 MiB, 2 passes and 1 lane (OWASP).
    #[must_use]
    pub fn none() -> Self {
        Self(Params::new(Params::MIN_M_COST, Params::MIN_T_COST, Params::MIN_P_COST, None).unwrap_or_default())
    }
}

/// Hashes and checks passwords with Argon2id.
#[derive(Debug)]
pub struct Hasher {
    gate: Arc<Gate>,
    argon2: Argon2<'static>,
    /// Checked when there is no account, so that the answer takes as long.
    decoy: String,
}

impl Hasher {
    /// A hasher with a decoy of its own.
    #[must_use]
    pub fn new(cost: Cost, entropy: &dyn Entropy) -> Self {
        let argon2 = Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, cost.0);
        let hasher = Self { gate: Gate::new(AT_ONCE), argon2, decoy: String::new() };
        let decoy = hasher.hash(&crate::secret::token(entropy), entropy).unwrap_or_default();
        Self { decoy, ..hasher }
    }

    /// The hash to keep, in the PHC string format. `None` only if the system lacks the memory.
    #[must_use]
    pub fn hash(&self, password: &str, entropy: &dyn Entropy) -> Option<String> {
        let mut salt = [0; 16];
        entropy.fill(&mut salt);
        let _inside = self.gate.enter();
        let hash = self.argon2.hash_password_with_salt(password.as_bytes(), &salt).ok();
        hash.map(|hash: argon2::password_hash::phc::PasswordHash| hash.to_string())
    }

    /// Whether this is the password of the hash. Without a hash the decoy is checked and the answer is no.
    #[must_use]
    pub fn verify(&self, password: &str, hash: Option<&str>) -> bool {
        let _inside = self.gate.enter();
        let against = hash.unwrap_or(&self.decoy);
        let right = argon2::password_hash::phc::PasswordHash::new(against)
            .is_ok_and(|parsed| self.argon2.verify_password(password.as_bytes(), &parsed).is_ok());
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
        let hasher = Hasher::new(Cost::default(), &Fixed);
        let hash = hasher.hash("a quiet evening", &Fixed).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify("a quiet evening", Some(&hash)));
        assert!(!hasher.verify("a loud evening", Some(&hash)));
        assert!(!hasher.verify("a quiet evening", None));
        assert!(!hasher.verify("a quiet evening", Some("not a hash")));
    }
}
