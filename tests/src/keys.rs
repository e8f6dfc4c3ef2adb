//! Keys for actors in tests. Making one takes a tenth of a second and more of a core, and every test is a process of its
//! own: so they are made once, kept beside the build output, and given out in order, each once in a process.
//!
//! Must never be used by a server that anybody else can reach: the private keys lie open in a folder.

use hearth_actions::{KeyMaker, KeyPair};
use std::{
    fs,
    path::PathBuf,
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// Keys that no two actors of a process share.
#[derive(Debug)]
pub struct PooledKeys;

impl KeyMaker for PooledKeys {
    fn make(&self) -> Option<KeyPair> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        numbered(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// Gives everybody the same key.
#[derive(Debug)]
pub struct SharedKeys;

impl KeyMaker for SharedKeys {
    fn make(&self) -> Option<KeyPair> {
        Some(SHARED.clone())
    }
}

/// What [`SharedKeys`] gives.
pub static SHARED: LazyLock<KeyPair> = LazyLock::new(|| numbered(0).expect("the system makes keys"));

/// The key of that number: as kept, or a new one, which is kept where that works.
fn numbered(number: usize) -> Option<KeyPair> {
    let file = folder().map(|folder| folder.join(format!("{number}.json")));
    if let Some(kept) = file.as_ref().and_then(|file| fs::read(file).ok()) {
        // Written under another name first: what is there is whole.
        let (private_pem, public_pem) = serde_json::from_slice(&kept).ok()?;
        return Some(KeyPair { private_pem, public_pem });
    }
    let pair = hearth::system::RsaKeyMaker.make()?;
    if let Some(file) = file {
        let _ = keep(&file, &pair);
    }
    Some(pair)
}

fn keep(file: &std::path::Path, pair: &KeyPair) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(file);
    fs::create_dir_all(folder)?;
    let mut half = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut half, &(&pair.private_pem, &pair.public_pem))?;
    half.persist(file)?;
    Ok(())
}

fn folder() -> Option<PathBuf> {
    Some(target()?.join("test-keys"))
}

/// The folder of the build output, found from the running test (`target/debug/deps/…` or `target/debug/…`).
pub(crate) fn target() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file()).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_all_different_and_the_same_again_by_number() {
        let (first, second) = (PooledKeys.make().expect("a key"), PooledKeys.make().expect("a key"));
        assert_ne!(first.private_pem, second.private_pem);
        assert_ne!(first.public_pem, second.public_pem);
        assert_eq!(numbered(7).expect("a key").public_pem, numbered(7).expect("a key").public_pem);
    }
}
