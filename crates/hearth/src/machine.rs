//! What the machine says about this program and the disk it writes on. Linux; elsewhere the figures are left out.

use hearth_actions::health::Disk;
use std::path::Path;

/// The memory this program holds, in bytes.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1_024)
}

/// How many files and connections it has open.
#[must_use]
pub fn open_files() -> Option<u64> {
    // One of them is the reading itself.
    let count = std::fs::read_dir("/proc/self/fd").ok()?.count();
    u64::try_from(count.saturating_sub(1)).ok()
}

/// Lets this program have as many files and connections open as its machine allows: many systems give a program 1,024
/// at first, which 512 deliveries and the people at the door could fill together.
pub fn open_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Where it may not, it goes on with what it has.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// The disk that holds this folder.
#[must_use]
pub fn disk(folder: &Path) -> Option<Disk> {
    let found = rustix::fs::statvfs(folder).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Some(Disk { total: bytes(found.f_blocks), free: bytes(found.f_bavail) })
}

/// The size of the write-ahead log beside a file of SQLite.
#[must_use]
pub fn log_bytes(database: &Path) -> u64 {
    let mut log = database.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).map_or(0, |file| file.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_files_as_the_machine_allows() {
        open_many_files();
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_program_is_somewhere_on_a_disk_and_in_memory() {
        assert!(resident_bytes().unwrap() > 1_000_000);
        let before = open_files().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(folder.path().join("x")).unwrap();
        assert!(open_files().unwrap() >= 3 && before >= 3);
        drop(file);
        let disk = disk(folder.path()).unwrap();
        assert!(disk.total >= disk.free && disk.total > 1_000_000, "{disk:?}");
        assert_eq!(super::disk(&folder.path().join("nothing")), None);
        std::fs::write(folder.path().join("a.db-wal"), "12345").unwrap();
        assert_eq!((log_bytes(&folder.path().join("a.db")), log_bytes(&folder.path().join("b.db"))), (5, 0));
    }
}
