//! Keys for tests, made once per process.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex},
};

use chrono::{DateTime, Utc};
use url::Url;

use super::{KeyPairPem, PublicKey, SigningKey, generate_keypair};

type Keys = HashMap<String, (String, String)>;
static KEYS: LazyLock<Mutex<Keys>> = LazyLock::new(Mutex::default);

/// The fixed time of the tests: 2026-11-19T00:00:00Z.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_046_400, 0).unwrap()
}

/// The PEM pair that belongs to a name.
pub(crate) fn pems(name: &str) -> KeyPairPem {
    let mut keys = KEYS.lock().unwrap();
    let (private_pem, public_pem) = keys
        .entry(name.to_owned())
        .or_insert_with(|| {
            let pair = generate_keypair().unwrap();
            (pair.private_pem, pair.public_pem)
        })
        .clone();
    KeyPairPem { private_pem, public_pem }
}

pub(crate) fn private(name: &str, key_id: &str) -> SigningKey {
    SigningKey::from_pem(&Url::parse(key_id).unwrap(), &pems(name).private_pem).unwrap()
}

pub(crate) fn public(name: &str) -> PublicKey {
    PublicKey::from_pem(&pems(name).public_pem).unwrap()
}
