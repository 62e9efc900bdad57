//! Where things lie on disk. Nothing is kept in memory, so that a registry started again on the same directory has all
//! that the one before it had, uploads too.
//!
//! ```text
//! blobs/sha256:…                    content, of blobs and of manifests
//! repositories/NAME/_blobs/sha256:…      empty: the repository has it
//! repositories/NAME/_manifests/sha256:…  the media type
//! repositories/NAME/_tags/TAG            the digest
//! repositories/NAME/_uploads/ID          what has come so far
//! ```

use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

pub struct Storage {
    root: PathBuf,
}

impl Storage {
    pub fn new(root: &Path) -> Self {
        fs_err::create_dir_all(root.join("blobs")).unwrap();
        fs_err::create_dir_all(root.join("repositories")).unwrap();
        Self { root: root.to_owned() }
    }

    /// The content behind a digest, in whatever repositories.
    pub fn content(&self, digest: &str) -> PathBuf {
        self.root.join("blobs").join(digest)
    }

    /// A note in a repository, whose directory is there afterwards.
    fn note(&self, name: &str, kind: &str, key: &str) -> PathBuf {
        let directory = self.root.join("repositories").join(name).join(kind);
        fs_err::create_dir_all(&directory).unwrap();
        directory.join(key)
    }

    pub fn upload(&self, name: &str, id: &str) -> PathBuf {
        self.note(name, "_uploads", id)
    }

    /// Every upload in every repository.
    pub fn uploads(&self) -> Vec<PathBuf> {
        walkdir::WalkDir::new(self.root.join("repositories"))
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file() && entry.path().iter().any(|part| part == "_uploads"))
            .map(walkdir::DirEntry::into_path)
            .collect()
    }

    /// Moves a file among the blobs, and into a repository.
    pub fn keep(&self, name: &str, digest: &str, file: &Path) {
        fs_err::rename(file, self.content(digest)).unwrap();
        self.link(name, digest);
    }

    /// Puts a blob that is there already into a repository.
    pub fn link(&self, name: &str, digest: &str) {
        fs_err::write(self.note(name, "_blobs", digest), "").unwrap();
    }

    pub fn has_blob(&self, name: &str, digest: &str) -> bool {
        self.note(name, "_blobs", digest).is_file() && self.content(digest).is_file()
    }

    pub fn unlink(&self, name: &str, digest: &str) -> io::Result<()> {
        fs_err::remove_file(self.note(name, "_blobs", digest))
    }

    pub fn put_manifest(&self, name: &str, digest: &str, media_type: &str, bytes: &[u8]) {
        fs_err::write(self.content(digest), bytes).unwrap();
        fs_err::write(self.note(name, "_manifests", digest), media_type).unwrap();
    }

    /// Media type and bytes.
    pub fn manifest(&self, name: &str, digest: &str) -> Option<(String, Vec<u8>)> {
        let media_type = fs_err::read_to_string(self.note(name, "_manifests", digest)).ok()?;
        Some((media_type, fs_err::read(self.content(digest)).ok()?))
    }

    pub fn manifests(&self, name: &str) -> Vec<String> {
        self.keys(name, "_manifests")
    }

    /// Removes a manifest, and the tags that point to it.
    pub fn delete_manifest(&self, name: &str, digest: &str) -> io::Result<()> {
        fs_err::remove_file(self.note(name, "_manifests", digest))?;
        for tag in self.tags(name) {
            if self.tag(name, &tag).as_deref() == Some(digest) {
                self.delete_tag(name, &tag)?;
            }
        }
        Ok(())
    }

    pub fn set_tag(&self, name: &str, tag: &str, digest: &str) {
        fs_err::write(self.note(name, "_tags", tag), digest).unwrap();
    }

    pub fn tag(&self, name: &str, tag: &str) -> Option<String> {
        fs_err::read_to_string(self.note(name, "_tags", tag)).ok()
    }

    pub fn delete_tag(&self, name: &str, tag: &str) -> io::Result<()> {
        fs_err::remove_file(self.note(name, "_tags", tag))
    }

    pub fn tags(&self, name: &str) -> Vec<String> {
        self.keys(name, "_tags")
    }

    fn keys(&self, name: &str, kind: &str) -> Vec<String> {
        let directory = self.note(name, kind, "");
        let entries = fs_err::read_dir(directory).unwrap().flatten();
        let mut keys: Vec<_> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        keys.sort();
        keys
    }
}

/// `sha256:…` of all that is still to be read.
pub fn digest(mut from: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        match from.read(&mut piece)? {
            0 => return Ok(text(hash)),
            length => hash.update(&piece[..length]),
        }
    }
}

fn text(hash: Sha256) -> String {
    let mut text = "sha256:".to_owned();
    for byte in hash.finalize() {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}
