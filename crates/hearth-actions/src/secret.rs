//! Tokens and codes: made here, shown once, kept only as hashes.

use hearth_domain::clock::Entropy;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Letters of a code that is read from paper or a screen: no `0`/`o`, `1`/`l`/`i`, no vowels that make words.
const CODE_LETTERS: &[u8] = b"23456789bcdfghjkmnpqrstvwxyz";

/// A token of 256 bits, hexadecimal: for cookies and bearer tokens.
#[must_use]
pub fn token(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    hex(&bytes)
}

/// A code for people: four groups of four letters, about 77 bits.
#[must_use]
pub fn code(entropy: &dyn Entropy) -> String {
    let mut out = String::with_capacity(19);
    while out.len() < 19 {
        if out.len() % 5 == 4 {
            out.push('-');
            continue;
        }
        let mut byte = [0];
        entropy.fill(&mut byte);
        let [byte] = byte;
        // Letters are drawn evenly: bytes beyond the last full round are drawn again.
        let rounds = 256 / CODE_LETTERS.len() * CODE_LETTERS.len();
        if usize::from(byte) < rounds {
            out.extend(CODE_LETTERS.get(usize::from(byte) % CODE_LETTERS.len()).map(|letter| char::from(*letter)));
        }
    }
    out
}

/// What is kept of a token or code. Codes may be typed with spaces, capitals and without dashes.
#[must_use]
pub fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// What is kept of a code, however it was typed.
#[must_use]
pub fn hash_code(typed: &str) -> String {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    hash(&plain)
}

/// The first half of the hash of an activity's id, as `seen_activities` and `incoming` keep it.
#[must_use]
pub fn activity_hash(id: &str) -> String {
    let mut hash = hash(id);
    hash.truncate(32);
    hash
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting(std::sync::atomic::AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for byte in buffer {
                *byte = self.0.fetch_add(7, std::sync::atomic::Ordering::Relaxed);
            }
        }
    }

    #[test]
    fn codes_are_readable_and_forgiving() {
        let code = code(&Counting(0.into()));
        assert_eq!(code.len(), 19);
        assert_eq!(code.matches('-').count(), 3);
        assert_eq!(hash_code(&code), hash_code(&code.to_uppercase().replace('-', " ")));
        assert_ne!(hash_code(&code), hash_code("x"));
    }
}
