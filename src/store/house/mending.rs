use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fs_err::File;

use crate::artifact::Descriptor;
use crate::digest::{Digest, Hasher};
use crate::files::{IfTaken, Staged};
use crate::store::layout::{blobs_path, lock_blobs};
use crate::store::stored::{Flaw, OpenError, Sought, Store};
use crate::store::{Cancel, Error, Event, Flow, Outcome, Progress};

/// How much is read at a time.
const CHUNK: usize = 1 << 20;

/// A layout whose blobs are replaced by whole ones. While it is open nobody takes blobs away; builds go on.
pub struct Mending {
    layout: PathBuf,
    blobs: PathBuf,
    _lock: File,
}

impl Mending {
    /// Begins with the layout in a directory.
    ///
    /// # Errors
    /// It cannot be written to.
    pub fn begin(layout: &Path) -> Result<Self, Error> {
        let blobs = blobs_path(layout);
        let made = || fs_err::create_dir_all(&blobs).map(Some).map_err(Error::writing);
        let ((), lock) = lock_blobs(layout, made)?;
        Ok(Self {
            layout: layout.to_owned(),
            blobs,
            _lock: lock,
        })
    }

    /// Whether a blob can be put in its place. What somebody put there in a directory is not ours to remove.
    #[must_use]
    pub fn can_take(&self, digest: &Digest) -> bool {
        let target = self.blobs.join(digest.hex());
        !fs_err::symlink_metadata(target).is_ok_and(|found| found.is_dir())
    }

    /// Fetches a blob from `source`, a manifest where `is_manifest` says so. It gets its name when every byte of it is on
    /// the disk and verified; what had it before is gone then. The inner error is what is wrong with that of the source.
    ///
    /// # Errors
    /// The source cannot be asked, the layout cannot take it, or `cancel` stopped it.
    pub fn fetch(
        &self,
        source: &Store,
        sought: &Sought,
        is_manifest: bool,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Result<(), Flaw>, MendError> {
        let flow: Arc<dyn Flow> = if is_manifest {
            match source.document(&described(sought), true)? {
                Ok(bytes) => return Ok(Ok(self.put(&bytes, &sought.digest)?)),
                Err(flaw) => return Ok(Err(flaw)),
            }
        } else {
            match source.flow(sought) {
                Ok(flow) => flow,
                Err(flaw) => return Ok(Err(flaw)),
            }
        };
        let name = sought.name.as_str();
        progress.event(Event::Started {
            name,
            size: sought.size,
        });
        let staged = Staged::of(&self.layout, &self.blobs).map_err(Error::writing)?;
        let mut reading = flow.from(0);
        let (mut hasher, mut buffer) = (Hasher::new(), vec![0; CHUNK]);
        loop {
            if cancel.is_cancelled() {
                return Err(Error::Interrupted.into());
            }
            let read = match reading.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) => return Ok(Err(Flaw::of_reading(error)?)),
            };
            let bytes = buffer.get(..read).unwrap_or_default();
            hasher.update(bytes);
            let mut file: &File = staged.file();
            file.write_all(bytes).map_err(Error::writing)?;
            progress.event(Event::Advanced {
                name,
                bytes: read as u64,
            });
        }
        let found = hasher.finish();
        if found != sought.digest {
            return Ok(Err(Flaw::Digest { found }));
        }
        self.publish(staged, &found)?;
        progress.event(Event::Stored {
            name,
            destination: &self.layout.display().to_string(),
            size: sought.size,
            outcome: Outcome::Written,
            from: None,
        });
        Ok(Ok(()))
    }

    fn put(&self, bytes: &[u8], digest: &Digest) -> Result<(), Error> {
        let staged = Staged::of(&self.layout, &self.blobs).map_err(Error::writing)?;
        let mut file: &File = staged.file();
        file.write_all(bytes).map_err(Error::writing)?;
        self.publish(staged, digest)
    }

    fn publish(&self, staged: Staged, digest: &Digest) -> Result<(), Error> {
        staged.sync().map_err(Error::writing)?;
        staged.publish(digest.hex(), IfTaken::Replace).map_err(Error::writing)?;
        File::open(&self.blobs)
            .and_then(|directory| directory.sync_all())
            .map_err(Error::writing)
    }
}

/// By the digest alone it is found.
fn described(sought: &Sought) -> Descriptor {
    Descriptor {
        media_type: String::new(),
        digest: sought.digest,
        size: sought.size,
        annotations: std::collections::BTreeMap::new(),
    }
}

/// Why a blob was not fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MendError {
    /// The source cannot be asked.
    #[error(transparent)]
    Source(#[from] OpenError),
    /// The blob cannot be moved.
    #[error(transparent)]
    Move(#[from] Error),
}
