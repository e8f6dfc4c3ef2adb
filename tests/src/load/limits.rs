//! What this machine can do at best, measured in the same run: bare signatures and checks, and writes to the disk.

use crate::rig::child;
use anyhow::{Context, anyhow};
use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256},
};
use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

/// What one thread can do in a second of its own processor time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rsa {
    /// RSA-2048 signatures (PKCS#1 v1.5, SHA-256).
    pub signs: f64,
    /// Checks of them, with a key that is parsed already.
    pub verifies: f64,
}

impl Rsa {
    /// Measures for about a second each.
    pub(super) fn measure(quick: bool) -> anyhow::Result<Self> {
        let time = Duration::from_millis(if quick { 30 } else { 1_000 });
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("no key could be made"))?;
        let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
            .map_err(|_| anyhow!("the key can't be read"))?;
        let (random, text) = (SystemRandom::new(), [7; 300]);
        let mut signature = vec![0; pair.public_modulus_len()];
        let signs = per_cpu_second(time, || {
            pair.sign(&RSA_PKCS1_SHA256, &random, &text, &mut signature).map_err(|_| anyhow!("signing failed"))
        })?;
        let verifies =
            per_cpu_second(time, || public.verify_sig(&text, &signature).map_err(|_| anyhow!("checking failed")))?;
        Ok(Self { signs, verifies })
    }

    /// The better of two measurements, before and after what is compared with it: the stricter limit.
    pub(super) fn best(self, other: Self) -> Self {
        Self { signs: self.signs.max(other.signs), verifies: self.verifies.max(other.verifies) }
    }
}

fn per_cpu_second(time: Duration, mut work: impl FnMut() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let used = || child::cpu("/proc/thread-self/stat");
    let (began, mut done) = (used()?, 0_u32);
    loop {
        for _ in 0..100 {
            work()?;
        }
        done += 100;
        let spent = used()? - began;
        if spent >= time {
            return Ok(f64::from(done) / spent.as_secs_f64());
        }
    }
}

/// How often a second something can be added to a file in this folder and brought to the disk, one after the other.
pub(super) fn flushes_per_second(folder: &Path, quick: bool) -> anyhow::Result<f64> {
    let time = Duration::from_millis(if quick { 30 } else { 1_000 });
    let path = folder.join("flushes");
    let mut file = File::create(&path).context("the folder can't be written to")?;
    let (began, mut done) = (Instant::now(), 0_u32);
    while began.elapsed() < time {
        file.write_all(&[7; 4_096])?;
        file.sync_data()?;
        done += 1;
    }
    let took = began.elapsed();
    std::fs::remove_file(path)?;
    Ok(f64::from(done) / took.as_secs_f64())
}
