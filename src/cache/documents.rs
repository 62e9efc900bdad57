//! Documents that somebody wants to find again at the next build.

use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use super::Cache;
use super::directory::{DOCUMENTS, Directory};
use crate::digest::Digest;

/// The most documents; the oldest go first.
const MOST: usize = 256;

/// The most bytes of one.
const MOST_BYTES: usize = 64 << 20;

impl Cache {
    /// The document that was kept under this key; `None` where there is none that can be trusted to be ours, whole.
    #[must_use]
    pub fn kept(&self, key: &[u8]) -> Option<Vec<u8>> {
        let directory = self.documents();
        directory.check().ok()?;
        let bytes = directory.private(&name(key), MOST_BYTES).ok()?;
        let (checksum, document) = bytes.split_at_checked(64)?;
        (Digest::of(document).hex().as_bytes() == checksum).then(|| document.to_vec())
    }

    /// Whether there is a document under this key; not whether it can be trusted.
    #[must_use]
    pub fn keeps(&self, key: &[u8]) -> bool {
        let path = self.documents().path().join(name(key));
        fs_err::symlink_metadata(path).is_ok_and(|found| found.is_file())
    }

    /// Keeps a document under a key, in the place of the one that is there.
    ///
    /// # Errors
    /// It cannot be written, or is too large; the one before stays.
    pub fn keep(&self, key: &[u8], document: &[u8]) -> io::Result<()> {
        if document.len() > MOST_BYTES - 64 {
            return Err(io::Error::other("too large to be kept"));
        }
        let directory = self.documents();
        directory.prepare()?;
        let mut bytes = Digest::of(document).hex().into_bytes();
        bytes.extend(document);
        directory.put(&name(key), &bytes)?;
        trim(&directory, MOST)
    }

    /// Gives up all documents.
    pub(super) fn give_up_documents(&self) -> io::Result<()> {
        let directory = self.documents();
        if fs_err::symlink_metadata(directory.path()).is_err() {
            return Ok(());
        }
        directory.check()?;
        trim(&directory, 0)
    }

    pub(super) fn documents(&self) -> Directory {
        let root = self.path().parent().unwrap_or(self.path());
        Directory::new(root, DOCUMENTS)
    }
}

fn name(key: &[u8]) -> String {
    Digest::of(key).hex()
}

/// Gives up the oldest documents until no more than `most` are left.
fn trim(directory: &Directory, most: usize) -> io::Result<()> {
    let mut all: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs_err::read_dir(directory.path())? {
        let entry = entry?;
        all.push((entry.metadata()?.modified()?, entry.path()));
    }
    all.sort();
    let surplus = all.len().saturating_sub(most);
    for (_, path) in all.into_iter().take(surplus) {
        // Another build may have been quicker.
        let _ = fs_err::remove_file(path);
    }
    Ok(())
}
