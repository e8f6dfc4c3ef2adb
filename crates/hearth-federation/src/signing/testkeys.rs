//! Keys for tests: made once and kept under their names beside the build output, for every test is a process of its own, and
//! making one takes a large part of a second there.
//!
//! Must never sign for anybody outside of tests: whoever reads that folder has them.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
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
            let file = folder().map(|folder| folder.join(format!("{name}.json")));
            if let Some(kept) = file.as_ref().and_then(|file| fs::read(file).ok()) {
                return serde_json::from_slice(&kept).unwrap();
            }
            let pair = generate_keypair().unwrap();
            let pair = (pair.private_pem, pair.public_pem);
            if let Some(file) = file {
                keep(&file, &pair).unwrap();
            }
            pair
        })
        .clone();
    KeyPairPem { private_pem, public_pem }
}

/// Below the build output that the running test is part of.
fn folder() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file())?;
    Some(target.join("test-keys").join("federation"))
}

fn keep(file: &Path, pair: &(String, String)) -> io::Result<()> {
    let folder = file.parent().unwrap();
    fs::create_dir_all(folder)?;
    // Under another name until it is whole: two tests may make the same one at once.
    let mut half = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut half, pair)?;
    half.persist(file)?;
    Ok(())
}

pub(crate) fn private(name: &str, key_id: &str) -> SigningKey {
    SigningKey::from_pem(&Url::parse(key_id).unwrap(), &pems(name).private_pem).unwrap()
}

pub(crate) fn public(name: &str) -> PublicKey {
    PublicKey::from_pem(&pems(name).public_pem).unwrap()
}
