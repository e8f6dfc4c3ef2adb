//! The ballast: a file that holds nothing, beside a SQLite database, so that there is something to throw overboard when
//! the disk is full. The room it leaves is for what must work even then: deleting, signing in and out, leaving.
//!
//! The server is short of room as long as it has no ballast. Must never: be made where it takes the last room itself.

use crate::{config::Config, machine};
use hearth_db::{Room, fault};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// How large it is.
pub const BYTES: u64 = 16 << 20;
/// How many times its size must be free before it is made.
const AMPLE: u64 = 4;
/// How much is written at once.
const BLOCK: usize = 64 << 10;

/// The ballast of one database.
pub struct Ballast {
    path: PathBuf,
    bytes: u64,
    /// It is not thrown away while it is being made.
    at_it: Mutex<()>,
}

impl Ballast {
    /// The ballast of the database that these settings name. A PostgreSQL server has its own disk.
    ///
    /// # Errors
    /// When the settings name no database.
    pub fn of(config: &Config) -> anyhow::Result<Option<Arc<Self>>> {
        let database = config.database()?;
        Ok(database.path().map(|file| Arc::new(Self::beside(file, BYTES))))
    }

    /// Its size.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(crate) fn beside(database: &Path, bytes: u64) -> Self {
        Self { path: database.with_file_name("ballast"), bytes, at_it: Mutex::default() }
    }

    /// Whether it is there, all of it.
    #[must_use]
    pub fn is_there(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|file| file.len() == self.bytes)
    }

    /// Whether the disk has so much room that it can be made. A disk that can't be asked is taken to have it.
    #[must_use]
    pub fn has_ample_room(&self) -> bool {
        let free = self.path.parent().and_then(machine::disk).map(|disk| disk.free);
        free.is_none_or(|free| self.is_ample(free))
    }

    const fn is_ample(&self, free: u64) -> bool {
        free >= self.bytes.saturating_mul(AMPLE)
    }

    /// Has it thrown overboard as soon as a write finds no room.
    pub fn guard(self: &Arc<Self>, room: &Room) {
        let ballast = self.clone();
        room.when_it_runs_out(move || ballast.throw_away());
    }

    /// Makes it where it is missing and there is ample room, and says whether the server is short of room.
    pub fn keep(&self, room: &Room) {
        self.keep_with(room, self.has_ample_room());
    }

    fn keep_with(&self, room: &Room, ample: bool) {
        // It stands before its room is said to be there, and nobody throws it away in between.
        let held = self.at_it.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_there() || (ample && self.make().is_ok()) {
            room.is_back();
            return;
        }
        drop(held);
        room.ran_out();
    }

    /// Real blocks, in which even a disk that compresses finds nothing to save.
    fn make(&self) -> io::Result<()> {
        let made = self.write();
        if made.is_err() {
            let _ = fs::remove_file(&self.path);
        }
        made
    }

    fn write(&self) -> io::Result<()> {
        let mut file = File::create(&self.path)?;
        let (mut left, mut number) = (self.bytes, 0_u64);
        while left > 0 {
            let mut block = Vec::with_capacity(BLOCK);
            while block.len() < BLOCK {
                number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mixed = (number ^ (number >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                block.extend_from_slice(&(mixed ^ (mixed >> 29)).to_le_bytes());
            }
            fault::point("file.write").map_err(io::Error::other)?;
            let length = usize::try_from(left).unwrap_or(BLOCK).min(BLOCK);
            file.write_all(block.get(..length).unwrap_or(&block))?;
            left = left.saturating_sub(u64::try_from(length).unwrap_or(left));
        }
        // What is not on the disk yet takes no room there.
        file.sync_all()
    }

    fn throw_away(&self) {
        let _held = self.at_it.lock().unwrap_or_else(PoisonError::into_inner);
        // The database asks again with every write that fails: most often it is gone already.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: u64 = 300_000;

    fn ballast() -> (tempfile::TempDir, Arc<Ballast>, Room) {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Arc::new(Ballast::beside(&folder.path().join("hearth.db"), SMALL));
        (folder, ballast, Room::default())
    }

    #[cfg(unix)]
    #[test]
    fn it_is_made_of_real_blocks_which_can_hardly_be_pressed() {
        use std::os::unix::fs::MetadataExt;
        let (folder, ballast, room) = ballast();
        ballast.keep(&room);
        assert!(ballast.is_there() && !room.is_short());
        let file = folder.path().join("ballast");
        let found = fs::metadata(&file).unwrap();
        assert!(found.blocks() * 512 >= SMALL, "{} blocks", found.blocks());
        let content = fs::read(&file).unwrap();
        let mut words: Vec<&[u8]> = content.chunks(8).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), content.len() / 8, "no eight bytes come twice");
    }

    #[test]
    fn it_goes_when_the_room_runs_out_and_comes_back_with_ample_room() {
        let (_folder, ballast, room) = ballast();
        ballast.guard(&room);
        ballast.keep_with(&room, true);
        // What is there stays, however full the disk gets.
        ballast.keep_with(&room, false);
        assert!(ballast.is_there() && !room.is_short());
        room.ran_out();
        assert!(!ballast.is_there() && room.is_short());
        ballast.keep_with(&room, false);
        assert!(!ballast.is_there() && room.is_short(), "a little room is not enough");
        ballast.keep_with(&room, true);
        assert!(ballast.is_there() && !room.is_short());
    }

    #[test]
    fn a_server_that_starts_without_room_for_it_is_short_of_room() {
        let (folder, ballast, room) = ballast();
        ballast.keep_with(&room, false);
        assert!(room.is_short());
        // A half one, as of a program that was killed, is none.
        fs::write(folder.path().join("ballast"), "x").unwrap();
        assert!(!ballast.is_there());
        ballast.keep_with(&room, true);
        assert!(ballast.is_there() && !room.is_short());
        assert!(ballast.is_ample(4 * SMALL) && !ballast.is_ample(4 * SMALL - 1));
    }

    #[test]
    fn where_it_can_not_be_made_nothing_is_left_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let (ballast, room) = (Ballast::beside(&folder.path().join("nothing/hearth.db"), SMALL), Room::default());
        ballast.keep_with(&room, true);
        assert!(!ballast.is_there() && room.is_short());
    }

    #[test]
    fn only_sqlite_has_one() {
        let config = |address: &str| Config { database_url: address.to_owned(), ..Config::default() };
        assert!(Ballast::of(&config("postgres://hearth@db/hearth")).unwrap().is_none());
        let there = Ballast::of(&config("")).unwrap().unwrap();
        assert!(there.path.ends_with("hearth-data/ballast"), "in the data folder, beside the database");
    }
}
