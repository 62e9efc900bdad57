use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use fs_err::os::unix::fs::OpenOptionsExt as _;
use fs_err::{File, OpenOptions};
use rustix::fs::{FlockOperation, OFlags};
use rustix::process::geteuid;

use super::shard::{MOST_BYTES, Shard};
use crate::cores;
use crate::files::{IfTaken, Staged, lock, sweep};

/// The directory of this version of the shards' format, within the cache's.
pub(super) const DIGESTS: &str = "digests-1";

/// The same of what [`super::Cache::keep`] keeps.
pub(super) const DOCUMENTS: &str = "builds-1";

/// The file of a shard.
fn name(number: u8) -> String {
    format!("{number:02x}")
}

/// Where the shards are. What somebody else could have put there is not read.
#[derive(Debug)]
pub(super) struct Directory(PathBuf);

impl Directory {
    pub(super) fn new(cache: &Path, name: &str) -> Self {
        Self(cache.join(name))
    }

    pub(super) const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Whether there may be something to read.
    pub(super) fn is_usable(&self) -> bool {
        self.check().is_ok()
    }

    /// Makes it, where there is none yet, and checks that it is the user's alone.
    pub(super) fn prepare(&self) -> io::Result<()> {
        match self.check() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let failed = |error: io::Error| {
                    let what = format!("cannot make `{}`: {error}", self.0.display());
                    io::Error::new(error.kind(), what)
                };
                let mut private = DirBuilder::new();
                private.recursive(true).mode(0o700).create(&self.0).map_err(failed)?;
                self.check()
            }
            done => done,
        }
    }

    /// Checks that it is there, and the user's alone.
    pub(super) fn check(&self) -> io::Result<()> {
        let metadata = fs_err::symlink_metadata(&self.0)?;
        let why = if !metadata.is_dir() {
            "is not a directory"
        } else if metadata.uid() != geteuid().as_raw() {
            "belongs to another user"
        } else if metadata.mode() & 0o022 != 0 {
            "can be written to by others"
        } else {
            return Ok(());
        };
        Err(io::Error::other(format!("`{}` {why}", self.0.display())))
    }

    /// A shard; an empty one where there is none that can be trusted.
    pub(super) fn read(&self, number: u8) -> Shard {
        self.bytes(number)
            .ok()
            .and_then(|bytes| Shard::parse(&bytes))
            .unwrap_or_default()
    }

    fn shard(&self, number: u8) -> PathBuf {
        self.0.join(name(number))
    }

    fn bytes(&self, number: u8) -> io::Result<Vec<u8>> {
        self.private(&name(number), MOST_BYTES)
    }

    /// The content of a file in it that is ours, ours alone to write, and no larger than `most`.
    pub(super) fn private(&self, name: &str, most: usize) -> io::Result<Vec<u8>> {
        // A symlink is somebody else's; a FIFO must not be waited for.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).unwrap_or_default();
        let mut options = OpenOptions::new();
        let file = options.read(true).custom_flags(flags).open(self.0.join(name))?;
        let metadata = file.metadata()?;
        let ours = metadata.is_file() && metadata.uid() == geteuid().as_raw() && metadata.mode() & 0o022 == 0;
        if !ours || metadata.size() > most as u64 {
            return Err(io::Error::other("no file of ours"));
        }
        let mut bytes = Vec::new();
        file.take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Applies `action` to the shards with each of `changes`, as they are now: another build may have written since they
    /// were read.
    pub(super) fn change<T: Send>(
        &self,
        changes: BTreeMap<u8, Vec<T>>,
        action: impl Fn(&mut Shard, T) + Send + Sync,
    ) -> io::Result<()> {
        if changes.is_empty() {
            return Ok(());
        }
        self.prepare()?;
        let _locked = self.lock()?;
        sweep(&self.0);
        let changes: Vec<_> = changes.into_iter().collect();
        // Each change costs the lines beside it, too.
        let weight = 8 * changes.iter().map(|(_, changes)| changes.len()).sum::<usize>() / changes.len().max(1);
        let done = cores::map_groups(changes, weight, |(number, changes)| {
            let before = self.read(number);
            let mut shard = before.clone();
            for change in changes {
                action(&mut shard, change);
            }
            let bytes = shard.trim();
            if shard.entries().next().is_none() {
                self.remove(number)
            } else if shard != before {
                self.put(&name(number), &bytes)
            } else {
                Ok(())
            }
        });
        done.into_iter().collect()
    }

    /// Removes all shards.
    pub(super) fn clear(&self) -> io::Result<()> {
        if fs_err::symlink_metadata(&self.0).is_err() {
            return Ok(());
        }
        self.check()?;
        let _locked = self.lock()?;
        sweep(&self.0);
        (0..=u8::MAX).try_for_each(|number| self.remove(number))
    }

    /// Size of a shard's file in bytes, whatever is in it; 0 where there is none.
    pub(super) fn size(&self, number: u8) -> u64 {
        let metadata = fs_err::symlink_metadata(self.shard(number));
        metadata.map_or(0, |metadata| metadata.size())
    }

    fn remove(&self, number: u8) -> io::Result<()> {
        match fs_err::remove_file(self.shard(number)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Puts a file there in one step.
    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let staged = Staged::private(&self.0)?;
        let mut file: &File = staged.file();
        file.write_all(bytes)?;
        // Not synced: what a power failure leaves of it does not match its checksum.
        staged.publish(name, IfTaken::Replace).map(drop)
    }

    /// Locks the directory against other builds that write. Not for long: somebody who holds it for a second hangs, and
    /// a build does not wait for him.
    fn lock(&self) -> io::Result<File> {
        const ATTEMPTS: u32 = 100;
        let directory = File::open(&self.0)?;
        for _ in 1..ATTEMPTS {
            match lock(&directory, FlockOperation::NonBlockingLockExclusive) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => sleep(Duration::from_millis(10)),
                done => return done.map(|_| directory),
            }
        }
        lock(&directory, FlockOperation::NonBlockingLockExclusive).map(|_| directory)
    }
}
