use std::sync::Arc;
use std::time::{Duration, SystemTime};

use fs_err::File;

use super::{Again, Cancel, Error, Unlinked};
use crate::artifact::Artifact;
use crate::digest::{Digest, Stamp};

/// Something that an artifact can be made from: its layers' blobs, and the manifest once their digests are known.
pub trait Source: Sync {
    /// The layers' blobs in manifest order.
    fn blobs(&self) -> &[Blob];

    /// Opens the blob at `index` of [`Source::blobs`]. Who waits for its bytes stops waiting where `stop` says so.
    ///
    /// # Errors
    /// The file is gone, cannot be read, or is not the one that was listed.
    fn open(&self, index: usize, stop: &Cancel) -> Result<Bytes, Error>;

    /// Whether reading waits for a network, so that several blobs at a time are quicker than one for each core.
    fn is_remote(&self) -> bool {
        false
    }

    /// Whether the digest of the blob at `index` is only what somebody says, so that its bytes are hashed wherever they go.
    fn is_claimed(&self, index: usize) -> bool {
        let _ = index;
        false
    }

    /// Takes note of a digest that was found out: of every byte of the blob at `index`, read from the file of `content`,
    /// which was still what was listed afterwards. Called from many threads at once.
    fn hashed(&self, index: usize, content: &Content, digest: &Digest) {
        let _ = (index, content, digest);
    }

    /// Checks that nothing changed that nobody needed to open. Called when all blobs have been moved.
    ///
    /// # Errors
    /// Something did.
    fn verify_unopened(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Config and manifest, from the digest of each blob in manifest order.
    ///
    /// # Errors
    /// The artifact cannot be expressed so.
    fn assemble(&self, digests: &[Digest]) -> Result<Artifact, Error>;
}

/// What is known of a blob before it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// What messages call it: the file's path in the artifact.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Its digest, where it is known already.
    pub digest: Option<Digest>,
}

/// Where a blob's bytes come from.
pub enum Bytes {
    /// A file.
    File(Content),
    /// Somewhere from where they come one after the other.
    Flow(Arc<dyn Flow>),
}

/// Bytes that come one after the other, as over a network, and can be begun at any of them.
pub trait Flow: Send + Sync {
    /// Has them come from `position` on.
    fn from(&self, position: u64) -> Box<dyn Reading>;

    /// Is told that what came is not what its digest says. Whether it comes from another place from now on.
    fn distrust(&self) -> bool {
        false
    }
}

/// Bytes on their way.
pub trait Reading: Send {
    /// Fills the start of `buffer` with the next ones; 0 at the end.
    ///
    /// # Errors
    /// They do not come.
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error>;
}

impl Bytes {
    /// The bytes once more, for a destination that has lost some.
    #[must_use]
    pub fn again(&self) -> Again {
        match self {
            Self::File(content) => Again::of_file(content),
            Self::Flow(flow) => Again::of_flow(flow.clone()),
        }
    }

    /// The file, if it is one.
    #[must_use]
    pub const fn file(&self) -> Option<&Content> {
        match self {
            Self::File(content) => Some(content),
            Self::Flow(_) => None,
        }
    }
}

/// A blob's bytes in a file: `prefix`, then `length` bytes of `file` from `offset` on, then `suffix`.
#[derive(Debug)]
pub struct Content {
    /// The open file.
    pub file: Arc<File>,
    /// Where the blob's part of the file begins, in bytes.
    pub offset: u64,
    /// How many bytes of the file the blob has.
    pub length: u64,
    /// What `stat` said when the file was listed; checked again after the last byte is read.
    pub stamp: Stamp,
    /// Bytes in front of the file's (a tar header).
    pub prefix: Vec<u8>,
    /// Bytes behind the file's (tar padding and end).
    pub suffix: Vec<u8>,
}

impl Content {
    /// Whether the blob is the file, byte for byte.
    #[must_use]
    pub fn is_whole_file(&self) -> bool {
        self.prefix.is_empty() && self.suffix.is_empty() && self.offset == 0 && self.length == self.stamp.size
    }

    /// Why the blob is not the file, byte for byte; `None` where it is.
    pub(super) fn beyond_file(&self) -> Option<Unlinked> {
        match (self.is_whole_file(), self.prefix.is_empty()) {
            (true, _) => None,
            (false, true) => Some(Unlinked::Part),
            (false, false) => Some(Unlinked::Wrapped),
        }
    }

    /// Size of the blob in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.prefix.len() as u64 + self.length + self.suffix.len() as u64
    }

    /// Whether the file has been at rest for so long that a write from now on gives it another stamp, however coarse the
    /// file system's clock is (git's "racy" rule).
    #[must_use]
    pub fn is_settled(&self) -> bool {
        const TICK: Duration = Duration::from_secs(2);
        self.stamp.is_settled(SystemTime::now(), TICK)
    }

    /// Checks that the file is still what was listed.
    ///
    /// # Errors
    /// [`Error::Changed`] where `stat` differs.
    pub fn verify_unchanged(&self) -> Result<(), Error> {
        let metadata = self.file.metadata().map_err(Error::reading)?;
        if Stamp::of(&metadata) == self.stamp {
            Ok(())
        } else {
            Err(Error::Changed {
                path: self.file.path().into(),
            })
        }
    }
}
