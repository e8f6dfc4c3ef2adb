//! Private keys parsed once and kept, so that a post to a thousand inboxes parses its key one time.
//!
//! Must never: grow without bound, or go on using a key that was rotated.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Mutex, PoisonError},
};

use aws_lc_rs::digest;
use url::Url;

use super::{SigningError, SigningKey};

/// A bounded cache of parsed private keys, by key id. The oldest entry makes room for a new one.
pub struct SigningKeys {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    keys: HashMap<String, Entry>,
    order: VecDeque<String>,
}

struct Entry {
    /// SHA-256 of the PEM, so that a rotated key under the same id is noticed.
    pem_hash: Vec<u8>,
    key: SigningKey,
}

impl fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKeys(limit {})", self.limit)
    }
}

impl SigningKeys {
    /// A cache of at most `limit` keys (at least one). A parsed RSA-2048 key takes a few KiB.
    pub fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), state: Mutex::default() }
    }

    /// The parsed key for this id, parsed now if it is unknown or its PEM has changed. CPU work: blocking pool.
    ///
    /// # Errors
    /// [`SigningError::PrivateKey`] when the PEM cannot be read.
    pub fn get(&self, key_id: &Url, pem: &str) -> Result<SigningKey, SigningError> {
        let pem_hash = digest::digest(&digest::SHA256, pem.as_bytes()).as_ref().to_vec();
        if let Some(entry) = self.lock().keys.get(key_id.as_str())
            && entry.pem_hash == pem_hash
        {
            return Ok(entry.key.clone());
        }
        // Parsed outside the lock: others go on signing meanwhile.
        let key = SigningKey::from_pem(key_id, pem)?;
        self.insert(key_id.as_str(), Entry { pem_hash, key: key.clone() });
        Ok(key)
    }

    /// Forgets one key, after rotation or when its actor was deleted.
    pub fn forget(&self, key_id: &Url) {
        let mut state = self.lock();
        state.keys.remove(key_id.as_str());
        state.order.retain(|id| id != key_id.as_str());
    }

    fn insert(&self, id: &str, entry: Entry) {
        let mut state = self.lock();
        if state.keys.insert(id.to_owned(), entry).is_none() {
            state.order.push_back(id.to_owned());
        }
        while state.order.len() > self.limit {
            if let Some(oldest) = state.order.pop_front() {
                state.keys.remove(&oldest);
            }
        }
    }

    /// A panic elsewhere cannot leave the map half written in a way that matters: a missing key is parsed again.
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
