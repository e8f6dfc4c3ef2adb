//! A small disk of its own (tmpfs), so that it can be filled without harm. It needs the right to mount: as root, or
//! under `unshare -rm`.

use anyhow::Context;
use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use tempfile::TempDir;

/// The disk. It is gone when this is dropped; whatever uses it must be gone before.
pub(super) struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    /// Mounts one; `None` where that is not allowed.
    pub(super) fn mount(mebibytes: u32) -> anyhow::Result<Option<Self>> {
        let folder = tempfile::Builder::new().prefix("hearth_disk_").tempdir()?;
        let size = format!("size={mebibytes}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        Ok(mounted.then_some(Self { folder }))
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    /// Fills it to the last block. Returns how much that took, in bytes.
    pub(super) fn fill(&self) -> anyhow::Result<usize> {
        let mut file = File::options().append(true).create(true).open(self.filler())?;
        let mut written = 0;
        for block in [vec![1; 1 << 20], vec![1; 4_096]] {
            loop {
                match file.write(&block) {
                    Ok(0) => break,
                    Ok(count) => written += count,
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error).context("the disk can't be filled"),
                }
            }
        }
        Ok(written)
    }

    /// Gives the room back.
    pub(super) fn empty(&self) -> anyhow::Result<()> {
        Ok(std::fs::remove_file(self.filler())?)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["--lazy"]).arg(self.folder.path()).status();
    }
}
